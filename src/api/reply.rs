//! Answers that several handlers share.

use std::collections::BTreeMap;

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::api::problem::Problem;
use crate::app::App;
use crate::app::error::Error;
use crate::domain::id::{InvalidId, ThreadId, TicketId};
use crate::domain::intake::{Page, PageRequest};
use crate::domain::user::Actor;
use crate::wire::read::FieldError;

/// The largest page.
const MAX_LIMIT: u32 = 200;
/// The longest search.
const MAX_WORDS_CHARS: usize = 200;
/// The page when the caller names no limit.
const DEFAULT_LIMIT: u32 = 50;

/// Which piece of a list is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// At most so many items, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    /// The page that is asked for.
    pub(crate) fn into_request(self) -> Result<PageRequest, Problem> {
        let Self { limit, cursor } = self;
        page_request(limit, cursor)
    }
}

/// What is asked of something that is read.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AboutQuery {
    /// A question in plain words, at most 2,000 characters.
    #[param(max_length = 2000)]
    pub(crate) about: Option<String>,
}

/// Which piece of a list is wanted, and of which items.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Only items that hold these words.
    #[param(max_length = 200)]
    q: Option<String>,
    /// At most so many items, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl SearchQuery {
    /// The words, and the page that is asked for.
    pub(crate) fn into_parts(self) -> Result<(Option<String>, PageRequest), Problem> {
        let Self { q, limit, cursor } = self;
        if q.as_ref().is_some_and(|words| words.chars().count() > MAX_WORDS_CHARS) {
            return Err(Problem::query(FieldError::new("/q", format!("at most {MAX_WORDS_CHARS} characters fit"))));
        }
        Ok((q, page_request(limit, cursor)?))
    }
}

/// A page that is asked for.
pub(crate) fn page_request(limit: Option<u32>, cursor: Option<String>) -> Result<PageRequest, Problem> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::query(FieldError::new("/limit", format!("expected 1 to {MAX_LIMIT}"))));
    }
    Ok(PageRequest { limit: Some(limit), cursor })
}

/// Cuts a page out of a list that is held whole; the cursor is the key of the last item shown.
pub(crate) fn cut<K: Ord + ToString, T>(items: BTreeMap<K, T>, request: &PageRequest) -> Page<T> {
    let limit = usize::try_from(request.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX);
    let after = request.cursor.as_deref().unwrap_or_default();
    let mut rest = items.into_iter().map(|(key, item)| (key.to_string(), item)).filter(|(key, _)| key.as_str() > after);
    let shown: Vec<(String, T)> = rest.by_ref().take(limit).collect();
    let next_cursor = shown.last().filter(|_| rest.next().is_some()).map(|(key, _)| key.clone());
    Page { items: shown.into_iter().map(|(_, item)| item).collect(), next_cursor }
}

/// An id in a path; one that cannot be is not found.
pub(crate) fn id<T: std::str::FromStr<Err = InvalidId>>(given: &str) -> Result<T, Error> {
    given.parse().map_err(|InvalidId { kind, given }| Error::NotFound { kind, id: given })
}

/// The ticket that a path or a body names by id or `external_id`.
pub(crate) async fn ticket_id(app: &App, actor: &Actor, reference: &str) -> Result<TicketId, Error> {
    match reference.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(app.ticket_by_reference(actor, reference).await?.ticket.id),
    }
}

/// The side conversation that a path names by id or `external_id`.
pub(crate) async fn thread_id(app: &App, actor: &Actor, reference: &str) -> Result<ThreadId, Error> {
    match reference.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(app.thread_by_reference(actor, reference).await?.thread.id),
    }
}

/// 201 with the new thing's place where it was created, 200 where it was there before.
pub(crate) fn put<T: Serialize>(created: bool, location: &str, body: T) -> Response {
    if !created {
        return Json(body).into_response();
    }
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// What is kept of an answer for its idempotency key, in the place of the answer itself.
#[derive(Debug, Clone)]
pub(crate) struct KeptInstead(pub(crate) String);

/// 201 with something that holds a secret: an idempotency key remembers the answer without it.
pub(crate) fn put_once<T: Serialize>(location: &str, shown: &T, kept: &T) -> Result<Response, Problem> {
    let kept = serde_json::to_string(kept).map_err(Problem::internal)?;
    let mut response = put(true, location, shown);
    response.extensions_mut().insert(KeptInstead(kept));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::Code;

    #[test]
    fn pages_cut_from_a_whole_list_hold_each_item_once() {
        let items: BTreeMap<String, u32> = (0..25).map(|number| (format!("k{number:02}"), number)).collect();
        let mut seen = Vec::new();
        let mut request = PageRequest { limit: Some(10), cursor: None };
        loop {
            let page = cut(items.clone(), &request);
            seen.extend(page.items);
            let Some(cursor) = page.next_cursor else { break };
            request.cursor = Some(cursor);
        }
        assert_eq!(seen, (0..25).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_last_page_has_no_next_one() {
        let items: BTreeMap<String, u32> = (0..10).map(|number| (format!("k{number}"), number)).collect();
        assert_eq!(cut(items, &PageRequest { limit: Some(10), cursor: None }).next_cursor, None);
    }

    #[test]
    fn a_limit_out_of_bounds_is_a_problem() {
        for limit in [0, 201] {
            assert_eq!(page_request(Some(limit), None).unwrap_err().code(), Code::QueryInvalid);
        }
        assert_eq!(page_request(None, None).unwrap().limit, Some(50));
    }
}
