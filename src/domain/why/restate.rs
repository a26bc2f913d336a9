//! What was said or happened since an account was made, in place of what it told, until it is made again.

use crate::domain::incident::Standing;
use crate::domain::reason::Reason;
use crate::domain::triage::{Correction, SaidDuplicate};
use crate::domain::vocabulary::{DuplicateBy, WhyTopic};
use crate::domain::why::{Fact, Step, Why};

impl Why {
    /// Tells what somebody said of the ticket since, or that they took it back.
    pub fn restate(&mut self, before: Option<&Correction>, said: Option<&Correction>) {
        let matter = |said: Option<&Correction>| said.filter(|said| said.matter.is_some()).map(|said| said.by.clone());
        match (matter(before), matter(said)) {
            (_, Some(name)) => self.put(WhyTopic::Intent, Fact::IntentSaid { name }),
            (Some(_), None) => self.put(WhyTopic::Intent, Fact::NoIntent { reason: Reason::ReadAgain }),
            (None, None) => {}
        }
        let group = |said: Option<&Correction>| said.and_then(|said| Some((said.group.clone()?, said.by.clone())));
        match (group(before), group(said)) {
            (_, Some((group, name))) => self.put(WhyTopic::Route, Fact::RouteSaid { group, name }),
            (Some(_), None) => self.put(WhyTopic::Route, Fact::NoRoute),
            (None, None) => {}
        }
    }

    /// Tells what somebody said since of the ticket and others, named as people call them; nothing for what they took back.
    pub fn restate_duplicates(&mut self, said: Vec<(String, Option<&SaidDuplicate>)>) {
        for (reference, said) in said {
            self.steps.retain(|step| other(&step.fact) != Some(&reference));
            let fact = match said {
                Some(said) if said.is_same => Fact::Duplicate { reference, by: DuplicateBy::Person },
                Some(said) => Fact::DuplicateDenied { reference, name: said.by.clone() },
                None => continue,
            };
            self.insert(WhyTopic::Duplicates, fact);
        }
        if self.steps.iter().any(|step| matches!(step.fact, Fact::Duplicate { .. })) {
            self.steps.retain(|step| !matches!(step.fact, Fact::NoDuplicate { .. }));
        }
    }

    /// Tells of the incident that the ticket is part of now, though it was not when the account was made.
    pub fn restate_incident(&mut self, incident: Option<&Standing>) {
        let Some(Standing { tickets, .. }) = incident else {
            self.steps.retain(|step| !matches!(step.fact, Fact::IncidentPart { .. }));
            return;
        };
        // How it was found stays worth knowing.
        if !self.steps.iter().any(|step| matches!(step.fact, Fact::IncidentFound { .. })) {
            self.put(WhyTopic::Incident, Fact::IncidentPart { tickets: *tickets });
        }
    }

    /// Puts one step in place of all on a topic.
    fn put(&mut self, topic: WhyTopic, fact: Fact) {
        self.steps.retain(|step| step.topic != topic);
        self.insert(topic, fact);
    }

    /// Adds a step after the others on its topic.
    fn insert(&mut self, topic: WhyTopic, fact: Fact) {
        let order = |topic: WhyTopic| WhyTopic::ALL.iter().position(|one| *one == topic);
        let place = self.steps.iter().position(|step| order(step.topic) > order(topic)).unwrap_or(self.steps.len());
        self.steps.insert(place, Step { topic, fact, terms: Vec::new(), evidence: Vec::new() });
    }
}

/// The ticket that a step on duplicates is about.
fn other(fact: &Fact) -> Option<&String> {
    if let Fact::Duplicate { reference, .. }
    | Fact::SolvedBefore { reference }
    | Fact::FarApart { reference }
    | Fact::DuplicateDenied { reference, .. } = fact
    {
        Some(reference)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::TicketId;
    use crate::domain::time::Timestamp;
    use crate::domain::triage::Matter;

    fn account() -> Why {
        let mut why = Why::default();
        let intent = || "refund_request".parse().unwrap();
        for (topic, fact) in [
            (WhyTopic::Incident, Fact::IncidentFew { customers: 2, least: 4, hours: 6 }),
            (WhyTopic::Text, Fact::Read { words: 7, sentences: 1 }),
            (WhyTopic::Duplicates, Fact::NoDuplicate { compared: 3 }),
            (WhyTopic::Intent, Fact::IntentNear { intent: intent() }),
            (WhyTopic::Intent, Fact::IntentAlso { intent: intent(), probability: None }),
            (WhyTopic::Rules, Fact::NoRule),
            (WhyTopic::Route, Fact::NoRoute),
        ] {
            why.insert(topic, fact);
        }
        why
    }

    fn codes(why: &Why) -> Vec<&'static str> {
        why.steps.iter().map(|step| step.fact.code()).collect()
    }

    #[test]
    fn what_somebody_said_stands_in_the_place_of_the_guess_until_it_is_taken_back() {
        let mut why = account();
        let said = Correction {
            matter: Some(Matter::OutOfScope),
            group: "orders".parse().ok(),
            by: "Una".to_owned(),
            at: Timestamp::from_micros(1),
        };
        why.restate(None, Some(&said));
        let expected = ["read", "intent_said", "no_rule", "route_said", "no_duplicate", "incident_few"];
        assert_eq!(codes(&why), expected);
        why.restate(Some(&said), None);
        assert_eq!(codes(&why), ["read", "no_intent", "no_rule", "no_route", "no_duplicate", "incident_few"]);
        assert_eq!(why.steps[1].fact, Fact::NoIntent { reason: Reason::ReadAgain });
        let mut untouched = account();
        untouched.restate(None, None);
        assert_eq!(untouched, account());
    }

    #[test]
    fn what_was_said_of_duplicates_is_told_and_forgotten() {
        let mut why = account();
        let said = |is_same| SaidDuplicate {
            other: TicketId::at(Timestamp::from_micros(0), [1; 10]),
            is_same,
            by: "Una".to_owned(),
            at: Timestamp::from_micros(1),
        };
        let of = |why: &Why| -> Vec<&'static str> { codes(why).into_iter().filter(|code| code.contains("dupl")).collect() };
        why.restate_duplicates(vec![("T-1".to_owned(), Some(&said(true))), ("T-2".to_owned(), Some(&said(false)))]);
        assert_eq!(of(&why), ["duplicate", "duplicate_denied"]);
        why.restate_duplicates(vec![("T-1".to_owned(), None)]);
        assert_eq!(of(&why), ["duplicate_denied"]);
    }

    #[test]
    fn a_ticket_that_became_part_of_an_incident_is_told_so() {
        let mut why = account();
        why.restate_incident(None);
        assert_eq!(why, account());
        let standing = Standing {
            id: crate::domain::id::IncidentId::at(Timestamp::from_micros(0), [1; 10]),
            about: Vec::new(),
            tickets: 5,
            first_seen: Timestamp::from_micros(0),
            last_seen: Timestamp::from_micros(0),
            last_hour: 0,
            state: crate::domain::vocabulary::IncidentState::Over,
        };
        why.restate_incident(Some(&standing));
        assert_eq!(why.steps.last().unwrap().fact, Fact::IncidentPart { tickets: 5 });
        assert_eq!(why.steps.len(), account().steps.len());
        why.restate_incident(None);
        assert!(!codes(&why).contains(&"incident_part"), "it is part of none any more");
    }
}
