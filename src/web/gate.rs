//! What stands in the way of what somebody is about to send: what answered it before, and what the guard found in it.

use std::ops::Range;

use axum::http::StatusCode;
use axum::response::Response;
use sha2::{Digest, Sha256};

use crate::app::{Checked, Session};
use crate::domain::answered::{AnsweredIn, EarlierAnswer};
use crate::domain::id::{AskId, TicketId};
use crate::domain::leak::{Leak, LeakLevel, MessagePart};
use crate::domain::vocabulary::EmailAddress;
use crate::web::attachment::Files;
use crate::web::form::Fields;
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::view::TicketView;
use crate::web::{Web, guard, pages, paths};

/// That what the guard says to look at is meant.
pub(super) const MEANT: &str = "meant";
/// That what must not leave is to be taken out.
pub(super) const REDACT: &str = "redact";
/// Of what the author saw what stands in its way: a tick is for that text and those recipients alone.
pub(super) const LOOKED: &str = "looked";
/// The ask that was shown what answered before.
pub(super) const ASK: &str = "ask";
/// The files that were kept with what was written.
const ATTACHMENTS: &str = "attachments";
/// So much of a text stands around what was found in it.
const AROUND: usize = 60;

/// Something that was written and not sent yet, with what stands in its way.
#[derive(Debug, Clone)]
pub struct GateView {
    /// Where its form goes.
    pub action: String,
    /// Under which id it is kept what answered before, where something did.
    pub ask: Option<AskId>,
    /// The answers, best first.
    pub answers: Vec<EarlierAnswer>,
    /// What the guard found, as far as it holds the message back.
    pub leaks: Vec<Leak>,
    /// Whether what must not leave was just taken out.
    pub is_redacted: bool,
    /// The fields of its form that nobody sees.
    pub hidden: Vec<(String, String)>,
    /// To whom it would go, of a side conversation that is to be opened.
    pub recipients: Option<String>,
    /// Its subject, of the same.
    pub subject: Option<String>,
    /// Its text.
    pub body: String,
}

impl GateView {
    /// Where an answer can be read in its place; a reader of the whole thing sees what stands around it.
    #[must_use]
    pub fn place(answer: &EarlierAnswer) -> String {
        match answer.place {
            AnsweredIn::Thread(id, ticket) => format!("{}#thread-{id}", paths::ticket(&ticket)),
            AnsweredIn::Ticket(id) => paths::ticket(&id),
            AnsweredIn::Document(id) => paths::document(&id),
        }
    }

    /// What whoever gave an answer is called.
    #[must_use]
    pub fn said_by(answer: &EarlierAnswer, by: &EmailAddress) -> String {
        answer.by_name.clone().unwrap_or_else(|| by.to_string())
    }

    /// Whether something in it is not to be sent at all.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.leaks.iter().any(|leak| leak.level == LeakLevel::Block)
    }

    /// The words in which something was found: what stands before it, itself, and what stands after it.
    #[must_use]
    pub fn words(&self, leak: &Leak) -> Option<(&str, &str, &str)> {
        let text = match leak.part {
            MessagePart::Subject => self.subject.as_deref().unwrap_or_default(),
            MessagePart::Body => &self.body,
        };
        let Range { start, end } = leak.span.clone()?;
        let found = text.get(start..end)?;
        let from = text.floor_char_boundary(start.saturating_sub(AROUND));
        let to = text.ceil_char_boundary((end + AROUND).min(text.len()));
        // Whole words only, and one line.
        let before = if from == 0 { &text[..start] } else { text[from..start].split_once(' ').map_or("", |(_, rest)| rest) };
        let after = if to == text.len() { &text[end..] } else { text[end..to].rsplit_once(' ').map_or("", |(rest, _)| rest) };
        Some((before.rsplit('\n').next().unwrap_or_default(), found, after.split('\n').next().unwrap_or_default()))
    }
}

/// A message that waits for its author to look at it.
pub(super) struct Waiting {
    /// The ticket whose page it stands on.
    pub(super) ticket: TicketId,
    /// What of its form nobody sees, by name.
    pub(super) hidden: Vec<(String, String)>,
    /// What stands in its way.
    pub(super) view: GateView,
}

impl GateView {
    /// What the fields of a form say, to be sent to an address.
    pub(super) fn of(action: String, fields: &Fields, is_opening: bool) -> Self {
        Self {
            action,
            ask: None,
            answers: Vec::new(),
            leaks: Vec::new(),
            is_redacted: false,
            hidden: Vec::new(),
            recipients: is_opening.then(|| fields.text("recipients")),
            subject: is_opening.then(|| fields.text("subject")),
            body: fields.text("body"),
        }
    }

    /// Whether its author saw what stands in the way of just this, to just these.
    pub(super) fn is_looked_at(&self, fields: &Fields) -> bool {
        fields.text(LOOKED) == self.digest()
    }

    /// By what a tick is for this text and these recipients alone.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.recipients.as_deref().unwrap_or_default(), self.subject.as_deref().unwrap_or_default(), &self.body] {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        hex::encode(hash.finalize())
    }

    /// The same with what the guard found that holds it back.
    pub(super) fn holding(mut self, checked: Checked) -> Self {
        self.leaks = checked.leaks;
        self.leaks.retain(|leak| leak.level >= LeakLevel::Acknowledge);
        self
    }
}

/// The page of the ticket with a message above its composer that was not sent. Its files stay where they are until it is.
pub(super) async fn hold(
    web: &Web,
    (session, preferences): (Session, Preferences),
    Waiting { ticket, hidden, mut view }: Waiting,
    files: Files,
) -> Result<Response, Problem> {
    let kept = files.sent_by(&web.app, &session.actor, async |ids| Ok(ids)).await?;
    let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
    let own = [(ATTACHMENTS.to_owned(), kept.join(",")), (LOOKED.to_owned(), view.digest())];
    let ask = view.ask.map(|ask| (ASK.to_owned(), ask.to_string()));
    view.hidden = hidden.into_iter().chain(own).chain(ask).collect();
    let view = TicketView { gate: Some(view), ..web.ticket_to_write_on((session, preferences), &ticket).await? };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), view.frame.preferences, pages::ticket(&view)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::leak::LeakKind;
    use crate::domain::reason::Reason;

    fn view(body: &str) -> GateView {
        GateView::of(String::new(), &Fields::of(&[("body", body)]), false)
    }

    fn leak(span: Range<usize>) -> Leak {
        let (kind, level, part) = (LeakKind::InternalNote, LeakLevel::Block, MessagePart::Body);
        Leak { kind, level, reason: Reason::NoteWouldLeave, part, span: Some(span), to: Vec::new(), source: None }
    }

    #[test]
    fn what_was_found_is_shown_with_whole_words_of_its_own_line_around_it() {
        let body = format!("Hello,\n{} keypad 4471# {}\nBye", "word ".repeat(20).trim(), "more ".repeat(20).trim());
        let start = body.find("4471#").unwrap();
        let view = view(&body);
        let (before, found, after) = view.words(&leak(start..start + 5)).unwrap();
        assert_eq!(found, "4471#");
        assert!(
            before.starts_with("word") && before.ends_with("keypad ") && after.starts_with(" more") && !after.contains("Bye"),
            "{before}|{after}"
        );
        assert_eq!(view.words(&leak(900..905)), None, "what is quoted below it stands elsewhere");
    }

    #[test]
    fn a_tick_is_for_the_text_that_was_looked_at() {
        let looked = view("Her card").digest();
        assert!(view("Her card").is_looked_at(&Fields::of(&[("looked", &looked)])));
        assert!(!view("Her card, and more").is_looked_at(&Fields::of(&[("looked", &looked)])));
        assert!(!view("Her card").is_looked_at(&Fields::of(&[])));
    }
}
