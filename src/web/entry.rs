//! What the pages before signing in are made from.

use crate::domain::time::Timestamp;
use crate::web::view::Detail;

/// Where somebody stands who wants to sign in. Only the POST of a link uses it up, so that a mail scanner that opens links
/// harms nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInView {
    /// There is a link that works: a button uses it.
    Confirm {
        /// The link's secret.
        secret: String,
    },
    /// There is a link with which a password is to be chosen.
    Choose {
        /// The link's secret.
        secret: String,
        /// Whether it is a new user's first.
        is_first: bool,
        /// Who they are.
        name: String,
        /// Their address, for what remembers passwords.
        email: String,
        /// Their workspace.
        workspace: String,
        /// Until when the link works.
        until: Timestamp,
        /// What was wrong with the password.
        problem: Option<Detail>,
    },
    /// There is no link, or one that does not work.
    Needed {
        /// Why a link does not work.
        over: Option<OverLink>,
        /// What was entered, and what was wrong with it.
        form: PasswordView,
    },
}

/// Why a link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverLink {
    /// It was used, or a newer one took its place.
    Used,
    /// It is too old: it worked until then.
    Expired(Timestamp),
    /// There never was such a link.
    Unknown,
}

/// The form that asks for address and password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PasswordView {
    /// Whether there are several workspaces, so that one must be named.
    pub asks_workspace: bool,
    /// What was entered as the workspace.
    pub workspace: String,
    /// What was entered as the address.
    pub email: String,
    /// What was wrong.
    pub problem: Option<Detail>,
}

/// The page that makes the first administrator.
#[derive(Debug, Clone, Default)]
pub struct SetupView {
    /// The secret of the set-up link.
    pub secret: String,
    /// What was entered as the name.
    pub name: String,
    /// What was entered as the address.
    pub email: String,
    /// What was entered as the workspace's name.
    pub workspace: String,
    /// What was wrong with it.
    pub problem: Option<Detail>,
}
