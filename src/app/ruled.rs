//! Which tickets a rule routes: nobody asks a head about those, and learned routes are not judged on them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::App;
use crate::app::error::Error;
use crate::app::knowledge::{Knowledge, gist};
use crate::app::triage::{Felt, decide, detected};
use crate::domain::audience::{Reader, Scope};
use crate::domain::customer::Customer;
use crate::domain::id::{CustomerId, TicketId, WorkspaceId};
use crate::domain::ticket::Ticket;
use crate::store;
use crate::text::entity;
use crate::triage::ground::Asked;
use crate::triage::mood;
use crate::triage::routing::{Facts, rule};

/// So many tickets are read at once.
const STEP: usize = 1_000;

impl App {
    /// Those of the tickets whose group somebody said or left them with that a rule of the playbook routes, or may route where that is not
    /// known any more.
    pub(super) async fn find_ruled(&self, workspace: WorkspaceId, knowledge: &Arc<Knowledge>) -> Result<BTreeSet<TicketId>, Error> {
        if knowledge.playbook.routing.rules.iter().all(|rule| rule.group.is_none()) {
            return Ok(BTreeSet::new());
        }
        let routed = knowledge.ground.examples().iter().filter(|example| example.labels.group.is_some());
        let ids: Vec<TicketId> = routed.filter_map(|example| example.ticket).collect();
        let everything = Scope::new(workspace, Reader::Everything);
        let mut ruled = BTreeSet::new();
        for ids in ids.chunks(STEP) {
            let tickets = store::ticket::by_ids(self.store(), &everything, ids).await?;
            let writers: BTreeSet<CustomerId> = tickets.iter().map(|ticket| ticket.requester).collect();
            let writers: Vec<CustomerId> = writers.into_iter().collect();
            let writers = store::customer::by_ids(self.store(), workspace, &writers).await?;
            let writers: BTreeMap<CustomerId, Customer> = writers.into_iter().map(|writer| (writer.id, writer)).collect();
            let known = Arc::clone(knowledge);
            let held = move || {
                let is_ruled = |ticket: &Ticket| writers.get(&ticket.requester).is_some_and(|writer| is_ruled(&known, ticket, writer));
                tickets.iter().filter(|ticket| is_ruled(ticket)).map(|ticket| ticket.id).collect::<Vec<TicketId>>()
            };
            ruled.extend(tokio::task::spawn_blocking(held).await.map_err(Error::internal)?);
        }
        Ok(ruled)
    }
}

/// Whether what a rule routes hangs on what is guessed of a ticket.
fn reads_guesses(knowledge: &Knowledge) -> bool {
    let mut routing = knowledge.playbook.routing.rules.iter().filter(|rule| rule.group.is_some());
    routing.any(|rule| !rule.when.intent.is_empty() || !rule.when.urgency.is_empty())
}

/// Whether a rule would route a labelled ticket if it came now, by heads that did not learn from it.
///
/// An intent that is sure enough is taken as it is: to find the ticket unfamiliar would take a comparison with all others.
fn is_ruled(knowledge: &Knowledge, ticket: &Ticket, writer: &Customer) -> bool {
    let Some(example) = knowledge.labelled(ticket.id) else { return false };
    let gist = gist(ticket, writer.language.unwrap_or(knowledge.language));
    let asked = Asked { features: &example.features, language: Some(gist.language), ticket: Some(ticket.id) };
    // Of a ticket that is too old to be shown the features are gone: what its intent would be is known only where one is labelled.
    let is_whole = !example.features.sparse.is_empty();
    if !is_whole && example.labels.intent.is_none() && reads_guesses(knowledge) {
        return true;
    }
    let votes = if is_whole || example.labels.intent.is_some() { knowledge.ground.likely_intents(asked) } else { Vec::new() };
    let (intent, _) = decide(knowledge, &votes, false);
    let urgency = if is_whole {
        Felt::of(knowledge, asked, &gist, detected(ticket, &gist).as_ref()).urgency.name
    } else {
        mood::read(gist.body.as_str(), Some(gist.language)).urgency
    };
    let text = ticket.text();
    let entities = entity::find(&text, &knowledge.patterns, Some(ticket.created_at));
    let facts = Facts {
        intent: intent.as_ref(),
        language: Some(gist.language),
        tier: writer.tier,
        channel: ticket.channel,
        text: &text,
        entities: &entities,
        urgency: Some(urgency),
    };
    rule(&knowledge.playbook.routing, facts).group.is_some()
}
