//! What waits for the reader.

use std::collections::BTreeMap;

use askama::Template;

use crate::app::Called;
use crate::domain::vocabulary::EmailAddress;
use crate::domain::waiting::{AwaitingTicket, HangingThread, Holder, Section, Waiting, Whose};
use crate::web::keys::KEYS;
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::Frame;
use crate::web::words::{Locale, Words};
use crate::web::{assets, format, paths};

/// What waits for the reader, or for everybody.
#[derive(Debug, Clone)]
pub struct WaitingView {
    /// The frame.
    pub frame: Frame,
    /// Whose things are shown.
    pub whose: Whose,
    /// Whether all of each section was asked for.
    pub is_whole: bool,
    /// What groups are called.
    pub called: Called,
    /// What waits.
    pub waiting: Waiting,
    /// Names of who may have a ticket, by address; others are shown by their address.
    pub names: BTreeMap<EmailAddress, String>,
}

#[derive(Template)]
#[template(path = "waiting.html", config = "src/web/templates/askama.toml")]
pub(super) struct WaitingPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a WaitingView,
}

impl<'a> WaitingPage<'a> {
    pub(super) fn new(view: &'a WaitingView) -> Self {
        let preferences = view.frame.preferences;
        Self { t: preferences.words(), preferences, frame: &view.frame, v: view }
    }
}

impl WaitingView {
    fn is_all(&self) -> bool {
        self.whose == Whose::Everybodys
    }

    /// The same page with all of each section; `None` where it shows as much as it can.
    fn whole_href(&self) -> Option<String> {
        let page = if self.is_all() { paths::WAITING_ALL } else { paths::WAITING };
        let join = if page.contains('?') { '&' } else { '?' };
        (!self.is_whole).then(|| format!("{page}{join}more=1"))
    }

    /// Where a side conversation stands on its ticket.
    fn thread_href(thread: &HangingThread) -> String {
        format!("{}#thread-{}", paths::ticket(&thread.ticket.id), thread.end.thread)
    }

    /// Where the message stands that nobody answered.
    fn ticket_href(ticket: &AwaitingTicket) -> String {
        let page = paths::ticket(&ticket.head.id);
        ticket.comment.map_or_else(|| format!("{page}#opening"), |comment| paths::comment(&ticket.head.id, &comment))
    }

    fn name(&self, email: &EmailAddress) -> String {
        self.names.get(email).cloned().unwrap_or_else(|| email.to_string())
    }
}
