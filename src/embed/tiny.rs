//! A small random model for tests and crash drills: real files, real tokenizer, real network, no meaning.
//!
//! Its vectors have 32 dimensions. Texts that share pieces of words are nearer to each other than texts that don't, which is
//! all that may be expected of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::embed::embedder::Embedder;
use crate::embed::error::EmbedError;
#[cfg(test)]
use crate::embed::manifest::Architecture;
use crate::embed::manifest::{CONFIG_FILE, Manifest, Model, TOKENIZER_FILE, WEIGHTS_FILE};
use crate::embed::options::Options;

const NAME: &str = "tiny";
const DIMENSIONS: usize = 32;
const INNER: usize = 64;
const LAYERS: usize = 2;
const POSITIONS: usize = 72;
const MAX_TOKENS: usize = 64;
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const MANIFEST_FILE: &str = "manifest.toml";

/// A tiny model on disk.
#[derive(Debug, Clone)]
pub struct Tiny {
    /// Its manifest entry; its only source is the folder it was written to.
    pub model: Model,
    /// Options that choose it and keep a cache beside it.
    pub options: Options,
}

/// Writes a model into a folder, with a manifest that names it. The same seed gives the same model.
///
/// # Errors
/// The folder cannot be written.
pub fn write(folder: &Path, seed: u64) -> io::Result<Tiny> {
    write_of(folder, seed, Reach { positions: POSITIONS, max_tokens: MAX_TOKENS })
}

/// The same with as many positions as published models have.
///
/// # Errors
/// The folder cannot be written.
#[cfg(test)]
pub(super) fn write_long(folder: &Path, seed: u64) -> io::Result<Tiny> {
    // XLM-RoBERTa leaves the first two out.
    write_of(folder, seed, Reach { positions: 514, max_tokens: 512 })
}

/// How long texts may be.
#[derive(Clone, Copy)]
struct Reach {
    positions: usize,
    max_tokens: usize,
}

fn write_of(folder: &Path, seed: u64, reach: Reach) -> io::Result<Tiny> {
    fs_err::create_dir_all(folder)?;
    let vocabulary = vocabulary();
    fs_err::write(folder.join(CONFIG_FILE), config(vocabulary.len(), reach.positions).to_string())?;
    fs_err::write(folder.join(TOKENIZER_FILE), tokenizer(&vocabulary).to_string())?;
    let weights = weights(vocabulary.len(), reach.positions, seed);
    let view = |shape: &Vec<usize>, bytes| TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(io::Error::other);
    let views = weights.iter().map(|(name, (shape, bytes))| Ok((name, view(shape, bytes)?))).collect::<io::Result<Vec<_>>>()?;
    fs_err::write(folder.join(WEIGHTS_FILE), safetensors::serialize(views, None).map_err(io::Error::other)?)?;
    let text = manifest(folder, reach.max_tokens)?;
    fs_err::write(folder.join(MANIFEST_FILE), &text)?;
    let manifest = Manifest::parse(&text).map_err(io::Error::other)?;
    let options = Options {
        model: NAME.to_owned(),
        manifest: Some(folder.join(MANIFEST_FILE)),
        dir: Some(folder.join("cache")),
        local: Some(folder.to_owned()),
        ..Options::default()
    };
    Ok(Tiny { model: manifest.models()[0].clone(), options })
}

/// Writes a model into a folder and starts it.
///
/// # Errors
/// The folder cannot be written.
pub async fn start(folder: &Path, seed: u64) -> Result<Embedder, EmbedError> {
    let tiny = write(folder, seed).map_err(|error| EmbedError::open(WEIGHTS_FILE, error))?;
    Embedder::start(&tiny.model, folder, &tiny.options).await
}

/// Turns a written model into one of the multilingual kind: a Unigram tokenizer with the same weights, and the positions of XLM-RoBERTa
/// where that is the architecture; smaller models have BERT's.
///
/// # Errors
/// The folder cannot be written.
#[cfg(test)]
pub(super) fn turn_multilingual(tiny: &mut Tiny, folder: &Path, architecture: Architecture) -> io::Result<()> {
    let path = folder.join(CONFIG_FILE);
    let mut config: serde_json::Value = serde_json::from_slice(&fs_err::read(&path)?)?;
    if architecture == Architecture::XlmRoberta {
        (config["pad_token_id"], config["model_type"]) = (1.into(), "xlm-roberta".into());
    }
    fs_err::write(path, config.to_string())?;
    let special = ["<s>", "<pad>", "</s>", "<unk>"];
    let mut pieces: Vec<(String, f64)> = special.iter().map(|piece| ((*piece).to_owned(), 0.0)).collect();
    // The space, single characters, and, more likely than two of these, pairs of letters.
    pieces.push(("\u{2581}".to_owned(), -4.0));
    pieces.extend(('a'..='z').chain("éèàçœ?!.,0123456789".chars()).map(|single| (single.to_string(), -6.0)));
    pieces.extend(('a'..='z').flat_map(|first| ('a'..='z').map(move |second| (format!("{first}{second}"), -9.0))));
    let frame = |id: usize| json!({"id": special[id], "ids": [id], "tokens": [special[id]]});
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "always", "split": true},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": special[0], "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": special[2], "type_id": 0}},
            ],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {special[0]: frame(0), special[2]: frame(2)},
        },
        "decoder": {"type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "always", "split": true},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": pieces, "byte_fallback": false},
    });
    fs_err::write(folder.join(TOKENIZER_FILE), tokenizer.to_string())?;
    tiny.model.architecture = architecture;
    Ok(())
}

/// Special tokens, characters, and pairs of letters, each also as the continuation of a word.
fn vocabulary() -> Vec<String> {
    let mut pieces: Vec<String> = SPECIAL.map(str::to_owned).to_vec();
    let mut add = |piece: String| {
        pieces.push(format!("##{piece}"));
        pieces.push(piece);
    };
    for first in 'a'..='z' {
        for second in 'a'..='z' {
            add(format!("{first}{second}"));
        }
    }
    for single in '!'..='~' {
        if !single.is_ascii_uppercase() {
            add(single.to_string());
        }
    }
    pieces
}

fn config(vocabulary: usize, positions: usize) -> serde_json::Value {
    json!({
        "model_type": "bert", "vocab_size": vocabulary, "hidden_size": DIMENSIONS, "num_hidden_layers": LAYERS,
        "num_attention_heads": 2, "intermediate_size": INNER, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1, "max_position_embeddings": positions, "type_vocab_size": 2,
        "initializer_range": 0.02, "layer_norm_eps": 1e-12, "pad_token_id": 0, "position_embedding_type": "absolute",
    })
}

/// The truncation and padding are those of a published file, which an encoder has to override.
fn tokenizer(vocabulary: &[String]) -> serde_json::Value {
    // In order of the pieces, so that the same model is the same bytes.
    let ids: BTreeMap<&String, usize> = vocabulary.iter().enumerate().map(|(id, piece)| (piece, id)).collect();
    let special = |id: usize| json!({"id": id, "content": SPECIAL[id], "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false});
    let frame = |id: usize| json!({"id": SPECIAL[id], "ids": [id], "tokens": [SPECIAL[id]]});
    json!({
        "version": "1.0",
        "truncation": {"max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {
            "strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": SPECIAL[0],
        },
        "added_tokens": (0..SPECIAL.len()).map(special).collect::<Vec<_>>(),
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": SPECIAL[2], "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": SPECIAL[3], "type_id": 0}},
            ],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {SPECIAL[2]: frame(2), SPECIAL[3]: frame(3)},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {
            "type": "WordPiece", "unk_token": SPECIAL[1], "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids,
        },
    })
}

/// Shape and bytes of each weight.
fn weights(vocabulary: usize, positions: usize, seed: u64) -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut weights = BTreeMap::new();
    // Around 1 for what multiplies a normalized state, around 0 for everything else.
    let mut add_around = |middle: f32, name: String, shape: &[usize], spread: f32| {
        let count = shape.iter().product();
        let mut number = || (middle + random.random_range(-spread..spread)).to_le_bytes();
        weights.insert(name, (shape.to_vec(), (0..count).flat_map(|_: usize| number()).collect()));
    };
    let mut add = |name: String, shape: &[usize], spread: f32| add_around(0.0, name, shape, spread);
    // Words weigh more than their place, and the layers add less than there is, so that shared pieces show in the vectors.
    add("embeddings.word_embeddings.weight".into(), &[vocabulary, DIMENSIONS], 1.0);
    add("embeddings.position_embeddings.weight".into(), &[positions, DIMENSIONS], 0.2);
    add("embeddings.token_type_embeddings.weight".into(), &[2, DIMENSIONS], 0.1);
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for number in 0..LAYERS {
        let layer = format!("encoder.layer.{number}");
        let linear = [
            ("attention.self.query", DIMENSIONS, DIMENSIONS),
            ("attention.self.key", DIMENSIONS, DIMENSIONS),
            ("attention.self.value", DIMENSIONS, DIMENSIONS),
            ("attention.output.dense", DIMENSIONS, DIMENSIONS),
            ("intermediate.dense", INNER, DIMENSIONS),
            ("output.dense", DIMENSIONS, INNER),
        ];
        for (part, rows, columns) in linear {
            add(format!("{layer}.{part}.weight"), &[rows, columns], 0.15);
            add(format!("{layer}.{part}.bias"), &[rows], 0.05);
        }
        norms.extend(["attention.output.LayerNorm", "output.LayerNorm"].map(|part| format!("{layer}.{part}")));
    }
    for norm in norms {
        add_around(0.0, format!("{norm}.bias"), &[DIMENSIONS], 0.05);
        add_around(1.0, format!("{norm}.weight"), &[DIMENSIONS], 0.1);
    }
    weights
}

/// The manifest entry of what lies in the folder.
fn manifest(folder: &Path, max_tokens: usize) -> io::Result<String> {
    let mut text = format!(
        "[[model]]\nname = \"{NAME}\"\nrevision = \"1\"\nlicence = \"Apache-2.0\"\narchitecture = \"bert\"\ndimensions = {DIMENSIONS}\n\
         pooling = \"mean\"\nnormalize = true\nmax_tokens = {max_tokens}\nprecision = \"fast\"\n"
    );
    for name in [CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE] {
        let bytes = fs_err::read(folder.join(name))?;
        let sum = hex::encode(Sha256::digest(&bytes));
        let size = bytes.len();
        write!(text, "\n[[model.files]]\nname = \"{name}\"\nsha256 = \"{sum}\"\nsize_bytes = {size}\n").map_err(io::Error::other)?;
    }
    text += "\n[[model.sources]]\nkind = \"local\"\n";
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::encoder::{Encoder, Purpose};
    use crate::text::clean::clean;

    #[test]
    fn the_same_seed_gives_the_same_model() {
        let place = tempfile::tempdir().unwrap();
        let [one, same, other] =
            [("one", 3), ("same", 3), ("other", 4)].map(|(name, seed)| write(&place.path().join(name), seed).unwrap().model);
        assert_eq!(one, same);
        assert_ne!(one.weights_mark(), other.weights_mark());
    }

    #[test]
    fn texts_that_share_words_are_nearer() {
        let place = tempfile::tempdir().unwrap();
        let tiny = write(place.path(), 3).unwrap();
        let encoder = Encoder::open(&tiny.model, place.path(), &tiny.options).unwrap();
        let texts = ["refund for the broken lamp", "the broken lamp needs a refund", "printer offline since monday"].map(clean);
        let vectors = encoder.encode(&texts, Purpose::Passage).unwrap();
        assert!(vectors[0].dot(&vectors[1]) > vectors[0].dot(&vectors[2]) + 0.05, "{:?}", vectors[0].dot(&vectors[2]));
    }
}
