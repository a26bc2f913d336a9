//! How an audience is kept beside a row, and how a reader asks for it.
//!
//! The column holds the words of [`Audience::tokens`] between bars, such as `|team:legal|team:finance|`. Words have no bar in them,
//! so a reader's word is found by `LIKE '%|word|%'`; `_` and `%` inside words are escaped with `!`.

use crate::domain::audience::{Audience, Reader};
use crate::store::sql::escaped;

/// The column's text.
pub(super) fn column(audience: &Audience) -> String {
    let mut text = String::from("|");
    for token in audience.tokens() {
        text.push_str(&token);
        text.push('|');
    }
    text
}

/// Reads the column's text back.
pub(super) fn parse(text: &str) -> Option<Audience> {
    let tokens: Vec<String> = text.split('|').filter(|token| !token.is_empty()).map(str::to_owned).collect();
    Audience::from_tokens(&tokens)
}

/// The patterns of which a row's column must match one; `None` when nothing is hidden from the reader.
pub(super) fn patterns(reader: &Reader) -> Option<Vec<String>> {
    let tokens = reader.tokens()?;
    Some(tokens.iter().map(|token| format!("%|{}|%", escaped(token))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_read_back() {
        let teams = ["a_b", "c-d"].into_iter().map(|name| name.parse().unwrap()).collect();
        for audience in [Audience::Public, Audience::Internal, Audience::Teams(teams)] {
            assert_eq!(parse(&column(&audience)), Some(audience));
        }
        assert_eq!(parse(""), None);
        assert_eq!(parse("|unknown|"), None);
    }

    #[test]
    fn wildcards_inside_a_team_name_are_escaped() {
        let reader = Reader::Colleague(["a_b".parse().unwrap()].into());
        assert!(patterns(&reader).unwrap().contains(&"%|team:a!_b|%".to_owned()));
        assert_eq!(patterns(&Reader::Everything), None);
    }
}
