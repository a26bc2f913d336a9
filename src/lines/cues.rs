//! The cues of `cues.txt`, compiled once.

use std::sync::LazyLock;

use regex::Regex;

use crate::lines::acts::Act;

/// One regular expression for each section of the file.
pub(super) struct Cues {
    /// The acts that one expression alone gives away.
    pub(super) acts: Vec<(Act, Regex)>,
    /// How a greeting starts.
    pub(super) greeting: Regex,
    /// How thanks, a closing or small talk start.
    pub(super) thanks: Regex,
    /// Questions that ask nothing.
    pub(super) small_talk: Regex,
    /// How a question starts that has no question mark.
    pub(super) inversion: Regex,
}

/// The cues, compiled at their first use.
pub(super) static CUES: LazyLock<Cues> = LazyLock::new(|| Cues {
    acts: vec![
        (Act::Request, section("request")),
        (Act::Decision, section("decision")),
        (Act::Promise, section("promise")),
        (Act::Holding, section("holding")),
        (Act::Correction, section("correction")),
        (Act::Instruction, section("instruction")),
        (Act::Trouble, section("trouble")),
        (Act::Tampering, section("tampering")),
        (Act::Withdrawal, section("withdrawal")),
        (Act::Relay, section("relay")),
        (Act::Tried, section("tried")),
    ],
    greeting: section("greeting"),
    thanks: section("thanks"),
    small_talk: section("small_talk"),
    inversion: section("inversion"),
});

/// Joins the alternatives of a section; words must not go on before or after a match.
fn section(name: &str) -> Regex {
    let heading = format!("[{name}]");
    let alternatives: Vec<&str> = include_str!("cues.txt")
        .lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let pattern = format!("(?:^|[^a-z0-9])(?:{})(?:$|[^a-z0-9])", alternatives.join("|"));
    Regex::new(&pattern).expect("the cues are constant and compile: this is a bug")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_used_and_holds_alternatives() {
        let used = [
            "request",
            "decision",
            "promise",
            "holding",
            "correction",
            "instruction",
            "trouble",
            "tampering",
            "greeting",
            "thanks",
            "small_talk",
            "inversion",
            "withdrawal",
            "relay",
            "tried",
        ];
        let headings: Vec<&str> = include_str!("cues.txt").lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect();
        assert_eq!(headings, used);
        for name in used {
            assert!(!section(name).is_match(""), "`{name}` matches nothing at all, so it is empty");
        }
    }
}
