//! Questions about a ticket.

use axum::extract::{Path, State};
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::api::reply::ticket_id;
use crate::app::Answer;
use crate::wire::ask::{AnswerOut, AskIn, LookedInOut};

/// Ask a question about a ticket in plain words.
///
/// Answers with sentences from the ticket, its files, its side conversations, earlier ones, articles and what rules of the playbook want
/// customers told, each with its source, or says that none was found.
#[utoipa::path(post, path = "/v1/tickets/{ticket}/ask", tag = "suggestions", request_body = AskIn,
    params(("ticket" = String, Path, description = "id or `external_id`")),
    responses((status = 200, description = "the answer", body = AnswerOut)))]
pub(crate) async fn ask(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
    Json(asked): Json<AskIn>,
) -> Result<JsonOut<AnswerOut>, Problem> {
    let question = asked.into_question()?;
    let ticket = ticket_id(&api.app, &actor, &ticket).await?;
    let Answer { sentences, comments, threads, passages, attachments } = api.app.ask(&actor, ticket, &question).await?;
    Ok(JsonOut(AnswerOut::new(sentences, LookedInOut { comments, side_conversations: threads, passages, attachments })))
}
