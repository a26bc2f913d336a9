//! Side conversations.

use axum::extract::{Path, State};
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{AboutQuery, PageQuery, id, put, thread_id, ticket_id};
use crate::app::{Asking, Checked, Put};
use crate::wire::check::{CheckIn, CheckOut};
use crate::wire::list::{ItemsOut, PageOut};
use crate::wire::mail::{HeldMailIn, MessageDeliveryIn, MessageDeliveryOut};
use crate::wire::thread::{DraftIn, DraftOut, MessageIn, MessageOut, ThreadIn, ThreadOut, ThreadPatch, ThreadSummaryOut};
use crate::wire::waiting::HangingThreadOut;

/// List the side conversations that were left hanging, by kind, the oldest of each first.
///
/// Answers that the customer has not been told, side conversations in which nobody answered for longer than usual, child tickets that were
/// solved while the customer waits, and what is open on a solved ticket, each with what can be sent for it; as the panel of the ticket says,
/// but judged at every call. Of those that are open the 500 that changed last are looked
/// at, and of those that were closed in the last 30 days on a ticket that is not solved as many.
#[utoipa::path(get, path = "/v1/loose-ends", tag = "side conversations", params(PageQuery),
    responses((status = 200, description = "a page of them", body = PageOut<HangingThreadOut>)))]
pub(crate) async fn loose_ends(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(query): Query<PageQuery>,
) -> Result<JsonOut<PageOut<HangingThreadOut>>, Problem> {
    Ok(JsonOut(PageOut::new(api.app.loose_ends(&actor, query.into_request()?).await?)))
}

/// List the side conversations of a ticket, oldest first.
#[utoipa::path(get, path = "/v1/tickets/{ticket}/side-conversations", tag = "side conversations",
    params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "all of them, with their messages", body = ItemsOut<ThreadOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
) -> Result<JsonOut<ItemsOut<ThreadOut>>, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    let (threads, attachments, exchange) =
        tokio::try_join!(api.app.threads(&actor, ticket), api.app.attachments_of(&actor, ticket), api.app.exchange_of(&actor, ticket))?;
    Ok(JsonOut(ItemsOut { items: threads.into_iter().map(|thread| ThreadOut::new(thread, &attachments, &exchange)).collect() }))
}

/// Open a side conversation on a ticket.
///
/// It is sent where the desk's mail is set up or Slack or Teams is connected, unless it has an `external_id`, is closed, or says when it was
/// opened or written: then it was held elsewhere. With `channel_name` it goes to that channel in Slack or Teams, without it to the participants.
/// Each message says where it stands. What the guard blocks is answered with the problem `message-held` and not sent, and what it asks to be
/// looked at neither, unless `acknowledged` is true. Answers 200 where one with this `external_id` is there already.
#[utoipa::path(post, path = "/v1/tickets/{ticket}/side-conversations", tag = "side conversations", request_body = ThreadIn,
    params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 201, description = "opened", body = ThreadOut), (status = 200, description = "updated", body = ThreadOut)))]
pub(crate) async fn open(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
    Json(thread): Json<ThreadIn>,
) -> Result<Response, Problem> {
    let (acknowledged, named) = (thread.acknowledged, thread.channel_name()?);
    let thread = thread.into_new()?;
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    api.app.look_at_thread(&actor, ticket, &thread).await?.let_out(acknowledged)?;
    let Put { item, created, .. } = match named {
        Some(name) => api.app.open_thread_in(&actor, ticket, thread, &name).await?,
        None => api.app.open_thread(&actor, ticket, thread).await?,
    };
    let location = format!("/v1/side-conversations/{}", item.thread.id);
    let (attachments, exchange) = tokio::try_join!(api.app.attachments_of(&actor, ticket), api.app.exchange_of(&actor, ticket))?;
    Ok(put(created, &location, ThreadOut::new(item, &attachments, &exchange)))
}

/// Read a side conversation with its messages.
#[utoipa::path(get, path = "/v1/side-conversations/{id}", tag = "side conversations",
    params(("id" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "the side conversation", body = ThreadOut)))]
pub(crate) async fn read(State(api): State<Api>, Caller(actor): Caller, Path(thread): Path<String>) -> Result<JsonOut<ThreadOut>, Problem> {
    let history = api.app.thread_by_reference(&actor, &thread).await?;
    let ticket = history.thread.ticket;
    let (attachments, exchange) = tokio::try_join!(api.app.attachments_of(&actor, ticket), api.app.exchange_of(&actor, ticket))?;
    Ok(JsonOut(ThreadOut::new(history, &attachments, &exchange)))
}

/// Close or reopen a side conversation.
#[utoipa::path(patch, path = "/v1/side-conversations/{id}", tag = "side conversations", request_body = ThreadPatch,
    params(("id" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "changed; without its messages", body = ThreadOut)))]
pub(crate) async fn change(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(thread): Path<String>,
    Json(ThreadPatch { state }): Json<ThreadPatch>,
) -> Result<JsonOut<ThreadOut>, Problem> {
    let thread = thread_id(&api.app, &actor, &thread).await?;
    Ok(JsonOut(api.app.set_thread_status(&actor, thread, state).await?.into()))
}

/// Add a message to a side conversation.
///
/// One that nobody who takes part wrote is sent to them, as the first one, and the guard looks at it in the same way.
#[utoipa::path(post, path = "/v1/side-conversations/{id}/messages", tag = "side conversations", request_body = MessageIn,
    params(("id" = String, Path, description = "id or `external_id`")),
    responses((status = 201, description = "added", body = MessageOut)))]
pub(crate) async fn message(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(thread): Path<String>,
    Json(message): Json<MessageIn>,
) -> Result<Response, Problem> {
    let acknowledged = message.acknowledged;
    let message = message.into_new()?;
    let thread = thread_id(&api.app, &actor, &thread).await?;
    api.app.look_at_message(&actor, thread, &message).await?.let_out(acknowledged)?;
    let message = api.app.add_message(&actor, thread, message).await?;
    let ticket = api.app.thread(&actor, thread).await?.thread.ticket;
    let (attachments, exchange) = tokio::try_join!(api.app.attachments_of(&actor, ticket), api.app.exchange_of(&actor, ticket))?;
    let message = MessageOut::new(message, ticket, &attachments, &exchange);
    Ok(put(true, &format!("/v1/side-conversations/{thread}"), message))
}

/// Say what becomes of a message that was refused, or of which nobody knows whether it was sent.
#[utoipa::path(post, path = "/v1/messages/{id}/delivery", tag = "side conversations", request_body = MessageDeliveryIn,
    params(("id" = String, Path, description = "id of the message")),
    responses((status = 200, description = "where it stands now", body = MessageDeliveryOut)))]
pub(crate) async fn deliver(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(message): Path<String>,
    Json(MessageDeliveryIn { action }): Json<MessageDeliveryIn>,
) -> Result<JsonOut<MessageDeliveryOut>, Problem> {
    let message = id(&message)?;
    Ok(JsonOut(MessageDeliveryOut::from(&api.app.decide_message(&actor, message, action).await?)))
}

/// Let in or drop a mail of somebody who does not take part in the side conversation that it belongs to.
#[utoipa::path(post, path = "/v1/held-mails/{id}", tag = "side conversations", request_body = HeldMailIn,
    params(("id" = String, Path, description = "id of the mail")),
    responses((status = 200, description = "the side conversation", body = ThreadOut)))]
pub(crate) async fn decide_mail(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(mail): Path<String>,
    Json(HeldMailIn { action }): Json<HeldMailIn>,
) -> Result<JsonOut<ThreadOut>, Problem> {
    let history = api.app.decide_mail(&actor, id(&mail)?, action).await?;
    let ticket = history.thread.ticket;
    let (attachments, exchange) = tokio::try_join!(api.app.attachments_of(&actor, ticket), api.app.exchange_of(&actor, ticket))?;
    Ok(JsonOut(ThreadOut::new(history, &attachments, &exchange)))
}

/// Read what a side conversation asked, answered and left open, and, where something is asked, what was said about it.
#[utoipa::path(get, path = "/v1/side-conversations/{id}/summary", tag = "side conversations",
    params(("id" = String, Path, description = "id or `external_id`"), AboutQuery),
    responses((status = 200, description = "the summary, cited", body = ThreadSummaryOut)))]
pub(crate) async fn summary(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(thread): Path<String>,
    Query(AboutQuery { about }): Query<AboutQuery>,
) -> Result<JsonOut<ThreadSummaryOut>, Problem> {
    let thread = thread_id(&api.app, &actor, &thread).await?;
    Ok(JsonOut(api.app.thread_summary(&actor, thread, about.as_deref()).await?.into()))
}

/// Prepare a side conversation for a ticket; nothing is sent or kept.
#[utoipa::path(post, path = "/v1/side-conversations/draft", tag = "side conversations", request_body = DraftIn,
    responses((status = 200, description = "the draft, or null", body = DraftOut)))]
pub(crate) async fn draft(
    State(api): State<Api>,
    Caller(actor): Caller,
    Json(DraftIn { ticket }): Json<DraftIn>,
) -> Result<JsonOut<DraftOut>, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    let draft = api.app.draft_thread(&actor, ticket).await?.map(Into::into);
    Ok(JsonOut(DraftOut { draft }))
}

/// Check a message before it is sent: for leaks, for quality, and whether the same was answered before. Nothing is sent.
///
/// Finds words that were copied from internal notes, side conversations and articles that a recipient may not read, what is other customers',
/// secrets and personal data, addresses that look like others; with a ticket also whether the message asks something, says so in its subject,
/// and comes from whoever has the ticket. What is told in other words is not found.
///
/// With a ticket it is kept what answered before, without the words of the message, for `GET /v1/insights`.
#[utoipa::path(post, path = "/v1/side-conversations/check", tag = "side conversations", request_body = CheckIn,
    responses((status = 200, description = "what was found; nothing is kept back by it", body = CheckOut)))]
pub(crate) async fn check(State(api): State<Api>, Caller(actor): Caller, Json(check): Json<CheckIn>) -> Result<JsonOut<CheckOut>, Problem> {
    let ticket = match &check.ticket {
        None => None,
        Some(ticket) => Some(ticket_id(&api.app, &actor, ticket).await?),
    };
    let check = check.into_check(ticket)?;
    let Checked { leaks, redacted_subject, redacted } = api.app.check_message(&actor, &check).await?;
    let asking = Asking { ticket, subject: check.subject.as_deref().unwrap_or_default(), body: &check.body };
    let gate = api.app.check_ask(&actor, asking).await?;
    Ok(JsonOut(CheckOut::new(leaks, redacted_subject, redacted, gate)))
}
