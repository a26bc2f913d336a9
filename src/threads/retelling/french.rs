//! French: `Ana dit qu'Ana rembourse la somme`, `Tom demande à Ana d'ouvrir une recherche`.

use super::{Manner, Sentence, Word, must_stay, words};
use crate::lines::words::fold;

/// How a clause may start that can follow `que`; folded.
const STARTS: &str = "\
    je il ils elle elles ce cela ca c'est c'etait le la les un une des du de l' cet cette ces chaque aucun aucune tout toute tous toutes son \
    sa ses leur leurs plusieurs deux trois";
/// Words of the first and second person that no name can stand for without a change of the sentence; folded.
const STAYS: &[&str] = &[
    "tu", "te", "toi", "ton", "ta", "tes", "vous", "votre", "vos", "nous", "notre", "nos", "mon", "ma", "mes", "moi", "on", "mien",
    "mienne", "miens", "tien", "tienne", "votre", "miennes", "me",
];
/// Pronouns between `je` and its verb that stay as they are; folded.
const BETWEEN: [&str; 9] = ["le", "la", "les", "lui", "leur", "y", "en", "ne", "se"];
/// Verbs of the first person with the third, folded to the left.
const VERBS: &[(&str, &str)] = &[
    ("suis", "est"),
    ("ai", "a"),
    ("vais", "va"),
    ("fais", "fait"),
    ("peux", "peut"),
    ("veux", "veut"),
    ("dois", "doit"),
    ("sais", "sait"),
    ("viens", "vient"),
    ("reviens", "revient"),
    ("tiens", "tient"),
    ("retiens", "retient"),
    ("maintiens", "maintient"),
    ("obtiens", "obtient"),
    ("previens", "prévient"),
    ("prends", "prend"),
    ("reprends", "reprend"),
    ("comprends", "comprend"),
    ("attends", "attend"),
    ("rends", "rend"),
    ("vends", "vend"),
    ("reponds", "répond"),
    ("perds", "perd"),
    ("entends", "entend"),
    ("mets", "met"),
    ("remets", "remet"),
    ("transmets", "transmet"),
    ("permets", "permet"),
    ("vois", "voit"),
    ("revois", "revoit"),
    ("crois", "croit"),
    ("dis", "dit"),
    ("ecris", "écrit"),
    ("inscris", "inscrit"),
    ("lis", "lit"),
    ("pars", "part"),
    ("sors", "sort"),
    ("connais", "connaît"),
    ("recois", "reçoit"),
    ("finis", "finit"),
    ("choisis", "choisit"),
    ("avertis", "avertit"),
    ("garantis", "garantit"),
    ("fournis", "fournit"),
    ("saisis", "saisit"),
    ("etablis", "établit"),
    ("suivais", "suivait"),
    ("conclus", "conclut"),
    ("exclus", "exclut"),
    ("produis", "produit"),
    ("reduis", "réduit"),
    ("traduis", "traduit"),
    ("etais", "était"),
    ("avais", "avait"),
];
/// Words that lean on the sentence before; folded.
const LEANING: [&str; 9] = ["mais", "donc", "et", "alors", "or", "aussi", "bon", "du coup", "cependant"];
/// Verbs of saying, folded: after one of them `je` may be somebody else.
const SAYING: [&str; 13] =
    ["dit", "dis", "disait", "ecrit", "ecrivait", "repond", "repondu", "demande", "ecrire", "affirme", "pretend", "explique", "precise"];

/// The sentence in its speaker's own words.
pub(super) fn quoted(sentence: Sentence<'_>) -> String {
    let Sentence { text, by, to, manner } = sentence;
    match (manner, to) {
        (Manner::Asks, Some(to)) => format!("{by} demande à {to}\u{a0}: «\u{a0}{text}\u{a0}»"),
        (Manner::Asks, None) => format!("{by} demande\u{a0}: «\u{a0}{text}\u{a0}»"),
        (Manner::Says, _) => format!("{by} dit\u{a0}: «\u{a0}{text}\u{a0}»"),
    }
}

/// The words of somebody else that the speaker passed on.
pub(super) fn passed_on(sentence: Sentence<'_>) -> String {
    format!("{} transmet\u{a0}: «\u{a0}{}\u{a0}»", sentence.by, sentence.text)
}

/// The sentence reported; `None` where that could be wrong.
pub(super) fn reported(sentence: Sentence<'_>) -> Option<String> {
    if must_stay(sentence.text.trim_end_matches(['?', '!', '.', '\u{202f}', '\u{a0}', ' '])) {
        return None;
    }
    let text = apart(sentence.text);
    let mut all = words(&text);
    while all.len() > 3 && LEANING.contains(&fold(all[0].bare).as_str()) {
        all.remove(0);
    }
    if sentence.text.ends_with('?') {
        question(sentence, &all)
    } else if sentence.manner == Manner::Says {
        statement(sentence, &all)
    } else {
        None
    }
}

/// `j'ai` as `j' ai`, so that each word stands alone.
fn apart(text: &str) -> String {
    let mut made = String::with_capacity(text.len() + 8);
    for token in text.replace('’', "'").split_whitespace() {
        let folded = fold(token.trim_start_matches(|c: char| !c.is_alphanumeric()));
        let is_cut = ["j'", "m'", "t'"].iter().any(|start| folded.starts_with(start));
        if is_cut && let Some((start, rest)) = token.split_once('\'') {
            made.push_str(start);
            made.push_str("' ");
            made.push_str(rest);
        } else {
            made.push_str(token);
        }
        made.push(' ');
    }
    made
}

fn statement(sentence: Sentence<'_>, all: &[Word<'_>]) -> Option<String> {
    let first = all.first()?;
    let start = fold(first.bare);
    let is_first_person = matches!(start.as_str(), "je" | "j");
    let is_start = is_first_person || STARTS.split_whitespace().any(|one| one == start) || start.starts_with("l'");
    if !is_start || !has_verb(all) {
        return None;
    }
    let mut text = taken(sentence, all)?;
    if !is_first_person {
        text = lowered(&text);
    }
    Some(format!("{} dit {}", sentence.by, after_que(&ended(&text))))
}

/// `Peux-tu ouvrir une recherche ?` as `demande à Ana d'ouvrir une recherche`, `Est-ce que …` as `demande si …`.
fn question(sentence: Sentence<'_>, all: &[Word<'_>]) -> Option<String> {
    let all: Vec<Word<'_>> = all.iter().copied().filter(|word| !word.bare.is_empty()).collect();
    let first = fold(all.first()?.bare);
    let by = sentence.by;
    if matches!(first.as_str(), "peux-tu" | "pourrais-tu") {
        let to = sentence.to?;
        let rest = taken(sentence, &all[1..])?;
        let verb = fold(all.get(1)?.bare);
        let is_infinitive =
            verb.len() > 3 && ["er", "ir", "re"].iter().any(|end| verb.ends_with(end)) && !["leur", "pour"].contains(&verb.as_str());
        let rest = ended(rest.trim_end_matches(['?', ' ', '\u{202f}', '\u{a0}']));
        return is_infinitive.then(|| format!("{by} demande à {to} {}", elided("de", &rest)));
    }
    if first == "est-ce" && all.get(1).is_some_and(|word| matches!(fold(word.bare).as_str(), "que" | "qu")) && all.len() > 3 {
        let rest = taken(sentence, &all[2..])?;
        let rest = ended(rest.trim_end_matches(['?', ' ', '\u{202f}', '\u{a0}']));
        return Some(format!("{by} demande {}", after_si(&rest)));
    }
    if first == "est-ce" && all.get(1).is_some_and(|word| fold(word.bare).starts_with("qu'")) {
        let mut words = all[1..].to_vec();
        words[0].bare = words[0].bare.split_once('\'').map_or(words[0].bare, |(_, rest)| rest);
        let rest = taken(sentence, &words)?;
        let rest = ended(rest.trim_end_matches(['?', ' ', '\u{202f}', '\u{a0}']));
        return Some(format!("{by} demande {}", after_si(&rest)));
    }
    None
}

/// The words with the speaker's name in place of the first person; `None` where a word speaks to somebody or of several.
fn taken(sentence: Sentence<'_>, all: &[Word<'_>]) -> Option<String> {
    let mut out: Vec<String> = Vec::with_capacity(all.len());
    let mut place = 0;
    while let Some(word) = all.get(place) {
        let folded = fold(word.bare);
        let said_before = all[..place].iter().any(|word| SAYING.contains(&fold(word.bare).as_str()));
        let has_second = folded.split('-').skip(1).any(|part| STAYS.contains(&part) || part == "je");
        if matches!(folded.as_str(), "je" | "j") {
            if said_before {
                return None;
            }
            out.push(sentence.by.to_owned());
            place += 1 + first_person(&all[place + 1..], &mut out)?;
            continue;
        }
        if STAYS.contains(&folded.as_str()) || has_second || matches!(folded.as_str(), "m" | "t") {
            return None;
        }
        out.push(format!("{}{}{}", word.before, word.bare, word.after));
        place += 1;
    }
    Some(out.join(" "))
}

/// The words from `je` to its verb, bent; answers how many they are.
fn first_person(rest: &[Word<'_>], out: &mut Vec<String>) -> Option<usize> {
    let mut count = 0;
    for word in rest {
        count += 1;
        let folded = fold(word.bare);
        // `je m'occupe` is `Ana s'occupe`: with `je` the pronoun can only be its own.
        if folded == "me" || folded == "m" {
            out.push(if folded == "m" { "s'".to_owned() } else { "se".to_owned() });
            continue;
        }
        if BETWEEN.contains(&folded.as_str()) {
            out.push(word.bare.to_owned());
            continue;
        }
        let (article, verb) = word.bare.split_once('\'').map_or(("", word.bare), |(article, verb)| (article, verb));
        if !article.is_empty() && !["l", "n"].contains(&fold(article).as_str()) {
            return None;
        }
        let bent = third_person(verb)?;
        let article = if article.is_empty() { String::new() } else { format!("{article}'") };
        let bent = format!("{}{article}{bent}{}", word.before, word.after);
        match out.last_mut().filter(|last| last.as_str() == "s'") {
            Some(own) => own.push_str(&bent),
            None => out.push(bent),
        }
        // A second verb after `et` would have to be bent as well.
        let leaves =
            rest[count..].windows(2).any(|pair| fold(pair[0].bare) == "et" && VERBS.iter().any(|(from, _)| *from == fold(pair[1].bare)));
        return (!leaves).then_some(count);
    }
    None
}

/// A verb of the first person in the third; `None` for what may be none.
fn third_person(verb: &str) -> Option<String> {
    let folded = fold(verb);
    if let Some((_, third)) = VERBS.iter().find(|(first, _)| *first == folded) {
        return Some((*third).to_owned());
    }
    if folded.len() < 3 || !folded.chars().all(char::is_alphabetic) {
        return None;
    }
    if folded.ends_with("rai") {
        return Some(verb[..verb.len() - 1].to_owned());
    }
    if folded.ends_with("ais") {
        return Some(format!("{}t", &verb[..verb.len() - 1]));
    }
    folded.ends_with('e').then(|| verb.to_owned())
}

fn has_verb(all: &[Word<'_>]) -> bool {
    const FORMS: &str = "\
        est sont etait etaient sera seront a ont avait auront aura peut peuvent doit doivent va vont fait font faut suffit faudra reste \
        marche part arrive c'est c'etait n'est n'a vient revient prend attend repond";
    all.iter().skip(1).any(|word| {
        let folded = fold(word.bare);
        FORMS.split_whitespace().any(|form| form == folded)
            || ["era", "eront", "ait", "aient", "ent", "ira", "iront", "dra"].iter().any(|end| folded.len() > 4 && folded.ends_with(end))
    }) || all.first().is_some_and(|word| matches!(fold(word.bare).as_str(), "je" | "j" | "c'est" | "c'etait"))
}

fn starts_with_vowel(text: &str) -> bool {
    fold(text).starts_with(['a', 'e', 'i', 'o', 'u', 'y'])
}

fn elided(word: &str, rest: &str) -> String {
    if starts_with_vowel(rest) { format!("{}'{rest}", &word[..word.len() - 1]) } else { format!("{word} {rest}") }
}

fn after_que(rest: &str) -> String {
    elided("que", rest)
}

fn after_si(rest: &str) -> String {
    let folded = fold(rest);
    if folded.starts_with("il ") || folded.starts_with("ils ") { format!("s'{rest}") } else { format!("si {rest}") }
}

fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn ended(text: &str) -> String {
    let text = text.trim_end_matches(['.', '!', ' ', '…', '\u{202f}', '\u{a0}']);
    format!("{text}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, manner: Manner) -> String {
        let sentence = Sentence { text, by: "Ana", to: Some("Luc"), manner };
        reported(sentence).unwrap_or_else(|| quoted(sentence))
    }

    fn says(text: &str, expected: &str) {
        assert_eq!(told(text, Manner::Says), expected, "{text}");
    }

    fn asks(text: &str, expected: &str) {
        assert_eq!(told(text, Manner::Asks), expected, "{text}");
    }

    #[test]
    fn the_first_person_is_the_speaker_with_the_verb_bent() {
        says("Je rembourse les 519,00 € vendredi.", "Ana dit qu'Ana rembourse les 519,00 € vendredi.");
        says("Mais j'ai trouvé le colis hier.", "Ana dit qu'Ana a trouvé le colis hier.");
        says("Je le renverrai lundi.", "Ana dit qu'Ana le renverra lundi.");
        says("Je m'occupe du dossier.", "Ana dit qu'Ana s'occupe du dossier.");
        says("Je ne peux pas valider avant jeudi.", "Ana dit qu'Ana ne peut pas valider avant jeudi.");
        says("J’attends la facture.", "Ana dit qu'Ana attend la facture.");
    }

    #[test]
    fn a_statement_of_nobody_is_reported_as_it_stands() {
        says("Le colis est parti ce matin.", "Ana dit que le colis est parti ce matin.");
        says("Il sera livré jeudi.", "Ana dit qu'il sera livré jeudi.");
        says("C'est possible avec un avoir.", "Ana dit que c'est possible avec un avoir.");
        says("L'avoir est émis.", "Ana dit que l'avoir est émis.");
    }

    #[test]
    fn what_is_not_certain_stays_in_the_speakers_own_words() {
        for text in [
            "Nous remboursons la cliente.",
            "Je te renvoie le fichier.",
            "Vous pouvez rembourser.",
            "La cliente écrit : je veux mon argent.",
            "La cliente dit que je dois payer.",
            "Mon collègue valide demain.",
            "Oui, possible : avoir total, puis nouvelle facture.",
            "Trouvé, il repart demain.",
            "Je vérifie et reviens demain.",
            "On va voir.",
        ] {
            says(text, &format!("Ana dit\u{a0}: «\u{a0}{text}\u{a0}»"));
        }
    }

    #[test]
    fn a_wish_is_an_infinitive_and_a_question_is_one_with_si() {
        asks("Peux-tu ouvrir une recherche sur le colis ?", "Ana demande à Luc d'ouvrir une recherche sur le colis.");
        asks("Pourrais-tu rembourser la cliente\u{202f}?", "Ana demande à Luc de rembourser la cliente.");
        asks("Est-ce que le colis est parti ?", "Ana demande si le colis est parti.");
        asks("Est-ce qu'il faut un avoir ?", "Ana demande s'il faut un avoir.");
        for text in ["Peux-tu me dire où est le colis ?", "Pouvez-vous nous livrer demain ?", "Où est le colis ?", "Tu as le GPS ?"] {
            asks(text, &format!("Ana demande à Luc\u{a0}: «\u{a0}{text}\u{a0}»"));
        }
    }
}
