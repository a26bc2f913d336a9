//! Rules of the playbook: the first rule that sets a value wins for that value, and always says that it was a rule.

use crate::domain::triage::Entity;
use crate::domain::vocabulary::{EmailAddress, GroupName, IntentName, Language, Priority, RuleCondition, TicketChannel, Tier, Urgency};
use crate::playbook::{Condition, Routing, Rule};

/// What is known of a ticket when rules are asked.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The main intent, unless the triage abstained.
    pub intent: Option<&'a IntentName>,
    /// The language.
    pub language: Option<Language>,
    /// The customer's tier.
    pub tier: Tier,
    /// How the ticket arrived.
    pub channel: TicketChannel,
    /// Its text.
    pub text: &'a str,
    /// Numbers and names in it.
    pub entities: &'a [Entity],
    /// How pressing it is.
    pub urgency: Option<Urgency>,
}

/// What the rules say; each value with the rule that set it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruled {
    /// The group.
    pub group: Option<(GroupName, String)>,
    /// The agent.
    pub assignee: Option<EmailAddress>,
    /// The priority.
    pub priority: Option<(Priority, String)>,
    /// Tags of every rule that holds.
    pub tags: Vec<String>,
    /// The same, each with the first rule that adds it.
    pub tags_by: Vec<(String, String)>,
}

/// The rules of which every condition holds, from top to bottom.
pub fn holding<'a>(routing: &'a Routing, facts: Facts<'_>) -> impl Iterator<Item = &'a Rule> {
    let text = facts.text.to_lowercase();
    routing.rules.iter().filter(move |rule| holds(&rule.when, facts, &text))
}

/// A rule held against a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Its conditions that hold.
    pub met: Vec<RuleCondition>,
    /// Its conditions that do not.
    pub unmet: Vec<RuleCondition>,
}

impl Checked<'_> {
    /// Whether every condition holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.unmet.is_empty()
    }

    /// The one condition that does not hold, where all others do and there are some.
    #[must_use]
    pub fn nearly(&self) -> Option<RuleCondition> {
        (!self.met.is_empty() && self.unmet.len() == 1).then(|| self.unmet[0])
    }
}

/// Says of every rule, from top to bottom, which of its conditions hold.
#[must_use]
pub fn check<'a>(routing: &'a Routing, facts: Facts<'_>) -> Vec<Checked<'a>> {
    let text = facts.text.to_lowercase();
    let checked = |rule: &'a Rule| {
        let Condition { intent, language, tier, channel, contains, entity, urgency } = &rule.when;
        let conditions = [
            (RuleCondition::Intent, intent.is_empty(), fits(intent, facts.intent)),
            (RuleCondition::Language, language.is_empty(), fits(language, facts.language.as_ref())),
            (RuleCondition::Tier, tier.is_empty(), fits(tier, Some(&facts.tier))),
            (RuleCondition::Channel, channel.is_empty(), fits(channel, Some(&facts.channel))),
            (RuleCondition::Words, contains.is_empty(), contains.iter().any(|words| has_words(&text, words))),
            (RuleCondition::Entity, entity.is_empty(), facts.entities.iter().any(|found| entity.contains(&found.kind))),
            (RuleCondition::Urgency, urgency.is_empty(), fits(urgency, facts.urgency.as_ref())),
        ];
        let asked = conditions.into_iter().filter(|(_, is_absent, _)| !is_absent);
        let (met, unmet): (Vec<_>, Vec<_>) = asked.partition(|(_, _, holds)| *holds);
        let names = |some: Vec<(RuleCondition, bool, bool)>| some.into_iter().map(|(condition, _, _)| condition).collect();
        Checked { rule, met: names(met), unmet: names(unmet) }
    };
    routing.rules.iter().map(checked).collect()
}

/// Asks the rules from top to bottom.
#[must_use]
pub fn rule(routing: &Routing, facts: Facts<'_>) -> Ruled {
    let mut ruled = Ruled::default();
    for rule in holding(routing, facts) {
        if let (None, Some(group)) = (&ruled.group, &rule.group) {
            ruled.group = Some((group.clone(), rule.name.clone()));
            ruled.assignee.clone_from(&rule.assignee);
        }
        if let (None, Some(priority)) = (&ruled.priority, rule.priority) {
            ruled.priority = Some((priority, rule.name.clone()));
        }
        for tag in &rule.tags {
            if !ruled.tags.contains(tag) {
                ruled.tags.push(tag.clone());
                ruled.tags_by.push((tag.clone(), rule.name.clone()));
            }
        }
    }
    ruled
}

/// Who takes a group's tickets in a language, English standing in for languages that nobody has.
#[must_use]
pub fn assignee(routing: &Routing, group: &GroupName, language: Option<Language>) -> Option<EmailAddress> {
    let assignees = &routing.groups.get(group)?.assignees;
    language.and_then(|language| assignees.get(&language)).or_else(|| assignees.get(&Language::ENGLISH)).cloned()
}

/// The rules whose words stand in a text: their names are an admin's own words for what it is about.
pub fn matters<'a>(routing: &'a Routing, text: &str) -> impl Iterator<Item = &'a Rule> {
    let text = text.to_lowercase();
    let speaks = move |rule: &&Rule| rule.when.contains.iter().any(|words| has_words(&text, words));
    routing.rules.iter().filter(speaks)
}

fn holds(when: &Condition, facts: Facts<'_>, text: &str) -> bool {
    let Condition { intent, language, tier, channel, contains, entity, urgency } = when;
    fits(intent, facts.intent)
        && fits(language, facts.language.as_ref())
        && fits(tier, Some(&facts.tier))
        && fits(channel, Some(&facts.channel))
        && fits(urgency, facts.urgency.as_ref())
        && (contains.is_empty() || contains.iter().any(|words| has_words(text, words)))
        && (entity.is_empty() || facts.entities.iter().any(|found| entity.contains(&found.kind)))
}

fn fits<T: PartialEq>(allowed: &[T], value: Option<&T>) -> bool {
    allowed.is_empty() || value.is_some_and(|value| allowed.contains(value))
}

/// Whether the word before denies what follows: `not swollen`, `ni gonflée`.
fn is_denied(before: &str) -> bool {
    const DENIALS: [&str; 10] = ["not", "no", "nor", "neither", "never", "ni", "pas", "jamais", "sans", "without"];
    let last = before.split_whitespace().next_back().unwrap_or_default();
    DENIALS.contains(&last) || last.ends_with("n't") || last.ends_with("n’t")
}

/// Whether the words occur in the text, not denied, with no letter or digit right before or after them.
fn has_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric) && !is_denied(&text[..at])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::Playbook;

    fn routing() -> Routing {
        let text = r#"
            [groups.privacy]
            name = "Privacy"
            assignees = { en = "maya@desk.example", fr = "lucie@desk.example" }
            [groups.orders]
            name = "Orders"
            [[rules]]
            name = "police"
            when = { contains = ["police"] }
            group = "privacy"
            priority = "urgent"
            tags = ["police"]
            [[rules]]
            name = "by phone"
            when = { channel = ["phone"] }
            group = "orders"
            priority = "low"
            tags = ["phone"]
        "#;
        let files = [("routing.toml".to_owned(), text.to_owned())].into();
        Playbook::parse(&files).unwrap().routing
    }

    fn facts(text: &str) -> Facts<'_> {
        Facts { intent: None, language: None, tier: Tier::Standard, channel: TicketChannel::Phone, text, entities: &[], urgency: None }
    }

    #[test]
    fn the_first_rule_that_sets_a_value_wins_and_tags_add_up() {
        let ruled = rule(&routing(), facts("The POLICE called me"));
        assert_eq!(ruled.group, Some(("privacy".parse().unwrap(), "police".to_owned())));
        assert_eq!(ruled.priority, Some((Priority::Urgent, "police".to_owned())));
        assert_eq!(ruled.tags, ["police", "phone"]);
    }

    #[test]
    fn a_rule_that_lacks_one_condition_of_several_nearly_holds() {
        let text = r#"
            [groups.orders]
            name = "Orders"
            [[rules]]
            name = "angry callers"
            when = { channel = ["phone"], contains = ["lawyer"], tier = ["standard"] }
            group = "orders"
            [[rules]]
            name = "lawyers"
            when = { contains = ["lawyer"] }
            group = "orders"
        "#;
        let routing = Playbook::parse(&[("routing.toml".to_owned(), text.to_owned())].into()).unwrap().routing;
        let said = check(&routing, facts("I will call you again"));
        assert_eq!((said[0].nearly(), said[0].met.len()), (Some(RuleCondition::Words), 2));
        assert_eq!((said[1].nearly(), said[1].holds()), (None, false), "it lacks all that it asks for");
        for text in ["my lawyer will call", "nothing", "no lawyer"] {
            let holding: Vec<&str> = holding(&routing, facts(text)).map(|rule| rule.name.as_str()).collect();
            let checked = check(&routing, facts(text));
            assert_eq!(checked.iter().filter(|one| one.holds()).map(|one| one.rule.name.as_str()).collect::<Vec<_>>(), holding, "{text}");
        }
    }

    #[test]
    fn a_rule_whose_words_stand_in_a_text_says_what_it_is_about() {
        let names = |text: &str| matters(&routing(), text).map(|rule| rule.name.clone()).collect::<Vec<_>>();
        assert_eq!(names("The POLICE called me"), ["police"]);
        assert!(names("a policeman's whistle").is_empty());
    }

    #[test]
    fn words_are_matched_whole_and_not_when_denied() {
        assert_eq!(matters(&routing(), "it was not police, it wasn't police, ni police").count(), 0);
        assert_eq!(matters(&routing(), "not me: the police").count(), 1);
        assert_eq!(rule(&routing(), facts("a policeman's whistle")).group.unwrap().0.as_str(), "orders");
    }

    #[test]
    fn a_group_is_taken_by_who_speaks_the_language() {
        let group = "privacy".parse().unwrap();
        assert_eq!(assignee(&routing(), &group, Some(Language::FRENCH)).unwrap().as_str(), "lucie@desk.example");
        assert_eq!(assignee(&routing(), &group, Some("de".parse().unwrap())).unwrap().as_str(), "maya@desk.example");
    }
}
