//! Attachments: files that go with tickets, comments and messages.

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::header::{CONTENT_TYPE, IF_NONE_MATCH, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Json as JsonOut, Response};
use futures::StreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::caller::{Caller, Permit};
use crate::api::extract::{Query, cut_off, media_type, too_large};
use crate::api::idempotency;
use crate::api::problem::{Code, Problem};
use crate::api::reply::{id, put};
use crate::app::error::Error;
use crate::app::{App, Received, StoredFile, Upload};
use crate::domain::intake::NewAttachment;
use crate::domain::user::Actor;
use crate::wire::attachment::{AttachmentOut, AttachmentUpload, Delivery, RawFile, Wanted, delivery};
use crate::wire::read::FieldError;

/// The longest name that is read, in bytes.
const LONGEST_NAME: usize = 4096;

/// What is said of a file that is the whole body.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadQuery {
    /// The file's name, where the body is the file itself.
    name: Option<String>,
}

/// Upload a file, to be sent with a message.
///
/// Send `multipart/form-data` with the part `file`, or the file itself as the body with `?name=`. Until it is sent with a message by its
/// id it is seen by its uploader alone, and it is forgotten after a day. Its type is told from its bytes, whatever its name claims.
#[utoipa::path(post, path = "/v1/attachments", tag = "attachments", params(UploadQuery),
    request_body(content((AttachmentUpload = "multipart/form-data"), (RawFile = "application/octet-stream"))),
    responses((status = 201, description = "kept", body = AttachmentOut)))]
pub(crate) async fn upload(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(UploadQuery { name }): Query<UploadQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let key = idempotency::key(request.headers())?;
    let permit = request.extensions().get::<Permit>().cloned();
    let (new, received) = receive(&api.app, &actor, name, request).await?;
    let hash = asked(&new, &received);
    let (app, who) = (api.app.clone(), actor.clone());
    let work = async move {
        match app.put_attachment(&who, new, received).await {
            Ok(attachment) => put(true, &format!("/v1/attachments/{}", attachment.id), AttachmentOut::from(attachment)),
            Err(error) => Problem::from(error).into_response(),
        }
    };
    match key {
        Some(key) => idempotency::do_once(&api, actor, key, hash, permit, work).await,
        None => Ok(work.await),
    }
}

/// Takes the file of a request in, whichever way it is sent.
async fn receive(app: &App, actor: &Actor, name: Option<String>, request: Request) -> Result<(NewAttachment, Received), Problem> {
    if media_type(request.headers()).as_deref() == Some("multipart/form-data") {
        return receive_part(app, actor, name, request).await;
    }
    let declared_type = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let name = name.ok_or_else(|| Problem::query(FieldError::new("/name", "a body that is the file itself needs `?name=`")))?;
    let mut upload = app.receive_attachment(actor).await?;
    let mut pieces = request.into_body().into_data_stream();
    while let Some(piece) = pieces.next().await {
        upload.write(&piece.map_err(|_| cut_off())?).await?;
    }
    Ok((NewAttachment { name, declared_type }, upload.finish().await?))
}

async fn receive_part(app: &App, actor: &Actor, mut name: Option<String>, request: Request) -> Result<(NewAttachment, Received), Problem> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| Problem::new(Code::BodyNotMultipart, error.body_text()))?;
    let mut file = None;
    while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
        match part.name() {
            Some("file") if file.is_none() => {
                let own = part.file_name().unwrap_or_default().to_owned();
                let declared_type = part.content_type().map(str::to_owned);
                let upload = app.receive_attachment(actor).await?;
                file = Some((own, declared_type, take(upload, &mut part).await?));
            }
            Some("name") => name = Some(short_text(&mut part).await?),
            Some("file") => return Err(Error::Invalid { field: "file".into(), reason: "send one file at a time".into() }.into()),
            other => {
                let field = other.unwrap_or_default().to_owned();
                return Err(Error::Invalid { field, reason: "there is no such part: send `file`, and `name` if you like".into() }.into());
            }
        }
    }
    let missing = || Error::Invalid { field: "file".into(), reason: "this part is required: it is the file".into() };
    let (own, declared_type, received) = file.ok_or_else(missing)?;
    Ok((NewAttachment { name: name.unwrap_or(own), declared_type }, received))
}

async fn take(mut upload: Upload, part: &mut Field<'_>) -> Result<Received, Problem> {
    while let Some(piece) = part.chunk().await.map_err(unreadable)? {
        upload.write(&piece).await?;
    }
    Ok(upload.finish().await?)
}

async fn short_text(part: &mut Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(unreadable)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LONGEST_NAME {
            return Err(Error::Invalid { field: "name".into(), reason: "the name is too long".into() }.into());
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn unreadable(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { Problem::new(Code::BodyNotMultipart, error.body_text()) }
}

/// What is asked with an upload: the name and the bytes.
fn asked(new: &NewAttachment, received: &Received) -> String {
    let mut hash = Sha256::new();
    for part in ["POST /v1/attachments", &new.name, new.declared_type.as_deref().unwrap_or_default(), received.hash().as_str()] {
        hash.update(part.as_bytes());
        hash.update(b"\n");
    }
    hex::encode(hash.finalize())
}

/// Read what is known of an attachment.
#[utoipa::path(get, path = "/v1/attachments/{id}", tag = "attachments", params(("id" = String, Path, description = "the attachment's id")),
    responses((status = 200, description = "the attachment", body = AttachmentOut)))]
pub(crate) async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(attachment): Path<String>,
) -> Result<JsonOut<AttachmentOut>, Problem> {
    Ok(JsonOut(api.app.attachment(&actor, id(&attachment)?).await?.into()))
}

/// Read the bytes of an attachment.
///
/// Served as a download under the type of its bytes, in a sandbox; answers 304 to a known `If-None-Match` and 206 to one range of bytes.
#[utoipa::path(get, path = "/v1/attachments/{id}/content", tag = "attachments",
    params(("id" = String, Path, description = "the attachment's id")),
    responses((status = 200, description = "the bytes"), (status = 206, description = "the range of bytes"), (status = 304, description = "unchanged")))]
pub(crate) async fn content(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(attachment): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let StoredFile { attachment, charset, file } = api.app.attachment_file(&actor, id(&attachment)?).await?;
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let wanted = Wanted { by_itself: false, if_none_match: header(IF_NONE_MATCH), range: header(RANGE) };
    let Delivery { status, headers, bytes } = delivery(&attachment, charset, wanted);
    let answer = headers.iter().fold(Response::builder().status(status), |answer, (name, value)| answer.header(*name, value));
    answer.body(Body::from_stream(App::pieces(file, bytes))).map_err(Problem::internal)
}

/// Remove an attachment.
///
/// Its uploader may take it back until it is sent; afterwards only an admin may remove it.
#[utoipa::path(delete, path = "/v1/attachments/{id}", tag = "attachments", params(("id" = String, Path, description = "the attachment's id")),
    responses((status = 204, description = "removed")))]
pub(crate) async fn delete(State(api): State<Api>, Caller(actor): Caller, Path(attachment): Path<String>) -> Result<StatusCode, Problem> {
    api.app.delete_attachment(&actor, id(&attachment)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
