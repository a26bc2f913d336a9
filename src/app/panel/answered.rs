//! What an ask is held against before a side conversation is sent: earlier side conversations, solved tickets and articles.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::app::error::Error;
use crate::app::knowledge::{Knowledge, gist};
use crate::app::panel::gather::{CutThread, cut_passage, cut_thread, told_to_customer};
use crate::app::panel::matters::Matters;
use crate::app::pieces::{Piece, Raw};
use crate::app::{App, Needed};
use crate::copilot::earlier::{Ask, Earlier, Judged, judge, questions};
use crate::domain::answered::{AnsweredIn, ChangedSince, EarlierAnswer};
use crate::domain::audience::Scope;
use crate::domain::document::FoundPassage;
use crate::domain::id::{MessageId, PassageId, TicketId};
use crate::domain::panel::Cited;
use crate::domain::person::Directory;
use crate::domain::thread::ThreadHistory;
use crate::domain::ticket::{Ticket, TicketHistory};
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::user::Actor;
use crate::domain::vocabulary::{Kind, Language, TicketStatus};
use crate::index::Query;
use crate::lines::Line;
use crate::lines::likeness::cosine;
use crate::lines::words::{Words, fold};
use crate::store;
use crate::text::clean::{CleanText, clean};
use crate::threads;

/// So much is looked for, and so much of it is read.
const PASSAGES: usize = 24;
const MESSAGES: usize = 48;
const TICKETS: usize = 16;
const READ_THREADS: usize = 10;
const READ_TICKETS: usize = 6;
const READ_PASSAGES: usize = 14;
/// From this worth on something is shown; what the same ticket's own side conversations say must be surer.
const SHOWN_FROM: f64 = 1.0;
const OWN_SHOWN_FROM: f64 = 1.2;
/// A document of this worth is on the same matter.
const SAME_MATTER: f64 = 0.9;
/// So much is shown.
const SHOWN: usize = 3;

/// An ask before it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The ticket it is about, if any.
    pub ticket: Option<TicketId>,
    /// Its subject.
    pub subject: &'a str,
    /// Its text.
    pub body: &'a str,
}

/// Something that may answer, read.
struct Found {
    place: AnsweredIn,
    reference: String,
    title: String,
    is_own: bool,
    /// What it is about, with its vector.
    about: CleanText,
    dense: Vec<f32>,
    language: Language,
    /// What answered; the passage itself where that is a document.
    pieces: Vec<Piece>,
    /// When a document last changed.
    updated_at: Option<Timestamp>,
    akin: f64,
}

impl App {
    /// The earlier answers to an ask that the actor may read, as they were before a moment: at most three, best first.
    ///
    /// Where a document on the same matter changed after an answer was given, the document comes first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a ticket that is not in the actor's workspace; [`Error::Overloaded`] when the encoder is busy.
    pub async fn earlier_answers(&self, actor: &Actor, asking: Asking<'_>, before: Timestamp) -> Result<Vec<EarlierAnswer>, Error> {
        let scope = actor.scope();
        let knowledge = self.knowledge(actor.workspace).await?;
        let ticket = match asking.ticket {
            Some(id) => store::ticket::get(self.store(), &scope, id).await?,
            None => None,
        };
        let text = format!("{}\n\n{}", asking.subject, asking.body);
        let otherwise = ticket.as_ref().and_then(|ticket| ticket.language).unwrap_or(knowledge.language);
        let source = asking.ticket.map_or(Source::Playbook, Source::Ticket);
        let asked = Piece::cut(Raw { source, author: None, title: String::new(), at: None, language: None, otherwise, text: &text });
        let lines = asked.lines();
        let wanted: Vec<CleanText> = questions(&lines).iter().map(|line| clean(&format!("{}: {}", asking.subject, line.text))).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut vectors = self.embed([asked.body.clone()].into_iter().chain(wanted).collect(), Needed::Now).await?;
        let dense = vectors.remove(0);
        let directory = store::person::directory(self.store(), actor.workspace).await?;
        let mut found = self.candidates(&scope, &knowledge, (&asked, &dense), (asking.ticket, before), &directory).await?;
        self.weigh_matters(actor, &knowledge, ticket.as_ref(), &mut found).await?;
        let names = names(&directory);
        let ask = Ask { text: asked.body.as_str(), language: asked.language, dense: &dense, questions: &vectors, names: &names };
        let judged = judged(&ask, &found);
        let mut answers = chosen(&found, &judged, &ask, &directory);
        answers.truncate(SHOWN);
        Ok(answers)
    }

    /// What is near to an ask and was there before a moment, with everything that is compared.
    async fn candidates(
        &self,
        scope: &Scope,
        knowledge: &Knowledge,
        (asked, dense): (&Piece, &[f32]),
        (own, before): (Option<TicketId>, Timestamp),
        directory: &Directory,
    ) -> Result<Vec<Found>, Error> {
        let search = |kind: Kind, limit: usize| {
            let mut query = Query::new(scope.clone(), asked.body.clone(), limit);
            query.kinds = vec![kind];
            query.language = Some(asked.language);
            query.dense = Some(dense.to_vec());
            if kind == Kind::Ticket {
                query.not_ticket = own;
            }
            self.index().search(query)
        };
        let (messages, tickets, passages) =
            tokio::try_join!(search(Kind::Message, MESSAGES), search(Kind::Ticket, TICKETS), search(Kind::Passage, PASSAGES))?;

        let ids: Vec<MessageId> = messages.iter().map(|hit| MessageId::from_uuid(hit.id)).collect();
        let mut histories: HashMap<_, ThreadHistory> =
            store::thread::by_messages(self.store(), scope, &ids).await?.into_iter().map(|history| (history.thread.id, history)).collect();
        let near = messages.iter().filter_map(|hit| histories.remove(&hit.thread?));
        let read = near.filter_map(|history| of_thread(history, directory, knowledge, own, before)).take(READ_THREADS);
        let mut found: Vec<Found> = read.collect();

        let ids: Vec<TicketId> = tickets.iter().map(|hit| TicketId::from_uuid(hit.id)).collect();
        let mut histories: HashMap<_, TicketHistory> =
            store::ticket::histories(self.store(), scope, &ids).await?.into_iter().map(|history| (history.ticket.id, history)).collect();
        let near = ids.iter().filter_map(|id| histories.remove(id));
        found.extend(near.filter_map(|history| of_ticket(&history, directory, knowledge, before)).take(READ_TICKETS));

        let ids: Vec<PassageId> = passages.iter().map(|hit| PassageId::from_uuid(hit.id)).collect();
        let mut by_id: HashMap<PassageId, FoundPassage> =
            store::document::passages(self.store(), scope, &ids).await?.into_iter().map(|found| (found.passage.id, found)).collect();
        let near = ids.iter().filter_map(|id| by_id.remove(id)).filter(|found| found.updated_at <= before);
        found.extend(near.map(|found| of_passage(&found, knowledge)).take(READ_PASSAGES));

        let about = self.embed(found.iter().map(|found| found.about.clone()).collect(), Needed::Now).await?;
        for (found, dense) in found.iter_mut().zip(about) {
            found.dense = dense;
        }
        self.embed_pieces(&mut found.iter_mut().flat_map(|found| &mut found.pieces).collect::<Vec<_>>(), Needed::Now).await?;
        Ok(found)
    }

    /// Says how akin the tickets of what was found are to the one that is asked about.
    async fn weigh_matters(&self, actor: &Actor, knowledge: &Knowledge, ticket: Option<&Ticket>, found: &mut [Found]) -> Result<(), Error> {
        let Some(ticket) = ticket else { return Ok(()) };
        let gist = gist(ticket, knowledge.language);
        let dense = self.embed_one(&gist.body).await?;
        let correction = store::correction::get(self.store(), actor.workspace, ticket.id).await?;
        let said = correction.as_ref().and_then(|correction| correction.matter.as_ref());
        let matters = Matters::of(knowledge, ticket.id, said, &gist, dense);
        for found in found {
            found.akin = match found.place {
                AnsweredIn::Thread(_, of) | AnsweredIn::Ticket(of) => matters.akin(knowledge, of),
                AnsweredIn::Document(_) => 1.0,
            };
        }
        Ok(())
    }
}

/// The names of people, folded and stemmed in both languages, as words are compared.
fn names(directory: &Directory) -> BTreeSet<String> {
    let parts = directory.people.values().flat_map(|person| person.name.split_whitespace());
    parts
        .flat_map(|part| {
            let stems = [Language::ENGLISH, Language::FRENCH].map(|language| Words::of(part, language).stems);
            stems.into_iter().flatten().chain([fold(part)])
        })
        .collect()
}

/// A side conversation as it stood before a moment, once somebody had answered in it.
fn of_thread(
    mut history: ThreadHistory,
    directory: &Directory,
    knowledge: &Knowledge,
    own: Option<TicketId>,
    before: Timestamp,
) -> Option<Found> {
    history.messages.retain(|message| message.created_at < before);
    let opening = history.messages.first()?;
    let about = clean(&format!("{}\n\n{}", history.thread.subject, opening.body));
    let CutThread { history, pieces } = cut_thread(history, directory, knowledge.language);
    let lines: Vec<Line<'_>> = pieces.iter().flat_map(Piece::lines).collect();
    threads::answer(&history, &lines)?;
    let opener = Some(&history.thread.opened_by);
    let language = pieces.first()?.language;
    Some(Found {
        place: AnsweredIn::Thread(history.thread.id, history.thread.ticket),
        reference: history.thread.reference(),
        title: history.thread.subject.clone(),
        is_own: own == Some(history.thread.ticket),
        about,
        dense: Vec::new(),
        language,
        pieces: pieces.into_iter().filter(|piece| piece.author.as_ref() != opener).collect(),
        updated_at: None,
        akin: 1.0,
    })
}

/// A ticket that was solved before a moment, with what its customer was told.
fn of_ticket(history: &TicketHistory, directory: &Directory, knowledge: &Knowledge, before: Timestamp) -> Option<Found> {
    let ticket = &history.ticket;
    if ticket.status != TicketStatus::Solved || ticket.solved_at.is_none_or(|at| at >= before) {
        return None;
    }
    let own = gist(ticket, knowledge.language);
    let pieces = told_to_customer(history, directory, own.language);
    (!pieces.is_empty()).then(|| Found {
        place: AnsweredIn::Ticket(ticket.id),
        reference: ticket.reference(),
        title: ticket.subject.clone(),
        is_own: false,
        about: own.body,
        dense: Vec::new(),
        language: own.language,
        pieces,
        updated_at: None,
        akin: 1.0,
    })
}

fn of_passage(found: &FoundPassage, knowledge: &Knowledge) -> Found {
    let piece = cut_passage(found, knowledge.language);
    Found {
        place: AnsweredIn::Document(found.passage.document),
        reference: found.external_id.clone(),
        title: found.title.clone(),
        is_own: false,
        about: piece.body.clone(),
        dense: Vec::new(),
        language: piece.language,
        pieces: vec![piece],
        updated_at: Some(found.updated_at),
        akin: 1.0,
    }
}

fn judged(ask: &Ask<'_>, found: &[Found]) -> Vec<Judged> {
    let lines: Vec<Vec<Line<'_>>> = found.iter().map(Found::answering).collect();
    let all: Vec<Earlier<'_>> = found
        .iter()
        .zip(&lines)
        .map(|(found, lines)| Earlier {
            about: found.about.as_str(),
            language: found.language,
            dense: &found.dense,
            answers: lines,
            akin: found.akin,
        })
        .collect();
    judge(ask, &all)
}

/// What is sure enough, best first, each thing once; a document before an answer that is older than it.
fn chosen(found: &[Found], judged: &[Judged], ask: &Ask<'_>, directory: &Directory) -> Vec<EarlierAnswer> {
    let mut ranked: Vec<(&Found, Judged)> = found.iter().zip(judged.iter().copied()).collect();
    ranked.sort_by(|(_, one), (_, other)| other.worth.total_cmp(&one.worth));
    let bar = |found: &Found| if found.is_own { OWN_SHOWN_FROM } else { SHOWN_FROM };
    let mut shown: Vec<EarlierAnswer> = Vec::new();
    let mut seen: HashSet<AnsweredIn> = HashSet::new();
    let mut tickets: HashSet<TicketId> = HashSet::new();
    for (one, judgement) in ranked.iter().filter(|(found, judgement)| judgement.worth >= bar(found)) {
        let ticket = match one.place {
            AnsweredIn::Thread(_, ticket) | AnsweredIn::Ticket(ticket) => Some(ticket),
            AnsweredIn::Document(_) => None,
        };
        // What a side conversation said and what its ticket's customer was then told are one answer.
        if !seen.insert(one.place) || ticket.is_some_and(|ticket| !tickets.insert(ticket)) {
            continue;
        }
        let Some(mut answer) = one.answer(*judgement, ask, directory) else { continue };
        let newer = ranked.iter().find(|(other, judgement)| {
            judgement.worth >= SAME_MATTER && ticket.is_some() && other.updated_at.is_some_and(|updated| updated > answer.at)
        });
        if let Some((newer, judgement)) = newer
            && let AnsweredIn::Document(document) = newer.place
        {
            let at = newer.updated_at.unwrap_or(answer.at);
            answer.changed_since = Some(ChangedSince { document, title: newer.title.clone(), at });
            if seen.insert(newer.place) {
                shown.extend(newer.answer(*judgement, ask, directory));
            }
        }
        shown.push(answer);
    }
    shown
}

impl Found {
    /// The sentences that answered; none of a document, which answers by itself.
    fn answering(&self) -> Vec<Line<'_>> {
        if self.updated_at.is_some() { Vec::new() } else { self.lines() }
    }

    fn lines(&self) -> Vec<Line<'_>> {
        self.pieces.iter().flat_map(Piece::lines).collect()
    }

    fn answer(&self, judged: Judged, ask: &Ask<'_>, directory: &Directory) -> Option<EarlierAnswer> {
        let lines = self.lines();
        let line = match judged.answer {
            Some(place) => lines.get(place)?,
            None => best_line(&lines, ask)?,
        };
        let quote: Cited = line.cited();
        Some(EarlierAnswer {
            place: self.place,
            reference: self.reference.clone(),
            title: self.title.clone(),
            by: line.author.cloned(),
            by_name: line.author.and_then(|author| directory.people.get(author)).map(|person| person.name.clone()),
            at: self.updated_at.or(line.at)?,
            quote,
            is_own: self.is_own,
            probability: None,
            changed_since: None,
            worth: judged.worth,
        })
    }
}

/// The sentence of a passage that is nearest to a question; a heading or a row of a table only where nothing else is there.
fn best_line<'a, 'b>(lines: &'b [Line<'a>], ask: &Ask<'_>) -> Option<&'b Line<'a>> {
    let near = |line: &Line<'_>| {
        let to = |question: &Vec<f32>| {
            line.vector.filter(|vector| vector.len() == question.len()).map_or(0.0, |vector| cosine(question, vector))
        };
        let is_scrap = line.text.starts_with('#') || line.text.contains('|') || line.text.ends_with('?');
        ask.questions.iter().map(to).fold(0.0, f64::max) - if is_scrap { 1.0 } else { 0.0 }
    };
    lines.iter().max_by(|one, other| near(one).total_cmp(&near(other)))
}
