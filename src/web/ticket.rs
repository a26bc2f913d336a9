//! The inbox, a ticket's page with its panel, and writing on a ticket.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::app::error::Error;
use crate::app::{Move, Session, Written};
use crate::domain::id::{CommentId, TicketId};
use crate::domain::intake::{NewComment, PageRequest};
use crate::domain::person::Directory;
use crate::domain::ticket::Comment;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::EmailAddress;
use crate::web::attachment::Composed;
use crate::web::gate::{GateView, Waiting};
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::view::{Frame, InboxQuery, InboxView, TicketView};
use crate::web::words::Text;
use crate::web::{Web, gate, guard, pages, paths};

/// So many tickets stand on a page of the inbox, and beside a ticket.
const ROWS: u32 = 50;

/// So many comments stand on a ticket's page; those before are a click away.
const COMMENTS: usize = 100;

/// Somebody is new for so long after they were added.
const NEW_FOR_SECONDS: i64 = 14 * 24 * 3600;

/// Which part of a long conversation is asked for: the parameters `until`, `comment` and `whole` of the address.
struct Part {
    /// The number of the comment before which the part ends; the end when none is given.
    until: Option<usize>,
    /// A comment that must stand in the part.
    comment: Option<CommentId>,
    /// The anchor of a long text that is wanted whole.
    whole: Option<String>,
}

impl Part {
    fn read(parameters: &BTreeMap<String, String>) -> Self {
        Self {
            until: parameters.get("until").and_then(|until| until.parse().ok()),
            comment: parameters.get("comment").and_then(|comment| comment.parse().ok()),
            whole: parameters.get("whole").cloned(),
        }
    }

    /// The number of the comment before which the part ends, where the last part is not the one that is wanted.
    fn end(&self, comments: &[Comment]) -> Option<usize> {
        let wanted = || comments.iter().position(|comment| Some(comment.id) == self.comment);
        let is_early = |place: &usize| place + COMMENTS < comments.len();
        self.until.or_else(|| wanted().filter(is_early).map(|place| place + COMMENTS / 2))
    }
}

/// The comments of a page that ends before one of them.
fn window(count: usize, until: Option<usize>) -> Range<usize> {
    let end = until.unwrap_or(count).clamp(count.min(1), count);
    end.saturating_sub(COMMENTS)..end
}

type Parameters = Query<BTreeMap<String, String>>;

/// The inbox.
pub(super) async fn inbox(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let corrected = corrected(&parameters);
    let query = InboxQuery::read(parameters);
    let (app, actor) = (&web.app, &session.actor);
    let (page, choices, views, waiting, incidents) = tokio::try_join!(
        app.inbox(actor, query.filter(), page_of(&query)),
        app.triage_choices(actor),
        app.views(actor),
        app.count_waiting(actor),
        app.growing_incidents(actor),
    )?;
    let rows = page.items;
    // A ticket may come with a group that the playbook does not have.
    let shown = rows.iter().filter_map(|row| row.group.as_ref()?.parse().ok());
    let view = InboxView {
        frame: Frame { waiting: Some(waiting), ..frame(&session, preferences, web.app.now()) },
        counts: BTreeMap::new(),
        groups: choices.groups.iter().cloned().chain(shown).chain(query.group.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        pending: rows.iter().map(|row| u64::from(!row.panel_ready)).sum(),
        next_cursor: page.next_cursor,
        may_work: session.actor.role.may(Permission::Work),
        choices,
        corrected,
        views,
        rows,
        query,
        incidents,
        offers_tour: !preferences.hides_tour && web.app.now().seconds_since(session.user.created_at) < NEW_FOR_SECONDS,
    };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), view.frame.preferences, pages::inbox(&view)?))
}

/// How many tickets were just corrected, and of how many: the parameters `corrected` and `of` of the address.
fn corrected(parameters: &BTreeMap<String, String>) -> Option<(u64, u64)> {
    let number = |name: &str| parameters.get(name)?.parse().ok();
    Some((number("corrected")?, number("of")?))
}

/// A ticket with its conversation and its panel.
pub(super) async fn page(
    State(web): State<Web>,
    visitor: Visitor,
    Named(reference): Named,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let part = Part::read(&parameters);
    let view = web.ticket_view(visitor, &reference, InboxQuery::read(parameters), part).await?;
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), view.frame.preferences, pages::ticket(&view)?))
}

/// The parts of a ticket's page that change.
pub(super) async fn panel(
    State(web): State<Web>,
    visitor: Visitor,
    Named(reference): Named,
    Query(parameters): Parameters,
) -> Result<Response, Problem> {
    let part = Part::read(&parameters);
    let view = web.ticket_view(visitor, &reference, InboxQuery::read(parameters), part).await?;
    Ok(guard::html(StatusCode::OK, None, view.frame.preferences, pages::ticket_fragment(&view)?))
}

/// Writes a reply or an internal note.
pub(super) async fn comment(
    State(web): State<Web>,
    Named(reference): Named,
    headers: HeaderMap,
    Composed { session, fields, files }: Composed,
) -> Result<Response, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    let mut body = fields.text("body");
    // Only the word for it makes a text public: a form that lost the field must not tell the customer what was meant for colleagues.
    let public = fields.text("public") == "1";
    let (author, written) = (session.user.email.clone(), body.clone());
    let back = web.back_to_ticket(&headers, &ticket);
    let mut view = GateView::of(paths::comments(&ticket), &fields, false);
    let is_meant = view.is_looked_at(&fields) && fields.has(gate::MEANT);
    let look = async |body: &str| {
        let new = NewComment { author: author.clone(), public, body: body.to_owned(), created_at: None, attachments: Vec::new() };
        let looked = web.app.look_at_reply(&session.actor, ticket, &new).await;
        looked.map_err(|error| Problem::from(error).keeping(&written).on(format!("{back}#composer")))
    };
    if fields.has(gate::REDACT) && public {
        body = look(&body).await?.redacted;
        (view.is_redacted, view.body) = (true, body.clone());
    }
    let checked = look(&body).await?;
    if view.is_redacted || !checked.may_leave(is_meant) {
        let hidden = ["public", "was", "seen", "status"].map(|name| (name.to_owned(), fields.text(name)));
        let waiting = Waiting { ticket, hidden: hidden.to_vec(), view: view.holding(checked) };
        return gate::hold(&web, (session, Preferences::of(&headers)), waiting, files).await;
    }
    // A note leaves a ticket where it stands.
    let status = |name: &str| fields.optional(name).and_then(|status| status.parse().ok());
    let then = status("was").zip(status("status")).filter(|_| public).map(|(from, to)| Move { from, to });
    // What a page says that its reader had seen; one of an older version says nothing.
    let seen = fields.has("seen").then(|| fields.optional("seen").and_then(|seen| seen.parse::<CommentId>().ok()));
    let add = async |attachments| {
        if body.trim().is_empty() {
            return Err(Problem::refused(Text::new("refused-empty-comment")));
        }
        let new = NewComment { author, public, body, created_at: None, attachments };
        let Some(seen) = seen else { return Ok(web.app.add_comment(&session.actor, ticket, new).await?) };
        match web.app.add_comment_after(&session.actor, ticket, new, seen, then).await? {
            Written::Added(comment) | Written::AlreadyThere(comment) => Ok(comment),
            Written::Overtaken(other) => Err(overtaken(&web, &session.actor, ticket, &other).await?),
        }
    };
    let comment =
        files.sent_by(&web.app, &session.actor, add).await.map_err(|problem| problem.keeping(&written).on(format!("{back}#composer")))?;
    Ok(Redirect::to(&format!("{back}#comment-{}", comment.id)).into_response())
}

/// Why a reply is not written past somebody else's.
async fn overtaken(web: &Web, actor: &Actor, ticket: TicketId, other: &Comment) -> Result<Problem, Error> {
    let customer = web.app.customer(actor, web.app.ticket(actor, ticket).await?.ticket.requester).await?;
    let name = if customer.email == other.author {
        customer.name.unwrap_or_else(|| customer.email.to_string())
    } else {
        let names = names(web.app.directory(actor).await?, web.app.user_names(actor).await?);
        names.get(&other.author).cloned().unwrap_or_else(|| other.author.to_string())
    };
    Ok(Problem::overtaken(&name, paths::comment(&ticket, &other.id)))
}

impl Web {
    /// The ticket that an address means: by its id or by its id in the system it comes from.
    pub(super) async fn ticket_id(&self, actor: &Actor, reference: &str) -> Result<TicketId, Problem> {
        match reference.parse() {
            Ok(id) => Ok(id),
            Err(_) => Ok(self.app.ticket_by_reference(actor, reference).await?.ticket.id),
        }
    }

    /// The ticket's page that a form was sent from, with the list that it remembers.
    pub(super) fn back_to_ticket(&self, headers: &HeaderMap, ticket: &TicketId) -> String {
        let own = paths::ticket(ticket);
        self.site.came_from(headers).filter(|page| page.split('?').next() == Some(own.as_str())).unwrap_or(own)
    }

    /// The page of a ticket that somebody is about to write on, as a form brought them there.
    pub(super) async fn ticket_to_write_on(
        &self,
        (session, preferences): (Session, Preferences),
        ticket: &TicketId,
    ) -> Result<TicketView, Problem> {
        let part = Part { until: None, comment: None, whole: None };
        self.ticket_view(Visitor { session, preferences }, &ticket.to_string(), InboxQuery::default(), part).await
    }

    async fn ticket_view(&self, visitor: Visitor, reference: &str, query: InboxQuery, part: Part) -> Result<TicketView, Problem> {
        let Visitor { session, preferences } = visitor;
        let (app, actor) = (&self.app, &session.actor);
        let id = self.ticket_id(actor, reference).await?;
        // Asked first: what happens while the rest is read is then in the stream, and perhaps on the page as well.
        let seen = app.last_event(actor, id).await?;
        let ticket = async {
            let history = app.ticket(actor, id).await?;
            let customer = app.customer(actor, history.ticket.requester).await?;
            Ok::<_, Error>((history, customer))
        };
        let ((history, customer), threads, attachments, exchange, panel, verdicts, directory, users, list, choices) = tokio::try_join!(
            ticket,
            app.threads(actor, id),
            app.attachments_of(actor, id),
            app.exchange_of(actor, id),
            app.latest_panel(actor, id),
            app.verdicts(actor, id),
            app.directory(actor),
            app.user_names(actor),
            app.inbox(actor, query.filter(), page_of(&query)),
            app.triage_choices(actor),
        )?;
        if panel.as_ref().is_none_or(|latest| latest.is_behind) {
            self.ahead.prepare(app.clone(), actor.clone(), id);
        }
        let triage = panel.as_ref().map(|latest| &latest.panel.triage);
        let said = triage.iter().flat_map(|triage| triage.said_duplicates.iter().map(|said| said.other));
        let twins: Vec<TicketId> = triage.iter().flat_map(|triage| triage.duplicates.iter().copied()).chain(said).collect();
        let twins = app.ticket_heads(actor, &twins).await?;
        let until = part.end(&history.comments);
        Ok(TicketView {
            frame: frame(&session, preferences, app.now()),
            window: window(history.comments.len(), until),
            until,
            whole: part.whole,
            attachment_limit_bytes: app.attachment_limit_bytes(),
            history,
            customer,
            threads,
            attachments,
            exchange,
            is_behind: panel.as_ref().is_some_and(|latest| latest.is_behind),
            panel: panel.map(|latest| latest.panel),
            verdicts,
            twins,
            gate: None,
            reply: String::new(),
            channels: directory.channels.values().cloned().collect(),
            names: names(directory, users),
            neighbours: list.items,
            query,
            seen,
            may_work: actor.role.may(Permission::Work),
            choices,
        })
    }
}

fn page_of(query: &InboxQuery) -> PageRequest {
    PageRequest { limit: Some(ROWS), cursor: query.cursor.clone() }
}

/// What the people are called who may write on a ticket; the directory knows best, as a user may have been added by address alone.
pub(super) fn names(directory: Directory, users: BTreeMap<EmailAddress, String>) -> BTreeMap<EmailAddress, String> {
    users.into_iter().chain(directory.people.into_iter().map(|(email, person)| (email, person.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_conversation_is_shown_from_its_end_in_parts() {
        assert_eq!(window(0, None), 0..0);
        assert_eq!(window(7, None), 0..7);
        assert_eq!(window(10_000, None), 9_900..10_000);
        assert_eq!(window(10_000, Some(9_900)), 9_800..9_900);
        assert_eq!(window(10_000, Some(40)), 0..40);
        assert_eq!(window(10, Some(0)), 0..1);
        assert_eq!(window(10, Some(99)), 0..10);
    }
}
