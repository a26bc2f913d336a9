//! Which words of a message were copied from texts that its recipients may not read.
//!
//! Words are compared folded and in their order, whatever stands between them: other white space, quotes, capitals and accents change
//! nothing. A run of words is copied where it is most of a closed sentence, or long, and is not said in what everybody concerned may read.
//! Source of the idea: Broder, *On the resemblance and containment of documents* (1997), with runs in place of sets of shingles.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::lines::telling::is_telling;
use crate::lines::words::{fold, share};

// The bounds were chosen on the even lines of `eval/texts/leak.jsonl`.
/// Runs are looked for by so many words in a row.
const SEED: usize = 3;
/// A run of fewer words is nobody's.
const LEAST: usize = 4;
/// A run of so many words is copied, whatever the rest of its sentence says.
const LONG: usize = 9;
/// A shorter run is most of its sentence.
const MOST_OF_SENTENCE: f64 = 0.6;
/// What everybody may read is compared by so many words in a row.
const OPEN: usize = 4;
/// So many words may be changed, put in or left out between two runs that are one copy.
const CHANGED: usize = 2;
/// So many runs back a run is looked for that another one follows.
const NEAR_CHAINS: usize = 64;
/// A short run says something where so many of its words do.
const TELLING: usize = 2;
/// A short sentence that is copied whole says something with one such word, if it has so many words.
const WHOLE: usize = 6;

/// A text as words, each with where it stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Worded {
    words: Vec<u64>,
    tells: Vec<bool>,
    spans: Vec<Range<usize>>,
}

/// What everybody concerned may read, by words in a row.
#[derive(Debug, Clone, Default)]
pub(super) struct Open(HashSet<u64>);

/// Words in a row that stand in a sentence and in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    from: usize,
    at: usize,
    length: usize,
}

/// A message, found by words in a row.
#[derive(Debug)]
pub(super) struct Sought<'a> {
    message: &'a Worded,
    places: HashMap<u64, Vec<usize>>,
}

impl Worded {
    /// Cuts a text into words.
    pub(super) fn of(text: &str) -> Self {
        let mut worded = Self::default();
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match (start, c.is_alphanumeric()) {
                (None, true) => start = Some(at),
                (Some(begun), false) => {
                    let word = fold(&text[begun..at]);
                    worded.words.push(hash(&word));
                    worded.tells.push(is_telling(&word));
                    worded.spans.push(begun..at);
                    start = None;
                }
                _ => {}
            }
        }
        worded
    }
}

impl Open {
    /// Adds a text that everybody concerned may read.
    pub(super) fn add(&mut self, text: &Worded) {
        self.0.extend(text.words.windows(OPEN).map(hash));
    }

    /// Which words of a text stand in such texts, in their row.
    fn of(&self, text: &Worded) -> Vec<bool> {
        let mut open = vec![false; text.words.len()];
        for (place, row) in text.words.windows(OPEN).enumerate() {
            if self.0.contains(&hash(row)) {
                open[place..place + OPEN].fill(true);
            }
        }
        open
    }
}

impl<'a> Sought<'a> {
    /// A message in which runs are looked for.
    pub(super) fn new(message: &'a Worded) -> Self {
        let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
        for (place, row) in message.words.windows(SEED).enumerate() {
            places.entry(hash(row)).or_default().push(place);
        }
        Self { message, places }
    }

    /// Where the runs of the message stand that were copied from a closed sentence, in bytes.
    pub(super) fn copied(&self, sentence: &Worded, open: &Open) -> Vec<Range<usize>> {
        let open_words = open.of(sentence);
        let closed = open_words.iter().filter(|is_open| !**is_open).count();
        let mut found = Vec::new();
        for chain in chains(self.runs(sentence)) {
            let (Some(first), Some(last)) = (chain.first(), chain.last()) else { continue };
            // What everybody may read is no part of what was copied.
            let secret = |run: &Run| {
                let (from, at) = (run.from, run.at);
                (0..run.length).filter(|word| !open_words[from + word]).map(move |word| at + word).collect::<Vec<_>>()
            };
            let words: Vec<usize> = chain.iter().flat_map(secret).collect();
            if self.is_secret(&words, closed) {
                found.push(self.message.spans[first.at].start..self.message.spans[last.at + last.length - 1].end);
            }
        }
        found
    }

    /// The runs of words that a sentence shares with the message, each as long as it goes.
    fn runs(&self, sentence: &Worded) -> Vec<Run> {
        let mut runs = Vec::new();
        for (from, row) in sentence.words.windows(SEED).enumerate() {
            for at in self.places.get(&hash(row)).into_iter().flatten() {
                // The run that began a word earlier has it already.
                if from > 0 && *at > 0 && sentence.words[from - 1] == self.message.words[*at - 1] {
                    continue;
                }
                let length = sentence.words[from..].iter().zip(&self.message.words[*at..]).take_while(|(a, b)| a == b).count();
                runs.push(Run { from, at: *at, length });
            }
        }
        runs
    }

    /// Whether these words of the message, of so many that a sentence has, say what it says.
    fn is_secret(&self, words: &[usize], of: usize) -> bool {
        let telling: HashSet<u64> = words.iter().filter(|word| self.message.tells[**word]).map(|word| self.message.words[*word]).collect();
        if words.len() >= LONG {
            return !telling.is_empty();
        }
        let tells = telling.len() >= TELLING || (!telling.is_empty() && words.len() >= WHOLE && words.len() >= of);
        tells && words.len() >= LEAST && share(words.len(), of) >= MOST_OF_SENTENCE
    }
}

/// Runs that follow each other in both texts with little between them, as one: a word that was changed does not make two copies.
fn chains(mut runs: Vec<Run>) -> Vec<Vec<Run>> {
    runs.sort_by_key(|run| (run.at, run.from));
    let mut chains: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        let follows = |chain: &&mut Vec<Run>| {
            chain.last().is_some_and(|last| {
                let (from, at) = (last.from + last.length, last.at + last.length);
                (from..=from + CHANGED).contains(&run.from) && (at..=at + CHANGED).contains(&run.at)
            })
        };
        match chains.iter_mut().rev().take(NEAR_CHAINS).find(follows) {
            Some(chain) => chain.push(run),
            None => chains.push(vec![run]),
        }
    }
    chains
}

fn hash(thing: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(message: &str, closed: &str, open: &[&str]) -> Vec<String> {
        let worded = Worded::of(message);
        let mut said = Open::default();
        for text in open {
            said.add(&Worded::of(text));
        }
        let found = Sought::new(&worded).copied(&Worded::of(closed), &said);
        found.into_iter().map(|span| message[span].to_owned()).collect()
    }

    const NOTE: &str = "Refunded within my own limit, told the shop team again about the old page.";

    #[test]
    fn a_sentence_is_found_whatever_stands_between_its_words() {
        let message = "You ask why: “REFUNDED within my\nown limit — told the shop team again, about the old page”. Bye";
        assert_eq!(copied(message, NOTE, &[]), ["REFUNDED within my\nown limit — told the shop team again, about the old page"]);
        assert_eq!(
            copied("Un café déjà payé par la réserve.", "Un cafe deja paye par la reserve", &[]),
            ["Un café déjà payé par la réserve"]
        );
    }

    #[test]
    fn most_of_a_sentence_is_copied_and_a_few_words_of_a_long_one_are_not() {
        assert_eq!(copied("We told the shop team again about the old page.", NOTE, &[]), ["told the shop team again about the old page"]);
        assert!(copied("I refunded within my own means.", NOTE, &[]).is_empty());
    }

    #[test]
    fn a_word_that_was_changed_does_not_hide_a_copy() {
        let message = "Refunded within my own limit, informed the shop team again about the old page.";
        assert_eq!(copied(message, NOTE, &[]), [&message[..message.len() - 1]]);
    }

    #[test]
    fn what_is_public_in_a_copy_does_not_excuse_the_rest() {
        let closed = "Anything delivered from 14 November can come back until January and Finance pays the labels without asking.";
        let public = "Anything delivered from 14 November can come back until January.";
        assert!(copied(closed, closed, &[public]).len() == 1 && copied(public, closed, &[public]).is_empty());
    }

    #[test]
    fn what_everybody_may_read_is_no_secret() {
        assert!(copied("Refunded within my own limit, told the shop team again about the old page.", NOTE, &[NOTE]).is_empty());
    }

    #[test]
    fn phrases_of_every_letter_are_nobodys() {
        assert!(copied("Thank you for your patience.", "Thank you for your patience!", &[]).is_empty());
        assert!(copied("I can't promise that.", "I can't promise it.", &[]).is_empty());
    }
}
