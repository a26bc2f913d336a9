//! Static files: the style sheet, the scripts and the icons, embedded and named by their content.
//!
//! A name carries a hash, so whoever serves it may let it be kept for ever; a changed file has another name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::web::paths;
use crate::web::problem::Problem;
use crate::web::session::Named;

/// A static file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its media type, with the character set.
    pub mime: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// Its entity tag, quotes included.
    pub etag: &'static str,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const DRAWING: &str = "image/svg+xml; charset=utf-8";

/// Plain name, media type and bytes of every file.
const FILES: &[(&str, &str, &[u8])] = &[
    ("app.css", "text/css; charset=utf-8", include_bytes!("static/app.css")),
    ("ask.js", SCRIPT, include_bytes!("static/ask.js")),
    ("look.js", SCRIPT, include_bytes!("static/look.js")),
    ("cites.js", SCRIPT, include_bytes!("static/cites.js")),
    ("drafts.js", SCRIPT, include_bytes!("static/drafts.js")),
    ("files.js", SCRIPT, include_bytes!("static/files.js")),
    ("keys.js", SCRIPT, include_bytes!("static/keys.js")),
    ("live.js", SCRIPT, include_bytes!("static/live.js")),
    ("once.js", SCRIPT, include_bytes!("static/once.js")),
    ("search.js", SCRIPT, include_bytes!("static/search.js")),
    ("talk.js", SCRIPT, include_bytes!("static/talk.js")),
    ("themes.js", SCRIPT, include_bytes!("static/themes.js")),
    ("thumbs.js", SCRIPT, include_bytes!("static/thumbs.js")),
    ("times.js", SCRIPT, include_bytes!("static/times.js")),
    ("icons.svg", DRAWING, include_bytes!("static/icons.svg")),
    ("mark.svg", DRAWING, include_bytes!("static/mark.svg")),
];

struct Shelf {
    by_served_name: BTreeMap<String, Asset>,
    urls: BTreeMap<&'static str, String>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let mut shelf = Shelf { by_served_name: BTreeMap::new(), urls: BTreeMap::new() };
    for &(name, mime, bytes) in FILES {
        let digest: String = hex::encode(Sha256::digest(bytes)).chars().take(12).collect();
        let served = match name.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem}.{digest}.{ending}"),
            None => format!("{name}.{digest}"),
        };
        let etag: &'static str = Box::leak(format!("\"{digest}\"").into_boxed_str());
        shelf.urls.insert(name, format!("{}{served}", paths::STATIC));
        shelf.by_served_name.insert(served, Asset { mime, bytes, etag });
    }
    shelf
});

/// Finds a file by the name under which it is served (what follows [`paths::STATIC`]).
#[must_use]
pub fn get(path: &str) -> Option<Asset> {
    SHELF.by_served_name.get(path).copied()
}

/// The address of a file by its plain name, such as `app.css`; the start of [`paths::STATIC`] when there is none.
#[must_use]
pub fn url(name: &str) -> &'static str {
    SHELF.urls.get(name).map_or(paths::STATIC, String::as_str)
}

/// The names under which files are served, with the files.
pub fn all() -> impl Iterator<Item = (&'static str, Asset)> {
    SHELF.by_served_name.iter().map(|(name, asset)| (name.as_str(), *asset))
}

/// Serves a file, to be kept for ever.
pub(super) async fn serve(Named(name): Named, headers: HeaderMap) -> Result<Response, Problem> {
    let asset = get(&name).ok_or_else(Problem::not_found)?;
    let keep = [(CACHE_CONTROL, "public, max-age=31536000, immutable"), (ETAG, asset.etag)];
    let tags = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    let is_known = tags.split(',').any(|tag| matches!(tag.trim().trim_start_matches("W/"), tag if tag == asset.etag || tag == "*"));
    Ok(if is_known {
        (StatusCode::NOT_MODIFIED, keep).into_response()
    } else {
        (keep, [(CONTENT_TYPE, asset.mime)], asset.bytes).into_response()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_the_name_in_its_address_only() {
        let name = url("app.css").strip_prefix(paths::STATIC).unwrap();
        assert_eq!(get(name).unwrap().mime, "text/css; charset=utf-8");
        assert!(name.contains(get(name).unwrap().etag.trim_matches('"')));
        assert!(get("app.css").is_none());
        assert!(get("../Cargo.toml").is_none());
    }

    #[test]
    fn scripts_stay_small_and_ask_nobody_outside() {
        let scripts: usize = FILES.iter().filter(|(_, mime, _)| *mime == SCRIPT).map(|(_, _, bytes)| bytes.len()).sum();
        assert!(scripts <= 60_000, "{scripts} bytes of script");
        for (name, _, bytes) in FILES {
            let text = std::str::from_utf8(bytes).unwrap().replace("http://www.w3.org/2000/svg", "");
            for outside in ["http://", "https://", "@import", "url(", "innerHTML", "eval("] {
                assert!(!text.contains(outside), "{name} holds `{outside}`");
            }
        }
    }
}
