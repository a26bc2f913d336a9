//! Mails that somebody else received for the desk.

use axum::extract::{Path, Request, State};
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::body_begun;
use crate::api::problem::Problem;
use crate::app::{RawMail, TakenMail};
use crate::wire::mail::MailTakenOut;

/// The largest mail that is heard to its end, in bytes; of one that is larger than `email.incoming_bytes` only the text is read.
const LARGEST_BYTES: u64 = 256 << 20;

/// Take in a mail that was received for the desk, as it came.
///
/// It is answered once the mail is kept; the same mail again changes nothing. One that carries the token of a side conversation, in an address
/// it went to or an id it refers to, and comes from somebody who takes part becomes a message there. Of a mail that is larger than
/// `email.incoming_bytes` only the text is read.
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
    let read = api.app.mail_limit_bytes();
    let largest = u64::try_from(read).unwrap_or(u64::MAX).max(LARGEST_BYTES);
    let (bytes, size_bytes) = body_begun(request, read, largest).await?;
    let TakenMail { outcome, is_new } = api.app.receive_mail(&actor, &workspace, RawMail::begun(bytes, size_bytes)).await?;
    Ok(JsonOut(MailTakenOut { outcome, is_new }))
}
