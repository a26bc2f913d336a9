//! A conversation in a few of its own sentences: who said what, in the order in which it was said.

use std::collections::BTreeMap;

use crate::domain::triage::Source;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::Compared;
use crate::lines::words::share;

/// A sentence of fewer words tells nothing, one of more tells too much at once.
const WORDS: std::ops::RangeInclusive<usize> = 5..=40;
/// At least this share of a sentence's characters are letters: what has fewer is code, a table or an address.
const LETTERS: f64 = 0.7;
/// How many sentences of one message are told at most.
const OF_A_MESSAGE: usize = 2;
/// What it counts to open a message, beside being in the middle of the matter; later places count their part of it.
const FIRST: f64 = 0.5;
/// What each sentence already told of the same message takes away, so that everybody has a say.
const SAID_ALREADY: f64 = 0.5;
/// What it takes away to be fully like a sentence that is told already.
const TOLD_ALREADY: f64 = 0.5;

/// The lines that tell what a conversation was about, within a number of words, in their order.
///
/// Greedy, after Carbonell and Goldstein, *The Use of MMR* (1998): each time the sentence that is nearest to the middle of all, early in its
/// message, of whoever has said least so far, and least like what is told already. All weights were chosen on the training part of the
/// e-mail threads of `ConvoSumm`.
#[must_use]
pub fn retold(lines: &[Line<'_>], most_words: usize) -> Vec<usize> {
    let candidates = candidates(lines);
    let said: Vec<Line<'_>> = candidates.iter().map(|line| lines[*line].clone()).collect();
    let compared = Compared::new(&said);
    let centrality = compared.centrality();
    let places = places(&said);
    let words: Vec<usize> = said.iter().map(|line| count_words(line.text)).collect();
    let mut chosen: Vec<usize> = Vec::new();
    let mut left = most_words;
    loop {
        let of_the_same = |line: usize| chosen.iter().filter(|other| said[**other].source == said[line].source).count();
        let likest = |line: usize| chosen.iter().map(|other| compared.between(line, *other)).fold(0.0, f64::max);
        let worth = |line: usize| {
            centrality[line] + FIRST * share(1, places[line] + 1) - SAID_ALREADY * share(of_the_same(line), 1) - TOLD_ALREADY * likest(line)
        };
        let next = (0..said.len())
            .filter(|line| !chosen.contains(line) && words[*line] <= left && of_the_same(*line) < OF_A_MESSAGE)
            .max_by(|a, b| worth(*a).total_cmp(&worth(*b)).then(b.cmp(a)));
        let Some(next) = next else { break };
        left -= words[next];
        chosen.push(next);
    }
    chosen.sort_unstable();
    chosen.into_iter().map(|line| candidates[line]).collect()
}

fn candidates(lines: &[Line<'_>]) -> Vec<usize> {
    let acts = Acts::of_all(lines);
    let tells = |line: &usize| {
        let text = lines[*line].text;
        let letters = text.chars().filter(|character| character.is_alphabetic()).count();
        !acts[*line].is_idle()
            && !acts[*line].has(Act::Tampering)
            && WORDS.contains(&count_words(text))
            && share(letters, text.chars().count()) >= LETTERS
    };
    (0..lines.len()).filter(tells).collect()
}

/// The place of each line among those of its message, from 0.
fn places(lines: &[Line<'_>]) -> Vec<usize> {
    let mut next: BTreeMap<Source, usize> = BTreeMap::new();
    lines
        .iter()
        .map(|line| {
            let place = next.entry(line.source).or_default();
            *place += 1;
            *place - 1
        })
        .collect()
}

fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::PersonRole;
    use crate::lines::testing::{EN, directory, thread, thread_lines};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";

    fn told(messages: &[(&str, i64, &str)], most_words: usize) -> Vec<String> {
        let people =
            directory(&[(TOM, "Tom Hart", "support", PersonRole::Agent, &[]), (ANA, "Ana Blum", "lab", PersonRole::Expert, &[])], &[]);
        let history = thread(&[ANA], messages);
        let lines = thread_lines(&history, &people, EN);
        retold(&lines, most_words).into_iter().map(|line| format!("{}: {}", lines[line].title, lines[line].text)).collect()
    }

    #[test]
    fn everybody_has_a_say_in_the_order_of_the_conversation() {
        let told = told(
            &[
                (TOM, 0, "Hi Ana,\nthe router drops the line every night at two. The customer has restarted the router twice this week."),
                (ANA, 9, "The router drops the line because its firmware looks for updates at two. Thanks!"),
                (TOM, 20, "Can we turn the nightly update of the firmware off for him?"),
            ],
            40,
        );
        let who: Vec<&str> = told.iter().filter_map(|line| line.split(':').next()).collect();
        assert_eq!(who, ["Tom Hart", "Ana Blum", "Tom Hart"], "{told:?}");
    }

    #[test]
    fn no_more_words_are_told_than_wanted_and_neither_thanks_nor_code() {
        let told = told(
            &[(
                TOM,
                0,
                "Thank you very much for your help, Ana.\n\nx = [1, 2, 3]; y = {4, 5}; z = x + y - 7;\n\nThe pack is swollen at one end.",
            )],
            8,
        );
        assert_eq!(told, ["Tom Hart: The pack is swollen at one end."]);
        assert_eq!(retold(&[], 50), [0_usize; 0]);
    }
}
