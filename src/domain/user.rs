//! Users: who signs in, and what their role lets them do.

use std::collections::BTreeSet;

use crate::domain::audience::{Reader, Scope};
use crate::domain::id::{UserId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{EmailAddress, Role, TeamName};

/// Somebody who signs in to the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their workspace.
    pub workspace: WorkspaceId,
    /// Their address, unique in the workspace.
    pub email: EmailAddress,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The teams whose restricted items they may read.
    pub teams: BTreeSet<TeamName>,
    /// When they were added.
    pub created_at: Timestamp,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<Timestamp>,
    /// When they last signed in.
    pub signed_in_at: Option<Timestamp>,
}

/// A user with how they can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// Whether they have a password.
    pub has_password: bool,
    /// Until when their invitation works, while they have not followed it.
    pub invited_until: Option<Timestamp>,
}

/// What is to be changed of a user; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Their name.
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// The teams whose restricted items they may read.
    pub teams: Option<BTreeSet<TeamName>>,
    /// Whether they may not sign in.
    pub disabled: Option<bool>,
}

impl User {
    /// Whether they can keep the workspace running: an admin who may sign in.
    #[must_use]
    pub fn is_acting_admin(&self) -> bool {
        self.role == Role::Admin && self.disabled_at.is_none()
    }
}

/// A thing that somebody may or may not do; doors ask [`Role::may`] and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// Read tickets, threads, panels and documents; search; triage a text.
    Read,
    /// Write tickets and comments, open and answer side conversations, give feedback.
    Work,
    /// Bring in documents, people, teams, channels and customers.
    Feed,
    /// Change the playbook, tokens and users.
    Administer,
    /// Read the audit trail, the usage, and who holds an account or a token.
    Audit,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 5] = [Self::Read, Self::Work, Self::Feed, Self::Administer, Self::Audit];
}

impl Role {
    /// Whether the role grants the permission.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::Read => true,
            Permission::Work => matches!(self, Self::Agent | Self::Approver | Self::Admin | Self::Service),
            Permission::Feed => matches!(self, Self::Admin | Self::Service),
            Permission::Administer => matches!(self, Self::Admin),
            Permission::Audit => matches!(self, Self::Admin | Self::Auditor),
        }
    }
}

/// Who is acting: a signed-in user or a token, already checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The workspace they act in.
    pub workspace: WorkspaceId,
    /// `user:<id>` or `token:<id>`: what the audit trail keeps.
    pub name: String,
    /// The user behind it, if a person.
    pub user: Option<UserId>,
    /// What they may do.
    pub role: Role,
    /// The teams whose restricted items they may read.
    pub teams: BTreeSet<TeamName>,
}

impl Actor {
    /// The scope of everything that this actor reads.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let reader = match self.role {
            Role::Admin => Reader::Everything,
            Role::Light | Role::Agent | Role::Approver | Role::Auditor | Role::Service => Reader::Colleague(self.teams.clone()),
        };
        Scope::new(self.workspace, reader)
    }
}
