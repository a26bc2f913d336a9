//! What a side conversation says about something that its reader asks for.

use std::collections::BTreeMap;

use crate::domain::told::Told;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::{Compared, likeness};
use crate::lines::words::Words;
use crate::threads::loose_ends::ThreadLines;
use crate::threads::retelling::{Manner, told};
use crate::threads::salience::chances;
use crate::threads::speakers::Speakers;
use crate::threads::summary::{REPEATS, Reading};
use crate::threads::withdrawn::withdrawn;

/// So many sentences are told at most.
const TOLD: usize = 5;
/// A sentence less like the question than this says nothing about it.
const SAYS_SOMETHING: f64 = 0.12;
/// Beside the best sentence others are told that are worth this share of it.
const BESIDE_THE_BEST: f64 = 0.5;
/// What a question counts beside what somebody says.
const ASKED: f64 = 0.6;
/// What a sentence has of the one before it, which it may answer or go on from.
const OF_THE_ONE_BEFORE: f64 = 0.35;

/// The sentences about a question, in the order in which they were said; none where nothing was said about it.
#[must_use]
pub fn about(question: &[Line<'_>], reading: &Reading<'_>, thread: &ThreadLines<'_>) -> Vec<Told> {
    let others: Vec<&str> = reading.customer.into_iter().collect();
    let speakers = Speakers::of(thread.history, reading.desk.directory, &others);
    chosen(question, thread)
        .into_iter()
        .filter_map(|line| {
            let line = &thread.lines[line];
            let manner = if Acts::of(line).has(Act::Question) { Manner::Asks } else { Manner::Says };
            told(line, line.cited(), manner, &speakers)
        })
        .collect()
}

fn chosen(question: &[Line<'_>], thread: &ThreadLines<'_>) -> Vec<usize> {
    let lines = thread.lines;
    let compared = Compared::new(lines);
    let acts = Acts::of_all(lines);
    let void = withdrawn(thread.history, lines).lines;
    let near = |line: usize| {
        let to = |asked: &Line<'_>| {
            // The words of the question as the language of the sentence stems them.
            let words = Words::of(asked.text, lines[line].language);
            likeness((asked, &words), (&lines[line], compared.words(line)), compared.rarity())
        };
        question.iter().map(to).fold(0.0, f64::max)
    };
    let near: Vec<f64> = (0..lines.len()).map(near).collect();
    let worth = |line: usize| {
        let follows = line.checked_sub(1).filter(|before| lines[line].at >= lines[*before].at);
        // An answer seldom repeats the words of what it answers.
        let carried = follows.map_or(0.0, |before| if acts[line].has(Act::Question) { 0.0 } else { OF_THE_ONE_BEFORE * near[before] });
        let settles = if acts[line].has(Act::Decision) || acts[line].has(Act::Instruction) { 0.05 } else { 0.0 };
        // What was asked is told only where nothing says it.
        let asked = if acts[line].has(Act::Question) { ASKED } else { 1.0 };
        (near[line] + carried) * asked + settles
    };
    let tells = |line: &usize| !acts[*line].is_idle() && !void.contains(line) && near[*line].max(worth(*line)) >= SAYS_SOMETHING;
    let mut ranked: Vec<(usize, f64)> = (0..lines.len()).filter(tells).map(|line| (line, worth(line))).collect();
    ranked.sort_by(|(a, one), (b, other)| other.total_cmp(one).then(a.cmp(b)));
    let Some(best) = ranked.first().map(|(_, worth)| *worth) else { return Vec::new() };
    ranked.retain(|(_, worth)| *worth >= best * BESIDE_THE_BEST);
    if ranked.len() > TOLD {
        // Of much that is about it, what belongs in a summary.
        let chances: BTreeMap<usize, f64> = chances(lines, question).into_iter().collect();
        let chance = |line: usize| chances.get(&line).copied().unwrap_or_default();
        ranked.sort_by(|(a, _), (b, _)| chance(*b).total_cmp(&chance(*a)).then(a.cmp(b)));
    }
    let mut chosen: Vec<usize> = Vec::new();
    for (line, _) in ranked {
        let is_new = chosen.iter().all(|other| compared.between(line, *other) < REPEATS);
        if chosen.len() < TOLD && is_new {
            chosen.push(line);
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Directory;
    use crate::lines::testing::{EN, line, thread, thread_lines};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";

    fn about_it(question: &str) -> Vec<String> {
        let messages = [
            (TOM, 0, "Two things. Does the warranty cover the swollen pack? And may the courier fetch the router?"),
            (ANA, 9, "The warranty covers the pack for two years. The courier may fetch the router on Monday."),
            (TOM, 20, "Thanks, Ana!"),
        ];
        let (history, people) = (thread(&[ANA], &messages), Directory::default());
        let lines = thread_lines(&history, &people, EN);
        let question = [line(question, EN)];
        chosen(&question, &ThreadLines { history: &history, lines: &lines }).into_iter().map(|line| lines[line].text.to_owned()).collect()
    }

    #[test]
    fn what_was_said_about_it_is_told_and_nothing_else() {
        let warranty = about_it("What did Ana say about the warranty?");
        assert!(warranty.contains(&"The warranty covers the pack for two years.".to_owned()), "{warranty:?}");
        assert!(!warranty.iter().any(|text| text.contains("router")), "{warranty:?}");
        assert_eq!(about_it("Is there news of the elephant?"), [""; 0]);
    }
}
