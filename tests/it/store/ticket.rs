use backchannel::domain::audience::{Reader, Scope};
use backchannel::domain::customer::Customer;
use backchannel::domain::intake::InboxFilter;
use backchannel::domain::ticket::{Comment, Ticket};
use backchannel::domain::triage::Correction;
use backchannel::domain::vocabulary::{Language, Priority, Sentiment, TicketOrder, TicketStatus};
use backchannel::store::panel::{self, InboxColumns, PreparedPanel};
use backchannel::store::{Change, PageRequest, StoreError, customer, thread, ticket};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn a_ticket_that_comes_twice_is_the_same_ticket() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let service = make::service(workspace);
        let who = make::customer(workspace, "ana@mail.example");
        let first = Ticket { external_id: Some("T-1".to_owned()), ..make::ticket(workspace, who.id) };
        let second = Ticket { subject: "Other words".to_owned(), external_id: Some("T-1".to_owned()), ..make::ticket(workspace, who.id) };
        let mut tx = database.begin().await;
        let _ = customer::save(&mut tx, &who).await.unwrap();
        let saved = ticket::save(&mut tx, &first).await.unwrap();
        assert_eq!((saved.id, saved.change), (first.id, Change::Created));
        tx.commit().await.unwrap();
        assert_eq!(ticket::get(&database.store, &service, first.id).await.unwrap(), Some(first.clone()));
        let mut tx = database.begin().await;
        let saved = ticket::save(&mut tx, &second).await.unwrap();
        assert_eq!((saved.id, saved.change), (first.id, Change::Updated));
        assert_eq!(ticket::by_external_id(&mut tx, &service, "T-1").await.unwrap().unwrap().subject, "Other words");
        tx.commit().await.unwrap();
        let page = ticket::list(&database.store, &service, &PageRequest::first(10)).await.unwrap();
        assert_eq!(page.items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn many_deliveries_of_a_new_ticket_at_once_make_one() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let deliveries: Vec<_> = (0..10)
            .map(|_| {
                let store = database.store.clone();
                tokio::spawn(async move {
                    let who = make::customer(workspace, "ana@mail.example");
                    let mut tx = store.begin().await.unwrap();
                    let who = customer::ensure(&mut tx, &who).await.unwrap();
                    let new = Ticket { external_id: Some("T-1".to_owned()), ..make::ticket(workspace, who.id) };
                    let saved = ticket::save(&mut tx, &new).await.unwrap();
                    let _ = ticket::add_comment(&mut tx, workspace, &make::comment(saved.id, "same words", true), make::NOW).await.unwrap();
                    tx.commit().await.unwrap();
                    saved.id
                })
            })
            .collect();
        let mut ids = Vec::new();
        for delivery in deliveries {
            ids.push(delivery.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
        let history = ticket::history(&database.store, &make::service(workspace), ids[0]).await.unwrap().unwrap();
        assert_eq!(history.comments.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_of_an_unknown_customer_is_refused() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let nobody = make::customer(workspace, "ana@mail.example");
        let mut tx = database.begin().await;
        let refused = ticket::save(&mut tx, &make::ticket(workspace, nobody.id)).await;
        assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_comment_moves_the_ticket_only_when_it_is_new() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let service = make::service(workspace);
        let kept = make::kept_ticket(&database.store, workspace).await;
        let comment = make::comment(kept.id, "with a \0 byte", true);
        let mut tx = database.begin().await;
        let saved = ticket::add_comment(&mut tx, workspace, &comment, make::NOW.plus_seconds(5)).await.unwrap();
        assert_eq!((saved.id, saved.change), (comment.id, Change::Created));
        let again = make::comment(kept.id, "with a \0 byte", true);
        let saved = ticket::add_comment(&mut tx, workspace, &again, make::NOW.plus_seconds(9)).await.unwrap();
        assert_eq!((saved.id, saved.change), (comment.id, Change::Unchanged));
        let other = Comment { created_at: make::NOW.plus_seconds(1), ..make::comment(kept.id, "other words", false) };
        let _ = ticket::add_comment(&mut tx, workspace, &other, make::NOW.plus_seconds(7)).await.unwrap();
        let nowhere = make::comment(make::ticket(workspace, kept.requester).id, "lost", true);
        let refused = ticket::add_comment(&mut tx, workspace, &nowhere, make::NOW).await;
        assert!(matches!(refused, Err(StoreError::Missing { .. })));
        tx.commit().await.unwrap();
        let history = ticket::history(&database.store, &service, kept.id).await.unwrap().unwrap();
        assert_eq!(history.ticket.updated_at, make::NOW.plus_seconds(7));
        assert_eq!(
            history.comments.iter().map(|comment| comment.body.as_str()).collect::<Vec<_>>(),
            ["with a \u{fffd} byte", "other words"]
        );
        assert_eq!(ticket::comments_by_ids(&database.store, &service, &[other.id]).await.unwrap(), [other]);
    })
    .await;
}

#[tokio::test]
async fn a_comment_that_is_there_for_other_readers_is_a_conflict() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        for (body, public) in [("a reply", true), ("a note", false)] {
            let mut tx = database.begin().await;
            let _ = ticket::add_comment(&mut tx, workspace, &make::comment(kept.id, body, public), make::NOW).await.unwrap();
            let again = ticket::add_comment(&mut tx, workspace, &make::comment(kept.id, body, public), make::NOW).await.unwrap();
            assert_eq!(again.change, Change::Unchanged);
            let other = ticket::add_comment(&mut tx, workspace, &make::comment(kept.id, body, !public), make::NOW).await;
            assert!(matches!(other, Err(StoreError::Conflict { .. })), "{other:?}");
            tx.commit().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_customer_reads_their_own_tickets_without_internal_comments() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let stranger = make::kept_ticket(&database.store, workspace).await.requester;
        let mut tx = database.begin().await;
        let public = make::comment(kept.id, "for you", true);
        let internal = make::comment(kept.id, "for us", false);
        let _ = ticket::add_comment(&mut tx, workspace, &public, make::NOW).await.unwrap();
        let _ = ticket::add_comment(&mut tx, workspace, &internal, make::NOW).await.unwrap();
        tx.commit().await.unwrap();
        let own = Scope::new(workspace, Reader::Customer(kept.requester));
        let bodies = |scope: Scope| async move {
            let history = ticket::history(&database.store, &scope, kept.id).await.unwrap();
            let by_ids = ticket::comments_by_ids(&database.store, &scope, &[public.id, internal.id]).await.unwrap();
            let history = history.map(|history| history.comments.len());
            assert_eq!(history.unwrap_or(0), by_ids.len());
            history
        };
        assert_eq!(bodies(own).await, Some(1));
        assert_eq!(bodies(Scope::new(workspace, Reader::Customer(stranger))).await, None);
        assert_eq!(bodies(Scope::new(workspace, Reader::Anyone)).await, None);
        assert_eq!(bodies(Scope::new(workspace, Reader::Colleague([].into()))).await, Some(2));
        // The ticket turns out to be the stranger's: what was said in public goes with it.
        let mut tx = database.begin().await;
        let known = ticket::get(&mut tx, &make::service(workspace), kept.id).await.unwrap().unwrap();
        let _ = ticket::save(&mut tx, &Ticket { requester: stranger, ..known }).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(bodies(Scope::new(workspace, Reader::Customer(kept.requester))).await, None);
        assert_eq!(bodies(Scope::new(workspace, Reader::Customer(stranger))).await, Some(1));
    })
    .await;
}

#[tokio::test]
async fn pages_of_a_list_meet_without_gaps_even_when_moments_are_equal() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let mut kept = Vec::new();
        for second in [0, 0, 0, 1, 2, 2, 3] {
            let one = make::kept_ticket(&database.store, workspace).await;
            let mut tx = database.begin().await;
            let _ = ticket::save(&mut tx, &Ticket { created_at: make::NOW.plus_seconds(second), ..one.clone() }).await.unwrap();
            tx.commit().await.unwrap();
            kept.push((make::NOW.plus_seconds(second), one.id));
        }
        kept.sort_by(|a, b| b.cmp(a));
        let mut seen = Vec::new();
        let mut page = PageRequest::first(2);
        loop {
            let got = ticket::list(&database.store, &make::service(workspace), &page).await.unwrap();
            seen.extend(got.items.iter().map(|ticket| (ticket.created_at, ticket.id)));
            let Some(next) = got.next else { break };
            page.after = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(seen, kept);
    })
    .await;
}

#[tokio::test]
async fn the_inbox_shows_what_the_triage_said_unless_somebody_said_otherwise() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let service = make::service(workspace);
        let plain = make::kept_ticket(&database.store, workspace).await;
        let triaged = make::kept_ticket(&database.store, workspace).await;
        let routed = make::kept_ticket(&database.store, workspace).await;
        let routed =
            Ticket { group: Some("privacy".parse().unwrap()), priority: Some(Priority::Urgent), status: TicketStatus::Solved, ..routed };
        let inbox = InboxColumns {
            intent: Some("warranty_claim".parse().unwrap()),
            sentiment: Some(Sentiment::Negative),
            group: Some("technical".parse().unwrap()),
            language: Some(Language::FRENCH),
            priority: Some(Priority::High),
        };
        let panel = |ticket, json: &str, made_at| PreparedPanel {
            is_answered: None,
            ticket,
            made_at,
            knowledge: "k".to_owned(),
            json: json.to_owned(),
            inbox: inbox.clone(),
        };
        let mut tx = database.begin().await;
        let _ = ticket::save(&mut tx, &routed).await.unwrap();
        panel::save(&mut tx, workspace, &panel(triaged.id, "{}", make::NOW)).await.unwrap();
        panel::save(&mut tx, workspace, &panel(triaged.id, "late", make::NOW.plus_seconds(-1))).await.unwrap();
        panel::save(&mut tx, workspace, &panel(routed.id, "{}", make::NOW)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(panel::get(&database.store, workspace, triaged.id).await.unwrap(), Some(panel(triaged.id, "{}", make::NOW)));
        let rows = ticket::inbox(&database.store, &service, &InboxFilter::default(), &PageRequest::first(10)).await.unwrap().items;
        let row = |id| rows.iter().find(|row| row.head.id == id).unwrap();
        assert!(!row(plain.id).panel_ready);
        assert_eq!(row(plain.id).requester, "Ana");
        assert_eq!(row(triaged.id).intent.as_deref(), Some("warranty_claim"));
        assert_eq!((row(triaged.id).group.as_deref(), row(triaged.id).priority), (Some("technical"), Some(Priority::High)));
        assert_eq!((row(routed.id).group.as_deref(), row(routed.id).priority), (Some("privacy"), Some(Priority::Urgent)));
        let ids = |filter: InboxFilter| async move {
            let page = ticket::inbox(&database.store, &make::service(workspace), &filter, &PageRequest::first(10)).await.unwrap();
            page.items.into_iter().map(|row| row.head.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(InboxFilter { group: Some("technical".parse().unwrap()), ..InboxFilter::default() }).await, [triaged.id]);
        assert!(ids(InboxFilter { intent: Some("warranty_claim".parse().unwrap()), ..InboxFilter::default() }).await.contains(&triaged.id));
        assert_eq!(ids(InboxFilter { intent: Some("invoice_copy".parse().unwrap()), ..InboxFilter::default() }).await, []);
        assert_eq!(ids(InboxFilter { statuses: vec![TicketStatus::Solved], ..InboxFilter::default() }).await, [routed.id]);
        let mut tx = database.begin().await;
        let said = Correction { matter: None, group: Some("technical".parse().unwrap()), by: "Una".to_owned(), at: make::NOW };
        panel::withdraw(&mut tx, workspace, triaged.id, &said).await.unwrap();
        tx.commit().await.unwrap();
        let left = panel::get(&database.store, workspace, triaged.id).await.unwrap().unwrap().inbox;
        assert_eq!((left.intent.is_some(), left.group, left.priority), (true, None, Some(Priority::High)), "what nobody took back stays");
    })
    .await;
}

#[tokio::test]
async fn the_most_urgent_come_first_page_by_page_and_what_is_solved_last() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let service = make::service(workspace);
        let mut ids = Vec::new();
        let urgent = Some(Priority::Urgent);
        let made = [
            (urgent, None, TicketStatus::Solved),
            (None, urgent, TicketStatus::Open),
            (Some(Priority::Low), urgent, TicketStatus::Open),
            (Some(Priority::High), None, TicketStatus::New),
            (None, None, TicketStatus::New),
            (urgent, Some(Priority::Low), TicketStatus::Pending),
        ];
        for (second, (own, read, status)) in (0..).zip(made) {
            let kept = make::kept_ticket(&database.store, workspace).await;
            let kept = Ticket { priority: own, status, created_at: make::NOW.plus_seconds(second), ..kept };
            let inbox = InboxColumns { priority: read, ..InboxColumns::default() };
            let panel = PreparedPanel {
                ticket: kept.id,
                made_at: make::NOW,
                knowledge: "k".to_owned(),
                json: "{}".to_owned(),
                inbox,
                is_answered: None,
            };
            let mut tx = database.begin().await;
            let _ = ticket::save(&mut tx, &kept).await.unwrap();
            panel::save(&mut tx, workspace, &panel).await.unwrap();
            tx.commit().await.unwrap();
            ids.push(kept.id);
        }
        let filter = InboxFilter { order: Some(TicketOrder::Urgency), ..InboxFilter::default() };
        let (mut seen, mut page) = (Vec::new(), PageRequest::first(2));
        loop {
            let found = ticket::inbox(&database.store, &service, &filter, &page).await.unwrap();
            seen.extend(found.items.into_iter().map(|row| row.head.id));
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        assert_eq!(seen, [5, 1, 3, 2, 4, 0].map(|place| ids[place]));
        let open = InboxFilter { statuses: vec![TicketStatus::Open], ..filter };
        let found = ticket::inbox(&database.store, &service, &open, &PageRequest::first(10)).await.unwrap().items;
        assert_eq!(found.into_iter().map(|row| row.head.id).collect::<Vec<_>>(), [ids[1], ids[2]]);
    })
    .await;
}

#[tokio::test]
async fn what_was_solved_before_a_moment_is_found_latest_first() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let service = make::service(workspace);
        let mut solved = Vec::new();
        for second in [1, 2, 3] {
            let one = make::kept_ticket(&database.store, workspace).await;
            let one = Ticket { solved_at: Some(make::NOW.plus_seconds(second)), ..one };
            let mut tx = database.begin().await;
            let _ = ticket::save(&mut tx, &one).await.unwrap();
            tx.commit().await.unwrap();
            solved.push(one);
        }
        let found = ticket::solved_before(&database.store, &service, make::NOW.plus_seconds(3), 10).await.unwrap();
        assert_eq!(found.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [solved[1].id, solved[0].id]);
        let own = ticket::of_customer(&database.store, &service, solved[0].requester, 10).await.unwrap();
        assert_eq!(own.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [solved[0].id]);
    })
    .await;
}

#[tokio::test]
async fn more_ids_than_one_statement_takes_are_all_found() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let other = make::kept_ticket(&database.store, workspace).await;
        let mut ids: Vec<_> = (0..300).map(|_| make::ticket(workspace, kept.requester).id).collect();
        ids.insert(0, kept.id);
        ids.push(other.id);
        let found = ticket::by_ids(&database.store, &make::service(workspace), &ids).await.unwrap();
        assert_eq!(found.len(), 2);
        assert!(ticket::by_ids(&database.store, &make::service(workspace), &[]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_inbox_finds_what_was_typed_in_whatever_case() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let evelyne = Customer { name: Some("Évelyne Roy".to_owned()), ..make::customer(workspace, "e.roy@mail.example") };
        let lamp = Ticket {
            external_id: Some("T_1".to_owned()),
            subject: "Ça clignote".to_owned(),
            body: "La lampe perd 50% de sa LUMIÈRE.".to_owned(),
            ..make::ticket(workspace, evelyne.id)
        };
        let mut tx = database.begin().await;
        let _ = customer::save(&mut tx, &evelyne).await.unwrap();
        let _ = ticket::save(&mut tx, &lamp).await.unwrap();
        tx.commit().await.unwrap();
        let other = make::kept_ticket(&database.store, workspace).await;
        let found = async |words: &str| {
            let filter = InboxFilter { words: Some(words.to_owned()), ..InboxFilter::default() };
            let page = ticket::inbox(&database.store, &make::service(workspace), &filter, &PageRequest::first(9)).await.unwrap();
            page.items.into_iter().map(|row| row.head.id).collect::<Vec<_>>()
        };
        for words in ["évelyne", "E.ROY@MAIL", "ça CLIGNOTE", "lumière", "50% de", "t_1", " T_1 ", "lumiere", "CA clignote", "Evelyne"] {
            assert_eq!(found(words).await, [lamp.id], "{words}");
        }
        // Each word somewhere: in the text, the reference, the requester and the subject. Those within quotation marks stand together.
        for words in ["lampe evelyne t_1 clignote", "roy, lampe ?", "\"perd 50%\" roy", "« de sa lumière »", "\"de sa"] {
            assert_eq!(found(words).await, [lamp.id], "{words}");
        }
        for words in ["50_ de", "t%1", "AW-204518-6", "lampe carton", "\"lampe 50%\"", "\"clignote t_1\""] {
            assert!(found(words).await.is_empty(), "{words}");
        }
        assert_eq!(found(&other.id.to_string().to_uppercase()).await, [other.id]);
        let mut tx = database.begin().await;
        let renamed = Ticket { subject: "ÉTEINTE".to_owned(), ..lamp.clone() };
        let _ = ticket::save(&mut tx, &renamed).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(found("éteinte").await, [lamp.id]);
        assert!(found("clignote").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_identifier_that_stands_only_in_a_comment_or_a_side_conversation_finds_its_ticket_for_whoever_may_read_it() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let kept = make::kept_ticket(&database.store, workspace).await;
        let other = make::kept_ticket(&database.store, workspace).await;
        let thread = make::thread(workspace, kept.id);
        let mut tx = database.begin().await;
        for comment in
            [make::comment(kept.id, "The carrier has it as lit-13-20784.", true), make::comment(kept.id, "See INV_55_0091", false)]
        {
            let _ = ticket::add_comment(&mut tx, workspace, &comment, make::NOW).await.unwrap();
        }
        let _ = thread::save(&mut tx, &thread).await.unwrap();
        let _ = thread::add_message(&mut tx, workspace, &make::message(thread.id, "Trace TR/9001 is open.")).await.unwrap();
        tx.commit().await.unwrap();
        let found = async |reader: Reader, words: &str| {
            let filter = InboxFilter { words: Some(words.to_owned()), ..InboxFilter::default() };
            let scope = Scope::new(workspace, reader);
            let page = ticket::inbox(&database.store, &scope, &filter, &PageRequest::first(9)).await.unwrap();
            page.items.into_iter().map(|row| row.head.id).collect::<Vec<_>>()
        };
        for words in ["LIT-13-20784", "lit-13-20784", "#LIT-13-20784", "inv_55_0091", "TR/9001"] {
            assert_eq!(found(Reader::Everything, words).await, [kept.id], "{words}");
        }
        // Beside other words too.
        for words in ["camera lit-13-20784", "TR/9001 LIT-13-20784"] {
            assert_eq!(found(Reader::Everything, words).await, [kept.id], "{words}");
        }
        for words in ["LIT-13-20785", "inv-55-0091", "carrier", "trace", "LIT-13-20784 nowhere"] {
            assert!(found(Reader::Everything, words).await.is_empty(), "{words}");
        }
        let customer = || Reader::Customer(kept.requester);
        assert_eq!(found(customer(), "LIT-13-20784").await, [kept.id]);
        assert!(found(customer(), "INV_55_0091").await.is_empty());
        assert!(found(customer(), "TR/9001").await.is_empty());
        assert!(found(Reader::Customer(other.requester), "LIT-13-20784").await.is_empty());
    })
    .await;
}
