//! Pages of sums over a million lines, by many readers, while a burst is written.

use std::time::Duration;

use anyhow::{Result, ensure};
use strata_load::{Plan, dashboards};

use crate::database;
use crate::field::Field;
use crate::rounds::Figure;
use crate::row::{Row, Value};

/// How long is read, for each second that a contestant of other rows has.
const READ: u32 = 7;

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let store = database::make(field.postgres()?, "bench_dashboards").await?;
    let plan = Plan {
        time: field.effort.lasts * READ,
        ..Plan::default()
    };
    let measured = dashboards(&store, &plan).await?;
    ensure!(
        measured.differing == 0,
        "{} sums or lines differ from their facts",
        measured.differing
    );
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let slowest = measured.questions.values().map(|took| ms(took.p99)).fold(0.0, f64::max);
    let middle = measured.questions.values().map(|took| ms(took.p50)).fold(0.0, f64::max);
    let (written, behind) = measured.burst;
    Ok(vec![Row {
        id: "dashboards".to_owned(),
        what: format!(
            "first pages of unbilled, in progress and margin, by project, contract, customer and month, over {} lines; {} readers with \
             {} ms between two questions, while {written} lines were written. In the end every sum is compared with its facts",
            measured.lines,
            plan.readers,
            plan.think.as_millis()
        ),
        bound: "the unbilled amount of every project by a scan of an index that covers it, one reader, nothing written"
            .to_owned(),
        values: vec![
            Value::told("bound p50", "ms", Figure::once(ms(measured.scan.p50))),
            Value::told("slowest question p50", "ms", Figure::once(middle)),
            Value::at_most("slowest question p99", "ms", Figure::once(slowest), 50.0),
            Value::told("most behind the facts", "s", Figure::once(behind as f64)),
            Value::told(
                "all added up for the first time",
                "s",
                Figure::once(measured.built.as_secs_f64()),
            ),
        ],
    }])
}
