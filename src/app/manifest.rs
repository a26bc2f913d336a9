//! `documents.toml`: says which files of a folder are documents, with title, language, audience and date.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::app::error::Error;
use crate::app::folder::Folder;
use crate::domain::audience::Audience;

/// What the file is called.
const NAME: &str = "documents.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    documents: BTreeMap<String, Entry>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    file: String,
    pub(super) title: Option<String>,
    pub(super) language: Option<String>,
    audience: Option<EntryAudience>,
    pub(super) updated_at: Option<String>,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum EntryAudience {
    Word(String),
    Teams { teams: Vec<String> },
}

impl Entry {
    /// Who may read the document, where that is said.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a word that says nothing.
    pub(super) fn audience(&self) -> Result<Option<Audience>, Error> {
        self.audience.as_ref().map(read_audience).transpose()
    }
}

/// Reads `documents.toml` where there is one; gives each named file its id and entry.
///
/// # Errors
/// [`Error::Invalid`] when it does not parse: without it nobody knows who may read the documents, so none is taken in. The same where
/// several paths were given: it speaks of the files of its own folder, and their names may be those of files of another.
pub(super) async fn read_manifest(folder: &Folder, names: &[String]) -> Result<BTreeMap<String, (String, Entry)>, Error> {
    if !names.iter().any(|name| name == NAME) {
        return Ok(BTreeMap::new());
    }
    if matches!(folder, Folder::Disk { are_several: true, .. }) {
        return Err(Error::invalid(
            NAME,
            "it speaks for the files of one folder: ingest that folder by itself, and the other paths after it",
        ));
    }
    let parsed = folder.read(NAME).await.and_then(|bytes| parse(&bytes));
    let Manifest { documents } = parsed.map_err(|reason| Error::invalid(NAME, reason))?;
    Ok(documents.into_iter().map(|(id, entry)| (entry.file.clone(), (id, entry))).collect())
}

fn read_audience(audience: &EntryAudience) -> Result<Audience, Error> {
    match audience {
        EntryAudience::Word(word) if word == "public" => Ok(Audience::Public),
        EntryAudience::Word(word) if word == "internal" => Ok(Audience::Internal),
        EntryAudience::Word(word) => {
            Err(Error::invalid("audience", format!("`{word}` is not an audience: expected `public`, `internal` or teams")))
        }
        EntryAudience::Teams { teams } => teams
            .iter()
            .map(|team| team.parse().map_err(|error| Error::invalid("audience", error)))
            .collect::<Result<_, _>>()
            .map(Audience::Teams),
    }
}

fn parse(bytes: &[u8]) -> Result<Manifest, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8: save the file as UTF-8".to_owned())?;
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        let what = error.message().lines().next().unwrap_or_default();
        format!("line {line}: {what}; each document is `[documents.NAME]` with `file`, and with `title`, `language`, `audience`, `updated_at` where you like")
    })
}
