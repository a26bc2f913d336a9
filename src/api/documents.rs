//! Documents of the knowledge base.

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{Json as JsonOut, Response};

use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::extract::{Json, Query, media_type, too_large};
use crate::api::problem::{Code, Problem};
use crate::api::reply::{PageQuery, id, put};
use crate::app::Put;
use crate::domain::intake::NewDocument;
use crate::wire::document::{DocumentHeadOut, DocumentIn, DocumentOut, DocumentUpload};
use crate::wire::list::PageOut;

/// A document as it was sent: JSON with its text, or a file with what is said about it.
#[derive(Debug)]
pub(crate) struct Sent(NewDocument);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if media_type(request.headers()).as_deref() != Some("multipart/form-data") {
            let Json(document) = Json::<DocumentIn>::from_request(request, state).await?;
            return Ok(Self(document.into_new()?));
        }
        let mut parts =
            Multipart::from_request(request, state).await.map_err(|error| Problem::new(Code::BodyNotMultipart, error.body_text()))?;
        let mut upload = DocumentUpload::default();
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            take(&mut upload, part).await?;
        }
        Ok(Self(upload.into_new()?))
    }
}

async fn take(upload: &mut DocumentUpload, part: Field<'_>) -> Result<(), Problem> {
    let name = part.name().unwrap_or_default().to_owned();
    if name == "file" {
        upload.file_name = part.file_name().map(base_name).unwrap_or_default();
        upload.file = part.bytes().await.map(Bytes::into).map_err(unreadable)?;
        return Ok(());
    }
    let text = part.text().await.map_err(unreadable)?;
    Ok(upload.set(&name, text)?)
}

/// The last part of a path: browsers and tools send whole paths at times.
fn base_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn unreadable(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { Problem::new(Code::BodyNotMultipart, error.body_text()) }
}

/// Take a document in, or take it in again by `external_id`.
///
/// Send JSON with its text, or `multipart/form-data` with the part `file` (Markdown, HTML, text, PDF, DOCX or mail).
#[utoipa::path(post, path = "/v1/documents", tag = "knowledge",
    request_body(content((DocumentIn = "application/json"), (DocumentUpload = "multipart/form-data"))),
    responses((status = 201, description = "taken in", body = DocumentHeadOut), (status = 200, description = "taken in again", body = DocumentHeadOut)))]
pub(crate) async fn put_document(State(api): State<Api>, Caller(actor): Caller, Sent(document): Sent) -> Result<Response, Problem> {
    let Put { item, created, .. } = api.app.put_document(&actor, document).await?;
    let location = format!("/v1/documents/{}", item.id);
    Ok(put(created, &location, DocumentOut::from(item).head))
}

/// List documents, without their texts.
#[utoipa::path(get, path = "/v1/documents", tag = "knowledge", params(PageQuery),
    responses((status = 200, description = "a page of documents", body = PageOut<DocumentHeadOut>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
) -> Result<JsonOut<PageOut<DocumentHeadOut>>, Problem> {
    Ok(JsonOut(PageOut::new(api.app.documents(&actor, page.into_request()?).await?)))
}

/// Read a document with its text.
#[utoipa::path(get, path = "/v1/documents/{id}", tag = "knowledge", params(("id" = String, Path, description = "the document's id")),
    responses((status = 200, description = "the document", body = DocumentOut)))]
pub(crate) async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Path(document): Path<String>,
) -> Result<JsonOut<DocumentOut>, Problem> {
    Ok(JsonOut(api.app.document(&actor, id(&document)?).await?.into()))
}

/// Forget a document and its passages.
#[utoipa::path(delete, path = "/v1/documents/{id}", tag = "knowledge", params(("id" = String, Path, description = "the document's id")),
    responses((status = 204, description = "forgotten")))]
pub(crate) async fn delete(State(api): State<Api>, Caller(actor): Caller, Path(document): Path<String>) -> Result<StatusCode, Problem> {
    api.app.delete_document(&actor, id(&document)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header::CONTENT_TYPE;

    use super::*;
    use crate::domain::audience::Audience;

    async fn sent(parts: &[(&str, &str)]) -> Result<NewDocument, Problem> {
        let body = parts.iter().map(|(head, text)| ["--b\r\nContent-Disposition: form-data; ", head, "\r\n\r\n", text, "\r\n"].concat());
        let body: String = body.collect();
        let request = Request::post("/v1/documents").header(CONTENT_TYPE, "multipart/form-data; boundary=b");
        let request = request.body(Body::from(format!("{body}--b--\r\n"))).unwrap();
        Sent::from_request(request, &()).await.map(|Sent(document)| document)
    }

    #[tokio::test]
    async fn a_file_is_taken_in_with_what_is_said_about_it() {
        let file = (r#"name="file"; filename="C:\docs\returns.md""#, "# Returns");
        let document = sent(&[file, (r#"name="audience""#, "public"), (r#"name="language""#, "en")]).await.unwrap();
        assert_eq!((document.external_id.as_str(), document.file_name.as_str()), ("returns.md", "returns.md"));
        assert_eq!((document.audience, document.bytes.as_slice()), (Audience::Public, b"# Returns".as_slice()));
    }

    #[tokio::test]
    async fn a_part_that_cannot_be_used_is_a_problem() {
        let file = (r#"name="file"; filename="a.md""#, "text");
        for (parts, code) in [
            (vec![file, (r#"name="langauge""#, "en")], Code::BodyInvalid),
            (vec![file, (r#"name="audience""#, "everyone")], Code::BodyInvalid),
            (vec![(r#"name="title""#, "no file")], Code::BodyInvalid),
        ] {
            assert_eq!(sent(&parts).await.unwrap_err().code(), code, "{parts:?}");
        }
        let request = Request::post("/").header(CONTENT_TYPE, "multipart/form-data; boundary=b").body(Body::from("--b\r\ncut")).unwrap();
        assert_eq!(Sent::from_request(request, &()).await.unwrap_err().code(), Code::BodyNotMultipart);
    }
}
