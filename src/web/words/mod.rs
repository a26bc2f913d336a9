//! Every text of the interface. One language is one Fluent file beside this one (`en.ftl`, `fr.ftl`), embedded in the binary;
//! templates and handlers name texts by their keys: `t.say("inbox")`, `t.say("inbox-pending").with("count", v.pending)`.
//!
//! Another language is another file, a variant of [`Locale`] and its separators in `figures.rs`. `tests.rs` beside this file finds
//! keys that a file lacks, that nobody uses, and values that a text asks for and does not get.
#![expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand every value over by reference")]

mod account;
mod figures;
mod labels;
mod locale;
mod reasons;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display};
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

pub(super) use labels::SaidBy;
pub(super) use locale::Locale;

/// The texts of one language.
pub(super) struct Words {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

/// A text by its key, with its values, in no language yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    key: &'static str,
    values: Vec<(&'static str, Value)>,
}

/// What stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Words(String),
    /// It also chooses between the forms of a text.
    Number(i64),
}

/// A text in the language of a page; shows itself.
#[derive(Debug)]
pub(super) struct Said {
    words: &'static Words,
    text: Text,
}

/// What can be put into a text.
pub(super) trait AsValue {
    fn as_value(&self) -> Value;
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read(Locale::English));
static FRENCH: LazyLock<Words> = LazyLock::new(|| Words::read(Locale::French));

impl Locale {
    /// The texts in this language.
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
        }
    }
}

impl Words {
    fn read(locale: Locale) -> Self {
        // A test reads every file, so what a file gets wrong is found there; here it costs a text and not the page.
        let resource = FluentResource::try_new(locale.source().to_owned()).unwrap_or_else(|(read, _)| read);
        let mut bundle = FluentBundle::new_concurrent(vec![locale.identifier()]);
        // `AsValue` isolates what runs the other way; around every value the marks would only get in the way of copying.
        bundle.set_use_isolating(false);
        locale.write_numbers(&mut bundle);
        bundle.add_resource_overriding(resource);
        Self { locale, bundle }
    }

    /// The language's tag, for `lang` attributes.
    pub(super) const fn lang(&self) -> &'static str {
        self.locale.tag()
    }

    /// A text by its key.
    pub(super) fn say(&'static self, key: &'static str) -> Said {
        Said { words: self, text: Text::new(key) }
    }

    /// A text by a key that a value holds.
    pub(super) fn key(&'static self, key: &&'static str) -> Said {
        self.say(key)
    }

    /// A text that was chosen before its language was known.
    pub(super) fn tell(&self, text: &Text) -> String {
        let mut told = String::new();
        // Writing into a `String` does not fail.
        let _ = self.write(&mut told, text);
        told
    }

    fn write(&self, to: &mut impl fmt::Write, text: &Text) -> fmt::Result {
        let Some(pattern) = self.bundle.get_message(text.key).and_then(|message| message.value()) else {
            // A test finds keys that no file has.
            return to.write_str(text.key);
        };
        let values: FluentArgs = text.values.iter().map(|(name, value)| (*name, FluentValue::from(value))).collect();
        self.bundle.write_pattern(to, pattern, Some(&values), &mut Vec::new())
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("locale", &self.locale).finish_non_exhaustive()
    }
}

impl Text {
    pub(super) const fn new(key: &'static str) -> Self {
        Self { key, values: Vec::new() }
    }

    /// The same text with a value for `{ $name }`.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl AsValue) -> Self {
        self.values.push((name, value.as_value()));
        self
    }
}

impl Said {
    /// The same text with a value for `{ $name }`.
    #[must_use]
    pub(super) fn with(self, name: &'static str, value: impl AsValue) -> Self {
        Self { text: self.text.with(name, value), ..self }
    }
}

impl Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.words.write(f, &self.text)
    }
}

impl<'a> From<&'a Value> for FluentValue<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Words(words) => words.into(),
            Value::Number(number) => number.into(),
        }
    }
}

impl AsValue for str {
    /// Words that run from right to left are isolated, so that they do not turn the sentence around them.
    fn as_value(&self) -> Value {
        Value::Words(if self.contains(runs_left) { format!("\u{2068}{self}\u{2069}") } else { self.to_owned() })
    }
}

impl AsValue for String {
    fn as_value(&self) -> Value {
        self.as_str().as_value()
    }
}

impl AsValue for Said {
    fn as_value(&self) -> Value {
        Value::Words(self.to_string())
    }
}

impl<T: AsValue + ?Sized> AsValue for &T {
    fn as_value(&self) -> Value {
        (**self).as_value()
    }
}

macro_rules! numbers {
    ($($kind:ident)*) => {$(
        impl AsValue for $kind {
            fn as_value(&self) -> Value {
                Value::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )*};
}

numbers! { i8 u32 u64 usize i64 }

/// Whether a letter is of a script that runs from right to left: Hebrew, Arabic and their neighbours.
const fn runs_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}
