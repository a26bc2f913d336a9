//! The verbs that the doors call: a stand-in with their signatures, until the real room lands.
#![expect(missing_docs, reason = "a stand-in: the real room replaces this file")]

pub mod error;

use std::collections::BTreeMap;

use crate::app::error::Error;
use crate::domain::customer::Customer;
use crate::domain::document::Document;
use crate::domain::event::{AuditEntry, Event, Usage};
use crate::domain::feedback::Feedback;
use crate::domain::id::{CustomerId, DocumentId, SuggestionId, ThreadId, TicketId};
use crate::domain::intake::{
    InboxFilter, NewComment, NewCustomer, NewDocument, NewMessage, NewPerson, NewThread, NewTicket, Page, PageRequest,
};
use crate::domain::panel::{ChannelAdvice, Expert, InboxRow, Panel, Shown, ThreadDraft, ThreadSummary};
use crate::domain::person::{Channel, Directory, Person, Team};
use crate::domain::thread::{Message, Thread, ThreadHistory};
use crate::domain::ticket::{Comment, TicketHistory};
use crate::domain::triage::{Evidence, Triage};
use crate::domain::user::Actor;
use crate::domain::vocabulary::{EmailAddress, Kind, ThreadStatus, Verdict};

#[derive(Debug, Clone, Default)]
pub struct App;

#[derive(Debug, Clone, PartialEq)]
pub struct Put<T> {
    pub item: T,
    pub created: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub kind: Kind,
    pub evidence: Evidence,
}

macro_rules! verbs {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {
        impl App {$(
            pub async fn $name(&self, $($argument: $kind),*) -> Result<$answer, Error> {
                $(let _ = $argument;)*
                Err(Error::Unavailable { part: "app", source: Box::new(Error::invalid("app", "")) })
            }
        )*}
    };
}

verbs! {
    authenticate(token: &str) -> Actor;
    put_ticket(actor: &Actor, ticket: NewTicket) -> Put<TicketHistory>;
    ticket(actor: &Actor, id: TicketId) -> TicketHistory;
    ticket_by_reference(actor: &Actor, reference: &str) -> TicketHistory;
    inbox(actor: &Actor, filter: InboxFilter, page: PageRequest) -> Page<InboxRow>;
    add_comment(actor: &Actor, ticket: TicketId, comment: NewComment) -> Comment;
    triage(actor: &Actor, ticket: NewTicket) -> Triage;
    triage_of(actor: &Actor, ticket: TicketId) -> Triage;
    panel(actor: &Actor, ticket: TicketId) -> Panel;
    give_feedback(actor: &Actor, suggestion: SuggestionId, verdict: Verdict, note: Option<String>) -> Feedback;
    open_thread(actor: &Actor, ticket: TicketId, thread: NewThread) -> Put<ThreadHistory>;
    threads(actor: &Actor, ticket: TicketId) -> Vec<ThreadHistory>;
    thread(actor: &Actor, id: ThreadId) -> ThreadHistory;
    add_message(actor: &Actor, thread: ThreadId, message: NewMessage) -> Message;
    set_thread_status(actor: &Actor, thread: ThreadId, status: ThreadStatus) -> Thread;
    thread_summary(actor: &Actor, thread: ThreadId) -> ThreadSummary;
    draft_thread(actor: &Actor, ticket: TicketId) -> Option<ThreadDraft>;
    check_thread(actor: &Actor, text: &str, recipients: &[EmailAddress]) -> Vec<String>;
    put_document(actor: &Actor, document: NewDocument) -> Put<Document>;
    documents(actor: &Actor, page: PageRequest) -> Page<Document>;
    document(actor: &Actor, id: DocumentId) -> Document;
    delete_document(actor: &Actor, id: DocumentId) -> ();
    search(actor: &Actor, text: &str, kinds: Vec<Kind>, limit: usize) -> Vec<Found>;
    experts(actor: &Actor, ticket: TicketId) -> (Vec<Shown<Expert>>, Vec<Shown<ChannelAdvice>>);
    directory(actor: &Actor) -> Directory;
    put_person(actor: &Actor, person: NewPerson) -> Put<Person>;
    put_team(actor: &Actor, team: Team) -> Put<Team>;
    put_channel(actor: &Actor, channel: Channel) -> Put<Channel>;
    put_customer(actor: &Actor, customer: NewCustomer) -> Put<Customer>;
    customers(actor: &Actor, page: PageRequest) -> Page<Customer>;
    customer(actor: &Actor, id: CustomerId) -> Customer;
    playbook_files(actor: &Actor) -> BTreeMap<String, String>;
    apply_playbook(actor: &Actor, files: BTreeMap<String, String>) -> i64;
    usage(actor: &Actor) -> Vec<Usage>;
    audit(actor: &Actor, page: PageRequest) -> Page<AuditEntry>;
    events(actor: &Actor, ticket: TicketId, after: i64) -> Vec<(i64, Event)>;
    last_event(actor: &Actor, ticket: TicketId) -> i64;
    recall(actor: &Actor, key: &str, request_hash: &str) -> Option<(u16, String)>;
    remember(actor: &Actor, key: &str, request_hash: &str, status: u16, body: &str) -> ();
    ready() -> ();
}
