//! The way back from a derived text to the one it was made from, piece by piece.

use std::ops::Range;

/// A map between the bytes of a derived text and the bytes of its original.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::text) struct Offsets {
    pieces: Vec<Piece>,
}

/// A stretch of the derived text and where it comes from. Both ends of the pieces grow along the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    derived: Range<usize>,
    original: Range<usize>,
    /// Whether the bytes are the same, so that positions inside the piece map one to one.
    same: bool,
}

impl Offsets {
    /// Adds `length` derived bytes that stand for `original`; `same` when they are the original's own bytes.
    pub(in crate::text) fn push(&mut self, length: usize, original: Range<usize>, same: bool) {
        let start = self.end();
        match self.pieces.last_mut() {
            Some(last) if same && last.same && last.original.end == original.start => {
                last.derived.end += length;
                last.original.end = original.end;
            }
            Some(_) | None => self.pieces.push(Piece { derived: start..start + length, original, same }),
        }
    }

    fn end(&self) -> usize {
        self.pieces.last().map_or(0, |last| last.derived.end)
    }

    /// Where the derived bytes `span` come from.
    pub(in crate::text) fn to_original(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.position(span.start);
        if span.end <= span.start {
            return start..start;
        }
        let index = self.pieces.partition_point(|piece| piece.derived.end < span.end).min(self.pieces.len().saturating_sub(1));
        let end = self.pieces.get(index).map_or(start, |piece| {
            let inside = span.end.min(piece.derived.end) - piece.derived.start.min(span.end);
            if piece.same { piece.original.start + inside } else { piece.original.end }
        });
        start..end.max(start)
    }

    fn position(&self, derived: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.derived.end <= derived);
        match self.pieces.get(index) {
            Some(piece) if piece.same => piece.original.start + (derived - piece.derived.start),
            Some(piece) => piece.original.start,
            None => self.pieces.last().map_or(0, |last| last.original.end),
        }
    }

    /// Which derived bytes come from the original bytes `span`: every piece that it touches, whole where it was rewritten.
    pub(in crate::text) fn to_derived(&self, span: &Range<usize>) -> Range<usize> {
        let first = self.pieces.partition_point(|piece| piece.original.end <= span.start);
        let past = self.pieces.partition_point(|piece| piece.original.start < span.end);
        let Some((piece, last)) = self.pieces.get(first).zip(past.checked_sub(1).and_then(|last| self.pieces.get(last))) else {
            return self.end()..self.end();
        };
        let start = piece.derived.start + if piece.same { span.start.saturating_sub(piece.original.start) } else { 0 };
        if past <= first {
            return start..start;
        }
        let end = if last.same { last.derived.start + span.end.min(last.original.end) - last.original.start } else { last.derived.end };
        start..end.max(start)
    }

    /// The map from a third text, derived from this derived text by `outer`, straight to the original.
    pub(in crate::text) fn through(&self, outer: &Self) -> Self {
        let mut joined = Self::default();
        for piece in &outer.pieces {
            if !piece.same {
                joined.push(piece.derived.len(), self.to_original(&piece.original), false);
                continue;
            }
            let mut index = self.pieces.partition_point(|inner| inner.derived.end <= piece.original.start);
            let mut at = piece.original.start;
            while let Some(inner) = self.pieces.get(index).filter(|_| at < piece.original.end) {
                let until = inner.derived.end.min(piece.original.end);
                let whole = at == inner.derived.start && until == inner.derived.end;
                let original = if inner.same || !whole { self.to_original(&(at..until)) } else { inner.original.clone() };
                joined.push(until - at, original, inner.same);
                at = until;
                index += 1;
            }
        }
        joined
    }
}
