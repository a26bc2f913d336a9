//! Heads that are small enough to come with the product: sparse weights in 8 bits with a scale for each class, the others in 32.
//!
//! The file, numbers with their low byte first: `BKHEADS` and the version; the FNV-1a sum (64 bits) of all that follows; the encoder's name;
//! the number of heads (16 bits), and for each its name, its classes (16 bits) with their labels, how many dense numbers it reads and how many
//! columns (32 bits each), the inverse temperature, the weights of the dense numbers and of the bias (a row of one for each class), the
//! scales, and the sparse weights. A text is its length (16 bits) and its bytes.

use crate::calibration::Temperature;
use crate::features::Features;
use crate::lbfgs::narrow;
use crate::linear::Fitted;

const MAGIC: &[u8; 7] = b"BKHEADS";
const VERSION: u8 = 1;
/// No head has more classes or columns than this.
const MOST_CLASSES: usize = 1_000;
const MOST_COLUMNS: usize = 1 << 20;

/// Why bytes are no heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadError {
    /// They begin otherwise.
    NotHeads,
    /// They are of another version.
    Version(u8),
    /// Something was changed: the sum is another one.
    Damaged,
    /// They end too early, or go on after their end.
    Length,
    /// A number or a name is none.
    Content,
}

impl std::fmt::Display for HeadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotHeads => f.write_str("these bytes are no heads"),
            Self::Version(version) => write!(f, "heads of version {version}, where {VERSION} is read"),
            Self::Damaged => f.write_str("the sum of the heads is wrong"),
            Self::Length => f.write_str("the heads are too short or too long"),
            Self::Content => f.write_str("the heads hold a number or a name that is none"),
        }
    }
}

impl std::error::Error for HeadError {}

/// A head to be written.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its classes, in their order.
    pub labels: &'a [&'a str],
    /// What was learned.
    pub fitted: &'a Fitted,
    /// The number of columns that the sparse features were hashed into.
    pub columns: u32,
}

/// The bytes of heads that learned from vectors of an encoder (empty for none); `None` for one that was not calibrated or is too large.
#[must_use]
pub fn write(encoder: &str, heads: &[Writing<'_>]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    text(&mut body, encoder)?;
    body.extend(u16::try_from(heads.len()).ok()?.to_le_bytes());
    for head in heads {
        let (classes, columns) = (head.labels.len(), usize::try_from(head.columns).ok()?);
        let whole = head.fitted.whole();
        if whole.classes() != classes || classes > MOST_CLASSES || columns > MOST_COLUMNS {
            return None;
        }
        text(&mut body, head.name)?;
        body.extend(u16::try_from(classes).ok()?.to_le_bytes());
        for label in head.labels {
            text(&mut body, label)?;
        }
        body.extend(u32::try_from(whole.dense()).ok()?.to_le_bytes());
        body.extend(head.columns.to_le_bytes());
        let mut number = |value: f32| body.extend(value.to_le_bytes());
        number(narrow(head.fitted.calibration()?.temperature().inverse()));
        whole.dense_weights().iter().chain(whole.bias()).for_each(|weight| number(*weight));
        let scales: Vec<f32> = (0..classes)
            .map(|class| {
                whole.sparse_weights().filter_map(|(_, row)| row.get(class)).fold(0.0_f32, |most, weight| most.max(weight.abs())) / 127.0
            })
            .collect();
        for scale in &scales {
            number(*scale);
        }
        let mut small = vec![0_u8; columns * classes];
        for (column, row) in whole.sparse_weights() {
            let place = usize::try_from(column).ok()? * classes;
            for ((small, weight), scale) in small.get_mut(place..place + classes)?.iter_mut().zip(row).zip(&scales) {
                *small = grid(*weight, *scale);
            }
        }
        body.extend(small);
    }
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.extend(sum(&body).to_le_bytes());
    bytes.extend(body);
    Some(bytes)
}

#[expect(clippy::cast_possible_truncation, reason = "a weight is at most 127 scales")]
fn grid(weight: f32, scale: f32) -> u8 {
    if scale > 0.0 { ((weight / scale).round() as i8).cast_unsigned() } else { 0 }
}

fn text(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    bytes.extend(u16::try_from(text.len()).ok()?.to_le_bytes());
    bytes.extend(text.as_bytes());
    Some(())
}

/// FNV-1a in 64 bits: tells accidents, not attacks.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Heads as they lie in their bytes.
#[derive(Debug, Clone)]
pub struct Heads<'a> {
    encoder: &'a str,
    heads: Vec<CompactHead<'a>>,
}

impl<'a> Heads<'a> {
    /// Looks through bytes and checks every number; the sparse weights stay where they are.
    ///
    /// # Errors
    /// [`HeadError`] for bytes that are no heads, of another version, cut short or changed.
    pub fn read(bytes: &'a [u8]) -> Result<Self, HeadError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(HeadError::NotHeads)?;
        let (version, rest) = rest.split_first().ok_or(HeadError::Length)?;
        if *version != VERSION {
            return Err(HeadError::Version(*version));
        }
        let (expected, body) = rest.split_first_chunk::<8>().ok_or(HeadError::Length)?;
        if sum(body) != u64::from_le_bytes(*expected) {
            return Err(HeadError::Damaged);
        }
        let mut reader = Reader(body);
        let encoder = reader.text()?;
        let count = reader.short()?;
        let heads = (0..count).map(|_| CompactHead::read(&mut reader)).collect::<Result<_, _>>()?;
        if reader.0.is_empty() { Ok(Self { encoder, heads }) } else { Err(HeadError::Length) }
    }

    /// The encoder whose vectors were learned from; empty for none.
    #[must_use]
    pub const fn encoder(&self) -> &'a str {
        self.encoder
    }

    /// The head of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&CompactHead<'a>> {
        self.heads.iter().find(|head| head.name == name)
    }
}

/// A head that reads its sparse weights where they lie.
#[derive(Debug, Clone)]
pub struct CompactHead<'a> {
    name: &'a str,
    labels: Vec<&'a str>,
    dense: usize,
    columns: u32,
    temperature: Temperature,
    /// Of the dense numbers, and of the bias.
    weights: Vec<f32>,
    scales: Vec<f32>,
    sparse: &'a [u8],
}

impl<'a> CompactHead<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, HeadError> {
        let name = reader.text()?;
        let classes = usize::from(reader.short()?);
        if classes == 0 || classes > MOST_CLASSES {
            return Err(HeadError::Content);
        }
        let labels = (0..classes).map(|_| reader.text()).collect::<Result<_, _>>()?;
        let (dense, columns) = (reader.word()?, reader.word()?);
        let (rows, wide) = (usize::try_from(dense), usize::try_from(columns));
        let (Ok(dense), Ok(wide)) = (rows, wide) else { return Err(HeadError::Content) };
        if dense > MOST_COLUMNS || wide > MOST_COLUMNS {
            return Err(HeadError::Content);
        }
        let inverse = reader.numbers(1)?[0];
        let temperature = Temperature::from_inverse(f64::from(inverse)).ok_or(HeadError::Content)?;
        let weights = reader.numbers((dense + 1) * classes)?;
        let scales = reader.numbers(classes)?;
        Ok(Self { name, labels, dense, columns, temperature, weights, scales, sparse: reader.take(wide * classes)? })
    }

    /// Its classes.
    #[must_use]
    pub fn labels(&self) -> &[&'a str] {
        &self.labels
    }

    /// The number of columns that sparse features must be hashed into.
    #[must_use]
    pub const fn columns(&self) -> u32 {
        self.columns
    }

    /// The calibrated probability of each class; dense numbers beyond those it learned from, and columns beyond its own, count for nothing.
    #[must_use]
    pub fn probabilities(&self, features: &Features) -> Vec<f64> {
        let classes = self.labels.len();
        let (rows, bias) = self.weights.split_at(self.dense * classes);
        let mut scores = bias.to_vec();
        for (value, row) in features.numbers().zip(rows.chunks_exact(classes)) {
            scores.iter_mut().zip(row).for_each(|(score, weight)| *score += value * weight);
        }
        for (column, value) in features.sparse.entries() {
            let place = usize::try_from(*column).unwrap_or(usize::MAX).saturating_mul(classes);
            let Some(row) = self.sparse.get(place..place.saturating_add(classes)) else { continue };
            for ((score, weight), scale) in scores.iter_mut().zip(row).zip(&self.scales) {
                *score += value * scale * f32::from(weight.cast_signed());
            }
        }
        self.temperature.probabilities(&scores)
    }
}

/// What is left of the bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], HeadError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(HeadError::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], HeadError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(HeadError::Length)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn short(&mut self) -> Result<u16, HeadError> {
        self.array().map(u16::from_le_bytes)
    }

    fn word(&mut self) -> Result<u32, HeadError> {
        self.array().map(u32::from_le_bytes)
    }

    fn text(&mut self) -> Result<&'a str, HeadError> {
        let length = usize::from(self.short()?);
        std::str::from_utf8(self.take(length)?).map_err(|_| HeadError::Content)
    }

    fn numbers(&mut self, count: usize) -> Result<Vec<f32>, HeadError> {
        let (numbers, _) = self.take(count.saturating_mul(4))?.as_chunks::<4>();
        let numbers: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if numbers.iter().all(|number| number.is_finite()) { Ok(numbers) } else { Err(HeadError::Content) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashed;
    use crate::linear::{Choice, Example};

    const COLUMNS: u32 = 512;

    fn learned() -> (Vec<Features>, Fitted) {
        let topics = ["refund my money back", "the parcel is lost", "my account is locked"];
        let features: Vec<Features> = (0..45_u8)
            .map(|i| {
                let text = format!("{} please, number {i}", topics[usize::from(i % 3)]);
                Features { dense: vec![f32::from(i) / 45.0], sparse: hashed::of_text(&text, COLUMNS), ..Features::default() }
            })
            .collect();
        let examples: Vec<Example<'_>> =
            features.iter().enumerate().map(|(key, features)| Example { features, class: key % 3, key, counts: true }).collect();
        let fitted = Fitted::learn(&examples, 3, Some(Choice { cost: 10.0, sparse: 1.0 })).unwrap();
        (features, fitted)
    }

    fn bytes(fitted: &Fitted) -> Vec<u8> {
        write("an-encoder", &[Writing { name: "topics", labels: &["a", "b", "c"], fitted, columns: COLUMNS }]).unwrap()
    }

    #[test]
    fn what_was_written_says_the_same_in_a_quarter_of_the_room() {
        let (features, fitted) = learned();
        let bytes = bytes(&fitted);
        assert!(bytes.len() < 1_800, "{}", bytes.len());
        let heads = Heads::read(&bytes).unwrap();
        let head = heads.named("topics").unwrap();
        assert_eq!((heads.encoder(), head.labels(), head.columns()), ("an-encoder", &["a", "b", "c"][..], COLUMNS));
        for features in &features {
            let full = fitted.calibration().unwrap().temperature().probabilities(&fitted.scores(features, None));
            for (one, other) in head.probabilities(features).iter().zip(full) {
                assert!((one - other).abs() < 0.02, "{one} {other}");
            }
        }
        assert!(heads.named("other").is_none());
    }

    #[test]
    fn bytes_that_were_cut_or_changed_are_refused_wherever_that_is() {
        let bytes = bytes(&learned().1);
        for length in 0..bytes.len() {
            assert!(Heads::read(&bytes[..length]).is_err(), "{length}");
        }
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0x40;
            assert!(Heads::read(&changed).is_err(), "{place}");
        }
        assert_eq!(Heads::read(b"PK\x03\x04").unwrap_err(), HeadError::NotHeads);
        let mut newer = bytes.clone();
        newer[7] = 9;
        assert_eq!(Heads::read(&newer).unwrap_err(), HeadError::Version(9));
        assert_eq!(Heads::read(&[bytes, vec![0]].concat()).unwrap_err(), HeadError::Damaged);
    }

    #[test]
    fn bytes_with_a_right_sum_and_wrong_sizes_are_refused() {
        let bytes = bytes(&learned().1);
        let with = |place: usize, value: &[u8]| {
            let mut changed = bytes.clone();
            changed[place..place + value.len()].copy_from_slice(value);
            let right = sum(&changed[16..]).to_le_bytes();
            changed[8..16].copy_from_slice(&right);
            Heads::read(&changed).unwrap_err()
        };
        assert_eq!(with(16, &[0xff, 0xff]), HeadError::Length, "the encoder's name");
        assert_eq!(with(28, &[0xff, 0xff]), HeadError::Length, "the number of heads");
        let labels = bytes.windows(6).position(|part| part == b"topics").unwrap() + 6;
        assert_eq!(with(labels, &[0, 0]), HeadError::Content, "no class");
        let sizes = labels + 2 + 9;
        assert_eq!(with(sizes, &[0xff, 0xff, 0xff, 0xff]), HeadError::Content, "dense numbers");
        assert_eq!(with(sizes + 8, &f32::NAN.to_le_bytes()), HeadError::Content, "the temperature");
        assert_eq!(with(sizes + 12, &f32::INFINITY.to_le_bytes()), HeadError::Content, "a weight");
    }
}
