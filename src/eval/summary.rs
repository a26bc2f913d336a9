//! What a conversation came to, in a few of its own sentences under their speakers' names, beside what somebody wrote of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use backchannel_measure::text::{rouge_stemmed, tokens};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::id::{MessageId, ThreadId};
use crate::domain::triage::Source;
use crate::domain::vocabulary::Language;
use crate::eval::error::EvalError;
use crate::eval::item::{Item, Said};
use crate::eval::metric::count;
use crate::eval::records::{MessageRecord, ThreadRecord, read};
use crate::eval::suite::Suite;
use crate::eval::{Encode, Measured};
use crate::lines::Line;
use crate::text::clean::{CleanText, clean};
use crate::text::{language, quotes, sentence};
use crate::threads::retold;
use crate::threads::salience::salient;

/// What is measured: agreement in words, pairs of words and order, the length beside the references', and the same of the first sentences.
pub(super) const MEASURES: [&str; 7] = ["rouge1", "rouge2", "rougeL", "length", "lead_rouge1", "lead_rouge2", "lead_rougeL"];
/// How long a summary is, the names apart, in words: about as long as the references of the training part.
pub(super) const WORDS: usize = 66;
/// How long the answer to a question is: about as long as those of the training part.
pub(super) const ANSWER_WORDS: usize = 66;
/// How many sentences from the beginning a summary is held against.
const LEAD: usize = 3;

/// How far a summary agrees with what somebody wrote.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Its words.
    pub words: usize,
    /// The words of what somebody wrote, on average.
    pub reference_words: usize,
    /// ROUGE-1, ROUGE-2 and ROUGE-L; by `lead`, of the first sentences in its place.
    pub rouge: BTreeMap<String, [f64; 3]>,
}

pub(super) async fn measure(suite: &Suite, data: &Path, encoder: &impl Encode) -> Result<Measured, EvalError> {
    let threads: Vec<ThreadRecord> = read(data, &suite.test)?;
    let read = Read::all(&threads, encoder).await?;
    let mut items = Vec::with_capacity(threads.len());
    for ((thread, place), number) in threads.iter().zip(0_usize..).zip(1_usize..) {
        let (lines, question) = (read.lines(place), read.question(place));
        let told: Vec<String> = told(&lines, &question).into_iter().map(|line| attributed(lines[line].title, lines[line].text)).collect();
        let told = told.join(" ");
        let lead: Vec<&str> = lines.iter().take(LEAD).map(|line| line.text).collect();
        let references: usize = thread.references.iter().map(|reference| tokens(reference).len()).sum();
        let summary = Summary {
            words: tokens(&told).len(),
            reference_words: references / thread.references.len().max(1),
            rouge: [(String::new(), agreement(&told, thread)), ("lead".to_owned(), agreement(&lead.join(" "), thread))].into(),
        };
        items.push(Item { id: number.to_string(), lang: None, half: None, said: Said::Summary(summary) });
    }
    if items.is_empty() {
        return Err(EvalError::TooLittle(format!("suite `{}` has no conversation", suite.name)));
    }
    Ok(Measured { items, ..Measured::default() })
}

/// The lines that are told: of a conversation as a whole as the product tells it, of a question what the head says.
fn told(lines: &[Line<'_>], question: &[Line<'_>]) -> Vec<usize> {
    if question.is_empty() { retold(lines, WORDS) } else { salient(lines, question, ANSWER_WORDS) }
}

/// Conversations in sentences with their vectors, each text encoded once: several questions may be asked of one.
pub(super) struct Read {
    conversations: Vec<Rc<[Sentence]>>,
    questions: Vec<Vec<Sentence>>,
    vectors: HashMap<String, Vec<f32>>,
}

impl Read {
    pub(super) async fn all(threads: &[ThreadRecord], encoder: &impl Encode) -> Result<Self, EvalError> {
        let mut conversations: Vec<Rc<[Sentence]>> = Vec::with_capacity(threads.len());
        for (place, thread) in threads.iter().enumerate() {
            let is_same = place > 0 && threads[place - 1].messages == thread.messages;
            let cut = if is_same { Rc::clone(&conversations[place - 1]) } else { sentences(&thread.messages).into() };
            conversations.push(cut);
        }
        let questions: Vec<Vec<Sentence>> =
            threads.iter().map(|thread| thread.query.as_deref().map(question).unwrap_or_default()).collect();
        let mut texts: Vec<CleanText> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        for sentence in conversations.iter().flat_map(|cut| cut.iter()).chain(questions.iter().flatten()) {
            if seen.insert(sentence.text.as_str().to_owned()) {
                texts.push(sentence.text.clone());
            }
        }
        let found = encoder.vectors(texts.clone()).await?;
        let vectors = texts.into_iter().map(|text| text.as_str().to_owned()).zip(found).collect();
        Ok(Self { conversations, questions, vectors })
    }

    pub(super) fn lines(&self, place: usize) -> Vec<Line<'_>> {
        self.conversations[place].iter().map(|sentence| self.line(sentence)).collect()
    }

    pub(super) fn question(&self, place: usize) -> Vec<Line<'_>> {
        self.questions[place].iter().map(|sentence| self.line(sentence)).collect()
    }

    fn line<'l>(&'l self, sentence: &'l Sentence) -> Line<'l> {
        sentence.line(self.vectors.get(sentence.text.as_str()).map_or(&[], Vec::as_slice))
    }
}

/// A question as the product reads it.
fn question(query: &str) -> Vec<Sentence> {
    sentences(&[MessageRecord { from: String::new(), text: query.to_owned() }])
}

fn agreement(told: &str, thread: &ThreadRecord) -> [f64; 3] {
    let found = rouge_stemmed(told, &thread.references);
    [found.rouge_1, found.rouge_2, found.rouge_l].map(|rouge| rouge.map_or(0.0, |rouge| rouge.f_measure))
}

/// A metric of some summaries.
pub(super) fn value(base: &str, items: &[&Summary]) -> Option<f64> {
    if base == "length" {
        let of = |words: fn(&Summary) -> usize| count(items.iter().map(|item| words(item)).sum());
        let references = of(|item| item.reference_words);
        return (references > 0.0).then(|| of(|item| item.words) / references);
    }
    let (way, measure) = base.rsplit_once('_').unwrap_or(("", base));
    let place = ["rouge1", "rouge2", "rougeL"].iter().position(|name| *name == measure)?;
    let values: Vec<f64> = items.iter().filter_map(|item| item.rouge.get(way).map(|rouge| rouge[place])).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count(values.len()))
}

/// A sentence of a conversation.
struct Sentence {
    source: Source,
    speaker: String,
    text: CleanText,
    language: Language,
    position: usize,
}

impl Sentence {
    fn line<'l>(&'l self, vector: &'l [f32]) -> Line<'l> {
        Line {
            source: self.source,
            author: None,
            title: &self.speaker,
            at: None,
            language: self.language,
            text: self.text.as_str(),
            span: 0..self.text.as_str().len(),
            vector: Some(vector),
            position: self.position,
        }
    }
}

/// What each message adds, as the product reads it: without quotes, signatures and greetings, in sentences.
fn sentences(messages: &[MessageRecord]) -> Vec<Sentence> {
    let cut = messages.iter().zip(1_u128..).flat_map(|(message, number)| {
        let body = quotes::strip(&clean(&message.text)).kept;
        let language = language::detect(body.as_str()).map_or(Language::ENGLISH, |(language, _)| language);
        let source = Source::Message(ThreadId::from_uuid(Uuid::nil()), MessageId::from_uuid(Uuid::from_u128(number)));
        let cut = sentence::sentences(&body, language).into_iter().enumerate().map(move |(position, sentence)| Sentence {
            source,
            speaker: first_name(&message.from).to_owned(),
            text: clean(&sentence.text),
            language,
            position,
        });
        cut.collect::<Vec<_>>()
    });
    cut.filter(|sentence| !sentence.text.is_empty()).collect()
}

/// How people call each other: the first name, also where the last one comes first, and what stands before the `@` of an address.
fn first_name(name: &str) -> &str {
    let name = name.split_once(',').map_or(name, |(_, first)| first).trim();
    let first = name.split_whitespace().next().unwrap_or(name);
    first.split_once('@').map_or(first, |(account, _)| account)
}

/// A sentence under its speaker's name; a word that only leans on the sentence before it goes.
pub(super) fn attributed(speaker: &str, sentence: &str) -> String {
    const LEANING: [&str; 10] = ["However", "But", "So", "And", "Well", "Also", "Thus", "Therefore", "Actually", "Hence"];
    let (first, rest) = sentence.split_once(' ').unwrap_or(("", sentence));
    let leans = LEANING.contains(&first.trim_end_matches(','));
    let sentence = if leans { rest } else { sentence };
    let says = if sentence.ends_with('?') { "asks" } else { "says that" };
    format!("{speaker} {says} {sentence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::tests::{Letters, measured_with};

    #[test]
    fn people_are_called_by_their_first_names() {
        for (name, called) in [("Ana Blum", "Ana"), ("Blum, Ana", "Ana"), ("ana@lab.example", "ana"), ("Ana", "Ana"), ("", "")] {
            assert_eq!(first_name(name), called);
        }
        assert_eq!(attributed("Ana", "However, the pack is swollen."), "Ana says that the pack is swollen.");
        assert_eq!(attributed("Tom", "Is it safe?"), "Tom asks Is it safe?");
    }

    #[test]
    fn a_summary_is_held_against_what_somebody_wrote_and_against_the_first_sentences() {
        let thread = "{\"messages\": [{\"from\": \"Tom Hart\", \"text\": \"Hi Ana,\\nthe battery pack is swollen at one end. Is it safe to \
                      send the pack back by post?\\n\\n> an older mail\"}, {\"from\": \"Ana Blum\", \"text\": \"Nobody may send a swollen \
                      battery pack by post. A courier with a steel box must fetch the pack.\"}], \"references\": [\"Tom says that the \
                      battery pack is swollen and asks if it is safe to send back by post. Ana says that a courier must fetch it.\"]}\n";
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("t.jsonl"), thread).unwrap();
        let suite = "name = \"x\"\ntask = \"thread_summary\"\ntest = [\"t.jsonl\"]\nmetrics = [\"rouge1\", \"lead_rouge1\", \"length\"]\n";
        let metrics = measured_with(&toml::from_str(suite).unwrap(), folder.path(), &Letters).unwrap();
        let value = |place: usize| metrics[place].value.unwrap();
        assert!(value(0) > 0.6 && value(0) > value(1) && value(1) > 0.2, "{metrics:?}");
        assert!((1.0..2.5).contains(&value(2)), "{metrics:?}");
    }
}
