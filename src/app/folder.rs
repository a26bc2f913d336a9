//! Taking in a folder: records from JSON lines, documents from everything that can be read.
//!
//! A `documents.toml` in the folder may say which files are documents, with title, language, audience and date.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use include_dir::Dir;
use walkdir::{DirEntry, WalkDir};

use crate::app::error::Error;
use crate::app::manifest::{Entry, read_manifest};
use crate::app::misfit;
use crate::app::named_files::name_in_folder;
use crate::app::{App, Put};
use crate::domain::audience::{Audience, Reader, Scope};
use crate::domain::id::AttachmentId;
use crate::domain::intake::NewDocument;
use crate::domain::user::Actor;
use crate::store::Change;
use crate::text::extract::Format;
use crate::wire::lines::{Record, parse_label, parse_line};

/// A larger file is refused before it is read.
const LARGEST_FILE_BYTES: u64 = 64 << 20;

/// A folder to be taken in.
#[derive(Debug, Clone)]
pub enum Folder {
    /// Files of this machine.
    Disk {
        /// By name, which is the path below the folder that was given, so that the same file keeps its name whatever else is taken in
        /// with it. More than one file under a name is a mistake that is told.
        files: BTreeMap<String, BTreeSet<PathBuf>>,
        /// The names of those that were given by themselves, and not with their folder.
        given: BTreeSet<String>,
        /// What lies beside them and is no document by its name.
        others: Vec<String>,
        /// Whether more than one path was given.
        are_several: bool,
    },
    /// Files embedded in the binary.
    Embedded(&'static Dir<'static>),
}

/// What became of the files: each document and each record is counted once, as new, changed, unchanged or refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// Documents and records that were not there before.
    pub created: u64,
    /// Documents and records that were there and are different now.
    pub changed: u64,
    /// Documents and records that were there as they are.
    pub unchanged: u64,
    /// Files that lie in a folder and are neither documents nor records: the file, and what it is instead.
    pub skipped: Vec<(String, String)>,
    /// What was refused, in the order of files and their lines: the place, and what to do.
    pub failed: Vec<(String, String)>,
}

/// What is told while a folder is taken in.
#[derive(Default)]
struct Told {
    counts: TakenIn,
    /// By file and line.
    failed: BTreeMap<(String, usize), String>,
}

impl Told {
    fn count<T>(&mut self, put: &Put<T>) {
        match (put.created, put.changed) {
            (true, _) => self.counts.created += 1,
            (false, true) => self.counts.changed += 1,
            (false, false) => self.counts.unchanged += 1,
        }
    }

    /// An error that the next record may not have is told and left behind; any other ends the run.
    fn fatal_or_told(&mut self, error: Error, place: Place) -> Result<(), Error> {
        match error {
            Error::Invalid { .. }
            | Error::TooLarge { .. }
            | Error::TooMuchUnsent { .. }
            | Error::NotFound { .. }
            | Error::Conflict(_)
            | Error::ConflictAt { .. }
            | Error::Held { .. } => {
                self.failed.insert(place, error.to_string());
                Ok(())
            }
            Error::Forbidden { .. }
            | Error::Unauthenticated
            | Error::Overloaded { .. }
            | Error::Unavailable { .. }
            | Error::Internal(_) => Err(error),
        }
    }

    fn into_report(self) -> TakenIn {
        let shown = |((file, line), reason): (Place, String)| match line {
            0 => (file, reason),
            line => (format!("{file} line {line}"), reason),
        };
        TakenIn { failed: self.failed.into_iter().map(shown).collect(), ..self.counts }
    }
}

/// A file and the number of a line in it; 0 for the whole file.
type Place = (String, usize);

/// A record with the file that it stands in.
struct Read {
    file: String,
    record: Record,
}

impl Read {
    /// The files that it names, as they are called in the folder.
    fn named(&self) -> Vec<String> {
        match &self.record {
            Record::Ticket { files, .. } | Record::Thread { files, .. } => {
                files.all().filter_map(|named| name_in_folder(&self.file, named)).collect()
            }
            Record::Customer(_) | Record::Person(_) | Record::Team(_) | Record::Channel(_) | Record::Label(_) => Vec::new(),
        }
    }
}

impl Folder {
    /// Walks paths: files are taken as they are, folders with everything below them, in the order of their names.
    ///
    /// # Errors
    /// A path that is not there, or may not be read.
    pub fn of(paths: &[PathBuf]) -> io::Result<Self> {
        let is_hidden = |entry: &DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        let mut files: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
        let mut given = BTreeSet::new();
        let mut others = Vec::new();
        for path in paths {
            for entry in WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(|entry| !is_hidden(entry)) {
                let entry = entry.map_err(io::Error::from)?;
                if entry.file_type().is_file() {
                    let below = entry.path().strip_prefix(path).ok().filter(|below| !below.as_os_str().is_empty());
                    let name = below.map_or_else(|| entry.file_name().to_string_lossy(), Path::to_string_lossy).into_owned();
                    // Among documents lie keys, settings and programs: what nobody named is taken only by the name of a document.
                    if below.is_some() && !is(&name, "jsonl") && !is(&name, "toml") && !Format::is_named_by(&name) {
                        others.push(name);
                        continue;
                    }
                    if below.is_none() {
                        given.insert(name.clone());
                    }
                    files.entry(name).or_default().insert(fs_err::canonicalize(entry.path())?);
                }
            }
        }
        Ok(Self::Disk { files, given, others, are_several: paths.len() > 1 })
    }

    fn names(&self) -> Vec<String> {
        match self {
            Self::Disk { files, .. } => files.keys().cloned().collect(),
            Self::Embedded(dir) => embedded(dir),
        }
    }

    /// Files that are no documents by their names.
    fn others(&self) -> &[String] {
        match self {
            Self::Disk { others, .. } => others,
            Self::Embedded(_) => &[],
        }
    }

    /// Whether a file was given by itself, so that it was meant.
    fn is_given(&self, name: &str) -> bool {
        match self {
            Self::Disk { given, .. } => given.contains(name),
            Self::Embedded(_) => false,
        }
    }

    /// The bytes of a file, or why there are none.
    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        match self {
            Self::Disk { files, .. } => {
                let mut paths = files.get(name).into_iter().flatten();
                let (Some(path), None) = (paths.next(), paths.next()) else {
                    return Err("two of the files given have this name: ingest the folder above them instead".to_owned());
                };
                let size = fs_err::tokio::metadata(path).await.map_err(|error| unreadable(&error))?.len();
                if size > LARGEST_FILE_BYTES {
                    return Err(format!(
                        "{} MiB is more than the {} MiB that one file may have: split it, or leave it out",
                        size >> 20,
                        LARGEST_FILE_BYTES >> 20
                    ));
                }
                fs_err::tokio::read(path).await.map_err(|error| unreadable(&error))
            }
            Self::Embedded(dir) => dir.get_file(name).map(|file| file.contents().to_vec()).ok_or_else(|| "not embedded".to_owned()),
        }
    }
}

/// Why the disk does not give a file.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are told by their names")]
fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it was removed while the folder was read: ingest the folder again".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it: change its permissions".to_owned(),
        kind => format!("the disk does not give it ({kind}): copy it to another place and ingest that"),
    }
}

fn embedded(dir: &Dir<'_>) -> Vec<String> {
    let own = dir.files().map(|file| file.path().to_string_lossy().into_owned());
    own.chain(dir.dirs().flat_map(embedded)).collect()
}

impl App {
    /// Takes a folder in; what cannot be read is told and left out, everything else is in.
    ///
    /// Documents get the `audience`; without one they keep theirs, and new ones are for every colleague. Other content under the name of
    /// a public document is refused without one: it may be another file that only has the same name. `keep` may leave a record out;
    /// `progress` is told how many files and records are done of how many.
    ///
    /// # Errors
    /// Only what would fail for every file: no permission, no store, a `documents.toml` that cannot be followed.
    pub async fn take_in(
        &self,
        actor: &Actor,
        folder: &Folder,
        audience: Option<&Audience>,
        keep: &(dyn Fn(&Record) -> bool + Sync),
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<TakenIn, Error> {
        let mut told = Told::default();
        let names = folder.names();
        told.counts.skipped.extend(folder.others().iter().map(|name| (name.clone(), misfit::by_name(name).to_owned())));
        let manifest = read_manifest(folder, &names).await?;
        let (lines, mut files): (Vec<&String>, Vec<&String>) =
            names.iter().filter(|name| !is(name, "toml")).partition(|name| is(name, "jsonl"));
        // Where a manifest says what the documents are, nothing else is one.
        files.retain(|name| manifest.is_empty() || manifest.contains_key(name.as_str()));

        let mut records = Vec::new();
        for name in lines {
            read_records(folder, name, &mut records, &mut told).await;
        }
        records.retain(|(_, record)| keep(&record.record));
        // What a record names came with it and is no document of its own.
        let sent: BTreeSet<String> = records.iter().flat_map(|(_, record)| record.named()).collect();
        files.retain(|name| !sent.contains(name.as_str()));
        told.counts.skipped.retain(|(name, _)| !sent.contains(name));
        // Who and what is pointed at comes before what points at it.
        records.sort_by_key(|(_, record)| rank(&record.record));
        let total = count(records.len() + files.len());
        for (done, (place, record)) in records.into_iter().enumerate() {
            match self.put_record(actor, folder, record).await {
                Ok(put) => told.count(&put),
                Err(error) => told.fatal_or_told(error, place)?,
            }
            progress(count(done + 1), total);
        }
        let before = total - count(files.len());
        for (done, name) in files.into_iter().enumerate() {
            match self.take_document(actor, folder, name, manifest.get(name.as_str()), audience).await {
                Ok(Taken::Put(put)) => told.count(&put),
                Ok(Taken::LeftOut(reason)) => told.counts.skipped.push((name.clone(), reason)),
                Err(error) => told.fatal_or_told(error, (name.clone(), 0))?,
            }
            progress(before + count(done + 1), total);
        }
        Ok(told.into_report())
    }

    /// Who may read a document of which nobody says it: who may read it now, else every colleague.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is public now and has other content: nobody said that this is meant for customers.
    async fn kept_audience(&self, actor: &Actor, external_id: &str, bytes: &[u8]) -> Result<Audience, Error> {
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let known = crate::store::document::by_external_id(self.store(), &everything, external_id).await?;
        let kept = known.map_or(Audience::Internal, |known| known.audience);
        if kept == Audience::Public && !self.has_document(actor, external_id, bytes).await? {
            return Err(Error::Conflict(format!("`{external_id}` is public now: say `--audience public` or `--audience internal`")));
        }
        Ok(kept)
    }

    async fn put_record(&self, actor: &Actor, folder: &Folder, read: Read) -> Result<Put<()>, Error> {
        let Read { file, record } = read;
        match record {
            Record::Customer(customer) => self.put_customer(actor, customer).await.map(Put::without_item),
            Record::Person(person) => self.put_person(actor, person).await.map(Put::without_item),
            Record::Team(team) => self.put_team(actor, team).await.map(Put::without_item),
            Record::Channel(channel) => self.put_channel(actor, channel).await.map(Put::without_item),
            Record::Ticket { mut ticket, files } => {
                let named = self.with_files(actor, (folder, &file), &mut ticket, &files).await;
                let uploaded = ticket.comments.iter().flat_map(|comment| &comment.attachments).chain(&ticket.attachments);
                let uploaded: Vec<AttachmentId> = uploaded.copied().collect();
                let put = async {
                    named?;
                    self.put_ticket(actor, ticket).await
                };
                self.or_take_back(actor, &uploaded, put).await.map(Put::without_item)
            }
            Record::Thread { ticket, mut thread, files } => {
                let ticket = self.ticket_by_reference(actor, &ticket).await?.ticket.id;
                let named = self.thread_with_files(actor, (folder, &file), &mut thread, &files).await;
                let uploaded: Vec<AttachmentId> = thread.messages.iter().flat_map(|message| message.attachments.clone()).collect();
                let put = async {
                    named?;
                    self.take_thread(actor, ticket, thread).await
                };
                self.or_take_back(actor, &uploaded, put).await.map(Put::without_item)
            }
            Record::Label(label) => self.put_label(actor, label.label).await,
        }
    }

    async fn take_document(
        &self,
        actor: &Actor,
        folder: &Folder,
        name: &str,
        known: Option<&(String, Entry)>,
        audience: Option<&Audience>,
    ) -> Result<Taken, Error> {
        let bytes = folder.read(name).await.map_err(|reason| Error::invalid("file", reason))?;
        // Whoever names a list in a manifest says that it is a document.
        let misfit = misfit::by_bytes(name, &bytes).or_else(|| misfit::as_list(name).filter(|_| known.is_none()));
        match misfit {
            Some(reason) if folder.is_given(name) => return Err(Error::invalid("file", reason)),
            Some(reason) => return Ok(Taken::LeftOut(reason.to_owned())),
            None => {}
        }
        let external_id = known.map_or_else(|| name.to_owned(), |(id, _)| id.clone());
        let entry = known.map(|(_, entry)| entry);
        let said = entry.map(Entry::audience).transpose()?.flatten();
        let audience = match said.or_else(|| audience.cloned()) {
            Some(said) => said,
            None => self.kept_audience(actor, &external_id, &bytes).await?,
        };
        let file_name = Path::new(name).file_name().map_or_else(|| name.to_owned(), |file| file.to_string_lossy().into_owned());
        let document = NewDocument {
            external_id,
            title: entry.and_then(|entry| entry.title.clone()),
            file_name,
            bytes,
            language: entry.and_then(|entry| entry.language.as_deref()).map(str::parse).transpose()?,
            audience,
            updated_at: entry
                .and_then(|entry| entry.updated_at.as_deref())
                .map(str::parse)
                .transpose()
                .map_err(|error: crate::domain::time::InvalidTimestamp| Error::invalid("updated_at", error))?,
        };
        if self.is_unchanged(actor, &document).await? {
            self.forgive(actor, &document.external_id).await?;
            return Ok(Taken::Put(Put::new((), Change::Unchanged)));
        }
        Ok(Taken::Put(self.put_document(actor, document).await?.without_item()))
    }
}

/// What became of a file that may be a document.
enum Taken {
    Put(Put<()>),
    LeftOut(String),
}

async fn read_records(folder: &Folder, name: &str, records: &mut Vec<(Place, Read)>, told: &mut Told) {
    let bytes = match folder.read(name).await {
        Ok(bytes) => bytes,
        Err(reason) => {
            told.failed.insert((name.to_owned(), 0), reason);
            return;
        }
    };
    let labels = Path::new(name).file_name().is_some_and(|file| file.to_string_lossy().starts_with("labels"));
    // Some editors mark a file as UTF-8 by its first character.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        let place = (name.to_owned(), number);
        let read = match std::str::from_utf8(line) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) if labels => parse_label(text).map(Record::Label).map_err(|error| error.to_string()),
            Ok(text) => parse_line(text).map_err(|error| error.to_string()),
            Err(_) => Err("not UTF-8: save the file as UTF-8".to_owned()),
        };
        match read {
            Ok(record) => records.push((place, Read { file: name.to_owned(), record })),
            Err(reason) => {
                told.failed.insert(place, reason);
            }
        }
    }
}

const fn rank(record: &Record) -> u8 {
    match record {
        Record::Team(_) => 0,
        Record::Channel(_) | Record::Customer(_) => 1,
        Record::Person(_) => 2,
        Record::Ticket { .. } => 3,
        Record::Thread { .. } => 4,
        Record::Label(_) => 5,
    }
}

fn is(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
