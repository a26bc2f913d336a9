//! Which sentences of a conversation make the best summary, as somebody's own summary of it says: what the salience heads learn from.

use std::path::Path;

use backchannel_measure::text::rouge_stemmed;

use crate::eval::Encode;
use crate::eval::error::EvalError;
use crate::eval::meetings::meetings;
use crate::eval::records::ThreadRecord;
use crate::eval::sets::email_threads;
use crate::eval::summary::{ANSWER_WORDS, Read, WORDS, attributed};
use crate::lines::Line;
use crate::threads::salience::{Candidates, Labelled, candidates};

/// One meeting of so many is learned from: their sentences are many, and the numbers that are learned few.
const ONE_OF: usize = 4;

/// The sentences of the training parts: of conversations, and of questions about meetings.
pub(super) async fn salience(data: &Path, encoder: &impl Encode) -> Result<(Vec<Labelled>, Vec<Labelled>), EvalError> {
    let threads: Vec<ThreadRecord> = email_threads(data, "train")?
        .into_iter()
        .map(|record| serde_json::from_value(record).map_err(|error| EvalError::TooLittle(format!("an e-mail thread is none: {error}"))))
        .collect::<Result<_, _>>()?;
    let conversations = labelled(&threads, WORDS, encoder).await?;
    let mut questions = Vec::new();
    for meeting in meetings(&data.join("qmsum"), "train")?.into_iter().step_by(ONE_OF) {
        questions.extend(labelled(&Vec::from(meeting), ANSWER_WORDS, encoder).await?);
    }
    Ok((conversations, questions))
}

async fn labelled(threads: &[ThreadRecord], most_words: usize, encoder: &impl Encode) -> Result<Vec<Labelled>, EvalError> {
    let read = Read::all(threads, encoder).await?;
    let mut all = Vec::new();
    for (place, thread) in threads.iter().enumerate() {
        let (lines, question) = (read.lines(place), read.question(place));
        let Candidates { lines: among, features } = candidates(&lines, &question);
        let told = best(&lines, &among, &thread.references, most_words);
        all.extend(features.into_iter().zip(among).map(|(features, line)| Labelled { features, is_told: told.contains(&line) }));
    }
    Ok(all)
}

/// Greedy: each time the sentence that brings most agreement in words and pairs of words, until none brings more.
fn best(lines: &[Line<'_>], among: &[usize], references: &[String], most_words: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    let (mut reached, mut left) = (0.0, most_words);
    let words = |line: usize| lines[line].text.split_whitespace().count();
    loop {
        let with = |line: usize| {
            let mut told: Vec<usize> = chosen.iter().copied().chain([line]).collect();
            told.sort_unstable();
            let told: Vec<String> = told.into_iter().map(|line| attributed(lines[line].title, lines[line].text)).collect();
            let found = rouge_stemmed(&told.join(" "), references);
            [found.rouge_1, found.rouge_2].iter().map(|rouge| rouge.map_or(0.0, |rouge| rouge.f_measure)).sum::<f64>()
        };
        let fits = among.iter().copied().filter(|line| !chosen.contains(line) && words(*line) <= left);
        let next = fits.map(|line| (line, with(line))).max_by(|(a, one), (b, other)| one.total_cmp(other).then(b.cmp(a)));
        let Some((line, agreement)) = next.filter(|(_, agreement)| *agreement > reached) else { break };
        (reached, left) = (agreement, left - words(line));
        chosen.push(line);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{EN, line};

    #[test]
    fn the_best_sentences_are_those_that_somebody_else_told() {
        let lines = [
            line("The pack is swollen at one end.", EN),
            line("I like yellow boxes very much.", EN),
            line("A courier must fetch the pack.", EN),
        ];
        let told = best(&lines, &[0, 1, 2], &["A courier must fetch the swollen pack.".to_owned()], 20);
        assert!(told.contains(&2) && !told.contains(&1), "{told:?}");
        assert_eq!(best(&lines, &[0, 1, 2], &["Nothing of it".to_owned()], 3), [0_usize; 0]);
    }
}
