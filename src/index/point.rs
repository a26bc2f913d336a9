//! What goes into the index and what comes out.

use uuid::Uuid;

use crate::domain::audience::{Audience, Scope};
use crate::domain::id::{DocumentId, ThreadId, TicketId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Kind, Language};
use crate::index::error::{IndexError, VectorFault};
use crate::text::clean::CleanText;

/// How far a squared norm may be from 1: what half-precision weights and rounding explain, and no more.
const NORM_TOLERANCE: f32 = 0.01;

/// One thing that can be found.
#[derive(Debug, Clone)]
pub struct Point {
    /// Its id in SQL, unique in its workspace.
    pub id: Uuid,
    /// What it stands for.
    pub kind: Kind,
    /// Who may see it.
    pub audience: Audience,
    /// Its dense vector: norm 1, as long as the encoder's.
    pub dense: Vec<f32>,
    /// What its BM25 vector is made from; the text itself is not kept.
    pub text: CleanText,
    /// The language of the text; `None` when unknown.
    pub language: Option<Language>,
    /// The ticket it is, or belongs to.
    pub ticket: Option<TicketId>,
    /// The side conversation it belongs to.
    pub thread: Option<ThreadId>,
    /// The document it belongs to.
    pub document: Option<DocumentId>,
    /// Since when it exists.
    pub at: Timestamp,
}

/// What to look for.
#[derive(Debug, Clone)]
pub struct Query {
    /// The workspace that is searched and who asks.
    pub scope: Scope,
    /// The kinds wanted; empty means every kind.
    pub kinds: Vec<Kind>,
    /// The words to look for; empty to compare dense vectors only.
    pub text: CleanText,
    /// The language of the text; `None` when unknown.
    pub language: Option<Language>,
    /// The dense vector to compare with: norm 1; `None` to compare words only.
    pub dense: Option<Vec<f32>>,
    /// How many hits at most; never more than 10,000.
    pub limit: usize,
    /// Only what exists since this moment or a later one.
    pub since: Option<Timestamp>,
    /// Only what exists since strictly before this moment.
    pub before: Option<Timestamp>,
    /// Never this ticket, its comments or the messages of its side conversations.
    pub not_ticket: Option<TicketId>,
    /// Only what belongs to one of these documents; empty means no such limit.
    pub documents: Vec<DocumentId>,
}

impl Query {
    /// Makes a query for words, with nothing else asked for; further fields are set on the value.
    #[must_use]
    pub const fn new(scope: Scope, text: CleanText, limit: usize) -> Self {
        Self {
            scope,
            kinds: Vec::new(),
            text,
            language: None,
            dense: None,
            limit,
            since: None,
            before: None,
            not_ticket: None,
            documents: Vec::new(),
        }
    }
}

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its id in SQL.
    pub id: Uuid,
    /// What it stands for.
    pub kind: Kind,
    /// How well it fits, words and meaning together: to compare within one answer only.
    pub score: f32,
    /// The cosine of its dense vector to the query's, in \[-1, 1\]; `None` when the query had no dense vector.
    pub cosine: Option<f32>,
    /// The ticket it is, or belongs to.
    pub ticket: Option<TicketId>,
    /// The side conversation it belongs to.
    pub thread: Option<ThreadId>,
    /// The document it belongs to.
    pub document: Option<DocumentId>,
}

/// Refuses a vector of another length or norm than the index's; `point` is `None` for a query.
pub(super) fn check_vector(vector: &[f32], dimensions: usize, point: Option<Uuid>) -> Result<(), IndexError> {
    if vector.len() != dimensions {
        return Err(IndexError::Vector { point, fault: VectorFault::Length { found: vector.len(), expected: dimensions } });
    }
    let squared: f32 = vector.iter().map(|x| x * x).sum();
    // Written so that NaN is refused as well.
    if (squared - 1.0).abs() <= NORM_TOLERANCE {
        Ok(())
    } else {
        Err(IndexError::Vector { point, fault: VectorFault::Norm(squared.sqrt()) })
    }
}

/// The cosine of two vectors of norm 1.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>().clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_that_is_not_of_this_encoder_is_refused() {
        assert!(check_vector(&[0.6, 0.8], 2, None).is_ok());
        for (vector, dimensions) in [(vec![1.0], 2), (vec![1.0, 1.0], 2), (vec![f32::NAN, 0.0], 2), (vec![0.0, 0.0], 2)] {
            assert!(check_vector(&vector, dimensions, None).is_err(), "{vector:?}");
        }
    }
}
