//! Whom to ask about a ticket: who answered the like, who usually answers such matters, and who is known to know.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::app::panel::gather::{Gathered, name_of};
use crate::app::pieces::{Piece, Raw};
use crate::domain::panel::SimilarThread;
use crate::domain::reason::Reason;
use crate::domain::thread::{Message, Thread};
use crate::domain::time::Timestamp;
use crate::domain::triage::{Evidence, Source};
use crate::domain::vocabulary::{EmailAddress, IntentName};
use crate::experts::{self, ExpertQuery, Habit, PastAnswer, RankedExpert, SkillHit};
use crate::lines::Line;
use crate::lines::acts::Acts;

/// Below this cosine a person's skills are no evidence.
const LEAST_SKILL: f32 = 0.3;
/// What a side conversation counts whose ticket is in another language: the matter is the same, the country often not.
const OTHER_LANGUAGE: f64 = 0.5;
/// So many side conversations on a matter are thought of as answered by nobody in particular: one is no habit.
const UNKNOWN: f64 = 1.0;

/// The people worth asking, best first.
pub(super) fn rank(
    gathered: &Gathered,
    ask: &[Line<'_>],
    similar_threads: &[(SimilarThread, f32, Reason)],
    now: Timestamp,
) -> Vec<RankedExpert> {
    let answers: Vec<PastAnswer> = similar_threads
        .iter()
        .filter_map(|(similar, likeness, _)| {
            Some(PastAnswer {
                evidence: similar.answer.evidence.first()?.clone(),
                thread: similar.thread,
                reference: similar.reference.clone(),
                by: similar.answered_by.clone(),
                weight: f64::from(*likeness),
                at: similar.answered_at,
            })
        })
        .collect();
    let mut skills = experts::skill_hits(ask, &gathered.directory);
    skills.extend(gathered.people.iter().filter(|near| near.likeness >= LEAST_SKILL).filter_map(|near| {
        let skill = gathered.directory.people.get(&near.item)?.skills.first()?.clone();
        Some(SkillHit { email: near.item.clone(), skill, weight: f64::from(near.likeness) })
    }));
    let exclude: Vec<EmailAddress> = gathered.history.ticket.assignee.iter().cloned().collect();
    experts::rank(&ExpertQuery {
        answers: &answers,
        habits: &habits(gathered),
        skills: &skills,
        directory: &gathered.directory,
        open_threads: &gathered.open_threads,
        exclude: &exclude,
        now,
    })
}

/// What one person answered on the matters that the ticket may be one of.
#[derive(Default)]
struct Answered<'a> {
    weight: f64,
    matters: BTreeMap<&'a IntentName, OnMatter<'a>>,
}

/// What one person answered on one matter.
#[derive(Default)]
struct OnMatter<'a> {
    weight: f64,
    threads: u32,
    messages: Vec<(&'a Thread, &'a Message)>,
}

/// How much of what was asked on such matters each person answered, over the side conversations of labelled tickets.
fn habits(gathered: &Gathered) -> Vec<Habit> {
    let ticket = gathered.history.ticket.id;
    let mut whole = 0.0;
    let mut asked_on: BTreeMap<&IntentName, u32> = BTreeMap::new();
    let mut people: BTreeMap<&EmailAddress, Answered<'_>> = BTreeMap::new();
    for history in gathered.reply_times.iter().filter(|history| history.thread.ticket != ticket) {
        let Some((intent, language, share)) = gathered.matters.shared_with(&gathered.knowledge, history.thread.ticket) else { continue };
        let weight = share * if language == Some(gathered.gist.language) { 1.0 } else { OTHER_LANGUAGE };
        whole += weight;
        *asked_on.entry(intent).or_default() += 1;
        let mut counted = BTreeSet::new();
        for message in history.messages.iter().filter(|message| message.author != history.thread.opened_by) {
            let person = people.entry(&message.author).or_default();
            let matter = person.matters.entry(intent).or_default();
            if counted.insert(&message.author) {
                person.weight += weight;
                matter.weight += weight;
                matter.threads += 1;
            }
            matter.messages.push((&history.thread, message));
        }
    }
    let habit = |(email, person): (&EmailAddress, Answered<'_>)| {
        let (about, mut matter) = person.matters.into_iter().max_by(|(_, one), (_, other)| one.weight.total_cmp(&other.weight))?;
        matter.messages.sort_by_key(|(_, message)| Reverse(message.created_at));
        Some(Habit {
            email: email.clone(),
            about: about.as_str().replace('_', " "),
            share: person.weight / (whole + UNKNOWN),
            answered: matter.threads,
            of: asked_on[about],
            evidence: matter.messages.into_iter().find_map(|(thread, message)| evidence(gathered, thread, message))?,
        })
    };
    people.into_iter().filter_map(habit).collect()
}

/// The first sentence of a message that tells something.
fn evidence(gathered: &Gathered, thread: &Thread, message: &Message) -> Option<Evidence> {
    let piece = Piece::cut(Raw {
        source: Source::Message(thread.id, message.id),
        author: Some(&message.author),
        title: name_of(&gathered.directory, &message.author),
        at: Some(message.created_at),
        language: None,
        otherwise: gathered.knowledge.language,
        text: &message.body,
    });
    let tells = |line: &&Line<'_>| {
        let acts = Acts::of(line);
        !acts.is_idle() && !acts.asks()
    };
    piece.lines().iter().find(tells).map(Line::evidence)
}
