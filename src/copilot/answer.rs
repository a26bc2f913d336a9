//! Which sentences answer a question that a colleague asks about a ticket.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::copilot::named::Named;
use crate::copilot::reading::dangles;
use crate::copilot::reply::REPEATS;
use crate::domain::panel::Cited;
use crate::domain::triage::Source;
use crate::domain::vocabulary::Language;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::{Compared, cosine};
use crate::lines::words::{Rarity, Words, fold, share};
use crate::text::entity::{self, Patterns};

/// A sentence that may be read for an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Readable<'a> {
    /// The sentence.
    pub line: Line<'a>,
    /// What its source is about: a document's title, the subject of a ticket or a side conversation.
    pub about: &'a str,
    /// Whether it stands in the ticket itself, its files or its side conversations: what was said here comes before what was said elsewhere.
    pub is_own: bool,
}

impl Readable<'_> {
    /// Whether a folded name stands in it or in what its source is about.
    fn holds(&self, name: &str) -> bool {
        [self.line.text, self.line.title, self.about].iter().any(|text| fold(text).contains(name))
    }
}

/// What a word counts that is only akin to one of the question.
const AKIN: f64 = 0.7;
/// A sentence of fewer words says nothing by itself.
const FEWEST_WORDS: usize = 3;

/// A sentence is shown beside the best when it is worth at least this share of it.
const BESIDE_THE_BEST: f64 = 0.65;
/// So much of the question a sentence and what stands around it must hold, rarer words counting more; on the ticket itself less is needed.
/// These and the weights below were chosen on the questions of `eval/bench/asks.jsonl`.
const MEETS: f64 = 0.4;
const MEETS_ON_THE_TICKET: f64 = 0.3;
/// With a vector as near as this, a part of the question is enough.
const NEAR: f64 = 0.5;
const MEETS_WHEN_NEAR: f64 = 0.15;
/// Below this nothing answers.
const WORTH_SHOWING: f64 = 0.35;
/// What counts: the sentence's own words, those around it, its vector, how much it settles, and that it stands on the ticket.
const COVERED: f64 = 0.35;
const AROUND: f64 = 0.3;
const VECTOR: f64 = 0.35;
const SETTLES: f64 = 0.3;
const ON_THE_TICKET: f64 = 0.25;
/// What somebody said counts from here on when their words are asked for, whatever it is about.
const SPOKEN: f64 = 0.3;

/// Chooses at most so many sentences, best first, from what the asking person may read; none when nothing meets the question.
#[must_use]
pub fn answer(question: &[Line<'_>], named: &Named, readable: &[Readable<'_>], patterns: &Patterns, at_most: usize) -> Vec<Cited> {
    let lines: Vec<Line<'_>> = readable.iter().map(|readable| readable.line.clone()).collect();
    let compared = Compared::new(&lines);
    let meeting = Meeting::new(question, named, readable, &compared, patterns);
    if meeting.asks_for_the_unknown() {
        return Vec::new();
    }
    let telling = (0..lines.len()).filter(|line| tells(&lines[*line]));
    let mut ranked: Vec<(usize, f64)> = telling.filter_map(|line| Some((line, meeting.worth(line)?))).collect();
    ranked.sort_by(|(a, one), (b, other)| other.total_cmp(one).then(a.cmp(b)));
    let Some((_, best)) = ranked.first().copied() else { return Vec::new() };
    let mut chosen: Vec<usize> = Vec::new();
    for (line, worth) in ranked {
        let is_told = |other: &usize| compared.between(line, *other) >= REPEATS || before(*other, &lines) == Some(line);
        if chosen.len() < at_most && worth >= best * BESIDE_THE_BEST && !chosen.iter().any(is_told) {
            chosen.push(line);
        }
    }
    chosen.into_iter().map(|line| cited(line, &lines)).collect()
}

/// A sentence, after the one that it points back at.
fn cited(line: usize, lines: &[Line<'_>]) -> Cited {
    before(line, lines).map_or_else(|| lines[line].cited(), |before| lines[line].cited_after(&lines[before]))
}

/// The sentence without which one is not understood.
fn before(line: usize, lines: &[Line<'_>]) -> Option<usize> {
    line.checked_sub(1).filter(|before| dangles(lines[line].text) && lines[line].follows(&lines[*before]))
}

/// How sentences meet a question.
struct Meeting<'a> {
    named: &'a Named,
    compared: &'a Compared<'a>,
    readable: &'a [Readable<'a>],
    rarity: Rarity,
    /// The words of the matter as each language of the sentences stems them: names and figures meet across languages.
    matter: BTreeMap<Language, Words>,
    vector: Option<&'a [f32]>,
    wanted: Wanted,
    patterns: &'a Patterns,
    names: Vec<String>,
    /// Whether somebody whose words are asked for wrote on the ticket.
    is_heard: bool,
}

impl<'a> Meeting<'a> {
    fn new(
        question: &'a [Line<'a>],
        named: &'a Named,
        readable: &'a [Readable<'a>],
        compared: &'a Compared<'a>,
        patterns: &'a Patterns,
    ) -> Self {
        let lines = compared.lines();
        let rarity = Rarity::of((0..lines.len()).map(|line| compared.words(line)));
        let matter = lines.iter().map(|line| line.language).map(|language| (language, Words::of(&named.matter, language))).collect();
        let text: String = question.iter().map(|line| line.text).collect::<Vec<_>>().join(" ");
        let is_heard = named.is_said && readable.iter().any(|readable| speaks(named, readable) && tells(&readable.line));
        Self {
            named,
            compared,
            readable,
            rarity,
            matter,
            vector: question.first().and_then(|line| line.vector),
            wanted: Wanted::of(&fold(&text), patterns),
            patterns,
            names: names(&named.matter),
            is_heard,
        }
    }

    /// Whether the question is about somebody or something with a name of its own that nothing that was read names.
    fn asks_for_the_unknown(&self) -> bool {
        let is_known = |name: &String| self.readable.iter().any(|readable| readable.holds(name));
        self.names.iter().any(|name| !is_known(name))
    }

    /// What a sentence is worth as an answer; `None` when it is none.
    fn worth(&self, line: usize) -> Option<f64> {
        let readable = &self.readable[line];
        let matter = &self.matter[&readable.line.language];
        let acts = Acts::of(&readable.line);
        let told = self.salience(line, acts);
        let covered = self.covered(matter, line);
        let near = self.vector.zip(readable.line.vector).map_or(0.0, |(a, b)| if a.len() == b.len() { cosine(a, b) } else { 0.0 });
        if self.is_heard {
            return speaks(self.named, readable).then_some(SPOKEN + told + covered * 0.5 + near * 0.3);
        }
        let fits = self.wanted.is_told(readable.line.text, self.patterns);
        let is_named = self.names.is_empty() || self.names.iter().any(|name| self.beside(line).any(|line| self.readable[line].holds(name)));
        if acts.asks() || fits == Some(false) || !is_named {
            return None;
        }
        let around = self.around(matter, line).max(covered);
        let met = f64::midpoint(covered, around);
        let enough = if readable.is_own { MEETS_ON_THE_TICKET } else { MEETS };
        // A number of the kind that is asked for is the answer, whatever stands around it.
        let is_number = readable.is_own && matches!(self.wanted, Wanted::Number(_));
        if met < enough && !(near >= NEAR && met >= MEETS_WHEN_NEAR) && !is_number {
            return None;
        }
        let own = if readable.is_own { ON_THE_TICKET } else { 0.0 };
        let worth = COVERED * covered + AROUND * around + VECTOR * near + SETTLES * told + own;
        (worth >= WORTH_SHOWING || is_number).then_some(worth)
    }

    /// The share of the question that a sentence holds, rarer words counting more, in \[0, 1\].
    fn covered(&self, matter: &Words, line: usize) -> f64 {
        self.mass(matter, self.compared.words(line))
    }

    /// The share that a sentence holds together with those beside it, the question that it may answer, and what its source is about.
    fn around(&self, matter: &Words, line: usize) -> f64 {
        let about = Words::of(self.readable[line].about, self.readable[line].line.language);
        let beside: Vec<&Words> = self.beside(line).map(|line| self.compared.words(line)).collect();
        self.mass(matter, &Words::together(beside.into_iter().chain([&about])))
    }

    /// A sentence with those before and after it and the questions that its message answers.
    fn beside(&self, line: usize) -> impl Iterator<Item = usize> {
        let lines = self.compared.lines();
        let own = lines[line].source;
        let first = (0..line).rev().take_while(|before| lines[*before].source == own).last().unwrap_or(line);
        let message = first.checked_sub(1).map(|before| lines[before].source).filter(|before| same_thread(*before, own));
        let asked = (0..first)
            .rev()
            .take_while(move |before| Some(lines[*before].source) == message)
            .filter(|before| Acts::of(&lines[*before]).has(Act::Question));
        let before = line.checked_sub(1).filter(|before| lines[line].follows(&lines[*before]));
        let after = (line + 1 < lines.len()).then_some(line + 1).filter(|after| lines[*after].follows(&lines[line]));
        [Some(line), before, after].into_iter().flatten().chain(asked)
    }

    fn mass(&self, matter: &Words, held: &Words) -> f64 {
        let terms = || matter.stems.iter().chain(&matter.figures);
        let whole: f64 = terms().map(|term| self.rarity.weight(term)).sum();
        let met = |term: &String| {
            if held.stems.contains(term) || held.figures.contains(term) {
                1.0
            } else if held.stems.iter().any(|other| is_akin(term, other)) {
                AKIN
            } else {
                0.0
            }
        };
        if whole > 0.0 { terms().map(|term| met(term) * self.rarity.weight(term)).sum::<f64>() / whole } else { 0.0 }
    }

    /// How much a sentence settles, in \[0, 0.4\].
    fn salience(&self, line: usize, acts: Acts) -> f64 {
        let words = self.compared.words(line);
        let cue = |act, weight| if acts.has(act) { weight } else { 0.0 };
        cue(Act::Decision, 0.15)
            + cue(Act::Promise, 0.1)
            + cue(Act::Holding, 0.06)
            + 0.03 * share(words.figures.len().min(2), 1)
            + 0.01 * share((words.stems.len() + words.figures.len()).min(8), 1)
    }
}

/// Whether a sentence of the ticket is by somebody whose words are asked for.
fn speaks(named: &Named, readable: &Readable<'_>) -> bool {
    readable.is_own && readable.line.author.is_some_and(|author| named.people.contains(author))
}

fn same_thread(one: Source, other: Source) -> bool {
    matches!((one, other), (Source::Message(one, _), Source::Message(other, _)) if one == other)
}

/// Whether two stems are of one family: `voltag` and `volt`.
fn is_akin(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.len() >= 4 && long.len() - short.len() <= 3 && long.starts_with(short)
}

/// The kind of thing that a question wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    /// Nothing in particular.
    Anything,
    /// A moment or a length of time.
    Time,
    /// A sum of money.
    Amount,
    /// How many, or the number, version or reference of something.
    Figure,
    /// A number of one of the playbook's kinds.
    Number(String),
}

impl Wanted {
    fn of(folded: &str, patterns: &Patterns) -> Self {
        let words = || folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let numbers = || words().any(|word| ["number", "numero", "reference", "id", "code", "no"].contains(&word));
        let kind = || patterns.kinds().find(|kind| words().any(|word| word == *kind)).map(str::to_owned);
        if let Some(kind) = numbers().then(kind).flatten() {
            Self::Number(kind)
        } else if ASKS_TIME.is_match(folded) {
            Self::Time
        } else if ASKS_AMOUNT.is_match(folded) {
            Self::Amount
        } else if ASKS_FIGURE.is_match(folded) {
            Self::Figure
        } else {
            Self::Anything
        }
    }

    /// Whether a sentence tells such a thing; `None` when nothing in particular is wanted.
    fn is_told(&self, text: &str, patterns: &Patterns) -> Option<bool> {
        let has = |kind: &str| entity::find(text, patterns).iter().any(|found| found.kind == kind);
        match self {
            Self::Anything => None,
            Self::Time => Some(has("date") || TELLS_TIME.is_match(&fold(text))),
            Self::Amount => Some(has("amount") || TELLS_AMOUNT.is_match(&fold(text))),
            Self::Figure => Some(text.contains(|c: char| c.is_ascii_digit())),
            Self::Number(kind) => Some(has(kind)),
        }
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and compiles: this is a bug")
}

static ASKS_TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bwhen\b|\bhow long\b|\b(?:what|which) (?:day|date|time)\b|\bdeadline\b|\bquand\b|\bquelle? (?:jour|date|heure)\b|\bdelai\b|\bcombien de temps\b",
    )
});
static TELLS_TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:mon|tues?|wed|thu|thurs?|fri|sat)\b|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b|\b(?:today|tomorrow|tonight|yesterday|demain|hier|aujourd'hui|ce soir)\b|\b[0-9]+ (?:working |ouvr\w+ )?(?:days?|weeks?|hours?|months?|minutes?|jours?|heures?|semaines?|mois)\b|\b[0-9]{1,2} ?[:h][0-9]{0,2}\b|\b[0-9]{1,2}(?:st|nd|rd|th)\b",
    )
});
static ASKS_AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bhow much\b|\bcosts?\b|\bprice\b|\bfees?\b|\bcombien (?:coute|ca coute|est-ce)|\bcoute\b|\bprix\b|\btarif\b|\bmontant\b|\bwhat amount\b",
    )
});
static TELLS_AMOUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"[£€$]|\b(?:eur|gbp|usd|euros?|pounds?)\b|%|\bfree\b|\bgratuit"));
static ASKS_FIGURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bhow many\b|\bcombien\b|\b(?:which|what|quelle?|sous quelle) (?:\w+ )?(?:version|number|serial|batch|reference|voltage|numero|lot|tension)\b",
    )
});

/// The names of their own in a question, folded: words that begin with a capital and are not its first.
fn names(matter: &str) -> Vec<String> {
    let words = matter.split_whitespace().skip(1).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let own = words.filter(|word| word.chars().count() > 2 && word.starts_with(char::is_uppercase));
    own.map(|word| fold(word.split(['\'', '’']).next_back().unwrap_or(word))).collect()
}

/// Whether a line could answer: neither a courtesy, nor a question, a heading, a row without its table, or a scrap.
fn tells(line: &Line<'_>) -> bool {
    let acts = Acts::of(line);
    !acts.is_idle()
        && !acts.has(Act::Question)
        && !line.text.starts_with('#')
        && !line.text.contains('|')
        && line.text.split_whitespace().count() >= FEWEST_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{MessageId, ThreadId};
    use crate::domain::time::Timestamp;
    use crate::domain::triage::Source;
    use crate::domain::vocabulary::EmailAddress;
    use crate::lines::testing::{EN, FR, cut, email, line};

    const THREAD: &str = "Hi Tom! The battery swelled because of the charger of batch 7. We replace the battery pack free of charge until March. \
        Do you have the serial number? Thanks a lot!";

    fn lines(text: &str) -> Vec<Line<'_>> {
        let numbered = cut(text).into_iter().enumerate();
        numbered.map(|(position, (start, said))| Line { span: start..start + said.len(), position, ..line(said, EN) }).collect()
    }

    fn own<'a>(lines: impl IntoIterator<Item = Line<'a>>) -> Vec<Readable<'a>> {
        lines.into_iter().map(|line| Readable { line, about: "", is_own: true }).collect()
    }

    fn matter(question: &str) -> Named {
        Named { matter: question.to_owned(), ..Named::default() }
    }

    fn texts(found: Vec<Cited>) -> Vec<String> {
        found.into_iter().map(|cited| cited.text).collect()
    }

    fn answers(question: &str) -> Vec<String> {
        texts(answer(&lines(question), &matter(question), &own(lines(THREAD)), &Patterns::builtin(), 2))
    }

    #[test]
    fn the_sentence_that_tells_is_chosen_and_neither_questions_nor_courtesies() {
        assert_eq!(
            answers("Until when do we replace a battery pack free of charge?")[0],
            "We replace the battery pack free of charge until March."
        );
        assert_eq!(answers("What is the serial number?"), [""; 0]);
    }

    #[test]
    fn nothing_is_chosen_for_what_nobody_told() {
        assert_eq!(answers("Which carrier delivers to Corsica on Saturdays?"), [""; 0]);
        assert_eq!(answers("Does the battery pack work with Kubernetes?"), [""; 0]);
    }

    #[test]
    fn the_question_cites_where_the_answer_stands() {
        let question = "Why did the battery swell, was it the charger?";
        let found = answer(&lines(question), &matter(question), &own(lines(THREAD)), &Patterns::builtin(), 1);
        let span = found[0].evidence[0].span.clone().unwrap();
        assert_eq!(&THREAD[span], found[0].text);
    }

    #[test]
    fn what_somebody_said_is_found_without_a_word_in_common_and_in_another_language() {
        let (julien, lucie) = (email("julien@carrier.example"), email("lucie@desk.example"));
        let source =
            |byte| Source::Message(ThreadId::at(Timestamp::from_micros(0), [1; 10]), MessageId::at(Timestamp::from_micros(0), [byte; 10]));
        let said = |text, author, byte| Line { author: Some(author), source: source(byte), ..line(text, FR) };
        let thread = own([
            said("Il me faudrait les coordonnées GPS du scan.", &lucie, 1),
            said("Je demande au dépôt le relevé GPS et j'interroge le chauffeur.", &julien, 2),
        ]);
        let of =
            |people: &[&EmailAddress]| Named { people: people.iter().copied().cloned().collect(), matter: String::new(), is_said: true };
        let found = texts(answer(&lines("What did the carrier say?"), &of(&[&julien]), &thread, &Patterns::builtin(), 3));
        assert_eq!(found, ["Je demande au dépôt le relevé GPS et j'interroge le chauffeur."]);
    }

    #[test]
    fn what_was_said_on_the_ticket_comes_before_what_was_said_elsewhere() {
        let mut both = own(lines("The refund leaves on Friday 20 November."));
        both.insert(0, Readable { line: line("The refund leaves on Monday 3 August.", EN), about: "", is_own: false });
        let question = "When does the refund leave?";
        assert_eq!(
            texts(answer(&lines(question), &matter(question), &both, &Patterns::builtin(), 1)),
            ["The refund leaves on Friday 20 November."]
        );
    }
}
