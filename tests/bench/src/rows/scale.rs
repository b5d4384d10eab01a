//! Several process servers on one database.

use anyhow::Result;

use super::intake::Platform;
use crate::database;
use crate::field::Field;
use crate::rounds::{Contestant, Measured, run};
use crate::row::{Row, Value};

/// Callers at a time, over all servers.
const IN_FLIGHT: usize = 64;

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let server = field.postgres()?;
    let program = field.strata()?;
    let program = program.to_string_lossy();
    let mut platforms = Vec::new();
    for servers in ["1", "2", "4"] {
        let store = database::make(server, &format!("bench_scale_{servers}")).await?;
        let more = ["--process-servers", servers, "--program", &program];
        let platform = Platform::start(field, &store, &more)?;
        platform.fill(&store).await?;
        platforms.push((platform, store));
    }
    let contestant = |index: usize, name| -> Result<Contestant> { platforms[index].0.one_a_call(name, IN_FLIGHT) };
    let [one, two, four] = run(
        [
            contestant(0, "one server")?,
            contestant(1, "two servers")?,
            contestant(2, "four servers")?,
        ],
        field.effort,
    )
    .await?;
    for (platform, store) in &platforms {
        platform.prove(store).await?;
    }
    Ok(vec![Row {
        id: "process servers".to_owned(),
        what: format!(
            "time handed in, one entry a call, {IN_FLIGHT} in flight, to one, two and four process servers on one PostgreSQL"
        ),
        bound: "one process server, every server a process of its own".to_owned(),
        values: vec![
            Value::told("one", "/s", one.rate()),
            Value::told("two, of one", "x", Measured::ratio(&two.rate, &one.rate)),
            Value::told("four, of one", "x", Measured::ratio(&four.rate, &one.rate)),
            Value::told("p99 of one", "us", crate::rounds::Figure::of(one.p99)),
            Value::told("p99 of four", "us", crate::rounds::Figure::of(four.p99)),
        ],
    }])
}
