//! Side conversations: opening the one that was drafted, unless an earlier answer does.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::error::Error;
use crate::app::{Asking, Session};
use crate::domain::answered::{EarlierAnswer, Gate};
use crate::domain::id::{AskId, AttachmentId, TicketId};
use crate::domain::intake::{NewComment, NewMessage, NewThread, Quotable};
use crate::domain::vocabulary::{AskOutcome, ChannelName, EmailAddress, ThreadChannel};
use crate::web::attachment::{Composed, Files};
use crate::web::form::{Fields, Posted};
use crate::web::gate::GateView;
use crate::web::preferences::Preferences;
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::teams::channel_named;
use crate::web::view::TicketView;
use crate::web::words::Text;
use crate::web::{Web, guard, pages, paths};

/// Before what was chosen of the ticket to be quoted.
pub(super) const CONTEXT: &str = "context-";
/// The ask that was shown what answered before.
const ASK: &str = "ask";
/// The ticket's own text among it.
pub(super) const OPENING: &str = "opening";

/// Keeps the side conversation as it was edited, to be sent where its channel is connected, or shows what answered the same before.
pub(super) async fn open(
    State(web): State<Web>,
    Named(reference): Named,
    headers: HeaderMap,
    Composed { session, fields, files }: Composed,
) -> Result<Response, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    let written = fields.text("body");
    let asked = if let Some(ask) = fields.optional(ASK) {
        ask.parse().ok()
    } else {
        let gate = gate(&web, &session, ticket, &fields).await?;
        if let Some(ask) = gate.ask.filter(|_| !gate.answers.is_empty()) {
            let preferences = Preferences::of(&headers);
            return answered_before(&web, (session, preferences), ticket, (ask, gate.answers), (fields, files)).await;
        }
        gate.ask
    };
    let open = async |attachments| {
        let name: ChannelName = fields.text("channel").parse().map_err(Problem::refused_below)?;
        let channel = channel_named(&web, &session.actor, &name).await?;
        let channel = channel.ok_or_else(|| Problem::refused(Text::new("refused-channel").with("name", name.as_str())))?.kind;
        let new = new_thread(&fields, channel, &session.user.email, attachments)?;
        Ok(web.app.open_thread(&session.actor, ticket, new).await?)
    };
    let put = files.sent_by(&web.app, &session.actor, open).await.map_err(|problem| problem.keeping(&written))?;
    let thread = put.item.thread;
    if let Some(ask) = asked {
        web.app.ask_was_sent(&session.actor, ask, ticket, thread.channel).await?;
    }
    Ok(Redirect::to(&format!("{}#thread-{}", web.back_to_ticket(&headers, &ticket), thread.id)).into_response())
}

/// What answered before; nothing where that cannot be looked for just now: a message is not held up by it.
async fn gate(web: &Web, session: &Session, ticket: TicketId, fields: &Fields) -> Result<Gate, Problem> {
    let (subject, body) = (fields.text("subject"), fields.text("body"));
    match web.app.check_ask(&session.actor, Asking { ticket: Some(ticket), subject: &subject, body: &body }).await {
        Err(Error::Overloaded { .. } | Error::Unavailable { .. }) => Ok(Gate::default()),
        found => Ok(found?),
    }
}

/// The page of the ticket with what answered before above what was written. Files stay where they are until it is sent.
async fn answered_before(
    web: &Web,
    (session, preferences): (Session, Preferences),
    ticket: TicketId,
    (ask, answers): (AskId, Vec<EarlierAnswer>),
    (fields, files): (Fields, Files),
) -> Result<Response, Problem> {
    let kept = files.sent_by(&web.app, &session.actor, async |ids| Ok(ids)).await?;
    let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
    let chosen = fields.chosen(CONTEXT).into_iter().map(|chosen| (format!("{CONTEXT}{chosen}"), "1".to_owned()));
    let hidden =
        [("channel".to_owned(), fields.text("channel")), ("attachments".to_owned(), kept.join(",")), (ASK.to_owned(), ask.to_string())];
    let gate = GateView {
        ask,
        answers,
        hidden: hidden.into_iter().chain(chosen).collect(),
        recipients: fields.text("recipients"),
        subject: fields.text("subject"),
        body: fields.text("body"),
    };
    let view = TicketView { gate: Some(gate), ..web.ticket_to_write_on((session, preferences), &ticket).await? };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), view.frame.preferences, pages::ticket(&view)?))
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

fn new_thread(
    fields: &Fields,
    channel: ThreadChannel,
    author: &EmailAddress,
    attachments: Vec<AttachmentId>,
) -> Result<NewThread, Problem> {
    let body = fields.filled("body", Text::new("refused-no-body"))?;
    let message = NewMessage { author: author.clone(), body, created_at: None, attachments };
    Ok(NewThread {
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
