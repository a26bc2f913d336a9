//! Users and their invitations, in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::intake::NewUser;
use crate::domain::user::{Account, User, UserChange};
use crate::domain::vocabulary::Role;
use crate::wire::read::{FieldError, line, parse, parse_all};

/// Somebody to be invited.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "priya.nair@alderwick.example", "name": "Priya Nair", "role": "agent", "teams": ["support"]}))]
pub struct UserIn {
    /// Their address, unique in the workspace.
    #[schema(format = Email)]
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may do; `service` is for tokens.
    pub role: Role,
    /// The short names of the teams whose restricted items they may read.
    #[serde(default)]
    pub teams: Vec<String>,
    /// How long the invitation works, in hours, at most 336; 72 when not given.
    #[schema(minimum = 1, maximum = 336)]
    pub valid_hours: Option<u32>,
}

/// What is to be changed of a user; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "approver"}))]
pub struct UserPatch {
    /// Their name.
    pub name: Option<String>,
    /// What they may do; nobody changes their own.
    pub role: Option<Role>,
    /// The short names of the teams whose restricted items they may read.
    pub teams: Option<Vec<String>>,
    /// Whether they may not sign in; disabling ends their sessions and links.
    pub disabled: Option<bool>,
}

/// Somebody who signs in to the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserOut {
    /// Their id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The short names of the teams whose restricted items they may read.
    pub teams: Vec<String>,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// Whether they can sign in with a password.
    pub has_password: bool,
    /// Until when their invitation works, while they have not followed it.
    #[schema(required, format = DateTime)]
    pub invited_until: Option<String>,
    /// When they last signed in.
    #[schema(required, format = DateTime)]
    pub signed_in_at: Option<String>,
    /// When they were added.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// A one-time link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OneTimeLinkOut {
    /// What to put behind the console's address.
    pub path: String,
    /// When it stops working.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// A user with the link that they are to be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkedUserOut {
    /// The user.
    pub user: UserOut,
    /// The link, which is shown only now; null when the same call is answered again from memory, because only its sum is kept.
    #[schema(required)]
    pub link: Option<OneTimeLinkOut>,
}

impl UserIn {
    /// The user to be invited, and for how many hours.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_new(self) -> Result<(NewUser, Option<u32>), FieldError> {
        let Self { email, name, role, teams, valid_hours } = self;
        let new = NewUser { email: parse("/email", &email)?, name: line("/name", name)?, role, teams: parse_all("/teams", &teams)? };
        Ok((new, valid_hours))
    }
}

impl UserPatch {
    /// What is to be changed.
    ///
    /// # Errors
    /// [`FieldError`] at the first field that cannot be used.
    pub fn into_change(self) -> Result<UserChange, FieldError> {
        let Self { name, role, teams, disabled } = self;
        Ok(UserChange {
            name: name.map(|name| line("/name", name)).transpose()?,
            role,
            teams: teams.map(|teams| parse_all("/teams", &teams)).transpose()?,
            disabled,
        })
    }
}

impl From<Account> for UserOut {
    fn from(account: Account) -> Self {
        let Account { user, has_password, invited_until } = account;
        let User { id, workspace: _, email, name, role, teams, created_at, disabled_at, signed_in_at } = user;
        Self {
            id: id.to_string(),
            email: email.to_string(),
            name,
            role,
            teams: teams.iter().map(ToString::to_string).collect(),
            disabled: disabled_at.is_some(),
            has_password,
            invited_until: invited_until.map(|at| at.to_string()),
            signed_in_at: signed_in_at.map(|at| at.to_string()),
            created_at: created_at.to_string(),
        }
    }
}
