//! What a ticket's side conversations left hanging.

use crate::domain::panel::{Cited, EndDraft, LooseEnd, LooseEndKind};
use crate::domain::person::Directory;
use crate::domain::reason::Reason;
use crate::domain::thread::ThreadHistory;
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{EmailAddress, ThreadChannel, ThreadStanding, ThreadStatus, TicketStatus};
use crate::lines::Line;
use crate::lines::acts::Acts;
use crate::threads::answer::answer;
use crate::threads::nudge::{closing, nudge, passed_on};
use crate::threads::state::{Waiting, last_answer, waiting};
use crate::threads::ticket::Desk;
use crate::threads::usual::{Usual, Usuals};

/// A side conversation with its sentences.
#[derive(Debug, Clone, Copy)]
pub struct ThreadLines<'a> {
    /// The side conversation.
    pub history: &'a ThreadHistory,
    /// Its sentences, oldest first; without any, whole messages are read.
    pub lines: &'a [Line<'a>],
}

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// So many sentences of an answer that the customer does not know yet are told.
const TOLD_WHOLE: usize = 5;

/// What is left hanging on a ticket: answers the customer does not know, threads that stalled, child tickets that were solved while the
/// customer waits, threads open on a solved ticket. Each with what can be sent so that it hangs no more.
#[must_use]
pub fn loose_ends(desk: &Desk<'_>, threads: &[ThreadLines<'_>], usuals: &Usuals, now: Timestamp) -> Vec<LooseEnd> {
    let of_thread = |thread: &ThreadLines<'_>| {
        let told = not_relayed(desk, thread);
        let child = if told.is_none() { child_solved(desk, thread) } else { None };
        [told, stalled(desk, thread, usuals, now), child, open_on_solved(desk, thread)]
    };
    let mut ends: Vec<LooseEnd> = threads.iter().flat_map(of_thread).flatten().collect();
    ends.sort_by_key(|end| (end.kind, end.since));
    ends
}

/// How a side conversation stands, with what is left hanging on its ticket.
#[must_use]
pub fn standing(thread: &ThreadLines<'_>, ends: &[LooseEnd]) -> ThreadStanding {
    let history = thread.history;
    let hangs = ends.iter().find(|end| end.thread == history.thread.id).map(|end| match end.kind {
        LooseEndKind::AnsweredNotRelayed => ThreadStanding::AnsweredNotRelayed,
        LooseEndKind::Stalled => ThreadStanding::Stalled,
        LooseEndKind::ChildSolved => ThreadStanding::ChildSolved,
        LooseEndKind::OpenOnSolved => ThreadStanding::OpenOnSolved,
    });
    let stands = || match waiting(history, thread.lines) {
        Some(waiting) if waiting.on == history.thread.opened_by => ThreadStanding::WaitsForUs,
        Some(_) => ThreadStanding::WaitsForThem,
        None if last_answer(history, thread.lines).is_some() => ThreadStanding::Answered,
        None if history.thread.status == ThreadStatus::Closed => ThreadStanding::Closed,
        None => ThreadStanding::Answered,
    };
    hangs.unwrap_or_else(stands)
}

/// What somebody who was asked said last and the customer was not told; `None` where nothing is left to pass on.
#[must_use]
pub fn untold(desk: &Desk<'_>, thread: &ThreadLines<'_>) -> Option<Cited> {
    if is_relayed(desk, thread) { None } else { last_told_here(thread) }
}

/// What somebody who was asked said last that settles something.
fn last_told_here(thread: &ThreadLines<'_>) -> Option<Cited> {
    let (history, opener) = (thread.history, &thread.history.thread.opened_by);
    let last = last_answer(history, thread.lines)?.id;
    let place = history.messages.iter().position(|message| message.id == last)?;
    // With the opener's words before it, which it answers.
    let from = history.messages[..place].iter().rposition(|message| message.author == *opener).unwrap_or(place);
    let rest = ThreadHistory { messages: history.messages[from..].to_vec(), ..history.clone() };
    let is_of_rest =
        |line: &&Line<'_>| matches!(line.source, Source::Message(_, id) if rest.messages.iter().any(|message| message.id == id));
    let lines: Vec<Line<'_>> = thread.lines.iter().filter(is_of_rest).cloned().collect();
    let answered = answer(&rest, &lines)?;
    // A condition often stands in the sentence after: of a short message all is told, of a long one what follows the answer.
    let own: Vec<&Line<'_>> =
        lines.iter().filter(|line| matches!(line.source, Source::Message(_, id) if id == last) && !Acts::of(line).is_idle()).collect();
    let from = match own.iter().position(|line| answered.cited.text.starts_with(line.text)) {
        None => return Some(answered.cited),
        Some(_) if own.len() <= TOLD_WHOLE => 0,
        Some(place) => place,
    };
    let told: Vec<Cited> = own[from..].iter().take(TOLD_WHOLE).map(|line| line.cited()).collect();
    let text = told.iter().map(|cited| cited.text.as_str()).collect::<Vec<_>>().join(" ");
    Some(Cited { text, evidence: told.into_iter().flat_map(|cited| cited.evidence).collect() })
}

/// Whether the customer knows what was answered last; so too where nothing was, or the ticket is solved.
fn is_relayed(desk: &Desk<'_>, thread: &ThreadLines<'_>) -> bool {
    let answer = last_answer(thread.history, thread.lines).filter(|_| desk.history.ticket.status != TicketStatus::Solved);
    answer.is_none_or(|answer| desk.last_told().is_some_and(|comment| comment.created_at >= answer.created_at))
}

fn not_relayed(desk: &Desk<'_>, thread: &ThreadLines<'_>) -> Option<LooseEnd> {
    if is_relayed(desk, thread) {
        return None;
    }
    let answer = last_answer(thread.history, thread.lines)?;
    let name = name(&answer.author, desk.directory);
    let reason = |reference| Reason::AnswerNotTold { name, reference, at: answer.created_at };
    let draft = last_told_here(thread).map(|told| passed_on(told, thread));
    Some(end(LooseEndKind::AnsweredNotRelayed, thread.history, answer.created_at, reason, draft))
}

/// Waiting on somebody who was asked for more than twice the time within which an answer is usual; weekends do not count.
fn stalled(desk: &Desk<'_>, thread: &ThreadLines<'_>, usuals: &Usuals, now: Timestamp) -> Option<LooseEnd> {
    if desk.history.ticket.status == TicketStatus::Solved {
        return None;
    }
    let waiting = waiting(thread.history, thread.lines).filter(|waiting| waiting.on != thread.history.thread.opened_by)?;
    let Usual { minutes: expected_minutes, measured } = usuals.of(thread.history, desk.directory);
    let late = working_seconds(waiting.since, now) > i64::from(expected_minutes) * 60 * 2;
    let name = name(&waiting.on, desk.directory);
    let reason = |reference| Reason::Stalled { reference, name, since: waiting.since, expected_minutes, measured };
    let draft = nudge(thread, &waiting, desk.directory);
    late.then(|| end(LooseEndKind::Stalled, thread.history, waiting.since, reason, Some(draft)))
}

/// A child ticket that is solved without a word that could be passed on, while nobody told the customer anything since.
fn child_solved(desk: &Desk<'_>, thread: &ThreadLines<'_>) -> Option<LooseEnd> {
    let ThreadHistory { thread: head, messages } = thread.history;
    let is_solved = head.channel == ThreadChannel::ChildTicket && head.status == ThreadStatus::Closed;
    if !is_solved || desk.history.ticket.status == TicketStatus::Solved {
        return None;
    }
    let at = messages.iter().filter(|message| message.author != head.opened_by).map(|message| message.created_at).max();
    let at = at.unwrap_or(head.updated_at);
    if desk.last_told().is_some_and(|comment| comment.created_at >= at) {
        return None;
    }
    let on = head.participants.first()?.clone();
    let draft = nudge(thread, &Waiting { on, since: head.created_at }, desk.directory);
    Some(end(
        LooseEndKind::ChildSolved,
        thread.history,
        at,
        |reference| Reason::ChildSolved { reference, at: head.updated_at },
        Some(draft),
    ))
}

fn open_on_solved(desk: &Desk<'_>, thread: &ThreadLines<'_>) -> Option<LooseEnd> {
    let open = desk.history.ticket.status == TicketStatus::Solved && thread.history.thread.status == ThreadStatus::Open;
    let since = desk.history.ticket.solved_at.unwrap_or(desk.history.ticket.updated_at);
    let ticket = desk.history.ticket.reference();
    let draft = closing(thread, desk.directory);
    let reason = |reference| Reason::OpenOnSolved { ticket, reference };
    open.then(|| end(LooseEndKind::OpenOnSolved, thread.history, since, reason, Some(draft)))
}

fn end(
    kind: LooseEndKind,
    history: &ThreadHistory,
    since: Timestamp,
    reason: impl FnOnce(String) -> Reason,
    draft: Option<EndDraft>,
) -> LooseEnd {
    let reference = history.thread.reference();
    LooseEnd { kind, thread: history.thread.id, reason: reason(history.thread.name()), reference, since, draft }
}

fn name(address: &EmailAddress, directory: &Directory) -> String {
    directory.people.get(address).map_or_else(|| address.to_string(), |person| person.name.clone())
}

/// Seconds from one moment to another without Saturdays and Sundays (UTC).
fn working_seconds(from: Timestamp, to: Timestamp) -> i64 {
    let total = to.seconds_since(from).max(0);
    let start = from.as_micros().div_euclid(1_000_000);
    let end = start + total;
    let (first, last) = (start.div_euclid(DAY_SECONDS), end.div_euclid(DAY_SECONDS));
    // 1 January 1970 was a Thursday: days 2 and 3 of each week from there are a Saturday and a Sunday. A year shows more than enough.
    (first..=last.min(first + 366))
        .filter(|day| !matches!(day.rem_euclid(7), 2 | 3))
        .map(|day| (end.min((day + 1) * DAY_SECONDS) - start.max(day * DAY_SECONDS)).max(0))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::TicketHistory;
    use crate::domain::vocabulary::{EndDraftKind, PersonRole};
    use crate::lines::testing::{EN, at, directory, email, thread, thread_lines, ticket};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";

    #[test]
    fn what_was_not_told_is_the_last_answer_with_the_condition_after_it() {
        let people = directory(&[(ANA, "Ana Blum", "lab", PersonRole::Expert, &[])], &[]);
        let (requester, ticket) = (email("eve@mail.example"), ticket("a matter", "It broke.", &[]));
        let desk = Desk { history: &ticket, requester: &requester, directory: &people };
        let history = thread(
            &[ANA],
            &[
                (TOM, 0, "Can we refund the camera?"),
                (ANA, 5, "No, the camera is out of warranty."),
                (TOM, 50, "And the battery?"),
                (ANA, 90, "Hi Tom,\nRefund the battery today. Finance must sign it first, it is over 100."),
            ],
        );
        let lines = thread_lines(&history, &people, EN);
        let told = untold(&desk, &ThreadLines { history: &history, lines: &lines }).unwrap();
        assert_eq!(told.text, "Refund the battery today. Finance must sign it first, it is over 100.");
        assert_eq!(told.evidence.len(), 2);
    }

    fn found(ticket: &TicketHistory, history: &ThreadHistory, now: &str) -> Vec<(LooseEndKind, String)> {
        let people = directory(
            &[(TOM, "Tom Hart", "support", PersonRole::Agent, &[]), (ANA, "Ana Blum", "lab", PersonRole::Expert, &[])],
            &[("lab", ThreadChannel::Slack, "#lab", &["lab"], 60, "")],
        );
        let requester = email("eve@mail.example");
        let desk = Desk { history: ticket, requester: &requester, directory: &people };
        let lines = thread_lines(history, &people, EN);
        loose_ends(&desk, &[ThreadLines { history, lines: &lines }], &Usuals::default(), at(now))
            .into_iter()
            .map(|end| (end.kind, end.reason.to_string()))
            .collect()
    }

    #[test]
    fn an_answer_that_the_customer_does_not_know_is_left_hanging() {
        let answered = thread(&[ANA], &[(TOM, 0, "Swap it?"), (ANA, 30, "No swap, update to 4.2.3 in safe mode.")]);
        let expected =
            [(LooseEndKind::AnsweredNotRelayed, "Ana Blum answered in S-1 on 16 Nov 2026, and the customer has not been told.".to_owned())];
        assert_eq!(found(&ticket("x", "y", &[(TOM, true, 10, "I ask the lab.")]), &answered, "2026-11-16T10:00:00Z"), expected);
        assert_eq!(found(&ticket("x", "y", &[(TOM, false, 999, "Ana says update.")]), &answered, "2026-11-16T10:00:00Z"), expected);
        assert_eq!(found(&ticket("x", "y", &[(TOM, true, 999, "Please update.")]), &answered, "2026-11-17T10:00:00Z"), []);
    }

    #[test]
    fn a_thread_stalls_after_twice_the_expected_time() {
        let silent = thread(&[ANA], &[(TOM, 0, "Swap it?")]);
        let ticket = ticket("x", "y", &[]);
        assert_eq!(found(&ticket, &silent, "2026-11-16T10:59:00Z"), []);
        let expected = [(
            LooseEndKind::Stalled,
            "S-1 has waited for Ana Blum since 16 Nov 2026; an answer there is expected within 60 minutes.".to_owned(),
        )];
        assert_eq!(found(&ticket, &silent, "2026-11-16T11:01:00Z"), expected);
    }

    #[test]
    fn a_child_ticket_that_was_solved_without_an_answer_leaves_the_customer_waiting() {
        let mut child = thread(&[ANA], &[(TOM, 0, "Swap it?"), (ANA, 30, "I look at it tomorrow.")]);
        child.thread.channel = ThreadChannel::ChildTicket;
        let open = ticket("x", "y", &[]);
        assert_eq!(found(&open, &child, "2026-11-16T10:00:00Z"), []);
        child.thread.status = ThreadStatus::Closed;
        let expected =
            (LooseEndKind::ChildSolved, "S-1 was solved on 16 Nov 2026 without an answer, and the customer still waits.".to_owned());
        assert_eq!(found(&open, &child, "2026-11-16T10:00:00Z"), [expected]);
        assert_eq!(found(&ticket("x", "y", &[(TOM, true, 999, "We replaced it.")]), &child, "2026-11-17T10:00:00Z"), []);
        let answered = [(TOM, 0, "Swap it?"), (ANA, 30, "No swap, update to 4.2.3.")];
        let mut child = thread(&[ANA], &answered);
        (child.thread.channel, child.thread.status) = (ThreadChannel::ChildTicket, ThreadStatus::Closed);
        let kinds: Vec<_> = found(&open, &child, "2026-11-16T10:00:00Z").into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [LooseEndKind::AnsweredNotRelayed], "what was answered can be passed on");
    }

    #[test]
    fn each_loose_end_brings_what_can_be_sent() {
        let people = directory(&[(ANA, "Ana Blum", "lab", PersonRole::Expert, &[])], &[]);
        let requester = email("eve@mail.example");
        let drafted = |ticket: &TicketHistory, history: &ThreadHistory| {
            let desk = Desk { history: ticket, requester: &requester, directory: &people };
            let lines = thread_lines(history, &people, EN);
            let ends = loose_ends(&desk, &[ThreadLines { history, lines: &lines }], &Usuals::default(), at("2026-11-20T09:00:00Z"));
            let draft = ends[0].draft.clone().unwrap();
            (draft.kind, draft.to.len(), draft.text, standing(&ThreadLines { history, lines: &lines }, &ends))
        };
        let silent = thread(&[ANA], &[(TOM, 0, "Can you swap the hub?")]);
        let (kind, count, text, stands) = drafted(&ticket("x", "y", &[]), &silent);
        assert_eq!((kind, count, stands), (EndDraftKind::Nudge, 1, ThreadStanding::Stalled));
        assert!(text.contains("16 November") && text.contains("“Can you swap the hub?”") && text.starts_with("Hi Ana,"), "{text}");
        let answered = thread(&[ANA], &[(TOM, 0, "Swap it?"), (ANA, 30, "No swap, update to 4.2.3 in safe mode.")]);
        let (kind, count, text, stands) = drafted(&ticket("x", "y", &[]), &answered);
        assert_eq!((kind, count, stands), (EndDraftKind::Reply, 0, ThreadStanding::AnsweredNotRelayed));
        assert_eq!(text, "No swap, update to 4.2.3 in safe mode.");
        let mut solved = ticket("x", "y", &[]);
        solved.ticket.status = TicketStatus::Solved;
        let (kind, count, _, stands) = drafted(&solved, &silent);
        assert_eq!((kind, count, stands), (EndDraftKind::Close, 1, ThreadStanding::OpenOnSolved));
    }

    #[test]
    fn a_weekend_does_not_count_as_waiting() {
        assert_eq!(working_seconds(at("2026-11-20T23:00:00Z"), at("2026-11-23T01:00:00Z")), 2 * 60 * 60);
        assert_eq!(working_seconds(at("2026-11-21T09:00:00Z"), at("2026-11-22T09:00:00Z")), 0);
        assert_eq!(working_seconds(at("2026-11-16T09:00:00Z"), at("2026-11-18T10:00:00Z")), 49 * 60 * 60);
    }

    #[test]
    fn a_question_back_to_the_desk_has_not_stalled() {
        let asked_back = thread(&[ANA], &[(TOM, 0, "Swap it?"), (ANA, 3, "Where does it hang?")]);
        assert_eq!(found(&ticket("x", "y", &[]), &asked_back, "2026-11-19T09:00:00Z"), []);
    }

    #[test]
    fn an_open_thread_on_a_solved_ticket_is_left_hanging() {
        let open = thread(&[ANA], &[(TOM, 0, "Swap it?")]);
        let mut solved = ticket("x", "y", &[]);
        solved.ticket.status = TicketStatus::Solved;
        assert_eq!(
            found(&solved, &open, "2026-11-19T09:00:00Z"),
            [(LooseEndKind::OpenOnSolved, "K-1 is solved, but S-1 is still open.".to_owned())]
        );
    }
}
