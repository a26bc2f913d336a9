//! The playbook of a workspace: applying a new version, reading the one in force.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::app::App;
use crate::app::error::Error;
use crate::app::knowledge::patterns;
use crate::domain::intake::NewPerson;
use crate::domain::job::JobKind;
use crate::domain::person::{Channel, Team};
use crate::domain::user::{Actor, Permission};
use crate::playbook::{ChannelEntry, PersonEntry, Playbook, TeamEntry};
use crate::store;
use crate::store::playbook::NewVersion;

impl App {
    /// The files of the playbook in force; empty before the first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn playbook_files(&self, actor: &Actor) -> Result<BTreeMap<String, String>, Error> {
        self.allow(actor, Permission::Read)?;
        Ok(store::playbook::current(self.store(), actor.workspace).await?.map(|version| version.files).unwrap_or_default())
    }

    /// Checks a playbook without keeping it.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the file, the key and what to do.
    pub fn check_playbook(files: &BTreeMap<String, String>) -> Result<(), Error> {
        let playbook = Playbook::parse(files).map_err(|error| Error::invalid("playbook", error))?;
        patterns(&playbook).map(drop)
    }

    /// Puts a playbook in force, and its people, teams and channels into the directory; gives the version's number.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a playbook that does not parse; nothing is changed then.
    pub async fn apply_playbook(&self, actor: &Actor, files: BTreeMap<String, String>) -> Result<i64, Error> {
        self.allow(actor, Permission::Administer)?;
        let playbook = Playbook::parse(&files).map_err(|error| Error::invalid("playbook", error))?;
        patterns(&playbook)?;
        let now = self.now();
        let hash = hash(&files);
        let version = NewVersion { workspace: actor.workspace, hash: &hash, files: &files, created_by: &actor.name, created_at: now };
        let mut tx = self.store().begin().await?;
        let n = store::playbook::insert(&mut tx, &version).await?;
        store::playbook::promote(&mut tx, actor.workspace, n, now).await?;
        for (name, TeamEntry { title, external }) in playbook.teams {
            store::person::save_team(&mut tx, actor.workspace, &Team { name, title, external }).await?;
        }
        for (name, ChannelEntry { kind, address, teams, expected_reply_minutes, use_for }) in playbook.channels {
            let channel = Channel { name, kind, address, teams, expected_reply_minutes, use_for };
            store::person::save_channel(&mut tx, actor.workspace, &channel).await?;
        }
        for (email, PersonEntry { name, team, role, languages, skills }) in playbook.people {
            // When somebody can be asked is told on their own page, not in the playbook.
            let new = NewPerson { email, name, team, role, languages, skills, availability: None };
            self.save_person(&mut tx, actor, new).await?;
        }
        self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
        self.record(&mut tx, actor, "playbook.apply", &n.to_string());
        tx.commit().await?;
        Ok(n)
    }
}

/// sha256 over names and texts, each with its length before it, so that no two playbooks share one.
fn hash(files: &BTreeMap<String, String>) -> String {
    let mut sum = Sha256::new();
    for text in files.iter().flat_map(|(name, text)| [name, text]) {
        sum.update(text.len().to_le_bytes());
        sum.update(text.as_bytes());
    }
    hex::encode(sum.finalize())
}
