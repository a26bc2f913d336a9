//! Paths, methods, headers and request ids.

use axum::body::Body;
use axum::http::Method;
use backchannel::api::routes::ROUTES;
use backchannel::domain::vocabulary::Role;

use crate::api::client::Client;
use crate::support::app::TestApp;

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    for path in ["/v1", "/v1/ticket", "/v1/tickets/a/b/c", "/v1/tickets/"] {
        client.get(path).await.expect_problem(404, "route-unknown", None);
    }
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_lists_the_right_ones() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    for route in ROUTES {
        let path = route.path.replace(['{', '}'], "");
        let answer = client.send(client.request(&Method::TRACE, &path).body(Body::empty()).unwrap()).await;
        let allow = answer.headers["allow"].to_str().unwrap().to_owned();
        assert!(allow.split(',').any(|method| method == route.method.as_str()), "{path}: {allow}");
        answer.expect_problem(405, "method-not-allowed", None);
    }
}

#[tokio::test]
async fn every_answer_carries_its_id_and_the_security_headers() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    for path in ["/healthz", "/v1/tickets", "/v1/nothing", "/openapi.json"] {
        let answer = client.get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(answer.headers["x-request-id"].len(), 32, "{path}");
    }
}

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_is_replaced() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    let call = |id: &'static str| client.request(&Method::GET, "/healthz").header("x-request-id", id).body(Body::empty()).unwrap();
    assert_eq!(client.send(call("trace-1:a")).await.headers["x-request-id"], "trace-1:a");
    assert_ne!(client.send(call("a b")).await.headers["x-request-id"], "a b");
}

#[tokio::test]
async fn a_query_that_cannot_be_used_is_a_problem() {
    let app = TestApp::new().await;
    let client = Client::new(&app, Role::Admin);
    for (query, parameter, allowed) in [
        ("limit=0", "/limit", "expected 1 to 200"),
        ("limit=201", "/limit", "expected 1 to 200"),
        ("limit=abc", "/limit", "`abc` is not a whole number"),
        ("status=shut", "/status", "solved"),
        ("limti=5", "/limti", "did you mean `limit`?"),
        ("foo=1", "/foo", "expected one of `status`, `group`, `intent`, `q`, `order`, `limit`, `cursor`"),
        ("group=Big%20Group", "/group", "Big Group"),
    ] {
        let problem = client.get(&format!("/v1/tickets?{query}")).await.expect_problem(400, "query-invalid", Some(parameter));
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(allowed), "{detail}");
    }
    client.get("/v1/experts").await.expect_problem(400, "query-invalid", Some("/ticket"));
    // Pages' own parameters are read by the same rule wherever they are.
    client.get("/v1/people?limit=-1").await.expect_problem(400, "query-invalid", Some("/limit"));
}
