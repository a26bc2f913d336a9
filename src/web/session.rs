//! Who visits: the session behind the cookie, and what each page needs of it.

use axum::extract::{FromRequestParts, Path};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::app::Session;
use crate::app::error::Error;
use crate::domain::time::Timestamp;
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::view::Frame;
use crate::web::{Web, cookie};

/// Somebody with a session.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) session: Session,
    pub(super) preferences: Preferences,
}

/// The one parameter of the path.
#[derive(Debug)]
pub(super) struct Named(pub(super) String);

impl Web {
    /// The session behind a request's cookie.
    pub(super) async fn session(&self, headers: &HeaderMap) -> Result<Session, Problem> {
        let secret = cookie::read(headers, self.site.is_secure()).ok_or(Error::Unauthenticated)?;
        Ok(self.app.session(secret).await?)
    }
}

impl FromRequestParts<Web> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        Ok(Self { session: web.session(&parts.headers).await?, preferences: Preferences::of(&parts.headers) })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(name) = Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self(name))
    }
}

/// What every page of a signed-in user shares, with a fresh nonce.
pub(super) fn frame(session: &Session, preferences: Preferences, now: Timestamp) -> Frame {
    Frame {
        preferences,
        nonce: format!("{:032x}", rand::random::<u128>()),
        csrf: session.csrf.clone(),
        user_name: session.user.name.clone(),
        user_role: session.user.role,
        workspace_name: session.workspace.name.clone(),
        waiting: None,
        now,
    }
}
