//! The playbook.

use axum::extract::State;
use axum::response::Json as JsonOut;

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::Json;
use crate::api::problem::Problem;
use crate::wire::playbook::{PlaybookFiles, PlaybookVersionOut};

/// Read the playbook's files.
#[utoipa::path(get, path = "/v1/playbook", tag = "administration",
    responses((status = 200, description = "the text of each file by its name", body = PlaybookFiles)))]
pub(crate) async fn read(State(api): State<Api>, Caller(actor): Caller) -> Result<JsonOut<PlaybookFiles>, Problem> {
    Ok(JsonOut(PlaybookFiles { files: api.app.playbook_files(&actor).await? }))
}

/// Put another playbook in place, whole.
#[utoipa::path(put, path = "/v1/playbook", tag = "administration", request_body = PlaybookFiles,
    responses((status = 200, description = "the version it was given", body = PlaybookVersionOut)))]
pub(crate) async fn apply(
    State(api): State<Api>,
    Caller(actor): Caller,
    Json(PlaybookFiles { files }): Json<PlaybookFiles>,
) -> Result<JsonOut<PlaybookVersionOut>, Problem> {
    let version = api.app.apply_playbook(&actor, files).await?;
    Ok(JsonOut(PlaybookVersionOut { version }))
}
