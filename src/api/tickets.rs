//! Tickets and comments.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json as JsonOut, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::reply::{page_request, put, ticket_id};
use crate::app::error::Error;
use crate::app::{App, Put};
use crate::domain::id::TicketId;
use crate::domain::intake::InboxFilter;
use crate::domain::ticket::TicketHistory;
use crate::domain::user::Actor;
use crate::domain::vocabulary::TicketOrder;
use crate::wire::list::PageOut;
use crate::wire::read::FieldError;
use crate::wire::ticket::{CommentIn, CommentOut, InboxRowOut, TicketIn, TicketOut};
use crate::wire::triage::{CorrectionIn, CorrectionOut, TicketAnswerOut, TriageOut, TriagedTicketOut};

/// What the answer waits for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wait {
    /// The triage.
    Triage,
}

/// How a ticket is taken in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PutQuery {
    /// With `triage` the answer is `{"ticket": …, "triage": …}`; the triage is null when it could not be made in time.
    #[param(inline)]
    wait: Option<Wait>,
}

/// Which tickets are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only these states, separated by commas, such as `new,open`.
    status: Option<String>,
    /// Only this group.
    group: Option<String>,
    /// Only this intent.
    intent: Option<String>,
    /// Only tickets that hold every one of these words, in whatever case and with or without accents, each in reference, subject, text or
    /// requester; words within quotation marks stand together. A number such as `LIT-13-20784` is found in comments and side conversations too.
    q: Option<String>,
    /// `newest` first, or `urgency`: what has the highest priority first, the newest of it before the others, and what is solved last;
    /// `newest` when not given.
    #[param(inline)]
    order: Option<TicketOrder>,
    /// At most so many items, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl ListQuery {
    fn filter(&self) -> Result<InboxFilter, Problem> {
        let refused = |parameter: &str, error: &dyn std::fmt::Display| Problem::query(FieldError::new(parameter, error));
        let words = self.status.iter().flat_map(|words| words.split(',')).map(str::trim).filter(|word| !word.is_empty());
        Ok(InboxFilter {
            statuses: words.map(str::parse).collect::<Result<_, _>>().map_err(|error| refused("/status", &error))?,
            group: self.group.as_deref().map(str::parse).transpose().map_err(|error| refused("/group", &error))?,
            intent: self.intent.as_deref().map(str::parse).transpose().map_err(|error| refused("/intent", &error))?,
            words: self.q.clone().filter(|words| !words.trim().is_empty()),
            order: self.order,
        })
    }
}

/// Create a ticket, or update it by `external_id`.
///
/// Answers 201 for a new ticket and 200 for a known one.
///
/// To change the status, priority, group or assignee of a known ticket, send it again whole with the new value: every field becomes as it
/// is sent, or as of a new ticket where it is left out, but for `created_at`, and for `solved_at` while it stays solved. Comments and files
/// are only added, and the panel is prepared anew.
#[utoipa::path(post, path = "/v1/tickets", tag = "tickets", params(PutQuery), request_body = TicketIn,
    responses((status = 201, description = "created", body = TicketAnswerOut), (status = 200, description = "updated", body = TicketAnswerOut)))]
pub(crate) async fn put_ticket(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(query): Query<PutQuery>,
    Json(ticket): Json<TicketIn>,
) -> Result<Response, Problem> {
    let Put { item, created, .. } = api.app.put_ticket(&actor, ticket.into_new()?).await?;
    let id = item.ticket.id;
    let location = format!("/v1/tickets/{id}");
    let ticket = with_requester(&api.app, &actor, item).await?;
    let answer = match query.wait {
        None => TicketAnswerOut::Ticket(Box::new(ticket)),
        Some(Wait::Triage) => {
            let triage = triage_now(&api.app, &actor, id).await;
            TicketAnswerOut::Triaged(Box::new(TriagedTicketOut { ticket, triage }))
        }
    };
    Ok(put(created, &location, answer))
}

/// List tickets, newest or most urgent first.
#[utoipa::path(get, path = "/v1/tickets", tag = "tickets", params(ListQuery),
    responses((status = 200, description = "a page of tickets", body = PageOut<InboxRowOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<JsonOut<PageOut<InboxRowOut>>, Problem> {
    let filter = query.filter()?;
    let page = page_request(query.limit, query.cursor)?;
    Ok(JsonOut(PageOut::new(api.app.inbox(&actor, filter, page).await?)))
}

/// Read a ticket with its comments.
#[utoipa::path(get, path = "/v1/tickets/{ticket}", tag = "tickets", params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "the ticket", body = TicketOut)))]
pub(crate) async fn read(State(api): State<Api>, Caller(actor): Caller, Path(ticket): Path<String>) -> Result<JsonOut<TicketOut>, Problem> {
    let history = api.app.ticket_by_reference(&actor, &ticket).await?;
    Ok(JsonOut(with_requester(&api.app, &actor, history).await?))
}

/// Add a comment to a ticket.
///
/// What somebody of the desk tells the customer now is looked at by the guard first: what it blocks is answered with the problem `message-held`
/// and not added, and what it asks to be looked at neither, unless `acknowledged` is true.
#[utoipa::path(post, path = "/v1/tickets/{ticket}/comments", tag = "tickets", request_body = CommentIn,
    params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 201, description = "added", body = CommentOut)))]
pub(crate) async fn comment(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
    Json(comment): Json<CommentIn>,
) -> Result<Response, Problem> {
    let acknowledged = comment.acknowledged;
    let comment = comment.into_new()?;
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    api.app.look_at_reply(&actor, ticket, &comment).await?.let_out(acknowledged)?;
    let comment = api.app.add_comment(&actor, ticket, comment).await?;
    let comment = CommentOut::new(comment, &api.app.attachments_of(&actor, ticket).await?);
    Ok(put(true, &format!("/v1/tickets/{ticket}"), comment).into_response())
}

/// Say what a ticket is, in place of what was guessed.
///
/// It is shown in place of the guess, and the triage learns from it in place of what the ticket's label says. A later one replaces what it
/// names and leaves the rest.
#[utoipa::path(put, path = "/v1/tickets/{ticket}/correction", tag = "tickets", request_body = CorrectionIn,
    params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "what is said of it now", body = CorrectionOut)))]
pub(crate) async fn correct(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
    Json(said): Json<CorrectionIn>,
) -> Result<JsonOut<CorrectionOut>, Problem> {
    let said = said.into_new()?;
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    Ok(JsonOut(api.app.correct_triage(&actor, ticket, said).await?.into()))
}

/// Take back what was said of a ticket.
///
/// The guess is shown again; taking back what nobody said changes nothing.
#[utoipa::path(delete, path = "/v1/tickets/{ticket}/correction", tag = "tickets",
    params(("ticket" = String, Path, description = "id or `external_id`")), responses((status = 204, description = "taken back")))]
pub(crate) async fn take_correction_back(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
) -> Result<StatusCode, Problem> {
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    api.app.take_correction_back(&actor, ticket).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The triage of a ticket that is kept already: an error now would make its sender send it again. The panel is prepared in any case.
async fn triage_now(app: &App, actor: &Actor, ticket: TicketId) -> Option<TriageOut> {
    match app.triage_of(actor, ticket).await {
        Ok(triage) => Some(triage.into()),
        Err(error) => {
            tracing::warn!(problem.causes = &error as &dyn std::error::Error, "a ticket was kept, and could not be triaged at once");
            None
        }
    }
}

async fn with_requester(app: &App, actor: &Actor, history: TicketHistory) -> Result<TicketOut, Error> {
    let requester = app.customer(actor, history.ticket.requester).await?;
    let attachments = app.attachments_of(actor, history.ticket.id).await?;
    Ok(TicketOut::new(history, &requester, &attachments))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::Code;
    use crate::domain::vocabulary::TicketStatus;

    fn query(status: Option<&str>, group: Option<&str>) -> ListQuery {
        ListQuery {
            status: status.map(Into::into),
            group: group.map(Into::into),
            intent: None,
            q: Some("  ".into()),
            order: None,
            limit: None,
            cursor: None,
        }
    }

    #[test]
    fn states_are_listed_with_commas_and_blank_words_are_no_filter() {
        let filter = query(Some("new, open,"), Some("billing")).filter().unwrap();
        assert_eq!(filter.statuses, [TicketStatus::New, TicketStatus::Open]);
        assert_eq!(filter.words, None);
    }

    #[test]
    fn a_state_or_group_that_cannot_be_is_a_problem() {
        assert_eq!(query(Some("shut"), None).filter().unwrap_err().code(), Code::QueryInvalid);
        assert_eq!(query(None, Some("Big Group")).filter().unwrap_err().code(), Code::QueryInvalid);
    }
}
