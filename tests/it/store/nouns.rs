use std::collections::BTreeMap;

use backchannel::domain::event::Event;
use backchannel::domain::feedback::{Feedback, SetAside, Suggestion, Target};
use backchannel::domain::id::{EventId, FeedbackId, SuggestionId};
use backchannel::domain::intake::InboxFilter;
use backchannel::domain::label::Label;
use backchannel::domain::triage::{Correction, Matter};
use backchannel::domain::vocabulary::{NextStep, Part, Priority, Sentiment, Urgency, Verdict};
use backchannel::store::feedback::PartCount;
use backchannel::store::panel::{InboxColumns, PreparedPanel};
use backchannel::store::playbook::{self, NewVersion};
use backchannel::store::{self, PageRequest, StoreError, correction, event, feedback, label, panel, set_aside, suggestion};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn what_is_said_of_a_ticket_replaces_what_was_said_before() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let said = Label {
            ticket: ticket.id,
            intents: Some(vec!["warranty_claim".parse().unwrap(), "shipping".parse().unwrap()]),
            sentiment: Some(Sentiment::Negative),
            urgency: Some(Urgency::High),
            priority: Some(Priority::High),
            group: Some("technical".parse().unwrap()),
            assignee: Some("tom@alderwick.example".parse().unwrap()),
            next_step: Some(NextStep::Answer),
        };
        let out_of_scope = Label { intents: Some(Vec::new()), next_step: None, ..said.clone() };
        let unknown = Label { intents: None, ..said.clone() };
        let mut tx = database.begin().await;
        for first in [out_of_scope, unknown] {
            label::save(&mut tx, workspace, &first).await.unwrap();
            assert_eq!(label::get(&mut tx, workspace, ticket.id).await.unwrap(), Some(first));
        }
        label::save(&mut tx, workspace, &said).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(label::list(&database.store, workspace).await.unwrap(), std::slice::from_ref(&said));
        let mut tx = database.begin().await;
        let lost = Label { ticket: make::ticket(workspace, ticket.requester).id, ..said };
        assert!(matches!(label::save(&mut tx, workspace, &lost).await, Err(StoreError::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_correction_is_kept_with_its_ticket_and_seen_in_the_inbox() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let said = |matter, group: Option<&str>| Correction {
            matter,
            group: group.map(|group| group.parse().unwrap()),
            by: "Una".to_owned(),
            at: make::NOW,
        };
        let inbox = async || {
            let page = PageRequest::first(9);
            store::ticket::inbox(&database.store, &make::service(workspace), &InboxFilter::default(), &page).await.unwrap().items
        };
        let inbox_columns = InboxColumns { intent: "shipping".parse().ok(), group: "orders".parse().ok(), ..InboxColumns::default() };
        let mut tx = database.begin().await;
        let ready = PreparedPanel {
            ticket: ticket.id,
            made_at: make::NOW,
            knowledge: String::new(),
            json: "{}".to_owned(),
            inbox: inbox_columns,
            is_answered: None,
        };
        panel::save(&mut tx, workspace, &ready).await.unwrap();
        tx.commit().await.unwrap();
        let refund = Some(Matter::Intent("refund".parse().unwrap()));
        for (said, intent, group, is_out_of_scope) in [
            (said(None, Some("billing")), Some("shipping"), "billing", false),
            (said(refund, None), Some("refund"), "billing", false),
            (said(Some(Matter::OutOfScope), Some("technical")), None, "technical", true),
        ] {
            let mut tx = database.begin().await;
            correction::save(&mut tx, workspace, ticket.id, &said).await.unwrap();
            panel::correct(&mut tx, workspace, ticket.id, &said).await.unwrap();
            assert_eq!(correction::get(&mut tx, workspace, ticket.id).await.unwrap(), Some(said));
            tx.commit().await.unwrap();
            let row = &inbox().await[0];
            assert_eq!((row.intent.as_deref(), row.group.as_deref(), row.is_out_of_scope), (intent, Some(group), is_out_of_scope));
        }
        let mut tx = database.begin().await;
        let lost = correction::save(&mut tx, workspace, make::ticket(workspace, ticket.requester).id, &said(None, None)).await;
        assert!(matches!(lost, Err(StoreError::Missing { .. })));
        drop(tx);
        let mut tx = database.begin().await;
        assert!(store::ticket::remove(&mut tx, workspace, ticket.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(correction::get(&database.store, workspace, ticket.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_set_aside_has_its_time_and_what_is_there_once_comes_back_with_news() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let target = |part, thing: Option<&str>| Target { part, thing: thing.map(str::to_owned) };
        let (draft, passage) = (target(Part::ReplyDraft, None), target(Part::Passage, Some("x")));
        let aside = |target: &Target, made_at, until| SetAside { target: target.clone(), made_at, at: make::NOW, until };
        let later = |seconds| make::NOW.plus_seconds(seconds);
        let standing = async |by: &str, now| {
            let all = set_aside::standing(&database.store, workspace, ticket.id, by, now).await.unwrap();
            all.into_iter().map(|aside| aside.target).collect::<Vec<_>>()
        };
        let seen = make::NOW;
        let mut tx = database.begin().await;
        let for_a_minute = aside(&draft, seen, Some(later(60)));
        set_aside::save(&mut tx, workspace, ticket.id, "user:1", &for_a_minute).await.unwrap();
        set_aside::save(&mut tx, workspace, ticket.id, "user:1", &aside(&passage, seen, None)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(standing("user:1", make::NOW).await, [passage.clone(), draft.clone()]);
        assert_eq!(standing("user:2", make::NOW).await, []);
        assert_eq!(standing("user:1", later(60)).await, std::slice::from_ref(&passage), "its minute is over");

        // What the product says of itself is no news.
        let happened = |kind: &str| Event {
            id: EventId::at(make::NOW, make::random()),
            workspace,
            kind: kind.to_owned(),
            ticket: Some(ticket.id),
            created_at: later(1),
        };
        let mut tx = database.begin().await;
        event::append(&mut tx, &happened("suggestion.ready"));
        tx.commit().await.unwrap();
        assert_eq!(standing("user:1", make::NOW).await, [passage.clone(), draft.clone()]);
        let mut tx = database.begin().await;
        event::append(&mut tx, &happened("ticket.commented"));
        tx.commit().await.unwrap();
        assert_eq!(standing("user:1", make::NOW).await, std::slice::from_ref(&passage));

        // Said again it counts from now on, and once.
        let (mut tx, seen) = (database.begin().await, later(1));
        set_aside::save(&mut tx, workspace, ticket.id, "user:1", &aside(&draft, seen, None)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(standing("user:1", later(60)).await, [passage.clone(), draft.clone()]);
        let mut tx = database.begin().await;
        assert!(set_aside::remove(&mut tx, workspace, ticket.id, "user:1", &passage).await.unwrap());
        assert!(!set_aside::remove(&mut tx, workspace, ticket.id, "user:2", &draft).await.unwrap());
        let nowhere = make::ticket(workspace, ticket.requester).id;
        let lost = set_aside::save(&mut tx, workspace, nowhere, "user:1", &aside(&draft, seen, None)).await;
        assert!(matches!(lost, Err(StoreError::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn one_person_has_one_thumb_on_a_suggestion() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ticket = make::kept_ticket(&database.store, workspace).await;
        let shown = |part| Suggestion {
            id: SuggestionId::at(make::NOW, make::random()),
            workspace,
            ticket: ticket.id,
            target: Target { part, thing: Some("x".to_owned()) },
            created_at: make::NOW,
        };
        let (passage, expert) = (shown(Part::Passage), shown(Part::Expert));
        let thumb = |suggestion: &Suggestion, by: &str, verdict| Feedback {
            id: FeedbackId::at(make::NOW, make::random()),
            suggestion: suggestion.id,
            by: by.to_owned(),
            verdict,
            note: Some("note".to_owned()),
            created_at: make::NOW,
        };
        let mut tx = database.begin().await;
        suggestion::insert_all(&mut tx, &[passage.clone(), expert.clone()]).await.unwrap();
        suggestion::insert_all(&mut tx, std::slice::from_ref(&passage)).await.unwrap();
        feedback::save(&mut tx, workspace, &thumb(&passage, "user:1", Verdict::Up)).await.unwrap();
        feedback::save(&mut tx, workspace, &thumb(&passage, "user:1", Verdict::Down)).await.unwrap();
        feedback::save(&mut tx, workspace, &thumb(&passage, "user:2", Verdict::Up)).await.unwrap();
        feedback::save(&mut tx, workspace, &thumb(&expert, "user:1", Verdict::Up)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(suggestion::get(&database.store, workspace, passage.id).await.unwrap(), Some(passage));
        assert_eq!(suggestion::of_ticket(&database.store, workspace, ticket.id).await.unwrap().len(), 2);
        assert_eq!(feedback::of_ticket(&database.store, workspace, ticket.id).await.unwrap().len(), 3);
        let counts = feedback::counts(&database.store, workspace).await.unwrap();
        assert_eq!(counts, [PartCount { part: Part::Expert, up: 1, down: 0 }, PartCount { part: Part::Passage, up: 1, down: 1 }]);
        let mut tx = database.begin().await;
        let lost = thumb(&shown(Part::Passage), "user:1", Verdict::Up);
        assert!(matches!(feedback::save(&mut tx, workspace, &lost).await, Err(StoreError::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn the_playbook_that_holds_is_the_one_promoted_last_even_when_the_clock_went_back() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let files = |text: &str| BTreeMap::from([("intents.toml".to_owned(), text.to_owned())]);
        let (one, two) = (files("a"), files("b"));
        let version = |hash, files| NewVersion { workspace, hash, files, created_by: "user:1", created_at: make::NOW };
        let mut tx = database.begin().await;
        assert_eq!(playbook::insert(&mut tx, &version("h1", &one)).await.unwrap(), 1);
        assert_eq!(playbook::insert(&mut tx, &version("h2", &two)).await.unwrap(), 2);
        assert_eq!(playbook::insert(&mut tx, &version("h1", &one)).await.unwrap(), 1, "the same files are the same version");
        assert_eq!(playbook::current(&mut tx, workspace).await.unwrap(), None);
        assert!(playbook::promote(&mut tx, workspace, 2, make::NOW).await.unwrap());
        assert!(playbook::promote(&mut tx, workspace, 1, make::NOW.plus_seconds(-60)).await.unwrap());
        assert!(!playbook::promote(&mut tx, workspace, 9, make::NOW).await.unwrap());
        tx.commit().await.unwrap();
        let current = playbook::current(&database.store, workspace).await.unwrap().unwrap();
        assert_eq!((current.n, current.files), (1, one));
        assert_eq!(playbook::get(&database.store, workspace, 2).await.unwrap().unwrap().files, two);
        let heads = playbook::list(&database.store, workspace).await.unwrap();
        assert_eq!(heads.iter().map(|head| head.n).collect::<Vec<_>>(), [2, 1]);
    })
    .await;
}
