//! The pages of somebody who is not signed in, and those of a problem.

use askama::Template;

use crate::web::view::{ProblemKind, ProblemView, SetupView, SignInView};
use crate::web::words::{ENGLISH, Words};
use crate::web::{assets, paths};

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/web/templates/askama.toml")]
pub(super) struct SignInPage<'a> {
    w: &'static Words,
    v: &'a SignInView,
}

#[derive(Template)]
#[template(path = "setup.html", config = "src/web/templates/askama.toml")]
pub(super) struct SetupPage<'a> {
    w: &'static Words,
    v: &'a SetupView,
}

#[derive(Template)]
#[template(path = "problem.html", config = "src/web/templates/askama.toml")]
pub(super) struct ProblemPage<'a> {
    w: &'static Words,
    v: &'a ProblemView,
    title: &'static str,
    help: &'static str,
}

impl<'a> SignInPage<'a> {
    pub(super) const fn new(view: &'a SignInView) -> Self {
        Self { w: &ENGLISH, v: view }
    }
}

impl<'a> SetupPage<'a> {
    pub(super) const fn new(view: &'a SetupView) -> Self {
        Self { w: &ENGLISH, v: view }
    }
}

impl<'a> ProblemPage<'a> {
    pub(super) const fn new(view: &'a ProblemView) -> Self {
        let (title, help) = ENGLISH.problem(view.kind);
        Self { w: &ENGLISH, v: view, title, help }
    }
}
