//! Three tiers one behind the other, beside tonic alone.

use anyhow::Result;

use super::calls::contestant;
use crate::child::Server;
use crate::field::Field;
use crate::rounds::{Measured, run};
use crate::row::{Row, Value};

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    Ok(vec![together(field).await?, apart(field).await?])
}

/// All tiers in one process.
async fn together(field: &Field) -> Result<Row> {
    let (bare, tiers) = (Server::start(&["bare"])?, field.governed(&["--tiers", "3"])?);
    let [bare, tiers] = run(
        [contestant("bare", &bare, 32)?, contestant("three tiers", &tiers, 32)?],
        field.effort,
    )
    .await?;
    Ok(Row {
        id: "three tiers, one process".to_owned(),
        what: "a read that goes through three servers of ours in one process, 32 in flight".to_owned(),
        bound: "one bare tonic echo".to_owned(),
        values: vec![
            Value::told("bound", "/s", bare.rate()),
            Value::told("ours", "/s", tiers.rate()),
            Value::at_least("of its calls/s", "x", Measured::ratio(&tiers.rate, &bare.rate), 0.50),
        ],
    })
}

/// Each tier a process of its own.
async fn apart(field: &Field) -> Result<Row> {
    let third = Server::start(&["bare"])?;
    let second = Server::start(&["bare", "--next", third.address()])?;
    let bare = Server::start(&["bare", "--next", second.address()])?;
    let system = field.governed(&[])?;
    let process = field.governed(&["--next", system.address()])?;
    let experience = field.governed(&["--next", process.address()])?;
    let pair = |in_flight| {
        Ok::<_, anyhow::Error>([
            contestant("three bare hops", &bare, in_flight)?,
            contestant("three processes", &experience, in_flight)?,
        ])
    };
    let [bare_busy, ours_busy] = run(pair(32)?, field.effort).await?;
    let [bare_alone, ours_alone] = run(pair(1)?, field.effort).await?;
    let more = |ours: &Measured, bare: &Measured| {
        let mut more = Measured::more(&ours.p99, &bare.p99);
        for value in [&mut more.median, &mut more.low, &mut more.high] {
            *value /= 1000.0;
        }
        more
    };
    Ok(Row {
        id: "three tiers, three processes".to_owned(),
        what: "the same over TCP, each server with a token of its own and the caller's beside it; 32 in flight, and 1".to_owned(),
        bound: "three bare tonic hops over TCP".to_owned(),
        values: vec![
            Value::told("bound", "/s", bare_busy.rate()),
            Value::told("ours", "/s", ours_busy.rate()),
            Value::at_least("of its calls/s", "x", Measured::ratio(&ours_busy.rate, &bare_busy.rate), 0.80),
            Value::at_most("p99 more, 1 in flight", "ms", more(&ours_alone, &bare_alone), 3.0),
            Value::at_most("p99 more, 32 in flight", "ms", more(&ours_busy, &bare_busy), 3.0),
        ],
    })
}
