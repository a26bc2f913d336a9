//! The one table of routes, grouped by who calls them.

use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use crate::api::{
    Api, ask, asks, attachments, chats, customers, documents, duplicates, events, heads, health, incidents, insights, mails, people,
    playbook, register, search, side_conversations, suggestions, tickets, tokens, triage, usage, users, webhooks,
};
use crate::domain::user::Permission::{self, Administer, Audit, Feed, Read, Work};

/// A route: how it is called, who may call it, and what answers.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// What the caller's role must grant; `None` answers anybody.
    pub permission: Option<Permission>,
    /// Which body it reads.
    pub body: Body,
    /// Whether it creates something: then it honours `Idempotency-Key`.
    pub creates: bool,
    pub(crate) handler: fn() -> MethodRouter<Api>,
}

/// Which body a route reads; sets its size limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None.
    None,
    /// JSON.
    Json,
    /// JSON or a file.
    Upload,
    /// A file that is written to the disk as it comes.
    File,
    /// JSON lines or a table.
    Lines,
    /// A mail as it came.
    Mail,
    /// JSON that another system signed, byte by byte.
    Signed,
}

/// Every route of the API.
pub const ROUTES: &[Route] = &[
    // The pipeline: tickets in, triage out.
    creating("/v1/tickets", Work, Body::Json, || post(tickets::put_ticket)),
    reading("/v1/tickets", Read, || get(tickets::list)),
    reading("/v1/tickets/{ticket}", Read, || get(tickets::read)),
    creating("/v1/tickets/{ticket}/comments", Work, Body::Json, || post(tickets::comment)),
    reading("/v1/tickets/{ticket}/triage", Read, || get(triage::of_ticket)),
    changing(Method::PUT, "/v1/tickets/{ticket}/correction", Work, Body::Json, || put(tickets::correct)),
    changing(Method::DELETE, "/v1/tickets/{ticket}/correction", Work, Body::None, || delete(tickets::take_correction_back)),
    changing(Method::PUT, "/v1/tickets/{ticket}/duplicates/{other}", Work, Body::Json, || put(duplicates::say)),
    changing(Method::DELETE, "/v1/tickets/{ticket}/duplicates/{other}", Work, Body::None, || delete(duplicates::take_back)),
    reading("/v1/tickets/{ticket}/why", Read, || get(triage::why)),
    reading("/v1/incidents", Read, || get(incidents::list)),
    reading("/v1/incidents/{id}", Read, || get(incidents::read)),
    reading("/v1/tickets/{ticket}/events", Read, || get(events::follow)),
    asking("/v1/triage", Read, || post(triage::triage)),
    // The agent: what to do, whom to ask, and asking.
    reading("/v1/tickets/{ticket}/suggestions", Read, || get(suggestions::panel)),
    creating("/v1/suggestions/{suggestion}/feedback", Work, Body::Json, || post(suggestions::feedback)),
    changing(Method::PUT, "/v1/suggestions/{suggestion}/set-aside", Work, Body::Json, || put(suggestions::set_aside)),
    changing(Method::DELETE, "/v1/suggestions/{suggestion}/set-aside", Work, Body::None, || delete(suggestions::bring_back)),
    asking("/v1/tickets/{ticket}/ask", Read, || post(ask::ask)),
    reading("/v1/experts", Read, || get(suggestions::experts)),
    asking("/v1/search", Read, || post(search::search)),
    reading("/v1/tickets/{ticket}/side-conversations", Read, || get(side_conversations::list)),
    creating("/v1/tickets/{ticket}/side-conversations", Work, Body::Json, || post(side_conversations::open)),
    asking("/v1/side-conversations/draft", Read, || post(side_conversations::draft)),
    asking("/v1/side-conversations/check", Work, || post(side_conversations::check)),
    changing(Method::POST, "/v1/asks/{id}", Work, Body::Json, || post(asks::decide)),
    reading("/v1/side-conversations/{id}", Read, || get(side_conversations::read)),
    changing(Method::PATCH, "/v1/side-conversations/{id}", Work, Body::Json, || patch(side_conversations::change)),
    creating("/v1/side-conversations/{id}/messages", Work, Body::Json, || post(side_conversations::message)),
    reading("/v1/side-conversations/{id}/summary", Read, || get(side_conversations::summary)),
    reading("/v1/loose-ends", Read, || get(side_conversations::loose_ends)),
    changing(Method::POST, "/v1/messages/{id}/delivery", Work, Body::Json, || post(side_conversations::deliver)),
    changing(Method::POST, "/v1/held-mails/{id}", Work, Body::Json, || post(side_conversations::decide_mail)),
    creating("/v1/attachments", Work, Body::File, || post(attachments::upload)),
    reading("/v1/attachments/{id}", Read, || get(attachments::read)),
    reading("/v1/attachments/{id}/content", Read, || get(attachments::content)),
    changing(Method::DELETE, "/v1/attachments/{id}", Work, Body::None, || delete(attachments::delete)),
    // Whoever feeds it: knowledge, people, customers.
    creating("/v1/documents", Feed, Body::Upload, || post(documents::put_document)),
    reading("/v1/documents", Read, || get(documents::list)),
    reading("/v1/documents/{id}", Read, || get(documents::read)),
    changing(Method::DELETE, "/v1/documents/{id}", Feed, Body::None, || delete(documents::delete)),
    creating("/v1/people", Feed, Body::Json, || post(people::put_person)),
    reading("/v1/people", Read, || get(people::people)),
    reading("/v1/people/{id}", Read, || get(people::person)),
    changing(Method::DELETE, "/v1/people/{id}", Feed, Body::None, || delete(people::delete_person)),
    creating("/v1/teams", Feed, Body::Json, || post(people::put_team)),
    reading("/v1/teams", Read, || get(people::teams)),
    reading("/v1/teams/{name}", Read, || get(people::team)),
    changing(Method::DELETE, "/v1/teams/{name}", Feed, Body::None, || delete(people::delete_team)),
    creating("/v1/channels", Feed, Body::Json, || post(people::put_channel)),
    reading("/v1/channels", Read, || get(people::channels)),
    reading("/v1/channels/{name}", Read, || get(people::channel)),
    changing(Method::DELETE, "/v1/channels/{name}", Feed, Body::None, || delete(people::delete_channel)),
    creating("/v1/customers", Feed, Body::Json, || post(customers::put_customer)),
    reading("/v1/customers", Read, || get(customers::list)),
    reading("/v1/customers/{id}", Read, || get(customers::read)),
    changing(Method::DELETE, "/v1/customers/{id}", Feed, Body::None, || delete(customers::delete)),
    changing(Method::POST, "/v1/import", Feed, Body::Lines, || post(register::import)),
    reading("/v1/export", Audit, || get(register::export)),
    changing(Method::POST, "/hooks/email/{workspace}", Feed, Body::Mail, || post(mails::take)),
    signed("/hooks/slack/{workspace}", || post(chats::slack)),
    signed("/hooks/teams/{workspace}", || post(chats::teams)),
    // The admin: tuning and looking back.
    reading("/v1/playbook", Read, || get(playbook::read)),
    changing(Method::PUT, "/v1/playbook", Administer, Body::Json, || put(playbook::apply)),
    reading("/v1/heads", Read, || get(heads::list)),
    changing(Method::POST, "/v1/heads", Administer, Body::None, || post(heads::train)),
    changing(Method::PUT, "/v1/heads/held", Administer, Body::Json, || put(heads::hold)),
    changing(Method::DELETE, "/v1/heads/held", Administer, Body::None, || delete(heads::follow)),
    reading("/v1/heads/thresholds", Read, || get(heads::thresholds)),
    reading("/v1/heads/suspects", Read, || get(heads::suspects)),
    reading("/v1/users", Audit, || get(users::list)),
    creating("/v1/users", Administer, Body::Json, || post(users::invite)),
    reading("/v1/users/{id}", Audit, || get(users::read)),
    changing(Method::PATCH, "/v1/users/{id}", Administer, Body::Json, || patch(users::change)),
    changing(Method::POST, "/v1/users/{id}/reset", Administer, Body::None, || post(users::reset)),
    reading("/v1/tokens", Audit, || get(tokens::list)),
    creating("/v1/tokens", Administer, Body::Json, || post(tokens::create)),
    changing(Method::DELETE, "/v1/tokens/{id}", Administer, Body::None, || delete(tokens::revoke)),
    reading("/v1/webhooks", Audit, || get(webhooks::list)),
    creating("/v1/webhooks", Administer, Body::Json, || post(webhooks::create)),
    reading("/v1/webhooks/{id}", Audit, || get(webhooks::read)),
    changing(Method::DELETE, "/v1/webhooks/{id}", Administer, Body::None, || delete(webhooks::delete)),
    creating("/v1/webhooks/{id}/secret", Administer, Body::None, || post(webhooks::rotate)),
    changing(Method::POST, "/v1/webhooks/{id}/enable", Administer, Body::None, || post(webhooks::enable)),
    creating("/v1/webhooks/{id}/ping", Administer, Body::None, || post(webhooks::ping)),
    reading("/v1/webhooks/{id}/deliveries", Audit, || get(webhooks::deliveries)),
    changing(Method::POST, "/v1/webhooks/{id}/deliveries/{delivery}/replay", Administer, Body::None, || post(webhooks::replay)),
    reading("/v1/insights", Audit, || get(insights::read)),
    reading("/v1/usage", Audit, || get(usage::usage)),
    reading("/v1/audit", Audit, || get(usage::audit)),
    // Anybody: machines that watch, and people who read.
    open("/healthz", || get(health::live)),
    open("/readyz", || get(health::ready)),
    open("/openapi.json", || get(health::describe)),
];

type Handler = fn() -> MethodRouter<Api>;

const fn reading(path: &'static str, permission: Permission, handler: Handler) -> Route {
    Route { method: Method::GET, path, permission: Some(permission), body: Body::None, creates: false, handler }
}

/// A POST that only computes.
const fn asking(path: &'static str, permission: Permission, handler: Handler) -> Route {
    Route { method: Method::POST, path, permission: Some(permission), body: Body::Json, creates: false, handler }
}

const fn creating(path: &'static str, permission: Permission, body: Body, handler: Handler) -> Route {
    Route { method: Method::POST, path, permission: Some(permission), body, creates: true, handler }
}

const fn changing(method: Method, path: &'static str, permission: Permission, body: Body, handler: Handler) -> Route {
    Route { method, path, permission: Some(permission), body, creates: false, handler }
}

/// A POST of another system, which shows by what it sends that it is that system.
const fn signed(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::POST, path, permission: None, body: Body::Signed, creates: false, handler }
}

const fn open(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::GET, path, permission: None, body: Body::None, creates: false, handler }
}
