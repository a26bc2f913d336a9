//! Incidents: what happened to many customers at once.

use askama::Template;

use crate::domain::incident::{Incident, Standing};
use crate::domain::vocabulary::IncidentState;
use crate::web::keys::KEYS;
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::Frame;
use crate::web::words::{Locale, Words};
use crate::web::{assets, format, paths};

/// The incidents of a workspace.
#[derive(Debug, Clone)]
pub struct IncidentsView {
    /// The frame.
    pub frame: Frame,
    /// Those of this page, the latest first.
    pub incidents: Vec<Standing>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// One incident.
#[derive(Debug, Clone)]
pub struct IncidentView {
    /// The frame.
    pub frame: Frame,
    /// Its tickets.
    pub incident: Incident,
    /// How it stands.
    pub standing: Standing,
}

#[derive(Template)]
#[template(path = "incidents.html", config = "src/web/templates/askama.toml")]
pub(super) struct IncidentsPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a IncidentsView,
}

#[derive(Template)]
#[template(path = "incident.html", config = "src/web/templates/askama.toml")]
pub(super) struct IncidentPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a IncidentView,
}

impl<'a> IncidentsPage<'a> {
    pub(super) fn new(view: &'a IncidentsView) -> Self {
        let preferences = view.frame.preferences;
        Self { t: preferences.words(), preferences, frame: &view.frame, v: view }
    }
}

impl<'a> IncidentPage<'a> {
    pub(super) fn new(view: &'a IncidentView) -> Self {
        let preferences = view.frame.preferences;
        Self { t: preferences.words(), preferences, frame: &view.frame, v: view }
    }
}
