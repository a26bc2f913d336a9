//! Whether a message says what its reader needs: an ask, a subject, few readers, from whoever has the ticket.

use crate::domain::leak::{Leak, LeakKind, LeakLevel, MessagePart};
use crate::domain::reason::Reason;
use crate::lines::acts::Acts;
use crate::lines::telling::is_telling;

/// More people than this seldom all need to answer.
const MANY: usize = 5;

/// A side conversation that is about to begin.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Its subject.
    pub subject: Option<&'a str>,
    /// The sentences of its first message.
    pub sentences: &'a [String],
    /// How many people it goes to.
    pub recipients: usize,
    /// The name of who has the ticket, where that is not its author.
    pub assignee: Option<&'a str>,
}

/// What its author should look at; none of it keeps it from being sent.
#[must_use]
pub fn check(Opening { subject, sentences, recipients, assignee }: Opening<'_>) -> Vec<Leak> {
    let mut reasons = Vec::new();
    if !sentences.iter().any(|sentence| Acts::of_text(sentence).asks()) {
        reasons.push(Reason::NothingAsked);
    }
    let says = |word: &str| is_telling(word) || word.chars().any(|c| c.is_ascii_digit());
    if subject.is_some_and(|subject| !subject.split(|c: char| !c.is_alphanumeric()).any(says)) {
        reasons.push(Reason::VagueSubject);
    }
    if recipients > MANY {
        reasons.push(Reason::ManyRecipients { count: recipients });
    }
    reasons.extend(assignee.map(|name| Reason::NotYours { name: name.to_owned() }));
    let hint = |reason| {
        let part = if reason == Reason::VagueSubject { MessagePart::Subject } else { MessagePart::Body };
        Leak { kind: LeakKind::Quality, level: LeakLevel::Hint, reason, part, span: None, to: Vec::new(), source: None }
    };
    reasons.into_iter().map(hint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(subject: Option<&str>, sentence: &str, recipients: usize, assignee: Option<&str>) -> Vec<&'static str> {
        let sentences = [sentence.to_owned()];
        check(Opening { subject, sentences: &sentences, recipients, assignee }).iter().map(|leak| leak.reason.code()).collect()
    }

    #[test]
    fn a_message_without_a_question_or_with_an_empty_subject_is_noticed() {
        assert!(codes(Some("Swollen BP-20, may it be posted"), "May it be posted?", 1, None).is_empty());
        assert_eq!(codes(Some("Question"), "It is swollen.", 1, None), ["nothing_asked", "vague_subject"]);
        assert_eq!(codes(None, "Pouvez-vous vérifier la commande ?", 6, Some("Owen")), ["many_recipients", "not_yours"]);
    }
}
