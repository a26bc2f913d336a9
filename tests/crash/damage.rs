//! The index lost or of another encoder: it is a projection, and comes back from the database.

use backchannel::embed::tiny;

use crate::site::{Site, fresh};

const DOCUMENTS: usize = 40;
/// The people of the playbook are indexed too.
const PEOPLE: usize = 24;

/// Documents that each have a word of their own.
async fn filled() -> (tempfile::TempDir, Site) {
    let (data, site) = fresh().await;
    for number in 0..DOCUMENTS {
        site.write(&format!("{number}.md"), format!("# Lamp {number}\n\nThe {} is mended with tool {number}.\n", word(number)));
    }
    site.ingest().await;
    (data, site)
}

fn word(number: usize) -> String {
    format!("qu{}{}dix", char::from(b'a' + u8::try_from(number % 7).unwrap()), char::from(b'a' + u8::try_from(number / 7).unwrap()))
}

async fn check(site: &Site) {
    let inside = site.look().await;
    inside.assert_indexed().await;
    for number in [0, 17, DOCUMENTS - 1] {
        assert!(inside.finds(&word(number), &format!("tool {number}.")).await, "lamp {number} is not found");
    }
    inside.close().await;
}

#[tokio::test]
async fn a_deleted_index_comes_back_by_reindex_or_the_next_server() {
    let (_data, site) = filled().await;
    check(&site).await;

    fs_err::remove_dir_all(site.index()).unwrap();
    let text = site.must(&["reindex"]).await;
    assert!(text.contains("rows are indexed anew"), "{text}");
    check(&site).await;

    fs_err::remove_dir_all(site.index()).unwrap();
    site.drain().await;
    check(&site).await;
}

#[tokio::test]
async fn another_encoder_indexes_everything_anew_and_vectors_never_mix() {
    let (_data, mut site) = filled().await;
    let first = site.model.clone();
    site.model = tiny::write(&site.folder.path().join("other"), 2).unwrap();
    assert_ne!(first.model.encoder_revision(&first.options), site.model.model.encoder_revision(&first.options));
    let text = site.ingest().await;
    assert!(text.contains(&format!("{DOCUMENTS} unchanged, 0 refused; {} indexed", DOCUMENTS + PEOPLE)), "{text}");
    check(&site).await;
    let folders: Vec<_> = fs_err::read_dir(site.index()).unwrap().collect();
    assert_eq!(folders.len(), 1, "the first encoder's folder is gone: {folders:?}");

    // What changes meanwhile is there when the first encoder comes back.
    site.write("0.md", format!("# Lamp 0\n\nThe {} is mended today with tool 0.\n", word(0)));
    site.ingest().await;
    check(&site).await;
    let second = std::mem::replace(&mut site.model, first);
    site.ingest().await;
    check(&site).await;

    // A server finds out by itself that its encoder is another one.
    site.model = second;
    site.drain().await;
    check(&site).await;
}
