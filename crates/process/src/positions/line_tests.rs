#![allow(clippy::unwrap_used)]

use strata_contract::strata::common::v1::Money;
use strata_kernel::Instant;

use super::*;
use crate::billing::posting;

fn owner() -> OwnerRow {
    OwnerRow {
        id: "ctr_1".into(),
        contract_number: "CT-1".into(),
        engagement_id: "eng_1".into(),
        customer_id: "cus_1".into(),
        legal_entity_code: "US01".into(),
        lead_project_code: "PR-1".into(),
    }
}

fn entry(considered: bool) -> TimeEntryRow {
    TimeEntryRow {
        id: "7".into(),
        employee_id: "emp_1".into(),
        project_id: "prj_2".into(),
        project_code: "PR-2".into(),
        contract_id: "ctr_1".into(),
        engagement_id: "eng_1".into(),
        work_date: "2025-01-31".parse().unwrap(),
        approved_on: "2025-02-03".parse().unwrap(),
        first_run: considered.then(|| "2025-02-05".parse().unwrap()),
        reference: "TE-7".into(),
        correlation_id: String::new(),
    }
}

fn amount(currency: &str, minor_units: i64) -> Option<Money> {
    Some(Money {
        currency_code: currency.into(),
        minor_units,
    })
}

fn posted(key: &str, minutes: i32, bill: Option<i64>, (currency, cost): (&str, i64), state: &str) -> PostingRow {
    let body = TimePosting {
        key: key.into(),
        minutes,
        billable_minutes: minutes,
        bill_amount: bill.and_then(|minor| amount("USD", minor)),
        cost_amount: amount(currency, cost),
        ..TimePosting::default()
    };
    let now: Instant = "2025-02-03T09:00:00Z".parse().unwrap();
    PostingRow {
        state: state.into(),
        ..PostingRow::intended(posting::TIME, key, "TE-7", body.encode_to_vec(), now)
    }
}

/// Entries, minutes and amount unbilled; value; minutes and amount of cost.
fn time(postings: &[PostingRow], considered: bool, states: &[&str]) -> Vec<(i64, i64, i64, i64, i64, i64)> {
    let states: Vec<String> = states.iter().map(|state| (*state).to_owned()).collect();
    let lines = of_time(&entry(considered), postings, &states, &owner()).unwrap();
    assert!(
        lines
            .iter()
            .all(|line| line.period == "2025-01" && line.project_code == "PR-2")
    );
    let figures = |line: &PositionLine| {
        (
            line.unbilled_entries,
            line.unbilled_minutes,
            line.unbilled_minor,
            line.value_minor,
            line.cost_minutes,
            line.cost_minor,
        )
    };
    lines.iter().map(figures).collect()
}

#[test]
fn time_is_unbilled_until_its_document_is_in_the_books() {
    let postings = [posted("time:7:v1", 60, Some(16_000), ("USD", 7_000), "INTENDED")];
    let (open, billed) = ((1, 60, 16_000, 16_000, 60, 7_000), (0, 0, 0, 16_000, 60, 7_000));
    for (considered, states, expected) in [
        (false, &[][..], open),
        (true, &["RELEASED"], open),
        (true, &["POSTED"], billed),
        (true, &["PAID"], billed),
        // Credited and billed anew: what waits is an adjustment, not unbilled time.
        (true, &["POSTED", "RELEASED"], billed),
        // A run found that there is nothing to bill of it.
        (true, &[], billed),
    ] {
        assert_eq!(time(&postings, considered, states), [expected], "{considered} {states:?}");
    }
}

#[test]
fn a_correction_takes_back_what_was_before_and_what_is_left_out_counts_for_nothing() {
    let usd = |cost| ("USD", cost);
    let mut postings = vec![
        posted("time:7:v1", 60, Some(16_000), usd(7_000), "CONFIRMED"),
        posted("time:7:v1:reversal", -60, Some(-16_000), usd(-7_000), "SENT"),
        posted("time:7:v2", 90, Some(24_000), usd(10_500), "UNKNOWN"),
    ];
    assert_eq!(time(&postings, false, &[]), [(1, 90, 24_000, 24_000, 90, 10_500)]);
    "SKIPPED".clone_into(&mut postings[2].state);
    assert_eq!(time(&postings, false, &[]), [], "taken back, and the correction left out");
    assert_eq!(time(&[], false, &[]), [], "not priced yet");
}

#[test]
fn currencies_stay_apart() {
    let abroad = [posted("time:7:v1", 60, Some(16_000), ("INR", 90_000), "CONFIRMED")];
    let lines = of_time(&entry(false), &abroad, &[], &owner()).unwrap();
    let codes = |line: &PositionLine| (line.currency_code.clone(), line.cost_currency_code.clone());
    assert_eq!(
        lines.iter().map(codes).collect::<Vec<_>>(),
        [("USD".to_owned(), "INR".to_owned())]
    );
    // A person who moved to another company between two versions is paid in two currencies.
    let moved = [
        posted("time:7:v1", 60, Some(16_000), ("EUR", 6_000), "CONFIRMED"),
        posted("time:7:v2", 30, Some(8_000), ("USD", 3_500), "CONFIRMED"),
    ];
    assert_eq!(
        time(&moved, false, &[]),
        [(1, 90, 24_000, 24_000, 60, 6_000), (0, 0, 0, 0, 30, 3_500)]
    );
    // Work on a fee has no value of its own.
    let fee = [posted("time:7:v1", 60, None, ("USD", 7_000), "CONFIRMED")];
    assert_eq!(time(&fee, false, &[]), [(0, 0, 0, 0, 60, 7_000)]);
}

fn document(state: &str, net: i64) -> DocumentRow {
    DocumentRow {
        key: "inv:CT-1:2025-01".into(),
        engagement_id: "eng_1".into(),
        contract_id: "ctr_1".into(),
        contract_number: "CT-1".into(),
        period: "2025-01".into(),
        credit_memo: net < 0,
        state: state.into(),
        number: String::new(),
        erp_id: String::new(),
        issue_date: "2025-02-05".parse().unwrap(),
        due_date: "2025-03-07".parse().unwrap(),
        currency_code: "USD".into(),
        net,
        tax: 0,
        gross: net,
        open: net,
        line_count: 2,
        correlation_id: String::new(),
        timing: "ARREARS".into(),
        customer_id: String::new(),
        legal_entity_code: String::new(),
    }
}

#[test]
fn a_document_adds_exactly_its_net_whatever_its_lines_say() {
    let line = |line_no, source: &str, minor_units| DocumentLineRow {
        document_key: "inv:CT-1:2025-01".into(),
        line_no,
        contract_id: "ctr_1".into(),
        kind: "time".into(),
        source: source.into(),
        minor_units,
    };
    let lines = [line(1, "time:7", 16_000), line(2, "cap:CT-1", -1_000)];
    let projects = BTreeMap::from([("time:7".to_owned(), "PR-2".to_owned())]);
    let billed = |state: &str, net| -> Vec<(String, i64)> {
        let lines = of_document(&document(state, net), &lines, &projects, &owner()).unwrap();
        assert!(lines.iter().all(|line| line.period == "2025-02" && line.state == state));
        lines.into_iter().map(|line| (line.project_code, line.billed_minor)).collect()
    };
    let of = |lead, other| vec![("PR-1".to_owned(), lead), ("PR-2".to_owned(), other)];
    assert_eq!(billed("POSTED", 15_000), of(-1_000, 16_000));
    assert_eq!(
        billed("POSTED", 15_003),
        of(-997, 16_000),
        "what the books make of it is the lead project's"
    );
    assert_eq!(billed("VOIDED", 15_000), [("PR-1".to_owned(), 0)]);
}
