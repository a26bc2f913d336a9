//! The account of a triage: asks the pure rooms what they saw, and puts their answers in the order in which the triage was made.

use crate::app::duplicate::Twins;
use crate::app::incident::Sighting;
use crate::app::knowledge::Knowledge;
use crate::app::origin::{NAMED, weighty};
use crate::app::pieces::Piece;
use crate::app::triage::{Felt, evidence, is_readable, learned_priority};
use crate::domain::ticket::Ticket;
use crate::domain::triage::{Entity, Evidence, Triage};
use crate::domain::vocabulary::{IntentName, Language, Priority, Probability, RouteBy, RuleCondition, Tier, Urgency, WhyTopic};
use crate::domain::why::{Fact, Step, Term, Why};
use crate::playbook::{Condition, Rule};
use crate::text::clean::clean;
use crate::triage::duplicate::Verdict;
use crate::triage::ground::{Asked, Calibrated};
use crate::triage::incident::Found;
use crate::triage::mood;
use crate::triage::routing::{Checked, Facts, check, rule};
use backchannel_learn::contribution::{Contributions, Terms};

/// So many candidates are told of, apart from the first.
const MORE_CANDIDATES: usize = 2;
/// So many rules that nearly held.
const NEARLY: usize = 5;
/// So many words of a rule are named.
const WANTED: usize = 6;

/// A ticket with what its triage came to.
pub(crate) struct Account<'a> {
    pub(crate) ticket: &'a Ticket,
    pub(crate) gist: &'a Piece,
    pub(crate) dense: Vec<f32>,
    pub(crate) tier: Tier,
    pub(crate) triage: &'a Triage,
    pub(crate) sighting: &'a Sighting,
    pub(crate) twins: &'a Twins,
}

/// What happened and what did not.
pub(crate) fn why(knowledge: &Knowledge, account: &Account<'_>) -> Why {
    let mut steps = text(account);
    if !is_readable(account.gist) {
        // Somebody may have said what it is all the same.
        steps.extend(said_intent(account.triage));
        steps.extend(account.triage.abstained.iter().map(|why| plain(WhyTopic::Intent, Fact::NoIntent { reason: why.reason.clone() })));
        steps.extend(said_route(account.triage));
        let ruled = account.triage.route.iter().filter(|route| route.by == RouteBy::Rule);
        steps.extend(
            ruled.map(|route| plain(WhyTopic::Route, Fact::RouteRuled { group: route.group.clone(), rule: route.because.clone() })),
        );
        steps.extend(duplicates(account.twins));
        return Why { steps };
    }
    let features = knowledge.features(account.gist, account.dense.clone());
    let asked = Asked { features: &features, language: Some(account.gist.language), ticket: Some(account.ticket.id) };
    let asking = Asking { knowledge, account, asked, terms: Terms::of(account.gist.body.as_str()) };
    steps.extend(asking.intent());
    let mood = Felt::of(knowledge, asked, account.gist, account.triage.language.as_ref());
    steps.extend(asking.rules(&mood));
    steps.extend(asking.route());
    steps.push(asking.priority(&mood));
    steps.extend(asking.mood(&mood));
    steps.extend(duplicates(account.twins));
    steps.extend(incident(knowledge, account.sighting));
    Why { steps }
}

struct Asking<'a> {
    knowledge: &'a Knowledge,
    account: &'a Account<'a>,
    asked: Asked<'a>,
    terms: Terms,
}

impl Asking<'_> {
    fn intent(&self) -> Vec<Step> {
        let triage = self.account.triage;
        if let Some(said) = said_intent(triage) {
            return vec![said];
        }
        let ground = &self.knowledge.ground;
        let least = bounded(self.knowledge.intent_from.least);
        let votes = ground.intents(self.asked, &ground.alike(self.asked));
        let mut steps = Vec::new();
        for (place, vote) in votes.iter().take(1 + MORE_CANDIDATES).enumerate() {
            let fact = match (&vote.label, vote.probability) {
                (None, probability) => Fact::OutOfScope { probability },
                (Some(intent), Some(probability)) if place == 0 => {
                    let intent = intent.clone();
                    if triage.intent.is_some() {
                        Fact::IntentHeld { intent, probability, least }
                    } else if probability < least {
                        Fact::IntentUnlikely { intent, probability, least }
                    } else {
                        // Likely enough, and something else spoke against it.
                        Fact::IntentAlso { intent, probability: Some(probability) }
                    }
                }
                (Some(intent), None) if place == 0 => Fact::IntentNear { intent: intent.clone() },
                (Some(intent), probability) => Fact::IntentAlso { intent: intent.clone(), probability },
            };
            let added = ground.speaking_for_intent(self.asked, vote.label.as_ref());
            steps.push(Step { topic: WhyTopic::Intent, fact, terms: self.weighty(&added), evidence: self.examples(vote) });
        }
        let further = triage.also.iter().filter_map(|guess| Some((guess.name.clone(), guess.probability?)));
        steps.extend(further.map(|(intent, probability)| plain(WhyTopic::Intent, Fact::IntentBeside { intent, probability })));
        // What decided is told wherever it stands among the candidates.
        let outside = votes.iter().skip(1 + MORE_CANDIDATES).find(|vote| vote.label.is_none()).filter(|_| ground.is_outside(&votes));
        steps.extend(outside.map(|vote| Step {
            topic: WhyTopic::Intent,
            fact: Fact::OutOfScope { probability: vote.probability },
            terms: self.weighty(&ground.speaking_for_intent(self.asked, None)),
            evidence: self.examples(vote),
        }));
        if triage.intent.is_none() {
            steps.extend(triage.abstained.iter().map(|why| plain(WhyTopic::Intent, Fact::NoIntent { reason: why.reason.clone() })));
        }
        steps
    }

    fn rules(&self, mood: &Felt) -> Vec<Step> {
        let text = self.account.ticket.text();
        // Rules read the ticket itself, not what was said to it.
        let own: Vec<Entity> = self.account.triage.entities.iter().filter(|entity| entity.comment.is_none()).cloned().collect();
        let checked = check(&self.knowledge.playbook.routing, self.facts(mood, &text, &own));
        let holding = checked.iter().filter(|checked| checked.holds());
        let mut steps: Vec<Step> =
            holding.map(|checked| plain(WhyTopic::Rules, Fact::RuleHeld { rule: checked.rule.name.clone() })).collect();
        if steps.is_empty() {
            steps.push(plain(WhyTopic::Rules, Fact::NoRule));
        }
        let nearly = checked.iter().filter_map(|checked| Some(nearly(checked, checked.nearly()?)));
        steps.extend(nearly.take(NEARLY).map(|fact| plain(WhyTopic::Rules, fact)));
        steps
    }

    fn route(&self) -> Vec<Step> {
        let triage = self.account.triage;
        let least = bounded(self.knowledge.route_from().least);
        let step = match &triage.route {
            Some(route) if route.by == RouteBy::Rule => {
                plain(WhyTopic::Route, Fact::RouteRuled { group: route.group.clone(), rule: route.because.clone() })
            }
            Some(_) | None => {
                if let Some(said) = said_route(triage) {
                    return vec![said];
                }
                let votes = self.knowledge.ground.groups(self.asked, &self.knowledge.ground.alike(self.asked));
                let Some(vote) = votes.first() else { return vec![plain(WhyTopic::Route, Fact::NoRoute)] };
                if triage.route.is_none() && vote.probability.is_some_and(|probability| probability >= least) {
                    // Likely enough, of a text that is unlike all that was learned from.
                    return vec![plain(WhyTopic::Route, Fact::NoRoute)];
                }
                let group = vote.label.clone();
                let added = self.knowledge.ground.speaking_for_group(self.asked, &group);
                let fact = match vote.probability {
                    Some(probability) if triage.route.is_some() => Fact::RouteLearned { group, probability, least },
                    probability => Fact::RouteUnlikely { group, probability, least },
                };
                Step { topic: WhyTopic::Route, fact, terms: self.weighty(&added), evidence: self.examples(vote) }
            }
        };
        vec![step]
    }

    fn priority(&self, mood: &Felt) -> Step {
        let (text, ground) = (self.account.ticket.text(), &self.knowledge.ground);
        let own: Vec<Entity> = self.account.triage.entities.iter().filter(|entity| entity.comment.is_none()).cloned().collect();
        let ruled = rule(&self.knowledge.playbook.routing, self.facts(mood, &text, &own));
        if let Some((priority, rule)) = ruled.priority {
            return plain(WhyTopic::Priority, Fact::PriorityRuled { priority, rule });
        }
        let Some(priority) = learned_priority(self.knowledge, self.asked) else {
            return plain(WhyTopic::Priority, Fact::PriorityUsual);
        };
        let probability = ground.priorities(self.asked).into_iter().next().and_then(|vote| vote.probability);
        let terms = self.weighty(&ground.speaking_for_priority(self.asked, priority));
        Step { topic: WhyTopic::Priority, fact: Fact::PriorityLearned { priority, probability }, terms, evidence: Vec::new() }
    }

    fn mood(&self, mood: &Felt) -> Vec<Step> {
        let ground = &self.knowledge.ground;
        let spoken = mood::spoken(self.account.gist.body.as_str(), Some(self.account.gist.language));
        let step = |fact: Fact, terms: Vec<Term>| Step { topic: WhyTopic::Mood, fact, terms, evidence: Vec::new() };
        let (sentiment, urgency) = (mood.sentiment.name, mood.urgency.name);
        let felt = match mood.sentiment.probability {
            Some(probability) => step(
                Fact::SentimentLearned { sentiment, probability: Some(probability) },
                if mood.sentiment_is_own { self.weighty(&ground.speaking_for_sentiment(self.asked, sentiment)) } else { Vec::new() },
            ),
            None => step(Fact::SentimentRead { sentiment }, listed(&spoken.feelings)),
        };
        let pressing = if mood.is_dangerous {
            step(Fact::Danger, listed(&spoken.dangers))
        } else if let Some(rule) = self.urgent_rule(mood) {
            step(Fact::UrgencyRuled { rule }, Vec::new())
        } else if let Some(probability) = mood.urgency.probability {
            let terms = if mood.urgency_is_own { self.weighty(&ground.speaking_for_urgency(self.asked, urgency)) } else { Vec::new() };
            step(Fact::UrgencyLearned { urgency, probability: Some(probability) }, terms)
        } else {
            step(Fact::UrgencyRead { urgency }, listed(&spoken.pressure))
        };
        vec![felt, pressing]
    }

    /// The rule that made it critical, where the words alone had not.
    fn urgent_rule(&self, mood: &Felt) -> Option<String> {
        let raised = self.account.triage.urgency.as_ref().is_some_and(|urgency| urgency.name == Urgency::Critical);
        if !raised || mood.urgency.name == Urgency::Critical {
            return None;
        }
        if let Fact::PriorityRuled { priority: Priority::Urgent, rule } = self.priority(mood).fact { Some(rule) } else { None }
    }

    fn facts<'f>(&'f self, mood: &Felt, text: &'f str, own: &'f [Entity]) -> Facts<'f> {
        Facts {
            intent: self.account.triage.intent.as_ref(),
            language: Some(self.account.gist.language),
            tier: self.account.tier,
            channel: self.account.ticket.channel,
            text,
            entities: own,
            urgency: Some(mood.urgency.name),
        }
    }

    fn weighty(&self, added: &Contributions) -> Vec<Term> {
        let round = |weight: f32| (weight * 100.0).round() / 100.0;
        weighty(&self.terms, added).into_iter().map(|(text, weight)| Term { text, weight: Some(round(weight)) }).collect()
    }

    fn examples(&self, vote: &Calibrated<impl Clone + PartialEq>) -> Vec<Evidence> {
        let as_intents =
            Calibrated { label: None::<IntentName>, share: vote.share, probability: vote.probability, examples: vote.examples.clone() };
        evidence(self.knowledge, &[as_intents], None)
    }
}

fn said_intent(triage: &Triage) -> Option<Step> {
    let said = triage.corrected.as_ref().filter(|said| said.matter.is_some())?;
    Some(plain(WhyTopic::Intent, Fact::IntentSaid { name: said.by.clone() }))
}

fn said_route(triage: &Triage) -> Option<Step> {
    let route = triage.route.as_ref().filter(|route| route.by == RouteBy::Person)?;
    Some(plain(WhyTopic::Route, Fact::RouteSaid { group: route.group.clone(), name: route.because.clone() }))
}

fn text(account: &Account<'_>) -> Vec<Step> {
    let step = |fact| plain(WhyTopic::Text, fact);
    let (gist, ticket) = (account.gist, account.ticket);
    if !is_readable(gist) {
        return vec![step(Fact::ReadNothing)];
    }
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    let words = gist.body.words();
    let mut steps = vec![step(Fact::Read { words: count(words), sentences: count(gist.lines().len()) })];
    let whole = ticket.text();
    if Piece::is_start_of(&whole) {
        steps.push(step(Fact::CutShort));
    } else {
        let left_out = clean(&whole).words().saturating_sub(words);
        if left_out > 0 {
            steps.push(step(Fact::LeftOut { words: count(left_out) }));
        }
    }
    steps.push(step(spoken_language(ticket.language, gist)));
    steps
}

fn spoken_language(said: Option<Language>, gist: &Piece) -> Fact {
    let language = gist.language;
    if said.is_some() {
        Fact::LanguageSaid { language }
    } else if gist.spoken.is_some() {
        Fact::LanguageFound { language }
    } else {
        Fact::LanguageAssumed { language }
    }
}

fn duplicates(twins: &Twins) -> Vec<Step> {
    let step = |fact| plain(WhyTopic::Duplicates, fact);
    let mut steps: Vec<Step> = twins
        .found
        .iter()
        .filter_map(|twin| {
            let reference = twin.reference.clone();
            Some(step(match twin.verdict {
                Verdict::Same(by) => Fact::Duplicate { reference, by },
                Verdict::SolvedBefore => Fact::SolvedBefore { reference },
                Verdict::FarApart => Fact::FarApart { reference },
                Verdict::Different => return None,
            }))
        })
        .collect();
    for said in twins.said.iter().filter(|said| !said.is_same) {
        if let Some((_, reference)) = twins.said_of.iter().find(|(id, _)| *id == said.other) {
            steps.push(step(Fact::DuplicateDenied { reference: reference.clone(), name: said.by.clone() }));
        }
    }
    if !steps.iter().any(|step| step.fact.happened()) {
        steps.push(step(Fact::NoDuplicate { compared: u32::try_from(twins.compared).unwrap_or(u32::MAX) }));
    }
    steps
}

fn incident(knowledge: &Knowledge, sighting: &Sighting) -> Option<Step> {
    let burst = knowledge.playbook.thresholds.incident;
    let (least, hours) = (burst.least_tickets, burst.window_hours);
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of counts, held within the range")]
    let tenths = |expected: f64| (expected * 10.0).round().clamp(0.0, f64::from(u32::MAX)) as u32;
    let fact = match sighting {
        Sighting::Nothing => return None,
        Sighting::Part(tickets) | Sighting::Joins { tickets, .. } => Fact::IncidentPart { tickets: *tickets },
        Sighting::Makes { customers, expected, .. } => {
            Fact::IncidentFound { customers: count(*customers), usual_tenths: tenths(*expected), hours }
        }
        Sighting::None(Found::Few(customers)) => Fact::IncidentFew { customers: count(*customers), least, hours },
        Sighting::None(Found::Usual { alike, expected } | Found::Burst { customers: alike, expected, .. }) => {
            Fact::IncidentUsual { customers: count(*alike), usual_tenths: tenths(*expected), hours }
        }
    };
    Some(plain(WhyTopic::Incident, fact))
}

fn nearly(checked: &Checked<'_>, condition: RuleCondition) -> Fact {
    let mut wanted = wanted(checked.rule, condition);
    wanted.truncate(WANTED);
    Fact::RuleNearly { rule: checked.rule.name.clone(), condition, wanted }
}

/// What a rule's condition asks for, as the playbook writes it.
fn wanted(rule: &Rule, condition: RuleCondition) -> Vec<String> {
    let Condition { intent, language, tier, channel, contains, entity, urgency } = &rule.when;
    let all = |texts: &mut dyn Iterator<Item = String>| texts.collect::<Vec<_>>();
    match condition {
        RuleCondition::Intent => all(&mut intent.iter().map(ToString::to_string)),
        RuleCondition::Language => all(&mut language.iter().map(ToString::to_string)),
        RuleCondition::Tier => all(&mut tier.iter().map(ToString::to_string)),
        RuleCondition::Channel => all(&mut channel.iter().map(ToString::to_string)),
        RuleCondition::Words => contains.clone(),
        RuleCondition::Entity => entity.clone(),
        RuleCondition::Urgency => all(&mut urgency.iter().map(ToString::to_string)),
    }
}

/// A bound as a probability; one that nothing reaches is certainty.
fn bounded(least: f64) -> Probability {
    Probability::new(least.clamp(0.0, 1.0)).unwrap_or_else(|| Probability::new(1.0).expect("1 is a probability: this is a bug"))
}

fn listed(words: &[String]) -> Vec<Term> {
    words.iter().take(NAMED).map(|text| Term { text: text.clone(), weight: None }).collect()
}

const fn plain(topic: WhyTopic, fact: Fact) -> Step {
    Step { topic, fact, terms: Vec::new(), evidence: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_denied_is_told_beside_what_was_compared() {
        let at = crate::domain::time::Timestamp::from_micros(0);
        let id = crate::domain::id::TicketId::at(at, [1; 10]);
        let said = crate::domain::triage::SaidDuplicate { other: id, is_same: false, by: "Una".to_owned(), at };
        let twins = Twins { found: Vec::new(), said: vec![said], said_of: vec![(id, "T-7".to_owned())], compared: 3 };
        let facts: Vec<Fact> = duplicates(&twins).into_iter().map(|step| step.fact).collect();
        let denied = Fact::DuplicateDenied { reference: "T-7".to_owned(), name: "Una".to_owned() };
        assert_eq!(facts, [denied, Fact::NoDuplicate { compared: 3 }]);
    }
}
