//! Side conversations: opening the one that was drafted.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Redirect;

use crate::domain::id::AttachmentId;
use crate::domain::intake::{NewMessage, NewThread, Quotable};
use crate::domain::vocabulary::{ChannelName, EmailAddress, ThreadChannel};
use crate::web::Web;
use crate::web::attachment::Composed;
use crate::web::form::Fields;
use crate::web::problem::Problem;
use crate::web::session::Named;
use crate::web::teams::channel_named;
use crate::web::words::Text;

/// Before what was chosen of the ticket to be quoted.
pub(super) const CONTEXT: &str = "context-";
/// The ticket's own text among it.
pub(super) const OPENING: &str = "opening";

/// Keeps the side conversation as it was edited; it is sent where its channel is connected.
pub(super) async fn open(
    State(web): State<Web>,
    Named(reference): Named,
    headers: HeaderMap,
    Composed { session, fields, files }: Composed,
) -> Result<Redirect, Problem> {
    let ticket = web.ticket_id(&session.actor, &reference).await?;
    let written = fields.text("body");
    let open = async |attachments| {
        let name: ChannelName = fields.text("channel").parse().map_err(Problem::refused_below)?;
        let channel = channel_named(&web, &session.actor, &name).await?;
        let channel = channel.ok_or_else(|| Problem::refused(Text::new("refused-channel").with("name", name.as_str())))?.kind;
        let new = new_thread(&fields, channel, &session.user.email, attachments)?;
        Ok(web.app.open_thread(&session.actor, ticket, new).await?)
    };
    let put = files.sent_by(&web.app, &session.actor, open).await.map_err(|problem| problem.keeping(&written))?;
    Ok(Redirect::to(&format!("{}#thread-{}", web.back_to_ticket(&headers, &ticket), put.item.thread.id)))
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
