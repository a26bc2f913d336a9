//! People by the evidence for them: what they answered, how long ago, what they are known to know, and how busy they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::ThreadId;
use crate::domain::person::{Directory, Person};
use crate::domain::reason::{Reason, Usual};
use crate::domain::time::Timestamp;
use crate::domain::triage::{Evidence, Source};
use crate::domain::vocabulary::{EmailAddress, PersonRole};

/// An answer that somebody gave in a side conversation like the one that would be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct PastAnswer {
    /// The message that answered.
    pub evidence: Evidence,
    /// Its side conversation.
    pub thread: ThreadId,
    /// What the side conversation is called.
    pub reference: String,
    /// Who answered.
    pub by: EmailAddress,
    /// How like the matter is, in \[0, 1\]; `1/rank` where only ranks are known.
    pub weight: f64,
    /// When.
    pub at: Timestamp,
}

/// A skill that fits the matter.
#[derive(Debug, Clone, PartialEq)]
pub struct SkillHit {
    /// Whose skill it is.
    pub email: EmailAddress,
    /// The skill in the admin's words.
    pub skill: String,
    /// How well it fits, in \[0, 1\].
    pub weight: f64,
}

/// How much of what is asked about a matter somebody answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Habit {
    /// Who.
    pub email: EmailAddress,
    /// The matter, in the admin's words.
    pub about: String,
    /// Their share of the side conversations on such matters, weighed by how likely the ticket is one of them, in \[0, 1\].
    pub share: f64,
    /// How many side conversations on the matter they answered.
    pub answered: u32,
    /// How many there were.
    pub of: u32,
    /// Their latest answer among them.
    pub evidence: Evidence,
}

/// What the ranking rests on.
#[derive(Debug, Clone, Copy)]
pub struct ExpertQuery<'a> {
    /// Answers in like side conversations.
    pub answers: &'a [PastAnswer],
    /// What each usually answers on such matters.
    pub habits: &'a [Habit],
    /// Skills that fit.
    pub skills: &'a [SkillHit],
    /// Who is there.
    pub directory: &'a Directory,
    /// How many side conversations wait on each now.
    pub open_threads: &'a BTreeMap<EmailAddress, u32>,
    /// Who is never named, such as the ticket's own agent.
    pub exclude: &'a [EmailAddress],
    /// The moment of asking.
    pub now: Timestamp,
}

/// Somebody worth asking.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedExpert {
    /// Who.
    pub email: EmailAddress,
    /// Messages of theirs, and skills as playbook evidence; never empty.
    pub evidence: Vec<Evidence>,
    /// How many side conversations wait on them now.
    pub open_threads: u32,
    /// Why.
    pub because: Reason,
}

/// What it counts to have answered everything on such matters, beside one answer in a fully like side conversation.
const HABIT: f64 = 1.0;
/// A smaller share of what was asked on a matter is not named as a reason.
const A_PART: f64 = 0.1;
/// How many people are named at most.
const NAMED: usize = 5;
/// Below this score the best is no better than a guess, and nobody is named.
const THIN: f64 = 0.2;
/// Nobody is named whose score is below this share of the best one's.
const SHARE_OF_BEST: f64 = 0.35;
/// After this many days an answer counts half as much, down to a floor: knowledge ages slower than news.
const HALF_LIFE_DAYS: f64 = 180.0;
/// How much of an answer's weight stays however old it is.
const AGELESS: f64 = 0.4;
/// How much a skill that fits fully is worth beside a fully like answer.
const SKILL: f64 = 0.4;
/// All skills of one person together are worth no more than this.
const SKILLS_AT_MOST: f64 = 0.6;
/// How much each waiting side conversation lowers somebody.
const LOAD: f64 = 0.05;
/// People outside the company are asked a little later than colleagues of equal evidence.
const OUTSIDE: f64 = 0.9;

/// Ranks the people worth asking, best first, at most five; empty when the evidence is thin.
///
/// Agents are never named: they ask. Several answers add up, each counting half as much as the one before.
#[must_use]
pub fn rank(query: &ExpertQuery<'_>) -> Vec<RankedExpert> {
    let eligible = |person: &&Person| match person.role {
        PersonRole::Agent => false,
        PersonRole::LightAgent | PersonRole::Expert | PersonRole::Outsider => !query.exclude.contains(&person.email),
    };
    let mut scored: Vec<(f64, RankedExpert)> =
        query.directory.people.values().filter(eligible).filter_map(|person| score(query, person)).collect();
    scored.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.email.cmp(&other.email)));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    if best < THIN {
        return Vec::new();
    }
    scored.into_iter().take_while(|(score, _)| *score >= best * SHARE_OF_BEST).take(NAMED).map(|(_, expert)| expert).collect()
}

fn score(query: &ExpertQuery<'_>, person: &Person) -> Option<(f64, RankedExpert)> {
    let mut answers: Vec<(f64, &PastAnswer)> = best_of_each_thread(query, &person.email);
    answers.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut skills: Vec<&SkillHit> = query.skills.iter().filter(|hit| hit.email == person.email && hit.weight > 0.0).collect();
    skills.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let habit = query.habits.iter().find(|habit| habit.email == person.email);
    let named = habit.filter(|habit| habit.share >= A_PART);
    if answers.is_empty() && skills.is_empty() && named.is_none() {
        return None;
    }
    let answered = fading_sum(answers.iter().map(|(weight, _)| *weight));
    let known = (SKILL * fading_sum(skills.iter().map(|hit| hit.weight.clamp(0.0, 1.0)))).min(SKILLS_AT_MOST);
    let open_threads = query.open_threads.get(&person.email).copied().unwrap_or(0);
    let place = if person.role == PersonRole::Outsider { OUTSIDE } else { 1.0 };
    let usual = HABIT * habit.map_or(0.0, |habit| habit.share.clamp(0.0, 1.0));
    let score = (answered + known + usual) * place / (1.0 + LOAD * f64::from(open_threads));
    let because = because(&answers, named, &skills);
    let evidence = answers
        .iter()
        .take(3)
        .map(|(_, answer)| answer.evidence.clone())
        .chain(named.filter(|_| answers.is_empty()).map(|habit| habit.evidence.clone()))
        .chain(skills.iter().take(3).map(|hit| Evidence {
            source: Source::Playbook,
            title: person.name.clone(),
            quote: hit.skill.clone(),
            span: None,
            at: None,
        }))
        .collect();
    Some((score, RankedExpert { email: person.email.clone(), evidence, open_threads, because }))
}

/// A person's answers with what they count today, the best one of each side conversation.
fn best_of_each_thread<'a>(query: &ExpertQuery<'a>, email: &EmailAddress) -> Vec<(f64, &'a PastAnswer)> {
    let mut best: BTreeMap<ThreadId, (f64, &PastAnswer)> = BTreeMap::new();
    for answer in query.answers.iter().filter(|answer| answer.by == *email && answer.weight > 0.0 && answer.at <= query.now) {
        let weight = answer.weight.clamp(0.0, 1.0) * freshness(answer.at, query.now);
        let entry = best.entry(answer.thread).or_insert((weight, answer));
        if weight > entry.0 {
            *entry = (weight, answer);
        }
    }
    best.into_values().collect()
}

/// What is left of an answer's weight: 1 today, halving towards a floor.
fn freshness(at: Timestamp, now: Timestamp) -> f64 {
    let days = i32::try_from(now.seconds_since(at) / 86_400).map_or(f64::from(i32::MAX), f64::from).max(0.0);
    AGELESS + (1.0 - AGELESS) * 0.5_f64.powf(days / HALF_LIFE_DAYS)
}

/// The first in full, the second half, the third a quarter, …: ten weak hints are no proof.
fn fading_sum(weights: impl Iterator<Item = f64>) -> f64 {
    weights.zip(std::iter::successors(Some(1.0), |share| Some(share / 2.0))).map(|(weight, share)| weight * share).sum()
}

fn because(answers: &[(f64, &PastAnswer)], habit: Option<&Habit>, skills: &[&SkillHit]) -> Reason {
    let mut seen = BTreeSet::new();
    let skills: Vec<String> = skills.iter().filter(|hit| seen.insert(hit.skill.as_str())).map(|hit| hit.skill.clone()).take(3).collect();
    let usual = habit.map(|habit| Usual { answered: habit.answered, of: habit.of, about: habit.about.clone() });
    match (answers, usual) {
        ([], None) => Reason::Knows { skills },
        ([], Some(usual)) => Reason::Usually { usual, skills },
        ([(_, answer), others @ ..], usual) => Reason::Answered {
            reference: answer.reference.clone(),
            at: answer.at,
            more: u32::try_from(others.len()).unwrap_or(u32::MAX),
            usual,
            skills,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{EN, at, directory, email, line, thread_id};

    const ANA: &str = "ana@lab.example";
    const RUI: &str = "rui@lab.example";
    const TOM: &str = "tom@desk.example";
    const EXT: &str = "eve@supplier.example";

    fn people() -> Directory {
        directory(
            &[
                (ANA, "Ana Blum", "lab", PersonRole::Expert, &["batteries"]),
                (RUI, "Rui Sá", "lab", PersonRole::LightAgent, &["radio"]),
                (TOM, "Tom Hart", "support", PersonRole::Agent, &["batteries"]),
                (EXT, "Eve Oak", "supplier", PersonRole::Outsider, &["batteries"]),
            ],
            &[],
        )
    }

    fn answer(by: &str, thread: u8, weight: f64, day: &str) -> PastAnswer {
        PastAnswer {
            evidence: line("Replace the pack.", EN).evidence(),
            thread: thread_id(thread),
            reference: format!("S-{thread}"),
            by: email(by),
            weight,
            at: at(&format!("{day}T09:00:00Z")),
        }
    }

    fn skill(of: &str, skill: &str, weight: f64) -> SkillHit {
        SkillHit { email: email(of), skill: skill.to_owned(), weight }
    }

    fn ranked(answers: &[PastAnswer], skills: &[SkillHit], open: &[(&str, u32)], exclude: &[&str]) -> Vec<(String, String)> {
        let open_threads = open.iter().map(|(address, count)| (email(address), *count)).collect();
        let exclude: Vec<EmailAddress> = exclude.iter().map(|address| email(address)).collect();
        let directory = people();
        let now = at("2026-11-20T16:00:00Z");
        let query =
            ExpertQuery { answers, habits: &[], skills, directory: &directory, open_threads: &open_threads, exclude: &exclude, now };
        rank(&query)
            .into_iter()
            .inspect(|expert| assert!(!expert.evidence.is_empty()))
            .map(|expert| (expert.email.to_string(), expert.because.to_string()))
            .collect()
    }

    fn names(ranked: &[(String, String)]) -> Vec<&str> {
        ranked.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn who_answered_the_like_comes_before_who_merely_knows() {
        let ranked = ranked(&[answer(RUI, 1, 0.9, "2026-10-01")], &[skill(ANA, "batteries", 1.0)], &[], &[]);
        assert_eq!(names(&ranked), [RUI, ANA]);
        assert_eq!(ranked[0].1, "answered S-1 on 1 Oct 2026");
        assert_eq!(ranked[1].1, "knows batteries");
    }

    #[test]
    fn who_usually_answers_such_matters_comes_before_who_once_answered_something_alike() {
        let habit = Habit {
            email: email(ANA),
            about: "warranty claim".to_owned(),
            share: 0.7,
            answered: 7,
            of: 9,
            evidence: line("Replace the pack.", EN).evidence(),
        };
        let directory = people();
        let query = ExpertQuery {
            answers: &[answer(RUI, 1, 0.4, "2026-11-01")],
            habits: &[habit],
            skills: &[],
            directory: &directory,
            open_threads: &BTreeMap::new(),
            exclude: &[],
            now: at("2026-11-20T16:00:00Z"),
        };
        let ranked = rank(&query);
        assert_eq!(ranked.iter().map(|expert| expert.email.as_str()).collect::<Vec<_>>(), [ANA, RUI]);
        let usual = Usual { answered: 7, of: 9, about: "warranty claim".to_owned() };
        assert_eq!(ranked[0].because, Reason::Usually { usual, skills: Vec::new() });
        assert_eq!(ranked[0].evidence[0].quote, "Replace the pack.");
    }

    #[test]
    fn the_assignee_and_agents_are_never_named() {
        let answers = [answer(TOM, 1, 1.0, "2026-11-01"), answer(ANA, 2, 0.9, "2026-11-01"), answer(RUI, 3, 0.8, "2026-11-01")];
        assert_eq!(names(&ranked(&answers, &[], &[], &[ANA])), [RUI]);
    }

    #[test]
    fn thin_evidence_names_nobody() {
        assert_eq!(ranked(&[answer(ANA, 1, 0.2, "2026-11-01")], &[], &[], &[]), []);
        assert_eq!(ranked(&[], &[skill(ANA, "batteries", 0.3)], &[], &[]), []);
        assert_eq!(ranked(&[], &[], &[], &[]), []);
    }

    #[test]
    fn a_fresh_answer_outweighs_an_old_one() {
        let answers = [answer(ANA, 1, 0.8, "2023-01-01"), answer(RUI, 2, 0.7, "2026-11-01")];
        assert_eq!(names(&ranked(&answers, &[], &[], &[])), [RUI, ANA]);
    }

    #[test]
    fn load_and_distance_decide_between_equals_only() {
        let equal = [answer(ANA, 1, 0.8, "2026-11-01"), answer(RUI, 2, 0.8, "2026-11-01")];
        assert_eq!(names(&ranked(&equal, &[], &[(ANA, 3)], &[])), [RUI, ANA]);
        let clear = [answer(ANA, 1, 0.9, "2026-11-01"), answer(RUI, 2, 0.5, "2026-11-01")];
        assert_eq!(names(&ranked(&clear, &[], &[(ANA, 3)], &[])), [ANA, RUI]);
        let outside = [answer(ANA, 1, 0.8, "2026-11-01"), answer(EXT, 2, 0.8, "2026-11-01")];
        assert_eq!(names(&ranked(&outside, &[], &[], &[])), [ANA, EXT]);
    }

    #[test]
    fn several_messages_of_one_thread_count_once() {
        let answers = [answer(ANA, 1, 0.5, "2026-11-01"), answer(ANA, 1, 0.5, "2026-11-01"), answer(RUI, 2, 0.6, "2026-11-01")];
        let ranked = ranked(&answers, &[], &[], &[]);
        assert_eq!(names(&ranked), [RUI, ANA]);
        assert_eq!(ranked[1].1, "answered S-1 on 1 Nov 2026");
    }

    #[test]
    fn an_answer_from_after_the_moment_does_not_count() {
        assert_eq!(ranked(&[answer(ANA, 1, 1.0, "2026-12-01")], &[], &[], &[]), []);
    }
}
