//! Teams on a port of this machine: its bot's door, the way to a token, the keys of those who speak to the bot, and workflows. It takes what they
//! take, refuses what they refuse, and stumbles as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use backchannel::connectors::teams::Options;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::make;

/// The id of the bot's app, and its tenant.
pub(crate) const APP: &str = "00000000-0000-0000-0000-00000000a001";
pub(crate) const TENANT: &str = "00000000-0000-0000-0000-00000000b001";
pub(crate) const LAB: &str = "19:lab@thread.tacv2";
const SECRET: &str = "stub-secret";
const MOST_BYTES: usize = 28 * 1024;
/// So many requests a second are taken.
const PACE: usize = 4;

/// Keys that were made for these tests and sign nothing else.
const KEYS: [&str; 2] = [
    concat!(
        "MIIEpQIBAAKCAQEAzafvl0+IoVLe1WKegyGBof6yrg7WW5GmOMkj21VzD0YU3t2sfMfSCG0vr/g4GumDM5pGnhkUcCDEo3Ea1TIZJ5kSpOKV/YaTa96ZfpiI",
        "Ciy3p3bhoto7sv2aHX+Q/INLo18SwOsDTusXhd53SOx3hFAMTf9DwKfas7K2rKgyIUoM2AQTHpaQgwepWVpdugGggKuhZ9AxL2rON3kBEUiSF2tlzjBqoBrK",
        "X/MUNNcSiRf+jl7jO2t7fDOq57A+av8xSVLhSaTsQvWU5Ck6m6D3gUU+vL4CmAMD2XwCSLVGdzGTSsiZzgDuu8loiHmTPU+wI6rMoyEsH7yVGx8sVOM2QQID",
        "AQABAoIBAAHEpNGSwlssYq79ZV0TAbcboPFlvlfPSM6yQwPIyFUW/l5b/qFG2LJQGax8Lbj52Dy5DIxMLVHupDDUC9MjVmuchthM/EAPuG7WsnrlSJPO0TLo",
        "REscRXkLMg2jdMLeWvKAAnckZh+XSO6H7GkKTcJBARlpaA2XsTCMPoK9l6BpNhGrKO8SPoPP7RJ6XMg+goZ0MkmWw1MLsGuaTi2Bm5BKI8LOxdiPssUjp6OE",
        "jd2iB/6s9wSOAyG56L0UNHDvYy9JOKCDq1ArQqhYXbcQ7cu7llmUswx5PZRUjeFa4ARdejg4NwtGvvPpm+vwxU69FbUf3soM/dFgkbevjeLL5DkCgYEA/GUC",
        "lfOgnAYRPbo5TRkb7Rl41Zx8Z9LgmDamVBKII/1DWrY7YSjgunAItUE+u8OjGhrcsZzeWYkIeSq0ZY4vwyZxPekgLdwRtttjJJcCyv4Ww7A9m/CUMr+iEpvN",
        "uf/PPTlxTYDEBsQqmBQwmi2RHO2PLdKiaK9IT4fghw37hSkCgYEA0JgBiXs4x3bWQLr31EknOugcSphS76tmKdSmU4AlWxXrED9pj7jSDsyk019pmFtgutxw",
        "3C0V/h6KEnOAZA2ifbaQlBtElxl8pCcqbeMonr4b8qIqDlIJm6pOwbIz4PCLDjY/a5RER5cLrzVUKWzbUUGeyubu2uW0nLEqDeYs81kCgYEAqLlR0DJsZMD9",
        "l5k9Ixgs/gRwLcSNuc5UDA1EhaFZ101AUIzQBzSPfrLUb27tZBH1n8bjT+zBC3O68V0l+Vni/f9d5nhI5b9fLDFfBp/Y4yCW0TypAu0B9Sb8TppPHg8vWAtl",
        "fd0drjRHESE2GGtrvb3lYEmV/otmuJvp8f7b7HkCgYEAw27HceGrDua+UiNacuCfCsfRSepxOe/iZirAMteLKE3e0Hg5FNjapdcCTq/EJWTnueszKnZrdo1y",
        "W1sv3Y4Qwau8xabOmqrcZofzbsU3l5MSaD+bG5OtQNVNuJiXlpaIEiatQMPHPTO9VMioM6+zw+uxNPUssJYqo+wxNJiFYPECgYEA7BvXgDMuV9b5jYt4kSE4",
        "7DSAxnuyq/kjJMABLa7FHCwSBiUIS54+AFa8BeIHoyz4q773HEwg/QIy8lRqSqGs2JzRV6WoRql0Zp3uxdJBz+2nbnTgMIIlS9qSHSRRqUvnJR4QM0Wbl62F",
        "JX9Rw2kDu7aP9f2UtoO/9lZBW9vWARQ=",
    ),
    concat!(
        "MIIEpAIBAAKCAQEA9DkvkIVbpuWQtHwUNYAFbzmHml3tthILP+txwUZHzQcGg4iKoVuJdDOBWjSXfaYvoKodBlbT7MR/zidFDpybcoUSvYTzyg1DaFHxQu3x",
        "GcWmmlDMQOdJsHqfM7VjrFu6Qz8VHJ8/5HOulWGo6dtIhzetYruTX6aEK2IfaEJGrseQuyK5+RiXVSkOpAPWyI7h5cFyWGV2BtIyvcESEi7Asi3AgOl7PVpC",
        "MnEIpiSVJHMpvFU74509xvJSalwNzdeq8Lmte1P43XvtYf7gd1SSbQiUJ2hAjK42x186i72c3ZyiIhMSNhglJLNFHixi3RgOMUKIXqK9DygnNxT00g5eqwID",
        "AQABAoIBABBM4XoAZKHK5bHI1vfL1SZbd8uw+Y+IPHGmOcqgHGUN/dHOow4U/s4fgpfY4G7q+3fPktixopBwJxBFOmHjcv6dl3wdwRXFyoTOdKS2c+ain2A3",
        "r1ek+EahUI88y+vHmDLVJYgVBZ3ZA23bUvuqKU5DxDyi72RYHVnglom4uWCrNixeQI1hc1h28gLtOdRsR5rXUj5McnmUB+PHOM+xkS4FB0LJaC9/XFJa+XP9",
        "3qUef7Zlc7Ja1NS/ihqPiOB5wwoUlKe1CWYiUFJ9f+/NoFBwVTMHPJG+zzYzxUVnLYCUa5dIdPdynr/qs8D+DdB9o1cujVN3yjSLQj5c5zsywwUCgYEA/iew",
        "puZBomzQvCwouFCqjXu/uw5yJ6wZhlwDeI1sWW6+nt4XKnJs8g5ns4gGIywJ5Ak6oelxo9OtdQ3+7GHOnu4Idx9SsdHTfIdMWULC09e4uYJ4UU90WO/cu7aj",
        "Cl6iag9Jlyr3jxYEV+l357FQWa5ajvghw8xiRwKPGqX2PsUCgYEA9f8KClrz3WAmKFFfDzG5J+X/RcCUf5UhIiVp86wV+bBgdFBjblgHdIprS7dvyZzjdrYH",
        "wrZlbuFyIg3VhWICdkDPWVI9UYL4GLT6eE16W0+AgohZ8Bk9cGsIrSKpqagxkHlSH3dsbG8RWLwnYztDSpxBAqzusGCLhNSA18HK/q8CgYEAj3Lbc/g2R3Tf",
        "g7Xw7ccp3F1iZDPNHrM2XO2GT/6Sjw/Aq25y6NRYxW53/Y7i1+s9UeYbn9Ng/rS1DIJvxf+WXYHAaWvWguMJWRoMb70MtgDmFF6dhlcwNhp8Hb8B2xJ63R3v",
        "zVDFFY+5t9zgfndIALY2CsfmVtr/BVFecA4IJHkCgYEAiczcawCYKyJ5PYyXm4NXHSqR3RkMFowLi3055O45QS20WnPNvzpAst/3SurvDBl+sjk2D7TtDTft",
        "H3Zwbc+BYYzcmkSfZNHg+LYouMtuB0h5zKVk/EKnUBolOhd4wzkcyrmrb0UOz49IQFTmG4hPIbR2FnGZI+RxQ29m3XYJqLECgYA78b4tV5EfzAQQraAie+LX",
        "FnA5+lnPPTnHd5WUalAyDMUnbA2MB331CHJfsrlmdPsRX13Lit2VIj/CjsqY1bHvSfGnQyfnvjDVUPJ8UinCqvo2mUiadEyWmh+i/+r2tf33C0EFGrDN+gSl",
        "Fhm9jJvNjzkleBv54TC+3GvRUday/g==",
    ),
];

/// How a message is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Take it, and break the line before a word.
    TakeAndBreak,
    /// Ask for patience, in seconds.
    Busy(u32),
    /// Answer this status without taking it.
    Status(u16),
}

/// A card that was posted.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    /// The conversation, or `workflow`.
    pub(crate) place: String,
    pub(crate) id: String,
    pub(crate) card: Value,
    at: Instant,
}

#[derive(Default)]
struct Inner {
    standing: Mutex<Vec<Standing>>,
    turns: Mutex<VecDeque<Turn>>,
    /// Which of the keys are good now.
    keys: Mutex<Vec<usize>>,
    tokens: AtomicUsize,
    key_reads: AtomicUsize,
    address: Mutex<Option<SocketAddr>>,
}

/// Listens until it is dropped.
pub(crate) struct Teams {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Teams {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        *locked(&inner.address) = Some(address);
        *locked(&inner.keys) = vec![0];
        let router = Router::new()
            .route("/{tenant}/oauth2/v2.0/token", post(give_token))
            .route("/openid", get(openid))
            .route("/keys", get(keys))
            .route("/v3/conversations/{conversation}/activities", post(take))
            .route("/v3/conversations/{conversation}/members/{user}", get(member))
            .route("/workflow", post(run_workflow))
            .with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inner, task }
    }

    /// How a desk's bot is connected to it.
    pub(crate) fn options(&self) -> Options {
        Options {
            app_id: Some(APP.to_owned()),
            app_secret: Some(SECRET.into()),
            tenant: Some(TENANT.to_owned()),
            service_url: self.service_url(),
            login_url: format!("http://{}", self.address),
            openid_url: format!("http://{}/openid", self.address),
            timeout_seconds: 2,
            ..Options::default()
        }
    }

    /// How a desk is connected to it by a workflow alone.
    pub(crate) fn by_workflow(&self, channel: &str) -> Options {
        let url = format!("http://{}/workflow?sig=stub-signature", self.address);
        Options { workflows: [(channel.parse().unwrap(), url.into())].into(), timeout_seconds: 2, ..Options::default() }
    }

    pub(crate) fn service_url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// How the next messages are answered, one each; those after them are taken.
    pub(crate) fn next(&self, turns: impl IntoIterator<Item = Turn>) {
        locked(&self.inner.turns).extend(turns);
    }

    pub(crate) fn standing(&self) -> Vec<Standing> {
        locked(&self.inner.standing).clone()
    }

    /// How often a token was asked for, and the keys were.
    pub(crate) fn asked(&self) -> (usize, usize) {
        (self.inner.tokens.load(Ordering::Relaxed), self.inner.key_reads.load(Ordering::Relaxed))
    }

    /// Has only these keys be good.
    pub(crate) fn turn_keys(&self, good: &[usize]) {
        *locked(&self.inner.keys) = good.to_vec();
    }

    /// The claims of a token that a desk takes.
    pub(crate) fn claims(&self) -> Value {
        let now = make::NOW.as_micros() / 1_000_000;
        json!({"iss": "https://api.botframework.com", "aud": APP, "nbf": now - 60, "exp": now + 3600, "serviceurl": self.service_url()})
    }

    /// A request with an activity, as the Bot Framework sends it.
    pub(crate) fn activity(&self, activity: &Value) -> Request<Body> {
        request(activity, &signed(0, &json!({"alg": "RS256", "typ": "JWT", "kid": "key-0"}), &self.claims()))
    }
}

impl Drop for Teams {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request with an activity and a token.
pub(crate) fn request(activity: &Value, token: &str) -> Request<Body> {
    Request::post("/hooks/teams/desk")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(activity.to_string()))
        .unwrap()
}

/// A token, signed by one of the keys.
pub(crate) fn signed(key: usize, head: &Value, claims: &Value) -> String {
    let said = format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let pair = pair(key);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature).unwrap();
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The public half of a key, as a key for signatures by a shared secret.
pub(crate) fn modulus(key: usize) -> Vec<u8> {
    PublicKeyComponents::<Vec<u8>>::from(pair(key).public()).n
}

fn pair(key: usize) -> KeyPair {
    KeyPair::from_der(&STANDARD.decode(KEYS[key]).unwrap()).unwrap()
}

impl Standing {
    /// The texts of its card, in order.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.card["content"]["body"].as_array().unwrap().iter().map(|block| block["text"].as_str().unwrap()).collect()
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap()
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

async fn give_token(State(inner): State<Arc<Inner>>, Path(tenant): Path<String>, body: Bytes) -> Response {
    let given: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let is = |name: &str, value: &str| given.iter().any(|(key, given)| key == name && given == value);
    let fits = tenant == TENANT
        && is("grant_type", "client_credentials")
        && is("client_id", APP)
        && is("client_secret", SECRET)
        && is("scope", "https://api.botframework.com/.default");
    if !fits {
        return answer(StatusCode::UNAUTHORIZED, &json!({"error": "invalid_client"}));
    }
    let number = inner.tokens.fetch_add(1, Ordering::Relaxed) + 1;
    answer(StatusCode::OK, &json!({"token_type": "Bearer", "expires_in": 3600, "access_token": format!("token-{number}")}))
}

fn is_let_in(inner: &Inner, headers: &HeaderMap) -> bool {
    let good = format!("Bearer token-{}", inner.tokens.load(Ordering::Relaxed));
    headers.get(header::AUTHORIZATION).is_some_and(|value| value == good.as_str())
}

async fn openid(State(inner): State<Arc<Inner>>) -> Response {
    let address = locked(&inner.address).unwrap();
    answer(
        StatusCode::OK,
        &json!({"issuer": "https://api.botframework.com", "jwks_uri": format!("http://{address}/keys"),
            "id_token_signing_alg_values_supported": ["RS256"]}),
    )
}

async fn keys(State(inner): State<Arc<Inner>>) -> Response {
    inner.key_reads.fetch_add(1, Ordering::Relaxed);
    let key = |number: &usize| {
        let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair(*number).public());
        json!({"kty": "RSA", "use": "sig", "kid": format!("key-{number}"), "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e),
            "endorsements": ["msteams"]})
    };
    let mut keys: Vec<Value> = locked(&inner.keys).iter().map(key).collect();
    // One that speaks for another channel alone.
    let mut other = key(&1);
    other["kid"] = "key-of-others".into();
    other["endorsements"] = json!(["webchat"]);
    keys.push(other);
    answer(StatusCode::OK, &json!({"keys": keys}))
}

async fn take(State(inner): State<Arc<Inner>>, Path(conversation): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_let_in(&inner, &headers) {
        return answer(StatusCode::UNAUTHORIZED, &json!({"error": {"code": "Unauthorized"}}));
    }
    let channel = conversation.split(';').next().unwrap_or_default();
    match channel {
        LAB => {}
        "19:outside@thread.tacv2" => return answer(StatusCode::FORBIDDEN, &json!({"error": {"code": "BotNotInConversationRoster"}})),
        _ => return answer(StatusCode::NOT_FOUND, &json!({"error": {"code": "ConversationNotFound"}})),
    }
    stand(&inner, &conversation, &body)
}

async fn run_workflow(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<std::collections::BTreeMap<String, String>>,
    body: Bytes,
) -> Response {
    if query.get("sig").is_none_or(|signature| signature != "stub-signature") {
        return answer(StatusCode::UNAUTHORIZED, &json!({"error": {"code": "DirectApiAuthorizationRequired"}}));
    }
    match stand(&inner, "workflow", &body) {
        taken if taken.status().is_success() => StatusCode::ACCEPTED.into_response(),
        other => other,
    }
}

fn stand(inner: &Inner, place: &str, body: &Bytes) -> Response {
    let turn = locked(&inner.turns).pop_front();
    match turn {
        Some(Turn::Busy(seconds)) => return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response(),
        Some(Turn::Status(status)) => return StatusCode::from_u16(status).unwrap().into_response(),
        Some(Turn::TakeAndBreak) | None => {}
    }
    if body.len() > MOST_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let Some(card) = serde_json::from_slice::<Value>(body).ok().filter(|body| body["type"] == "message").and_then(|body| fit_card(&body))
    else {
        return answer(StatusCode::BAD_REQUEST, &json!({"error": {"code": "BadSyntax"}}));
    };
    let mut standing = locked(&inner.standing);
    if standing.iter().filter(|last| last.at.elapsed() < Duration::from_secs(1)).count() >= PACE {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response();
    }
    let id = format!("{}", 1_790_000_000_000_i64 + i64::try_from(standing.len()).unwrap());
    standing.push(Standing { place: place.to_owned(), id: id.clone(), card, at: Instant::now() });
    if turn == Some(Turn::TakeAndBreak) {
        let cut = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the line broke")) });
        return Response::new(Body::from_stream(cut));
    }
    answer(StatusCode::CREATED, &json!({"id": id}))
}

/// The card of a message, if Teams could show it.
fn fit_card(body: &Value) -> Option<Value> {
    let card = body["attachments"][0].clone();
    let blocks = card["content"]["body"].as_array()?;
    let fits = card["contentType"] == "application/vnd.microsoft.card.adaptive"
        && card["content"]["type"] == "AdaptiveCard"
        && card["content"]["version"].is_string()
        && !blocks.is_empty()
        && blocks.iter().all(|block| block["type"] == "TextBlock" && block["text"].as_str().is_some_and(|text| !text.is_empty()));
    fits.then_some(card)
}

async fn member(State(inner): State<Arc<Inner>>, Path((_, user)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if !is_let_in(&inner, &headers) {
        return answer(StatusCode::UNAUTHORIZED, &json!({"error": {"code": "Unauthorized"}}));
    }
    match user.as_str() {
        "29:ingrid" => answer(StatusCode::OK, &json!({"id": user, "name": "Ingrid Solberg", "email": "ingrid@alderwick.example"})),
        _ => answer(StatusCode::NOT_FOUND, &json!({"error": {"code": "MemberNotFoundInConversation"}})),
    }
}
