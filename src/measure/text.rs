//! How much of a reference text another one says in the same words: ROUGE.
//!
//! Source: Lin, *ROUGE: A Package for Automatic Evaluation of Summaries* (2004). With stemming the numbers are those of the Python package
//! `rouge-score` for every text; without, for texts in ASCII: letters of other alphabets and with accents are kept here, and parted there.
//! ROUGE-L takes the text as one sentence; the union over sentences (`rougeLsum`) is left out.

use std::collections::BTreeMap;

use crate::ratio;
use crate::stem::stem;

/// The words of a text in lower case: runs of letters of any alphabet and the digits 0 to 9.
///
/// The text should be in composed form (NFC), as an accent that stands apart parts a word.
pub fn tokens(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphabetic() && !c.is_ascii_digit()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// How far a candidate and a reference agree, each number in \[0, 1\].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rouge {
    /// The share of the candidate that the reference has too; 0 for an empty candidate.
    pub precision: f64,
    /// The share of the reference that the candidate has too.
    pub recall: f64,
    /// Their harmonic mean: `2 P R / (P + R)`, 0 if nothing agrees.
    pub f_measure: f64,
}

impl Rouge {
    /// None if the reference has nothing to agree with.
    fn of(common: usize, candidate: usize, reference: usize) -> Option<Self> {
        let recall = ratio(common, reference)?;
        let f_measure = ratio(2 * common, candidate + reference)?;
        Some(Self { precision: ratio(common, candidate).unwrap_or(0.0), recall, f_measure })
    }
}

/// ROUGE-N: runs of `n` tokens in both, each as often as in the text that has it less often.
///
/// `recall = Σ min(count in candidate, count in reference) / Σ count in reference`, precision likewise by the candidate. None if the
/// reference has fewer than `n` tokens or `n` is 0; `rouge-score` says 0 there.
pub fn rouge_n<T: Ord>(n: usize, candidate: &[T], reference: &[T]) -> Option<Rouge> {
    let wanted = runs(n, reference);
    let said = runs(n, candidate);
    let common = wanted.iter().map(|(run, count)| said.get(run).copied().unwrap_or(0).min(*count)).sum();
    Rouge::of(common, said.values().sum(), wanted.values().sum())
}

fn runs<T: Ord>(n: usize, tokens: &[T]) -> BTreeMap<&[T], usize> {
    let mut runs = BTreeMap::new();
    if n > 0 {
        for run in tokens.windows(n) {
            *runs.entry(run).or_default() += 1;
        }
    }
    runs
}

/// ROUGE-L: the longest common subsequence of tokens, through the length of each text.
///
/// `recall = LCS / |reference|`, `precision = LCS / |candidate|`, with equal weight of both. None for an empty reference.
pub fn rouge_l<T: PartialEq>(candidate: &[T], reference: &[T]) -> Option<Rouge> {
    // One row of the table of lengths: `row[j]` for the candidate so far and the first `j` tokens of the reference.
    let mut row = vec![0_usize; reference.len() + 1];
    for said in candidate {
        let mut diagonal = 0;
        for (j, wanted) in reference.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if said == wanted { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    Rouge::of(row[reference.len()], candidate.len(), reference.len())
}

/// The agreement with the reference that is nearest, by F-measure; the first of equals.
///
/// `rouge-score` does the same (`score_multi`); Lin also leaves each reference out in turn, which is not done here.
pub fn best(agreements: impl IntoIterator<Item = Option<Rouge>>) -> Option<Rouge> {
    agreements.into_iter().flatten().reduce(|best, next| if next.f_measure > best.f_measure { next } else { best })
}

/// ROUGE-1, ROUGE-2 and ROUGE-L of a text, each by the reference nearest to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rouges {
    /// By words.
    pub rouge_1: Option<Rouge>,
    /// By pairs of words; none if no reference has two.
    pub rouge_2: Option<Rouge>,
    /// By the longest common subsequence.
    pub rouge_l: Option<Rouge>,
}

/// Compares a text with one reference or several; nothing has a value if no reference has a word.
pub fn rouge<R: AsRef<str>>(candidate: &str, references: &[R]) -> Rouges {
    let candidate = tokens(candidate);
    let references: Vec<Vec<String>> = references.iter().map(|reference| tokens(reference.as_ref())).collect();
    of_tokens(&candidate, &references)
}

/// The same by stems: words of more than three letters are compared without their endings, as `rouge-score` does when told to stem.
///
/// Stems are English, and so are its words: runs of the letters a to z and the digits 0 to 9. A letter with an accent parts a word, which
/// keeps the numbers comparable with those that others publish.
pub fn rouge_stemmed<R: AsRef<str>>(candidate: &str, references: &[R]) -> Rouges {
    let stemmed = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| if word.len() > 3 { stem(word) } else { word.to_owned() }).collect()
    };
    let candidate = stemmed(candidate);
    let references: Vec<Vec<String>> = references.iter().map(|reference| stemmed(reference.as_ref())).collect();
    of_tokens(&candidate, &references)
}

fn of_tokens(candidate: &[String], references: &[Vec<String>]) -> Rouges {
    Rouges {
        rouge_1: best(references.iter().map(|reference| rouge_n(1, candidate, reference))),
        rouge_2: best(references.iter().map(|reference| rouge_n(2, candidate, reference))),
        rouge_l: best(references.iter().map(|reference| rouge_l(candidate, reference))),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "what is computed without rounding, or in the same way, is the same")]

    use super::*;

    const POLICE: &str = "police killed the gunman";

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn stems_agree_where_words_do_not() {
        let (said, wanted) = ("Ana agrees that refunds were delayed", "Ana agreed: the refund is delaying everything");
        let (plain, stemmed) = (rouge(said, &[wanted]), rouge_stemmed(said, &[wanted]));
        // `rouge_score` says .153846 and .615385.
        assert!((plain.rouge_1.unwrap().f_measure - 2.0 / 13.0).abs() < 1e-9);
        assert!((stemmed.rouge_1.unwrap().f_measure - 8.0 / 13.0).abs() < 1e-9);
    }

    #[test]
    fn words_are_in_lower_case_and_keep_their_accents() {
        assert_eq!(tokens("Don't RE-SEND n°42_b!"), ["don", "t", "re", "send", "n", "42", "b"]);
        assert_eq!(tokens("L'ÉTÉ, œuvre; Straße"), ["l", "été", "œuvre", "straße"]);
        assert!(tokens(" … ").is_empty());
    }

    #[test]
    fn the_examples_of_the_paper_come_out() {
        // Lin (2004), section 3.1: one pair of three in both, and only the longest common subsequence tells them apart.
        let (s2, s3) = (words("police kill the gunman"), words("the gunman kill police"));
        let reference = words(POLICE);
        assert_eq!(rouge_l(&s2, &reference).unwrap().f_measure, 0.75);
        assert_eq!(rouge_l(&s3, &reference).unwrap().f_measure, 0.5);
        assert_eq!(rouge_n(2, &s2, &reference).unwrap().f_measure, 1.0 / 3.0);
        assert_eq!(rouge_n(2, &s3, &reference).unwrap().f_measure, 1.0 / 3.0);
    }

    #[test]
    fn a_word_said_too_often_counts_as_often_as_it_is_wanted() {
        let got = rouge_n(1, &words("the the the cat"), &words("the cat sat on the mat")).unwrap();
        assert_eq!((got.precision, got.recall, got.f_measure), (0.75, 0.5, 0.6));
    }

    #[test]
    fn the_numbers_are_those_of_rouge_score() {
        let candidate = "We've refunded your order 4711; the money arrives in 3 to 5 days.";
        let reference = "Your order 4711 was refunded. The money should arrive within 3 to 5 working days, we hope.";
        let got = rouge(candidate, &[reference]);
        let f = |rouge: Option<Rouge>| rouge.unwrap().f_measure;
        for (got, expected) in [
            (f(got.rouge_1), 0.709_677_419_354_838_6),
            (f(got.rouge_2), 0.344_827_586_206_896_6),
            (f(got.rouge_l), 0.580_645_161_290_322_6),
        ] {
            assert!((got - expected).abs() < 1e-12, "{got} is not {expected}");
        }
    }

    #[test]
    fn the_numbers_with_stemming_are_those_of_rouge_score_on_two_hundred_pairs() {
        // Made by `fixtures/rouge_reference.py`.
        const PAIRS: &str = include_str!("fixtures/rouge_pairs.jsonl");
        assert_eq!(PAIRS.lines().count(), 200);
        for line in PAIRS.lines() {
            let pair: serde_json::Value = serde_json::from_str(line).unwrap();
            let got = rouge_stemmed(pair["candidate"].as_str().unwrap(), &[pair["reference"].as_str().unwrap()]);
            for (name, got) in [("rouge1", got.rouge_1), ("rouge2", got.rouge_2), ("rougeL", got.rouge_l)] {
                // What has no value here is 0 there.
                let got = got.map_or([0.0; 3], |got| [got.precision, got.recall, got.f_measure]);
                for (place, got) in got.into_iter().enumerate() {
                    let expected = pair[name][place].as_f64().unwrap();
                    assert!((got - expected).abs() < 1e-12, "{name}[{place}]: {got} is not {expected} for {line}");
                }
            }
        }
    }

    #[test]
    fn swapping_the_texts_swaps_precision_and_recall() {
        let (a, b) = (words("a b c a d"), words("c a b e a b"));
        for (there, back) in
            [(rouge_n(1, &a, &b), rouge_n(1, &b, &a)), (rouge_n(2, &a, &b), rouge_n(2, &b, &a)), (rouge_l(&a, &b), rouge_l(&b, &a))]
        {
            let (there, back) = (there.unwrap(), back.unwrap());
            assert_eq!((there.precision, there.recall, there.f_measure), (back.recall, back.precision, back.f_measure));
        }
    }

    #[test]
    fn a_text_agrees_with_itself_and_l_never_exceeds_1() {
        let all = Some(Rouge { precision: 1.0, recall: 1.0, f_measure: 1.0 });
        assert_eq!(rouge(POLICE, &[POLICE]), Rouges { rouge_1: all, rouge_2: all, rouge_l: all });
        let (a, b) = (words("d c b a"), words("a b c d"));
        assert!(rouge_l(&a, &b).unwrap().f_measure < rouge_n(1, &a, &b).unwrap().f_measure);
    }

    #[test]
    fn of_several_references_the_nearest_counts() {
        let got = rouge(POLICE, &["nothing alike", "the police killed a gunman", ""]);
        assert_eq!(got, rouge(POLICE, &["the police killed a gunman"]));
    }

    #[test]
    fn an_empty_candidate_says_nothing_and_an_empty_reference_asks_nothing() {
        let none = Some(Rouge { precision: 0.0, recall: 0.0, f_measure: 0.0 });
        assert_eq!(rouge("", &[POLICE]), Rouges { rouge_1: none, rouge_2: none, rouge_l: none });
        assert_eq!(rouge(POLICE, &["", "…"]), Rouges { rouge_1: None, rouge_2: None, rouge_l: None });
        assert_eq!(rouge("yes", &["yes"]).rouge_2, None);
        assert_eq!(rouge_n(0, &words("a"), &words("a")), None);
    }
}
