//! Asks, and what insights count.

use backchannel::domain::answered::{Find, KeptAsk};
use backchannel::domain::id::AskId;
use backchannel::domain::thread::Thread;
use backchannel::domain::vocabulary::{AnswerKind, Arm, AskOutcome, ThreadChannel};
use backchannel::store::{ask, insight, thread, ticket};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn asking_again_is_one_ask_until_something_came_of_it() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let first = make::ask(workspace, ticket.id);
        let mut tx = database.begin().await;
        ask::save(&mut tx, &first).await.unwrap();
        let open = ask::open_of(&mut tx, workspace, ticket.id, "user:1", make::NOW).await.unwrap();
        assert_eq!(open, Some(first.id));
        let later = make::NOW.plus_seconds(9);
        assert_eq!(ask::open_of(&mut tx, workspace, ticket.id, "user:2", make::NOW).await.unwrap(), None, "somebody else");
        assert_eq!(ask::open_of(&mut tx, workspace, ticket.id, "user:1", later).await.unwrap(), None, "long ago");
        // What is found the second time takes the place of what was found before.
        let find = Find { kind: AnswerKind::Thread, id: "t-1".to_owned() };
        let again = KeptAsk { at: later, finds: vec![(find.clone(), 1.5), (first.finds[0].0.clone(), 1.25)], ..first.clone() };
        ask::save(&mut tx, &again).await.unwrap();
        assert_eq!(ask::get(&mut tx, workspace, first.id).await.unwrap(), Some(again.clone()));
        ask::decide(&mut tx, workspace, first.id, AskOutcome::Avoided, Some(&find), later).await.unwrap();
        ask::save(&mut tx, &first).await.unwrap();
        tx.commit().await.unwrap();

        let store = database.open_again().await;
        let kept = ask::get(&store, workspace, first.id).await.unwrap().unwrap();
        assert_eq!((kept.outcome, kept.decided_at, kept.used.as_ref()), (AskOutcome::Avoided, Some(later), Some(&find)));
        assert_eq!(kept.finds, again.finds, "what is decided is not asked again");
        assert_eq!(ask::open_of(&store, workspace, ticket.id, "user:1", make::NOW).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert!(ticket::remove(&mut tx, workspace, ticket.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(ask::get(&store, workspace, first.id).await.unwrap(), None, "an ask goes with its ticket");
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_sent_is_sent_anyway_only_where_something_was_shown() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let shown = make::ask(workspace, ticket.id);
        let other = |id_of: u8, change: &dyn Fn(&mut KeptAsk)| {
            let mut ask = KeptAsk { id: AskId::at(make::NOW, [id_of; 10]), ..shown.clone() };
            change(&mut ask);
            ask
        };
        let held_out = other(1, &|ask| ask.arm = Arm::HeldOut);
        let empty = other(2, &|ask| ask.finds.clear());
        let used = other(3, &|ask| {
            ask.outcome = AskOutcome::Reused;
            ask.used = ask.finds.first().map(|(find, _)| find.clone());
        });
        let elsewhere = other(4, &|_| {});
        let foreign = make::kept_ticket(&database.store, workspace).await;
        let mut tx = database.begin().await;
        for ask in [&shown, &held_out, &empty, &used, &elsewhere] {
            ask::save(&mut tx, ask).await.unwrap();
        }
        let mut is_there = Vec::new();
        for (ask, on) in [(&shown, ticket.id), (&held_out, ticket.id), (&empty, ticket.id), (&used, ticket.id), (&elsewhere, foreign.id)] {
            is_there.push(ask::sent(&mut tx, workspace, (ask.id, on), ThreadChannel::Slack, make::NOW).await.unwrap());
        }
        tx.commit().await.unwrap();
        let mut told = Vec::new();
        for ask in [&shown, &held_out, &empty, &used, &elsewhere] {
            let kept = ask::get(&database.store, workspace, ask.id).await.unwrap().unwrap();
            told.push((kept.outcome, kept.channel));
        }
        assert!(!is_there[4] && is_there[..4].iter().all(|is_there| *is_there), "{is_there:?}");
        let slack = Some(ThreadChannel::Slack);
        let open = (AskOutcome::Open, slack);
        assert_eq!(told, [(AskOutcome::SentAnyway, slack), open, open, (AskOutcome::Reused, slack), (AskOutcome::Open, None)]);
        let mut decided = ask::decided(&database.store, workspace, make::NOW, 9).await.unwrap();
        decided.sort_by_key(|(_, is_right)| *is_right);
        assert_eq!(decided, [(1.25, false), (1.25, true)]);
        let later = ask::decided(&database.store, workspace, make::NOW.plus_seconds(1), 9).await.unwrap();
        assert!(later.is_empty(), "{later:?}");
    })
    .await;
}

#[tokio::test]
async fn insights_count_each_side_conversation_once_with_its_first_answer() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let side = Thread { opened_by: "tom@desk.example".parse().unwrap(), ..make::thread(workspace, ticket.id) };
        let silent = Thread { channel: ThreadChannel::Teams, created_at: make::NOW.plus_seconds(60), ..make::thread(workspace, ticket.id) };
        let said = |thread: &Thread, by: &str, seconds: i64| {
            let mut message = make::message(thread.id, &format!("words at {seconds}"));
            message.author = by.parse().unwrap();
            message.created_at = make::NOW.plus_seconds(seconds);
            message
        };
        let mut tx = database.begin().await;
        for thread in [&side, &silent] {
            let _ = thread::save(&mut tx, thread).await.unwrap();
        }
        for (by, seconds) in [("tom@desk.example", 0), ("ingrid@alderwick.example", 90), ("tom@desk.example", 100), ("zoe@x.example", 200)]
        {
            let _ = thread::add_message(&mut tx, workspace, &said(&side, by, seconds)).await.unwrap();
        }
        let ingrid = make::person(workspace, "ingrid@alderwick.example");
        let _ = backchannel::store::person::save(&mut tx, &ingrid).await.unwrap();
        ask::save(&mut tx, &make::ask(workspace, ticket.id)).await.unwrap();
        tx.commit().await.unwrap();

        let span = (make::NOW, make::NOW.plus_seconds(61));
        let mut threads = insight::threads(&database.store, workspace, span).await.unwrap();
        threads.sort_by_key(|thread| thread.at);
        let team = ingrid.team.as_ref().map(ToString::to_string);
        assert_eq!(threads.iter().map(|thread| thread.answered.clone()).collect::<Vec<_>>(), [Some((90, team)), None]);
        assert_eq!(insight::threads(&database.store, workspace, (make::NOW, silent.created_at)).await.unwrap().len(), 1);
        let tickets = insight::tickets(&database.store, workspace, span).await.unwrap();
        assert_eq!(tickets.iter().map(|ticket| ticket.threads).collect::<Vec<_>>(), [2]);
        let asks = insight::asks(&database.store, workspace, span).await.unwrap();
        assert_eq!(asks.iter().map(|ask| (ask.arm, ask.finds)).collect::<Vec<_>>(), [(Arm::Suggested, 1)]);
    })
    .await;
}
