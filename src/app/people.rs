//! People, teams and channels of a workspace.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::{App, Put};
use crate::domain::id::PersonId;
use crate::domain::intake::NewPerson;
use crate::domain::job::JobKind;
use crate::domain::person::{Channel, Directory, Person, Team};
use crate::domain::thread::ThreadHistory;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{ChannelName, EmailAddress, TeamName};
use crate::store::{self, Change, Tx};

/// So many side conversations tell what somebody answered lately.
const LATELY: u32 = 10;

/// A person with what they do for the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The person.
    pub person: Person,
    /// Their team, where the workspace has it.
    pub team: Option<Team>,
    /// Side conversations in which they wrote, as far as the reader may see them, those with their last words first.
    pub lately: Vec<ThreadHistory>,
    /// How many side conversations with them are going on.
    pub open_threads: u32,
}

impl App {
    /// The people, teams and channels of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn directory(&self, actor: &Actor) -> Result<Directory, Error> {
        self.allow(actor, Permission::Read)?;
        Ok(store::person::directory(self.store(), actor.workspace).await?)
    }

    /// The teams of the workspace.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn teams(&self, actor: &Actor) -> Result<BTreeMap<TeamName, Team>, Error> {
        self.allow(actor, Permission::Read)?;
        Ok(store::person::teams(self.store(), actor.workspace).await?)
    }

    /// The directory; with words, of its people only those whose name, address, team or skills hold each of them.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn people(&self, actor: &Actor, words: Option<&str>) -> Result<Directory, Error> {
        let mut directory = self.directory(actor).await?;
        let words: Vec<String> = words.unwrap_or_default().to_lowercase().split_whitespace().map(str::to_owned).collect();
        if !words.is_empty() {
            let title = |team: &TeamName| directory.teams.get(team).map_or_else(String::new, |team| team.title.clone());
            directory.people.retain(|_, person| {
                let team = person.team.as_ref().map(|team| format!("{team} {}", title(team))).unwrap_or_default();
                let text = format!("{} {} {team} {}", person.name, person.email, person.skills.join(" ")).to_lowercase();
                words.iter().all(|word| text.contains(word.as_str()))
            });
        }
        Ok(directory)
    }

    /// A person.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn person(&self, actor: &Actor, id: PersonId) -> Result<Person, Error> {
        self.allow(actor, Permission::Read)?;
        store::person::get(self.store(), actor.workspace, id).await?.ok_or_else(|| person_missing(id))
    }

    /// The person with this address, if there is one.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn person_by_email(&self, actor: &Actor, email: &EmailAddress) -> Result<Option<Person>, Error> {
        self.allow(actor, Permission::Read)?;
        Ok(store::person::by_email(self.store(), actor.workspace, email).await?)
    }

    /// A person with what they answered lately and how many ask them just now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn profile(&self, actor: &Actor, id: PersonId) -> Result<Profile, Error> {
        let person = self.person(actor, id).await?;
        let scope = actor.scope();
        let lately = store::thread::with_words_of(self.store(), &scope, &person.email, LATELY).await?;
        let open_threads = store::thread::count_open_with(self.store(), &scope, &person.email).await?;
        let team = match &person.team {
            Some(name) => store::person::team(self.store(), actor.workspace, name).await?,
            None => None,
        };
        Ok(Profile { person, team, lately, open_threads })
    }

    /// Adds a person, or changes the one with that address.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not feed the workspace.
    pub async fn put_person(&self, actor: &Actor, new: NewPerson) -> Result<Put<Person>, Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        let (person, change) = self.save_person(&mut tx, actor, new).await?;
        if change != Change::Unchanged {
            self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
        }
        tx.commit().await?;
        Ok(Put::new(person, change))
    }

    /// Removes a person; their messages stay.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not in the actor's workspace.
    pub async fn delete_person(&self, actor: &Actor, id: PersonId) -> Result<(), Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        if !store::person::remove(&mut tx, actor.workspace, id).await? {
            return Err(person_missing(id));
        }
        self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
        self.record(&mut tx, actor, "person.delete", &id.to_string());
        Ok(tx.commit().await?)
    }

    /// A team.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that the workspace does not have.
    pub async fn team(&self, actor: &Actor, name: &TeamName) -> Result<Team, Error> {
        self.allow(actor, Permission::Read)?;
        store::person::team(self.store(), actor.workspace, name).await?.ok_or_else(|| team_missing(name))
    }

    /// Adds a team, or changes the one with that name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not feed the workspace.
    pub async fn put_team(&self, actor: &Actor, team: Team) -> Result<Put<Team>, Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        let change = store::person::save_team(&mut tx, actor.workspace, &team).await?;
        tx.commit().await?;
        Ok(Put::new(team, change))
    }

    /// Removes a team of which nobody is any more.
    ///
    /// # Errors
    /// [`Error::Conflict`] while people, channels, users or tokens in force name it; [`Error::NotFound`] for one that the workspace does not have.
    pub async fn delete_team(&self, actor: &Actor, name: &TeamName) -> Result<(), Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        store::user::lock(&mut tx, actor.workspace).await?;
        let Directory { people, channels, .. } = store::person::directory(&mut tx, actor.workspace).await?;
        let users = store::user::list(&mut tx, actor.workspace).await?;
        let tokens = store::token::list(&mut tx, actor.workspace).await?;
        let in_use = [
            ("people", people.values().filter(|person| person.team.as_ref() == Some(name)).count()),
            ("channels", channels.values().filter(|channel| channel.teams.contains(name)).count()),
            ("users", users.iter().filter(|user| user.teams.contains(name)).count()),
            ("API tokens", tokens.iter().filter(|token| token.revoked_at.is_none() && token.teams.contains(name)).count()),
        ];
        let in_use: Vec<String> = in_use.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} {what}")).collect();
        if !in_use.is_empty() {
            return Err(Error::Conflict(format!("{} name the team `{name}`: change or revoke them first", in_use.join(", "))));
        }
        if !store::person::remove_team(&mut tx, actor.workspace, name).await? {
            return Err(team_missing(name));
        }
        self.record(&mut tx, actor, "team.delete", name.as_str());
        Ok(tx.commit().await?)
    }

    /// A channel.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that the workspace does not have.
    pub async fn channel(&self, actor: &Actor, name: &ChannelName) -> Result<Channel, Error> {
        self.allow(actor, Permission::Read)?;
        store::person::channel(self.store(), actor.workspace, name).await?.ok_or_else(|| channel_missing(name))
    }

    /// Adds a channel, or changes the one with that name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not feed the workspace.
    pub async fn put_channel(&self, actor: &Actor, channel: Channel) -> Result<Put<Channel>, Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        let change = store::person::save_channel(&mut tx, actor.workspace, &channel).await?;
        tx.commit().await?;
        Ok(Put::new(channel, change))
    }

    /// Removes a channel; side conversations that went there stay.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that the workspace does not have.
    pub async fn delete_channel(&self, actor: &Actor, name: &ChannelName) -> Result<(), Error> {
        self.allow(actor, Permission::Feed)?;
        let mut tx = self.store().begin().await?;
        if !store::person::remove_channel(&mut tx, actor.workspace, name).await? {
            return Err(channel_missing(name));
        }
        self.record(&mut tx, actor, "channel.delete", name.as_str());
        Ok(tx.commit().await?)
    }

    /// Saves a person in the caller's transaction; what is not said of when they can be asked stays as it is known.
    pub(crate) async fn save_person(&self, tx: &mut Tx, actor: &Actor, new: NewPerson) -> Result<(Person, Change), Error> {
        let NewPerson { email, name, team, role, languages, skills, availability } = new;
        let availability = if let Some(availability) = availability {
            availability
        } else {
            let known = store::person::by_email(&mut *tx, actor.workspace, &email).await?;
            known.map(|known| known.availability).unwrap_or_default()
        };
        let id = PersonId::at(self.now(), random());
        let person = Person { id, workspace: actor.workspace, email, name, team, role, languages, skills, availability };
        let saved = store::person::save(tx, &person).await?;
        Ok((Person { id: saved.id, ..person }, saved.change))
    }
}

/// Refuses teams that the workspace does not have: misspelt, they would be asked by nobody and open nothing, and nobody would notice.
pub(crate) fn expect_teams<'a>(
    known: &BTreeSet<TeamName>,
    field: &str,
    teams: impl IntoIterator<Item = &'a TeamName>,
) -> Result<(), Error> {
    match teams.into_iter().find(|team| !known.contains(*team)) {
        Some(team) => Err(Error::invalid(field, format!("there is no team `{team}`: add it first"))),
        None => Ok(()),
    }
}

fn person_missing(id: PersonId) -> Error {
    Error::NotFound { kind: "person", id: id.to_string() }
}

fn team_missing(name: &TeamName) -> Error {
    Error::NotFound { kind: "team", id: name.to_string() }
}

fn channel_missing(name: &ChannelName) -> Error {
    Error::NotFound { kind: "channel", id: name.to_string() }
}
