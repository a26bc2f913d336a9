//! What webhooks are told: messages are kept in the transaction of what they tell, so that one is sent for everything that happened
//! and for nothing that did not.

use serde::Serialize;

use crate::app::App;
use crate::app::clock::random;
use crate::app::error::Error;
use crate::domain::id::{DeliveryId, TicketId, WebhookId, WorkspaceId};
use crate::domain::panel::Panel;
use crate::domain::time::Timestamp;
use crate::domain::triage::{Origins, Triage};
use crate::domain::vocabulary::{RouteBy, WebhookEvent};
use crate::domain::webhook::{MessageKind, NewDelivery};
use crate::store::{self, Tx};
use crate::wire::webhook::{MessageOut, SuggestionReadyOut, TicketTriagedOut, ToldTicketOut};

/// Something that happened to a ticket.
struct Happened {
    workspace: WorkspaceId,
    ticket: TicketId,
    event: WebhookEvent,
    at: Timestamp,
}

impl App {
    /// Tells webhooks of a panel before it is kept in place of the one before it: that it is ready, and what the ticket is where that was
    /// not said before. A panel is made anew whenever the knowledge changed, which moves no decision most of the time.
    pub(in crate::app) async fn tell_of_panel(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        panel: &Panel,
        external_id: Option<&str>,
    ) -> Result<(), Error> {
        let subscribers = store::webhook::subscribers(&mut *tx, workspace).await?;
        let of = |event| subscribers.iter().filter(move |(_, events)| events.contains(&event)).map(|(id, _)| *id).collect::<Vec<_>>();
        let happened = |event| Happened { workspace, ticket: panel.ticket, event, at: panel.made_at };
        let ticket = || ToldTicketOut::new(panel.ticket, external_id.map(str::to_owned));
        let (triaged, ready) = (WebhookEvent::TicketTriaged, WebhookEvent::SuggestionReady);
        let of_triage = of(triaged);
        if !of_triage.is_empty() && is_news(tx, workspace, panel).await? {
            let told = TicketTriagedOut { ticket: ticket(), triage: panel.triage.clone().into() };
            tell(tx, &of_triage, happened(triaged), told).await?;
        }
        tell(tx, &of(ready), happened(ready), SuggestionReadyOut { ticket: ticket() }).await
    }
}

/// Keeps a message for each of these webhooks.
async fn tell(tx: &mut Tx, webhooks: &[WebhookId], happened: Happened, told: impl Serialize) -> Result<(), Error> {
    let Happened { workspace, ticket, event, at } = happened;
    let kind = MessageKind::Event(event);
    let body = serde_json::to_string(&MessageOut::new(kind, at, told)).map_err(Error::internal)?;
    for webhook in webhooks {
        let (id, webhook) = (DeliveryId::at(at, random()), *webhook);
        let new = NewDelivery { id, workspace, webhook, kind, ticket: Some(ticket), body: body.clone(), created_at: at };
        store::delivery::insert(tx, &new).await?;
    }
    Ok(())
}

/// Whether the triage of a panel decides something that the panel kept before it did not; one that read earlier than that is dropped.
async fn is_news(tx: &mut Tx, workspace: WorkspaceId, panel: &Panel) -> Result<bool, Error> {
    let before = store::panel::get(tx, workspace, panel.ticket).await?;
    // One of an older version of the product does not parse: what it said is told anew.
    let before: Option<Panel> = before.and_then(|before| serde_json::from_str(&before.json).ok());
    let says_more = |before: Panel| before.made_at <= panel.made_at && decisions(&before.triage) != decisions(&panel.triage);
    Ok(before.is_none_or(says_more))
}

/// What a triage decides, without what that rests on and how sure it is.
fn decisions(triage: &Triage) -> Triage {
    let mut decided = triage.clone();
    decided.intents.clear();
    decided.evidence.clear();
    decided.said_duplicates.clear();
    decided.incident = None;
    decided.origins = Origins::default();
    if let Some(guess) = &mut decided.sentiment {
        guess.probability = None;
    }
    if let Some(guess) = &mut decided.urgency {
        guess.probability = None;
    }
    if let Some(guess) = &mut decided.language {
        guess.probability = None;
    }
    if let Some(abstained) = &mut decided.abstained {
        abstained.candidates.clear();
    }
    if let Some(route) = &mut decided.route {
        route.probability = None;
        if route.by == RouteBy::Head {
            route.because.clear();
        }
    }
    decided
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::triage::{Evidence, Guess, Route, Source};
    use crate::domain::vocabulary::{Priority, Probability, Sentiment};

    fn triage() -> Triage {
        Triage {
            intents: vec![Guess { name: "refund_request".parse().unwrap(), probability: Probability::new(0.9) }],
            intent: Some("refund_request".parse().unwrap()),
            also: Vec::new(),
            sentiment: Some(Guess { name: Sentiment::Neutral, probability: Probability::new(0.6) }),
            urgency: None,
            language: None,
            entities: Vec::new(),
            priority: Priority::Normal,
            route: Some(Route {
                group: "billing".parse().unwrap(),
                assignee: None,
                by: RouteBy::Head,
                because: "T-1".to_owned(),
                probability: Probability::new(0.7),
            }),
            tags: Vec::new(),
            duplicates: Vec::new(),
            evidence: Vec::new(),
            abstained: None,
            corrected: None,
            said_duplicates: Vec::new(),
            incident: None,
            origins: Origins::default(),
        }
    }

    #[test]
    fn a_decision_is_news_and_what_it_rests_on_is_not() {
        let before = triage();
        let mut surer = triage();
        surer.intents[0].probability = Probability::new(0.95);
        surer.sentiment = Some(Guess { name: Sentiment::Neutral, probability: None });
        surer.evidence = vec![Evidence { source: Source::Playbook, title: String::new(), quote: String::new(), span: None, at: None }];
        let route = surer.route.as_mut().unwrap();
        (route.because, route.probability) = ("T-2, T-3".to_owned(), None);
        assert_eq!(decisions(&before), decisions(&surer));
        for change in [
            (|triage| triage.intent = None) as fn(&mut Triage),
            |triage| triage.priority = Priority::High,
            |triage| triage.tags.push("vip".to_owned()),
            |triage| triage.route = None,
            |triage| triage.route.as_mut().unwrap().by = RouteBy::Person,
            |triage| triage.sentiment = Some(Guess { name: Sentiment::Negative, probability: None }),
        ] {
            let mut other = triage();
            change(&mut other);
            assert_ne!(decisions(&before), decisions(&other), "{other:?}");
        }
    }
}
