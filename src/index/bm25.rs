//! BM25 vectors for both engines: words, folded and stemmed by language, hashed to the dimensions of a sparse vector.
//!
//! Term frequencies are weighed here; the engine multiplies in the inverse document frequency (its `Idf` modifier), so that a vector never
//! has to be made anew because other documents came. See Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
//! (2009), for the formula; `k1` and `b` are the usual ones.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use qdrant_edge::bm25_embed::{EdgeBm25, EdgeBm25Config};
use serde_json::json;

use crate::domain::vocabulary::Language;
use crate::text::clean::CleanText;

/// The length in words, stop words apart, that counts as middling: about that of a passage. A constant, for the true mean changes with
/// every document; it moves scores only slightly.
const MIDDLING_WORDS: f64 = 100.0;

/// Languages that have a stemmer and a list of stop words, by ISO 639-1, as the engine names them.
const STEMMED: [(&str, &str); 17] = [
    ("en", "english"),
    ("fr", "french"),
    ("ar", "arabic"),
    ("da", "danish"),
    ("de", "german"),
    ("el", "greek"),
    ("es", "spanish"),
    ("fi", "finnish"),
    ("hu", "hungarian"),
    ("it", "italian"),
    ("nl", "dutch"),
    ("no", "norwegian"),
    ("pt", "portuguese"),
    ("ro", "romanian"),
    ("ru", "russian"),
    ("sv", "swedish"),
    ("tr", "turkish"),
];

/// A language without a stemmer: the engine has no other way to be told not to stem.
const UNSTEMMED: &str = "hinglish";

/// French stop words that accent folding takes out of the engine's own list.
const FOLDED_STOP_WORDS: [&str; 9] = ["meme", "ete", "etes", "etais", "etait", "etaient", "etant", "deja", "tres"];

/// What a word of another language's analysis counts in a query whose language is known.
const FOREIGN_WEIGHT: f32 = 0.5;

/// With so large a saturation and no regard to length, what the engine says of a word is how often it occurs.
const NO_SATURATION: f64 = 1e6;

/// A sparse vector: dimensions in ascending order, each once, and their values.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Words {
    pub(super) indices: Vec<u32>,
    pub(super) values: Vec<f32>,
}

/// Makes BM25 vectors.
pub(super) struct Bm25 {
    documents: Analysers,
    queries: Analysers,
}

/// An analyser for each language, and one for the others.
struct Analysers {
    stemmed: HashMap<&'static str, EdgeBm25>,
    plain: EdgeBm25,
}

/// What the weight of a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// How much a document is about it: saturated, and less in a long one.
    Aboutness,
    /// How often it occurs.
    Count,
}

impl fmt::Debug for Bm25 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bm25").field("languages", &self.documents.stemmed.len()).finish_non_exhaustive()
    }
}

impl Words {
    /// Whether no word was left.
    pub(super) const fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }
}

impl Bm25 {
    /// Prepares the analysers of every language.
    pub(super) fn new() -> Self {
        Self { documents: Analysers::new(Weight::Aboutness), queries: Analysers::new(Weight::Count) }
    }

    /// The vector of a document: each word with its saturated frequency. A text of unknown language is taken for English.
    pub(super) fn document(&self, text: &CleanText, language: Option<Language>) -> Words {
        let embedded = self.documents.of(language.unwrap_or(Language::ENGLISH)).embed_document(text.as_str());
        Words { indices: embedded.indices, values: embedded.values }
    }

    /// The vector of a query: each word as often as it occurs, as its own language writes its stem and, for half, as English, French and
    /// no stemmer do.
    ///
    /// A name or product is stemmed differently by the language of each document that has it, and short queries are often taken for
    /// another language than theirs. In a document of a given language the other forms don't occur, so they cost nothing there.
    ///
    /// Who asks with a whole ticket says often what it is about: with each word once, 698 help articles searched by 40 long scenarios gave
    /// back 25 % of the wanted ones among ten passages, with counts 35 %. Short queries hardly repeat a word.
    pub(super) fn query(&self, text: &CleanText, language: Option<Language>) -> Words {
        let counted = |analyser: &EdgeBm25, weight: f32| {
            let embedded = analyser.embed_document(text.as_str());
            embedded.indices.into_iter().zip(embedded.values).map(move |(index, count)| (index, count.round().max(1.0) * weight))
        };
        let own = language.map(|language| self.queries.of(language));
        let foreign = if own.is_some() { FOREIGN_WEIGHT } else { 1.0 };
        let mut weights: BTreeMap<u32, f32> = [self.queries.of(Language::ENGLISH), self.queries.of(Language::FRENCH), &self.queries.plain]
            .into_iter()
            .flat_map(|analyser| counted(analyser, foreign))
            .collect();
        weights.extend(own.into_iter().flat_map(|analyser| counted(analyser, 1.0)));
        let (indices, values) = weights.into_iter().unzip();
        Words { indices, values }
    }
}

impl Analysers {
    fn new(weight: Weight) -> Self {
        Self {
            stemmed: STEMMED.into_iter().map(|(code, name)| (code, analyser(name, weight))).collect(),
            plain: analyser(UNSTEMMED, weight),
        }
    }

    fn of(&self, language: Language) -> &EdgeBm25 {
        self.stemmed.get(language.as_str()).unwrap_or(&self.plain)
    }
}

/// An analyser: lower case, accents folded, English and French stop words out whatever the language (a query is analysed by several
/// languages, and a stop word that one of them let through would be rare, hence heavy).
fn analyser(language: &str, weight: Weight) -> EdgeBm25 {
    let languages: Vec<&str> = if language == UNSTEMMED { vec!["english", "french"] } else { vec!["english", "french", language] };
    let mut config = json!({
        "language": language,
        "avg_len": MIDDLING_WORDS,
        "lowercase": true,
        "ascii_folding": true,
        "stopwords": {"languages": languages, "custom": FOLDED_STOP_WORDS},
    });
    if weight == Weight::Count {
        config["k"] = json!(NO_SATURATION);
        config["b"] = json!(0.0);
    }
    let config: EdgeBm25Config = serde_json::from_value(config).expect("the analyser's settings are well-formed: this is a bug");
    EdgeBm25::new(config).expect("the analyser's language is known: this is a bug")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::clean::clean;

    fn lang(code: &str) -> Option<Language> {
        code.parse().ok()
    }

    /// Whether a query has a word in common with a document.
    fn meets(query: &str, asked_in: Option<Language>, document: &str, written_in: Option<Language>) -> bool {
        let bm25 = Bm25::new();
        let document = bm25.document(&clean(document), written_in);
        bm25.query(&clean(query), asked_in).indices.iter().any(|index| document.indices.contains(index))
    }

    #[test]
    fn words_meet_over_their_stems_in_their_language() {
        assert!(meets("remboursement", lang("fr"), "Les remboursements sont lents.", lang("fr")));
        assert!(meets("refunds", lang("en"), "a refund", lang("en")));
        assert!(meets("Lieferungen", lang("de"), "die Lieferung", lang("de")));
        assert!(!meets("remboursement", lang("fr"), "Les livraisons sont lentes.", lang("fr")));
    }

    #[test]
    fn words_meet_when_the_language_of_one_side_is_unknown_or_wrong() {
        assert!(meets("remboursements", None, "un remboursement", lang("fr")));
        assert!(meets("remboursements", lang("en"), "un remboursement", lang("fr")));
        assert!(meets("refunds", lang("fr"), "a refund", lang("en")));
        assert!(meets("refunds", lang("en"), "a refund", None));
        assert!(meets("Galaxy", lang("fr"), "my Galaxy broke", lang("en")));
    }

    #[test]
    fn accents_and_case_do_not_keep_words_apart() {
        assert!(meets("PROBLEME", lang("fr"), "un problème", lang("fr")));
        assert!(meets("rembourse", lang("fr"), "remboursé", lang("fr")));
    }

    #[test]
    fn stop_words_of_either_house_language_never_make_two_texts_meet() {
        for unknown in [None, lang("fr"), lang("pl")] {
            assert!(!meets("the and of même été très", lang("en"), "the and of même été très", unknown), "{unknown:?}");
        }
    }

    #[test]
    fn a_vector_has_each_dimension_once_in_order() {
        let bm25 = Bm25::new();
        let text = clean("refund refunds remboursement AW-204518-6 AW-204518-6 order");
        for words in [bm25.query(&text, None), bm25.query(&text, lang("fr")), bm25.document(&text, None)] {
            assert!(words.indices.is_sorted_by(|a, b| a < b));
            assert_eq!(words.indices.len(), words.values.len());
        }
        assert!(bm25.query(&clean("…"), None).is_empty());
    }

    #[test]
    fn a_query_says_how_often_it_has_a_word() {
        let query = Bm25::new().query(&clean("refund, refunds and refunded; delivery"), lang("en"));
        let mut values = query.values;
        values.sort_by(f32::total_cmp);
        assert_eq!(values.last(), Some(&3.0), "{values:?}");
        assert!(values.contains(&1.0));
    }

    #[test]
    fn every_language_has_its_analyser() {
        assert_eq!(Bm25::new().documents.stemmed.len(), STEMMED.len());
    }
}
