//! Puts chosen claims into words. Holds the writers; knows neither how claims were chosen nor who may see them. Called by `app` alone.
//!
//! The built-in writer repeats the cited sentences between a greeting and a closing and adds nothing, so that nothing needs to be checked.

use crate::domain::panel::{Cited, ReplyDraft};
use crate::domain::reason::Reason;
use crate::domain::vocabulary::Language;

/// What writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writer {
    /// Repeats the cited sentences as they are; needs no language model.
    #[default]
    Extractive,
}

/// What a reply is written from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyPlan<'a> {
    /// The greeting with `{name}` where the customer's name goes, such as `Hello {name},`.
    pub greeting: &'a str,
    /// The customer's name, if known.
    pub customer_name: Option<&'a str>,
    /// The claims, in reading order.
    pub sentences: Vec<Cited>,
    /// The closing.
    pub closing: &'a str,
    /// The language of the reply.
    pub language: Language,
    /// What was noticed while choosing.
    pub warnings: Vec<Reason>,
    /// Expressions that replies should not use.
    pub forbidden: &'a [String],
}

impl Writer {
    /// Writes a reply.
    #[must_use]
    pub fn write_reply(self, plan: ReplyPlan<'_>) -> ReplyDraft {
        match self {
            Self::Extractive => extract(plan),
        }
    }
}

fn extract(plan: ReplyPlan<'_>) -> ReplyDraft {
    let ReplyPlan { greeting, customer_name, sentences, closing, language, mut warnings, forbidden } = plan;
    let text = sentences.iter().map(|cited| cited.text.to_lowercase()).collect::<Vec<_>>().join("\n");
    warnings.extend(
        forbidden.iter().filter(|words| holds(&text, &words.to_lowercase())).map(|words| Reason::Forbidden { words: words.clone() }),
    );
    let sentences = sentences.into_iter().map(tidied).collect();
    ReplyDraft { language, greeting: greet(greeting, customer_name), sentences, closing: closing.trim().to_owned(), warnings }
}

/// The greeting with the customer's name, or without the name's place when it is not known.
fn greet(template: &str, name: Option<&str>) -> String {
    let name = name.map(str::trim).filter(|name| !name.is_empty() && !name.contains('@'));
    name.map_or_else(|| template.replace(" {name}", "").replace("{name}", ""), |name| template.replace("{name}", name)).trim().to_owned()
}

/// Marks of Markdown gone and blanks single; the evidence keeps the words as they are written.
fn tidied(cited: Cited) -> Cited {
    let Cited { text, evidence } = cited;
    let plain = text.replace("**", "").replace(['`', '#'], "");
    let plain = plain.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '•'));
    Cited { text: plain.split_whitespace().collect::<Vec<_>>().join(" "), evidence }
}

/// Whether a text holds an expression between word borders.
fn holds(text: &str, expression: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !expression.is_empty()
        && text
            .match_indices(expression)
            .any(|(start, _)| !inside(text[..start].chars().next_back()) && !inside(text[start + expression.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::triage::{Evidence, Source};

    fn cited(text: &str) -> Cited {
        let evidence = Evidence { source: Source::Playbook, title: "Returns".to_owned(), quote: text.to_owned(), span: None, at: None };
        Cited { text: text.to_owned(), evidence: vec![evidence] }
    }

    fn plan<'a>(greeting: &'a str, customer_name: Option<&'a str>, texts: &[&str], forbidden: &'a [String]) -> ReplyPlan<'a> {
        ReplyPlan {
            greeting,
            customer_name,
            sentences: texts.iter().map(|text| cited(text)).collect(),
            closing: "Kind regards,\nSupport\n",
            language: Language::ENGLISH,
            warnings: vec![Reason::NoQuestion],
            forbidden,
        }
    }

    #[test]
    fn a_reply_is_its_sentences_between_greeting_and_closing() {
        let draft =
            Writer::Extractive.write_reply(plan("Hello {name},", Some("Ruth Abelson"), &["You have 30 days.", "The label is free."], &[]));
        assert_eq!(draft.greeting, "Hello Ruth Abelson,");
        assert_eq!(draft.sentences, [cited("You have 30 days."), cited("The label is free.")]);
        assert_eq!((draft.closing.as_str(), draft.language), ("Kind regards,\nSupport", Language::ENGLISH));
        assert_eq!(draft.warnings, [Reason::NoQuestion]);
    }

    #[test]
    fn an_unknown_name_leaves_no_hole() {
        let greeting = |template, name| Writer::Extractive.write_reply(plan(template, name, &[], &[])).greeting;
        assert_eq!(greeting("Bonjour {name},", None), "Bonjour,");
        assert_eq!(greeting("{name}, hello", None), ", hello".trim());
        assert_eq!(greeting("Hello {name},", Some("  ")), "Hello,");
        assert_eq!(greeting("Hello {name},", Some("eve@mail.example")), "Hello,");
        assert_eq!(greeting("Hello,", Some("Eve")), "Hello,");
    }

    #[test]
    fn marks_go_and_the_quote_stays() {
        let draft = Writer::Extractive.write_reply(plan("Hello,", None, &["- Press **Return\n items** in `Orders`."], &[]));
        assert_eq!(draft.sentences[0].text, "Press Return items in Orders.");
        assert_eq!(draft.sentences[0].evidence[0].quote, "- Press **Return\n items** in `Orders`.");
    }

    #[test]
    fn forbidden_words_are_told_and_parts_of_words_are_not() {
        let forbidden = ["asap".to_owned(), "Malheureusement".to_owned(), "per our policy".to_owned()];
        let draft =
            Writer::Extractive.write_reply(plan("Hello,", None, &["Malheureusement, c'est impossible.", "Rasaps are fine."], &forbidden));
        assert_eq!(draft.warnings, [Reason::NoQuestion, Reason::Forbidden { words: "Malheureusement".to_owned() }]);
    }
}
