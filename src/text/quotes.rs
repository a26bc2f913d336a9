//! What a message adds: quoted mails, signatures, legal footers and greetings are set apart, in English and French.
//!
//! A message never loses everything: where nothing would be left, nothing is removed.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::{CleanText, count_words};

/// Above this many own words, a forwarded message is only an enclosure and is dropped like a quote.
const FORWARD_OWN_WORDS: usize = 12;
/// A signature longer than this many lines is text.
const SIGNATURE_LINES_MAX: usize = 10;
/// A paragraph with a name and no closing above it is no longer than this, in lines.
const NAME_LINES_MAX: usize = 4;
/// Fewer own words than this above a name, and the name may be the message.
const NAME_WORDS_ABOVE: usize = 12;
/// A line with more words than this belongs to no signature.
const SIGNATURE_WORDS_MAX: usize = 9;

/// Why a part of a message was set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovedKind {
    /// An earlier message, with the line that introduces it.
    Quote,
    /// The sender's closing, name, company and device.
    Signature,
    /// A legal or commercial note under the message.
    Footer,
    /// The salutation.
    Greeting,
}

/// A part of a message that was set apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Why.
    pub kind: RemovedKind,
    /// Where it stands in the clean text, in bytes.
    pub span: Range<usize>,
}

/// A message without what it only carries along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// What the message adds; maps back to the same original.
    pub kept: CleanText,
    /// What was set apart, in order.
    pub removed: Vec<Removed>,
}

/// Sets apart what a message only carries along.
#[must_use]
pub fn strip(text: &CleanText) -> Body {
    let mut lines = lines_of(text.as_str());
    mark_quotes(&mut lines);
    mark_signature(&mut lines);
    mark_footers(&mut lines);
    mark_greeting(&mut lines);
    let removed = removed_of(&lines);
    let edits: Vec<_> = removed.iter().map(|part| (part.span.clone(), "")).collect();
    let kept = text.rewritten(&edits);
    if kept.words() == 0 {
        return Body { kept: text.clone(), removed: Vec::new() };
    }
    Body { kept, removed }
}

struct Line<'a> {
    text: &'a str,
    /// With the line break.
    span: Range<usize>,
    removed: Option<RemovedKind>,
}

impl Line<'_> {
    fn is_own(&self) -> bool {
        self.removed.is_none()
    }

    fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

fn lines_of(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let span = start..start + line.len();
            start = span.end;
            Line { text: line.trim(), span, removed: None }
        })
        .collect()
}

fn removed_of(lines: &[Line<'_>]) -> Vec<Removed> {
    let mut removed: Vec<Removed> = Vec::new();
    for line in lines {
        let Some(kind) = line.removed else { continue };
        match removed.last_mut() {
            Some(last) if last.kind == kind && last.span.end == line.span.start => last.span.end = line.span.end,
            Some(_) | None => removed.push(Removed { kind, span: line.span.clone() }),
        }
    }
    removed
}

/// Compiles a pattern of this file.
fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the patterns of quotes compile: this is a bug")
}

static ATTRIBUTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?:
            (?:on|le|am)\b.{0,200}[\d@].{0,200}\b(?:wrote|a\sécrit|a\secrit|schrieb)\s?:
          | .{0,120}<?\S+@\S+>?.{0,80}\b(?:wrote|a\sécrit|a\secrit)\s?:
          | \d{4}[-/]\d\d[-/]\d\d\b.{0,80}<\S+@\S+>\s?:
        )$",
    )
});
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^[-_ ]{2,}(?:original message|original appointment|message d['’]origine|message original|e-mail d['’]origine)[-_ ]*$")
});
static FORWARD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?: [-_\ ]{2,}\s?(?:forwarded\smessage|message\stransféré|message\stransfere|message\sréexpédié|message\stransmis)\s?(?:by.*|par.*)?[-_\ ]*
          | begin\sforwarded\smessage\s?: | début\sdu\smessage\s(?:réexpédié|transféré)\s?: )$",
    )
});
static FIRST_HEADER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\*?(?:from|de|von)\s?:\*?\s?\S"));
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\*?(?:from|sent|date|to|cc|subject|reply-to|de|envoyé|envoye|date|à|a|cc|objet|répondre à|von|gesendet|an|betreff)\s?:\*?",
    )
});
static REPLY_ABOVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:reply above this line|répondez au-dessus de cette ligne|répondre au-dessus de cette ligne|écrivez (?:votre réponse )?au-dessus de cette ligne)",
    )
});
static DEVICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?: sent\s(?:from|via|with|using)\s(?:my\b|mail\b|outlook|yahoo|gmail|proton|an?\s(?:iphone|ipad|android)|the\s).{0,80}
          | get\soutlook\sfor\s.{0,40} | envoyé\s(?:de|depuis|à\spartir\sde|avec|via)\s(?:mon|ma|l['’]|mail|outlook|yahoo|un|la\smessagerie|la\spoche|proton).{0,80}
          | télécharge[rz]\soutlook.{0,60} | obtenir\soutlook.{0,60} | provenance\s:\scourrier\spour\swindows.{0,20} )$",
    )
});
static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?: (?:with\s)?(?:(?:very\s|my\s)?(?:kind(?:est)?|best|warm(?:est)?|many|sincere)\s)?(?:regards|wishes) | all\sthe\sbest | best | br | kr | rgds
          | (?:yours|your's)(?:\s(?:sincerely|faithfully|truly))? | sincerely(?:\syours)? | respectfully | take\scare | have\sa\s(?:nice|good|great|lovely)\s(?:day|evening|weekend|one)
          | (?:bien\s|très\s|tres\s)?cordialement | cdlt | cdt | bien\sà\s(?:vous|toi) | amicalement | sincèrement | respectueusement
          | (?:mes\s|avec\smes\s|meilleures\s|sincères\s|mes\smeilleures\s|mes\ssincères\s|mes\ssinceres\s)?salutations(?:\s(?:distinguées|distinguees|cordiales|sincères))?
          | (?:je\svous\sprie\s|veuillez\s|nous\svous\sprions\s).{0,60}(?:salutations|considération|sentiments).{0,40}
          | (?:je\svous\ssouhaite\sune\s)?(?:bonne|belle)\s(?:journée|journee|soirée|soiree|fin\sde\sjournée|réception|reception) | à\s(?:bientôt|très\svite)
        )(?:[\ ,.!;–-]+(?:\p{Lu}[\p{L}.'’-]*(?:\ \p{Lu}[\p{L}.'’-]*){0,3}|[\p{L}\ '’]{1,25},)?)?$",
    )
});
/// Words of thanks close a message only when a name follows; alone they are content.
static THANKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?: (?:many\s|with\s)?thanks(?:\s(?:again|a\slot|in\sadvance|and\s(?:kind\s|best\s)?regards))? | thank\syou(?:\s(?:very\smuch|so\smuch|in\sadvance|again))?
          | (?:thanks|thank\syou|merci|d['’]avance\smerci|avec\s(?:mes|nos|tous\smes)\sremerciements)\b.{0,40}, | merci\sà\s(?:toi|vous)(?:,.{0,25})?
          | thx | cheers | ta | regards | merci(?:\s(?:beaucoup|d['’]avance|par\savance|bien|encore))?(?:\s(?:et|pour).{0,30})? | (?:en\s)?vous\sremerciant(?:\s.{0,30})? )\s?[,.!;]?$",
    )
});
static IDENTIFIER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[A-Z][A-Z0-9]{1,5}-[A-Z0-9]*\d|(?i:order|invoice|commande|facture|serial|n°)\W.{0,12}\d"));
static POSTSCRIPT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:p\.?\s?s\b|n\.?b\b|edit\b)"));
static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\p{Lu}[\p{L}.'’-]*(?: \p{Lu}[\p{L}.'’-]*){0,2},?$"));
static FOOTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)
          \b(?:this|the)\s(?:e-?mail|message|communication|transmission)\b.{0,80}\b(?:confidential|privileged|intended\s(?:only|solely)|may\scontain)
        | \b(?:intended|addressed)\s(?:only|solely|exclusively)\s(?:for|to)\sthe\b
        | \bif\syou\s(?:are\snot\sthe\sintended|have\sreceived\sthis\s(?:e-?mail|message)\s(?:in|by)\s(?:error|mistake))
        | \b(?:ce|cet|le\sprésent)\s(?:e-?mail|message|courriel|mail|courrier\sélectronique)\b.{0,80}\b(?:confidentiel|destiné|strictement|sont\sconfidentiel|peu(?:t|vent)\scontenir)
        | \bsi\svous\s(?:avez\sreçu\sce|n['’]êtes\spas\s(?:le|la)\sdestinataire|recevez\sce\s(?:message|courriel|mail|e-mail)\spar\serreur)
        | \bplease\sconsider\sthe\senvironment\b | \bpensez\sà\sl['’]environnement\b | \bn['’]imprimez\s(?:ce|cet)\b | \bavant\sd['’]imprimer\sce
        | \bregistered\s(?:in|office)\b.{0,60}\b(?:england|wales|scotland|ireland|company|no\.?|number)\b
        | \b(?:sas|sarl|sa|sasu|eurl)\sau\scapital\sde\b | \brcs\s\p{L}+\s[ab]?\s?\d{3}
        | \b(?:scanned|checked|verified)\b.{0,40}\b(?:for\sviruses|by\s(?:avast|avg|norton))\b | \bvirus-free\b | \babsence\sde\svirus\b
        | \bto\sunsubscribe\b.{0,60}\b(?:click|link|visit|reply)\b | \b(?:pour\s)?vous\sdésabonner\b.{0,60}\b(?:cliquez|lien)\b
        ",
    )
});
static GREETING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)^(?: (?i:hi|hello|hey|hiya|dear|greetings|good\s(?:morning|afternoon|evening|day)|bonjour|bonsoir|salut|coucou|cher|chère|chers|madame|monsieur|mesdames|messieurs|to\swhom\sit\smay\sconcern) )
          (?: [\ ,/]+ (?: (?i:there|all|team|everyone|sir|madam|madame|monsieur|messieurs|mesdames|or|and|ou|et|à|tous|toutes|toute|l['’]équipe|equipe|support|again|you) | (?-i:\p{Lu}[\p{L}.'’-]*) ) ){0,5} \s?[,!.:;–-]* $",
    )
});

fn mark(lines: &mut [Line<'_>], kind: RemovedKind) {
    for line in lines {
        line.removed.get_or_insert(kind);
    }
}

fn mark_quotes(lines: &mut [Line<'_>]) {
    let mut at = 0;
    // How many words of the sender's own stand above this line.
    let mut own = 0;
    while at < lines.len() {
        let line = lines[at].text;
        if line.starts_with('>') {
            lines[at].removed = Some(RemovedKind::Quote);
        } else if let Some(length) = attribution_at(lines, at) {
            mark(&mut lines[at..at + length], RemovedKind::Quote);
            at += length;
            let marked_below = lines[at..].iter().find(|line| !line.is_blank()).is_some_and(|line| line.text.starts_with('>'));
            if !marked_below && own > 0 {
                return mark(&mut lines[at..], RemovedKind::Quote);
            }
            continue;
        } else if let Some(head) = earlier_mail_at(lines, at) {
            if own > head.own_words_max {
                return mark(&mut lines[at..], RemovedKind::Quote);
            }
            mark(&mut lines[at..at + head.lines], RemovedKind::Quote);
            at += head.lines;
            continue;
        } else {
            own += count_words(line);
        }
        at += 1;
    }
}

/// The head of an earlier mail.
struct Head {
    lines: usize,
    /// With no more own words than this above it, the earlier mail is what the sender wants to say.
    own_words_max: usize,
}

fn earlier_mail_at(lines: &[Line<'_>], at: usize) -> Option<Head> {
    let line = lines[at].text;
    let is_forward = FORWARD.is_match(line);
    let is_rule = line.len() >= 10 && line.bytes().all(|byte| byte == b'_');
    if is_forward || is_rule || SEPARATOR.is_match(line) {
        let blank = lines[at + 1..].iter().take_while(|line| line.is_blank()).count();
        let headers = headers_at(lines, at + 1 + blank);
        let lines = if headers > 0 { 1 + blank + headers } else { 1 };
        let own_words_max = if is_forward { FORWARD_OWN_WORDS } else { 0 };
        return (!is_rule || headers >= 3).then_some(Head { lines, own_words_max });
    }
    if REPLY_ABOVE.is_match(line) {
        return Some(Head { lines: 1, own_words_max: 0 });
    }
    let headers = headers_at(lines, at);
    (headers >= 3).then_some(Head { lines: headers, own_words_max: 0 })
}

/// How many lines, at most three, introduce a quote here, such as `On 3 November 2026 Tom wrote:`.
fn attribution_at(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let mut joined = String::new();
    for (taken, line) in lines[at..].iter().take(3).enumerate() {
        if line.is_blank() || line.text.len() > 300 {
            return None;
        }
        if taken > 0 {
            joined.push(' ');
        }
        joined.push_str(line.text);
        if line.text.ends_with(':') {
            return ATTRIBUTION.is_match(&joined).then_some(taken + 1);
        }
    }
    None
}

/// How many header lines of an earlier mail follow each other here; 0 when the first isn't a sender.
fn headers_at(lines: &[Line<'_>], at: usize) -> usize {
    match lines.get(at) {
        Some(first) if FIRST_HEADER.is_match(first.text) => {
            lines[at..].iter().take(8).take_while(|line| HEADER.is_match(line.text)).count()
        }
        Some(_) | None => 0,
    }
}

fn mark_signature(lines: &mut [Line<'_>]) {
    let mut text_before = false;
    let mut delimiter = None;
    for (at, line) in lines.iter_mut().enumerate() {
        if !line.is_own() || line.is_blank() {
            continue;
        }
        if DEVICE.is_match(line.text) {
            line.removed = Some(RemovedKind::Signature);
        } else if text_before && matches!(line.text, "--" | "—" | "- --") {
            delimiter = Some(at);
        } else {
            text_before = true;
        }
    }
    if let Some(at) = delimiter
        && lines[at..].iter().filter(|line| line.is_own() && !line.is_blank()).count() <= SIGNATURE_LINES_MAX + 1
    {
        mark_apart_from_identifiers(&mut lines[at..]);
    }
    if let Some(at) = closing_line(lines).or_else(|| name_line(lines)) {
        mark_apart_from_identifiers(&mut lines[at..]);
    }
}

/// A customer may write the order number under the name: it stays.
fn mark_apart_from_identifiers(lines: &mut [Line<'_>]) {
    for line in lines.iter_mut().filter(|line| line.is_own() && !IDENTIFIER.is_match(line.text)) {
        line.removed = Some(RemovedKind::Signature);
    }
}

/// The topmost closing after which nothing but names and addresses comes.
fn closing_line(lines: &[Line<'_>]) -> Option<usize> {
    let mut found = None;
    let mut after = 0;
    for (at, line) in lines.iter().enumerate().rev().filter(|(_, line)| line.is_own() && !line.is_blank()) {
        if CLOSING.is_match(line.text) || (after > 0 && THANKS.is_match(line.text)) {
            found = Some(at);
        } else if !FOOTER.is_match(line.text) && !could_be_signature(line.text) {
            break;
        }
        after += 1;
        if after > SIGNATURE_LINES_MAX {
            break;
        }
    }
    found
}

/// A last paragraph that begins with a name alone and holds nothing but a name's company, under a message of some length.
fn name_line(lines: &[Line<'_>]) -> Option<usize> {
    let last = lines.iter().rposition(|line| line.is_own() && !line.is_blank())?;
    let above = lines[..last].iter().rposition(|line| line.is_blank() || !line.is_own())?;
    let block = &lines[above + 1..=last];
    let name = block.first()?.text;
    let looks_so = block.len() <= NAME_LINES_MAX
        && NAME.is_match(name)
        && !THANKS.is_match(name)
        && block.iter().all(|line| could_be_signature(line.text) && !IDENTIFIER.is_match(line.text));
    let words_above: usize = lines[..above].iter().filter(|line| line.is_own()).map(|line| count_words(line.text)).sum();
    (looks_so && words_above >= NAME_WORDS_ABOVE).then_some(above + 1)
}

fn could_be_signature(line: &str) -> bool {
    let words = line.split_whitespace().count();
    let starts_low = line.chars().next().is_some_and(char::is_lowercase);
    words <= SIGNATURE_WORDS_MAX
        && !line.ends_with('?')
        && !(words >= 4 && line.ends_with(['.', '!']))
        && !(words >= 4 && starts_low && !line.contains('@'))
        && !POSTSCRIPT.is_match(line)
}

fn mark_footers(lines: &mut [Line<'_>]) {
    let mut at = 0;
    let mut paragraphs = 0;
    while at < lines.len() {
        let end = lines[at..].iter().position(|line| line.is_blank() || !line.is_own()).map_or(lines.len(), |length| at + length);
        if end > at {
            let joined = lines[at..end].iter().map(|line| line.text).collect::<Vec<_>>().join(" ");
            if paragraphs > 0 && FOOTER.is_match(&joined) {
                let from = lines[at..end].iter().position(|line| FOOTER.is_match(line.text)).unwrap_or(0);
                mark(&mut lines[at + from..end], RemovedKind::Footer);
            }
            paragraphs += 1;
        }
        at = end + 1;
    }
}

fn mark_greeting(lines: &mut [Line<'_>]) {
    if let Some(line) = lines.iter_mut().find(|line| line.is_own() && !line.is_blank())
        && line.text.len() < 80
        && GREETING.is_match(line.text)
    {
        line.removed = Some(RemovedKind::Greeting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::clean::clean;

    fn kept(original: &str) -> String {
        strip(&clean(original)).kept.as_str().to_owned()
    }

    #[test]
    fn quoted_mails_are_dropped_in_both_languages() {
        let table = [
            ("It still blinks.\n\nOn Tue, 3 Nov 2026 at 10:12, Tom <tom@alderwick.example> wrote:\n> Try this.\n> Tom", "It still blinks."),
            (
                "It still blinks.\n\nOn Tue, 3 Nov 2026 at 10:12, Tom Hargreaves\n<tom@alderwick.example> wrote:\n\nTry this.\nTom",
                "It still blinks.",
            ),
            ("Toujours rien.\n\nLe mar. 3 nov. 2026 à 10:12, Lucie <lucie@alderwick.example> a écrit :\n> Bonjour", "Toujours rien."),
            ("Here it is.\n\n-----Original Message-----\nFrom: Tom\nSent: Monday\nSubject: x\n\nhello", "Here it is."),
            (
                "Voici.\n\n________________________________\nDe : Lucie <l@x.example>\nEnvoyé : mardi 3 novembre\nÀ : moi\nObjet : colis\n\ntexte",
                "Voici.",
            ),
            ("> Did it arrive?\nYes.\n> Is it whole?\nNo, broken.", "Yes.\nNo, broken."),
        ];
        for (given, expected) in table {
            assert_eq!(kept(given), expected, "{given:?}");
        }
    }

    #[test]
    fn a_statement_about_what_someone_wrote_is_no_quote() {
        let text = "Le vendeur a écrit :\nle colis est perdu. Que faire ?";
        assert_eq!(kept(text), text);
    }

    #[test]
    fn signatures_are_dropped_and_order_numbers_under_them_stay() {
        let table = [
            ("Where is my parcel?\n\n-- \nJane Roe\nHarrowgate Dental\n01632 960123", "Where is my parcel?"),
            ("Where is my parcel?\nSent from my iPhone", "Where is my parcel?"),
            ("Où est mon colis ?\n\nEnvoyé de mon iPhone", "Où est mon colis ?"),
            ("Where is my parcel?\n\nKind regards,\nJane Roe\nOffice Manager\nHarrowgate Dental Ltd", "Where is my parcel?"),
            ("Où est mon colis ?\n\nBien cordialement,\n\nPaul Martin\n12 rue des Lilas", "Où est mon colis ?"),
            ("It broke.\n\nThanks,\nTom\nOrder AW-204518-6", "It broke.\n\nOrder AW-204518-6"),
            ("It broke.\n\nRegards,\nTom", "It broke."),
            ("It broke.\n\nKind regards, cofion gorau,\nAlun", "It broke."),
            ("Il est cassé.\n\nMerci beaucoup de m'avoir lu,\nNoé", "Il est cassé."),
            (
                "The camera that you sent me on Monday has been dead since it arrived.\n\nSylvie Ferrand\nCabinet Ferrand",
                "The camera that you sent me on Monday has been dead since it arrived.",
            ),
            ("Il est cassé.\nMerci d'avance,\nCordialement\nPaul", "Il est cassé."),
        ];
        for (given, expected) in table {
            assert_eq!(kept(given), expected, "{given:?}");
        }
    }

    #[test]
    fn a_question_after_the_closing_keeps_the_text_before_and_after_it() {
        let text = "It broke.\nThanks\nAnd can you tell me when the new one arrives?";
        assert_eq!(kept(text), text);
        assert_eq!(kept("That solved it.\nThank you so much!"), "That solved it.\nThank you so much!");
    }

    #[test]
    fn legal_footers_and_greetings_are_dropped() {
        let english =
            "Hello Tom,\n\nthe invoice is wrong.\n\nThis email and any attachments are confidential and intended solely for the addressee.";
        assert_eq!(kept(english), "the invoice is wrong.");
        let french = "Bonjour Madame,\n\nla facture est fausse.\n\nCe message et ses pièces jointes sont confidentiels et destinés au seul destinataire.";
        assert_eq!(kept(french), "la facture est fausse.");
    }

    #[test]
    fn a_message_never_loses_everything() {
        for text in ["> only a quote", "Hello,", "Kind regards,\nTom", "Sent from my iPhone"] {
            assert_eq!(kept(text), text, "{text:?}");
        }
    }

    #[test]
    fn a_forwarded_message_without_own_words_is_the_message() {
        assert_eq!(kept("-----Original Message-----\nFrom: a\nSent: b\nSubject: c\n\nhelp me"), "help me");
        let text = "FYI\n\n---------- Forwarded message ---------\nFrom: Bank <b@x.example>\nDate: Mon\nSubject: Charge\n\nYou were charged twice.";
        assert_eq!(kept(text), "FYI\n\nYou were charged twice.");
    }

    #[test]
    fn what_is_removed_is_named_and_what_is_kept_leads_back() {
        let original = "Hi,\n\nit  broke\u{200B}.\n\nRegards,\nTom";
        let text = clean(original);
        let body = strip(&text);
        let kinds: Vec<_> = body.removed.iter().map(|part| part.kind).collect();
        assert_eq!(kinds, [RemovedKind::Greeting, RemovedKind::Signature]);
        assert_eq!(&text.as_str()[body.removed[1].span.clone()], "Regards,\nTom");
        assert_eq!(&original[body.kept.original_span(0..body.kept.as_str().len())], "it  broke\u{200B}.");
    }

    #[test]
    fn a_long_mail_of_short_lines_passes() {
        let text = "On 3\n".repeat(200_000);
        assert!(strip(&clean(&text)).kept.words() > 0);
    }
}
