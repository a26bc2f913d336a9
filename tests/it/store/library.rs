use backchannel::domain::audience::{Audience, Reader, Scope};
use backchannel::domain::document::Document;
use backchannel::domain::id::QuestionId;
use backchannel::domain::library::{Coverage, DocumentUse, Refusal};
use backchannel::domain::time::Timestamp;
use backchannel::store::library::{Asked, MOST_QUESTIONS};
use backchannel::store::panel::{InboxColumns, PreparedPanel};
use backchannel::store::{PageRequest, document, library, panel};

use crate::store::BEFORE_LIBRARY;
use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn a_document_counts_each_ticket_once_and_whether_its_draft_cites_it_now() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let (one, other) = (make::kept_ticket(&database.store, workspace).await, make::kept_ticket(&database.store, workspace).await);
        let (used, unused) = (make::document(workspace, "a.md", Audience::Public), make::document(workspace, "b.md", Audience::Internal));
        let passage = make::passage(used.id, 0);
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &used, std::slice::from_ref(&passage)).await.unwrap();
        let _ = document::replace(&mut tx, &unused, &[]).await.unwrap();
        for (ticket, is_cited) in [(one.id, true), (one.id, false), (other.id, true)] {
            library::note_use(&mut tx, workspace, used.id, ticket, (is_cited, make::NOW)).await.unwrap();
        }
        // A document that went while its panel was made.
        library::note_use(&mut tx, workspace, make::document(workspace, "gone.md", Audience::Public).id, one.id, (true, make::NOW))
            .await
            .unwrap();
        // A panel that was read before those, and is kept after them.
        let earlier = Timestamp::from_micros(make::NOW.as_micros() - 1);
        library::forget_citations(&mut tx, workspace, other.id, earlier).await.unwrap();
        library::note_use(&mut tx, workspace, used.id, other.id, (false, earlier)).await.unwrap();
        tx.commit().await.unwrap();
        let counted = DocumentUse { shown: 2, cited: 1 };
        assert_eq!(library::used(&database.store, workspace, used.id).await.unwrap(), counted);
        assert_eq!(library::shown_beside(&database.store, &make::service(workspace), used.id, 9).await.unwrap().len(), 2);
        assert_eq!(library::pending(&database.store, workspace, used.id).await.unwrap(), [passage.id]);

        let mut tx = database.begin().await;
        library::forget_citations(&mut tx, workspace, other.id, make::NOW).await.unwrap();
        tx.commit().await.unwrap();
        let counted = DocumentUse { shown: 2, cited: 0 };
        let everybody = make::service(workspace);
        let names = |shelved: Vec<backchannel::domain::library::Shelved>| shelved.into_iter().map(|one| one.head.id).collect::<Vec<_>>();
        let most = library::most_used(&database.store, &everybody, 9).await.unwrap();
        assert_eq!((most[0].used, most[0].pending), (counted, 1));
        assert_eq!(names(most), [used.id]);
        assert_eq!(names(library::unused(&database.store, &everybody, 9).await.unwrap()), [unused.id]);
        let public = Scope::new(workspace, Reader::Anyone);
        assert_eq!(names(library::unused(&database.store, &public, 9).await.unwrap()), []);
    })
    .await;
}

#[tokio::test]
async fn documents_are_found_by_title_and_id_in_any_case() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let article = Document { title: "Réparer 100%".to_owned(), ..make::document(workspace, "Garantie.MD", Audience::Public) };
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &article, &[]).await.unwrap();
        tx.commit().await.unwrap();
        for (words, expected) in [("réparer", 1), ("RÉPARER", 1), ("garantie.md", 1), ("100%", 1), ("%", 1), ("_", 0), ("other", 0)] {
            let scope = make::service(workspace);
            let found = library::list(&database.store, &scope, Some(words), &PageRequest::first(9)).await.unwrap();
            assert_eq!(found.items.len(), expected, "{words}");
        }
    })
    .await;
}

#[tokio::test]
async fn documents_that_were_there_before_are_found_after_the_layout_is_brought_up() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &make::document(workspace, "Old.md", Audience::Public), &[]).await.unwrap();
        tx.commit().await.unwrap();
        database.tamper(BEFORE_LIBRARY).await;
        let store = backchannel::store::Store::open(&database.options, database.folder()).await.unwrap();
        let found = library::list(&store, &make::service(workspace), Some("old"), &PageRequest::first(9)).await.unwrap();
        assert_eq!(found.items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn open_tickets_are_counted_by_their_matter_with_the_most_unanswered_first() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let refund = Some("refund_request".parse().unwrap());
        let matters = [(refund.clone(), Some(false)), (refund.clone(), Some(true)), (refund.clone(), None), (None, Some(true))];
        for (intent, is_answered) in matters {
            let ticket = make::kept_ticket(&database.store, workspace).await.id;
            let mut tx = database.begin().await;
            let inbox = InboxColumns { intent, ..InboxColumns::default() };
            let made = PreparedPanel { ticket, made_at: make::NOW, knowledge: String::new(), json: "{}".to_owned(), inbox, is_answered };
            panel::save(&mut tx, workspace, &made).await.unwrap();
            assert_eq!(panel::get(&mut tx, workspace, ticket).await.unwrap(), Some(made));
            tx.commit().await.unwrap();
        }
        let coverage = library::coverage(&database.store, &make::service(workspace)).await.unwrap();
        let expected = [Coverage { intent: refund, tickets: 2, answered: 1 }, Coverage { intent: None, tickets: 1, answered: 1 }];
        assert_eq!(coverage, expected);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_kept_until_the_document_is_in() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let refusal = |reason: &str| Refusal { external_id: "a.pdf".to_owned(), reason: reason.to_owned(), refused_at: make::NOW };
        let mut tx = database.begin().await;
        for reason in ["it is locked", "it is empty"] {
            library::refuse(&mut tx, workspace, &refusal(reason)).await.unwrap();
        }
        assert_eq!(library::refusals(&mut tx, workspace, 9).await.unwrap(), [refusal("it is empty")]);
        assert!(library::is_refused(&mut tx, workspace, "a.pdf").await.unwrap());
        library::forgive(&mut tx, workspace, "a.pdf").await.unwrap();
        assert!(!library::is_refused(&mut tx, workspace, "a.pdf").await.unwrap());
        assert_eq!(library::refusals(&mut tx, workspace, 9).await.unwrap(), []);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn of_the_questions_that_nothing_answered_the_last_are_kept() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await.id;
        let mut tx = database.begin().await;
        for number in 0..=MOST_QUESTIONS {
            let asked_at = Timestamp::from_micros(make::NOW.as_micros() + number);
            let asked = Asked { id: QuestionId::at(make::NOW, make::random()), ticket, question: number.to_string(), asked_at };
            library::keep_question(&mut tx, workspace, &asked).await.unwrap();
        }
        let kept = library::questions(&mut tx, &make::service(workspace), u32::MAX).await.unwrap();
        assert_eq!(kept.len(), usize::try_from(MOST_QUESTIONS).unwrap());
        assert_eq!((kept[0].question.as_str(), kept[kept.len() - 1].question.as_str()), (MOST_QUESTIONS.to_string().as_str(), "1"));
        tx.commit().await.unwrap();
    })
    .await;
}
