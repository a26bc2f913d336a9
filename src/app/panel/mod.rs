//! The panel beside a ticket: the verb that reads it and the work that prepares it.

mod answered;
mod ask;
mod assemble;
mod gather;
mod matters;
mod readable;
mod similar;
mod told;
mod wanted;
mod whom;

use std::collections::BTreeSet;

pub use answered::Asking;
pub use ask::Answer;
pub(crate) use gather::{CutThread, PAST_THREADS, cut_thread, name_of};

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::app::library::{is_answered, note_uses};
use crate::app::panel::readable::Readable;
use crate::domain::event::Event;
use crate::domain::feedback::Suggestion;
use crate::domain::id::{EventId, TicketId, WorkspaceId};
use crate::domain::job::JobKind;
use crate::domain::panel::{ChannelAdvice, Expert, Panel, Shown};
use crate::domain::triage::{SaidDuplicate, Triage};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::IntentName;
use crate::domain::why::Why;
use crate::store;

/// The last panel that was made of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestPanel {
    /// The panel.
    pub panel: Panel,
    /// Whether it must be made again: articles that it rests on are gone, the triage was corrected since, or an older version of the product
    /// made it, which gave no account.
    pub is_behind: bool,
}

impl App {
    /// The whole panel of a ticket: the prepared one, or one that is made now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn panel(&self, actor: &Actor, ticket: TicketId) -> Result<Panel, Error> {
        if let Some(panel) = self.prepared_panel(actor, ticket).await? {
            return Ok(panel);
        }
        let mut panel = self.readable(self.prepare_panel(actor.workspace, ticket).await?, actor).await?.panel;
        self.tell_incident(actor, &mut panel).await?;
        Ok(panel)
    }

    /// The panel of a ticket if it is ready; one that rests on articles which are gone or were replaced is not, nor one of before a
    /// correction.
    ///
    /// One made before an article or the playbook changed is shown, and made again in the background.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn prepared_panel(&self, actor: &Actor, ticket: TicketId) -> Result<Option<Panel>, Error> {
        Ok(self.latest_panel(actor, ticket).await?.filter(|latest| !latest.is_behind).map(|latest| latest.panel))
    }

    /// The last panel that was made of a ticket, for somebody who looks at it: without what rests on articles that are gone, and with
    /// what somebody said of the triage since.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn latest_panel(&self, actor: &Actor, ticket: TicketId) -> Result<Option<LatestPanel>, Error> {
        self.allow(actor, Permission::Read)?;
        self.ticket_exists(actor, ticket).await?;
        self.count_usage(actor.workspace, "panel", 1);
        let Some(prepared) = store::panel::get(self.store(), actor.workspace, ticket).await? else { return Ok(None) };
        // A panel of an older version of the product does not parse: it is made again.
        let Ok(panel) = serde_json::from_str(&prepared.json) else { return Ok(None) };
        let Readable { mut panel, is_outdated } = self.readable(panel, actor).await?;
        let said = store::correction::get(self.store(), actor.workspace, ticket).await?;
        // Whoever corrected a ticket must not find the guess in its place again.
        let is_corrected = panel.triage.corrected != said;
        if is_corrected {
            panel.why.restate(panel.triage.corrected.as_ref(), said.as_ref());
            panel.triage.restate(said);
        }
        self.restate_duplicates(actor, &mut panel).await?;
        self.tell_incident(actor, &mut panel).await?;
        // Every account has its first step: without one the panel is of before there were accounts.
        let is_older = panel.why.steps.is_empty();
        let is_behind = is_outdated || is_corrected || is_older;
        if is_older || (!is_behind && store::panel::is_behind(self.store(), actor.workspace, ticket).await?) {
            let mut tx = self.store().begin().await?;
            self.enqueue(&mut tx, actor.workspace, JobKind::PreparePanel(ticket));
            tx.commit().await?;
        }
        Ok(Some(LatestPanel { panel, is_behind }))
    }

    /// Shows in triage and account what somebody said of a panel's ticket and others since it was made.
    async fn restate_duplicates(&self, actor: &Actor, panel: &mut Panel) -> Result<(), Error> {
        let said = store::said_duplicate::of_ticket(self.store(), actor.workspace, panel.ticket).await?;
        let before = &panel.triage.said_duplicates;
        let of = |all: &[SaidDuplicate], id: TicketId| all.iter().find(|one| one.other == id).cloned();
        let others = before.iter().chain(&said).map(|one| one.other);
        let changed: BTreeSet<TicketId> = others.filter(|id| of(before, *id) != of(&said, *id)).collect();
        if !changed.is_empty() {
            let changed: Vec<TicketId> = changed.into_iter().collect();
            let heads = store::ticket::by_ids(self.store(), &actor.scope(), &changed).await?;
            let told = heads.iter().map(|head| (head.reference(), said.iter().find(|one| one.other == head.id)));
            panel.why.restate_duplicates(told.collect());
        }
        panel.triage.restate_duplicates(said);
        Ok(())
    }

    /// Shows in triage and account the incident that a panel's ticket is part of now.
    async fn tell_incident(&self, actor: &Actor, panel: &mut Panel) -> Result<(), Error> {
        panel.triage.incident = self.incident_of(actor, panel.ticket).await?;
        panel.why.restate_incident(panel.triage.incident.as_ref());
        Ok(())
    }

    /// What the last panel that was made of a ticket says it is, if one was.
    async fn kept_triage(&self, actor: &Actor, ticket: TicketId) -> Result<Option<Triage>, Error> {
        let kept = store::panel::get(self.store(), actor.workspace, ticket).await?;
        Ok(kept.and_then(|kept| serde_json::from_str::<Panel>(&kept.json).ok()).map(|panel| panel.triage))
    }

    /// What a ticket is about, as its last panel or somebody of the desk says; `None` where nobody knows.
    pub(crate) async fn kept_intent(&self, actor: &Actor, ticket: TicketId) -> Result<Option<IntentName>, Error> {
        let correction = store::correction::get(self.store(), actor.workspace, ticket).await?;
        if let Some(matter) = correction.and_then(|correction| correction.matter) {
            return Ok(matter.intents().into_iter().next());
        }
        Ok(self.kept_triage(actor, ticket).await?.and_then(|triage| triage.intent))
    }

    /// What a stored ticket is.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn triage_of(&self, actor: &Actor, ticket: TicketId) -> Result<Triage, Error> {
        self.panel(actor, ticket).await.map(|panel| panel.triage)
    }

    /// What happened and what did not when a stored ticket was triaged.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn why(&self, actor: &Actor, ticket: TicketId) -> Result<Why, Error> {
        self.panel(actor, ticket).await.map(|panel| panel.why)
    }

    /// Whom to ask about a ticket, and where.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn experts(&self, actor: &Actor, ticket: TicketId) -> Result<(Vec<Shown<Expert>>, Vec<Shown<ChannelAdvice>>), Error> {
        self.panel(actor, ticket).await.map(|panel| (panel.experts, panel.channels))
    }

    /// Makes the panel of a ticket and keeps it, with its suggestions and an event.
    ///
    /// It does not wait until a big ingest is indexed: the panel is made of what can be found, and made again once everything is there.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the workspace; whatever encoder, index or store say.
    pub async fn prepare_panel(&self, workspace: WorkspaceId, ticket: TicketId) -> Result<Panel, Error> {
        // Before anything is read: what changes from here on makes this panel one that is behind, whether or not it has seen the change.
        let revision = store::knowledge::revision(self.store(), workspace).await?;
        // A panel needs the index and not what is pending: whoever indexes that next meets the same error and answers for it.
        let caught_up = self.catch_up(workspace).await.unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "what is pending could not be indexed before a panel");
            false
        });
        // The moment before reading: a panel that read later always replaces one that read earlier.
        let made_at = self.now();
        let gathered = self.gather(workspace, ticket).await?;
        let status = gathered.history.ticket.status;
        let external_id = gathered.history.ticket.external_id.clone();
        let sighting = gathered.sighting.clone();
        let app = self.clone();
        let made = tokio::task::spawn_blocking(move || app.assemble(&gathered, made_at));
        let panel = made.await.map_err(Error::internal)?;
        let json = serde_json::to_string(&panel).map_err(Error::internal)?;
        let triage = &panel.triage;
        let mut tx = self.store().begin().await?;
        self.note_sighting(&mut tx, workspace, ticket, &sighting).await?;
        store::suggestion::insert_all(&mut tx, &suggestions(&panel, workspace)).await?;
        let columns = store::panel::InboxColumns {
            intent: triage.intent.clone(),
            sentiment: triage.sentiment.as_ref().map(|guess| guess.name),
            group: triage.route.as_ref().map(|route| route.group.clone()),
            language: triage.language.as_ref().map(|guess| guess.name),
            priority: Some(triage.priority),
        };
        let prepared = store::panel::PreparedPanel {
            ticket,
            made_at: panel.made_at,
            knowledge: revision,
            json,
            inbox: columns,
            is_answered: is_answered(&panel, status),
        };
        self.tell_of_panel(&mut tx, workspace, &panel, external_id.as_deref()).await?;
        store::panel::save(&mut tx, workspace, &prepared).await?;
        note_uses(&mut tx, workspace, &panel).await?;
        if !caught_up {
            store::panel::mark_early(&mut tx, workspace, ticket).await?;
            self.enqueue(&mut tx, workspace, JobKind::IndexPending);
        }
        for kind in ["ticket.triaged", "suggestion.ready"] {
            store::event::append(
                &mut tx,
                &Event {
                    id: EventId::at(panel.made_at, random()),
                    workspace,
                    kind: kind.to_owned(),
                    ticket: Some(ticket),
                    created_at: panel.made_at,
                },
            );
        }
        tx.commit().await?;
        Ok(panel)
    }
}

/// The parts of a panel that a thumb can point at.
fn suggestions(panel: &Panel, workspace: WorkspaceId) -> Vec<Suggestion> {
    let (ticket, created_at) = (panel.ticket, panel.made_at);
    panel.suggested().into_iter().map(|(id, target)| Suggestion { id, workspace, ticket, target, created_at }).collect()
}
