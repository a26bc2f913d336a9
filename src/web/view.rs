//! What each page is made from: plain values, built by the handlers from `domain` types.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::app::{Answer, TriageChoices};
use crate::domain::attachment::Attachment;
use crate::domain::customer::Customer;
use crate::domain::id::{SuggestionId, ThreadId, TicketId};
use crate::domain::incident::Standing;
use crate::domain::intake::InboxFilter;
use crate::domain::outbox::Exchange;
use crate::domain::panel::{Aside, InboxRow, Panel, SimilarThread, TicketHead};
use crate::domain::person::Channel;
use crate::domain::thread::ThreadHistory;
use crate::domain::ticket::{Comment, Ticket, TicketHistory};
use crate::domain::time::Timestamp;
use crate::domain::triage::{Abstention, Correction, Entity, SaidDuplicate};
use crate::domain::user::Permission;
use crate::domain::view::SavedView;
use crate::domain::vocabulary::{EmailAddress, GroupName, IntentName, Part, Priority, Role, TicketOrder, TicketStatus, Verdict, WhyTopic};
use crate::domain::why::Step;
use crate::web::gate::GateView;
use crate::web::preferences::Preferences;
use crate::web::words::Text;
use crate::web::{format, paths};

/// What every page of a signed-in user shares.
#[derive(Debug, Clone)]
pub struct Frame {
    /// How the reader wants to see the page.
    pub preferences: Preferences,
    /// The nonce of the content security policy; every script element carries it.
    pub nonce: String,
    /// The token that every form sends back as `csrf`.
    pub csrf: String,
    /// The user's name.
    pub user_name: String,
    /// The user's role.
    pub user_role: Role,
    /// The workspace's name.
    pub workspace_name: String,
    /// How many things wait for them, on pages that ask; counting them is too much for every page.
    pub waiting: Option<u64>,
    /// The moment for which ages are told.
    pub now: Timestamp,
}

impl Frame {
    /// Whether the reader has business in the administration.
    #[must_use]
    pub const fn may_administer(&self) -> bool {
        self.user_role.may(Permission::Audit)
    }

    /// Whether the reader feeds the workspace.
    #[must_use]
    pub const fn may_feed(&self) -> bool {
        self.user_role.may(Permission::Feed)
    }
}

/// The list of tickets.
#[derive(Debug, Clone)]
pub struct InboxView {
    /// The frame.
    pub frame: Frame,
    /// The rows of this page, in order.
    pub rows: Vec<InboxRow>,
    /// What was asked for.
    pub query: InboxQuery,
    /// How many tickets have each status, where that is known.
    pub counts: BTreeMap<TicketStatus, u64>,
    /// The groups to filter by.
    pub groups: Vec<GroupName>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
    /// How many tickets are still being read in.
    pub pending: u64,
    /// Whether the user may correct tickets.
    pub may_work: bool,
    /// What a ticket can be said to be.
    pub choices: TriageChoices,
    /// How many tickets were just corrected, and of how many.
    pub corrected: Option<(u64, u64)>,
    /// The user's own views.
    pub views: Vec<SavedView>,
    /// Whether the tour is offered.
    pub offers_tour: bool,
    /// The incidents that grow just now.
    pub incidents: Vec<Standing>,
}

/// What the inbox was asked for: the parameters of its address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxQuery {
    /// `status`.
    pub status: Option<TicketStatus>,
    /// `group`.
    pub group: Option<GroupName>,
    /// `intent`.
    pub intent: Option<IntentName>,
    /// `q`; empty when nothing is searched for.
    pub text: String,
    /// `order`; `None` has the newest first.
    pub order: Option<TicketOrder>,
    /// `cursor`.
    pub cursor: Option<String>,
}

impl InboxQuery {
    /// Whether anything narrows the list.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        self.status.is_some() || self.group.is_some() || self.intent.is_some() || !self.text.is_empty()
    }

    /// What the list shows.
    #[must_use]
    pub fn filter(&self) -> InboxFilter {
        let Self { status, group, intent, text, order, cursor: _ } = self;
        let words = (!text.is_empty()).then(|| text.clone());
        InboxFilter { statuses: status.iter().copied().collect(), group: group.clone(), intent: intent.clone(), words, order: *order }
    }

    /// The list that shows this.
    #[must_use]
    pub fn of(filter: &InboxFilter) -> Self {
        let InboxFilter { statuses, group, intent, words, order } = filter.clone();
        Self { status: statuses.first().copied(), group, intent, text: words.unwrap_or_default(), order, cursor: None }
    }

    /// Reads the parameters of an address; words that mean nothing are passed over.
    #[must_use]
    pub fn read(mut parameters: BTreeMap<String, String>) -> Self {
        let mut take = |name: &str| parameters.remove(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        Self {
            status: take("status").and_then(|status| status.parse().ok()),
            group: take("group").and_then(|group| group.parse().ok()),
            intent: take("intent").and_then(|intent| intent.parse().ok()),
            text: take("q").unwrap_or_default(),
            order: take("order").and_then(|order| order.parse().ok()).filter(|order| *order != TicketOrder::Newest),
            cursor: take("cursor"),
        }
    }

    /// The address of the list.
    #[must_use]
    pub fn href(&self) -> String {
        self.on(paths::INBOX)
    }

    /// The address of a ticket's page, which remembers the list.
    #[must_use]
    pub fn ticket(&self, id: &TicketId) -> String {
        self.on(&paths::ticket(id))
    }

    /// The address of the part of a ticket's page that changes.
    #[must_use]
    pub fn panel(&self, id: &TicketId) -> String {
        self.on(&paths::panel(id))
    }

    /// A page's address with this as its parameters.
    fn on(&self, page: &str) -> String {
        let Self { status, group, intent, text, order, cursor } = self;
        let pairs = [
            ("status", status.map(|status| status.as_str().to_owned())),
            ("group", group.as_ref().map(|group| group.as_str().to_owned())),
            ("intent", intent.as_ref().map(|intent| intent.as_str().to_owned())),
            ("q", (!text.is_empty()).then(|| text.clone())),
            ("order", order.map(|order| order.as_str().to_owned())),
            ("cursor", cursor.clone()),
        ];
        let query: Vec<String> =
            pairs.into_iter().filter_map(|(key, value)| value.map(|value| format!("{key}={}", format::percent_encoded(&value)))).collect();
        if query.is_empty() { page.to_owned() } else { format!("{page}?{}", query.join("&")) }
    }
}

/// A question about a ticket with its answer.
#[derive(Debug, Clone)]
pub struct AnswerView {
    /// The frame.
    pub frame: Frame,
    /// The ticket.
    pub ticket: Ticket,
    /// Its side conversations, as this user may see them.
    pub threads: Vec<ThreadHistory>,
    /// What was asked.
    pub question: String,
    /// What was found.
    pub answer: Answer,
}

/// Where a reply may leave its ticket: what was answered is new to nobody.
pub const AFTER_REPLY: [TicketStatus; 3] = [TicketStatus::Open, TicketStatus::Pending, TicketStatus::Solved];

/// A ticket with its conversation and its panel.
#[derive(Debug, Clone)]
pub struct TicketView {
    /// The frame.
    pub frame: Frame,
    /// The ticket and its comments, as this user may see them.
    pub history: TicketHistory,
    /// Who wrote the ticket.
    pub customer: Customer,
    /// The ticket's side conversations, as this user may see them.
    pub threads: Vec<ThreadHistory>,
    /// The files of all of them, as this user may see them.
    pub attachments: Vec<Attachment>,
    /// What went out of the side conversations and came in to them, beside their messages.
    pub exchange: Exchange,
    /// The panel; `None` while it is being prepared.
    pub panel: Option<Panel>,
    /// Whether it is being made again, because what it rests on changed.
    pub is_behind: bool,
    /// The thumbs that this user has given already.
    pub verdicts: BTreeMap<SuggestionId, Verdict>,
    /// Names of the people in the conversations, by address; others are shown by their address.
    pub names: BTreeMap<EmailAddress, String>,
    /// Other tickets of the list that the user came from.
    pub neighbours: Vec<InboxRow>,
    /// What that list was asked for.
    pub query: InboxQuery,
    /// The number of the last event that the page already shows.
    pub seen: i64,
    /// Which of the comments are on the page: on a long ticket not all are.
    pub window: Range<usize>,
    /// The number of the comment before which the page was asked to end.
    pub until: Option<usize>,
    /// The anchor of the long text that is shown whole.
    pub whole: Option<String>,
    /// The largest file that may be sent, in bytes.
    pub attachment_limit_bytes: u64,
    /// Whether the user may write, open side conversations, give thumbs and correct the triage.
    pub may_work: bool,
    /// What the ticket can be said to be.
    pub choices: TriageChoices,
    /// Where somebody can be asked.
    pub channels: Vec<Channel>,
    /// The tickets that are taken for the same, and those of which somebody said that they are not.
    pub twins: Vec<TicketHead>,
    /// What answered before what somebody is about to ask, and what they wrote.
    pub gate: Option<GateView>,
    /// What the field for a reply begins with.
    pub reply: String,
}

impl TicketView {
    /// Whether nothing is left to do: it is solved, and no side conversation of it is open or unrelayed.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.history.ticket.status == TicketStatus::Solved && self.panel.as_ref().is_none_or(|panel| panel.loose_ends.is_empty())
    }

    /// Whether a number is an order's and none that is known of this customer, of whom some are known: a right check digit says nothing of
    /// whose order it is.
    #[must_use]
    pub fn is_other_order(&self, entity: &Entity) -> bool {
        let orders = &self.customer.orders;
        entity.kind == "order" && !orders.is_empty() && orders.iter().all(|order| order.number != entity.value)
    }

    /// The priority that the inbox shows: the one that was set, else the triage's.
    #[must_use]
    pub fn priority(&self) -> Option<Priority> {
        self.history.ticket.priority.or_else(|| self.panel.as_ref().map(|panel| panel.triage.priority))
    }

    /// The status that is offered first for when a reply is written: most often the customer's word is waited for, and what is solved stays so.
    #[must_use]
    pub const fn status_after_reply(&self) -> TicketStatus {
        match self.history.ticket.status {
            TicketStatus::Solved => TicketStatus::Solved,
            TicketStatus::New | TicketStatus::Open | TicketStatus::Pending => TicketStatus::Pending,
        }
    }

    /// The ticket's language as it was read, or nothing where nobody knows.
    #[must_use]
    pub fn lang(&self) -> String {
        self.panel.as_ref().and_then(|panel| panel.triage.language.as_ref()).map_or_else(String::new, |guess| guess.name.to_string())
    }

    /// What somebody said in place of the guessed intent.
    #[must_use]
    pub fn said_matter(&self) -> Option<&Correction> {
        self.panel.as_ref()?.triage.corrected.as_ref().filter(|said| said.matter.is_some())
    }

    /// What somebody said of the ticket and another one.
    #[must_use]
    pub fn said_duplicate(&self, other: &TicketId) -> Option<&SaidDuplicate> {
        self.panel.as_ref()?.triage.said_duplicates.iter().find(|said| said.other == *other)
    }

    /// Of which tickets somebody said that they are not the same.
    #[must_use]
    pub fn denied_duplicates(&self) -> Vec<&SaidDuplicate> {
        self.panel.iter().flat_map(|panel| &panel.triage.said_duplicates).filter(|said| !said.is_same).collect()
    }

    /// The account of the triage: its steps by what they are about.
    #[must_use]
    pub fn account(&self) -> Vec<(WhyTopic, Vec<&Step>)> {
        let steps = || self.panel.iter().flat_map(|panel| &panel.why.steps);
        let of = |topic: WhyTopic| steps().filter(|step| step.topic == topic).collect::<Vec<_>>();
        WhyTopic::ALL.iter().map(|topic| (*topic, of(*topic))).filter(|(_, steps)| !steps.is_empty()).collect()
    }

    /// Somebody's name, or their address when no name is known.
    #[must_use]
    pub fn name(&self, email: &EmailAddress) -> String {
        if *email == self.customer.email {
            return self.customer_name();
        }
        self.names.get(email).cloned().unwrap_or_else(|| email.to_string())
    }

    /// Who was asked in the side conversation that was opened last: whoever wrote in it last, else the first who may.
    #[must_use]
    pub fn asked_last(&self) -> Option<String> {
        let ThreadHistory { thread, messages } = self.threads.iter().max_by_key(|history| history.thread.created_at)?;
        let wrote = messages.iter().rev().map(|message| &message.author).find(|author| **author != thread.opened_by);
        wrote.or_else(|| thread.participants.iter().find(|who| **who != thread.opened_by)).map(|who| self.name(who))
    }

    /// The customer's name, or their address.
    #[must_use]
    pub fn customer_name(&self) -> String {
        self.customer.name.clone().unwrap_or_else(|| self.customer.email.to_string())
    }

    /// Who gave the answer of an old side conversation.
    #[must_use]
    pub fn answerer(&self, old: &SimilarThread) -> String {
        old.answered_by_name.clone().unwrap_or_else(|| self.name(&old.answered_by))
    }

    /// The thumb that this user gave to a suggestion.
    #[must_use]
    pub fn verdict(&self, id: &SuggestionId) -> Option<Verdict> {
        self.verdicts.get(id).copied()
    }

    /// The id of a part that is one suggestion as a whole.
    #[must_use]
    pub fn part_id(&self, part: Part) -> Option<&SuggestionId> {
        self.panel.as_ref()?.part_ids.get(&part)
    }

    /// Why a part of the panel says nothing, if it abstains.
    #[must_use]
    pub fn abstention(&self, part: Part) -> Option<&Abstention> {
        self.panel.as_ref()?.abstained.iter().find(|(of, _)| *of == part).map(|(_, why)| why)
    }

    /// What the reader set aside of a part of the panel.
    #[must_use]
    pub fn asides(&self, part: Part) -> Vec<&Aside> {
        self.panel.iter().flat_map(|panel| &panel.set_aside).filter(|aside| aside.part == part).collect()
    }

    /// Whether a part of the panel has something to show: suggestions, what is set aside of them, or the reason why there are none.
    #[must_use]
    pub fn speaks(&self, part: Part) -> bool {
        let Some(panel) = &self.panel else { return false };
        let holds = match part {
            Part::Triage => true,
            Part::Summary => !panel.summary.sentences.is_empty(),
            Part::NextStep => panel.next_step.is_some(),
            Part::Passage => !panel.passages.is_empty(),
            Part::SimilarTicket => !panel.similar_tickets.is_empty(),
            Part::SimilarThread => !panel.similar_threads.is_empty(),
            Part::Expert => !panel.experts.is_empty(),
            Part::Channel => !panel.channels.is_empty(),
            Part::SideConversationDraft => panel.side_conversation_draft.is_some(),
            Part::ReplyDraft => panel.reply_draft.is_some(),
            Part::LooseEnd => !panel.loose_ends.is_empty(),
        };
        holds || self.abstention(part).is_some() || !self.asides(part).is_empty()
    }

    /// The address of the part of this page that changes: of the same part of a long conversation.
    #[must_use]
    pub fn fragment(&self) -> String {
        let parts = [("until", self.until.map(|until| until.to_string())), ("whole", self.whole.clone())];
        parts.into_iter().fold(self.query.panel(&self.history.ticket.id), |address, (name, value)| match value {
            Some(value) => {
                let join = if address.contains('?') { '&' } else { '?' };
                format!("{address}{join}{name}={}", format::percent_encoded(&value))
            }
            None => address,
        })
    }

    /// The id of the comment on the page that came last, or nothing: whoever writes has seen the comments up to there.
    #[must_use]
    pub fn last_comment(&self) -> String {
        // A comment has its id when it is taken in, whatever its own moment says.
        self.shown_comments().iter().map(|comment| comment.id.to_string()).max().unwrap_or_default()
    }

    /// The comments on the page.
    #[must_use]
    pub fn shown_comments(&self) -> &[Comment] {
        let comments = &self.history.comments;
        let end = self.window.end.min(comments.len());
        &comments[self.window.start.min(end)..end]
    }

    /// Whether the ticket is on the page of the list that stands beside it; an older one is not, nor one that a filter leaves out.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.neighbours.iter().any(|row| row.head.id == self.history.ticket.id)
    }

    /// Whether the side conversation is shown on this page.
    #[must_use]
    pub fn has_thread(&self, id: &ThreadId) -> bool {
        self.threads.iter().any(|history| history.thread.id == *id)
    }

    /// What another ticket is called, where the page knows it; else the start of its id.
    #[must_use]
    pub fn ticket_reference(&self, id: &TicketId) -> String {
        let panel = self.panel.iter();
        let similar = panel.clone().flat_map(|panel| panel.similar_tickets.iter().map(|shown| &shown.item.head));
        let earlier = panel.flat_map(|panel| panel.customer_tickets.iter());
        let listed = self.neighbours.iter().map(|row| &row.head);
        let known = similar.chain(earlier).chain(listed).chain(&self.twins).find(|head| head.id == *id);
        known.map_or_else(|| id.to_string().chars().take(8).collect(), |head| head.reference.clone())
    }
}

/// A page that tells what went wrong and what to do.
#[derive(Debug, Clone)]
pub struct ProblemView {
    /// The HTTP status.
    pub status: u16,
    /// What it is to the user.
    pub kind: ProblemKind,
    /// More about it, when there is something that the user can act on.
    pub detail: Option<Detail>,
    /// What the user had written, so that it is not lost.
    pub kept: Option<String>,
    /// Where to go from here; the inbox when nothing is said.
    pub to: Option<String>,
    /// The request's id, for whoever reads the logs.
    pub request_id: Option<String>,
}

impl From<String> for Detail {
    fn from(words: String) -> Self {
        Self::English(words)
    }
}

impl From<Text> for Detail {
    fn from(text: Text) -> Self {
        Self::Ours(text)
    }
}

/// A sentence about a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// One that the console has in every language.
    Ours(Text),
    /// One from the verbs or the vocabulary, which speak English.
    English(String),
}

/// What a problem is to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// There is no such page, or none that this user may know of.
    NotFound,
    /// Nobody is signed in.
    SignedOut,
    /// The user's role does not allow it.
    Forbidden,
    /// The form belongs to another session.
    Stale,
    /// Somebody wrote to the same reader meanwhile.
    Overtaken,
    /// Later it may work.
    Busy,
    /// Nothing that the user did.
    Broken,
    /// Something that the user can mend.
    Refused,
}
