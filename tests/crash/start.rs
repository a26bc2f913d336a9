//! What a process says that cannot start, and what works beside one that runs.

use std::net::TcpListener;
use std::path::Path;

use backchannel::store::Options;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

use crate::site::{LONGEST, Site, fresh, said};
use crate::support::database::each;

#[tokio::test]
async fn a_second_process_on_the_same_folder_is_told_who_has_it() {
    let (_data, site) = fresh().await;
    let serving = site.serve().await;
    for arguments in [["reindex"].as_slice(), &["serve", "--listen", "127.0.0.1:0"]] {
        let text = site.refused(arguments).await;
        assert!(text.contains(&format!("({})", serving.pid())) && text.contains("--data-dir"), "{text}");
    }
    serving.stop().await;
    site.must(&["reindex"]).await;
}

/// The names in a folder; none where it is not there.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn the_doctor_makes_nothing_on_a_machine_where_nothing_was_started() {
    each(async |database| {
        if database.is_postgres() {
            database.tamper("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
        }
        let above = tempfile::tempdir().unwrap();
        let data = above.path().join("data");
        for is_there in [false, true] {
            if is_there {
                fs_err::create_dir(&data).unwrap();
            }
            let site = Site::bare(&data, database.options.clone());
            let output = site.run(&["doctor"]).await;
            let text = said(&output);
            let (sign, expected) = if database.is_postgres() { ("ok", "answers; the next start") } else { ("!!", "no installation") };
            let line = text.lines().find(|line| line.starts_with(&format!("{sign}  database"))).unwrap_or_else(|| panic!("{text}"));
            assert!(line.contains(expected), "{text}");
            if !database.is_postgres() {
                assert!(["--data-dir", "`backchannel serve`", "`backchannel demo`"].iter().all(|way| line.contains(way)), "{text}");
                assert_eq!(output.status.code(), Some(1), "{text}");
            }
            assert!(text.lines().any(|line| line.starts_with("ok  data folder")), "{text}");
            assert_eq!((data.exists(), names(&data)), (is_there, Vec::new()));
        }
        if database.is_postgres() {
            assert_eq!(database.number("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'").await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn the_doctor_points_at_the_demo_where_only_that_was_started() {
    each(async |database| {
        if database.is_postgres() {
            return;
        }
        let data = tempfile::tempdir().unwrap();
        fs_err::create_dir(data.path().join("demo")).unwrap();
        let site = Site::bare(data.path(), database.options.clone());
        let text = said(&site.run(&["doctor"]).await);
        assert!(text.contains(&format!("`--data-dir {}`", data.path().join("demo").display())), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_command_on_a_mistyped_folder_says_so_and_makes_nothing() {
    each(async |database| {
        if database.is_postgres() {
            return;
        }
        let above = tempfile::tempdir().unwrap();
        let data = above.path().join("mistyped");
        let site = Site::bare(&data, database.options.clone());
        for arguments in [["token", "list"].as_slice(), &["reindex"], &["ingest", "."], &["sign-in-link"], &["playbook", "export", "out"]] {
            let text = site.refused(arguments).await;
            assert!(text.contains("holds no installation") && text.contains("--data-dir"), "{arguments:?}: {text}");
        }
        assert!(!data.exists());
    })
    .await;
}

/// Starts the demo, and gives the token that it prints when it is ready.
async fn demo_token(site: &Site) -> String {
    let mut child = site.command(&["demo", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let printed = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(token) = line.trim().strip_prefix("API token") {
                return token.trim().to_owned();
            }
        }
        panic!("the demo ended");
    };
    let token = timeout(LONGEST, printed).await.expect("the demo is ready");
    child.kill().await.unwrap();
    token
}

#[tokio::test]
async fn the_demo_prints_the_same_token_at_every_start_until_it_is_revoked() {
    let data = tempfile::tempdir().unwrap();
    let site = Site::bare(data.path(), Options::default());
    let first = demo_token(&site).await;
    assert!(first.starts_with("bc_"), "{first}");
    assert_eq!(demo_token(&site).await, first);

    let inside = Site::bare(&data.path().join("demo"), Options::default());
    let list = inside.must(&["token", "list"]).await;
    assert_eq!(list.lines().count(), 1, "{list}");
    inside.must(&["token", "revoke", list.split_whitespace().next().unwrap()]).await;
    let second = demo_token(&site).await;
    assert_ne!(second, first);
    assert_eq!(demo_token(&site).await, second);

    // Whoever lost the token has the only one in force again.
    fs_err::remove_file(data.path().join("demo/demo.token")).unwrap();
    assert_ne!(demo_token(&site).await, second);
    let list = inside.must(&["token", "list"]).await;
    assert_eq!(list.lines().filter(|line| !line.contains("revoked")).count(), 1, "{list}");
}

#[tokio::test]
async fn a_sign_in_link_leads_to_where_the_server_listens_that_runs() {
    let (_data, site) = fresh().await;
    let configured = site.must(&["sign-in-link"]).await;
    assert!(configured.starts_with("http://127.0.0.1:7878/sign-in/"), "{configured}");
    let serving = site.serve().await;
    let link = site.must(&["sign-in-link"]).await;
    assert!(link.starts_with(&format!("http://{}/sign-in/", serving.address)), "{link}");
    serving.stop().await;
    let afterwards = site.must(&["sign-in-link"]).await;
    assert!(afterwards.starts_with("http://127.0.0.1:7878/sign-in/"), "{afterwards}");
}

#[tokio::test]
async fn the_demo_is_not_mixed_with_an_installation_in_the_folder_it_is_given() {
    let above = tempfile::tempdir().unwrap();
    let data = above.path().join("demo");
    fs_err::create_dir(&data).unwrap();
    let site = Site::set_up(&data, Options::default()).await;
    let text = site.refused(&["demo", "--listen", "127.0.0.1:0"]).await;
    assert!(text.contains("an installation of its own") && text.contains("--data-dir"), "{text}");
}

#[tokio::test]
async fn what_is_refused_is_not_counted_as_taken_in() {
    let (_data, site) = fresh().await;
    site.write("notes.pdf", "%PDF-1.7 and nothing else");
    site.write("lamp.md", "# Lamps\n\nA quovadix is mended with a screwdriver.\n");
    let (bad, good) = (site.documents().join("notes.pdf"), site.documents().join("lamp.md"));
    let text = site.refused(&["ingest", bad.to_str().unwrap()]).await;
    assert!(text.contains("Taking in: 0 in ") && text.contains(" s, and 1 refused"), "{text}");
    let text = site.refused(&["ingest", bad.to_str().unwrap(), good.to_str().unwrap()]).await;
    assert!(text.contains("Taking in: 1 in ") && text.contains(" s, and 1 refused"), "{text}");
}

#[tokio::test]
async fn the_doctor_changes_nothing_where_something_was_started() {
    let (data, site) = fresh().await;
    let before = names(data.path());
    let text = said(&site.run(&["doctor"]).await);
    assert!(text.lines().any(|line| line.ends_with("answers and has 1 workspace")) && text.contains("is free"), "{text}");
    let after = names(data.path());
    assert!(after.iter().all(|name| before.contains(name)), "{after:?}");
    fs_err::remove_file(data.path().join("audit.key")).unwrap();
    let text = said(&site.run(&["doctor"]).await);
    assert!(text.contains("answers; the next start") && !data.path().join("audit.key").exists(), "{text}");
}

#[tokio::test]
async fn beside_a_server_documents_are_taken_in_and_the_server_indexes_them() {
    let (_data, site) = fresh().await;
    site.write("lamp.md", "# Lamps\n\nA quovadix is mended with a screwdriver.\n");
    let serving = site.serve().await;
    let text = site.ingest().await;
    assert!(text.contains("1 new, 0 changed, 0 unchanged, 0 refused;"), "{text}");
    for arguments in [["jobs", "list"].as_slice(), &["audit", "verify"], &["token", "list"]] {
        site.must(arguments).await;
    }
    site.write("ticket.txt", "My quovadix is broken");
    let ticket = site.documents().join("ticket.txt");
    site.must(&["triage", ticket.to_str().unwrap()]).await;
    serving.stop().await;
    let inside = site.look().await;
    inside.assert_indexed().await;
    assert!(inside.finds("quovadix", "screwdriver").await);
    inside.close().await;
}

#[tokio::test]
async fn a_taken_port_is_told_with_the_key_to_change() {
    let (_data, site) = fresh().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let text = site.refused(&["serve", "--listen", &address.to_string()]).await;
    assert!(text.contains(&format!("port {}", address.port())) && text.contains("`server.listen`"), "{text}");
}

#[tokio::test]
async fn a_damaged_model_file_is_named_with_what_to_do_until_a_good_one_is_there() {
    let (_data, site) = fresh().await;
    site.write("lamp.md", "# Lamps\n\nA quovadix is mended with a screwdriver.\n");
    let documents = site.documents();
    let ingest = ["ingest", documents.to_str().unwrap()];
    let file = site.model_folder().join("model.safetensors");
    let good = fs_err::read(&file).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for bad in [&flipped[..], &good[..good.len() / 2], b""] {
        fs_err::write(&file, bad).unwrap();
        let text = site.refused(&ingest).await;
        assert!(text.contains("`model.safetensors`") && text.contains("hint: ") && text.contains("`models.local`"), "{text}");
    }
    fs_err::write(&file, &good).unwrap();
    site.must(&ingest).await;

    // The copy in the cache is found out too, and made good from its source.
    let cache = site.model.options.dir.clone().unwrap();
    let cached = walkdir::WalkDir::new(cache).into_iter().map(|entry| entry.unwrap().into_path());
    let cached = cached.filter(|path| path.ends_with("model.safetensors")).collect::<Vec<_>>();
    fs_err::write(&cached[0], &flipped).unwrap();
    let output = site.run(&["models", "verify"]).await;
    assert!(!output.status.success() && said(&output).contains("`backchannel models pull`"), "{}", said(&output));
    site.must(&ingest).await;
    assert_eq!(fs_err::read(&cached[0]).unwrap(), good);
}
