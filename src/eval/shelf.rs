//! Texts in an index of their own, cut, encoded and searched as the product does it.

use std::collections::BTreeSet;

use tempfile::TempDir;
use uuid::Uuid;

use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::id::{DocumentId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Kind;
use crate::eval::Encode;
use crate::eval::error::EvalError;
use crate::index::{EdgeIndex, Index, Point, Query};
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::text::passage::{PassageLimits, passages, words_under};

/// So many hits are asked for: enough that a text of many passages does not fill the answer.
const HITS: usize = 100;
/// So many points are written at a time.
const PORTION: usize = 1000;

/// A text that can be found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) title: &'t str,
    pub(super) body: &'t str,
    pub(super) at: Timestamp,
}

/// How texts are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Into passages, as documents are.
    Passages,
    /// Not at all, as tickets are.
    Whole,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) text: CleanText,
    /// Its vector.
    pub(super) dense: Vec<f32>,
    /// Only texts from before this moment.
    pub(super) before: Option<Timestamp>,
}

/// How is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By meaning and words, as the product does.
    Product,
    /// By meaning alone.
    Meaning,
    /// By words alone.
    Words,
}

impl Way {
    /// All ways, with what their metrics are called after.
    pub(super) const ALL: [(Self, &'static str); 3] = [(Self::Product, ""), (Self::Meaning, "dense"), (Self::Words, "bm25")];
}

/// Texts in an index.
pub(super) struct Shelf {
    index: EdgeIndex,
    scope: Scope,
    _folder: TempDir,
}

impl Shelf {
    /// Cuts, encodes and indexes texts.
    pub(super) async fn of(texts: &[Text<'_>], cut: Cut, encoder: &impl Encode) -> Result<Self, EvalError> {
        let pieces: Vec<Piece> = texts.iter().enumerate().flat_map(|(place, text)| pieces(place, text, cut)).collect();
        let vectors = encoder.vectors(pieces.iter().map(|piece| piece.text.clone()).collect()).await?;
        let dimensions = vectors.first().map_or(1, Vec::len);
        let folder = tempfile::tempdir().map_err(failed)?;
        let index = EdgeIndex::open(folder.path(), &encoder.name(), dimensions).map_err(failed)?;
        let workspace = WorkspaceId::from_uuid(Uuid::nil());
        let mut points = pieces.into_iter().zip(vectors).enumerate().map(|(number, (piece, dense))| Point {
            id: numbered(number),
            kind: Kind::Passage,
            audience: Audience::Internal,
            dense,
            language: piece.language,
            text: words_under(&piece.heading, piece.text),
            ticket: None,
            thread: None,
            document: Some(DocumentId::from_uuid(numbered(piece.of))),
            at: texts[piece.of].at,
        });
        loop {
            let portion: Vec<Point> = points.by_ref().take(PORTION).collect();
            if portion.is_empty() {
                break;
            }
            index.upsert(workspace, portion).await.map_err(failed)?;
        }
        index.flush(workspace).await.map_err(failed)?;
        Ok(Self { index, scope: Scope::new(workspace, Reader::Everything), _folder: folder })
    }

    /// The places of the texts that are found, best first, each with its score.
    pub(super) async fn find(&self, wanted: &Wanted, way: Way) -> Result<Vec<(usize, f64)>, EvalError> {
        self.find_many(wanted, way, HITS).await
    }

    /// The same for another number of hits.
    pub(super) async fn find_many(&self, wanted: &Wanted, way: Way, hits: usize) -> Result<Vec<(usize, f64)>, EvalError> {
        let text = if way == Way::Meaning { CleanText::default() } else { wanted.text.clone() };
        let query = Query {
            language: language::detect(wanted.text.as_str()).map(|(language, _)| language),
            dense: (way != Way::Words).then(|| wanted.dense.clone()),
            before: wanted.before,
            ..Query::new(self.scope.clone(), text, hits)
        };
        let hits = self.index.search(query).await.map_err(failed)?;
        let mut seen = BTreeSet::new();
        let found = hits.into_iter().filter_map(|hit| Some((place(hit.document?.as_uuid()), f64::from(hit.score))));
        Ok(found.filter(|(place, _)| seen.insert(*place)).collect())
    }
}

/// What a point is made of.
struct Piece {
    of: usize,
    heading: CleanText,
    text: CleanText,
    language: Option<crate::domain::vocabulary::Language>,
}

fn pieces(of: usize, text: &Text<'_>, cut: Cut) -> Vec<Piece> {
    let language = language::detect(text.body).map(|(language, _)| language);
    let piece = |heading: String, body: &str| {
        let text = if heading.is_empty() { clean(body) } else { clean(&format!("{heading}\n{body}")) };
        Piece { of, heading: clean(&heading), text, language }
    };
    let made: Vec<Piece> = match cut {
        Cut::Whole => vec![piece(text.title.to_owned(), text.body)],
        Cut::Passages => passages(text.body, text.title, PassageLimits::default())
            .into_iter()
            .map(|draft| piece([&[text.title.to_owned()], draft.headings.as_slice()].concat().join(" › "), &draft.text))
            .collect(),
    };
    // A document without words is found by its title.
    let made = if made.is_empty() { vec![piece(text.title.to_owned(), "")] } else { made };
    made.into_iter().filter(|piece| !piece.text.is_empty()).collect()
}

fn numbered(number: usize) -> Uuid {
    Uuid::from_u128(u128::try_from(number).unwrap_or(u128::MAX))
}

fn place(id: Uuid) -> usize {
    usize::try_from(id.as_u128()).unwrap_or(usize::MAX)
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> EvalError {
    EvalError::Index(error.into())
}
