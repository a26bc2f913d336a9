//! Corrections: what somebody of the desk says of a ticket in place of what was guessed.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::error::Error;
use crate::domain::id::TicketId;
use crate::domain::intake::NewCorrection;
use crate::domain::triage::Correction;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{GroupName, IntentName, Language};
use crate::playbook::{Group, Playbook, nearest};
use crate::store;

/// So many tickets are corrected at once.
pub const MOST_CORRECTED: usize = 50;

/// What can be said of a ticket, by the playbook in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TriageChoices {
    /// Its intents.
    pub intents: Vec<IntentName>,
    /// Its groups.
    pub groups: Vec<GroupName>,
    /// What people call them.
    pub called: Called,
}

/// What people call the intents, groups and kinds of numbers of a playbook, by language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Called {
    intents: BTreeMap<IntentName, BTreeMap<Language, String>>,
    groups: BTreeMap<GroupName, Group>,
    kinds: BTreeMap<String, BTreeMap<Language, String>>,
}

impl Called {
    /// What speakers of a language call an intent, where the playbook says it.
    #[must_use]
    pub fn intent(&self, name: &str, language: Language) -> Option<&str> {
        self.intents.get(&name.parse().ok()?)?.get(&language).map(String::as_str)
    }

    /// What speakers of a language call a group, else what everybody does; `None` for a group that the playbook does not have.
    #[must_use]
    pub fn group(&self, name: &str, language: Language) -> Option<&str> {
        let group = self.groups.get(&name.parse().ok()?)?;
        Some(group.names.get(&language).unwrap_or(&group.title))
    }

    /// What speakers of a language call a kind of number, where the playbook says it.
    #[must_use]
    pub fn kind(&self, name: &str, language: Language) -> Option<&str> {
        self.kinds.get(name)?.get(&language).map(String::as_str)
    }
}

impl App {
    /// The intents and groups that a ticket can be said to have.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn triage_choices(&self, actor: &Actor) -> Result<TriageChoices, Error> {
        let files = self.playbook_files(actor).await?;
        // A playbook that an earlier version of the product took and this one does not must not keep anybody from the tickets.
        let Ok(playbook) = Playbook::parse(&files) else { return Ok(TriageChoices::default()) };
        let Playbook { intents, routing, entities, .. } = playbook;
        Ok(TriageChoices {
            intents: intents.keys().cloned().collect(),
            groups: routing.groups.keys().cloned().collect(),
            called: Called {
                intents: intents.into_iter().map(|(name, intent)| (name, intent.names)).collect(),
                groups: routing.groups,
                kinds: entities.patterns.into_iter().map(|pattern| (pattern.kind, pattern.names)).collect(),
            },
        })
    }

    /// Keeps what the actor says of a ticket: it is shown in place of the guess and learned from in place of what its label says.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::Invalid`] for an intent or group that the playbook
    /// does not have, and where nothing is said.
    pub async fn correct_triage(&self, actor: &Actor, ticket: TicketId, new: NewCorrection) -> Result<Correction, Error> {
        self.allow(actor, Permission::Work)?;
        self.expect_known(actor, &new).await?;
        let by = self.called(actor).await?;
        self.correct(actor, ticket, &new, by).await
    }

    /// The same of several tickets, each on its own; answers how many there were to correct.
    ///
    /// # Errors
    /// [`Error::Invalid`] for more than [`MOST_CORRECTED`] tickets, and as for one; a ticket that is not in the actor's workspace is
    /// passed over.
    pub async fn correct_triages(&self, actor: &Actor, tickets: &[TicketId], new: NewCorrection) -> Result<usize, Error> {
        self.allow(actor, Permission::Work)?;
        if tickets.len() > MOST_CORRECTED {
            return Err(Error::invalid("tickets", format!("{} tickets: correct at most {MOST_CORRECTED} at once", tickets.len())));
        }
        self.expect_known(actor, &new).await?;
        let by = self.called(actor).await?;
        let mut corrected = 0;
        for ticket in tickets {
            match self.correct(actor, *ticket, &new, by.clone()).await {
                Ok(_) => corrected += 1,
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(corrected)
    }

    /// Forgets what was said of a ticket, so that the guess is shown again and its label counts; answers whether anything was said.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace.
    pub async fn take_correction_back(&self, actor: &Actor, ticket: TicketId) -> Result<bool, Error> {
        self.allow(actor, Permission::Work)?;
        self.ticket_exists(actor, ticket).await?;
        let mut tx = self.store().begin().await?;
        let said = store::correction::get(&mut tx, actor.workspace, ticket).await?;
        let was_said = store::correction::remove(&mut tx, actor.workspace, ticket).await?;
        if let Some(said) = said.filter(|_| was_said) {
            store::panel::withdraw(&mut tx, actor.workspace, ticket, &said).await?;
            self.ticket_changed(&mut tx, actor.workspace, ticket, "ticket.corrected");
        }
        tx.commit().await?;
        Ok(was_said)
    }

    async fn correct(&self, actor: &Actor, ticket: TicketId, new: &NewCorrection, by: String) -> Result<Correction, Error> {
        self.ticket_exists(actor, ticket).await?;
        let NewCorrection { matter, group } = new.clone();
        let mut tx = self.store().begin().await?;
        let before = store::correction::get(&mut tx, actor.workspace, ticket).await?;
        let (said_matter, said_group) = before.map_or((None, None), |before| (before.matter, before.group));
        let correction = Correction { matter: matter.or(said_matter), group: group.or(said_group), by, at: self.now() };
        store::correction::save(&mut tx, actor.workspace, ticket, &correction).await?;
        store::panel::correct(&mut tx, actor.workspace, ticket, &correction).await?;
        self.ticket_changed(&mut tx, actor.workspace, ticket, "ticket.corrected");
        tx.commit().await?;
        Ok(correction)
    }

    /// Refuses what says nothing, or what the playbook does not have.
    async fn expect_known(&self, actor: &Actor, new: &NewCorrection) -> Result<(), Error> {
        let NewCorrection { matter, group } = new;
        let choices = self.triage_choices(actor).await?;
        let intents = matter.as_ref().map(crate::domain::triage::Matter::intents).unwrap_or_default();
        if let Some(unknown) = intents.iter().find(|intent| !choices.intents.contains(intent)) {
            return Err(Error::invalid("intent", no_such("intent", unknown.as_str(), choices.intents.iter().map(IntentName::as_str))));
        }
        match group {
            Some(unknown) if !choices.groups.contains(unknown) => {
                Err(Error::invalid("group", no_such("group", unknown.as_str(), choices.groups.iter().map(GroupName::as_str))))
            }
            None if matter.is_none() => Err(Error::invalid("intent", "nothing is said: choose an intent, a group or both")),
            Some(_) | None => Ok(()),
        }
    }

    /// What people call the actor.
    pub(crate) async fn called(&self, actor: &Actor) -> Result<String, Error> {
        let Some(id) = actor.user else {
            let tokens = store::token::list(self.store(), actor.workspace).await?;
            let token = tokens.into_iter().find(|token| actor.name == format!("token:{}", token.id));
            return Ok(token.map_or_else(|| actor.name.clone(), |token| token.name));
        };
        Ok(store::user::get(self.store(), actor.workspace, id).await?.map_or_else(|| actor.name.clone(), |user| user.name))
    }
}

/// That the playbook has no such name, with the one that was probably meant, else those that it has.
fn no_such<'a>(what: &str, given: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest(given, &known) {
        Some(near) => format!("the playbook has no {what} `{given}`: did you mean `{near}`?"),
        None => format!("the playbook has no {what} `{given}`: take one of `{}`", known.join("`, `")),
    }
}
