//! Forms: their fields, and the checks that a page of this site sent them with the session's own token.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use subtle::ConstantTimeEq;

use crate::app::Session;
use crate::app::error::Error;
use crate::domain::user::Permission;
use crate::web::Web;
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::words::Text;

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, String>);

/// A form that a page of this site sent, from whomever.
#[derive(Debug)]
pub(super) struct Unsigned(pub(super) Fields);

/// A form that a page of this site sent with the token of a session that goes on.
#[derive(Debug)]
pub(super) struct Posted {
    /// Who sent it.
    pub(super) session: Session,
    /// How they want to see pages.
    pub(super) preferences: Preferences,
    /// What it says.
    pub(super) fields: Fields,
}

/// The same with one file, which is held whole: for whoever feeds the workspace.
#[derive(Debug)]
pub(super) struct PostedFile {
    /// Who sent it.
    pub(super) session: Session,
    /// How they want to see pages.
    pub(super) preferences: Preferences,
    /// What it says.
    pub(super) fields: Fields,
    /// The name of the file; empty when none was chosen.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

impl FromRequest<Web> for PostedFile {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        if !web.site.is_asked_by_itself(&headers) {
            return Err(Problem::foreign());
        }
        let session = web.session(&headers).await?;
        // Before anything is read: nobody else may have the server hold a file.
        if !session.actor.role.may(Permission::Feed) {
            return Err(Error::Forbidden { role: session.actor.role.as_str() }.into());
        }
        let mut form = Multipart::from_request(request, web).await.map_err(|rejection| unreadable(rejection.status()))?;
        let (mut fields, mut name, mut bytes) = (Fields::default(), String::new(), Vec::new());
        while let Some(field) = form.next_field().await.map_err(|error| unreadable(error.status()))? {
            match field.name().unwrap_or_default() {
                "file" => {
                    field.file_name().unwrap_or_default().clone_into(&mut name);
                    bytes = field.bytes().await.map_err(|error| unreadable(error.status()))?.to_vec();
                }
                other => {
                    let other = other.to_owned();
                    fields.put(other, text(field).await?);
                }
            }
        }
        if !fields.is_signed(&session) {
            return Err(Problem::stale());
        }
        Ok(Self { session, preferences: Preferences::of(&headers), fields, name, bytes })
    }
}

async fn text(field: Field<'_>) -> Result<String, Problem> {
    field.text().await.map_err(|error| unreadable(error.status()))
}

/// Why a form was not read; that its file is too large may show at any of its parts.
fn unreadable(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Problem::refused(Text::new("form-file-too-large")) } else { Problem::unreadable(status) }
}

impl Fields {
    /// Adds a field that came as a part of its own.
    pub(super) fn put(&mut self, name: String, text: String) {
        self.0.insert(name, text);
    }

    /// Whether the form carries the session's own token.
    pub(super) fn is_signed(&self, session: &Session) -> bool {
        is_same(&self.text("csrf"), &session.csrf)
    }

    /// A field's text with plain line ends, trimmed at its end; empty when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.0.get(name).map(|text| text.replace("\r\n", "\n").trim_end().to_owned()).unwrap_or_default()
    }

    /// Fields of a form that shows something known.
    pub(super) fn of(pairs: &[(&str, &str)]) -> Self {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// A field's text exactly as it was sent.
    pub(super) fn verbatim(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A field's text without space around it; `None` when it is blank.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name).trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The words of a field, apart by commas, semicolons or space.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let text = self.text(name);
        text.split([',', ';', ' ', '\n']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// The lines of a field that are not blank.
    pub(super) fn lines(&self, name: &str) -> Vec<String> {
        self.text(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// What was ticked among the fields with this beginning.
    pub(super) fn chosen(&self, beginning: &str) -> Vec<String> {
        self.0.keys().filter_map(|name| name.strip_prefix(beginning)).map(str::to_owned).collect()
    }

    /// Whether the form had this field, be it blank.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A field's text.
    ///
    /// # Errors
    /// [`Problem`] that says `missing` when it is blank.
    pub(super) fn filled(&self, name: &str, missing: Text) -> Result<String, Problem> {
        let text = self.text(name);
        if text.trim().is_empty() { Err(Problem::refused(missing)) } else { Ok(text) }
    }
}

impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl FromRequest<Web> for Unsigned {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        if !web.site.is_asked_by_itself(request.headers()) {
            return Err(Problem::foreign());
        }
        let Form(fields) =
            Form::from_request(request, web).await.map_err(|rejection| Problem::unreadable(rejection.into_response().status()))?;
        Ok(Self(Fields(fields)))
    }
}

impl FromRequest<Web> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let Unsigned(fields) = Unsigned::from_request(request, web).await?;
        let preferences = Preferences::of(&headers);
        // The text is read first, so that a session that ended meanwhile does not cost the user what they wrote.
        let written = fields.text("body");
        let session = web.session(&headers).await.map_err(|problem| problem.keeping(&written))?;
        if is_same(&fields.text("csrf"), &session.csrf) {
            Ok(Self { session, preferences, fields })
        } else {
            Err(Problem::stale().keeping(&written))
        }
    }
}

/// Compares tokens in a time that says nothing of where they differ.
pub(super) fn is_same(given: &str, kept: &str) -> bool {
    !kept.is_empty() && bool::from(given.as_bytes().ct_eq(kept.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sessions_own_token_is_taken() {
        assert!(is_same("ab12", "ab12"));
        for (given, kept) in [("ab13", "ab12"), ("ab1", "ab12"), ("ab123", "ab12"), ("", "ab12"), ("", ""), ("AB12", "ab12")] {
            assert!(!is_same(given, kept), "{given} {kept}");
        }
    }

    #[test]
    fn texts_lose_what_forms_add_to_them() {
        let fields = Fields([("body".to_owned(), "one\r\ntwo\r\n".to_owned()), ("blank".to_owned(), " \r\n".to_owned())].into());
        assert_eq!(fields.text("body"), "one\ntwo");
        let filled = |name: &str| fields.filled(name, Text::new("refused-no-body"));
        assert!(filled("blank").is_err() && filled("missing").is_err());
        assert_eq!(filled("body").unwrap(), "one\ntwo");
    }
}
