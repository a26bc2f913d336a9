//! What a side conversation came to and what can be sent for what hangs loose, out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::panel::EndDraft;
use crate::domain::told::{Commitment, Due, Fact, Parts, Told};
use crate::domain::vocabulary::EndDraftKind;
use crate::wire::evidence::{CitedOut, EvidenceOut};

/// What somebody said, retold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToldOut {
    /// Under its speaker's name, with names in place of pronouns where it is certain who is meant, else in the speaker's own words between
    /// quotation marks.
    #[schema(examples("Ana says that Ana will refund £119.00 by Friday."))]
    pub text: String,
    /// Its language, as an ISO 639-1 code.
    #[schema(examples("en"))]
    pub language: String,
    /// The e-mail address of who said it.
    pub by: String,
    /// The e-mail address of whom it was said to, where it can only be one person.
    #[schema(required)]
    pub to: Option<String>,
    /// The sentence as it was written, cited.
    pub said: CitedOut,
}

/// Something that somebody will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommitmentOut {
    /// The e-mail address of who will.
    pub who: String,
    /// What.
    pub told: ToldOut,
    /// By when, counted from when it was written.
    #[schema(required, format = Date, examples("2026-11-20"))]
    pub due: Option<String>,
    /// The same as it was written.
    #[schema(required, examples("by Friday"))]
    pub due_text: Option<String>,
}

/// A number, an amount or a date that was named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FactOut {
    /// What it is: `amount`, `date`, or a kind of the playbook.
    #[schema(examples("amount"))]
    pub kind: String,
    /// As it was written.
    pub text: String,
    /// Normalised.
    pub value: String,
    /// The sentence that names it last, cited.
    pub said: CitedOut,
}

/// A side conversation part by part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartsOut {
    /// What was asked.
    #[schema(required)]
    pub asked: Option<ToldOut>,
    /// What was answered and still stands.
    #[schema(required)]
    pub answered: Option<ToldOut>,
    /// What was decided beside it.
    pub decisions: Vec<ToldOut>,
    /// What somebody will do.
    pub commitments: Vec<CommitmentOut>,
    /// What was asked and not answered.
    pub open_questions: Vec<ToldOut>,
    /// Numbers, amounts and dates.
    pub facts: Vec<FactOut>,
    /// What the customer must be told and has not been.
    pub to_tell: Vec<ToldOut>,
    /// What was said and taken back since.
    pub withdrawn: Vec<ToldOut>,
    /// What was said about the question that was asked; empty without one.
    pub about: Vec<ToldOut>,
}

/// What can be sent for something that was left hanging, ready to be edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndDraftOut {
    /// Whom it is for, and what for.
    pub kind: EndDraftKind,
    /// The e-mail addresses of who would get it; nobody for a reply, which goes to the customer.
    pub to: Vec<String>,
    /// Its language, as an ISO 639-1 code.
    #[schema(examples("en"))]
    pub language: String,
    /// Its text.
    pub text: String,
    /// The sentences that it rests on.
    pub evidence: Vec<EvidenceOut>,
}

fn all<T, O: From<T>>(items: Vec<T>) -> Vec<O> {
    items.into_iter().map(Into::into).collect()
}

impl From<Told> for ToldOut {
    fn from(told: Told) -> Self {
        let Told { text, language, by, to, said } = told;
        Self { text, language: language.to_string(), by: by.to_string(), to: to.map(|to| to.to_string()), said: said.into() }
    }
}

impl From<Commitment> for CommitmentOut {
    fn from(commitment: Commitment) -> Self {
        let Commitment { who, told, due } = commitment;
        let (due, due_text) = due.map(|Due { text, day }| (day.to_string(), text)).unzip();
        Self { who: who.to_string(), told: told.into(), due, due_text }
    }
}

impl From<Fact> for FactOut {
    fn from(fact: Fact) -> Self {
        let Fact { kind, text, value, said } = fact;
        Self { kind, text, value, said: said.into() }
    }
}

impl From<Parts> for PartsOut {
    fn from(parts: Parts) -> Self {
        let Parts { asked, answered, decisions, commitments, open_questions, facts, to_tell, withdrawn, about } = parts;
        Self {
            asked: asked.map(Into::into),
            answered: answered.map(Into::into),
            decisions: all(decisions),
            commitments: all(commitments),
            open_questions: all(open_questions),
            facts: all(facts),
            to_tell: all(to_tell),
            withdrawn: all(withdrawn),
            about: all(about),
        }
    }
}

impl From<EndDraft> for EndDraftOut {
    fn from(draft: EndDraft) -> Self {
        let EndDraft { kind, to, language, text, evidence } = draft;
        Self { kind, to: to.iter().map(ToString::to_string).collect(), language: language.to_string(), text, evidence: all(evidence) }
    }
}
