//! Every fact once or more, for tests of what says them.

use crate::domain::reason::Reason;
use crate::domain::vocabulary::{DuplicateBy, Priority, Probability, RuleCondition, Sentiment, Urgency};
use crate::domain::why::Fact;

/// Every fact, in each of its forms.
pub(crate) fn every_fact() -> Vec<Fact> {
    let likely = |value| Probability::new(value).unwrap();
    let (probability, least) = (likely(0.42), likely(0.5));
    let intent = || "refund_request".parse().unwrap();
    let group = || "orders".parse().unwrap();
    let language = "eo".parse().unwrap();
    let rule = || "swollen battery".to_owned();
    let reference = || "T-7".to_owned();
    let name = || "Una Marlow".to_owned();
    let mut all = vec![
        Fact::Read { words: 124, sentences: 1 },
        Fact::ReadNothing,
        Fact::LeftOut { words: 31 },
        Fact::CutShort,
        Fact::LanguageSaid { language },
        Fact::LanguageFound { language },
        Fact::LanguageAssumed { language },
        Fact::IntentHeld { intent: intent(), probability: likely(0.998), least },
        Fact::IntentUnlikely { intent: intent(), probability, least },
        Fact::IntentNear { intent: intent() },
        Fact::IntentBeside { intent: intent(), probability },
        Fact::IntentAlso { intent: intent(), probability: Some(likely(0.001)) },
        Fact::IntentAlso { intent: intent(), probability: None },
        Fact::OutOfScope { probability: Some(probability) },
        Fact::OutOfScope { probability: None },
        Fact::NoIntent { reason: Reason::NoLikelyIntent },
        Fact::IntentSaid { name: name() },
        Fact::RuleHeld { rule: rule() },
        Fact::NoRule,
        Fact::RouteRuled { group: group(), rule: rule() },
        Fact::RouteLearned { group: group(), probability, least },
        Fact::RouteUnlikely { group: group(), probability: Some(probability), least },
        Fact::RouteUnlikely { group: group(), probability: None, least },
        Fact::RouteSaid { group: group(), name: name() },
        Fact::NoRoute,
        Fact::PriorityRuled { priority: Priority::Urgent, rule: rule() },
        Fact::PriorityLearned { priority: Priority::High, probability: Some(probability) },
        Fact::PriorityLearned { priority: Priority::Low, probability: None },
        Fact::PriorityUsual,
        Fact::SentimentLearned { sentiment: Sentiment::Positive, probability: None },
        Fact::UrgencyLearned { urgency: Urgency::Low, probability: None },
        Fact::Danger,
        Fact::UrgencyRuled { rule: rule() },
        Fact::SolvedBefore { reference: reference() },
        Fact::FarApart { reference: reference() },
        Fact::DuplicateDenied { reference: reference(), name: name() },
        Fact::NoDuplicate { compared: 12 },
        Fact::IncidentPart { tickets: 7 },
        Fact::IncidentFew { customers: 1, least: 4, hours: 6 },
        Fact::IncidentUsual { customers: 5, usual_tenths: 31, hours: 6 },
        Fact::IncidentFound { customers: 7, usual_tenths: 2, hours: 1 },
    ];
    let wanted = || vec!["lawyer".to_owned(), "court".to_owned()];
    all.extend(RuleCondition::ALL.iter().map(|condition| Fact::RuleNearly { rule: rule(), condition: *condition, wanted: wanted() }));
    all.extend(DuplicateBy::ALL.iter().map(|by| Fact::Duplicate { reference: reference(), by: *by }));
    for sentiment in Sentiment::ALL {
        all.push(Fact::SentimentLearned { sentiment: *sentiment, probability: Some(probability) });
        all.push(Fact::SentimentRead { sentiment: *sentiment });
    }
    for urgency in Urgency::ALL {
        all.push(Fact::UrgencyLearned { urgency: *urgency, probability: Some(probability) });
        all.push(Fact::UrgencyRead { urgency: *urgency });
    }
    all
}
