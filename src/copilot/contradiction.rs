//! Two documents that give different numbers for the same thing: the newer one holds.

use std::collections::BTreeSet;

use crate::copilot::reply::Candidate;
use crate::domain::id::DocumentId;
use crate::domain::reason::{Reason, Stated};
use crate::domain::triage::Source;
use crate::lines::words::Words;

/// Sentences as like as this speak of the same thing.
const SAME_MATTER: f64 = 0.4;
/// Less like ones do when they share so many stems beside what is counted.
const NEAR_MATTER: f64 = 0.25;
const SHARED_STEMS: usize = 2;

/// A sentence that a newer document contradicts, by their places among the candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contradiction {
    /// The outdated sentence.
    pub(super) older: usize,
    /// The sentence that holds.
    pub(super) newer: usize,
}

/// The contradictions among some candidates that all answer the same ask; `like` says how alike two of them are.
pub(super) fn find(
    candidates: &[Candidate<'_>],
    words: &[Words],
    among: &[usize],
    like: impl Fn(usize, usize) -> f64,
) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (place, one) in among.iter().enumerate() {
        for other in &among[place + 1..] {
            let (older, newer) = if candidates[*one].updated_at < candidates[*other].updated_at { (*one, *other) } else { (*other, *one) };
            let apart = document(&candidates[older]).is_some_and(|id| document(&candidates[newer]).is_some_and(|other| other != id));
            let aged = candidates[older].updated_at < candidates[newer].updated_at;
            let same_language = candidates[older].line.language == candidates[newer].line.language;
            if apart
                && aged
                && same_language
                && counts_differ(&words[older], &words[newer])
                && same_matter(like(older, newer), &words[older], &words[newer])
            {
                found.push(Contradiction { older, newer });
            }
        }
    }
    found
}

/// What the author of a reply is told of a contradiction.
pub(super) fn warning(older: &Candidate<'_>, newer: &Candidate<'_>) -> Reason {
    let stated = |candidate: &Candidate<'_>| Stated {
        passage: match candidate.line.source {
            Source::Passage(_, passage) => Some(passage),
            Source::Ticket(_) | Source::Comment(..) | Source::Message(..) | Source::Attachment(..) | Source::Playbook => None,
        },
        title: candidate.line.title.to_owned(),
        at: candidate.updated_at,
        text: candidate.line.text.to_owned(),
    };
    Reason::Contradicted { older: Box::new(stated(older)), newer: Box::new(stated(newer)) }
}

/// The document of a candidate, if it is a passage.
pub(super) fn document(candidate: &Candidate<'_>) -> Option<DocumentId> {
    match candidate.line.source {
        Source::Passage(document, _) => Some(document),
        Source::Ticket(_) | Source::Comment(..) | Source::Message(..) | Source::Attachment(..) | Source::Playbook => None,
    }
}

/// Whether both count the same thing and have no number for it in common.
fn counts_differ(one: &Words, other: &Words) -> bool {
    let units = |words: &Words| words.measures.iter().map(|(_, unit)| unit.clone()).collect::<BTreeSet<_>>();
    let numbers = |words: &Words, unit: &String| {
        words.measures.iter().filter(|(_, counted)| counted == unit).map(|(number, _)| number.clone()).collect::<BTreeSet<_>>()
    };
    units(one).intersection(&units(other)).any(|unit| numbers(one, unit).is_disjoint(&numbers(other, unit)))
}

fn same_matter(like: f64, one: &Words, other: &Words) -> bool {
    let counted: BTreeSet<&String> = one.measures.iter().map(|(_, unit)| unit).collect();
    let shared = one.stems.intersection(&other.stems).filter(|stem| !counted.contains(stem)).count();
    like >= SAME_MATTER || (like >= NEAR_MATTER && shared >= SHARED_STEMS)
}
