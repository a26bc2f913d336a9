//! Webhooks: addresses outside that are told of events.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{PageQuery, id, put, put_once};
use crate::domain::webhook::{SigningSecret, Webhook};
use crate::wire::list::PageOut;
use crate::wire::webhook::{DeliveryOut, NewWebhookOut, WebhookIn, WebhookOut};

/// List webhooks, newest first.
#[utoipa::path(get, path = "/v1/webhooks", tag = "admin", params(PageQuery),
    responses((status = 200, description = "a page of webhooks", body = PageOut<WebhookOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<WebhookOut>>, Problem> {
    Ok(JsonOut(PageOut::new(api.app.webhooks(&actor, page.into_request()?).await?)))
}

/// Make a webhook; the answer shows its secret, once.
///
/// From then on it gets a `POST` for each of its events, signed as Standard Webhooks says: `webhook-signature` holds `v1,` and the base64 of
/// HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, keyed with the bytes after `whsec_`. The body is
/// `{"type": …, "timestamp": …, "data": …}`, where `data` is a `TicketTriagedOut` for `ticket.triaged` and a `SuggestionReadyOut` for
/// `suggestion.ready`. Any answer that begins with 2 within 15 seconds, unless the operator set another time, takes the message; otherwise it is tried up to ten times in about three
/// days, with the same `webhook-id`. A message may come twice and out of order. An answer of 410, or five days in which every attempt
/// failed, disables the webhook. A workspace has at most 20.
#[utoipa::path(post, path = "/v1/webhooks", tag = "admin", request_body = WebhookIn,
    responses((status = 201, description = "made", body = NewWebhookOut)))]
pub(crate) async fn create(State(api): State<Api>, Caller(actor): Caller, Json(webhook): Json<WebhookIn>) -> Result<Response, Problem> {
    answer(api.app.create_webhook(&actor, webhook.into_new()?).await?)
}

/// Read a webhook.
#[utoipa::path(get, path = "/v1/webhooks/{id}", tag = "admin", params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 200, description = "the webhook", body = WebhookOut)))]
pub(crate) async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(webhook): Path<String>,
) -> Result<JsonOut<WebhookOut>, Problem> {
    Ok(JsonOut(api.app.webhook(&actor, id(&webhook)?).await?.into()))
}

/// Remove a webhook with its messages; what was not sent yet never is.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "admin", params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 204, description = "removed")))]
pub(crate) async fn delete(State(api): State<Api>, Caller(actor): Caller, Path(webhook): Path<String>) -> Result<StatusCode, Problem> {
    api.app.delete_webhook(&actor, id(&webhook)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a webhook a new secret; the answer shows it, once.
///
/// For 24 hours messages carry two signatures, with the new secret and with the one before. Rotating again ends an earlier one at once.
#[utoipa::path(post, path = "/v1/webhooks/{id}/secret", tag = "admin", params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 201, description = "made", body = NewWebhookOut)))]
pub(crate) async fn rotate(State(api): State<Api>, Caller(actor): Caller, Path(webhook): Path<String>) -> Result<Response, Problem> {
    answer(api.app.rotate_webhook_secret(&actor, id(&webhook)?).await?)
}

/// Enable a webhook that was disabled.
///
/// Events from while it was disabled are not told. What was given up can be sent again, message by message.
#[utoipa::path(post, path = "/v1/webhooks/{id}/enable", tag = "admin", params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 200, description = "enabled", body = WebhookOut)))]
pub(crate) async fn enable(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(webhook): Path<String>,
) -> Result<JsonOut<WebhookOut>, Problem> {
    Ok(JsonOut(api.app.enable_webhook(&actor, id(&webhook)?).await?.into()))
}

/// Send a webhook a message of the type `webhook.ping`, to see whether it arrives.
#[utoipa::path(post, path = "/v1/webhooks/{id}/ping", tag = "admin", params(("id" = String, Path, description = "the webhook's id")),
    responses((status = 201, description = "to be sent", body = DeliveryOut)))]
pub(crate) async fn ping(State(api): State<Api>, Caller(actor): Caller, Path(webhook): Path<String>) -> Result<Response, Problem> {
    let delivery = DeliveryOut::from(api.app.ping_webhook(&actor, id(&webhook)?).await?);
    Ok(put(true, &format!("/v1/webhooks/{webhook}/deliveries"), delivery))
}

/// List the messages to a webhook of the last 14 days, newest first, with what came of them.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "admin",
    params(("id" = String, Path, description = "the webhook's id"), PageQuery),
    responses((status = 200, description = "a page of messages", body = PageOut<DeliveryOut>)))]
pub(crate) async fn deliveries(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(webhook): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<DeliveryOut>>, Problem> {
    Ok(JsonOut(PageOut::new(api.app.deliveries(&actor, id(&webhook)?, page.into_request()?).await?)))
}

/// Send a message again, at once and with the same `webhook-id`, whatever became of it before.
#[utoipa::path(post, path = "/v1/webhooks/{id}/deliveries/{delivery}/replay", tag = "admin",
    params(("id" = String, Path, description = "the webhook's id"), ("delivery" = String, Path, description = "the message's id")),
    responses((status = 200, description = "to be sent", body = DeliveryOut)))]
pub(crate) async fn replay(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<JsonOut<DeliveryOut>, Problem> {
    Ok(JsonOut(api.app.replay_delivery(&actor, id(&webhook)?, id(&delivery)?).await?.into()))
}

fn answer((webhook, secret): (Webhook, SigningSecret)) -> Result<Response, Problem> {
    let shown = NewWebhookOut { webhook: webhook.into(), secret: Some(secret.expose()) };
    let kept = NewWebhookOut { secret: None, ..shown.clone() };
    put_once(&format!("/v1/webhooks/{}", shown.webhook.id), &shown, &kept)
}
