//! The panel beside a ticket, going out.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::document::{FoundPassage, Passage};
use crate::domain::panel::{
    Advice, Aside, ChannelAdvice, Expert, LooseEnd, Panel, ReplyDraft, Shown, SimilarThread, SimilarTicket, TicketHead,
};
use crate::domain::triage::{Abstention, Evidence, Source};
use crate::domain::vocabulary::{NextStep, Part, Probability};
use crate::wire::customer::CustomerOut;
use crate::wire::directory::{ChannelOut, PersonOut};
use crate::wire::document::audience_word;
use crate::wire::evidence::{CitedOut, EvidenceOut, SpanOut, SummaryOut, told};
use crate::wire::thread::{ThreadDraftOut, ThreadSummaryOut};
use crate::wire::ticket::TicketHeadOut;
use crate::wire::told::EndDraftOut;
use crate::wire::triage::TriageOut;

/// Everything that is suggested beside a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PanelOut {
    /// The ticket it stands beside.
    #[schema(format = "uuid")]
    pub ticket: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// Who wrote the ticket.
    pub customer: CustomerCardOut,
    /// What the ticket is.
    pub triage: TriageOut,
    /// What it and its side conversations say.
    pub summary: PanelSummaryOut,
    /// What to do next; null when the panel abstains from it.
    #[schema(required)]
    pub next_step: Option<AdviceOut>,
    /// Passages that answer it.
    pub passages: Vec<SuggestionOut<PassageOut>>,
    /// Past tickets like it, with how they were solved.
    pub similar_tickets: Vec<SuggestionOut<SimilarTicketOut>>,
    /// Old side conversations that already answered it.
    pub similar_threads: Vec<SuggestionOut<SimilarThreadOut>>,
    /// Whom to ask.
    pub experts: Vec<SuggestionOut<ExpertOut>>,
    /// Where to ask.
    pub channels: Vec<SuggestionOut<ChannelAdviceOut>>,
    /// The side conversation to open, ready to be edited.
    #[schema(required)]
    pub side_conversation_draft: Option<SuggestionOut<ThreadDraftOut>>,
    /// The reply to the customer, ready to be edited.
    #[schema(required)]
    pub reply_draft: Option<SuggestionOut<ReplyDraftOut>>,
    /// Actions that could be run; empty until actions are set up.
    #[schema(value_type = Vec<Object>)]
    pub actions: Vec<()>,
    /// What was left hanging.
    pub loose_ends: Vec<LooseEndOut>,
    /// Which parts say nothing, and why.
    pub abstained: Vec<PartAbstentionOut>,
    /// What feedback on the parts that are there once points at: `triage`, `summary`, `next_step`, `loose_end`.
    pub part_ids: BTreeMap<String, String>,
    /// What the caller set aside and is therefore left out above.
    pub set_aside: Vec<AsideOut>,
}

/// A suggestion that the caller does not want to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AsideOut {
    /// The suggestion's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Which part it is.
    pub part: Part,
    /// What it is called; null for a part that is there once.
    #[schema(required)]
    pub title: Option<String>,
    /// When it comes back by itself; null for never.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
}

/// A part of the panel as it was shown: feedback points at its `id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuggestionOut<T> {
    /// The suggestion's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Why it is shown, in English.
    pub because: String,
    /// The same as a word that never changes.
    #[schema(examples("passage_alike"))]
    pub because_code: String,
    /// The thing.
    #[serde(flatten)]
    pub item: T,
}

/// A customer with their other tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerCardOut {
    /// The customer.
    #[serde(flatten)]
    pub customer: CustomerOut,
    /// Their other tickets, newest first.
    pub tickets: Vec<TicketHeadOut>,
}

/// What a ticket and its side conversations say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PanelSummaryOut {
    /// The ticket in short.
    pub ticket: SummaryOut,
    /// Its side conversations in short, oldest first.
    pub side_conversations: Vec<ThreadSummaryOut>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AdviceOut {
    /// The step.
    pub step: NextStep,
    /// In \[0, 1\]; null while too few labels are there to calibrate one.
    #[schema(required)]
    pub probability: Option<f64>,
    /// Why, in English.
    pub reason: String,
    /// The same as a word that never changes.
    #[schema(examples("waits_for"))]
    pub reason_code: String,
    /// What it rests on.
    pub evidence: Vec<EvidenceOut>,
}

/// A passage of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassageOut {
    /// The passage's id.
    #[schema(format = "uuid")]
    pub passage: String,
    /// Its document's id.
    #[schema(format = "uuid")]
    pub document: String,
    /// Its document's id in the system it comes from.
    pub external_id: String,
    /// Its document's title.
    pub title: String,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Its text.
    pub text: String,
    /// Where it stands in the document's text, in bytes of UTF-8.
    pub span: SpanOut,
    /// Its document's language.
    #[schema(required)]
    pub language: Option<String>,
    /// Who may read it.
    pub audience: String,
    /// When its document last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
    /// The passage as evidence: its text is quoted whole.
    pub evidence: Vec<EvidenceOut>,
}

/// A past ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SimilarTicketOut {
    /// The ticket.
    pub ticket: TicketHeadOut,
    /// How it was solved.
    #[schema(required)]
    pub solution: Option<CitedOut>,
    /// The solution's evidence, or the ticket itself.
    pub evidence: Vec<EvidenceOut>,
}

/// An old side conversation that answers the same ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SimilarThreadOut {
    /// The side conversation.
    #[schema(format = "uuid")]
    pub side_conversation: String,
    /// What it is called.
    #[schema(examples("SC-101"))]
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// The ticket it was opened on.
    #[schema(format = "uuid")]
    pub ticket: String,
    /// The answer.
    pub answer: String,
    /// Who gave it.
    pub answered_by: AnswererOut,
    /// When.
    #[schema(format = DateTime)]
    pub answered_at: String,
    /// What the answer rests on.
    pub evidence: Vec<EvidenceOut>,
}

/// Who gave an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswererOut {
    /// Their address.
    pub email: String,
    /// Their name, if known.
    #[schema(required)]
    pub name: Option<String>,
}

/// Somebody worth asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpertOut {
    /// The person.
    pub person: PersonOut,
    /// What they answered before, and which of their skills fit.
    pub evidence: Vec<EvidenceOut>,
    /// How many side conversations wait on them now.
    pub open_threads: u32,
}

/// A place worth asking at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChannelAdviceOut {
    /// The channel.
    pub channel: ChannelOut,
    /// How long a first answer took there, in minutes, as the median of past threads; null without any.
    #[schema(required)]
    pub median_reply_minutes: Option<u32>,
    /// How many past threads that median comes from.
    pub threads: u32,
}

/// A reply to the customer, ready to be edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReplyDraftOut {
    /// Its language, as an ISO 639-1 code.
    pub language: String,
    /// The whole text, ready to be pasted.
    pub text: String,
    /// The greeting.
    pub greeting: String,
    /// The cited sentences, in order.
    pub sentences: Vec<CitedOut>,
    /// The closing.
    pub closing: String,
    /// What its author should look at before sending, in English.
    pub warnings: Vec<String>,
    /// The same in the same order, as words that never change.
    pub warning_codes: Vec<String>,
}

/// Something left hanging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LooseEndOut {
    /// `answered_not_relayed`, `stalled`, `child_solved` or `open_on_solved`.
    #[schema(examples("stalled"))]
    pub kind: String,
    /// The side conversation it is about.
    #[schema(format = "uuid")]
    pub side_conversation: String,
    /// What the side conversation is called.
    pub reference: String,
    /// In English, for a person.
    pub text: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub since: String,
    /// What can be sent so that it hangs no more.
    #[schema(required)]
    pub draft: Option<EndDraftOut>,
}

/// A part that says nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartAbstentionOut {
    /// The part.
    pub part: Part,
    /// In English, for a person.
    pub reason: String,
    /// The same as a word that never changes.
    #[schema(examples("no_article"))]
    pub reason_code: String,
    /// What was closest, best first.
    pub candidates: Vec<String>,
}

/// Whom and where to ask about a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpertsOut {
    /// Whom to ask.
    pub experts: Vec<SuggestionOut<ExpertOut>>,
    /// Where to ask.
    pub channels: Vec<SuggestionOut<ChannelAdviceOut>>,
}

impl From<Panel> for PanelOut {
    fn from(panel: Panel) -> Self {
        let Panel {
            ticket,
            made_at,
            customer,
            customer_tickets,
            triage,
            summary,
            thread_summaries,
            next_step,
            passages,
            similar_tickets,
            similar_threads,
            experts,
            channels,
            side_conversation_draft,
            reply_draft,
            loose_ends,
            abstained,
            part_ids,
            // Read on its own.
            why: _,
            set_aside,
        } = panel;
        Self {
            ticket: ticket.to_string(),
            made_at: made_at.to_string(),
            customer: CustomerCardOut { customer: customer.into(), tickets: all(customer_tickets) },
            triage: triage.into(),
            summary: PanelSummaryOut { ticket: summary.into(), side_conversations: all(thread_summaries) },
            next_step: next_step.map(Into::into),
            passages: all(passages),
            similar_tickets: all(similar_tickets),
            similar_threads: all(similar_threads),
            experts: all(experts),
            channels: all(channels),
            side_conversation_draft: side_conversation_draft.map(Into::into),
            reply_draft: reply_draft.map(Into::into),
            actions: Vec::new(),
            loose_ends: all(loose_ends),
            abstained: abstained
                .into_iter()
                .map(|(part, Abstention { reason, candidates })| PartAbstentionOut {
                    part,
                    reason: reason.to_string(),
                    reason_code: reason.code().to_owned(),
                    candidates,
                })
                .collect(),
            part_ids: part_ids.into_iter().map(|(part, id)| (part.to_string(), id.to_string())).collect(),
            set_aside: all(set_aside),
        }
    }
}

impl From<Aside> for AsideOut {
    fn from(Aside { id, part, title, until }: Aside) -> Self {
        Self { id: id.to_string(), part, title, until: until.map(|until| until.to_string()) }
    }
}

fn all<I: Into<O>, O>(items: Vec<I>) -> Vec<O> {
    items.into_iter().map(Into::into).collect()
}

impl<I: Into<O>, O> From<Shown<I>> for SuggestionOut<O> {
    fn from(shown: Shown<I>) -> Self {
        let Shown { id, because, item } = shown;
        Self { id: id.to_string(), because: because.to_string(), because_code: because.code().to_owned(), item: item.into() }
    }
}

impl From<(Vec<Shown<Expert>>, Vec<Shown<ChannelAdvice>>)> for ExpertsOut {
    fn from((experts, channels): (Vec<Shown<Expert>>, Vec<Shown<ChannelAdvice>>)) -> Self {
        Self { experts: all(experts), channels: all(channels) }
    }
}

impl From<Advice> for AdviceOut {
    fn from(advice: Advice) -> Self {
        let Advice { step, reason, evidence } = advice;
        Self {
            step: step.name,
            probability: step.probability.map(Probability::get),
            reason: reason.to_string(),
            reason_code: reason.code().to_owned(),
            evidence: all(evidence),
        }
    }
}

impl From<FoundPassage> for PassageOut {
    fn from(found: FoundPassage) -> Self {
        let FoundPassage { passage, external_id, title, language, audience, updated_at } = found;
        let Passage { id, document, position: _, headings, text, span } = passage;
        let span = SpanOut { start: span.start as usize, end: span.end as usize };
        let evidence = EvidenceOut {
            source: Source::Passage(document, id).into(),
            title: title.clone(),
            quote: text.clone(),
            span: Some(span),
            at: Some(updated_at.to_string()),
        };
        Self {
            passage: id.to_string(),
            document: document.to_string(),
            external_id,
            title,
            headings,
            text,
            span,
            language: language.map(|language| language.to_string()),
            audience: audience_word(&audience),
            updated_at: updated_at.to_string(),
            evidence: vec![evidence],
        }
    }
}

impl From<SimilarTicket> for SimilarTicketOut {
    fn from(similar: SimilarTicket) -> Self {
        let SimilarTicket { head, solution } = similar;
        let solution: Option<CitedOut> = solution.map(Into::into);
        let evidence = solution.as_ref().map_or_else(|| vec![ticket_evidence(&head)], |cited| cited.evidence.clone());
        Self { ticket: head.into(), solution, evidence }
    }
}

fn ticket_evidence(head: &TicketHead) -> EvidenceOut {
    let TicketHead { id, reference, subject, status: _, created_at } = head;
    let (title, quote) = (reference.clone(), subject.clone());
    Evidence { source: Source::Ticket(*id), title, quote, span: None, at: Some(*created_at) }.into()
}

impl From<SimilarThread> for SimilarThreadOut {
    fn from(similar: SimilarThread) -> Self {
        let SimilarThread { thread, reference, subject, ticket, answer, answered_by, answered_by_name, answered_at } = similar;
        let CitedOut { text, evidence } = answer.into();
        Self {
            side_conversation: thread.to_string(),
            reference,
            subject,
            ticket: ticket.to_string(),
            answer: text,
            answered_by: AnswererOut { email: answered_by.to_string(), name: answered_by_name },
            answered_at: answered_at.to_string(),
            evidence,
        }
    }
}

impl From<Expert> for ExpertOut {
    fn from(expert: Expert) -> Self {
        let Expert { person, evidence, open_threads } = expert;
        Self { person: person.into(), evidence: all(evidence), open_threads }
    }
}

impl From<ChannelAdvice> for ChannelAdviceOut {
    fn from(advice: ChannelAdvice) -> Self {
        let ChannelAdvice { channel, median_reply_minutes, threads } = advice;
        Self { channel: channel.into(), median_reply_minutes, threads }
    }
}

impl From<ReplyDraft> for ReplyDraftOut {
    fn from(draft: ReplyDraft) -> Self {
        let ReplyDraft { language, greeting, sentences, closing, warnings } = draft;
        let body = sentences.iter().map(|cited| cited.text.as_str()).collect::<Vec<_>>().join(" ");
        let text = [greeting.as_str(), &body, &closing].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
        let (warnings, warning_codes) = told(&warnings);
        Self { language: language.to_string(), text, greeting, sentences: all(sentences), closing, warnings, warning_codes }
    }
}

impl From<LooseEnd> for LooseEndOut {
    fn from(end: LooseEnd) -> Self {
        let LooseEnd { kind, thread, reference, reason, since, draft } = end;
        let (kind, text) = (kind.as_str().to_owned(), reason.to_string());
        let draft = draft.map(Into::into);
        Self { kind, side_conversation: thread.to_string(), reference, text, since: since.to_string(), draft }
    }
}
