//! People, teams and channels: whom to ask, and where.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::id::{PersonId, WorkspaceId};
use crate::domain::person::{Channel, Directory, Person, Team};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{ChannelName, EmailAddress, Kind, TeamName};
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::{Row, written};
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};
use crate::store::{Change, Saved, pending};

const TABLE: &str = "people";
const COLUMNS: &str = "SELECT workspace, id, email, name, team, role, languages, skills FROM people WHERE workspace = $1";
const SAVE: &str = "save a person";
const READ: &str = "read people";

/// Adds a person, or changes the one with the same address.
pub async fn save(tx: &mut Tx, person: &Person) -> Result<Saved<PersonId>, StoreError> {
    let Person { id, workspace, email, name, team, role, languages, skills } = person;
    let revision = tx.revision();
    let sql = Sql::of(
        *workspace,
        "INSERT INTO people (workspace, id, email, name, team, role, languages, skills, pending_revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
    );
    let sql = sql.id(id).id(email).text(name).maybe_id(team.as_ref()).id(role).json(&written(languages)).json(skills).int(revision);
    if tx.execute(SAVE, sql).await? == 1 {
        return Ok(Saved { id: *id, change: Change::Created });
    }
    let known = by_email(&mut *tx, *workspace, email).await?.ok_or(StoreError::Contended { tried: SAVE, source: None })?;
    if known == (Person { id: known.id, ..person.clone() }) {
        return Ok(Saved { id: known.id, change: Change::Unchanged });
    }
    let sql = Sql::of(
        *workspace,
        "UPDATE people SET name = $3, team = $4, role = $5, languages = $6, skills = $7, pending_revision = $8 WHERE workspace = $1 AND id = $2",
    );
    let sql = sql.id(known.id).text(name).maybe_id(team.as_ref()).id(role).json(&written(languages)).json(skills).int(revision);
    tx.execute(SAVE, sql).await?;
    Ok(Saved { id: known.id, change: Change::Updated })
}

/// The person with this id.
pub async fn get(source: impl Into<Source<'_>>, workspace: WorkspaceId, id: PersonId) -> Result<Option<Person>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND id = $2")).id(id);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The person with this address.
pub async fn by_email(source: impl Into<Source<'_>>, workspace: WorkspaceId, email: &EmailAddress) -> Result<Option<Person>, StoreError> {
    let sql = Sql::of(workspace, format!("{COLUMNS} AND email = $2")).id(email);
    source.into().optional(READ, sql).await?.as_ref().map(from_row).transpose()
}

/// The people with these ids, in no order; unknown ids are left out.
pub async fn by_ids(source: impl Into<Source<'_>>, workspace: WorkspaceId, ids: &[PersonId]) -> Result<Vec<Person>, StoreError> {
    let mut source = source.into();
    let mut people = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let sql = Sql::of(workspace, format!("{COLUMNS} AND id IN ")).among(ids);
        for row in source.all(READ, sql).await? {
            people.push(from_row(&row)?);
        }
    }
    Ok(people)
}

/// A page of the people, those added last first.
pub async fn list(source: impl Into<Source<'_>>, workspace: WorkspaceId, page: &PageRequest) -> Result<Page<Person>, StoreError> {
    // An id holds the moment of its making, so its order is the order of time.
    let mut sql = Sql::of(workspace, COLUMNS);
    if let Some(cursor) = page.after {
        sql = sql.push(" AND id < ").with_id(cursor.id);
    }
    let rows = i64::try_from(page.effective_limit() + 1).unwrap_or(i64::MAX);
    let rows = source.into().all(READ, sql.push(" ORDER BY id DESC LIMIT ").with_int(rows)).await?;
    let people = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(people, page, |person| Cursor { at: Timestamp::from_micros(0), id: person.id.as_uuid() }))
}

/// Removes a person; answers whether there was one.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: PersonId) -> Result<bool, StoreError> {
    pending::bury(tx, workspace, Kind::Person, "id = $4", &id.to_string()).await?;
    let sql = Sql::of(workspace, "DELETE FROM people WHERE workspace = $1 AND id = $2").id(id);
    Ok(tx.execute("remove a person", sql).await? == 1)
}

/// Adds a team, or changes the one with the same name.
pub async fn save_team(tx: &mut Tx, workspace: WorkspaceId, team: &Team) -> Result<(), StoreError> {
    let Team { name, title, external } = team;
    let sql = Sql::of(
        workspace,
        "INSERT INTO teams (workspace, name, title, is_external) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace, name) DO UPDATE SET title = excluded.title, is_external = excluded.is_external",
    );
    tx.execute("save a team", sql.id(name).text(title).int(i64::from(*external))).await?;
    Ok(())
}

/// Removes a team; answers whether there was one.
pub async fn remove_team(tx: &mut Tx, workspace: WorkspaceId, name: &TeamName) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM teams WHERE workspace = $1 AND name = $2").id(name);
    Ok(tx.execute("remove a team", sql).await? == 1)
}

/// Adds a channel, or changes the one with the same name.
pub async fn save_channel(tx: &mut Tx, workspace: WorkspaceId, channel: &Channel) -> Result<(), StoreError> {
    let Channel { name, kind, address, teams, expected_reply_minutes, use_for } = channel;
    let sql = Sql::of(
        workspace,
        "INSERT INTO channels (workspace, name, kind, address, teams, expected_reply_minutes, use_for) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (workspace, name) DO UPDATE SET kind = excluded.kind, address = excluded.address, teams = excluded.teams,
            expected_reply_minutes = excluded.expected_reply_minutes, use_for = excluded.use_for",
    );
    let sql = sql.id(name).id(kind).text(address).json(&written(teams)).int(i64::from(*expected_reply_minutes)).text(use_for);
    tx.execute("save a channel", sql).await?;
    Ok(())
}

/// Removes a channel; answers whether there was one.
pub async fn remove_channel(tx: &mut Tx, workspace: WorkspaceId, name: &ChannelName) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM channels WHERE workspace = $1 AND name = $2").id(name);
    Ok(tx.execute("remove a channel", sql).await? == 1)
}

/// Everybody and everything that can be asked.
pub async fn directory(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Directory, StoreError> {
    let mut source = source.into();
    let mut people = BTreeMap::new();
    for row in source.all(READ, Sql::of(workspace, COLUMNS)).await? {
        let person = from_row(&row)?;
        people.insert(person.email.clone(), person);
    }
    let mut teams = BTreeMap::new();
    for row in source.all("read teams", Sql::of(workspace, "SELECT name, title, is_external FROM teams WHERE workspace = $1")).await? {
        let row = Row::new("teams", &row);
        let team = Team { name: row.parsed("name")?, title: row.text("title")?, external: row.flag("is_external")? };
        teams.insert(team.name.clone(), team);
    }
    let mut channels = BTreeMap::new();
    let sql = Sql::of(workspace, "SELECT name, kind, address, teams, expected_reply_minutes, use_for FROM channels WHERE workspace = $1");
    for row in source.all("read channels", sql).await? {
        let channel = channel_from_row(&row)?;
        channels.insert(channel.name.clone(), channel);
    }
    Ok(Directory { people, teams, channels })
}

fn from_row(row: &AnyRow) -> Result<Person, StoreError> {
    let row = Row::new(TABLE, row);
    Ok(Person {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        email: row.parsed("email")?,
        name: row.text("name")?,
        team: row.maybe_parsed("team")?,
        role: row.parsed("role")?,
        languages: row.words("languages")?,
        skills: row.json("skills")?,
    })
}

fn channel_from_row(row: &AnyRow) -> Result<Channel, StoreError> {
    let row = Row::new("channels", row);
    Ok(Channel {
        name: row.parsed("name")?,
        kind: row.parsed("kind")?,
        address: row.text("address")?,
        teams: row.words("teams")?,
        expected_reply_minutes: row.count("expected_reply_minutes")?,
        use_for: row.text("use_for")?,
    })
}
