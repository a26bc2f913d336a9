//! The knowledge base: its documents, one document as it is found and cited, and what it lacks.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::error::Error;
use crate::domain::audience::Audience;
use crate::domain::id::DocumentId;
use crate::domain::intake::{NewDocument, PageRequest};
use crate::domain::library::Shelved;
use crate::domain::user::Permission;
use crate::web::form::{Fields, Posted, PostedFile};
use crate::web::listing::{Cell, Choice, Field, FormView, Line, ListView, Place, words_of};
use crate::web::pages::{DocumentView, GapsView};
use crate::web::problem::Problem;
use crate::web::session::{Named, Visitor, frame};
use crate::web::table::{ROWS, address, form_page, list_page};
use crate::web::view::{Detail, Frame};
use crate::web::words::Text;
use crate::web::{Web, guard, pages, paths};

/// What can be taken in, for the browser's choice of files.
const FORMATS: &str = ".md,.markdown,.html,.htm,.txt,.pdf,.docx,.eml";

/// The documents, or those that a search finds.
pub(super) async fn list(
    State(web): State<Web>,
    Visitor { session, preferences }: Visitor,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let words = words_of(&parameters);
    let cursor = parameters.get("cursor").cloned();
    let page = PageRequest { limit: Some(ROWS), cursor: cursor.clone() };
    let found = web.app.library(&session.actor, Some(&words), page).await?;
    let t = preferences.words();
    let line = |shelved: Shelved| {
        let Shelved { head, pending, used } = shelved;
        let passages = match pending {
            0 => Cell::Ours(Text::new("knowledge-passage-count").with("count", head.passages)),
            _ => Cell::Mark("badge-internal", Text::new("knowledge-pending").with("count", pending)),
        };
        Line {
            href: Some(paths::document(&head.id)),
            title: head.title,
            below: head.external_id,
            cells: vec![
                Cell::Words(head.language.map(|language| t.language(&language)).unwrap_or_default()),
                Cell::Words(t.audience(&head.audience).to_string()),
                passages,
                Cell::Ours(Text::new("knowledge-use").with("shown", used.shown).with("cited", used.cited)),
                Cell::Day(head.updated_at),
            ],
            is_over: false,
            act: None,
        }
    };
    list_page(&ListView {
        frame: frame(&session, preferences, web.app.now()),
        place: Place::Knowledge,
        lines: found.items.into_iter().map(line).collect(),
        first: cursor.map(|_| address(Place::Knowledge, &words, None)),
        next: found.next_cursor.map(|next| address(Place::Knowledge, &words, Some(&next))),
        words: Some(words),
        may_write: session.actor.role.may(Permission::Feed),
        told: None,
    })
}

/// One document.
pub(super) async fn read(State(web): State<Web>, Visitor { session, preferences }: Visitor, Named(id): Named) -> Result<Response, Problem> {
    let open = web.app.open_document(&session.actor, document_id(&id)?).await?;
    let may_write = session.actor.role.may(Permission::Feed);
    let view = DocumentView { frame: frame(&session, preferences, web.app.now()), open, may_write };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::document(&view)?))
}

/// What the knowledge base lacks.
pub(super) async fn gaps(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    let (gaps, choices) = tokio::try_join!(web.app.gaps(&session.actor), web.app.triage_choices(&session.actor))?;
    let view = GapsView { frame: frame(&session, preferences, web.app.now()), called: choices.called, gaps };
    Ok(guard::html(StatusCode::OK, Some(&view.frame.nonce), preferences, pages::gaps(&view)?))
}

/// The form for a file.
pub(super) async fn new(State(web): State<Web>, Visitor { session, preferences }: Visitor) -> Result<Response, Problem> {
    form_page(StatusCode::OK, &form(frame(&session, preferences, web.app.now()), &Fields::default()))
}

/// Takes a file in, again where its name is known.
pub(super) async fn put(State(web): State<Web>, sent: PostedFile) -> Result<Response, Problem> {
    let PostedFile { session, preferences, fields, name, bytes } = sent;
    let refused = |field: &str, detail: Detail| {
        let view = form(frame(&session, preferences, web.app.now()), &fields);
        form_page(StatusCode::UNPROCESSABLE_ENTITY, &view.refused(field, detail))
    };
    if name.is_empty() {
        return refused("file", Text::new("knowledge-no-file").into());
    }
    let external_id = fields.optional("external_id").unwrap_or_else(|| name.clone());
    // What is meant for some stays so: nobody said here that others may read it.
    let known = web.app.audience_of(&session.actor, &external_id).await?;
    let audience = match (known, fields.text("audience").as_str()) {
        (Some(kept @ (Audience::Teams(_) | Audience::Customer(_))), _) => kept,
        (_, "public") => Audience::Public,
        _ => Audience::Internal,
    };
    let document =
        NewDocument { external_id, title: fields.optional("title"), file_name: name, bytes, language: None, audience, updated_at: None };
    match web.app.put_document(&session.actor, document).await {
        Ok(put) => Ok(Redirect::to(&paths::document(&put.item.id)).into_response()),
        Err(Error::Invalid { field, reason }) => refused(&field, reason.into()),
        Err(error) => Err(error.into()),
    }
}

/// Removes a document.
pub(super) async fn delete(State(web): State<Web>, Named(id): Named, Posted { session, .. }: Posted) -> Result<Redirect, Problem> {
    web.app.delete_document(&session.actor, document_id(&id)?).await?;
    Ok(Redirect::to(paths::KNOWLEDGE))
}

fn document_id(given: &str) -> Result<DocumentId, Problem> {
    given.parse().map_err(|_| Problem::not_found())
}

fn form(frame: Frame, given: &Fields) -> FormView {
    let t = frame.preferences.words();
    let chosen = given.text("audience");
    let audiences = [("internal", Audience::Internal), ("public", Audience::Public)];
    let audiences = audiences.iter().map(|(value, one)| Choice::new(*value, &t.audience(one), *value == chosen)).collect();
    FormView {
        title: Text::new("knowledge-add"),
        help: Some(Text::new("knowledge-add-help")),
        frame,
        place: Place::Knowledge,
        action: paths::KNOWLEDGE.to_owned(),
        fields: vec![
            Field::file("file", "knowledge-file", FORMATS).required().with_help("knowledge-file-help"),
            Field::choice("audience", "knowledge-audience", audiences).with_help("knowledge-audience-help"),
            Field::line("title", "knowledge-title", given.text("title")).with_help("knowledge-title-help"),
            Field::line("external_id", "field-external-id", given.text("external_id")).with_help("knowledge-id-help"),
        ],
        submit: Some("knowledge-add-go"),
        back: paths::KNOWLEDGE.to_owned(),
        problem: None,
        told: None,
        acts: Vec::new(),
    }
}
