//! Stands between a client and PostgreSQL and cuts the connection at a commit.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// Where the connection is cut.
#[derive(Clone, Copy)]
pub(super) enum Cut {
    /// The server never hears of it.
    BeforeCommit = 1,
    /// The server has committed, the client never hears of it.
    AfterCommit = 2,
}

/// A commit on the wire.
const COMMIT: &[u8] = b"COMMIT\0";
const IDLE: u8 = 0;

pub(super) struct Proxy {
    pub(super) url: String,
    armed: Arc<AtomicU8>,
    cuts: Arc<AtomicU32>,
}

impl Proxy {
    /// Listens before the server of a URL. Its threads end with the test's process.
    pub(super) fn before(url: &str) -> Self {
        let (user, rest) = url.rsplit_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (armed, cuts) = (Arc::new(AtomicU8::new(IDLE)), Arc::new(AtomicU32::new(0)));
        let (server, at, count) = (server.to_owned(), Arc::clone(&armed), Arc::clone(&cuts));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
                between(client, server, &at, &count);
            }
        });
        Self {
            url: format!("{user}@{address}/{database}"),
            armed,
            cuts,
        }
    }

    pub(super) fn arm(&self, cut: Cut) {
        self.armed.store(cut as u8, Ordering::SeqCst);
    }

    pub(super) fn cuts(&self) -> u32 {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// Carries bytes both ways until the cut.
fn between(client: TcpStream, server: TcpStream, armed: &Arc<AtomicU8>, cuts: &Arc<AtomicU32>) {
    let is_answered = Arc::new(AtomicU8::new(IDLE));
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (armed, cuts, waits) = (Arc::clone(armed), Arc::clone(cuts), Arc::clone(&is_answered));
    std::thread::spawn(move || {
        let mut bytes = [0; 65536];
        while let Ok(read @ 1..) = from_client.read(&mut bytes) {
            let sees_commit = bytes[..read].windows(COMMIT.len()).any(|window| window == COMMIT);
            if sees_commit {
                let cut = armed.swap(IDLE, Ordering::SeqCst);
                if cut != IDLE {
                    cuts.fetch_add(1, Ordering::SeqCst);
                }
                if cut == Cut::BeforeCommit as u8 {
                    break;
                }
                // The answer that comes next is kept from the client.
                waits.store(cut, Ordering::SeqCst);
            }
            if to_server.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        to_server.shutdown(Shutdown::Both).ok();
        from_client.shutdown(Shutdown::Both).ok();
    });
    let (mut from_server, mut to_client) = (server, client);
    std::thread::spawn(move || {
        let mut bytes = [0; 65536];
        while let Ok(read @ 1..) = from_server.read(&mut bytes) {
            if is_answered.load(Ordering::SeqCst) == Cut::AfterCommit as u8 || to_client.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        to_client.shutdown(Shutdown::Both).ok();
        from_server.shutdown(Shutdown::Both).ok();
    });
}
