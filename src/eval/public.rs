//! Public sets that the built-in heads learn from: their files, and which of their texts are kept for asking.

use std::collections::BTreeSet;
use std::path::Path;

use crate::eval::error::EvalError;
use crate::triage::felt::GROUPS;

/// One sentence of so many is kept for asking, by the CRC-32 of its bytes.
const KEPT: u32 = 5;
/// English stands beside every other language; so many of its sentences are learned from, and asked.
const ENGLISH: [usize; 2] = [3_000, 200];

/// The codes of Tatoeba's files (Artetxe and Schwenk 2018), and ours.
const LANGUAGES: [(&str, &str); 29] = [
    ("ara", "ar"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hun", "hu"),
    ("ind", "id"),
    ("ita", "it"),
    ("jpn", "ja"),
    ("kor", "ko"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("spa", "es"),
    ("swe", "sv"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("vie", "vi"),
];

/// The emotions of `GoEmotions` in the order of their numbers, each as its place in [`GROUPS`], as the set's authors group them.
const EMOTIONS: [usize; 28] = [0, 0, 1, 1, 0, 0, 2, 2, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 2, 0, 1, 1, 2, 3];

/// Which part of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What is learned from.
    Train,
    /// What is asked while something is made.
    Dev,
}

/// Sentences with the code of their language, each once in a language, in the order of their files.
pub(super) fn sentences(folder: &Path, part: Part) -> Result<Vec<(String, String)>, EvalError> {
    let (mut found, mut english) = (Vec::new(), BTreeSet::new());
    for (theirs, code) in LANGUAGES.iter().filter(|(theirs, _)| *theirs != "eng") {
        for (file, code) in [(theirs, code), (&"eng", &"en")] {
            let path = folder.join(format!("tatoeba.{theirs}-eng.{file}"));
            let mut seen = BTreeSet::new();
            for line in read(&path)?.lines() {
                let text = line.split_whitespace().collect::<Vec<_>>().join(" ");
                let sum = crc32fast::hash(text.as_bytes());
                if text.is_empty() || (sum.is_multiple_of(KEPT)) != (part == Part::Dev) || !seen.insert(text.clone()) {
                    continue;
                }
                if *code == "en" {
                    english.insert((sum, text));
                } else {
                    found.push((text, (*code).to_owned()));
                }
            }
        }
    }
    let most = ENGLISH[usize::from(part == Part::Dev)];
    found.extend(english.into_iter().take(most).map(|(_, text)| (text, "en".to_owned())));
    Ok(found)
}

/// Comments with the group of their emotions; those whose emotions lie in several groups are left out.
pub(super) fn comments(folder: &Path, part: Part) -> Result<Vec<(String, &'static str)>, EvalError> {
    let path = folder.join(if part == Part::Train { "train.tsv" } else { "dev.tsv" });
    let mut found = Vec::new();
    for (line, text) in read(&path)?.lines().enumerate() {
        let refused =
            || EvalError::Line { path: path.display().to_string(), line: line + 1, reason: "is no comment with its emotions".to_owned() };
        let mut cells = text.split('\t');
        let (Some(comment), Some(emotions)) = (cells.next(), cells.next()) else { return Err(refused()) };
        let group = |emotion: &str| emotion.trim().parse::<usize>().ok().and_then(|number| EMOTIONS.get(number)).copied();
        let groups = emotions.split(',').map(group).collect::<Option<BTreeSet<usize>>>().ok_or_else(refused)?;
        if let (Some(group), 1) = (groups.first(), groups.len()) {
            found.push((comment.to_owned(), GROUPS[*group]));
        }
    }
    Ok(found)
}

fn read(path: &Path) -> Result<String, EvalError> {
    fs_err::read_to_string(path).map_err(|source| EvalError::Read { path: path.display().to_string(), source })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A small set of both kinds in the form of the public ones.
    pub(in crate::eval) fn data() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (sentences, comments) = (folder.path().join("tatoeba_112"), folder.path().join("goemotions"));
        fs_err::create_dir_all(&sentences).unwrap();
        fs_err::create_dir_all(&comments).unwrap();
        for (theirs, code) in LANGUAGES.iter().filter(|(theirs, _)| *theirs != "eng") {
            let (own, english): (Vec<String>, Vec<String>) = (0..20)
                .map(|i| (format!("{code}a lo{code} {code}{code} numero {i}"), format!("a sentence with the number {theirs} {i}")))
                .unzip();
            fs_err::write(sentences.join(format!("tatoeba.{theirs}-eng.{theirs}")), own.join("\n")).unwrap();
            fs_err::write(sentences.join(format!("tatoeba.{theirs}-eng.eng")), english.join("\n")).unwrap();
        }
        let lines = |from: usize| -> String {
            let words = ["lovely", "horrible", "strange", "table"];
            let line = |i: usize| format!("it is a {} thing {i}\t{}\tid{i}\n", words[i % 4], [0, 2, 6, 27][i % 4]);
            (from..from + 80).map(line).collect::<Vec<_>>().concat()
        };
        fs_err::write(comments.join("train.tsv"), lines(0) + "both\t0,2\tx\nboth good\t0,1\ty\n").unwrap();
        fs_err::write(comments.join("dev.tsv"), lines(100)).unwrap();
        folder
    }

    #[test]
    fn what_is_asked_is_never_learned_from() {
        let data = data();
        let folder = data.path().join("tatoeba_112");
        let (train, dev) = (sentences(&folder, Part::Train).unwrap(), sentences(&folder, Part::Dev).unwrap());
        assert!(train.len() > 2 * dev.len() && dev.len() > 100, "{} {}", train.len(), dev.len());
        let asked: BTreeSet<&str> = dev.iter().map(|(text, _)| text.as_str()).collect();
        assert!(train.iter().all(|(text, _)| !asked.contains(text.as_str())));
        assert!(dev.iter().any(|(_, code)| code == "en") && dev.iter().any(|(_, code)| code == "zh"));
    }

    #[test]
    fn emotions_of_several_groups_are_left_out_and_a_line_that_is_none_is_named() {
        let data = data();
        let folder = data.path().join("goemotions");
        let train = comments(&folder, Part::Train).unwrap();
        assert_eq!((train.len(), train[0].1, train[1].1, train[80].1), (81, "positive", "negative", "positive"));
        fs_err::write(folder.join("dev.tsv"), "fine\t27\tx\nbad\t28\ty\n").unwrap();
        let said = comments(&folder, Part::Dev).unwrap_err().to_string();
        assert!(said.starts_with("line 2 of "), "{said}");
    }
}
