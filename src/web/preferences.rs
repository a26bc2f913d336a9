//! What a reader prefers: the language and the theme of the pages, and whether the tour is offered, each in a cookie of its own, so that
//! the pages before signing in know them too.

use std::convert::Infallible;
use std::fmt;

use axum::extract::{FromRequestParts, State};
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::web::form::Unsigned;
use crate::web::routes::readable;
use crate::web::words::{Locale, Words};
use crate::web::{Web, cookie, paths};

const LANGUAGE: &str = "backchannel-language";
const THEME: &str = "backchannel-theme";
const TOUR: &str = "backchannel-tour";
const HIDDEN: &str = "hidden";

/// How a reader wants to see pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preferences {
    /// The language of the interface.
    pub locale: Locale,
    /// Its colours.
    pub theme: Theme,
    /// Whether they do not want to be offered the tour.
    pub hides_tour: bool,
}

/// The colours of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// What the reader's system says.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Preferences {
    /// What a request tells: the reader's choice, else their browser's languages, else English.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let accepted = || headers.get(ACCEPT_LANGUAGE).and_then(|languages| Locale::preferred(languages.to_str().ok()?));
        Self {
            locale: cookie::value(headers, LANGUAGE).and_then(Locale::of_tag).or_else(accepted).unwrap_or_default(),
            theme: cookie::value(headers, THEME).and_then(Theme::of_word).unwrap_or_default(),
            hides_tour: cookie::value(headers, TOUR) == Some(HIDDEN),
        }
    }

    /// The texts of the interface for this reader.
    pub(super) fn words(self) -> &'static Words {
        self.locale.words()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Preferences {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Theme {
    /// Every theme, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in forms, cookies and attributes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The colour schemes of CSS that it allows.
    pub(super) const fn schemes(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == word)
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Keeps a choice of language or theme, or that the tour is not to be offered, and leads back; a script that asked for JSON gets an empty answer.
///
/// The form changes nothing but how pages look to whoever sends it, so it carries no token of a session, which a stranger lacks.
pub(super) async fn choose(State(web): State<Web>, headers: HeaderMap, Unsigned(fields): Unsigned) -> Response {
    let language = Locale::of_tag(&fields.text("language")).map(|locale| (LANGUAGE, locale.tag()));
    let theme = Theme::of_word(&fields.text("theme")).map(|theme| (THEME, theme.as_str()));
    let tour = (fields.text("tour") == HIDDEN).then_some((TOUR, HIDDEN));
    let by_script = headers.get(ACCEPT).and_then(|kinds| kinds.to_str().ok()).is_some_and(|kinds| kinds.contains("application/json"));
    let mut response = if by_script {
        StatusCode::NO_CONTENT.into_response()
    } else {
        let back = web.site.came_from(&headers).unwrap_or_else(|| paths::INBOX.to_owned());
        Redirect::to(readable(&back)).into_response()
    };
    for (name, word) in [language, theme, tour].into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie::preference(name, word, web.site.is_secure()));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::COOKIE;

    use super::*;

    #[test]
    fn a_choice_wins_over_the_browsers_languages_and_these_over_english() {
        let check = |cookie: &'static str, languages: &'static str, locale: Locale, theme: Theme| {
            let headers =
                HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookie)), (ACCEPT_LANGUAGE, HeaderValue::from_static(languages))]);
            assert_eq!(Preferences::of(&headers), Preferences { locale, theme, hides_tour: false }, "{cookie} {languages}");
        };
        check("", "", Locale::English, Theme::System);
        check("", "fr-FR,fr;q=0.9,en;q=0.8", Locale::French, Theme::System);
        check("backchannel-language=en; backchannel-theme=dark", "fr", Locale::English, Theme::Dark);
        check("backchannel-language=xx; backchannel-theme=xx", "fr", Locale::French, Theme::System);
        assert_eq!(Preferences::of(&HeaderMap::new()), Preferences::default());
        let hidden = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("backchannel-tour=hidden"))]);
        assert!(Preferences::of(&hidden).hides_tour);
    }
}
