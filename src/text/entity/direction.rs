//! Whether a day that is only named lies before or after its text was written, by the words around it.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::builtin_regex;

/// So many bytes are read on each side at most.
const READ: usize = 160;

static SINCE: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"(?i)\b(?:since|depuis|dès|past)\s(?:le\s|the\s)?$"));
static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)(?:\b(?:by|until|till?|before|as\sof|from|avant|pour|dès|d['’]ici|jusqu['’]à|jusqu['’]au|à\scompter|",
        r"à\spartir|vivement|rdv)\s(?:le\s|the\s|du\s|au\s)*)$",
    ))
});
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)\b(?:was|were|had|did|didn['’]?t|wasn['’]?t|got|went|came|said|sent|paid|bought|told|rang|left|made|took|",
        r"gave|lost|broke|began|saw|met|spoke|wrote|found|fell|ran|sold|flew|stood|been|heard|kept|ago|yesterday|",
        r"[a-z]{2,}(?:[^e\W]ed|ied)|hier|étais|était|étaient|étions|avais|avait|avaient|avions|[\p{L}]+[^rf\W](?:ait|",
        r"aient)|(?:ai|as|a|avez|avons|ont|suis|est|sont|été|m['’]a|l['’]ai|j['’]ai)\s(?:(?:pas|rien|bien|déjà|encore|été|",
        r"tous|tout|toutes|en|seulement)\s)*[\p{L}]+(?:ée?s?|i|it|ue?|erte?|mis|pris|ait)|[\p{L}]{3,}(?:ées?|és|[^t\W]é)|",
        r"(?:débi|ache|por|arrê|mon|comp|contac|accep|reje|présen|représen|consta|ajou|coû)té|reçue?s?|rendue?s?|",
        r"remise?s?|venue?s?|vendue?s?|perdue?s?)\b",
    ))
});
static AHEAD: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)(?:\b(?:will|won['’]?t|shall|can|can['’]?t|could|may|might|would|going|want|need|needs|must|should|leave|",
        r"leaves|move|moves|change|changes|open|opens|come|comes|please|tomorrow|am|is|are|let|arrives|due|vais|va|allons|",
        r"vont|allez|doit|dois|devez|doivent|peut|peux|pouvez|peuvent|faut|par[st]|repar[st]|repartons|passe|passez|",
        r"arrive|attends?|arrête|veux|veut|svp|merci|demain|prochaine?|[\p{L}]+(?:rai|ras|ra|rons|rez|ront|rais|rait|",
        r"raient|riez))|['’](?:ll|d|re|m))\b",
    ))
});
static STARTS: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"[.!?…;]+\s|\n"));

/// Whether the day in the span lies behind; `false` where nothing says so.
pub(super) fn is_past(text: &str, span: &Range<usize>) -> bool {
    let before = &text[text.floor_char_boundary(span.start.saturating_sub(READ))..span.start];
    let after = &text[span.end..text.floor_char_boundary((span.end + READ).min(text.len()))];
    if SINCE.is_match(before) {
        return true;
    }
    let sentence = STARTS.find_iter(before).last().map_or(before, |end| &before[end.end()..]);
    if !sentence.is_empty() && UNTIL.is_match(sentence) {
        return false;
    }
    let rest = STARTS.find(after).map_or(after, |end| &after[..end.start()]);
    let earlier = &before[..before.len() - sentence.len()];
    // A sentence of hardly a word goes with the one before it: `I paid this! On Friday!`
    let is_short = sentence.split_whitespace().count() <= 1 && rest.split_whitespace().count() <= 1;
    last_said(sentence)
        .or_else(|| sentence.trim_end().ends_with(" de").then_some(true))
        .or_else(|| first_said(rest))
        .or_else(|| last_said(earlier).filter(|_| is_short))
        .unwrap_or(false)
}

fn last_said(text: &str) -> Option<bool> {
    let past = PAST.find_iter(text).last().map(|hit| hit.end());
    let ahead = AHEAD.find_iter(text).last().map(|hit| hit.end());
    // What is said twice, as `is booked`, lies ahead only where the other does not reach further.
    past.max(ahead).map(|_| past > ahead)
}

fn first_said(text: &str) -> Option<bool> {
    let past = PAST.find(text).map_or(usize::MAX, |hit| hit.start());
    let ahead = AHEAD.find(text).map_or(usize::MAX, |hit| hit.start());
    (past.min(ahead) < usize::MAX).then_some(past < ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_around_a_day_say_whether_it_lies_behind() {
        for (text, day, expected) in [
            ("It stopped on Friday.", "Friday", true),
            ("I leave for Oslo on Friday", "Friday", false),
            ("I paid this! On Friday! From my account!", "Friday", true),
            ("out for delivery since Wednesday", "Wednesday", true),
            ("I need it by Monday at the latest", "Monday", false),
            ("Clés remises à l'agence vendredi.", "vendredi", true),
            ("on repart dimanche", "dimanche", false),
            ("dans mon message de lundi, lire 580", "lundi", true),
            ("il y était lundi", "lundi", true),
            ("ou j'attends mardi ?", "mardi", false),
            ("la promo s'arrête jeudi", "jeudi", false),
            ("Monday", "Monday", false),
            ("le 20 j'ai plus de forfait", "20", false),
            ("continue d'être débité (7,99 € le 16). Pouvez-vous l'arrêter", "16", true),
        ] {
            let start = text.find(day).unwrap();
            assert_eq!(is_past(text, &(start..start + day.len())), expected, "{text}");
        }
    }
}
