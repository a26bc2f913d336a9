//! Evaluations from the command line: runs are kept, compared and held at the gate.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use backchannel::embed::tiny;
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn eval(configuration: Option<&Path>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backchannel"));
    if let Some(file) = configuration {
        command.arg("--config").arg(file);
    }
    command.current_dir(ROOT).arg("eval").args(arguments).output().unwrap()
}

/// Standard output of a command that did what it should.
fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The code of a command that ended by itself, and what it said.
fn ended(output: &Output) -> (i32, String) {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn name(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A copy of the demo company's playbook in which one file is another.
fn playbook_with(folder: &Path, file: &str, change: impl FnOnce(toml::Table) -> toml::Table) -> PathBuf {
    let copy = folder.join("playbook");
    fs_err::create_dir_all(&copy).unwrap();
    for entry in fs_err::read_dir(Path::new(ROOT).join("eval/workspaces/alderwick/playbook")).unwrap() {
        let path = entry.unwrap().path();
        fs_err::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    let path = copy.join(file);
    let table = fs_err::read_to_string(&path).unwrap().parse().unwrap();
    fs_err::write(&path, change(table).to_string()).unwrap();
    copy
}

#[test]
fn a_run_is_kept_drawn_and_compared_with_another_and_a_run_of_another_suite_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [good, bad, page, other] = ["good.json", "bad.json", "page.html", "other.json"].map(|name| folder.path().join(name));
    let run = ["run", "--suite", "entities", "--data", "eval/texts", "--json", "--out"];
    let said = done(&eval(None, &[run.as_slice(), &[name(&good), "--html", name(&page)]].concat()));
    let shown: Value = serde_json::from_str(&said).unwrap();
    let metric = &shown["metrics"][0];
    assert_eq!((shown["suite"].as_str(), shown["task"].as_str()), (Some("entities"), Some("entities")));
    assert!(metric["name"] == "span_f1" && metric["low"].as_f64() < metric["value"].as_f64() && metric["n"] == 300, "{metric}");
    assert!(shown.get("items").is_none(), "items are kept in the file, not shown");
    let kept: Value = serde_json::from_str(&fs_err::read_to_string(&good).unwrap()).unwrap();
    assert_eq!(kept["items"].as_array().map(Vec::len), Some(300));
    assert!(fs_err::read_to_string(&page).unwrap().starts_with("<!doctype html>"));

    let worse = playbook_with(folder.path(), "entities.toml", |mut table| {
        table.remove("patterns");
        table
    });
    done(&eval(None, &[run.as_slice(), &[name(&bad), "--playbook", name(&worse)]].concat()));
    let compared: Value = serde_json::from_str(&done(&eval(None, &["compare", name(&good), name(&bad), "--json"]))).unwrap();
    let ids = compared["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == "span_f1_ids").unwrap();
    assert!(ids["high"].as_f64().unwrap() < 0.0 && ids["probability_b_better"].as_f64().unwrap() < 0.01, "{ids}");

    let renamed = fs_err::read_to_string(&good).unwrap().replace("\"suite\": \"entities\"", "\"suite\": \"others\"");
    fs_err::write(&other, renamed).unwrap();
    let (code, said) = ended(&eval(None, &["compare", name(&good), name(&other)]));
    assert!(code == 1 && said.contains("cannot be compared") && said.contains("`others`"), "{said}");
}

#[test]
fn the_gate_holds_the_committed_baseline_and_ends_with_one_where_the_playbook_lost_its_patterns() {
    let folder = tempfile::tempdir().unwrap();
    let gate = ["gate", "--suite", "entities", "--data", "eval/texts"];
    let said = done(&eval(None, &gate));
    assert!(said.contains("as good as its baseline"), "{said}");
    let worse = playbook_with(folder.path(), "entities.toml", |mut table| {
        table.remove("patterns");
        table
    });
    let (code, said) = ended(&eval(None, &[gate.as_slice(), &["--playbook", name(&worse)]].concat()));
    assert!(code == 1 && said.contains("WORSE than its baseline"), "{said}");
}

/// Where the tiny random model is: words carry the triage then.
fn tiny_model(folder: &Path) -> PathBuf {
    let model = folder.join("model");
    let options = tiny::write(&model, 7).unwrap().options;
    let file = folder.join("backchannel.toml");
    let path = |path: Option<PathBuf>| path.unwrap().display().to_string();
    let [manifest, dir, local] = [options.manifest, options.dir, options.local].map(path);
    let text = format!("[models]\nmodel = {:?}\nmanifest = {manifest:?}\ndir = {dir:?}\nlocal = {local:?}\n", options.model);
    fs_err::write(&file, text).unwrap();
    file
}

#[test]
fn the_gate_ends_with_one_where_every_intent_has_the_examples_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = tiny_model(folder.path());
    let baselines = folder.path().join("baselines");
    // The route alone, without its rivals, which would learn as well.
    let suite = folder.path().join("route.toml");
    let workspace = Path::new(ROOT).join("eval/workspaces/alderwick").display().to_string();
    let text = format!("name = \"route\"\ntask = \"triage\"\npart = \"routing\"\nworkspace = {workspace:?}\nmetrics = [\"accuracy\"]\n");
    fs_err::write(&suite, text).unwrap();
    let gate = ["gate", "--suite", name(&suite), "--data", "eval/texts", "--baselines", name(&baselines)];
    done(&eval(Some(&configuration), &[gate.as_slice(), &["--write"]].concat()));
    let said = done(&eval(Some(&configuration), &gate));
    assert!(said.contains("as good as its baseline"), "the same again is no worse: {said}");

    let worse = playbook_with(folder.path(), "intents.toml", |mut table| {
        let intents = table["intents"].as_table_mut().unwrap();
        let mut examples: Vec<toml::Value> = intents.iter().map(|(_, intent)| intent["examples"].clone()).collect();
        examples.rotate_left(5);
        for ((_, intent), examples) in intents.iter_mut().zip(examples) {
            intent.as_table_mut().unwrap().insert("examples".to_owned(), examples);
        }
        table
    });
    let (code, said) = ended(&eval(Some(&configuration), &[gate.as_slice(), &["--playbook", name(&worse)]].concat()));
    assert!(code == 1 && said.contains("WORSE than its baseline"), "{said}");
}

#[test]
fn a_gate_without_a_baseline_says_how_one_is_made_and_a_list_says_what_data_is_here() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = ended(&eval(None, &["gate", "--data", "eval/texts", "--baselines", name(folder.path())]));
    assert!(code == 1 && said.contains("--write"), "{said}");
    let suites: Value = serde_json::from_str(&done(&eval(None, &["list", "--data", "eval/texts", "--json"]))).unwrap();
    let is_here = |name: &str| suites.as_array().unwrap().iter().find(|suite| suite["name"] == name).unwrap()["is_here"].clone();
    assert_eq!((is_here("entities"), is_here("alderwick_routing"), is_here("banking77")), (true.into(), true.into(), false.into()));
}
