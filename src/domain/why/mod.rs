//! The account of a triage: what happened and what did not, step by step, as values that each door says in its reader's language.
//!
//! `restate.rs` beside this file puts what was said since in their place. `english.rs` says them for the API; the console has a text for each (`web/words/account.rs`).

mod english;
mod restate;
#[cfg(test)]
pub(crate) mod sample;

use serde::{Deserialize, Serialize};

use crate::domain::reason::Reason;
use crate::domain::triage::Evidence;
use crate::domain::vocabulary::{
    DuplicateBy, GroupName, IntentName, Language, Priority, Probability, RuleCondition, Sentiment, Urgency, WhyTopic,
};

/// The account of one ticket's triage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Its steps, in the order in which they were taken.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it is about.
    pub topic: WhyTopic,
    /// What it came to.
    pub fact: Fact,
    /// The words that weighed most, the weightiest first.
    pub terms: Vec<Term>,
    /// The labelled tickets and the playbook's examples that are most like it.
    pub evidence: Vec<Evidence>,
}

/// A word with what it added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The word, in lower case.
    pub text: String,
    /// What it added to the score beyond the average class; below 0 it spoke against it. `None` for a word of a fixed list.
    pub weight: Option<f32>,
}

impl Term {
    /// Whether it spoke against what it stands beside.
    #[must_use]
    pub fn is_against(&self) -> bool {
        self.weight.is_some_and(|weight| weight < 0.0)
    }
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// So much was read.
    Read {
        /// Words.
        words: u32,
        /// Sentences.
        sentences: u32,
    },
    /// Nothing can be read.
    ReadNothing,
    /// So many words of quoted mails, signatures and greetings were left out.
    LeftOut {
        /// How many.
        words: u32,
    },
    /// Only the beginning was read.
    CutShort,
    /// The system that sent it said the language.
    LanguageSaid {
        /// Which.
        language: Language,
    },
    /// Its words are of this language.
    LanguageFound {
        /// Which.
        language: Language,
    },
    /// Its words do not tell the language.
    LanguageAssumed {
        /// What it is taken for.
        language: Language,
    },
    /// An intent is likely enough.
    IntentHeld {
        /// Which.
        intent: IntentName,
        /// How likely.
        probability: Probability,
        /// How likely it must be.
        least: Probability,
    },
    /// The first intent is not likely enough.
    IntentUnlikely {
        /// Which.
        intent: IntentName,
        /// How likely.
        probability: Probability,
        /// How likely it must be.
        least: Probability,
    },
    /// The first intent has no probability yet.
    IntentNear {
        /// Which.
        intent: IntentName,
    },
    /// It has this intent beside the one that holds.
    IntentBeside {
        /// Which.
        intent: IntentName,
        /// How likely.
        probability: Probability,
    },
    /// Another intent was considered.
    IntentAlso {
        /// Which.
        intent: IntentName,
        /// How likely.
        probability: Option<Probability>,
    },
    /// That it is none of the desk's matters was considered.
    OutOfScope {
        /// How likely.
        probability: Option<Probability>,
    },
    /// No intent was chosen.
    NoIntent {
        /// Why.
        reason: Reason,
    },
    /// Somebody of the desk said what it is about.
    IntentSaid {
        /// Who.
        name: String,
    },
    /// A rule holds.
    RuleHeld {
        /// Which.
        rule: String,
    },
    /// A rule holds but for one condition.
    RuleNearly {
        /// Which.
        rule: String,
        /// The condition.
        condition: RuleCondition,
        /// What it asks for.
        wanted: Vec<String>,
    },
    /// No rule holds.
    NoRule,
    /// A rule says where it belongs.
    RouteRuled {
        /// Where.
        group: GroupName,
        /// Which rule.
        rule: String,
    },
    /// Where it belongs was learned.
    RouteLearned {
        /// Where.
        group: GroupName,
        /// How likely.
        probability: Probability,
        /// How likely it must be.
        least: Probability,
    },
    /// The first group is not likely enough.
    RouteUnlikely {
        /// Which.
        group: GroupName,
        /// How likely; `None` while that is not known.
        probability: Option<Probability>,
        /// How likely it must be.
        least: Probability,
    },
    /// Somebody of the desk said where it belongs.
    RouteSaid {
        /// Where.
        group: GroupName,
        /// Who.
        name: String,
    },
    /// Nothing says where it belongs.
    NoRoute,
    /// A rule says how soon it should be worked on.
    PriorityRuled {
        /// How soon.
        priority: Priority,
        /// Which rule.
        rule: String,
    },
    /// How soon was learned.
    PriorityLearned {
        /// How soon.
        priority: Priority,
        /// How likely.
        probability: Option<Probability>,
    },
    /// Nothing says how soon: it is as usual.
    PriorityUsual,
    /// How the customer feels was learned.
    SentimentLearned {
        /// How.
        sentiment: Sentiment,
        /// How likely.
        probability: Option<Probability>,
    },
    /// How the customer feels by the words that they use.
    SentimentRead {
        /// How.
        sentiment: Sentiment,
    },
    /// How pressing it is was learned.
    UrgencyLearned {
        /// How.
        urgency: Urgency,
        /// How likely.
        probability: Option<Probability>,
    },
    /// How pressing it is by the words that they use.
    UrgencyRead {
        /// How.
        urgency: Urgency,
    },
    /// It speaks of a danger.
    Danger,
    /// A rule calls it urgent.
    UrgencyRuled {
        /// Which.
        rule: String,
    },
    /// Another ticket is the same.
    Duplicate {
        /// Which.
        reference: String,
        /// Why.
        by: DuplicateBy,
    },
    /// Another ticket would be the same, had it not been solved long before.
    SolvedBefore {
        /// Which.
        reference: String,
    },
    /// Another ticket would be the same, were it not so long ago.
    FarApart {
        /// Which.
        reference: String,
    },
    /// Somebody of the desk said that another ticket is not the same.
    DuplicateDenied {
        /// Which.
        reference: String,
        /// Who.
        name: String,
    },
    /// No other ticket is the same.
    NoDuplicate {
        /// How many were compared.
        compared: u32,
    },
    /// It is part of an incident.
    IncidentPart {
        /// Of how many tickets.
        tickets: u32,
    },
    /// Too few customers wrote the like.
    IncidentFew {
        /// How many.
        customers: u32,
        /// How many there must be.
        least: u32,
        /// Within how many hours.
        hours: u32,
    },
    /// Many customers wrote the like, and no more than usual.
    IncidentUsual {
        /// How many.
        customers: u32,
        /// How many are usual, in tenths.
        usual_tenths: u32,
        /// Within how many hours.
        hours: u32,
    },
    /// More customers wrote the like than usual: an incident was found.
    IncidentFound {
        /// How many.
        customers: u32,
        /// How many are usual, in tenths.
        usual_tenths: u32,
        /// Within how many hours.
        hours: u32,
    },
}

impl Fact {
    /// Whether it is something that happened; else it is what did not, and why.
    #[must_use]
    pub const fn happened(&self) -> bool {
        !matches!(
            self,
            Self::ReadNothing
                | Self::IntentUnlikely { .. }
                | Self::IntentNear { .. }
                | Self::IntentAlso { .. }
                | Self::OutOfScope { .. }
                | Self::NoIntent { .. }
                | Self::RuleNearly { .. }
                | Self::NoRule
                | Self::RouteUnlikely { .. }
                | Self::NoRoute
                | Self::PriorityUsual
                | Self::SolvedBefore { .. }
                | Self::FarApart { .. }
                | Self::DuplicateDenied { .. }
                | Self::NoDuplicate { .. }
                | Self::IncidentFew { .. }
                | Self::IncidentUsual { .. }
        )
    }

    /// The word for it in the API; never changes its meaning.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::ReadNothing => "read_nothing",
            Self::LeftOut { .. } => "left_out",
            Self::CutShort => "cut_short",
            Self::LanguageSaid { .. } => "language_said",
            Self::LanguageFound { .. } => "language_found",
            Self::LanguageAssumed { .. } => "language_assumed",
            Self::IntentHeld { .. } => "intent_held",
            Self::IntentUnlikely { .. } => "intent_unlikely",
            Self::IntentNear { .. } => "intent_near",
            Self::IntentBeside { .. } => "intent_beside",
            Self::IntentAlso { .. } => "intent_also",
            Self::OutOfScope { .. } => "out_of_scope",
            Self::NoIntent { .. } => "no_intent",
            Self::IntentSaid { .. } => "intent_said",
            Self::RuleHeld { .. } => "rule_held",
            Self::RuleNearly { .. } => "rule_nearly",
            Self::NoRule => "no_rule",
            Self::RouteRuled { .. } => "route_ruled",
            Self::RouteLearned { .. } => "route_learned",
            Self::RouteUnlikely { .. } => "route_unlikely",
            Self::RouteSaid { .. } => "route_said",
            Self::NoRoute => "no_route",
            Self::PriorityRuled { .. } => "priority_ruled",
            Self::PriorityLearned { .. } => "priority_learned",
            Self::PriorityUsual => "priority_usual",
            Self::SentimentLearned { .. } => "sentiment_learned",
            Self::SentimentRead { .. } => "sentiment_read",
            Self::UrgencyLearned { .. } => "urgency_learned",
            Self::UrgencyRead { .. } => "urgency_read",
            Self::Danger => "danger",
            Self::UrgencyRuled { .. } => "urgency_ruled",
            Self::Duplicate { .. } => "duplicate",
            Self::SolvedBefore { .. } => "solved_before",
            Self::FarApart { .. } => "far_apart",
            Self::DuplicateDenied { .. } => "duplicate_denied",
            Self::NoDuplicate { .. } => "no_duplicate",
            Self::IncidentPart { .. } => "incident_part",
            Self::IncidentFew { .. } => "incident_few",
            Self::IncidentUsual { .. } => "incident_usual",
            Self::IncidentFound { .. } => "incident_found",
        }
    }
}
