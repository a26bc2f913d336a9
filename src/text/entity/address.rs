//! Lines of postal addresses: number and street, postcode and town, or all of it on one line; British, French and their neighbours.
//!
//! A line is an address only by a street with its number or a postcode with its town; what stands before them on the same line, such as
//! a flat or a farm, is taken in. Capital letters are asked for, as a street's name has them and `2 in a row` has not.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Find, builtin_regex};

/// A word of a name: `Larch`, `l'Hôtel-de-Ville`, `St.`.
const NAME: &str = r"(?:(?:St|Ste|Mt|Dr|\p{Lu})\.|(?:[ldLD]['’])?\p{Lu}[\p{L}'’-]*)";
/// Words in small letters within French names.
const SMALL: &str = r"(?:(?:de\s)?l['’]|d['’]|(?:de\sla|des|de|du|la|les|le|aux?|et|sous)\b)";
/// Words in small letters within the names of French towns.
const SMALL_TOWN: &str = r"(?:(?:de\s)?l['’]|d['’]|(?:de\sla|des|de|du|la|les|le|lès|lez|sur|sous|en)\b)";
/// Words in small letters within British names.
const SMALL_EN: &str = "(?:upon|on|in|le|under|by|the|of|and|next|sur)";
const STREET_EN: &str = "(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Close|Drive|Dr|Court|Ct|Gardens?|Gdns|Place|Pl|Square|Sq|Terrace|Way|Crescent|Cres|Hill|Rise|Row|Walk|Mews|Grove|Park|Green|Parade|Quay|Wharf|View|Vale|Boulevard|Blvd|Gate|Yard|Brow|Croft|Fold|Meadows?|Mount|Broadway|Highway|Parkway|Embankment|Esplanade|Promenade|Fields?|Wynd|Brae|Circus|Cottages)";
/// Those that may be written in small letters, because they are hardly anything else.
const STREET_EN_SMALL: &str = "(?:street|road|lane|avenue|crescent|terrace|gardens)";
const STREET_FR: &str = r"(?:rue|avenue|av\.?|boulevard|boul\.|bd\.?|bld|all[ée]es?|all\.|chemin|impasse|imp\.|route|rte|ruelle|faubourg|fbg|sentier|montée|traverse|venelle|esplanade|promenade|chaussée)";
/// Words of French streets that are words of much else: they ask for a name in capitals.
const PLACE_FR: &str = r"(?:place|pl\.|cours|passage|quai|square|villa|cité|voie|mail|côte|rond-point|hameau|lotissement|résidence|parvis|clos|domaine|lieu-dit|galerie|zone)";
/// The number of a house: `23`, `23 bis`, `12-14`, `5a`.
const NUMBER: &str = r"\d{1,4}(?:\s?(?:bis|ter|quater)\b|\s?[A-Da-d]\b)?(?:\s?[-–/]\s?\d{1,4}[A-Da-d]?\b)?";
const POSTCODE_UK: &str = r"(?:GIR\s0AA|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2})";

static STREET: LazyLock<Regex> = LazyLock::new(|| {
    let english = format!(
        r"{NUMBER},?[ ](?:(?:{NAME}|{SMALL_EN})[ ]){{0,4}}{NAME}[ ](?:{STREET_EN}|{STREET_EN_SMALL})\b(?:[ ](?:North|South|East|West|N|S|E|W)\b)?"
    );
    let small = format!(r"{NUMBER},?[ ](?:[a-z'’]{{3,}}[ ]){{1,2}}{STREET_EN_SMALL}\b");
    let plain = format!(
        r"(?i:{STREET_FR})[ ](?:{SMALL}[ ]?)*(?:{NAME}|\d{{1,2}}(?:-\p{{Lu}}[\p{{L}}\d-]*)?|[\p{{L}}][\p{{L}}'’-]*)(?:[ ](?:(?:{SMALL}[ ]?)+)?(?:{NAME}|\d{{4}}\b))*"
    );
    let proper = format!(r"(?i:{PLACE_FR})[ ](?:{SMALL}[ ]?)*{NAME}(?:[ ](?:(?:{SMALL}[ ]?)+)?{NAME})*");
    // The number comes last in Brussels, where only a postcode tells it from a figure of the sentence.
    let number_last = format!(r"(?i:{STREET_FR})[ ](?:{SMALL}[ ]?)*{NAME}(?:[ ]{NAME}){{0,3}},?[ ]\d{{1,4}},?[ ]\d{{4,5}}[ ]{NAME}");
    builtin_regex(&format!(r"\b(?:{english}|(?P<small>{small})|{NUMBER},?[ ](?:{plain}|{proper})|{number_last})"))
});
/// A postcode with its town, and Cedex, or of other countries with the letters that say so.
static TOWN: LazyLock<Regex> = LazyLock::new(|| {
    let british = format!(r"{NAME}(?:[ -](?:{NAME}|{SMALL_EN})){{0,3}},?[ ]{POSTCODE_UK}");
    let french = format!(r"(?:F-|FR-)?\d{{5}},?[ ]{NAME}(?:[ -](?:(?:{SMALL_TOWN}[ -]?)+)?{NAME}){{0,4}}(?:[ ](?i:cedex))?");
    let abroad = format!(r"(?:B|CH|L|D|A)-\d{{4,5}}[ ]{NAME}(?:[ -]{NAME}){{0,2}}");
    let american = format!(r"{NAME}(?:[ ]{NAME}){{0,2}},[ ][A-Z]{{2}}[ ]\d{{5}}(?:-\d{{4}})?");
    builtin_regex(&format!(r"\b(?:{british}|{american}|{french}|{abroad})\b"))
});
/// The number behind Cedex.
static CEDEX: LazyLock<Regex> = LazyLock::new(|| builtin_regex(r"^[ ]\d{1,2}\b"));
/// What may follow a street on its line: a postcode alone, a town with its postcode in any letters, a town at the end.
static AFTER_STREET: LazyLock<Regex> = LazyLock::new(|| {
    let town = format!(r"{NAME}(?:[ -](?:(?:{SMALL_TOWN}[ -]?)+)?{NAME}){{0,3}}");
    builtin_regex(&format!(
        r"^(?P<more>(?:,[ ]{NAME}(?:[ -]{NAME}){{0,2}})?,?[ ](?:[\p{{L}}'’-]{{3,}}[ ]){{0,3}}(?i:{POSTCODE_UK})\b|,?[ ]\d{{4,5}}[ ](?:{town}|[\p{{L}}-]{{3,}})|,[ ](?P<town>{town}))(?P<end>$|[.;)])?"
    ))
});
/// A part that says which door, which floor, which building.
const DOOR: &str = r"(?i:flat|unit|house|apartment|apt|suite|floor|room|studio|block|building|bldg|b[âa]t(?:iment)?|appartement|appt?|étage|escalier|esc|porte|lot|hall|level|po[ ]box|box|bo[iî]te|bp|cs|local|bureau)\.?[ ]?(?:[A-Za-z]?\d{1,6}[A-Za-z]?|[A-Za-z])";
/// The words of doors alone, before a number that was taken for that of a house.
static DOOR_WORD: LazyLock<Regex> =
    LazyLock::new(|| builtin_regex(r"(?i)\b(?:flat|unit|apartment|apt|suite|floor|room|studio|block|appartement|appt?|lot)\.?[ ]$"));
const HOUSE_FR: &str = r"(?i:résidence|immeuble|ferme|manoir|château|domaine|lieu-dit|hameau|mas|villa|moulin|camping|clos|logis|parc\sd['’]activités?|zone\s(?:industrielle|artisanale|d['’]activités?)|centre\scommercial|z\.?[aic]\.?c?\.?)";
/// A door or a floor between a street and its town.
static DOOR_BETWEEN: LazyLock<Regex> =
    LazyLock::new(|| builtin_regex(&format!(r"^(?:{DOOR}|\d{{1,2}}(?:e|ème|er|st|nd|rd|th)[ ](?i:étage|floor))$")));
static DOOR_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    let house = "(?:House|Cottages?|Farm|Hall|Lodge|Barn|Mill|Manor|Court|Tower|Estate|Park|Mews|Buildings?)";
    let street_fr = format!(
        r"(?:{NUMBER},?[ ])?(?i:{STREET_FR}|{PLACE_FR})[ ](?:{SMALL}[ ]?)*{NAME}(?:[ ](?:(?:{SMALL}[ ]?)+)?{NAME})*(?:,?[ ]\d{{1,4}})?"
    );
    builtin_regex(&format!(
        r"(?:^|[^\p{{L}}\d'’-])(?P<part>{DOOR}|\d{{1,2}}(?:e|ème|er|st|nd|rd|th)[ ](?i:étage|floor)|{NAME}(?:[ ]{NAME}){{0,3}}[ ](?:{house}|{STREET_EN})|{NUMBER}[ ]{NAME}(?:[ ]{NAME}){{0,3}}|{street_fr}|{HOUSE_FR}(?:[ ](?:{SMALL}[ ]?)*{NAME})*),?[ ]$"
    ))
});
/// A street without a number.
static UNNUMBERED: LazyLock<Regex> = LazyLock::new(|| builtin_regex(&format!(r"^(?:\p{{Lu}}.*[ ]{STREET_EN}|(?i:{STREET_FR})[ ].*)$")));
/// A name in capitals before a postcode and its town, such as `La Croix-Rouge, `.
static NAME_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| builtin_regex(&format!(r"(?:^|[^\p{{L}}\d'’-])(?P<part>{NAME}(?:[ ](?:(?:{SMALL}[ ]?)+)?{NAME}){{0,3}}),[ ]$")));
/// The line of a house or a door alone, above the line of its postcode or street.
static HOUSE_LINE: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(&format!(
        r"^(?:{DOOR},[ ]{NAME}(?:[ ]{NAME}){{0,3}}|{DOOR}|{HOUSE_FR}(?:[ ](?:{SMALL}[ ]?)*{NAME})+|(?:The[ ])?{NAME}(?:[ ]{NAME}){{0,2}}[ ](?:House|Cottage|Farm|Lodge|Barn|Mill|Manor)|{NUMBER},?[ ]{NAME}(?:[ ]{NAME}){{0,3}}|{NAME}(?:[ ]{NAME}){{0,2}}[ ](?:Street|Road|Lane|Avenue|Close|Court|Drive))[.,]?$"
    ))
});
/// What five figures before a word in capitals are when they are no postcode.
static NO_POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    builtin_regex(concat!(
        r"(?i)(?:\b(?:n°|no\.?|nr\.?|number|numéro|code|erreur|error|ref|réf|order|commande|ticket|id|po|pin|version|",
        r"build|dossier|client)\s?:?\s?|[#.:/-]|\d\s)$",
    ))
});
/// Words in capitals that begin a sentence and no town.
const NO_TOWN: &str = "thanks thank merci bonjour bonsoir hi hello regards cordialement euros euro eur my please and tél tel";
/// Words in capitals before a town that are none of its own.
const NO_NAME: &str = "from at in to our my near address postcode deliver delivery send post ship adresse livraison and is";
/// Words in small letters that make a number before them no house.
const NO_STREET: &str = "the a an of in on for and to from days day weeks week hours hour months month years year minutes mins miles mile km kilometres \
    metres people cars times more old new busy long my your this that down up along off near with were was are is";

pub(super) fn find(text: &str, found: &mut Vec<Find>) {
    // Lines right above that are part of an address if one follows.
    let mut above: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let count = found.len();
        let is_address = find_in_line(text, start..start + line.len(), found);
        let trimmed = line.trim_matches(['>', ' ', '\t', ',']);
        if is_address {
            let place = found[count].span.start;
            // Only right above a line that begins with the street or the postcode.
            let begins = text[start..place].trim_matches(['>', ' ', '\t']).is_empty();
            above.drain(..).filter(|_| begins).for_each(|house| push(text, house, found));
        } else if !trimmed.is_empty() && trimmed.len() < 80 && HOUSE_LINE.is_match(trimmed) {
            let at = start + line.find(trimmed).unwrap_or(0);
            above.push(at..at + trimmed.trim_end_matches('.').len());
        } else {
            above.clear();
        }
        start += line.len() + 1;
    }
}

/// Adds the addresses of a line; says whether there is one.
fn find_in_line(text: &str, line: Range<usize>, found: &mut Vec<Find>) -> bool {
    let within = &text[line.clone()];
    let mut spans: Vec<(Range<usize>, bool)> = Vec::new();
    for groups in STREET.captures_iter(within) {
        let span = line.start + groups.get_match().start()..line.start + groups.get_match().end();
        let touches =
            text[line.start..span.start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '/' | '#' | '€' | '£'));
        let is_talk = groups.name("small").is_some_and(|small| small.as_str().split(' ').skip(1).any(|word| is_among(NO_STREET, word)));
        if !touches && !is_talk {
            spans.push((span, true));
        }
    }
    for hit in TOWN.find_iter(within) {
        let span = line.start + hit.start()..line.start + hit.end();
        spans.extend(town(text, &line, span).map(|span| (span, false)));
    }
    spans.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut merged: Vec<(Range<usize>, bool)> = Vec::new();
    for (span, is_street) in spans {
        match merged.last_mut() {
            Some((last, has_street)) if span.start <= last.end || is_joint(&text[last.end..span.start]) => {
                last.end = last.end.max(span.end);
                *has_street |= is_street;
            }
            Some(_) | None => merged.push((span, is_street)),
        }
    }
    for (span, has_street) in &merged {
        let mut span = span.clone();
        if *has_street && let Some(groups) = AFTER_STREET.captures(&text[span.end..line.end]) {
            let is_end = groups.name("end").is_some();
            let town = groups.name("town").map(|town| town.as_str());
            let more = groups.name("more").filter(|_| town.is_none_or(|town| is_end && !is_among(NO_TOWN, town)));
            span.end += more.map_or(0, |more| more.len());
        }
        span.start = with_doors(text, &line, span.start, *has_street);
        push(text, span, found);
    }
    !merged.is_empty()
}

/// Whether street and town belong together: a comma, a dash, or a village or a door between them.
fn is_joint(between: &str) -> bool {
    let between = between.trim();
    let part = between.trim_matches([',', ' ']);
    let is_village = part.starts_with(char::is_uppercase) && part.split(' ').count() <= 3;
    let has_commas = between.len() < 40 && between.len() > 1 && between.starts_with(',') && between.ends_with(',');
    part.is_empty() || matches!(between, "-" | "–") || (has_commas && (is_village || DOOR_BETWEEN.is_match(part)))
}

/// A postcode and its town without the words around that are none of them; `None` for figures that are no postcode.
fn town(text: &str, line: &Range<usize>, mut span: Range<usize>) -> Option<Range<usize>> {
    if !text[span.clone()].starts_with(|c: char| c.is_ascii_digit()) {
        while let Some((first, _)) = text[span.clone()].split_once(' ').filter(|(first, _)| is_among(NO_NAME, first.trim_end_matches(',')))
        {
            span.start += first.len() + 1;
        }
        return text[span.clone()].starts_with(char::is_uppercase).then_some(span);
    }
    let part = &text[span.clone()];
    let before = &text[line.start.max(text.floor_char_boundary(span.start.saturating_sub(24)))..span.start];
    let department: u32 = part[..2].parse().unwrap_or(0);
    let stop = part.split(' ').scan(0, |at, word| Some((std::mem::replace(at, *at + word.len() + 1), word)));
    let stop = stop.skip(1).find(|(_, word)| is_among(NO_TOWN, word)).map_or(part.len(), |(at, _)| at);
    let is_one = (1..=98).contains(&department) && !NO_POSTCODE.is_match(before) && stop > 6;
    let end = span.start + part[..stop].trim_end().len();
    let cedex = if part.to_lowercase().ends_with("cedex") { CEDEX.find(&text[end..line.end]).map_or(0, |hit| hit.len()) } else { 0 };
    is_one.then(|| span.start..end + cedex)
}

fn is_among(words: &str, word: &str) -> bool {
    let word = word.to_lowercase();
    words.split_whitespace().any(|other| other == word)
}

/// Where an address begins once doors, floors and houses before it are taken in.
fn with_doors(text: &str, line: &Range<usize>, start: usize, has_street: bool) -> usize {
    let word =
        DOOR_WORD.find(&text[line.start.max(text.floor_char_boundary(start.saturating_sub(16)))..start]).map_or(0, |word| word.len());
    let (mut start, mut at, mut names) = (start - word, start - word, 0);
    for _ in 0..4 {
        let before = &text[line.start.max(text.floor_char_boundary(at.saturating_sub(64)))..at];
        let offset = at - before.len();
        if let Some(part) = DOOR_BEFORE.captures(before).and_then(|groups| groups.name("part")) {
            at = offset + part.start();
            start = at;
            // A house may have its name before a street without numbers.
            let is_street = UNNUMBERED.is_match(part.as_str());
            names = if is_street { 0 } else { names };
        } else if let Some(part) = NAME_BEFORE.captures(before).and_then(|groups| groups.name("part")).filter(|_| !has_street && names == 0)
        {
            names += 1;
            at = offset + part.start();
            start = at;
        } else {
            break;
        }
    }
    start
}

fn push(text: &str, span: Range<usize>, found: &mut Vec<Find>) {
    let written = text[span.clone()].trim_end_matches(['.', ',', ' ']);
    let value = written.split_whitespace().collect::<Vec<_>>().join(" ");
    found.push(Find::builtin("address", span.start..span.start + written.len(), value));
}

#[cfg(test)]
mod tests {
    use super::super::{Patterns, find};

    fn check(table: &[(&str, &[&str])]) {
        for (text, expected) in table {
            let found = find(text, &Patterns::builtin(), None);
            let texts: Vec<_> = found.iter().filter(|entity| entity.kind == "address").map(|entity| entity.text.as_str()).collect();
            assert_eq!(&texts, expected, "{text:?}");
            assert!(found.iter().filter(|entity| entity.kind == "address").all(|entity| entity.personal));
        }
    }

    #[test]
    fn british_addresses_are_found_with_their_doors() {
        check(&[
            ("It's 27 Bateman Street, Cambridge CB2 1NB.", &["27 Bateman Street, Cambridge CB2 1NB"]),
            ("we're at Floor 3, 112 Wellington Street, Leeds LS1 4LT.", &["Floor 3, 112 Wellington Street, Leeds LS1 4LT"]),
            ("Delivery to Fernbank Primary School, 2 Hill Rise, Ilkley LS29 8AA, attn. caretaker", &["2 Hill Rise, Ilkley LS29 8AA"]),
            ("Brackenridge Dental\nUnit 4, Tannery Court\nOtley LS21 3BB\n", &["Unit 4, Tannery Court", "Otley LS21 3BB"]),
            ("Please send it to 14a The Old Mill Lane", &["14a The Old Mill Lane"]),
            ("12 Main Street, Springfield, IL 62704", &["12 Main Street, Springfield, IL 62704"]),
            ("The Old Rectory, Church Lane, Snape IP17 1QG", &["The Old Rectory, Church Lane, Snape IP17 1QG"]),
            ("I live at 9 Kirk Wynd, Headingley, Leeds LS6 1AA. Thanks", &["9 Kirk Wynd, Headingley, Leeds LS6 1AA"]),
            ("im at flat 2b, 14 elm road leeds ls6 1aa now", &["flat 2b, 14 elm road leeds ls6 1aa"]),
            ("From Leeds LS1 4LT. Regards", &["Leeds LS1 4LT"]),
            ("5 Elm Road, Kendal, Cumbria, LA9 4QT", &["5 Elm Road, Kendal, Cumbria, LA9 4QT"]),
            ("in the building at 12 High Street. Hello", &["12 High Street"]),
            ("Rose Cottage\nChapel Lane\nSnape IP17 1QG", &["Rose Cottage", "Chapel Lane", "Snape IP17 1QG"]),
            ("22 Cheapside\nLondon EC2V 6AA\nRose Cottage", &["22 Cheapside", "London EC2V 6AA"]),
            ("PO Box 112, Leeds LS1 4LT", &["PO Box 112, Leeds LS1 4LT"]),
        ]);
    }

    #[test]
    fn french_addresses_are_found_with_their_houses() {
        check(&[
            ("l'adresse correcte : 23, quai de la Fosse, 44000 Nantes, digicode 41B7", &["23, quai de la Fosse, 44000 Nantes"]),
            ("au 8 allée des Mimosas, 33700 Mérignac, tél.", &["8 allée des Mimosas, 33700 Mérignac"]),
            ("12 bis rue des lilas 75011 paris", &["12 bis rue des lilas 75011 paris"]),
            ("à La Croix-Rouge, 29610 Plouigneau) ne", &["La Croix-Rouge, 29610 Plouigneau"]),
            ("H. de Brécourt\nManoir de Kerbihan\n56610 Arradon", &["Manoir de Kerbihan", "56610 Arradon"]),
            ("12, rue Victor-Hugo - 69002 Lyon. Merci", &["12, rue Victor-Hugo - 69002 Lyon"]),
            ("4 rue du 11 Novembre 1918, 35000 Rennes", &["4 rue du 11 Novembre 1918, 35000 Rennes"]),
            ("bât. C, 5 RUE DES LILAS 35040 RENNES CEDEX 9", &["bât. C, 5 RUE DES LILAS 35040 RENNES CEDEX 9"]),
            ("rue de la Gare 12, 1000 Bruxelles", &["rue de la Gare 12, 1000 Bruxelles"]),
            ("à la ferme des Aubrais, 41200 Millançay", &["ferme des Aubrais, 41200 Millançay"]),
            ("27 rue des Cordeliers, appt 4, 49000 Angers", &["27 rue des Cordeliers, appt 4, 49000 Angers"]),
            ("15, rue du 8-Mai-1945, 94270 Le Kremlin-Bicêtre", &["15, rue du 8-Mai-1945, 94270 Le Kremlin-Bicêtre"]),
            ("7 rue Hoche à Nantes, ou 94230 Cachan Cordialement", &["7 rue Hoche", "94230 Cachan"]),
            ("rue des Lilas, 44000 Nantes", &["rue des Lilas, 44000 Nantes"]),
            ("13100 Aix-en-Provence ou 94170 Le Perreux sur Marne.", &["13100 Aix-en-Provence", "94170 Le Perreux sur Marne"]),
            ("Les clés du 3, passage des Arts, 75014 Paris ont été", &["3, passage des Arts, 75014 Paris"]),
            (
                "(résidence Les Glycines, apt 17, 2 rue de l'Abbaye, 14000 Caen)",
                &["résidence Les Glycines, apt 17, 2 rue de l'Abbaye, 14000 Caen"],
            ),
        ]);
    }

    #[test]
    fn what_only_looks_like_an_address_is_none() {
        check(&[
            ("2 in a row on the road, 5 steps the way", &[]),
            ("Erreur 50012 Windows, commande n° 44021 Merci", &[]),
            ("2 cours de piano, 1 place de parking, 3 places", &[]),
            ("Leeds is a town and so is Nantes", &[]),
            ("CB2 and A1 are names", &[]),
            ("2 Wick Bells drive me mad, 2 Lloyds Bank cards, 3 busy road works", &[]),
        ]);
    }
}
