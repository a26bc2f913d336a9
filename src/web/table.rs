//! What the lists of the directory and the administration share: their pages, and their forms' answers.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;

use crate::web::listing::{FormView, ListView, OnceView, Place};
use crate::web::problem::Problem;
use crate::web::{format, guard, pages};

/// So many things stand on a page of a list.
pub(super) const ROWS: u32 = 50;

/// A list as a page.
pub(super) fn list_page(view: &ListView) -> Result<Response, Problem> {
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), view.frame.preferences, pages::list(view)?))
}

/// A form as a page.
pub(super) fn form_page(status: StatusCode, view: &FormView) -> Result<Response, Problem> {
    Ok(guard::html(status, Some(&view.frame.nonce), view.frame.preferences, pages::form(view)?))
}

/// What is shown once, as a page.
pub(super) fn once_page(view: &OnceView) -> Result<Response, Problem> {
    Ok(guard::html(StatusCode::CREATED, Some(&view.frame.nonce), view.frame.preferences, pages::once(view)?))
}

/// The address of a page of a list.
pub(super) fn address(place: Place, words: &str, cursor: Option<&str>) -> String {
    let pairs = [("q", Some(words).filter(|words| !words.is_empty())), ("cursor", cursor)];
    let query: Vec<String> =
        pairs.into_iter().filter_map(|(key, value)| value.map(|value| format!("{key}={}", format::percent_encoded(value)))).collect();
    if query.is_empty() { place.path().to_owned() } else { format!("{}?{}", place.path(), query.join("&")) }
}

/// Cuts the page that is asked for out of a list that is held whole, with the addresses of the first and the next.
pub(super) fn cut<K: Ord + ToString, T>(
    place: Place,
    words: &str,
    items: BTreeMap<K, T>,
    parameters: &BTreeMap<String, String>,
) -> (Vec<T>, Option<String>, Option<String>) {
    let limit = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let after = parameters.get("cursor").map(String::as_str).unwrap_or_default();
    let mut rest = items.into_iter().map(|(key, item)| (key.to_string(), item)).filter(|(key, _)| key.as_str() > after);
    let shown: Vec<(String, T)> = rest.by_ref().take(limit).collect();
    let last = shown.last().map(|(key, _)| key.clone()).filter(|_| rest.next().is_some());
    let first = (!after.is_empty()).then(|| address(place, words, None));
    (shown.into_iter().map(|(_, item)| item).collect(), first, last.map(|last| address(place, words, Some(&last))))
}
