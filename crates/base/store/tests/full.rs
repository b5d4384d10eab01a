//! A disk that is full: nothing acknowledged is lost, and the work goes on when there is room again.

#![allow(clippy::unwrap_used)]

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use strata_kernel::{Kind, Result};
use strata_store::{Conn, Db, Options, db_error};

fn run(conn: &mut Conn<'_>, statement: &str) -> Result<usize> {
    match conn {
        Conn::Lite(c) => sql_query(statement).execute(*c).map_err(db_error),
        Conn::Pg(_) => unreachable!(),
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

async fn ask(db: &Db, query: &'static str) -> i64 {
    db.read(move |c| match c {
        Conn::Lite(c) => sql_query(query).get_result::<Count>(*c).map_err(db_error),
        Conn::Pg(_) => unreachable!(),
    })
    .await
    .unwrap()
    .n
}

/// The writer is one connection, so what it is told holds for every write.
async fn limit(db: &Db, pages: i64) {
    let pragma = format!("PRAGMA max_page_count = {pages}");
    db.write(move |c| match c {
        Conn::Lite(c) => c.batch_execute(&pragma).map_err(db_error),
        Conn::Pg(_) => unreachable!(),
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("t.db").display());
    let db = Db::open(&url, &Options::default()).unwrap();
    db.write(|c| run(c, "CREATE TABLE t (x INTEGER, filler BLOB)")).await.unwrap();
    let pages = ask(&db, "SELECT page_count AS n FROM pragma_page_count").await;
    limit(&db, pages + 20).await;
    let insert = |x: i64| {
        let db = db.clone();
        let row = format!("INSERT INTO t VALUES ({x}, zeroblob(3000))");
        async move { db.write(move |c| run(c, &row)).await }
    };
    let mut acknowledged = 0;
    let refusal = loop {
        match insert(acknowledged).await {
            Ok(_) => acknowledged += 1,
            Err(refusal) => break refusal,
        }
        assert!(acknowledged < 1000, "it is never full");
    };
    assert_eq!(
        (refusal.kind, refusal.reason),
        (Kind::ResourceExhausted, "STORE_FULL"),
        "{refusal}"
    );
    assert!(
        refusal.is_temporary() && !refusal.message.contains("disk is full"),
        "{refusal}"
    );
    // A unit of which only a part would find room leaves nothing. The connection may be another by now, which knows no limit.
    limit(&db, pages + 20).await;
    let half = db
        .write(|c| {
            run(c, "UPDATE t SET x = x + 1000")?;
            (0..50).try_for_each(|_| run(c, "INSERT INTO t VALUES (-1, zeroblob(3000))").map(drop))
        })
        .await;
    assert_eq!(half.unwrap_err().reason, "STORE_FULL");
    assert!(acknowledged > 5);
    assert_eq!(
        ask(&db, "SELECT count(*) AS n FROM t WHERE x BETWEEN 0 AND 999").await,
        acknowledged
    );
    assert_eq!(ask(&db, "SELECT max(x) AS n FROM t").await, acknowledged - 1);
    limit(&db, 1_000_000).await;
    insert(acknowledged).await.unwrap();
    drop(db);
    let again = Db::open(&url, &Options::default()).unwrap();
    assert_eq!(ask(&again, "SELECT count(*) AS n FROM t").await, acknowledged + 1);
}
