//! Lists of the directory and the administration, their forms, and what is shown once.

use askama::Template;

use crate::app::{Called, Profile};
use crate::domain::customer::Customer;
use crate::domain::library::{Coverage, Gaps, OpenDocument, Shelved};
use crate::domain::thread::{Message, ThreadHistory};
use crate::domain::ticket::Ticket;
use crate::domain::vocabulary::{DeliveryState, IntentName, Register, RegisterFormat, WebhookEnd};
use crate::domain::webhook::{Delivery, Webhook};
use crate::web::keys::KEYS;
use crate::web::listing::{Act, Cell, FormView, Input, ListView, ListsView, OnceView, Place, Report};
use crate::web::pages::learning::LearningView;
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::{Detail, Frame, InboxQuery};
use crate::web::words::{Locale, Text, Words};
use crate::web::{assets, format, paths};

/// One person.
#[derive(Debug, Clone)]
pub struct PersonView {
    /// The frame.
    pub frame: Frame,
    /// The person, and what they do for the desk.
    pub profile: Profile,
    /// The title of their team.
    pub team: Option<String>,
    /// Whether they are away today.
    pub is_away: bool,
    /// Whether the reader may change them.
    pub may_write: bool,
}

/// One customer.
#[derive(Debug, Clone)]
pub struct CustomerView {
    /// The frame.
    pub frame: Frame,
    /// The customer.
    pub customer: Customer,
    /// The name of whoever looks after them, where it is known.
    pub owner: Option<String>,
    /// Their last tickets, as the reader may see them.
    pub tickets: Vec<Ticket>,
    /// Whether the reader may change them.
    pub may_write: bool,
}

/// One document of the knowledge base.
#[derive(Debug, Clone)]
pub struct DocumentView {
    /// The frame.
    pub frame: Frame,
    /// The document, its passages and its use.
    pub open: OpenDocument,
    /// Whether the reader may change it.
    pub may_write: bool,
}

/// What the knowledge base lacks.
#[derive(Debug, Clone)]
pub struct GapsView {
    /// The frame.
    pub frame: Frame,
    /// What intents are called.
    pub called: Called,
    /// What it lacks.
    pub gaps: Gaps,
}

/// One webhook.
#[derive(Debug, Clone)]
pub struct WebhookView {
    /// The frame.
    pub frame: Frame,
    /// The webhook.
    pub webhook: Webhook,
    /// Its last messages, the newest first.
    pub deliveries: Vec<Delivery>,
    /// Whether the reader may change it.
    pub may_write: bool,
}

/// A bar of two parts, in the units of a plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bar {
    /// The part that counts.
    pub(super) part: String,
    /// The whole.
    pub(super) whole: String,
}

impl Bar {
    /// How wide a plot is.
    const WIDTH: f64 = 240.0;

    fn of(part: u32, whole: u32, most: u32) -> Self {
        let width = |count: u32| format!("{:.1}", f64::from(count) / f64::from(most.max(1)) * Self::WIDTH);
        Self { part: width(part), whole: width(whole) }
    }
}

impl GapsView {
    /// How many open tickets there are, and how many of them an article answers.
    pub(super) fn covered(&self) -> (u32, u32) {
        let coverage = &self.gaps.coverage;
        (coverage.iter().map(|matter| matter.tickets).sum(), coverage.iter().map(|matter| matter.answered).sum())
    }

    pub(super) fn matter_bar(&self, matter: &Coverage) -> Bar {
        let most = self.gaps.coverage.iter().map(|matter| matter.tickets).max();
        Bar::of(matter.answered, matter.tickets, most.unwrap_or(0))
    }

    /// The inbox with the tickets of an intent.
    pub(super) fn tickets_of(intent: &IntentName) -> String {
        InboxQuery { intent: Some(intent.clone()), ..InboxQuery::default() }.href()
    }

    pub(super) fn use_bar(&self, shelved: &Shelved) -> Bar {
        let most = self.gaps.most_used.iter().map(|shelved| shelved.used.shown).max();
        Bar::of(shelved.used.cited, shelved.used.shown, most.unwrap_or(0))
    }
}

impl PersonView {
    /// What the person said last in a side conversation.
    pub(super) fn last_words<'a>(&self, history: &'a ThreadHistory) -> Option<&'a Message> {
        let own = history.messages.iter().filter(|message| message.author == self.profile.person.email);
        own.max_by_key(|message| message.created_at)
    }
}

impl CustomerView {
    /// The customer's name, or their address.
    pub(super) fn name(&self) -> String {
        self.customer.name.clone().unwrap_or_else(|| self.customer.email.to_string())
    }
}

impl WebhookView {
    /// How it fares.
    pub(super) fn state(&self) -> Text {
        let reason = self.webhook.disabled.map(|disabled| disabled.reason);
        Text::new(match (reason, self.webhook.failing_since) {
            (Some(WebhookEnd::Gone), _) => "webhooks-gone",
            (Some(WebhookEnd::Failing), _) => "webhooks-failed",
            (None, Some(_)) => "webhooks-failing",
            (None, None) => "webhooks-well",
        })
    }

    /// What can be done to it; the last cannot be undone.
    pub(super) fn acts(&self) -> Vec<Act> {
        let act = |name: &str, label, help| Act { action: paths::webhook_act(&self.webhook.id, name), label, help };
        let first = if self.webhook.is_enabled() {
            act("ping", "webhooks-ping", "webhooks-ping-help")
        } else {
            act("enable", "webhooks-enable", "webhooks-enable-help")
        };
        let rotate = act("secret", "webhooks-rotate", "webhooks-rotate-help");
        vec![first, rotate, act("delete", "webhooks-delete", "webhooks-delete-help")]
    }
}

macro_rules! pages {
    ($($name:ident($view:ident) = $path:literal, $place:expr;)*) => {$(
        #[derive(Template)]
        #[template(path = $path, config = "src/web/templates/askama.toml")]
        pub(super) struct $name<'a> {
            t: &'static Words,
            preferences: Preferences,
            frame: &'a Frame,
            v: &'a $view,
            place: Place,
        }

        impl<'a> $name<'a> {
            pub(super) fn new(view: &'a $view) -> Self {
                let place: fn(&$view) -> Place = $place;
                let preferences = view.frame.preferences;
                Self { t: preferences.words(), preferences, frame: &view.frame, v: view, place: place(view) }
            }
        }
    )*};
}

pages! {
    ListPage(ListView) = "list.html", |view| view.place;
    FormPage(FormView) = "form.html", |view| view.place;
    OncePage(OnceView) = "once.html", |view| view.place;
    ListsPage(ListsView) = "lists.html", |_| Place::Lists;
    PersonPage(PersonView) = "person.html", |_| Place::People;
    CustomerPage(CustomerView) = "customer.html", |_| Place::Customers;
    DocumentPage(DocumentView) = "document.html", |_| Place::Knowledge;
    GapsPage(GapsView) = "gaps.html", |_| Place::Gaps;
    WebhookPage(WebhookView) = "webhook.html", |_| Place::Webhooks;
    LearningPage(LearningView) = "learning.html", |_| Place::Learning;
}
