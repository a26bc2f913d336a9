//! The account of a triage in the reader's language.

use crate::app::Called;
use crate::domain::vocabulary::Probability;
use crate::domain::why::Fact;
use crate::web::format;
use crate::web::words::{Said, Words};

impl Words {
    /// What a step came to.
    pub(in crate::web) fn fact(&'static self, called: &Called, fact: &Fact) -> Said {
        match fact {
            Fact::Read { words, sentences } => self
                .say("why-read")
                .with("words", self.say("why-words").with("count", words))
                .with("sentences", self.say("why-sentences").with("count", sentences)),
            Fact::ReadNothing => self.say("why-read-nothing"),
            Fact::LeftOut { words } => self.say("why-left-out").with("words", self.say("why-words").with("count", words)),
            Fact::CutShort => self.say("why-cut-short"),
            Fact::LanguageSaid { language } => self.say("why-language-said").with("language", self.language(language)),
            Fact::LanguageFound { language } => self.say("why-language-found").with("language", self.language(language)),
            Fact::LanguageAssumed { language } => self.say("why-language-assumed").with("language", self.language(language)),
            Fact::IntentHeld { intent, probability, least } => self.likely("why-held", self.intent(called, intent), probability, least),
            Fact::IntentUnlikely { intent, probability, least } => {
                self.likely("why-unlikely", self.intent(called, intent), probability, least)
            }
            Fact::IntentNear { intent } => self.say("why-near").with("name", self.intent(called, intent)),
            Fact::IntentBeside { intent, probability } => {
                self.say("why-beside").with("name", self.intent(called, intent)).with("probability", self.percent(probability))
            }
            Fact::IntentAlso { intent, probability: Some(probability) } => {
                self.say("why-also").with("name", self.intent(called, intent)).with("probability", self.percent(probability))
            }
            Fact::IntentAlso { intent, probability: None } => self.say("why-also-unknown").with("name", self.intent(called, intent)),
            Fact::OutOfScope { probability: Some(probability) } => {
                self.say("why-out-of-scope").with("probability", self.percent(probability))
            }
            Fact::OutOfScope { probability: None } => self.say("why-out-of-scope-unknown"),
            Fact::NoIntent { reason } => self.say("why-no-intent").with("reason", self.reason(reason)),
            Fact::IntentSaid { name } => self.say("why-intent-said").with("name", name),
            Fact::RuleHeld { rule } => self.say("why-rule-held").with("rule", rule),
            Fact::RuleNearly { rule, condition, wanted } => {
                let wanted = format::list(wanted);
                self.say("why-rule-nearly").with("rule", rule).with("condition", condition.as_str()).with("wanted", wanted)
            }
            Fact::NoRule => self.say("why-no-rule"),
            Fact::RouteRuled { group, rule } => self.say("why-ruled").with("name", self.group(called, group)).with("rule", rule),
            Fact::RouteLearned { group, probability, least } => {
                self.likely("why-learned-least", self.group(called, group), probability, least)
            }
            Fact::RouteUnlikely { group, probability: Some(probability), least } => {
                self.likely("why-unlikely", self.group(called, group), probability, least)
            }
            Fact::RouteUnlikely { group, probability: None, least: _ } => self.say("why-near").with("name", self.group(called, group)),
            Fact::RouteSaid { group, name } => self.say("why-route-said").with("group", self.group(called, group)).with("name", name),
            Fact::NoRoute => self.say("why-no-route"),
            Fact::PriorityRuled { priority, rule } => self.say("why-ruled").with("name", self.priority(priority)).with("rule", rule),
            Fact::PriorityLearned { priority, probability: Some(probability) } => {
                self.say("why-learned").with("name", self.priority(priority)).with("probability", self.percent(probability))
            }
            Fact::PriorityLearned { priority, probability: None } => self.say("why-learned-unknown").with("name", self.priority(priority)),
            Fact::PriorityUsual => self.say("why-priority-usual"),
            Fact::SentimentLearned { sentiment, probability: Some(probability) } => {
                let name = self.sentiment(sentiment);
                self.say("why-sentiment-learned").with("name", name).with("probability", self.percent(probability))
            }
            Fact::SentimentLearned { sentiment, probability: None } => {
                self.say("why-sentiment-learned-unknown").with("name", self.sentiment(sentiment))
            }
            Fact::SentimentRead { sentiment } => self.say("why-sentiment-read").with("name", self.sentiment(sentiment)),
            Fact::UrgencyLearned { urgency, probability: Some(probability) } => {
                self.say("why-urgency-learned").with("name", self.urgency(urgency)).with("probability", self.percent(probability))
            }
            Fact::UrgencyLearned { urgency, probability: None } => {
                self.say("why-urgency-learned-unknown").with("name", self.urgency(urgency))
            }
            Fact::UrgencyRead { urgency } => self.say("why-urgency-read").with("name", self.urgency(urgency)),
            Fact::Danger => self.say("why-danger"),
            Fact::UrgencyRuled { rule } => self.say("why-urgency-ruled").with("rule", rule),
            Fact::Duplicate { reference, by } => self.say("why-duplicate").with("reference", reference).with("by", by.as_str()),
            Fact::SolvedBefore { reference } => self.say("why-solved-before").with("reference", reference),
            Fact::FarApart { reference } => self.say("why-far-apart").with("reference", reference),
            Fact::DuplicateDenied { reference, name } => self.say("why-duplicate-denied").with("reference", reference).with("name", name),
            Fact::NoDuplicate { compared } => {
                self.say("why-no-duplicate").with("tickets", self.say("why-like-tickets").with("count", compared))
            }
            Fact::IncidentPart { tickets } => self.say("why-incident-part").with("count", tickets),
            Fact::IncidentFew { customers, least, hours } => {
                self.say("why-incident-few").with("customers", self.wrote(customers)).with("hours", self.within(hours)).with("least", least)
            }
            Fact::IncidentUsual { customers, usual_tenths, hours } => {
                let (who, usual) = (self.wrote(customers), self.tenths(*usual_tenths));
                self.say("why-incident-usual").with("customers", who).with("hours", self.within(hours)).with("usual", usual)
            }
            Fact::IncidentFound { customers, usual_tenths, hours } => {
                let (who, usual) = (self.wrote(customers), self.tenths(*usual_tenths));
                self.say("why-incident-found").with("customers", who).with("hours", self.within(hours)).with("usual", usual)
            }
        }
    }

    /// A number with one digit after the separator.
    pub(in crate::web) fn tenths(&self, tenths: u32) -> String {
        let (_, decimal) = self.locale.separators();
        format!("{}{decimal}{}", tenths / 10, tenths % 10)
    }

    fn likely(&'static self, key: &'static str, name: String, probability: &Probability, least: &Probability) -> Said {
        self.say(key).with("name", name).with("probability", self.percent(probability)).with("least", self.percent(least))
    }

    fn wrote(&'static self, customers: &u32) -> Said {
        self.say("why-customers").with("count", customers)
    }

    fn within(&'static self, hours: &u32) -> Said {
        self.say("why-hours").with("count", hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::why::sample;
    use crate::web::words::Locale;

    #[test]
    fn the_console_says_in_english_what_the_api_says() {
        for fact in sample::every_fact() {
            assert_eq!(Locale::English.words().fact(&Called::default(), &fact).to_string(), fact.to_string());
        }
    }

    #[test]
    fn no_fact_is_said_in_english_to_a_french_reader() {
        for fact in sample::every_fact() {
            let said = Locale::French.words().fact(&Called::default(), &fact).to_string();
            assert_ne!(said, fact.to_string());
            assert!(!said.contains(['`', '{']) && !said.starts_with("why-"), "{said}");
        }
    }
}
