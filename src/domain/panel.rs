//! The panel beside a ticket: everything that is suggested, each part with its evidence.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::customer::Customer;
use crate::domain::document::FoundPassage;
use crate::domain::feedback::{SetAside, Target};
use crate::domain::id::{SuggestionId, ThreadId, TicketId};
use crate::domain::person::{Channel, Person};
use crate::domain::reason::Reason;
use crate::domain::ticket::Ticket;
use crate::domain::time::Timestamp;
use crate::domain::told::Parts;
use crate::domain::triage::{Abstention, Evidence, Guess, Triage};
use crate::domain::vocabulary::{EmailAddress, EndDraftKind, Language, NextStep, Part, Priority, Sentiment, ThreadStanding, TicketStatus};
use crate::domain::why::Why;

/// The whole panel of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// The ticket it stands beside.
    pub ticket: TicketId,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who wrote the ticket.
    pub customer: Customer,
    /// Other tickets of the same customer, newest first.
    pub customer_tickets: Vec<TicketHead>,
    /// What the ticket is.
    pub triage: Triage,
    /// What it says.
    pub summary: Summary,
    /// What its side conversations say, oldest first.
    pub thread_summaries: Vec<ThreadSummary>,
    /// What to do next.
    pub next_step: Option<Advice>,
    /// Passages that answer it.
    pub passages: Vec<Shown<FoundPassage>>,
    /// Past tickets like it.
    pub similar_tickets: Vec<Shown<SimilarTicket>>,
    /// Old threads that already answered it.
    pub similar_threads: Vec<Shown<SimilarThread>>,
    /// Whom to ask.
    pub experts: Vec<Shown<Expert>>,
    /// Where to ask.
    pub channels: Vec<Shown<ChannelAdvice>>,
    /// The side conversation to open, ready to be edited.
    pub side_conversation_draft: Option<Shown<ThreadDraft>>,
    /// The reply to the customer, ready to be edited.
    pub reply_draft: Option<Shown<ReplyDraft>>,
    /// What was left hanging.
    pub loose_ends: Vec<LooseEnd>,
    /// Which parts say nothing, and why.
    pub abstained: Vec<(Part, Abstention)>,
    /// What a thumb points at for the parts that are there once: triage, summary, next step, loose ends.
    pub part_ids: BTreeMap<Part, SuggestionId>,
    /// What happened and what did not when the triage was made.
    #[serde(default)]
    pub why: Why,
    /// What its reader does not want to see; empty in a panel as it is kept, which is everybody's.
    #[serde(skip)]
    pub set_aside: Vec<Aside>,
}

/// A suggestion that is there and that the reader does not want to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// The suggestion's id.
    pub id: SuggestionId,
    /// Which part it is.
    pub part: Part,
    /// What it is called; `None` for a part that is there once.
    pub title: Option<String>,
    /// When it comes back by itself; `None` for never.
    pub until: Option<Timestamp>,
}

impl Panel {
    /// Everything on it that somebody can speak of, with what it is.
    #[must_use]
    pub fn suggested(&self) -> Vec<(SuggestionId, Target)> {
        let once = |id: &SuggestionId, part: Part| (*id, Target { part, thing: None });
        let parts = self.part_ids.iter().map(|(part, id)| {
            let is_hanging = *part == Part::LooseEnd;
            if is_hanging { (*id, hanging(&self.loose_ends)) } else { once(id, *part) }
        });
        let mut all: Vec<_> = parts.collect();
        all.extend(things(&self.passages));
        all.extend(things(&self.similar_tickets));
        all.extend(things(&self.similar_threads));
        all.extend(things(&self.experts));
        all.extend(things(&self.channels));
        all.extend(self.side_conversation_draft.iter().map(|shown| once(&shown.id, Part::SideConversationDraft)));
        all.extend(self.reply_draft.iter().map(|shown| once(&shown.id, Part::ReplyDraft)));
        all
    }

    /// Takes out what its reader set aside, and notes it.
    pub fn put_aside(&mut self, asides: &[SetAside]) {
        let aside = |target: &Target| asides.iter().find(|aside| aside.target == *target);
        let whole = |part: Part| Target { part, thing: None };
        let mut noted = Vec::new();
        keep_wanted(&mut self.passages, aside, &mut noted);
        keep_wanted(&mut self.similar_tickets, aside, &mut noted);
        keep_wanted(&mut self.similar_threads, aside, &mut noted);
        keep_wanted(&mut self.experts, aside, &mut noted);
        keep_wanted(&mut self.channels, aside, &mut noted);
        let mut once = |id: Option<SuggestionId>, target: Target| {
            let part = target.part;
            let found = id.zip(aside(&target));
            noted.extend(found.map(|(id, aside)| Aside { id, part, title: None, until: aside.until }));
            found.is_some()
        };
        if once(self.side_conversation_draft.as_ref().map(|shown| shown.id), whole(Part::SideConversationDraft)) {
            self.side_conversation_draft = None;
        }
        if once(self.reply_draft.as_ref().map(|shown| shown.id), whole(Part::ReplyDraft)) {
            self.reply_draft = None;
        }
        if once(self.next_step.as_ref().and_then(|_| self.part_ids.get(&Part::NextStep).copied()), whole(Part::NextStep)) {
            self.next_step = None;
        }
        let loose = if self.loose_ends.is_empty() { None } else { self.part_ids.get(&Part::LooseEnd).copied() };
        if once(loose, hanging(&self.loose_ends)) {
            self.loose_ends.clear();
        }
        self.set_aside = noted;
    }
}

/// Loose ends as one thing: others, such as one that only time brought, are another.
#[must_use]
pub fn hanging<'a>(ends: impl IntoIterator<Item = &'a LooseEnd>) -> Target {
    let all: BTreeSet<String> = ends.into_iter().map(|end| format!("{} {}", end.kind.as_str(), end.thread)).collect();
    Target { part: Part::LooseEnd, thing: Some(all.into_iter().collect::<Vec<_>>().join(", ")) }
}

/// Something of which a panel shows several.
trait Thing {
    const PART: Part;
    /// What it is by its id or name.
    fn thing(&self) -> String;
    /// What it is called.
    fn title(&self) -> String;
}

macro_rules! things {
    ($($of:ident($it:ident) = $part:ident, $thing:expr, $title:expr;)*) => {$(
        impl Thing for $of {
            const PART: Part = Part::$part;

            fn thing(&self) -> String {
                let $it = self;
                $thing.to_string()
            }

            fn title(&self) -> String {
                let $it = self;
                $title.to_string()
            }
        }
    )*};
}

things! {
    FoundPassage(it) = Passage, it.passage.id, it.title;
    SimilarTicket(it) = SimilarTicket, it.head.id, it.head.subject;
    SimilarThread(it) = SimilarThread, it.thread, it.subject;
    Expert(it) = Expert, it.person.id, it.person.name;
    ChannelAdvice(it) = Channel, it.channel.name, it.channel.address;
}

fn target<T: Thing>(item: &T) -> Target {
    Target { part: T::PART, thing: Some(item.thing()) }
}

fn things<T: Thing>(shown: &[Shown<T>]) -> impl Iterator<Item = (SuggestionId, Target)> {
    shown.iter().map(|shown| (shown.id, target(&shown.item)))
}

fn keep_wanted<'a, T: Thing>(shown: &mut Vec<Shown<T>>, aside: impl Fn(&Target) -> Option<&'a SetAside>, noted: &mut Vec<Aside>) {
    shown.retain(|Shown { id, because: _, item }| {
        let Some(aside) = aside(&target(item)) else { return true };
        noted.push(Aside { id: *id, part: T::PART, title: Some(item.title()), until: aside.until });
        false
    });
}

/// A part as it was shown: a thumb points at its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown<T> {
    /// The suggestion's id.
    pub id: SuggestionId,
    /// Why it is shown.
    pub because: Reason,
    /// The thing.
    pub item: T,
}

/// A ticket as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketHead {
    /// Its id.
    pub id: TicketId,
    /// What it is called.
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// When it was written.
    pub created_at: Timestamp,
}

impl From<&Ticket> for TicketHead {
    fn from(ticket: &Ticket) -> Self {
        Self {
            id: ticket.id,
            reference: ticket.reference(),
            subject: ticket.subject.clone(),
            status: ticket.status,
            created_at: ticket.created_at,
        }
    }
}

/// A sentence that somebody wrote or said, with where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cited {
    /// The sentence, as it is shown.
    pub text: String,
    /// What it rests on; never empty.
    pub evidence: Vec<Evidence>,
}

/// A cited summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its sentences, in reading order.
    pub sentences: Vec<Cited>,
}

/// A side conversation in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThreadSummary {
    /// The side conversation.
    pub thread: ThreadId,
    /// What it is called.
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// What was asked.
    pub asked: Option<Cited>,
    /// What was answered.
    pub answered: Option<Cited>,
    /// The rest worth knowing: decisions, promises, facts.
    pub sentences: Vec<Cited>,
    /// What it came to, part by part, each sentence under its speaker's name.
    pub parts: Parts,
    /// How it stands.
    pub standing: ThreadStanding,
    /// On whom it waits, if it does.
    pub waiting_on: Option<EmailAddress>,
    /// Since when it waits.
    pub waiting_since: Option<Timestamp>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// The step with its probability.
    pub step: Guess<NextStep>,
    /// Why.
    pub reason: Reason,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// A past ticket like this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimilarTicket {
    /// The ticket.
    pub head: TicketHead,
    /// How it was solved: the last public reply's matter, cited.
    pub solution: Option<Cited>,
}

/// An old thread that answers the same ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimilarThread {
    /// The thread.
    pub thread: ThreadId,
    /// What it is called.
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// The ticket it was opened on.
    pub ticket: TicketId,
    /// The answer.
    pub answer: Cited,
    /// Who gave it.
    pub answered_by: EmailAddress,
    /// The name of who gave it, if known.
    pub answered_by_name: Option<String>,
    /// When.
    pub answered_at: Timestamp,
}

/// Somebody worth asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expert {
    /// The person.
    pub person: Person,
    /// Threads of theirs that answered the like; and skills that fit, as playbook evidence.
    pub evidence: Vec<Evidence>,
    /// How many side conversations wait on them now.
    pub open_threads: u32,
}

/// A place worth asking at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelAdvice {
    /// The channel.
    pub channel: Channel,
    /// How long a first answer took there, median of past threads in minutes; `None` without any.
    pub median_reply_minutes: Option<u32>,
    /// How many past threads that median comes from.
    pub threads: u32,
}

/// A side conversation, ready to be edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThreadDraft {
    /// Where it would go.
    pub channel: Channel,
    /// Who would be asked.
    pub recipients: Vec<EmailAddress>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// What its author should look at before sending.
    pub warnings: Vec<Reason>,
}

/// A reply to the customer, ready to be edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplyDraft {
    /// Its language.
    pub language: Language,
    /// The greeting.
    pub greeting: String,
    /// The cited sentences, in order.
    pub sentences: Vec<Cited>,
    /// The closing.
    pub closing: String,
    /// What its author should look at before sending.
    pub warnings: Vec<Reason>,
}

/// Something left hanging.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LooseEnd {
    /// What it is.
    pub kind: LooseEndKind,
    /// The side conversation it is about.
    pub thread: ThreadId,
    /// What the thread is called.
    pub reference: String,
    /// What is to be known of it.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
    /// What can be sent so that it hangs no more.
    pub draft: Option<EndDraft>,
}

/// What can be sent for something that was left hanging, ready to be edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndDraft {
    /// What it is.
    pub kind: EndDraftKind,
    /// To whom; nobody for a reply, which goes to the customer.
    pub to: Vec<EmailAddress>,
    /// Its language.
    pub language: Language,
    /// Its text.
    pub text: String,
    /// The sentences that it rests on.
    pub evidence: Vec<Evidence>,
}

/// The ways in which a side conversation is left hanging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LooseEndKind {
    /// The answer came, the customer does not know it yet.
    AnsweredNotRelayed,
    /// Nobody answered for longer than usual.
    Stalled,
    /// The child ticket is solved without a word for the customer, who waits.
    ChildSolved,
    /// The ticket is solved, the thread still open.
    OpenOnSolved,
}

impl LooseEndKind {
    /// The word of the kind in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnsweredNotRelayed => "answered_not_relayed",
            Self::Stalled => "stalled",
            Self::ChildSolved => "child_solved",
            Self::OpenOnSolved => "open_on_solved",
        }
    }
}

/// A ticket as the inbox shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboxRow {
    /// The ticket.
    pub head: TicketHead,
    /// Who wrote it.
    pub requester: String,
    /// Its main intent, once triaged.
    pub intent: Option<String>,
    /// Whether somebody said that it has none because it is out of scope.
    pub is_out_of_scope: bool,
    /// How the customer feels, once triaged.
    pub sentiment: Option<Sentiment>,
    /// Where it belongs, once triaged or routed.
    pub group: Option<String>,
    /// Its language, once triaged.
    pub language: Option<Language>,
    /// Its priority, once triaged or set.
    pub priority: Option<Priority>,
    /// Whether its panel is ready.
    pub panel_ready: bool,
}
