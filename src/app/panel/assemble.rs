//! Makes the panel out of what was gathered: asks each pure room and keeps what it says with its evidence.

use crate::app::App;
use crate::app::asks::arm_of;
use crate::app::clock::random;
use crate::app::knowledge::Knowledge;
use crate::app::panel::gather::Gathered;
use crate::app::panel::similar::{self, reply_candidates};
use crate::app::panel::told::{FirstReply, answers, lines_of, repeats};
use crate::app::panel::whom::rank;
use crate::app::pieces::Piece;
use crate::app::triage::{Subject, added_by_comments, triage};
use crate::app::why::{Account, why};
use crate::copilot::draft::{ThreadDraftFacts, thread_draft};
use crate::copilot::next_step::{self, Consultable, NextStepFacts, OpenThread, Vote};
use crate::copilot::reply::{self, Candidate, Chosen, ReplyLimits};
use crate::domain::audience::Reader;
use crate::domain::id::SuggestionId;
use crate::domain::panel::{
    Advice, ChannelAdvice, Cited, Expert, LooseEnd, LooseEndKind, Panel, ReplyDraft, Shown, SimilarThread, Summary, ThreadDraft,
    ThreadSummary, TicketHead,
};
use crate::domain::reason::Reason;
use crate::domain::thread::ThreadHistory;
use crate::domain::time::Timestamp;
use crate::domain::triage::{Abstention, Evidence, Guess, Source, Triage};
use crate::domain::vocabulary::{Arm, NextStep, Part, Priority, ThreadStatus, TicketStatus};
use crate::experts::{self, RankedExpert, ReplyTime};
use crate::generate::{ReplyPlan, Writer};
use crate::lines::Line;
use crate::lines::acts::Acts;
use crate::lines::likeness::Compared;
use crate::threads::{self, Desk, Reading, ThreadLines, Usuals};
use crate::triage::ground::Asked;
use crate::triage::routing::matters;

const EXPERTS: usize = 4;
const REPLY_SENTENCES: usize = 5;
/// So many of the customer's questions are passed on.
const QUESTIONS: usize = 2;
/// A question as like as this to one before it asks the same.
const SAME_QUESTION: f64 = 0.6;
/// An earlier side conversation less like the ticket than this is no answer: on the labelled tickets of the demo company, with any that was
/// shown taken for one, 47 steps rested on it and 21 were right; with this, 3 did, before likeness was weighed by the matter.
const ANSWERED_THE_LIKE: f32 = 0.4;
/// A reply that meets the questions less than this is not shown. On the labelled tickets of the demo company, with which it was chosen, 52
/// of the 61 drafts above it were of a right document, and 75 of all 105, solved tickets among them, which show none now.
const SUPPORTED: f64 = 0.24;
/// With an intent less likely than this a reply would be about something else.
const LIKELY_ENOUGH_TO_REPLY: f64 = 0.4;
/// Parts of which a panel has one, which is no item.
const PARTS_THERE_ONCE: [Part; 4] = [Part::Triage, Part::Summary, Part::NextStep, Part::LooseEnd];

impl App {
    #[expect(clippy::too_many_lines, reason = "one panel, part by part")]
    pub(super) fn assemble(&self, gathered: &Gathered, now: Timestamp) -> Panel {
        let ticket = &gathered.history.ticket;
        let mut abstained = Vec::new();

        let (dense, correction) = (gathered.dense.clone(), gathered.correction.as_ref());
        let subject = Subject { ticket, gist: &gathered.gist, dense, tier: gathered.customer.tier, correction };
        let mut triage = triage(&gathered.knowledge, subject);
        triage.duplicates = gathered.twins.same();
        triage.said_duplicates.clone_from(&gathered.twins.said);
        triage.entities.extend(added_by_comments(&gathered.knowledge, &gathered.history, &triage.entities));
        if let Some(why) = &triage.abstained {
            abstained.push((Part::Triage, why.clone()));
        }
        let why = why(&gathered.knowledge, &gathered.account(&triage));

        let ticket_lines = all_lines(&gathered.pieces);
        let ask = ask_lines(gathered);
        let desk = Desk { history: &gathered.history, requester: &gathered.customer.email, directory: &gathered.directory };
        let summary = summary_of(gathered, &desk, &ticket_lines);
        let thread_lines: Vec<Vec<Line<'_>>> = gathered.threads.iter().map(|thread| all_lines(&thread.pieces)).collect();
        let cut: Vec<ThreadLines<'_>> =
            gathered.threads.iter().zip(&thread_lines).map(|(thread, lines)| ThreadLines { history: &thread.history, lines }).collect();
        let usuals = Usuals::measured(&gathered.reply_times, &gathered.directory);
        let loose_ends = threads::loose_ends(&desk, &cut, &usuals, now);
        let reading =
            Reading { desk: &desk, customer: gathered.customer.name.as_deref(), patterns: &gathered.knowledge.patterns, ends: &loose_ends };
        let thread_summaries: Vec<ThreadSummary> = cut.iter().map(|thread| threads::summarise(&reading, thread)).collect();

        let passages = similar::passages(gathered);
        if passages.is_empty() {
            abstained.push((Part::Passage, nothing(Reason::NoArticle)));
        }
        let similar_tickets = similar::tickets(gathered, &ask);
        let similar_threads = similar::threads(gathered);

        let candidates: Vec<Candidate<'_>> = reply_candidates(&passages);
        let limits =
            ReplyLimits { reader: Reader::Customer(gathered.customer.id), language: gathered.gist.language, sentences: REPLY_SENTENCES };
        let chosen = reply::choose(&ask, &candidates, &limits);
        let is_near = candidates.iter().any(|candidate| limits.reader.may_see(candidate.audience));

        let ranked = rank(gathered, &ask, &similar_threads, now);
        let experts = self.experts_shown(gathered, &ranked);
        if experts.is_empty() {
            abstained.push((Part::Expert, nothing(Reason::NobodyKnows)));
        }
        let channels = self.channels_shown(gathered, &ask, &ranked);
        // Who answered is still asked; what they said is not shown where it is measured what showing it is worth.
        let hold_out = gathered.knowledge.playbook.thresholds.insights.hold_out;
        let is_held_out = arm_of(ticket.workspace, ticket.id, hold_out) == Arm::HeldOut && !similar_threads.is_empty();
        let similar_threads = if is_held_out { Vec::new() } else { similar_threads };
        if is_held_out {
            abstained.push((Part::SimilarThread, nothing(Reason::HeldOut)));
        }

        // A calibrated guess that abstained says that nobody has seen the like: sentences that only look alike would mislead.
        let unlikely = |guess: &Guess<_>| guess.probability.is_some_and(|probability| probability.get() < LIKELY_ENOUGH_TO_REPLY);
        let is_unclear = triage.intent.is_none() && triage.intents.first().is_some_and(unlikely);
        let usable = !is_unclear && chosen.support >= SUPPORTED;
        let first_reply = FirstReply::of(gathered, &desk, &triage);
        let advised = advice(
            gathered,
            &Said {
                desk: &desk,
                first_reply: first_reply.as_ref().map(|first| (first.rule.name.as_str(), first.words.sentences.as_slice())),
                triage: &triage,
                summary: &summary,
                ask: &ask,
                reply: usable.then_some(&chosen),
                similar_threads: &similar_threads,
                ranked: &ranked,
                threads: &cut,
                thread_summaries: &thread_summaries,
                loose_ends: &loose_ends,
            },
        );
        let is_solved = ticket.status == TicketStatus::Solved;
        let (may_ask, may_reply) = drafts_after(is_solved, &advised);
        let (tried, problem) = summary.sentences.iter().cloned().partition(|said| desk.has_told(said));
        let told = Told { problem, tried };
        let side_conversation_draft = may_ask
            .and_then(|()| self.thread_draft_shown(gathered, &told, &ask, &experts, &channels).ok_or(Reason::NobodyToAsk))
            .inspect_err(|reason| {
                if !experts.is_empty() {
                    abstained.push((Part::SideConversationDraft, nothing(reason.clone())));
                }
            })
            .ok();
        let without = if is_near { Reason::NoClearArticle } else { Reason::NoCustomerArticle };
        let reply_draft = match (may_reply, first_reply) {
            (Ok(()), Some(first)) => self.reply_shown(gathered, first.words).ok_or(without),
            (Ok(()), None) if is_unclear => Err(Reason::UnclearMatter),
            (Ok(()), None) => usable.then(|| self.reply_shown(gathered, chosen)).flatten().ok_or(without),
            (Err(reason), _) => Err(reason),
        };
        let reply_draft = reply_draft.inspect_err(|reason| abstained.push((Part::ReplyDraft, nothing(reason.clone())))).ok();
        // What is solved needs no step, and nobody to write to: what is still open of it is a loose end.
        let advised = if is_solved { Err(nothing(Reason::Solved)) } else { advised };
        let next_step = advised.inspect_err(|why| abstained.push((Part::NextStep, why.clone()))).ok();

        Panel {
            ticket: ticket.id,
            made_at: now,
            why,
            customer: gathered.customer.clone(),
            customer_tickets: gathered.customer_tickets.iter().filter(|other| other.id != ticket.id).map(TicketHead::from).collect(),
            triage,
            summary,
            thread_summaries,
            next_step,
            passages: passages.iter().map(|(near, because)| self.shown(because.clone(), near.found.clone())).collect(),
            similar_tickets: similar_tickets.into_iter().map(|(item, because)| self.shown(because, item)).collect(),
            similar_threads: similar_threads.into_iter().map(|(item, _, because)| self.shown(because, item)).collect(),
            experts,
            channels,
            side_conversation_draft,
            reply_draft,
            loose_ends,
            abstained,
            part_ids: PARTS_THERE_ONCE.into_iter().map(|part| (part, SuggestionId::at(now, random()))).collect(),
            set_aside: Vec::new(),
        }
    }

    fn shown<T>(&self, because: Reason, item: T) -> Shown<T> {
        Shown { id: SuggestionId::at(self.now(), random()), because, item }
    }

    fn experts_shown(&self, gathered: &Gathered, ranked: &[RankedExpert]) -> Vec<Shown<Expert>> {
        ranked
            .iter()
            .filter_map(|ranked| {
                let person = gathered.directory.people.get(&ranked.email)?.clone();
                let expert = Expert { person, evidence: ranked.evidence.clone(), open_threads: ranked.open_threads };
                Some(self.shown(ranked.because.clone(), expert))
            })
            .take(EXPERTS)
            .collect()
    }

    fn channels_shown(&self, gathered: &Gathered, ask: &[Line<'_>], ranked: &[RankedExpert]) -> Vec<Shown<ChannelAdvice>> {
        let past: Vec<ReplyTime> = gathered
            .reply_times
            .iter()
            .filter_map(|history| {
                let opener = &history.thread.opened_by;
                let first = history.messages.iter().find(|message| message.author != *opener)?;
                let team = gathered.directory.people.get(&first.author).and_then(|person| person.team.clone());
                Some(ReplyTime { kind: history.thread.channel, team, minutes: threads::first_reply_minutes(history)? })
            })
            .collect();
        experts::channels(ask, ranked, &gathered.directory, &past)
            .into_iter()
            .map(|advised| self.shown(advised.because, advised.advice))
            .collect()
    }

    fn thread_draft_shown(
        &self,
        gathered: &Gathered,
        told: &Told,
        ask: &[Line<'_>],
        experts: &[Shown<Expert>],
        channels: &[Shown<ChannelAdvice>],
    ) -> Option<Shown<ThreadDraft>> {
        let first = experts.first()?;
        // Asked once is enough: when one of those worth asking has an open thread on this ticket, it goes on there.
        let is_asked = |thread: &ThreadHistory| {
            let takes_part = |expert: &Shown<Expert>| thread.thread.participants.contains(&expert.item.person.email);
            thread.thread.status == ThreadStatus::Open && experts.iter().any(takes_part)
        };
        if gathered.threads.iter().any(|thread| is_asked(&thread.history)) {
            return None;
        }
        let acts = Acts::of_all(ask);
        let asking = (0..ask.len()).filter(|line| acts[*line].asks() && !acts[*line].is_idle());
        let compared = Compared::new(ask);
        let mut questions: Vec<usize> = Vec::new();
        for line in asking {
            let is_new = questions.iter().all(|other| compared.between(line, *other) < SAME_QUESTION);
            if questions.len() < QUESTIONS && is_new {
                questions.push(line);
            }
        }
        let questions: Vec<Cited> = questions.into_iter().map(|line| ask[line].cited()).collect();
        let channel = channels
            .iter()
            .map(|shown| &shown.item.channel)
            .find(|channel| first.item.person.team.as_ref().is_some_and(|team| channel.teams.contains(team)))?;
        let ticket = &gathered.history.ticket;
        let draft = thread_draft(&ThreadDraftFacts {
            reference: &ticket.reference(),
            subject: &ticket.subject,
            customer_name: gathered.customer.name.as_deref(),
            ticket_language: gathered.gist.language,
            problem: &told.problem,
            tried: &told.tried,
            questions: &questions,
            entities: &crate::text::entity::find(&ticket.text(), &gathered.knowledge.patterns, Some(ticket.created_at)),
            patterns: &gathered.knowledge.patterns,
            channel,
            recipients: &[&first.item.person],
            directory: &gathered.directory,
            // Who will send it is not known yet.
            agent_name: None,
        });
        Some(self.shown(Reason::GoesTo { name: first.item.person.name.clone(), because: Box::new(first.because.clone()) }, draft))
    }

    fn reply_shown(&self, gathered: &Gathered, chosen: Chosen) -> Option<Shown<ReplyDraft>> {
        if chosen.sentences.is_empty() {
            return None;
        }
        let tone = &gathered.knowledge.playbook.tone;
        let language = gathered.gist.language;
        let say = |texts: &std::collections::BTreeMap<_, String>| texts.get(&language).cloned().unwrap_or_default();
        let sources = chosen.sentences.iter().flat_map(|sentence| &sentence.evidence).map(|evidence| evidence.title.as_str());
        let titles: std::collections::BTreeSet<&str> = sources.collect();
        let because = Reason::MadeOf { titles: titles.into_iter().map(str::to_owned).collect() };
        let draft = Writer::Extractive.write_reply(ReplyPlan {
            greeting: &say(&tone.greeting),
            customer_name: gathered.customer.name.as_deref(),
            sentences: chosen.sentences,
            closing: &say(&tone.closing),
            language,
            warnings: chosen.warnings,
            forbidden: &tone.style.forbidden,
        });
        Some(self.shown(because, draft))
    }
}

fn all_lines(pieces: &[Piece]) -> Vec<Line<'_>> {
    pieces.iter().flat_map(Piece::lines).collect()
}

/// The ticket in short; what an urgent rule looks for is in it, so that nobody is asked or answered without it.
fn summary_of(gathered: &Gathered, desk: &Desk<'_>, lines: &[Line<'_>]) -> Summary {
    let routing = &gathered.knowledge.playbook.routing;
    threads::ticket_summary(desk, lines, |line| matters(routing, line.text).any(|rule| rule.priority == Some(Priority::Urgent)))
}

/// What the customer asks: their own sentences, newest message included.
fn ask_lines(gathered: &Gathered) -> Vec<Line<'_>> {
    let requester = &gathered.customer.email;
    gathered.pieces.iter().filter(|piece| piece.author.as_ref() == Some(requester)).flat_map(Piece::lines).collect()
}

impl Gathered {
    /// What the account of the triage is made of.
    fn account<'a>(&'a self, triage: &'a Triage) -> Account<'a> {
        Account {
            ticket: &self.history.ticket,
            gist: &self.gist,
            dense: self.dense.clone(),
            tier: self.customer.tier,
            triage,
            sighting: &self.sighting,
            twins: &self.twins,
        }
    }
}

/// The summary of a ticket, by who wrote it.
struct Told {
    /// What the customer has, in their words or in those of others who are not of the desk.
    problem: Vec<Cited>,
    /// What the desk said and tried.
    tried: Vec<Cited>,
}

/// What the rooms already said of a ticket when its next step is decided.
struct Said<'a> {
    desk: &'a Desk<'a>,
    first_reply: Option<(&'a str, &'a [Cited])>,
    triage: &'a Triage,
    summary: &'a Summary,
    ask: &'a [Line<'a>],
    reply: Option<&'a Chosen>,
    similar_threads: &'a [(SimilarThread, f32, Reason)],
    ranked: &'a [RankedExpert],
    threads: &'a [ThreadLines<'a>],
    thread_summaries: &'a [ThreadSummary],
    loose_ends: &'a [LooseEnd],
}

fn advice(gathered: &Gathered, said: &Said<'_>) -> Result<Advice, Abstention> {
    let knowledge = &gathered.knowledge;
    let ticket = &gathered.history.ticket;
    let asked_features = knowledge.features(&gathered.gist, gathered.dense.clone());
    let asked = Asked { features: &asked_features, language: Some(gathered.gist.language), ticket: Some(ticket.id) };
    let votes = knowledge.ground.next_steps(asked, &knowledge.ground.alike(asked));
    let open_threads: Vec<OpenThread> = said
        .threads
        .iter()
        .filter(|thread| thread.history.thread.status == ThreadStatus::Open)
        .map(|thread| OpenThread {
            reference: thread.history.thread.name(),
            waiting: threads::waiting(thread.history, thread.lines).map(|waiting| next_step::Waiting {
                on_desk: waiting.on == thread.history.thread.opened_by,
                on: super::gather::name_of(&gathered.directory, &waiting.on),
                since: waiting.since,
                is_late: said.loose_ends.iter().any(|end| end.kind == LooseEndKind::Stalled && end.thread == thread.history.thread.id),
            }),
            evidence: thread.lines.last().map(Line::evidence),
        })
        .collect();
    let unrelayed = said
        .loose_ends
        .iter()
        .find(|end| end.kind == LooseEndKind::AnsweredNotRelayed)
        .and_then(|end| said.thread_summaries.iter().find(|summary| summary.thread == end.thread))
        .and_then(|summary| summary.answered.as_ref());
    let expert = said.ranked.first().and_then(|first| {
        let person = gathered.directory.people.get(&first.email)?;
        Some(Consultable { name: person.name.clone(), because: first.because.clone(), evidence: first.evidence.clone() })
    });
    let last = gathered.history.comments.iter().rev().find(|comment| comment.public);
    let answered_last = last.is_some_and(|comment| said.desk.tells(comment));
    let told: Vec<Line<'_>> = last.map(|last| lines_of(gathered, last.id)).unwrap_or_default();
    // Somebody answered the like only where both tickets are about the same matter, as far as people have labelled the earlier one.
    let is_like = |similar: &SimilarThread| {
        let labelled = knowledge.labelled(similar.ticket).and_then(|example| example.labels.intent.as_ref());
        labelled.is_none_or(|intent| intent.is_some() && *intent == said.triage.intent)
    };
    let decision = next_step::next_step(&NextStepFacts {
        open_threads: &open_threads,
        first_reply: said.first_reply,
        unrelayed,
        ask: said.summary.sentences.first(),
        required: &[],
        present: &said.triage.entities,
        on_file: !gathered.customer.orders.is_empty(),
        reply: said.reply.filter(|_| !said.ask.is_empty()),
        thread_answer: said
            .similar_threads
            .iter()
            .find(|(similar, likeness, _)| *likeness >= ANSWERED_THE_LIKE && is_like(similar))
            .map(|(similar, _, _)| &similar.answer),
        expert: expert.as_ref(),
        votes: &votes
            .iter()
            .map(|vote| Vote { step: vote.label, share: vote.share, evidence: cite(knowledge, &vote.examples) })
            .collect::<Vec<_>>(),
        answered_last,
        is_answered: answered_last && (answers(&told) || said.reply.is_some_and(|reply| repeats(reply, &told))),
    })
    .ok_or_else(|| nothing(Reason::NoClearStep))?;
    // Calibrated is the first guess of like tickets; a step that something else speaks for has no probability.
    let agrees = votes.first().filter(|vote| !decision.is_settled && vote.label == decision.step);
    let probability = agrees.and_then(|vote| vote.probability);
    if probability.is_some_and(|probability| probability < knowledge.playbook.thresholds.abstain.next_step) {
        let candidates = votes.iter().take(2).map(|vote| vote.label.to_string()).collect();
        return Err(Abstention { reason: Reason::ManySteps, candidates });
    }
    Ok(Advice { step: Guess { name: decision.step, probability }, reason: decision.reason, evidence: decision.evidence })
}

/// Whether somebody may be asked and whether the customer may be answered from articles, by the step that was advised: drafts that
/// contradict it would mislead. Where no step is clear both are shown.
fn drafts_after(is_solved: bool, advised: &Result<Advice, Abstention>) -> (Result<(), Reason>, Result<(), Reason>) {
    if is_solved {
        return (Err(Reason::Solved), Err(Reason::Solved));
    }
    let Ok(advice) = advised else { return (Ok(()), Ok(())) };
    // Somebody's own words answer this customer better than an article does, and whoever was asked may be about to answer.
    let by_people = matches!(
        advice.reason,
        Reason::AnsweredBefore { .. } | Reason::AskedBack { .. } | Reason::Overdue { .. } | Reason::WaitsFor { .. }
    );
    if advice.reason == Reason::AnsweredLast {
        return (Ok(()), Err(Reason::AnsweredAlready));
    }
    let is_first = matches!(advice.reason, Reason::FirstReply { .. });
    let may_ask = if advice.step.name == NextStep::Answer && !is_first { Err(Reason::NobodyNeeded) } else { Ok(()) };
    let may_reply = if let Reason::AnswerKnown { name } = &advice.reason {
        Err(Reason::PassOn { name: name.clone() })
    } else if matches!(advice.reason, Reason::ArticlesUnclear { .. }) {
        // Nobody should send what the step itself doubts.
        Err(Reason::NoClearArticle)
    } else if by_people {
        Err(Reason::OtherStep)
    } else {
        Ok(())
    };
    (may_ask, may_reply)
}

/// The labelled tickets behind a vote, nearest first.
fn cite(knowledge: &Knowledge, examples: &[usize]) -> Vec<Evidence> {
    let found = examples.iter().filter_map(|index| knowledge.ground.examples().get(*index));
    found
        .filter_map(|example| {
            let source = Source::Ticket(example.ticket?);
            Some(Evidence { source, title: example.title.clone(), quote: example.quote.clone(), span: None, at: example.at })
        })
        .take(3)
        .collect()
}

const fn nothing(reason: Reason) -> Abstention {
    Abstention { reason, candidates: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(step: NextStep, reason: Reason) -> (Result<(), Reason>, Result<(), Reason>) {
        drafts_after(false, &Ok(Advice { step: Guess { name: step, probability: None }, reason, evidence: Vec::new() }))
    }

    #[test]
    fn drafts_do_not_contradict_the_step() {
        let name = || "Ana Kovac".to_owned();
        let like = |step: NextStep| after(step, Reason::LikeTickets { step });
        assert_eq!(like(NextStep::Answer), (Err(Reason::NobodyNeeded), Ok(())));
        assert_eq!(like(NextStep::Consult), (Ok(()), Ok(())));
        let known = after(NextStep::Answer, Reason::AnswerKnown { name: name() });
        assert_eq!(known, (Err(Reason::NobodyNeeded), Err(Reason::PassOn { name: name() })));
        assert_eq!(after(NextStep::Answer, Reason::FirstReply { rule: name() }), (Ok(()), Ok(())), "told, and asked about");
        let since = "2026-11-02T09:00:00Z".parse().unwrap();
        let waits = after(NextStep::Wait, Reason::WaitsFor { reference: "SC-1".to_owned(), name: name(), since });
        assert_eq!(waits, (Ok(()), Err(Reason::OtherStep)));
        assert_eq!(drafts_after(false, &Err(nothing(Reason::NoClearStep))), (Ok(()), Ok(())));
        assert_eq!(drafts_after(true, &Err(nothing(Reason::NoClearStep))), (Err(Reason::Solved), Err(Reason::Solved)));
    }
}
