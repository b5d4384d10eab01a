//! Work of one company's people on another company's contracts, charged between the two.

use serde_json::json;
use strata::Vendor;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::{ExceptionState, OwnerRole};
use strata_contract::strata::process::intercompany::v1::intercompany_service_client::IntercompanyServiceClient;
use strata_contract::strata::process::intercompany::v1::{IntercompanyCharge, ListIntercompanyRequest};
use strata_sandbox::Fault;

use crate::mini::{MONDAY, Mini, text};

/// Sells a contract of the German company, on which the American one works a day.
pub(crate) async fn lend(mini: &Mini) {
    mini.open_company().await;
    let price = json!({"Name": "RL-DE", "Line_Code__c": "RL-DE", "Level__c": "standard", "Level_Key__c": "DE01",
        "Role__c": "consultant", "CurrencyIsoCode": "USD", "Hourly_Rate__c": 160, "Effective_From__c": "2024-01-01"});
    mini.at.create("Rate_Line__c", &price).await;
    let deal = mini.deal("CT-1", &json!({"Legal_Entity__c": "DE01"})).await;
    mini.win(&deal).await;
    mini.settle().await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.settle().await;
}

/// Finance says what an hour costs between the companies.
pub(crate) async fn enter_rate(mini: &Mini) {
    let rate = json!({"custrecord_delivering": {"externalId": "US01"}, "custrecord_contracting": {"externalId": "DE01"},
        "custrecord_role": "consultant", "custrecord_currency": "USD", "custrecord_hourly_rate": 100,
        "custrecord_effective_from": "2024-01-01"});
    mini.at.upsert("customrecord_transfer_rate", "TR-1", &rate).await;
}

pub(crate) async fn january(mini: &Mini) -> IntercompanyCharge {
    let request = ListIntercompanyRequest {
        from_period: "2025-01".into(),
        to_period: "2025-01".into(),
        known_date: None,
    };
    let mut desk = IntercompanyServiceClient::new(mini.all.installation.process.clone());
    let mut charges = desk.list_intercompany(request).await.unwrap().into_inner().charges;
    assert_eq!(charges.len(), 1, "{charges:?}");
    charges.remove(0)
}

/// Minutes, price and what is charged of it, and entries without a rate.
fn numbers(charge: &IntercompanyCharge) -> (i64, i64, i64, u32) {
    let minor = |amount: &Option<strata_contract::strata::common::v1::Money>| amount.as_ref().unwrap().minor_units;
    (
        charge.minutes,
        minor(&charge.amount),
        minor(&charge.charged),
        charge.unpriced_entries,
    )
}

/// Entity, account number and debit less credit of each line between the companies, in the order of the books.
async fn booked(mini: &Mini) -> Vec<(String, String, String)> {
    let accounts = mini.at.suiteql("SELECT id, acctnumber FROM account ORDER BY id").await;
    let entities = mini.at.suiteql("SELECT id, name FROM subsidiary ORDER BY id").await;
    let query = "SELECT id, subsidiary FROM transaction WHERE type = 'Journal' AND externalid LIKE 'ic:%' ORDER BY id";
    let mut lines = Vec::new();
    for head in mini.at.suiteql(query).await {
        let entity = entities.iter().find(|row| row["id"] == head["subsidiary"]).unwrap();
        let query = format!(
            "SELECT account, debitforeignamount, creditforeignamount FROM transactionline WHERE transaction = {} ORDER BY id",
            text(&head["id"])
        );
        for line in mini.at.suiteql(&query).await {
            let account = accounts.iter().find(|row| row["id"] == line["account"]).unwrap();
            let amount = match line.get("debitforeignamount") {
                Some(debit) => text(debit),
                None => format!("-{}", text(&line["creditforeignamount"])),
            };
            lines.push((text(&entity["name"]), text(&account["acctnumber"]), amount));
        }
    }
    lines
}

fn line(entity: &str, account: &str, amount: &str) -> (String, String, String) {
    (entity.to_owned(), account.to_owned(), amount.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_that_is_missing_stops_the_charge_until_finance_enters_it() {
    let mini = Mini::start().await;
    lend(&mini).await;
    mini.until("2025-02-05", 20).await;
    assert_eq!(numbers(&january(&mini).await), (480, 0, 0, 1));
    let exceptions = mini.exceptions().await;
    let [exception] = exceptions.as_slice() else {
        panic!("{exceptions:?}")
    };
    assert_eq!(
        (exception.cause(), exception.owner_role()),
        (Reason::RateNotFound, OwnerRole::Finance)
    );
    assert_eq!(
        (exception.object_kind.as_str(), exception.object_id.as_str()),
        ("transfer_rate", "US01 for DE01: consultant")
    );
    assert_eq!(booked(&mini).await, []);

    enter_rate(&mini).await;
    // The stopped charge is looked at again within a day.
    mini.until("2025-02-06", 9).await;
    let exceptions = mini.exceptions().await;
    assert!(
        exceptions.iter().all(|one| one.state() == ExceptionState::Resolved),
        "{exceptions:?}"
    );
    assert_eq!(numbers(&january(&mini).await), (480, 80_000, 80_000, 0));
    assert_eq!(
        booked(&mini).await,
        [
            line("US01", "1280", "800.00"),
            line("US01", "4200", "-800.00"),
            line("DE01", "5200", "800.00"),
            line("DE01", "2080", "-800.00"),
        ]
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_reverses_both_sides_with_the_next_run() {
    let mini = Mini::start().await;
    lend(&mini).await;
    enter_rate(&mini).await;
    mini.until("2025-02-05", 20).await;
    assert_eq!(numbers(&january(&mini).await), (480, 80_000, 80_000, 0));
    let first = mini.at.list("time_entries", &[]).await;
    let first = text(&first[0]["id"]);
    mini.until("2025-02-10", 10).await;
    let fields = json!({"custom_fields": {"Role": "consultant", "Work Type": "regular", "Write Down Minutes": 0,
        "Supersedes Entry": first}});
    let second = mini.enter(MONDAY, 180, "TE-1b", &fields).await;
    mini.approve(MONDAY, second, "TE-1b").await;
    mini.until("2025-02-11", 10).await;
    assert_eq!(numbers(&january(&mini).await), (180, 30_000, 80_000, 0));
    mini.until("2025-03-05", 20).await;
    assert_eq!(numbers(&january(&mini).await), (180, 30_000, 30_000, 0));
    assert_eq!(
        booked(&mini).await[4..],
        [
            line("US01", "1280", "-500.00"),
            line("US01", "4200", "500.00"),
            line("DE01", "5200", "-500.00"),
            line("DE01", "2080", "500.00"),
        ]
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_whose_answer_was_lost_stands_once() {
    let mini = Mini::start().await;
    lend(&mini).await;
    enter_rate(&mini).await;
    mini.until("2025-02-05", 17).await;
    mini.arm(
        Vendor::NetSuite,
        "PUT /services/rest/record/v1/journalEntry",
        Fault::LoseAnswer,
        2,
    );
    mini.until("2025-02-05", 20).await;
    mini.until("2025-02-06", 9).await;
    assert_eq!(booked(&mini).await.len(), 4);
    assert_eq!(numbers(&january(&mini).await), (480, 80_000, 80_000, 0));
    mini.all.stop().await.unwrap();
}
