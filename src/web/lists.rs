//! The directory's lists, taken in and out whole.

use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::{Imported, Session};
use crate::domain::user::Permission;
use crate::domain::vocabulary::{Register, RegisterFormat};
use crate::web::form::is_same;
use crate::web::listing::{ListsView, Report};
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::words::Text;
use crate::web::{Web, guard, pages};
use crate::wire::register::{ImportOut, LARGEST_LIST_BYTES, LineFault};

/// The largest form: a list with what a browser puts around it.
pub(super) const LARGEST_BYTES: usize = LARGEST_LIST_BYTES + 64 * 1024;
/// So many lines that cannot be taken are shown.
const MOST_SHOWN: usize = 50;

/// A file that a page of this site sent with the token of a session that goes on.
#[derive(Debug)]
pub(super) struct SentList {
    session: Session,
    preferences: Preferences,
    of: Register,
    only_check: bool,
    file: Vec<u8>,
    name: String,
}

impl FromRequest<Web> for SentList {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        if !web.site.is_asked_by_itself(&headers) {
            return Err(Problem::foreign());
        }
        let session = web.session(&headers).await?;
        let mut form = Multipart::from_request(request, web).await.map_err(|rejection| unreadable(rejection.status()))?;
        let mut sent = Self {
            preferences: Preferences::of(&headers),
            session,
            of: Register::People,
            only_check: false,
            file: Vec::new(),
            name: String::new(),
        };
        let mut token = String::new();
        while let Some(field) = form.next_field().await.map_err(|error| unreadable(error.status()))? {
            match field.name().unwrap_or_default() {
                "csrf" => token = text(field).await?,
                "of" => sent.of = text(field).await?.parse().map_err(Problem::refused_below)?,
                "check" => sent.only_check = text(field).await? == "1",
                "file" => {
                    field.file_name().unwrap_or_default().clone_into(&mut sent.name);
                    sent.file = field.bytes().await.map_err(|error| unreadable(error.status()))?.to_vec();
                }
                _ => {}
            }
        }
        if is_same(&token, &sent.session.csrf) { Ok(sent) } else { Err(Problem::stale()) }
    }
}

async fn text(field: Field<'_>) -> Result<String, Problem> {
    field.text().await.map_err(|error| unreadable(error.status()))
}

/// Why a form was not read; that it is too large may show at any of its parts.
fn unreadable(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Problem::refused(Text::new("lists-too-large")) } else { Problem::unreadable(status) }
}

/// The page with both ways.
pub(super) async fn page(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    if !session.actor.role.may(Permission::Audit) {
        return Err(crate::app::error::Error::Forbidden { role: session.actor.role.as_str() }.into());
    }
    shown(&web, &session, preferences, StatusCode::OK, Register::People, None)
}

/// A list as a file.
pub(super) async fn export(State(web): State<Web>, Visitor { session, .. }: Visitor, Named(file): Named) -> Result<Response, Problem> {
    let (of, format) = file.rsplit_once('.').ok_or_else(Problem::not_found)?;
    let of: Register = of.parse().map_err(|_| Problem::not_found())?;
    let format: RegisterFormat = format.parse().map_err(|_| Problem::not_found())?;
    let list = web.app.export(&session.actor, of, format).await?;
    let (kind, mark) = match format {
        RegisterFormat::Lines => ("application/x-ndjson", ""),
        // Spreadsheets tell by this mark that it is UTF-8.
        RegisterFormat::Csv => ("text/csv; charset=utf-8; header=present", "\u{feff}"),
    };
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{of}.{format}\"")) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    Ok((headers, format!("{mark}{list}")).into_response())
}

/// Takes a file in, whole or not at all, and tells what became of it.
pub(super) async fn import(State(web): State<Web>, sent: SentList) -> Result<Response, Problem> {
    let SentList { session, preferences, of, only_check, file, name } = sent;
    let report = match String::from_utf8(file) {
        Err(_) => Report::Refused { faults: vec![(0, "not UTF-8: save the file as UTF-8".to_owned())], more: 0 },
        Ok(text) => match web.app.import(&session.actor, of, format_of(&name, &text), text, only_check).await? {
            Imported::Done(ImportOut { created, updated, unchanged }) => {
                let counted =
                    |key: &'static str| Text::new(key).with("created", created).with("updated", updated).with("unchanged", unchanged);
                if only_check { Report::Checked(counted("lists-checked")) } else { Report::Done(counted("lists-done")) }
            }
            Imported::Refused(faults) => refused(faults),
        },
    };
    let status = if matches!(report, Report::Refused { .. }) { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shown(&web, &session, preferences, status, of, Some(report))
}

/// What a file is by its name, else by its first letter.
fn format_of(name: &str, text: &str) -> RegisterFormat {
    let is_lines = [".jsonl", ".ndjson", ".json"].iter().any(|ending| name.to_lowercase().ends_with(ending));
    if is_lines || text.trim_start_matches(['\u{feff}', ' ', '\n', '\r']).starts_with('{') {
        RegisterFormat::Lines
    } else {
        RegisterFormat::Csv
    }
}

fn refused(faults: Vec<LineFault>) -> Report {
    let more = u64::try_from(faults.len().saturating_sub(MOST_SHOWN)).unwrap_or(u64::MAX);
    let told = |LineFault { line, pointer, reason }: LineFault| {
        let place = pointer.trim_start_matches('/').replace('/', ".");
        (line, if place.is_empty() { reason } else { format!("{place}: {reason}") })
    };
    Report::Refused { faults: faults.into_iter().take(MOST_SHOWN).map(told).collect(), more }
}

fn shown(
    web: &Web,
    session: &Session,
    preferences: Preferences,
    status: StatusCode,
    chosen: Register,
    report: Option<Report>,
) -> Result<Response, Problem> {
    let may_write = session.actor.role.may(Permission::Feed);
    let view = ListsView { frame: frame(session, preferences, web.app.now()), may_write, chosen, report };
    Ok(guard::html(status, Some(&view.frame.nonce), preferences, pages::lists(&view)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_name_or_its_first_letter() {
        assert_eq!(format_of("People.JSONL", ""), RegisterFormat::Lines);
        assert_eq!(format_of("people.txt", "\u{feff}\n{\"email\":1}"), RegisterFormat::Lines);
        assert_eq!(format_of("people.csv", "email,name"), RegisterFormat::Csv);
    }
}
