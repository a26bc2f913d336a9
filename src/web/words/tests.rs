//! What the Fluent files must have in common, and what code and templates ask of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use walkdir::WalkDir;

use super::*;

/// Keys that are put together at run time begin like this.
const FAMILIES: [&str; 2] = ["language-", "kind-"];

/// The names of a text's values, by the text's key.
type Keys = BTreeMap<String, BTreeSet<String>>;

/// A place in code or a template that names a key, with the values that it gives.
struct Use {
    at: String,
    key: String,
    given: BTreeSet<String>,
}

#[test]
fn every_file_has_the_same_texts_in_the_same_order_with_the_same_values() {
    let english = keys(Locale::English.source());
    assert!(english.len() > 200, "the file was not read");
    for locale in Locale::ALL {
        assert_eq!(FluentResource::try_new(locale.source().to_owned()).map_err(|(_, errors)| errors).err(), None, "{locale:?}");
        let read = keys(locale.source());
        let names = |keys: &Keys| keys.keys().cloned().collect::<BTreeSet<_>>();
        let missing: Vec<_> = names(&english).symmetric_difference(&names(&read)).cloned().collect();
        assert!(missing.is_empty(), "{locale:?} and English do not both have {missing:?}");
        for (key, values) in &read {
            assert_eq!(values, &english[key], "{locale:?}: `{key}` shows other values than in English");
        }
        assert_eq!(order(locale), order(Locale::English), "{locale:?} is in another order than English, so nobody can compare them");
    }
}

#[test]
fn every_text_is_used_and_gets_its_values() {
    let known = keys(Locale::English.source());
    let uses = uses();
    assert!(uses.len() > 200, "the code was not read");
    for used in &uses {
        let values = known.get(&used.key).unwrap_or_else(|| panic!("{}: there is no text `{}`", used.at, used.key));
        let unknown: Vec<_> = used.given.difference(values).collect();
        assert!(unknown.is_empty(), "{}: `{}` has no place for {unknown:?}", used.at, used.key);
        // A text that is handed on gets its values where it arrives.
        if !used.given.is_empty() {
            assert_eq!(&used.given, values, "{}: `{}` lacks a value", used.at, used.key);
        }
    }
    let literals = literals();
    let unused: Vec<_> =
        known.keys().filter(|key| !literals.contains(*key) && !FAMILIES.iter().any(|family| key.starts_with(family))).collect();
    assert!(unused.is_empty(), "texts that nobody uses: {unused:?}");
}

#[test]
fn templates_hold_no_words_of_their_own() {
    let mut found = Vec::new();
    for (path, text) in sources("templates", "html") {
        found.extend(words_in(&text).into_iter().map(|words| format!("{path}: {words}")));
    }
    assert!(found.is_empty(), "words in templates: give them a key\n{}", found.join("\n"));
}

#[test]
fn the_rule_about_words_in_templates_can_fail() {
    let found = |template: &str| !words_in(template).is_empty();
    assert!(found("<p>Hello</p>"));
    assert!(found("<p>{{ name }} wrote</p>"));
    assert!(found(r#"<a title="Show {{ name }}" href="/x">{{ x }}</a>"#));
    assert!(found(r#"<input placeholder="Search">"#));
    assert!(found(r#"<form class="a" data-say-failed="Oops {{ x }}">"#));
    assert!(!found(r#"<p class="quiet" id="to">{{ t.say("hello") }} · {% if a > 1 %}→{% endif %}</p>{# why #}"#));
    assert!(!found(r#"<a aria-label="{{ t.say("x") }}" class="a b">{{ y }}</a><code>POST /v1/tickets</code>"#));
}

#[test]
fn french_sets_no_break_spaces_where_they_belong() {
    let source = Locale::French.source();
    for (number, line) in source.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let parts: Vec<char> = line.chars().collect();
        for pair in parts.windows(2) {
            let wrong = match pair {
                [' ', ':' | ';' | '?' | '!' | '»' | '%'] | ['«', ' '] => true,
                [before, ';' | '?' | '!' | '»'] => !matches!(before, '\u{a0}' | '\u{202f}'),
                ['\'' | '"', _] | [_, '\''] => true,
                _ => false,
            };
            assert!(!wrong, "line {} of fr.ftl: {line}", number + 1);
        }
    }
}

#[test]
fn counts_choose_the_form_of_each_language() {
    let check = |locale: Locale, count: u64, expected: &str| {
        assert_eq!(locale.words().say("talk-messages").with("count", count).to_string(), expected);
    };
    check(Locale::English, 0, "0 messages");
    check(Locale::English, 1, "1 message");
    check(Locale::English, 12_345, "12,345 messages");
    check(Locale::French, 0, "0 message");
    check(Locale::French, 1, "1 message");
    check(Locale::French, 2, "2 messages");
    check(Locale::French, 12_345, "12\u{202f}345 messages");
}

#[test]
fn a_value_is_shown_as_it_is_and_one_that_runs_to_the_left_is_isolated() {
    let found = |text: &str| Locale::English.words().say("inbox-found").with("text", text).to_string();
    assert_eq!(found("{ $text }"), "Tickets that match “{ $text }”.");
    assert_eq!(found("émission 🙂"), "Tickets that match “émission 🙂”.");
    assert_eq!(found("ليلى"), "Tickets that match “\u{2068}ليلى\u{2069}”.");
}

/// The texts of a file with the values that each asks for, those of the texts that it quotes included.
fn keys(source: &str) -> Keys {
    let mut direct: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    let mut at = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
            key.clone_into(&mut at);
            assert!(direct.insert(at.clone(), Default::default()).is_none(), "`{key}` stands twice");
        }
        let Some((values, quoted)) = direct.get_mut(&at) else { continue };
        for place in line.split("{ ").skip(1).map(|rest| rest.split([' ', '}']).next().unwrap_or_default()) {
            match place.strip_prefix('$') {
                Some(name) => values.insert(name.to_owned()),
                None => quoted.insert(place.to_owned()),
            };
        }
    }
    let of = |key: &String| direct.get(key).map(|(values, _)| values.clone()).unwrap_or_default();
    direct.iter().map(|(key, (values, quoted))| (key.clone(), values | &quoted.iter().flat_map(of).collect())).collect()
}

fn order(locale: Locale) -> Vec<&'static str> {
    let heads = locale
        .source()
        .lines()
        .filter(|line| line.starts_with("## ") || line.contains(" =") && line.starts_with(|c: char| c.is_ascii_lowercase()));
    heads.map(|line| line.split(" =").next().unwrap_or_default()).collect()
}

/// The files of this room below a folder, tests apart.
fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let files = WalkDir::new(root.join(folder)).into_iter().map(|entry| entry.unwrap().into_path());
    let named = files.filter(|path| path.extension().is_some_and(|extension| extension == ending) && !path.ends_with("tests.rs"));
    named
        .map(|path| {
            let text = fs_err::read_to_string(&path).unwrap();
            let tests = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
            (path.strip_prefix(&root).unwrap().display().to_string(), text[..tests].to_owned())
        })
        .collect()
}

fn all_sources() -> Vec<(String, String)> {
    sources("templates", "html").into_iter().chain(sources("", "rs")).collect()
}

/// Every word between quotation marks.
fn literals() -> BTreeSet<String> {
    let texts = all_sources();
    texts.iter().flat_map(|(_, text)| text.split('"')).map(str::to_owned).collect()
}

/// Every key that is named by a literal, with the values that are given to it right there.
fn uses() -> Vec<Use> {
    let mut uses = Vec::new();
    for (path, text) in all_sources() {
        for opening in ["say(\"", "Text::new(\""] {
            for (at, _) in text.match_indices(opening) {
                let rest = &text[at + opening.len()..];
                let (key, mut rest) = rest.split_once("\")").unwrap();
                let mut given = BTreeSet::new();
                while let Some(call) = rest.trim_start().strip_prefix(".with(\"") {
                    given.insert(call.split('"').next().unwrap().to_owned());
                    rest = after_call(call);
                }
                uses.push(Use { at: path.clone(), key: key.to_owned(), given });
            }
        }
    }
    uses
}

/// What follows the parenthesis that closes a call.
fn after_call(arguments: &str) -> &str {
    let mut open = 1;
    let close = arguments.find(|c| {
        open += i32::from(c == '(') - i32::from(c == ')');
        open == 0
    });
    &arguments[close.unwrap() + 1..]
}

/// Words of a template that a reader would see and no key stands for.
fn words_in(template: &str) -> Vec<String> {
    const SEEN: [&str; 4] = ["aria-label", "title", "placeholder", "alt"];
    // The block `shape` is a class name, commands and paths are the same in every language, and what the template language does is no
    // text; attributes may hold quotation marks inside it.
    let left_out = [("{% block shape %}", "{% endblock %}"), ("<code>", "</code>"), ("{#", "#}"), ("{{", "}}"), ("{%", "%}")];
    let bare = left_out.iter().fold(template.to_owned(), |text, (opening, closing)| without(&text, opening, closing));
    let mut found = Vec::new();
    for piece in bare.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        let ends: Vec<&str> = tag.split("=\"").collect();
        let attributes = ends.windows(2).filter_map(|pair| {
            let (name, value) = (pair[0].rsplit(char::is_whitespace).next()?, pair[1].split('"').next()?);
            (SEEN.contains(&name) || name.starts_with("data-say")).then_some(value)
        });
        found.extend(attributes.chain([text]).filter(|text| text.contains(char::is_alphabetic)).map(|text| text.trim().to_owned()));
    }
    // An entity is a character and no word.
    found.retain(|text| !text.starts_with("&#"));
    found
}

/// A text without the stretches from each `opening` to its `closing`.
fn without(text: &str, opening: &str, closing: &str) -> String {
    let mut pieces = text.split(opening);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |kept, piece| kept + piece.split_once(closing).map_or("", |(_, rest)| rest))
}
