use backchannel::domain::audience::{Audience, Reader, Scope};
use backchannel::domain::document::Document;
use backchannel::store::{Change, PageRequest, document, pending};

use crate::support::database::each;
use crate::support::make;

fn teams(names: &[&str]) -> Audience {
    Audience::Teams(names.iter().map(|name| name.parse().unwrap()).collect())
}

#[tokio::test]
async fn a_changed_document_replaces_all_its_passages_and_the_index_forgets_the_old_ones() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let service = make::service(workspace);
        let first = make::document(workspace, "reset.md", Audience::Public);
        let old = [make::passage(first.id, 0), make::passage(first.id, 1)];
        let mut tx = database.begin().await;
        assert_eq!(document::replace(&mut tx, &first, &old).await.unwrap().change, Change::Created);
        tx.commit().await.unwrap();
        assert_eq!(document::get(&database.store, &service, first.id).await.unwrap(), Some(first.clone()));
        assert_eq!(document::content_hash(&database.store, workspace, "reset.md").await.unwrap().as_deref(), Some("aa"));

        let same = make::document(workspace, "reset.md", Audience::Public);
        let mut tx = database.begin().await;
        let saved = document::replace(&mut tx, &same, &[make::passage(same.id, 0)]).await.unwrap();
        assert_eq!((saved.id, saved.change), (first.id, Change::Unchanged));
        tx.commit().await.unwrap();
        assert_eq!(document::passages_of(&database.store, &service, first.id).await.unwrap().len(), 2);

        let second = Document { content_hash: "bb".to_owned(), text: "New.".to_owned(), ..same };
        let new = make::passage(second.id, 0);
        let mut tx = database.begin().await;
        let saved = document::replace(&mut tx, &second, std::slice::from_ref(&new)).await.unwrap();
        assert_eq!((saved.id, saved.change), (first.id, Change::Updated));
        tx.commit().await.unwrap();
        let found = document::passages_of(&database.store, &service, first.id).await.unwrap();
        assert_eq!(found.iter().map(|found| (found.passage.id, found.passage.document)).collect::<Vec<_>>(), [(new.id, first.id)]);
        let mut stones: Vec<_> = pending::tombstones(&database.store, workspace, 9).await.unwrap().iter().map(|stone| stone.id).collect();
        stones.sort();
        let mut expected = old.map(|passage| passage.id.as_uuid());
        expected.sort();
        assert_eq!(stones, expected);
    })
    .await;
}

#[tokio::test]
async fn a_reader_finds_only_what_is_written_for_them() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let customer = make::kept_ticket(&database.store, workspace).await.requester;
        let audiences = [Audience::Public, Audience::Internal, teams(&["a_b"]), teams(&["axb", "legal"]), Audience::Customer(customer)];
        let mut ids = Vec::new();
        for (number, audience) in audiences.iter().enumerate() {
            let article = make::document(workspace, &format!("{number}.md"), audience.clone());
            let passage = make::passage(article.id, 0);
            let mut tx = database.begin().await;
            let _ = document::replace(&mut tx, &article, std::slice::from_ref(&passage)).await.unwrap();
            tx.commit().await.unwrap();
            ids.push((article, passage.id));
        }
        let readers = [
            Reader::Anyone,
            Reader::Customer(customer),
            Reader::Customer(make::customer(workspace, "b@mail.example").id),
            Reader::Colleague([].into()),
            Reader::Colleague(["a_b".parse().unwrap()].into()),
            Reader::Colleague(["legal".parse().unwrap(), "finance".parse().unwrap()].into()),
            Reader::Everything,
        ];
        let all: Vec<_> = ids.iter().map(|(_, passage)| *passage).collect();
        for reader in readers {
            let scope = Scope::new(workspace, reader.clone());
            let found = document::passages(&database.store, &scope, &all).await.unwrap();
            let listed = document::list(&database.store, &scope, &PageRequest::first(50)).await.unwrap().items;
            for (audience, (article, passage)) in audiences.iter().zip(&ids) {
                let may = reader.may_see(audience);
                assert_eq!(found.iter().any(|found| found.passage.id == *passage), may, "{reader:?} {audience:?}");
                assert_eq!(listed.iter().any(|head| head.id == article.id), may, "{reader:?} {audience:?}");
                assert_eq!(document::get(&database.store, &scope, article.id).await.unwrap().is_some(), may);
                assert_eq!(document::by_external_id(&database.store, &scope, &article.external_id).await.unwrap().is_some(), may);
                assert_eq!(document::passages_of(&database.store, &scope, article.id).await.unwrap().len(), usize::from(may));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_audience_reaches_passages_though_the_words_are_the_same() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let article = make::document(workspace, "a.md", Audience::Public);
        let passage = make::passage(article.id, 0);
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &article, std::slice::from_ref(&passage)).await.unwrap();
        let hidden = Document { audience: teams(&["legal"]), ..article.clone() };
        let again = make::passage(article.id, 0);
        assert_eq!(document::replace(&mut tx, &hidden, std::slice::from_ref(&again)).await.unwrap().change, Change::Updated);
        tx.commit().await.unwrap();
        let anyone = Scope::new(workspace, Reader::Anyone);
        assert!(document::passages(&database.store, &anyone, &[passage.id, again.id]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_removed_document_takes_its_passages_along() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let article = make::document(workspace, "a.md", Audience::Public);
        let passage = make::passage(article.id, 0);
        let mut tx = database.begin().await;
        let _ = document::replace(&mut tx, &article, std::slice::from_ref(&passage)).await.unwrap();
        assert!(document::remove(&mut tx, workspace, article.id).await.unwrap());
        assert!(!document::remove(&mut tx, workspace, article.id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(document::passages(&database.store, &make::service(workspace), &[passage.id]).await.unwrap().is_empty());
        assert_eq!(pending::tombstones(&database.store, workspace, 9).await.unwrap().len(), 1);
    })
    .await;
}
