//! `triage`: what a ticket is, from the command line; many of them, as JSON lines, in a pipe.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read, Write as _, stdout};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::app::App;
use crate::boot;
use crate::cli::CliError;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::config::Config;
use crate::domain::intake::NewTicket;
use crate::domain::user::Actor;
use crate::domain::vocabulary::{RouteBy, Slug};
use crate::wire::ticket::TicketIn;
use crate::wire::triage::{MAX_BATCH, TriageOut, TriageRequest};

/// Whoever pipes a plain text in.
const NOBODY: &str = "nobody@localhost.invalid";

/// A line of the answer: the triage of the ticket of the same line, or why there is none.
#[derive(Serialize)]
struct LineOut {
    /// Which line, from 1.
    line: usize,
    /// What the ticket calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    triage: Option<TriageOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A line that was read.
struct Line {
    /// Which, from 1, blank ones counted.
    number: usize,
    ticket: Result<NewTicket, String>,
}

pub(super) async fn triage(config: &Config, workspace: Option<&Slug>, file: &Path, out: &Out) -> Result<ExitCode, CliError> {
    let mut source = Source::open(file)?;
    let (first, second) = (source.next()?, source.next()?);
    // A ticket that is written over several lines has none that is one by itself.
    let is_ticket =
        |line: &Found| line.text.as_ref().is_ok_and(|text| text.starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok());
    let is_json = first.iter().chain(&second).any(is_ticket);
    // Only reads: it works beside a running server, and needs no hold on the folder.
    let running = boot::open(config, None, fetching(*out)).await?;
    let actor = running.app.admin_of(workspace).await?;
    if is_json && (second.is_some() || !stdout().is_terminal()) {
        let code = each_line(&running.app, &actor, source.with([first, second]), *out).await;
        running.app.wind_down().await;
        return code;
    }
    let text = source.with([first, second]).rest()?;
    let is_list = text.trim_start().starts_with('[') && serde_json::from_str::<Vec<IgnoredAny>>(&text).is_ok();
    if is_list {
        return Err(CliError::Said(format!("`{}` is a list: write each ticket as a line of its own", file.display())));
    }
    let ticket = if text.trim_start().starts_with('{') {
        let text = without_type(&text).map_err(CliError::Said)?;
        serde_json::from_str::<TicketIn>(&text).map_err(|error| CliError::Said(format!("`{}` is not a ticket: {error}", file.display())))?
    } else {
        let body = serde_json::json!({ "subject": "", "body": text, "requester": { "email": NOBODY } });
        serde_json::from_value(body).map_err(|error| CliError::Said(error.to_string()))?
    };
    let ticket = ticket.into_text().map_err(|error| CliError::Said(error.to_string()))?;
    let triage = TriageOut::from(running.app.triage(&actor, ticket).await?);
    out.result(&triage, words);
    running.app.wind_down().await;
    Ok(ExitCode::SUCCESS)
}

/// Answers line by line, in their order, some of them at a time.
async fn each_line(app: &App, actor: &Actor, mut source: Source, out: Out) -> Result<ExitCode, CliError> {
    let bar = out.bar("Triaging", Unit::Things);
    let (mut done, mut failed) = (0, 0);
    loop {
        let mut lines = Vec::new();
        while lines.len() < MAX_BATCH {
            let Some(Found { number, text }) = source.next()? else { break };
            lines.push(Line { number, ticket: text.and_then(|text| read(&text)) });
        }
        if lines.is_empty() {
            break;
        }
        done += lines.len();
        let answered = answer(app, actor, lines).await?;
        failed += answered.failed;
        bar.set(u64::try_from(done).unwrap_or(u64::MAX), u64::try_from(done).unwrap_or(u64::MAX));
        if answered.is_left {
            break;
        }
    }
    bar.finish();
    if failed > 0 {
        out.note(&format!("{failed} of {done} lines could not be triaged: their answers say why"));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What became of some lines.
#[derive(Default)]
struct Answered {
    /// How many could not be triaged.
    failed: usize,
    /// Whether nobody reads any more.
    is_left: bool,
}

/// Writes the answers of some lines.
async fn answer(app: &App, actor: &Actor, lines: Vec<Line>) -> Result<Answered, CliError> {
    let tickets: Vec<NewTicket> = lines.iter().filter_map(|line| line.ticket.clone().ok()).collect();
    let mut triages = app.triage_all(actor, tickets).await?.into_iter();
    let mut out = stdout().lock();
    let mut answered = Answered::default();
    for Line { number, ticket } in lines {
        let line = match ticket {
            Ok(ticket) => {
                LineOut { line: number, external_id: ticket.external_id, triage: triages.next().map(TriageOut::from), error: None }
            }
            Err(why) => {
                answered.failed += 1;
                LineOut { line: number, external_id: None, triage: None, error: Some(why) }
            }
        };
        let text = serde_json::to_string(&line).map_err(|error| CliError::Said(error.to_string()))?;
        if writeln!(out, "{text}").is_err() {
            // A reader that went away (`| head`) wants no more.
            answered.is_left = true;
            return Ok(answered);
        }
    }
    Ok(answered)
}

/// A ticket of a line; its requester may be left out.
fn read(text: &str) -> Result<NewTicket, String> {
    match TriageRequest::read(without_type(text)?.as_bytes()) {
        Ok(TriageRequest::One(ticket)) => Ok(*ticket),
        Ok(TriageRequest::Batch(_)) => Err("a line is one ticket, not a list of them".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A line as `ingest` takes it says what it is: left out here, where only tickets are taken.
fn without_type(text: &str) -> Result<Cow<'_, str>, String> {
    // What is no object is told of where it is read.
    let Ok(mut object) = serde_json::from_str::<serde_json::Map<String, Value>>(text) else { return Ok(text.into()) };
    match object.remove("type") {
        None => Ok(text.into()),
        Some(Value::String(kind)) if kind == "ticket" => Ok(Value::Object(object).to_string().into()),
        Some(kind) => Err(format!("a line of the type {kind}: only tickets are triaged")),
    }
}

/// A line that is not blank, with its number; or why it is no text.
struct Found {
    number: usize,
    text: Result<String, String>,
}

/// Lines of a file or of standard input.
struct Source {
    name: String,
    /// How many lines were read.
    number: usize,
    /// Lines that were looked at already.
    seen: VecDeque<Found>,
    lines: BufReader<Box<dyn Read + Send>>,
}

impl Source {
    fn open(file: &Path) -> Result<Self, CliError> {
        let name = file.display().to_string();
        let lines: Box<dyn Read + Send> = if file == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            Box::new(fs_err::File::open(file).map_err(|source| CliError::File { path: name.clone(), source })?)
        };
        Ok(Self { name, number: 0, seen: VecDeque::new(), lines: BufReader::new(lines) })
    }

    /// With lines that come first.
    fn with(mut self, lines: [Option<Found>; 2]) -> Self {
        self.seen.extend(lines.into_iter().flatten());
        self
    }

    /// The next line that is not blank.
    fn next(&mut self) -> Result<Option<Found>, CliError> {
        if let Some(line) = self.seen.pop_front() {
            return Ok(Some(line));
        }
        loop {
            let mut bytes = Vec::new();
            let read = self.lines.read_until(b'\n', &mut bytes).map_err(|source| CliError::File { path: self.name.clone(), source })?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned());
            // Some editors mark a file as UTF-8 by its first character.
            let text = text.map(|text| text.strip_prefix('\u{feff}').filter(|_| self.number == 1).map(str::to_owned).unwrap_or(text));
            return Ok(Some(Found { number: self.number, text: text.map(|text| text.trim_end_matches(['\n', '\r']).to_owned()) }));
        }
    }

    /// All that is left, as one text.
    fn rest(mut self) -> Result<String, CliError> {
        let refused = || CliError::Said(format!("`{}` is not UTF-8: save it as UTF-8", self.name));
        let mut bytes = Vec::new();
        self.lines.read_to_end(&mut bytes).map_err(|source| CliError::File { path: self.name.clone(), source })?;
        let rest = String::from_utf8(bytes).map_err(|_| refused())?;
        let mut text = String::new();
        for line in self.seen {
            text.push_str(&line.text.map_err(|_| refused())?);
            text.push('\n');
        }
        text.push_str(&rest);
        Ok(text)
    }
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
    lines.extend(triage.also.iter().map(|guess| format!("also       {} ({})", guess.name, percent(guess.probability))));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_ingest_takes_as_a_ticket_is_triaged_and_one_of_another_kind_is_named() {
        let body = r#""subject": "Red light", "body": "It blinks red.", "requester": {"email": "ana@mail.example"}"#;
        let plain = read(&format!("{{{body}}}")).unwrap();
        assert_eq!(read(&format!(r#"{{"type": "ticket", {body}}}"#)).unwrap(), plain);
        let other = read(r#"{"type": "thread", "subject": "Lamp"}"#).unwrap_err();
        assert!(other.contains("\"thread\"") && other.contains("only tickets"), "{other}");
        assert!(read(&format!(r#"{{"kind": "ticket", {body}}}"#)).is_err(), "any other key is still unknown");
        assert!(read("[1]").is_err());
    }
}
