//! Taking folders in: which files, under which names, and who may read them.

use std::path::{Path, PathBuf};

use backchannel::app::{App, Folder, TakenIn};
use backchannel::domain::audience::Audience;
use backchannel::domain::intake::PageRequest;
use backchannel::domain::user::Actor;
use backchannel::domain::vocabulary::Language;
use tempfile::TempDir;

use crate::support::app::over;
use crate::support::database::{Database, each};

/// A desk, and a place for folders.
struct Desk {
    app: App,
    admin: Actor,
    place: TempDir,
}

impl Desk {
    async fn new(database: &Database) -> Self {
        let place = tempfile::tempdir().unwrap();
        let app = over(database.open_again().await, &place).await;
        let email = "admin@desk.example".parse().unwrap();
        let admin = app.create_workspace("desk".parse().unwrap(), "desk", Language::ENGLISH, email, "Ada Admin").await.unwrap();
        Self { app, admin, place }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join("files").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    async fn try_take_in(&self, names: &[&str], audience: Option<Audience>) -> Result<TakenIn, backchannel::app::Error> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        self.app.take_in(&self.admin, &Folder::of(&paths).unwrap(), audience.as_ref(), &|_| true, &|_, _| ()).await
    }

    async fn take_in(&self, names: &[&str], audience: Option<Audience>) -> TakenIn {
        self.try_take_in(names, audience).await.unwrap()
    }

    /// The documents with who may read them, by name.
    async fn documents(&self) -> Vec<(String, Audience)> {
        let page = self.app.documents(&self.admin, PageRequest { limit: None, cursor: None }).await.unwrap();
        let mut documents: Vec<_> = page.items.into_iter().map(|head| (head.external_id, head.audience)).collect();
        documents.sort_by(|(a, _), (b, _)| a.cmp(b));
        documents
    }

    async fn names(&self) -> Vec<String> {
        self.documents().await.into_iter().map(|(name, _)| name).collect()
    }
}

#[tokio::test]
async fn a_file_is_named_below_the_folder_given_and_hidden_ones_are_left_out() {
    each(async |database| {
        let desk = Desk::new(database).await;
        for name in ["docs/a.md", "docs/deep/b.md", "docs/.git/c.md", "docs/.d.md", ".given/e.md", "f.md"] {
            desk.write(name, &format!("# {name}\n\nWords."));
        }
        assert_eq!(desk.take_in(&["docs"], None).await.created, 2);
        assert_eq!(desk.names().await, ["a.md", Path::new("deep").join("b.md").to_str().unwrap()]);
        // The same names, whatever else is given; and a hidden folder that is named is meant.
        let report = desk.take_in(&["docs", ".given", "f.md"], None).await;
        assert_eq!((report.created, report.unchanged), (2, 2));
        assert_eq!(desk.names().await, ["a.md", "deep/b.md", "e.md", "f.md"]);
    })
    .await;
}

#[tokio::test]
async fn two_files_of_one_name_are_both_left_out_and_told() {
    each(async |database| {
        let desk = Desk::new(database).await;
        for name in ["one/a.md", "other/a.md", "other/b.md"] {
            desk.write(name, &format!("# {name}\n\nWords."));
        }
        let report = desk.take_in(&["one", "other"], None).await;
        assert_eq!((report.created, report.failed.len()), (1, 1));
        assert!(report.failed[0].0 == "a.md" && report.failed[0].1.contains("ingest the folder above"), "{report:?}");
        assert_eq!(desk.names().await, ["b.md"]);
        assert_eq!(desk.take_in(&["one", "one/a.md"], None).await.created, 1, "the same file twice is one file");
    })
    .await;
}

#[tokio::test]
async fn documents_keep_their_audience_but_nothing_becomes_public_by_its_name_alone() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.write("help/a.md", "# Returns\n\nYou have 30 days.");
        desk.write("help/b.md", "# Hours\n\nFrom nine to five.");
        desk.take_in(&["help"], Some(Audience::Public)).await;
        let report = desk.take_in(&["help"], None).await;
        assert_eq!((report.created, report.unchanged, report.failed.len()), (0, 2, 0));

        desk.write("internal/a.md", "# Margins\n\nWe earn 30 percent.");
        desk.write("internal/c.md", "# Costs\n\nWe pay 70 percent.");
        let report = desk.take_in(&["internal"], None).await;
        assert_eq!(report.created, 1);
        let told = "`a.md` is public now: say `--audience public` or `--audience internal`";
        assert_eq!(report.failed, [("a.md".to_owned(), told.to_owned())]);
        let public = |name: &str| (name.to_owned(), Audience::Public);
        assert_eq!(desk.documents().await, [public("a.md"), public("b.md"), ("c.md".to_owned(), Audience::Internal)]);

        // Whoever says it is followed, and what is not public is simply kept.
        assert_eq!(desk.take_in(&["internal/a.md"], Some(Audience::Internal)).await.changed, 1);
        desk.write("internal/a.md", "# Margins\n\nWe earn 31 percent.");
        assert_eq!(desk.take_in(&["internal"], None).await.changed, 1);
        assert_eq!(desk.documents().await[0], ("a.md".to_owned(), Audience::Internal));
    })
    .await;
}

#[tokio::test]
async fn a_manifest_speaks_for_its_own_folder_only() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.write("help/documents.toml", "[documents.returns]\nfile = \"a.md\"\naudience = \"public\"\n");
        desk.write("help/a.md", "# Returns\n\nYou have 30 days.");
        desk.write("other/b.md", "# Margins\n\nWe earn 30 percent.");
        let refused = desk.try_take_in(&["help", "other"], None).await.unwrap_err().to_string();
        assert!(refused.contains("`documents.toml`") && refused.contains("by itself"), "{refused}");
        assert!(desk.names().await.is_empty());
        assert_eq!(desk.take_in(&["help"], None).await.created, 1);
        assert_eq!(desk.take_in(&["other"], None).await.created, 1);
        assert_eq!(desk.documents().await, [("b.md".to_owned(), Audience::Internal), ("returns".to_owned(), Audience::Public)]);
    })
    .await;
}

#[tokio::test]
async fn a_line_names_files_below_its_own_folder_and_no_others() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.write("secret.txt", "not for the desk");
        desk.write("mail/files/log.txt", "error 7 at boot");
        desk.write("mail/files/note.txt", "said on the phone");
        fs_err::os::unix::fs::symlink(desk.path("secret.txt"), desk.path("mail/files/link.txt")).unwrap();
        let line = |id: &str, own: &str, comment: &str| {
            format!(
                r#"{{"type":"ticket","external_id":"{id}","subject":"Lamp","body":"Broken","created_at":"2026-07-01T10:00:00Z","requester":{{"email":"a@mail.example"}},"files":["{own}"],"comments":[{{"author":"t@desk.example","public":false,"body":"hm","files":["{comment}"]}}]}}"#
            )
        };
        let good = line("T-1", "files/log.txt", "files/note.txt");
        let outside = line("T-2", "../secret.txt", "files/note.txt");
        let linked = line("T-3", "files/link.txt", "files/note.txt");
        let missing = line("T-4", "files/log.txt", "files/none.txt");
        desk.write("mail/tickets.jsonl", &[good, outside, linked, missing].join("\n"));
        for _ in 0..2 {
            let report = desk.take_in(&["mail"], None).await;
            let failed: Vec<&str> = report.failed.iter().map(|(place, _)| place.as_str()).collect();
            assert_eq!(failed, ["tickets.jsonl line 2", "tickets.jsonl line 3", "tickets.jsonl line 4"], "{:?}", report.failed);
            assert!(report.failed[0].1.contains("not below the folder") && report.failed[1].1.contains("not below the folder"));
        }
        assert_eq!(desk.names().await, Vec::<String>::new(), "what came with a ticket is no article");
        let ticket = desk.app.ticket_by_reference(&desk.admin, "T-1").await.unwrap().ticket.id;
        let files = desk.app.attachments_of(&desk.admin, ticket).await.unwrap();
        assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["log.txt", "note.txt"]);
        let unsent = database.number("SELECT COUNT(*) FROM attachments WHERE ticket IS NULL").await;
        assert_eq!(unsent, 0, "files of a line that was refused wait for nobody");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_document_is_left_out_of_a_folder_and_refused_by_itself() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.write("help/a.md", "# Returns\n\nYou have 30 days.");
        let misfits = [
            ("bad.docx", "its bytes are no DOCX"),
            ("bad.pdf", "its bytes are no PDF"),
            ("x.json", "go in a `.jsonl` file"),
            ("sheet.csv", "`POST /v1/import?of=people`"),
        ];
        for (name, _) in misfits {
            desk.write(&format!("help/{name}"), "plain words, and more of them");
        }
        fs_err::write(desk.path("help/photo.png"), b"\x89PNG\r\n").unwrap();
        let report = desk.take_in(&["help"], None).await;
        assert_eq!((report.created, report.failed.len(), report.skipped.len()), (1, 0, 5), "{report:?}");
        for (name, reason) in misfits {
            let skipped = report.skipped.iter().find(|(skipped, _)| skipped == name).unwrap();
            assert!(skipped.1.contains(reason), "{skipped:?}");
            let report = desk.take_in(&[&format!("help/{name}")], None).await;
            assert_eq!((report.created, report.skipped.len(), report.failed.len()), (0, 0, 1), "{report:?}");
            assert!(report.failed[0].0 == name && report.failed[0].1.contains(reason), "{report:?}");
        }
        assert_eq!(desk.take_in(&["help/photo.png"], None).await.failed.len(), 1);
        assert_eq!(desk.names().await, ["a.md"]);
        // A table that a manifest names is one of its documents.
        desk.write("listed/documents.toml", "[documents.prices]\nfile = \"sheet.csv\"\n");
        desk.write("listed/sheet.csv", "lamp,12\nbulb,3\n");
        assert_eq!(desk.take_in(&["listed"], None).await.created, 1);
    })
    .await;
}

#[tokio::test]
async fn each_record_and_document_counts_once_and_refusals_come_in_the_order_of_their_places() {
    each(async |database| {
        let desk = Desk::new(database).await;
        let person = |email: &str, name: &str| format!(r#"{{"type":"person","email":"{email}","name":"{name}","role":"expert"}}"#);
        let ticket = |id: &str, subject: &str| {
            format!(
                r#"{{"type":"ticket","external_id":"{id}","subject":"{subject}","body":"Broken","requester":{{"email":"a@mail.example"}}}}"#
            )
        };
        let label = r#"{"type":"label","ticket":"T-1","priority":"high"}"#.to_owned();
        let late = r#"{"type":"label","ticket":"T-none","priority":"high"}"#.to_owned();
        let first = [person("una@desk.example", "Una"), ticket("T-1", "Lamp"), label.clone(), "{\"type\": ".to_owned(), late.clone()];
        desk.write("desk/b.jsonl", &first.join("\n"));
        desk.write("desk/a.jsonl", &[ticket("T-2", "Bulb"), r#"{"type":"tickt"}"#.to_owned()].join("\n"));
        desk.write("desk/c.md", "# Returns\n\nYou have 30 days.");
        let counts = |report: &TakenIn| (report.created, report.changed, report.unchanged, report.failed.len());
        let report = desk.take_in(&["desk"], None).await;
        assert_eq!(counts(&report), (5, 0, 0, 3), "{report:?}");
        let places: Vec<&str> = report.failed.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["a.jsonl line 2", "b.jsonl line 4", "b.jsonl line 5"]);
        assert!(report.failed[1].1.contains("ends before its last bracket or quote is closed"), "{report:?}");
        assert_eq!(counts(&desk.take_in(&["desk"], None).await), (0, 0, 5, 3));

        let second = [person("una@desk.example", "Una Roy"), ticket("T-1", "Lamp"), label.replace("high", "low")];
        desk.write("desk/b.jsonl", &second.join("\n"));
        desk.write("desk/c.md", "# Returns\n\nYou have 14 days.");
        assert_eq!(counts(&desk.take_in(&["desk"], None).await), (0, 3, 2, 1));
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_may_not_be_read_is_told_in_words() {
    use std::os::unix::fs::PermissionsExt;

    each(async |database| {
        let desk = Desk::new(database).await;
        desk.write("help/a.md", "# Returns\n\nYou have 30 days.");
        fs_err::set_permissions(desk.path("help/a.md"), std::fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser reads everything.
        if fs_err::read(desk.path("help/a.md")).is_ok() {
            return;
        }
        let report = desk.take_in(&["help"], None).await;
        assert!(report.failed[0].1.contains("change its permissions") && !report.failed[0].1.contains("os error"), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn a_manifest_that_does_not_parse_is_told_with_its_line_and_what_it_may_say() {
    each(async |database| {
        let desk = Desk::new(database).await;
        desk.write("help/documents.toml", "[documents.returns]\nfile = \"a.md\"\nreader = \"all\"\n");
        desk.write("help/a.md", "# Returns\n\nYou have 30 days.");
        let refused = desk.try_take_in(&["help"], None).await.unwrap_err().to_string();
        assert!(refused.contains("line 3: unknown field `reader`") && refused.contains("`audience`"), "{refused}");
        assert_eq!(refused.lines().count(), 1, "{refused}");
    })
    .await;
}
