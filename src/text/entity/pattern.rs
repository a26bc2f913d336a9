//! The playbook's patterns, found whatever the case, and with spaces or nothing in place of a hyphen.

use std::fmt::Write as _;

use regex::{Captures, Regex, RegexBuilder};

use super::{Check, Find, Pattern, PatternError};

/// What a compiled pattern may take, in bytes.
const SIZE_MAX: usize = 1 << 20;
/// A shorter number with a space in it would be found in much else.
const LOOSE_CHARACTERS: usize = 8;

/// A pattern of the playbook, compiled.
#[derive(Debug)]
pub(super) struct Custom {
    pub(super) kind: String,
    strict: Regex,
    /// The same whatever the case.
    any_case: Regex,
    /// The same with spaces among its figures and with spaces or nothing for its hyphens, each a group; where it is simple enough.
    loose: Option<Regex>,
    check: Check,
}

impl Custom {
    pub(super) fn new(Pattern { kind, regex, check }: Pattern) -> Result<Self, PatternError> {
        let build = |source: &str, any_case: bool| RegexBuilder::new(source).size_limit(SIZE_MAX).case_insensitive(any_case).build();
        match build(&regex, false) {
            Ok(strict) if strict.is_match("") => Err(PatternError::Empty { kind }),
            Ok(strict) => {
                let any_case = build(&regex, true).unwrap_or_else(|_| strict.clone());
                let loose = loosened(&regex).and_then(|source| build(&source, true).ok()).filter(|loose| !loose.is_match(""));
                Ok(Self { kind, strict, any_case, loose, check })
            }
            Err(source) => Err(PatternError::Regex { kind, source: Box::new(source) }),
        }
    }

    pub(super) fn find(&self, text: &str, found: &mut Vec<Find>) {
        each(&self.strict, text, |groups| self.push(groups, true, found));
        each(&self.any_case, text, |groups| self.push(groups, false, found));
        if let Some(loose) = &self.loose {
            each(loose, text, |groups| self.push_loose(text, groups, found));
        }
    }

    fn push(&self, groups: &Captures<'_>, is_strict: bool, found: &mut Vec<Find>) {
        let hit = groups.get(1).unwrap_or_else(|| groups.get_match());
        // A word in small letters is no number.
        if hit.is_empty() || (!is_strict && !hit.as_str().contains(|c: char| c.is_ascii_digit())) {
            return;
        }
        let value = hit.as_str().split_whitespace().collect::<String>().to_uppercase();
        found.push(self.hit(hit.range(), value, self.check.verdict(hit.as_str())));
    }

    /// Only what is right in full: it reads as the pattern once it is put right, and its check digit holds.
    fn push_loose(&self, text: &str, groups: &Captures<'_>, found: &mut Vec<Find>) {
        let span = groups.get_match().range();
        // More figures follow, so that it is part of another number.
        if text[span.end..].trim_start_matches([' ', '-']).starts_with(|c: char| c.is_ascii_digit()) {
            return;
        }
        let mut value = String::new();
        let mut at = span.start;
        for hyphen in groups.iter().skip(1).flatten() {
            value.push_str(&text[at..hyphen.start()]);
            value.push('-');
            at = hyphen.end();
        }
        value.push_str(&text[at..span.end]);
        let value: String = value.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
        let checked = self.check.verdict(&value);
        let is_long = value.chars().filter(char::is_ascii_alphanumeric).count() >= LOOSE_CHARACTERS;
        let is_whole = is_long && self.any_case.find(&value).is_some_and(|hit| hit.len() == value.len());
        if is_whole && checked != Some(false) && value.contains(|c: char| c.is_ascii_digit()) {
            found.push(self.hit(span, value, checked));
        }
    }

    fn hit(&self, span: std::ops::Range<usize>, value: String, checked: Option<bool>) -> Find {
        Find { kind: self.kind.clone(), span, value, checked, custom: true }
    }
}

/// Every hit that does not overlap the one before it.
fn each(regex: &Regex, text: &str, mut take: impl FnMut(&Captures<'_>)) {
    let mut at = 0;
    while let Some(groups) = regex.captures_at(text, at) {
        let whole = groups.get_match();
        at = whole.end().max(at + 1);
        take(&groups);
        if !text.is_char_boundary(at) || at >= text.len() {
            break;
        }
    }
}

/// What a part of a pattern's source is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Nothing yet, or something that stands for no character.
    Edge,
    /// A letter or figure as it is.
    Letter,
    /// Any figure, or one of some.
    Any,
    /// A hyphen.
    Hyphen,
    /// The end of a group.
    Group,
}

/// The source with every hyphen a group that takes a space, or nothing too, and with spaces allowed among figures that are counted.
/// `None` for a pattern that has none of both, or that is more than letters, classes, figures, counts and groups that catch nothing.
fn loosened(source: &str) -> Option<String> {
    let (mut loose, mut rest, mut last, mut depth, mut hyphens) = (String::new(), source, Part::Edge, 0_u32, 0_u32);
    while let Some(c) = rest.chars().next() {
        let (unit, part) = match c {
            '\\' => match rest.chars().nth(1)? {
                'b' => (&rest[..2], Part::Edge),
                'd' => (&rest[..2], Part::Any),
                '-' => (&rest[..2], Part::Hyphen),
                _ => return None,
            },
            '[' => {
                let end = rest.find(']')?;
                if rest[1..end].contains(['[', '\\', '^', '&', '~']) {
                    return None;
                }
                (&rest[..=end], Part::Any)
            }
            '(' => match rest {
                flags if flags.starts_with("(?i)") => (&rest[..4], Part::Edge),
                group if group.starts_with("(?:") => (&rest[..3], Part::Edge),
                _ => return None,
            },
            ')' => (&rest[..1], Part::Group),
            '|' if depth > 0 => (&rest[..1], Part::Edge),
            '-' => (&rest[..1], Part::Hyphen),
            _ if c.is_ascii_alphanumeric() => (&rest[..1], Part::Letter),
            _ => return None,
        };
        rest = &rest[unit.len()..];
        depth = if unit == "(?:" { depth + 1 } else { depth };
        let is_open = unit.starts_with("(?:") || unit == "|";
        let is_new_run = match (last, part) {
            (Part::Letter | Part::Group, Part::Any) => unit == r"\d",
            (Part::Any, Part::Letter) => !loose.ends_with(']'),
            _ => false,
        };
        // A group that follows figures may stand apart from them, as in `220 915 GB`.
        let opens_after_figures = unit == "(?:" && last == Part::Any && !loose.ends_with(']');
        if is_new_run || opens_after_figures {
            loose.push_str(" ?");
        }
        match (part, count(rest)) {
            (Part::Hyphen, _) if depth == 0 => {
                loose.push_str("( ?-? ?)");
                hyphens += 1;
            }
            (Part::Any, Some((n, taken))) if unit == r"\d" => {
                loose.push_str(r"\d");
                let _ = write!(loose, r"(?: ?\d){{{}}}", n - 1);
                rest = &rest[taken..];
            }
            (_, Some((n, taken))) => {
                let _ = write!(loose, "{unit}{{{n}}}");
                rest = &rest[taken..];
            }
            (_, None) if rest.starts_with(['{', '*', '+', '?']) => return None,
            (_, None) => loose.push_str(unit),
        }
        if unit == ")" {
            depth = depth.checked_sub(1)?;
        }
        last = if is_open { Part::Edge } else { part };
    }
    (depth == 0 && (hyphens > 0 || loose != source)).then_some(loose)
}

/// A count such as `{6}` at the start, with its length.
fn count(rest: &str) -> Option<(u32, usize)> {
    let inside = rest.strip_prefix('{')?;
    let end = inside.find('}')?;
    inside[..end].parse().ok().filter(|n| (1..=64).contains(n)).map(|n| (n, end + 2))
}

#[cfg(test)]
mod tests {
    use super::super::{Patterns, find};
    use super::*;

    fn patterns() -> Patterns {
        let pattern = |kind: &str, regex: &str, check| Pattern { kind: kind.to_owned(), regex: regex.to_owned(), check };
        let all = vec![
            pattern("order", r"\bAW-\d{6}-\d\b", Check::Mod7),
            pattern("tracking", r"\bNVK\d{9}(?:GB|FR)\b", Check::None),
            pattern("serial", r"\b(?:WM6|WCM)-[0-9A-HJ-NP-Z]{8}\b", Check::None),
            pattern("subscription", r"\bSUB-\d{7}\b", Check::None),
            pattern("ticket", r"ticket (T-\d+)", Check::None),
        ];
        Patterns::new(all, Vec::new()).unwrap()
    }

    #[test]
    fn a_number_is_found_whatever_its_case_spaces_and_hyphens() {
        for (text, expected) in [
            ("aw-204518-6", Some(("aw-204518-6", "AW-204518-6"))),
            ("commande AW 204518 6 payée 79", Some(("AW 204518 6", "AW-204518-6"))),
            ("aw2045186.", Some(("aw2045186", "AW-204518-6"))),
            ("AW - 204 518 - 6", Some(("AW - 204 518 - 6", "AW-204518-6"))),
            ("nvk 306 220 915 gb over the phone", Some(("nvk 306 220 915 gb", "NVK306220915GB"))),
            ("sub 2209 471", Some(("sub 2209 471", "SUB-2209471"))),
            ("wm6 7q2t9k4m", Some(("wm6 7q2t9k4m", "WM6-7Q2T9K4M"))),
            // One figure too many or too few, a wrong check digit, words that only look alike.
            ("AW 2045186 7", None),
            ("NVK30622091GB", None),
            ("AW 204518 7", None),
            ("the WCM attached", None),
            ("wcm-attached", None),
        ] {
            let found = find(text, &patterns(), None);
            let found = found.first().map(|entity| (entity.text.as_str(), entity.value.as_str()));
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn only_simple_patterns_are_read_loosely() {
        for source in [r"\bA\w+-\d{2}", r"ticket (T-\d+)", r"\d+-\d{2}", r"[^a]-\d{2}", r"a-\d{2}|b", "x.y"] {
            assert_eq!(loosened(source), None, "{source}");
        }
        assert_eq!(loosened(r"\bAW-\d{6}\b").as_deref(), Some(r"\bAW( ?-? ?)\d(?: ?\d){5}\b"));
    }
}
