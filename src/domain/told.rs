//! What a side conversation came to, part by part, each sentence under its speaker's name.

use serde::{Deserialize, Serialize};

use crate::domain::panel::Cited;
use crate::domain::time::Day;
use crate::domain::vocabulary::{EmailAddress, Language};

/// What somebody said in a side conversation, retold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Retold under its speaker's name, with names in place of pronouns where it is certain who is meant, else in the speaker's own words
    /// between quotation marks.
    pub text: String,
    /// The language of the sentence.
    pub language: Language,
    /// Who said it.
    pub by: EmailAddress,
    /// To whom, where it can only be one person.
    pub to: Option<EmailAddress>,
    /// The sentence as it was written, with where.
    pub said: Cited,
}

/// Something that somebody will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// Who will: whoever said so.
    pub who: EmailAddress,
    /// What, retold.
    pub told: Told,
    /// By when, if it was said.
    pub due: Option<Due>,
}

/// A day by which something is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// As it was written.
    pub text: String,
    /// The day that is meant, counted from when it was written.
    pub day: Day,
}

/// A number, an amount or a date that was named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is, such as `order`, `amount` or `date`.
    pub kind: String,
    /// As it was written.
    pub text: String,
    /// Normalised: a date is counted from when it was written.
    pub value: String,
    /// The sentence that names it last.
    pub said: Cited,
}

/// A side conversation by what its sentences do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// What was asked.
    pub asked: Option<Told>,
    /// What was answered and still stands.
    pub answered: Option<Told>,
    /// What was decided beside it.
    pub decisions: Vec<Told>,
    /// What somebody will do.
    pub commitments: Vec<Commitment>,
    /// What was asked and not answered.
    pub open_questions: Vec<Told>,
    /// Numbers, amounts and dates.
    pub facts: Vec<Fact>,
    /// What the customer must be told and has not been.
    pub to_tell: Vec<Told>,
    /// What was said and taken back since.
    pub withdrawn: Vec<Told>,
    /// What answers a question of the reader; empty where none was asked.
    pub about: Vec<Told>,
}
