//! People, teams and channels: whom to ask, and where.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::any::AnyRow;

use crate::domain::id::{PersonId, WorkspaceId};
use crate::domain::person::{Availability, Channel, Directory, Person, Team};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{ChannelName, EmailAddress, Kind, TeamName};
use crate::store::error::StoreError;
use crate::store::page::{Cursor, Page, PageRequest};
use crate::store::row::{Row, written};
use crate::store::sql::{IDS_PER_STATEMENT, Sql};
use crate::store::tx::{Source, Tx};
use crate::store::{Change, Saved, pending};

const TABLE: &str = "people";
const COLUMNS: &str = "SELECT workspace, id, email, name, team, role, languages, skills, hours, away_until, away_note
    FROM people WHERE workspace = $1";
const TEAMS: &str = "SELECT name, title, is_external FROM teams WHERE workspace = $1";
const CHANNELS: &str = "SELECT name, kind, address, teams, expected_reply_minutes, use_for FROM channels WHERE workspace = $1";
const SAVE: &str = "save a person";
const SAVE_TEAM: &str = "save a team";
const SAVE_CHANNEL: &str = "save a channel";
const READ: &str = "read people";

/// Adds a person, or changes the one with the same address.
pub async fn save(tx: &mut Tx, person: &Person) -> Result<Saved<PersonId>, StoreError> {
    let Person { id, workspace, email, name, team, role, languages, skills, availability } = person;
    let Availability { hours, away_until, away_note } = availability;
    let revision = tx.revision();
    let sql = Sql::of(
        *workspace,
        "INSERT INTO people (workspace, id, email, name, team, role, languages, skills, pending_revision, hours, away_until, away_note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
    );
    let sql = sql.id(id).id(email).text(name).maybe_id(team.as_ref()).id(role).json(&written(languages)).json(skills).int(revision);
    let sql = sql.maybe_text(hours.as_ref()).maybe_id(*away_until).maybe_text(away_note.as_ref());
    if tx.execute(SAVE, sql).await? == 1 {
        return Ok(Saved { id: *id, change: Change::Created });
    }
    let known = by_email(&mut *tx, *workspace, email).await?.ok_or(StoreError::Contended { tried: SAVE, source: None })?;
    if known == (Person { id: known.id, ..person.clone() }) {
        return Ok(Saved { id: known.id, change: Change::Unchanged });
    }
    let sql = Sql::of(
        *workspace,
        "UPDATE people SET name = $3, team = $4, role = $5, languages = $6, skills = $7, pending_revision = $8, hours = $9,
            away_until = $10, away_note = $11 WHERE workspace = $1 AND id = $2",
    );
    let sql = sql.id(known.id).text(name).maybe_id(team.as_ref()).id(role).json(&written(languages)).json(skills).int(revision);
    let sql = sql.maybe_text(hours.as_ref()).maybe_id(*away_until).maybe_text(away_note.as_ref());
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
    Ok(Page::cut(people, page, |person| Cursor { rank: None, at: Timestamp::from_micros(0), id: person.id.as_uuid() }))
}

/// Removes a person; answers whether there was one.
pub async fn remove(tx: &mut Tx, workspace: WorkspaceId, id: PersonId) -> Result<bool, StoreError> {
    pending::bury(tx, workspace, Kind::Person, "id = $4", &id.to_string()).await?;
    let sql = Sql::of(workspace, "DELETE FROM people WHERE workspace = $1 AND id = $2").id(id);
    Ok(tx.execute("remove a person", sql).await? == 1)
}

/// Adds a team, or changes the one with the same name.
pub async fn save_team(tx: &mut Tx, workspace: WorkspaceId, team: &Team) -> Result<Change, StoreError> {
    let Team { name, title, external } = team;
    let known = self::team(&mut *tx, workspace, name).await?;
    if known.as_ref() == Some(team) {
        return Ok(Change::Unchanged);
    }
    let sql = Sql::of(
        workspace,
        "INSERT INTO teams (workspace, name, title, is_external) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace, name) DO UPDATE SET title = excluded.title, is_external = excluded.is_external",
    );
    tx.execute(SAVE_TEAM, sql.id(name).text(title).int(i64::from(*external))).await?;
    Ok(if known.is_some() { Change::Updated } else { Change::Created })
}

/// Removes a team; answers whether there was one.
pub async fn remove_team(tx: &mut Tx, workspace: WorkspaceId, name: &TeamName) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM teams WHERE workspace = $1 AND name = $2").id(name);
    Ok(tx.execute("remove a team", sql).await? == 1)
}

/// Adds a channel, or changes the one with the same name.
pub async fn save_channel(tx: &mut Tx, workspace: WorkspaceId, channel: &Channel) -> Result<Change, StoreError> {
    let Channel { name, kind, address, teams, expected_reply_minutes, use_for } = channel;
    let known = self::channel(&mut *tx, workspace, name).await?;
    if known.as_ref() == Some(channel) {
        return Ok(Change::Unchanged);
    }
    let sql = Sql::of(
        workspace,
        "INSERT INTO channels (workspace, name, kind, address, teams, expected_reply_minutes, use_for) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (workspace, name) DO UPDATE SET kind = excluded.kind, address = excluded.address, teams = excluded.teams,
            expected_reply_minutes = excluded.expected_reply_minutes, use_for = excluded.use_for",
    );
    let sql = sql.id(name).id(kind).text(address).json(&written(teams)).int(i64::from(*expected_reply_minutes)).text(use_for);
    tx.execute(SAVE_CHANNEL, sql).await?;
    Ok(if known.is_some() { Change::Updated } else { Change::Created })
}

/// Removes a channel; answers whether there was one.
pub async fn remove_channel(tx: &mut Tx, workspace: WorkspaceId, name: &ChannelName) -> Result<bool, StoreError> {
    let sql = Sql::of(workspace, "DELETE FROM channels WHERE workspace = $1 AND name = $2").id(name);
    Ok(tx.execute("remove a channel", sql).await? == 1)
}

/// The team with this name.
pub async fn team(source: impl Into<Source<'_>>, workspace: WorkspaceId, name: &TeamName) -> Result<Option<Team>, StoreError> {
    let sql = Sql::of(workspace, format!("{TEAMS} AND name = $2")).id(name);
    source.into().optional("read teams", sql).await?.as_ref().map(team_from_row).transpose()
}

/// The teams, by name.
pub async fn teams(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<BTreeMap<TeamName, Team>, StoreError> {
    let rows = source.into().all("read teams", Sql::of(workspace, TEAMS)).await?;
    rows.iter().map(|row| team_from_row(row).map(|team| (team.name.clone(), team))).collect()
}

/// The channel with this name.
pub async fn channel(source: impl Into<Source<'_>>, workspace: WorkspaceId, name: &ChannelName) -> Result<Option<Channel>, StoreError> {
    let sql = Sql::of(workspace, format!("{CHANNELS} AND name = $2")).id(name);
    source.into().optional("read channels", sql).await?.as_ref().map(channel_from_row).transpose()
}

/// The names of the teams.
pub async fn team_names(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<BTreeSet<TeamName>, StoreError> {
    let rows = source.into().all("read teams", Sql::of(workspace, TEAMS)).await?;
    rows.iter().map(|row| Row::new("teams", row).parsed("name")).collect()
}

/// Everybody and everything that can be asked.
pub async fn directory(source: impl Into<Source<'_>>, workspace: WorkspaceId) -> Result<Directory, StoreError> {
    let mut source = source.into();
    let mut people = BTreeMap::new();
    for row in source.all(READ, Sql::of(workspace, COLUMNS)).await? {
        let person = from_row(&row)?;
        people.insert(person.email.clone(), person);
    }
    let teams = teams(source.again(), workspace).await?;
    let mut channels = BTreeMap::new();
    for row in source.all("read channels", Sql::of(workspace, CHANNELS)).await? {
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
        availability: Availability {
            hours: row.maybe_text("hours")?,
            away_until: row.maybe_parsed("away_until")?,
            away_note: row.maybe_text("away_note")?,
        },
    })
}

fn team_from_row(row: &AnyRow) -> Result<Team, StoreError> {
    let row = Row::new("teams", row);
    Ok(Team { name: row.parsed("name")?, title: row.text("title")?, external: row.flag("is_external")? })
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
