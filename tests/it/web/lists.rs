//! Lists in and out in the console.

use backchannel::domain::vocabulary::Role;

use crate::support::app::TestApp;
use crate::web::visitor::Visitor;

const LISTS: &str = "/lists";

#[tokio::test]
async fn a_list_is_exported_as_a_file_and_imported_unchanged() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    admin.get("/lists").await.expect_page(200);
    for of in ["people", "teams", "channels"] {
        for format in ["csv", "jsonl"] {
            let file = admin.get(&format!("/lists/{of}.{format}")).await;
            assert_eq!(file.headers["content-disposition"], format!("attachment; filename=\"{of}.{format}\"").as_str());
            let fields = [("csrf", admin.csrf.as_str()), ("of", of)];
            let page = admin.send_file(LISTS, &fields, &format!("{of}.{format}"), file.text.as_bytes()).await.expect_page(200);
            assert!(page.text("[role=status]").starts_with("It is in. Added: 0, changed: 0"), "{}", page.text("[role=status]"));
        }
    }
    for path in ["/lists/cats.csv", "/lists/people.xlsx", "/lists/people"] {
        admin.get(path).await.expect_page(404);
    }
}

#[tokio::test]
async fn every_line_that_cannot_be_taken_is_told_and_nothing_is_in() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let table = "email,name,role\nok@a.example,Ok,expert\n<b>,B,expert\nc@a.example,C,exprt\n";
    let fields = [("csrf", admin.csrf.as_str()), ("of", "people")];
    let answer = admin.send_file(LISTS, &fields, "people.csv", table.as_bytes()).await;
    let page = answer.expect_page(422);
    let rows: Vec<String> = page.all(".report tbody tr").iter().map(|row| row.text().collect()).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].contains('3') && rows[0].contains("email: `<b>` is not an e-mail address"), "{rows:?}");
    assert!(rows[1].contains('4') && rows[1].contains("role: unknown value `exprt`: did you mean `expert`?"), "{rows:?}");
    assert!(!app.app.directory(&app.admin).await.unwrap().people.contains_key(&"ok@a.example".parse().unwrap()));

    let table = "email,name,role\nok@a.example,Ok,expert\n";
    let checked = [("csrf", admin.csrf.as_str()), ("of", "people"), ("check", "1")];
    let page = admin.send_file(LISTS, &checked, "people.csv", table.as_bytes()).await.expect_page(200);
    assert!(page.text("[role=status]").contains("To be added: 1,"));
    assert!(!app.app.directory(&app.admin).await.unwrap().people.contains_key(&"ok@a.example".parse().unwrap()));
}

#[tokio::test]
async fn a_file_without_the_sessions_token_or_by_a_reader_is_refused() {
    let app = TestApp::new().await;
    let admin = Visitor::signed_in(&app, Role::Admin).await;
    let table = b"name,title\nnight,Night\n";
    admin.send_file(LISTS, &[("csrf", "wrong"), ("of", "teams")], "t.csv", table).await.expect_page(403);
    admin.send_file(LISTS, &[("of", "teams")], "t.csv", table).await.expect_page(403);
    let foreign = admin.saying(&[("sec-fetch-site", "cross-site")]);
    foreign.send_file(LISTS, &[("csrf", admin.csrf.as_str()), ("of", "teams")], "t.csv", table).await.expect_page(403);
    let auditor = Visitor::signed_in(&app, Role::Auditor).await;
    assert!(!auditor.get("/lists").await.expect_page(200).has("main form"));
    auditor.send_file(LISTS, &[("csrf", auditor.csrf.as_str()), ("of", "teams")], "t.csv", table).await.expect_page(403);
    admin.send_file(LISTS, &[("csrf", admin.csrf.as_str()), ("of", "cats")], "t.csv", table).await.expect_page(422);
    admin.send_file(LISTS, &[("csrf", admin.csrf.as_str()), ("of", "teams")], "t.csv", b"name,title\nn,caf\xe9\n").await.expect_page(422);
    let large = vec![b'x'; 9 * 1024 * 1024];
    let refused = admin.send_file(LISTS, &[("csrf", admin.csrf.as_str()), ("of", "teams")], "t.csv", &large).await.expect_page(422);
    assert!(refused.text("main").contains("The file is larger than this page takes."), "{}", refused.text("main"));
    assert!(!app.app.directory(&app.admin).await.unwrap().teams.contains_key(&"night".parse().unwrap()));
}
