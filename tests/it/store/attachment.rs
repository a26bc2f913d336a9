use backchannel::domain::attachment::{Attachment, Place, Reading};
use backchannel::domain::audience::{Reader, Scope};
use backchannel::domain::id::{AttachmentId, CustomerId, WorkspaceId};
use backchannel::domain::ticket::{Comment, Ticket};
use backchannel::domain::vocabulary::{Kind, ReadState};
use backchannel::store::attachment::{self, Sending, Unsent};
use backchannel::store::{customer, pending, thread, ticket};

use crate::support::database::{Database, each};
use crate::support::make;

const UPLOADER: &str = "user:1";

/// A ticket with a public and an internal comment, each with a file that was read.
struct Case {
    workspace: WorkspaceId,
    ticket: Ticket,
    public: Attachment,
    internal: Attachment,
}

impl Case {
    async fn new(database: &Database) -> Self {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let (shown, hidden) = (make::comment(kept.id, "for you", true), make::comment(kept.id, "for us", false));
        let case = Self {
            workspace,
            ticket: kept,
            public: make::attachment(workspace, "public.txt", 'a'),
            internal: make::attachment(workspace, "internal.txt", 'b'),
        };
        case.send(database, &shown, &case.public).await;
        case.send(database, &hidden, &case.internal).await;
        case
    }

    async fn send(&self, database: &Database, comment: &Comment, file: &Attachment) {
        let mut tx = database.begin().await;
        let _ = ticket::add_comment(&mut tx, self.workspace, comment, make::NOW).await.unwrap();
        attachment::insert(&mut tx, file).await.unwrap();
        let place = Place::Comment(self.ticket.id, comment.id);
        assert_eq!(attachment::send(&mut tx, self.workspace, UPLOADER, file.id, place).await.unwrap(), Sending::Sent);
        let read = Reading { state: ReadState::Read, reason: None };
        assert!(attachment::note_reading(&mut tx, self.workspace, file.id, &read, &[make::excerpt(file.id)]).await.unwrap());
        tx.commit().await.unwrap();
    }

    fn reader(&self, reader: Reader) -> Scope {
        Scope::new(self.workspace, reader)
    }

    /// The names of the files that a reader sees, and of those whose excerpts they see.
    async fn seen(&self, database: &Database, reader: Reader) -> (Vec<String>, Vec<String>) {
        let scope = self.reader(reader);
        let files = attachment::of_ticket(&database.store, &scope, self.ticket.id).await.unwrap();
        let excerpts = attachment::excerpts_of_ticket(&database.store, &scope, self.ticket.id, 9).await.unwrap();
        let mut names: Vec<String> = files.into_iter().map(|file| file.name).collect();
        let mut cited: Vec<String> = excerpts.iter().map(|found| found.name.clone()).collect();
        names.sort();
        cited.sort();
        (names, cited)
    }
}

#[tokio::test]
async fn who_may_not_read_a_comment_may_not_read_its_file() {
    each(async |database| {
        let case = Case::new(database).await;
        let both = vec!["internal.txt".to_owned(), "public.txt".to_owned()];
        let own = vec!["public.txt".to_owned()];
        let stranger = CustomerId::at(make::NOW, make::random());
        for (reader, names) in [
            (Reader::Everything, both.clone()),
            (Reader::Colleague([].into()), both),
            (Reader::Customer(case.ticket.requester), own),
            (Reader::Customer(stranger), vec![]),
            (Reader::Anyone, vec![]),
        ] {
            assert_eq!(case.seen(database, reader.clone()).await, (names.clone(), names.clone()), "{reader:?}");
            let hidden = attachment::get(&database.store, &case.reader(reader.clone()), "user:2", case.internal.id).await.unwrap();
            assert_eq!(hidden.is_some(), names.contains(&"internal.txt".to_owned()), "{reader:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_changes_hands_takes_its_public_files_along() {
    each(async |database| {
        let case = Case::new(database).await;
        let new = make::customer(case.workspace, "new@mail.example");
        let mut tx = database.begin().await;
        let _ = customer::save(&mut tx, &new).await.unwrap();
        let _ = ticket::save(&mut tx, &Ticket { requester: new.id, ..case.ticket.clone() }).await.unwrap();
        tx.commit().await.unwrap();
        let own = vec!["public.txt".to_owned()];
        assert_eq!(case.seen(database, Reader::Customer(new.id)).await, (own.clone(), own));
        assert_eq!(case.seen(database, Reader::Customer(case.ticket.requester)).await, (vec![], vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_file_is_sent_once_by_who_uploaded_it() {
    each(async |database| {
        let case = Case::new(database).await;
        let file = make::attachment(case.workspace, "c.txt", 'c');
        let mut tx = database.begin().await;
        attachment::insert(&mut tx, &file).await.unwrap();
        let place = Place::Ticket(case.ticket.id);
        let mut send = async |who: &str, id| attachment::send(&mut tx, case.workspace, who, id, place).await.unwrap();
        assert_eq!(send("user:2", file.id).await, Sending::Unknown);
        assert_eq!(send(UPLOADER, AttachmentId::at(make::NOW, make::random())).await, Sending::Unknown);
        assert_eq!(send(UPLOADER, case.public.id).await, Sending::Elsewhere);
        assert_eq!(send(UPLOADER, file.id).await, Sending::Sent);
        assert_eq!(send(UPLOADER, file.id).await, Sending::Known);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_removed_is_buried_and_what_was_never_sent_is_swept() {
    each(async |database| {
        let case = Case::new(database).await;
        let unsent = make::attachment(case.workspace, "c.txt", 'c');
        let mut tx = database.begin().await;
        attachment::insert(&mut tx, &unsent).await.unwrap();
        assert_eq!(attachment::sweep(&mut tx, make::NOW).await.unwrap(), 0);
        assert_eq!(attachment::sweep(&mut tx, make::NOW.plus_seconds(1)).await.unwrap(), 1);
        let hash = attachment::remove(&mut tx, case.workspace, case.public.id).await.unwrap();
        assert_eq!(hash.as_ref(), Some(&case.public.hash));
        tx.commit().await.unwrap();
        let both = [case.public.hash.clone(), case.internal.hash.clone()];
        let kept = attachment::kept_among(&database.store, case.workspace, &both).await.unwrap();
        assert_eq!(kept, [case.internal.hash.clone()].into());
        let graves = pending::tombstones(&database.store, case.workspace, 9).await.unwrap();
        assert_eq!(graves.iter().map(|grave| grave.kind).collect::<Vec<_>>(), [Kind::Attachment]);
        let mut tx = database.begin().await;
        assert!(ticket::remove(&mut tx, case.workspace, case.ticket.id).await.unwrap());
        tx.commit().await.unwrap();
        let graves = pending::tombstones(&database.store, case.workspace, 9).await.unwrap();
        assert_eq!(graves.iter().filter(|grave| grave.kind == Kind::Attachment).count(), 2);
        assert_eq!(attachment::kept_among(&database.store, case.workspace, &both).await.unwrap(), [].into());
    })
    .await;
}

#[tokio::test]
async fn files_of_a_side_conversation_are_internal_and_move_with_it() {
    each(async |database| {
        let case = Case::new(database).await;
        let other = make::kept_ticket(&database.store, case.workspace).await;
        let side = make::thread(case.workspace, case.ticket.id);
        let message = make::message(side.id, "see the file");
        let file = make::attachment(case.workspace, "d.txt", 'd');
        let mut tx = database.begin().await;
        let _ = thread::save(&mut tx, &side).await.unwrap();
        let _ = thread::add_message(&mut tx, case.workspace, &message).await.unwrap();
        attachment::insert(&mut tx, &file).await.unwrap();
        let place = Place::Message(case.ticket.id, side.id, message.id);
        assert_eq!(attachment::send(&mut tx, case.workspace, UPLOADER, file.id, place).await.unwrap(), Sending::Sent);
        let _ = thread::save(&mut tx, &backchannel::domain::thread::Thread { ticket: other.id, ..side.clone() }).await.unwrap();
        tx.commit().await.unwrap();
        let moved = attachment::of_ticket(&database.store, &make::service(case.workspace), other.id).await.unwrap();
        assert_eq!(moved[0].place, Some(Place::Message(other.id, side.id, message.id)));
        let customer = case.reader(Reader::Customer(other.requester));
        assert_eq!(attachment::of_ticket(&database.store, &customer, other.id).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn what_was_sent_meanwhile_is_not_taken_back() {
    each(async |database| {
        let case = Case::new(database).await;
        let unsent = make::attachment(case.workspace, "c.txt", 'c');
        let mut tx = database.begin().await;
        attachment::insert(&mut tx, &unsent).await.unwrap();
        let mut back = async |who: &str, id| attachment::take_back(&mut tx, case.workspace, who, id).await.unwrap();
        assert_eq!(back(UPLOADER, case.public.id).await, None);
        assert_eq!(back("user:2", unsent.id).await, None);
        assert_eq!(back(UPLOADER, unsent.id).await, Some(unsent.hash.clone()));
        assert_eq!(back(UPLOADER, unsent.id).await, None);
        tx.commit().await.unwrap();
        assert_eq!(case.seen(database, Reader::Everything).await.0, ["internal.txt", "public.txt"]);
    })
    .await;
}

#[tokio::test]
async fn only_what_somebody_has_not_sent_is_counted() {
    each(async |database| {
        let case = Case::new(database).await;
        let foreign = make::kept_workspace(&database.store).await;
        let mut tx = database.begin().await;
        attachment::hold_uploads(&mut tx, case.workspace).await.unwrap();
        for (workspace, name, size_bytes) in [(case.workspace, "a.txt", 5), (case.workspace, "b.txt", 1 << 40), (foreign, "c.txt", 7)] {
            let file = Attachment { size_bytes, ..make::attachment(workspace, name, 'c') };
            attachment::insert(&mut tx, &file).await.unwrap();
        }
        tx.commit().await.unwrap();
        let count = async |workspace, who: &str| attachment::unsent(&database.store, workspace, who).await.unwrap();
        assert_eq!(count(case.workspace, UPLOADER).await, Unsent { files: 2, bytes: (1 << 40) + 5 });
        assert_eq!(count(foreign, UPLOADER).await, Unsent { files: 1, bytes: 7 });
        assert_eq!(count(case.workspace, "user:2").await, Unsent { files: 0, bytes: 0 });
        let mut tx = database.begin().await;
        let nowhere = WorkspaceId::at(make::NOW, make::random());
        assert!(attachment::hold_uploads(&mut tx, nowhere).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_held_is_where_its_side_conversation_went() {
    each(async |database| {
        let case = Case::new(database).await;
        let other = make::kept_ticket(&database.store, case.workspace).await;
        let side = make::thread(case.workspace, case.ticket.id);
        let message = make::message(side.id, "see the mail");
        let (mail, unsent) = (make::attachment(case.workspace, "a.eml", 'd'), make::attachment(case.workspace, "b.txt", 'e'));
        let mut tx = database.begin().await;
        let _ = thread::save(&mut tx, &side).await.unwrap();
        let _ = thread::add_message(&mut tx, case.workspace, &message).await.unwrap();
        attachment::insert(&mut tx, &mail).await.unwrap();
        attachment::insert(&mut tx, &unsent).await.unwrap();
        let place = Place::Message(case.ticket.id, side.id, message.id);
        assert_eq!(attachment::send(&mut tx, case.workspace, UPLOADER, mail.id, place).await.unwrap(), Sending::Sent);
        let _ = thread::save(&mut tx, &backchannel::domain::thread::Thread { ticket: other.id, ..side.clone() }).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.begin().await;
        let held = attachment::hold(&mut tx, case.workspace, mail.id).await.unwrap();
        assert_eq!(held.map(|(held, place)| (held.id, place)), Some((mail.id, Place::Message(other.id, side.id, message.id))));
        assert_eq!(attachment::hold(&mut tx, case.workspace, unsent.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_sent_beside_a_file_that_is_held_changes_hands_with_it() {
    each(async |database| {
        let case = Case::new(database).await;
        let new = make::customer(case.workspace, "new@mail.example");
        let file = make::attachment(case.workspace, "enclosed.txt", 'c');
        let mut tx = database.begin().await;
        let _ = customer::save(&mut tx, &new).await.unwrap();
        attachment::insert(&mut tx, &file).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = database.begin().await;
        let (_, place) = attachment::hold(&mut tx, case.workspace, case.public.id).await.unwrap().unwrap();
        assert_eq!(attachment::send(&mut tx, case.workspace, UPLOADER, file.id, place).await.unwrap(), Sending::Sent);
        let hand_over = async {
            let mut tx = database.begin().await;
            let _ = ticket::save(&mut tx, &Ticket { requester: new.id, ..case.ticket.clone() }).await.unwrap();
            tx.commit().await.unwrap();
        };
        let end = async {
            database.somebody_waits().await;
            tx.commit().await.unwrap();
        };
        tokio::join!(hand_over, end);
        assert_eq!(case.seen(database, Reader::Customer(new.id)).await.0, ["enclosed.txt", "public.txt"]);
        assert_eq!(case.seen(database, Reader::Customer(case.ticket.requester)).await.0, Vec::<String>::new());
    })
    .await;
}
