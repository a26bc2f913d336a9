//! The verbs: what the doors, the jobs and the command line ask the product to do.
//!
//! Carries values between the pure rooms, the encoder, the index and the store. Knows no status code and no SQL; checks the
//! actor's permission and workspace in every verb.

mod admin;
mod admission;
mod asks;
mod attachment;
mod chat;
mod clock;
mod compared;
mod context;
mod correction;
mod customer;
mod document;
mod duplicate;
pub mod error;
mod event;
mod feedback;
mod folder;
mod guard;
mod heads;
mod held;
mod held_mail;
mod idempotency;
mod incident;
mod insight;
mod identity;
mod indexing;
mod knowledge;
mod lease;
mod letter;
mod library;
mod mail;
mod mailbox;
mod manifest;
mod material;
mod misfit;
mod named_files;
mod origin;
mod outbox;
mod panel;
mod password;
mod people;
mod pieces;
mod playbook;
mod reading;
mod register;
mod ruled;
mod search;
mod session;
mod set_aside;
mod thread;
mod thread_summary;
mod tidy;
mod ticket;
mod token;
mod triage;
mod user;
mod view;
mod waiting;
mod webhook;
mod why;
mod work;
mod worth;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

pub use attachment::{MOST_FILES_OF_A_MESSAGE, Received, StoredFile, UnsentLimits, Upload};
pub use chat::{SlackAnswer, SlackRequest};
pub use clock::{Clock, jitter, wall_clock};
pub use context::MOST_QUOTED;
pub use correction::{Called, MOST_CORRECTED, TriageChoices};
pub use error::{Error, Fault};
pub use folder::{Folder, TakenIn};
pub use guard::Checked;
pub use heads::{Learning, Progress};
pub use idempotency::{Claimed, KeyedRequest, Known, StoredResponse};
pub use indexing::IndexReport;
pub use mail::{RawMail, TakenMail};
pub use panel::{Answer, Asking, LatestPanel};
pub use password::{Argon2id, Hasher, Scheme};
pub use people::Profile;
pub use register::Imported;
pub use search::{Found, Hit, Reach, Results};
pub use session::{Link, PasswordTry, Session, SignedIn, Tried};
pub use ticket::{Move, Written};
pub use user::{INVITE_HOURS, LONGEST_INVITE_HOURS, Linked, OneTimeLink};
pub use view::{LONGEST_VIEW_NAME_CHARS, MOST_VIEWS};
pub use webhook::{Delivered, MOST_WEBHOOKS};
pub use work::Work;

use crate::app::admin::Uses;
use crate::app::compared::Members;
use crate::app::knowledge::Knowledge;
use crate::app::waiting::{Lately, Readers};
use crate::blobs::Blobs;
use crate::connectors::email::{self, Post};
use crate::connectors::files;
use crate::connectors::slack::{self, Slack};
use crate::connectors::teams::{self, Teams};
use crate::connectors::webhook::{self as hooks, Sender};
use crate::domain::id::WorkspaceId;
use crate::domain::time::Timestamp;
use crate::domain::user::{Actor, Permission};
use crate::domain::vocabulary::Language;
use crate::embed::{Embedder, Purpose};
use crate::index::Index;
use crate::store::{Change, Store};
use crate::text::clean::CleanText;
use crate::text::extract::Limits;

/// What the verbs work with; `boot` puts it together.
#[derive(Debug)]
pub struct Parts {
    /// The truth.
    pub store: Store,
    /// The bytes of attachments.
    pub blobs: Blobs,
    /// How many of them may wait to be sent.
    pub unsent: UnsentLimits,
    /// The projection that is searched.
    pub index: Arc<dyn Index>,
    /// The encoder.
    pub embedder: Embedder,
    /// The languages that the encoder was made for; in others words count more than vectors.
    pub encoder_languages: BTreeSet<Language>,
    /// Where moments come from.
    pub clock: Clock,
    /// How files are taken apart.
    pub extraction: Extraction,
    /// What hashes passwords.
    pub hasher: Hasher,
    /// Where and how long messages to webhooks are sent.
    pub webhooks: hooks::Options,
    /// How side conversations travel by e-mail.
    pub email: email::Options,
    /// How they are held in Slack.
    pub slack: slack::Options,
    /// How they are held in Teams.
    pub teams: teams::Options,
}

/// How files are taken apart.
#[derive(Debug, Clone)]
pub struct Extraction {
    /// The binary that is executed again for risky formats.
    pub program: PathBuf,
    /// What a file may cost.
    pub limits: Limits,
    /// What the child may cost.
    pub options: files::Options,
}

/// The verbs; cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// The knowledge of one workspace, locked while it is made.
type KnowledgeSlot = Arc<Mutex<Option<Arc<Knowledge>>>>;

#[derive(Debug)]
struct Inner {
    parts: Parts,
    /// What sends messages to webhooks.
    sender: Sender,
    /// The desk's mail, if it has any.
    post: Option<Post>,
    /// The desk's app in Slack, if it has one.
    slack: Option<Slack>,
    /// The desk in Teams, if it is there.
    teams: Option<Teams>,
    knowledge: Mutex<HashMap<WorkspaceId, KnowledgeSlot>>,
    /// What is compared of the tickets of open incidents, by workspace.
    members: std::sync::Mutex<HashMap<WorkspaceId, Members>>,
    /// What was left hanging lately, by who may see it.
    lately: Mutex<HashMap<Readers, Lately>>,
    /// What was used and is not written yet.
    uses: std::sync::Mutex<Uses>,
    /// Whether somebody is about to write it.
    uses_are_due: AtomicBool,
    /// Where files are taken apart.
    places: files::Places,
    /// Work that comes to its end even when whoever asked for it has left.
    begun: TaskTracker,
}

/// Something that was put, and what that did.
#[derive(Debug, Clone, PartialEq)]
pub struct Put<T> {
    /// The thing as it is now.
    pub item: T,
    /// Whether it was not there before.
    pub created: bool,
    /// Whether it is new, or anything of it is different now.
    pub changed: bool,
}

impl<T> Put<T> {
    fn new(item: T, change: Change) -> Self {
        Self { item, created: change == Change::Created, changed: change != Change::Unchanged }
    }

    /// What it did, without the thing.
    fn without_item(self) -> Put<()> {
        Put { item: (), created: self.created, changed: self.changed }
    }
}

/// When vectors are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    /// Somebody waits for them.
    Now,
    /// A job makes them: it lets the others go first.
    Later,
}

impl App {
    /// Puts the verbs on top of their parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let inner = Inner {
            sender: Sender::new(&parts.webhooks),
            post: connected(Post::new(&parts.email), "no mail is sent or read"),
            slack: connected(Slack::new(&parts.slack, &parts.webhooks.allowed_networks), "nothing is held in Slack"),
            teams: connected(Teams::new(&parts.teams, &parts.webhooks.allowed_networks), "nothing is held in Teams"),
            parts,
            knowledge: Mutex::default(),
            members: std::sync::Mutex::default(),
            lately: Mutex::default(),
            uses: std::sync::Mutex::default(),
            uses_are_due: AtomicBool::new(false),
            places: files::Places::default(),
            begun: TaskTracker::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The moment that it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    /// Whether database, index and encoder answer.
    ///
    /// # Errors
    /// [`Error::Unavailable`] names the part that does not.
    pub async fn ready(&self) -> Result<(), Error> {
        self.store().ping().await?;
        Ok(self.inner.parts.embedder.ping().await?)
    }

    /// Does some work to its end even when whoever asked for it has left; [`App::wind_down`] waits for it.
    pub fn to_its_end<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.inner.begun.spawn(work)
    }

    /// Waits until the work has ended that was begun with [`App::to_its_end`]; what is long stops at the next good place.
    pub async fn wind_down(&self) {
        self.inner.begun.close();
        self.inner.begun.wait().await;
        self.write_usage().await;
    }

    /// Whether the process is about to end, so that nothing long is gone on with.
    pub(crate) fn is_winding_down(&self) -> bool {
        self.inner.begun.is_closed()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.parts.store
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.inner.parts.blobs
    }

    pub(crate) fn unsent_limits(&self) -> UnsentLimits {
        self.inner.parts.unsent
    }

    pub(crate) fn index(&self) -> &dyn Index {
        self.inner.parts.index.as_ref()
    }

    pub(crate) fn extraction(&self) -> &Extraction {
        &self.inner.parts.extraction
    }

    pub(crate) fn places(&self) -> &files::Places {
        &self.inner.places
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.inner.parts.hasher
    }

    pub(crate) fn sender(&self) -> &Sender {
        &self.inner.sender
    }

    pub(crate) fn post(&self) -> Option<&Post> {
        self.inner.post.as_ref()
    }

    pub(crate) fn in_slack(&self) -> Option<&Slack> {
        self.inner.slack.as_ref()
    }

    pub(crate) fn in_teams(&self) -> Option<&Teams> {
        self.inner.teams.as_ref()
    }

    pub(crate) fn email(&self) -> &email::Options {
        &self.inner.parts.email
    }

    pub(crate) fn encoder_languages(&self) -> BTreeSet<Language> {
        self.inner.parts.encoder_languages.clone()
    }

    pub(crate) fn encoder_revision(&self) -> &str {
        self.inner.parts.embedder.revision()
    }

    fn uses(&self) -> &std::sync::Mutex<Uses> {
        &self.inner.uses
    }

    /// Reads or changes what is kept of open incidents; never across a wait.
    fn kept_members<T>(&self, workspace: WorkspaceId, with: impl FnOnce(&mut Members) -> T) -> T {
        let mut kept = self.inner.members.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        with(kept.entry(workspace).or_default())
    }

    fn lately(&self) -> &Mutex<HashMap<Readers, Lately>> {
        &self.inner.lately
    }

    pub(crate) async fn knowledge_of(&self, workspace: WorkspaceId) -> KnowledgeSlot {
        Arc::clone(self.inner.knowledge.lock().await.entry(workspace).or_default())
    }

    /// Vectors of texts; those that nobody waits for let the others go first. An empty text gets the zero vector.
    pub(crate) async fn embed(&self, texts: Vec<CleanText>, needed: Needed) -> Result<Vec<Vec<f32>>, Error> {
        let dimensions = self.inner.parts.embedder.dimensions();
        let (empty, full): (Vec<_>, Vec<_>) = texts.into_iter().enumerate().partition(|(_, text)| text.is_empty());
        let (places, texts): (Vec<usize>, Vec<CleanText>) = full.into_iter().unzip();
        let mut vectors = vec![Vec::new(); places.len() + empty.len()];
        for (place, _) in empty {
            vectors[place] = vec![0.0; dimensions];
        }
        let embedded = match needed {
            Needed::Now => self.inner.parts.embedder.embed(texts, Purpose::Passage).await?,
            Needed::Later => self.inner.parts.embedder.embed_bulk(texts, Purpose::Passage).await?,
        };
        for (place, vector) in places.into_iter().zip(embedded) {
            vectors[place] = vector.into_vec();
        }
        Ok(vectors)
    }

    /// The vector of a text that somebody waits for.
    pub(crate) async fn embed_one(&self, text: &CleanText) -> Result<Vec<f32>, Error> {
        if text.is_empty() {
            return Ok(vec![0.0; self.inner.parts.embedder.dimensions()]);
        }
        let vectors = self.inner.parts.embedder.embed(vec![text.clone()], Purpose::Query).await?;
        vectors
            .into_iter()
            .next()
            .map(crate::embed::UnitVector::into_vec)
            .ok_or_else(|| Error::internal("the encoder gave no vector for a text: this is a bug"))
    }

    #[expect(clippy::unused_self, reason = "reads as a verb where it is called, and may one day ask the store")]
    pub(crate) fn allow(&self, actor: &Actor, permission: Permission) -> Result<(), Error> {
        if actor.role.may(permission) { Ok(()) } else { Err(Error::Forbidden { role: actor.role.as_str() }) }
    }
}

/// What connects the desk to somewhere; the configuration was checked before.
fn connected<T, E: std::error::Error + 'static>(made: Result<Option<T>, E>, otherwise: &'static str) -> Option<T> {
    made.unwrap_or_else(|unfit| {
        tracing::error!(problem.causes = &unfit as &dyn std::error::Error, "{otherwise}");
        None
    })
}
