//! The directory's lists, taken in and out whole.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::{Imported, Session};
use crate::domain::user::Permission;
use crate::domain::vocabulary::{Register, RegisterFormat};
use crate::web::form::PostedFile;
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
pub(super) async fn import(State(web): State<Web>, sent: PostedFile) -> Result<Response, Problem> {
    let PostedFile { session, preferences, fields, name, bytes } = sent;
    let of: Register = fields.text("of").parse().map_err(Problem::refused_below)?;
    let only_check = fields.text("check") == "1";
    let report = match String::from_utf8(bytes) {
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
