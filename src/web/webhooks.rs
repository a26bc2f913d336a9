//! Webhooks: their list, making one, and one with its messages, which can be sent again.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use serde_json::json;

use crate::app::error::Error;
use crate::domain::id::WebhookId;
use crate::domain::intake::PageRequest;
use crate::domain::user::Permission;
use crate::domain::vocabulary::WebhookEvent;
use crate::domain::webhook::{SigningSecret, Webhook};
use crate::web::form::{Fields, Posted};
use crate::web::listing::{Cell, Choice, Field, FormView, Line, ListView, OnceView, Place};
use crate::web::pages::{self, WebhookView};
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::table::{ROWS, form_page, list_page, once_page};
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;
use crate::web::{Web, guard, paths};
use crate::wire::read::read_value;
use crate::wire::webhook::WebhookIn;

/// The webhooks.
pub(super) async fn list(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    // All of them: a workspace has few.
    let all = web.app.webhooks(&session.actor, PageRequest { limit: Some(ROWS), cursor: None }).await?.items;
    list_page(&ListView {
        frame: frame(&session, preferences, web.app.now()),
        place: Place::Webhooks,
        words: None,
        lines: all.iter().map(line).collect(),
        first: None,
        next: None,
        may_write: session.actor.role.may(Permission::Administer),
        told: None,
    })
}

fn line(webhook: &Webhook) -> Line {
    let state = match (webhook.disabled, webhook.failing_since) {
        (Some(_), _) => Cell::Mark("", Text::new("webhooks-is-disabled")),
        (None, Some(_)) => Cell::Mark("badge-internal", Text::new("webhooks-is-failing")),
        (None, None) => Cell::Mark("badge-public", Text::new("webhooks-is-enabled")),
    };
    let events: Vec<&str> = webhook.events.iter().map(|event| event.as_str()).collect();
    Line {
        href: Some(paths::webhook(&webhook.id)),
        title: webhook.name().to_owned(),
        below: webhook.url.clone(),
        cells: vec![Cell::Words(events.join(", ")), Cell::Day(webhook.created_at), state],
        is_over: webhook.disabled.is_some(),
        act: None,
    }
}

/// One webhook with its messages.
pub(super) async fn read(State(web): State<Web>, Named(id): Named, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let id = webhook_id(&id)?;
    let webhook = web.app.webhook(&session.actor, id).await?;
    let deliveries = web.app.deliveries(&session.actor, id, PageRequest { limit: Some(ROWS), cursor: None }).await?.items;
    let may_write = session.actor.role.may(Permission::Administer);
    let view = WebhookView { frame: frame(&session, preferences, web.app.now()), webhook, deliveries, may_write };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::webhook(&view)?))
}

/// The form that makes a webhook.
pub(super) async fn new(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let view = form(frame(&session, preferences, web.app.now()), &Fields::default());
    std::future::ready(form_page(StatusCode::OK, &view)).await
}

/// Makes a webhook, and shows its secret once.
pub(super) async fn create(State(web): State<Web>, Posted { session, preferences, fields }: Posted) -> Result<Response, Problem> {
    let frame = || frame(&session, preferences, web.app.now());
    let refused = |field: &str, detail: Detail| form_page(StatusCode::UNPROCESSABLE_ENTITY, &form(frame(), &fields).refused(field, detail));
    let given = json!({"url": fields.text("url"), "events": fields.chosen("events-"), "description": fields.optional("description")});
    let new = match read_value::<WebhookIn>(given).and_then(WebhookIn::into_new) {
        Ok(new) => new,
        Err(error) => return refused(&error.pointer, error.detail.into()),
    };
    match web.app.create_webhook(&session.actor, new).await {
        Ok(made) => shown_once(frame(), made, "webhooks-created"),
        Err(Error::Invalid { field, reason }) => refused(&field, reason.into()),
        Err(error) => Err(error.into()),
    }
}

/// Gives a webhook a new secret, and shows it once.
pub(super) async fn rotate(
    State(web): State<Web>,
    Named(id): Named,
    Posted { session, preferences, .. }: Posted,
) -> Result<Response, Problem> {
    let made = web.app.rotate_webhook_secret(&session.actor, webhook_id(&id)?).await?;
    shown_once(frame(&session, preferences, web.app.now()), made, "webhooks-rotated")
}

/// Enables a webhook.
pub(super) async fn enable(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    let id = webhook_id(&id)?;
    web.app.enable_webhook(&session.actor, id).await?;
    Ok(Redirect::to(&paths::webhook(&id)))
}

/// Sends a webhook a message that tells nothing.
pub(super) async fn ping(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    let id = webhook_id(&id)?;
    web.app.ping_webhook(&session.actor, id).await?;
    Ok(Redirect::to(&paths::webhook(&id)))
}

/// Removes a webhook.
pub(super) async fn delete(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.delete_webhook(&session.actor, webhook_id(&id)?).await?;
    Ok(Redirect::to(paths::WEBHOOKS))
}

/// Sends a message again.
pub(super) async fn replay(
    State(web): State<Web>,
    Path((id, message)): Path<(String, String)>,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Problem> {
    let id = webhook_id(&id)?;
    web.app.replay_delivery(&session.actor, id, message.parse().map_err(|_| Problem::not_found())?).await?;
    Ok(Redirect::to(&paths::webhook(&id)))
}

fn shown_once(frame: Frame, (webhook, secret): (Webhook, SigningSecret), title: &'static str) -> Result<Response, Problem> {
    once_page(&OnceView {
        frame,
        place: Place::Webhooks,
        title: Text::new(title).with("name", webhook.name()),
        help: Text::new("webhooks-secret-help"),
        secret: secret.expose(),
        until: None,
        back: paths::webhook(&webhook.id),
    })
}

fn webhook_id(given: &str) -> Result<WebhookId, Problem> {
    given.parse().map_err(|_| Problem::not_found())
}

fn form(frame: Frame, given: &Fields) -> FormView {
    let chosen = given.chosen("events-");
    let events = WebhookEvent::ALL.iter().map(|event| Choice::new(event, event, chosen.contains(&event.to_string()))).collect();
    FormView {
        frame,
        place: Place::Webhooks,
        title: Text::new("webhooks-add"),
        help: Some(Text::new("webhooks-add-help")),
        action: paths::WEBHOOKS.to_owned(),
        fields: vec![
            Field::line("url", "webhooks-url", given.text("url")).required().with_help("webhooks-url-help"),
            Field::choices("events", "webhooks-events", events),
            Field::line("description", "webhooks-description", given.text("description")),
        ],
        submit: Some("webhooks-make"),
        back: paths::WEBHOOKS.to_owned(),
        problem: None,
        told: None,
        acts: Vec::new(),
    }
}
