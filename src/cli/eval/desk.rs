//! The product as a desk that is judged: an installation of its own in a temporary folder, which learns and triages like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::app::{App, Asking, Folder};
use crate::boot;
use crate::cli::models::fetching;
use crate::cli::out::{Out, Unit};
use crate::config::{Config, Data};
use crate::domain::audience::Audience;
use crate::domain::intake::NewCheck;
use crate::domain::leak::{LeakLevel, MessagePart};
use crate::domain::reason::Reason;
use crate::domain::triage::{self, Triage};
use crate::domain::user::Actor;
use crate::domain::vocabulary::{EmailAddress, Language, Probability};
use crate::eval::error::EvalError;
use crate::eval::{Asked, Desk, Found, Guess, Outgoing, Past, Shop, Verdict, Wondered};
use crate::wire::lines::{Record, parse_label, parse_line};
use crate::wire::ticket::TicketIn;

/// The product, opened anew for every past that it is shown.
pub(super) struct Product {
    config: Config,
    out: Out,
    /// What it said: suites that judge parts of one triage ask for it once.
    said: Mutex<BTreeMap<[u8; 32], Vec<Verdict>>>,
}

impl Product {
    pub(super) fn new(config: Config, out: Out) -> Self {
        Self { config, out, said: Mutex::default() }
    }

    /// The configuration of an installation that is nobody's: only the encoder is the user's own.
    fn apart(&self, dir: PathBuf) -> Config {
        let Config { models, server, log, jobs, files, webhooks, .. } = self.config.clone();
        // Nothing that is asked here is sent to anybody.
        let (database, qdrant, attachments, email, slack, teams) = Default::default();
        Config { data: Data { dir }, database, qdrant, attachments, models, server, log, jobs, files, webhooks, email, slack, teams }
    }
}

impl Desk for Product {
    async fn triage(&self, past: &Past, asked: &[Asked]) -> Result<Vec<Verdict>, EvalError> {
        let mut said = self.said.lock().await;
        let key = key(past, asked)?;
        if let Some(known) = said.get(&key) {
            return Ok(known.clone());
        }
        let folder = tempfile::tempdir().map_err(failed)?;
        let running = boot::open(&self.apart(folder.path().join("data")), None, fetching(self.out)).await.map_err(failed)?;
        let actor = open_desk(&running.app, past).await?;
        let mut verdicts = Vec::with_capacity(asked.len());
        for ticket in asked {
            let ticket: TicketIn = serde_json::from_value(ticket.clone()).map_err(failed)?;
            let triage = running.app.triage(&actor, ticket.into_text().map_err(failed)?).await.map_err(failed)?;
            verdicts.push(verdict(triage));
        }
        said.insert(key, verdicts.clone());
        Ok(verdicts)
    }

    async fn answered(&self, shop: &Shop<'_>, asked: &[Wondered]) -> Result<Vec<Option<String>>, EvalError> {
        let temporary = tempfile::tempdir().map_err(failed)?;
        let config = self.apart(temporary.path().join("data"));
        // Held: what is to be found is put into its index.
        let lock = boot::lock(&config.data.dir).map_err(failed)?;
        let running = boot::open(&config, Some(lock), fetching(self.out)).await.map_err(failed)?;
        let app = &running.app;
        let actor = open_desk(app, &Past { playbook: shop.playbook.clone(), ..Past::default() }).await?;
        let folder = Folder::of(&[shop.folder.to_owned()]).map_err(failed)?;
        // Labels are of tickets that came later, too.
        let known = |record: &Record| !matches!(record, Record::Label(_));
        let bar = self.out.bar("Reading", Unit::Things);
        app.take_in(&actor, &folder, Some(&Audience::Internal), &known, &|done, total| bar.set(done, total)).await.map_err(failed)?;
        bar.finish();
        app.index_pending(actor.workspace, &|_, _| {}).await.map_err(failed)?;
        let mut shown = Vec::with_capacity(asked.len());
        for wondered in asked {
            let ticket = app.ticket_by_reference(&actor, &wondered.ticket).await.map_err(failed)?.ticket.id;
            let asking = Asking { ticket: Some(ticket), subject: &wondered.subject, body: &wondered.body };
            let answers = app.earlier_answers(&actor, asking, wondered.at).await.map_err(failed)?;
            shown.push(answers.into_iter().next().map(|answer| answer.reference));
        }
        Ok(shown)
    }

    async fn steps(&self, shop: &Shop<'_>, known: &BTreeSet<String>, asked: &[Asked]) -> Result<Vec<Option<Guess>>, EvalError> {
        let temporary = tempfile::tempdir().map_err(failed)?;
        let config = self.apart(temporary.path().join("data"));
        // Held: what is found for a panel is put into its index.
        let lock = boot::lock(&config.data.dir).map_err(failed)?;
        let running = boot::open(&config, Some(lock), fetching(self.out)).await.map_err(failed)?;
        let app = &running.app;
        let actor = open_desk(app, &Past { playbook: shop.playbook.clone(), ..Past::default() }).await?;
        let is_known = |record: &Record| match record {
            Record::Ticket { ticket, .. } => ticket.external_id.as_ref().is_some_and(|id| known.contains(id)),
            Record::Thread { ticket, .. } => known.contains(ticket),
            Record::Label(label) => known.contains(&label.label.ticket),
            Record::Customer(_) | Record::Person(_) | Record::Team(_) | Record::Channel(_) => true,
        };
        let files = Folder::of(&[shop.folder.to_owned()]).map_err(failed)?;
        let bar = self.out.bar("Reading", Unit::Things);
        app.take_in(&actor, &files, None, &is_known, &|done, total| bar.set(done, total)).await.map_err(failed)?;
        bar.finish();
        app.index_pending(actor.workspace, &|_, _| {}).await.map_err(failed)?;
        let bar = self.out.bar("Preparing panels", Unit::Things);
        let mut steps = Vec::with_capacity(asked.len());
        for ticket in asked {
            let ticket: TicketIn = serde_json::from_value(ticket.clone()).map_err(failed)?;
            let ticket = app.put_ticket(&actor, ticket.into_new().map_err(failed)?).await.map_err(failed)?.item.ticket.id;
            let panel = app.panel(&actor, ticket).await.map_err(failed)?;
            steps.push(panel.next_step.as_ref().map(|advice| guess(&advice.step)));
            bar.set(count(steps.len()), count(asked.len()));
        }
        bar.finish();
        Ok(steps)
    }

    async fn check(&self, company: &Path, playbook: &BTreeMap<String, String>, asked: &[Outgoing]) -> Result<Vec<Vec<Found>>, EvalError> {
        let folder = tempfile::tempdir().map_err(failed)?;
        let config = self.apart(folder.path().join("data"));
        // Whoever holds the folder has its index.
        let lock = boot::lock(&config.data.dir).map_err(failed)?;
        let running = boot::open(&config, Some(lock), fetching(self.out)).await.map_err(failed)?;
        let app = &running.app;
        let actor = open_desk(app, &Past { playbook: playbook.clone(), ..Past::default() }).await?;
        let bar = self.out.bar("Taking the company in", Unit::Things);
        let files = Folder::of(&[company.to_owned()]).map_err(failed)?;
        app.take_in(&actor, &files, None, &|_| true, &|done, of| bar.set(done, of)).await.map_err(failed)?;
        bar.finish();
        let bar = self.out.bar("Encoding", Unit::Things);
        app.index_pending(actor.workspace, &|done, left| bar.set(done, done + left)).await.map_err(failed)?;
        bar.finish();
        let bar = self.out.bar("Checking messages", Unit::Things);
        let mut found = Vec::with_capacity(asked.len());
        for message in asked {
            found.push(checked(app, &actor, message).await?);
            bar.set(count(found.len()), count(asked.len()));
        }
        bar.finish();
        Ok(found)
    }
}

/// What the guard says of a message.
async fn checked(app: &App, actor: &Actor, message: &Outgoing) -> Result<Vec<Found>, EvalError> {
    let ticket = app.ticket_by_reference(actor, &message.ticket).await.map_err(failed)?.ticket.id;
    // What is no address is a channel.
    let (mut recipients, mut channels) = (Vec::new(), Vec::new());
    for reader in message.to.iter().chain(&message.cc) {
        match reader.parse::<EmailAddress>() {
            Ok(address) => recipients.push(address),
            Err(_) => channels.push(reader.clone()),
        }
    }
    let hidden = message.bcc.iter().map(|address| address.parse()).collect::<Result<_, _>>().map_err(failed)?;
    let (subject, body) = (Some(message.subject.clone()), message.body.clone());
    let check = NewCheck { ticket: Some(ticket), subject, body, recipients, hidden, channels };
    let leaks = app.check_message(actor, &check).await.map_err(failed)?.leaks.into_iter();
    let found = leaks.filter(|leak| leak.level > LeakLevel::Hint).map(|leak| Found {
        span: leak.span.filter(|_| leak.part == MessagePart::Body).map(|span| (span.start, span.end)),
        blocks: leak.level == LeakLevel::Block,
    });
    Ok(found.collect())
}

/// A workspace that knows what is past.
async fn open_desk(app: &App, past: &Past) -> Result<Actor, EvalError> {
    let slug = "desk".parse().map_err(failed)?;
    let admin = "admin@desk.example".parse().map_err(failed)?;
    let actor = app.create_workspace(slug, "Desk", Language::ENGLISH, admin, "Admin").await.map_err(failed)?;
    app.apply_playbook(&actor, past.playbook.clone()).await.map_err(failed)?;
    for line in past.customers.iter().chain(&past.tickets) {
        match parse_line(&line.to_string()).map_err(failed)? {
            Record::Customer(customer) => drop(app.put_customer(&actor, customer).await.map_err(failed)?),
            Record::Ticket { ticket, .. } => drop(app.put_ticket(&actor, ticket).await.map_err(failed)?),
            // A triage needs none of them.
            Record::Thread { .. } | Record::Person(_) | Record::Team(_) | Record::Channel(_) | Record::Label(_) => {}
        }
    }
    for line in &past.labels {
        let label = parse_label(&line.to_string()).map_err(failed)?;
        app.put_label(&actor, label.label).await.map_err(failed)?;
    }
    Ok(actor)
}

fn verdict(triage: Triage) -> Verdict {
    let is_outside = triage.abstained.is_some_and(|abstained| matches!(abstained.reason, Reason::OutOfScope));
    Verdict {
        intents: triage.intents.iter().map(guess).collect(),
        intent: triage.intent.map(|intent| intent.to_string()),
        also: triage.also.iter().map(|guess| guess.name.to_string()).collect(),
        is_outside,
        sentiment: triage.sentiment.as_ref().map(guess),
        urgency: triage.urgency.as_ref().map(guess),
        group: triage.route.map(|route| (route.group.to_string(), route.probability.map(Probability::get))),
        next_step: None,
    }
}

fn guess<L: ToString>(guess: &triage::Guess<L>) -> Guess {
    (guess.name.to_string(), guess.probability.map(Probability::get))
}

fn key(past: &Past, asked: &[Asked]) -> Result<[u8; 32], EvalError> {
    let Past { playbook, customers, tickets, labels } = past;
    let all: (&BTreeMap<String, String>, [&[Value]; 4]) = (playbook, [customers, tickets, labels, asked]);
    Ok(Sha256::digest(serde_json::to_vec(&all).map_err(failed)?).into())
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> EvalError {
    EvalError::Desk(error.into())
}

fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
