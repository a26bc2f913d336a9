//! Names and texts as a reader wants them, in any language; nothing here is a sentence.
#![expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand every value over by reference")]

use std::fmt::Display;
use std::fmt::Write as _;

use crate::domain::audience::Audience;
use crate::domain::panel::ReplyDraft;
use crate::domain::vocabulary::Probability;

/// How much of a passage is shown before "show all", in characters.
const SHORT_CHARS: usize = 240;

/// How much of a text stands in a line that only names it, in characters.
const START_CHARS: usize = 100;

/// About how many characters stand in a line of a field of the panel.
const PANEL_COLUMNS: usize = 40;

/// How much of `whole` a probability is, for the width of a gauge.
pub(super) fn share_of(probability: &Probability, whole: f64) -> String {
    format!("{:.1}", probability.get() * whole)
}

/// How many rows a text takes in a field of the panel, so that drafts are read without scrolling.
pub(super) fn rows(text: impl AsRef<str>) -> usize {
    text.as_ref().lines().map(|line| line.chars().count() / PANEL_COLUMNS + 1).sum::<usize>().clamp(1, 18)
}

/// A name of the playbook as people read it: `refund_request` becomes `Refund request`; other texts stay as they are.
pub(super) fn humanise(name: &impl Display) -> String {
    let name = name.to_string();
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')) {
        return name;
    }
    let spaced = name.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The value of `aria-current` on a link to the page's own section, or to another.
pub(super) const fn current(is_here: bool) -> &'static str {
    if is_here { "page" } else { "false" }
}

/// Up to two letters that stand for a name.
pub(super) fn initials(name: impl Display) -> String {
    let name = name.to_string();
    let local = name.split('@').next().unwrap_or_default();
    let mut words = local.split(|c: char| !c.is_alphanumeric() && c != '\'').filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// Things in a row, with commas.
pub(super) fn list(things: &[impl Display]) -> String {
    things.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The word for an audience in class names.
pub(super) const fn audience_class(audience: &Audience) -> &'static str {
    match audience {
        Audience::Public => "public",
        Audience::Internal => "internal",
        Audience::Teams(_) => "teams",
        Audience::Customer(_) => "customer",
    }
}

/// Headings above a passage, outermost first.
pub(super) fn path(headings: &[String]) -> String {
    headings.join(" › ")
}

/// A passage as people read it: a heading that stands in its text without its marks.
pub(super) fn passage(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(|line| {
            let heading = line.trim_start_matches('#');
            if heading.len() < line.len() && heading.starts_with(' ') { heading.trim_start() } else { line }
        })
        .collect();
    lines.join("\n")
}

/// The beginning of a long text, cut between words; `None` when the text is short enough to be shown whole.
pub(super) fn short(text: &str) -> Option<String> {
    let (cut, _) = text.char_indices().nth(SHORT_CHARS)?;
    let kept = text[..cut].rsplit_once(char::is_whitespace).map_or(&text[..cut], |(kept, _)| kept);
    (text.len() - kept.len() > 60).then(|| format!("{}…", kept.trim_end_matches([',', ';', ':', '-', ' '])))
}

/// How a text begins, in one line.
pub(super) fn start(text: &str) -> String {
    // No more is looked at than can be shown: a text may have megabytes.
    let words: Vec<&str> = text.split_whitespace().take(START_CHARS).collect();
    let line = words.join(" ");
    let cut = line.char_indices().nth(START_CHARS).map_or(line.len(), |(cut, _)| cut);
    if cut < line.len() { format!("{}…", &line[..cut]) } else { line }
}

/// A reply draft as the text that is copied or edited.
pub(super) fn reply(draft: &ReplyDraft) -> String {
    let sentences: Vec<&str> = draft.sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    format!("{}\n\n{}\n\n{}", draft.greeting, sentences.join(" "), draft.closing)
}

/// A value for the query of an address.
pub(super) fn percent_encoded(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => {
                // Writing into a `String` does not fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_in_a_passage_loses_its_marks_and_nothing_else_does() {
        assert_eq!(passage("## Tips\n- one\n# 2\n#hashtag\nfor C# only"), "Tips\n- one\n2\n#hashtag\nfor C# only");
    }

    #[test]
    fn names_read_as_people_write_them() {
        assert_eq!(humanise(&"refund_request"), "Refund request");
        assert_eq!(humanise(&"Wick Bell: boot loop"), "Wick Bell: boot loop");
        assert_eq!(initials("Ingrid Solberg"), "IS");
        assert_eq!(initials("petra.holm@norvik.example"), "PH");
        assert_eq!(initials("Élodie"), "É");
    }

    #[test]
    fn a_long_text_is_cut_between_words_and_a_short_one_is_left_whole() {
        assert_eq!(short("Unplug it for five minutes."), None);
        let cut = short(&"émission ".repeat(60)).unwrap();
        assert!(cut.ends_with("émission…") && cut.chars().count() <= SHORT_CHARS + 1, "{cut}");
    }

    #[test]
    fn a_text_is_named_by_how_it_begins() {
        assert_eq!(start(" Hello,\n\n  it is swollen. "), "Hello, it is swollen.");
        let long = start(&"é".repeat(5_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (START_CHARS + 1, true));
    }

    #[test]
    fn a_query_value_cannot_leave_its_parameter() {
        assert_eq!(percent_encoded("a&b=ü #"), "a%26b%3D%C3%BC%20%23");
    }
}
