//! The one table of routes, grouped by who calls them.

use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::response::Redirect;
use axum::routing::{MethodRouter, get, post};

use crate::web::{
    Web, account, ask, assets, attachment, correction, customers, duplicates, event, feedback, identity, incidents, insights, knowledge,
    learning, leaving, lists, paths, people, preferences, search, teams, thread, ticket, tokens, tour, users, views, waiting, webhooks,
};

/// A route: how it is called, who may call it, and what answers.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    /// Whether files may come or go: then it takes more bytes and more time.
    pub is_for_files: bool,
    pub(crate) handler: fn() -> MethodRouter<Web>,
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anyone,
    /// Whoever has a session; their role decides what they may do.
    SignedIn,
}

/// Every route of the console.
pub const ROUTES: &[Route] = &[
    // The agent.
    reading("/tickets", || get(ticket::inbox)),
    reading("/waiting", || get(waiting::page)),
    reading("/tickets/{ticket}", || get(ticket::page)),
    reading("/tickets/{ticket}/panel", || get(ticket::panel)),
    reading("/tickets/{ticket}/events", || get(event::follow)),
    sending_files("/tickets/{ticket}/comments", || post(ticket::comment)),
    writing("/tickets/{ticket}/look", || post(thread::look)),
    writing("/tickets/{ticket}/ask", || post(ask::ask)),
    writing("/tickets/{ticket}/correct", || post(correction::correct)),
    writing("/tickets/{ticket}/correct/take-back", || post(correction::take_back)),
    writing("/tickets/{ticket}/duplicates", || post(duplicates::say)),
    writing("/tickets/{ticket}/duplicates/take-back", || post(duplicates::take_back)),
    reading("/incidents", || get(incidents::list)),
    reading("/incidents/{incident}", || get(incidents::read)),
    writing("/tickets/correct", || post(correction::correct_chosen)),
    sending_files("/tickets/{ticket}/side-conversations", || post(thread::open)),
    sending_files("/side-conversations/{thread}/messages", || post(thread::answer)),
    writing("/side-conversations/{thread}/status", || post(thread::set_status)),
    writing("/messages/{message}/delivery", || post(leaving::decide_message)),
    writing("/held-mails/{mail}", || post(leaving::decide_mail)),
    writing("/asks/{ask}/use", || post(thread::use_answer)),
    sending_files("/attachments", || post(attachment::upload)),
    giving_files("/attachments/{attachment}", || get(attachment::serve)),
    writing("/views", || post(views::keep)),
    writing("/views/{view}/delete", || post(views::remove)),
    writing("/suggestions/{suggestion}/feedback", || post(feedback::give)),
    writing("/suggestions/{suggestion}/set-aside", || post(feedback::set_aside)),
    writing("/suggestions/{suggestion}/bring-back", || post(feedback::bring_back)),
    writing("/sign-out", || post(identity::sign_out)),
    reading("/tour", || get(tour::page)),
    reading("/account", || get(account::page)),
    writing("/account", || post(account::change_password)),
    reading("/search", || get(search::page)),
    reading("/search/glance", || get(search::glance)),
    // The directory: everybody reads, whoever feeds the workspace writes.
    reading("/people", || get(people::people)),
    writing("/people", || post(people::put_person)),
    reading("/people/new", || get(people::new_person)),
    reading("/people/{person}", || get(people::person)),
    reading("/people/{person}/edit", || get(people::edit_person)),
    writing("/people/{person}/delete", || post(people::delete_person)),
    reading("/teams", || get(teams::teams)),
    writing("/teams", || post(teams::put_team)),
    reading("/teams/new", || get(teams::new_team)),
    reading("/teams/{team}", || get(teams::edit_team)),
    writing("/teams/{team}/delete", || post(teams::delete_team)),
    reading("/channels", || get(teams::channels)),
    writing("/channels", || post(teams::put_channel)),
    reading("/channels/new", || get(teams::new_channel)),
    reading("/channels/{channel}", || get(teams::edit_channel)),
    writing("/channels/{channel}/delete", || post(teams::delete_channel)),
    reading("/customers", || get(customers::list)),
    writing("/customers", || post(customers::put)),
    reading("/customers/new", || get(customers::new)),
    reading("/customers/{customer}", || get(customers::read)),
    reading("/customers/{customer}/edit", || get(customers::edit)),
    writing("/customers/{customer}/delete", || post(customers::delete)),
    // The knowledge base: everybody reads, whoever feeds the workspace writes.
    reading("/knowledge", || get(knowledge::list)),
    sending_files("/knowledge", || post(knowledge::put)),
    reading("/knowledge/new", || get(knowledge::new)),
    reading("/knowledge/gaps", || get(knowledge::gaps)),
    reading("/knowledge/{document}", || get(knowledge::read)),
    writing("/knowledge/{document}/delete", || post(knowledge::delete)),
    // The administration.
    reading("/users", || get(users::list)),
    writing("/users", || post(users::invite)),
    reading("/users/new", || get(users::new)),
    reading("/users/{user}", || get(users::read)),
    writing("/users/{user}", || post(users::change)),
    writing("/users/{user}/disable", || post(users::disable)),
    writing("/users/{user}/enable", || post(users::enable)),
    writing("/users/{user}/reset", || post(users::reset)),
    reading("/tokens", || get(tokens::list)),
    writing("/tokens", || post(tokens::create)),
    reading("/tokens/new", || get(tokens::new)),
    writing("/tokens/{token}/revoke", || post(tokens::revoke)),
    reading("/learning", || get(learning::read)),
    writing("/learning", || post(learning::train)),
    writing("/learning/held", || post(learning::hold)),
    writing("/learning/follow", || post(learning::follow)),
    reading("/insights", || get(insights::read)),
    reading("/webhooks", || get(webhooks::list)),
    writing("/webhooks", || post(webhooks::create)),
    reading("/webhooks/new", || get(webhooks::new)),
    reading("/webhooks/{webhook}", || get(webhooks::read)),
    writing("/webhooks/{webhook}/secret", || post(webhooks::rotate)),
    writing("/webhooks/{webhook}/enable", || post(webhooks::enable)),
    writing("/webhooks/{webhook}/ping", || post(webhooks::ping)),
    writing("/webhooks/{webhook}/delete", || post(webhooks::delete)),
    writing("/webhooks/{webhook}/messages/{message}/replay", || post(webhooks::replay)),
    reading("/lists", || get(lists::page)),
    writing("/lists", || post(lists::import).layer(DefaultBodyLimit::max(lists::LARGEST_BYTES))),
    reading("/lists/{list}", || get(lists::export)),
    // Whoever is not signed in yet.
    open(Method::GET, "/", || get(async || Redirect::to(paths::INBOX))),
    open(Method::GET, "/sign-in", || get(identity::ask)),
    open(Method::POST, "/sign-in", || post(identity::sign_in_with_password)),
    open(Method::GET, "/sign-in/{secret}", || get(identity::show_link)),
    open(Method::POST, "/sign-in/{secret}", || post(identity::sign_in)),
    open(Method::GET, "/set-up/{secret}", || get(identity::show_link)),
    open(Method::POST, "/set-up/{secret}", || post(identity::set_up)),
    open(Method::POST, "/preferences", || post(preferences::choose)),
    // Browsers, on behalf of a page.
    open(Method::GET, "/static/{file}", || get(assets::serve)),
];

type Handler = fn() -> MethodRouter<Web>;

const fn reading(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::GET, path, who: Who::SignedIn, is_for_files: false, handler }
}

const fn writing(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::POST, path, who: Who::SignedIn, is_for_files: false, handler }
}

const fn open(method: Method, path: &'static str, handler: Handler) -> Route {
    Route { method, path, who: Who::Anyone, is_for_files: false, handler }
}

const fn sending_files(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::POST, path, who: Who::SignedIn, is_for_files: true, handler }
}

const fn giving_files(path: &'static str, handler: Handler) -> Route {
    Route { method: Method::GET, path, who: Who::SignedIn, is_for_files: true, handler }
}

/// An address that can be opened: where only forms are sent to, the nearest page above.
pub(super) fn readable(address: &str) -> &str {
    let mut path = address.split('?').next().unwrap_or_default();
    let takes = |path: &str, method: &Method| {
        // An address that is a route itself is none of those with a name in its place.
        let is_route = ROUTES.iter().any(|route| route.path == path);
        ROUTES.iter().any(|route| route.method == *method && if is_route { route.path == path } else { is_at(route, path) })
    };
    if takes(path, &Method::GET) || !takes(path, &Method::POST) {
        return address;
    }
    while let Some((above, _)) = path.rsplit_once('/') {
        if takes(above, &Method::GET) {
            return above;
        }
        path = above;
    }
    paths::INBOX
}

fn is_at(route: &Route, path: &str) -> bool {
    let (pattern, given): (Vec<&str>, Vec<&str>) = (route.path.split('/').collect(), path.split('/').collect());
    pattern.len() == given.len() && pattern.iter().zip(given).all(|(part, given)| part.starts_with('{') || *part == given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_only_forms_are_sent_to_gives_way_to_the_page_above() {
        assert_eq!(readable("/tickets/T-1/ask"), "/tickets/T-1");
        assert_eq!(readable("/suggestions/1/feedback"), "/tickets");
        assert_eq!(readable("/tickets/correct"), "/tickets");
        for address in ["/tickets?status=open", "/tickets/T-1?q=ask", "/sign-in/secret", "/set-up/secret", "/nowhere", "/"] {
            assert_eq!(readable(address), address);
        }
    }
}
