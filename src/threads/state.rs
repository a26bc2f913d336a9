//! On whom a side conversation waits: who wrote last, and whether that was an answer.

use crate::domain::id::MessageId;
use crate::domain::thread::{Message, ThreadHistory};
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{EmailAddress, ThreadStatus};
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::threads::withdrawn::{only_takes_back, withdrawn};

/// On whom something waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// On whom.
    pub on: EmailAddress,
    /// Since when: the first message that nobody took up.
    pub since: Timestamp,
}

/// What a whole message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Move {
    /// Only thanks or closes.
    Courtesy,
    /// Wants something from the other side.
    Asks,
    /// Puts an answer off.
    Holds,
    /// Says something that settles or informs.
    Answers,
}

/// On whom an open side conversation waits; `None` once it is answered or closed.
///
/// The opener wrote last: it waits on whoever was asked and has not answered. Somebody who was asked wrote last: it waits on the opener
/// when they asked back, on them when they only put the answer off.
#[must_use]
pub fn waiting(history: &ThreadHistory, lines: &[Line<'_>]) -> Option<Waiting> {
    if history.thread.status == ThreadStatus::Closed {
        return None;
    }
    let opener = &history.thread.opened_by;
    let last = history.messages.last()?;
    if last.author != *opener {
        return match last_move(history, lines) {
            Move::Asks => Some(Waiting { on: opener.clone(), since: last.created_at }),
            Move::Holds => Some(Waiting { on: last.author.clone(), since: last.created_at }),
            Move::Answers | Move::Courtesy => None,
        };
    }
    let replied = history.messages.iter().rposition(|message| message.author != *opener);
    let unanswered = &history.messages[replied.map_or(0, |index| index + 1)..];
    let answered = replied.is_some() && last_move(history, lines) == Move::Answers;
    if answered && !unanswered.iter().any(|message| move_of(message, lines) == Move::Asks) {
        return None;
    }
    let silent = history.thread.participants.iter().find(|asked| history.messages.iter().all(|message| message.author != **asked));
    let on = silent.or_else(|| replied.map(|index| &history.messages[index].author)).or_else(|| history.thread.participants.first())?;
    Some(Waiting { on: on.clone(), since: unanswered.first()?.created_at })
}

/// How long the first message of somebody else than the opener took, in whole minutes.
#[must_use]
pub fn first_reply_minutes(history: &ThreadHistory) -> Option<u32> {
    let reply = history.messages.iter().find(|message| message.author != history.thread.opened_by)?;
    u32::try_from(reply.created_at.seconds_since(history.thread.created_at) / 60).ok()
}

/// The last message by which somebody who was asked answered, if their answer still stands: nobody put it off or asked back since.
pub(super) fn last_answer<'a>(history: &'a ThreadHistory, lines: &[Line<'_>]) -> Option<&'a Message> {
    let last = history.messages.iter().rev().find(|message| message.author != history.thread.opened_by)?;
    (last_move(history, lines) == Move::Answers).then_some(last)
}

/// What those who were asked did when they last wrote: messages without a word of the opener between them are read as one.
fn last_move(history: &ThreadHistory, lines: &[Line<'_>]) -> Move {
    let opener = &history.thread.opened_by;
    let run = history.messages.iter().rev().skip_while(|message| message.author == *opener).take_while(|message| message.author != *opener);
    // What was taken back answers no more.
    let void = withdrawn(history, lines).messages;
    let moves: Vec<Move> = run.filter(|message| !void.contains(&message.id)).map(|message| move_of(message, lines)).collect();
    match moves.as_slice() {
        [] => Move::Courtesy,
        [Move::Holds, ..] => Move::Holds,
        [last, earlier @ ..] => {
            if earlier.contains(&Move::Answers) {
                Move::Answers
            } else {
                *last
            }
        }
    }
}

/// The lines of one message.
pub(super) fn of_message<'a, 'b>(lines: &'b [Line<'a>], message: MessageId) -> impl Iterator<Item = &'b Line<'a>> {
    lines.iter().filter(move |line| matches!(line.source, Source::Message(_, id) if id == message))
}

/// What a message does as a whole: its weightiest sentence decides, a question back or a delay outweighs only what settles nothing.
pub(super) fn move_of(message: &Message, lines: &[Line<'_>]) -> Move {
    let mut acts: Vec<Acts> = of_message(lines, message.id).map(Acts::of).collect();
    if acts.is_empty() {
        acts.push(Acts::of_text(&message.body));
    }
    acts.retain(|acts| !acts.is_idle());
    let mut texts = of_message(lines, message.id).filter(|line| !Acts::of(line).is_idle()).map(|line| line.text);
    if acts.iter().any(|acts| acts.has(Act::Withdrawal)) && texts.all(only_takes_back) {
        // Whoever takes an answer back owes another.
        return Move::Holds;
    }
    let any = |wanted: fn(&Acts) -> bool| acts.iter().any(wanted);
    let settles = any(|acts| acts.has(Act::Decision) && !acts.has(Act::Holding) && !acts.asks());
    if acts.is_empty() {
        Move::Courtesy
    } else if any(|acts| acts.has(Act::Holding)) && !settles {
        Move::Holds
    } else if acts.last().is_some_and(|acts| acts.has(Act::Question)) || (any(|acts| acts.asks()) && !settles) {
        Move::Asks
    } else {
        Move::Answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Directory;
    use crate::lines::testing::{EN, FR, at, email, thread, thread_lines};

    const OPENER: &str = "tom@desk.example";
    const ASKED: &str = "ana@lab.example";

    fn waits(asked: &[&str], messages: &[(&str, i64, &str)], language: crate::domain::vocabulary::Language) -> Option<(String, String)> {
        let history = thread(asked, messages);
        let directory = Directory::default();
        let lines = thread_lines(&history, &directory, language);
        waiting(&history, &lines).map(|waiting| (waiting.on.to_string(), waiting.since.to_string()))
    }

    fn on(who: &str, since: &str) -> (String, String) {
        (who.to_owned(), since.to_owned())
    }

    #[test]
    fn an_unanswered_opener_waits_on_whoever_was_asked() {
        assert_eq!(waits(&[ASKED], &[(OPENER, 0, "Can it be swapped?")], EN), Some(on(ASKED, "2026-11-16T09:00:00Z")));
        let two = ["ana@lab.example", "rui@lab.example"];
        let chased = [(OPENER, 0, "Can it be swapped?"), (ASKED, 5, "I am out, ask Rui."), (OPENER, 9, "Rui, can it?")];
        assert_eq!(waits(&two, &chased, EN), Some(on("rui@lab.example", "2026-11-16T09:09:00Z")));
    }

    #[test]
    fn a_reminder_does_not_set_the_clock_back() {
        let chased = [
            (OPENER, 0, "Peux-tu ouvrir une recherche ?"),
            (ASKED, 10, "Je te donne le résultat samedi."),
            (OPENER, 60, "Tu as le GPS ?"),
            (OPENER, 90, "Deuxième relance."),
        ];
        assert_eq!(waits(&[ASKED], &chased, FR), Some(on(ASKED, "2026-11-16T10:00:00Z")));
    }

    #[test]
    fn a_question_back_waits_on_the_opener() {
        let asked_back = [(OPENER, 0, "Swap it?"), (ASKED, 5, "Where does it hang?")];
        assert_eq!(waits(&[ASKED], &asked_back, EN), Some(on(OPENER, "2026-11-16T09:05:00Z")));
        let asked_back = [(OPENER, 0, "On remplace ?"), (ASKED, 5, "Il me faudrait le numéro de lot.")];
        assert_eq!(waits(&[ASKED], &asked_back, FR), Some(on(OPENER, "2026-11-16T09:05:00Z")));
    }

    #[test]
    fn a_promise_to_look_still_waits_on_who_gave_it() {
        assert_eq!(
            waits(&[ASKED], &[(OPENER, 0, "Swap it?"), (ASKED, 5, "I asked our archive. You will hear from me on Monday.")], EN),
            Some(on(ASKED, "2026-11-16T09:05:00Z"))
        );
        assert_eq!(
            waits(&[ASKED], &[(OPENER, 0, "Où est le carton ?"), (ASKED, 5, "Je cherche demain à la première heure.")], FR),
            Some(on(ASKED, "2026-11-16T09:05:00Z"))
        );
    }

    #[test]
    fn an_answer_or_thanks_after_it_waits_on_nobody() {
        assert_eq!(waits(&[ASKED], &[(OPENER, 0, "Swap it?"), (ASKED, 5, "No swap, update to 4.2.3.")], EN), None);
        assert_eq!(
            waits(
                &[ASKED],
                &[(OPENER, 0, "On rembourse ?"), (ASKED, 5, "Oui, validé pour vendredi."), (OPENER, 6, "Merci, je préviens la cliente.")],
                FR
            ),
            None
        );
    }

    #[test]
    fn who_takes_an_answer_back_owes_another() {
        let taken_back = [(OPENER, 0, "Swap it?"), (ASKED, 5, "Yes, swap it."), (ASKED, 9, "Please ignore my last message.")];
        assert_eq!(waits(&[ASKED], &taken_back, EN), Some(on(ASKED, "2026-11-16T09:09:00Z")));
        let mended = [(OPENER, 0, "Swap it?"), (ASKED, 5, "Yes, swap it."), (ASKED, 9, "I was wrong, no swap before May.")];
        assert_eq!(waits(&[ASKED], &mended, EN), None);
    }

    #[test]
    fn a_closed_thread_waits_on_nobody() {
        let mut history = thread(&[ASKED], &[(OPENER, 0, "Swap it?")]);
        history.thread.status = ThreadStatus::Closed;
        assert_eq!(waiting(&history, &[]), None);
    }

    #[test]
    fn the_first_reply_is_counted_from_the_opening() {
        let history = thread(&[ASKED], &[(OPENER, 0, "Swap it?"), (OPENER, 3, "Anyone?"), (ASKED, 42, "No.")]);
        assert_eq!(first_reply_minutes(&history), Some(42));
        assert_eq!(first_reply_minutes(&thread(&[ASKED], &[(OPENER, 0, "Swap it?")])), None);
        assert_eq!(history.messages[0].author, email(OPENER));
        assert_eq!(history.messages[2].created_at, at("2026-11-16T09:42:00Z"));
    }
}
