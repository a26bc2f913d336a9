//! Heads: learning them from a workspace's labels, keeping each version, and going back to one.

use std::collections::BTreeMap;
use std::sync::Arc;

use backchannel_learn::linear::Fitted;
use backchannel_learn::ngrams::Vocabulary;
use backchannel_learn::threshold::{self, Advice};
use backchannel_measure::calibration::{Binning, expected_calibration_error};
use backchannel_measure::classification::{Prediction, accuracy, macro_f1};
use backchannel_measure::selective::risk_coverage;

use crate::app::App;
use crate::app::error::Error;
use crate::app::material::data_hash;
use crate::domain::audience::{Reader, Scope};
use crate::domain::head::{HeadMetrics, HeadVersion, SuspectLabel, Threshold, ThresholdAdvice};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::job::JobKind;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::{HeadPart, IntentName, Language};
use crate::playbook::Playbook;
use crate::store;
use crate::store::head::{HeadState, NewHeads};
use crate::triage::ground::Ground;

/// What the bytes of heads are; others are learned anew.
const FORMAT: u8 = 2;
/// Heads that took longer to learn, in seconds, answer until the next ones are there; others are learned while somebody waits.
const PATIENCE_SECONDS: f64 = 5.0;
/// Bins of the calibration error, as Guo et al. (2017) use them.
const BINS: usize = 15;
/// Points of a curve that are told.
const POINTS: usize = 100;
/// So often it is looked whether solved tickets tell something new.
const LOOKED_AGAIN_SECONDS: i64 = 20 * 3600;
/// Who learns where nobody asked for it.
const ITSELF: &str = "labels changed";

/// What was learned from the labels of a workspace.
#[derive(Debug, PartialEq)]
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
        let answering = self.knowledge(actor.workspace).await?.version;
        let versions = store::head::list(self.store(), actor.workspace).await?;
        Ok(versions.into_iter().map(|version| HeadVersion { answers: Some(version.n) == answering, ..version }).collect())
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
        if !knowledge.ground.heads().iter().any(|(of, ..)| *of == part) {
            return Err(Error::NotFound { kind: "head", id: part.to_string() });
        }
        let ruled = if part == HeadPart::Route { self.ruled(actor.workspace, &knowledge).await? } else { Arc::default() };
        let judged = knowledge.ground.judged(part, &ruled);
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
            let known = store::head::get(self.store(), workspace, version).await?.ok_or_else(|| no_version(version))?;
            let is_fresh = self.now() < known.created_at.plus_seconds(LOOKED_AGAIN_SECONDS);
            if is_fresh || data_hash(&self.material(workspace, &playbook, language).await?, &playbook) == known.data_hash {
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
        let Some(mut learned) = read else { return Ok(None) };
        let ids: Vec<TicketId> = learned.ground.examples().iter().filter_map(|example| example.ticket).collect();
        let everything = Scope::new(workspace, Reader::Everything);
        let tickets = store::ticket::by_ids(self.store(), &everything, &ids).await?;
        let words: BTreeMap<TicketId, (String, String)> =
            tickets.into_iter().map(|ticket| (ticket.id, (ticket.reference(), ticket.subject))).collect();
        learned.ground.retold(|ticket| words.get(&ticket).cloned());
        Ok(Some((learned, version)))
    }

    async fn head_version(&self, workspace: WorkspaceId, version: i64) -> Result<HeadVersion, Error> {
        let found = store::head::get(self.store(), workspace, version).await?.ok_or_else(|| no_version(version))?;
        let answering = self.knowledge(workspace).await?.version;
        Ok(HeadVersion { answers: answering == Some(found.n), ..found })
    }

    /// The playbook in force and the workspace's language.
    pub(super) async fn tuned(&self, workspace: WorkspaceId) -> Result<(Playbook, Language), Error> {
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
        let material = self.material(workspace, playbook, language).await?;
        let data_hash = data_hash(&material, playbook);
        // Labels that came back to what they were, or tickets that were never labelled: the same heads answer.
        if by == ITSELF
            && let Some(version) =
                store::head::same(self.store(), workspace, &self.made_from(state), (&state.playbook, self.encoder_revision()), &data_hash)
                    .await?
            && let Some((learned, version)) = self.read_heads(workspace, version).await?
        {
            return Ok((learned, Some(version)));
        }
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
}

fn no_version(version: i64) -> Error {
    Error::NotFound { kind: "head version", id: version.to_string() }
}

fn to_bytes(learned: &Learned) -> Result<Vec<u8>, Error> {
    let kept = (&learned.vocabulary, learned.ground.without_words());
    postcard::to_extend(&kept, vec![FORMAT]).map_err(Error::internal)
}

fn from_bytes(bytes: &[u8]) -> Option<Learned> {
    let (format, rest) = bytes.split_first()?;
    let (vocabulary, ground) = (*format == FORMAT).then(|| postcard::from_bytes(rest).ok()).flatten()?;
    Some(Learned { vocabulary, ground })
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
