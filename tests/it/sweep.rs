//! Every method of every tier refuses what does not fit, names the field, and writes nothing.
//!
//! The methods and fields come from the contracts themselves, so one that is added later is covered, and stands here as a hole
//! when its contract forgets a rule.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use prost_reflect::{Kind, MethodDescriptor, Value};
use strata::allinone::{self, AllInOne};
use strata_contract::google::api::FieldBehavior;
use strata_contract::{Transport, behavior};
use tonic::Code;
use tonic_types::StatusExt;

use crate::dynamic::{MONEY, Place, call, methods};
use crate::mini::empty;

/// A number that no enum of ours has.
const NO_VALUE: i32 = 999;
/// More records than any page may have.
const TOO_MANY: u32 = 100_000;
/// Amounts of these names may be negative: they are credits, reversals, totals of them, or scope that is taken away.
const SIGNED: [&str; 8] = [
    "net",
    "tax",
    "gross",
    "open",
    "expected_tax",
    "bill_amount",
    "cost_amount",
    "added_value",
];

/// What is put where. None: the rule does not look at such a field.
type Rule = fn(&Place) -> Option<Value>;

fn unknown_enum(place: &Place) -> Option<Value> {
    matches!(place.field().kind(), Kind::Enum(_)).then_some(Value::EnumNumber(NO_VALUE))
}

fn oversize_page(place: &Place) -> Option<Value> {
    let page = (place.field().name() == "page_size").then(|| place.field().kind())?;
    Some(match page {
        Kind::Int32 => Value::I32(TOO_MANY as i32),
        _ => Value::U32(TOO_MANY),
    })
}

fn negative_page(place: &Place) -> Option<Value> {
    let is_signed = place.field().name() == "page_size" && place.field().kind() == Kind::Int32;
    is_signed.then_some(Value::I32(-1))
}

fn is_money(place: &Place) -> bool {
    place.field().parent_message().full_name() == MONEY
}

fn absurd_amount(place: &Place) -> Option<Value> {
    (is_money(place) && place.field().name() == "minor_units").then_some(Value::I64(i64::MAX))
}

fn negative_amount(place: &Place) -> Option<Value> {
    let holder = place.holder().map(|field| field.name().to_owned()).unwrap_or_default();
    let is_unsigned = is_money(place) && place.field().name() == "minor_units" && !SIGNED.contains(&holder.as_str());
    is_unsigned.then_some(Value::I64(-1))
}

fn malformed_currency(place: &Place) -> Option<Value> {
    place
        .field()
        .name()
        .ends_with("currency_code")
        .then(|| Value::String("usd".to_owned()))
}

/// Longer than anything people write, and shorter than what the server takes at once.
fn endless_text(place: &Place) -> Option<Value> {
    // What a server says of itself is cleared from requests before anybody reads it.
    let text = place.field().kind() == Kind::String && !behavior::is(place.field(), FieldBehavior::OutputOnly);
    text.then(|| Value::String("x".repeat(100_000)))
}

/// Every tier, and nothing in them.
pub(crate) async fn started(folder: &Path) -> AllInOne {
    allinone::start(&empty(folder)).await.unwrap()
}

/// The server that a method belongs to.
pub(crate) fn server<'a>(all: &'a AllInOne, method: &MethodDescriptor) -> &'a Transport {
    let service = method.parent_service();
    match service.package_name().split('.').collect::<Vec<_>>()[1..3] {
        ["system", "crm"] => &all.below.crm,
        ["system", "psa"] => &all.below.psa,
        ["system", "erp"] => &all.below.erp,
        ["system", "hr"] => &all.below.hr,
        ["master", _] => &all.below.master,
        ["process", _] => &all.installation.process,
        ["experience", _] => &all.installation.experience,
        // Every server has it.
        ["platform", _] => &all.installation.process,
        _ => panic!("no server for {}", service.full_name()),
    }
}

/// Holes in the contracts under a rule, and how many fields it looked at.
async fn sweep(all: &AllInOne, rule: Rule) -> (Vec<String>, usize) {
    let (mut holes, mut looked) = (Vec::new(), 0);
    for method in methods() {
        for place in Place::all(&method.input()) {
            let Some(value) = rule(&place) else { continue };
            looked += 1;
            let answer = call(server(all, &method), &method, place.request(&value)).await;
            let hole = match answer {
                Ok(_) => "is taken".to_owned(),
                Err(refused) if refused.code() != Code::InvalidArgument => format!("ends with {:?}", refused.code()),
                Err(refused) => {
                    let details = refused.get_error_details();
                    let named: Vec<&str> = details
                        .bad_request()
                        .into_iter()
                        .flat_map(|bad| &bad.field_violations)
                        .map(|v| v.field.as_str())
                        .collect();
                    if named.iter().any(|name| place.is_at(name)) {
                        continue;
                    }
                    format!("is not named, only {named:?}")
                }
            };
            holes.push(format!("{}: {} {hole}", method.full_name(), place.name()));
        }
    }
    (holes, looked)
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

/// Rows of each table of the platform, but for the log of who tried what.
fn rows(folder: &Path) -> BTreeMap<String, i64> {
    let mut db = SqliteConnection::establish(&folder.join("strata.db").display().to_string()).unwrap();
    let tables: Vec<Name> = sql_query("SELECT name FROM sqlite_master WHERE type = 'table'")
        .load(&mut db)
        .unwrap();
    let tables = tables.into_iter().filter(|table| table.name != "audit_event");
    let counted = tables.map(|table| {
        let count: Count = sql_query(format!("SELECT count(*) AS count FROM \"{}\"", table.name))
            .get_result(&mut db)
            .unwrap();
        (table.name, count.count)
    });
    counted.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_names_what_does_not_fit_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let all = started(folder.path()).await;
    let before = rows(folder.path());
    let rules: [(&str, Rule, usize); 7] = [
        ("an unknown enum value", unknown_enum, 10),
        ("an oversize page", oversize_page, 15),
        ("a negative page", negative_page, 7),
        ("an absurd amount", absurd_amount, 15),
        ("a negative amount", negative_amount, 10),
        ("a malformed currency", malformed_currency, 15),
        ("an endless text", endless_text, 80),
    ];
    let mut holes = 0;
    for (what, rule, least) in rules {
        let (found, looked) = sweep(&all, rule).await;
        assert!(looked >= least, "{what}: only {looked} fields");
        println!("{what}: {looked} fields, {} holes", found.len());
        for hole in &found {
            println!("  {hole}");
        }
        holes += found.len();
    }
    assert_eq!(holes, 0, "the contracts have holes");
    assert_eq!(rows(folder.path()), before);
    all.stop().await.unwrap();
}
