//! The layers of a BERT-like encoder on the processor: rows of numbers in, one vector a text out.
//!
//! A [`Stack`] holds the weights of all layers, packed once for the instructions of this machine ([`Level`]) and the [`Precision`] asked
//! for. [`Stack::forward`] takes texts of any lengths one behind the other, without padding. The crate knows no tokens, no files and no
//! threads: `embed` looks embeddings up and hands each thread texts of its own.
//!
//! It is a crate and not a module because it alone is compiled with every optimisation, and because it alone contains `unsafe`: the
//! instructions (`isa`), the tiles that index without checks (`tile`), and the step into code for a chosen processor (`level`).
//!
//! What was tried, and what it brought, is told in `src/ARCHITECTURE.md` under "Where the time of the encoder goes".

#![expect(unsafe_code, reason = "this crate is where it is kept, each block with its reason")]
#![expect(clippy::inline_always, reason = "whatever is not inlined into code for a level is compiled without its instructions")]

/// Changes with whatever changes vectors: the grids, the folding, the polynomials. Vectors of different revisions are not mixed; the test
/// `vectors_change_only_with_the_revision` holds it.
pub const REVISION: u32 = 1;

mod attention;
mod isa;
mod level;
mod matrix;
mod peak;
mod rows;
mod stack;
mod tile;

pub use level::Level;
pub use peak::peak;
pub use rows::{Activation, Pooling, add_stored};
pub use stack::{Layer, Lengths, Linear, Norm, Precision, Scratch, Shape, ShapeError, Stack, Tensor};

#[cfg(test)]
mod tests;
