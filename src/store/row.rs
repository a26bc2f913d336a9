//! Reading a row: each value is checked on its way out, and a wrong one names its table and column.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{Decode, Row as _, Type};

use crate::domain::audience::Audience;
use crate::domain::identifier::Identifier;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::readership;

/// A row of a table.
pub(super) struct Row<'a> {
    table: &'static str,
    row: &'a AnyRow,
}

impl<'a> Row<'a> {
    pub(super) const fn new(table: &'static str, row: &'a AnyRow) -> Self {
        Self { table, row }
    }

    pub(super) const fn corrupt(&self, column: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, column }
    }

    fn get<T: for<'r> Decode<'r, sqlx::Any> + Type<sqlx::Any>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.row.try_get(column).map_err(|_| self.corrupt(column))
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(super) fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(super) fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        self.get(column)
    }

    pub(super) fn maybe_int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.get(column)
    }

    pub(super) fn double(&self, column: &'static str) -> Result<f64, StoreError> {
        self.get(column)
    }

    pub(super) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }

    pub(super) fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        self.int(column).map(|value| value != 0)
    }

    /// The row's id, if its text names one of these things.
    pub(super) fn named<T: FromStr>(&self, column: &'static str, identifiers: &[Identifier]) -> Option<Result<T, StoreError>> {
        match self.text(column) {
            Ok(text) => identifiers.iter().any(|identifier| identifier.is_in(&text)).then(|| self.parsed("id")),
            Err(error) => Some(Err(error)),
        }
    }

    pub(super) fn count(&self, column: &'static str) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|_| self.corrupt(column))
    }

    pub(super) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_micros)
    }

    pub(super) fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.maybe_int(column)?.map(Timestamp::from_micros))
    }

    /// An id, name or word.
    pub(super) fn parsed<T: FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| self.corrupt(column))
    }

    /// An id, name or word, or nothing.
    pub(super) fn maybe_parsed<T: FromStr>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.maybe_text(column)?.map(|text| text.parse().map_err(|_| self.corrupt(column))).transpose()
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| self.corrupt(column))
    }

    /// A list of ids, names or words, kept as JSON.
    pub(super) fn words<T: FromStr, C: FromIterator<T>>(&self, column: &'static str) -> Result<C, StoreError> {
        let texts: Vec<String> = self.json(column)?;
        texts.iter().map(|text| text.parse().map_err(|_| self.corrupt(column))).collect()
    }

    pub(super) fn maybe_words<T: FromStr, C: FromIterator<T>>(&self, column: &'static str) -> Result<Option<C>, StoreError> {
        let texts: Option<Vec<String>> = self.json(column)?;
        texts.map(|texts| texts.iter().map(|text| text.parse().map_err(|_| self.corrupt(column))).collect()).transpose()
    }

    pub(super) fn audience(&self, column: &'static str) -> Result<Audience, StoreError> {
        readership::parse(&self.text(column)?).ok_or_else(|| self.corrupt(column))
    }
}

/// The words of a list, for [`Sql::json`](crate::store::sql::Sql::json).
pub(super) fn written<T: ToString>(words: impl IntoIterator<Item = T>) -> Vec<String> {
    words.into_iter().map(|word| word.to_string()).collect()
}
