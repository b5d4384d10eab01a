//! What a database does when it is only asked to insert.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, ensure};
use strata_store::Db;
use tonic::Request;
use tonic::transport::Endpoint;

use crate::database::{self, run};
use crate::load::Shot;
use crate::record;
use crate::serve::ask;

/// As wide as a row of the ledger.
const TABLE: &str = "CREATE TABLE line (id BIGINT PRIMARY KEY, entry TEXT NOT NULL, project TEXT NOT NULL, minutes INTEGER NOT NULL, \
                     amount BIGINT NOT NULL, body BYTEA NOT NULL)";

/// One row a commit, over so many connections.
pub(super) async fn one_each(url: &str, connections: u32) -> Result<Shot> {
    let db = table(url, connections).await?;
    Ok(inserts(db, 1))
}

/// So many rows a statement and commit, over one connection.
pub(super) async fn batches(url: &str, rows: u64) -> Result<Shot> {
    let db = table(url, 1).await?;
    Ok(inserts(db, rows))
}

async fn table(url: &str, connections: u32) -> Result<Db> {
    let db = database::open(url, connections)?;
    db.write(|c| run(c, TABLE)).await?;
    Ok(db)
}

fn inserts(db: Db, rows: u64) -> Shot {
    let made = Arc::new(AtomicU64::new(0));
    Arc::new(move |_, _| {
        let (db, first) = (db.clone(), made.fetch_add(rows, Ordering::Relaxed));
        Box::pin(async move {
            let values: Vec<String> = (first..first + rows)
                .map(|id| format!("({id}, 'B{id:09}', 'PR-00001', 465, 123450, '\\x{:0200}')", id))
                .collect();
            let statement = format!("INSERT INTO line VALUES {}", values.join(", "));
            db.write(move |c| run(c, &statement)).await?;
            Ok(rows)
        })
    })
}

/// Calls a server in Node that inserts one row for each call.
pub(super) fn by_node(address: &str) -> Result<Shot> {
    let channel = Endpoint::from_shared(format!("http://{address}"))?
        .tcp_nodelay(true)
        .connect_lazy();
    Ok(Arc::new(move |caller, number| {
        let channel = channel.clone();
        Box::pin(async move {
            let message = record::request(caller, number);
            let sent = message.cursor.clone();
            let answer = ask(channel, Request::new(message)).await?.into_inner();
            ensure!(answer.next_cursor == sent, "asked {sent}, answered {}", answer.next_cursor);
            Ok(1)
        })
    }))
}
