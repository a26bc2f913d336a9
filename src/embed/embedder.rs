//! The handle that the service encodes through.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task;
use tracing::Span;

use crate::embed::encoder::{self, Encoder, Purpose};
use crate::embed::error::EmbedError;
use crate::embed::manifest::Model;
use crate::embed::options::Options;
use crate::embed::queue::{Priority, Queue, Request, likely_tokens};
use crate::embed::remembered::Remembered;
use crate::embed::vector::UnitVector;
use crate::text::clean::{CleanText, clean};

/// What share of the queue one step of a bulk request takes: enough that threads seldom wait for the next step, and little enough that
/// several callers fit in.
const BULK_STEPS_IN_QUEUE: usize = 4;
/// The longest that a caller is asked to wait before it tries again.
const LONGEST_RETRY: u64 = 60;

/// A handle to an encoder that runs on threads of its own. Clones share the threads, which end after the last of them.
#[derive(Debug, Clone)]
pub struct Embedder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    revision: String,
    dimensions: usize,
    max_tokens: usize,
    bulk_step_tokens: usize,
    queue: Arc<Queue>,
    interactive: Gate,
    bulk: Gate,
    remembered: Remembered,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// The door to the queue of one priority: hands out room, measured in tokens as far as they can be told before counting.
#[derive(Debug)]
struct Gate {
    room: Arc<Semaphore>,
    capacity: u32,
}

impl Embedder {
    /// Opens a model in a folder that [`models::pull`](crate::embed::models::pull) has filled, and starts its threads.
    ///
    /// # Errors
    /// A file cannot be read or contradicts the manifest, or a thread cannot be started.
    ///
    /// # Cancel safety
    /// Dropped halfway, the model is read to its end and let go.
    pub async fn start(model: &Model, folder: &Path, options: &Options) -> Result<Self, EmbedError> {
        let (of, folder, with) = (model.clone(), folder.to_owned(), options.clone());
        let opened = task::spawn_blocking(move || Encoder::open(&of, &folder, &with)).await;
        let encoder = opened.map_err(|_| EmbedError::Stopped)??;
        Self::around(&Arc::new(encoder), options)
    }

    /// Starts the threads of an encoder.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn around(encoder: &Arc<Encoder>, options: &Options) -> Result<Self, EmbedError> {
        let embedder = Self::over(encoder, options, encoder.threads(), options.batch_tokens.get());
        for number in 0..encoder.threads() {
            let (encoder, queue) = (encoder.clone(), embedder.inner.queue.clone());
            let thread = thread::Builder::new().name(format!("embed-{number}"));
            thread.spawn(move || queue.work(&encoder)).map_err(|error| EmbedError::Thread(Arc::new(error)))?;
        }
        Ok(embedder)
    }

    fn over(encoder: &Encoder, options: &Options, threads: usize, portion_tokens: usize) -> Self {
        let inner = Inner {
            revision: encoder.revision().to_owned(),
            dimensions: encoder.dimensions(),
            max_tokens: encoder.max_tokens(),
            bulk_step_tokens: options.queue_tokens.get() / BULK_STEPS_IN_QUEUE,
            queue: Arc::new(Queue::new(threads, portion_tokens, encoder.max_tokens())),
            interactive: Gate::new(options.queue_tokens.get()),
            bulk: Gate::new(options.queue_tokens.get()),
            remembered: Remembered::new(options.remembered_texts),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Encodes texts that somebody waits for: they go before bulk work, and are turned away at once if too much waits already.
    ///
    /// Answers in the order of the texts. A request larger than the whole queue is taken when the queue is empty.
    ///
    /// # Errors
    /// [`EmbedError::Overloaded`] at the door, [`EmbedError::EmptyText`], or a failure of the model.
    ///
    /// # Cancel safety
    /// May be dropped at any time: what isn't encoded yet never will be, and other callers don't notice.
    pub async fn embed(&self, texts: Vec<CleanText>, purpose: Purpose) -> Result<Vec<UnitVector>, EmbedError> {
        encoder::refuse_empty(&texts)?;
        self.with_remembered(texts, purpose, async |texts| {
            let cost = texts.iter().map(|text| self.estimate(text)).sum();
            let room = self.inner.interactive.try_enter(cost).ok_or_else(|| self.overloaded())?;
            self.ask(texts, purpose, Priority::Interactive, room).await
        })
        .await
    }

    /// Encodes many texts that nobody waits for, such as passages of a new document, whenever no interactive work is there.
    ///
    /// Answers in the order of the texts. It feeds the queue step by step and waits for room instead of being turned away.
    ///
    /// # Errors
    /// [`EmbedError::EmptyText`] before anything is encoded, or a failure of the model.
    ///
    /// # Cancel safety
    /// May be dropped at any time; the vectors made so far are lost, and other callers don't notice.
    pub async fn embed_bulk(&self, texts: Vec<CleanText>, purpose: Purpose) -> Result<Vec<UnitVector>, EmbedError> {
        encoder::refuse_empty(&texts)?;
        self.with_remembered(texts, purpose, async |texts| self.ask_in_steps(texts, purpose).await).await
    }

    async fn ask_in_steps(&self, texts: Vec<CleanText>, purpose: Purpose) -> Result<Vec<UnitVector>, EmbedError> {
        let mut vectors = Vec::with_capacity(texts.len());
        let mut texts = texts.into_iter().peekable();
        while texts.peek().is_some() {
            let (mut step, mut cost) = (Vec::new(), 0);
            while (step.is_empty() || cost < self.inner.bulk_step_tokens)
                && let Some(text) = texts.next()
            {
                cost += self.estimate(&text);
                step.push(text);
            }
            let room = self.inner.bulk.enter(cost).await?;
            vectors.extend(self.ask(step, purpose, Priority::Bulk, room).await?);
        }
        Ok(vectors)
    }

    /// Whether it still encodes: a text that is never remembered goes through the queue, unless that is full, which is an answer too.
    ///
    /// # Errors
    /// A failure of the model, or its threads have ended.
    pub async fn ping(&self) -> Result<(), EmbedError> {
        let Some(room) = self.inner.interactive.try_enter(1) else { return Ok(()) };
        self.ask(vec![clean("ready")], Purpose::Query, Priority::Interactive, room).await.map(drop)
    }

    /// What vectors of this encoder are marked with; those of different marks never meet in one collection.
    pub fn revision(&self) -> &str {
        &self.inner.revision
    }

    /// How many numbers a vector has.
    pub fn dimensions(&self) -> usize {
        self.inner.dimensions
    }

    /// Takes the vectors that are remembered, asks for the others, each text once, and remembers these.
    async fn with_remembered(
        &self,
        texts: Vec<CleanText>,
        purpose: Purpose,
        ask: impl AsyncFnOnce(Vec<CleanText>) -> Result<Vec<UnitVector>, EmbedError>,
    ) -> Result<Vec<UnitVector>, EmbedError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        if self.inner.remembered.is_off() {
            return ask(texts).await;
        }
        let recalled = self.inner.remembered.recall(&texts, purpose);
        let (mut new, mut places) = (Vec::new(), HashMap::new());
        let mut answers = Vec::with_capacity(texts.len());
        for (text, known) in texts.iter().zip(recalled) {
            answers.push(known.ok_or_else(|| {
                *places.entry(text.as_str()).or_insert_with(|| {
                    new.push(text.clone());
                    new.len() - 1
                })
            }));
        }
        if new.is_empty() {
            return Ok(answers.into_iter().flatten().collect());
        }
        let made = ask(new.clone()).await?;
        self.inner.remembered.keep(new.iter().zip(&made), purpose);
        Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(|place| made[place].clone())).collect())
    }

    async fn ask(
        &self,
        texts: Vec<CleanText>,
        purpose: Purpose,
        priority: Priority,
        room: OwnedSemaphorePermit,
    ) -> Result<Vec<UnitVector>, EmbedError> {
        let (reply, answer) = oneshot::channel();
        let request = Request { texts, purpose, priority, reply, span: Span::current(), room };
        self.inner.queue.push(request)?;
        answer.await.map_err(|_| EmbedError::Stopped)?
    }

    /// A text's tokens before they are counted.
    fn estimate(&self, text: &CleanText) -> usize {
        likely_tokens(text, self.inner.max_tokens)
    }

    fn overloaded(&self) -> EmbedError {
        let waiting = self.inner.interactive.tokens_inside();
        let seconds = waiting.div_ceil(self.inner.queue.tokens_a_second()).clamp(1, LONGEST_RETRY);
        EmbedError::Overloaded { retry_after: Duration::from_secs(seconds) }
    }
}

impl Gate {
    fn new(tokens: usize) -> Self {
        let capacity = u32::try_from(tokens.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        Self { room: Arc::new(Semaphore::new(capacity as usize)), capacity }
    }

    /// What a request takes up; a large one takes all there is and no more.
    fn share(&self, tokens: usize) -> u32 {
        u32::try_from(tokens).unwrap_or(u32::MAX).min(self.capacity)
    }

    fn try_enter(&self, tokens: usize) -> Option<OwnedSemaphorePermit> {
        self.room.clone().try_acquire_many_owned(self.share(tokens)).ok()
    }

    async fn enter(&self, tokens: usize) -> Result<OwnedSemaphorePermit, EmbedError> {
        self.room.clone().acquire_many_owned(self.share(tokens)).await.map_err(|_| EmbedError::Stopped)
    }

    fn tokens_inside(&self) -> u64 {
        u64::from(self.capacity).saturating_sub(self.room.available_permits() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use futures::FutureExt;

    use super::*;
    use crate::embed::tiny;

    fn texts(texts: &[&str]) -> Vec<CleanText> {
        texts.iter().map(|text| clean(text)).collect()
    }

    /// An embedder that makes every vector anew, or remembers so many.
    async fn remembering(remembered_texts: usize) -> Embedder {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 11).unwrap();
        let options = Options { remembered_texts, ..tiny.options };
        Embedder::start(&tiny.model, place.path(), &options).await.unwrap()
    }

    async fn started() -> Embedder {
        remembering(0).await
    }

    #[tokio::test]
    async fn any_number_of_threads_gives_the_same_vectors() {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 11).unwrap();
        let words: Vec<String> = (0..90).map(|number| format!("parcel {number} {}", "late ".repeat(number % 13))).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut vectors = Vec::new();
        for threads in [1, 2, 7] {
            let options = Options { threads: NonZeroUsize::new(threads), remembered_texts: 0, ..tiny.options.clone() };
            let embedder = Embedder::start(&tiny.model, place.path(), &options).await.unwrap();
            vectors.push(embedder.embed_bulk(texts(&words), Purpose::Passage).await.unwrap());
        }
        assert!(vectors[0] == vectors[1] && vectors[1] == vectors[2]);
    }

    /// An embedder whose queue nobody empties but the test, with this encoder.
    fn stuck(queue_tokens: usize) -> (Embedder, Encoder) {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 11).unwrap();
        let encoder = Encoder::open(&tiny.model, place.path(), &tiny.options).unwrap();
        let options = Options { queue_tokens: NonZeroUsize::new(queue_tokens).unwrap(), ..tiny.options };
        (Embedder::over(&encoder, &options, 1, 64), encoder)
    }

    #[tokio::test]
    async fn interactive_and_bulk_give_the_same_vectors_in_order() {
        let embedder = started().await;
        let words: Vec<String> = (0..200).map(|number| format!("parcel {number} {}", "late ".repeat(number % 17))).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let interactive = embedder.embed(texts(&words), Purpose::Passage).await.unwrap();
        let bulk = embedder.embed_bulk(texts(&words), Purpose::Passage).await.unwrap();
        assert_eq!((interactive.len(), bulk.len()), (200, 200));
        assert_eq!(interactive, bulk);
        assert_eq!(embedder.dimensions(), interactive[0].dimensions());
        assert!(embedder.revision().starts_with("tiny@") && embedder.revision().len() == "tiny@".len() + 12);
    }

    #[tokio::test]
    async fn remembered_vectors_are_those_that_would_be_made_again() {
        let (fresh, remembering) = (started().await, remembering(50).await);
        let words: Vec<String> = (0..40).map(|number| format!("parcel {number} {}", "late ".repeat(number % 7))).collect();
        let some: Vec<&str> = words.iter().step_by(3).map(String::as_str).collect();
        // Each of them twice in one request.
        let all: Vec<&str> = words.iter().rev().chain(&words).map(String::as_str).collect();
        for purpose in [Purpose::Passage, Purpose::Query] {
            remembering.embed_bulk(texts(&some), purpose).await.unwrap();
            let mixed = remembering.embed(texts(&all), purpose).await.unwrap();
            let expected = fresh.embed(texts(&all), purpose).await.unwrap();
            assert_eq!(mixed.len(), 80);
            assert_eq!(mixed, expected);
        }
    }

    #[tokio::test]
    async fn what_is_remembered_needs_no_room_in_the_queue() {
        let (embedder, encoder) = stuck(100);
        let queue = &embedder.inner.queue;
        let asked = embedder.embed(texts(&["the same question"; 2]), Purpose::Query);
        let (first, did) = futures::join!(asked, async { queue.step(&encoder) });
        assert_eq!(did, Some((1, Priority::Interactive)), "equal texts of one request are encoded once");
        queue.close();
        assert_eq!(embedder.embed(texts(&["the same question"; 2]), Purpose::Query).await.unwrap(), first.unwrap());
        let passage = embedder.embed(texts(&["the same question"]), Purpose::Passage).await;
        assert!(matches!(passage, Err(EmbedError::Stopped)), "another purpose is another vector");
    }

    #[tokio::test]
    async fn a_full_queue_is_answered_at_once() {
        let (embedder, _encoder) = stuck(20);
        let mut first = Box::pin(embedder.embed(texts(&["a question of some forty characters ....."]), Purpose::Query));
        assert!((&mut first).now_or_never().is_none());
        let mut second = Box::pin(embedder.embed(texts(&["a question of some forty characters ....."]), Purpose::Query));
        let refusal = (&mut second).now_or_never().expect("a refusal doesn't wait");
        let Err(EmbedError::Overloaded { retry_after }) = refusal else { panic!("{refusal:?}") };
        assert!((1..=60).contains(&retry_after.as_secs()));
        assert!(embedder.embed(texts(&["short"]), Purpose::Query).now_or_never().is_none(), "there is room for a short one");
    }

    #[tokio::test]
    async fn bulk_waits_for_room_and_takes_none_from_interactive_callers() {
        let (embedder, encoder) = stuck(10);
        let step = || embedder.inner.queue.step(&encoder);
        let mut first = Box::pin(embedder.embed_bulk(texts(&["forty characters are about ten tokens .."]), Purpose::Passage));
        assert!((&mut first).now_or_never().is_none());
        let mut second = Box::pin(embedder.embed_bulk(texts(&["forty characters are about ten tokens .."]), Purpose::Passage));
        assert!((&mut second).now_or_never().is_none());
        let mut interactive = Box::pin(embedder.embed(texts(&["hello"]), Purpose::Query));
        assert!((&mut interactive).now_or_never().is_none());
        assert_eq!(step(), Some((1, Priority::Interactive)));
        assert_eq!(step(), Some((1, Priority::Bulk)));
        assert_eq!(step(), None, "the second waits outside");
        assert!((&mut second).now_or_never().is_none());
        assert_eq!(step(), Some((1, Priority::Bulk)), "the first has left the queue, so the second came in");
        assert_eq!(second.await.unwrap().len() + first.await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_request_larger_than_the_queue_is_taken_when_it_is_empty() {
        let (embedder, encoder) = stuck(3);
        let mut asked = Box::pin(embedder.embed(texts(&["a text of more than three tokens"]), Purpose::Query));
        assert!((&mut asked).now_or_never().is_none());
        assert_eq!(embedder.inner.queue.step(&encoder), Some((1, Priority::Interactive)));
        assert_eq!(asked.await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_caller_that_leaves_does_not_stop_others() {
        let embedder = started().await;
        let stays = embedder.embed(texts(&["the one that stays"]), Purpose::Query).await.unwrap();
        for _ in 0..20 {
            let leaving = embedder.embed(texts(&["left before the answer"; 40]), Purpose::Query);
            // Gone after one look, whether or not an answer was there.
            drop(Box::pin(leaving).now_or_never());
            assert_eq!(embedder.embed(texts(&["the one that stays"]), Purpose::Query).await.unwrap().len(), stays.len());
        }
    }

    #[tokio::test]
    async fn callers_at_once_get_their_own_answers() {
        let embedder = started().await;
        let ask = |number: usize| {
            let embedder = embedder.clone();
            async move { embedder.embed(texts(&[&"again ".repeat(number + 1)]), Purpose::Query).await.unwrap().remove(0) }
        };
        let together = futures::future::join_all((0..30).map(ask)).await;
        for (number, vector) in together.iter().enumerate() {
            assert_eq!(vector, &ask(number).await);
        }
    }

    #[tokio::test]
    async fn an_empty_text_is_refused_and_no_texts_are_no_vectors() {
        let embedder = started().await;
        let refusal = embedder.embed(texts(&["a", "  "]), Purpose::Query).await;
        assert!(matches!(refusal, Err(EmbedError::EmptyText { position: 1 })));
        assert!(matches!(embedder.embed_bulk(texts(&[""]), Purpose::Query).await, Err(EmbedError::EmptyText { position: 0 })));
        assert!(embedder.embed(Vec::new(), Purpose::Query).await.unwrap().is_empty());
        assert!(embedder.embed_bulk(Vec::new(), Purpose::Query).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_folder_without_a_model_is_an_error() {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(&place.path().join("model"), 11).unwrap();
        let error = Embedder::start(&tiny.model, place.path(), &tiny.options).await.unwrap_err();
        assert!(matches!(error, EmbedError::Open { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_stopped_queue_is_an_error_and_no_hang() {
        let (embedder, _encoder) = stuck(100);
        let (waits, answer) = (embedder.ping(), async { embedder.inner.queue.close() });
        assert!(matches!(futures::join!(waits, answer).0, Err(EmbedError::Stopped)));
        assert!(matches!(embedder.embed(texts(&["hello"]), Purpose::Query).await, Err(EmbedError::Stopped)));
        assert!(matches!(embedder.ping().await, Err(EmbedError::Stopped)));
    }
}
