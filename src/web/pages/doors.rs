//! The pages of somebody who is not signed in, and those of a problem.

use askama::Template;

use crate::web::entry::{OverLink, SetupView, SignInView};
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::{Detail, ProblemKind, ProblemView};
use crate::web::words::{Locale, Words};
use crate::web::{assets, paths};

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/web/templates/askama.toml")]
pub(super) struct SignInPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    v: &'a SignInView,
}

#[derive(Template)]
#[template(path = "setup.html", config = "src/web/templates/askama.toml")]
pub(super) struct SetupPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    v: &'a SetupView,
}

#[derive(Template)]
#[template(path = "problem.html", config = "src/web/templates/askama.toml")]
pub(super) struct ProblemPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    v: &'a ProblemView,
}

impl<'a> SignInPage<'a> {
    pub(super) fn new(view: &'a SignInView, preferences: Preferences) -> Self {
        Self { t: preferences.words(), preferences, v: view }
    }
}

impl<'a> SetupPage<'a> {
    pub(super) fn new(view: &'a SetupView, preferences: Preferences) -> Self {
        Self { t: preferences.words(), preferences, v: view }
    }
}

impl<'a> ProblemPage<'a> {
    pub(super) fn new(view: &'a ProblemView, preferences: Preferences) -> Self {
        Self { t: preferences.words(), preferences, v: view }
    }
}
