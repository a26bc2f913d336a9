//! A sentence under its speaker's name: reported where who is meant is certain, else between quotation marks.
//!
//! A wrong name is worse than a quote: every pronoun of the first and second person must be replaced, or the sentence stays as it was said.

mod english;
mod french;

use crate::domain::panel::Cited;
use crate::domain::told::Told;
use crate::domain::vocabulary::Language;
use crate::lines::Line;
use crate::threads::speakers::Speakers;

/// What somebody does with their sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Says it.
    Says,
    /// Asks it, or asks for it.
    Asks,
}

/// A sentence that is retold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentence<'a> {
    /// The words.
    pub(super) text: &'a str,
    /// What its speaker is called.
    pub(super) by: &'a str,
    /// What the only person is called whom it speaks to.
    pub(super) to: Option<&'a str>,
    /// What its speaker does with it.
    pub(super) manner: Manner,
}

/// Retells what is cited, whose last sentence is `line`.
///
/// Without an author, which no message lacks, nothing is told.
pub(super) fn told(line: &Line<'_>, said: Cited, manner: Manner, speakers: &Speakers<'_>) -> Option<Told> {
    let author = line.author?;
    let to = speakers.spoken_to(line);
    let (by, to_name) = (speakers.name(author), to.map(|to| speakers.name(to)));
    let sentence = Sentence { text: said.text.trim(), by: &by, to: to_name.as_deref(), manner };
    let is_french = line.language == Language::FRENCH;
    let text = if speakers.is_passed_on(line) {
        if is_french { french::passed_on(sentence) } else { english::passed_on(sentence) }
    } else if is_french {
        french::reported(sentence).unwrap_or_else(|| french::quoted(sentence))
    } else if line.language == Language::ENGLISH {
        english::reported(sentence).unwrap_or_else(|| english::quoted(sentence))
    } else {
        english::quoted(sentence)
    };
    Some(Told { text, language: line.language, by: author.clone(), to: to.cloned(), said })
}

/// Words as they stand between blanks, each apart from the marks around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word<'a> {
    before: &'a str,
    bare: &'a str,
    after: &'a str,
}

fn words(text: &str) -> Vec<Word<'_>> {
    text.split_whitespace()
        .map(|token| {
            let is_mark = |c: char| !c.is_alphanumeric() && !matches!(c, '£' | '€' | '$' | '%');
            let start = token.len() - token.trim_start_matches(is_mark).len();
            let end = token.trim_end_matches(is_mark).len().max(start);
            Word { before: &token[..start], bare: &token[start..end], after: &token[end..] }
        })
        .collect()
}

/// Whether a text cannot be told in other words: it quotes, lists or holds several sentences.
fn must_stay(text: &str) -> bool {
    let inner = text.trim_end_matches(['.', '!', '?', '…', ' ']);
    inner.contains(['"', '“', '”', '«', '»', ':', '\n', '>', '?', '!']) || inner.contains(". ") || text.starts_with(['-', '*', '•'])
}
