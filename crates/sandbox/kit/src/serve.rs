//! The HTTP/1 server all sandboxes run in.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// How long requests under way may take to finish once the server was asked to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// The connection a request came in on; a request carries it as an extension so that a fault can cut it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    scissors: Arc<Notify>,
}

impl Line {
    /// Cuts the connection. Never returns: the server drops the connection and with it the waiting request.
    pub(crate) async fn cut(self) -> Response {
        self.scissors.notify_one();
        std::future::pending().await
    }
}

/// Serves `router` on `listener` until `stop` resolves, then lets requests under way finish (at most five seconds).
///
/// # Errors
/// When the listener itself breaks; a broken connection is logged and ends only itself.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                connections.spawn(connection(stream, router.clone(), stopped.clone()));
            }
            // Reaps connections that ended, so that the set does not grow with the number ever served.
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    drop(listener);
    // Nobody listening any more only means that all connections have ended.
    let _ = stopping.send(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::debug!("requests still under way were dropped");
    }
    Ok(())
}

async fn connection(stream: TcpStream, router: Router, mut stopped: watch::Receiver<bool>) {
    // Small answers over the loopback address: waiting to fill a packet only costs time.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection keeps its delay");
    }
    let line = Line {
        scissors: Arc::new(Notify::new()),
    };
    let service = service_fn({
        let line = line.clone();
        move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(line.clone());
            answer(router.clone(), request.map(Body::new))
        }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = line.scissors.notified() => return,
        () = asked_to_stop(&mut stopped) => {
            served.as_mut().graceful_shutdown();
            tokio::select! {
                ended = &mut served => ended,
                () = line.scissors.notified() => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended early");
    }
}

async fn asked_to_stop(stopped: &mut watch::Receiver<bool>) {
    // The sender going away means the same as its asking.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn answer(router: Router, request: Request) -> Result<Response, Infallible> {
    router.oneshot(request).await
}
