//! What was asked: the sentence of the opening messages that holds the question or request.

use crate::domain::panel::Cited;
use crate::domain::thread::ThreadHistory;
use crate::domain::triage::Source;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::Compared;
use crate::lines::words::share;

/// The line that asks, by its place among the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    /// The line.
    pub(super) line: usize,
    /// The line before it, when one is not understood without the other.
    pub(super) context: Option<usize>,
}

/// Below this many stems and figures a question needs the sentence before it.
pub(super) const UNDERSTOOD_ALONE: usize = 2;

/// The line of the opener's first messages that asks; without any cue the one nearest to the middle of the thread.
pub(super) fn asked(history: &ThreadHistory, compared: &Compared<'_>, acts: &[Acts]) -> Option<Asked> {
    let replied = history.messages.iter().position(|message| message.author != history.thread.opened_by).unwrap_or(history.messages.len());
    let opening = &history.messages[..replied];
    let belongs = |source| matches!(source, Source::Message(_, id) if opening.iter().any(|message| message.id == id));
    let lines: Vec<usize> = (0..compared.lines().len()).filter(|line| belongs(compared.lines()[*line].source)).collect();
    best_ask(compared, acts, &lines)
}

/// The line among some that asks most clearly.
pub(super) fn best_ask(compared: &Compared<'_>, acts: &[Acts], among: &[usize]) -> Option<Asked> {
    let centrality = compared.centrality();
    let matter = |line: usize| compared.words(line).stems.len() + compared.words(line).figures.len();
    let follows = |line: usize, before: usize| compared.lines().get(line).is_some_and(|after| after.follows(&compared.lines()[before]));
    let score = |(place, line): (usize, usize)| {
        let cue = |act, weight| if acts[line].has(act) { weight } else { 0.0 };
        let whole = share(matter(line).min(UNDERSTOOD_ALONE), UNDERSTOOD_ALONE);
        cue(Act::Question, 0.5) * (0.6 + 0.4 * whole)
            + cue(Act::Request, 0.35)
            + 0.2 * centrality[line]
            + 0.02 * share(matter(line).min(10), 1)
            - 0.05 * share(place, among.len())
    };
    let candidates = among.iter().copied().enumerate().filter(|(_, line)| !acts[*line].is_idle());
    let (_, best) = candidates.max_by(|a, b| score(*a).total_cmp(&score(*b)).then(b.cmp(a)))?;
    if matter(best) < UNDERSTOOD_ALONE {
        let context = best.checked_sub(1).filter(|before| follows(best, *before) && !acts[*before].is_idle());
        return Some(Asked { line: best, context });
    }
    let next = best + 1;
    if !acts[best].has(Act::Question) && follows(next, best) && acts[next].has(Act::Question) && matter(next) < UNDERSTOOD_ALONE {
        return Some(Asked { line: next, context: Some(best) });
    }
    Some(Asked { line: best, context: None })
}

/// The ask as it is cited.
pub(super) fn cited(asked: Asked, compared: &Compared<'_>) -> Cited {
    let line = &compared.lines()[asked.line];
    asked.context.map_or_else(|| line.cited(), |before| line.cited_after(&compared.lines()[before]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Directory;
    use crate::domain::vocabulary::Language;
    use crate::lines::testing::{EN, FR, thread, thread_lines};

    fn asks(body: &str, language: Language) -> String {
        let history = thread(&["ana@lab.example"], &[("tom@desk.example", 0, body), ("ana@lab.example", 5, "Why do you want to know?")]);
        let directory = Directory::default();
        let lines = thread_lines(&history, &directory, language);
        let compared = Compared::new(&lines);
        let acts = Acts::of_all(&lines);
        cited(asked(&history, &compared, &acts).unwrap(), &compared).text
    }

    #[test]
    fn the_question_of_the_opening_is_the_ask() {
        assert_eq!(
            asks("Hi Ana, a camera came in. Its pack K2548 is swollen. Should the customer post the pack? Thanks, Tom", EN),
            "Should the customer post the pack?"
        );
        assert_eq!(
            asks("Bonjour Julien,\nPeux-tu ouvrir une recherche sur le colis ? Dernier scan le 9 juillet.\nMerci, Lucie", FR),
            "Peux-tu ouvrir une recherche sur le colis ?"
        );
    }

    #[test]
    fn a_short_question_takes_the_sentence_before_it_along() {
        assert_eq!(
            asks("They want the number on the invoice, but that is day 36. Possible?", EN),
            "They want the number on the invoice, but that is day 36. Possible?"
        );
    }

    #[test]
    fn greetings_and_thanks_are_never_the_ask() {
        assert_eq!(asks("Hello Ana,\nthe hub drops devices at random.\nMany thanks", EN), "the hub drops devices at random.");
    }
}
