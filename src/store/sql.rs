//! A statement with its values: the only way in which values enter SQL.
//!
//! A fixed statement is written with `$1 … $n` and its values are given in order. Where the number of values varies, the helpers below
//! add text and placeholders together, so that both always agree.

use std::fmt::Display;

use sqlx::any::{Any, AnyArguments};
use sqlx::query::Query;
use sqlx::{Arguments, AssertSqlSafe};

use crate::domain::audience::{Audience, Reader};
use crate::domain::id::WorkspaceId;
use crate::domain::identifier::Identifier;
use crate::domain::time::Timestamp;
use crate::store::page::{Cursor, PageRequest};
use crate::store::readership;

/// How many ids one statement asks for; longer lists are asked in pieces.
pub(super) const IDS_PER_STATEMENT: usize = 256;

/// A statement in the making.
pub(super) struct Sql {
    text: String,
    arguments: AnyArguments,
    count: usize,
}

impl Sql {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), arguments: AnyArguments::default(), count: 0 }
    }

    /// Starts a statement whose `$1` is the workspace.
    pub(super) fn of(workspace: WorkspaceId, text: impl Into<String>) -> Self {
        Self::new(text).id(workspace)
    }

    /// Gives the next value: a text, as [`storable`] leaves it.
    pub(super) fn text(self, value: impl AsRef<str>) -> Self {
        self.give(storable(value.as_ref()))
    }

    /// Gives the next value: a text or nothing.
    pub(super) fn maybe_text(self, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.text(value),
            None => self.give(None::<String>),
        }
    }

    /// Gives the next value: an id, name or word, as it is written.
    pub(super) fn id(self, value: impl Display) -> Self {
        self.give(value.to_string())
    }

    /// Gives the next value: an id, name or word, or nothing.
    pub(super) fn maybe_id(self, value: Option<impl Display>) -> Self {
        self.give(value.map(|value| value.to_string()))
    }

    /// Gives the next value: a whole number.
    pub(super) fn int(self, value: i64) -> Self {
        self.give(value)
    }

    /// Gives the next value: a whole number or nothing.
    pub(super) fn maybe_int(self, value: Option<i64>) -> Self {
        self.give(value)
    }

    /// Gives the next value: a number with a fraction.
    pub(super) fn double(self, value: f64) -> Self {
        self.give(value)
    }

    /// Gives the next value: bytes.
    pub(super) fn bytes(self, value: &[u8]) -> Self {
        self.give(value.to_vec())
    }

    /// Gives the next value: bytes or nothing.
    pub(super) fn maybe_bytes(self, value: Option<&[u8]>) -> Self {
        self.give(value.map(<[u8]>::to_vec))
    }

    /// Gives the next value: a moment.
    pub(super) fn time(self, value: Timestamp) -> Self {
        self.give(value.as_micros())
    }

    /// Gives the next value: a moment or nothing.
    pub(super) fn maybe_time(self, value: Option<Timestamp>) -> Self {
        self.give(value.map(Timestamp::as_micros))
    }

    /// Gives the next value: the words of an audience.
    pub(super) fn audience(self, value: &Audience) -> Self {
        self.give(readership::column(value))
    }

    /// Gives the next value: a value as JSON.
    pub(super) fn json(self, value: &impl serde::Serialize) -> Self {
        let json = serde_json::to_string(value).expect("strings, numbers and lists of them become JSON: this is a bug");
        self.text(json)
    }

    /// Adds text without values.
    pub(super) fn push(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder with its value.
    pub(super) fn with_id(mut self, value: impl Display) -> Self {
        self.place();
        self.id(value)
    }

    /// Adds `column LIKE …`: only rows whose column holds the text, whatever is in it.
    ///
    /// Both sides must be folded ([`folded`](crate::domain::sought::folded)), or in one case: `SQLite` takes ASCII letters of both cases for
    /// the same, `PostgreSQL` none. Columns are folded when they are written, because `LOWER` of `SQLite` knows ASCII alone and that of
    /// `PostgreSQL` what the locale of its cluster knows, and neither knows accents.
    pub(super) fn holding(self, column: &str, text: &str) -> Self {
        let mut sql = self.push(column).push(" LIKE ");
        sql.place();
        sql.text(format!("%{}%", escaped(text))).push(" ESCAPE '!'")
    }

    /// Adds `(column LIKE … OR column LIKE …)`: only rows in which a line is the word or ends in it; folded as in [`Sql::holding`].
    pub(super) fn with_line_ending_in(self, column: &str, word: &str) -> Self {
        let like = |sql: Self, pattern: String| {
            let mut sql = sql.push(column).push(" LIKE ");
            sql.place();
            sql.text(pattern).push(" ESCAPE '!'")
        };
        let sql = like(self.push("("), format!("{}\n%", escaped(word))).push(" OR ");
        like(sql, format!("% {}\n%", escaped(word))).push(")")
    }

    /// Adds `UPPER(column) LIKE …`: only rows whose column names the thing, in whatever case.
    ///
    /// Both databases write letters of ASCII in capitals, and an identifier has no others.
    pub(super) fn naming(self, column: &str, identifier: &Identifier) -> Self {
        self.holding(&format!("UPPER({column})"), identifier.as_str())
    }

    /// Adds `AND (…)`: only rows whose column names one of the things; none where there are none.
    pub(super) fn naming_any(self, column: &str, identifiers: &[Identifier]) -> Self {
        let mut sql = self.push(" AND (1 = 0");
        for identifier in identifiers {
            sql = sql.push(" OR ").naming(column, identifier);
        }
        sql.push(")")
    }

    /// Adds a placeholder with its number.
    pub(super) fn with_int(mut self, value: i64) -> Self {
        self.place();
        self.int(value)
    }

    /// Adds `($2, $3, …)` for at most [`IDS_PER_STATEMENT`] ids, filled up to a power of two with the last one, so that few
    /// different statements are prepared. An empty list matches nothing.
    pub(super) fn among<I: Display>(self, ids: &[I]) -> Self {
        let Some(last) = ids.last() else { return self.push("(NULL)") };
        let wanted = ids.len().next_power_of_two();
        let mut sql = self.push("(");
        for (position, id) in ids.iter().chain(std::iter::repeat(last)).take(wanted).enumerate() {
            sql = sql.push(if position == 0 { "" } else { ", " }).with_id(id);
        }
        sql.push(")")
    }

    /// Adds `(VALUES ($2, $3), …)` for at most [`IDS_PER_STATEMENT`] pairs of an id and a number.
    pub(super) fn among_pairs<I: Display>(self, pairs: &[(I, i64)]) -> Self {
        let Some(last) = pairs.last() else { return self.push("(VALUES ('', 0))") };
        let wanted = pairs.len().next_power_of_two();
        let mut sql = self.push("(VALUES ");
        for (position, (id, number)) in pairs.iter().chain(std::iter::repeat(last)).take(wanted).enumerate() {
            sql = sql.push(if position == 0 { "(" } else { ", (" }).with_id(id).push(", ").with_int(*number).push(")");
        }
        sql.push(")")
    }

    /// Adds `AND (…)`: only what the reader may see, by the words in `column`.
    pub(super) fn readable(self, column: &str, reader: &Reader) -> Self {
        let Some(patterns) = readership::patterns(reader) else { return self };
        let mut sql = self.push(" AND (");
        for (position, pattern) in patterns.iter().enumerate() {
            sql = sql.push(if position == 0 { "" } else { " OR " }).push(column).push(" LIKE ").with_id(pattern).push(" ESCAPE '!'");
        }
        sql.push(")")
    }

    /// Adds the end of a list's query: after the cursor, newest first, one row more than the page holds.
    pub(super) fn page(self, at: &str, id: &str, page: &PageRequest) -> Self {
        let mut sql = self;
        if let Some(cursor) = page.after {
            sql = sql.push(&format!(" AND ({at}, {id}) < (")).with_int(cursor.at.as_micros()).push(", ").with_id(cursor.id).push(")");
        }
        let rows = i64::try_from(page.effective_limit() + 1).unwrap_or(i64::MAX);
        sql.push(&format!(" ORDER BY {at} DESC, {id} DESC LIMIT ")).with_int(rows)
    }

    /// The same for a list that runs by rank first, the highest before the others.
    pub(super) fn page_by_rank(self, rank: &str, at: &str, id: &str, page: &PageRequest) -> Self {
        let mut sql = self;
        if let Some(Cursor { rank: after, at: at_after, id: id_after }) = page.after {
            sql = sql.push(&format!(" AND ({rank}, {at}, {id}) < (")).with_int(after.unwrap_or(i64::MAX));
            sql = sql.push(", ").with_int(at_after.as_micros()).push(", ").with_id(id_after).push(")");
        }
        let rows = i64::try_from(page.effective_limit() + 1).unwrap_or(i64::MAX);
        sql.push(&format!(" ORDER BY {rank} DESC, {at} DESC, {id} DESC LIMIT ")).with_int(rows)
    }

    /// The query, ready to run. The text holds only words of this room: every value went through a placeholder.
    pub(super) fn build(self) -> Query<'static, Any, AnyArguments> {
        sqlx::query_with(AssertSqlSafe(self.text), self.arguments)
    }

    fn place(&mut self) {
        self.text.push('$');
        self.text.push_str(&(self.count + 1).to_string());
    }

    fn give<'t, T: sqlx::Encode<'t, Any> + sqlx::Type<Any>>(mut self, value: T) -> Self {
        self.arguments.add(value).expect("numbers, texts and bytes are always encoded: this is a bug");
        self.count += 1;
        self
    }
}

/// The text as a part of a pattern of `LIKE … ESCAPE '!'`, in which nothing of it is a wildcard.
pub(super) fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('_', "!_").replace('%', "!%")
}

/// The text as both databases can keep it: NUL, which `PostgreSQL` refuses, becomes the replacement character.
pub(super) fn storable(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_follow_the_values_already_given() {
        let workspace = WorkspaceId::at(Timestamp::from_micros(0), [1; 10]);
        let sql = Sql::of(workspace, "SELECT 1 WHERE workspace = $1 AND id IN ").among(&["a", "b", "c"]).push(" LIMIT ").with_int(5);
        assert_eq!(sql.text, "SELECT 1 WHERE workspace = $1 AND id IN ($2, $3, $4, $5) LIMIT $6");
        assert_eq!(sql.arguments.len(), 6);
    }

    #[test]
    fn what_is_looked_for_has_no_wildcards() {
        let sql = Sql::new("SELECT 1 WHERE ").holding("name", "50%_off!");
        assert_eq!(sql.text, "SELECT 1 WHERE name LIKE $1 ESCAPE '!'");
        assert_eq!(escaped("50%_off!"), "50!%!_off!!");
    }

    #[test]
    fn an_empty_list_matches_nothing() {
        assert_eq!(Sql::new("id IN ").among::<String>(&[]).text, "id IN (NULL)");
    }
}
