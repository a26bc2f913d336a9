use std::collections::BTreeSet;

use backchannel::domain::audience::{Reader, Scope};
use backchannel::domain::id::TicketId;
use backchannel::domain::person::Person;
use backchannel::domain::thread::Thread;
use backchannel::domain::ticket::{Comment, Ticket};
use backchannel::domain::time::Timestamp;
use backchannel::domain::vocabulary::{PersonRole, ThreadStatus, TicketStatus};
use backchannel::domain::waiting::Holder;
use backchannel::store::{customer, person, thread, ticket};

use crate::support::database::{Database, each};
use crate::support::make;

const ANA: &str = "ana@mail.example";
const OWEN: &str = "owen@alderwick.example";
const SUPPLIER: &str = "petra@norvik.example";

fn later(minutes: i64) -> Timestamp {
    make::NOW.plus_seconds(minutes * 60)
}

fn said(of: TicketId, author: &str, minutes: i64) -> Comment {
    Comment { author: author.parse().unwrap(), created_at: later(minutes), ..make::comment(of, &format!("at {minutes}"), true) }
}

#[tokio::test]
async fn a_ticket_waits_since_the_first_message_that_nobody_answered() {
    each(async |database: &Database| {
        let workspace = make::kept_workspace(&database.store).await;
        let scope = make::service(workspace);
        let who = make::customer(workspace, ANA);
        let supplier = Person { role: PersonRole::Outsider, ..make::person(workspace, SUPPLIER) };
        let kept = |subject: &str| Ticket { subject: subject.to_owned(), ..make::ticket(workspace, who.id) };
        let (fresh, chased, told, with_supplier) = (kept("fresh"), kept("chased"), kept("told"), kept("supplied"));
        let solved = Ticket { status: TicketStatus::Solved, solved_at: Some(later(1)), ..kept("solved") };
        let second_try = said(chased.id, ANA, 20);
        let mut tx = database.begin().await;
        let _ = customer::save(&mut tx, &who).await.unwrap();
        let _ = person::save(&mut tx, &supplier).await.unwrap();
        for one in [&fresh, &chased, &told, &with_supplier, &solved] {
            let _ = ticket::save(&mut tx, one).await.unwrap();
        }
        let comments = [
            said(chased.id, ANA, 5),
            said(chased.id, OWEN, 10),
            second_try.clone(),
            said(chased.id, ANA, 30),
            said(told.id, OWEN, 10),
            said(with_supplier.id, SUPPLIER, 10),
            said(with_supplier.id, ANA, 11),
        ];
        for comment in &comments {
            let _ = ticket::add_comment(&mut tx, workspace, comment, make::NOW).await.unwrap();
        }
        tx.commit().await.unwrap();
        let found = ticket::unanswered(&database.store, &scope, &Holder::Anybody, 50).await.unwrap();
        let found: Vec<_> = found.items.iter().map(|one| (one.head.subject.as_str(), one.since, one.comment)).collect();
        let mut own = [("fresh", make::NOW, None), ("supplied", make::NOW, None)];
        own.sort_by_key(|(subject, ..)| if *subject == "fresh" { fresh.id.to_string() } else { with_supplier.id.to_string() });
        assert_eq!(found, [own[0], own[1], ("chased", later(20), Some(second_try.id))]);
        let first = ticket::unanswered(&database.store, &scope, &Holder::Anybody, 1).await.unwrap();
        assert_eq!((first.items.len(), first.more, first.count()), (1, 2, 3));
        let other = make::service(make::kept_workspace(&database.store).await);
        assert_eq!(ticket::unanswered(&database.store, &other, &Holder::Anybody, 50).await.unwrap().count(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_is_had_by_its_agent_by_a_team_or_by_nobody() {
    each(async |database: &Database| {
        let workspace = make::kept_workspace(&database.store).await;
        let scope = make::service(workspace);
        let who = make::customer(workspace, ANA);
        let plain = || make::ticket(workspace, who.id);
        let owens = Ticket { assignee: Some(OWEN.parse().unwrap()), group: Some("billing".parse().unwrap()), ..plain() };
        let billings = Ticket { group: Some("billing".parse().unwrap()), ..plain() };
        let nobodys = plain();
        let mut tx = database.begin().await;
        let _ = customer::save(&mut tx, &who).await.unwrap();
        for one in [&owens, &billings, &nobodys] {
            let _ = ticket::save(&mut tx, one).await.unwrap();
        }
        tx.commit().await.unwrap();
        let ids = [owens.id, billings.id, nobodys.id];
        let agent = |email: &str, teams: &[&str]| Holder::Agent {
            email: email.parse().unwrap(),
            teams: teams.iter().map(|team| team.parse().unwrap()).collect(),
        };
        let cases = [
            (Holder::Anybody, ids.to_vec()),
            (agent(OWEN, &[]), vec![owens.id]),
            (agent(OWEN, &["billing", "orders"]), vec![owens.id, billings.id]),
            (agent("mia@alderwick.example", &["billing"]), vec![billings.id]),
            (agent("mia@alderwick.example", &[]), vec![]),
            (Holder::Nobody, vec![nobodys.id]),
        ];
        for (holder, expected) in cases {
            let held = ticket::held(&database.store, &scope, &holder, &ids).await.unwrap();
            assert_eq!(held, expected.iter().copied().collect(), "{holder:?}");
            let waiting = ticket::unanswered(&database.store, &scope, &holder, 50).await.unwrap();
            assert_eq!(waiting.items.iter().map(|one| one.head.id).collect::<BTreeSet<_>>(), held, "{holder:?}");
        }
        assert!(ticket::has_unsolved(&database.store, &scope, &OWEN.parse().unwrap()).await.unwrap());
        assert!(!ticket::has_unsolved(&database.store, &scope, &"mia@alderwick.example".parse().unwrap()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn only_side_conversations_that_may_hang_are_looked_at_the_last_changed_first() {
    each(async |database: &Database| {
        let workspace = make::kept_workspace(&database.store).await;
        let scope = make::service(workspace);
        let open = make::kept_ticket(&database.store, workspace).await;
        let mut solved = make::kept_ticket(&database.store, workspace).await;
        solved.status = TicketStatus::Solved;
        let side = |of: TicketId, name: &str, status, minutes| Thread {
            subject: name.to_owned(),
            status,
            updated_at: later(minutes),
            ..make::thread(workspace, of)
        };
        let all = [
            side(open.id, "open", ThreadStatus::Open, 1),
            side(solved.id, "open on solved", ThreadStatus::Open, 2),
            side(open.id, "closed lately", ThreadStatus::Closed, 9),
            side(open.id, "closed long ago", ThreadStatus::Closed, 3),
            side(solved.id, "closed on solved", ThreadStatus::Closed, 9),
        ];
        let mut tx = database.begin().await;
        let _ = ticket::save(&mut tx, &solved).await.unwrap();
        for one in &all {
            let _ = thread::save(&mut tx, one).await.unwrap();
        }
        tx.commit().await.unwrap();
        let names = async |limit| {
            let (found, has_more) = thread::unsettled(&database.store, &scope, later(5), limit).await.unwrap();
            (found.into_iter().map(|history| history.thread.subject).collect::<Vec<_>>(), has_more)
        };
        let expected = ["open on solved", "open", "closed lately"].map(str::to_owned).to_vec();
        assert_eq!(names(2).await, (expected.clone(), false));
        assert_eq!(names(1).await, (vec![expected[0].clone(), expected[2].clone()], true));
        database.tamper("UPDATE threads SET audience = '|team:legal|' WHERE subject = 'open'").await;
        let reader = Reader::Colleague(["finance".parse().unwrap()].into());
        let other = Scope::new(workspace, reader);
        assert_eq!(thread::unsettled(&database.store, &other, later(5), 5).await.unwrap().0.len(), 2);
    })
    .await;
}
