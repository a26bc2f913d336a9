//! `models bench`: how fast the encoder is here, and what of the processor it uses.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::cli::CliError;
use crate::cli::out::Out;
use crate::embed::manifest::Model;
use crate::embed::{Embedder, Encoder, Options, Precision, Purpose, UnitVector};
use crate::text::clean::{CleanText, clean};

/// How often one text is encoded alone, and for how long at most.
const ALONE: usize = 200;
const LONGEST_ALONE: Duration = Duration::from_secs(2);
const WORDS: [&str; 24] = [
    "router", "light", "stays", "red", "after", "the", "update", "and", "my", "order", "has", "not", "arrived", "please", "refund", "it",
    "when", "will", "you", "send", "another", "cable", "for", "free",
];

/// What to measure.
pub(super) struct Asked {
    pub(super) texts: Vec<PathBuf>,
    pub(super) rounds: u32,
    /// One for each file of texts, or none.
    pub(super) vectors: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    model: String,
    revision: String,
    computes_with: &'static str,
    precision: Precision,
    threads: usize,
    load_ms: f64,
    /// What one core can do at most, in billions of operations a second.
    peak_gflops: Option<f64>,
    sets: Vec<Set>,
    /// The first text alone, again and again.
    alone_p50_ms: f64,
    alone_p95_ms: f64,
}

#[derive(Serialize)]
struct Set {
    name: String,
    texts: usize,
    tokens: usize,
    /// Of each round.
    seconds: Vec<f64>,
    texts_per_s: f64,
    tokens_per_s: f64,
    /// What cutting texts into tokens takes of it.
    tokenizer_share: f64,
    /// What of the peak of all its threads it reaches.
    peak_share: Option<f64>,
}

pub(super) async fn run(model: &Model, folder: &Path, options: &Options, asked: &Asked, out: Out) -> Result<(), CliError> {
    if !asked.vectors.is_empty() && asked.vectors.len() != asked.texts.len() {
        let (files, names) = (asked.texts.len(), asked.vectors.len());
        return Err(CliError::Said(format!(
            "{files} files of texts and {names} for their vectors: name as many after `--vectors` as after `--texts`"
        )));
    }
    let begun = Instant::now();
    let encoder = Arc::new(Encoder::open(model, folder, options)?);
    let load_ms = milliseconds(begun);
    // Every vector is made anew.
    let embedder = Embedder::around(&encoder, &Options { remembered_texts: 0, ..options.clone() })?;
    let peak = encoder.peak();
    let mut sets = Vec::new();
    let texts = texts(&asked.texts)?;
    let one = texts[0].1[0].clone();
    for (place, (name, texts)) in texts.into_iter().enumerate() {
        let (set, vectors) = measure(&encoder, &embedder, name, &texts, asked.rounds, peak).await?;
        sets.push(set);
        if let Some(path) = asked.vectors.get(place) {
            let bytes: Vec<u8> = vectors.iter().flat_map(UnitVector::as_slice).flat_map(|number| number.to_le_bytes()).collect();
            fs_err::write(path, bytes).map_err(|source| CliError::File { path: path.display().to_string(), source })?;
        }
    }
    let mut alone = Vec::with_capacity(ALONE);
    let begun = Instant::now();
    while alone.len() < ALONE && (alone.is_empty() || begun.elapsed() < LONGEST_ALONE) {
        let begun = Instant::now();
        embedder.embed(vec![one.clone()], Purpose::Query).await?;
        alone.push(milliseconds(begun));
    }
    alone.sort_by(f64::total_cmp);
    let report = Report {
        model: model.name().to_owned(),
        revision: encoder.revision().to_owned(),
        computes_with: encoder.computes_with(),
        precision: encoder.precision(),
        threads: encoder.threads(),
        load_ms,
        peak_gflops: peak.map(|peak| peak / 1e9),
        sets,
        alone_p50_ms: alone[alone.len() / 2],
        alone_p95_ms: alone[alone.len() * 95 / 100],
    };
    out.result(&report, words);
    Ok(())
}

/// `peak` is that of one thread.
async fn measure(
    encoder: &Encoder,
    embedder: &Embedder,
    name: String,
    texts: &[CleanText],
    rounds: u32,
    peak: Option<f64>,
) -> Result<(Set, Vec<UnitVector>), CliError> {
    let begun = Instant::now();
    let lengths = texts.iter().map(|text| Ok(encoder.tokens(text, Purpose::Passage)?.len())).collect::<Result<Vec<_>, CliError>>()?;
    // As if all threads shared it, which they do when they encode.
    let cutting = begun.elapsed().as_secs_f64() / number(encoder.threads());
    let mut vectors = Vec::new();
    let mut seconds = Vec::new();
    // The first round warms caches up, and counts only where it is the only one.
    for round in 0..=rounds {
        let texts = texts.to_vec();
        let begun = Instant::now();
        vectors = embedder.embed_bulk(texts, Purpose::Passage).await?;
        if round > 0 || rounds == 0 {
            seconds.push(begun.elapsed().as_secs_f64());
        }
    }
    let mut sorted = seconds.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let tokens: usize = lengths.iter().sum();
    let operations: Option<f64> = lengths.iter().map(|length| encoder.operations(*length)).sum();
    let set = Set {
        name,
        texts: texts.len(),
        tokens,
        seconds,
        texts_per_s: number(texts.len()) / middle,
        tokens_per_s: number(tokens) / middle,
        tokenizer_share: cutting / middle,
        peak_share: operations.zip(peak).map(|(operations, peak)| operations / middle / (peak * number(encoder.threads()))),
    };
    Ok((set, vectors))
}

/// The texts of files, or short and long ones that are made up.
fn texts(files: &[PathBuf]) -> Result<Vec<(String, Vec<CleanText>)>, CliError> {
    if files.is_empty() {
        let short = (0..512).map(|number| made_up(12, number)).collect();
        let long = (0..64).map(|number| made_up(140, number)).collect();
        return Ok(vec![("12 words".to_owned(), short), ("140 words".to_owned(), long)]);
    }
    let read = |path: &PathBuf| {
        let name = path.display().to_string();
        let read = fs_err::read_to_string(path).map_err(|source| CliError::File { path: name.clone(), source })?;
        let texts: Vec<CleanText> = read.lines().map(clean).filter(|text| !text.as_str().trim().is_empty()).collect();
        if texts.is_empty() {
            return Err(CliError::Said(format!("{name} holds no text: put one on each line")));
        }
        Ok((name, texts))
    };
    files.iter().map(read).collect()
}

fn made_up(words: usize, seed: usize) -> CleanText {
    let word = |place: usize| WORDS[(place * 7 + seed * 5 + place * seed) % WORDS.len()];
    clean(&(0..words).map(word).collect::<Vec<_>>().join(" "))
}

fn words(report: &Report) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let mut lines = vec![format!(
        "{} · {} · {} · {} threads · loaded in {:.0} ms",
        report.revision,
        report.computes_with,
        match report.precision {
            Precision::Fast => "fast",
            Precision::Exact => "exact",
        },
        report.threads,
        report.load_ms
    )];
    lines.extend(report.sets.iter().map(|set| {
        format!(
            "{:<12} {:>8.0} texts/s {:>9.0} tokens/s   {} of the peak   tokenizer {}",
            set.name,
            set.texts_per_s,
            set.tokens_per_s,
            set.peak_share.map_or_else(|| "–".to_owned(), percent),
            percent(set.tokenizer_share)
        )
    }));
    lines.push(format!("one alone    p50 {:.2} ms, p95 {:.2} ms", report.alone_p50_ms, report.alone_p95_ms));
    lines.join("\n")
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "counts for people need no 53 bits")]
fn number(count: usize) -> f64 {
    count as f64
}
