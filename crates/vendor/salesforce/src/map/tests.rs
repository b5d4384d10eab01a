#![allow(clippy::unwrap_used)]
use serde_json::{Map, json};

use super::*;

/// Sample JSON as it comes over the wire: numbers keep their text.
fn row(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn with(mut row: Value, field: &str, value: Value) -> Value {
    row[field] = value;
    row
}

fn deal() -> Value {
    row(
        r#"{"attributes":{"type":"Opportunity"},"Id":"006xx000001Sv6g","Name":"Acme rollout","AccountId":"001xx000003DGb2AAG",
        "StageName":"Closed Won","IsWon":true,"IsClosed":true,"CloseDate":"2026-03-02","Amount":1.200005E5,
        "CurrencyIsoCode":"USD","Engagement_Id__c":null,"SystemModstamp":"2026-03-02T09:14:07.000+0000"}"#,
    )
}

fn line() -> Value {
    row(
        r#"{"Id":"a02000000000001AAA","Line_Code__c":"RL-1","Level__c":"customer","Level_Key__c":"001xx000003DGb2","Role__c":"*",
        "CurrencyIsoCode":"KWD","Hourly_Rate__c":120.500,"Effective_From__c":"2026-01-01","Effective_To__c":null,
        "CreatedDate":"2026-01-31T08:00:00.000+0000"}"#,
    )
}

fn contract() -> Value {
    row(
        r#"{"Id":"800000000000001AAA","Status":"Activated","StartDate":"2026-01-01","EndDate":"2026-12-31",
        "CurrencyIsoCode":"JPY","Contract_Code__c":"CT-00001","Contract_Type__c":"time_capped","Revenue_Method__c":null,
        "Legal_Entity__c":"JP01","Signed_On__c":"2025-12-20","Increment_Minutes__c":15.0,"Rounding_Mode__c":"half_up",
        "Minimum_Minutes__c":30,"Overtime_Percent__c":150,"Expense_Markup_Percent__c":null,"Cap_Amount__c":9000000}"#,
    )
}

#[test]
fn ids_get_the_letters_that_carry_their_case() {
    // The pair is the vendor's own example of both forms.
    assert_eq!(id18("001xx000003DGb2"), "001xx000003DGb2AAG");
    assert_eq!(id18("001xx000003DGb2AAG"), "001xx000003DGb2AAG");
    assert_eq!(id18("US01"), "US01");
    assert!(!is_id("006' OR Id != ''") && is_id("006xx000001Sv6gAAC"));
}

#[test]
fn a_deal_is_read_exactly() {
    let read = opportunity(&deal()).unwrap();
    assert_eq!(
        (read.id.as_str(), read.account_id.as_str()),
        ("006xx000001Sv6gAAC", "001xx000003DGb2AAG")
    );
    assert!(read.won && read.closed && read.engagement_id.is_empty());
    assert_eq!(read.amount.unwrap().minor_units, 12_000_050);
    assert_eq!(read.modified_time.unwrap().seconds, 1_772_442_847);
    for (field, value) in [
        ("IsWon", json!(null)),
        ("IsWon", json!("yes")),
        ("SystemModstamp", json!("yesterday")),
        ("Amount", row("0.005")),
        ("CurrencyIsoCode", json!(null)),
        ("CloseDate", json!("03/02/2026")),
    ] {
        let misfit = opportunity(&with(deal(), field, value)).unwrap_err();
        assert!(misfit.field == field || misfit.field == "Amount", "{misfit}");
    }
}

#[test]
fn a_sale_says_less_rather_than_failing() {
    let odd = with(
        with(contract(), "Cap_Amount__c", row("0.5")),
        "Increment_Minutes__c",
        json!(-3),
    );
    let read = forgiving(&odd, terms).unwrap();
    assert_eq!((read.cap, read.increment_minutes, read.minimum_minutes), (None, 0, 30));
    let no_currency = with(contract(), "CurrencyIsoCode", json!("???"));
    let read = forgiving(&no_currency, terms).unwrap();
    assert_eq!((read.currency_code.as_str(), read.cap), ("", None));
    // A required field that is missing cannot be taken as not said.
    assert_eq!(
        forgiving(&with(deal(), "IsWon", json!("yes")), opportunity)
            .unwrap_err()
            .field,
        "IsWon"
    );
    assert!(forgiving(&Value::Null, account).is_err());
}

#[test]
fn terms_keep_what_is_said_and_nothing_else() {
    let read = terms(&contract()).unwrap();
    assert_eq!(read.r#type(), common::ContractType::TimeCapped);
    assert_eq!(read.revenue_method(), common::RevenueMethod::Unspecified);
    assert_eq!(read.rounding_mode(), common::RoundingMode::HalfUp);
    assert_eq!((read.increment_minutes, read.overtime_multiplier_percent), (15, 150));
    assert_eq!(read.cap.unwrap().minor_units, 9_000_000, "yen have no decimals");
    assert_eq!((read.contract_value, read.prepaid_amount), (None, None));
    assert_eq!(read.signed_date.unwrap().day, 20);
    let draft = terms(&with(contract(), "Status", json!("Draft"))).unwrap();
    assert_eq!(draft.signed_date, None);
    let unknown = terms(&with(contract(), "Contract_Type__c", json!("barter"))).unwrap();
    assert_eq!(unknown.r#type(), common::ContractType::Unspecified);
}

#[test]
fn accounts_and_plans() {
    let read = account(&row(
        r#"{"Id":"001xx000003DGb2","Name":"Acme","BillingCountry":"DE","CurrencyIsoCode":"EUR","Payment_Terms_Days__c":30.0}"#,
    ))
    .unwrap();
    assert_eq!(
        (read.country_code.as_str(), read.vat_id_valid, read.payment_terms_days),
        ("DE", None, Some(30))
    );
    let named = with(row(r#"{"Id":"001xx000003DGb2"}"#), "BillingCountry", json!("Germany"));
    assert_eq!(account(&named).unwrap_err().field, "BillingCountry");
    let planned = project(&row(
        r#"{"Project_Code__c":"PR-1","Name":"P","Roles__c":"analyst; partner;"}"#,
    ))
    .unwrap();
    assert_eq!(planned.roles, ["analyst", "partner"]);
    assert!(
        task(&row(r#"{"Task_Code__c":"PR-1-T1","Name":"T","Billable__c":true}"#))
            .unwrap()
            .billable
    );
}

#[test]
fn rate_lines_fit_their_contract_or_are_named() {
    let read = rate_line(&line()).unwrap();
    assert_eq!((read.id.as_str(), read.level_key.as_str()), ("RL-1", "001xx000003DGb2AAG"));
    assert_eq!((read.hourly_rate.as_str(), read.effective_end_date), ("120.5", None));
    assert_eq!(read.recorded_time.unwrap().seconds, 1_769_846_400);
    let standard = with(with(line(), "Level__c", json!("standard")), "Level_Key__c", json!("US01"));
    assert_eq!(rate_line(&standard).unwrap().level_key, "US01");
    for (field, value, named) in [
        ("Level__c", json!("galaxy"), "Level__c"),
        ("Hourly_Rate__c", row("-1"), "Hourly_Rate__c"),
        ("Hourly_Rate__c", row("0.1234567891"), "hourly_rate"),
        ("Effective_From__c", json!(null), "Effective_From__c"),
        ("Line_Code__c", json!("x".repeat(65)), "id"),
        ("CurrencyIsoCode", json!("XAU"), "CurrencyIsoCode"),
    ] {
        assert_eq!(rate_line(&with(line(), field, value)).unwrap_err().field, named);
    }
}

#[test]
fn amendments_carry_their_rates_or_are_named() {
    let signed = row(
        r#"{"Id":"a03000000000001AAA","Amendment_Code__c":"AM-1","Contract_Code__c":"CT-00001","Kind__c":"rates",
        "Effective_From__c":"2026-07-01","Signed_On__c":"2026-06-15","CurrencyIsoCode":"USD","Cap_Amount__c":null,
        "Added_Value__c":null,"SystemModstamp":"2026-06-15T10:00:00.000+0000"}"#,
    );
    let rate = row(r#"{"Id":"a04000000000001AAA","Amendment__c":"a03000000000001AAA","Role__c":"analyst","Hourly_Rate__c":130}"#);
    let read = amendment(&signed, &[&rate]).unwrap();
    assert_eq!(
        (read.rates[0].hourly_rate.as_str(), read.rates[0].currency_code.as_str()),
        ("130", "USD")
    );
    let bad = with(rate, "Hourly_Rate__c", json!(null));
    assert_eq!(
        amendment(&signed, &[&bad]).unwrap_err().field,
        "Amended_Rate__c.Hourly_Rate__c"
    );
    let cap = with(with(signed.clone(), "Kind__c", json!("cap")), "Cap_Amount__c", row("5000.25"));
    assert_eq!(amendment(&cap, &[]).unwrap().cap.unwrap().minor_units, 500_025);
    assert_eq!(
        amendment(&with(signed, "Signed_On__c", json!(null)), &[]).unwrap_err().field,
        "Signed_On__c"
    );
}

#[test]
fn milestones_fit_their_contract_or_are_named() {
    let agreed = row(
        r#"{"Id":"a06000000000001AAA","Name":"milestone 1","Milestone_Code__c":"CT-00001-M1","Contract_Code__c":"CT-00001",
        "Amount__c":6500340,"CurrencyIsoCode":"JPY","Planned_On__c":"2026-04-08","Amendment_Code__c":null,"Sequence__c":1.0,
        "CreatedDate":"2026-01-31T08:00:00.000+0000"}"#,
    );
    let read = milestone(&agreed).unwrap();
    assert_eq!(
        (read.code.as_str(), read.contract_number.as_str(), read.name.as_str()),
        ("CT-00001-M1", "CT-00001", "milestone 1")
    );
    assert_eq!(read.amount.unwrap().minor_units, 6_500_340, "yen have no decimals");
    assert_eq!((read.sequence, read.amendment_number.as_str()), (1, ""));
    assert_eq!(
        (read.planned_date.unwrap().day, read.recorded_time.unwrap().seconds),
        (8, 1_769_846_400)
    );
    let added = with(
        with(agreed.clone(), "Amendment_Code__c", json!("AM-1")),
        "Planned_On__c",
        json!(null),
    );
    let read = milestone(&added).unwrap();
    assert_eq!((read.amendment_number.as_str(), read.planned_date), ("AM-1", None));
    for (field, value, named) in [
        ("Milestone_Code__c", json!(null), "Milestone_Code__c"),
        ("Milestone_Code__c", json!("x".repeat(65)), "code"),
        ("Contract_Code__c", json!(""), "Contract_Code__c"),
        ("Amount__c", json!(null), "Amount__c"),
        ("Amount__c", row("-1"), "Amount__c"),
        ("Amount__c", row("0.5"), "Amount__c"),
        ("CurrencyIsoCode", json!(null), "Amount__c"),
        ("Planned_On__c", json!("soon"), "Planned_On__c"),
        ("Sequence__c", row("-1"), "Sequence__c"),
        ("CreatedDate", json!(null), "CreatedDate"),
    ] {
        assert_eq!(
            milestone(&with(agreed.clone(), field, value)).unwrap_err().field,
            named,
            "{field}"
        );
    }
}

#[test]
fn no_row_makes_a_map_function_panic() {
    let odd = [
        json!(null),
        json!([]),
        json!({}),
        json!("x"),
        json!(true),
        json!(-1),
        json!({"a": {"b": 1}}),
    ];
    let names = [
        "Id",
        "IsWon",
        "Amount",
        "CurrencyIsoCode",
        "Level__c",
        "Roles__c",
        "Hourly_Rate__c",
        "CloseDate",
        "Kind__c",
        "Amount__c",
        "Sequence__c",
    ];
    for name in names {
        for value in &odd {
            let mut fields = Map::new();
            fields.insert(name.to_owned(), value.clone());
            let row = Value::Object(fields);
            let _ = (
                opportunity(&row),
                account(&row),
                terms(&row),
                project(&row),
                task(&row),
                rate_line(&row),
            );
            let _ = amendment(&row, &[&row]);
            let _ = milestone(&row);
            let _ = forgiving(&row, terms).unwrap_or_default();
        }
    }
}
