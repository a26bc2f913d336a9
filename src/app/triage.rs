//! What a ticket is: the verb `triage`, and the part of the panel.

use std::collections::BTreeSet;

use crate::app::error::Error;
use crate::app::knowledge::{Knowledge, gist};
use crate::app::origin::{Seen, unread};
use crate::app::pieces::Piece;
use crate::app::{App, Needed};
use crate::domain::id::{CustomerId, TicketId};
use crate::domain::intake::NewTicket;
use crate::domain::reason::Reason;
use crate::domain::ticket::{Comment, Ticket, TicketHistory};
use crate::domain::triage::{Abstention, Correction, Entity, Evidence, Guess, Matter, Route, Source, Triage};
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{
    EmailAddress, IntentName, Language, Priority, Probability, RouteBy, Sentiment, TicketStatus, Tier, Urgency,
};
use crate::playbook::Rule;
use crate::store;
use crate::text::entity;
use crate::triage::ground::{Alike, Asked, Calibrated, Example};
use crate::triage::routing::{Facts, Ruled, assignee, holding, rule};
use crate::triage::{felt, mood};

const CANDIDATES: usize = 3;
const EVIDENCE: usize = 3;
/// Below this a text's language is no ground for reading its mood.
const SURE_LANGUAGE: f64 = 0.5;
/// So many public comments are searched for what they add, the newest.
const COMMENTS: usize = 20;

/// A ticket ready to be triaged.
pub(crate) struct Subject<'a> {
    /// The ticket; may be one that is not stored.
    pub(crate) ticket: &'a Ticket,
    /// Its words.
    pub(crate) gist: &'a Piece,
    /// Their vector.
    pub(crate) dense: Vec<f32>,
    /// What its writer pays for.
    pub(crate) tier: Tier,
    /// What somebody of the desk said of it.
    pub(crate) correction: Option<&'a Correction>,
}

impl App {
    /// Triages a text without keeping anything of it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read; [`Error::Overloaded`] when the encoder is busy.
    pub async fn triage(&self, actor: &Actor, new: NewTicket) -> Result<Triage, Error> {
        let mut triages = self.triage_all(actor, vec![new]).await?;
        triages.pop().ok_or_else(|| Error::internal("a ticket had no triage: this is a bug"))
    }

    /// Triages texts without keeping anything of them; the triages come in the order of the texts.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read; [`Error::Overloaded`] when the encoder is busy.
    pub async fn triage_all(&self, actor: &Actor, new: Vec<NewTicket>) -> Result<Vec<Triage>, Error> {
        self.allow(actor, Permission::Read)?;
        let knowledge = self.knowledge(actor.workspace).await?;
        let emails: BTreeSet<&EmailAddress> = new.iter().map(|ticket| &ticket.requester.email).collect();
        let tiers = store::customer::tiers(self.store(), actor.workspace, &emails.into_iter().collect::<Vec<_>>()).await?;
        let tier_of = |new: &NewTicket| tiers.get(&new.requester.email).copied().unwrap_or(Tier::Standard);
        let passing: Vec<(Ticket, Tier)> = new.iter().map(|new| (self.passing_ticket(actor, new), tier_of(new))).collect();
        let otherwise = knowledge.language;
        let cut = move || {
            let cut = |(ticket, tier): (Ticket, Tier)| {
                let gist = gist(&ticket, otherwise);
                (ticket, gist, tier)
            };
            passing.into_iter().map(cut).collect::<Vec<_>>()
        };
        // A batch takes a while that nobody else should wait for.
        let is_alone = new.len() == 1;
        let asked = if is_alone { cut() } else { tokio::task::spawn_blocking(cut).await.map_err(Error::internal)? };
        let needed = if is_alone { Needed::Now } else { Needed::Later };
        let vectors = self.embed(asked.iter().map(|(_, gist, _)| gist.body.clone()).collect(), needed).await?;
        self.count_usage(actor.workspace, "triage", asked.len());
        let open = self.open_incidents(actor, &knowledge, asked.iter().map(|(ticket, _, _)| ticket.created_at).min()).await?;
        let app = self.clone();
        let judge = move || {
            let subjects = asked.iter().zip(vectors);
            subjects
                .map(|((ticket, gist, tier), dense)| {
                    let incident = app.incident_like(&knowledge, (ticket, gist, &dense), &open);
                    let judged = triage(&knowledge, Subject { ticket, gist, dense, tier: *tier, correction: None });
                    Triage { incident, ..judged }
                })
                .collect()
        };
        if is_alone { Ok(judge()) } else { tokio::task::spawn_blocking(judge).await.map_err(Error::internal) }
    }

    /// A ticket that is looked at and forgotten.
    fn passing_ticket(&self, actor: &Actor, new: &NewTicket) -> Ticket {
        let now = self.now();
        Ticket {
            id: TicketId::at(now, crate::app::clock::random()),
            workspace: actor.workspace,
            external_id: new.external_id.clone(),
            subject: new.subject.clone(),
            body: new.body.clone(),
            requester: CustomerId::at(now, crate::app::clock::random()),
            channel: new.channel,
            status: TicketStatus::New,
            priority: new.priority,
            group: new.group.clone(),
            assignee: new.assignee.clone(),
            tags: new.tags.clone(),
            language: new.language,
            custom_fields: new.custom_fields.clone(),
            created_at: new.created_at.unwrap_or(now),
            updated_at: now,
            solved_at: None,
        }
    }
}

/// Says what a ticket is, from its words, the playbook and the labelled ground.
pub(crate) fn triage(knowledge: &Knowledge, subject: Subject<'_>) -> Triage {
    let Subject { ticket, gist, dense, tier, correction } = subject;
    let text = ticket.text();
    let entities = entity::find(&text, &knowledge.patterns, Some(ticket.created_at));
    if !is_readable(gist) {
        return nothing_to_read(knowledge, (ticket, tier), entities, correction);
    }
    let features = knowledge.features(gist, dense);
    let asked = Asked { features: &features, language: Some(gist.language), ticket: Some(ticket.id) };
    let alike = knowledge.ground.alike(asked);
    let votes = knowledge.ground.intents(asked, &alike);
    let said = correction.and_then(said_matter);
    let is_unfamiliar = knowledge.ground.is_unfamiliar(&alike);
    let (intent, abstained) = said.clone().unwrap_or_else(|| decide(knowledge, &votes, is_unfamiliar));
    let language = detected(ticket, gist);
    let mood = Felt::of(knowledge, asked, gist, language.as_ref());
    let ruled = rule(
        &knowledge.playbook.routing,
        Facts {
            intent: intent.as_ref(),
            language: Some(gist.language),
            tier,
            channel: ticket.channel,
            text: &text,
            entities: &entities,
            urgency: Some(mood.urgency.name),
        },
    );
    let priority = ruled.priority.as_ref().map_or_else(|| learned_priority(knowledge, asked), |(priority, _)| Some(*priority));
    let route = correction
        .and_then(|said| said_route(knowledge, said, Some(gist.language)))
        .or_else(|| ruled_route(knowledge, &ruled, Some(gist.language)))
        // What is unlike everything that was learned from is no more like the tickets of a group than of another.
        .or_else(|| if is_unfamiliar { None } else { learned_route(knowledge, (asked, &alike), gist.language) });
    let origins = Seen { knowledge, ticket, gist, asked, correction, ruled: &ruled, mood: &mood }.origins(
        votes.first().map(|vote| vote.label.as_ref()),
        priority,
        route.as_ref(),
    );
    // Beside what somebody said nothing is guessed.
    let main = intent.as_ref().filter(|_| said.is_none());
    let further = main.map_or_else(Vec::new, |main| knowledge.ground.also(asked, main));
    let also = further.into_iter().map(|(name, probability)| Guess { name, probability: Probability::new(probability) });
    Triage {
        also: also.collect(),
        // What somebody said rests on them.
        evidence: if said.is_some() { Vec::new() } else { evidence(knowledge, &votes, intent.as_ref()) },
        intents: votes
            .iter()
            .filter_map(|vote| Some(Guess { name: vote.label.clone()?, probability: vote.probability }))
            .take(CANDIDATES)
            .collect(),
        intent,
        sentiment: Some(mood.sentiment.clone()),
        urgency: Some(raised(mood.urgency.clone(), ruled.priority.as_ref().map(|(priority, _)| *priority))),
        language,
        entities,
        priority: priority.unwrap_or(Priority::Normal),
        route,
        tags: ruled.tags,
        duplicates: Vec::new(),
        abstained,
        corrected: correction.cloned(),
        said_duplicates: Vec::new(),
        incident: None,
        origins,
    }
}

/// What the newest public comments name that nobody named before, with the comment that says it first.
pub(crate) fn added_by_comments(knowledge: &Knowledge, history: &TicketHistory, own: &[Entity]) -> Vec<Entity> {
    let mut named: BTreeSet<(String, String)> = own.iter().map(|entity| (entity.kind.clone(), entity.value.clone())).collect();
    let public: Vec<&Comment> = history.comments.iter().filter(|comment| comment.public).collect();
    let newest = &public[public.len().saturating_sub(COMMENTS)..];
    let mut added = Vec::new();
    for comment in newest {
        let mut entities = entity::find(&comment.body, &knowledge.patterns, Some(comment.created_at));
        entities.retain(|entity| named.insert((entity.kind.clone(), entity.value.clone())));
        added.extend(entities.into_iter().map(|entity| Entity { comment: Some(comment.id), ..entity }));
    }
    added
}

/// The rules that hold of a ticket as it was triaged and that say what its customer must be told first.
pub(crate) fn first_replies<'a>(knowledge: &'a Knowledge, ticket: &Ticket, tier: Tier, triage: &Triage) -> Vec<&'a Rule> {
    let text = ticket.text();
    // Rules read the ticket itself, not what was said to it.
    let own: Vec<Entity> = triage.entities.iter().filter(|entity| entity.comment.is_none()).cloned().collect();
    let facts = Facts {
        intent: triage.intent.as_ref(),
        language: triage.language.as_ref().map(|guess| guess.name),
        tier,
        channel: ticket.channel,
        text: &text,
        entities: &own,
        urgency: triage.urgency.as_ref().map(|guess| guess.name),
    };
    holding(&knowledge.playbook.routing, facts).filter(|rule| !rule.first_reply.is_empty()).collect()
}

/// What an admin calls urgent is critical, however calmly it was written.
fn raised(urgency: Guess<Urgency>, ruled: Option<Priority>) -> Guess<Urgency> {
    if ruled == Some(Priority::Urgent) && urgency.name != Urgency::Critical {
        return Guess { name: Urgency::Critical, probability: None };
    }
    urgency
}

/// How the customer feels and how pressing it is.
pub(crate) struct Felt {
    pub(crate) sentiment: Guess<Sentiment>,
    pub(crate) urgency: Guess<Urgency>,
    /// Whether the words speak of a danger.
    pub(crate) is_dangerous: bool,
    /// Whether the sentiment is what the workspace's own labels taught.
    pub(crate) sentiment_is_own: bool,
    /// The same of the urgency.
    pub(crate) urgency_is_own: bool,
}

impl Felt {
    /// By the workspace's heads where enough labels are there, else by those that come along, else by the words alone; no head softens a
    /// danger.
    pub(crate) fn of(knowledge: &Knowledge, asked: Asked<'_>, gist: &Piece, spoken: Option<&Guess<Language>>) -> Self {
        let words = mood::read(gist.body.as_str(), Some(gist.language));
        let sure = spoken.filter(|guess| guess.probability.is_some_and(|probability| probability.get() >= SURE_LANGUAGE));
        let read = felt::Asked {
            text: gist.body.as_str(),
            language: sure.map(|guess| guess.name),
            dense: &asked.features.dense,
            encoder: &knowledge.encoder,
        };
        let own = likeliest(knowledge.ground.sentiments(asked));
        let sentiment_is_own = own.is_some();
        let sentiment = own.or_else(|| first(felt::sentiments(read))).unwrap_or(Guess { name: words.sentiment, probability: None });
        let own = if words.is_dangerous { None } else { likeliest(knowledge.ground.urgencies(asked)) };
        let urgency_is_own = own.is_some();
        let urgency = if words.is_dangerous { None } else { own.or_else(|| first(felt::urgencies(read))) };
        let urgency = urgency.unwrap_or(Guess { name: words.urgency, probability: None });
        Self { sentiment, urgency, is_dangerous: words.is_dangerous, sentiment_is_own, urgency_is_own }
    }
}

/// The first of what a head says.
fn first<L>(guesses: Vec<(L, f64)>) -> Option<Guess<L>> {
    guesses.into_iter().next().map(|(name, probability)| Guess { name, probability: Probability::new(probability) })
}

/// The first guess, if it is calibrated.
fn likeliest<L>(guesses: Vec<Calibrated<L>>) -> Option<Guess<L>> {
    guesses
        .into_iter()
        .next()
        .filter(|guess| guess.probability.is_some())
        .map(|guess| Guess { name: guess.label, probability: guess.probability })
}

/// Whether there is a word in a text.
pub(crate) fn is_readable(gist: &Piece) -> bool {
    gist.body.as_str().contains(char::is_alphanumeric)
}

/// The triage of a ticket without a word: what somebody said of it, and what rules say of the rest.
fn nothing_to_read(
    knowledge: &Knowledge,
    (ticket, tier): (&Ticket, Tier),
    entities: Vec<Entity>,
    correction: Option<&Correction>,
) -> Triage {
    let nothing = || (None, Some(Abstention { reason: Reason::NoWords, candidates: Vec::new() }));
    let said = correction.and_then(said_matter);
    let is_said = said.is_some();
    let (intent, abstained) = said.unwrap_or_else(nothing);
    let text = ticket.text();
    let facts = Facts {
        intent: intent.as_ref(),
        language: ticket.language,
        tier,
        channel: ticket.channel,
        text: &text,
        entities: &entities,
        urgency: None,
    };
    let ruled = rule(&knowledge.playbook.routing, facts);
    let route = correction
        .and_then(|said| said_route(knowledge, said, ticket.language))
        .or_else(|| ruled_route(knowledge, &ruled, ticket.language));
    let origins = unread(correction.filter(|_| is_said), &ruled, route.as_ref());
    Triage {
        intents: Vec::new(),
        intent,
        also: Vec::new(),
        sentiment: None,
        urgency: None,
        language: None,
        entities,
        priority: ruled.priority.map_or(Priority::Normal, |(priority, _)| priority),
        route,
        tags: ruled.tags,
        duplicates: Vec::new(),
        evidence: Vec::new(),
        abstained,
        corrected: correction.cloned(),
        said_duplicates: Vec::new(),
        incident: None,
        origins,
    }
}

/// The intent that somebody said, or that they said there is none; `None` where they said nothing of it.
fn said_matter(correction: &Correction) -> Option<(Option<IntentName>, Option<Abstention>)> {
    Some(match correction.matter.as_ref()? {
        Matter::Intent(intent) => (Some(intent.clone()), None),
        Matter::OutOfScope => {
            (None, Some(Abstention { reason: Reason::SaidOutOfScope { name: correction.by.clone() }, candidates: Vec::new() }))
        }
    })
}

/// The route that somebody said.
fn said_route(knowledge: &Knowledge, correction: &Correction, language: Option<Language>) -> Option<Route> {
    let group = correction.group.clone()?;
    Some(Route {
        assignee: assignee(&knowledge.playbook.routing, &group, language),
        group,
        by: RouteBy::Person,
        because: correction.by.clone(),
        probability: None,
    })
}

/// The intent that holds, or why none does.
pub(crate) fn decide(
    knowledge: &Knowledge,
    votes: &[Calibrated<Option<IntentName>>],
    is_unfamiliar: bool,
) -> (Option<IntentName>, Option<Abstention>) {
    let bound = knowledge.intent_from;
    let candidates: Vec<String> = votes.iter().filter_map(|vote| vote.label.as_ref()).take(CANDIDATES).map(ToString::to_string).collect();
    let abstain = |reason| (None, Some(Abstention { reason, candidates: candidates.clone() }));
    match votes.first() {
        None if knowledge.ground.examples().iter().any(|example| example.labels.intent.is_some()) => abstain(Reason::FewIntents),
        None => abstain(Reason::NoIntents),
        Some(best) => match (&best.label, best.probability) {
            (None, _) => abstain(Reason::OutOfScope),
            _ if knowledge.ground.is_outside(votes) => abstain(Reason::OutOfScope),
            (Some(_), Some(_)) if is_unfamiliar => abstain(Reason::Unfamiliar),
            (Some(_), None) => abstain(Reason::NotCalibrated),
            (Some(_), Some(probability)) if probability.get() < bound.least => abstain(bound.reason()),
            (Some(intent), Some(_)) => (Some(intent.clone()), None),
        },
    }
}

pub(crate) fn evidence(knowledge: &Knowledge, votes: &[Calibrated<Option<IntentName>>], intent: Option<&IntentName>) -> Vec<Evidence> {
    votes
        .iter()
        .filter(|vote| intent.is_none() || vote.label.as_ref() == intent)
        .flat_map(|vote| &vote.examples)
        .take(EVIDENCE)
        .filter_map(|index| knowledge.ground.examples().get(*index))
        .map(|example| Evidence {
            source: example.ticket.map_or(Source::Playbook, Source::Ticket),
            title: example.title.clone(),
            quote: example.quote.clone(),
            span: None,
            at: example.at,
        })
        .collect()
}

pub(crate) fn detected(ticket: &Ticket, gist: &Piece) -> Option<Guess<Language>> {
    // What the source said needs no detection.
    match ticket.language {
        Some(said) => Some(Guess { name: said, probability: Probability::new(1.0) }),
        None => gist.spoken.map(|(name, sure)| Guess { name, probability: Probability::new(sure) }),
    }
}

pub(crate) fn learned_priority(knowledge: &Knowledge, asked: Asked<'_>) -> Option<Priority> {
    knowledge.ground.priorities(asked).into_iter().next().filter(|vote| vote.probability.is_some()).map(|vote| vote.label)
}

fn ruled_route(knowledge: &Knowledge, ruled: &Ruled, language: Option<Language>) -> Option<Route> {
    let (group, because) = ruled.group.clone()?;
    let assignee = ruled.assignee.clone().or_else(|| assignee(&knowledge.playbook.routing, &group, language));
    Some(Route { group, assignee, by: RouteBy::Rule, because, probability: None })
}

fn learned_route(knowledge: &Knowledge, (asked, alike): (Asked<'_>, &Alike), language: Language) -> Option<Route> {
    let routing = &knowledge.playbook.routing;
    let vote = knowledge.ground.groups(asked, alike).into_iter().next()?;
    let probability = vote.probability.filter(|probability| probability.get() >= knowledge.route_from().least)?;
    let examples = vote.examples.iter().filter_map(|index| knowledge.ground.examples().get(*index));
    Some(Route {
        assignee: assignee(routing, &vote.label, Some(language)),
        group: vote.label,
        by: RouteBy::Head,
        because: learned_from(examples),
        probability: Some(probability),
    })
}

/// What a decision was learned from, as names alone: a few tickets and the intents whose examples it met, each once.
fn learned_from<'a>(examples: impl Iterator<Item = &'a Example>) -> String {
    let mut names: Vec<String> = Vec::new();
    for example in examples {
        // Ids of other systems stay as they are; an intent's name is for people to read.
        let name = if example.ticket.is_some() { example.title.clone() } else { example.title.replace('_', " ") };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(EVIDENCE);
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::triage::ground::Labels;
    use backchannel_learn::features::Features;

    #[test]
    fn what_an_admin_calls_urgent_is_critical_and_nothing_is_lowered() {
        let calm = Guess { name: Urgency::Normal, probability: None };
        assert_eq!(raised(calm.clone(), Some(Priority::Urgent)).name, Urgency::Critical);
        assert_eq!(raised(calm.clone(), Some(Priority::Low)), calm);
        assert_eq!(raised(calm.clone(), None), calm);
    }

    #[test]
    fn what_a_route_was_learned_from_is_named_once_each() {
        let example = |title: &str, is_ticket: bool| Example {
            ticket: is_ticket.then(|| TicketId::at(Timestamp::from_micros(0), [1; 10])),
            at: None,
            language: None,
            features: Features::default(),
            title: title.to_owned(),
            quote: String::new(),
            labels: Labels::default(),
        };
        let examples = [example("refund_request", false), example("T_1", true), example("refund_request", false), example("T-2", true)];
        assert_eq!(learned_from(examples.iter()), "refund request, T_1, T-2");
    }
}
