use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use backchannel::domain::id::WorkspaceId;
use backchannel::domain::job::{JobKind, JobState, LeasedJob, NewJob, Setbacks};
use backchannel::domain::time::Timestamp;
use backchannel::store::job::{self, Cause, Failure, JobCounts, LONGEST_OUTAGE_SECONDS, MOST_CRASHES};
use backchannel::store::{Store, StoreError};

use crate::support::database::{Database, each};
use crate::support::make;

const LEASE_SECONDS: i64 = 60;

async fn enqueue(database: &Database, jobs: &[NewJob]) {
    let mut tx = database.begin().await;
    for new in jobs {
        job::enqueue(&mut tx, new);
    }
    tx.commit().await.unwrap();
}

async fn claim(store: &Store, now: Timestamp) -> Option<LeasedJob> {
    job::claim(store, "w", now, LEASE_SECONDS).await.unwrap()
}

fn at(seconds: i64) -> Timestamp {
    make::NOW.plus_seconds(seconds)
}

const fn failure(cause: Cause) -> Failure<'static> {
    Failure { error: "the encoder is not there", cause, jitter: 0.5 }
}

#[tokio::test]
async fn a_job_of_a_rolled_back_transaction_never_was() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let mut tx = database.begin().await;
        job::enqueue(&mut tx, &make::job(workspace, 1));
        tx.rollback().await.unwrap();
        let mut tx = database.begin().await;
        job::enqueue(&mut tx, &make::job(workspace, 2));
        drop(tx);
        assert_eq!(claim(&database.store, at(0)).await, None);
        assert_eq!(job::counts(&database.store, workspace).await.unwrap(), JobCounts::default());
    })
    .await;
}

#[tokio::test]
async fn a_job_waits_for_its_moment_and_the_earliest_goes_first() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let late = NewJob { run_at: at(10), ..make::job(workspace, 1) };
        let early = NewJob { run_at: at(5), ..make::job(workspace, 2) };
        enqueue(database, &[late, early]).await;
        assert_eq!(claim(&database.store, at(4)).await, None);
        let first = claim(&database.store, at(20)).await.unwrap();
        assert_eq!((first.kind.clone(), first.attempt, first.leased_until), (JobKind::Nothing(2), 1, at(80)));
        assert_eq!(claim(&database.store, at(20)).await.unwrap().kind, JobKind::Nothing(1));
        assert_eq!(claim(&database.store, at(20)).await, None);
        job::complete(&database.store, &first).await.unwrap();
        assert_eq!(job::counts(&database.store, workspace).await.unwrap(), JobCounts { ready: 0, running: 1, dead: 0 });
    })
    .await;
}

#[tokio::test]
async fn a_unique_key_binds_jobs_that_wait_and_not_those_that_run() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let keyed = |number, run_at| NewJob { unique_key: Some("index".to_owned()), run_at, ..make::job(workspace, number) };
        enqueue(database, &[keyed(1, at(50)), keyed(2, at(60))]).await;
        assert_eq!(job::counts(&database.store, workspace).await.unwrap().ready, 1);
        enqueue(database, &[keyed(3, at(0))]).await;
        let running = claim(&database.store, at(0)).await.expect("the later request brings the waiting job forward");
        enqueue(database, &[keyed(4, at(0))]).await;
        enqueue(database, &[keyed(5, at(0))]).await;
        assert_eq!(job::counts(&database.store, workspace).await.unwrap(), JobCounts { ready: 1, running: 1, dead: 0 });
        // The one that runs fails: there is one already that waits in its place, and it waits out the failure.
        assert_eq!(job::fail(&database.store, &running, &failure(Cause::Own), at(0)).await.unwrap(), JobState::Ready);
        assert_eq!(job::counts(&database.store, workspace).await.unwrap(), JobCounts { ready: 1, running: 0, dead: 0 });
        assert_eq!(claim(&database.store, at(0)).await, None);
        enqueue(database, &[keyed(6, at(0))]).await;
        assert_eq!(claim(&database.store, at(0)).await, None, "asking again does not cut the wait short");
        assert_eq!(claim(&database.store, at(3600)).await.unwrap().attempt, 2);
    })
    .await;
}

#[tokio::test]
async fn who_lost_the_lease_can_end_nothing() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        enqueue(database, &[make::job(workspace, 1)]).await;
        let first = claim(&database.store, at(0)).await.unwrap();
        assert_eq!(job::rescue(&database.store, at(LEASE_SECONDS - 1), 0.0).await.unwrap(), 0);
        assert_eq!(job::rescue(&database.store, at(LEASE_SECONDS), 0.0).await.unwrap(), 1);
        let second = claim(&database.store, at(3600)).await.unwrap();
        assert!(second.fence > first.fence);
        let lost = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::LeaseLost { job }) if job == first.id));
        lost(job::complete(&database.store, &first).await);
        lost(job::heartbeat(&database.store, &first, at(9999)).await);
        lost(job::release(&database.store, &first, at(0)).await);
        lost(job::fail(&database.store, &first, &failure(Cause::Own), at(0)).await.map(|_| ()));
        lost(job::fail(&database.store, &first, &failure(Cause::Hopeless), at(0)).await.map(|_| ()));
        job::heartbeat(&database.store, &second, at(9000)).await.unwrap();
        assert_eq!(job::rescue(&database.store, at(8999), 0.0).await.unwrap(), 0);
        job::complete(&database.store, &second).await.unwrap();
        assert!(matches!(job::complete(&database.store, &second).await, Err(StoreError::LeaseLost { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_failed_job_waits_longer_each_time_also_after_a_restart_and_then_dies() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        enqueue(database, &[make::job(workspace, 1)]).await;
        let first = claim(&database.store, at(0)).await.unwrap();
        assert_eq!(job::fail(&database.store, &first, &failure(Cause::Own), at(0)).await.unwrap(), JobState::Ready);
        let again = database.open_again().await;
        assert_eq!(claim(&again, at(1)).await, None);
        let second = claim(&again, at(2)).await.unwrap();
        assert_eq!(second.attempt, 2);
        assert_eq!(job::fail(&again, &second, &failure(Cause::Own), at(2)).await.unwrap(), JobState::Ready);
        assert_eq!(claim(&again, at(4)).await, None);
        let third = claim(&again, at(5)).await.unwrap();
        assert_eq!(job::fail(&again, &third, &failure(Cause::Own), at(5)).await.unwrap(), JobState::Dead);
        again.close().await;
        assert_eq!(claim(&database.store, at(9999)).await, None);
        let dead = job::list(&database.store, workspace, Some(JobState::Dead), 9).await.unwrap();
        assert_eq!(dead[0].last_error.as_deref(), Some("the encoder is not there"));
        assert_eq!((dead[0].attempts, dead[0].state), (3, JobState::Dead));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_kills_its_process_each_time_dies_but_not_by_a_few_kills() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        enqueue(database, &[make::job(workspace, 1)]).await;
        for crash in 1..=MOST_CRASHES {
            let now = at(i64::from(crash) * 10_000);
            let held = claim(&database.store, now).await.unwrap();
            assert_eq!((held.attempt, held.setbacks.crashes), (1, crash - 1), "a kill uses no attempt up");
            assert_eq!(job::rescue(&database.store, now.plus_seconds(LEASE_SECONDS), 0.5).await.unwrap(), 1);
        }
        assert_eq!(job::counts(&database.store, workspace).await.unwrap(), JobCounts { ready: 0, running: 0, dead: 1 });
        let dead = job::list(&database.store, workspace, Some(JobState::Dead), 9).await.unwrap();
        assert_eq!(dead[0].setbacks.crashes, MOST_CRASHES);
        let said = dead[0].last_error.as_deref().unwrap();
        assert!(said.starts_with("20 times its process ended"), "{said}");
        assert_eq!(claim(&database.store, at(999_999)).await, None);
    })
    .await;
}

#[tokio::test]
async fn kills_are_counted_on_though_the_job_is_asked_for_again_each_time() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let keyed = |number| NewJob { unique_key: Some("reconcile".to_owned()), ..make::job(workspace, number) };
        enqueue(database, &[keyed(0)]).await;
        for crash in 1..MOST_CRASHES {
            let now = at(i64::from(crash) * 10_000);
            assert_eq!(claim(&database.store, now).await.unwrap().setbacks.crashes, crash - 1);
            // The next start asks for it anew, before the lease of the dead process has ended.
            enqueue(database, &[keyed(u64::from(crash))]).await;
            assert_eq!(job::rescue(&database.store, now.plus_seconds(LEASE_SECONDS), 0.5).await.unwrap(), 1);
            assert_eq!(job::counts(&database.store, workspace).await.unwrap(), JobCounts { ready: 1, running: 0, dead: 0 });
        }
        claim(&database.store, at(990_000)).await.unwrap();
        job::rescue(&database.store, at(999_000), 0.5).await.unwrap();
        assert_eq!(job::counts(&database.store, workspace).await.unwrap(), JobCounts { ready: 0, running: 0, dead: 1 });
    })
    .await;
}

#[tokio::test]
async fn while_something_outside_is_away_a_job_is_tried_again_for_a_day_every_few_minutes() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        enqueue(database, &[make::job(workspace, 1)]).await;
        let (mut now, mut runs, mut longest) = (at(0), 0, 0);
        let store = database.open_again().await;
        loop {
            // Two handles take turns: what is counted survives a restart.
            let store = if runs % 2 == 0 { &database.store } else { &store };
            let held = claim(store, now).await.unwrap();
            assert_eq!((held.attempt, held.setbacks.outages), (1, runs));
            runs += 1;
            if job::fail(store, &held, &failure(Cause::Outside), now).await.unwrap() == JobState::Dead {
                break;
            }
            let waits = job::list(store, workspace, None, 1).await.unwrap()[0].run_at;
            longest = longest.max(waits.seconds_since(now));
            assert_eq!(claim(store, waits.plus_seconds(-1)).await, None);
            now = waits;
        }
        assert!(now.seconds_since(at(0)) >= LONGEST_OUTAGE_SECONDS && longest <= 300, "{now}: {longest} s");
        assert!(runs > 200, "{runs} runs");
        let dead = job::list(&store, workspace, Some(JobState::Dead), 9).await.unwrap();
        assert_eq!(dead[0].last_error.as_deref(), Some("the encoder is not there"));
        let mut tx = store.begin().await.unwrap();
        assert!(job::redrive(&mut tx, workspace, dead[0].id, now).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(claim(&store, now).await.unwrap().setbacks, Setbacks::default());
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_day_outside_begins_anew_once_what_was_away_was_back() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        enqueue(database, &[make::job(workspace, 1)]).await;
        let held = claim(&database.store, at(0)).await.unwrap();
        assert_eq!(job::fail(&database.store, &held, &failure(Cause::Outside), at(0)).await.unwrap(), JobState::Ready);
        let later = at(LONGEST_OUTAGE_SECONDS);
        // A fault of its own: it came as far as that, so nothing outside was away.
        let held = claim(&database.store, later).await.unwrap();
        assert_eq!(held.setbacks, Setbacks { outages: 1, outage_since: Some(at(0)), crashes: 0 });
        assert_eq!(job::fail(&database.store, &held, &failure(Cause::Own), later).await.unwrap(), JobState::Ready);
        let later = later.plus_seconds(60);
        let held = claim(&database.store, later).await.unwrap();
        assert_eq!((held.attempt, held.setbacks), (2, Setbacks::default()));
        assert_eq!(job::fail(&database.store, &held, &failure(Cause::Outside), later).await.unwrap(), JobState::Ready);
    })
    .await;
}

#[tokio::test]
async fn a_stopped_service_uses_up_nothing_of_the_day_and_a_run_without_the_outage_ends_it() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        enqueue(database, &[make::job(workspace, 1)]).await;
        let held = claim(&database.store, at(0)).await.unwrap();
        assert_eq!(job::fail(&database.store, &held, &failure(Cause::Outside), at(0)).await.unwrap(), JobState::Ready);
        // Nobody was there for three days; the first thing that comes is one hiccup.
        let monday = at(3 * LONGEST_OUTAGE_SECONDS);
        let held = claim(&database.store, monday).await.unwrap();
        assert_eq!(job::fail(&database.store, &held, &failure(Cause::Outside), monday).await.unwrap(), JobState::Ready);
        let soon = monday.plus_seconds(60);
        let held = claim(&database.store, soon).await.unwrap();
        assert_eq!(held.setbacks, Setbacks { outages: 1, outage_since: Some(monday), crashes: 0 });
        job::release(&database.store, &held, soon).await.unwrap();
        assert_eq!(claim(&database.store, soon).await.unwrap().setbacks, Setbacks::default());
    })
    .await;
}

#[tokio::test]
async fn a_dead_job_runs_again_when_somebody_says_so() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let other = make::kept_workspace(&database.store).await;
        let keyed = NewJob { unique_key: Some("k".to_owned()), ..make::job(workspace, 1) };
        enqueue(database, std::slice::from_ref(&keyed)).await;
        let held = claim(&database.store, at(0)).await.unwrap();
        assert_eq!(job::fail(&database.store, &held, &failure(Cause::Hopeless), at(0)).await.unwrap(), JobState::Dead);
        let mut tx = database.begin().await;
        assert!(!job::redrive(&mut tx, other, keyed.id, at(0)).await.unwrap());
        assert!(job::redrive(&mut tx, workspace, keyed.id, at(0)).await.unwrap());
        assert!(!job::redrive(&mut tx, workspace, keyed.id, at(0)).await.unwrap());
        tx.commit().await.unwrap();
        let held = claim(&database.store, at(0)).await.unwrap();
        assert_eq!(held.attempt, 1);
        // When one with its key waits already, the dead one gives way.
        job::fail(&database.store, &held, &failure(Cause::Hopeless), at(0)).await.unwrap();
        enqueue(database, &[NewJob { id: make::job(workspace, 2).id, ..keyed.clone() }]).await;
        let mut tx = database.begin().await;
        assert!(job::redrive(&mut tx, workspace, keyed.id, at(0)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(job::counts(&database.store, workspace).await.unwrap(), JobCounts { ready: 1, running: 0, dead: 0 });
    })
    .await;
}

#[tokio::test]
async fn a_released_job_gets_its_attempt_back() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        enqueue(database, &[make::job(workspace, 1)]).await;
        for _ in 0..5 {
            let held = claim(&database.store, at(0)).await.unwrap();
            assert_eq!(held.attempt, 1);
            job::release(&database.store, &held, at(0)).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_busy_workspace_does_not_starve_a_quiet_one() {
    each(async |database| {
        let busy = make::kept_workspace(&database.store).await;
        let quiet = make::kept_workspace(&database.store).await;
        let flood: Vec<_> = (0..50).map(|number| make::job(busy, number)).collect();
        enqueue(database, &flood).await;
        enqueue(database, &[NewJob { run_at: at(1), ..make::job(quiet, 100) }, NewJob { run_at: at(1), ..make::job(quiet, 101) }]).await;
        let mut order = Vec::new();
        for _ in 0..4 {
            order.push(claim(&database.store, at(5)).await.unwrap().workspace == quiet);
        }
        assert_eq!(order, [false, true, false, true]);
    })
    .await;
}

#[tokio::test]
async fn a_commit_with_jobs_wakes_a_waiting_worker() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let arrivals = database.store.job_arrivals();
        let waiting = tokio::spawn(async move { arrivals.notified().await });
        enqueue(database, &[make::job(workspace, 1)]).await;
        waiting.await.unwrap();
    })
    .await;
}

/// What came of each numbered job.
#[derive(Default)]
struct Ledger {
    done: BTreeMap<u64, u32>,
    runs: BTreeMap<u64, u32>,
}

/// What a worker does with a job: some fail, some are left lying until their lease ends, each by its number and what it went through.
enum Fate {
    Done,
    Fails,
    IsLeftLying,
}

const fn fate(number: u64, attempt: u32, crashes: u32) -> Fate {
    match (number, attempt, crashes) {
        (number, ..) if number.is_multiple_of(101) => Fate::Fails,
        (number, ..) if number.is_multiple_of(103) => Fate::IsLeftLying,
        (number, 1, _) if number.is_multiple_of(10) => Fate::Fails,
        (number, _, 0) if number.is_multiple_of(17) && !number.is_multiple_of(10) => Fate::IsLeftLying,
        _ => Fate::Done,
    }
}

const fn dies(number: u64) -> bool {
    number.is_multiple_of(101) || number.is_multiple_of(103)
}

async fn consume(store: Store, now: Timestamp, ledger: Arc<Mutex<Ledger>>) {
    while let Some(held) = claim(&store, now).await {
        let JobKind::Nothing(number) = held.kind else { panic!("a foreign job: {}", held.kind) };
        *ledger.lock().unwrap().runs.entry(number).or_default() += 1;
        match fate(number, held.attempt, held.setbacks.crashes) {
            Fate::Done => {
                job::complete(&store, &held).await.unwrap();
                *ledger.lock().unwrap().done.entry(number).or_default() += 1;
            }
            Fate::Fails => {
                job::fail(&store, &held, &failure(Cause::Own), now).await.unwrap();
            }
            Fate::IsLeftLying => {}
        }
    }
}

async fn produce(store: Store, workspaces: Vec<WorkspaceId>, numbers: std::ops::Range<u64>) {
    let numbers: Vec<_> = numbers.collect();
    for batch in numbers.chunks(20) {
        let mut tx = store.begin().await.unwrap();
        for number in batch {
            let place = usize::try_from(*number).unwrap() % workspaces.len();
            job::enqueue(&mut tx, &make::job(workspaces[place], *number));
        }
        tx.commit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_producers_and_twenty_consumers_do_each_job_once_or_bury_it() {
    const PEOPLE: u64 = 20;
    const ROUNDS: u32 = MOST_CRASHES + 5;
    let total: u64 = if std::env::var_os("BACKCHANNEL_LONG").is_some() { 40_000 } else { 4_000 };
    each(async |database| {
        let mut workspaces = Vec::new();
        for _ in 0..3 {
            workspaces.push(make::kept_workspace(&database.store).await);
        }
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let share = total / PEOPLE;
        let mut producers: Vec<_> = (0..PEOPLE)
            .map(|producer| {
                tokio::spawn(produce(database.store.clone(), workspaces.clone(), producer * share + 1..(producer + 1) * share + 1))
            })
            .collect();
        let mut now = at(0);
        // Each round drains what is due; then leases end and waits are over.
        for round in 0..ROUNDS {
            let consumers: Vec<_> = (0..PEOPLE).map(|_| tokio::spawn(consume(database.store.clone(), now, Arc::clone(&ledger)))).collect();
            for task in producers.drain(..).chain(consumers) {
                task.await.unwrap();
            }
            now = now.plus_seconds(7200);
            let mut rescued = 0;
            while job::rescue(&database.store, now, 0.5).await.unwrap() > 0 {
                rescued += 1;
            }
            now = now.plus_seconds(7200);
            let mut left = 0;
            for workspace in &workspaces {
                let counts = job::counts(&database.store, *workspace).await.unwrap();
                left += counts.ready + counts.running;
            }
            if left == 0 && rescued == 0 {
                break;
            }
            assert!(round + 1 < ROUNDS, "{left} jobs never ended");
        }
        let mut dead = BTreeMap::new();
        for workspace in &workspaces {
            for row in job::list(&database.store, *workspace, None, u32::MAX).await.unwrap() {
                let JobKind::Nothing(number) = row.kind else { panic!("a foreign job: {}", row.kind) };
                let through = if number.is_multiple_of(101) { (3, 0) } else { (1, MOST_CRASHES) };
                assert_eq!((row.state, (row.attempts, row.setbacks.crashes)), (JobState::Dead, through), "job {number}");
                *dead.entry(number).or_insert(0_u32) += 1;
            }
        }
        let ledger = ledger.lock().unwrap();
        for number in 1..=total {
            let done = ledger.done.get(&number).copied().unwrap_or(0);
            let buried = dead.get(&number).copied().unwrap_or(0);
            assert_eq!((done, buried), if dies(number) { (0, 1) } else { (1, 0) }, "job {number}");
            let runs = match (dies(number), number.is_multiple_of(10) || number.is_multiple_of(17)) {
                (true, _) if number.is_multiple_of(101) => 3,
                (true, _) => MOST_CRASHES,
                (false, true) => 2,
                (false, false) => 1,
            };
            assert_eq!(ledger.runs.get(&number), Some(&runs), "job {number}");
        }
    })
    .await;
}
