//! Where the console lives as browsers see it, and which requests come from its own pages.

use axum::http::header::{HOST, ORIGIN, REFERER};
use axum::http::{HeaderMap, HeaderName, Uri};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The console's own origin.
#[derive(Debug)]
pub(super) struct Site {
    /// Scheme and authority in lower case, as a browser writes them in `Origin`.
    origin: String,
    secure: bool,
}

impl Site {
    pub(super) fn new(public_url: &str) -> Self {
        let url = public_url.trim().to_ascii_lowercase();
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", &url));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        Self { origin: format!("{scheme}://{authority}"), secure: scheme == "https" }
    }

    /// The whole address of a page.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Whether browsers reach the site by HTTPS.
    pub(super) const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether a page of this site, or the user's own hand, sent the request.
    ///
    /// The rule of Go's `http.CrossOriginProtection`: browsers say it themselves in `Sec-Fetch-Site`; those that do not, or
    /// that reach the site without HTTPS, send `Origin` with every POST. Whoever sends neither is no browser, so nobody
    /// can have lured them; forms of a session ask for its token besides.
    pub(super) fn is_asked_by_itself(&self, headers: &HeaderMap) -> bool {
        match (text(headers, &SEC_FETCH_SITE), text(headers, &ORIGIN)) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => self.is_own(origin, headers),
            (None, None) => true,
        }
    }

    /// The path and query of the page of this site that the request came from.
    pub(super) fn came_from(&self, headers: &HeaderMap) -> Option<String> {
        let page: Uri = text(headers, &REFERER)?.parse().ok()?;
        let origin = format!("{}://{}", page.scheme_str()?, page.authority()?);
        let path = page.path_and_query()?.as_str();
        // A path that starts with two slashes would lead to another host.
        (self.is_own(&origin, headers) && path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
    }

    /// A site behind a tunnel or under a second name is its own too: then `Host` says what the browser asked for.
    fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        let asked_for = text(headers, &HOST);
        origin.eq_ignore_ascii_case(&self.origin)
            || origin.split_once("://").is_some_and(|(_, authority)| asked_for.is_some_and(|host| host.eq_ignore_ascii_case(authority)))
    }
}

/// A header's text; empty when it is not readable, which no rule accepts.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_requests_of_the_sites_own_pages_are_taken() {
        let site = Site::new("https://desk.example/");
        let check = |pairs: &[(&'static str, &'static str)], own: bool| {
            assert_eq!(site.is_asked_by_itself(&headers(pairs)), own, "{pairs:?}");
        };
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "none")], true);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "")], false);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "https://desk.example")], false);
        check(&[("origin", "https://desk.example")], true);
        check(&[("origin", "https://desk.example.evil.example")], false);
        check(&[("origin", "http://desk.example")], false);
        check(&[("origin", "null")], false);
        check(&[("origin", "")], false);
        check(&[("origin", "http://localhost:7878"), ("host", "localhost:7878")], true);
        check(&[("origin", "http://localhost:7878"), ("host", "127.0.0.1:7878")], false);
        check(&[], true);
    }

    #[test]
    fn an_address_with_its_default_port_or_a_path_is_the_same_site() {
        for url in ["https://desk.example", "https://Desk.Example:443/", "https://desk.example/console?x"] {
            let site = Site::new(url);
            assert!(site.is_secure() && site.is_asked_by_itself(&headers(&[("origin", "https://desk.example")])), "{url}");
        }
        assert!(!Site::new("http://127.0.0.1:7878").is_secure());
    }

    #[test]
    fn the_way_back_never_leads_to_another_site() {
        let site = Site::new("http://127.0.0.1:7878");
        let check = |referer: &'static str, path: Option<&str>| {
            assert_eq!(site.came_from(&headers(&[("referer", referer), ("host", "127.0.0.1:7878")])).as_deref(), path, "{referer}");
        };
        check("http://127.0.0.1:7878/tickets/T-1?status=open", Some("/tickets/T-1?status=open"));
        check("http://evil.example/tickets", None);
        check("http://127.0.0.1:7878//evil.example/", None);
        check("http://127.0.0.1:7878@evil.example/", None);
        check("/tickets", None);
        check("", None);
    }
}
