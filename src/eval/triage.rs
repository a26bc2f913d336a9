//! What the product says of a desk's later tickets after learning from the earlier ones: intent, sentiment, urgency, route, next step.
//!
//! One task for all, because they are one triage: a suite names the part that it judges, so that an item has one right label and one
//! answer, and everything that is made of items works for it. Who calls hands in the desk, which is the product itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::eval::error::EvalError;
use crate::eval::given::Given;
use crate::eval::item::{Item, Label, Labels, Said, rounded};
use crate::eval::knn::Neighbours;
use crate::eval::records::{OUT_OF_SCOPE, read};
use crate::eval::suite::{LANGUAGES, Part, Suite};
use crate::eval::{Encode, Found, Measured, Outgoing, Shop, Wondered};

/// A desk that is judged.
pub trait Desk {
    /// Learns from what is past, and triages tickets that came later, in their order.
    ///
    /// # Errors
    /// Whatever goes wrong, such as a playbook that is none.
    fn triage(&self, past: &Past, asked: &[Asked]) -> impl Future<Output = Result<Vec<Verdict>, EvalError>>;

    /// Takes a whole company in, and says of messages what must not leave with them, in their order.
    ///
    /// # Errors
    /// Whatever goes wrong, such as a folder that is none.
    fn check(
        &self,
        _company: &Path,
        _playbook: &BTreeMap<String, String>,
        _asked: &[Outgoing],
    ) -> impl Future<Output = Result<Vec<Vec<Found>>, EvalError>> {
        std::future::ready(Err(EvalError::TooLittle("this desk only triages".to_owned())))
    }

    /// Takes in what a company knew of some tickets, with all its articles and people, and says of tickets that came later, in their order,
    /// what to do next before anybody has answered.
    ///
    /// # Errors
    /// Whatever goes wrong.
    fn steps(
        &self,
        _shop: &Shop<'_>,
        _known: &BTreeSet<String>,
        _asked: &[Asked],
    ) -> impl Future<Output = Result<Vec<Option<Guess>>, EvalError>> {
        std::future::ready(Err(EvalError::TooLittle("this desk only triages".to_owned())))
    }

    /// Takes in a whole desk without its labels, and says of each ask what is shown first, by what was there before it; in their order.
    ///
    /// # Errors
    /// Whatever goes wrong.
    fn answered(&self, _shop: &Shop<'_>, _asked: &[Wondered]) -> impl Future<Output = Result<Vec<Option<String>>, EvalError>> {
        std::future::ready(Err(EvalError::TooLittle("this desk only triages".to_owned())))
    }
}

/// What a desk knows: JSON lines as a folder of a workspace has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// The files of its playbook.
    pub playbook: BTreeMap<String, String>,
    /// Its customers: what they pay for is known of whoever writes.
    pub customers: Vec<Value>,
    /// Its tickets that were solved before the first one that is asked.
    pub tickets: Vec<Value>,
    /// What was said of these.
    pub labels: Vec<Value>,
}

/// A ticket that is asked, as it arrived: a JSON ticket with nothing that anybody of the desk added.
pub type Asked = Value;

/// What a desk said of a ticket.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// The likeliest intents, best first, each with its probability where it has one.
    pub intents: Vec<Guess>,
    /// The intent that holds.
    pub intent: Option<String>,
    /// Those that it has beside it.
    pub also: Vec<String>,
    /// Whether none does because the ticket is about nothing that the desk knows.
    pub is_outside: bool,
    /// How the customer feels.
    pub sentiment: Option<Guess>,
    /// How pressing it is.
    pub urgency: Option<Guess>,
    /// Where it goes.
    pub group: Option<Guess>,
    /// What to do next.
    pub next_step: Option<Guess>,
}

/// A label, and how likely it is where that was said.
pub type Guess = (String, Option<f64>);

/// A ticket of the folder.
#[derive(Debug, Deserialize)]
struct Row {
    external_id: String,
    subject: String,
    body: String,
    requester: Value,
    channel: Option<Value>,
    created_at: String,
    solved_at: Option<String>,
}

/// What is right of a ticket.
#[derive(Debug, Deserialize)]
struct Truth {
    ticket: String,
    intents: Option<Vec<String>>,
    sentiment: Option<String>,
    urgency: Option<String>,
    group: Option<String>,
    next_step: Option<String>,
}

impl Truth {
    fn of(&self, part: Part) -> Option<String> {
        match part {
            Part::Intent | Part::Intents => {
                self.intents.as_ref().map(|intents| intents.first().cloned().unwrap_or_else(|| OUT_OF_SCOPE.to_owned()))
            }
            Part::Sentiment => self.sentiment.clone(),
            Part::Urgency => self.urgency.clone(),
            Part::Routing => self.group.clone(),
            Part::NextStep => self.next_step.clone(),
        }
    }
}

/// A ticket with when it came and what is right.
struct Ticket {
    row: Row,
    line: Value,
    lang: &'static str,
    at: Timestamp,
    solved: Option<Timestamp>,
    truth: Truth,
    label: Value,
}

impl Ticket {
    fn text(&self) -> String {
        format!("{}\n\n{}", self.row.subject, self.row.body)
    }

    fn asked(&self) -> Asked {
        let Row { subject, body, requester, channel, created_at, .. } = &self.row;
        json!({ "subject": subject, "body": body, "requester": requester, "channel": channel, "created_at": created_at })
    }
}

pub(super) async fn measure(
    suite: &Suite,
    data: &Path,
    given: &Given,
    encoder: &impl Encode,
    desk: &impl Desk,
) -> Result<Measured, EvalError> {
    let (Some(folder), Some(part), Some(playbook)) = (&suite.workspace, suite.part, &given.playbook) else {
        let reason = "the task `triage` needs `workspace` and `part`".to_owned();
        return Err(EvalError::Suite { name: suite.name.clone(), reason });
    };
    let mut tickets = tickets(data, folder)?;
    tickets.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.row.external_id.cmp(&b.row.external_id)));
    let asked = tickets.split_off(tickets.len() * 2 / 3);
    let Some(cut) = asked.first().map(|ticket| ticket.at) else {
        return Err(EvalError::TooLittle(format!("suite `{}` has nothing to ask", suite.name)));
    };
    // What a ticket was nobody knew before it was solved.
    let earlier = tickets.len();
    tickets.retain(|ticket| ticket.solved.is_some_and(|solved| solved <= cut));
    let history = Past {
        playbook: playbook.files.clone(),
        customers: lines(data, folder, "customers")?.into_iter().map(|(_, line)| line).collect(),
        tickets: tickets.iter().map(|ticket| ticket.line.clone()).collect(),
        labels: tickets.iter().map(|ticket| ticket.label.clone()).collect(),
    };
    let questions: Vec<Asked> = asked.iter().map(Ticket::asked).collect();
    let begun = Instant::now();
    let verdicts = if part == Part::NextStep {
        let known: BTreeSet<String> = tickets.iter().map(|ticket| ticket.row.external_id.clone()).collect();
        let steps = desk.steps(&Shop { folder: &data.join(folder), playbook: &playbook.files }, &known, &questions).await?;
        steps.into_iter().map(|next_step| Verdict { next_step, ..Verdict::default() }).collect()
    } else {
        desk.triage(&history, &questions).await?
    };
    let learning_seconds = begun.elapsed().as_secs_f64();
    let head = Some(format!("the product's triage, after {} tickets up to {cut}", tickets.len()));
    let (learned_from, left_out) = (tickets.len(), earlier - tickets.len());
    if part == Part::Intents {
        let items = asked.iter().zip(&verdicts).filter_map(|(ticket, verdict)| all_intents(ticket, verdict)).collect();
        return Ok(Measured { items, learned_from, left_out, learning_seconds, head });
    }
    let mut labels: Vec<Option<Label>> =
        asked.iter().zip(&verdicts).map(|(ticket, verdict)| Some(judge(ticket.truth.of(part)?, verdict, part))).collect();
    let wants = |name: &str| suite.metrics.iter().any(|metric| metric.contains(name));
    if wants("most_") || wants("_most") {
        let most = most_frequent(tickets.iter().filter_map(|ticket| ticket.truth.of(part)));
        put(&mut labels, "most", std::iter::repeat(most));
    }
    if wants("knn") {
        let known: Vec<(String, String)> = tickets.iter().filter_map(|ticket| Some((ticket.text(), ticket.truth.of(part)?))).collect();
        let texts: Vec<String> = asked.iter().map(Ticket::text).collect();
        put(&mut labels, "knn", Neighbours::of(&known, encoder).await?.nearest(&texts, encoder).await?.into_iter());
    }
    if wants("head") {
        let without = Past { playbook: without_rules(&history.playbook)?, ..history.clone() };
        let alone = desk.triage(&without, &questions).await?;
        put(&mut labels, "head", alone.iter().map(|verdict| judge(String::new(), verdict, part).answer));
    }
    let items = asked.iter().zip(labels).filter_map(|(ticket, label)| {
        let (id, lang) = (ticket.row.external_id.clone(), Some(ticket.lang.to_owned()));
        Some(Item { id, lang, half: None, said: Said::Label(label?) })
    });
    Ok(Measured { items: items.collect(), learned_from, left_out, learning_seconds, head })
}

/// All intents of a ticket beside all that a verdict says.
fn all_intents(ticket: &Ticket, verdict: &Verdict) -> Option<Item> {
    let said = verdict.intent.iter().chain(&verdict.also).cloned().collect();
    let labels = Labels { truth: ticket.truth.intents.clone()?, said };
    Some(Item { id: ticket.row.external_id.clone(), lang: Some(ticket.lang.to_owned()), half: None, said: Said::Labels(labels) })
}

/// The labelled tickets of a folder.
fn tickets(data: &Path, folder: &str) -> Result<Vec<Ticket>, EvalError> {
    let mut truths: BTreeMap<String, (Truth, Value)> = BTreeMap::new();
    for (_, line) in lines(data, folder, "labels")? {
        let mut truth: Truth = parsed(folder, &line)?;
        if let Some(intents) = &mut truth.intents {
            intents.retain(|intent| intent != OUT_OF_SCOPE);
        }
        truths.insert(truth.ticket.clone(), (truth, line));
    }
    let mut tickets = Vec::new();
    for (lang, line) in lines(data, folder, "tickets")? {
        let row: Row = parsed(folder, &line)?;
        let Some((truth, label)) = truths.remove(&row.external_id) else { continue };
        let time = |text: &str| text.parse().map_err(|error| EvalError::TooLittle(format!("ticket `{}`: {error}", row.external_id)));
        let (at, solved) = (time(&row.created_at)?, row.solved_at.as_deref().map(time).transpose()?);
        tickets.push(Ticket { row, line, lang, at, solved, truth, label });
    }
    Ok(tickets)
}

/// The lines of a kind of file, each with the language of its file.
fn lines(data: &Path, folder: &str, what: &str) -> Result<Vec<(&'static str, Value)>, EvalError> {
    let mut lines = Vec::new();
    for lang in LANGUAGES {
        let read: Vec<Value> = read(data, &[format!("{folder}/{what}.{lang}.jsonl")])?;
        lines.extend(read.into_iter().map(|line| (lang, line)));
    }
    Ok(lines)
}

fn parsed<T: for<'de> Deserialize<'de>>(folder: &str, line: &Value) -> Result<T, EvalError> {
    T::deserialize(line).map_err(|error| EvalError::TooLittle(format!("a line in `{folder}` is none: {error}")))
}

/// What a verdict says of one part.
fn judge(truth: String, verdict: &Verdict, part: Part) -> Label {
    let guess = match part {
        Part::Intent if verdict.is_outside => Some((OUT_OF_SCOPE.to_owned(), None)),
        Part::Intent | Part::Intents => verdict.intents.first().cloned(),
        Part::Sentiment => verdict.sentiment.clone(),
        Part::Urgency => verdict.urgency.clone(),
        Part::Routing => verdict.group.clone(),
        Part::NextStep => verdict.next_step.clone(),
    };
    let (guess, probability) = guess.map_or((None, None), |(label, probability)| (Some(label), probability.map(rounded)));
    let answer = match part {
        Part::Intent if !verdict.is_outside => verdict.intent.clone(),
        Part::Intent | Part::Intents | Part::Sentiment | Part::Urgency | Part::Routing | Part::NextStep => guess.clone(),
    };
    let place = match part {
        Part::Intent => verdict.intents.iter().position(|(label, _)| *label == truth).map(|place| place + 1),
        Part::Intents | Part::Sentiment | Part::Urgency | Part::Routing | Part::NextStep => None,
    };
    Label { truth, guess, answer, probability, place, ..Label::default() }
}

fn put(labels: &mut [Option<Label>], name: &str, said: impl Iterator<Item = Option<String>>) {
    for (label, said) in labels.iter_mut().zip(said) {
        if let (Some(label), Some(said)) = (label, said) {
            label.beside.insert(name.to_owned(), said);
        }
    }
}

/// The label that stands most often, the first of equals.
fn most_frequent(labels: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    labels.for_each(|label| *counts.entry(label).or_default() += 1);
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(label, _)| label)
}

/// A playbook whose rules are gone: what is left to say is the head's.
fn without_rules(playbook: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, EvalError> {
    let mut playbook = playbook.clone();
    if let Some(routing) = playbook.get_mut("routing.toml") {
        let mut table: toml::Table = routing.parse().map_err(|error: toml::de::Error| EvalError::Desk(error.into()))?;
        table.remove("rules");
        *routing = table.to_string();
    }
    Ok(playbook)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::eval::{Tools, run};
    use crate::text::clean::CleanText;

    /// A desk that notes what it is shown, and says `orders` of everything; without rules, nothing.
    #[derive(Default)]
    struct Noting(Mutex<Vec<(Past, Vec<Asked>)>>);

    impl Desk for Noting {
        async fn triage(&self, past: &Past, asked: &[Asked]) -> Result<Vec<Verdict>, EvalError> {
            self.0.lock().unwrap().push((past.clone(), asked.to_vec()));
            let group = past.playbook["routing.toml"].contains("rules").then(|| ("orders".to_owned(), None));
            let intents = vec![("status".to_owned(), Some(0.4)), ("refund".to_owned(), Some(0.3))];
            let also = vec!["refund".to_owned()];
            Ok(vec![Verdict { intents, also, group, ..Verdict::default() }; asked.len()])
        }

        async fn answered(&self, _: &Shop<'_>, asked: &[Wondered]) -> Result<Vec<Option<String>>, EvalError> {
            Ok(vec![None; asked.len()])
        }
    }

    /// Vectors that say whether a text speaks of money.
    struct Money;

    impl Encode for Money {
        fn model(&self) -> &'static str {
            "words"
        }

        async fn vectors(&self, texts: Vec<CleanText>) -> Result<Vec<Vec<f32>>, EvalError> {
            Ok(texts.iter().map(|text| if text.as_str().contains("money") { vec![1.0, 0.0] } else { vec![0.0, 1.0] }).collect())
        }

        fn name(&self) -> String {
            "money".to_owned()
        }
    }

    /// Nine tickets, one an hour: 0 to 5 earlier, 6 to 8 asked; each solved half an hour after it came but for ticket 3, which was
    /// solved at the end.
    fn data() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (mut tickets, mut labels) = (String::new(), String::new());
        for hour in 0..9 {
            let (text, group) = if hour % 2 == 0 { ("my money, please", "billing") } else { ("my parcel is late", "orders") };
            let solved = if hour == 3 { "2026-11-02T12:00:00Z".to_owned() } else { format!("2026-11-01T0{hour}:30:00Z") };
            tickets += &json!({
                "type": "ticket", "external_id": format!("T-{hour}"), "subject": "hello", "body": text, "group": group, "tags": ["leak"],
                "requester": { "email": "a@b.example" }, "channel": "email", "created_at": format!("2026-11-01T0{hour}:00:00Z"),
                "solved_at": solved, "status": "solved", "assignee": "leak@b.example", "priority": "urgent",
            })
            .to_string();
            tickets += "\n";
            let intent = if hour == 8 { "oos" } else { "refund" };
            labels += &json!({ "ticket": format!("T-{hour}"), "intents": [intent], "group": group }).to_string();
            labels += "\n";
        }
        fs_err::create_dir_all(folder.path().join("desk/playbook")).unwrap();
        for (name, text) in [("tickets", tickets.as_str()), ("labels", labels.as_str()), ("customers", "{\"email\": \"a@b.example\"}\n")] {
            fs_err::write(folder.path().join(format!("desk/{name}.en.jsonl")), text).unwrap();
            fs_err::write(folder.path().join(format!("desk/{name}.fr.jsonl")), "").unwrap();
        }
        let routing = "[groups.orders]\nname = \"Orders\"\n[[rules]]\nname = \"all\"\nwhen = {}\ngroup = \"orders\"\n";
        fs_err::write(folder.path().join("desk/playbook/routing.toml"), routing).unwrap();
        folder
    }

    fn suite(part: &str, metrics: &[&str]) -> Suite {
        toml::from_str(&format!("name = \"x\"\ntask = \"triage\"\nworkspace = \"desk\"\npart = {part:?}\nmetrics = {metrics:?}\n")).unwrap()
    }

    #[tokio::test]
    async fn a_desk_learns_only_from_what_was_solved_before_the_first_ticket_that_is_asked() {
        let (data, desk) = (data(), Noting::default());
        let tools = Tools { encoder: Some(&Money), desk: Some(&desk), playbook: None };
        let report = run(&suite("routing", &["accuracy"]), data.path(), tools).await.unwrap();
        assert_eq!((report.learned_from, report.left_out, report.items.len()), (5, 1, 3));
        let shown = desk.0.into_inner().unwrap();
        let (past, asked) = &shown[0];
        let ids: Vec<&str> = past.tickets.iter().filter_map(|ticket| ticket["external_id"].as_str()).collect();
        assert_eq!(ids, ["T-0", "T-1", "T-2", "T-4", "T-5"]);
        assert!(past.labels.iter().all(|label| ids.contains(&label["ticket"].as_str().unwrap())), "{past:?}");
        let said = serde_json::to_string(asked).unwrap();
        assert!(asked.len() == 3 && !said.contains("leak") && !said.contains("billing") && !said.contains("urgent"), "{said}");
    }

    #[tokio::test]
    async fn a_route_is_judged_beside_the_head_alone_the_nearest_tickets_and_the_commonest_group() {
        let (data, desk) = (data(), Noting::default());
        let metrics = ["accuracy", "knn_accuracy", "over_knn", "head_accuracy", "over_head", "most_accuracy", "accuracy@fr"];
        let tools = Tools { encoder: Some(&Money), desk: Some(&desk), playbook: None };
        let report = run(&suite("routing", &metrics), data.path(), tools).await.unwrap();
        let value = |name: &str| report.metrics.iter().find(|metric| metric.name == name).unwrap().value;
        // Asked are a ticket on money, one on a parcel, one on money.
        assert_eq!((value("accuracy"), value("knn_accuracy")), (Some(1.0 / 3.0), Some(1.0)));
        assert!((value("over_knn").unwrap() + 2.0 / 3.0).abs() < 1e-9);
        assert_eq!((value("head_accuracy"), value("over_head")), (Some(0.0), Some(1.0 / 3.0)), "without rules the desk says nothing");
        assert_eq!(value("most_accuracy"), Some(2.0 / 3.0), "three of the five that were learned from are on money");
        assert_eq!(value("accuracy@fr"), None);
    }

    #[tokio::test]
    async fn all_intents_that_are_said_are_held_against_all_that_a_ticket_has() {
        let (data, desk) = (data(), Noting::default());
        let tools = Tools { encoder: Some(&Money), desk: Some(&desk), playbook: None };
        let metrics = ["micro_precision", "micro_recall", "exact"];
        let report = run(&suite("intents", &metrics), data.path(), tools).await.unwrap();
        let values: Vec<Option<f64>> = report.metrics.iter().map(|metric| metric.value).collect();
        // Asked are two that have the one intent that is said beside the main one, and one that has none.
        assert_eq!((values, report.items.len()), (vec![Some(2.0 / 3.0), Some(1.0), Some(2.0 / 3.0)], 3));
    }

    #[tokio::test]
    async fn an_intent_that_is_not_sure_is_a_guess_and_no_answer() {
        let (data, desk) = (data(), Noting::default());
        let tools = Tools { encoder: Some(&Money), desk: Some(&desk), playbook: None };
        let report = run(&suite("intent", &["accuracy", "hit@3", "coverage"]), data.path(), tools).await.unwrap();
        let values: Vec<Option<f64>> = report.metrics.iter().map(|metric| metric.value).collect();
        assert_eq!(values, [Some(0.0), Some(1.0), Some(0.0)], "the right one stands second, for both tickets that have one");
    }
}
