//! The heads that come with the product, learned from public sets and own texts: the same data, the same bytes.

use std::path::Path;

use crate::domain::vocabulary::Language;
use crate::eval::Encode;
use crate::eval::error::EvalError;
use crate::eval::oracle as summary;
use crate::eval::public::{self, Part};
use crate::eval::records::{MoodRecord, read};
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::threads::salience::learn;
use crate::triage::felt::{self, Labelled};

/// The part of the own texts that is learned from.
const TRAIN: &str = "train";

/// A head that was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// Its file.
    pub bytes: Vec<u8>,
    /// How many texts it learned from.
    pub learned_from: usize,
    /// What its vectors came from.
    pub encoder: Option<String>,
}

/// The language head, from the sentences of `tatoeba_112` and the own texts.
///
/// # Errors
/// [`EvalError`]: what is wrong with the data, and where.
pub fn language(data: &Path, texts: &Path) -> Result<Learned, EvalError> {
    let mut sentences = public::sentences(&data.join("tatoeba_112"), Part::Train)?;
    for record in own(texts, "sentiment.jsonl")?.into_iter().chain(own(texts, "urgency.jsonl")?) {
        sentences.push((record.text, record.lang.unwrap_or_default()));
    }
    let bytes = language::learn(&sentences).ok_or_else(too_little)?;
    Ok(Learned { bytes, learned_from: sentences.len(), encoder: None })
}

/// The sentiment heads, from the comments of `goemotions` and the own texts.
///
/// # Errors
/// [`EvalError`]: what is wrong with the data, and where; or what the encoder says.
pub async fn sentiment(data: &Path, texts: &Path, encoder: &impl Encode) -> Result<Learned, EvalError> {
    let comments = public::comments(&data.join("goemotions"), Part::Train)?;
    let comments = comments.into_iter().map(|(text, group)| (text, Language::ENGLISH, group.to_owned()));
    let own = own_labelled(texts, "sentiment.jsonl")?;
    let count = own.len();
    let mut labelled = encoded(comments.chain(own).collect(), encoder).await?;
    let own = labelled.split_off(labelled.len() - count);
    let bytes = felt::learn_sentiment(encoder.model(), &labelled, &own).ok_or_else(too_little)?;
    Ok(Learned { bytes, learned_from: labelled.len() + count, encoder: Some(encoder.name()) })
}

/// The urgency heads, from the own texts.
///
/// # Errors
/// [`EvalError`]: what is wrong with the texts, and where; or what the encoder says.
pub async fn urgency(texts: &Path, encoder: &impl Encode) -> Result<Learned, EvalError> {
    let labelled = encoded(own_labelled(texts, "urgency.jsonl")?, encoder).await?;
    let bytes = felt::learn_urgency(encoder.model(), &labelled).ok_or_else(too_little)?;
    Ok(Learned { bytes, learned_from: labelled.len(), encoder: Some(encoder.name()) })
}

/// The salience heads, from the training parts of the e-mail threads of `ConvoSumm` and of the meetings of `QMSum`.
///
/// # Errors
/// [`EvalError`]: what is wrong with the data, and where; or what the encoder says.
pub async fn salience(data: &Path, encoder: &impl Encode) -> Result<Learned, EvalError> {
    let (conversations, questions) = summary::salience(data, encoder).await?;
    let bytes = learn(&conversations, &questions).ok_or_else(too_little)?;
    Ok(Learned { bytes, learned_from: conversations.len() + questions.len(), encoder: Some(encoder.name()) })
}

fn too_little() -> EvalError {
    EvalError::TooLittle("there are too few texts, or too few of each label, to learn from".to_owned())
}

fn own(texts: &Path, file: &str) -> Result<Vec<MoodRecord>, EvalError> {
    let mut records: Vec<MoodRecord> = read(texts, &[file.to_owned()])?;
    records.retain(|record| record.split.as_deref() == Some(TRAIN));
    Ok(records)
}

fn own_labelled(texts: &Path, file: &str) -> Result<Vec<(String, Language, String)>, EvalError> {
    let records = own(texts, file)?.into_iter();
    let in_language = |record: MoodRecord| {
        let language = record.lang.as_deref().and_then(|code| code.parse().ok());
        let named = language.ok_or_else(|| EvalError::TooLittle(format!("a text of `{file}` has no language: {}", record.text)));
        named.map(|language| (record.text, language, record.label))
    };
    records.map(in_language).collect()
}

async fn encoded(texts: Vec<(String, Language, String)>, encoder: &impl Encode) -> Result<Vec<Labelled>, EvalError> {
    let clean: Vec<CleanText> = texts.iter().map(|(text, ..)| clean(text)).collect();
    let vectors = encoder.vectors(clean.clone()).await?;
    let labelled = texts.into_iter().zip(clean).zip(vectors);
    let of = |(((_, language, label), text), dense): (((_, Language, String), CleanText), Vec<f32>)| Labelled {
        text: text.as_str().to_owned(),
        language,
        dense,
        label,
    };
    Ok(labelled.map(|((text, clean), dense)| of(((text, clean), dense))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use backchannel_learn::compact::Heads;

    /// Vectors of the length and the first byte of a text.
    struct Simple;

    impl Encode for Simple {
        async fn vectors(&self, texts: Vec<CleanText>) -> Result<Vec<Vec<f32>>, EvalError> {
            let part = |text: &CleanText| f32::from(text.as_str().bytes().map(u16::from).sum::<u16>() % 97) / 97.0;
            Ok(texts.iter().map(|text| vec![part(text), 0.5]).collect())
        }

        fn name(&self) -> String {
            "simple 1".to_owned()
        }

        fn model(&self) -> &'static str {
            "simple"
        }
    }

    fn texts() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, labels: &[&str]| {
            let line = |i: usize| {
                let (label, lang, split) = (labels[i % labels.len()], ["en", "fr"][i % 2], ["train", "train", "valid", "test"][i / 10 % 4]);
                format!("{{\"text\": \"{label} {lang} {i}\", \"lang\": \"{lang}\", \"label\": \"{label}\", \"split\": \"{split}\"}}\n")
            };
            fs_err::write(folder.path().join(file), (0..160).map(line).collect::<Vec<_>>().concat()).unwrap();
        };
        write("sentiment.jsonl", &["very_negative", "negative", "neutral", "positive", "very_positive"]);
        write("urgency.jsonl", &["low", "normal", "high", "critical"]);
        folder
    }

    #[tokio::test]
    async fn the_same_data_give_the_same_bytes_for_every_head() {
        let (data, texts) = (public::tests::data(), texts());
        let once = || async {
            let language = language(data.path(), texts.path()).unwrap();
            let sentiment = sentiment(data.path(), texts.path(), &Simple).await.unwrap();
            [language, sentiment, urgency(texts.path(), &Simple).await.unwrap()]
        };
        let heads = once().await;
        assert_eq!(heads, once().await);
        assert_eq!((heads[1].learned_from, heads[2].learned_from), (81 + 80, 80), "of the own texts, the train part alone");
        let encoders = heads.map(|learned| Heads::read(&learned.bytes).unwrap().encoder().to_owned());
        assert_eq!(encoders, ["", "simple", "simple"]);
    }

    #[test]
    fn a_folder_without_the_sets_is_named() {
        let texts = texts();
        let said = language(texts.path(), texts.path()).unwrap_err().to_string();
        assert!(said.contains("tatoeba_112"), "{said}");
    }
}
