//! A side conversation part by part: what was asked, answered, decided, promised, left open, named, and what the customer must be told.

use std::collections::BTreeSet;

use crate::domain::panel::Cited;
use crate::domain::thread::Message;
use crate::domain::time::Day;
use crate::domain::told::{Commitment, Due, Fact, Parts, Told};
use crate::domain::triage::Entity;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::Compared;
use crate::lines::words::share;
use crate::text::entity::{Patterns, find};
use crate::threads::answer::{self, answering};
use crate::threads::asked::{self, Asked};
use crate::threads::loose_ends::ThreadLines;
use crate::threads::retelling::{Manner, told};
use crate::threads::speakers::{Speakers, message_of};
use crate::threads::state::{Move, move_of};
use crate::threads::summary::REPEATS;
use crate::threads::withdrawn::withdrawn;

/// So many sentences stand in a part, and so many facts.
const OF_A_PART: usize = 4;
const FACTS: usize = 8;
/// A question of several of one message is open when what came after is so much less like it than its likest sibling.
const UNTOUCHED: f64 = 0.08;
const TOUCHED: f64 = 0.25;
/// What is found in texts and says nothing of a matter.
const NO_FACTS: [&str; 4] = ["email", "phone", "url", "address"];

/// The sentences of a side conversation with all that is known of them.
pub(super) struct Read<'a> {
    pub(super) thread: &'a ThreadLines<'a>,
    pub(super) compared: &'a Compared<'a>,
    pub(super) acts: &'a [Acts],
    pub(super) asked: Option<Asked>,
    pub(super) answered: Option<usize>,
    pub(super) speakers: &'a Speakers<'a>,
    /// Sentences that were taken back, and those that take something back and say nothing else.
    pub(super) void: BTreeSet<usize>,
}

impl<'a> Read<'a> {
    pub(super) fn new(thread: &'a ThreadLines<'a>, compared: &'a Compared<'a>, acts: &'a [Acts], speakers: &'a Speakers<'a>) -> Self {
        let asked = asked::asked(thread.history, compared, acts);
        let answered = answering(thread.history, compared, acts, asked);
        let void = withdrawn(thread.history, thread.lines).lines;
        Self { thread, compared, acts, asked, answered, speakers, void }
    }

    fn line(&self, line: usize) -> &Line<'a> {
        &self.thread.lines[line]
    }

    fn told(&self, line: usize, manner: Manner) -> Option<Told> {
        told(self.line(line), self.line(line).cited(), manner, self.speakers)
    }

    /// The parts; `untold` is what the customer does not know yet of the answer.
    pub(super) fn parts(&self, untold: Option<&Cited>, patterns: &Patterns) -> Parts {
        let asked =
            self.asked.and_then(|asked| told(self.line(asked.line), asked::cited(asked, self.compared), Manner::Asks, self.speakers));
        let answered = self
            .answered
            .and_then(|line| told(self.line(line), answer::cited(line, self.compared, self.acts), Manner::Says, self.speakers));
        let mut taken: Vec<usize> = self.asked.iter().flat_map(|asked| [Some(asked.line), asked.context]).flatten().collect();
        taken.extend(self.answered);
        let commitments = self.commitments(patterns);
        taken.extend(commitments.iter().map(|(line, _)| *line));
        let decisions = self.decisions(&taken);
        Parts {
            asked,
            answered,
            decisions: decisions.into_iter().filter_map(|line| self.told(line, Manner::Says)).collect(),
            commitments: commitments.into_iter().map(|(_, commitment)| commitment).collect(),
            open_questions: self.open_questions().into_iter().filter_map(|line| self.told(line, Manner::Asks)).collect(),
            facts: self.facts(patterns),
            to_tell: self.to_tell(untold),
            withdrawn: self.taken_back(),
            about: Vec::new(),
        }
    }

    /// Whether a sentence counts for what its author says: nothing idle, withdrawn, or passed on from somebody else.
    fn stands(&self, line: usize) -> bool {
        !self.acts[line].is_idle() && !self.void.contains(&line)
    }

    fn is_own(&self, line: usize) -> bool {
        self.stands(line) && !self.speakers.is_passed_on(self.line(line))
    }

    fn lines(&self) -> std::ops::Range<usize> {
        0..self.thread.lines.len()
    }

    fn is_of_opener(&self, line: usize) -> bool {
        self.line(line).author == Some(&self.thread.history.thread.opened_by)
    }

    /// What those who were asked settled beside the answer: the clearest of it, in the order in which it was said.
    fn decisions(&self, taken: &[usize]) -> Vec<usize> {
        let settles = |line: &usize| {
            let acts = self.acts[*line];
            acts.has(Act::Decision) && !acts.has(Act::Holding) && !acts.asks() && self.is_own(*line) && !self.is_of_opener(*line)
        };
        let mut found: Vec<usize> = Vec::new();
        for line in self.lines().filter(settles) {
            let is_new = taken.iter().chain(&found).all(|other| self.compared.between(line, *other) < REPEATS);
            if is_new && !taken.contains(&line) && self.compared.words(line).stems.len() > 1 {
                found.push(line);
            }
        }
        // The newest decide.
        let from = found.len().saturating_sub(OF_A_PART);
        found.split_off(from)
    }

    /// What somebody says that they themselves will do.
    fn commitments(&self, patterns: &Patterns) -> Vec<(usize, Commitment)> {
        let commits = |line: &usize| {
            let acts = self.acts[*line];
            (acts.has(Act::Promise) || acts.has(Act::Holding))
                && !acts.has(Act::Question)
                && self.is_own(*line)
                && is_of_first_person(self.line(*line).text)
        };
        let mut found: Vec<(usize, Commitment)> = Vec::new();
        for line in self.lines().filter(commits) {
            let Some(told) = self.told(line, Manner::Says) else { continue };
            let is_repeated =
                |(other, commitment): &(usize, Commitment)| commitment.who == told.by && self.compared.between(line, *other) >= REPEATS;
            found.retain(|other| !is_repeated(other));
            let due = self.due(line, patterns);
            found.push((line, Commitment { who: told.by.clone(), told, due }));
        }
        let from = found.len().saturating_sub(OF_A_PART);
        found.split_off(from)
    }

    /// The first day named in a sentence that is not before it was written.
    fn due(&self, line: usize, patterns: &Patterns) -> Option<Due> {
        let at = self.line(line).at?;
        let text = self.line(line).text;
        let said = at.day();
        let mut days = find(text, patterns, Some(at)).into_iter().filter(|entity| entity.kind == "date");
        let coming = |entity: Entity| {
            let day: Day = entity.value.parse().ok()?;
            (day >= said).then_some(Due { text: entity.text, day })
        };
        days.find_map(coming)
    }

    /// Questions to which nobody else has answered since.
    fn open_questions(&self) -> Vec<usize> {
        let messages = &self.thread.history.messages;
        let mut open: Vec<usize> = Vec::new();
        for (place, message) in messages.iter().enumerate() {
            let own: Vec<usize> = self
                .lines()
                .filter(|line| message_of(self.line(*line)) == Some(message.id))
                .filter(|line| self.acts[*line].has(Act::Question) && self.is_own(*line))
                .collect();
            if own.is_empty() {
                continue;
            }
            let answers: Vec<&Message> = messages[place + 1..]
                .iter()
                .filter(|later| later.author != message.author && move_of(later, self.thread.lines) == Move::Answers)
                .collect();
            let said: Vec<usize> = self
                .lines()
                .filter(|line| answers.iter().any(|later| message_of(self.line(*line)) == Some(later.id)) && self.stands(*line))
                .collect();
            if answers.is_empty() || said.is_empty() {
                open.extend(own);
                continue;
            }
            // Of several questions one may have been passed over: nothing that was said is like it, and another was taken up.
            let touched = |question: usize| said.iter().map(|line| self.compared.between(question, *line)).fold(0.0, f64::max);
            let is_sibling_touched = own.iter().any(|question| touched(*question) >= TOUCHED);
            if own.len() > 1 && said.len() < own.len() && is_sibling_touched {
                open.extend(own.iter().copied().filter(|question| touched(*question) < UNTOUCHED));
            }
        }
        let mut kept: Vec<usize> = Vec::new();
        for question in open {
            // A question that is asked again is one.
            kept.retain(|other| self.compared.between(question, *other) < REPEATS);
            kept.push(question);
        }
        let from = kept.len().saturating_sub(OF_A_PART);
        kept.split_off(from)
    }

    /// Numbers, amounts and dates that stand, those of the answer first, each as it was named last.
    fn facts(&self, patterns: &Patterns) -> Vec<Fact> {
        let mut found: Vec<(usize, Fact)> = Vec::new();
        for line in self.lines().filter(|line| self.stands(*line)) {
            for entity in find(self.line(line).text, patterns, self.line(line).at) {
                let Entity { kind, text, value, .. } = entity;
                if NO_FACTS.contains(&kind.as_str()) {
                    continue;
                }
                found.retain(|(_, fact)| (&fact.kind, &fact.value) != (&kind, &value));
                found.push((line, Fact { kind, text, value, said: self.line(line).cited() }));
            }
        }
        let weight = |line: usize| {
            let of_answer = if Some(line) == self.answered { 1.0 } else { 0.0 };
            let asked = self.asked.map_or(0.0, |asked| self.compared.between(asked.line, line));
            of_answer + if self.is_of_opener(line) { 0.0 } else { 0.4 } + asked + 0.2 * share(line, self.thread.lines.len().max(1))
        };
        found.sort_by(|(a, _), (b, _)| weight(*b).total_cmp(&weight(*a)).then(a.cmp(b)));
        found.truncate(FACTS);
        found.sort_by_key(|(line, _)| *line);
        found.into_iter().map(|(_, fact)| fact).collect()
    }

    /// What the customer does not know yet, and what somebody wants them told, since they were told something last.
    fn to_tell(&self, untold: Option<&Cited>) -> Vec<Told> {
        let Some(untold) = untold else { return Vec::new() };
        let since = untold.evidence.first().and_then(|evidence| evidence.at);
        let is_news = |line: &usize| {
            let of = self.line(*line);
            untold.evidence.iter().any(|evidence| evidence.source == of.source && evidence.span.as_ref() == Some(&of.span))
        };
        let is_wanted = |line: &usize| {
            self.acts[*line].has(Act::Relay) && self.is_own(*line) && !self.is_of_opener(*line) && self.line(*line).at >= since
        };
        self.lines().filter(|line| is_news(line) || is_wanted(line)).filter_map(|line| self.told(line, Manner::Says)).collect()
    }

    fn taken_back(&self) -> Vec<Told> {
        let matters = |line: &usize| {
            let acts = self.acts[*line];
            !acts.is_idle() && !acts.has(Act::Withdrawal) && !acts.has(Act::Question) && self.compared.words(*line).stems.len() > 1
        };
        self.void.iter().copied().filter(matters).take(OF_A_PART).filter_map(|line| self.told(line, Manner::Says)).collect()
    }
}

/// Whether the author speaks of what they do: `I`, `we`, `je`, `nous`.
fn is_of_first_person(text: &str) -> bool {
    let folded = crate::lines::words::fold(text);
    let mut words = folded.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    words.any(|word| {
        matches!(word, "i" | "we" | "i'm" | "i'll" | "i've" | "we're" | "we'll" | "we've" | "je" | "nous" | "on") || word.starts_with("j'")
    })
}
