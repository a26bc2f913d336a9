//! The tour.

use askama::Template;

use crate::web::format;
use crate::web::keys::KEYS;
use crate::web::preferences::{Preferences, Theme};
use crate::web::tour::TourView;
use crate::web::view::Frame;
use crate::web::words::{Locale, Words};
use crate::web::{assets, paths};

#[derive(Template)]
#[template(path = "tour.html", config = "src/web/templates/askama.toml")]
pub(super) struct TourPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a TourView,
}

impl<'a> TourPage<'a> {
    pub(super) fn new(view: &'a TourView) -> Self {
        let preferences = view.frame.preferences;
        Self { t: preferences.words(), preferences, frame: &view.frame, v: view }
    }
}
