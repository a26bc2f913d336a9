//! What an agent should do next: plain rules over what is known, weighed with what people did with like tickets.

use crate::copilot::reply::Chosen;
use crate::domain::panel::Cited;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::triage::{Entity, Evidence};
use crate::domain::vocabulary::NextStep;

/// An open side conversation of the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenThread {
    /// What it is called.
    pub reference: String,
    /// On whom it waits, if it does.
    pub waiting: Option<Waiting>,
    /// Its last message, or what was asked.
    pub evidence: Option<Evidence>,
}

/// On whom a side conversation waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Their name.
    pub on: String,
    /// Whether it is the desk itself: somebody asked back.
    pub on_desk: bool,
    /// Since when.
    pub since: Timestamp,
    /// Whether that is more than twice as long as the admin expects.
    pub is_late: bool,
}

/// What people did with tickets like this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Vote {
    /// The step they took.
    pub step: NextStep,
    /// The share of the like tickets, weighed by likeness, in \[0, 1\].
    pub share: f64,
    /// Those tickets.
    pub evidence: Vec<Evidence>,
}

/// Somebody worth asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultable {
    /// Their name.
    pub name: String,
    /// Why them.
    pub because: Reason,
    /// What that rests on.
    pub evidence: Vec<Evidence>,
}

/// What the step is decided on.
#[derive(Debug, Clone, Copy)]
pub struct NextStepFacts<'a> {
    /// The ticket's open side conversations.
    pub open_threads: &'a [OpenThread],
    /// What an admin wants such a customer told before anything else: the rule's name, and the words.
    pub first_reply: Option<(&'a str, &'a [Cited])>,
    /// An answer that the customer does not know yet.
    pub unrelayed: Option<&'a Cited>,
    /// What the customer asks.
    pub ask: Option<&'a Cited>,
    /// The kinds of identifiers that the intent needs.
    pub required: &'a [String],
    /// What was found in the ticket and its comments.
    pub present: &'a [Entity],
    /// Whether the customer's card holds what is required, such as their only order.
    pub on_file: bool,
    /// The sentences that a reply could be made of.
    pub reply: Option<&'a Chosen>,
    /// The best answer of an earlier side conversation.
    pub thread_answer: Option<&'a Cited>,
    /// The best person to ask.
    pub expert: Option<&'a Consultable>,
    /// What people did with like tickets.
    pub votes: &'a [Vote],
    /// Whether the last public comment is the desk's: the customer said nothing new.
    pub answered_last: bool,
    /// Whether that comment answers: it neither holds the customer off nor promises more, or it says what a reply would say.
    pub is_answered: bool,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The step.
    pub step: NextStep,
    /// How clear it is, in \[0, 1\], uncalibrated: never shown.
    pub strength: f64,
    /// Whether the ticket's own side conversations dictate it, so that like tickets have no say.
    pub is_settled: bool,
    /// Why.
    pub reason: Reason,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// From this support on, the sentences of a reply are an answer.
const ANSWERS: f64 = 0.35;
/// How much the rules count beside a head that learned from like tickets: on the demo company the head alone is right more often.
const RULES: f64 = 0.3;
/// A step that only votes speak for needs at least this share of them.
const CLEAR_VOTE: f64 = 0.4;

/// Decides what to do next; `None` when neither a rule nor like tickets say anything.
///
/// What side conversations say comes first and is not voted on. Then every rule that holds speaks for its step, votes are added, and the
/// step with most behind it wins.
#[must_use]
pub fn next_step(facts: &NextStepFacts<'_>) -> Option<Decision> {
    settled(facts).map(|decision| Decision { is_settled: true, ..decision }).or_else(|| weighed(facts))
}

/// The steps that leave no choice: what an admin wants told first, what side conversations wait for, and that the customer was answered.
fn settled(facts: &NextStepFacts<'_>) -> Option<Decision> {
    if let Some((rule, told)) = facts.first_reply {
        let evidence = told.iter().take(1).flat_map(|cited| cited.evidence.clone()).collect();
        return Some(decision(NextStep::Answer, 0.95, Reason::FirstReply { rule: rule.to_owned() }, evidence));
    }
    if let Some(answer) = facts.unrelayed {
        return Some(decision(NextStep::Answer, 0.9, Reason::AnswerKnown { name: title(answer) }, answer.evidence.clone()));
    }
    let waits = |desk: bool| {
        facts.open_threads.iter().find_map(move |thread| Some((thread, thread.waiting.as_ref().filter(|waiting| waiting.on_desk == desk)?)))
    };
    if let Some((thread, waiting)) = waits(true) {
        let Waiting { on: name, since, .. } = waiting.clone();
        let reason = Reason::AskedBack { reference: thread.reference.clone(), name, since };
        return Some(decision(NextStep::Consult, 0.8, reason, thread.evidence.iter().cloned().collect()));
    }
    let is_late = |waiting: &&Waiting| !waiting.on_desk && waiting.is_late;
    let late = facts.open_threads.iter().find_map(|thread| Some((thread, thread.waiting.as_ref().filter(is_late)?)));
    if let Some((thread, waiting)) = late {
        let reason = Reason::Overdue { reference: thread.reference.clone(), name: waiting.on.clone(), since: waiting.since };
        return Some(decision(NextStep::Consult, 0.85, reason, thread.evidence.iter().cloned().collect()));
    }
    if let Some((thread, waiting)) = waits(false) {
        let Waiting { on: name, since, .. } = waiting.clone();
        let reason = Reason::WaitsFor { reference: thread.reference.clone(), name, since };
        return Some(decision(NextStep::Wait, 0.85, reason, thread.evidence.iter().cloned().collect()));
    }
    let asked = || facts.ask.map(|ask| ask.evidence.clone()).unwrap_or_default();
    (facts.answered_last && facts.is_answered).then(|| decision(NextStep::Wait, 0.8, Reason::AnsweredLast, asked()))
}

fn weighed(facts: &NextStepFacts<'_>) -> Option<Decision> {
    let rules = rules(facts);
    let share = |step: NextStep| facts.votes.iter().filter(|vote| vote.step == step).map(|vote| vote.share).sum::<f64>().clamp(0.0, 1.0);
    let strength = |step: NextStep, rule: f64| if facts.votes.is_empty() { rule } else { RULES * rule + (1.0 - RULES) * share(step) };
    let by_rule = rules.into_iter().map(|mut rule| {
        rule.strength = strength(rule.step, rule.strength);
        rule
    });
    let by_vote = facts
        .votes
        .iter()
        .filter(|vote| vote.share >= CLEAR_VOTE)
        .map(|vote| decision(vote.step, (1.0 - RULES) * vote.share, Reason::LikeTickets { step: vote.step }, vote.evidence.clone()));
    by_rule.chain(by_vote).max_by(|a, b| a.strength.total_cmp(&b.strength).then(b.step.cmp(&a.step)))
}

/// Every rule that holds, each for its step.
fn rules(facts: &NextStepFacts<'_>) -> Vec<Decision> {
    let mut found = Vec::new();
    let asked: Vec<Evidence> = facts.ask.map(|ask| ask.evidence.clone()).unwrap_or_default();
    let missing: Vec<&str> = facts
        .required
        .iter()
        .filter(|kind| !facts.on_file && !facts.present.iter().any(|entity| entity.kind == **kind && entity.checked != Some(false)))
        .map(String::as_str)
        .collect();
    if facts.answered_last {
        found.push(decision(NextStep::Wait, 0.5, Reason::AnsweredLast, asked.clone()));
    }
    if !missing.is_empty() {
        let wrong = facts.present.iter().find(|entity| missing.contains(&entity.kind.as_str()));
        let reason = wrong.map_or_else(
            || Reason::Missing { kinds: missing.iter().map(|&kind| kind.to_owned()).collect() },
            |entity| Reason::WrongCheckDigit { kind: entity.kind.clone(), text: entity.text.clone() },
        );
        found.push(decision(NextStep::AskCustomer, 0.7, reason, asked));
    }
    if let Some(answer) = facts.thread_answer {
        found.push(decision(NextStep::Answer, 0.65, Reason::AnsweredBefore { name: title(answer) }, answer.evidence.clone()));
    }
    if let Some(reply) = facts.reply.filter(|reply| !reply.sentences.is_empty() && reply.is_met) {
        let title = reply.sentences.first().map(title).unwrap_or_default();
        let clear = if reply.support >= ANSWERS { 0.5 + reply.support / 2.0 } else { reply.support };
        let evidence = reply.sentences.iter().flat_map(|cited| cited.evidence.clone()).collect();
        found.push(decision(NextStep::Answer, clear.min(0.85), Reason::ArticleAnswers { title }, evidence));
    }
    if let Some(expert) = facts.expert {
        let has_some = facts.reply.is_some_and(|reply| !reply.sentences.is_empty());
        let (name, because) = (expert.name.clone(), Box::new(expert.because.clone()));
        let reason = if has_some { Reason::ArticlesUnclear { name, because } } else { Reason::NoArticleAnswers { name, because } };
        found.push(decision(NextStep::Consult, 0.45, reason, expert.evidence.clone()));
    }
    found
}

/// Who or what says a sentence, as its first evidence is called.
fn title(cited: &Cited) -> String {
    cited.evidence.first().map(|evidence| evidence.title.clone()).unwrap_or_default()
}

fn decision(step: NextStep, strength: f64, reason: Reason, evidence: Vec<Evidence>) -> Decision {
    Decision { step, strength, is_settled: false, reason, evidence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{EN, at, line};

    fn cited(text: &str, title: &str) -> Cited {
        let mut line = line(text, EN);
        line.title = title;
        line.cited()
    }

    fn nothing() -> NextStepFacts<'static> {
        NextStepFacts {
            open_threads: &[],
            first_reply: None,
            unrelayed: None,
            ask: None,
            required: &[],
            present: &[],
            on_file: false,
            reply: None,
            thread_answer: None,
            expert: None,
            votes: &[],
            answered_last: false,
            is_answered: false,
        }
    }

    fn thread(on: &str, on_desk: bool) -> OpenThread {
        let waiting = Waiting { on: on.to_owned(), on_desk, since: at("2026-11-16T09:00:00Z"), is_late: false };
        OpenThread { reference: "S-1".to_owned(), waiting: Some(waiting), evidence: Some(line("Swap it?", EN).evidence()) }
    }

    fn step(facts: &NextStepFacts<'_>) -> (NextStep, String) {
        let decision = next_step(facts).unwrap();
        assert!((0.0..=1.0).contains(&decision.strength));
        (decision.step, decision.reason.to_string())
    }

    #[test]
    fn without_facts_nothing_is_said() {
        assert_eq!(next_step(&nothing()), None);
    }

    #[test]
    fn a_thread_that_waits_for_somebody_means_waiting() {
        let threads = [thread("Ana Blum", false)];
        let facts = NextStepFacts { open_threads: &threads, ..nothing() };
        assert_eq!(step(&facts), (NextStep::Wait, "S-1 has waited for Ana Blum since 16 Nov 2026.".to_owned()));
    }

    #[test]
    fn what_an_admin_wants_told_first_comes_before_everything_else() {
        let (told, threads) = ([cited("Do not post it.", "Swollen battery")], [thread("Ana Blum", false)]);
        let facts = NextStepFacts { open_threads: &threads, first_reply: Some(("Swollen battery", &told)), ..nothing() };
        let (first, reason) = step(&facts);
        assert_eq!((first, reason.as_str()), (NextStep::Answer, "The rule “Swollen battery” says what the customer must be told first."));
        assert_eq!(next_step(&facts).unwrap().evidence[0].quote, "Do not post it.");
    }

    #[test]
    fn a_customer_who_was_answered_is_waited_for_whatever_articles_say() {
        let reply = Chosen { sentences: vec![cited("You have 30 days.", "Returns")], warnings: Vec::new(), support: 0.9, is_met: true };
        let facts = NextStepFacts { reply: Some(&reply), answered_last: true, is_answered: true, ..nothing() };
        assert_eq!(step(&facts), (NextStep::Wait, "The customer was answered and has not written since.".to_owned()));
        assert_eq!(step(&NextStepFacts { is_answered: false, ..facts }).0, NextStep::Answer);
    }

    #[test]
    fn whoever_lets_a_thread_wait_too_long_is_reminded() {
        let late =
            |thread: OpenThread| OpenThread { waiting: thread.waiting.map(|waiting| Waiting { is_late: true, ..waiting }), ..thread };
        let threads = [thread("Rui Sá", false), late(thread("Ana Blum", false))];
        let facts = NextStepFacts { open_threads: &threads, ..nothing() };
        let reason = "S-1 has waited for Ana Blum since 16 Nov 2026, longer than expected: remind them.";
        assert_eq!(step(&facts), (NextStep::Consult, reason.to_owned()));
    }

    #[test]
    fn an_answer_that_came_is_passed_on_even_while_another_thread_waits() {
        let threads = [thread("Ana Blum", false)];
        let answer = cited("No swap.", "Rui Sá");
        let facts = NextStepFacts { open_threads: &threads, unrelayed: Some(&answer), ..nothing() };
        assert_eq!(step(&facts), (NextStep::Answer, "Rui Sá has answered and the customer does not know it yet.".to_owned()));
    }

    #[test]
    fn a_question_back_is_answered_in_its_thread() {
        let threads = [thread("Tom Hart", true)];
        let facts = NextStepFacts { open_threads: &threads, ..nothing() };
        assert_eq!(step(&facts).0, NextStep::Consult);
    }

    #[test]
    fn a_missing_identifier_is_asked_for_unless_it_is_on_file() {
        let required = ["order".to_owned()];
        let ask = cited("Where is it?", "K-1");
        let facts = NextStepFacts { required: &required, ask: Some(&ask), ..nothing() };
        assert_eq!(step(&facts), (NextStep::AskCustomer, "The customer has not named what this matter needs: order.".to_owned()));
        assert_eq!(next_step(&NextStepFacts { on_file: true, ..facts }), None);
    }

    #[test]
    fn a_wrong_check_digit_counts_as_missing() {
        let required = ["order".to_owned()];
        let order = |checked| Entity {
            kind: "order".to_owned(),
            text: "AW-1".to_owned(),
            value: "AW-1".to_owned(),
            span: 0..4,
            personal: false,
            checked,
            comment: None,
        };
        let (wrong, right) = ([order(Some(false))], [order(Some(true))]);
        let facts = NextStepFacts { required: &required, present: &wrong, ..nothing() };
        assert_eq!(step(&facts).1, "The order “AW-1” cannot be right: its check digit is wrong.");
        assert_eq!(next_step(&NextStepFacts { present: &right, ..facts }), None);
    }

    #[test]
    fn a_clear_article_is_answered_from_and_an_unclear_one_is_not() {
        let expert = Consultable {
            name: "Ana Blum".to_owned(),
            because: Reason::Knows { skills: vec!["batteries".to_owned()] },
            evidence: Vec::new(),
        };
        let reply =
            |support| Chosen { sentences: vec![cited("You have 30 days.", "Returns")], warnings: Vec::new(), support, is_met: true };
        let (clear, unclear) = (reply(0.6), reply(0.2));
        let facts = NextStepFacts { reply: Some(&clear), expert: Some(&expert), ..nothing() };
        assert_eq!(step(&facts), (NextStep::Answer, "“Returns” answers it.".to_owned()));
        let facts = NextStepFacts { reply: Some(&unclear), ..facts };
        assert_eq!(
            step(&facts),
            (NextStep::Consult, "The articles found may not answer it; Ana Blum is worth asking: knows batteries.".to_owned())
        );
        let unmet = Chosen { is_met: false, ..reply(0.6) };
        let facts = NextStepFacts { reply: Some(&unmet), ..facts };
        assert_eq!(step(&facts).0, NextStep::Consult, "what leaves every question open is no answer");
        let none = Chosen::default();
        let facts = NextStepFacts { reply: Some(&none), ..facts };
        assert_eq!(
            step(&facts),
            (NextStep::Consult, "No article for customers answers it; Ana Blum is worth asking: knows batteries.".to_owned())
        );
    }

    #[test]
    fn like_tickets_can_tip_the_scales_and_speak_alone() {
        let vote = |step, share| Vote { step, share, evidence: vec![line("like", EN).evidence()] };
        let votes = [vote(NextStep::Act, 0.9), vote(NextStep::Answer, 0.1)];
        let facts = NextStepFacts { votes: &votes, ..nothing() };
        assert_eq!(step(&facts), (NextStep::Act, "Most tickets like this one were met by an action.".to_owned()));
        let expert = Consultable {
            name: "Ana Blum".to_owned(),
            because: Reason::Knows { skills: vec!["batteries".to_owned()] },
            evidence: Vec::new(),
        };
        let unclear = Chosen { sentences: vec![cited("You have 30 days.", "Returns")], warnings: Vec::new(), support: 0.34, is_met: true };
        let facts = NextStepFacts { expert: Some(&expert), reply: Some(&unclear), ..nothing() };
        assert_eq!(step(&facts).0, NextStep::Consult);
        let votes = [vote(NextStep::Answer, 0.8), vote(NextStep::Consult, 0.2)];
        assert_eq!(step(&NextStepFacts { votes: &votes, ..facts }).0, NextStep::Answer);
    }
}
