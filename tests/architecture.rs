//! Holds the import table of `src/ARCHITECTURE.md` against the code: rooms, crates and the size of files.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// No file has more lines than this, tests apart.
const LONGEST_FILE: usize = 500;

/// Crates that only some rooms or files may name.
const FENCES: &[(&str, &[&str])] = &[
    ("sqlx", &["store/"]),
    ("candle_core", &["embed/", "generate/", "learn/"]),
    ("candle_nn", &["embed/", "generate/", "learn/"]),
    ("candle_transformers", &["embed/", "generate/", "learn/"]),
    ("tokenizers", &["embed/", "generate/"]),
    ("qdrant_client", &["index/qdrant/"]),
    ("qdrant_edge", &["index/edge/", "index/bm25.rs"]),
    ("axum", &["api/", "web/", "server.rs", "demo/"]),
    ("tower", &["api/", "web/", "server.rs", "demo/", "telemetry.rs"]),
    ("tower_http", &["api/", "web/", "server.rs", "demo/", "telemetry.rs"]),
    ("reqwest", &["connectors/", "generate/", "embed/"]),
    ("clap", &["cli/"]),
    ("indicatif", &["cli/"]),
];

/// Rooms without runtime: values in, values out.
const PURE: [&str; 10] = ["domain", "learn", "text", "lines", "triage", "threads", "experts", "copilot", "playbook", "wire"];

struct Source {
    /// Relative to `src`, with `/`.
    path: String,
    room: String,
    /// Without comments, and without the tests at its end.
    code: String,
    lines: usize,
}

/// The table of the guide: what each room may import.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ARCHITECTURE.md")).unwrap();
    let (_, table) = guide.split_once("| room | may import |").expect("the guide has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let table: BTreeMap<String, BTreeSet<String>> = rows
        .flat_map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
            let may: BTreeSet<String> = names(cells[1]).into_iter().collect();
            names(cells[0]).into_iter().map(move |room| (room, may.clone()))
        })
        .collect();
    assert!(table.len() > 20, "the table was not read");
    table
}

fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    files
        .into_iter()
        .map(|file| {
            let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            let room = path.split(['/', '.']).next().unwrap().to_owned();
            let text = fs::read_to_string(&file).unwrap();
            let tests = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
            let code = text[..tests].lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
            Source { lines: text[..tests].lines().count(), path, room, code }
        })
        .filter(|source| !is_for_tests(&source.path))
        .collect()
}

/// Whether a module exists for tests alone.
fn is_for_tests(path: &str) -> bool {
    ["tests.rs", "testing.rs", "conformance.rs"].iter().any(|name| path.ends_with(name))
        || path.contains("/sample/")
        || path.contains("/tests/")
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The names right after `prefix`, such as the rooms after `crate::`; a list in braces is read too.
fn named_after(code: &str, prefix: &str) -> BTreeSet<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split('}').next().unwrap_or("").split(',').map(word)),
            None => names.extend([word(rest)]),
        }
    }
    names.remove("");
    names
}

#[test]
fn rooms_import_only_what_the_table_lists() {
    let table = table();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.room != "lib") {
        let Some(may) = table.get(&source.room) else {
            wrong.push(format!("{}: the room `{}` is not in the table", source.path, source.room));
            continue;
        };
        let prefix = if source.room == "main" { "backchannel::" } else { "crate::" };
        for room in named_after(&source.code, prefix) {
            if room != source.room && !may.contains(&room) {
                wrong.push(format!("{}: imports `{room}`", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that are not in the table:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_way_back() {
    let table = table();
    let mut done: BTreeSet<&String> = BTreeSet::new();
    while done.len() < table.len() {
        let free: Vec<&String> = table
            .iter()
            .filter(|(room, may)| !done.contains(room) && may.iter().all(|other| done.contains(other)))
            .map(|(room, _)| room)
            .collect();
        assert!(!free.is_empty(), "a circle among {:?}", table.keys().filter(|room| !done.contains(room)).collect::<Vec<_>>());
        done.extend(free);
    }
}

#[test]
fn fenced_crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, rooms) in FENCES {
            let allowed = rooms.iter().any(|room| source.path.starts_with(room));
            if !allowed && !named_after(&source.code, &format!("{name}::")).is_empty() {
                wrong.push(format!("{}: names `{name}`", source.path));
            }
        }
        if PURE.contains(&source.room.as_str()) && !named_after(&source.code, "tokio::").is_empty() {
            wrong.push(format!("{}: a pure room names `tokio`", source.path));
        }
    }
    assert!(wrong.is_empty(), "crates outside their rooms:\n{}", wrong.join("\n"));
}

#[test]
fn the_rule_about_imports_can_fail() {
    assert_eq!(named_after("use crate::store::ticket;\n", "crate::"), BTreeSet::from(["store".to_owned()]));
    assert_eq!(named_after("use crate::{app, store::Store};\n", "crate::"), BTreeSet::from(["app".to_owned(), "store".to_owned()]));
    assert_eq!(named_after("$crate::store", "crate::"), BTreeSet::from(["store".to_owned()]));
    assert_eq!(named_after("mycrate::store", "crate::"), BTreeSet::new());
}

#[test]
fn no_file_grows_past_its_room() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|source| source.lines > LONGEST_FILE)
        .map(|source| format!("{} has {} lines", source.path, source.lines))
        .collect();
    assert!(long.is_empty(), "files over {LONGEST_FILE} lines:\n{}", long.join("\n"));
}

#[test]
fn every_room_says_what_it_holds() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in table().keys() {
        let path = [src.join(room).join("mod.rs"), src.join(format!("{room}.rs"))].into_iter().find(|path| path.exists()).unwrap();
        assert!(fs::read_to_string(&path).unwrap().starts_with("//!"), "{} does not start with `//!`", path.display());
    }
}
