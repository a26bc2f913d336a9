//! The directory's lists, taken in and out whole.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Json as JsonOut, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Query, body_bytes, media_type};
use crate::api::problem::{Code, Problem};
use crate::app::Imported;
use crate::domain::vocabulary::{Register, RegisterFormat};
use crate::wire::read::FieldError;
use crate::wire::register::{ImportOut, LARGEST_LIST_BYTES, LineFault};

/// So many lines that cannot be taken are told; whoever mends them sees the next.
const MOST_TOLD: usize = 100;

/// Which list is taken out, and how it is written.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// The list.
    of: Register,
    /// JSON lines when not given.
    format: Option<RegisterFormat>,
}

/// Which list is taken in.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// The list.
    of: Register,
    /// Whether it is only checked.
    #[serde(default)]
    dry_run: bool,
}

/// The bytes of a list with how they are written, by their content type.
#[derive(Debug)]
pub(crate) struct List(RegisterFormat, Bytes);

impl<S: Send + Sync> FromRequest<S> for List {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let format = format_of(request.headers())?;
        let bytes = body_bytes(request, state).await.map_err(|problem| {
            if problem.code() != Code::BodyTooLarge {
                return problem;
            }
            Problem::new(Code::BodyTooLarge, format!("a list may hold {} MiB: split the file", LARGEST_LIST_BYTES >> 20))
        })?;
        Ok(Self(format, bytes))
    }
}

/// Take a whole list out, as the import reads it.
#[utoipa::path(get, path = "/v1/export", tag = "directory", params(ExportQuery),
    responses((status = 200, description = "the list", content((String = "application/x-ndjson"), (String = "text/csv")))))]
pub(crate) async fn export(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(ExportQuery { of, format }): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let format = format.unwrap_or(RegisterFormat::Lines);
    let text = api.app.export(&actor, of, format).await?;
    let kind = match format {
        RegisterFormat::Lines => "application/x-ndjson",
        RegisterFormat::Csv => "text/csv; charset=utf-8; header=present",
    };
    let disposition = format!("attachment; filename=\"{of}.{format}\"");
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], text).into_response())
}

/// Take a whole list in: every line of it, or none.
#[utoipa::path(post, path = "/v1/import", tag = "directory", params(ImportQuery),
    request_body(content((String = "application/x-ndjson"), (String = "text/csv"))),
    responses((status = 200, description = "taken in, or only checked", body = ImportOut)))]
pub(crate) async fn import(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(ImportQuery { of, dry_run }): Query<ImportQuery>,
    List(format, bytes): List,
) -> Result<JsonOut<ImportOut>, Problem> {
    let text = String::from_utf8(bytes.into()).map_err(|error| {
        Problem::new(Code::BodyInvalid, format!("not UTF-8 after byte {}: save the file as UTF-8", error.utf8_error().valid_up_to()))
    })?;
    match api.app.import(&actor, of, format, text, dry_run).await? {
        Imported::Done(done) => Ok(JsonOut(done)),
        Imported::Refused(faults) => Err(refused(faults)),
    }
}

fn format_of(headers: &HeaderMap) -> Result<RegisterFormat, Problem> {
    match media_type(headers).as_deref() {
        Some("text/csv") => Ok(RegisterFormat::Csv),
        Some("application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines") => Ok(RegisterFormat::Lines),
        _ => Err(Problem::new(Code::MediaTypeUnsupported, "send JSON lines as `application/x-ndjson`, or a table as `text/csv`")),
    }
}

/// The lines as a list: `/11/email` is the address on the twelfth.
fn refused(faults: Vec<LineFault>) -> Problem {
    let detail = match faults.len() {
        1 => "one line cannot be taken in, so none was".to_owned(),
        many => format!("{many} lines cannot be taken in, so none was"),
    };
    let told = faults.into_iter().take(MOST_TOLD).map(|LineFault { line, pointer, reason }| {
        let place = if line == 0 { String::new() } else { format!("/{}", line - 1) };
        let place_in_words = if line == 0 { String::new() } else { format!("line {line}: ") };
        FieldError::new(format!("{place}{pointer}"), format!("{place_in_words}{reason}"))
    });
    Problem::with_fields(Code::BodyInvalid, detail, told.collect())
}
