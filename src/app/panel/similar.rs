//! What was found, made into suggestions: passages, past tickets, threads that already answered.

use std::collections::{BTreeSet, HashMap};

use crate::app::knowledge::Knowledge;
use crate::app::panel::gather::{CutThread, Gathered, Near, PastTicket, name_of};
use crate::app::panel::matters::Matters;
use crate::app::panel::wanted::Wanted;
use crate::app::pieces::Piece;
use crate::copilot::reply::{self, Candidate, ReplyLimits};
use crate::domain::audience::Reader;
use crate::domain::document::FoundPassage;
use crate::domain::id::DocumentId;
use crate::domain::panel::{Cited, SimilarThread, SimilarTicket, TicketHead};
use crate::domain::reason::Reason;
use crate::domain::vocabulary::{Language, TicketStatus};
use crate::lines::Line;
use crate::lines::telling::is_telling;
use crate::lines::words::{Rarity, Words, fold};
use crate::threads;

const PASSAGES: usize = 4;
/// So many documents show their best passage before any shows a second. On the labelled tickets of the demo company a right document is shown
/// so for 111 of 124 in English and 66 of 71 in French, and for 107 and 62 where the best two may fill the list.
const DOCUMENTS: usize = 3;
const PASSAGES_PER_DOCUMENT: usize = 2;
const TICKETS: usize = 3;
const THREADS: usize = 3;

/// Below this likeness a found text is not shown. Set by eye on the demo company: no held-out figure stands behind it.
const LEAST_LIKENESS: f32 = 0.22;
/// The same for side conversations, after their likeness was weighed by their matter.
const LEAST_LIKENESS_OF_A_THREAD: f32 = 0.15;
/// What the likeness of a side conversation counts whose ticket is surely about something else. On the labelled tickets of the demo company,
/// with which this and the bound above were chosen, 48 of 77 show a right one so (44 without), and 115 of 133 a right person either way.
const OTHER_MATTER: f32 = 0.5;
/// So many words that a found text shares with the ticket are named.
const NAMED_WORDS: usize = 3;
/// A document so much older than the newest one found may be outdated: it stands last.
const OLD_AFTER_SECONDS: i64 = 540 * 24 * 3600;

/// What found texts have in common with the ticket.
struct InCommon<'a> {
    gist: &'a Piece,
    rarity: Rarity,
    /// Names of people, folded: whoever is greeted or signs is no matter.
    names: BTreeSet<String>,
}

impl<'a> InCommon<'a> {
    fn new(gathered: &'a Gathered, found: impl Iterator<Item = Words>) -> Self {
        let found: Vec<Words> = found.collect();
        let people = gathered.directory.people.values().map(|person| person.name.as_str());
        let names = people.chain(gathered.customer.name.as_deref()).flat_map(str::split_whitespace).map(fold).collect();
        Self { gist: &gathered.gist, rarity: Rarity::of(&found), names }
    }

    /// The rarest telling words that a text shares with the ticket, as the ticket writes them.
    fn with(&self, text: &str, language: Language) -> Vec<String> {
        let words = Words::of(text, language);
        let mut shared: Vec<(String, String)> = words.written_in(self.gist.body.as_str(), self.gist.language).into_iter().collect();
        shared.retain(|(_, written)| is_telling(written) && !self.names.contains(&fold(written)));
        shared.sort_by(|(one, _), (other, _)| self.rarity.weight(other).total_cmp(&self.rarity.weight(one)));
        shared.into_iter().take(NAMED_WORDS).map(|(_, written)| written).collect()
    }
}

/// The passages worth showing, best first, those of old documents last.
pub(super) fn passages(gathered: &Gathered) -> Vec<(&Wanted, Reason)> {
    let near: Vec<_> = gathered.passages.iter().filter(|near| near.likeness >= LEAST_LIKENESS).collect();
    let newest = near.iter().map(|near| near.found.updated_at).max();
    let old = |found: &FoundPassage| newest.is_some_and(|newest| newest.seconds_since(found.updated_at) > OLD_AFTER_SECONDS);
    let (outdated, current): (Vec<_>, Vec<_>) = near.into_iter().partition(|near| old(&near.found) && near.rule.is_none());
    let common = InCommon::new(gathered, gathered.passages.iter().map(|near| Words::of(near.piece.body.as_str(), near.piece.language)));
    let found: Vec<&Wanted> = current.into_iter().chain(outdated).collect();
    // The best passage of several documents before a second one of any: what the search holds for the best is not always right.
    let mut places: HashMap<DocumentId, Vec<usize>> = HashMap::new();
    for (place, near) in found.iter().enumerate() {
        places.entry(near.found.passage.document).or_default().push(place);
    }
    let mut firsts: Vec<usize> = places.values().filter_map(|of_document| of_document.first().copied()).collect();
    firsts.sort_unstable();
    firsts.truncate(DOCUMENTS);
    let mut more: Vec<usize> =
        places.values().flat_map(|of_document| of_document.iter().take(PASSAGES_PER_DOCUMENT).skip(1)).copied().collect();
    more.sort_unstable();
    let mut shown: Vec<usize> = firsts.into_iter().chain(more).take(PASSAGES).collect();
    shown.sort_unstable();
    shown
        .into_iter()
        .map(|place| found[place])
        .map(|near| {
            let found = &near.found;
            let because = if let Some(rule) = &near.rule {
                Reason::PassageOfRule { rule: rule.clone(), updated_at: found.updated_at }
            } else {
                let words = common.with(near.piece.body.as_str(), near.piece.language);
                Reason::PassageAlike { words, updated_at: found.updated_at, is_old: old(found) }
            };
            (near, because)
        })
        .collect()
}

/// The past tickets worth showing, each with how it was solved.
pub(super) fn tickets(gathered: &Gathered, ask: &[Line<'_>]) -> Vec<(SimilarTicket, Reason)> {
    let mut near: Vec<&Near<PastTicket>> = gathered
        .past_tickets
        .iter()
        .filter(|near| near.likeness >= LEAST_LIKENESS && near.item.history.ticket.status == TicketStatus::Solved)
        .collect();
    near.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    let language = gathered.gist.language;
    let common = InCommon::new(gathered, near.iter().map(|near| Words::of(&near.item.history.ticket.text(), language)));
    near.into_iter()
        .take(TICKETS)
        .map(|near| {
            let ticket = &near.item.history.ticket;
            let because = Reason::TicketAlike { words: common.with(&ticket.text(), language), solved_at: ticket.solved_at };
            (SimilarTicket { head: TicketHead::from(ticket), solution: solution(&near.item, ask) }, because)
        })
        .collect()
}

/// How a past ticket was solved: the sentence of its last replies that meets the ask best.
fn solution(past: &PastTicket, ask: &[Line<'_>]) -> Option<Cited> {
    let ticket = &past.history.ticket;
    let audience = ticket.audience();
    let last: Vec<Line<'_>> = past.replies.last()?.lines();
    let language = past.replies.last()?.language;
    let candidates: Vec<Candidate<'_>> = last
        .into_iter()
        .map(|line| Candidate { line, audience: &audience, updated_at: ticket.solved_at.unwrap_or(ticket.created_at), weight: 1.0 })
        .collect();
    // Only colleagues see this, so the reader is not the new ticket's customer.
    let limits = ReplyLimits { reader: Reader::Everything, language, sentences: 1 };
    let chosen = reply::choose(ask, &candidates, &limits).sentences.into_iter().next();
    chosen.or_else(|| candidates.iter().max_by_key(|candidate| candidate.line.text.len()).map(|candidate| candidate.line.cited()))
}

/// Weighs side conversations by what their tickets were about, and puts them in order.
pub(super) fn weigh(threads: &mut [Near<CutThread>], matters: &Matters, knowledge: &Knowledge) {
    for near in threads.iter_mut() {
        #[expect(clippy::cast_possible_truncation, reason = "a share of one")]
        let akin = matters.akin(knowledge, near.item.history.thread.ticket) as f32;
        near.likeness *= OTHER_MATTER + (1.0 - OTHER_MATTER) * akin;
    }
    threads.sort_by(|one, other| other.likeness.total_cmp(&one.likeness));
}

/// The threads that already answered the like, those on other matters after those on the same.
pub(super) fn threads(gathered: &Gathered) -> Vec<(SimilarThread, f32, Reason)> {
    gathered
        .past_threads
        .iter()
        .filter(|near| near.likeness >= LEAST_LIKENESS_OF_A_THREAD)
        .filter_map(|near| {
            let CutThread { history, pieces } = &near.item;
            let lines: Vec<Line<'_>> = pieces.iter().flat_map(Piece::lines).collect();
            let answer = threads::answer(history, &lines)?;
            let name = gathered.directory.people.get(&answer.by).map(|person| person.name.clone());
            let because = Reason::ThreadAnswered { name: name_of(&gathered.directory, &answer.by), at: answer.at };
            let similar = SimilarThread {
                thread: history.thread.id,
                reference: history.thread.reference(),
                subject: history.thread.subject.clone(),
                ticket: history.thread.ticket,
                answer: answer.cited,
                answered_by: answer.by,
                answered_by_name: name,
                answered_at: answer.at,
            };
            Some((similar, near.likeness, because))
        })
        .take(THREADS)
        .collect()
}

/// The sentences that a reply may be made of, each with the standing of its passage as its weight.
pub(super) fn reply_candidates<'a>(shown: &[(&'a Wanted, Reason)]) -> Vec<Candidate<'a>> {
    let best = shown.iter().map(|(near, _)| near.standing).fold(f32::EPSILON, f32::max);
    shown
        .iter()
        .flat_map(|(near, _)| {
            let Wanted { found, piece, standing, .. } = near;
            let weight = f64::from(standing / best);
            piece.lines().into_iter().map(move |line| Candidate { line, audience: &found.audience, updated_at: found.updated_at, weight })
        })
        .collect()
}
