//! The steps of an account in English, for the API. The console's English file says the same: a test there compares them.

use std::fmt;

use crate::domain::vocabulary::{DuplicateBy, Priority, Probability, RuleCondition, Sentiment, Urgency};
use crate::domain::why::Fact;

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { words, sentences } => write!(f, "read {} in {}", counted(*words, "word"), counted(*sentences, "sentence")),
            Self::ReadNothing => f.write_str("there is nothing that can be read"),
            Self::LeftOut { words } => write!(f, "left out {} of quoted mails, signatures and greetings", counted(*words, "word")),
            Self::CutShort => f.write_str("read the beginning only: the text is very long"),
            Self::LanguageSaid { language } => write!(f, "the language was sent with it: {language}"),
            Self::LanguageFound { language } => write!(f, "its words say the language: {language}"),
            Self::LanguageAssumed { language } => write!(f, "its words do not say the language; taken for {language}"),
            Self::IntentHeld { intent, probability, least } => {
                write!(f, "{} is likely enough: {}, where {} is asked for", called(intent), percent(*probability), percent(*least))
            }
            Self::IntentUnlikely { intent, probability, least } => {
                write!(
                    f,
                    "{} came first and is not likely enough: {}, where {} is asked for",
                    called(intent),
                    percent(*probability),
                    percent(*least)
                )
            }
            Self::IntentNear { intent } => write!(f, "{} came first; too few labels for a probability", called(intent)),
            Self::IntentBeside { intent, probability } => write!(f, "it is about {} too: {}", called(intent), percent(*probability)),
            Self::IntentAlso { intent, probability: Some(probability) } => {
                write!(f, "considered {}: {}", called(intent), percent(*probability))
            }
            Self::IntentAlso { intent, probability: None } => write!(f, "considered {}", called(intent)),
            Self::OutOfScope { probability: Some(probability) } => {
                write!(f, "considered that it is none of the desk’s matters: {}", percent(*probability))
            }
            Self::OutOfScope { probability: None } => f.write_str("considered that it is none of the desk’s matters"),
            Self::NoIntent { reason } => write!(f, "no intent: {reason}"),
            Self::IntentSaid { name } => write!(f, "{name} said what it is about"),
            Self::RuleHeld { rule } => write!(f, "the rule “{rule}” holds"),
            Self::RuleNearly { rule, condition, wanted } => {
                write!(f, "the rule “{rule}” nearly held: it asks for {}: {}", condition_in_words(*condition), wanted.join(", "))
            }
            Self::NoRule => f.write_str("no rule holds"),
            Self::RouteRuled { group, rule } => write!(f, "{}, by the rule “{rule}”", called(group)),
            Self::RouteLearned { group, probability, least } => {
                write!(f, "{}, as learned: {}, where {} is asked for", called(group), percent(*probability), percent(*least))
            }
            Self::RouteUnlikely { group, probability: Some(probability), least } => {
                write!(
                    f,
                    "{} came first and is not likely enough: {}, where {} is asked for",
                    called(group),
                    percent(*probability),
                    percent(*least)
                )
            }
            Self::RouteUnlikely { group, probability: None, least: _ } => {
                write!(f, "{} came first; too few labels for a probability", called(group))
            }
            Self::RouteSaid { group, name } => write!(f, "{}, as {name} said", called(group)),
            Self::NoRoute => f.write_str("nothing says where it belongs"),
            Self::PriorityRuled { priority, rule } => write!(f, "{}, by the rule “{rule}”", priority_in_words(*priority)),
            Self::PriorityLearned { priority, probability: Some(probability) } => {
                write!(f, "{}, as learned: {}", priority_in_words(*priority), percent(*probability))
            }
            Self::PriorityLearned { priority, probability: None } => write!(f, "{}, as learned", priority_in_words(*priority)),
            Self::PriorityUsual => f.write_str("as usual: nothing says how soon it should be worked on"),
            Self::SentimentLearned { sentiment, probability: Some(probability) } => {
                write!(f, "sentiment: {}, as learned: {}", feeling(*sentiment), percent(*probability))
            }
            Self::SentimentLearned { sentiment, probability: None } => write!(f, "sentiment: {}, as learned", feeling(*sentiment)),
            Self::SentimentRead { sentiment } => write!(f, "sentiment: {}, by the words used", feeling(*sentiment)),
            Self::UrgencyLearned { urgency, probability: Some(probability) } => {
                write!(f, "urgency: {}, as learned: {}", urgency_in_words(*urgency), percent(*probability))
            }
            Self::UrgencyLearned { urgency, probability: None } => write!(f, "urgency: {}, as learned", urgency_in_words(*urgency)),
            Self::UrgencyRead { urgency } => write!(f, "urgency: {}, by the words used", urgency_in_words(*urgency)),
            Self::Danger => f.write_str("it speaks of a danger, so it is critical"),
            Self::UrgencyRuled { rule } => write!(f, "the rule “{rule}” calls it urgent, so it is critical"),
            Self::Duplicate { reference, by: DuplicateBy::Order } => write!(f, "{reference} is on the same order and alike"),
            Self::Duplicate { reference, by: DuplicateBy::Customer } => write!(f, "{reference} is by the same customer and alike"),
            Self::Duplicate { reference, by: DuplicateBy::Text } => write!(f, "{reference} has nearly the same text"),
            Self::Duplicate { reference, by: DuplicateBy::Person } => write!(f, "{reference} was said to be the same"),
            Self::SolvedBefore { reference } => write!(f, "{reference} is by the same customer and alike, but was solved long before"),
            Self::FarApart { reference } => write!(f, "{reference} is alike, but was written long before or after"),
            Self::DuplicateDenied { reference, name } => write!(f, "{name} said that {reference} is not the same"),
            Self::NoDuplicate { compared } => write!(f, "none among {}", counted(*compared, "like ticket")),
            Self::IncidentPart { tickets } => write!(f, "part of an incident of {}", counted(*tickets, "ticket")),
            Self::IncidentFew { customers, least, hours } => {
                write!(f, "{} wrote the like within {}; {least} make an incident", counted(*customers, "customer"), counted(*hours, "hour"))
            }
            Self::IncidentUsual { customers, usual_tenths, hours } => write!(
                f,
                "{} wrote the like within {}, where {} are usual: no incident",
                counted(*customers, "customer"),
                counted(*hours, "hour"),
                tenths(*usual_tenths)
            ),
            Self::IncidentFound { customers, usual_tenths, hours } => write!(
                f,
                "{} wrote the like within {}, where {} are usual: an incident",
                counted(*customers, "customer"),
                counted(*hours, "hour"),
                tenths(*usual_tenths)
            ),
        }
    }
}

fn counted(count: u32, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn tenths(tenths: u32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A name of the playbook as people read it.
fn called(name: &impl fmt::Display) -> String {
    let spaced = name.to_string().replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Never 0 or 100 for what is a guess.
fn percent(probability: Probability) -> String {
    let share = probability.get();
    if (0.995..1.0).contains(&share) {
        ">99%".to_owned()
    } else if share > 0.0 && share < 0.005 {
        "<1%".to_owned()
    } else {
        format!("{:.0}%", share * 100.0)
    }
}

const fn condition_in_words(condition: RuleCondition) -> &'static str {
    match condition {
        RuleCondition::Intent => "the intent",
        RuleCondition::Language => "the language",
        RuleCondition::Tier => "the customer’s plan",
        RuleCondition::Channel => "the channel",
        RuleCondition::Words => "one of the words",
        RuleCondition::Entity => "a number or name of the kind",
        RuleCondition::Urgency => "the urgency",
    }
}

const fn priority_in_words(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "Low",
        Priority::Normal => "Normal",
        Priority::High => "High",
        Priority::Urgent => "Urgent",
    }
}

const fn urgency_in_words(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low => "Low",
        Urgency::Normal => "Normal",
        Urgency::High => "High",
        Urgency::Critical => "Critical",
    }
}

const fn feeling(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::VeryNegative => "Very negative",
        Sentiment::Negative => "Negative",
        Sentiment::Neutral => "Neutral",
        Sentiment::Positive => "Positive",
        Sentiment::VeryPositive => "Very positive",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::why::sample;

    #[test]
    fn a_fact_is_kept_as_it_was_and_has_a_code_of_its_own() {
        let all = sample::every_fact();
        for fact in &all {
            let kept = serde_json::to_string(fact).unwrap();
            assert_eq!(serde_json::from_str::<Fact>(&kept).unwrap(), *fact);
            assert!(!fact.to_string().contains(['`', '_', '{']), "{fact}");
        }
        let name = |fact: &Fact| format!("{fact:?}").split([' ', '{']).next().unwrap_or_default().to_owned();
        let variants: BTreeSet<String> = all.iter().map(name).collect();
        let codes: BTreeSet<&str> = all.iter().map(Fact::code).collect();
        assert_eq!(codes.len(), variants.len());
    }
}
