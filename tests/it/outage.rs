//! PostgreSQL goes away under a working platform: it heals by itself, nothing is lost and nothing doubled.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::database::Postgres;
use crate::faults::{came_out_once, live};
use crate::mini::Mini;

#[tokio::test(flavor = "multi_thread")]
async fn every_session_is_ended_again_and_again() {
    let Some(database) = Postgres::of("sessions") else {
        return;
    };
    let mini = Mini::start_on(Some(database.url())).await;
    let (done, mut is_done) = oneshot::channel::<()>();
    let url = database.url();
    let killer = tokio::task::spawn_blocking(move || {
        let mut conn = PgConnection::establish(&url).unwrap();
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let mut ended = 0;
        while matches!(is_done.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
            std::thread::sleep(Duration::from_millis(150));
            ended += sql_query(all).execute(&mut conn).unwrap();
        }
        ended
    });
    live(&mini).await;
    drop(done);
    let ended = killer.await.unwrap();
    println!("{ended} sessions were ended");
    assert!(ended > 20, "{ended}");
    came_out_once(&mini).await;
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_started_again() {
    let Some(mut server) = Server::start() else {
        println!("SKIPPED: the_server_is_started_again: there is no PostgreSQL to start");
        return;
    };
    let mini = Mini::start_on(Some(server.url())).await;
    let (done, mut is_done) = oneshot::channel::<()>();
    let restarts = tokio::task::spawn_blocking(move || {
        let mut restarts = 0;
        while matches!(is_done.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
            std::thread::sleep(Duration::from_millis(1500));
            // As after a power cut, and then as an administrator does it.
            server.stop(if restarts % 2 == 0 { "immediate" } else { "fast" });
            std::thread::sleep(Duration::from_millis(300));
            server.serve();
            restarts += 1;
        }
        (server, restarts)
    });
    live(&mini).await;
    drop(done);
    let (server, restarts) = restarts.await.unwrap();
    println!("{restarts} restarts");
    assert!(restarts >= 2, "{restarts}");
    came_out_once(&mini).await;
    mini.all.stop().await.unwrap();
    drop(server);
}

/// A PostgreSQL server of the test's own. It ends, and its folder goes, with this.
struct Server {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Server {
    /// None: there are no programs of PostgreSQL.
    fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        if is_root() {
            // The server refuses to run as root.
            assert!(
                Command::new("chown")
                    .arg("postgres")
                    .arg(folder.path())
                    .status()
                    .unwrap()
                    .success()
            );
        }
        let mut made = as_account(programs.join("initdb"));
        made.args([
            "--username=it",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--pgdata",
        ]);
        assert!(made.arg(folder.path().join("data")).output().unwrap().status.success());
        let process = spawn(&programs, &folder, port);
        let server = Self {
            programs,
            folder,
            port,
            process,
        };
        server.wait();
        Some(server)
    }

    fn url(&self) -> String {
        format!("postgres://it@127.0.0.1:{}/postgres", self.port)
    }

    fn serve(&mut self) {
        self.process = spawn(&self.programs, &self.folder, self.port);
        self.wait();
    }

    fn wait(&self) {
        for _ in 0..300 {
            if PgConnection::establish(&self.url()).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("PostgreSQL does not start");
    }

    fn stop(&mut self, mode: &str) {
        let mut stop = as_account(self.programs.join("pg_ctl"));
        stop.args(["stop", "--wait", "--silent", "--mode", mode, "--pgdata"]);
        stop.arg(self.folder.path().join("data")).status().ok();
        self.process.wait().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop("immediate");
    }
}

fn spawn(programs: &std::path::Path, folder: &TempDir, port: u16) -> Child {
    let mut server = as_account(programs.join("postgres"));
    server.arg("-D").arg(folder.path().join("data"));
    for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=50"] {
        server.args(["-c", setting]);
    }
    server.arg("-c").arg(format!("port={port}"));
    server
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Where PostgreSQL's server programs are.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = debian
        .map(|version| version.path().join("bin"))
        .find(|bin| bin.join("initdb").exists());
    found.or_else(|| {
        let folders = std::env::var_os("PATH")?;
        std::env::split_paths(&folders).find(|folder| folder.join("initdb").exists())
    })
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.starts_with(b"0"))
}

/// The account `postgres`, where this one is root.
fn as_account(program: PathBuf) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}
