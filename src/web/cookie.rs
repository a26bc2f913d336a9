//! Cookies: the session's, opaque, and those of what a reader prefers; all are unreadable for scripts and never sent along by
//! other sites' forms.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// As long as a session lives at most; `app` decides earlier ends.
const MAX_AGE_SECONDS: u32 = 7 * 24 * 3600;
/// A choice of language or theme lasts a year.
const PREFERENCE_SECONDS: u32 = 365 * 24 * 3600;
/// A session's secret is shorter; a longer value is not worth asking the database for.
const LONGEST_SECRET: usize = 128;

/// The name; with its prefix a browser takes the cookie only over HTTPS, from this host alone and for every path.
const fn name(secure: bool) -> &'static str {
    if secure { "__Host-backchannel" } else { "backchannel" }
}

/// The session's secret that came with a request.
pub(super) fn read(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let secret = value(headers, name(secure))?;
    let fits = (1..=LONGEST_SECRET).contains(&secret.len()) && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then_some(secret)
}

/// The first cookie of a name that came with a request.
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Gives the browser a session.
pub(super) fn set(secret: &str, secure: bool) -> HeaderValue {
    written(name(secure), secret, MAX_AGE_SECONDS, secure)
}

/// Takes the session from the browser.
pub(super) fn clear(secure: bool) -> HeaderValue {
    written(name(secure), "", 0, secure)
}

/// Keeps what a reader prefers in their browser.
pub(super) fn preference(name: &'static str, word: &'static str, secure: bool) -> HeaderValue {
    written(name, word, PREFERENCE_SECONDS, secure)
}

fn written(name: &str, value: &str, max_age_seconds: u32, secure: bool) -> HeaderValue {
    let secure_too = if secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure_too}");
    HeaderValue::from_str(&cookie).expect("what a cookie holds is made of letters and digits: this is a bug")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_found_among_other_cookies() {
        let check = |value: &'static str, secure: bool, secret: Option<&str>| {
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(value))]);
            assert_eq!(read(&headers, secure), secret, "{value}");
        };
        check("backchannel=ab12", false, Some("ab12"));
        check("a=b; backchannel=ab12; c=d", false, Some("ab12"));
        check("xbackchannel=ab12", false, None);
        check("backchannel=", false, None);
        check("backchannel=a b", false, None);
        check("backchannel=\"ab12\"", false, None);
        check("backchannel", false, None);
        check("__Host-backchannel=ab12", true, Some("ab12"));
        // A name without the prefix could have been set by a neighbouring host.
        check("backchannel=ab12", true, None);
        assert_eq!(read(&HeaderMap::new(), false), None);
    }

    #[test]
    fn a_huge_value_is_not_looked_up() {
        let value = HeaderValue::from_str(&format!("backchannel={}", "a".repeat(LONGEST_SECRET + 1))).unwrap();
        assert_eq!(read(&HeaderMap::from_iter([(COOKIE, value)]), false), None);
    }

    #[test]
    fn cookies_are_written_for_this_host_alone() {
        assert_eq!(set("ab12", true), "__Host-backchannel=ab12; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(set("ab12", false), "backchannel=ab12; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
        assert_eq!(clear(true), "__Host-backchannel=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    }
}
