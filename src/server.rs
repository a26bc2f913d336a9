//! The listeners: binds, serves, counts, and stops in good order.
//!
//! Takes routers as values and a future that says when to stop; knows neither the routes nor the signals behind it. `cli`
//! calls it.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use futures::StreamExt;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::telemetry::{Metrics, record_call};
use crate::{api, web};

/// What an admin may set about the listeners.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Where pages and API are served, such as `127.0.0.1:7878`.
    pub listen: String,
    /// Where `/metrics` is served; nowhere when not given.
    pub metrics_listen: Option<String>,
    /// How browsers reach the service from outside, such as `https://desk.example`; the listening address when not given.
    pub public_url: Option<String>,
    /// So many seconds are given to calls that are under way when the process is asked to stop.
    pub drain_seconds: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: "127.0.0.1:7878".to_owned(), metrics_listen: None, public_url: None, drain_seconds: 20 }
    }
}

/// Why the listeners do not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody else has the port.
    #[error("port {port} of `{address}` is in use: stop the other process, or choose another port with `{key}`, such as `{suggestion}`")]
    InUse {
        /// The port.
        port: String,
        /// The whole address.
        address: String,
        /// The configuration key.
        key: &'static str,
        /// The same address with the next port.
        suggestion: String,
    },
    /// The address cannot be listened on.
    #[error("`{key}`: cannot listen on `{address}`")]
    Bind {
        /// The address.
        address: String,
        /// The configuration key.
        key: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A listener broke.
    #[error("the listener stopped")]
    Serve(#[source] io::Error),
}

/// A bound listener with what it serves.
#[derive(Debug)]
pub struct Service {
    /// Where calls come in.
    pub listener: TcpListener,
    /// What answers them.
    pub router: Router,
}

/// What a process answers: pages and API, or only whether it is well.
pub fn routes(app: &App, open: bool, public_url: &str) -> Router {
    if open {
        web::router(app.clone(), public_url).merge(api::router(app.clone(), &api::Options::default()))
    } else {
        api::health_router(app.clone())
    }
}

/// Binds the address that stands under a configuration key.
///
/// # Errors
/// [`ServeError`]; for a port in use it says how to choose another.
pub async fn bind(key: &'static str, address: &str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| {
        let address = address.to_owned();
        match (source.kind(), address.rsplit_once(':')) {
            (io::ErrorKind::AddrInUse, Some((host, port))) => {
                let next = port.parse::<u16>().map_or(0, |port| port.wrapping_add(1));
                ServeError::InUse { port: port.to_owned(), key, suggestion: format!("{host}:{next}"), address }
            }
            _ => ServeError::Bind { address, key, source },
        }
    })
}

/// The router of the metrics listener: `/metrics` and nothing else.
pub fn metrics_router(metrics: Metrics) -> Router {
    let render =
        |State(metrics): State<Metrics>| async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()) };
    Router::new().route("/metrics", get(render)).with_state(metrics)
}

/// Serves until `shutdown` is done, then lets calls under way finish for `drain` at most.
///
/// Streams of events have no end of their own: they end at once, and their readers come back to whoever serves next.
///
/// # Errors
/// [`ServeError`] when a listener breaks.
///
/// # Cancel safety
/// Dropping the future stops accepting at once and cuts no connection that is open.
pub async fn serve(main: Service, metrics: Option<Service>, shutdown: impl Future<Output = ()>, drain: Duration) -> Result<(), ServeError> {
    let stop = CancellationToken::new();
    let router = main.router.layer(from_fn_with_state(stop.clone(), end_streams)).layer(from_fn(count));
    let main = Service { router, ..main };
    let both = async {
        let metrics = async {
            match metrics {
                Some(metrics) => listen(metrics, stop.clone()).await,
                None => Ok(()),
            }
        };
        tokio::try_join!(listen(main, stop.clone()), metrics).map(|_| ())
    };
    tokio::pin!(both);
    tokio::select! {
        ended = &mut both => return ended,
        () = shutdown => tracing::info!(drain.limit_s = drain.as_secs(), "stopping: calls under way may finish"),
    }
    stop.cancel();
    tokio::time::timeout(drain, both).await.unwrap_or_else(|_| {
        tracing::warn!(drain.limit_s = drain.as_secs(), "calls that were still under way are cut");
        Ok(())
    })
}

async fn listen(service: Service, stop: CancellationToken) -> Result<(), ServeError> {
    let Service { listener, router } = service;
    // Answers are small and written whole: waiting to fill a packet would only delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(problem.causes = %error, "a connection keeps its delay");
        }
    });
    // Who connects is counted where somebody signs in.
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await.map_err(ServeError::Serve)
}

/// Resolves when the process is asked to stop: interrupt or terminate.
pub async fn stop_signal() {
    let interrupt = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { () = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    interrupt.await;
}

async fn count(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await.into_response();
    let route = route.as_ref().map_or("unknown", MatchedPath::as_str);
    record_call(method, route, response.status().as_u16(), started.elapsed());
    response
}

/// Lets streams of events end when the process stops; other answers end by themselves and are left whole.
async fn end_streams(State(stop): State<CancellationToken>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        return response;
    }
    response.map(|body| Body::from_stream(body.into_data_stream().take_until(stop.cancelled_owned())))
}

/// A method as a label: callers can invent methods, and each label value costs memory.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use axum::response::sse::{Event, Sse};
    use futures::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_a_way_out() {
        let taken = bind("server.listen", "127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let error = bind("server.listen", &address.to_string()).await.unwrap_err();
        let (port, next) = (address.port(), address.port().wrapping_add(1));
        assert_eq!(
            error.to_string(),
            format!(
                "port {port} of `{address}` is in use: stop the other process, or choose another port with `server.listen`, such as `127.0.0.1:{next}`"
            )
        );
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_is_named() {
        let error = bind("server.metrics_listen", "no port").await.unwrap_err();
        assert_eq!(error.to_string(), "`server.metrics_listen`: cannot listen on `no port`");
    }

    /// A router with one route that says when it was entered and answers when it is let go.
    fn slow(entered: &Arc<Notify>, go: &Arc<Notify>) -> Router {
        let (entered, go) = (Arc::clone(entered), Arc::clone(go));
        let answer = move || async move {
            entered.notify_one();
            go.notified().await;
            "done"
        };
        Router::new().route("/slow", get(answer))
    }

    async fn ask(listener: &TcpListener) -> TcpStream {
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        stream
    }

    #[tokio::test]
    async fn a_call_under_way_is_answered_after_the_stop() {
        let (entered, go, stop) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let listener = bind("server.listen", "127.0.0.1:0").await.unwrap();
        let mut client = ask(&listener).await;
        let shutdown = {
            let stop = Arc::clone(&stop);
            async move { stop.notified().await }
        };
        let service = Service { listener, router: slow(&entered, &go) };
        let server = tokio::spawn(serve(service, None, shutdown, Duration::from_mins(1)));
        entered.notified().await;
        stop.notify_one();
        go.notify_one();
        server.await.unwrap().unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    }

    #[tokio::test]
    async fn a_stream_of_events_ends_whole_at_the_stop() {
        let endless = || async {
            let first = stream::once(async { Ok::<_, Infallible>(Event::default().data("one")) });
            Sse::new(first.chain(stream::pending()))
        };
        let (seen, stop) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let listener = bind("server.listen", "127.0.0.1:0").await.unwrap();
        let client = ask(&listener).await;
        let shutdown = {
            let stop = Arc::clone(&stop);
            async move { stop.notified().await }
        };
        let service = Service { listener, router: Router::new().route("/slow", get(endless)) };
        let server = tokio::spawn(serve(service, None, shutdown, Duration::from_mins(10)));
        let reader = {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let (mut client, mut answer) = (client, String::new());
                while !answer.contains("data: one") {
                    let mut piece = [0; 512];
                    let length = client.read(&mut piece).await.unwrap();
                    answer.push_str(std::str::from_utf8(&piece[..length]).unwrap());
                }
                seen.notify_one();
                client.read_to_string(&mut answer).await.unwrap();
                answer
            })
        };
        seen.notified().await;
        stop.notify_one();
        server.await.unwrap().unwrap();
        let answer = reader.await.unwrap();
        // The last piece is the empty one: the stream was ended, not cut.
        assert!(answer.ends_with("0\r\n\r\n"), "{answer}");
    }

    #[tokio::test]
    async fn a_call_that_never_ends_does_not_hold_the_stop_up() {
        let (entered, never) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let listener = bind("server.listen", "127.0.0.1:0").await.unwrap();
        let _client = ask(&listener).await;
        let shutdown = {
            let entered = Arc::clone(&entered);
            async move { entered.notified().await }
        };
        let service = Service { listener, router: slow(&entered, &never) };
        serve(service, None, shutdown, Duration::ZERO).await.unwrap();
    }
}
