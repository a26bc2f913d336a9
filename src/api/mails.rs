//! Mails that somebody else received for the desk.

use axum::extract::{Path, Request, State};
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::body_bytes;
use crate::api::problem::Problem;
use crate::app::TakenMail;
use crate::wire::mail::MailTakenOut;

/// Take in a mail that was received for the desk, as it came.
///
/// It is answered once the mail is kept; the same mail again changes nothing. One that carries the token of a side conversation, in an address
/// it went to or an id it refers to, and comes from somebody who takes part becomes a message there.
#[utoipa::path(post, path = "/hooks/email/{workspace}", tag = "side conversations",
    request_body(content = String, content_type = "message/rfc822", description = "the mail with its headers"),
    params(("workspace" = String, Path, description = "short name or id")),
    responses((status = 200, description = "kept", body = MailTakenOut)))]
pub(crate) async fn take(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(workspace): Path<String>,
    request: Request,
) -> Result<JsonOut<MailTakenOut>, Problem> {
    let bytes = body_bytes(request, &api).await?;
    let TakenMail { outcome, is_new } = api.app.receive_mail(&actor, &workspace, bytes.to_vec()).await?;
    Ok(JsonOut(MailTakenOut { outcome, is_new }))
}
