//! What was answered: the best sentence of those who were asked, where later messages correct earlier ones.

use crate::domain::id::MessageId;
use crate::domain::panel::Cited;
use crate::domain::thread::{Message, ThreadHistory};
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::EmailAddress;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::Compared;
use crate::lines::words::share;
use crate::threads::asked::{Asked, asked};
use crate::threads::state::{Move, move_of};
use crate::threads::withdrawn::withdrawn;

/// The answer of a side conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The answer, cited.
    pub cited: Cited,
    /// Who gave it.
    pub by: EmailAddress,
    /// When.
    pub at: Timestamp,
}

/// Below this many stems and figures an answer such as `Very well, approved.` needs the sentence after it.
const UNDERSTOOD_ALONE: usize = 4;

/// What a side conversation was answered; `None` while there are only promises, questions back or silence.
#[must_use]
pub fn answer(history: &ThreadHistory, lines: &[Line<'_>]) -> Option<Answer> {
    let compared = Compared::new(lines);
    let acts = Acts::of_all(lines);
    let asked = asked(history, &compared, &acts);
    let answering = answering(history, &compared, &acts, asked)?;
    let line = &lines[answering];
    Some(Answer { cited: cited(answering, &compared, &acts), by: line.author?.clone(), at: line.at? })
}

/// The answer as it is cited: one too short to be understood alone takes the next sentence along.
pub(super) fn cited(answering: usize, compared: &Compared<'_>, acts: &[Acts]) -> Cited {
    let line = &compared.lines()[answering];
    let words = compared.words(answering);
    let short = words.stems.len() + words.figures.len() < UNDERSTOOD_ALONE;
    let next = compared.lines().get(answering + 1).filter(|next| short && next.follows(line) && !acts[answering + 1].is_idle());
    next.map_or_else(|| line.cited(), |next| next.cited_after(line))
}

/// The line that answers, by its place among the lines.
///
/// The opener's next question starts another matter, so the messages before it are looked at first; a later message that says it
/// corrects something is looked at wherever it stands.
pub(super) fn answering(history: &ThreadHistory, compared: &Compared<'_>, acts: &[Acts], asked: Option<Asked>) -> Option<usize> {
    let lines = compared.lines();
    let void = withdrawn(history, lines);
    let replies: Vec<&Message> = history
        .messages
        .iter()
        .filter(|message| message.author != history.thread.opened_by && !void.messages.contains(&message.id))
        .filter(|message| move_of(message, lines) == Move::Answers)
        .collect();
    let first = replies.first()?.id;
    let next_matter = history
        .messages
        .iter()
        .skip_while(|message| message.id != first)
        .find(|message| message.author == history.thread.opened_by && move_of(message, lines) == Move::Asks)
        .map(|message| message.created_at);
    let corrects = |message: &Message| (0..lines.len()).any(|line| of(lines, line) == Some(message.id) && acts[line].has(Act::Correction));
    let on_matter: Vec<&Message> =
        replies.into_iter().filter(|message| next_matter.is_none_or(|next| message.created_at < next) || corrects(message)).collect();
    let centrality = compared.centrality();
    let score = |line: usize| {
        let place = of(lines, line).and_then(|id| on_matter.iter().position(|message| message.id == id)).unwrap_or(0);
        let outdated =
            on_matter.get(place + 1..).unwrap_or_default().iter().any(|later| later.author == on_matter[place].author && corrects(later));
        let words = compared.words(line);
        let cue = |act, weight| if acts[line].has(act) { weight } else { 0.0 };
        let told = asked.map_or(0.0, |asked| compared.between(asked.line, line));
        0.45 * told
            + cue(Act::Decision, 0.25)
            + cue(Act::Instruction, 0.15)
            + cue(Act::Promise, 0.05)
            + 0.15 * centrality[line]
            + 0.04 * share(words.figures.len().min(3), 1)
            + 0.015 * share((words.stems.len() + words.figures.len()).min(8), 1)
            + 0.2 * share(place + 1, on_matter.len())
            - if outdated { 0.5 } else { 0.0 }
            - cue(Act::Holding, 0.3)
            - cue(Act::Correction, if words.figures.is_empty() { 0.25 } else { 0.0 })
    };
    (0..lines.len())
        .filter(|line| {
            of(lines, *line).is_some_and(|id| on_matter.iter().any(|message| message.id == id))
                && !acts[*line].is_idle()
                && !acts[*line].has(Act::Question)
                && !void.lines.contains(line)
        })
        .max_by(|a, b| score(*a).total_cmp(&score(*b)).then(b.cmp(a)))
}

fn of(lines: &[Line<'_>], line: usize) -> Option<MessageId> {
    match lines[line].source {
        Source::Message(_, id) => Some(id),
        Source::Passage(..) | Source::Ticket(_) | Source::Comment(..) | Source::Attachment(..) | Source::Playbook => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Directory;
    use crate::domain::vocabulary::Language;
    use crate::lines::testing::{EN, FR, thread, thread_lines};

    const OPENER: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";
    const RUI: &str = "rui@lab.example";

    fn answered(messages: &[(&str, i64, &str)], language: Language) -> Option<(String, String)> {
        let history = thread(&[ANA, RUI], messages);
        let directory = Directory::default();
        let lines = thread_lines(&history, &directory, language);
        answer(&history, &lines).map(|answer| (answer.by.to_string(), answer.cited.text))
    }

    fn by(who: &str, text: &str) -> (String, String) {
        (who.to_owned(), text.to_owned())
    }

    #[test]
    fn a_later_message_corrects_an_earlier_one() {
        let messages = [
            (OPENER, 0, "The hub has 63 devices, is the limit of 64 for both radios or for each?"),
            (ANA, 5, "The limit is 64 for each radio, I would swap the hub."),
            (RUI, 60, "The hub keeps one registry, so the limit is 64 for both radios together."),
            (ANA, 65, "I stand corrected, listen to Rui."),
        ];
        assert_eq!(answered(&messages, EN).unwrap(), by(RUI, "The hub keeps one registry, so the limit is 64 for both radios together."));
    }

    #[test]
    fn the_answer_to_the_first_question_is_not_that_to_the_next() {
        let messages = [
            (OPENER, 0, "The pack is swollen, what should the customer do with it?"),
            (ANA, 5, "Decision: the pack is scrap, send a new one free of charge."),
            (OPENER, 9, "And can she hang the camera under the tin roof again?"),
            (ANA, 12, "Yes, 30 cm of air under the sheet and it is fine."),
        ];
        assert_eq!(answered(&messages, EN).unwrap(), by(ANA, "Decision: the pack is scrap, send a new one free of charge."));
    }

    #[test]
    fn a_french_decision_is_found_between_courtesies() {
        let messages = [
            (OPENER, 0, "Bonjour Ana, la cliente veut son numéro de TVA sur la facture. Est-ce possible ?"),
            (ANA, 30, "Salut Tom,\nOui, possible : avoir total, puis nouvelle facture avec le numéro de TVA.\nBonne journée, Ana"),
            (OPENER, 40, "Merci, je préviens la cliente."),
        ];
        assert_eq!(answered(&messages, FR).unwrap(), by(ANA, "Oui, possible : avoir total, puis nouvelle facture avec le numéro de TVA."));
    }

    #[test]
    fn a_short_answer_takes_its_next_sentence_along() {
        let messages =
            [(OPENER, 0, "Le remboursement est-il possible ?"), (ANA, 9, "Très bien, validé. Je passe les 519,00 € vendredi 20 novembre.")];
        assert_eq!(answered(&messages, FR).unwrap(), by(ANA, "Très bien, validé. Je passe les 519,00 € vendredi 20 novembre."));
    }

    #[test]
    fn an_answer_that_was_taken_back_is_none() {
        let asked = (OPENER, 0, "Does the warranty cover the pack?");
        let yes = (ANA, 5, "Yes, the warranty covers the pack for two years.");
        let back = (ANA, 9, "Please ignore my last message.");
        assert_eq!(answered(&[asked, yes, back], EN), None);
        let after = (ANA, 20, "The warranty of the pack ended in May, so no.");
        assert_eq!(answered(&[asked, yes, back, after], EN).unwrap(), by(ANA, "The warranty of the pack ended in May, so no."));
        let rui = (RUI, 12, "The pack is covered until 2027, I looked at the contract.");
        assert_eq!(answered(&[asked, yes, rui, back], EN).unwrap().0, RUI, "what somebody else said stands");
        let french = [
            (OPENER, 0, "La garantie couvre-t-elle le bloc ?"),
            (ANA, 5, "Oui, la garantie couvre le bloc."),
            (ANA, 9, "Oubliez ma réponse précédente."),
        ];
        assert_eq!(answered(&french, FR), None);
    }

    #[test]
    fn a_promise_is_no_answer() {
        assert_eq!(
            answered(&[(OPENER, 0, "Does it stand the peak?"), (ANA, 9, "I asked our archive. You will hear from me on Monday.")], EN),
            None
        );
        assert_eq!(answered(&[(OPENER, 0, "Où est le colis ?"), (ANA, 9, "Je cherche demain matin.")], FR), None);
        assert_eq!(answered(&[(OPENER, 0, "Does it stand the peak?")], EN), None);
    }
}
