//! Connections to PostgreSQL that break, and transactions that meet: each unit of work has its effect once.

#![allow(clippy::unwrap_used)]

mod proxy;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use strata_kernel::Result;
use strata_store::{Conn, Db, Options, db_error};
use tokio::sync::Barrier;

use proxy::{Cut, Proxy};

/// Names a PostgreSQL server, by the URL of its database `postgres`.
const SERVER: &str = "STRATA_TEST_POSTGRES";

/// A database of the test's own. It is dropped with this.
struct Database {
    server: String,
    name: String,
}

impl Database {
    fn of(test: &str) -> Option<Self> {
        let Ok(server) = std::env::var(SERVER) else {
            println!("SKIPPED: {test}: {SERVER} names no PostgreSQL server");
            return None;
        };
        let name = format!("store_{test}_{}", std::process::id());
        let made = Self { server, name };
        made.tell(&format!("CREATE DATABASE {}", made.name));
        Some(made)
    }

    fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    fn tell(&self, statement: &str) {
        let mut conn = PgConnection::establish(&self.server).unwrap();
        sql_query(statement).execute(&mut conn).unwrap();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.tell(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn run(conn: &mut Conn<'_>, statement: &str) -> Result<usize> {
    match conn {
        Conn::Pg(c) => sql_query(statement).execute(*c).map_err(db_error),
        Conn::Lite(_) => unreachable!(),
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

async fn count(db: &Db) -> i64 {
    db.read(|c| match c {
        Conn::Pg(c) => sql_query("SELECT count(*) AS n FROM t")
            .get_result::<Count>(*c)
            .map_err(db_error),
        Conn::Lite(_) => unreachable!(),
    })
    .await
    .unwrap()
    .n
}

async fn with_table(url: &str) -> Db {
    let db = Db::open(url, &Options::default()).unwrap();
    db.write(|c| run(c, "CREATE TABLE t (x bigint)")).await.unwrap();
    db
}

/// Inserts a row through a proxy that cuts the first commit, and says how often the work ran.
async fn inserts_with(database: &Database, cut: Cut) -> (u32, i64) {
    let proxy = Proxy::before(&database.url());
    let db = with_table(&proxy.url).await;
    proxy.arm(cut);
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let answer = db
        .write(move |c| {
            counted.fetch_add(1, Ordering::SeqCst);
            run(c, "INSERT INTO t VALUES (1)")
        })
        .await;
    assert_eq!(answer.unwrap(), 1);
    assert_eq!(proxy.cuts(), 1, "the cut never came");
    (runs.load(Ordering::SeqCst), count(&db).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_not_done_again() {
    let Some(database) = Database::of("commit_lost") else {
        return;
    };
    assert_eq!(inserts_with(&database, Cut::AfterCommit).await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_never_arrived_is_done_again() {
    let Some(database) = Database::of("commit_unsent") else {
        return;
    };
    assert_eq!(inserts_with(&database, Cut::BeforeCommit).await, (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_wait_for_each_other_both_come_through() {
    let Some(database) = Database::of("deadlock") else {
        return;
    };
    let db = with_table(&database.url()).await;
    db.write(|c| run(c, "INSERT INTO t VALUES (1), (2)")).await.unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let both_hold_one = Arc::new(Barrier::new(2));
    let add = |first: u8, second: u8| {
        let (db, runs, both) = (db.clone(), Arc::clone(&runs), Arc::clone(&both_hold_one));
        let handle = tokio::runtime::Handle::current();
        async move {
            db.write(move |c| {
                run(c, &format!("UPDATE t SET x = x + 10 WHERE x % 10 = {first}"))?;
                if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                    handle.block_on(both.wait());
                }
                run(c, &format!("UPDATE t SET x = x + 10 WHERE x % 10 = {second}"))
            })
            .await
        }
    };
    let (one, other) = tokio::join!(add(1, 2), add(2, 1));
    assert_eq!((one.unwrap(), other.unwrap()), (1, 1));
    // One of the two ran again; on a busy machine the two may meet a second time.
    let runs = runs.load(Ordering::SeqCst);
    assert!((3..=5).contains(&runs), "{runs}");
    let sum = db
        .read(|c| match c {
            Conn::Pg(c) => sql_query("SELECT sum(x)::bigint AS n FROM t")
                .get_result::<Count>(*c)
                .map_err(db_error),
            Conn::Lite(_) => unreachable!(),
        })
        .await
        .unwrap();
    assert_eq!(sum.n, 1 + 2 + 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_ended_are_replaced_and_nothing_is_lost_or_doubled() {
    const ROWS: u32 = 400;
    let Some(database) = Database::of("ended") else {
        return;
    };
    let db = with_table(&database.url()).await;
    let own = database.name.clone();
    let server = database.server.clone();
    let (done, mut is_done) = tokio::sync::oneshot::channel::<()>();
    let killer = tokio::task::spawn_blocking(move || {
        let mut conn = PgConnection::establish(&server).unwrap();
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{own}'");
        let mut ended = 0;
        while matches!(is_done.try_recv(), Err(tokio::sync::oneshot::error::TryRecvError::Empty)) {
            std::thread::sleep(std::time::Duration::from_millis(40));
            ended += sql_query(&end).execute(&mut conn).unwrap();
        }
        ended
    });
    let writers = (0..4u32).map(|writer| {
        let db = db.clone();
        tokio::spawn(async move {
            for number in 0..ROWS / 4 {
                let x = writer * ROWS + number;
                let statement = format!("INSERT INTO t SELECT {x} FROM pg_sleep(0.004)");
                db.write(move |c| run(c, &statement)).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    drop(done);
    let ended = killer.await.unwrap();
    println!("{ended} sessions were ended");
    assert!(ended > 8);
    assert_eq!(count(&db).await, i64::from(ROWS));
}
