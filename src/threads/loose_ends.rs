//! What a ticket's side conversations left hanging.

use crate::domain::panel::{Cited, LooseEnd, LooseEndKind};
use crate::domain::person::Directory;
use crate::domain::reason::Reason;
use crate::domain::thread::ThreadHistory;
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{EmailAddress, ThreadChannel, ThreadStatus, TicketStatus};
use crate::lines::Line;
use crate::lines::acts::Acts;
use crate::threads::answer::answer;
use crate::threads::state::{last_answer, waiting};
use crate::threads::ticket::Desk;

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

/// What is left hanging on a ticket: answers the customer does not know, threads that stalled, threads open on a solved ticket.
#[must_use]
pub fn loose_ends(desk: &Desk<'_>, threads: &[ThreadLines<'_>], now: Timestamp) -> Vec<LooseEnd> {
    let mut ends: Vec<LooseEnd> = threads
        .iter()
        .flat_map(|thread| [not_relayed(desk, thread), stalled(desk, thread, now), open_on_solved(desk, thread)])
        .flatten()
        .collect();
    ends.sort_by_key(|end| (end.kind, end.since));
    ends
}

/// What somebody who was asked said last and the customer was not told; `None` where nothing is left to pass on.
#[must_use]
pub fn untold(desk: &Desk<'_>, thread: &ThreadLines<'_>) -> Option<Cited> {
    not_relayed(desk, thread)?;
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

fn not_relayed(desk: &Desk<'_>, thread: &ThreadLines<'_>) -> Option<LooseEnd> {
    if desk.history.ticket.status == TicketStatus::Solved {
        return None;
    }
    let answer = last_answer(thread.history, thread.lines)?;
    let told = desk.last_told().is_some_and(|comment| comment.created_at >= answer.created_at);
    let name = name(&answer.author, desk.directory);
    let reason = |reference| Reason::AnswerNotTold { name, reference, at: answer.created_at };
    (!told).then(|| end(LooseEndKind::AnsweredNotRelayed, thread.history, answer.created_at, reason))
}

/// Waiting on somebody who was asked for more than twice the time within which an answer is expected; weekends do not count.
fn stalled(desk: &Desk<'_>, thread: &ThreadLines<'_>, now: Timestamp) -> Option<LooseEnd> {
    if desk.history.ticket.status == TicketStatus::Solved {
        return None;
    }
    let waiting = waiting(thread.history, thread.lines).filter(|waiting| waiting.on != thread.history.thread.opened_by)?;
    let expected_minutes = expected_reply_minutes(thread.history, desk.directory);
    let late = working_seconds(waiting.since, now) > i64::from(expected_minutes) * 60 * 2;
    let name = name(&waiting.on, desk.directory);
    let reason = |reference| Reason::Stalled { reference, name, since: waiting.since, expected_minutes };
    late.then(|| end(LooseEndKind::Stalled, thread.history, waiting.since, reason))
}

fn open_on_solved(desk: &Desk<'_>, thread: &ThreadLines<'_>) -> Option<LooseEnd> {
    let open = desk.history.ticket.status == TicketStatus::Solved && thread.history.thread.status == ThreadStatus::Open;
    let since = desk.history.ticket.solved_at.unwrap_or(desk.history.ticket.updated_at);
    let ticket = desk.history.ticket.reference();
    open.then(|| end(LooseEndKind::OpenOnSolved, thread.history, since, |reference| Reason::OpenOnSolved { ticket, reference }))
}

fn end(kind: LooseEndKind, history: &ThreadHistory, since: Timestamp, reason: impl FnOnce(String) -> Reason) -> LooseEnd {
    let reference = history.thread.reference();
    LooseEnd { kind, thread: history.thread.id, reason: reason(reference.clone()), reference, since }
}

fn name(address: &EmailAddress, directory: &Directory) -> String {
    directory.people.get(address).map_or_else(|| address.to_string(), |person| person.name.clone())
}

/// What the admin expects of the channel through which the participants' teams are asked; a usual time of its kind without one.
fn expected_reply_minutes(history: &ThreadHistory, directory: &Directory) -> u32 {
    let teams: Vec<_> = history
        .thread
        .participants
        .iter()
        .filter_map(|asked| directory.people.get(asked))
        .filter_map(|person| person.team.as_ref())
        .collect();
    let fits = |channel: &&crate::domain::person::Channel| {
        channel.kind == history.thread.channel && channel.teams.iter().any(|team| teams.contains(&team))
    };
    let expected = directory.channels.values().filter(fits).map(|channel| channel.expected_reply_minutes).max();
    expected.unwrap_or(match history.thread.channel {
        ThreadChannel::Slack => 60,
        ThreadChannel::Teams => 240,
        ThreadChannel::ChildTicket => 960,
        ThreadChannel::Email => 1440,
    })
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
    use crate::domain::vocabulary::PersonRole;
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
        loose_ends(&desk, &[ThreadLines { history, lines: &lines }], at(now))
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
