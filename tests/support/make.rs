//! Things to put into a database: each with a new id, the rest plain.

use std::collections::BTreeMap;

use backchannel::domain::answered::{Find, KeptAsk};
use backchannel::domain::attachment::{Attachment, Excerpt, Reading};
use backchannel::domain::audience::{Audience, Reader, Scope};
use backchannel::domain::customer::{Customer, Order};
use backchannel::domain::document::{Document, Passage};
use backchannel::domain::event::{AuditEntry, Event};
use backchannel::domain::id::{
    AskId, AttachmentId, CommentId, CustomerId, DocumentId, EventId, ExcerptId, JobId, MessageId, PassageId, PersonId, ThreadId, TicketId,
    UserId, WorkspaceId,
};
use backchannel::domain::job::{JobKind, NewJob};
use backchannel::domain::person::{Availability, Person};
use backchannel::domain::thread::{Message, Thread};
use backchannel::domain::ticket::{Comment, Ticket};
use backchannel::domain::time::Timestamp;
use backchannel::domain::user::User;
use backchannel::domain::vocabulary::{
    AnswerKind, Arm, AskOutcome, Language, OrderStatus, PersonRole, Role, ThreadChannel, ThreadStatus, TicketChannel, TicketStatus, Tier,
};
use backchannel::domain::workspace::Workspace;
use backchannel::store::lease::{self, IndexLease};
use backchannel::store::{Store, customer, ticket, workspace};

/// The moment at which tests begin.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

pub(crate) fn random() -> [u8; 10] {
    rand::random()
}

/// An ask for which nothing was found but a document.
pub(crate) fn ask(workspace: WorkspaceId, ticket: TicketId) -> KeptAsk {
    KeptAsk {
        id: AskId::at(NOW, random()),
        workspace,
        ticket,
        by: "user:1".to_owned(),
        at: NOW,
        arm: Arm::Suggested,
        intent: None,
        channel: None,
        outcome: AskOutcome::Open,
        decided_at: None,
        used: None,
        finds: vec![(Find { kind: AnswerKind::Document, id: "d-1".to_owned() }, 1.25)],
    }
}

pub(crate) fn workspace() -> Workspace {
    let id = WorkspaceId::at(NOW, random());
    let slug = format!("w{}", id.as_uuid().simple()).parse().unwrap();
    Workspace { id, slug, name: "Alderwick".to_owned(), default_language: Language::ENGLISH, created_at: NOW }
}

pub(crate) fn user(workspace: WorkspaceId, email: &str) -> User {
    let id = UserId::at(NOW, random());
    User {
        id,
        workspace,
        email: email.parse().unwrap(),
        name: "Owen".to_owned(),
        role: Role::Agent,
        teams: ["hardware".parse().unwrap()].into(),
        created_at: NOW,
        disabled_at: None,
        signed_in_at: None,
    }
}

pub(crate) fn customer(workspace: WorkspaceId, email: &str) -> Customer {
    let order = Order {
        number: "AW-204518-6".to_owned(),
        placed_at: NOW,
        delivered_at: None,
        status: OrderStatus::Shipped,
        total_minor: 11_900,
        currency: "GBP".to_owned(),
        items: vec!["Wick Mesh 6".to_owned()],
        tracking: Some("NVK123456789GB".to_owned()),
    };
    Customer {
        id: CustomerId::at(NOW, random()),
        workspace,
        external_id: None,
        email: email.parse().unwrap(),
        name: Some("Ana".to_owned()),
        organisation: None,
        tier: Tier::Business,
        account_owner: None,
        language: Some(Language::FRENCH),
        notes: None,
        orders: vec![order],
        created_at: NOW,
    }
}

pub(crate) fn ticket(workspace: WorkspaceId, requester: CustomerId) -> Ticket {
    Ticket {
        id: TicketId::at(NOW, random()),
        workspace,
        external_id: None,
        subject: "The light stays red".to_owned(),
        body: "Since yesterday my camera's light stays red.".to_owned(),
        requester,
        channel: TicketChannel::Email,
        status: TicketStatus::Open,
        priority: None,
        group: None,
        assignee: None,
        tags: vec!["camera".to_owned()],
        language: None,
        custom_fields: BTreeMap::from([("serial".to_owned(), "W6-1".to_owned())]),
        created_at: NOW,
        updated_at: NOW,
        solved_at: None,
    }
}

pub(crate) fn comment(ticket: TicketId, body: &str, public: bool) -> Comment {
    let id = CommentId::at(NOW, random());
    Comment { id, ticket, author: "owen@alderwick.example".parse().unwrap(), public, body: body.to_owned(), created_at: NOW }
}

pub(crate) fn thread(workspace: WorkspaceId, ticket: TicketId) -> Thread {
    Thread {
        id: ThreadId::at(NOW, random()),
        workspace,
        external_id: None,
        ticket,
        channel: ThreadChannel::Slack,
        subject: "Red light after update".to_owned(),
        status: ThreadStatus::Open,
        opened_by: "owen@alderwick.example".parse().unwrap(),
        participants: vec!["ingrid@alderwick.example".parse().unwrap()],
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn message(thread: ThreadId, body: &str) -> Message {
    let id = MessageId::at(NOW, random());
    Message { id, thread, author: "ingrid@alderwick.example".parse().unwrap(), body: body.to_owned(), created_at: NOW }
}

pub(crate) fn person(workspace: WorkspaceId, email: &str) -> Person {
    Person {
        id: PersonId::at(NOW, random()),
        workspace,
        email: email.parse().unwrap(),
        name: "Ingrid".to_owned(),
        team: Some("hardware".parse().unwrap()),
        role: PersonRole::Expert,
        languages: vec![Language::ENGLISH],
        skills: vec!["battery safety".to_owned()],
        availability: Availability::default(),
    }
}

pub(crate) fn document(workspace: WorkspaceId, external_id: &str, audience: Audience) -> Document {
    Document {
        id: DocumentId::at(NOW, random()),
        workspace,
        external_id: external_id.to_owned(),
        title: "Resetting a camera".to_owned(),
        language: Some(Language::ENGLISH),
        audience,
        content_hash: "aa".to_owned(),
        updated_at: NOW,
        text: "Hold the button. Wait.".to_owned(),
    }
}

pub(crate) fn passage(document: DocumentId, position: u32) -> Passage {
    let id = PassageId::at(NOW, random());
    Passage { id, document, position, headings: vec!["Reset".to_owned()], text: format!("Step {position}."), span: 0..7 }
}

/// A file of `user:1` that nobody has sent; its hash is a digit over and over.
pub(crate) fn attachment(workspace: WorkspaceId, name: &str, digit: char) -> Attachment {
    Attachment {
        id: AttachmentId::at(NOW, random()),
        workspace,
        hash: digit.to_string().repeat(64).parse().unwrap(),
        name: name.to_owned(),
        media_type: "text/plain".to_owned(),
        claimed_type: None,
        size_bytes: 5,
        uploaded_by: "user:1".to_owned(),
        created_at: NOW,
        place: None,
        reading: Reading::waiting(),
    }
}

pub(crate) fn excerpt(of: AttachmentId) -> Excerpt {
    let id = ExcerptId::at(NOW, random());
    Excerpt { id, attachment: of, position: 0, headings: vec![], text: "words".to_owned(), page: Some(2) }
}

pub(crate) fn event(workspace: WorkspaceId, kind: &str) -> Event {
    Event { id: EventId::at(NOW, random()), workspace, kind: kind.to_owned(), ticket: None, created_at: NOW }
}

pub(crate) fn audit_entry(workspace: WorkspaceId, target: &str) -> AuditEntry {
    AuditEntry { workspace, actor: "user:1".to_owned(), action: "token.create".to_owned(), target: target.to_owned(), at: NOW }
}

pub(crate) fn job(workspace: WorkspaceId, number: u64) -> NewJob {
    let id = JobId::at(NOW, random());
    NewJob { id, workspace, kind: JobKind::Nothing(number), unique_key: None, run_at: NOW, max_attempts: 3 }
}

/// The service itself, which sees everything of a workspace.
pub(crate) fn service(workspace: WorkspaceId) -> Scope {
    Scope::new(workspace, Reader::Everything)
}

/// A workspace that is in the database.
pub(crate) async fn kept_workspace(store: &Store) -> WorkspaceId {
    let made = workspace();
    let mut tx = store.begin().await.unwrap();
    workspace::insert(&mut tx, &made).await.unwrap();
    tx.commit().await.unwrap();
    made.id
}

/// A ticket that is in the database, with its customer.
pub(crate) async fn kept_ticket(store: &Store, workspace: WorkspaceId) -> Ticket {
    let who = customer(workspace, &format!("{}@mail.example", rand::random::<u64>()));
    let made = ticket(workspace, who.id);
    let mut tx = store.begin().await.unwrap();
    let _ = customer::save(&mut tx, &who).await.unwrap();
    let _ = ticket::save(&mut tx, &made).await.unwrap();
    tx.commit().await.unwrap();
    made
}

/// The lease on the index of a workspace, for an hour.
pub(crate) async fn index_lease(store: &Store, workspace: WorkspaceId) -> IndexLease {
    lease::take(store, workspace, NOW, NOW.plus_seconds(3600)).await.unwrap().expect("nobody holds the lease")
}
