//! The demo company: embedded in the binary, loaded into a workspace of its own.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::app::{App, Error, Folder, TakenIn};
use crate::domain::audience::Audience;
use crate::domain::user::Actor;
use crate::domain::vocabulary::TicketStatus;
use crate::wire::lines::{Record, parse_line};

static COMPANY: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/eval/workspaces/alderwick");

/// The address of the demo's admin.
const ADMIN: &str = "maya.okafor@alderwick.example";

/// Why the demo company does not load.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file of the company is missing or wrong: a bug of the build.
    #[error("the embedded demo company is damaged at `{file}`: {reason}")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// What was given is somebody's installation.
    #[error("there is an installation of its own already, and the demo company would come among its tickets: choose another `--data-dir`")]
    Taken,
    /// A verb.
    #[error("the demo company does not load")]
    App(#[from] Error),
}

#[derive(Deserialize)]
struct Company {
    name: String,
    slug: String,
    default_language: String,
}

#[derive(Deserialize)]
struct Documents {
    documents: BTreeMap<String, DocumentFile>,
}

#[derive(Deserialize)]
struct DocumentFile {
    file: String,
}

/// The admin of the demo workspace, and what was loaded; `None` when it was there already.
pub async fn load(app: &App, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<(Actor, Option<TakenIn>), DemoError> {
    let company: Company = toml::from_str(text("workspace.toml")?).map_err(|error| damaged("workspace.toml", error))?;
    let slug = company.slug.parse().map_err(|error| damaged("workspace.toml", error))?;
    let actor = if let Some(actor) = app.find_admin(Some(&slug)).await? {
        actor
    } else if !app.needs_setup().await? {
        // Made-up customers never come among real ones, whatever folder or database was given.
        return Err(DemoError::Taken);
    } else {
        let language = company.default_language.parse().map_err(|error| damaged("workspace.toml", error))?;
        let email = ADMIN.parse().map_err(|error| damaged("workspace.toml", error))?;
        app.create_workspace(slug, &company.name, language, email, "Maya Okafor").await?
    };
    // A start that was interrupted is finished by the next one: everything that is there already is left as it is.
    if is_loaded(app, &actor).await? {
        return Ok((actor, None));
    }
    app.apply_playbook(&actor, playbook()?).await?;
    let solved = solved_tickets()?;
    let known = |record: &Record| match record {
        // Labels of tickets that are still open are what the demo is measured on: the product must not see them.
        Record::Label(label) => solved.contains(&label.label.ticket),
        Record::Customer(_) | Record::Person(_) | Record::Team(_) | Record::Channel(_) | Record::Ticket { .. } | Record::Thread { .. } => {
            true
        }
    };
    let taken = app.take_in(&actor, &Folder::Embedded(&COMPANY), Some(&Audience::Internal), &known, progress).await?;
    if let Some((place, reason)) = taken.failed.first() {
        return Err(damaged(place, reason));
    }
    Ok((actor, Some(taken)))
}

/// Whether every document is there: they are taken in after everything else.
async fn is_loaded(app: &App, actor: &Actor) -> Result<bool, DemoError> {
    let Documents { documents } = toml::from_str(text("documents.toml")?).map_err(|error| damaged("documents.toml", error))?;
    for (id, DocumentFile { file }) in &documents {
        let bytes = COMPANY.get_file(file).ok_or_else(|| damaged(file, "not embedded"))?.contents();
        if !app.has_document(actor, id, bytes).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn playbook() -> Result<BTreeMap<String, String>, DemoError> {
    let folder = COMPANY.get_dir("playbook").ok_or_else(|| damaged("playbook", "not embedded"))?;
    folder
        .files()
        .map(|file| {
            let name = file.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let text = file.contents_utf8().ok_or_else(|| damaged(&name, "not UTF-8"))?;
            Ok((name, text.to_owned()))
        })
        .collect()
}

fn solved_tickets() -> Result<Vec<String>, DemoError> {
    let mut solved = Vec::new();
    for name in ["tickets.en.jsonl", "tickets.fr.jsonl"] {
        for line in text(name)?.lines() {
            match parse_line(line).map_err(|error| damaged(name, error))? {
                Record::Ticket { ticket, .. } if ticket.status == Some(TicketStatus::Solved) => solved.extend(ticket.external_id),
                Record::Ticket { .. }
                | Record::Customer(_)
                | Record::Person(_)
                | Record::Team(_)
                | Record::Channel(_)
                | Record::Thread { .. }
                | Record::Label(_) => {}
            }
        }
    }
    Ok(solved)
}

fn text(name: &str) -> Result<&'static str, DemoError> {
    COMPANY.get_file(name).and_then(include_dir::File::contents_utf8).ok_or_else(|| damaged(name, "not embedded"))
}

#[expect(clippy::needless_pass_by_value, reason = "errors are handed over where they are made")]
fn damaged(file: &str, reason: impl ToString) -> DemoError {
    DemoError::Damaged { file: file.to_owned(), reason: reason.to_string() }
}
