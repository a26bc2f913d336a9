//! From raw text to sentences with their place in the original and their vectors.

use std::ops::Range;

use crate::app::error::Error;
use crate::app::{App, Needed};
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{EmailAddress, Language};
use crate::lines::Line;
use crate::playbook::Rule;
use crate::text::clean::{CleanText, clean};
use crate::text::{language, quotes, sentence};

/// No text is read further than this: some twenty pages.
const MOST_BYTES: usize = 64 << 10;

/// A text that somebody wrote, cut into sentences.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// What it is.
    pub(crate) source: Source,
    /// Who wrote it.
    pub(crate) author: Option<EmailAddress>,
    /// What it is called in a citation.
    pub(crate) title: String,
    /// When it was written.
    pub(crate) at: Option<Timestamp>,
    /// Its language.
    pub(crate) language: Language,
    /// The language that its words say, and how likely that is; `None` where they say none, or where nobody had to ask them.
    pub(crate) spoken: Option<(Language, f64)>,
    /// Its words, without quoted mails and signatures.
    pub(crate) body: CleanText,
    sentences: Vec<Cut>,
}

#[derive(Debug, Clone)]
struct Cut {
    text: CleanText,
    span: Range<usize>,
    vector: Option<Vec<f32>>,
}

/// A text to be cut into a [`Piece`].
pub(crate) struct Raw<'a> {
    pub(crate) source: Source,
    pub(crate) author: Option<&'a EmailAddress>,
    pub(crate) title: String,
    pub(crate) at: Option<Timestamp>,
    /// The language, where it is known already.
    pub(crate) language: Option<Language>,
    /// The language when neither the source nor the words say one.
    pub(crate) otherwise: Language,
    pub(crate) text: &'a str,
}

impl Piece {
    /// Cleans a text, strips quotes and signatures, and cuts the rest into sentences; no vectors yet.
    pub(crate) fn cut(raw: Raw<'_>) -> Self {
        let Raw { source, author, title, at, language, otherwise, text } = raw;
        let body = quotes::strip(&clean(start(text))).kept;
        let spoken = if language.is_none() { language::detect(body.as_str()) } else { None };
        let language = language.or(spoken.map(|(language, _)| language)).unwrap_or(otherwise);
        let sentences = sentence::sentences(&body, language)
            .into_iter()
            .map(|sentence| {
                let text = body.slice(sentence.span.clone());
                Cut { span: body.original_span(sentence.span), text, vector: None }
            })
            .filter(|cut| !cut.text.is_empty())
            .collect();
        Self { source, author: author.cloned(), title, at, language, spoken, body, sentences }
    }

    /// What a rule of the playbook wants customers told first, in a language, else in English, else in any; `None` of a rule without it.
    pub(crate) fn of_rule(rule: &Rule, language: Language) -> Option<Self> {
        let texts = &rule.first_reply;
        let (language, text) =
            texts.get_key_value(&language).or_else(|| texts.get_key_value(&Language::ENGLISH)).or_else(|| texts.first_key_value())?;
        let (title, source) = (rule.name.clone(), Source::Playbook);
        let piece = Self::cut(Raw { source, author: None, title, at: None, language: Some(*language), otherwise: *language, text });
        (!piece.sentences.is_empty()).then_some(piece)
    }

    /// Whether of such a text only the beginning was read.
    pub(crate) const fn is_start_of(text: &str) -> bool {
        text.len() > MOST_BYTES
    }

    /// Its sentences as the pure rooms take them.
    pub(crate) fn lines(&self) -> Vec<Line<'_>> {
        self.sentences
            .iter()
            .enumerate()
            .map(|(position, cut)| Line {
                source: self.source,
                author: self.author.as_ref(),
                title: &self.title,
                at: self.at,
                language: self.language,
                text: cut.text.as_str(),
                span: cut.span.clone(),
                vector: cut.vector.as_deref(),
                position,
            })
            .collect()
    }
}

/// The start of a text, which is all of it unless a machine wrote it.
fn start(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_BYTES)]
}

impl App {
    /// Gives every sentence of the pieces its vector, all in one request to the encoder.
    pub(crate) async fn embed_pieces(&self, pieces: &mut [&mut Piece], needed: Needed) -> Result<(), Error> {
        let cuts: Vec<&mut Cut> =
            pieces.iter_mut().flat_map(|piece| piece.sentences.iter_mut()).filter(|cut| cut.vector.is_none()).collect();
        let texts: Vec<CleanText> = cuts.iter().map(|cut| cut.text.clone()).collect();
        let vectors = self.embed(texts, needed).await?;
        for (cut, vector) in cuts.into_iter().zip(vectors) {
            cut.vector = Some(vector);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_stands_in_the_original_text_where_its_span_says() {
        let text = "Bonjour,\r\n\r\nLa came\u{301}ra WCO\u{AD}-7K2M  chauffe.\u{200B} Que faire ?\r\n\r\nOn Mon, 2 Nov 2026, Tom wrote:\r\n\
                    > Please restart it.\r\n\r\nCan I sand the contacts?\r\nCordialement,\r\nAna";
        let piece = Piece::cut(Raw {
            source: Source::Playbook,
            author: None,
            title: String::new(),
            at: None,
            language: Some(Language::FRENCH),
            otherwise: Language::FRENCH,
            text,
        });
        let lines = piece.lines();
        assert!(lines.iter().any(|line| line.text == "Can I sand the contacts?"), "{lines:?}");
        for line in lines {
            assert_eq!(clean(&text[line.span]).as_str(), line.text);
        }
    }
}
