//! `train` and `heads`: learning from the labels of a workspace, and the versions of what was learned.

use std::sync::Arc;

use crate::app::Learning;
use crate::boot;
use crate::cli::CliError;
use crate::cli::args::HeadsCommand;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::config::Config;
use crate::domain::vocabulary::Slug;
use crate::wire::head::{FeedbackWorthOut, HeadVersionOut, SuspectLabelOut, ThresholdAdviceOut, ThresholdOut};

/// So many suspect labels are named after training.
const NAMED: usize = 5;

/// Learns the heads of the workspace anew; also beside a running server, which takes the new version without a restart.
pub(super) async fn train(config: &Config, workspace: Option<&Slug>, out: &Out) -> Result<(), CliError> {
    let running = boot::open(config, None, fetching(*out)).await?;
    let actor = running.app.admin_of(workspace).await?;
    let (encoding, fitting) = (out.bar("Encoding", Unit::Things), out.bar("Learning", Unit::Things));
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let progress = move |step| match step {
        Learning::Encoding(done, total) => {
            encoding.set(count(done), count(total));
            if done == total {
                encoding.finish();
            }
        }
        Learning::Fitting(done, total) => {
            fitting.set(count(done), count(total));
            if done == total {
                fitting.finish();
            }
        }
    };
    let version = HeadVersionOut::from(running.app.train(&actor, Arc::new(progress)).await?);
    out.result(&version, |version| described(version).join("\n"));
    let suspects = running.app.suspect_labels(&actor).await?;
    for suspect in suspects.iter().take(NAMED) {
        let (label, likelier) = (&suspect.label, &suspect.likelier);
        out.note(&format!("suspect: {} is labelled `{label}`, and `{likelier}` is likelier", suspect.reference));
    }
    if suspects.len() > NAMED {
        out.note(&format!("and {} more: `backchannel heads suspects` lists them", suspects.len() - NAMED));
    }
    Ok(())
}

pub(super) async fn run(config: &Config, workspace: Option<&Slug>, command: HeadsCommand, out: &Out) -> Result<(), CliError> {
    let running = boot::open(config, None, fetching(*out)).await?;
    let (app, actor) = (&running.app, running.app.admin_of(workspace).await?);
    match command {
        HeadsCommand::List => {
            let versions: Vec<HeadVersionOut> = app.heads_versions(&actor).await?.into_iter().map(Into::into).collect();
            out.result(&versions, |versions| {
                if versions.is_empty() {
                    return "nothing is learned yet: `backchannel train` learns from labels and playbook".to_owned();
                }
                versions.iter().flat_map(described).collect::<Vec<_>>().join("\n")
            });
        }
        HeadsCommand::Use { version } => {
            let version = HeadVersionOut::from(app.hold_heads(&actor, version).await?);
            out.result(&version, |version| {
                format!("version {} answers until `backchannel heads follow`, whatever is learned later", version.version)
            });
        }
        HeadsCommand::Follow => {
            let was_held = app.follow_labels(&actor).await?;
            let told = if was_held { "the newest version answers" } else { "no version was chosen: the newest answers as before" };
            out.result(&serde_json::json!({ "was_held": was_held }), |_| told.to_owned());
        }
        HeadsCommand::Threshold { head, precision } => {
            let advice = ThresholdAdviceOut::from(app.threshold_for(&actor, head, precision).await?);
            out.result(&advice, advised);
        }
        HeadsCommand::Feedback => {
            let worth = FeedbackWorthOut::from(app.feedback_worth(&actor).await?);
            out.result(&worth, |worth| {
                let told = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
                let FeedbackWorthOut { corrections, asked, since, before, after, difference, low, high, probability } = worth;
                if *corrections == 0 {
                    return format!("nobody corrected a ticket before {since}: there is nothing to measure yet");
                }
                format!(
                    "{corrections} corrections before {since}, {asked} tickets since: {} right without them, {} with them\n\
                     difference {} ({} to {}), better with a probability of {}",
                    told(*before),
                    told(*after),
                    told(*difference),
                    told(*low),
                    told(*high),
                    told(*probability)
                )
            });
        }
        HeadsCommand::Suspects => {
            let suspects: Vec<SuspectLabelOut> = app.suspect_labels(&actor).await?.into_iter().map(Into::into).collect();
            out.result(&suspects, |suspects| {
                if suspects.is_empty() {
                    return "every label is believed".to_owned();
                }
                let row = |suspect: &SuspectLabelOut| {
                    let SuspectLabelOut { reference, label, probability, likelier, likelier_probability, ticket: _ } = suspect;
                    format!("{reference:<14} {label} ({}), likelier {likelier} ({})", percent(*probability), percent(*likelier_probability))
                };
                suspects.iter().map(row).collect::<Vec<_>>().join("\n")
            });
        }
    }
    Ok(())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A version in a few lines.
fn described(version: &HeadVersionOut) -> Vec<String> {
    let held = match (version.answers, version.held) {
        (true, true) => ", answers, held",
        (true, false) => ", answers",
        (false, true) => ", held and of another encoder",
        (false, false) => "",
    };
    let mut lines = vec![format!(
        "version {}{held}: {} texts in {:.1} s, {} by {}",
        version.version, version.examples, version.seconds, version.created_at, version.created_by
    )];
    for head in &version.heads {
        let shown = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
        lines.push(format!(
            "  {:<10} {:>3} classes  right {:>7} of {:<6} macro-F1 {:>7}  calibration error {:>6} ({})",
            head.head.as_str(),
            head.classes,
            shown(head.accuracy),
            head.judged,
            shown(head.macro_f1),
            shown(head.ece),
            head.calibration.as_deref().unwrap_or("too few labels")
        ));
    }
    lines
}

fn advised(advice: &ThresholdAdviceOut) -> String {
    let line = |what: &str, threshold: Option<ThresholdOut>| match threshold {
        None => format!("{what:<11} no threshold keeps it"),
        Some(ThresholdOut { least, coverage, precision }) => {
            format!("{what:<11} from {least:.3} on: {} of tickets, {} of them right", percent(coverage), percent(precision))
        }
    };
    let first = format!(
        "{} at {} precision, by {} held-out guesses of version {}",
        advice.head,
        percent(advice.precision),
        advice.judged,
        advice.version
    );
    let lines = [
        first,
        line("expected", advice.expected),
        line("sure", advice.sure),
        line("controlled", advice.controlled),
        "expected: with one wrong guess more than was seen; sure: kept with a probability of 90 %; controlled: of all tickets, those left to\n\
         people too, at most the rest is decided wrongly"
            .to_owned(),
    ];
    lines.join("\n")
}
