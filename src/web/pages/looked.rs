//! What stands in the way of a message while it is written.

use askama::Template;

use crate::web::gate::{ASK, GateView, LOOKED, MEANT};
use crate::web::view::Frame;
use crate::web::words::Words;
use crate::web::{assets, format, paths};

/// What stands in the way of a message, for whoever writes it.
#[derive(Debug, Clone)]
pub struct LookedView {
    /// What stands around it.
    pub frame: Frame,
    /// What stands in its way.
    pub gate: GateView,
}

#[derive(Template)]
#[template(path = "looked.html", config = "src/web/templates/askama.toml")]
pub(super) struct LookedPage<'a> {
    t: &'static Words,
    frame: &'a Frame,
    gate: &'a GateView,
}

impl<'a> LookedPage<'a> {
    pub(super) fn new(LookedView { frame, gate }: &'a LookedView) -> Self {
        Self { t: frame.preferences.words(), frame, gate }
    }
}
