use backchannel::domain::person::{Channel, Person, Team};
use backchannel::domain::vocabulary::{Kind, ThreadChannel};
use backchannel::store::{Change, PageRequest, pending, person};

use crate::support::database::each;
use crate::support::make;

#[tokio::test]
async fn the_directory_holds_people_teams_and_channels() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ingrid = make::person(workspace, "ingrid@alderwick.example");
        let team = Team { name: "hardware".parse().unwrap(), title: "Hardware".to_owned(), external: true };
        let channel = Channel {
            name: "hw".parse().unwrap(),
            kind: ThreadChannel::Slack,
            address: "#hw".to_owned(),
            teams: vec![team.name.clone()],
            expected_reply_minutes: 45,
            use_for: "faults".to_owned(),
        };
        let mut tx = database.begin().await;
        assert_eq!(person::save(&mut tx, &ingrid).await.unwrap().change, Change::Created);
        assert_eq!(person::save(&mut tx, &ingrid).await.unwrap().change, Change::Unchanged);
        person::save_team(&mut tx, workspace, &Team { title: "Old".to_owned(), ..team.clone() }).await.unwrap();
        person::save_team(&mut tx, workspace, &team).await.unwrap();
        person::save_channel(&mut tx, workspace, &Channel { use_for: "old".to_owned(), ..channel.clone() }).await.unwrap();
        person::save_channel(&mut tx, workspace, &channel).await.unwrap();
        tx.commit().await.unwrap();
        let directory = person::directory(&database.store, workspace).await.unwrap();
        assert_eq!(directory.people.values().collect::<Vec<_>>(), [&ingrid]);
        assert_eq!(directory.teams.values().collect::<Vec<_>>(), [&team]);
        assert_eq!(directory.channels.values().collect::<Vec<_>>(), [&channel]);
        assert_eq!(person::team(&database.store, workspace, &team.name).await.unwrap(), Some(team.clone()));
        assert_eq!(person::team(&database.store, workspace, &"hard_are".parse().unwrap()).await.unwrap(), None);
        assert_eq!(person::teams(&database.store, workspace).await.unwrap(), directory.teams);
        assert_eq!(person::channel(&database.store, workspace, &channel.name).await.unwrap(), Some(channel.clone()));
        let elsewhere = make::kept_workspace(&database.store).await;
        assert_eq!(person::channel(&database.store, elsewhere, &channel.name).await.unwrap(), None);
        let mut tx = database.begin().await;
        assert!(person::remove_team(&mut tx, workspace, &team.name).await.unwrap());
        assert!(person::remove_channel(&mut tx, workspace, &channel.name).await.unwrap());
        assert!(person::remove(&mut tx, workspace, ingrid.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(person::directory(&database.store, workspace).await.unwrap(), backchannel::domain::person::Directory::default());
        let stones = pending::tombstones(&database.store, workspace, 9).await.unwrap();
        assert_eq!((stones[0].kind, stones[0].id), (Kind::Person, ingrid.id.as_uuid()));
    })
    .await;
}

#[tokio::test]
async fn a_person_with_new_skills_is_indexed_again() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let ingrid = make::person(workspace, "ingrid@alderwick.example");
        let mut tx = database.begin().await;
        let _ = person::save(&mut tx, &ingrid).await.unwrap();
        tx.commit().await.unwrap();
        let before = pending::pending(&database.store, workspace, 9).await.unwrap();
        let mut tx = database.begin().await;
        let learned = Person { skills: vec!["firmware".to_owned()], ..make::person(workspace, "ingrid@alderwick.example") };
        let saved = person::save(&mut tx, &learned).await.unwrap();
        assert_eq!((saved.id, saved.change), (ingrid.id, Change::Updated));
        tx.commit().await.unwrap();
        let after = pending::pending(&database.store, workspace, 9).await.unwrap();
        assert_eq!(after[0].id, before[0].id);
        assert_ne!(after[0].revision, before[0].revision);
        let found = person::by_ids(&database.store, workspace, &[ingrid.id]).await.unwrap();
        assert_eq!(found[0].skills, ["firmware"]);
    })
    .await;
}

#[tokio::test]
async fn pages_of_people_meet_without_gaps() {
    each(async |database| {
        let workspace = make::kept_workspace(&database.store).await;
        let mut tx = database.begin().await;
        let mut ids = Vec::new();
        for number in 0..5 {
            let one = make::person(workspace, &format!("p{number}@alderwick.example"));
            let _ = person::save(&mut tx, &one).await.unwrap();
            ids.push(one.id);
        }
        tx.commit().await.unwrap();
        ids.sort();
        ids.reverse();
        let mut seen = Vec::new();
        let mut page = PageRequest::first(2);
        loop {
            let got = person::list(&database.store, workspace, &page).await.unwrap();
            seen.extend(got.items.iter().map(|person| person.id));
            page.after = got.next;
            if page.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ids);
    })
    .await;
}
