//! What an hour costs, what a person is paid and the secrets of the vendors are numbers and texts that nothing else has. They are looked for
//! wherever the platform tells something without being asked by somebody who may know: exported traces, metrics and logs, events, exceptions
//! and what was done about them, the story, the audit log, the details of refusals. Answers and log lines: `tests/it/redaction.rs`.
#![allow(clippy::unwrap_used)]
// The mini platform and the callers are shared with the other tests, which use more of them.
#![allow(dead_code)]

mod collector;
#[path = "../it/database.rs"]
mod database;
#[path = "../it/dynamic.rs"]
mod dynamic;
#[path = "../it/mini/mod.rs"]
mod mini;

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};
use prost_reflect::DynamicMessage;
use serde_json::json;
use strata::Role;
use strata_contract::strata::process::exception::v1::RetryExceptionRequest;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_store::{Conn, db_error};
use strata_telemetry::TelemetrySettings;

use crate::collector::Collector;
use crate::mini::Mini;

/// What an hour of the person costs: what HR pays for it.
const PAY: &str = "76543.21";
/// The same in cents.
const CENTS: u64 = 7_654_321;
/// What an hour and a half of work costs, in cents, rounded either way.
const WORK: [u64; 2] = [11_481_481, 11_481_482];
/// Secrets of the platform's accounts at the vendors, as they are and as they are sent.
const SECRETS: [&str; 3] = ["sandbox-secret", "strata-refresh", "c3RyYXRhOnNhbmRib3gtc2VjcmV0"];
/// Tables whose rows are told: to consumers, to people at a desk, to auditors.
const TOLD: [&str; 12] = [
    "outbox",
    "dead_letter",
    "event_plan",
    "event_plan_item",
    "exception",
    "exception_action",
    "bulk_action",
    "bulk_item",
    "hand_off",
    "finding",
    "audit_event",
    "audit_seal",
];

/// Which of the canaries stands in bytes.
fn canary(bytes: &[u8]) -> Option<String> {
    let has = |form: &[u8]| bytes.windows(form.len()).any(|part| part == form);
    let amounts = [CENTS, WORK[0], WORK[1]];
    let texts = amounts.iter().flat_map(|cents| {
        let major = format!("{}.{:02}", cents / 100, cents % 100);
        [cents.to_string(), major]
    });
    let mut texts: Vec<String> = texts.chain(SECRETS.map(str::to_owned)).chain([PAY.to_owned()]).collect();
    texts.retain(|text| has(text.as_bytes()));
    let varint = amounts.iter().find(|cents| {
        let mut form = Vec::new();
        prost::encoding::encode_varint(**cents, &mut form);
        has(&form)
    });
    texts
        .into_iter()
        .next()
        .or_else(|| varint.map(|cents| format!("{cents} as a varint")))
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of a table as text. What is bytes stands there as hexadecimal digits, and is read back.
fn rows(conn: &mut diesel::SqliteConnection, table: &str) -> Vec<Vec<u8>> {
    let query = |text: String, conn: &mut diesel::SqliteConnection| -> Vec<String> {
        let lines: Vec<Line> = diesel::sql_query(text).load(conn).unwrap();
        lines.into_iter().map(|line| line.line).collect()
    };
    let columns = query(format!("SELECT name AS line FROM pragma_table_info('{table}')"), conn);
    assert!(!columns.is_empty(), "there is no table {table}");
    let all = columns
        .iter()
        .map(|name| format!("hex(coalesce(\"{name}\", ''))"))
        .collect::<Vec<_>>();
    let lines = query(format!("SELECT {} AS line FROM {table}", all.join(" || '0A' || ")), conn);
    lines.iter().map(|line| unhex(line)).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// A month of work that is billed and paid in part, an exception that somebody takes up, and books that are compared.
async fn live(mini: &Mini) {
    mini.sell("CT-1").await;
    mini.until("2025-01-07", 9).await;
    mini.work("2025-01-06", 90, "TE-1").await;
    mini.spend("2025-01-06", 99_900, "EX-1").await;
    mini.enter(
        "2025-01-07",
        60,
        "TE-2",
        &json!({"custom_fields": {"Role": "nobody", "Work Type": "regular", "Write Down Minutes": 0}}),
    )
    .await;
    mini.until("2025-01-08", 9).await;
    mini.until("2025-02-12", 20).await;
    mini.pay("PY-1", 100).await;
    mini.until("2025-02-13", 9).await;
    let exception = mini.exceptions().await.remove(0);
    let mut desk = ExceptionServiceClient::new(mini.all.installation.process.clone());
    let request = RetryExceptionRequest {
        exception_id: exception.id,
        actor: "eva@firm.example".into(),
        reason: "once more".into(),
        request_id: "retry-1".into(),
        ..RetryExceptionRequest::default()
    };
    desk.retry_exception(request).await.unwrap();
    mini.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_work_costs_and_every_secret_stays_out_of_what_is_told_unasked() {
    let (collector, endpoint) = Collector::start().await;
    let settings = TelemetrySettings {
        log: "error".into(),
        otlp_endpoint: Some(endpoint),
        ..TelemetrySettings::default()
    };
    let telemetry = strata_telemetry::init(&settings, "sinks").unwrap();
    let mini = Mini::start_paying(PAY).await;
    live(&mini).await;

    let (mut leaks, mut refusals) = (Vec::new(), 0);
    let mut look = |sink: &str, bytes: &[u8]| {
        if let Some(found) = canary(bytes) {
            leaks.push(format!("{sink}: {found} in {}", String::from_utf8_lossy(bytes)));
        }
    };
    // Refusals, by every method, of a request that says nothing.
    let edge = mini.all.installation.addresses.of(Role::Experience).unwrap();
    let edge = strata_rpc::connect(&edge.to_string()).unwrap();
    for method in dynamic::methods() {
        let asked = dynamic::call(&edge, &method, DynamicMessage::new(method.input())).await;
        if let Err(status) = asked {
            refusals += 1;
            look(method.full_name(), status.message().as_bytes());
            look(method.full_name(), status.details());
        }
    }
    // The cost is there to be found: it is posted with the time.
    let (mut told, mut kept) = (Vec::new(), 0);
    let tables = mini.store();
    let dump = tables.read(|conn| match conn {
        Conn::Lite(conn) => {
            let told = TOLD.map(|table| (table, rows(conn, table)));
            Ok((told, rows(conn, "cost_rate")))
        }
        Conn::Pg(_) => Err(db_error(diesel::result::Error::NotFound)),
    });
    let (dumped, costs) = dump.await.unwrap();
    assert!(
        costs.iter().any(|row| canary(row).is_some()),
        "the canary is not in the platform at all"
    );
    for (table, rows) in &dumped {
        told.push(format!("{table} {}", rows.len()));
        rows.iter().for_each(|row| look(table, row));
    }
    mini.all.stop().await.unwrap();
    assert!(telemetry.shutdown().await, "not everything was exported");
    let mut exported = std::collections::BTreeMap::<&str, usize>::new();
    for (what, bytes) in collector.kept() {
        kept += bytes.len();
        *exported.entry(what).or_default() += 1;
        look(what, &bytes);
    }
    println!(
        "{refusals} refusals; rows: {}; {kept} bytes exported: {exported:?}",
        told.join(", ")
    );
    assert_eq!(leaks, Vec::<String>::new());
    assert!(
        exported.len() == 3 && kept > 50_000 && refusals > 50,
        "{exported:?} {kept} {refusals}"
    );
    for table in ["outbox", "exception", "exception_action", "hand_off", "audit_event"] {
        let (_, rows) = dumped.iter().find(|(name, _)| *name == table).unwrap();
        assert!(!rows.is_empty(), "{table} is empty, so nothing is shown");
    }
}
