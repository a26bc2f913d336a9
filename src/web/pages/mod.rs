//! The pages: each function turns a view into a whole HTML page, or a part of one.

mod answer;
mod doors;
mod inbox;
mod incidents;
mod insights;
mod learning;
mod listing;
mod looked;
mod search;
mod ticket;
mod tour;
mod waiting;

use askama::{Error, Template as _};

use crate::web::entry::{SetupView, SignInView};
use crate::web::listing::{FormView, ListView, ListsView, OnceView};
use crate::web::pages::answer::AnswerPage;
use crate::web::pages::doors::{ProblemPage, SetupPage, SignInPage};
use crate::web::pages::inbox::InboxPage;
use crate::web::pages::incidents::{IncidentPage, IncidentsPage};
use crate::web::pages::insights::InsightsPage;
use crate::web::pages::listing::{
    CustomerPage, DocumentPage, FormPage, GapsPage, LearningPage, ListPage, ListsPage, OncePage, PersonPage, WebhookPage,
};
use crate::web::pages::looked::LookedPage;
use crate::web::pages::search::{GlancePage, SearchPage};
use crate::web::pages::ticket::{FragmentPage, TicketPage};
use crate::web::pages::tour::TourPage;
use crate::web::pages::waiting::WaitingPage;
use crate::web::preferences::Preferences;
use crate::web::tour::TourView;
use crate::web::view::{AnswerView, InboxView, ProblemView, TicketView};

pub use crate::web::pages::incidents::{IncidentView, IncidentsView};
pub use crate::web::pages::insights::InsightsView;
pub use crate::web::pages::learning::{LearningView, PRECISIONS};
pub use crate::web::pages::listing::{CustomerView, DocumentView, GapsView, PersonView, WebhookView};
pub use crate::web::pages::looked::LookedView;
pub use crate::web::pages::search::{GlanceView, SearchView};
pub use crate::web::pages::waiting::WaitingView;

/// A list of the directory or the administration.
pub fn list(view: &ListView) -> Result<String, Error> {
    ListPage::new(view).render()
}

/// A form that adds or changes one thing.
pub fn form(view: &FormView) -> Result<String, Error> {
    FormPage::new(view).render()
}

/// Something that is shown once.
pub fn once(view: &OnceView) -> Result<String, Error> {
    OncePage::new(view).render()
}

/// What stands in the way of a message while it is written.
pub fn looked(view: &LookedView) -> Result<String, Error> {
    LookedPage::new(view).render()
}

/// Lists in and out.
pub fn lists(view: &ListsView) -> Result<String, Error> {
    ListsPage::new(view).render()
}

/// One person.
pub fn person(view: &PersonView) -> Result<String, Error> {
    PersonPage::new(view).render()
}

/// One customer.
pub fn customer(view: &CustomerView) -> Result<String, Error> {
    CustomerPage::new(view).render()
}

/// One document of the knowledge base.
pub fn document(view: &DocumentView) -> Result<String, Error> {
    DocumentPage::new(view).render()
}

/// One webhook with its messages.
pub fn webhook(view: &WebhookView) -> Result<String, Error> {
    WebhookPage::new(view).render()
}

/// What was learned from labels.
pub fn learning(view: &LearningView) -> Result<String, Error> {
    LearningPage::new(view).render()
}

/// How many side conversations were needed.
pub fn insights(view: &InsightsView) -> Result<String, Error> {
    InsightsPage::new(view).render()
}

/// What the knowledge base lacks.
pub fn gaps(view: &GapsView) -> Result<String, Error> {
    GapsPage::new(view).render()
}

/// The tour: what there is to see, and where.
pub fn tour(view: &TourView) -> Result<String, Error> {
    TourPage::new(view).render()
}

/// What a search finds.
pub fn search(view: &SearchView) -> Result<String, Error> {
    SearchPage::new(view).render()
}

/// The first results of a search, as a fragment.
pub fn glance(view: &GlanceView) -> Result<String, Error> {
    GlancePage::new(view).render()
}

/// The list of tickets, with its filters; helps when it is empty.
pub fn inbox(view: &InboxView) -> Result<String, Error> {
    InboxPage::new(view).render()
}

/// The incidents.
pub fn incidents(view: &IncidentsView) -> Result<String, Error> {
    IncidentsPage::new(view).render()
}

/// One incident with its tickets.
pub fn incident(view: &IncidentView) -> Result<String, Error> {
    IncidentPage::new(view).render()
}

/// What waits for the reader, or for everybody.
pub fn waiting(view: &WaitingView) -> Result<String, Error> {
    WaitingPage::new(view).render()
}

/// A ticket: its conversation and its panel, or what stands there while the panel is being prepared.
pub fn ticket(view: &TicketView) -> Result<String, Error> {
    TicketPage::new(view).render()
}

/// The parts of a ticket's page that change (head, conversation, panel), for a page that is already open.
pub fn ticket_fragment(view: &TicketView) -> Result<String, Error> {
    FragmentPage::new(view).render()
}

/// The answer to a question about a ticket.
pub fn answer(view: &AnswerView) -> Result<String, Error> {
    AnswerPage::new(view).render()
}

/// The page behind a one-time link.
pub fn sign_in(view: &SignInView, preferences: Preferences) -> Result<String, Error> {
    SignInPage::new(view, preferences).render()
}

/// The page that makes the first administrator.
pub fn setup(view: &SetupView, preferences: Preferences) -> Result<String, Error> {
    SetupPage::new(view, preferences).render()
}

/// A page that tells what went wrong and what to do.
pub fn problem(view: &ProblemView, preferences: Preferences) -> Result<String, Error> {
    ProblemPage::new(view, preferences).render()
}
