use backchannel::store::{Options, Store, StoreError, workspace};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn starts_at_the_same_moment_do_not_collide() {
    each(async |database| {
        let starts: Vec<_> = (0..6)
            .map(|_| {
                let (options, folder) = (database.options.clone(), database.folder().to_owned());
                tokio::spawn(async move { Store::open(&options, &folder).await.map(|_| ()) })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn first_starts_at_the_same_moment_make_one_database() {
    let folder = tempfile::tempdir().unwrap();
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let folder = folder.path().to_owned();
            tokio::spawn(async move { Store::open(&Options::default(), &folder).await.map(|_| ()) })
        })
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn first_starts_of_postgresql_at_the_same_moment_make_one_layout() {
    each(async |database| {
        if !database.is_postgres() {
            return;
        }
        database.tamper("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
        let starts: Vec<_> = (0..6)
            .map(|_| {
                let (options, folder) = (database.options.clone(), database.folder().to_owned());
                tokio::spawn(async move { Store::open(&options, &folder).await.map(|_| ()) })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_layout_of_a_later_version_is_refused() {
    each(async |database| {
        database.tamper("INSERT INTO schema_migrations (version, sum) VALUES (9999, '')").await;
        let refused = Store::open(&database.options, database.folder()).await;
        assert!(matches!(refused, Err(StoreError::Layout { .. })));
    })
    .await;
}

#[tokio::test]
async fn every_connection_of_sqlite_is_durable_and_checks_references() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Options::default(), folder.path()).await.unwrap();
    // More readers than connections, so that each connection is asked.
    let asked: Vec<_> = (0..32)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.connection_settings().await.unwrap() })
        })
        .collect();
    for settings in asked {
        let settings = settings.await.unwrap();
        assert_eq!(settings, [("synchronous", "2".to_owned()), ("foreign_keys", "1".to_owned()), ("journal_mode", "wal".to_owned())]);
    }
}

#[tokio::test]
async fn rows_survive_a_restart() {
    each(async |database| {
        let id = make::kept_workspace(&database.store).await;
        let again = database.open_again().await;
        assert_eq!(workspace::get(&again, id).await.unwrap().map(|kept| kept.id), Some(id));
        again.ping().await.unwrap();
        again.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_slug_is_given_once() {
    each(async |database| {
        let first = make::workspace();
        let mut second = make::workspace();
        second.slug = first.slug.clone();
        let mut tx = database.begin().await;
        workspace::insert(&mut tx, &first).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.begin().await;
        let refused = workspace::insert(&mut tx, &second).await;
        assert!(matches!(refused, Err(StoreError::Conflict { constraint }) if constraint == "workspaces_slug_key"));
        drop(tx);
        assert_eq!(workspace::by_slug(&database.store, &first.slug).await.unwrap(), Some(first.clone()));
        assert_eq!(workspace::list(&database.store).await.unwrap(), [first]);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_at_once_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backchannel.db");
    let noise: Vec<u8> = (0..4096_u32).map(|byte| (byte.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(&file, &noise).unwrap();
    let error = Store::open(&Options::default(), folder.path()).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert_eq!(std::fs::read(&file).unwrap(), noise);
}
