//! `train --builtin`: the heads that come with the product, from public sets and own texts.

use std::path::Path;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::cli::CliError;
use crate::cli::args::Builtin;
use crate::cli::eval::{encoder, needs_folder};
use crate::cli::out::Out;
use crate::config::Config;
use crate::eval::builtin::{self, Learned};

#[derive(Serialize)]
struct TrainedOut {
    path: String,
    sha256: String,
    bytes: usize,
    learned_from: usize,
    /// What its vectors came from, where it reads any.
    encoder: Option<String>,
}

pub(in crate::cli) async fn builtin(
    config: &Config,
    name: Builtin,
    data: &Path,
    texts: &Path,
    to: &Path,
    out: Out,
) -> Result<(), CliError> {
    needs_folder("--texts", texts)?;
    // Urgency is learned from the own texts alone.
    if !matches!(name, Builtin::Urgency) {
        needs_folder("--data", data)?;
    }
    let (file, learned) = match name {
        Builtin::Language => ("language.head", builtin::language(data, texts)?),
        Builtin::Sentiment => ("sentiment.head", builtin::sentiment(data, texts, &encoder(config, out).await?).await?),
        Builtin::Salience => ("salience.head", builtin::salience(data, &encoder(config, out).await?).await?),
        Builtin::Urgency => ("urgency.head", builtin::urgency(texts, &encoder(config, out).await?).await?),
    };
    let Learned { bytes, learned_from, encoder } = learned;
    let path = to.join(file);
    let failed = |source| CliError::File { path: path.display().to_string(), source };
    fs_err::create_dir_all(to).map_err(failed)?;
    fs_err::write(&path, &bytes).map_err(failed)?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    out.result(&TrainedOut { path: path.display().to_string(), sha256, bytes: bytes.len(), learned_from, encoder }, |trained| {
        let TrainedOut { path, sha256, bytes, learned_from, encoder } = trained;
        let encoder = encoder.as_ref().map_or_else(String::new, |encoder| format!(", vectors of {encoder}"));
        format!("{path}: {bytes} bytes from {learned_from} texts{encoder}\nsha256 {sha256}\nWrite the sum and new figures into its card.")
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_head_that_is_compiled_in_has_the_sum_and_the_size_of_its_card() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        for name in ["language", "salience", "sentiment", "urgency"] {
            let bytes = fs_err::read(models.join(format!("{name}.head"))).unwrap();
            let card = fs_err::read_to_string(models.join(format!("{name}.md"))).unwrap();
            let sum = hex::encode(Sha256::digest(&bytes));
            assert!(card.contains(&format!("`{sum}`")), "{name}: {sum}");
            let (thousands, rest) = (bytes.len() / 1_000, bytes.len() % 1_000);
            let size = if thousands > 0 { format!(" {thousands},{rest:03} bytes") } else { format!(" {rest} bytes") };
            assert!(card.contains(&size), "{name}:{size}");
        }
    }
}
