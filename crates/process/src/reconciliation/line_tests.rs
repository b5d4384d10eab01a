#![allow(clippy::unwrap_used)]
use super::*;

fn at(text: &str) -> NaiveDateTime {
    text.parse::<strata_kernel::Instant>().unwrap().naive_utc()
}

fn view(kind: &'static str) -> View<'static> {
    View {
        period: "2025-01",
        kind,
        since: Some(at("2025-01-10T12:00:00Z")),
        now: at("2025-01-10T13:00:00Z"),
        scan: 1,
    }
}

fn posted(key: &str, state: &str, minutes: i64, minor_units: i64) -> PostingRow {
    let now = "2025-01-09T09:00:00Z".parse().unwrap();
    PostingRow {
        state: state.to_owned(),
        reason: if matches!(state, "REJECTED" | "HELD") {
            "PERIOD_CLOSED".to_owned()
        } else {
            String::new()
        },
        currency_code: "USD".to_owned(),
        minutes,
        minor_units,
        posting_date: Some("2025-01-07".parse().unwrap()),
        period: "2025-01".to_owned(),
        ..PostingRow::intended(posting::TIME, key, "TE-7", Vec::new(), now)
    }
}

fn record(system: &str, id: &str, key: &str, minutes: i64, minor_units: i64) -> BookRow {
    BookRow {
        system: system.to_owned(),
        kind: posting::TIME.to_owned(),
        vendor_id: id.to_owned(),
        month: "2025-01".to_owned(),
        posting_key: key.to_owned(),
        line: "7".to_owned(),
        supersedes: String::new(),
        subject: "TE-7".to_owned(),
        period: "2025-01".to_owned(),
        day: "2025-01-07".parse().unwrap(),
        currency_code: if system == ERP { "USD".to_owned() } else { String::new() },
        minutes,
        minor_units,
        changed_at: None,
        scan: 1,
    }
}

fn approved(minutes: i64) -> Option<Approved> {
    Some(Approved {
        minutes,
        day: "2025-01-07".parse().unwrap(),
        at: at("2025-01-08T09:00:00Z"),
        reference: "TE-7".to_owned(),
        project_code: "PR-1".to_owned(),
        engagement_id: "eng".to_owned(),
        correlation_id: "cor".to_owned(),
    })
}

/// One hour that is everywhere as it should be.
fn whole() -> Facts {
    Facts {
        approved: approved(60),
        postings: vec![posted("time:7:v1", "CONFIRMED", 60, 16_000)],
        records: vec![record(PSA, "7", "", 60, 0), record(ERP, "1", "time:7:v1", 60, 16_000)],
        stopped: None,
    }
}

/// The equation holds of every row, whatever is wrong.
fn only(facts: &Facts) -> LineRow {
    let [row] = rows("7", facts, view(posting::TIME)).try_into().unwrap();
    assert_eq!(
        row.approved_minutes,
        row.posted_minutes + row.in_flight_minutes + row.excepted_minutes,
        "{row:?}"
    );
    assert_eq!(
        row.approved_minor,
        row.posted_minor + row.in_flight_minor + row.excepted_minor,
        "{row:?}"
    );
    row
}

fn says(facts: &Facts) -> (String, String) {
    let row = only(facts);
    (row.state, row.difference)
}

fn differs(kind: &str) -> (String, String) {
    ("DIFFERS".to_owned(), kind.to_owned())
}

fn stands(state: &str) -> (String, String) {
    (state.to_owned(), String::new())
}

#[test]
fn what_is_everywhere_agrees() {
    let row = only(&whole());
    assert_eq!(
        (row.state.as_str(), row.unexplained_minutes, row.unexplained_minor),
        ("AGREES", 0, 0)
    );
    let mut corrected = whole();
    corrected.approved = approved(45);
    corrected
        .postings
        .push(posted("time:7:v1:reversal", "CONFIRMED", -60, -16_000));
    corrected.postings.push(posted("time:7:v2", "RESOLVED", 45, 12_000));
    corrected.records.push(record(ERP, "2", "time:7:v1:reversal", -60, -16_000));
    corrected.records.push(record(ERP, "3", "time:7:v2", 45, 12_000));
    let correction = BookRow {
        supersedes: "7".to_owned(),
        ..record(PSA, "8", "", 45, 0)
    };
    corrected.records.push(correction);
    assert_eq!(says(&corrected), stands("AGREES"));
}

#[test]
fn each_damage_has_its_name() {
    let mut gone = whole();
    gone.records.pop();
    assert_eq!(says(&gone), differs("MISSING_IN_ERP"));
    assert_eq!(only(&gone).unexplained_minutes, -60);
    let mut copied = whole();
    copied.records.push(record(ERP, "2", "", 60, 16_000));
    assert_eq!(says(&copied), differs("DUPLICATE_IN_ERP"));
    let mut twice = whole();
    twice.records.push(record(ERP, "2", "time:7:v1", 60, 16_000));
    assert_eq!(says(&twice), differs("DUPLICATE_IN_ERP"));
    for (minutes, minor, kind) in [(90, 16_000, "MINUTES_DIFFER"), (60, 15_999, "AMOUNT_DIFFERS")] {
        let mut changed = whole();
        changed.records[1] = record(ERP, "1", "time:7:v1", minutes, minor);
        assert_eq!(says(&changed), differs(kind));
    }
    let mut stranger = whole();
    stranger.records.push(record(ERP, "2", "time:7:v9", 60, 16_000));
    assert_eq!(says(&stranger), differs("ORPHAN_IN_ERP"));
    for state in ["REJECTED", "WITHDRAWN"] {
        let mut refused = whole();
        refused.postings[0] = posted("time:7:v1", state, 60, 16_000);
        assert_eq!(says(&refused), differs("ORPHAN_IN_ERP"), "{state}");
    }
}

#[test]
fn what_people_entered_in_its_place_stands_for_it() {
    let mut entered = whole();
    entered.records[1] = record(ERP, "9", "", 60, 0);
    let row = only(&entered);
    assert_eq!(
        (row.state.as_str(), row.unexplained_minutes, row.unexplained_minor),
        ("AGREES", 0, 0)
    );
    entered.records[1] = record(ERP, "9", "", 30, 0);
    assert_eq!(says(&entered), differs("MISSING_IN_ERP"));
}

#[test]
fn what_the_psa_says_otherwise_is_told() {
    let mut never_taken = whole();
    (never_taken.approved, never_taken.postings) = (None, Vec::new());
    never_taken.records.pop();
    never_taken.records[0].changed_at = Some(at("2025-01-09T09:00:00Z"));
    assert_eq!(says(&never_taken), differs("MISSING_HERE"));
    never_taken.records[0].changed_at = Some(at("2025-01-10T12:30:00Z"));
    assert_eq!(says(&never_taken), stands("IN_FLIGHT"));
    never_taken.stopped = Some(Stopped {
        cause: "UNKNOWN_REFERENCE".to_owned(),
        exception_id: "exc_1".to_owned(),
    });
    let row = only(&never_taken);
    assert_eq!((row.state.as_str(), row.excepted_minutes), ("EXCEPTED", 60));
    let mut taken_back = whole();
    taken_back.records.remove(0);
    assert_eq!(says(&taken_back), differs("MISSING_IN_PSA"));
    let mut other = whole();
    other.records[0].minutes = 45;
    assert_eq!(says(&other), differs("PSA_DIFFERS"));
}

#[test]
fn what_is_on_its_way_is_no_difference_until_it_is_overdue() {
    for state in ["INTENDED", "SENT", "UNKNOWN"] {
        let mut under_way = whole();
        let created_at = at("2025-01-10T12:30:00Z");
        under_way.postings[0] = PostingRow {
            created_at,
            ..posted("time:7:v1", state, 60, 16_000)
        };
        // Whether the ERP has it already is not known.
        assert_eq!(says(&under_way), stands("IN_FLIGHT"), "{state}");
        under_way.records.pop();
        assert_eq!(says(&under_way), stands("IN_FLIGHT"), "{state}");
        under_way.postings[0].created_at = at("2025-01-10T11:00:00Z");
        assert_eq!(says(&under_way), differs("OVERDUE"), "{state}");
    }
}

#[test]
fn what_something_stands_for_is_excepted() {
    let mut refused = whole();
    refused.records.pop();
    refused.postings[0] = posted("time:7:v1", "REJECTED", 60, 16_000);
    let row = only(&refused);
    assert_eq!(
        (row.state.as_str(), row.cause.as_str(), row.excepted_minor),
        ("EXCEPTED", "PERIOD_CLOSED", 16_000)
    );
    assert!(row.exception_id.starts_with("exc_"));
    let mut held = whole();
    held.postings[0] = posted("time:7:v1", "HELD", 60, 16_000);
    held.records[1].minor_units = 1;
    let row = only(&held);
    assert_eq!((row.state.as_str(), row.unexplained_minor), ("EXCEPTED", 0));
    let mut skipped = refused;
    skipped.postings[0] = posted("time:7:v1", "SKIPPED", 60, 16_000);
    let row = only(&skipped);
    assert_eq!(
        (row.state.as_str(), row.cause.as_str(), row.excepted_minutes),
        ("EXCEPTED", "SKIPPED", 60)
    );
}

#[test]
fn each_currency_has_its_row_and_minutes_are_counted_once() {
    let mut moved = whole();
    moved.approved = approved(45);
    moved.records[0] = record(PSA, "7", "", 45, 0);
    moved.postings.push(posted("time:7:v1:reversal", "CONFIRMED", -60, -16_000));
    moved.records.push(record(ERP, "2", "time:7:v1:reversal", -60, -16_000));
    let euros = PostingRow {
        currency_code: "EUR".to_owned(),
        ..posted("time:7:v2", "CONFIRMED", 45, 4_000)
    };
    moved.postings.push(euros);
    let in_euros = BookRow {
        currency_code: "EUR".to_owned(),
        ..record(ERP, "3", "time:7:v2", 45, 4_000)
    };
    moved.records.push(in_euros);
    let rows = rows("7", &moved, view(posting::TIME));
    let said: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.currency_code.as_str(),
                row.approved_minutes,
                row.psa_minutes,
                row.erp_minor,
                row.state.as_str(),
            )
        })
        .collect();
    assert_eq!(said, [("USD", 0, 0, 0, "AGREES"), ("EUR", 45, 45, 4_000, "AGREES")]);
}

#[test]
fn a_journal_is_compared_by_amount_and_day() {
    let key = "rev:CT-1:2025-01";
    let journal = |minor| PostingRow {
        kind: posting::JOURNAL.to_owned(),
        ..posted(key, "CONFIRMED", 0, minor)
    };
    let facts = |record: Option<BookRow>| Facts {
        postings: vec![journal(500)],
        records: record.into_iter().collect(),
        ..Facts::default()
    };
    let says = |record: Option<BookRow>| {
        let [row] = rows(key, &facts(record), view(posting::JOURNAL)).try_into().unwrap();
        row.difference
    };
    assert_eq!(says(Some(record(ERP, "1", key, 0, 500))), "");
    assert_eq!(says(Some(record(ERP, "1", key, 0, 501))), "AMOUNT_DIFFERS");
    let other_day = BookRow {
        day: "2025-01-08".parse().unwrap(),
        ..record(ERP, "1", key, 0, 500)
    };
    assert_eq!(says(Some(other_day)), "DATE_DIFFERS");
    assert_eq!(says(None), "MISSING_IN_ERP");
    let [row] = rows(
        "record 9",
        &Facts {
            records: vec![record(ERP, "9", "", 0, 500)],
            ..Facts::default()
        },
        view(posting::JOURNAL),
    )
    .try_into()
    .unwrap();
    assert_eq!((row.difference.as_str(), row.unexplained_minor), ("ORPHAN_IN_ERP", 500));
}
