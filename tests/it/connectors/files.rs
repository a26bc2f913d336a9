//! Extraction in a child process: hostile and broken files end as errors, and the parent lives on.

#![expect(clippy::unwrap_used, reason = "helpers of tests are no tests to clippy")]

use std::fmt::Write as _;
use std::fs::Permissions;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use backchannel::connectors::files::{FileError, Options, Places, Reading, extract_any, extract_in_child};
use backchannel::text::extract::{ExtractError, Format, Limits};
use pdf_extract::content::{Content, Operation};
use pdf_extract::{
    Dictionary, Document, EncryptionState, EncryptionVersion, Object, Permissions as Rights, Stream, StringFormat, dictionary,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_backchannel"))
}

async fn read(name: &str, bytes: Vec<u8>) -> Result<backchannel::text::extract::Extracted, FileError> {
    read_by(program(), &Places::default(), name, bytes).await
}

async fn read_by(program: &Path, places: &Places, name: &str, bytes: Vec<u8>) -> Result<backchannel::text::extract::Extracted, FileError> {
    let (limits, options) = (Limits::default(), Options::default());
    extract_any(&Reading { program, limits: &limits, options: &options, places }, name, bytes).await
}

fn script(folder: &Path, lines: &str) -> PathBuf {
    let script = folder.join("child");
    fs_err::write(&script, format!("#!/bin/sh\ncat > /dev/null\n{lines}\n")).unwrap();
    fs_err::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    script
}

fn pdf(words: &str) -> Document {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let font = document
        .add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier", "Encoding" => "WinAnsiEncoding" });
    let operations = vec![
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F1".into(), 12.into()]),
        Operation::new("Td", vec![50.into(), 500.into()]),
        Operation::new("Tj", vec![Object::String(words.as_bytes().to_vec(), StringFormat::Literal)]),
        Operation::new("ET", vec![]),
    ];
    let content = document.add_object(Stream::new(Dictionary::new(), Content { operations }.encode().unwrap()));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    document.objects.insert(pages, Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let id = Object::String(b"0123456789abcdef".to_vec(), StringFormat::Literal);
    document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    document
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn encrypted(user_password: &str) -> Vec<u8> {
    let mut document = pdf("The secret refund rule.");
    let state = {
        let version = EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password,
            key_length: 128,
            permissions: Rights::all(),
        };
        EncryptionState::try_from(version).unwrap()
    };
    document.encrypt(&state).unwrap();
    saved(document)
}

fn docx(body: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(body).unwrap();
    zip.finish().unwrap().into_inner()
}

/// A PDF whose one page is an object nested `depth` arrays deep.
fn nested_pdf(depth: usize) -> Vec<u8> {
    let mut file = String::from("%PDF-1.5\n");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /X {}{} >>", "[".repeat(depth), "]".repeat(depth)),
    ];
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        write!(file, "{} 0 obj\n{object}\nendobj\n", number + 1).unwrap();
    }
    let start = file.len();
    file.push_str("xref\n0 4\n0000000000 65535 f \n");
    for offset in offsets {
        writeln!(file, "{offset:010} 00000 n ").unwrap();
    }
    write!(file, "trailer << /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").unwrap();
    file.into_bytes()
}

#[tokio::test]
async fn a_pdf_is_read_by_the_child() {
    let found = read("a.pdf", saved(pdf("Hold the button for twelve seconds."))).await.unwrap();
    assert_eq!(found.text, "Hold the button for twelve seconds.");
}

#[tokio::test]
async fn a_docx_is_read_by_the_child() {
    let body = br#"<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Remboursement &#233;tabli</w:t></w:r></w:p></w:body></w:document>"#;
    assert_eq!(read("a.docx", docx(body)).await.unwrap().text, "Remboursement établi");
}

#[tokio::test]
async fn a_pdf_with_a_password_is_named_and_one_that_only_forbids_changes_is_read() {
    assert!(matches!(read("a.pdf", encrypted("secret")).await, Err(FileError::Unreadable(ExtractError::Encrypted))));
    assert_eq!(read("a.pdf", encrypted("")).await.unwrap().text, "The secret refund rule.");
}

#[tokio::test]
async fn a_pdf_nested_a_hundred_thousand_deep_harms_nobody() {
    let error = read("deep.pdf", nested_pdf(100_000)).await.unwrap_err();
    assert!(matches!(error, FileError::Crashed | FileError::Unreadable(_)), "{error:?}");
    assert!(read("a.pdf", saved(pdf("Still here."))).await.is_ok());
}

#[tokio::test]
async fn a_docx_bomb_is_stopped() {
    let bomb = docx(&vec![b' '; 200 << 20]);
    assert!(matches!(read("a.docx", bomb).await, Err(FileError::Unreadable(ExtractError::Bomb))));
}

#[tokio::test]
async fn a_child_that_needs_too_much_memory_gives_no_text_and_dies_alone() {
    let paragraph = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "some words ".repeat(400));
    let body = format!("<w:document><w:body>{}</w:body></w:document>", paragraph.repeat(12_000));
    let limits = Limits { max_ratio: 100_000, max_text_bytes: 256 << 20, ..Limits::default() };
    // The program itself needs some, and an unoptimised one much.
    let own = std::fs::metadata(program()).unwrap().len();
    let options = Options { memory_bytes: own + (16 << 20), ..Options::default() };
    let error = extract_in_child(program(), &docx(body.as_bytes()), Format::Docx, &limits, &options).await.unwrap_err();
    assert!(matches!(error, FileError::Crashed | FileError::Unreadable(_)), "{error:?}");
}

#[tokio::test]
async fn a_child_that_a_signal_ends_is_an_unreadable_file() {
    let folder = tempfile::tempdir().unwrap();
    let script = script(folder.path(), "kill -SEGV $$");
    let error = extract_in_child(&script, &saved(pdf("x")), Format::Pdf, &Limits::default(), &Options::default()).await.unwrap_err();
    assert!(matches!(error, FileError::Crashed), "{error:?}");
}

#[tokio::test]
async fn a_child_waits_for_a_place() {
    let folder = tempfile::tempdir().unwrap();
    // A child that finds another one crashes; one that is alone only says nothing.
    let script = script(folder.path(), "mkdir $0.busy || exit 101\nsleep 0.5\nrmdir $0.busy");
    let read = async |places: usize| {
        let places = Places::new(places);
        let one = || read_by(&script, &places, "a.pdf", saved(pdf("x")));
        let (first, second, third) = tokio::join!(one(), one(), one());
        [first, second, third].into_iter().filter(|read| matches!(read, Err(FileError::Crashed))).count()
    };
    assert_eq!(read(1).await, 0);
    assert!(read(3).await > 0);
}

#[tokio::test]
async fn a_mail_of_mails_without_end_kills_its_child_at_most() {
    for header in ["Content-Type: message/rfc822", " Content-Type: message/rfc822", "Content-Type: multipart/digest"] {
        let mail = format!("From: a@mail.example\r\nSubject: x\r\n{}", format!("{header}\r\n\r\n").repeat(200_000));
        let _ = read("a.eml", mail.into_bytes()).await;
    }
    assert!(Format::Eml.is_risky() && read("a.eml", b"From: a@mail.example\r\nSubject: x\r\n\r\nStill here.\r\n".to_vec()).await.is_ok());
}

#[tokio::test]
async fn a_child_that_takes_too_long_is_ended() {
    let options = Options { timeout_seconds: 0, ..Options::default() };
    let error = extract_in_child(program(), &saved(pdf("slow")), Format::Pdf, &Limits::default(), &options).await.unwrap_err();
    assert!(matches!(error, FileError::TimedOut { seconds: 0 }), "{error:?}");
}

#[tokio::test]
async fn a_child_that_says_too_much_is_ended() {
    let options = Options { output_bytes: 10, ..Options::default() };
    let error =
        extract_in_child(program(), &saved(pdf("more than ten bytes")), Format::Pdf, &Limits::default(), &options).await.unwrap_err();
    assert!(matches!(error, FileError::TooMuchText { limit: 10 }), "{error:?}");
}

#[tokio::test]
async fn a_program_that_is_no_child_is_named() {
    let bytes = saved(pdf("x"));
    let missing = extract_in_child(Path::new("/nowhere/backchannel"), &bytes, Format::Pdf, &Limits::default(), &Options::default()).await;
    assert!(matches!(missing, Err(FileError::Start { .. })));
    let other = extract_in_child(Path::new("/bin/true"), &bytes, Format::Pdf, &Limits::default(), &Options::default()).await;
    assert!(matches!(other, Err(FileError::Protocol { .. })));
}

#[tokio::test]
async fn broken_files_of_every_kind_end_as_errors_that_say_what_to_do() {
    let deep = "<div>".repeat(100_000).into_bytes();
    let invisible = "\u{200B}\u{E0041}".repeat(1_000).into_bytes();
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("empty.pdf", Vec::new()),
        ("empty.md", Vec::new()),
        ("invisible.txt", invisible),
        ("deep.html", deep),
        ("broken.pdf", b"%PDF-1.7 nothing else".to_vec()),
        ("broken.docx", b"PK\x03\x04nothing else".to_vec()),
        ("picture.png", b"\x89PNG\r\n\x1a\n".to_vec()),
    ];
    for (name, bytes) in table {
        let error = read(name, bytes).await.expect_err(name).to_string();
        assert!(["upload", "text recognition", "save"].iter().any(|advice| error.contains(advice)), "{name}: {error}");
    }
}

#[tokio::test]
async fn odd_encodings_are_read() {
    assert!(read("a.txt", b"caf\xE9 cr\xE8me \xFF\xFE".to_vec()).await.unwrap().text.starts_with("café crème"));
    let mail =
        b"From: a@mail.example\r\nSubject: Colis\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nArriv\xE9 ab\xEEm\xE9\r\n".to_vec();
    assert!(read("a.eml", mail).await.unwrap().text.contains("Arrivé abîmé"));
}
