//! The list of tickets.

use askama::Template;

use crate::app::LONGEST_VIEW_NAME_CHARS;
use crate::domain::intake::InboxFilter;
use crate::domain::view::SavedView;
use crate::domain::vocabulary::{TicketOrder, TicketStatus};
use crate::web::correction::OUT_OF_SCOPE;
use crate::web::keys::KEYS;
use crate::web::preferences::{Preferences, Theme};
use crate::web::view::{Frame, InboxQuery, InboxView};
use crate::web::words::{Locale, Words};
use crate::web::{assets, format, paths};

#[derive(Template)]
#[template(path = "inbox.html", config = "src/web/templates/askama.toml")]
pub(super) struct InboxPage<'a> {
    t: &'static Words,
    preferences: Preferences,
    frame: &'a Frame,
    v: &'a InboxView,
    status_tabs: Vec<Tab>,
    group_tabs: Vec<Tab>,
    order_tabs: Vec<Tab>,
    view_tabs: Vec<Tab>,
    /// The view that is shown, if one is.
    shown_view: Option<&'a SavedView>,
    /// Whether there is something to keep under a name.
    is_worth_keeping: bool,
    caption: String,
    /// What leads to the first page and to the next is called by the order.
    to_first: String,
    to_next: String,
    /// This page's own address.
    here: String,
    without_intent: String,
    without_text: String,
    pager: Option<Pager>,
}

struct Tab {
    label: String,
    href: String,
    current: bool,
    count: Option<u64>,
}

struct Pager {
    first: Option<String>,
    next: Option<String>,
}

impl<'a> InboxPage<'a> {
    pub(super) fn new(view: &'a InboxView) -> Self {
        let preferences = view.frame.preferences;
        let t = preferences.words();
        let asked = InboxQuery { cursor: None, ..view.query.clone() };
        let by_status = |status: Option<TicketStatus>| Tab {
            label: status.map_or_else(|| t.say("inbox-every-status"), |status| t.status(&status)).to_string(),
            href: InboxQuery { status, ..asked.clone() }.href(),
            current: asked.status == status,
            count: status.and_then(|status| view.counts.get(&status).copied()),
        };
        let group_tabs = std::iter::once(None)
            .chain(view.groups.iter().map(Some))
            .map(|group| Tab {
                label: group.map_or_else(|| t.say("inbox-every-group").to_string(), |group| t.group(&view.choices.called, group)),
                href: InboxQuery { group: group.cloned(), ..asked.clone() }.href(),
                current: asked.group.as_ref() == group,
                count: None,
            })
            .collect();
        let by_age = asked.order.is_none();
        let by_order = |order: Option<TicketOrder>, label: &'static str| Tab {
            label: t.say(label).to_string(),
            href: InboxQuery { order, ..asked.clone() }.href(),
            current: asked.order == order,
            count: None,
        };
        let order_tabs = vec![by_order(None, "inbox-order-newest"), by_order(Some(TicketOrder::Urgency), "inbox-order-urgency")];
        let filter = asked.filter();
        let shown_view = view.views.iter().find(|kept| kept.filter == filter);
        let view_tabs = view.views.iter().map(|kept| Tab {
            label: kept.name.clone(),
            href: InboxQuery::of(&kept.filter).href(),
            current: kept.filter == filter,
            count: None,
        });
        let first = view.query.cursor.is_some().then(|| asked.href());
        let next = view.next_cursor.as_ref().map(|cursor| InboxQuery { cursor: Some(cursor.clone()), ..asked.clone() }.href());
        Self {
            t,
            preferences,
            frame: &view.frame,
            v: view,
            status_tabs: std::iter::once(None).chain(TicketStatus::ALL.iter().copied().map(Some)).map(by_status).collect(),
            group_tabs,
            order_tabs,
            view_tabs: view_tabs.collect(),
            shown_view,
            is_worth_keeping: shown_view.is_none() && filter != InboxFilter::default(),
            caption: t.say(if by_age { "inbox-caption" } else { "inbox-caption-urgency" }).to_string(),
            to_first: t.say(if by_age { "inbox-newest" } else { "list-first" }).to_string(),
            to_next: t.say(if by_age { "inbox-older" } else { "list-next" }).to_string(),
            here: view.query.href(),
            without_intent: InboxQuery { intent: None, ..asked.clone() }.href(),
            without_text: InboxQuery { text: String::new(), ..asked }.href(),
            pager: (first.is_some() || next.is_some()).then_some(Pager { first, next }),
        }
    }
}
