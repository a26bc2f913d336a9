//! What was learned from labels.

use crate::app::Called;
use crate::domain::head::{HeadMetrics, HeadVersion, SuspectLabel, Threshold, ThresholdAdvice};
use crate::domain::vocabulary::{HeadPart, Probability};
use crate::web::view::Frame;
use crate::web::words::{Said, Text, Words};

/// The precisions that can be asked for, in hundredths.
pub const PRECISIONS: [u8; 4] = [90, 95, 97, 99];
/// So many suspect labels are shown.
const SUSPECTS: usize = 12;
/// The plot: its size, and the margin below and to the left for the figures.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 44.0;
const BELOW: f64 = 24.0;
const ABOVE: f64 = 10.0;

/// What was learned from labels.
#[derive(Debug, Clone)]
pub struct LearningView {
    /// The frame.
    pub frame: Frame,
    /// The head that is looked at.
    pub part: HeadPart,
    /// The precision that is asked for, in hundredths.
    pub precision: u8,
    /// What it takes; `None` where the head could not be learned.
    pub advice: Option<ThresholdAdvice>,
    /// The versions, newest first.
    pub versions: Vec<HeadVersion>,
    /// Labels that are hardly believed.
    pub suspects: Vec<SuspectLabel>,
    /// What people call intents.
    pub called: Called,
    /// Whether the reader may change it.
    pub may_write: bool,
}

impl LearningView {
    /// The version that answers.
    pub(super) fn in_force(&self) -> Option<&HeadVersion> {
        self.versions.iter().find(|version| version.answers)
    }

    pub(super) fn is_held(&self) -> bool {
        self.versions.iter().any(|version| version.held)
    }

    pub(super) fn is_in_force(&self, version: &HeadVersion) -> bool {
        self.in_force().is_some_and(|other| other.n == version.n)
    }

    /// The parts that can be looked at, with whether each is.
    pub(super) fn parts(&self) -> Vec<(HeadPart, bool)> {
        HeadPart::ALL.iter().map(|part| (*part, *part == self.part)).collect()
    }

    /// The precisions that can be asked for, with whether each is.
    pub(super) fn precisions(&self) -> Vec<(u8, bool)> {
        PRECISIONS.iter().map(|precision| (*precision, *precision == self.precision)).collect()
    }

    pub(super) fn few_suspects(&self) -> &[SuspectLabel] {
        &self.suspects[..self.suspects.len().min(SUSPECTS)]
    }

    /// How many suspects are not shown.
    pub(super) fn more_suspects(&self) -> usize {
        self.suspects.len() - self.few_suspects().len()
    }

    /// The accuracy of the head that is looked at, in a version.
    pub(super) fn accuracy_of(&self, version: &HeadVersion) -> Option<f64> {
        version.metrics.iter().find(|head| head.part == self.part).and_then(|head| head.accuracy)
    }

    /// What a promise comes to.
    fn told(words: &'static Words, threshold: Option<&Threshold>) -> Text {
        match threshold {
            None => Text::new("learning-no-threshold"),
            Some(Threshold { least, coverage, precision }) => Text::new("learning-threshold")
                .with("least", Self::share(words, least).to_string())
                .with("coverage", Self::share(words, coverage).to_string())
                .with("precision", Self::share(words, precision).to_string()),
        }
    }

    /// A share as percent.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    pub(super) fn share(words: &'static Words, share: &f64) -> Said {
        words.percent(
            &Probability::new(share.clamp(0.0, 1.0)).unwrap_or_else(|| Probability::new(0.0).expect("0 is a probability: this is a bug")),
        )
    }

    pub(super) fn whole(words: &'static Words) -> Said {
        Self::share(words, &1.0)
    }

    pub(super) fn nothing(words: &'static Words) -> Said {
        Self::share(words, &0.0)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    pub(super) fn hundredths(words: &'static Words, percent: &u8) -> Said {
        Self::share(words, &(f64::from(*percent) / 100.0))
    }

    /// What a head is worth, each with its name.
    pub(super) fn worth(words: &'static Words, head: &HeadMetrics) -> Vec<(&'static str, Option<String>)> {
        let named = [("learning-right", head.accuracy), ("learning-f1", head.macro_f1), ("learning-ece", head.ece)];
        named.into_iter().map(|(name, share)| (name, share.map(|share| Self::share(words, &share).to_string()))).collect()
    }

    /// What may be promised, each with its name.
    pub(super) fn promises(words: &'static Words, advice: &ThresholdAdvice) -> Vec<(&'static str, String)> {
        let promises = [("learning-expected", advice.expected), ("learning-sure", advice.sure), ("learning-controlled", advice.controlled)];
        promises.into_iter().map(|(name, threshold)| (name, words.tell(&Self::told(words, threshold.as_ref())))).collect()
    }

    /// The curve of precision over coverage.
    pub(super) fn plot(&self) -> Option<Plot> {
        let advice = self.advice.as_ref().filter(|advice| advice.curve.len() > 1)?;
        let least = advice.curve.iter().map(|point| point.precision).fold(advice.precision, f64::min);
        // A tenth below the worst, so that the curve does not lie on the floor.
        let floor = ((least - 0.02) * 10.0).floor().max(0.0) / 10.0;
        let x = |coverage: f64| LEFT + coverage * (WIDTH - LEFT - 8.0);
        let y = |precision: f64| ABOVE + (1.0 - precision) / (1.0 - floor) * (HEIGHT - ABOVE - BELOW);
        let points: Vec<String> = advice.curve.iter().map(|point| format!("{:.1},{:.1}", x(point.coverage), y(point.precision))).collect();
        Some(Plot {
            line: points.join(" "),
            asked: format!("{:.1}", y(advice.precision)),
            asked_label: advice.precision,
            floor,
            bottom: format!("{:.1}", y(floor)),
            top: format!("{:.1}", y(1.0)),
            left: format!("{:.1}", x(0.0)),
            right: format!("{:.1}", x(1.0)),
            dot: advice.expected.map(|point| (format!("{:.1}", x(point.coverage)), format!("{:.1}", y(point.precision)))),
        })
    }
}

/// Where the lines of the plot lie.
pub(super) struct Plot {
    pub(super) line: String,
    pub(super) asked: String,
    pub(super) asked_label: f64,
    pub(super) floor: f64,
    pub(super) bottom: String,
    pub(super) top: String,
    pub(super) left: String,
    pub(super) right: String,
    pub(super) dot: Option<(String, String)>,
}
