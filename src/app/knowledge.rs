//! What a workspace knows before a ticket comes: its playbook, its patterns and its labelled ground, kept in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use backchannel_learn::features::Features;
use backchannel_learn::ngrams::{Sparse, Vocabulary};
use backchannel_learn::threshold::Advice;
use backchannel_measure::calibration::Judged;
use tokio::sync::OnceCell;

use crate::app::error::Error;
use crate::app::heads::Learned;
use crate::app::material::written_of;
use crate::app::pieces::{Piece, Raw};
use crate::app::{App, Needed};
use crate::domain::id::{TicketId, WorkspaceId};
use crate::domain::reason::Reason;
use crate::domain::ticket::Ticket;
use crate::domain::triage::Source;
use crate::domain::vocabulary::{HeadPart, IntentName, Language};
use crate::playbook::Playbook;
use crate::store;
use crate::store::head::HeadState;
use crate::text::clean::{CleanText, clean};
use crate::text::entity::Patterns;
use crate::text::language;
use crate::triage::ground::{Example, Ground, features};
use crate::triage::sought;

/// What a workspace knows before a ticket comes.
#[derive(Debug)]
pub(crate) struct Knowledge {
    /// The playbook in force.
    pub(crate) playbook: Playbook,
    /// How its numbers look.
    pub(crate) patterns: Patterns,
    /// Its labelled examples, and the heads that learned from them.
    pub(crate) ground: Ground,
    /// The version of these heads, where they are kept.
    pub(crate) version: Option<i64>,
    /// The language when nothing else says one.
    pub(crate) language: Language,
    /// What the encoder is called in the manifest.
    pub(crate) encoder: String,
    /// From which probability on an intent holds.
    pub(crate) intent_from: Bound,
    /// From which probability on a learned route holds: there before anybody is given the knowledge.
    route_from: OnceCell<Bound>,
    /// The labelled tickets that a rule routes, once somebody asked.
    ruled: OnceCell<Arc<BTreeSet<TicketId>>>,
    vocabulary: Vocabulary,
    prompts: BTreeMap<(IntentName, Language), Prompt>,
    state: HeadState,
}

/// From which probability on a guess holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bound {
    /// The least probability; above 1 where no guess is sure enough.
    pub(crate) least: f64,
    /// The precision that it keeps, where the playbook asks for one.
    pub(crate) precision: Option<f64>,
}

/// What an intent is about, in one language.
#[derive(Debug)]
pub(crate) struct Prompt {
    /// Its description and its examples in that language.
    pub(crate) body: CleanText,
    /// The middle of their vectors, of norm 1.
    pub(crate) dense: Vec<f32>,
}

impl Knowledge {
    /// The features of a text whose vector is known, as the heads read them.
    pub(crate) fn features(&self, text: &Piece, dense: Vec<f32>) -> Features {
        features(&self.vocabulary, text.body.as_str(), Some(text.language), dense)
    }

    /// The words of a text, to be compared with those of many others.
    pub(crate) fn words(&self, text: &CleanText) -> Sparse {
        self.vocabulary.features(text.as_str())
    }

    /// A labelled ticket.
    pub(crate) fn labelled(&self, ticket: TicketId) -> Option<&Example> {
        self.ground.labelled(ticket)
    }

    /// From which probability on a learned route holds.
    pub(crate) fn route_from(&self) -> Bound {
        *self.route_from.get().expect("knowledge is given away with its bound: this is a bug")
    }

    /// Whether any ticket is labelled.
    pub(crate) fn has_labels(&self) -> bool {
        self.ground.has_labels()
    }

    /// What an intent is about, in a language in which it has examples.
    pub(crate) fn prompt(&self, intent: &IntentName, language: Language) -> Option<&Prompt> {
        self.prompts.get(&(intent.clone(), language))
    }
}

/// The text by which a ticket is compared: its subject and its body without quotes and signatures.
pub(crate) fn gist(ticket: &Ticket, otherwise: Language) -> Piece {
    let text = ticket.text();
    Piece::cut(Raw {
        source: Source::Ticket(ticket.id),
        author: None,
        title: ticket.reference(),
        at: Some(ticket.created_at),
        language: ticket.language,
        otherwise,
        text: &text,
    })
}

impl App {
    /// The knowledge of a workspace, made again when its playbook, its labels or the choice of its heads changed.
    ///
    /// # Cancel safety
    /// May be dropped at any time: what was begun is made to its end, for whoever asks next.
    pub(crate) async fn knowledge(&self, workspace: WorkspaceId) -> Result<Arc<Knowledge>, Error> {
        let known = self.kept_knowledge(workspace).await?;
        if known.route_from.get().is_none() {
            let (app, held) = (self.clone(), Arc::clone(&known));
            let bound = async move { held.route_from.get_or_try_init(|| app.route_bound(workspace, &held)).await.map(|_| ()) };
            self.to_its_end(bound).await.map_err(Error::internal)??;
        }
        Ok(known)
    }

    /// From which probability on a learned route holds: the least one that the playbook names, or that keeps the precision it asks for on
    /// the tickets that no rule routes.
    async fn route_bound(&self, workspace: WorkspaceId, knowledge: &Arc<Knowledge>) -> Result<Bound, Error> {
        let thresholds = &knowledge.playbook.thresholds;
        let (least, precision) = (thresholds.abstain.route.get(), thresholds.precision.route);
        if precision.is_none() {
            return Ok(Bound { least, precision });
        }
        let ruled = self.ruled(workspace, knowledge).await?;
        Ok(Bound::of(&knowledge.ground.judged(HeadPart::Route, &ruled), least, precision))
    }

    /// The labelled tickets that a rule of the playbook routes, or may route where that is not known any more: read once, as they were then.
    pub(crate) async fn ruled(&self, workspace: WorkspaceId, knowledge: &Arc<Knowledge>) -> Result<Arc<BTreeSet<TicketId>>, Error> {
        if let Some(ruled) = knowledge.ruled.get() {
            return Ok(Arc::clone(ruled));
        }
        let (app, held) = (self.clone(), Arc::clone(knowledge));
        let find = async move {
            let found = held.ruled.get_or_try_init(async || Ok::<_, Error>(Arc::new(app.find_ruled(workspace, &held).await?))).await;
            found.map(Arc::clone)
        };
        self.to_its_end(find).await.map_err(Error::internal)?
    }

    async fn kept_knowledge(&self, workspace: WorkspaceId) -> Result<Arc<Knowledge>, Error> {
        let slot = self.knowledge_of(workspace).await;
        let known = slot.try_lock().ok().and_then(|kept| kept.clone());
        if let Some(known) = known
            && known.state == store::head::state(self.store(), workspace).await?
        {
            return Ok(known);
        }
        let app = self.clone();
        // To its end: whoever asked may have left when it is made, and the next one to ask needs it as well.
        let made = self.to_its_end(async move {
            // Held while the knowledge is made, so that a burst of tickets makes it once. What it is made from is read after that: it
            // may have changed while others made theirs.
            let mut kept = slot.lock().await;
            let state = store::head::state(app.store(), workspace).await?;
            if let Some(known) = kept.as_ref().filter(|known| known.state == state) {
                return Ok(Arc::clone(known));
            }
            let made = Arc::new(app.make_knowledge(workspace, state).await?);
            *kept = Some(Arc::clone(&made));
            Ok(made)
        });
        made.await.map_err(Error::internal)?
    }

    async fn make_knowledge(&self, workspace: WorkspaceId, state: HeadState) -> Result<Knowledge, Error> {
        let language = store::workspace::get(self.store(), workspace).await?.map_or(Language::ENGLISH, |found| found.default_language);
        let files = store::playbook::current(self.store(), workspace).await?.map(|version| version.files).unwrap_or_default();
        let playbook = Playbook::parse(&files).map_err(Error::internal)?;
        let (Learned { vocabulary, mut ground }, version) = match self.kept_heads(workspace, &state).await? {
            Some((learned, version)) => (learned, Some(version)),
            None => self.learn_first(workspace, &playbook, language, &state).await?,
        };
        ground.keep_only(|intent| playbook.intents.contains_key(intent), |group| playbook.routing.groups.contains_key(group));
        let written = written_of(&playbook);
        let vectors = self.embed(written.iter().map(|(text, _)| text.clone()).collect(), Needed::Later).await?;
        let prompts = prompts(&playbook, &written, &vectors);
        // Heads that were just learned are the newest.
        let state = HeadState { newest: if state.held.is_some() { state.newest } else { version.max(state.newest) }, ..state };
        // Its mark is its name, and what else makes its vectors.
        let encoder = self.encoder_revision().split('@').next().unwrap_or_default().to_owned();
        let (least, precision) = (playbook.thresholds.abstain.intent.get(), playbook.thresholds.precision.intent);
        let intent_from = Bound::of(&ground.judged(HeadPart::Intent, &BTreeSet::new()), least, precision);
        Ok(Knowledge {
            patterns: patterns(&playbook)?,
            intent_from,
            route_from: OnceCell::new(),
            ruled: OnceCell::new(),
            ground,
            version,
            language,
            encoder,
            vocabulary,
            prompts,
            state,
            playbook,
        })
    }
}

impl Bound {
    /// Why a guess below it does not hold.
    pub(crate) fn reason(self) -> Reason {
        self.precision.map_or(Reason::NoLikelyIntent, |precision| Reason::BelowPrecision { percent: percent(precision) })
    }

    /// The least probability that the playbook names, or that keeps the precision it asks for, whichever is more.
    fn of(judged: &[Judged], least: f64, precision: Option<f64>) -> Self {
        let Some(asked) = precision else { return Self { least, precision } };
        let advice = Advice::of(judged, asked).expected;
        Self { least: advice.map_or(f64::INFINITY, |threshold| threshold.least.max(least)), precision }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
fn percent(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}

/// What each intent is about, in every language in which it has examples; texts and vectors as they were written, in their order.
fn prompts(playbook: &Playbook, written: &[(CleanText, &IntentName)], vectors: &[Vec<f32>]) -> BTreeMap<(IntentName, Language), Prompt> {
    let mut prompts = BTreeMap::new();
    for (name, intent) in &playbook.intents {
        let own: Vec<(&CleanText, &[f32])> =
            written.iter().zip(vectors).filter(|((_, of), _)| *of == name).map(|((text, _), dense)| (text, dense.as_slice())).collect();
        // The description speaks for every language: it is what the admin means.
        let description = clean(&intent.description);
        let spoken = |text: &CleanText| language::detect(text.as_str()).map(|(language, _)| language);
        let languages: BTreeSet<Language> = own.iter().filter_map(|(text, _)| spoken(text)).collect();
        for language in languages {
            let of_it: Vec<&(&CleanText, &[f32])> =
                own.iter().filter(|(text, _)| **text == description || spoken(text) == Some(language)).collect();
            let body: Vec<&str> = of_it.iter().map(|(text, _)| text.as_str()).collect();
            let prompt = Prompt { body: clean(&body.join("\n")), dense: middle(of_it.iter().map(|(_, dense)| *dense)) };
            prompts.insert((name.clone(), language), prompt);
        }
    }
    prompts
}

/// The middle of unit vectors, of norm 1 itself.
fn middle<'a>(vectors: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let mut sum: Vec<f32> = Vec::new();
    for vector in vectors {
        sum.resize(vector.len(), 0.0);
        for (sum, value) in sum.iter_mut().zip(vector) {
            *sum += value;
        }
    }
    let norm = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    if norm > 0.0 {
        for value in &mut sum {
            *value /= norm;
        }
    }
    sum
}

/// The playbook's patterns as the text room takes them.
pub(crate) fn patterns(playbook: &Playbook) -> Result<Patterns, Error> {
    sought::patterns(playbook).map_err(|error| Error::invalid("entities.toml", error))
}
