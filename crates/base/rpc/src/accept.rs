//! The listening socket, its connections, and their end.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;

use crate::RpcError;
use crate::layer::limit::Gate;
use crate::next::Next;
use crate::settings::{ServerSettings, fixed};

/// Opens a listening socket. Refuses an address that other machines can reach unless the settings allow it.
pub async fn bind(address: SocketAddr, settings: &ServerSettings) -> Result<TcpListener, RpcError> {
    check(address, settings)?;
    TcpListener::bind(address).await.map_err(|e| RpcError::Listen(address, e))
}

/// Refuses a public address that is not meant.
pub(crate) fn check(address: SocketAddr, settings: &ServerSettings) -> Result<(), RpcError> {
    if address.ip().is_loopback() || settings.allow_public {
        Ok(())
    } else {
        Err(RpcError::Public(address))
    }
}

/// Accepts until `shutdown`, runs `notice` (tell the balancer), then lets the calls in flight end.
pub(crate) async fn run(
    listener: TcpListener,
    stack: Next,
    settings: Arc<ServerSettings>,
    shutdown: impl Future<Output = ()>,
    notice: impl Future<Output = ()>,
) {
    let (close, closing) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(shutdown.then(|()| notice));
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) if connections.len() < settings.connections => {
                    connections.spawn(connection(stream, peer, stack.clone(), settings.clone(), closing.clone()));
                }
                Ok((stream, peer)) => {
                    tracing::warn!(%peer, limit = settings.connections, "too many connections: one was closed");
                    drop(stream);
                }
                Err(error) => {
                    // Out of descriptors, most likely: some will come free.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    close.send(()).ok();
    let ended = timeout(settings.drain(), async { while connections.join_next().await.is_some() {} });
    if ended.await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "calls were cut off: they outlived the drain time"
        );
        connections.shutdown().await;
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    stack: Next,
    settings: Arc<ServerSettings>,
    mut closing: watch::Receiver<()>,
) {
    stream.set_nodelay(true).ok();
    let speaks = tokio::select! {
        ready = timeout(fixed::FIRST_BYTES, stream.readable()) => matches!(ready, Ok(Ok(()))),
        _ = closing.changed() => false,
    };
    if !speaks {
        return;
    }
    let info = TcpConnectInfo {
        local_addr: stream.local_addr().ok(),
        remote_addr: Some(peer),
    };
    let gate = Gate::new(settings.calls_per_connection, settings.queue());
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(gate.clone());
        request.extensions_mut().insert(info.clone());
        stack.run(request).map(Ok::<_, Infallible>)
    });
    let protocol = protocol(&settings);
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
    let mut end = pin!(sleep(age(&settings, peer)));
    let mut asked = false;
    loop {
        tokio::select! {
            result = &mut connection => {
                if let Err(error) = result {
                    tracing::debug!(%peer, error, "a connection failed");
                }
                return;
            }
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

/// The age of a connection, spread by a tenth both ways so that not all end at once.
fn age(settings: &ServerSettings, peer: SocketAddr) -> Duration {
    let percent = 90 + u32::from(peer.port() % 21);
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
        .max_pending_accept_reset_streams(fixed::PENDING_RESETS)
        .max_local_error_reset_streams(fixed::LOCAL_ERROR_RESETS);
    builder
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_loopback_unless_allowed() {
        let mut settings = ServerSettings::default();
        check("127.0.0.1:1".parse().unwrap(), &settings).unwrap();
        check("[::1]:1".parse().unwrap(), &settings).unwrap();
        for public in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1"] {
            assert!(check(public.parse().unwrap(), &settings).is_err(), "{public}");
        }
        settings.allow_public = true;
        check("0.0.0.0:1".parse().unwrap(), &settings).unwrap();
    }

    #[test]
    fn ages_are_spread_by_a_tenth() {
        let settings = ServerSettings {
            connection_age_s: 1000,
            ..ServerSettings::default()
        };
        let ages: Vec<u64> = (0..21)
            .map(|port| age(&settings, ([127, 0, 0, 1], port).into()).as_secs())
            .collect();
        assert_eq!((ages.iter().min(), ages.iter().max()), (Some(&900), Some(&1100)));
    }
}
