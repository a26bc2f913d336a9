//! Whence the fields of a triage come: rules, people, what was learned, or words that are known to say it.

use crate::app::knowledge::Knowledge;
use crate::app::pieces::Piece;
use crate::app::triage::Felt;
use crate::domain::ticket::Ticket;
use crate::domain::triage::{Correction, Origin, Origins, Route};
use crate::domain::vocabulary::{IntentName, OriginBy, Priority, RouteBy, Urgency};
use crate::lines::words::{fold, is_empty_word};
use crate::triage::ground::Asked;
use crate::triage::mood;
use crate::triage::routing::Ruled;
use backchannel_learn::contribution::{Contributions, Terms};

/// So many words are named.
pub(crate) const NAMED: usize = 4;
/// A word that adds less than this share of what the weightiest adds says nothing.
const LEAST_SHARE: f32 = 0.15;

/// What is known of a ticket when its triage is made.
pub(crate) struct Seen<'a> {
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) ticket: &'a Ticket,
    pub(crate) gist: &'a Piece,
    pub(crate) asked: Asked<'a>,
    pub(crate) correction: Option<&'a Correction>,
    pub(crate) ruled: &'a Ruled,
    pub(crate) mood: &'a Felt,
}

impl Seen<'_> {
    /// Whence each field comes; `likeliest` is the first guess, which may be that there is no intent.
    #[expect(clippy::option_option, reason = "no guess, and the guess of none")]
    pub(crate) fn origins(&self, likeliest: Option<Option<&IntentName>>, priority: Option<Priority>, route: Option<&Route>) -> Origins {
        let terms = Terms::of(self.gist.body.as_str());
        let ground = &self.knowledge.ground;
        let said = self.correction.map(|said| vec![said.by.clone()]);
        let spoken = mood::spoken(self.gist.body.as_str(), Some(self.gist.language));
        let by_head = |added: &Contributions| of(OriginBy::Head, names(&terms, added));
        let named = |words: &[String]| words.iter().take(NAMED).cloned().collect::<Vec<_>>();
        Origins {
            intent: Some(match (self.correction.is_some_and(|said| said.matter.is_some()), said, likeliest) {
                (true, Some(said), _) => of(OriginBy::Person, said),
                (_, _, Some(intent)) => by_head(&ground.speaking_for_intent(self.asked, intent)),
                (_, _, None) => of(OriginBy::Default, Vec::new()),
            }),
            sentiment: Some(if self.mood.sentiment.probability.is_some() && !self.mood.sentiment_is_own {
                of(OriginBy::Builtin, Vec::new())
            } else if self.mood.sentiment.probability.is_some() {
                by_head(&ground.speaking_for_sentiment(self.asked, self.mood.sentiment.name))
            } else {
                of(OriginBy::Words, named(&spoken.feelings))
            }),
            urgency: Some(if self.mood.is_dangerous {
                of(OriginBy::Words, named(&spoken.dangers))
            } else if let Some((Priority::Urgent, rule)) =
                self.ruled.priority.as_ref().filter(|_| self.mood.urgency.name != Urgency::Critical)
            {
                of(OriginBy::Rule, vec![rule.clone()])
            } else if self.mood.urgency.probability.is_some() && !self.mood.urgency_is_own {
                of(OriginBy::Builtin, Vec::new())
            } else if self.mood.urgency.probability.is_some() {
                by_head(&ground.speaking_for_urgency(self.asked, self.mood.urgency.name))
            } else {
                of(OriginBy::Words, named(&spoken.pressure))
            }),
            language: Some(if self.ticket.language.is_some() {
                of(OriginBy::Source, Vec::new())
            } else if self.gist.spoken.is_some() {
                of(OriginBy::Words, Vec::new())
            } else {
                of(OriginBy::Default, Vec::new())
            }),
            priority: Some(match (&self.ruled.priority, priority) {
                (Some((_, rule)), _) => of(OriginBy::Rule, vec![rule.clone()]),
                (None, Some(priority)) => by_head(&ground.speaking_for_priority(self.asked, priority)),
                (None, None) => of(OriginBy::Default, Vec::new()),
            }),
            route: route.map(|route| match route.by {
                RouteBy::Rule => of(OriginBy::Rule, vec![route.because.clone()]),
                RouteBy::Person => of(OriginBy::Person, vec![route.because.clone()]),
                RouteBy::Head => by_head(&ground.speaking_for_group(self.asked, &route.group)),
            }),
            tags: self.ruled.tags_by.clone(),
        }
    }
}

/// Whence the fields of a triage come of which there was nothing to read: `said` is what somebody said of its matter.
pub(crate) fn unread(said: Option<&Correction>, ruled: &Ruled, route: Option<&Route>) -> Origins {
    let nobody = || of(OriginBy::Default, Vec::new());
    Origins {
        intent: Some(said.map_or_else(nobody, |said| of(OriginBy::Person, vec![said.by.clone()]))),
        priority: Some(ruled.priority.as_ref().map_or_else(nobody, |(_, rule)| of(OriginBy::Rule, vec![rule.clone()]))),
        route: route.map(|route| match route.by {
            RouteBy::Person => of(OriginBy::Person, vec![route.because.clone()]),
            RouteBy::Rule | RouteBy::Head => of(OriginBy::Rule, vec![route.because.clone()]),
        }),
        tags: ruled.tags_by.clone(),
        ..Origins::default()
    }
}

const fn of(by: OriginBy, because: Vec<String>) -> Origin {
    Origin { by, because }
}

/// The words that add most.
fn names(terms: &Terms, added: &Contributions) -> Vec<String> {
    weighty(terms, added).into_iter().filter(|(_, weight)| *weight > 0.0).map(|(word, _)| word).collect()
}

/// The words that add most to the score, the weightiest first, and the one that takes most from it last.
pub(crate) fn weighty(terms: &Terms, added: &Contributions) -> Vec<(String, f32)> {
    // Words that say nothing by themselves weigh a little as well, and tell a reader nothing.
    let tells = |word: &str| word.chars().count() > 2 && !is_empty_word(&fold(word));
    let weighed: Vec<(String, f32)> = terms.weigh(&added.sparse).into_iter().filter(|(word, _)| tells(word)).collect();
    let most = weighed.first().map_or(0.0, |(_, weight)| *weight);
    let mut chosen: Vec<(String, f32)> =
        weighed.iter().take(NAMED).filter(|(_, weight)| *weight > 0.0 && *weight >= most * LEAST_SHARE).cloned().collect();
    // What speaks against it is worth knowing where it weighs about as much.
    chosen.extend(weighed.last().filter(|(_, weight)| *weight < 0.0 && weight.abs() >= most * 0.5).cloned());
    chosen
}
