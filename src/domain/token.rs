//! API tokens: `bc_`, 40 random letters and digits, 6 of checksum.
//!
//! The checksum lets a scanner tell a real token from a look-alike without asking anybody; the store keeps only the hash.

use std::collections::BTreeSet;
use std::fmt;

use crate::domain::id::{TokenId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Role, TeamName};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "bc_";
const RANDOM_CHARS: usize = 40;
const CHECK_CHARS: usize = 6;

/// The secret part of a token; `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(String);

/// A text that cannot be a token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API token: expected `bc_` and 46 letters and digits with a right checksum")]
pub struct InvalidToken;

/// What is known of a token, its secret apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// What it is for, as its maker wrote.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The teams whose restricted items it may read.
    pub teams: BTreeSet<TeamName>,
    /// Who made it, as the audit trail names them; not known of tokens from before this was kept.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl TokenSecret {
    /// Makes a token from 40 random bytes: each picks a letter or digit.
    ///
    /// A byte of 248 or more is folded back, which costs 0.03 bits of about 238.
    #[must_use]
    pub fn from_random(random: &[u8; RANDOM_CHARS]) -> Self {
        let body: String = random.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % 62])).collect();
        let check = checksum(&body);
        Self(format!("{PREFIX}{body}{check}"))
    }

    /// Reads a token that somebody sent.
    ///
    /// # Errors
    /// [`InvalidToken`] when prefix, length, alphabet or checksum are wrong.
    pub fn parse(given: &str) -> Result<Self, InvalidToken> {
        let rest = given.strip_prefix(PREFIX).ok_or(InvalidToken)?;
        if rest.len() != RANDOM_CHARS + CHECK_CHARS || !rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(InvalidToken);
        }
        let (body, check) = rest.split_at(RANDOM_CHARS);
        if checksum(body) == check { Ok(Self(given.to_owned())) } else { Err(InvalidToken) }
    }

    /// The whole text, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(bc_…)")
    }
}

fn checksum(body: &str) -> String {
    let mut left = crc32fast::hash(body.as_bytes());
    (0..CHECK_CHARS)
        .map(|_| {
            let digit = left % 62;
            left /= 62;
            char::from(ALPHABET[usize::try_from(digit).unwrap_or(0)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_never_shown_by_debug() {
        let token = TokenSecret::from_random(&[7; 40]);
        assert_eq!(TokenSecret::parse(token.expose()), Ok(token.clone()));
        assert_eq!(format!("{token:?}"), "TokenSecret(bc_…)");
    }

    #[test]
    fn one_changed_letter_breaks_the_checksum() {
        let token = TokenSecret::from_random(&[9; 40]);
        let mut altered = token.expose().to_owned();
        altered.replace_range(10..11, "Z");
        assert_eq!(TokenSecret::parse(&altered), Err(InvalidToken));
        assert_eq!(TokenSecret::parse("bc_short"), Err(InvalidToken));
    }
}
