//! What answered before, as it stands above what somebody is about to ask.

use crate::domain::answered::{AnsweredIn, EarlierAnswer};
use crate::domain::id::AskId;
use crate::web::paths;

/// What answered before what somebody is about to ask.
#[derive(Debug, Clone)]
pub struct GateView {
    /// Under which id it is kept.
    pub ask: AskId,
    /// The answers, best first.
    pub answers: Vec<EarlierAnswer>,
    /// The side conversation as it was written: the fields of its form that nobody sees.
    pub hidden: Vec<(String, String)>,
    /// To whom it would go.
    pub recipients: String,
    /// Its subject.
    pub subject: String,
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
}
