//! The listening socket, and the end of everything that came through it.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::RpcError;
use crate::connection::{Door, enter};
use crate::settings::ServerSettings;

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

/// Accepts until `shutdown`, runs `notice` (tell the balancer), then lets the calls in flight end. Whatever a connection does or fails to
/// do happens in a task of its own: nobody keeps the next one from being accepted.
pub(crate) async fn run(
    listener: TcpListener,
    door: Arc<Door>,
    shutdown: impl Future<Output = ()>,
    notice: impl Future<Output = ()>,
) {
    let settings = door.settings.clone();
    let (close, closing) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(shutdown.then(|()| notice));
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) if connections.len() < settings.connections => {
                    let Some(place) = door.places.of_address(peer.ip()) else {
                        tracing::warn!(%peer, limit = settings.connections_per_peer, "too many connections from one address: one was closed");
                        continue;
                    };
                    connections.spawn(enter(stream, peer, place, door.clone(), closing.clone()));
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
}
