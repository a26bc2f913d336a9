//! Which sentences of a conversation belong in a summary of it, or in the answer to a question about it: a small head that comes along.
//!
//! It reads numbers alone (how central, where, how long, what the sentence does, how like the question it and what stands around it are), so
//! that it speaks with every encoder and with none, and of languages that it did not learn from. See `models/salience.md`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use backchannel_learn::compact::{CompactHead, Heads, Writing, write};
use backchannel_learn::features::Features;
use backchannel_learn::linear::{Choice, Example, Fitted};

use crate::domain::triage::Source;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::{Compared, likeness};
use crate::lines::words::{Words, share};

/// Names of heads: of a whole conversation, and of a question about one.
const HEADS: [&str; 2] = ["conversation", "question"];
/// What a sentence is.
const LABELS: [&str; 2] = ["passed over", "told"];
/// A sentence of fewer words tells nothing, one of more tells too much at once; in speech sentences run on.
const WORDS: std::ops::RangeInclusive<usize> = 5..=60;
/// At least this share of a sentence's characters are letters: what has fewer is code, a table or an address.
const LETTERS: f64 = 0.7;
/// Of a long conversation so many sentences are looked at, those nearest to the question.
const LOOKED_AT: usize = 80;
/// So far around a sentence is looked for what the question is about.
const AROUND: usize = 3;
/// What it takes away to be fully like a sentence that is told already, and what each takes away that is told of the same message.
const TOLD_ALREADY: f64 = 0.2;
/// See [`TOLD_ALREADY`].
const SAID_ALREADY: f64 = 0.2;
/// How many sentences of one message are told at most.
const OF_A_MESSAGE: usize = 3;
/// The numbers are few and the examples many: little holds them back.
const CHOICE: Choice = Choice { cost: 10.0, sparse: 0.0 };

static BYTES: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/salience.head"));
static SALIENCE: LazyLock<Heads<'static>> =
    LazyLock::new(|| Heads::read(BYTES).expect("the heads that are compiled in can be read, as a test checks: this is a bug"));

/// Sentences that may be told, each with what a head reads of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    /// The lines, in their order.
    pub lines: Vec<usize>,
    /// What is read of each.
    pub features: Vec<Features>,
}

/// A sentence to learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// What is read of it.
    pub features: Features,
    /// Whether it belongs in the summary.
    pub is_told: bool,
}

/// The sentences of a conversation that may be told, of a long one those that are near a question.
#[must_use]
pub fn candidates(lines: &[Line<'_>], question: &[Line<'_>]) -> Candidates {
    let compared = Compared::new(lines);
    let acts = Acts::of_all(lines);
    let near = near(question, &compared);
    let mut chosen: Vec<usize> = (0..lines.len()).filter(|line| tells(&lines[*line], acts[*line])).collect();
    if chosen.len() > LOOKED_AT {
        let worth = |line: usize| near[line] + around(&near, line);
        chosen.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)).then(a.cmp(b)));
        chosen.truncate(LOOKED_AT);
        chosen.sort_unstable();
    }
    let kept: Vec<Line<'_>> = chosen.iter().map(|line| lines[*line].clone()).collect();
    let among = Compared::new(&kept);
    let (centrality, places) = (among.centrality(), places(lines));
    let nearest = near.iter().copied().fold(0.0, f64::max).max(1e-6);
    let messages = places.iter().filter(|place| **place == 0).count().max(1);
    let ordinal = ordinals(lines);
    let features = chosen
        .iter()
        .enumerate()
        .map(|(place, line)| {
            let has = |act| if acts[*line].has(act) { 1.0 } else { 0.0 };
            let words = compared.words(*line);
            let length = lines[*line].text.split_whitespace().count();
            let of_message = (0..lines.len()).filter(|other| lines[*other].source == lines[*line].source).map(|other| near[other]);
            let told = [
                centrality[place],
                share(1, places[*line] + 1),
                share(ordinal[*line], messages),
                if ordinal[*line] == 0 { 1.0 } else { 0.0 },
                if ordinal[*line] + 1 == messages { 1.0 } else { 0.0 },
                share(length.min(40), 40),
                share(words.stems.len().min(20), 20),
                share(words.figures.len().min(3), 3),
                has(Act::Question),
                has(Act::Request),
                has(Act::Decision),
                has(Act::Promise),
                has(Act::Holding),
                has(Act::Instruction),
                has(Act::Trouble),
                has(Act::Correction),
                near[*line],
                near[*line] / nearest,
                around(&near, *line),
                of_message.fold(0.0, f64::max),
                near[*line] * centrality[place],
            ];
            Features { told: told.iter().map(|number| narrow(*number)).collect(), ..Features::default() }
        })
        .collect();
    Candidates { lines: chosen, features }
}

/// The lines that tell what a conversation came to, or what was said about a question, within a number of words, in their order.
#[must_use]
pub fn salient(lines: &[Line<'_>], question: &[Line<'_>], most_words: usize) -> Vec<usize> {
    let found = chances(lines, question);
    let (among, worth): (Vec<usize>, Vec<f64>) = found.into_iter().unzip();
    choose(lines, &among, &worth, most_words)
}

/// How likely it is of each line that may be told that it is, in their order.
#[must_use]
pub fn chances(lines: &[Line<'_>], question: &[Line<'_>]) -> Vec<(usize, f64)> {
    let Candidates { lines: among, features } = candidates(lines, question);
    let head = SALIENCE.named(HEADS[usize::from(!question.is_empty())]);
    let chance = |head: &CompactHead<'_>, features: &Features| head.probabilities(features).get(1).copied().unwrap_or_default();
    let chances = features.iter().map(|features| head.map_or(0.0, |head| chance(head, features)));
    among.into_iter().zip(chances).collect()
}

/// Greedy, after Carbonell and Goldstein, *The Use of MMR* (1998): each time the likeliest sentence that is least like what is told already.
fn choose(lines: &[Line<'_>], among: &[usize], worth: &[f64], most_words: usize) -> Vec<usize> {
    let kept: Vec<Line<'_>> = among.iter().map(|line| lines[*line].clone()).collect();
    let compared = Compared::new(&kept);
    let most = worth.iter().copied().fold(0.0, f64::max).max(1e-9);
    let mut chosen: Vec<usize> = Vec::new();
    let mut left = most_words;
    loop {
        let of_the_same = |place: usize| chosen.iter().filter(|other| kept[**other].source == kept[place].source).count();
        let likest = |place: usize| chosen.iter().map(|other| compared.between(place, *other)).fold(0.0, f64::max);
        let score = |place: usize| worth[place] / most - TOLD_ALREADY * likest(place) - SAID_ALREADY * share(of_the_same(place), 1);
        let words = |place: usize| kept[place].text.split_whitespace().count();
        let next = (0..kept.len())
            .filter(|place| !chosen.contains(place) && words(*place) <= left && of_the_same(*place) < OF_A_MESSAGE)
            .max_by(|a, b| score(*a).total_cmp(&score(*b)).then(b.cmp(a)));
        let Some(next) = next else { break };
        left -= words(next);
        chosen.push(next);
    }
    chosen.sort_unstable();
    chosen.into_iter().map(|place| among[place]).collect()
}

/// The bytes of both heads; `None` where there are too few sentences of either. The same sentences give the same bytes.
#[must_use]
pub fn learn(of_conversations: &[Labelled], of_questions: &[Labelled]) -> Option<Vec<u8>> {
    let fit = |labelled: &[Labelled]| {
        let examples: Vec<Example<'_>> = labelled.iter().enumerate().map(example).collect();
        Fitted::learn(&examples, LABELS.len(), Some(CHOICE))
    };
    let (conversations, questions) = (fit(of_conversations)?, fit(of_questions)?);
    let head = |name, fitted| Writing { name, labels: &LABELS, fitted, columns: 1 };
    write("", &[head(HEADS[0], &conversations), head(HEADS[1], &questions)])
}

fn example((key, Labelled { features, is_told }): (usize, &Labelled)) -> Example<'_> {
    Example { features, class: usize::from(*is_told), key, counts: true }
}

/// How like a question each line is; 0 of everything where none is asked.
fn near(question: &[Line<'_>], compared: &Compared<'_>) -> Vec<f64> {
    let lines = compared.lines();
    let asked: Vec<BTreeMap<_, Words>> = question
        .iter()
        .map(|asked| {
            // The words of the question as the languages of the sentences stem them.
            lines.iter().map(|line| line.language).map(|language| (language, Words::of(asked.text, language))).collect()
        })
        .collect();
    let to = |line: usize, (one, words): (&Line<'_>, &BTreeMap<_, Words>)| {
        let words = words.get(&lines[line].language);
        words.map_or(0.0, |words| likeness((one, words), (&lines[line], compared.words(line)), compared.rarity()))
    };
    (0..lines.len()).map(|line| question.iter().zip(&asked).map(|asked| to(line, asked)).fold(0.0, f64::max)).collect()
}

/// How near the question what stands around a sentence is, on average.
fn around(near: &[f64], line: usize) -> f64 {
    let from = line.saturating_sub(AROUND);
    let to = (line + AROUND + 1).min(near.len());
    let others = (from..to).filter(|other| *other != line).map(|other| near[other]);
    others.sum::<f64>() / share((to - from).saturating_sub(1).max(1), 1)
}

fn tells(line: &Line<'_>, acts: Acts) -> bool {
    let letters = line.text.chars().filter(|character| character.is_alphabetic()).count();
    !acts.is_idle() && WORDS.contains(&line.text.split_whitespace().count()) && share(letters, line.text.chars().count()) >= LETTERS
}

/// The place of each line among those of its message, from 0.
fn places(lines: &[Line<'_>]) -> Vec<usize> {
    let mut next: BTreeMap<Source, usize> = BTreeMap::new();
    let place = |line: &Line<'_>| {
        let place = next.entry(line.source).or_default();
        *place += 1;
        *place - 1
    };
    lines.iter().map(place).collect()
}

/// The number of the message of each line, from 0.
fn ordinals(lines: &[Line<'_>]) -> Vec<usize> {
    let mut seen: BTreeMap<Source, usize> = BTreeMap::new();
    lines
        .iter()
        .map(|line| {
            let next = seen.len();
            *seen.entry(line.source).or_insert(next)
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, reason = "shares and likenesses are small")]
const fn narrow(number: f64) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Directory;
    use crate::lines::testing::{EN, line, thread, thread_lines};

    const TOM: &str = "tom@desk.example";
    const ANA: &str = "ana@lab.example";

    fn told(question: &str, most_words: usize) -> Vec<String> {
        let messages = [
            (
                TOM,
                0,
                "Two things came in today. Does the warranty cover the swollen pack of this customer? May the courier fetch the router?",
            ),
            (
                ANA,
                9,
                "The warranty covers the pack for two years from the day of delivery. The courier fetches the router on Monday. Thanks!",
            ),
        ];
        let (history, people) = (thread(&[ANA], &messages), Directory::default());
        let lines = thread_lines(&history, &people, EN);
        let question: Vec<Line<'_>> = if question.is_empty() { Vec::new() } else { vec![line(question, EN)] };
        salient(&lines, &question, most_words).into_iter().map(|line| lines[line].text.to_owned()).collect()
    }

    #[test]
    fn what_comes_along_is_whole_and_small() {
        let heads = Heads::read(BYTES).unwrap();
        for name in HEADS {
            assert_eq!(heads.named(name).unwrap().labels(), LABELS);
        }
        assert!(BYTES.len() < 2_000, "{}", BYTES.len());
    }

    #[test]
    fn a_question_is_answered_with_what_is_about_it() {
        let about = told("What about the warranty of the pack?", 14);
        assert_eq!(about.len(), 1, "{about:?}");
        assert!(about[0].contains("warranty"), "{about:?}");
    }

    #[test]
    fn no_more_words_are_told_than_wanted_and_thanks_never() {
        let words = |told: &[String]| told.iter().map(|text| text.split_whitespace().count()).sum::<usize>();
        let told = told("", 30);
        assert!(words(&told) <= 30 && !told.is_empty() && !told.contains(&"Thanks!".to_owned()), "{told:?}");
        assert_eq!(salient(&[], &[], 50), [0_usize; 0]);
    }

    #[test]
    fn the_same_sentences_give_the_same_bytes() {
        let labelled: Vec<Labelled> = (0..60_u8)
            .map(|i| Labelled {
                features: Features { told: vec![f32::from(i % 7), f32::from(i % 2)], ..Features::default() },
                is_told: i % 2 == 0,
            })
            .collect();
        let bytes = learn(&labelled, &labelled).unwrap();
        assert_eq!(bytes, learn(&labelled, &labelled).unwrap());
        assert!(learn(&labelled[..1], &labelled).is_none());
    }
}
