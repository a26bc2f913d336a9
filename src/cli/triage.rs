//! `triage`: what a ticket is, from the command line.

use std::io::Read as _;
use std::path::Path;

use crate::boot;
use crate::cli::CliError;
use crate::cli::models::fetching;
use crate::cli::out::Out;
use crate::config::Config;
use crate::domain::vocabulary::{RouteBy, Slug};
use crate::wire::ticket::TicketIn;
use crate::wire::triage::TriageOut;

/// Whoever pipes a plain text in.
const NOBODY: &str = "nobody@localhost.invalid";

pub(super) async fn triage(config: &Config, workspace: Option<&Slug>, file: &Path, out: &Out) -> Result<(), CliError> {
    let text = read(file)?;
    let ticket = if text.trim_start().starts_with('{') {
        serde_json::from_str::<TicketIn>(&text).map_err(|error| CliError::Said(format!("`{}` is not a ticket: {error}", file.display())))?
    } else {
        let body = serde_json::json!({ "subject": "", "body": text, "requester": { "email": NOBODY } });
        serde_json::from_value(body).map_err(|error| CliError::Said(error.to_string()))?
    };
    let ticket = ticket.into_text().map_err(|error| CliError::Said(error.to_string()))?;
    // Only reads: it works beside a running server, and needs no hold on the folder.
    let running = boot::open(config, None, fetching(*out)).await?;
    let actor = running.app.admin_of(workspace).await?;
    let triage = TriageOut::from(running.app.triage(&actor, ticket).await?);
    out.result(&triage, words);
    Ok(())
}

fn read(file: &Path) -> Result<String, CliError> {
    let error = |source| CliError::File { path: file.display().to_string(), source };
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(error)?;
    } else {
        bytes = fs_err::read(file).map_err(error)?;
    }
    String::from_utf8(bytes).map_err(|_| CliError::Said(format!("`{}` is not UTF-8: save it as UTF-8", file.display())))
}

fn words(triage: &TriageOut) -> String {
    let percent = |probability: Option<f64>| probability.map_or("not calibrated yet".to_owned(), |p| format!("{:.0} %", p * 100.0));
    let mut lines = Vec::new();
    match (&triage.intent, &triage.abstained) {
        (Some(intent), _) => {
            let probability = triage.intents.iter().find(|guess| guess.name == *intent).and_then(|guess| guess.probability);
            lines.push(format!("intent     {intent} ({})", percent(probability)));
        }
        (None, Some(why)) => lines.push(format!("intent     none: {}", why.reason)),
        (None, None) => lines.push("intent     none".to_owned()),
    }
    if let Some(sentiment) = &triage.sentiment {
        lines.push(format!("sentiment  {}", sentiment.label));
    }
    if let Some(urgency) = &triage.urgency {
        lines.push(format!("urgency    {urgency}"));
    }
    if let Some(language) = &triage.language {
        lines.push(format!("language   {}", language.code));
    }
    lines.push(format!("priority   {}", triage.priority));
    if let Some(route) = &triage.route {
        let by = match route.by {
            RouteBy::Rule => "by rule",
            RouteBy::Head => "learned from",
            RouteBy::Person => "said by",
        };
        lines.push(format!("route      {} ({by} {})", route.group, route.because));
    }
    lines.extend(triage.entities.iter().map(|entity| format!("{:<10} {}", entity.kind, entity.value)));
    lines.join("\n")
}
