//! Pages of a list: where the next one starts.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::domain::time::Timestamp;

const LARGEST_PAGE: u32 = 500;

/// The place of a list's item: lists run from the newest to the oldest, ties in the order of ids; some by rank before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The rank, of a list that has ranks.
    pub(super) rank: Option<i64>,
    pub(super) at: Timestamp,
    pub(super) id: Uuid,
}

/// A text that is not a cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: pass `next_cursor` of the page before, unchanged")]
pub struct InvalidCursor;

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items at most; held to 1 to 500.
    pub limit: u32,
    /// After which item; `None` for the first page.
    pub after: Option<Cursor>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<Cursor>,
}

impl Cursor {
    /// The place in a list that runs by rank, and that no query gives.
    #[must_use]
    pub const fn of(rank: i64, at: Timestamp, id: Uuid) -> Self {
        Self { rank: Some(rank), at, id }
    }

    /// Rank, moment and id of a place in a list that runs by rank; `None` in one that does not.
    #[must_use]
    pub fn place(&self) -> Option<(i64, Timestamp, Uuid)> {
        Some((self.rank?, self.at, self.id))
    }

    /// Whether it is of a list that has ranks.
    #[must_use]
    pub const fn is_ranked(&self) -> bool {
        self.rank.is_some()
    }
}

impl PageRequest {
    /// The first page.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { limit, after: None }
    }

    pub(super) fn effective_limit(&self) -> usize {
        usize::try_from(self.limit.clamp(1, LARGEST_PAGE)).unwrap_or(1)
    }
}

impl<T> Page<T> {
    /// Cuts what was read (one row more than asked, if there are more) into a page.
    pub(super) fn cut(mut items: Vec<T>, page: &PageRequest, place: impl Fn(&T) -> Cursor) -> Self {
        let limit = page.effective_limit();
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(place) } else { None };
        Self { items, next }
    }

    /// Turns each item into something else.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        let Self { items, next } = self;
        Page { items: items.into_iter().map(change).collect(), next }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(rank) = self.rank {
            write!(f, "{rank}-")?;
        }
        write!(f, "{:x}.{}", self.at.as_micros(), self.id.simple())
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(given: &str) -> Result<Self, InvalidCursor> {
        let (rank, place) = match given.split_once('-') {
            Some((rank, place)) => (Some(rank.parse().map_err(|_| InvalidCursor)?), place),
            None => (None, given),
        };
        let (at, id) = place.split_once('.').ok_or(InvalidCursor)?;
        let bits = u64::from_str_radix(at, 16).map_err(|_| InvalidCursor)?;
        let id = Uuid::try_parse(id).map_err(|_| InvalidCursor)?;
        Ok(Self { rank, at: Timestamp::from_micros(bits.cast_signed()), id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_way_through_text() {
        for micros in [0, -5, 1_790_000_000_000_000, i64::MAX, i64::MIN] {
            for rank in [None, Some(0), Some(4)] {
                let cursor = Cursor { rank, at: Timestamp::from_micros(micros), id: Uuid::from_u128(77) };
                assert_eq!(cursor.to_string().parse(), Ok(cursor));
            }
        }
        assert_eq!("abc".parse::<Cursor>(), Err(InvalidCursor));
        assert_eq!("x-12.00000000000000000000000000000001".parse::<Cursor>(), Err(InvalidCursor));
        assert_eq!("12.nothing".parse::<Cursor>(), Err(InvalidCursor));
    }

    #[test]
    fn a_page_points_to_the_next_only_when_there_is_more() {
        let place = |id: &u128| Cursor { rank: None, at: Timestamp::from_micros(0), id: Uuid::from_u128(*id) };
        let full = Page::cut(vec![3, 2, 1], &PageRequest::first(2), place);
        assert_eq!(full.items, [3, 2]);
        assert_eq!(full.next, Some(place(&2)));
        assert_eq!(Page::cut(vec![2, 1], &PageRequest::first(2), place).next, None);
    }
}
