//! Side conversations: opening the one that was drafted, unless an earlier answer does, and going on with it.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::app::error::Error;
use crate::app::{Asking, Checked, Session};
use crate::domain::answered::Gate;
use crate::domain::id::{AskId, ThreadId, TicketId};
use crate::domain::intake::{NewComment, NewMessage, NewThread, Quotable};
use crate::domain::vocabulary::{AskOutcome, ChannelName, EmailAddress, ThreadChannel};
use crate::web::attachment::Composed;
use crate::web::form::{Fields, Posted};
use crate::web::gate::{GateView, Waiting};
use crate::web::pages::LookedView;
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::session::{Named, frame};
use crate::web::teams::channel_named;
use crate::web::view::TicketView;
use crate::web::words::Text;
use crate::web::{Web, gate, guard, pages, paths};

/// Before what was chosen of the ticket to be quoted.
pub(super) const CONTEXT: &str = "context-";
/// The ticket's own text among it.
pub(super) const OPENING: &str = "opening";

/// What is looked at: a `reply`, a `thread` that is to be opened, or a message of the side conversation with this id.
#[derive(Debug, Deserialize)]
pub(super) struct Look {
    #[serde(default)]
    of: String,
}

/// Keeps the side conversation as it was edited, to be sent where its channel is connected, or shows what stands in its way: what answered the
/// same before, and what the guard found.
pub(super) async fn open(
    State(web): State<Web>,
    Named(reference): Named,
    headers: HeaderMap,
    Composed { session, fields, files }: Composed,
) -> Result<Response, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    let written = fields.text("body");
    let channel = channel(&web, &session, &fields).await.map_err(|problem| problem.keeping(&written))?;
    let mut new = new_thread(&fields, channel, &session.user.email).map_err(|problem| problem.keeping(&written))?;
    let mut view = GateView::of(paths::threads(&ticket), &fields, true);
    let is_looked_at = view.is_looked_at(&fields);
    if is_looked_at && let Some(ask) = fields.optional(gate::ASK) {
        view.ask = ask.parse().ok();
    } else {
        let Gate { ask, answers } = answered(&web, &session, ticket, &fields).await?;
        (view.ask, view.answers) = (ask, answers);
    }
    let look = async |new: &NewThread| web.app.look_at_thread(&session.actor, ticket, new).await;
    if fields.has(gate::REDACT) {
        // What is quoted below is redacted where it is quoted.
        let checked = look(&NewThread { context: Vec::new(), ..new.clone() }).await?;
        new.subject = checked.redacted_subject.unwrap_or(new.subject);
        new.messages[0].body = checked.redacted;
        view.is_redacted = true;
        (view.subject, view.body) = (Some(new.subject.clone()), new.messages[0].body.clone());
    }
    let checked = look(&new).await.map_err(|error| Problem::from(error).keeping(&written))?;
    let may_leave = checked.may_leave(is_looked_at && fields.has(gate::MEANT)) && !view.is_redacted;
    if !may_leave || !view.answers.is_empty() {
        let chosen = fields.chosen(CONTEXT).into_iter().map(|chosen| (format!("{CONTEXT}{chosen}"), "1".to_owned()));
        let hidden = chosen.chain([("channel".to_owned(), fields.text("channel"))]).collect();
        let waiting = Waiting { ticket, hidden, view: view.holding(checked) };
        return gate::hold(&web, (session, Preferences::of(&headers)), waiting, files).await;
    }
    new.ask = view.ask;
    let open = async |attachments| {
        let name: ChannelName = fields.text("channel").parse().map_err(Problem::refused_below)?;
        new.messages[0].attachments = attachments;
        Ok(web.app.open_thread_in(&session.actor, ticket, new, &name).await?)
    };
    let put = files.sent_by(&web.app, &session.actor, open).await.map_err(|problem| problem.keeping(&written))?;
    Ok(Redirect::to(&format!("{}#thread-{}", web.back_to_ticket(&headers, &ticket), put.item.thread.id)).into_response())
}

/// Adds a message to a side conversation, or shows what the guard found in it.
pub(super) async fn answer(
    State(web): State<Web>,
    Named(thread): Named,
    headers: HeaderMap,
    Composed { session, fields, files }: Composed,
) -> Result<Response, Problem> {
    let thread: ThreadId = thread.parse().map_err(|_| Problem::not_found())?;
    let ticket = web.app.thread(&session.actor, thread).await?.thread.ticket;
    let written = fields.text("body");
    let body = fields.filled("body", Text::new("refused-no-body"))?;
    let mut new = NewMessage { author: session.user.email.clone(), body, created_at: None, attachments: Vec::new() };
    let mut view = GateView::of(paths::thread_messages(&thread), &fields, false);
    let is_meant = view.is_looked_at(&fields) && fields.has(gate::MEANT);
    let look = async |new: &NewMessage| web.app.look_at_message(&session.actor, thread, new).await;
    if fields.has(gate::REDACT) {
        new.body = look(&new).await?.redacted;
        (view.is_redacted, view.body) = (true, new.body.clone());
    }
    let checked = look(&new).await.map_err(|error| Problem::from(error).keeping(&written))?;
    if view.is_redacted || !checked.may_leave(is_meant) {
        let waiting = Waiting { ticket, hidden: Vec::new(), view: view.holding(checked) };
        return gate::hold(&web, (session, Preferences::of(&headers)), waiting, files).await;
    }
    let add = async |attachments| Ok(web.app.add_message(&session.actor, thread, NewMessage { attachments, ..new }).await?);
    let message = files.sent_by(&web.app, &session.actor, add).await.map_err(|problem| problem.keeping(&written))?;
    Ok(Redirect::to(&format!("{}#message-{}", web.back_to_ticket(&headers, &ticket), message.id)).into_response())
}

/// Closes a side conversation, or opens it again.
pub(super) async fn set_status(
    State(web): State<Web>,
    Named(thread): Named,
    headers: HeaderMap,
    Posted { session, fields, .. }: Posted,
) -> Result<Redirect, Problem> {
    let thread: ThreadId = thread.parse().map_err(|_| Problem::not_found())?;
    let status = fields.text("status").parse().map_err(Problem::refused_below)?;
    let thread = web.app.set_thread_status(&session.actor, thread, status).await?;
    Ok(Redirect::to(&format!("{}#thread-{}", web.back_to_ticket(&headers, &thread.ticket), thread.id)))
}

/// What stands in the way of a message while it is written: nothing of what could not be sent yet.
pub(super) async fn look(
    State(web): State<Web>,
    Named(reference): Named,
    Query(asked): Query<Look>,
    Posted { session, preferences, fields }: Posted,
) -> Result<Response, Problem> {
    let actor = &session.actor;
    let ticket = web.ticket_id(actor, &reference).await?;
    let (author, body) = (session.user.email.clone(), fields.text("body"));
    let mut view = GateView::of(String::new(), &fields, asked.of == "thread");
    let checked = match asked.of.as_str() {
        _ if body.is_empty() => Checked::default(),
        "reply" => {
            let public = fields.text("public") == "1";
            web.app.look_at_reply(actor, ticket, &NewComment { author, public, body, created_at: None, attachments: Vec::new() }).await?
        }
        "thread" => {
            let Gate { ask, answers } = answered(&web, &session, ticket, &fields).await?;
            (view.ask, view.answers) = (ask, answers);
            match new_thread(&fields, channel(&web, &session, &fields).await?, &author) {
                Ok(new) => web.app.look_at_thread(actor, ticket, &new).await?,
                Err(_) => Checked::default(),
            }
        }
        thread => {
            let thread = thread.parse().map_err(|_| Problem::not_found())?;
            web.app.look_at_message(actor, thread, &NewMessage { author, body, created_at: None, attachments: Vec::new() }).await?
        }
    };
    let view = LookedView { frame: frame(&session, preferences, web.app.now()), gate: view.holding(checked) };
    Ok(guard::html(StatusCode::OK, None, preferences, pages::looked(&view)?))
}

/// What answered before; nothing where that cannot be looked for just now: a message is not held up by it.
async fn answered(web: &Web, session: &Session, ticket: TicketId, fields: &Fields) -> Result<Gate, Problem> {
    let (subject, body) = (fields.text("subject"), fields.text("body"));
    match web.app.check_ask(&session.actor, Asking { ticket: Some(ticket), subject: &subject, body: &body }).await {
        Err(Error::Overloaded { .. } | Error::Unavailable { .. }) => Ok(Gate::default()),
        found => Ok(found?),
    }
}

/// Uses an earlier answer in place of an ask: as a note with its source, or as the beginning of a reply.
pub(super) async fn use_answer(
    State(web): State<Web>,
    Named(ask): Named,
    Posted { session, preferences, fields }: Posted,
) -> Result<Response, Problem> {
    let ask: AskId = ask.parse().map_err(|_| Problem::not_found())?;
    let kept = web.app.decide_ask(&session.actor, ask, AskOutcome::Avoided, fields.optional("find").as_deref()).await?;
    let (quote, source) = (fields.text("quote"), fields.text("source"));
    if fields.text("as") == "note" {
        let body = format!("{quote}\n\n{source}");
        let new = NewComment { author: session.user.email.clone(), public: false, body, created_at: None, attachments: Vec::new() };
        let comment = web.app.add_comment(&session.actor, kept.ticket, new).await?;
        return Ok(Redirect::to(&format!("{}#comment-{}", paths::ticket(&kept.ticket), comment.id)).into_response());
    }
    let view = TicketView { reply: quote, ..web.ticket_to_write_on((session, preferences), &kept.ticket).await? };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), view.frame.preferences, pages::ticket(&view)?))
}

/// How the side conversation of a form would travel.
async fn channel(web: &Web, session: &Session, fields: &Fields) -> Result<ThreadChannel, Problem> {
    let name: ChannelName = fields.text("channel").parse().map_err(Problem::refused_below)?;
    let channel = channel_named(web, &session.actor, &name).await?;
    Ok(channel.ok_or_else(|| Problem::refused(Text::new("refused-channel").with("name", name.as_str())))?.kind)
}

/// The side conversation of a form, with one message and without its files.
fn new_thread(fields: &Fields, channel: ThreadChannel, author: &EmailAddress) -> Result<NewThread, Problem> {
    let body = fields.filled("body", Text::new("refused-no-body"))?;
    let message = NewMessage { author: author.clone(), body, created_at: None, attachments: Vec::new() };
    Ok(NewThread {
        ask: None,
        external_id: None,
        channel,
        subject: fields.filled("subject", Text::new("refused-no-subject"))?.lines().collect::<Vec<_>>().join(" "),
        status: None,
        opened_by: author.clone(),
        participants: addresses(&fields.filled("recipients", Text::new("refused-no-recipient"))?)?,
        created_at: None,
        messages: vec![message],
        context: fields.chosen(CONTEXT).iter().filter_map(|chosen| quotable(chosen)).collect(),
    })
}

/// What a box of the form stands for.
fn quotable(chosen: &str) -> Option<Quotable> {
    if chosen == OPENING { Some(Quotable::Ticket) } else { chosen.parse().ok().map(Quotable::Comment) }
}

/// Reads addresses apart by commas, semicolons or white space; each once.
fn addresses(text: &str) -> Result<Vec<EmailAddress>, Problem> {
    let mut found: Vec<EmailAddress> = Vec::new();
    for given in text.split(|c: char| matches!(c, ',' | ';') || c.is_whitespace()).filter(|given| !given.is_empty()) {
        let address = given.parse().map_err(|_| Problem::refused(Text::new("refused-email").with("given", given)))?;
        if !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_read_however_they_are_apart() {
        let found = addresses("ana@desk.example, Bo@desk.example;\nana@desk.example  cy@desk.example").unwrap();
        assert_eq!(found, ["ana@desk.example", "bo@desk.example", "cy@desk.example"].map(|address| address.parse().unwrap()));
        assert!(addresses("ana@desk.example, bo").is_err());
    }
}
