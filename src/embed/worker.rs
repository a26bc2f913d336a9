//! The encoder's own thread: what waits, what goes next, who gets which answer.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tracing::Span;

use crate::embed::encoder::{Encoder, Purpose};
use crate::embed::error::EmbedError;
use crate::embed::fetch;
use crate::embed::vector::UnitVector;
use crate::text::clean::CleanText;

/// After this many interactive batches a bulk batch that waits gets its turn, so that bulk work is slow but never stuck.
const INTERACTIVE_IN_A_ROW: u32 = 8;
/// What a token has in the languages of a support desk, to guess how many texts fill a batch before they are cut.
const LIKELY_BYTES_A_TOKEN: usize = 4;

/// Who waits for the vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// A person looks at a screen.
    Interactive,
    /// Nobody does.
    Bulk,
}

/// Texts of one caller.
pub(super) struct Request {
    pub(super) texts: Vec<CleanText>,
    pub(super) purpose: Purpose,
    pub(super) priority: Priority,
    pub(super) reply: oneshot::Sender<Result<Vec<UnitVector>, EmbedError>>,
    pub(super) span: Span,
    /// The room that the request takes in the queue; it's free again when this is dropped with the request.
    pub(super) room: OwnedSemaphorePermit,
}

/// How fast the encoder is, for honest words to callers that are turned away.
#[derive(Debug)]
pub(super) struct Speed {
    tokens_a_second: AtomicU64,
}

/// Encodes until every handle is gone.
pub(super) struct Worker {
    encoder: Encoder,
    speed: Arc<Speed>,
    interactive: Line,
    bulk: Line,
    interactive_in_a_row: u32,
}

/// The requests of one priority, oldest first.
#[derive(Default)]
struct Line {
    next_id: u64,
    open: BTreeMap<u64, Open>,
    /// Texts not yet cut into tokens.
    raw: VecDeque<(u64, CleanText, usize)>,
    /// Texts ready for the network.
    ready: VecDeque<Ready>,
}

/// A request with some answers still missing.
struct Open {
    purpose: Purpose,
    reply: oneshot::Sender<Result<Vec<UnitVector>, EmbedError>>,
    span: Span,
    vectors: Vec<Option<UnitVector>>,
    missing: usize,
    _room: OwnedSemaphorePermit,
}

/// A text of a request as token ids.
struct Ready {
    request: u64,
    place: usize,
    ids: Vec<u32>,
}

impl Default for Speed {
    /// A modest guess that the first batches replace.
    fn default() -> Self {
        Self { tokens_a_second: AtomicU64::new(1000) }
    }
}

impl Speed {
    pub(super) fn tokens_a_second(&self) -> u64 {
        self.tokens_a_second.load(Ordering::Relaxed).max(1)
    }

    /// Moves an eighth of the way to what a batch has shown.
    fn learn(&self, tokens: usize, micros: u128) {
        let seen = u64::try_from(tokens as u128 * 1_000_000 / micros.max(1)).unwrap_or(u64::MAX);
        let old = self.tokens_a_second();
        self.tokens_a_second.store(old - old / 8 + seen / 8, Ordering::Relaxed);
    }
}

impl Worker {
    pub(super) fn new(encoder: Encoder, speed: Arc<Speed>) -> Self {
        Self { encoder, speed, interactive: Line::default(), bulk: Line::default(), interactive_in_a_row: 0 }
    }

    /// Takes whatever is queued, encodes one batch of it, and looks again; never waits for a batch to fill.
    pub(super) fn run(mut self, mut requests: UnboundedReceiver<Request>) {
        loop {
            if self.is_idle() {
                match requests.blocking_recv() {
                    Some(request) => self.take(request),
                    None => return,
                }
            }
            while let Ok(request) = requests.try_recv() {
                self.take(request);
            }
            self.step();
        }
    }

    fn take(&mut self, request: Request) {
        match request.priority {
            Priority::Interactive => self.interactive.push(request),
            Priority::Bulk => self.bulk.push(request),
        }
    }

    fn is_idle(&self) -> bool {
        self.interactive.open.is_empty() && self.bulk.open.is_empty()
    }

    /// Encodes one batch; answers how many texts it had.
    fn step(&mut self) -> usize {
        self.interactive.drop_departed();
        self.bulk.drop_departed();
        let bulk_is_due = self.interactive_in_a_row >= INTERACTIVE_IN_A_ROW && !self.bulk.open.is_empty();
        let line = if self.interactive.open.is_empty() || bulk_is_due {
            self.interactive_in_a_row = 0;
            &mut self.bulk
        } else {
            self.interactive_in_a_row += 1;
            &mut self.interactive
        };
        let mut batch = line.next_batch(&self.encoder);
        if batch.is_empty() {
            return 0;
        }
        let rows: Vec<Vec<u32>> = batch.iter_mut().map(|ready| std::mem::take(&mut ready.ids)).collect();
        let tokens = rows.iter().map(Vec::len).sum();
        let span = tracing::debug_span!("embed.batch", batch.texts = rows.len(), batch.tokens = tokens);
        for ready in &batch {
            if let Some(open) = line.open.get(&ready.request) {
                span.follows_from(&open.span);
            }
        }
        let _entered = span.enter();
        let started = Instant::now();
        let encoder = &self.encoder;
        // The network holds nothing that a panic could leave half done: its weights are only read.
        let answer = panic::catch_unwind(AssertUnwindSafe(|| encoder.forward(&rows))).unwrap_or(Err(EmbedError::Panicked));
        self.speed.learn(tokens, started.elapsed().as_micros());
        let texts = batch.len();
        match answer {
            Ok(vectors) => line.deliver(batch, vectors),
            Err(error) => {
                tracing::error!(error.message = fetch::chain(&error), "a batch could not be encoded");
                for ready in batch {
                    line.fail(ready.request, error.clone());
                }
            }
        }
        texts
    }
}

impl Line {
    fn push(&mut self, request: Request) {
        let Request { texts, purpose, priority: _, reply, span, room } = request;
        let id = self.next_id;
        self.next_id += 1;
        let missing = texts.len();
        self.open.insert(id, Open { purpose, reply, span, vectors: vec![None; missing], missing, _room: room });
        self.raw.extend(texts.into_iter().enumerate().map(|(place, text)| (id, text, place)));
    }

    /// Forgets the work of callers that no longer wait.
    fn drop_departed(&mut self) {
        let before = self.open.len();
        self.open.retain(|_, open| !open.reply.is_closed());
        if self.open.len() < before {
            self.forget_closed();
        }
    }

    fn forget_closed(&mut self) {
        let open = &self.open;
        self.raw.retain(|(request, ..)| open.contains_key(request));
        self.ready.retain(|ready| open.contains_key(&ready.request));
    }

    /// Cuts texts into tokens, as many as a batch holds, and takes out those that are in it: the oldest.
    fn next_batch(&mut self, encoder: &Encoder) -> Vec<Ready> {
        let mut tokens: usize = self.ready.iter().map(|ready| ready.ids.len()).sum();
        while tokens < encoder.batch_tokens() && !self.raw.is_empty() {
            let (mut places, mut texts, mut likely) = (Vec::new(), Vec::new(), tokens);
            while likely < encoder.batch_tokens()
                && let Some((request, text, place)) = self.raw.pop_front()
            {
                let Some(open) = self.open.get(&request) else { continue };
                likely += text.as_str().len() / LIKELY_BYTES_A_TOKEN + 1;
                places.push((request, place));
                texts.push((text, open.purpose));
            }
            for ((request, place), cut) in places.into_iter().zip(encoder.cut(&texts)) {
                match cut {
                    Ok(ids) => {
                        tokens += ids.len();
                        self.ready.push_back(Ready { request, place, ids });
                    }
                    Err(error) => self.fail(request, error),
                }
            }
        }
        let texts = encoder.fitting(self.ready.iter().map(|ready| ready.ids.len()));
        self.ready.drain(..texts).collect()
    }

    fn deliver(&mut self, batch: Vec<Ready>, vectors: Vec<UnitVector>) {
        for (Ready { request, place, ids: _ }, vector) in batch.into_iter().zip(vectors) {
            let Some(open) = self.open.get_mut(&request) else { continue };
            open.vectors[place] = Some(vector);
            open.missing -= 1;
            if open.missing == 0
                && let Some(Open { reply, vectors, .. }) = self.open.remove(&request)
            {
                // A caller that has left meanwhile doesn't want its vectors.
                let _left = reply.send(Ok(vectors.into_iter().flatten().collect()));
            }
        }
    }

    fn fail(&mut self, request: u64, error: EmbedError) {
        if let Some(open) = self.open.remove(&request) {
            let _left = open.reply.send(Err(error));
            self.forget_closed();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;
    use crate::embed::options::Options;
    use crate::embed::tiny;
    use crate::text::clean::clean;

    type Reply = oneshot::Receiver<Result<Vec<UnitVector>, EmbedError>>;

    fn worker() -> Worker {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 9).unwrap();
        let options = Options { batch_tokens: 64.try_into().unwrap(), ..tiny.options };
        Worker::new(Encoder::open(&tiny.model, place.path(), &options).unwrap(), Arc::default())
    }

    fn request(texts: &[&str], priority: Priority) -> (Request, Reply) {
        let (reply, answer) = oneshot::channel();
        let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let texts = texts.iter().map(|text| clean(text)).collect();
        (Request { texts, purpose: Purpose::Query, priority, reply, span: Span::none(), room }, answer)
    }

    fn ask(worker: &mut Worker, texts: &[&str], priority: Priority) -> Reply {
        let (request, answer) = request(texts, priority);
        worker.take(request);
        answer
    }

    #[test]
    fn callers_share_a_batch() {
        let mut worker = worker();
        let mut answers: Vec<Reply> = (0..3).map(|_| ask(&mut worker, &["a lamp", "a desk"], Priority::Interactive)).collect();
        assert_eq!(worker.step(), 6);
        assert!(answers.iter_mut().all(|answer| answer.try_recv().unwrap().unwrap().len() == 2));
        assert!(worker.is_idle());
    }

    #[test]
    fn the_work_of_a_caller_that_left_is_dropped_and_others_are_served() {
        let mut worker = worker();
        let gone = ask(&mut worker, &["one", "two", "three"], Priority::Interactive);
        let mut stays = ask(&mut worker, &["four"], Priority::Interactive);
        drop(gone);
        assert_eq!(worker.step(), 1);
        assert_eq!(stays.try_recv().unwrap().unwrap().len(), 1);
        assert!(worker.is_idle());
    }

    #[test]
    fn a_caller_that_leaves_halfway_is_dropped_too() {
        let mut worker = worker();
        let long = "word ".repeat(40);
        let gone = ask(&mut worker, &[&long, &long, &long], Priority::Interactive);
        assert_eq!(worker.step(), 1);
        drop(gone);
        assert_eq!(worker.step(), 0);
        assert!(worker.is_idle());
    }

    #[test]
    fn interactive_requests_go_before_bulk_but_bulk_is_never_stuck() {
        let mut worker = worker();
        let mut bulk = ask(&mut worker, &["a passage"], Priority::Bulk);
        let mut interactive: Vec<Reply> = Vec::new();
        for turn in 0..INTERACTIVE_IN_A_ROW {
            interactive.push(ask(&mut worker, &["a question"], Priority::Interactive));
            assert_eq!(worker.step(), 1);
            assert!(bulk.try_recv().is_err(), "bulk went first in turn {turn}");
        }
        interactive.push(ask(&mut worker, &["a question"], Priority::Interactive));
        worker.step();
        assert!(bulk.try_recv().unwrap().is_ok());
        worker.step();
        assert!(interactive.iter_mut().all(|answer| answer.try_recv().is_ok()));
    }

    #[test]
    fn a_batch_that_fails_answers_its_callers_and_the_worker_goes_on() {
        let mut worker = worker();
        let mut failing = ask(&mut worker, &["x"], Priority::Interactive);
        worker.interactive.raw.clear();
        worker.interactive.ready.push_back(Ready { request: 0, place: 0, ids: vec![2, 1_000_000, 3] });
        assert_eq!(worker.step(), 1);
        assert!(matches!(failing.try_recv().unwrap(), Err(EmbedError::Network(_))));
        let mut fine = ask(&mut worker, &["y"], Priority::Interactive);
        worker.step();
        assert!(fine.try_recv().unwrap().is_ok());
    }

    #[test]
    fn answers_keep_the_order_of_the_request_across_batches() {
        let mut worker = worker();
        let texts: Vec<String> = (0..30).map(|number| format!("{number} {}", "ab ".repeat(number * 5 % 31))).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut answer = ask(&mut worker, &texts, Priority::Bulk);
        while !worker.is_idle() {
            worker.step();
        }
        let vectors = answer.try_recv().unwrap().unwrap();
        for (text, vector) in texts.iter().zip(&vectors) {
            let alone = worker.encoder.encode(&[clean(text)], Purpose::Query).unwrap();
            assert!(vector.dot(&alone[0]) >= 0.99999, "{text}");
        }
    }

    #[test]
    fn the_speed_follows_what_batches_show() {
        let speed = Speed::default();
        for _ in 0..100 {
            speed.learn(5000, 1_000_000);
        }
        assert!((4900..=5000).contains(&speed.tokens_a_second()), "{speed:?}");
    }
}
