//! The stock model against vectors that neither candle nor the `tokenizers` crate had a part in.
//!
//! `fixtures/minilm_reference.py` made the vectors. The test needs the 91 MB of the model: it takes them from the cache, or pulls
//! them; where neither works it says so on standard error and passes, unless `BACKCHANNEL_REQUIRE_MODEL` is set.
//!
//! Beside it the tiny models that other tests of the encoder compare with the layers of candle.

use std::env;
use std::sync::Arc;

use serde::Deserialize;

use crate::embed::manifest::{Architecture, Manifest, Model, Pooling};
use crate::embed::models;
use crate::embed::options::{Options, Precision};
use crate::embed::{Embedder, Encoder, Purpose, UnitVector, tiny};
use crate::text::clean::{CleanText, clean};

#[derive(Deserialize)]
struct Row {
    text: String,
    tokens: usize,
    vector: Vec<f32>,
}

#[tokio::test]
async fn the_stock_model_gives_the_reference_vectors() {
    let options = Options::default();
    let manifest = Manifest::built_in();
    let model = manifest.model(&options.model).unwrap();
    let folder = match models::pull(model, &options, Arc::new(|_| ())).await {
        Ok(folder) => folder,
        Err(error) => {
            assert!(env::var_os("BACKCHANNEL_REQUIRE_MODEL").is_none(), "{error}");
            eprintln!("SKIPPED, NOTHING WAS CHECKED: the stock model against its reference vectors: {error}");
            return;
        }
    };
    let rows: Vec<Row> = serde_json::from_str(include_str!("fixtures/minilm_reference.json")).unwrap();
    assert_eq!(rows.len(), 12);
    let texts: Vec<CleanText> = rows.iter().map(|row| clean(&row.text)).collect();

    let encoder = Encoder::open(model, &folder, &options).unwrap();
    for (row, text) in rows.iter().zip(&texts) {
        assert_eq!(encoder.tokens(text, Purpose::Passage).unwrap().len(), row.tokens, "{}", row.text);
    }
    for (precision, least, least_on_average) in [(Precision::Exact, 0.9999, 0.9999), (Precision::Fast, 0.995, 0.999)] {
        let options = Options { precision: Some(precision), ..options.clone() };
        let embedder = Embedder::start(model, &folder, &options).await.unwrap();
        let vectors = embedder.embed(texts.clone(), Purpose::Passage).await.unwrap();
        let mut sum = 0.0;
        for (row, vector) in rows.iter().zip(&vectors) {
            let cosine = UnitVector::new(row.vector.clone()).unwrap().dot(vector);
            assert!(cosine >= least, "{precision:?}: cosine {cosine} for: {}", row.text);
            sum += cosine;
        }
        assert!(sum >= least_on_average * 12.0, "{precision:?}: {} on average", sum / 12.0);
    }
}

/// A tiny model of each kind in a folder.
pub(super) fn kinds() -> Vec<(tempfile::TempDir, Model)> {
    let mut kinds = Vec::new();
    for architecture in [Architecture::Bert, Architecture::XlmRoberta] {
        for pooling in [Pooling::Mean, Pooling::Cls] {
            let place = tempfile::tempdir().unwrap();
            let mut tiny = tiny::write(place.path(), 5).unwrap();
            if architecture == Architecture::XlmRoberta {
                tiny::turn_multilingual(&mut tiny, place.path(), architecture).unwrap();
            }
            kinds.push((place, Model { pooling, ..tiny.model }));
        }
    }
    kinds
}
