//! English: `Ana says that Ana refunds it today`, `Tom asks whether Ana can refund it`.

use super::{Manner, Sentence, Word, must_stay, words};

/// How a clause may start that can follow `that`.
const STARTS: &str = "\
    i i'm i've i'll he he's he'll she she's she'll it it's it'll they they're they'll this that that's these those there there's the a an \
    his her their its all both each every some someone somebody nobody everyone most many several one two three my";
/// A word that only leans on the sentence before it.
const LEANING: [&str; 12] = ["however", "but", "so", "and", "well", "also", "thus", "therefore", "actually", "hence", "ok", "then"];
/// Verbs that stand as they are with every person.
const MODALS: &str = "\
    can could may might must should shall will would had cannot can't couldn't won't wouldn't shouldn't mustn't hadn't did didn't";
/// Forms of the past that do not end in `ed`.
const PAST: &str = "\
    became began bought brought broke built came chose did drew felt found forgot gave got went had heard held kept knew left lost made \
    meant met paid ran rang said saw sent spoke spent stood swapped thought told took understood went woke won wrote ate fell flew grew \
    hung led lent rose sold sat slept taught threw wore withdrew";
/// What stands between `I` and its verb.
const BETWEEN: [&str; 11] = ["also", "already", "just", "now", "still", "then", "never", "always", "only", "really", "certainly"];
/// Verbs of saying: after one of them `I` may be somebody else.
const SAYING: &str =
    "say says said saying write writes wrote ask asks asked tell tells told claim claims claimed think thinks thought quote";
/// After `and` these begin no verb.
const NO_VERB: &str = "\
    the a an his her their its this that these those he she it they we i you my our your not no in on at for from to by with of if when \
    then so also";
/// Subjects of one word that may change places with the verb of a question.
const SUBJECTS: &str = "i you he she it they this that there";
/// Verbs that begin a question.
const INVERTED: &str = "can could will would should may might must shall is are was were has have am do does";

fn lists(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|one| one == word)
}

fn low(word: &str) -> String {
    word.to_lowercase().replace('’', "'")
}

/// The sentence in its speaker's own words.
pub(super) fn quoted(sentence: Sentence<'_>) -> String {
    let Sentence { text, by, to, manner } = sentence;
    match (manner, to) {
        (Manner::Asks, Some(to)) => format!("{by} asks {to}: “{text}”"),
        (Manner::Asks, None) => format!("{by} asks: “{text}”"),
        (Manner::Says, _) => format!("{by} says: “{text}”"),
    }
}

/// The words of somebody else that the speaker passed on.
pub(super) fn passed_on(sentence: Sentence<'_>) -> String {
    format!("{} passes on: “{}”", sentence.by, sentence.text)
}

/// The sentence reported; `None` where that could be wrong.
pub(super) fn reported(sentence: Sentence<'_>) -> Option<String> {
    if must_stay(sentence.text) {
        return None;
    }
    let mut all = words(sentence.text);
    while all.len() > 3 && LEANING.contains(&low(all[0].bare).as_str()) {
        all.remove(0);
    }
    if sentence.text.ends_with('?') { question(sentence, &all) } else { statement(sentence, &all) }
}

fn statement(sentence: Sentence<'_>, all: &[Word<'_>]) -> Option<String> {
    if sentence.manner == Manner::Asks {
        return None;
    }
    let first = all.first()?;
    let start = low(first.bare);
    let is_name = first.bare == sentence.by || Some(first.bare) == sentence.to;
    if !(lists(STARTS, &start) || is_name) || !has_verb(all) {
        return None;
    }
    let mut clause = Clause { sentence, speaks_of_itself: all.iter().any(|word| is_first_person(word.bare)), out: Vec::new() };
    clause.take(all)?;
    let mut text = clause.out.join(" ");
    if lists(STARTS, &start) && !is_first_person(first.bare) {
        text = lowered(&text);
    }
    Some(format!("{} says that {}", sentence.by, ended(&text)))
}

/// `Can you refund it?` as `whether Ana can refund it`.
fn question(sentence: Sentence<'_>, all: &[Word<'_>]) -> Option<String> {
    let (verb, subject, rest) = match all {
        [verb, subject, rest @ ..] if !rest.is_empty() => (low(verb.bare), low(subject.bare), rest),
        _ => return None,
    };
    if !lists(INVERTED, &verb) || !lists(SUBJECTS, &subject) || !all[0].after.is_empty() || !all[1].after.is_empty() {
        return None;
    }
    let (name, is_third) = match subject.as_str() {
        "i" => (sentence.by.to_owned(), true),
        "you" => (sentence.to?.to_owned(), true),
        "they" => (subject.clone(), false),
        _ => (subject.clone(), !matches!(subject.as_str(), "these" | "those")),
    };
    let mut clause = Clause { sentence, speaks_of_itself: true, out: vec![name] };
    let is_one = matches!(subject.as_str(), "i" | "you");
    let mut rest = rest;
    match verb.as_str() {
        "do" | "does" => {
            // Only a verb that can be bent: `do you still have` keeps its own words.
            let (main, after) = rest.split_first()?;
            let bent = if is_third { third_person(main.bare)? } else { main.bare.to_owned() };
            clause.out.push(format!("{}{bent}{}", main.before, main.after));
            rest = after;
        }
        "are" | "am" if is_one => clause.out.push("is".to_owned()),
        "were" if is_one => clause.out.push("was".to_owned()),
        "have" if is_one => clause.out.push("has".to_owned()),
        other => clause.out.push(other.to_owned()),
    }
    clause.take(rest)?;
    let mut text = clause.out.join(" ");
    text.truncate(text.trim_end_matches(['?', ' ']).len());
    Some(format!("{} asks whether {}", sentence.by, ended(&text)))
}

/// Words that are taken over one by one, with names in place of pronouns.
struct Clause<'a> {
    sentence: Sentence<'a>,
    /// Whether its speaker is in it, so that `you` is whoever is spoken to and not anybody.
    speaks_of_itself: bool,
    out: Vec<String>,
}

impl Clause<'_> {
    fn take(&mut self, all: &[Word<'_>]) -> Option<()> {
        let mut place = 0;
        while let Some(word) = all.get(place) {
            let before = place.checked_sub(1).map(|before| low(all[before].bare));
            let said_before = all[..place].iter().any(|word| lists(SAYING, &low(word.bare)));
            let bare = low(word.bare);
            let by = self.sentence.by.to_owned();
            if is_first_person(word.bare) && said_before {
                return None;
            }
            let named = match bare.as_str() {
                "i" | "i'm" | "i've" | "i'll" => {
                    if before.as_deref().is_some_and(|before| matches!(before, "and" | "or" | "nor" | "than" | "as"))
                        || !word.after.is_empty()
                    {
                        return None;
                    }
                    place += self.first_person(&bare, &all[place + 1..])?;
                    place += 1;
                    continue;
                }
                "i'd" | "myself" | "mine" | "we" | "we're" | "we've" | "we'll" | "we'd" | "us" | "our" | "ours" | "ourselves" | "yours"
                | "yourself" | "you're" | "you've" | "you'll" | "you'd" | "let's" => return None,
                "me" => by,
                "my" => possessive(&by),
                "you" => self.you(before.as_deref(), all.get(place + 1))?,
                "your" => possessive(self.sentence.to.filter(|_| self.speaks_of_itself)?),
                _ => word.bare.to_owned(),
            };
            self.out.push(format!("{}{named}{}", word.before, word.after));
            place += 1;
        }
        Some(())
    }

    /// `you` where it gets something: as a subject its verb would have to be bent, and it may be anybody.
    fn you(&self, before: Option<&str>, next: Option<&Word<'_>>) -> Option<String> {
        const GIVES: &str = "send give tell let show forward call keep ask inform update owe for to with from by";
        let is_object = before.is_some_and(|before| lists(GIVES, before) || lists(GIVES, before.trim_end_matches('s')));
        let starts_clause = next.is_some_and(|next| lists(MODALS, &low(next.bare)) || matches!(low(next.bare).as_str(), "are" | "have"));
        let to = self.sentence.to.filter(|_| self.speaks_of_itself && is_object && !starts_clause)?;
        Some(to.to_owned())
    }

    /// The speaker's name with the verb that follows; answers how many further words it took.
    fn first_person(&mut self, bare: &str, rest: &[Word<'_>]) -> Option<usize> {
        let by = self.sentence.by;
        let contracted = match bare {
            "i'm" => Some("is"),
            "i've" => Some("has"),
            "i'll" => Some("will"),
            _ => None,
        };
        self.out.push(by.to_owned());
        if let Some(verb) = contracted {
            self.out.push(verb.to_owned());
            return Some(0);
        }
        let skipped = rest.iter().take_while(|word| is_between(word)).count();
        for word in &rest[..skipped] {
            self.out.push(format!("{}{}{}", word.before, word.bare, word.after));
        }
        let verb = rest.get(skipped)?;
        let bent = third_person(verb.bare)?;
        let is_bent = bent != verb.bare;
        // A second verb after `and` would have to be bent as well.
        if is_bent && leaves_a_verb(&rest[skipped + 1..]) {
            return None;
        }
        self.out.push(format!("{}{bent}{}", verb.before, verb.after));
        Some(skipped + 1)
    }
}

fn is_between(word: &Word<'_>) -> bool {
    let bare = low(word.bare);
    word.after.is_empty()
        && (BETWEEN.contains(&bare.as_str())
            || (bare.ends_with("ly") && bare.len() > 4 && !["apply", "reply", "rely", "supply"].contains(&bare.as_str())))
}

fn leaves_a_verb(rest: &[Word<'_>]) -> bool {
    let after_and = |pair: &[Word<'_>]| {
        let next = low(pair[1].bare);
        low(pair[0].bare) == "and" && !lists(NO_VERB, &next) && !next.starts_with(|c: char| c.is_ascii_digit()) && !is_capital(pair[1].bare)
    };
    rest.windows(2).any(after_and)
}

/// A verb of the first person in the third; `None` for what may be no verb, or one of which the form says no time.
fn third_person(verb: &str) -> Option<String> {
    let bare = low(verb);
    if !bare.chars().all(|c| c.is_ascii_alphabetic() || c == '\'') || bare.len() < 2 {
        return None;
    }
    if lists(MODALS, &bare) || lists(PAST, &bare) || matches!(bare.as_str(), "was" | "wasn't") {
        return Some(verb.to_owned());
    }
    let known = match bare.as_str() {
        "am" => "is",
        "have" => "has",
        "haven't" => "hasn't",
        "do" => "does",
        "don't" => "doesn't",
        "go" => "goes",
        _ => "",
    };
    if !known.is_empty() {
        return Some(known.to_owned());
    }
    // `put`, `read` and their like are the same in past and present.
    if matches!(
        bare.as_str(),
        "put" | "set" | "cut" | "let" | "hit" | "shut" | "read" | "cost" | "quit" | "split" | "hurt" | "bet" | "spread" | "to" | "not"
    ) || bare.contains('\'')
        || bare.ends_with("ing")
    {
        return None;
    }
    if bare.ends_with("ed") && !bare.ends_with("eed") {
        return Some(verb.to_owned());
    }
    let ends_in_consonant_y =
        bare.ends_with('y') && !bare.ends_with("ay") && !bare.ends_with("ey") && !bare.ends_with("oy") && !bare.ends_with("uy");
    Some(if ends_in_consonant_y {
        format!("{}ies", &bare[..bare.len() - 1])
    } else if ["s", "sh", "ch", "x", "z", "o"].iter().any(|end| bare.ends_with(end)) {
        format!("{bare}es")
    } else {
        format!("{bare}s")
    })
}

/// Whether the words hold a verb that can be told by its form.
fn has_verb(all: &[Word<'_>]) -> bool {
    let is_verb = |word: &Word<'_>| {
        let bare = low(word.bare);
        (lists(MODALS, &bare) && !is_capital(word.bare))
            || lists(PAST, &bare)
            || lists("is are was were has have does do isn't aren't wasn't weren't hasn't haven't doesn't don't need needs", &bare)
            || (bare.len() > 3 && bare.ends_with("ed") && !bare.ends_with("eed"))
            || (bare.len() > 3 && bare.ends_with('s') && !bare.ends_with("ss") && bare.chars().all(char::is_alphabetic))
            || bare.contains("'s")
            || bare.contains("'re")
            || bare.contains("'ll")
    };
    all.iter().enumerate().any(|(place, word)| is_verb(word) && (place > 0 || word.bare.contains(['\'', '’'])))
        || all.first().is_some_and(|word| matches!(low(word.bare).as_str(), "i" | "i'm" | "i'll" | "i've"))
}

fn is_first_person(bare: &str) -> bool {
    matches!(low(bare).as_str(), "i" | "i'm" | "i've" | "i'll" | "i'd" | "me" | "my" | "mine" | "myself")
}

fn is_capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

fn possessive(name: &str) -> String {
    format!("{name}'s")
}

fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn ended(text: &str) -> String {
    let text = text.trim_end_matches(['.', '!', ' ', '…']);
    format!("{text}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, manner: Manner) -> String {
        let sentence = Sentence { text, by: "Ana", to: Some("Tom"), manner };
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
        says("I refund the second payment of £119.00 today.", "Ana says that Ana refunds the second payment of £119.00 today.");
        says("I'm sending the form to my colleague.", "Ana says that Ana is sending the form to Ana's colleague.");
        says("But I have already checked it.", "Ana says that Ana has already checked it.");
        says("I already found both captures.", "Ana says that Ana already found both captures.");
        says("I don't know the lot.", "Ana says that Ana doesn't know the lot.");
        says("I need the serial by Friday!", "Ana says that Ana needs the serial by Friday.");
        says("I will send you the form.", "Ana says that Ana will send Tom the form.");
        says(
            "The limit is 64 for each radio, I would swap the hub.",
            "Ana says that the limit is 64 for each radio, Ana would swap the hub.",
        );
    }

    #[test]
    fn what_is_not_certain_stays_in_the_speakers_own_words() {
        for text in [
            "We replace it.",
            "You must unplug the camera first.",
            "The customer wrote: I want my money back.",
            "The customer says I want my money back.",
            "She wrote \"I am furious\" this morning.",
            "I'd send it back.",
            "I put it in the box.",
            "I check the log and refund the payment.",
            "Rui and I are on it.",
            "Update to 4.2.3 in safe mode.",
            "No swap, update to 4.2.3.",
            "Your camera is out of warranty.",
            "The third one of May.",
            "Yes, I refund it.",
        ] {
            says(text, &format!("Ana says: “{text}”"));
        }
    }

    #[test]
    fn a_statement_of_nobody_is_reported_as_it_stands() {
        says("It reaches her account by Wednesday the 29th.", "Ana says that it reaches her account by Wednesday the 29th.");
        says("The pack was scrapped.", "Ana says that the pack was scrapped.");
        says("However, the hub keeps one registry.", "Ana says that the hub keeps one registry.");
    }

    #[test]
    fn questions_are_turned_round_where_their_subject_is_one_word() {
        asks("Can you refund the second payment of £119.00?", "Ana asks whether Tom can refund the second payment of £119.00.");
        asks("Are you sure?", "Ana asks whether Tom is sure.");
        asks("Is it safe to send it by post?", "Ana asks whether it is safe to send it by post.");
        asks("Should I post the pack?", "Ana asks whether Ana should post the pack.");
        asks("Do you know the lot?", "Ana asks whether Tom knows the lot.");
        asks("Does it need a sign-off?", "Ana asks whether it needs a sign-off.");
        asks("What should the customer do with it?", "Ana asks Tom: “What should the customer do with it?”");
        asks("Can we refund it?", "Ana asks Tom: “Can we refund it?”");
        asks("Is the limit 64 for both radios?", "Ana asks Tom: “Is the limit 64 for both radios?”");
        asks("Please approve the refund.", "Ana asks Tom: “Please approve the refund.”");
    }

    #[test]
    fn without_an_only_addressee_nobody_is_named_as_one() {
        let sentence = Sentence { text: "Can you refund it?", by: "Ana", to: None, manner: Manner::Asks };
        assert_eq!(reported(sentence), None);
        assert_eq!(quoted(sentence), "Ana asks: “Can you refund it?”");
        let sentence = Sentence { text: "I will send you the form.", by: "Ana", to: None, manner: Manner::Says };
        assert_eq!(reported(sentence), None);
    }
}
