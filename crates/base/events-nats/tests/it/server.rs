//! NATS servers: the one that all cases share, and one of a case's own that may be killed.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Names a NATS server with JetStream.
const SERVER: &str = "STRATA_TEST_NATS";
/// Names the program, for cases that kill it.
const PROGRAM: &str = "STRATA_TEST_NATS_PROGRAM";

/// The shared server. None: there is none, and that is said.
pub(crate) fn url() -> Option<String> {
    let url = std::env::var(SERVER).ok();
    if url.is_none() {
        println!("SKIPPED: {SERVER} names no NATS server");
    }
    url
}

/// A server of the case's own. It ends with this.
pub(crate) struct Own {
    program: PathBuf,
    folder: TempDir,
    port: u16,
    child: Child,
}

impl Own {
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = std::env::var_os(PROGRAM) else {
            println!("SKIPPED: {PROGRAM} names no nats-server");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = PathBuf::from(program);
        let child = serve(&program, folder.path(), port);
        Some(Self {
            program,
            folder,
            port,
            child,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// As a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// At its old port, with what it had on disk.
    pub(crate) fn start_again(&mut self) {
        self.child = serve(&self.program, self.folder.path(), self.port);
    }

    /// With nothing on disk.
    pub(crate) fn forget(&self) {
        std::fs::remove_dir_all(self.folder.path().join("jetstream")).unwrap();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn serve(program: &Path, folder: &Path, port: u16) -> Child {
    let child = Command::new(program)
        .args([
            "--addr",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--jetstream",
            "--store_dir",
        ])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begin.elapsed() < Duration::from_secs(20), "nats-server does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}
