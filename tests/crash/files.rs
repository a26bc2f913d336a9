//! A folder in which good files lie beside hostile, broken and unreadable ones.

use std::io::{Cursor, Write as _};

use backchannel::store::job;
use pdf_extract::{Document, EncryptionState, EncryptionVersion, Object, Permissions, StringFormat, dictionary};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::site::{Site, fresh};

/// Each bad file, or place in one, with words of the advice that must come with it.
const BAD: [(&str, &str); 7] = [
    ("bomb.docx", "save it anew"),
    ("deep.html", "save it anew"),
    ("empty.md", "upload it again"),
    ("huge.md", "split it, or leave it out"),
    ("invisible.txt", "text recognition"),
    ("locked.pdf", "save it without one"),
    ("tickets.jsonl line 2", "JSON"),
];

fn write_all(site: &Site) {
    site.write("good.md", "# Lamps\n\nA quovadix is mended with a screwdriver.\n");
    site.write("old.txt", b"Un caf\xE9 cr\xE8me pour le d\xE9jeuner, s'il vous pla\xEEt.\n");
    site.write("picture.png", b"\x89PNG\r\n\x1a\n....");
    site.write("empty.md", "");
    site.write("invisible.txt", "\u{200B}\u{E0041}\u{FEFF} \n".repeat(50));
    let ticket = r#"{"type":"ticket","external_id":"T-1","subject":"Lamp","body":"It is broken","requester":{"email":"a@mail.example"}}"#;
    site.write("tickets.jsonl", format!("{ticket}\n{}", &ticket[..70]));
    site.write("deep.html", format!("<html><body>{}text", "<div>".repeat(100_000)));
    site.write("bomb.docx", bomb());
    site.write("locked.pdf", locked());
    // It has the size and takes no place.
    fs_err::File::create(site.documents().join("huge.md")).unwrap().set_len(70 << 20).unwrap();
}

#[tokio::test]
async fn good_files_are_taken_in_and_each_bad_one_is_named_with_what_to_do() {
    let (_data, site) = fresh().await;
    write_all(&site);
    let documents = site.documents();
    for created in [3, 0] {
        let output = site.run(&["--json", "ingest", documents.to_str().unwrap()]).await;
        let text = crate::site::said(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let count = |name: &str| report[name].as_u64().unwrap();
        assert_eq!((count("created"), count("created") + count("changed") + count("unchanged")), (created, 3), "{text}");
        let skipped: Vec<&Value> = report["skipped"].as_array().unwrap().iter().map(|one| &one["place"]).collect();
        assert_eq!(skipped, ["picture.png"], "{text}");
        let failed: Vec<&Value> = report["failed"].as_array().unwrap().iter().collect();
        for (place, advice) in BAD {
            let of_place = |failure: &&&Value| failure["place"] == place && failure["reason"].as_str().unwrap().contains(advice);
            assert_eq!(failed.iter().filter(of_place).count(), 1, "`{place}`: {advice}: {text}");
        }
        assert_eq!(failed.len(), BAD.len(), "{text}");
    }
    let inside = site.look().await;
    assert_eq!(inside.document_names().await, ["good.md", "old.txt"]);
    inside.assert_indexed().await;
    assert!(inside.finds("déjeuner", "café crème").await);
    assert_eq!(job::counts(&inside.store, inside.actor.workspace).await.unwrap().dead, 0);
    inside.close().await;
}

/// Under a megabyte, and two hundred of them unpacked.
fn bomb() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..200 {
        zip.write_all(&spaces).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An empty page that only a password opens.
fn locked() -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let page = document
        .add_object(dictionary! { "Type" => "Page", "Parent" => pages, "MediaBox" => vec![0.into(), 0.into(), 9.into(), 9.into()] });
    document.objects.insert(pages, Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let id = Object::String(b"0123456789abcdef".to_vec(), StringFormat::Literal);
    document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password: "secret",
        key_length: 128,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}
