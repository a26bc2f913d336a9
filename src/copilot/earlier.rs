//! Whether something that was said or written before answers an ask.
//!
//! That two asks are alike says little: the next parcel that is to be traced is like the last one, and needs its own trace. So everything that
//! speaks for an answer must hold at once, and what speaks least for it says how sure one may be.

use std::collections::BTreeSet;

use crate::domain::vocabulary::Language;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::cosine;
use crate::lines::words::{Rarity, Words, fold, share};

/// An ask, as it would be sent.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Subject and body as one text.
    pub text: &'a str,
    /// Its language.
    pub language: Language,
    /// The vector of the text.
    pub dense: &'a [f32],
    /// The vectors of its questions, each with the subject before it.
    pub questions: &'a [Vec<f32>],
    /// Names of people, folded: whoever is greeted or signs is no matter.
    pub names: &'a BTreeSet<String>,
}

/// Something that may answer it.
#[derive(Debug, Clone)]
pub struct Earlier<'a> {
    /// What it is about: what was asked then, or the passage itself.
    pub about: &'a str,
    /// Its language.
    pub language: Language,
    /// The vector of that.
    pub dense: &'a [f32],
    /// The sentences that answered; none for a passage, which answers by itself.
    pub answers: &'a [Line<'a>],
    /// How akin its matter is to that of the ticket, in \[0, 1\].
    pub akin: f64,
}

/// How sure something answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// From 1 on it is shown before anything is known of a workspace; never told to anybody.
    pub worth: f64,
    /// The sentence that answers best, by its place.
    pub answer: Option<usize>,
}

/// What must hold of an earlier side conversation or ticket, each at its bar: likeness of the asks by their vectors and by their rarer words,
/// the share of the ask's words that stand in it, and likeness of the answer to the question. Chosen on the half `dev` of the demo company's
/// labels (`eval/texts/alderwick_already_answered.jsonl`), where 7 of the 10 shown first are right; of the other half 3 of 11 are, so that
/// what is shown is no more than a hint. A bar a third higher shows fewer and no better ones.
const OF_ANSWERS: Bars = Bars { dense: 0.26, words: 0.125, covered: 0.28, replies: 0.22 };
/// The same of a passage.
const OF_PASSAGES: Bars = Bars { dense: 0.34, words: 0.135, covered: 0.26, replies: 0.32 };
/// An earlier side conversation on a ticket less akin than this is about something else.
const SAME_MATTER: f64 = 0.5;

/// Below so many finds that were decided there is no probability.
const LEAST_DECIDED: usize = 30;
const NEWTON_STEPS: usize = 30;
const RIDGE: f64 = 0.1;

struct Bars {
    dense: f64,
    words: f64,
    covered: f64,
    replies: f64,
}

/// What a sentence says of one case only, folded.
const PASSING: &str = "today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday aujourd'hui demain hier lundi \
    mardi mercredi jeudi vendredi samedi dimanche";
/// What a sentence says of every case, folded.
const GENERAL: &str = "always never only must may cannot below above whatever any anybody every rule if when needs toujours jamais aucun \
    aucune seulement uniquement quelle tous toutes possible regle si quand faut";

/// How somebody is asked to do something, or how a case stands, folded: no earlier answer does or knows it.
const ERRANDS: [&str; 26] = [
    "can you",
    "could you",
    "would you",
    "will you",
    "are you",
    "did you",
    "do you",
    "please",
    "anyone",
    "may i have",
    "may we have",
    "peux-tu",
    "tu peux",
    "pourrais-tu",
    "pouvez-vous",
    "pourriez-vous",
    "tu as",
    "dis-moi",
    "is he ",
    "is she ",
    "are they ",
    "is it us",
    "did the ",
    "where is ",
    "ou est ",
    "ou en est",
];

/// The questions of an ask that an earlier answer could answer: what somebody is asked to do is none.
#[must_use]
pub fn questions<'a, 'b>(lines: &'b [Line<'a>]) -> Vec<&'b Line<'a>> {
    let is_errand = |line: &Line<'_>| {
        let folded = fold(line.text);
        ERRANDS.iter().any(|errand| folded.contains(errand))
    };
    lines.iter().filter(|line| Acts::of(line).has(Act::Question) && !is_errand(line)).collect()
}

/// How sure each of some things answers an ask; an ask without a question is answered by none.
#[must_use]
pub fn judge(ask: &Ask<'_>, all: &[Earlier<'_>]) -> Vec<Judged> {
    let asked = matter(ask.text, ask.language, ask.names);
    let about: Vec<Words> = all.iter().map(|earlier| matter(earlier.about, earlier.language, ask.names)).collect();
    let rarity = Rarity::of(about.iter().chain([&asked]));
    all.iter()
        .zip(&about)
        .map(|(earlier, about)| {
            let (replies, answer) = replies(ask, earlier);
            let is_passage = earlier.answers.is_empty();
            if ask.questions.is_empty() || (!is_passage && earlier.akin < SAME_MATTER) {
                return Judged { worth: 0.0, answer };
            }
            let bars = if is_passage { &OF_PASSAGES } else { &OF_ANSWERS };
            let said = earlier.answers.iter().map(|line| matter(line.text, line.language, ask.names)).collect::<Vec<_>>();
            let held = Words::together(said.iter().chain([about]));
            let parts = [
                near(ask.dense, earlier.dense) / bars.dense,
                rarity.overlap(&asked, about) / bars.words,
                covered(&asked, &held, &rarity) / bars.covered,
                replies / bars.replies,
            ];
            Judged { worth: parts.into_iter().fold(f64::INFINITY, f64::min).max(0.0), answer }
        })
        .collect()
}

/// How likely something answers by its worth, learned from what became of earlier finds; `None` below 30 of them.
///
/// A line through the log-odds (Platt, "Probabilistic outputs for support vector machines", 1999), with his targets that are never quite 0
/// or 1. The worth was learned from none of them, so each was held out.
#[must_use]
pub fn likely(decided: &[(f64, bool)]) -> Option<impl Fn(f64) -> f64> {
    if decided.len() < LEAST_DECIDED {
        return None;
    }
    let right = share(decided.iter().filter(|(_, is_right)| *is_right).count(), 1);
    let wrong = share(decided.len(), 1) - right;
    let target = |is_right: bool| if is_right { (right + 1.0) / (right + 2.0) } else { 1.0 / (wrong + 2.0) };
    let middle = decided.iter().map(|(worth, _)| worth).sum::<f64>() / share(decided.len(), 1);
    let sigmoid = move |slope: f64, base: f64, worth: f64| 1.0 / (1.0 + (-(slope * (worth - middle) + base)).exp());
    let (mut slope, mut base) = (0.0_f64, ((right + 1.0) / (wrong + 1.0)).ln());
    for _ in 0..NEWTON_STEPS {
        // Surer finds are never likelier wrong: the slope is held from below, and a little against running away.
        let (mut by_slope, mut by_base, mut ss, mut sb, mut bb) = (RIDGE * slope, 0.0, RIDGE, 0.0, 1e-9);
        for (worth, is_right) in decided {
            let (at, told) = (worth - middle, sigmoid(slope, base, *worth));
            let (miss, weight) = (told - target(*is_right), told * (1.0 - told));
            by_slope += miss * at;
            by_base += miss;
            ss += weight * at * at;
            sb += weight * at;
            bb += weight;
        }
        let whole = ss * bb - sb * sb;
        if whole.abs() < f64::EPSILON {
            break;
        }
        slope = (slope - (bb * by_slope - sb * by_base) / whole).max(0.0);
        base -= (ss * by_base - sb * by_slope) / whole;
    }
    Some(move |worth| sigmoid(slope, base, worth))
}

/// How well something replies to a question, and by which sentence: what holds of every case before what was done in one.
fn replies(ask: &Ask<'_>, earlier: &Earlier<'_>) -> (f64, Option<usize>) {
    let to_questions = |vector: &[f32]| ask.questions.iter().map(|question| near(question, vector)).fold(0.0, f64::max);
    if earlier.answers.is_empty() {
        return (to_questions(earlier.dense), None);
    }
    let of_line = |line: &Line<'_>| line.vector.map_or(0.0, to_questions) * f64::midpoint(1.0, general(line));
    let best = earlier.answers.iter().map(of_line).enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other));
    best.map_or((0.0, None), |(place, worth)| (worth, Some(place)))
}

/// How far a sentence holds of more than its own case, in \[0, 1\].
fn general(line: &Line<'_>) -> f64 {
    let folded = fold(line.text);
    let count = |list: &str| {
        let is_listed = |word: &&str| list.split_whitespace().any(|listed| listed == *word);
        folded.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(is_listed).count().min(2)
    };
    let is_own = |figure: &&String| figure.chars().any(char::is_alphabetic) || figure.contains(':');
    let own = Words::of(line.text, line.language).figures.iter().filter(is_own).count().min(2);
    let quarters = 2 + count(GENERAL) - (count(PASSING) + own).min(2);
    [0.0, 0.25, 0.5, 0.75, 1.0][quarters.min(4)]
}

/// The words of the matter: no names, and no numbers, which are those of one case.
fn matter(text: &str, language: Language, names: &BTreeSet<String>) -> Words {
    let mut words = Words::of(text, language);
    words.figures.clear();
    words.stems.retain(|stem| !names.contains(stem));
    words
}

/// The share of some words that others hold, rarer ones counting more.
fn covered(asked: &Words, held: &Words, rarity: &Rarity) -> f64 {
    let mass = |words: &mut dyn Iterator<Item = &String>| words.map(|stem| rarity.weight(stem)).sum::<f64>();
    let whole = mass(&mut asked.stems.iter());
    if whole > 0.0 { mass(&mut asked.stems.intersection(&held.stems)) / whole } else { 0.0 }
}

fn near(one: &[f32], other: &[f32]) -> f64 {
    if one.len() == other.len() { cosine(one, other).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{EN, line};

    const VECTOR: [f32; 2] = [1.0, 0.0];

    fn worth(asked: &str, about: &str, answer: &str, akin: f64) -> f64 {
        let names = BTreeSet::from(["ana".to_owned()]);
        let lines = [line(asked, EN)];
        let questions = vec![VECTOR.to_vec(); questions(&lines).len()];
        let ask = Ask { text: asked, language: EN, dense: &VECTOR, questions: &questions, names: &names };
        let answers = [Line { vector: Some(&VECTOR), ..line(answer, EN) }];
        let of = |about| Earlier { about, language: EN, dense: &VECTOR, answers: &answers, akin };
        let other = Earlier { answers: &[], ..of("Batteries swell in the sun.") };
        judge(&ask, &[of(about), other])[0].worth
    }

    #[test]
    fn the_same_question_is_answered_and_the_same_errand_is_not() {
        let (asked, rule) =
            ("Ana, may a council pay an invoice after thirty days?", "Below the threshold nobody has terms, only a transfer.");
        assert!(worth(asked, "May a school pay its invoice after thirty days?", rule, 1.0) >= 1.0);
        assert!(worth(asked, "The parcel is lost since Monday, where is it?", rule, 1.0) < 0.5);
        assert!(worth(asked, "May a school pay its invoice after thirty days?", rule, 0.2) < 1.0, "another matter");
        assert!(worth("Please trace the lost parcel.", "Please trace the lost parcel.", "Found, it is in Hull.", 1.0) < f64::EPSILON);
        assert!(worth("Can you trace the lost parcel?", "Can you trace the lost parcel?", "Found, it is in Hull.", 1.0) < f64::EPSILON);
    }

    #[test]
    fn what_holds_of_every_case_is_told_from_what_was_done_in_one() {
        let of = |text| general(&line(text, EN));
        assert!(of("After 14 days it is always a credit note, never a correction.") > of("The refund leaves us."));
        assert!(of("The refund leaves us.") > of("The refund RF-1234 left us yesterday."));
    }

    #[test]
    fn a_probability_follows_what_became_of_finds_and_needs_thirty() {
        let decided: Vec<(f64, bool)> = (0..40_u8).map(|place| (1.0 + f64::from(place) / 40.0, place % 4 != 0 || place > 30)).collect();
        assert!(likely(&decided[..29]).is_none());
        let told = likely(&decided).unwrap();
        let (low, high) = (told(1.0), told(1.9));
        assert!(low < high && (0.5..1.0).contains(&low) && high < 1.0, "{low} {high}");
        let all_wrong: Vec<(f64, bool)> = (0..30).map(|_| (1.1, false)).collect();
        assert!(likely(&all_wrong).unwrap()(1.1) < 0.1);
    }

    #[test]
    fn nothing_is_held_against_nothing() {
        let names = BTreeSet::new();
        let ask = Ask { text: "", language: EN, dense: &[], questions: &[], names: &names };
        assert_eq!(judge(&ask, &[]), []);
    }
}
