//! Which sentences a reply to the customer is made of: those that meet the ask, that the customer may see, that are newest, and none twice.

use crate::copilot::contradiction::{self, Contradiction, document};
use crate::copilot::grounding;
use crate::copilot::reading::{Reading, dangles};
use crate::domain::audience::{Audience, Reader};
use crate::domain::panel::Cited;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::triage::Source;
use crate::domain::vocabulary::Language;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::{Compared, cosine, likeness};
use crate::lines::words::{Rarity, Words, fold, share};

/// A sentence that could stand in a reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<'a> {
    /// The sentence.
    pub line: Line<'a>,
    /// Who may read its source.
    pub audience: &'a Audience,
    /// When its source last changed.
    pub updated_at: Timestamp,
    /// How well its passage meets the ask by the search, in \[0, 1\]; the best passage has 1.
    pub weight: f64,
}

/// For whom a reply is, and how long it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyLimits {
    /// Who will read it: anyone or one customer.
    pub reader: Reader,
    /// The language of the reply.
    pub language: Language,
    /// How many sentences at most.
    pub sentences: usize,
}

/// What a reply is made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    /// The sentences in reading order; empty when nothing meets the ask.
    pub sentences: Vec<Cited>,
    /// What the author should look at.
    pub warnings: Vec<Reason>,
    /// How well the sentences meet the ask, in \[0, 1\], uncalibrated: never shown.
    pub support: f64,
    /// Whether they come near one of the questions at least, where any is asked.
    pub is_met: bool,
}

/// Below this relevance the best sentence does not meet the ask, and nothing is chosen.
pub(super) const MEETS: f64 = 0.18;
/// A sentence is chosen beside the best when it has at least this share of its relevance.
pub(super) const BESIDE_THE_BEST: f64 = 0.55;
/// A sentence as like as this to one already chosen repeats it.
pub(super) const REPEATS: f64 = 0.75;
/// What a sentence in another language than the reply's is worth.
const OTHER_LANGUAGE: f64 = 0.6;
/// What the other sentences of a document are worth that a newer one contradicts.
const OUTDATED: f64 = 0.5;
/// A passage with at least this share of the best one's likeness may answer in its place.
pub(super) const NEAR_THE_BEST_PASSAGE: f64 = 0.95;
/// With fewer sentences than this, the one beside the best is read too.
const SAYS_SOMETHING: usize = 2;
/// The best sentence at home has at least this relevance: less than `MEETS`, because its passage speaks for it.
const MEETS_AT_HOME: f64 = 0.14;
/// A sentence shares so many stems and figures with one sentence of the ask, or its vector is as near as `NEAR`: one common word is chance.
const SHARED: usize = 2;
const NEAR: f64 = 0.45;
/// A sentence with fewer stems and figures than this says little, however much of it is shared.
const SAYS_ENOUGH: usize = 5;
/// A question less like every chosen sentence than this is left open, and so many of them are named. Set by eye on the demo company, where
/// sentences that answer lie above 0.4 and those that only speak of the same things between 0.15 and 0.32.
const LEFT_OPEN: f64 = 0.36;
const QUESTIONS_LEFT: usize = 2;
/// How many of the most relevant sentences are compared with each other.
const COMPARED: usize = 40;

/// Chooses the sentences of a reply from candidates; sentences that the reader may not see are never looked at.
#[must_use]
pub fn choose(ask: &[Line<'_>], candidates: &[Candidate<'_>], limits: &ReplyLimits) -> Chosen {
    let visible: Vec<Candidate<'_>> =
        candidates.iter().filter(|candidate| limits.reader.may_see(candidate.audience) && is_prose(&candidate.line)).cloned().collect();
    let lines: Vec<Line<'_>> = ask.iter().cloned().chain(visible.iter().map(|candidate| candidate.line.clone())).collect();
    let compared = Compared::new(&lines);
    let words: Vec<Words> = (ask.len()..lines.len()).map(|line| compared.words(line).clone()).collect();
    let like = |one: usize, other: usize| compared.between(ask.len() + one, ask.len() + other);

    let mut relevance = relevances(ask, &compared, limits.language);
    let mut ranked: Vec<usize> = (0..visible.len()).collect();
    ranked.sort_by(|a, b| relevance[*b].total_cmp(&relevance[*a]).then(a.cmp(b)));
    let best = ranked.first().map_or(0.0, |line| relevance[*line]);
    if best < MEETS {
        return Chosen::default();
    }
    let near: Vec<usize> = ranked.iter().copied().take(COMPARED).filter(|line| relevance[*line] >= best * BESIDE_THE_BEST).collect();
    let contradictions = contradiction::find(&visible, &words, &near, like);
    set_right(&visible, &contradictions, &mut relevance);

    let Some(home) = home(&visible, &relevance, limits.language) else { return Chosen::default() };
    let is_outdated = |line: usize| contradictions.iter().any(|found| found.older == line);
    let text = Reading { candidates: &visible, relevance: &relevance };
    let mut chosen = text.around(home, is_outdated);
    let nearness = |question: usize, line: usize| compared.between(question, ask.len() + line);
    for line in text.answers(home, &questions(ask, &compared), nearness).into_iter().filter(|line| !is_outdated(*line)) {
        if chosen.len() < limits.sentences && chosen.iter().all(|other| *other != line && like(line, *other) < REPEATS) {
            chosen.push(line);
        }
    }
    if chosen.len() < SAYS_SOMETHING.min(limits.sentences) {
        chosen.extend(text.beside(home, is_outdated).filter(|line| like(*line, home) < REPEATS));
    }
    // The best sentence stays, whatever was read before it.
    if let Some(place) = chosen.iter().position(|line| *line == home) {
        chosen.drain(..(place + 1).saturating_sub(limits.sentences));
    }
    chosen.truncate(limits.sentences);
    chosen.retain(|line| grounding::check(visible[*line].line.text, visible[*line].line.language, &[visible[*line].line.text]));
    let support = support(ask, &compared, &chosen, &relevance);
    let mut warnings = warnings(&visible, &contradictions, &chosen, limits.language);
    let open = left_open(ask, &compared, &chosen);
    let is_met = open.is_empty() || open.len() < questions(ask, &compared).len();
    if !open.is_empty() {
        warnings.push(Reason::LeavesOpen { questions: open.into_iter().take(QUESTIONS_LEFT).collect() });
    }
    in_reading_order(&mut chosen, &visible);
    Chosen { sentences: chosen.iter().map(|line| visible[*line].line.cited()).collect(), warnings, support, is_met }
}

/// The sentence that meets the ask best in the document that the search holds for the best: what a document is about says more than the
/// words of one sentence. `None` when the passages that this reader may see are far from the best one, which then answers it.
fn home(candidates: &[Candidate<'_>], relevance: &[f64], language: Language) -> Option<usize> {
    let worth = |line: usize| {
        let candidate = &candidates[line];
        candidate.weight * if candidate.line.language == language { 1.0 } else { OTHER_LANGUAGE }
    };
    let best = (0..candidates.len())
        .filter(|line| relevance[*line] >= MEETS_AT_HOME && candidates[*line].weight >= NEAR_THE_BEST_PASSAGE)
        .max_by(|a, b| worth(*a).total_cmp(&worth(*b)).then(relevance[*a].total_cmp(&relevance[*b])).then(b.cmp(a)))?;
    (0..candidates.len())
        .filter(|line| *line == best || document(&candidates[*line]).is_some_and(|of| document(&candidates[best]) == Some(of)))
        .max_by(|a, b| (relevance[*a] * worth(*a)).total_cmp(&(relevance[*b] * worth(*b))).then(b.cmp(a)))
}

/// How well each candidate meets the ask: its likeness to the nearest sentence of the ask and to the whole of it.
pub(super) fn relevances(ask: &[Line<'_>], compared: &Compared<'_>, language: Language) -> Vec<f64> {
    let weights: Vec<f64> = Acts::of_all(ask)
        .iter()
        .map(|acts| match (acts.is_idle(), acts.asks(), acts.has(Act::Trouble)) {
            (true, ..) => 0.0,
            (false, true, _) => 1.0,
            (false, false, true) => 0.8,
            (false, false, false) => 0.6,
        })
        .collect();
    let asked = Words::together((0..ask.len()).filter(|line| weights[*line] > 0.0).map(|line| compared.words(line)));
    let middle = middle(ask, &weights);
    let rarity = Rarity::of((0..compared.lines().len()).map(|line| compared.words(line)));
    (ask.len()..compared.lines().len())
        .map(|place| {
            let line = &compared.lines()[place];
            let nearest = weights.iter().enumerate().map(|(asked, weight)| weight * compared.between(asked, place)).fold(0.0, f64::max);
            let whole = Line { vector: middle.as_deref(), language: ask.first().map_or(language, |first| first.language), ..line.clone() };
            let whole = likeness((&whole, &asked), (line, compared.words(place)), &rarity);
            let acts = Acts::of(line);
            let told = if acts.has(Act::Instruction) { 0.04 } else { 0.0 } - if dangles(line.text) { 0.04 } else { 0.0 };
            let spoken = if line.language == language { 1.0 } else { OTHER_LANGUAGE };
            let words = compared.words(place);
            let says = share((words.stems.len() + words.figures.len()).min(SAYS_ENOUGH), SAYS_ENOUGH);
            let meets = 0.6 * nearest + 0.4 * whole;
            let met = |asked: usize| weights[asked] > 0.0 && more_than_chance(compared, asked, place);
            if meets > 0.0 && (0..ask.len()).any(met) { (meets + told).max(0.0) * spoken * says } else { 0.0 }
        })
        .collect()
}

/// Whether two lines share more than one word or stand near each other.
fn more_than_chance(compared: &Compared<'_>, asked: usize, place: usize) -> bool {
    let (one, other) = (compared.words(asked), compared.words(place));
    let shared = one.stems.intersection(&other.stems).count() + one.figures.intersection(&other.figures).count();
    let near = |a: &[f32], b: &[f32]| a.len() == b.len() && cosine(a, b) >= NEAR;
    let vectors = compared.lines()[asked].vector.zip(compared.lines()[place].vector);
    shared >= SHARED || vectors.is_some_and(|(a, b)| near(a, b))
}

/// The middle of the ask's vectors, of unit norm.
fn middle(ask: &[Line<'_>], weights: &[f64]) -> Option<Vec<f32>> {
    let vectors: Vec<&[f32]> = ask.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).filter_map(|(line, _)| line.vector).collect();
    let dimensions = vectors.first()?.len();
    let mut sum = vec![0.0_f32; dimensions];
    for vector in vectors.iter().filter(|vector| vector.len() == dimensions) {
        sum.iter_mut().zip(*vector).for_each(|(total, value)| *total += value);
    }
    let norm = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    (norm > 0.0).then(|| sum.iter().map(|value| value / norm).collect())
}

/// Lets the newer of two contradicting sentences take the older one's place, and trusts the rest of the older document less.
fn set_right(candidates: &[Candidate<'_>], contradictions: &[Contradiction], relevance: &mut [f64]) {
    for Contradiction { older, newer } in contradictions {
        relevance[*newer] = relevance[*newer].max(relevance[*older]);
    }
    for (line, candidate) in candidates.iter().enumerate() {
        let outdated = |contradiction: &&Contradiction| document(&candidates[contradiction.older]) == document(candidate);
        if document(candidate).is_some() && contradictions.iter().any(|contradiction| outdated(&contradiction)) {
            relevance[line] *= OUTDATED;
        }
    }
    for Contradiction { older, .. } in contradictions {
        relevance[*older] = 0.0;
    }
}

/// The questions of the ask, those of one word left out.
fn questions(ask: &[Line<'_>], compared: &Compared<'_>) -> Vec<usize> {
    let acts = Acts::of_all(ask);
    (0..ask.len()).filter(|line| acts[*line].asks() && !acts[*line].is_idle() && compared.words(*line).stems.len() > 1).collect()
}

/// The questions of the ask that none of the chosen sentences comes near.
fn left_open(ask: &[Line<'_>], compared: &Compared<'_>, chosen: &[usize]) -> Vec<String> {
    let is_open = |asked: &usize| chosen.iter().all(|line| compared.between(*asked, ask.len() + line) < LEFT_OPEN);
    let open = questions(ask, compared).into_iter().filter(is_open);
    if chosen.is_empty() { Vec::new() } else { open.map(|asked| ask[asked].text.trim().to_owned()).collect() }
}

/// How well the chosen sentences meet the questions of the ask, on average; without any question, how relevant the best one is.
fn support(ask: &[Line<'_>], compared: &Compared<'_>, chosen: &[usize], relevance: &[f64]) -> f64 {
    let best = chosen.iter().map(|line| relevance[*line]).fold(0.0, f64::max);
    let asking = questions(ask, compared);
    let met = |asked: usize| chosen.iter().map(|line| compared.between(asked, ask.len() + line)).fold(0.0, f64::max);
    let questions = asking.iter().map(|asked| met(*asked)).sum::<f64>() / share(asking.len().max(1), 1);
    if asking.is_empty() { best } else { f64::midpoint(best, questions) }.clamp(0.0, 1.0)
}

fn warnings(candidates: &[Candidate<'_>], contradictions: &[Contradiction], chosen: &[usize], language: Language) -> Vec<Reason> {
    let told = contradictions.iter().filter(|contradiction| chosen.contains(&contradiction.newer));
    let mut warnings: Vec<Reason> = told.map(|found| contradiction::warning(&candidates[found.older], &candidates[found.newer])).collect();
    let foreign = chosen.iter().filter(|line| candidates[**line].line.language != language).count();
    if foreign > 0 {
        warnings.push(Reason::Untranslated { count: foreign, of: chosen.len() });
    }
    warnings.dedup();
    warnings
}

/// The document of the best sentence first, and within a document as it is written.
fn in_reading_order(chosen: &mut [usize], candidates: &[Candidate<'_>]) {
    let key = |line: usize| (candidates[line].line.source, candidates[line].line.span.start);
    let home = |line: usize| match candidates[line].line.source {
        Source::Passage(document, _) => Source::Passage(document, crate::domain::id::PassageId::from_uuid(document.as_uuid())),
        other @ (Source::Ticket(_) | Source::Comment(..) | Source::Message(..) | Source::Attachment(..) | Source::Playbook) => other,
    };
    let homes: Vec<Source> = chosen.iter().map(|line| home(*line)).collect();
    chosen.sort_by_key(|line| (homes.iter().position(|source| *source == home(*line)), key(*line).1));
}

/// Whether a sentence speaks of its author or of its article, as the questions of a list do and notes on an edition; a reply would not.
fn speaks_of_itself(text: &str) -> bool {
    const FIRST: [&str; 9] = ["my", "mon", "ma", "mes", "i", "je", "j'ai", "updated", "edition"];
    const PAGES: [&str; 7] = ["this article", "this page", "this guide", "cet article", "cette page", "cette fiche", "ce guide"];
    const ANYWHERE: [&str; 3] = ["you will find here", "you'll find here", "vous trouverez ici"];
    let folded = fold(text);
    let first = folded.split_whitespace().next();
    first.is_some_and(|first| FIRST.contains(&first))
        || PAGES.iter().any(|page| folded.starts_with(page))
        || ANYWHERE.iter().any(|words| folded.contains(words))
}

/// Whether a line is a sentence to be read, not a heading, a row of a table, a part of a list, a bit of navigation, a courtesy or a question.
fn is_prose(line: &Line<'_>) -> bool {
    let text = line.text.trim();
    let acts = Acts::of(line);
    let count = text.split_whitespace().count();
    let ends = text.trim_end_matches(['*', '_', '"', '”', '»', ')', '’']).ends_with(['.', '!']);
    let capitals = text.split_whitespace().filter(|word| word.starts_with(char::is_uppercase)).count();
    let begins = text.chars().find(|c| c.is_alphanumeric()).is_some_and(|first| !first.is_lowercase());
    let title = !ends && count > 1 && share(capitals, count) > 0.6;
    !acts.is_idle()
        && !acts.has(Act::Question)
        && begins
        && count >= 4
        && (ends || count >= 8)
        && !text.contains(['|', '·'])
        && !speaks_of_itself(text)
        && !text.ends_with([':', ',', ';'])
        && !text.starts_with('#')
        && !title
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_sentence_about_its_page_is_told_from_one_that_names_a_page() {
        for (text, expected) in [
            ("Cette page donne les délais et explique chaque mention.", true),
            ("This guide shows how to connect a Wick Bell.", true),
            ("Vous trouverez ici où la télécharger.", true),
            ("Branchez cette fiche à l’arrière, puis attendez.", false),
            ("Open the link on this page and choose a size.", false),
        ] {
            assert_eq!(speaks_of_itself(text), expected, "{text}");
        }
    }

    use crate::domain::id::{CustomerId, DocumentId, PassageId};
    use crate::lines::testing::{EN, FR, at, cut, line};

    const RETURNS: &str = "# Returns\nYou can send back anything within 30 days of delivery, for any reason. The original packaging is welcome but not required. \
        Print the label and hand the parcel over at a drop-off point. We refund within 5 working days after the parcel reaches our warehouse. \
        What if the item is faulty?";
    const OLD_RETURNS: &str =
        "You can send back anything within 14 days of delivery. The original packaging is required for every return you send back.";
    const DELIVERY: &str = "Parcels to Ireland take 4 to 6 working days. The tracking page shows where the parcel is.";
    const RETOURS: &str = "Vous pouvez renvoyer tout article dans les 30 jours suivant la livraison. Le remboursement part sous 5 jours ouvrés après réception à l'entrepôt.";

    struct Doc(u8, &'static str, &'static str, &'static str, Audience, Language);

    fn docs() -> Vec<Doc> {
        vec![
            Doc(1, "Returns", "2026-06-10", RETURNS, Audience::Public, EN),
            Doc(2, "Old returns", "2024-02-12", OLD_RETURNS, Audience::Public, EN),
            Doc(3, "Delivery", "2026-01-01", DELIVERY, Audience::Public, EN),
            Doc(4, "Retours", "2026-06-12", RETOURS, Audience::Public, FR),
        ]
    }

    fn chosen(ask: &[(&str, Language)], docs: &[Doc], reader: Reader) -> Chosen {
        chosen_within(ask, docs, &ReplyLimits { reader, language: ask[0].1, sentences: 5 })
    }

    fn chosen_within(ask: &[(&str, Language)], docs: &[Doc], limits: &ReplyLimits) -> Chosen {
        let ask: Vec<Line<'_>> = ask.iter().map(|(text, language)| line(text, *language)).collect();
        let zero = Timestamp::from_micros(0);
        let candidates: Vec<Candidate<'_>> = docs
            .iter()
            .flat_map(|Doc(number, title, updated, text, audience, language)| {
                cut(text).into_iter().enumerate().map(move |(position, (start, sentence))| Candidate {
                    line: Line {
                        source: Source::Passage(DocumentId::at(zero, [*number; 10]), PassageId::at(zero, [*number; 10])),
                        title,
                        span: start..start + sentence.len(),
                        position,
                        ..line(sentence, *language)
                    },
                    audience,
                    updated_at: at(&format!("{updated}T00:00:00Z")),
                    weight: 1.0,
                })
            })
            .collect();
        choose(&ask, &candidates, limits)
    }

    fn texts(chosen: &Chosen) -> Vec<&str> {
        chosen.sentences.iter().map(|cited| cited.text.as_str()).collect()
    }

    #[test]
    fn the_sentences_that_meet_the_ask_are_chosen_in_reading_order() {
        let chosen = chosen(
            &[("How many days do I have to send back the camera?", EN), ("Within how many working days do you refund?", EN)],
            &docs()[..1],
            Reader::Anyone,
        );
        assert_eq!(
            texts(&chosen),
            [
                "You can send back anything within 30 days of delivery, for any reason.",
                "We refund within 5 working days after the parcel reaches our warehouse."
            ]
        );
        assert!((0.0..=1.0).contains(&chosen.support) && chosen.support > 0.2, "{}", chosen.support);
    }

    #[test]
    fn the_newer_document_wins_and_the_author_is_warned() {
        let chosen = chosen(&[("Within how many days of delivery can I send it back?", EN)], &docs(), Reader::Anyone);
        assert_eq!(texts(&chosen)[0], "You can send back anything within 30 days of delivery, for any reason.");
        assert!(!texts(&chosen).iter().any(|text| text.contains("14 days")), "{chosen:?}");
        assert_eq!(chosen.warnings.len(), 1, "{:?}", chosen.warnings);
        let warning = chosen.warnings[0].to_string();
        assert!(
            warning.starts_with("“Old returns” of 12 Feb 2024 says “You can send back anything within 14 days of delivery.”"),
            "{warning}"
        );
    }

    #[test]
    fn french_is_answered_in_french() {
        let chosen = chosen(&[("Sous combien de jours puis-je renvoyer un article, et le remboursement ?", FR)], &docs(), Reader::Anyone);
        assert_eq!(texts(&chosen)[0], "Vous pouvez renvoyer tout article dans les 30 jours suivant la livraison.");
        assert_eq!(chosen.warnings, []);
    }

    #[test]
    fn what_the_reader_may_not_see_is_never_chosen() {
        let ask = [("How many days do I have to send back the camera?", EN)];
        let hidden = |audience: Audience| [Doc(1, "Returns", "2026-06-10", RETURNS, audience, EN)];
        let customer = |byte| CustomerId::at(Timestamp::from_micros(0), [byte; 10]);
        let teams = Audience::Teams(BTreeSet::from(["legal".parse().unwrap()]));
        assert_eq!(chosen(&ask, &hidden(Audience::Internal), Reader::Anyone), Chosen::default());
        assert_eq!(chosen(&ask, &hidden(teams), Reader::Customer(customer(1))), Chosen::default());
        assert_eq!(chosen(&ask, &hidden(Audience::Customer(customer(2))), Reader::Customer(customer(1))), Chosen::default());
        assert!(!chosen(&ask, &hidden(Audience::Customer(customer(1))), Reader::Customer(customer(1))).sentences.is_empty());
    }

    #[test]
    fn an_ask_that_nothing_meets_is_left_alone() {
        assert_eq!(chosen(&[("Do you offer internships for pupils?", EN)], &docs()[..3], Reader::Anyone), Chosen::default());
        assert_eq!(chosen(&[("Acceptez-vous des stagiaires de troisième ?", FR)], &docs()[3..], Reader::Anyone), Chosen::default());
    }

    #[test]
    fn a_reply_reads_on_from_the_best_sentence_and_begins_before_one_that_points_back() {
        const CHIME: &str = "The ring blinks white while the bell looks for a network. Press the button for ten seconds to reset the bell. \
            It then restarts and the ring blinks white. Our shops are closed on Sundays.";
        let bell = [Doc(1, "Bell", "2026-06-10", CHIME, Audience::Public, EN)];
        let chosen = chosen(&[("After a reset, does the bell restart and blink white?", EN)], &bell, Reader::Anyone);
        let texts: Vec<&str> = chosen.sentences.iter().map(|sentence| sentence.text.as_str()).collect();
        assert!(
            texts
                .windows(2)
                .any(|pair| pair == ["Press the button for ten seconds to reset the bell.", "It then restarts and the ring blinks white."]),
            "{texts:?}"
        );
        assert!(!texts.contains(&"Our shops are closed on Sundays."), "{texts:?}");
    }

    #[test]
    fn of_one_sentence_the_best_is_kept_though_it_points_back() {
        const CHIME: &str =
            "Press the button for ten seconds to reset the bell. It then restarts and the ring blinks white until it is found.";
        let bell = [Doc(1, "Bell", "2026-06-10", CHIME, Audience::Public, EN)];
        let texts = |sentences| {
            let limits = ReplyLimits { reader: Reader::Anyone, language: EN, sentences };
            let chosen = chosen_within(&[("The bell restarts and the ring blinks white until it is found?", EN)], &bell, &limits);
            chosen.sentences.into_iter().map(|cited| cited.text).collect::<Vec<_>>()
        };
        assert_eq!(texts(1), ["It then restarts and the ring blinks white until it is found."]);
        assert_eq!(texts(2).len(), 2);
    }

    #[test]
    fn a_question_that_nothing_chosen_comes_near_is_said_to_be_open() {
        let asked = ("Within how many days of delivery can I send back the camera?", EN);
        let other = ("Who pays the electrician for the new transformer?", EN);
        let open = |ask: &[(&str, Language)]| {
            let chosen = chosen(ask, &docs()[..1], Reader::Anyone);
            assert!(!chosen.sentences.is_empty());
            chosen
                .warnings
                .into_iter()
                .find_map(|warning| if let Reason::LeavesOpen { questions } = warning { Some(questions) } else { None })
        };
        assert_eq!(open(&[asked]), None);
        assert_eq!(open(&[asked, other]), Some(vec![other.0.to_owned()]));
    }

    #[test]
    fn nothing_is_said_twice() {
        let twice = [
            Doc(1, "Returns", "2026-06-10", "You can send back anything within 30 days of delivery.", Audience::Public, EN),
            Doc(2, "Help", "2026-06-10", "You can send back anything within 30 days of the delivery.", Audience::Public, EN),
        ];
        assert_eq!(chosen(&[("How many days do I have to send back the camera?", EN)], &twice, Reader::Anyone).sentences.len(), 1);
    }

    #[test]
    fn headings_rows_and_questions_are_no_answers() {
        let check = |text: &str, prose: bool| assert_eq!(is_prose(&line(text, EN)), prose, "{text}");
        check("You have 30 days to return it.", true);
        check("Débranchez le transformateur cinq minutes.", true);
        check("# Returns and exchanges", false);
        check("Returns And Exchanges At Alderwick", false);
        check("| Ireland | €6.90, deducted from the refund |", false);
        check("Home > Help > Returns", false);
        check("How do I return something I bought from you?", false);
        check("An exchange is one of these:", false);
        check("the serial number, which is printed under the base", false);
        check("Your order number, your address and the date of the order;", false);
    }
}
