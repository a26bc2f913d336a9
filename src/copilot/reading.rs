//! Reading on from a sentence: what belongs to it in its passage, and what else of its document answers as well.

use std::collections::VecDeque;

use crate::copilot::contradiction::document;
use crate::copilot::reply::{BESIDE_THE_BEST, Candidate, NEAR_THE_BEST_PASSAGE};
use crate::lines::words::fold;

/// So many sentences of one passage are read together at most.
const READ_TOGETHER: usize = 4;
/// Another sentence of the best one's document answers as well when it has so much of its relevance, and so many do at most.
const AS_GOOD: f64 = 0.85;
const OTHERS: usize = 2;
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

    /// Other sentences that meet the ask as the best one does, of its document or of another passage that is as good, best first: a
    /// ticket often has two questions.
    pub(super) fn as_good(&self, home: usize) -> Vec<usize> {
        let (candidates, relevance) = (self.candidates, self.relevance);
        let is_near = |line: &usize| {
            let at_home = document(&candidates[*line]).is_some_and(|of| document(&candidates[home]) == Some(of));
            let enough = if at_home { AS_GOOD } else { BETTER_THAN_HOME };
            (at_home || candidates[*line].weight >= NEAR_THE_BEST_PASSAGE) && relevance[*line] > enough * relevance[home]
        };
        let mut good: Vec<usize> = (0..candidates.len()).filter(|line| *line != home).filter(is_near).collect();
        good.sort_by(|a, b| relevance[*b].total_cmp(&relevance[*a]).then(a.cmp(b)));
        good.truncate(OTHERS);
        good
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
    const FIRST: [&str; 20] = [
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
