//! Holds the import table of `src/ARCHITECTURE.md` against the code: rooms, crates and the size of files; and the licences of what is built in.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    ("lettre", &["connectors/email/"]),
    ("async_imap", &["connectors/email/"]),
    ("tokio_rustls", &["connectors/email/"]),
    ("argon2", &["app/"]),
    ("clap", &["cli/"]),
    ("indicatif", &["cli/"]),
    ("fluent_bundle", &["web/words/"]),
    ("unic_langid", &["web/words/"]),
];

/// The room where `unsafe` is at home.
const KERNELS: &str = "embed/kernels/";

/// The rooms that are packages of their own: their folder, and the name under which others import them.
const PACKAGES: [(&str, &str, &str); 3] =
    [("kernels", KERNELS, "backchannel_kernels"), ("learn", "learn/", "backchannel_learn"), ("measure", "measure/", "backchannel_measure")];

/// Rooms without runtime: values in, values out.
const PURE: [&str; 12] =
    ["domain", "kernels", "learn", "measure", "text", "lines", "triage", "threads", "experts", "copilot", "playbook", "wire"];

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
            let package = PACKAGES.iter().find(|(_, folder, _)| path.starts_with(folder));
            let room = package.map_or_else(|| path.split(['/', '.']).next().unwrap(), |(room, ..)| room).to_owned();
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
        if PACKAGES.iter().any(|(room, ..)| *room == source.room) {
            // Its `crate::` is its own, and it has no dependency that could lead back.
            assert!(named_after(&source.code, "backchannel::").is_empty(), "{}", source.path);
            continue;
        }
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
        for (room, _, name) in PACKAGES {
            if !may.contains(room) && !named_after(&source.code, &format!("{name}::")).is_empty() {
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
fn what_the_compiler_cannot_check_stays_in_the_kernels_and_where_files_are_mapped() {
    let places: BTreeSet<String> = sources()
        .into_iter()
        .filter(|source| source.code.contains("unsafe ") || source.code.contains("unsafe_code"))
        .map(|source| source.path)
        .filter(|path| !path.starts_with(KERNELS))
        .collect();
    assert_eq!(places, BTreeSet::from(["embed/weights.rs".to_owned()]));
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
        let path = [src.join(room).join("mod.rs"), src.join(format!("{room}.rs"))]
            .into_iter()
            .chain(PACKAGES.iter().filter(|(package, ..)| package == room).map(|(_, folder, _)| src.join(folder).join("lib.rs")))
            .find(|path| path.exists())
            .unwrap();
        assert!(fs::read_to_string(&path).unwrap().starts_with("//!"), "{} does not start with `//!`", path.display());
    }
}

/// Licences under which a dependency may be part of the binary; those of the Mozilla kind ask only for changes to their own files.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an SPDX expression lets the dependency be used under [`LICENCES`]; `/` is the old way to write `OR`.
fn is_free(expression: &str) -> bool {
    let one_of = |alternatives: &str| alternatives.replace('/', " OR ").split(" OR ").any(|one| LICENCES.contains(&one.trim()));
    expression.split(" AND ").all(|part| one_of(part.trim().trim_matches(|c| c == '(' || c == ')')))
}

/// What `cargo` knows of the packages for this machine.
fn packages() -> Vec<serde_json::Value> {
    let run = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let version = run("rustc", &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let text = run(env!("CARGO"), &["metadata", "--locked", "--format-version", "1", "--filter-platform", host]);
    let serde_json::Value::Object(mut metadata) = serde_json::from_str(&text).unwrap() else { panic!("not an object") };
    serde_json::from_value(metadata.remove("packages").unwrap()).unwrap()
}

#[test]
fn every_dependency_has_a_licence_that_fits() {
    let unfit: Vec<String> = packages()
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(is_free))
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    assert!(unfit.is_empty(), "licences that do not fit:\n{}", unfit.join("\n"));
    assert!(is_free("(MIT OR GPL-3.0) AND Unicode-3.0") && !is_free("GPL-3.0") && !is_free("MIT AND GPL-3.0"));
}

#[test]
fn there_is_one_tls_one_http_client_and_one_sqlx() {
    let packages = packages();
    let versions = |name: &str| packages.iter().filter(|package| package["name"] == name).count();
    for name in ["rustls", "reqwest", "hyper", "sqlx-core", "axum", "tokio"] {
        assert_eq!(versions(name), 1, "{name}");
    }
    for name in ["native-tls", "openssl", "ureq", "isahc"] {
        assert_eq!(versions(name), 0, "{name}");
    }
}
