//! Files on a ticket's page: taken in with a form or ahead of it, and given out.

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::header::{CONTENT_TYPE, IF_NONE_MATCH, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::{App, MOST_FILES_OF_A_MESSAGE, Received, Session, StoredFile};
use crate::domain::id::AttachmentId;
use crate::domain::intake::NewAttachment;
use crate::domain::user::Actor;
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
    /// Its files.
    pub(super) files: Files,
}

/// The files of a form.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Those that were uploaded ahead of it, which wait for the form to be sent again where it is refused.
    ahead: Vec<AttachmentId>,
    /// Those that came with it, and that nobody keeps yet: dropped, they leave nothing behind.
    brought: Vec<(NewAttachment, Received)>,
}

impl Files {
    /// Has a verb send the files; those that came with the form are kept only if it is not refused.
    ///
    /// # Errors
    /// Those of `verb`, and why a file was not kept.
    pub(super) async fn sent_by<T, F: Future<Output = Result<T, Problem>>>(
        self,
        app: &App,
        actor: &Actor,
        verb: impl FnOnce(Vec<AttachmentId>) -> F,
    ) -> Result<T, Problem> {
        let Self { mut ahead, brought } = self;
        let mut kept = Vec::with_capacity(brought.len());
        let mut refused = None;
        for (new, received) in brought {
            match app.put_attachment(actor, new, received).await {
                Ok(attachment) => kept.push(attachment.id),
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        ahead.extend_from_slice(&kept);
        let sent = async {
            match refused {
                Some(error) => Err(error.into()),
                None => verb(ahead).await,
            }
        };
        app.or_take_back(actor, &kept, sent).await
    }
}

impl FromRequest<Web> for Composed {
    type Rejection = Problem;

    async fn from_request(mut request: Request, web: &Web) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
            // Without files it is a form like any other.
            DefaultBodyLimit::max(FORM_LIMIT_BYTES).apply(&mut request);
            let Posted { session, fields, .. } = Posted::from_request(request, web).await?;
            let files = Files { ahead: ahead(&fields)?, brought: Vec::new() };
            return Ok(Self { session, fields, files });
        }
        if !web.site.is_asked_by_itself(request.headers()) {
            return Err(Problem::foreign());
        }
        let session = web.session(request.headers()).await;
        let parts = Multipart::from_request(request, web).await.map_err(|rejection| Problem::unreadable(rejection.status()))?;
        let limit_bytes = web.files_limit_bytes();
        let mut form = Form { fields: Fields::default(), files: Vec::new(), left: FORM_LIMIT_BYTES, limit_bytes };
        let read = form.read(web, session, parts).await;
        let written = form.fields.text("body");
        let session = read.map_err(|problem| problem.keeping(&written))?;
        let ahead = ahead(&form.fields).map_err(|problem| problem.keeping(&written))?;
        Ok(Self { session, fields: form.fields, files: Files { ahead, brought: form.files } })
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
    files: Vec<(NewAttachment, Received)>,
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
            if self.files.len() == MOST_FILES_OF_A_MESSAGE {
                return Err(Problem::refused(Text::new("refused-many-files").with("files", MOST_FILES_OF_A_MESSAGE)));
            }
            let new = NewAttachment { name: own, declared_type: part.content_type().map(str::to_owned) };
            let mut upload = web.app.receive_attachment(&session.actor).await?;
            upload.write(&first).await?;
            while let Some(piece) = part.chunk().await.map_err(|error| self.unreadable(&error))? {
                upload.write(&piece).await?;
            }
            self.files.push((new, upload.finish().await?));
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
pub(super) async fn upload(State(web): State<Web>, Composed { session, fields: _, files }: Composed) -> Result<Response, Problem> {
    let first = async |ids: Vec<AttachmentId>| ids.first().copied().ok_or_else(|| Problem::refused(Text::new("refused-no-file")));
    let id = files.sent_by(&web.app, &session.actor, first).await?;
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
