//! What the customer was told, and what they must be told first.

use crate::app::panel::gather::Gathered;
use crate::app::pieces::Piece;
use crate::app::triage::first_replies;
use crate::copilot::reply::Chosen;
use crate::domain::id::CommentId;
use crate::domain::panel::Cited;
use crate::domain::reason::Reason;
use crate::domain::triage::{Source, Triage};
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::playbook::Rule;
use crate::threads::Desk;

/// What a rule wants its customers told before anything else.
pub(super) struct FirstReply<'a> {
    /// The rule.
    pub(super) rule: &'a Rule,
    /// Its words, with a warning where the customer does not read their language.
    pub(super) words: Chosen,
}

impl<'a> FirstReply<'a> {
    /// The first rule that holds and has such words, until somebody of the desk answered the customer.
    pub(super) fn of(gathered: &'a Gathered, desk: &Desk<'_>, triage: &Triage) -> Option<Self> {
        let told = gathered.history.comments.iter().filter(|comment| comment.public && desk.tells(comment));
        if told.map(|comment| lines_of(gathered, comment.id)).any(|lines| answers(&lines)) {
            return None;
        }
        let rule = first_replies(&gathered.knowledge, &gathered.history.ticket, gathered.customer.tier, triage).into_iter().next()?;
        let piece = Piece::of_rule(rule, gathered.gist.language)?;
        let sentences: Vec<Cited> = piece.lines().iter().map(Line::cited).collect();
        let count = sentences.len();
        let is_foreign = piece.language != gathered.gist.language;
        let warnings = is_foreign.then_some(Reason::Untranslated { count, of: count }).into_iter().collect();
        Some(Self { rule, words: Chosen { sentences, warnings, ..Chosen::default() } })
    }
}

/// The sentences of a comment.
pub(super) fn lines_of(gathered: &Gathered, comment: CommentId) -> Vec<Line<'_>> {
    let is_it = |piece: &&Piece| matches!(piece.source, Source::Comment(_, id) if id == comment);
    gathered.pieces.iter().filter(is_it).flat_map(Piece::lines).collect()
}

/// Whether what the customer was told is an answer: somebody who holds them off or promises more has yet to act.
pub(super) fn answers(told: &[Line<'_>]) -> bool {
    let acts = Acts::of_all(told);
    !acts.iter().all(|acts| acts.is_idle()) && !acts.iter().any(|acts| acts.has(Act::Holding) || acts.has(Act::Promise))
}

/// Whether the customer was told already what a reply would say.
pub(super) fn repeats(reply: &Chosen, told: &[Line<'_>]) -> bool {
    let is_told = |said: &Cited| told.iter().any(|line| line.text.contains(said.text.trim()));
    reply.sentences.iter().any(is_told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{EN, line};

    #[test]
    fn who_holds_off_or_promises_has_not_answered_and_who_says_what_a_draft_says_has() {
        let answered = |texts: &[&str]| answers(&texts.iter().map(|text| line(text, EN)).collect::<Vec<_>>());
        assert!(answered(&["Hello Ana,", "Your parcel was delivered to your neighbour on Monday."]));
        assert!(!answered(&["Hello Ana,", "I will ask the carrier and come back to you tomorrow."]));
        assert!(!answered(&["Thank you, Owen"]));
        let reply = Chosen { sentences: vec![line("We refund it within 5 days.", EN).cited()], ..Chosen::default() };
        assert!(repeats(&reply, &[line("As I said: We refund it within 5 days.", EN)]));
        assert!(!repeats(&reply, &[line("We refund it.", EN)]));
    }
}
