//! Ingestion and server killed with SIGKILL at random moments, again and again: nothing is lost, doubled or stuck.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use backchannel::store::audit::{self, AuditVerdict};
use backchannel::store::job::JobCounts;
use backchannel::store::{document, job};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::timeout;

use crate::site::{Inside, Site, heard};
use crate::support::database::{Database, each};
use crate::support::make;

/// Set it to repeat a run.
const SEED: &str = "BACKCHANNEL_CRASH_SEED";
const LONG: &str = "BACKCHANNEL_LONG";
/// A process lives so long before it is killed, in milliseconds.
const LIVES_MS: std::ops::Range<u64> = 20..600;
/// Documents that somebody changes between two runs.
const CHANGED: usize = 7;
const SIGKILL: i32 = 9;

/// How much is done.
struct Scale {
    documents: usize,
    kills: usize,
    /// Whether the leases of killed workers are waited for, instead of being ended by hand.
    patient: bool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_every_document_is_there_once_and_found() {
    let long = std::env::var_os(LONG).is_some();
    let scale =
        if long { Scale { documents: 2000, kills: 36, patient: true } } else { Scale { documents: 200, kills: 10, patient: false } };
    each(async |database| kill_and_check(database, &scale).await).await;
}

async fn kill_and_check(database: &Database, scale: &Scale) {
    let seed = std::env::var(SEED).map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    let mut random = StdRng::seed_from_u64(seed);
    database.store.close().await;
    let site = Site::set_up(database.folder(), database.options.clone()).await;
    let mut shelf = Shelf::fill(&site, scale.documents);
    tell(&format!("seed {seed}: {} documents, {}", scale.documents, if database.is_postgres() { "PostgreSQL" } else { "SQLite" }));

    let (mut kills, mut ends) = (BTreeMap::from([("ingest", 0), ("serve", 0)]), 0);
    while kills.values().sum::<usize>() < scale.kills {
        assert!(ends < scale.kills * 10, "nearly nothing lives long enough to be killed");
        // One in three is a server; the rest takes documents in.
        let what = if random.random_range(0..3) == 0 { "serve" } else { "ingest" };
        if killed(&site, what, random.random_range(LIVES_MS)).await {
            *kills.entry(what).or_default() += 1;
        } else {
            ends += 1;
        }
        if random.random_range(0..3) == 0 || ends > 0 {
            shelf.change(&site, &mut random);
        }
    }
    tell(&format!("killed {kills:?}; {ends} ended before their time"));

    tell(&site.ingest().await);
    if !scale.patient {
        database.tamper("UPDATE jobs SET leased_until = 0 WHERE state = 'running'").await;
    }
    site.drain().await;
    check(&site.look().await, database, &shelf).await;
}

/// Starts the binary and kills it after a while; answers whether it still lived then.
async fn killed(site: &Site, what: &str, after_ms: u64) -> bool {
    let documents = site.documents();
    let arguments = match what {
        "serve" => ["serve", "--listen", "127.0.0.1:0"].as_slice(),
        _ => &["ingest", documents.to_str().unwrap()],
    };
    let mut child = site.command(arguments).spawn().unwrap();
    let ended = timeout(Duration::from_millis(after_ms), child.wait()).await;
    let status = if let Ok(status) = ended {
        status.unwrap()
    } else {
        child.start_kill().unwrap();
        child.wait().await.unwrap()
    };
    if status.signal() == Some(SIGKILL) {
        return true;
    }
    assert!(status.success(), "`{what}` ended by itself with {status}: {}", heard(&mut child).await);
    false
}

/// What every store of the installation must say.
async fn check(inside: &Inside, database: &Database, shelf: &Shelf) {
    let workspace = inside.actor.workspace;
    assert_eq!(job::counts(&inside.store, workspace).await.unwrap(), JobCounts::default(), "no job waits, runs or is dead");
    inside.assert_indexed().await;

    let names: Vec<String> = shelf.words.keys().cloned().collect();
    assert_eq!(inside.document_names().await, names, "every document is there exactly once");
    let scope = make::service(workspace);
    for (name, word) in &shelf.words {
        let kept = document::by_external_id(&inside.store, &scope, name).await.unwrap().unwrap();
        assert!(kept.text.contains(word), "`{name}` is not there as it was last");
    }
    let torn = "SELECT COUNT(*) FROM documents d WHERE passage_count <> (SELECT COUNT(*) FROM passages p WHERE p.document = d.id)";
    assert_eq!(database.number(torn).await, 0, "documents without some of their passages");
    assert_eq!(database.number("SELECT COUNT(*) FROM tickets").await, i64::try_from(shelf.tickets).unwrap());
    assert_eq!(database.number("SELECT COUNT(*) FROM index_tombstones").await, 0);

    for word in shelf.words.values().step_by(shelf.words.len() / 5) {
        assert!(inside.finds(word, word).await, "`{word}` is not found");
    }
    let verdict = audit::verify(&inside.store, workspace, None).await.unwrap();
    assert!(matches!(verdict, AuditVerdict::Whole { .. }), "{verdict:?}");
    if !database.is_postgres() {
        assert_eq!(database.number("SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'").await, 0);
        assert_eq!(database.number("SELECT COUNT(*) FROM pragma_foreign_key_check").await, 0);
    }
}

/// The documents as they are on the disk: each name with the word that only its present version has.
struct Shelf {
    words: BTreeMap<String, String>,
    versions: usize,
    tickets: usize,
}

impl Shelf {
    fn fill(site: &Site, documents: usize) -> Self {
        let tickets = documents / 20;
        let mut shelf = Self { words: BTreeMap::new(), versions: 0, tickets };
        for number in 0..documents {
            shelf.write(site, &format!("article-{number:05}.md"));
        }
        let line = |number: usize| {
            let requester = serde_json::json!({ "email": format!("customer{number}@mail.example") });
            let body = "The light of my camera stays red since yesterday. What can I do?";
            serde_json::json!({
                "type": "ticket", "external_id": format!("T-{number}"), "subject": format!("Red light {number}"), "body": body, "requester": requester,
            })
        };
        let lines: Vec<String> = (0..tickets).map(|number| line(number).to_string()).collect();
        site.write("tickets.jsonl", lines.join("\n"));
        shelf
    }

    /// Somebody works on some of the documents.
    fn change(&mut self, site: &Site, random: &mut StdRng) {
        for _ in 0..CHANGED {
            let number = random.random_range(0..self.words.len());
            let name = self.words.keys().nth(number).unwrap().clone();
            self.write(site, &name);
        }
    }

    /// Writes the next version of a document, one in ten of them long enough for several passages.
    fn write(&mut self, site: &Site, name: &str) {
        self.versions += 1;
        let word = letters(self.versions);
        let sections = if self.versions.is_multiple_of(10) { 12 } else { 1 };
        let mut text = format!("# The {word}\n");
        for section in 0..sections {
            write!(text, "\n## Part {section}\n\nIf the {word} stays red, hold its button for ten seconds and wait until it blinks. ")
                .unwrap();
            text += &"Then pair it with the bridge again and look whether it answers. ".repeat(6);
            text.push('\n');
        }
        site.write(name, text);
        self.words.insert(name.to_owned(), word);
    }
}

/// A word for a number, which no other number has and which is part of none.
fn letters(mut number: usize) -> String {
    let mut word = String::from("q");
    for _ in 0..5 {
        word.push(char::from(b'a' + u8::try_from(number % 16).unwrap()));
        number /= 16;
    }
    word + "x"
}

#[expect(clippy::print_stderr, reason = "a run that fails must be repeatable")]
fn tell(text: &str) {
    eprintln!("{}", text.trim_end());
}
