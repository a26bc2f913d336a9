//! A side conversation in short: what was asked, what was answered, and up to three other sentences worth knowing.

use std::collections::BTreeSet;

use crate::domain::panel::{LooseEnd, ThreadSummary};
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::Compared;
use crate::lines::words::share;
use crate::text::entity::Patterns;
use crate::threads::answer;
use crate::threads::asked::cited;
use crate::threads::loose_ends::{ThreadLines, standing, untold};
use crate::threads::parts::Read;
use crate::threads::speakers::Speakers;
use crate::threads::state::waiting;
use crate::threads::ticket::Desk;

/// How many sentences a summary has beside the ask and the answer, at most.
const OTHERS: usize = 3;
/// A sentence as like as this to one already chosen says nothing new.
pub(super) const REPEATS: f64 = 0.6;
/// Below this score a sentence is not worth knowing.
const WORTH_KNOWING: f64 = 0.3;

/// What a side conversation is read by.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Its ticket.
    pub desk: &'a Desk<'a>,
    /// What the customer is called, so that nobody else is called so.
    pub customer: Option<&'a str>,
    /// How numbers and names look.
    pub patterns: &'a Patterns,
    /// What is left hanging on the ticket.
    pub ends: &'a [LooseEnd],
}

/// Summarises a side conversation from its sentences, which are expected oldest first; its answer is the one that the customer does not know
/// yet, where there is one.
#[must_use]
pub fn summarise(reading: &Reading<'_>, thread: &ThreadLines<'_>) -> ThreadSummary {
    let ThreadLines { history, lines } = *thread;
    let compared = Compared::new(lines);
    let acts = Acts::of_all(lines);
    let others_named: Vec<&str> = reading.customer.into_iter().collect();
    let speakers = Speakers::of(history, reading.desk.directory, &others_named);
    let read = Read::new(thread, &compared, &acts, &speakers);
    let (asked, answered) = (read.asked, read.answered);
    let taken: Vec<usize> = asked.iter().flat_map(|asked| [Some(asked.line), asked.context]).flatten().chain(answered).collect();
    let waiting = waiting(history, lines);
    let news = untold(reading.desk, thread);
    let parts = read.parts(news.as_ref(), reading.patterns);
    let mut summary = ThreadSummary {
        thread: history.thread.id,
        reference: history.thread.reference(),
        subject: history.thread.subject.clone(),
        asked: asked.map(|asked| cited(asked, &compared)),
        answered: answered.map(|line| answer::cited(line, &compared, &acts)),
        sentences: others(&compared, &acts, &read.void, taken).into_iter().map(|line| lines[line].cited()).collect(),
        parts,
        standing: standing(thread, reading.ends),
        waiting_on: waiting.as_ref().map(|waiting| waiting.on.clone()),
        waiting_since: waiting.map(|waiting| waiting.since),
    };
    if let Some(news) = news.filter(|news| summary.answered.as_ref() != Some(news)) {
        let before = summary.answered.take();
        summary.sentences.splice(0..0, before);
        summary.sentences.retain(|said| !news.text.contains(said.text.as_str()));
        summary.answered = Some(news);
    }
    summary
}

/// Decisions, promises and facts that the chosen lines do not hold yet, in the order in which they were said.
fn others(compared: &Compared<'_>, acts: &[Acts], void: &BTreeSet<usize>, mut taken: Vec<usize>) -> Vec<usize> {
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
            .filter(|line| !acts[*line].is_idle() && !void.contains(line) && compared.words(*line).stems.len() > 1)
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
    use crate::domain::person::Directory;
    use crate::domain::thread::ThreadHistory;
    use crate::domain::told::{Parts, Told};
    use crate::domain::vocabulary::{Language, PersonRole, ThreadStanding};
    use crate::lines::Line;
    use crate::lines::testing::{EN, FR, at, directory, email, thread, thread_lines, ticket};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";

    fn summarised(history: &ThreadHistory, people: &Directory, language: Language) -> ThreadSummary {
        read(history, people, &thread_lines(history, people, language))
    }

    fn read(history: &ThreadHistory, people: &Directory, lines: &[Line<'_>]) -> ThreadSummary {
        let (ticket, requester) = (ticket("a matter", "It broke.", &[(TOM, true, 9_000, "All is said.")]), email("eve@mail.example"));
        let desk = Desk { history: &ticket, requester: &requester, directory: people };
        let patterns = Patterns::builtin();
        let reading = Reading { desk: &desk, customer: Some("Eve Oak"), patterns: &patterns, ends: &[] };
        summarise(&reading, &ThreadLines { history, lines })
    }

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
        let summary = summarised(&history, &people, EN);
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
        let summary = summarised(&history, &people, FR);
        let evidence = &summary.answered.as_ref().unwrap().evidence[0];
        assert_eq!(&history.messages[1].body[evidence.span.clone().unwrap()], evidence.quote);
    }

    #[test]
    fn an_unanswered_thread_says_on_whom_it_waits() {
        let history = thread(&[ANA], &[(TOM, 0, "Where is the return AW-111111-6?"), (ANA, 30, "I look for it this evening.")]);
        let people = directory(&[], &[]);
        let summary = summarised(&history, &people, EN);
        assert_eq!((summary.answered, summary.waiting_on), (None, Some(email(ANA))));
        assert_eq!(summary.waiting_since, Some(at("2026-11-16T09:30:00Z")));
    }

    #[test]
    fn a_thread_without_sentences_is_summarised_by_its_state_alone() {
        let history = thread(&[ANA], &[(TOM, 0, "?")]);
        let summary = read(&history, &directory(&[], &[]), &[]);
        assert_eq!((summary.asked, summary.answered, summary.sentences.len()), (None, None, 0));
        assert_eq!(summary.reference, "S-1");
    }

    fn of(told: &[Told]) -> Vec<&str> {
        told.iter().map(|told| told.text.as_str()).collect()
    }

    fn people() -> Directory {
        directory(
            &[
                (TOM, "Tom Hart", "support", PersonRole::Agent, &[]),
                (ANA, "Ana Blum", "finance", PersonRole::Expert, &[]),
                (NAMESAKE, "Ana Costa", "legal", PersonRole::Expert, &[]),
            ],
            &[],
        )
    }

    const NAMESAKE: &str = "a.costa@lab.example";

    #[test]
    fn the_parts_say_who_asked_answered_and_will_do_what_by_when() {
        let history = thread(
            &[ANA],
            &[
                (TOM, 0, "Hi Ana,\nCan you refund the second payment of £119.00? Which day is the payout?\nThanks, Tom"),
                (
                    ANA,
                    90,
                    "Hello Tom,\nApproved, the second payment was a duplicate. I will refund £119.00 by Friday. Please tell her not to open a dispute.",
                ),
            ],
        );
        let Parts { asked, answered, commitments, facts, open_questions, withdrawn, .. } = summarised(&history, &people(), EN).parts;
        let asked = asked.unwrap();
        assert_eq!(asked.text, "Tom asks whether Ana can refund the second payment of £119.00.");
        assert_eq!((asked.by, asked.to), (email(TOM), Some(email(ANA))));
        assert_eq!(answered.as_ref().unwrap().by, email(ANA));
        let due = commitments[0].due.as_ref().unwrap();
        assert_eq!((commitments[0].who.clone(), due.day.to_string().as_str()), (email(ANA), "2026-11-20"));
        assert_eq!(commitments[0].told.text, "Ana says that Ana will refund £119.00 by Friday.");
        assert!(facts.iter().any(|fact| fact.kind == "amount" && fact.text.contains("119")), "{facts:?}");
        assert!(facts.iter().any(|fact| fact.kind == "date" && fact.value == "2026-11-20"), "{facts:?}");
        assert_eq!((open_questions, withdrawn), (vec![], vec![]));
        let span = commitments[0].told.said.evidence[0].span.clone().unwrap();
        assert_eq!(&history.messages[1].body[span], "I will refund £119.00 by Friday.");
    }

    #[test]
    fn a_french_side_conversation_is_told_in_french() {
        let messages = [
            (TOM, 0, "Bonjour Ana,\nPeux-tu rembourser la cliente ? Quel est le délai ?\nMerci, Tom"),
            (ANA, 9, "Bonjour Tom,\nJe vérifie le dossier demain."),
        ];
        let summary = summarised(&thread(&[ANA], &messages), &people(), FR);
        assert_eq!(summary.parts.asked.unwrap().text, "Tom demande à Ana de rembourser la cliente.");
        assert_eq!(summary.parts.commitments[0].told.text, "Ana dit qu'Ana vérifie le dossier demain.");
        assert_eq!(summary.parts.commitments[0].due.as_ref().unwrap().day.to_string(), "2026-11-17");
        assert_eq!(summary.parts.open_questions.len(), 2, "{:?}", summary.parts.open_questions);
        assert_eq!(summary.standing, ThreadStanding::WaitsForThem);
    }

    #[test]
    fn namesakes_are_told_apart_and_nobody_is_taken_for_whom_they_quote() {
        let messages = [
            (TOM, 0, "Does the contract cover it?"),
            (ANA, 5, "I checked the contract, it is covered."),
            (NAMESAKE, 9, "The customer wrote: \"I never signed it\", and that is true."),
        ];
        let history = thread(&[ANA, NAMESAKE], &messages);
        let lines = summarised(&history, &people(), EN);
        let all = format!("{lines:?}");
        assert!(all.contains("Ana Blum says that Ana Blum checked the contract, it is covered."), "{all}");
        assert!(!all.contains("Costa never signed"), "{all}");
    }

    #[test]
    fn what_was_taken_back_is_told_as_such_and_answers_nothing() {
        let messages = [
            (TOM, 0, "Does the warranty cover the pack?"),
            (ANA, 5, "Yes, the warranty covers the pack for two years."),
            (ANA, 9, "Please ignore my last message."),
        ];
        let summary = summarised(&thread(&[ANA], &messages), &people(), EN);
        assert_eq!((summary.answered, summary.parts.answered), (None, None));
        assert_eq!(of(&summary.parts.withdrawn), ["Ana says: “Yes, the warranty covers the pack for two years.”"]);
        assert_eq!(of(&summary.parts.open_questions), ["Tom asks Ana: “Does the warranty cover the pack?”"]);
        assert!(summary.sentences.is_empty(), "{:?}", summary.sentences);
    }

    #[test]
    fn what_was_forwarded_is_told_as_passed_on_and_promises_nothing() {
        let messages = [
            (TOM, 0, "Where is the parcel?"),
            (ANA, 5, "See below.\n---------- Forwarded message ----------\nI will deliver the parcel on Friday."),
        ];
        let summary = summarised(&thread(&[ANA], &messages), &people(), EN);
        assert_eq!(summary.parts.commitments, []);
        let answered = summary.parts.answered.unwrap();
        assert!(answered.text.starts_with("Ana passes on: “"), "{}", answered.text);
    }
}
