//! Heads: learning them from a workspace's labels, keeping each version, and going back to one.

use std::collections::BTreeMap;
use std::sync::Arc;

use backchannel_learn::linear::Fitted;
use backchannel_learn::ngrams::Vocabulary;
use backchannel_learn::threshold::{self, Advice};
use backchannel_measure::calibration::{Binning, expected_calibration_error};
use backchannel_measure::classification::{Prediction, accuracy, macro_f1};
use backchannel_measure::selective::risk_coverage;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::app::error::Error;
use crate::app::knowledge::gist;
use crate::app::pieces::Piece;
use crate::app::{App, Needed};
use crate::domain::audience::{Reader, Scope};
use crate::domain::head::{HeadMetrics, HeadVersion, SuspectLabel, Threshold, ThresholdAdvice};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::job::JobKind;
use crate::domain::label::{self, Label};
use crate::domain::ticket::Ticket;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{GroupName, HeadPart, IntentName, Language, TicketChannel, Tier};
use crate::playbook::Playbook;
use crate::store;
use crate::store::head::{HeadState, NewHeads};
use crate::text::clean::{CleanText, clean};
use crate::text::language;
use crate::triage::ground::{Example, Ground, Labels, features};
use crate::triage::routing::{Facts, rule};

/// What the bytes of heads are; others are learned anew.
const FORMAT: u8 = 1;
/// Heads that took longer to learn, in seconds, answer until the next ones are there; others are learned while somebody waits.
const PATIENCE_SECONDS: f64 = 5.0;
/// So many texts are encoded between two steps of the progress.
const STEP: usize = 256;
/// Bins of the calibration error, as Guo et al. (2017) use them.
const BINS: usize = 15;
/// Points of a curve that are told.
const POINTS: usize = 100;
/// Solved tickets that routes are learned from beside labels, at most, the newest.
const SOLVED: u32 = 20_000;
/// So often it is looked whether solved tickets tell something new.
const LOOKED_AGAIN_SECONDS: i64 = 20 * 3600;
/// Who learns where nobody asked for it.
const ITSELF: &str = "labels changed";

/// What was learned from the labels of a workspace.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// How rare words are among the texts.
    pub(crate) vocabulary: Vocabulary,
    /// The labelled texts with the heads.
    pub(crate) ground: Ground,
}

/// What learning does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learning {
    /// So many texts of so many are encoded.
    Encoding(usize, usize),
    /// So many steps of so many are done.
    Fitting(usize, usize),
}

/// What is told of learning.
pub type Progress = Arc<dyn Fn(Learning) + Send + Sync>;

/// What there is to learn from.
struct Material {
    tickets: Vec<(Ticket, Piece)>,
    labels: BTreeMap<TicketId, Label>,
}

/// What is kept beside the bytes.
struct Told<'a> {
    state: &'a HeadState,
    data_hash: String,
    seconds: f64,
    by: &'a str,
}

impl App {
    /// Learns the heads of the actor's workspace anew and keeps them as the next version, which answers at once unless another one is held.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is no admin; [`Error::Invalid`] where there is too little to learn from.
    pub async fn train(&self, actor: &Actor, progress: Progress) -> Result<HeadVersion, Error> {
        self.allow(actor, Permission::Administer)?;
        let state = store::head::state(self.store(), actor.workspace).await?;
        let (app, by, workspace) = (self.clone(), actor.name.clone(), actor.workspace);
        let kept = self.to_its_end(async move {
            let (playbook, language) = app.tuned(workspace).await?;
            app.learn_and_keep(workspace, &playbook, language, &state, (&by, progress)).await.map(|(_, version)| version)
        });
        let version = kept.await.map_err(Error::internal)??;
        let version = version.ok_or_else(|| {
            Error::invalid("labels", "too little to learn from: two intents are needed, one of them with two examples or labelled tickets")
        })?;
        let mut tx = self.store().begin().await?;
        self.record(&mut tx, actor, "heads.train", &version.to_string());
        tx.commit().await?;
        self.head_version(actor.workspace, version).await
    }

    /// Asks the background for new heads.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is no admin.
    pub async fn ask_to_train(&self, actor: &Actor) -> Result<(), Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        self.enqueue(&mut tx, actor.workspace, JobKind::TrainHeads);
        self.record(&mut tx, actor, "heads.ask", "");
        Ok(tx.commit().await?)
    }

    /// The versions of the heads, newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn heads_versions(&self, actor: &Actor) -> Result<Vec<HeadVersion>, Error> {
        self.allow(actor, Permission::Read)?;
        Ok(store::head::list(self.store(), actor.workspace).await?)
    }

    /// Lets a version answer, whatever is learned later, until [`App::follow_labels`].
    ///
    /// # Errors
    /// [`Error::NotFound`] for a version that is not kept; [`Error::Invalid`] for one that reads the vectors of another encoder.
    pub async fn hold_heads(&self, actor: &Actor, version: i64) -> Result<HeadVersion, Error> {
        self.allow(actor, Permission::Administer)?;
        let found = self.head_version(actor.workspace, version).await?;
        if found.encoder != self.encoder_revision() {
            return Err(Error::invalid("version", format!("version {version} reads the vectors of another encoder: train anew")));
        }
        let mut tx = self.store().begin().await?;
        if !store::head::hold(&mut tx, actor.workspace, version, &actor.name, self.now()).await? {
            return Err(no_version(version));
        }
        self.record(&mut tx, actor, "heads.hold", &version.to_string());
        tx.commit().await?;
        self.head_version(actor.workspace, version).await
    }

    /// Lets the newest heads answer again; answers whether others were held.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is no admin.
    pub async fn follow_labels(&self, actor: &Actor) -> Result<bool, Error> {
        self.allow(actor, Permission::Administer)?;
        let mut tx = self.store().begin().await?;
        let was_held = store::head::let_go(&mut tx, actor.workspace).await?;
        if was_held {
            self.record(&mut tx, actor, "heads.follow", "");
        }
        tx.commit().await?;
        Ok(was_held)
    }

    /// From which probability on guesses of a head keep a precision, by the heads that answer now.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a precision outside (0, 1); [`Error::NotFound`] for a head that could not be learned.
    pub async fn threshold_for(&self, actor: &Actor, part: HeadPart, precision: f64) -> Result<ThresholdAdvice, Error> {
        self.allow(actor, Permission::Read)?;
        if !(precision > 0.0 && precision < 1.0) {
            return Err(Error::invalid(
                "precision",
                format!("`{precision}` is no precision to ask for: expected a number between 0 and 1"),
            ));
        }
        let knowledge = self.knowledge(actor.workspace).await?;
        let head = knowledge.ground.heads().into_iter().find(|(of, ..)| *of == part);
        let (_, _, fitted) = head.ok_or_else(|| Error::NotFound { kind: "head", id: part.to_string() })?;
        let judged = fitted.judged();
        let Advice { expected, sure, controlled } = Advice::of(&judged, precision);
        let told = |threshold: threshold::Threshold| {
            let threshold::Threshold { least, coverage, precision, kept: _ } = threshold;
            Threshold { least, coverage, precision }
        };
        let curve: Vec<Threshold> = risk_coverage(&judged).into_iter().map(|selection| told(selection.into())).collect();
        let every = curve.len().div_ceil(POINTS).max(1);
        Ok(ThresholdAdvice {
            version: knowledge.version.unwrap_or_default(),
            part,
            precision,
            judged: judged.len(),
            expected: expected.map(told),
            sure: sure.map(told),
            controlled: controlled.map(told),
            // From the end, so that the least threshold is among them.
            curve: curve.iter().rev().step_by(every).rev().copied().collect(),
        })
    }

    /// The labelled tickets whose intent is hardly believed by heads that did not learn from it, the least believed first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a role that may not read.
    pub async fn suspect_labels(&self, actor: &Actor) -> Result<Vec<SuspectLabel>, Error> {
        self.allow(actor, Permission::Read)?;
        let knowledge = self.knowledge(actor.workspace).await?;
        let called = |intent: Option<&IntentName>| intent.map_or_else(|| "oos".to_owned(), ToString::to_string);
        let suspects = knowledge.ground.suspects().into_iter().filter_map(|(example, likelier, suspect)| {
            Some(SuspectLabel {
                ticket: example.ticket?,
                reference: example.title.clone(),
                label: called(example.labels.intent.as_ref()?.as_ref()),
                probability: suspect.own,
                likelier: called(likelier),
                likelier_probability: suspect.probability,
            })
        });
        let suspects: Vec<SuspectLabel> = suspects.collect();
        // Only those that the actor may see.
        let ids: Vec<TicketId> = suspects.iter().map(|suspect| suspect.ticket).collect();
        let heads = self.heads(actor, &ids).await?;
        Ok(suspects.into_iter().filter(|suspect| heads.contains_key(&suspect.ticket)).collect())
    }

    /// Learns in the background where labels or playbook changed since the newest version, and once a day where tickets were solved.
    pub(crate) async fn learn_if_behind(&self, workspace: WorkspaceId) -> Result<(), Error> {
        let state = store::head::state(self.store(), workspace).await?;
        let (playbook, language) = self.tuned(workspace).await?;
        if let Some(version) = store::head::made_from(self.store(), workspace, &self.made_from(&state)).await? {
            let known = self.head_version(workspace, version).await?;
            let is_fresh = self.now() < known.created_at.plus_seconds(LOOKED_AGAIN_SECONDS);
            if is_fresh || data_hash(&self.material(workspace, language).await?, &playbook) == known.data_hash {
                return Ok(());
            }
        }
        self.learn_and_keep(workspace, &playbook, language, &state, (ITSELF, Arc::new(|_| {}))).await.map(drop)
    }

    /// The heads that are kept and may answer: the held ones, those of these labels, or earlier ones that took long to learn.
    pub(super) async fn kept_heads(&self, workspace: WorkspaceId, state: &HeadState) -> Result<Option<(Learned, i64)>, Error> {
        if let Some(held) = state.held
            && let Some(found) = self.read_heads(workspace, held).await?
        {
            return Ok(Some(found));
        }
        if let Some(version) = store::head::made_from(self.store(), workspace, &self.made_from(state)).await? {
            return self.read_heads(workspace, version).await;
        }
        let Some(newest) = state.newest else { return Ok(None) };
        match store::head::get(self.store(), workspace, newest).await? {
            Some(version) if version.seconds > PATIENCE_SECONDS => {}
            Some(_) | None => return Ok(None),
        }
        let found = self.read_heads(workspace, newest).await?;
        if found.is_some() {
            let mut tx = self.store().begin().await?;
            self.enqueue(&mut tx, workspace, JobKind::TrainHeads);
            tx.commit().await?;
        }
        Ok(found)
    }

    /// Learns heads that nobody asked for, because something must answer; they are kept for the next start.
    pub(super) async fn learn_first(
        &self,
        workspace: WorkspaceId,
        playbook: &Playbook,
        language: Language,
        state: &HeadState,
    ) -> Result<(Learned, Option<i64>), Error> {
        self.learn_and_keep(workspace, playbook, language, state, (ITSELF, Arc::new(|_| {}))).await
    }

    /// What recognises heads that were learned from this.
    fn made_from(&self, state: &HeadState) -> String {
        format!("{} {} {}", state.playbook, state.labels, self.encoder_revision())
    }

    /// The heads of a version; `None` for another encoder's, and for bytes of an earlier form.
    async fn read_heads(&self, workspace: WorkspaceId, version: i64) -> Result<Option<(Learned, i64)>, Error> {
        let is_ours = store::head::get(self.store(), workspace, version).await?.is_some_and(|head| head.encoder == self.encoder_revision());
        if !is_ours {
            return Ok(None);
        }
        let Some(bytes) = store::head::bytes(self.store(), workspace, version).await? else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || from_bytes(&bytes)).await.map_err(Error::internal)?;
        if read.is_none() {
            tracing::warn!(head.version = version, "kept heads cannot be read and are learned anew");
        }
        Ok(read.map(|learned| (learned, version)))
    }

    async fn head_version(&self, workspace: WorkspaceId, version: i64) -> Result<HeadVersion, Error> {
        store::head::get(self.store(), workspace, version).await?.ok_or_else(|| no_version(version))
    }

    /// The playbook in force and the workspace's language.
    async fn tuned(&self, workspace: WorkspaceId) -> Result<(Playbook, Language), Error> {
        let language = store::workspace::get(self.store(), workspace).await?.map_or(Language::ENGLISH, |found| found.default_language);
        let files = store::playbook::current(self.store(), workspace).await?.map(|version| version.files).unwrap_or_default();
        Ok((Playbook::parse(&files).map_err(Error::internal)?, language))
    }

    /// Learns heads from what the workspace's people said; a version is kept where any head could be learned.
    async fn learn_and_keep(
        &self,
        workspace: WorkspaceId,
        playbook: &Playbook,
        language: Language,
        state: &HeadState,
        (by, progress): (&str, Progress),
    ) -> Result<(Learned, Option<i64>), Error> {
        let begun = self.now();
        let material = self.material(workspace, language).await?;
        let data_hash = data_hash(&material, playbook);
        let learned = self.learn(material, playbook, progress).await?;
        #[expect(clippy::cast_precision_loss, reason = "microseconds of one run")]
        let seconds = (self.now().as_micros() - begun.as_micros()) as f64 / 1e6;
        if learned.ground.heads().is_empty() {
            return Ok((learned, None));
        }
        let version = self.keep_heads(workspace, &learned, &Told { state, data_hash, seconds, by }).await?;
        Ok((learned, Some(version)))
    }

    async fn keep_heads(&self, workspace: WorkspaceId, learned: &Learned, told: &Told<'_>) -> Result<i64, Error> {
        let bytes = to_bytes(learned)?;
        let metrics: Vec<HeadMetrics> =
            learned.ground.heads().into_iter().map(|(part, classes, fitted)| metrics(part, classes, fitted)).collect();
        let new = NewHeads {
            workspace,
            made_from: &self.made_from(told.state),
            encoder: self.encoder_revision(),
            playbook: &told.state.playbook,
            data_hash: &told.data_hash,
            examples: u32::try_from(learned.ground.examples().len()).unwrap_or(u32::MAX),
            seconds: told.seconds,
            metrics: &metrics,
            bytes: &bytes,
            created_by: told.by,
            created_at: self.now(),
        };
        let mut tx = self.store().begin().await?;
        let version = store::head::insert(&mut tx, &new).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// The labelled tickets with what people said of them, and the solved ones with the group that had them in the end.
    async fn material(&self, workspace: WorkspaceId, language: Language) -> Result<Material, Error> {
        let labels = store::label::list(self.store(), workspace).await?;
        let labels = label::corrected(labels, &store::correction::list(self.store(), workspace).await?);
        let mut labels: BTreeMap<TicketId, Label> = labels.into_iter().map(|label| (label.ticket, label)).collect();
        let ids: Vec<TicketId> = labels.keys().copied().collect();
        let everything = Scope::new(workspace, Reader::Everything);
        let mut tickets = store::ticket::by_ids(self.store(), &everything, &ids).await?;
        for ticket in store::ticket::solved_before(self.store(), &everything, self.now(), SOLVED).await? {
            let Some(group) = &ticket.group else { continue };
            let is_labelled = labels.contains_key(&ticket.id);
            // What somebody said of it counts for more.
            labels.entry(ticket.id).or_insert_with(|| Label::blank(ticket.id)).group.get_or_insert_with(|| group.clone());
            if !is_labelled {
                tickets.push(ticket);
            }
        }
        let tickets = tickets.into_iter().map(|ticket| (ticket.clone(), gist(&ticket, language))).collect();
        Ok(Material { tickets, labels })
    }

    async fn learn(&self, material: Material, playbook: &Playbook, progress: Progress) -> Result<Learned, Error> {
        let Material { tickets, labels } = material;
        let written = written_of(playbook);
        let texts: Vec<CleanText> =
            tickets.iter().map(|(_, gist)| gist.body.clone()).chain(written.iter().map(|(text, _)| text.clone())).collect();
        let vocabulary = Vocabulary::of(texts.iter().map(CleanText::as_str));
        let mut vectors = Vec::with_capacity(texts.len());
        for step in texts.chunks(STEP) {
            vectors.extend(self.embed(step.to_vec(), Needed::Later).await?);
            progress(Learning::Encoding(vectors.len(), texts.len()));
        }
        let mut vectors = vectors.into_iter();
        let mut examples = Vec::new();
        for (ticket, gist) in &tickets {
            let (Some(label), Some(dense)) = (labels.get(&ticket.id), vectors.next()) else { continue };
            examples.push(Example {
                ticket: Some(ticket.id),
                at: Some(ticket.created_at),
                language: Some(gist.language),
                features: features(&vocabulary, gist.body.as_str(), Some(gist.language), dense),
                title: ticket.reference(),
                quote: ticket.subject.clone(),
                labels: labels_of(label),
            });
        }
        for ((text, intent), dense) in written.iter().zip(vectors) {
            let language = language::detect(text.as_str()).map(|(language, _)| language);
            examples.push(Example {
                ticket: None,
                at: None,
                language,
                features: features(&vocabulary, text.as_str(), language, dense),
                title: intent.to_string(),
                quote: text.as_str().to_owned(),
                labels: Labels {
                    intent: Some(Some((*intent).clone())),
                    // What the rules would say of a ticket like it: so that a route is learned before anybody labelled one.
                    group: group_of(playbook, intent),
                    ..Labels::default()
                },
            });
        }
        let languages = self.encoder_languages();
        let fit = move || Ground::watched(examples, languages, &|done, total| progress(Learning::Fitting(done, total)));
        let ground = tokio::task::spawn_blocking(fit).await.map_err(Error::internal)?;
        Ok(Learned { vocabulary, ground })
    }
}

/// Every text of a playbook that says what an intent is, with the intent: its examples, then its description.
pub(super) fn written_of(playbook: &Playbook) -> Vec<(CleanText, &IntentName)> {
    let intents = playbook.intents.iter();
    intents.flat_map(|(name, intent)| intent.examples.iter().chain([&intent.description]).map(move |text| (clean(text), name))).collect()
}

fn no_version(version: i64) -> Error {
    Error::NotFound { kind: "head version", id: version.to_string() }
}

fn to_bytes(learned: &Learned) -> Result<Vec<u8>, Error> {
    postcard::to_extend(learned, vec![FORMAT]).map_err(Error::internal)
}

fn from_bytes(bytes: &[u8]) -> Option<Learned> {
    let (format, rest) = bytes.split_first()?;
    (*format == FORMAT).then(|| postcard::from_bytes(rest).ok()).flatten()
}

/// How good a head is on what it did not see.
fn metrics(part: HeadPart, classes: usize, fitted: &Fitted) -> HeadMetrics {
    let judged = fitted.judged();
    let guessed: Vec<Prediction<usize>> = fitted.guessed().into_iter().map(|(truth, predicted)| Prediction { truth, predicted }).collect();
    let choice = fitted.choice();
    HeadMetrics {
        part,
        classes,
        examples: fitted.examples(),
        judged: judged.len(),
        accuracy: accuracy(&guessed),
        macro_f1: macro_f1(&guessed),
        ece: fitted.calibration().and_then(|_| expected_calibration_error(&judged, Binning::EqualWidth(BINS))),
        calibration: fitted.calibration().map(|calibration| calibration.name().to_owned()),
        cost: choice.cost,
        words: f64::from(choice.sparse),
    }
}

/// The sum over what is learned from, in the order of tickets: the same texts with the same labels have the same.
fn data_hash(material: &Material, playbook: &Playbook) -> String {
    let mut sum = Sha256::new();
    let mut add = |text: &str| {
        sum.update(text.len().to_le_bytes());
        sum.update(text.as_bytes());
    };
    let mut tickets: Vec<&(Ticket, Piece)> = material.tickets.iter().collect();
    tickets.sort_by_key(|(ticket, _)| ticket.id);
    for (ticket, gist) in tickets {
        add(gist.body.as_str());
        add(&format!("{:?}", material.labels.get(&ticket.id).map(labels_of)));
    }
    for (text, intent) in written_of(playbook) {
        add(text.as_str());
        add(intent.as_str());
    }
    hex::encode(sum.finalize())
}

/// The group that the rules give to an intent when nothing else is known of the ticket.
fn group_of(playbook: &Playbook, intent: &IntentName) -> Option<GroupName> {
    let facts = Facts {
        intent: Some(intent),
        language: None,
        tier: Tier::Standard,
        channel: TicketChannel::Email,
        text: "",
        entities: &[],
        urgency: None,
    };
    rule(&playbook.routing, facts).group.map(|(group, _)| group)
}

fn labels_of(label: &Label) -> Labels {
    Labels {
        intent: label.intents.as_ref().map(|intents| intents.first().cloned()),
        sentiment: label.sentiment,
        urgency: label.urgency,
        priority: label.priority,
        group: label.group.clone(),
        next_step: label.next_step,
    }
}
