//! People, teams and channels of a workspace.

use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::{App, Put};
use crate::domain::id::PersonId;
use crate::domain::intake::NewPerson;
use crate::domain::job::JobKind;
use crate::domain::person::{Channel, Directory, Person, Team};
use crate::domain::user::{Actor, Permission};
use crate::store::{self, Change};

impl App {
    /// The people, teams and channels of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn directory(&self, actor: &Actor) -> Result<Directory, Error> {
        self.allow(actor, Permission::Read)?;
        Ok(store::person::directory(self.store(), actor.workspace).await?)
    }

    /// Adds a person, or changes the one with that address.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not feed the workspace.
    pub async fn put_person(&self, actor: &Actor, new: NewPerson) -> Result<Put<Person>, Error> {
        self.allow(actor, Permission::Feed)?;
        let NewPerson { email, name, team, role, languages, skills } = new;
        let id = PersonId::at(self.now(), random());
        let person = Person { id, workspace: actor.workspace, email, name, team, role, languages, skills };
        let mut tx = self.store().begin().await?;
        let saved = store::person::save(&mut tx, &person).await?;
        if saved.change != Change::Unchanged {
            self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
        }
        tx.commit().await?;
        Ok(Put { item: Person { id: saved.id, ..person }, created: saved.change == Change::Created })
    }

    /// Removes a person; their messages stay.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn delete_person(&self, actor: &Actor, id: PersonId) -> Result<(), Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        if !store::person::remove(&mut tx, actor.workspace, id).await? {
            return Err(Error::NotFound { kind: "person", id: id.to_string() });
        }
        self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
        self.record(&mut tx, actor, "person.delete", &id.to_string());
        Ok(tx.commit().await?)
    }

    /// Adds a team, or changes the one with that name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not feed the workspace.
    pub async fn put_team(&self, actor: &Actor, team: Team) -> Result<Put<Team>, Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        let created = !store::person::directory(&mut tx, actor.workspace).await?.teams.contains_key(&team.name);
        store::person::save_team(&mut tx, actor.workspace, &team).await?;
        tx.commit().await?;
        Ok(Put { item: team, created })
    }

    /// Adds a channel, or changes the one with that name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not feed the workspace.
    pub async fn put_channel(&self, actor: &Actor, channel: Channel) -> Result<Put<Channel>, Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        let created = !store::person::directory(&mut tx, actor.workspace).await?.channels.contains_key(&channel.name);
        store::person::save_channel(&mut tx, actor.workspace, &channel).await?;
        tx.commit().await?;
        Ok(Put { item: channel, created })
    }
}
