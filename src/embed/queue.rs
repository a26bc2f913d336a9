//! What waits for the encoder: threads take portions of it, and answer whoever asked.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tracing::Span;

use crate::embed::encoder::{Encoder, Purpose};
use crate::embed::error::EmbedError;
use crate::embed::fetch;
use crate::embed::vector::UnitVector;
use crate::text::clean::CleanText;

/// After this many interactive portions a bulk portion that waits gets its turn, so that bulk work is slow but never stuck.
const INTERACTIVE_IN_A_ROW: u32 = 8;
/// Smaller portions are not made where more waits: reading the weights would take longer than computing.
const FEWEST_TOKENS: usize = 48;
/// What a token has in the languages of a support desk.
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

/// Requests of both priorities, and the threads that wait for some.
///
/// Threads never wait for each other. While much waits a portion is as large as is set; towards the end each takes its share of what is
/// left, so that all of them end at about the same time.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    portion_tokens: usize,
    threads: usize,
    max_tokens: usize,
    /// How fast the encoder is, for honest words to callers that are turned away.
    tokens_a_second: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    interactive: Line,
    bulk: Line,
    interactive_in_a_row: u32,
    closed: bool,
}

/// The requests of one priority, oldest first.
#[derive(Debug, Default)]
struct Line {
    next_id: u64,
    open: BTreeMap<u64, Open>,
    waiting: VecDeque<Waiting>,
}

/// A request with some answers still missing.
#[derive(Debug)]
struct Open {
    reply: oneshot::Sender<Result<Vec<UnitVector>, EmbedError>>,
    span: Span,
    vectors: Vec<Option<UnitVector>>,
    missing: usize,
    _room: OwnedSemaphorePermit,
}

/// A text of a request.
#[derive(Debug)]
struct Waiting {
    request: u64,
    place: usize,
    text: CleanText,
    likely_tokens: usize,
    purpose: Purpose,
}

/// What one thread encodes next: some texts of one line.
#[derive(Debug)]
struct Portion {
    priority: Priority,
    texts: Vec<Waiting>,
    spans: Vec<Span>,
}

/// Closes a queue that nobody may be left to work on, so that no caller waits for ever.
struct CloseAtEnd<'a>(&'a Queue);

impl Drop for CloseAtEnd<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A text's tokens before they are counted, when no more than `most` are read.
pub(super) fn likely_tokens(text: &CleanText, most: usize) -> usize {
    (text.as_str().len() / LIKELY_BYTES_A_TOKEN + 2).min(most)
}

impl Queue {
    /// A queue for so many threads, each of which takes portions of at most so many tokens, a longer text apart. `max_tokens` are read of a
    /// text.
    pub(super) fn new(threads: usize, portion_tokens: usize, max_tokens: usize) -> Self {
        // A modest guess that the first portions replace.
        let tokens_a_second = AtomicU64::new(1000);
        Self { state: Mutex::default(), work: Condvar::new(), portion_tokens, threads, max_tokens, tokens_a_second }
    }

    /// Puts a request behind the others of its priority.
    ///
    /// # Errors
    /// [`EmbedError::Stopped`] where nobody will encode it.
    pub(super) fn push(&self, request: Request) -> Result<(), EmbedError> {
        let mut state = self.state();
        if state.closed {
            return Err(EmbedError::Stopped);
        }
        state.line(request.priority).push(request, self.max_tokens);
        drop(state);
        self.work.notify_all();
        Ok(())
    }

    /// Lets everybody go: those who work on it, and those who wait for answers.
    pub(super) fn close(&self) {
        let mut state = self.state();
        *state = State { closed: true, ..State::default() };
        drop(state);
        self.work.notify_all();
    }

    /// Encodes portions on this thread until the queue is closed.
    pub(super) fn work(&self, encoder: &Encoder) {
        let _close = CloseAtEnd(self);
        let mut state = self.state();
        while !state.closed {
            match state.next_portion(self.threads, self.portion_tokens) {
                Some(portion) => {
                    drop(state);
                    self.encode(encoder, portion);
                    state = self.state();
                }
                None => state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    pub(super) fn tokens_a_second(&self) -> u64 {
        self.tokens_a_second.load(Ordering::Relaxed).max(1)
    }

    /// Moves an eighth of the way to what a portion has shown, as if every thread did the same.
    fn learn(&self, tokens: usize, micros: u128) {
        let seen = u64::try_from((tokens * self.threads) as u128 * 1_000_000 / micros.max(1)).unwrap_or(u64::MAX);
        let old = self.tokens_a_second();
        self.tokens_a_second.store(old - old / 8 + seen / 8, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn encode(&self, encoder: &Encoder, portion: Portion) {
        let Portion { priority, texts, spans } = portion;
        let span = tracing::debug_span!("embed.batch", batch.texts = texts.len());
        for asked in &spans {
            span.follows_from(asked);
        }
        let _entered = span.enter();
        let began = Instant::now();
        let answers = match encode_all(encoder, &texts) {
            Ok((vectors, tokens)) => {
                self.learn(tokens, began.elapsed().as_micros());
                vectors.into_iter().map(Ok).collect()
            }
            // What is wrong with one text is not to fail those that strangers sent along.
            Err(error) if texts.len() > 1 => {
                tracing::warn!(error.message = fetch::chain(&error), "texts could not be encoded together: each is tried alone");
                texts.iter().map(|text| encode_one(encoder, text)).collect()
            }
            Err(error) => vec![Err(error)],
        };
        let mut state = self.state();
        let line = state.line(priority);
        for (Waiting { request, place, .. }, answer) in texts.into_iter().zip(answers) {
            match answer {
                Ok(vector) => line.deliver(request, place, vector),
                Err(error) => {
                    tracing::error!(error.message = fetch::chain(&error), "a text could not be encoded");
                    line.fail(request, error);
                }
            }
        }
    }

    /// Encodes the next portion on this thread; answers how many texts it had, and of which priority.
    #[cfg(test)]
    pub(super) fn step(&self, encoder: &Encoder) -> Option<(usize, Priority)> {
        let portion = self.state().next_portion(self.threads, self.portion_tokens)?;
        let did = (portion.texts.len(), portion.priority);
        self.encode(encoder, portion);
        Some(did)
    }
}

/// The vectors of some texts and how many tokens they have together.
fn encode_all(encoder: &Encoder, texts: &[Waiting]) -> Result<(Vec<UnitVector>, usize), EmbedError> {
    // The encoder holds nothing that a panic could leave half done: tokenizer and weights are only read.
    let work = AssertUnwindSafe(|| {
        let rows = texts.iter().map(|waiting| encoder.tokens(&waiting.text, waiting.purpose)).collect::<Result<Vec<_>, _>>()?;
        Ok((encoder.forward(&rows)?, rows.iter().map(Vec::len).sum()))
    });
    panic::catch_unwind(work).unwrap_or(Err(EmbedError::Panicked))
}

fn encode_one(encoder: &Encoder, text: &Waiting) -> Result<UnitVector, EmbedError> {
    let (vectors, _) = encode_all(encoder, std::slice::from_ref(text))?;
    Ok(vectors.into_iter().next().expect("a text has a vector: this is a bug"))
}

impl State {
    fn line(&mut self, priority: Priority) -> &mut Line {
        match priority {
            Priority::Interactive => &mut self.interactive,
            Priority::Bulk => &mut self.bulk,
        }
    }

    fn next_portion(&mut self, threads: usize, most: usize) -> Option<Portion> {
        self.interactive.drop_departed();
        self.bulk.drop_departed();
        let bulk_is_due = self.interactive_in_a_row >= INTERACTIVE_IN_A_ROW && !self.bulk.waiting.is_empty();
        let priority = if self.interactive.waiting.is_empty() || bulk_is_due {
            self.interactive_in_a_row = 0;
            Priority::Bulk
        } else {
            self.interactive_in_a_row += 1;
            Priority::Interactive
        };
        let line = self.line(priority);
        let texts = line.take(threads, most);
        let mut requests: Vec<u64> = texts.iter().map(|text| text.request).collect();
        requests.dedup();
        let spans = requests.iter().filter_map(|request| line.open.get(request)).map(|open| open.span.clone()).collect();
        (!texts.is_empty()).then_some(Portion { priority, texts, spans })
    }
}

impl Line {
    fn push(&mut self, request: Request, max_tokens: usize) {
        let Request { texts, purpose, priority: _, reply, span, room } = request;
        let id = self.next_id;
        self.next_id += 1;
        let missing = texts.len();
        self.open.insert(id, Open { reply, span, vectors: vec![None; missing], missing, _room: room });
        let waiting = |(place, text): (usize, CleanText)| {
            let likely_tokens = likely_tokens(&text, max_tokens);
            Waiting { request: id, place, text, likely_tokens, purpose }
        };
        self.waiting.extend(texts.into_iter().enumerate().map(waiting));
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
        self.waiting.retain(|text| open.contains_key(&text.request));
    }

    /// Takes out the oldest texts: a thread's share of them, but no more than so many tokens, and at least one text.
    fn take(&mut self, threads: usize, most: usize) -> Vec<Waiting> {
        // What all threads together can take is enough to know, and a queue may be long.
        let (mut left, enough) = (0_usize, threads.saturating_mul(most));
        for waiting in &self.waiting {
            left += waiting.likely_tokens;
            if left >= enough {
                break;
            }
        }
        let share = left.div_ceil(threads).clamp(FEWEST_TOKENS.min(most), most);
        let mut tokens = 0;
        let fits = |(number, waiting): &(usize, &Waiting)| {
            tokens += waiting.likely_tokens;
            *number == 0 || tokens <= share
        };
        let count = self.waiting.iter().enumerate().take_while(fits).count();
        self.waiting.drain(..count).collect()
    }

    fn deliver(&mut self, request: u64, place: usize, vector: UnitVector) {
        let Some(open) = self.open.get_mut(&request) else { return };
        open.vectors[place] = Some(vector);
        open.missing -= 1;
        if open.missing == 0
            && let Some(Open { reply, vectors, .. }) = self.open.remove(&request)
        {
            // A caller that has left meanwhile doesn't want its vectors.
            let _left = reply.send(Ok(vectors.into_iter().flatten().collect()));
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
    use std::sync::Arc;
    use std::thread;

    use tokio::sync::Semaphore;

    use super::*;
    use crate::embed::manifest::TOKENIZER_FILE;
    use crate::embed::tiny;
    use crate::text::clean::clean;

    type Reply = oneshot::Receiver<Result<Vec<UnitVector>, EmbedError>>;

    fn encoder() -> Encoder {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 9).unwrap();
        Encoder::open(&tiny.model, place.path(), &tiny.options).unwrap()
    }

    fn request(texts: &[&str], priority: Priority) -> (Request, Reply) {
        let (reply, answer) = oneshot::channel();
        let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let texts = texts.iter().map(|text| clean(text)).collect();
        (Request { texts, purpose: Purpose::Query, priority, reply, span: Span::none(), room }, answer)
    }

    fn ask(queue: &Queue, texts: &[&str], priority: Priority) -> Reply {
        let (request, answer) = request(texts, priority);
        queue.push(request).unwrap();
        answer
    }

    /// Encodes one portion; answers how many texts it had.
    fn step(queue: &Queue, encoder: &Encoder) -> usize {
        queue.step(encoder).map_or(0, |(texts, _)| texts)
    }

    #[test]
    fn callers_share_a_portion() {
        let (queue, encoder) = (Queue::new(1, 64, 64), encoder());
        let mut answers: Vec<Reply> = (0..3).map(|_| ask(&queue, &["a lamp", "a desk"], Priority::Interactive)).collect();
        assert_eq!(step(&queue, &encoder), 6);
        assert!(answers.iter_mut().all(|answer| answer.try_recv().unwrap().unwrap().len() == 2));
        assert_eq!(step(&queue, &encoder), 0);
    }

    #[test]
    fn the_work_of_a_caller_that_left_is_dropped_and_others_are_served() {
        let (queue, encoder) = (Queue::new(1, 64, 64), encoder());
        let gone = ask(&queue, &["one", "two", "three"], Priority::Interactive);
        let mut stays = ask(&queue, &["four"], Priority::Interactive);
        drop(gone);
        assert_eq!(step(&queue, &encoder), 1);
        assert_eq!(stays.try_recv().unwrap().unwrap().len(), 1);
        assert_eq!(step(&queue, &encoder), 0);
    }

    #[test]
    fn a_caller_that_leaves_halfway_is_dropped_too() {
        let (queue, encoder) = (Queue::new(1, 64, 64), encoder());
        let long = "word ".repeat(60);
        let gone = ask(&queue, &[&long, &long, &long], Priority::Interactive);
        assert_eq!(step(&queue, &encoder), 1);
        drop(gone);
        assert_eq!(step(&queue, &encoder), 0);
    }

    #[test]
    fn interactive_requests_go_before_bulk_but_bulk_is_never_stuck() {
        let (queue, encoder) = (Queue::new(1, 64, 64), encoder());
        let mut bulk = ask(&queue, &["a passage"], Priority::Bulk);
        let mut interactive: Vec<Reply> = Vec::new();
        for turn in 0..INTERACTIVE_IN_A_ROW {
            interactive.push(ask(&queue, &["a question"], Priority::Interactive));
            assert_eq!(step(&queue, &encoder), 1);
            assert!(bulk.try_recv().is_err(), "bulk went first in turn {turn}");
        }
        interactive.push(ask(&queue, &["a question"], Priority::Interactive));
        step(&queue, &encoder);
        assert!(bulk.try_recv().unwrap().is_ok());
        step(&queue, &encoder);
        assert!(interactive.iter_mut().all(|answer| answer.try_recv().is_ok()));
    }

    #[test]
    fn threads_take_full_portions_of_much_and_equal_shares_of_little() {
        let encoder = encoder();
        // Each of these texts is likely to have 22 tokens.
        let text = "eighty characters of a passage that nobody but this test will ever want to read.";
        let sizes = |texts: usize, threads: usize| {
            let queue = Queue::new(threads, 440, 64);
            let _answer = ask(&queue, &vec![text; texts], Priority::Bulk);
            std::iter::from_fn(|| queue.step(&encoder).map(|(texts, _)| texts)).collect::<Vec<_>>()
        };
        assert_eq!(sizes(1, 2), [1]);
        assert_eq!(sizes(20, 1), [20]);
        assert_eq!(sizes(24, 2), [12, 6, 3, 2, 1]);
        assert_eq!(sizes(100, 2), [20, 20, 20, 20, 10, 5, 2, 2, 1]);
        assert_eq!(sizes(6, 8), [2, 2, 2], "portions are not too small");
    }

    #[test]
    fn a_text_that_fails_fails_its_own_caller_alone() {
        let place = tempfile::tempdir().unwrap();
        let tiny = tiny::write(place.path(), 9).unwrap();
        let path = place.path().join(TOKENIZER_FILE);
        let mut tokenizer: serde_json::Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
        tokenizer["model"]["vocab"]["x"] = 1_000_000.into();
        fs_err::write(&path, tokenizer.to_string()).unwrap();
        let (queue, encoder) = (Queue::new(1, 64, 64), Encoder::open(&tiny.model, place.path(), &tiny.options).unwrap());
        let [mut before, mut failing, mut after] = [["a", "b"], ["c", "x"], ["y", "z"]].map(|texts| ask(&queue, &texts, Priority::Bulk));
        assert_eq!(step(&queue, &encoder), 6);
        assert!(matches!(failing.try_recv().unwrap(), Err(EmbedError::Network(_))));
        assert!(before.try_recv().unwrap().is_ok() && after.try_recv().unwrap().is_ok());
    }

    #[test]
    fn the_end_of_a_thread_lets_every_caller_go() {
        let queue = Queue::new(2, 64, 64);
        let mut waiting = ask(&queue, &["a lamp"], Priority::Bulk);
        drop(CloseAtEnd(&queue));
        assert!(matches!(waiting.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        assert!(matches!(queue.push(request(&["a desk"], Priority::Bulk).0), Err(EmbedError::Stopped)));
        queue.work(&encoder());
    }

    #[test]
    fn answers_keep_the_order_of_the_request_across_portions_and_threads() {
        let (queue, encoder) = (Queue::new(3, 64, 64), encoder());
        let texts: Vec<String> = (0..60).map(|number| format!("{number} {}", "ab ".repeat(number * 5 % 31))).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let answer = ask(&queue, &texts, Priority::Bulk);
        let vectors = thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| queue.work(&encoder));
            }
            let vectors = answer.blocking_recv().unwrap().unwrap();
            queue.close();
            vectors
        });
        assert_eq!(vectors.len(), texts.len());
        for (text, vector) in texts.iter().zip(&vectors) {
            let alone = encoder.encode(&[clean(text)], Purpose::Query).unwrap();
            assert_eq!(vector, &alone[0], "{text}");
        }
    }

    #[test]
    fn the_speed_follows_what_portions_show() {
        let queue = Queue::new(2, 64, 64);
        for _ in 0..100 {
            queue.learn(2500, 1_000_000);
        }
        assert!((4900..=5000).contains(&queue.tokens_a_second()), "{queue:?}");
    }
}
