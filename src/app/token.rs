//! API tokens: who calls, and what an admin does about it.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::people::expect_teams;
use crate::domain::id::TokenId;
use crate::domain::token::{Token, TokenSecret};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{Role, TeamName};
use crate::store;

/// A token's last use is written at most this often, so that reads do not become writes.
const USED_EVERY_SECONDS: i64 = 60;

impl App {
    /// Who sent this bearer token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for anything but a token in force.
    pub async fn authenticate(&self, token: &str) -> Result<Actor, Error> {
        let secret = TokenSecret::parse(token).map_err(|_| Error::Unauthenticated)?;
        let token = store::token::by_secret(self.store(), &secret).await?.ok_or(Error::Unauthenticated)?;
        let now = self.now();
        if token.last_used_at.is_none_or(|last| now.seconds_since(last) >= USED_EVERY_SECONDS) {
            let mut tx = self.store().begin().await?;
            store::token::mark_used(&mut tx, token.workspace, token.id, now).await?;
            tx.commit().await?;
        }
        Ok(Actor { workspace: token.workspace, name: format!("token:{}", token.id), user: None, role: token.role, teams: token.teams })
    }

    /// Makes a token; its secret is given once and never again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody but an admin.
    pub async fn create_token(
        &self,
        actor: &Actor,
        name: &str,
        role: Role,
        teams: BTreeSet<TeamName>,
    ) -> Result<(Token, TokenSecret), Error> {
        self.allow(actor, Permission::Administer)?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(Error::invalid("name", "expected 1 to 100 characters that say what the token is for"));
        }
        let now = self.now();
        let token = Token {
            id: TokenId::at(now, random()),
            workspace: actor.workspace,
            name: name.to_owned(),
            role,
            teams,
            created_by: Some(actor.name.clone()),
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        let secret = TokenSecret::from_random(&random());
        let mut tx = self.store().begin().await?;
        // A team is not removed while the token that names it is made.
        store::user::lock(&mut tx, actor.workspace).await?;
        expect_teams(&store::person::team_names(&mut tx, actor.workspace).await?, "teams", &token.teams)?;
        store::token::insert(&mut tx, &token, &secret).await?;
        self.record(&mut tx, actor, "token.create", &token.id.to_string());
        tx.commit().await?;
        Ok((token, secret))
    }

    /// The tokens of the workspace, newest first, revoked ones included.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not audit.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<Token>, Error> {
        self.allow(actor, Permission::Audit)?;
        Ok(store::token::list(self.store(), actor.workspace).await?)
    }

    /// Revokes a token; from then on it opens nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a token that is not in force in this workspace.
    pub async fn revoke_token(&self, actor: &Actor, id: TokenId) -> Result<(), Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        if !store::token::revoke(&mut tx, actor.workspace, id, self.now()).await? {
            return Err(Error::NotFound { kind: "token", id: id.to_string() });
        }
        self.record(&mut tx, actor, "token.revoke", &id.to_string());
        Ok(tx.commit().await?)
    }
}
