//! API tokens, in and out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::token::Token;
use crate::domain::vocabulary::{Role, TeamName};
use crate::wire::read::{FieldError, line, parse_all};

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "order import", "role": "service"}))]
pub struct TokenIn {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The short names of the teams whose restricted items it may read.
    #[serde(default)]
    pub teams: Vec<String>,
}

/// What is known of a token, its secret apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenOut {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The short names of the teams whose restricted items it may read.
    pub teams: Vec<String>,
    /// Who made it, such as `user:019aa0e2-…`; null where that was not kept yet.
    #[schema(required)]
    pub created_by: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last used, to the minute.
    #[schema(required, format = DateTime)]
    pub last_used_at: Option<String>,
    /// When it was revoked.
    #[schema(required, format = DateTime)]
    pub revoked_at: Option<String>,
}

/// A token that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewTokenOut {
    /// The token.
    pub token: TokenOut,
    /// What callers send, which is shown only now; null when the same call is answered again from memory, because only its sum is kept.
    #[schema(required)]
    pub secret: Option<String>,
}

impl TokenIn {
    /// Name, role and teams.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_parts(self) -> Result<(String, Role, BTreeSet<TeamName>), FieldError> {
        let Self { name, role, teams } = self;
        Ok((line("/name", name)?, role, parse_all("/teams", &teams)?))
    }
}

impl From<Token> for TokenOut {
    fn from(token: Token) -> Self {
        let Token { id, workspace: _, name, role, teams, created_by, created_at, last_used_at, revoked_at } = token;
        Self {
            id: id.to_string(),
            name,
            role,
            teams: teams.iter().map(ToString::to_string).collect(),
            created_by,
            created_at: created_at.to_string(),
            last_used_at: last_used_at.map(|at| at.to_string()),
            revoked_at: revoked_at.map(|at| at.to_string()),
        }
    }
}
