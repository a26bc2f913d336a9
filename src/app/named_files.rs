//! Files that a line of JSON names: found beside the file that names them, never outside of its folder, and uploaded.

use std::path::{Component, Path, PathBuf};

use crate::app::App;
use crate::app::error::Error;
use crate::app::folder::Folder;
use crate::domain::id::AttachmentId;
use crate::domain::intake::{NewAttachment, NewThread, NewTicket};
use crate::domain::user::Actor;
use crate::wire::lines::NamedFiles;

/// A path below the folder of the file that names it: without `..`, without a root.
fn below(named: &str) -> Result<PathBuf, Error> {
    let path = Path::new(named);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if named.trim().is_empty() || !is_plain || named.contains('\\') {
        return Err(outside(named));
    }
    Ok(path.components().filter(|part| matches!(part, Component::Normal(_))).collect())
}

fn outside(named: &str) -> Error {
    Error::invalid("files", format!("`{named}` is not below the folder of the file that names it: move it there"))
}

/// How a named file is called among the files of a folder; `None` for a path that leads outside.
pub(super) fn name_in_folder(naming: &str, named: &str) -> Option<String> {
    let base = Path::new(naming).parent().unwrap_or(Path::new(""));
    below(named).ok().map(|path| base.join(path).to_string_lossy().into_owned())
}

/// Reads a named file; links are followed, but not out of the folder.
async fn read(folder: &Folder, naming: &str, named: &str, limit_bytes: u64) -> Result<Vec<u8>, Error> {
    let unreadable = |reason: &dyn std::fmt::Display| Error::invalid("files", format!("`{named}` cannot be read: {reason}"));
    let path = below(named)?;
    match folder {
        Folder::Embedded(dir) => {
            let path = Path::new(naming).parent().unwrap_or(Path::new("")).join(path);
            dir.get_file(&path).map(|file| file.contents().to_vec()).ok_or_else(|| unreadable(&"it is not embedded"))
        }
        Folder::Disk { files, .. } => {
            let naming = files.get(naming).and_then(|paths| paths.first()).ok_or_else(|| outside(named))?;
            let base = naming.parent().ok_or_else(|| outside(named))?;
            let found = fs_err::tokio::canonicalize(base.join(path)).await.map_err(|error| unreadable(&error.kind()))?;
            if !found.starts_with(base) {
                return Err(outside(named));
            }
            let size = fs_err::tokio::metadata(&found).await.map_err(|error| unreadable(&error.kind()))?.len();
            if size > limit_bytes {
                return Err(Error::TooLarge { limit_bytes });
            }
            fs_err::tokio::read(&found).await.map_err(|error| unreadable(&error.kind()))
        }
    }
}

impl App {
    /// Gives a ticket and its comments the files that its line names.
    pub(super) async fn with_files(
        &self,
        actor: &Actor,
        (folder, naming): (&Folder, &str),
        ticket: &mut NewTicket,
        files: &NamedFiles,
    ) -> Result<(), Error> {
        self.upload_named(actor, folder, naming, &files.own, &mut ticket.attachments).await?;
        for (comment, named) in ticket.comments.iter_mut().zip(&files.each) {
            self.upload_named(actor, folder, naming, named, &mut comment.attachments).await?;
        }
        Ok(())
    }

    /// Gives the messages of a side conversation the files that its line names.
    pub(super) async fn thread_with_files(
        &self,
        actor: &Actor,
        (folder, naming): (&Folder, &str),
        thread: &mut NewThread,
        files: &NamedFiles,
    ) -> Result<(), Error> {
        if let Some(first) = thread.messages.first_mut() {
            self.upload_named(actor, folder, naming, &files.own, &mut first.attachments).await?;
        }
        // The first message may be the line's own `body`, which stands before its `messages`.
        let before = thread.messages.len().saturating_sub(files.each.len());
        for (message, named) in thread.messages.iter_mut().skip(before).zip(&files.each) {
            self.upload_named(actor, folder, naming, named, &mut message.attachments).await?;
        }
        Ok(())
    }

    /// Each file's id is in `uploaded` as soon as it is kept, so that it can be taken back where a later one is refused.
    async fn upload_named(
        &self,
        actor: &Actor,
        folder: &Folder,
        naming: &str,
        named: &[String],
        uploaded: &mut Vec<AttachmentId>,
    ) -> Result<(), Error> {
        for named in named {
            let bytes = read(folder, naming, named, self.attachment_limit_bytes()).await?;
            let new = NewAttachment { name: named.clone(), declared_type: None };
            uploaded.push(self.put_bytes(actor, new, &bytes).await?.id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_below_the_one_that_names_it_or_not_at_all() {
        let check = |naming: &str, named: &str, found: Option<&str>| assert_eq!(name_in_folder(naming, named).as_deref(), found, "{named}");
        check("tickets.jsonl", "files/a.png", Some("files/a.png"));
        check("2026/tickets.jsonl", "./files/a.png", Some("2026/files/a.png"));
        for bad in ["../a.png", "files/../../a.png", "/etc/passwd", "", "..\\a.png", "files/.."] {
            check("2026/tickets.jsonl", bad, None);
        }
    }
}
