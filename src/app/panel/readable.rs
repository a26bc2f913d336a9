//! What of a panel a reader may see: a panel is made once for everybody, from everything.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::error::Error;
use crate::domain::audience::{Reader, Scope};
use crate::domain::id::PassageId;
use crate::domain::panel::Panel;
use crate::domain::reason::Reason;
use crate::domain::triage::{Abstention, Evidence, Source};
use crate::domain::user::Actor;
use crate::domain::vocabulary::Part;
use crate::store;

/// A panel as its reader may see it.
pub(super) struct Readable {
    pub(super) panel: Panel,
    /// Whether a passage that it rests on is there for nobody any more.
    pub(super) is_outdated: bool,
}

impl App {
    /// Leaves out what the actor may not see, as it is now and not as it was when the panel was made: passages that are gone or
    /// restricted to other teams, and what rests on one; and what they set aside. Everything else on a panel is for every colleague.
    pub(super) async fn readable(&self, mut panel: Panel, actor: &Actor) -> Result<Readable, Error> {
        let asked: Vec<PassageId> = passages(&panel).into_iter().collect();
        let seen: BTreeSet<PassageId> =
            store::document::passages(self.store(), &actor.scope(), &asked).await?.into_iter().map(|found| found.passage.id).collect();
        // Last: what the reader may not see any more has no title among what they set aside.
        let asides = store::set_aside::standing(self.store(), actor.workspace, panel.ticket, &actor.name, self.now()).await?;
        if seen.len() == asked.len() {
            panel.put_aside(&asides);
            return Ok(Readable { panel, is_outdated: false });
        }
        hide(&mut panel, &seen);
        panel.put_aside(&asides);
        let everything = Scope::new(actor.workspace, Reader::Everything);
        let there = store::document::passages(self.store(), &everything, &asked).await?.len();
        Ok(Readable { panel, is_outdated: there < asked.len() })
    }
}

/// The passages that a panel shows or cites.
fn passages(panel: &Panel) -> BTreeSet<PassageId> {
    let cited = drafted(panel).chain(advised(panel)).filter_map(passage_of);
    panel.passages.iter().map(|shown| shown.item.passage.id).chain(cited).chain(warned(panel)).collect()
}

/// The passages that a warning on the reply draft quotes.
fn warned(panel: &Panel) -> impl Iterator<Item = PassageId> {
    panel.reply_draft.iter().flat_map(|draft| &draft.item.warnings).flat_map(quoted)
}

fn quoted(warning: &Reason) -> impl Iterator<Item = PassageId> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other reason quotes no article")]
    let stated = match warning {
        Reason::Contradicted { older, newer } => [older.passage, newer.passage],
        _ => [None, None],
    };
    stated.into_iter().flatten()
}

/// What the reply draft rests on.
fn drafted(panel: &Panel) -> impl Iterator<Item = &Evidence> {
    panel.reply_draft.iter().flat_map(|draft| &draft.item.sentences).flat_map(|sentence| &sentence.evidence)
}

/// What the next step rests on.
fn advised(panel: &Panel) -> impl Iterator<Item = &Evidence> {
    panel.next_step.iter().flat_map(|advice| &advice.evidence)
}

const fn passage_of(evidence: &Evidence) -> Option<PassageId> {
    match evidence.source {
        Source::Passage(_, passage) => Some(passage),
        Source::Ticket(_) | Source::Comment(..) | Source::Message(..) | Source::Attachment(..) | Source::Playbook => None,
    }
}

fn rests_on_others<'a>(mut evidence: impl Iterator<Item = &'a Evidence>, seen: &BTreeSet<PassageId>) -> bool {
    evidence.any(|one| passage_of(one).is_some_and(|passage| !seen.contains(&passage)))
}

/// Takes out what shows or rests on passages that are not `seen`; a part that becomes empty says so, and nothing of what it was.
fn hide(panel: &mut Panel, seen: &BTreeSet<PassageId>) {
    if rests_on_others(drafted(panel), seen) || warned(panel).any(|passage| !seen.contains(&passage)) {
        panel.reply_draft = None;
        abstain(panel, Part::ReplyDraft, Reason::NoReadableAnswer);
    }
    if rests_on_others(advised(panel), seen) {
        panel.next_step = None;
        abstain(panel, Part::NextStep, Reason::NoReadableStep);
    }
    let had_some = !panel.passages.is_empty();
    panel.passages.retain(|shown| seen.contains(&shown.item.passage.id));
    if had_some && panel.passages.is_empty() {
        abstain(panel, Part::Passage, Reason::NoReadableArticle);
    }
}

fn abstain(panel: &mut Panel, part: Part, reason: Reason) {
    panel.abstained.push((part, Abstention { reason, candidates: Vec::new() }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{DocumentId, TicketId};
    use crate::domain::reason::Stated;
    use crate::domain::time::Timestamp;

    fn evidence(source: Source) -> Evidence {
        Evidence { source, title: "Returns".to_owned(), quote: "You have 30 days.".to_owned(), span: None, at: None }
    }

    #[test]
    fn a_warning_quotes_the_passages_of_both_articles() {
        let zero = Timestamp::from_micros(0);
        let passage = |byte| PassageId::at(zero, [byte; 10]);
        let stated =
            |byte| Box::new(Stated { passage: Some(passage(byte)), title: String::new(), at: zero, text: "You have 30 days.".to_owned() });
        let warning = Reason::Contradicted { older: stated(1), newer: stated(2) };
        assert_eq!(quoted(&warning).collect::<Vec<_>>(), [passage(1), passage(2)]);
        assert_eq!(quoted(&Reason::NoQuestion).count(), 0);
    }

    #[test]
    fn what_rests_on_one_passage_that_is_not_seen_is_not_seen_either() {
        let zero = Timestamp::from_micros(0);
        let (own, other) = (PassageId::at(zero, [1; 10]), PassageId::at(zero, [2; 10]));
        let passage = |id: PassageId| evidence(Source::Passage(DocumentId::at(zero, [3; 10]), id));
        let ticket = || evidence(Source::Ticket(TicketId::at(zero, [4; 10])));
        let rests = |all: &[Evidence]| rests_on_others(all.iter(), &[own].into());
        assert!(rests(&[ticket(), passage(own), passage(other)]));
        assert!(!rests(&[ticket(), passage(own)]));
        assert!(!rests(&[ticket()]) && !rests(&[]));
    }
}
