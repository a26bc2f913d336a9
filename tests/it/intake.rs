//! Taking tickets and side conversations in: sent twice, they are the same; and each has one name by which it is found.

use backchannel::app::{App, Clock};
use backchannel::domain::id::TicketId;
use backchannel::domain::intake::{InboxFilter, NewAttachment, NewComment, NewMessage, NewRequester, NewThread, NewTicket, PageRequest};
use backchannel::domain::thread::Thread;
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::{Language, ThreadChannel, TicketChannel, TicketStatus};
use backchannel::store::{Store, event, thread};
use tempfile::TempDir;

use crate::support::app::parts;
use crate::support::database::{Database, each};
use crate::support::make;

/// A desk whose time stands still until it is moved.
struct Desk {
    app: App,
    admin: Actor,
    store: Store,
    clock: Clock,
    _folder: TempDir,
}

impl Desk {
    async fn new(database: &Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (database.open_again().await, Clock::fixed(make::NOW));
        let mut parts = parts(store.clone(), &folder).await;
        parts.clock = clock.clone();
        let app = App::new(parts);
        let email = "admin@desk.example".parse().unwrap();
        let admin = app.create_workspace("desk".parse().unwrap(), "desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        Self { app, admin, store, clock, _folder: folder }
    }

    /// How many changes were told.
    async fn told(&self) -> i64 {
        event::last_seq(&self.store, self.admin.workspace).await.unwrap()
    }

    async fn put(&self, new: NewTicket) -> TicketId {
        self.app.put_ticket(&self.admin, new).await.unwrap().item.ticket.id
    }
}

/// A ticket of which nothing says when it was written.
fn undated(external_id: Option<&str>) -> NewTicket {
    let comment = |body: &str| NewComment {
        author: "owen@desk.example".parse().unwrap(),
        public: true,
        body: body.to_owned(),
        created_at: None,
        attachments: vec![],
    };
    NewTicket {
        external_id: external_id.map(str::to_owned),
        subject: "Lamp".to_owned(),
        body: "It is broken.".to_owned(),
        requester: NewRequester { email: "ana@mail.example".parse().unwrap(), name: None, external_id: None },
        channel: TicketChannel::Email,
        created_at: None,
        status: Some(TicketStatus::Solved),
        solved_at: None,
        priority: None,
        group: None,
        assignee: None,
        tags: vec![],
        language: None,
        custom_fields: [].into(),
        comments: vec![comment("We look."), comment("It is mended.")],
        attachments: vec![],
    }
}

#[tokio::test]
async fn an_undated_ticket_that_is_sent_again_is_the_same_ticket_with_the_same_comments() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let id = desk.put(undated(Some("T-1"))).await;
        let first = desk.app.ticket(&desk.admin, id).await.unwrap();
        assert_eq!((first.ticket.created_at, first.ticket.solved_at), (make::NOW, Some(make::NOW)));
        assert_eq!(first.comments.iter().map(|comment| comment.created_at).collect::<Vec<_>>(), [make::NOW, make::NOW]);
        let told = desk.told().await;
        desk.clock.advance(60);
        desk.put(undated(Some("T-1"))).await;
        assert_eq!(desk.app.ticket(&desk.admin, id).await.unwrap(), first);
        assert_eq!(desk.told().await, told, "nothing is embedded or prepared again");
        // What is said counts, and what is opened again is not solved.
        desk.put(NewTicket { created_at: Some(make::NOW.plus_seconds(-9)), status: Some(TicketStatus::Open), ..undated(Some("T-1")) })
            .await;
        let changed = desk.app.ticket(&desk.admin, id).await.unwrap().ticket;
        assert_eq!((changed.created_at, changed.solved_at), (make::NOW.plus_seconds(-9), None));
    })
    .await;
}

#[tokio::test]
async fn an_undated_side_conversation_that_is_sent_again_is_the_same_with_the_same_messages() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let ticket = desk.put(undated(Some("T-1"))).await;
        let new = || NewThread {
            ask: None,
            context: vec![],
            external_id: Some("S-1".to_owned()),
            channel: ThreadChannel::Slack,
            subject: "Lamp".to_owned(),
            status: None,
            opened_by: "owen@desk.example".parse().unwrap(),
            participants: vec!["ingrid@desk.example".parse().unwrap()],
            created_at: None,
            messages: vec![NewMessage {
                author: "owen@desk.example".parse().unwrap(),
                body: "May I swap it?".to_owned(),
                created_at: None,
                attachments: vec![],
            }],
        };
        let first = desk.app.open_thread(&desk.admin, ticket, new()).await.unwrap().item;
        let told = desk.told().await;
        desk.clock.advance(60);
        let again = desk.app.open_thread(&desk.admin, ticket, new()).await.unwrap();
        assert_eq!((again.item, again.created, desk.told().await), (first.clone(), false, told));
        let mut more = new();
        let answer = NewMessage {
            author: "ingrid@desk.example".parse().unwrap(),
            body: "Yes.".to_owned(),
            created_at: Some(make::NOW.plus_seconds(30)),
            attachments: vec![],
        };
        more.messages.push(answer);
        let more = desk.app.open_thread(&desk.admin, ticket, more).await.unwrap().item;
        assert_eq!((more.messages.len(), more.thread.created_at), (2, first.thread.created_at));
        assert_eq!(more.thread.updated_at, make::NOW.plus_seconds(30));
    })
    .await;
}

#[tokio::test]
async fn a_ticket_is_called_the_same_everywhere_and_found_by_that_name() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.put(undated(None)).await;
        desk.put(undated(Some("T-1"))).await;
        let inbox = async |words: Option<String>| {
            let filter = InboxFilter { words, ..InboxFilter::default() };
            let page = desk.app.inbox(&desk.admin, filter, PageRequest { limit: None, cursor: None }).await.unwrap();
            page.items.into_iter().map(|row| (row.head.id, row.head.reference)).collect::<Vec<_>>()
        };
        let rows = inbox(None).await;
        assert_eq!(rows.len(), 2);
        for (id, reference) in rows {
            let found = desk.app.ticket_by_reference(&desk.admin, &reference).await.unwrap().ticket;
            assert_eq!((found.id, found.reference()), (id, reference.clone()));
            assert_eq!(inbox(Some(reference.clone())).await, [(id, reference)]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_goes_with_its_file_to_the_ticket_that_its_side_conversation_is_moved_to_meanwhile() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let (first, second) = (desk.put(undated(Some("T-1"))).await, desk.put(undated(Some("T-2"))).await);
        let message = |body: &str, attachments| NewMessage {
            author: "owen@desk.example".parse().unwrap(),
            body: body.to_owned(),
            created_at: None,
            attachments,
        };
        let new = NewThread {
            ask: None,
            context: vec![],
            external_id: None,
            channel: ThreadChannel::Email,
            subject: "Lamp".to_owned(),
            status: None,
            opened_by: "owen@desk.example".parse().unwrap(),
            participants: vec!["una@desk.example".parse().unwrap()],
            created_at: None,
            messages: vec![message("Is it known?", vec![])],
        };
        let opened = desk.app.open_thread(&desk.admin, first, new).await.unwrap().item.thread;
        let mut upload = desk.app.receive_attachment(&desk.admin).await.unwrap();
        upload.write(b"boot").await.unwrap();
        let named = NewAttachment { name: "boot.log".to_owned(), declared_type: None };
        let file = desk.app.put_attachment(&desk.admin, named, upload.finish().await.unwrap()).await.unwrap();

        let mut tx = desk.store.begin().await.unwrap();
        let _ = thread::save(&mut tx, &Thread { ticket: second, ..opened.clone() }).await.unwrap();
        let (app, admin) = (desk.app.clone(), desk.admin.clone());
        let added = tokio::spawn(async move { app.add_message(&admin, opened.id, message("Here is the log.", vec![file.id])).await });
        database.somebody_waits().await;
        tx.commit().await.unwrap();
        added.await.unwrap().unwrap();
        let files = async |ticket| desk.app.attachments_of(&desk.admin, ticket).await.unwrap().len();
        assert_eq!((files(first).await, files(second).await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_message_is_added_without_reading_those_before_it() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let ticket = desk.put(undated(Some("T-1"))).await;
        let message = |author: &str, body: &str| NewMessage {
            author: author.parse().unwrap(),
            body: body.to_owned(),
            created_at: None,
            attachments: vec![],
        };
        let new = NewThread {
            ask: None,
            context: vec![],
            external_id: None,
            channel: ThreadChannel::Email,
            subject: "Lamp".to_owned(),
            status: None,
            opened_by: "owen@desk.example".parse().unwrap(),
            participants: vec!["una@desk.example".parse().unwrap()],
            created_at: None,
            messages: vec![message("owen@desk.example", "Is it known?")],
        };
        let thread = desk.app.open_thread(&desk.admin, ticket, new).await.unwrap().item.thread.id;
        // Whoever read this one would stumble over it.
        database.tamper("UPDATE messages SET author = 'nobody'").await;
        desk.app.add_message(&desk.admin, thread, message("una@desk.example", "It is.")).await.unwrap();
    })
    .await;
}
