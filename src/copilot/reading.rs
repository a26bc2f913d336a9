//! Reading on from a sentence: what belongs to it in its passage, and what else of its document answers as well.

use std::collections::VecDeque;

use crate::copilot::contradiction::document;
use crate::copilot::reply::{BESIDE_THE_BEST, Candidate, NEAR_THE_BEST_PASSAGE};
use crate::lines::words::fold;

/// So many sentences of one passage are read together at most.
const READ_TOGETHER: usize = 4;
/// A sentence of another document is chosen when it meets the ask so many times better than the best one at home.
const BETTER_THAN_HOME: f64 = 1.3;

/// The candidates as texts to read in: a few sentences as they were written read as an answer, the same number picked from all over a
/// document does not.
pub(super) struct Reading<'a> {
    pub(super) candidates: &'a [Candidate<'a>],
    pub(super) relevance: &'a [f64],
}

impl Reading<'_> {
    /// The best sentence, what it points back at, and those next to it that are nearly as good, in the order of the text.
    pub(super) fn around(&self, home: usize, is_barred: impl Fn(usize) -> bool) -> Vec<usize> {
        let good = |line: usize| self.relevance[line] >= BESIDE_THE_BEST * self.relevance[home];
        let dangles = |line: usize| dangles(self.candidates[line].line.text);
        let mut chosen = VecDeque::from([home]);
        let mut first = home;
        while let Some(line) = self.before(first).filter(|line| chosen.len() < READ_TOGETHER && !is_barred(*line)) {
            if !dangles(first) && !good(line) {
                break;
            }
            chosen.push_front(line);
            first = line;
        }
        let mut last = home;
        while let Some(line) = self.after(last).filter(|line| chosen.len() < READ_TOGETHER && !is_barred(*line)) {
            if !dangles(line) && !good(line) {
                break;
            }
            chosen.push_back(line);
            last = line;
        }
        chosen.into()
    }

    /// For each question the sentence of the best one's document, or of another passage that is as good, that is most like it: a ticket
    /// often asks two things. `like` says how like a sentence is to a question.
    pub(super) fn answers(&self, home: usize, questions: &[usize], like: impl Fn(usize, usize) -> f64) -> Vec<usize> {
        let (candidates, relevance) = (self.candidates, self.relevance);
        let is_near = |line: &usize| {
            let at_home = document(&candidates[*line]).is_some_and(|of| document(&candidates[home]) == Some(of));
            let enough = if at_home { BESIDE_THE_BEST } else { BETTER_THAN_HOME };
            (at_home || candidates[*line].weight >= NEAR_THE_BEST_PASSAGE) && relevance[*line] >= enough * relevance[home]
        };
        let near: Vec<usize> = (0..candidates.len()).filter(is_near).filter(|line| !dangles(candidates[*line].line.text)).collect();
        let best =
            |question: &usize| near.iter().copied().max_by(|a, b| like(*question, *a).total_cmp(&like(*question, *b)).then(b.cmp(a)));
        questions.iter().filter_map(best).collect()
    }

    /// The sentence after one, else the one before it.
    pub(super) fn beside(&self, line: usize, is_barred: impl Fn(usize) -> bool) -> impl Iterator<Item = usize> {
        [self.after(line), self.before(line)].into_iter().flatten().filter(move |line| !is_barred(*line)).take(1)
    }

    fn before(&self, line: usize) -> Option<usize> {
        (0..self.candidates.len()).find(|other| self.candidates[line].line.follows(&self.candidates[*other].line))
    }

    fn after(&self, line: usize) -> Option<usize> {
        (0..self.candidates.len()).find(|other| self.candidates[*other].line.follows(&self.candidates[line].line))
    }
}

/// Whether a sentence points back at one before it, such as `It then restarts`.
pub(super) fn dangles(text: &str) -> bool {
    const FIRST: [&str; 29] = [
        "yes",
        "no",
        "oui",
        "non",
        "si",
        "ce",
        "cet",
        "cette",
        "ces",
        "this",
        "that",
        "these",
        "those",
        "it",
        "they",
        "he",
        "she",
        "however",
        "but",
        "then",
        "otherwise",
        "cela",
        "celui-ci",
        "celle-ci",
        "il",
        "elle",
        "ils",
        "cependant",
        "sinon",
    ];
    const ANYWHERE: [&str; 5] = ["in that case", "by contrast", "au contraire", "dans ce cas", " alors "];
    let folded = fold(text);
    let first = folded.split(|c: char| !c.is_alphanumeric() && c != '-').find(|word| !word.is_empty());
    first.is_some_and(|first| FIRST.contains(&first)) || ANYWHERE.iter().any(|phrase| folded.contains(phrase))
}
