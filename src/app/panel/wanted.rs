//! Passages for a ticket: what its words, its subject, the names of the routing rules that meet its words and its likely intents each find,
//! joined.
//!
//! A customer tells a story, and the article that answers it has few of its words. What intents are about is written down by an admin
//! who knows both, so their descriptions and examples make a bridge. On the labelled tickets of the demo company, with which the weights
//! were chosen, the first document shown is right for 86 of 124 in English (73 by the ticket's words alone) and for 49 of 71 in French
//! (50), measured with `RULE` at 0.5: the gain is of English so far.

use std::collections::HashMap;

use futures::future::try_join_all;
use uuid::Uuid;

use crate::app::App;
use crate::app::error::Error;
use crate::app::knowledge::Knowledge;
use crate::app::panel::gather::cut_passage;
use crate::app::pieces::Piece;
use crate::domain::audience::Scope;
use crate::domain::document::FoundPassage;
use crate::domain::id::{DocumentId, PassageId};
use crate::domain::ticket::Ticket;
use crate::domain::vocabulary::{Kind, Priority};
use crate::index::{Hit, Query};
use crate::store;
use crate::text::clean::{CleanText, clean};
use crate::triage::ground::Asked;
use crate::triage::routing::matters;

/// Passages read in the end, and found by each question.
const PASSAGES: usize = 14;
/// What the subject alone counts beside the whole text.
const SUBJECT: f32 = 0.5;
/// What the name of a routing rule counts whose words stand in the ticket. What the name of an urgent one finds first comes first, if
/// it is like that name: in danger a story must not outvote what somebody wrote for it.
const RULE: f32 = 1.0;
/// A passage less like the name of an urgent rule than this, by the cosine, is not what it speaks of. Set by eye on the demo company.
const LEADS: f32 = 0.35;
/// So many rules are looked for, urgent ones before others.
const RULES: usize = 2;
/// Intents that are looked for, each as much as it is likely.
const INTENTS: usize = 3;
/// How fast a place further down counts less (reciprocal rank fusion, Cormack, Clarke and Buettcher 2009, with their 60 made small for
/// short lists).
const SOFTENING: f32 = 10.0;

/// A passage, and how it was found.
#[derive(Debug)]
pub(super) struct Wanted {
    /// How alike it is to the question that found it best, in \[0, 1\].
    pub(super) likeness: f32,
    /// How well it stands in the answers to all questions; to compare within one ticket only.
    pub(super) standing: f32,
    /// The urgent rule whose name its document is like, and found before any other.
    pub(super) rule: Option<String>,
    pub(super) found: FoundPassage,
    pub(super) piece: Piece,
}

/// One of the questions that a ticket is.
struct Question {
    body: CleanText,
    dense: Vec<f32>,
    weight: f32,
    /// How far likeness to it is likeness to the ticket, in \[0, 1\]: an unlikely intent's article is not.
    trust: f32,
    /// The urgent rule whose name it is.
    rule: Option<String>,
}

impl App {
    pub(super) async fn wanted_passages(
        &self,
        scope: &Scope,
        knowledge: &Knowledge,
        ticket: &Ticket,
        (gist, dense): (&Piece, &[f32]),
    ) -> Result<Vec<Wanted>, Error> {
        let questions = self.questions(knowledge, ticket, (gist, dense)).await?;
        let answers = try_join_all(questions.iter().map(|question| {
            let mut query = Query::new(scope.clone(), question.body.clone(), PASSAGES);
            query.kinds = vec![Kind::Passage];
            query.language = Some(gist.language);
            query.dense = Some(question.dense.clone());
            self.index().search(query)
        }))
        .await?;
        let led: Vec<(Uuid, &str)> = questions
            .iter()
            .zip(&answers)
            .filter_map(|(question, hits)| {
                let best = hits.first().filter(|hit| hit.cosine.is_some_and(|cosine| cosine >= LEADS))?;
                Some((document_of(best), question.rule.as_deref()?))
            })
            .collect();
        let first: Vec<Uuid> = led.iter().map(|(document, _)| *document).collect();
        let standings = join(questions.iter().map(|question| question.weight).zip(&answers), &first);
        let ids: Vec<PassageId> = standings.iter().map(|(id, _)| PassageId::from_uuid(*id)).collect();
        let found = store::document::passages(self.store(), scope, &ids).await?;
        let mut by_id: HashMap<Uuid, FoundPassage> = found.into_iter().map(|found| (found.passage.id.as_uuid(), found)).collect();
        let asked: Vec<_> = questions.iter().map(|question| knowledge.words(&question.body)).collect();
        Ok(standings
            .into_iter()
            .filter_map(|(id, standing)| {
                let found = by_id.remove(&id)?;
                let piece = cut_passage(&found, knowledge.language);
                let words = knowledge.words(&piece.body);
                let best = questions.iter().zip(&asked).zip(&answers).filter_map(|((question, asked), hits)| {
                    let hit = hits.iter().find(|hit| hit.id == id)?;
                    Some(question.trust * knowledge.ground.blend(gist.language, hit.cosine.unwrap_or(0.0), asked.dot(&words)))
                });
                let rule = led.iter().find(|(document, _)| *document == found.passage.document.as_uuid());
                let rule = rule.map(|(_, rule)| (*rule).to_owned());
                Some(Wanted { likeness: best.fold(0.0, f32::max), standing, rule, found, piece })
            })
            .collect())
    }

    async fn questions(&self, knowledge: &Knowledge, ticket: &Ticket, (gist, dense): (&Piece, &[f32])) -> Result<Vec<Question>, Error> {
        if gist.body.is_empty() {
            return Ok(Vec::new());
        }
        let text = ticket.text();
        let rules = matters(&knowledge.playbook.routing, &text).map(|rule| {
            let urgent = (rule.priority == Some(Priority::Urgent)).then(|| rule.name.clone());
            (clean(&rule.name), RULE, urgent)
        });
        let mut rules: Vec<(CleanText, f32, Option<String>)> = rules.filter(|(name, ..)| !name.is_empty()).collect();
        rules.sort_by_key(|(_, _, urgent)| urgent.is_none());
        let short: Vec<(CleanText, f32, Option<String>)> = std::iter::once((clean(&ticket.subject), SUBJECT, None))
            .filter(|(subject, ..)| !subject.is_empty())
            .chain(rules.into_iter().take(RULES))
            .collect();
        let vectors = try_join_all(short.iter().map(|(body, ..)| self.embed_one(body))).await?;
        let mut questions = vec![Question { body: gist.body.clone(), dense: dense.to_vec(), weight: 1.0, trust: 1.0, rule: None }];
        questions.extend(short.into_iter().zip(vectors).map(|((body, weight, rule), dense)| Question {
            body,
            dense,
            weight,
            trust: 1.0,
            rule,
        }));
        let features = knowledge.features(gist, dense.to_vec());
        let asked = Asked { features: &features, language: Some(gist.language), ticket: Some(ticket.id) };
        let guesses = knowledge.ground.likely_intents(asked).into_iter().take(INTENTS);
        #[expect(clippy::cast_possible_truncation, reason = "a share of one")]
        let of_intents = guesses.filter_map(|guess| {
            let prompt = knowledge.prompt(guess.label.as_ref()?, gist.language)?;
            let weight = guess.share as f32;
            Some(Question {
                body: prompt.body.clone(),
                dense: prompt.dense.clone(),
                weight,
                trust: (weight / SUBJECT).min(1.0),
                rule: None,
            })
        });
        questions.extend(of_intents);
        Ok(questions)
    }
}

/// How a passage stands in the answers so far.
struct Standing {
    document: Uuid,
    own: f32,
}

/// What a hit is a part of.
fn document_of(hit: &Hit) -> Uuid {
    hit.document.map_or(hit.id, DocumentId::as_uuid)
}

/// The best of all answers by their places, those of the best document first: several questions often find the right document by
/// different passages of it. The documents `first` come before all others, in that order.
fn join<'a>(answers: impl Iterator<Item = (f32, &'a Vec<Hit>)>, first: &[Uuid]) -> Vec<(Uuid, f32)> {
    let mut passages: HashMap<Uuid, Standing> = HashMap::new();
    let mut documents: HashMap<Uuid, f32> = HashMap::new();
    for (weight, hits) in answers {
        let mut met = Vec::new();
        for (place, hit) in hits.iter().enumerate() {
            let document = document_of(hit);
            passages.entry(hit.id).or_insert(Standing { document, own: 0.0 }).own += worth(weight, place);
            if !met.contains(&document) {
                *documents.entry(document).or_default() += worth(weight, met.len());
                met.push(document);
            }
        }
    }
    let mut best: HashMap<Uuid, f32> = HashMap::new();
    for Standing { document, own } in passages.values() {
        let best = best.entry(*document).or_insert(*own);
        *best = best.max(*own);
    }
    let mut joined: Vec<(Uuid, f32)> =
        passages.iter().map(|(id, Standing { document, own })| (*id, documents[document] * own / best[document])).collect();
    let place = |document: &Uuid| first.iter().position(|led| led == document).unwrap_or(first.len());
    joined.sort_by(|(one, own), (other, others)| {
        let (document, others_document) = (&passages[one].document, &passages[other].document);
        let by_worth = documents[others_document].total_cmp(&documents[document]);
        let by_document = place(document).cmp(&place(others_document)).then(by_worth).then(document.cmp(others_document));
        by_document.then(others.total_cmp(own)).then(one.cmp(other))
    });
    joined.truncate(PASSAGES);
    joined
}

/// What a place in the answer to a question of some weight counts, from 0.
fn worth(weight: f32, place: usize) -> f32 {
    weight / (SOFTENING + f32::from(u8::try_from(place).unwrap_or(u8::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(ids: &[u128]) -> Vec<Hit> {
        let hit = |id: &u128| Hit {
            id: Uuid::from_u128(*id),
            kind: Kind::Passage,
            score: 1.0,
            cosine: None,
            ticket: None,
            thread: None,
            document: None,
        };
        ids.iter().map(hit).collect()
    }

    #[test]
    fn what_several_questions_find_comes_before_what_one_finds_first() {
        let (whole, subject) = (hits(&[1, 2, 3]), hits(&[2, 4]));
        let joined = join([(1.0, &whole), (0.5, &subject)].into_iter(), &[]);
        let ids: Vec<u128> = joined.iter().map(|(id, _)| id.as_u128()).collect();
        assert_eq!(ids, [2, 1, 3, 4]);
    }

    #[test]
    fn a_document_that_several_questions_find_by_different_passages_comes_first_as_a_whole() {
        let of = |document: u128, hits: Vec<Hit>| {
            hits.into_iter().map(move |hit| Hit { document: Some(DocumentId::from_uuid(Uuid::from_u128(document))), ..hit })
        };
        let whole: Vec<Hit> = of(7, hits(&[1])).chain(of(8, hits(&[2]))).collect();
        let subject: Vec<Hit> = of(9, hits(&[4])).chain(of(8, hits(&[3]))).collect();
        let joined = join([(1.0, &whole), (1.0, &subject)].into_iter(), &[]);
        let ids: Vec<u128> = joined.iter().map(|(id, _)| id.as_u128()).collect();
        assert_eq!(ids[..2], [2, 3]);
    }

    #[test]
    fn what_an_urgent_rule_finds_first_comes_before_what_everything_else_finds() {
        let (whole, subject, rule) = (hits(&[1, 2]), hits(&[1, 3]), hits(&[4, 1]));
        let answers = [(1.0, &whole), (0.5, &subject), (1.0, &rule)];
        let ids: Vec<u128> = join(answers.into_iter(), &[document_of(&rule[0])]).iter().map(|(id, _)| id.as_u128()).collect();
        assert_eq!(ids, [4, 1, 2, 3]);
    }

    #[test]
    fn a_question_of_no_weight_moves_nothing() {
        let (whole, unlikely) = (hits(&[1, 2]), hits(&[2, 1]));
        assert_eq!(join([(1.0, &whole), (0.0, &unlikely)].into_iter(), &[]), join([(1.0, &whole)].into_iter(), &[]));
    }
}
