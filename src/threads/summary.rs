//! A side conversation in short: what was asked, what was answered, and up to three other sentences worth knowing.

use crate::domain::panel::ThreadSummary;
use crate::domain::thread::ThreadHistory;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::Compared;
use crate::lines::words::share;
use crate::threads::answer::{self, answering};
use crate::threads::asked::{asked, cited};
use crate::threads::state::waiting;

/// How many sentences a summary has beside the ask and the answer, at most.
const OTHERS: usize = 3;
/// A sentence as like as this to one already chosen says nothing new.
pub(super) const REPEATS: f64 = 0.6;
/// Below this score a sentence is not worth knowing.
const WORTH_KNOWING: f64 = 0.3;

/// Summarises a side conversation from its sentences, which are expected oldest first.
#[must_use]
pub fn summarise(history: &ThreadHistory, lines: &[Line<'_>]) -> ThreadSummary {
    let compared = Compared::new(lines);
    let acts = Acts::of_all(lines);
    let asked = asked(history, &compared, &acts);
    let answered = answering(history, &compared, &acts, asked);
    let taken: Vec<usize> = asked.iter().flat_map(|asked| [Some(asked.line), asked.context]).flatten().chain(answered).collect();
    let waiting = waiting(history, lines);
    ThreadSummary {
        thread: history.thread.id,
        reference: history.thread.reference(),
        subject: history.thread.subject.clone(),
        asked: asked.map(|asked| cited(asked, &compared)),
        answered: answered.map(|line| answer::cited(line, &compared, &acts)),
        sentences: others(&compared, &acts, taken).into_iter().map(|line| lines[line].cited()).collect(),
        waiting_on: waiting.as_ref().map(|waiting| waiting.on.clone()),
        waiting_since: waiting.map(|waiting| waiting.since),
    }
}

/// Decisions, promises and facts that the chosen lines do not hold yet, in the order in which they were said.
fn others(compared: &Compared<'_>, acts: &[Acts], mut taken: Vec<usize>) -> Vec<usize> {
    let centrality = compared.centrality();
    let count = compared.lines().len();
    let score = |line: usize| {
        let words = compared.words(line);
        let cue = |act, weight| if acts[line].has(act) { weight } else { 0.0 };
        cue(Act::Decision, 0.25)
            + cue(Act::Promise, 0.2)
            + cue(Act::Holding, 0.1)
            + 0.06 * share(words.figures.len().min(3), 1)
            + 0.015 * share((words.stems.len() + words.figures.len()).min(10), 1)
            + 0.2 * centrality[line]
            + 0.05 * share(line, count)
            - cue(Act::Question, 0.2)
    };
    let mut chosen = Vec::new();
    while chosen.len() < OTHERS {
        let fresh = |line: &usize| !taken.contains(line) && taken.iter().all(|other| compared.between(*line, *other) < REPEATS);
        let next = (0..count)
            .filter(|line| !acts[*line].is_idle() && compared.words(*line).stems.len() > 1)
            .filter(fresh)
            .max_by(|a, b| score(*a).total_cmp(&score(*b)).then(b.cmp(a)));
        let Some(line) = next.filter(|line| score(*line) >= WORTH_KNOWING) else { break };
        taken.push(line);
        chosen.push(line);
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::PersonRole;
    use crate::lines::testing::{EN, FR, at, directory, email, thread, thread_lines};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";

    fn texts(summary: &ThreadSummary) -> Vec<&str> {
        summary.asked.iter().chain(&summary.answered).chain(&summary.sentences).map(|cited| cited.text.as_str()).collect()
    }

    #[test]
    fn a_summary_holds_the_ask_the_answer_and_what_follows_with_its_authors() {
        let people =
            directory(&[(TOM, "Tom Hart", "support", PersonRole::Agent, &[]), (ANA, "Ana Blum", "finance", PersonRole::Expert, &[])], &[]);
        let history = thread(
            &[ANA],
            &[
                (
                    TOM,
                    0,
                    "Hi Ana,\nthe customer was charged twice for AW-111111-6. Can you refund the second payment of £119.00?\nThanks, Tom",
                ),
                (
                    ANA,
                    90,
                    "Hello Tom,\nFound both captures, so yes, I refund the second payment of £119.00 today.\nPlease tell her not to open a dispute, that freezes it.\nIt reaches her account by Wednesday the 29th.\nKind regards\nAna Blum",
                ),
                (TOM, 95, "Perfect, thank you!"),
            ],
        );
        let lines = thread_lines(&history, &people, EN);
        let summary = summarise(&history, &lines);
        assert_eq!(summary.asked.as_ref().unwrap().text, "Can you refund the second payment of £119.00?");
        let answered = summary.answered.as_ref().unwrap();
        assert_eq!(answered.text, "Found both captures, so yes, I refund the second payment of £119.00 today.");
        assert_eq!(answered.evidence[0].title, "Ana Blum");
        assert!(texts(&summary).contains(&"It reaches her account by Wednesday the 29th."), "{summary:?}");
        for courtesy in ["Hi Ana,", "Kind regards", "Ana Blum", "Perfect, thank you!", "Thanks, Tom"] {
            assert!(!texts(&summary).contains(&courtesy), "{courtesy}");
        }
        assert_eq!(summary.waiting_on, None);
    }

    #[test]
    fn a_quote_stands_where_its_span_says() {
        let history = thread(&[ANA], &[(TOM, 0, "Bonjour Ana, où est le colis NVK1 ?"), (ANA, 9, "Trouvé, il repart demain.")]);
        let people = directory(&[], &[]);
        let lines = thread_lines(&history, &people, FR);
        let summary = summarise(&history, &lines);
        let evidence = &summary.answered.as_ref().unwrap().evidence[0];
        assert_eq!(&history.messages[1].body[evidence.span.clone().unwrap()], evidence.quote);
    }

    #[test]
    fn an_unanswered_thread_says_on_whom_it_waits() {
        let history = thread(&[ANA], &[(TOM, 0, "Where is the return AW-111111-6?"), (ANA, 30, "I look for it this evening.")]);
        let people = directory(&[], &[]);
        let lines = thread_lines(&history, &people, EN);
        let summary = summarise(&history, &lines);
        assert_eq!((summary.answered, summary.waiting_on), (None, Some(email(ANA))));
        assert_eq!(summary.waiting_since, Some(at("2026-11-16T09:30:00Z")));
    }

    #[test]
    fn a_thread_without_sentences_is_summarised_by_its_state_alone() {
        let history = thread(&[ANA], &[(TOM, 0, "?")]);
        let summary = summarise(&history, &[]);
        assert_eq!((summary.asked, summary.answered, summary.sentences.len()), (None, None, 0));
        assert_eq!(summary.reference, "S-1");
    }
}
