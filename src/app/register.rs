//! The directory's lists, taken in and out whole.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::error::Error;
use crate::app::people::expect_teams;
use crate::domain::job::JobKind;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{Register, RegisterFormat, TeamName};
use crate::store::{self, Change, PageRequest, Tx};
use crate::wire::register::{Entry, Held, ImportOut, LineFault, read, write};

/// So many customers are read at once.
const ROWS: u32 = 500;

/// What became of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// Everything is in, or would be if it had not only been checked.
    Done(ImportOut),
    /// Nothing is in, because these lines cannot be.
    Refused(Vec<LineFault>),
}

impl App {
    /// A whole list, written so that [`App::import`] reads it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not audit.
    pub async fn export(&self, actor: &Actor, register: Register, format: RegisterFormat) -> Result<String, Error> {
        self.allow(actor, Permission::Audit)?;
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let held = match register {
            Register::People => Held::People(directory.people.into_values().collect()),
            Register::Teams => Held::Teams(directory.teams.into_values().collect()),
            Register::Channels => Held::Channels(directory.channels.into_values().collect()),
            Register::Customers => {
                let mut customers = Vec::new();
                let mut page = PageRequest::first(ROWS);
                loop {
                    let found = store::customer::list(self.store(), actor.workspace, None, &page).await?;
                    customers.extend(found.items);
                    if found.next.is_none() {
                        break;
                    }
                    page.after = found.next;
                }
                // Oldest first, so that whoever takes them in somewhere else gets them in the order in which they came.
                customers.reverse();
                Held::Customers(customers)
            }
        };
        let text = tokio::task::spawn_blocking(move || write(held, format)).await.map_err(Error::internal)?;
        let mut tx = self.store().begin().await?;
        self.record(&mut tx, actor, "list.export", register.as_str());
        tx.commit().await?;
        Ok(text)
    }

    /// Takes a whole list in, or only checks whether it could be: everything in it, or nothing.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not feed the workspace.
    pub async fn import(
        &self,
        actor: &Actor,
        register: Register,
        format: RegisterFormat,
        text: String,
        only_check: bool,
    ) -> Result<Imported, Error> {
        self.allow(actor, Permission::Feed)?;
        // A list may take longer than others can be kept waiting.
        let read = tokio::task::spawn_blocking(move || read(register, format, &text)).await.map_err(Error::internal)?;
        let entries = match read {
            Ok(entries) => entries,
            Err(faults) => return Ok(Imported::Refused(faults)),
        };
        let mut tx = self.store().begin().await?;
        let teams = store::person::team_names(&mut tx, actor.workspace).await?;
        let mut done = ImportOut::default();
        let mut faults = Vec::new();
        for (line, entry) in entries {
            match self.put_entry(&mut tx, actor, &teams, entry).await {
                Ok(Change::Created) => done.created += 1,
                Ok(Change::Updated) => done.updated += 1,
                Ok(Change::Unchanged) => done.unchanged += 1,
                Err(Error::Invalid { field, reason }) => faults.push(LineFault { line, pointer: format!("/{field}"), reason }),
                // The database refused it, after which it takes nothing more in this transaction.
                Err(Error::Conflict(reason)) => {
                    faults.push(LineFault { line, pointer: String::new(), reason });
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if !faults.is_empty() {
            tx.rollback().await?;
            return Ok(Imported::Refused(faults));
        }
        if only_check {
            tx.rollback().await?;
            return Ok(Imported::Done(done));
        }
        if register == Register::People && done.created + done.updated > 0 {
            self.enqueue(&mut tx, actor.workspace, JobKind::IndexPending);
        }
        self.record(&mut tx, actor, "list.import", register.as_str());
        tx.commit().await?;
        Ok(Imported::Done(done))
    }

    async fn put_entry(&self, tx: &mut Tx, actor: &Actor, teams: &BTreeSet<TeamName>, entry: Entry) -> Result<Change, Error> {
        match entry {
            Entry::Person(person) => {
                expect_teams(teams, "team", &person.team)?;
                Ok(self.save_person(tx, actor, person).await?.1)
            }
            Entry::Team(team) => Ok(store::person::save_team(tx, actor.workspace, &team).await?),
            Entry::Channel(channel) => {
                expect_teams(teams, "teams", &channel.teams)?;
                Ok(store::person::save_channel(tx, actor.workspace, &channel).await?)
            }
            Entry::Customer(customer) => Ok(self.save_customer(tx, actor, customer).await?.1),
        }
    }
}
