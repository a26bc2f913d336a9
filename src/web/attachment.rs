//! Files on a ticket's page: taken in with a form or ahead of it, and given out.

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::header::{CONTENT_TYPE, IF_NONE_MATCH, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::{App, Session, StoredFile};
use crate::domain::id::AttachmentId;
use crate::domain::intake::NewAttachment;
use crate::web::form::{Fields, Posted};
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor};
use crate::web::words::Text;
use crate::web::{FORM_LIMIT_BYTES, Web};
use crate::wire::attachment::{Delivery, Wanted, delivery};

/// A form that may bring files, from a page of this site with the session's own token. Its text is read before its files.
#[derive(Debug)]
pub(super) struct Composed {
    /// Who sent it.
    pub(super) session: Session,
    /// What it says.
    pub(super) fields: Fields,
    /// The files that came with it, and those that were uploaded ahead of it.
    pub(super) attachments: Vec<AttachmentId>,
}

impl FromRequest<Web> for Composed {
    type Rejection = Problem;

    async fn from_request(mut request: Request, web: &Web) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
            // Without files it is a form like any other.
            DefaultBodyLimit::max(FORM_LIMIT_BYTES).apply(&mut request);
            let Posted { session, fields, .. } = Posted::from_request(request, web).await?;
            let attachments = ahead(&fields)?;
            return Ok(Self { session, fields, attachments });
        }
        if !web.site.is_asked_by_itself(request.headers()) {
            return Err(Problem::foreign());
        }
        let session = web.session(request.headers()).await;
        let parts = Multipart::from_request(request, web).await.map_err(|rejection| Problem::unreadable(rejection.status()))?;
        let limit_bytes = web.files_limit_bytes();
        let mut form = Form { fields: Fields::default(), attachments: Vec::new(), left: FORM_LIMIT_BYTES, limit_bytes };
        let read = form.read(web, session, parts).await;
        let written = form.fields.text("body");
        let session = read.map_err(|problem| problem.keeping(&written))?;
        let mut attachments = ahead(&form.fields).map_err(|problem| problem.keeping(&written))?;
        attachments.append(&mut form.attachments);
        Ok(Self { session, fields: form.fields, attachments })
    }
}

/// The files that were uploaded before the form was sent: their ids apart by commas.
fn ahead(fields: &Fields) -> Result<Vec<AttachmentId>, Problem> {
    let ids = fields.text("attachments");
    let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
    ids.map(|id| id.parse().map_err(|_| Problem::refused(Text::new("refused-file-gone")))).collect()
}

/// A form while it comes in.
struct Form {
    fields: Fields,
    attachments: Vec<AttachmentId>,
    /// So much text may still come.
    left: usize,
    /// So much may come in all.
    limit_bytes: usize,
}

impl Form {
    /// Reads the parts; a session that ended meanwhile does not cost the user what they wrote, and no file is kept for nobody.
    async fn read(&mut self, web: &Web, session: Result<Session, Problem>, mut parts: Multipart) -> Result<Session, Problem> {
        let mut session = Some(session);
        let mut known = None;
        while let Some(mut part) = parts.next_field().await.map_err(|error| self.unreadable(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            if name != "file" {
                let text = self.short_text(&mut part).await?;
                self.fields.put(name, text);
                continue;
            }
            let own = part.file_name().unwrap_or_default().to_owned();
            let first = part.chunk().await.map_err(|error| self.unreadable(&error))?;
            // An empty field for files comes as one file without name and bytes.
            let Some(first) = first.filter(|_| !own.is_empty()) else { continue };
            let session = self.admit(&mut session, &mut known)?;
            let new = NewAttachment { name: own, declared_type: part.content_type().map(str::to_owned) };
            let mut upload = web.app.receive_attachment(&session.actor).await?;
            upload.write(&first).await?;
            while let Some(piece) = part.chunk().await.map_err(|error| self.unreadable(&error))? {
                upload.write(&piece).await?;
            }
            let received = upload.finish().await?;
            self.attachments.push(web.app.put_attachment(&session.actor, new, received).await?.id);
        }
        self.admit(&mut session, &mut known)?;
        known.ok_or_else(Problem::stale)
    }

    /// The session, once it is sure that its own page sent the form.
    fn admit<'a>(&self, given: &mut Option<Result<Session, Problem>>, known: &'a mut Option<Session>) -> Result<&'a Session, Problem> {
        if let Some(session) = given.take() {
            let session = session?;
            if !self.fields.is_signed(&session) {
                return Err(Problem::stale());
            }
            *known = Some(session);
        }
        known.as_ref().ok_or_else(Problem::stale)
    }

    async fn short_text(&mut self, part: &mut Field<'_>) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        while let Some(piece) = part.chunk().await.map_err(|error| self.unreadable(&error))? {
            self.left = self.left.checked_sub(piece.len()).ok_or_else(|| Problem::unreadable(StatusCode::PAYLOAD_TOO_LARGE))?;
            bytes.extend_from_slice(&piece);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Text has a limit of its own, so that what is too large in all are files.
    fn unreadable(&self, error: &MultipartError) -> Problem {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large_together(u64::try_from(self.limit_bytes).unwrap_or(u64::MAX)),
            status => Problem::unreadable(status),
        }
    }
}

/// Takes a file in ahead of the form that it will be sent with; answers its id.
pub(super) async fn upload(composed: Composed) -> Result<Response, Problem> {
    let id = composed.attachments.first().ok_or_else(|| Problem::refused(Text::new("refused-no-file")))?;
    Ok((StatusCode::CREATED, id.to_string()).into_response())
}

/// Gives a file out: pictures and plain text to be seen, everything else to be saved.
pub(super) async fn serve(
    State(web): State<Web>,
    Visitor { session, .. }: Visitor,
    Named(reference): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id: AttachmentId = reference.parse().map_err(|_| Problem::not_found())?;
    let StoredFile { attachment, charset, file } = web.app.attachment_file(&session.actor, id).await?;
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let wanted = Wanted { by_itself: true, if_none_match: header(IF_NONE_MATCH), range: header(RANGE) };
    let Delivery { status, headers, bytes } = delivery(&attachment, charset, wanted);
    let answer = headers.iter().fold(Response::builder().status(status), |answer, (name, value)| answer.header(*name, value));
    answer.body(Body::from_stream(App::pieces(file, bytes))).map_err(Problem::internal)
}
