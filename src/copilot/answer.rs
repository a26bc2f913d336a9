//! Which sentences answer a question that a colleague asks about a ticket.

use crate::copilot::reply::{BESIDE_THE_BEST, MEETS, REPEATS, relevances};
use crate::domain::panel::Cited;
use crate::domain::vocabulary::Language;
use crate::lines::Line;
use crate::lines::acts::{Act, Acts};
use crate::lines::likeness::Compared;

/// A sentence of fewer words says nothing by itself.
const FEWEST_WORDS: usize = 3;
/// How much relevance counts against repetition (maximal marginal relevance, Carbonell and Goldstein 1998).
const RELEVANCE: f64 = 0.7;

/// Chooses at most so many sentences, best first, from what the asking person may read; none when nothing meets the question.
#[must_use]
pub fn answer(question: &[Line<'_>], candidates: &[Line<'_>], language: Language, at_most: usize) -> Vec<Cited> {
    let telling: Vec<Line<'_>> = candidates.iter().filter(|line| tells(line)).cloned().collect();
    let lines: Vec<Line<'_>> = question.iter().chain(&telling).cloned().collect();
    let compared = Compared::new(&lines);
    let relevance = relevances(question, &compared, language);
    let near: Vec<usize> = (0..telling.len()).filter(|line| relevance[*line] >= MEETS).collect();
    let like = |one: usize, other: usize| compared.between(question.len() + one, question.len() + other);
    let mut chosen = pick(&near, &relevance, like, at_most);
    chosen.sort_by(|a, b| relevance[*b].total_cmp(&relevance[*a]).then(a.cmp(b)));
    chosen.into_iter().map(|line| telling[line].cited()).collect()
}

/// Picks one sentence after the other, each relevant and unlike those before it.
fn pick(near: &[usize], relevance: &[f64], like: impl Fn(usize, usize) -> f64, at_most: usize) -> Vec<usize> {
    let best = near.iter().map(|line| relevance[*line]).fold(0.0, f64::max);
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < at_most {
        let repeats = |line: usize| chosen.iter().map(|other| like(line, *other)).fold(0.0, f64::max);
        let marginal = |line: usize| RELEVANCE * relevance[line] - (1.0 - RELEVANCE) * repeats(line);
        let next = near
            .iter()
            .copied()
            .filter(|line| !chosen.contains(line) && relevance[*line] >= best * BESIDE_THE_BEST && repeats(*line) < REPEATS)
            .max_by(|a, b| marginal(*a).total_cmp(&marginal(*b)).then(b.cmp(a)));
        let Some(next) = next.filter(|next| relevance[*next] > 0.0) else { break };
        chosen.push(next);
    }
    chosen
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
    use crate::lines::testing::{EN, cut, line};

    const THREAD: &str = "Hi Tom! The battery swelled because of the charger of batch 7. We replace the battery pack free of charge until March. \
        Do you have the serial number? Thanks a lot!";

    fn lines(text: &str) -> Vec<Line<'_>> {
        let numbered = cut(text).into_iter().enumerate();
        numbered.map(|(position, (start, said))| Line { span: start..start + said.len(), position, ..line(said, EN) }).collect()
    }

    fn answers(question: &str) -> Vec<String> {
        answer(&lines(question), &lines(THREAD), EN, 2).into_iter().map(|cited| cited.text).collect()
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
    }

    #[test]
    fn the_question_cites_where_the_answer_stands() {
        let found = answer(&lines("Why did the battery swell, was it the charger?"), &lines(THREAD), EN, 1);
        let span = found[0].evidence[0].span.clone().unwrap();
        assert_eq!(&THREAD[span], found[0].text);
    }
}
