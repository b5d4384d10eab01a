//! The life of one connection: handshake, first bytes, calls, rest, age, end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use strata_tls::{Peer, ServerTls};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;

use crate::answer;
use crate::layer::limit::Gate;
use crate::next::Next;
use crate::places::{Place, Places};
use crate::settings::{ServerSettings, fixed};
use crate::wire::Counted;

/// What every connection of a server comes through.
pub(crate) struct Door {
    pub(crate) stack: Next,
    pub(crate) settings: Arc<ServerSettings>,
    pub(crate) tls: Option<ServerTls>,
    pub(crate) places: Places,
}

/// Lives a connection from its first byte to its last.
pub(crate) async fn enter(stream: TcpStream, peer: SocketAddr, place: Place, door: Arc<Door>, mut closing: watch::Receiver<()>) {
    stream.set_nodelay(true).ok();
    let info = TcpConnectInfo {
        local_addr: stream.local_addr().ok(),
        remote_addr: Some(peer),
    };
    let Some(tls) = &door.tls else {
        return live(stream, info, None, &door, closing).await;
    };
    let shaken = tokio::select! {
        shaken = timeout(fixed::HANDSHAKE, tls.accept(stream)) => shaken,
        _ = closing.changed() => return,
    };
    let (stream, process) = match shaken {
        Ok(Ok(accepted)) => accepted,
        Ok(Err(error)) => return tracing::debug!(%peer, %error, "a TLS handshake failed"),
        Err(_) => return tracing::debug!(%peer, "a TLS handshake took too long"),
    };
    // A process counts as itself from here on, wherever it runs, and not as one of many behind an address.
    let _place = match process.as_ref().and_then(Peer::uri) {
        None => place,
        Some(uri) => match door.places.of_process(uri) {
            Some(own) => {
                drop(place);
                own
            }
            None => {
                let limit = door.settings.connections_per_peer;
                return tracing::warn!(%peer, limit, uri, "too many connections of one process: one was closed");
            }
        },
    };
    live(stream, info, process, &door, closing).await;
}

async fn live<S>(stream: S, info: TcpConnectInfo, process: Option<Peer>, door: &Door, mut closing: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let settings = &door.settings;
    let peer = info.remote_addr;
    let gate = Gate::new(settings.calls_per_connection, settings.queue());
    let (stream, read) = Counted::new(stream);
    let activity = Arc::new(Activity::default());
    let (stack, calls) = (door.stack.clone(), activity.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(gate.clone());
        request.extensions_mut().insert(info.clone());
        if let Some(process) = &process {
            request.extensions_mut().insert(process.clone());
        }
        let busy = Busy::new(&calls);
        let answered = stack.run(request);
        answered.map(|response| Ok::<_, Infallible>(response.map(|body| answer::held(body, busy))))
    });
    let protocol = protocol(settings);
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
    let mut end = pin!(sleep(age(settings, peer)));
    let mut first = pin!(sleep(fixed::FIRST_BYTES));
    let mut rest = pin!(sleep(settings.idle()));
    let (mut spoke, mut asked) = (false, false);
    loop {
        tokio::select! {
            result = &mut connection => {
                if let Err(error) = result {
                    tracing::debug!(?peer, error, "a connection failed");
                }
                return;
            }
            () = &mut first, if !spoke => {
                spoke = true;
                // The first line of HTTP/2 has as many bytes, and no call in HTTP/1.1 has fewer.
                if read.load(Ordering::Relaxed) < fixed::PREFACE_BYTES {
                    return tracing::debug!(?peer, "a connection said too little for too long");
                }
            }
            () = &mut rest, if !asked => match activity.rests_until(settings.idle()) {
                Some(later) => rest.set(sleep_until(later)),
                None => {
                    asked = true;
                    connection.as_mut().graceful_shutdown();
                    end.set(sleep(fixed::AGE_GRACE));
                }
            },
            () = &mut end => {
                if asked {
                    return;
                }
                asked = true;
                connection.as_mut().graceful_shutdown();
                end.set(sleep(fixed::AGE_GRACE));
            }
            _ = closing.changed(), if !asked => {
                asked = true;
                connection.as_mut().graceful_shutdown();
                // The drain time of the server bounds the rest.
                end.set(sleep(settings.drain()));
            }
        }
    }
}

/// Calls of a connection in flight, and when the last one ended.
#[derive(Debug)]
struct Activity {
    calls: AtomicUsize,
    /// Milliseconds after `begin`.
    ended: AtomicUsize,
    begin: Instant,
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            calls: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            begin: Instant::now(),
        }
    }
}

impl Activity {
    /// When to look again whether nothing happened for as long as `idle`. None: nothing did.
    fn rests_until(&self, idle: Duration) -> Option<Instant> {
        if self.calls.load(Ordering::Acquire) > 0 {
            return Some(Instant::now() + idle);
        }
        let ended = Duration::from_millis(self.ended.load(Ordering::Acquire) as u64);
        let due = self.begin + ended + idle;
        (due > Instant::now()).then_some(due)
    }
}

/// A call in flight.
struct Busy(Arc<Activity>);

impl Busy {
    fn new(activity: &Arc<Activity>) -> Self {
        activity.calls.fetch_add(1, Ordering::AcqRel);
        Self(activity.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let now = usize::try_from(self.0.begin.elapsed().as_millis()).unwrap_or(usize::MAX);
        self.0.ended.store(now, Ordering::Release);
        self.0.calls.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The age of a connection, spread by a tenth both ways so that not all end at once.
fn age(settings: &ServerSettings, peer: Option<SocketAddr>) -> Duration {
    let percent = 90 + u32::from(peer.map_or(0, |peer| peer.port()) % 21);
    Duration::from_secs(settings.connection_age_s) * percent / 100
}

fn protocol(settings: &ServerSettings) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(fixed::KEEPALIVE_TIMEOUT)
        .max_buf_size(fixed::HEADER_BYTES as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(settings.streams_per_connection)
        .max_header_list_size(fixed::HEADER_BYTES)
        .keep_alive_interval(fixed::KEEPALIVE_INTERVAL)
        .keep_alive_timeout(fixed::KEEPALIVE_TIMEOUT)
        .initial_stream_window_size(fixed::STREAM_WINDOW)
        .initial_connection_window_size(fixed::CONNECTION_WINDOW)
        .max_send_buf_size(fixed::SEND_BUFFER)
        .max_pending_accept_reset_streams(fixed::PENDING_RESETS)
        .max_local_error_reset_streams(fixed::LOCAL_ERROR_RESETS);
    builder
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ages_are_spread_by_a_tenth() {
        let settings = ServerSettings {
            connection_age_s: 1000,
            ..ServerSettings::default()
        };
        let ages: Vec<u64> = (0..21)
            .map(|port| age(&settings, Some(([127, 0, 0, 1], port).into())).as_secs())
            .collect();
        assert_eq!((ages.iter().min(), ages.iter().max()), (Some(&900), Some(&1100)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_rests_from_the_end_of_its_last_call() {
        let (activity, idle) = (Arc::new(Activity::default()), Duration::from_secs(10));
        let begin = Instant::now();
        let busy = Busy::new(&activity);
        tokio::time::advance(Duration::from_secs(15)).await;
        assert_eq!(
            activity.rests_until(idle),
            Some(begin + Duration::from_secs(25)),
            "a call is in flight"
        );
        drop(busy);
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(activity.rests_until(idle), Some(begin + Duration::from_secs(25)));
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(activity.rests_until(idle), None);
    }
}
