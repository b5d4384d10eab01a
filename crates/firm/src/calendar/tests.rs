#![allow(clippy::unwrap_used)]

use super::*;
use crate::tiny::{Tiny, entry};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Names of the acts of a day, in order.
fn acts(calendar: &Calendar, on: &str) -> Vec<String> {
    calendar.on(day(on)).iter().map(ToString::to_string).collect()
}

#[test]
fn the_first_day_lays_the_foundation_in_order() {
    let calendar = Calendar::of(&Tiny::new().load());
    assert_eq!(calendar.first(), day("2024-12-17"), "three days before the first signature");
    assert_eq!(calendar.last(), day("2026-01-31"));
    assert_eq!(
        acts(&calendar, "2024-12-17"),
        [
            "LegalEntity:0",
            "LegalEntity:1",
            "CostCenter:0",
            "ReceiptLimit:0",
            "TransferRate:0",
            "Account:0",
            "RateLine:0",
            "InternalProject:2",
            "OpenProspect:2",
        ]
    );
    assert_eq!(acts(&calendar, "2025-02-01"), ["ExchangeRate:0"]);
    assert_eq!(calendar.days().count(), 411);
}

#[test]
fn a_deal_is_open_before_it_is_won_and_its_gap_is_mended() {
    let calendar = Calendar::of(&Tiny::new().load());
    assert_eq!(acts(&calendar, "2024-12-18"), ["OpenDeal:0", "OpenDeal:1"]);
    assert_eq!(acts(&calendar, "2024-12-20")[..2], ["WinDeal:0", "WinDeal:1"]);
    assert_eq!(acts(&calendar, "2025-04-10"), ["Amend:0"]);
    // Only the project without ERP structure; three days after it starts, which is also when its person drafts nothing yet.
    assert!(acts(&calendar, "2025-01-09").contains(&"MendCostCenter:0".to_owned()));
}

#[test]
fn estimates_wait_for_their_project_and_milestones_for_the_customer() {
    let calendar = Calendar::of(&Tiny::new().load());
    // Made two days before the deal was won, and entered when it is.
    assert_eq!(acts(&calendar, "2024-12-20"), ["WinDeal:0", "WinDeal:1", "Estimate:0"]);
    assert_eq!(acts(&calendar, "2025-05-03"), ["Estimate:1"]);
    assert_eq!(acts(&calendar, "2025-03-26"), ["AcceptMilestone:0"]);
    let accepted = calendar
        .days()
        .flat_map(|day| calendar.on(day))
        .filter(|fact| fact.act == Act::AcceptMilestone);
    assert_eq!(accepted.count(), 1, "the other one is not accepted within the year");
}

#[test]
fn a_hire_comes_early_and_changes_come_on_their_day() {
    let firm = Tiny::new().load();
    let calendar = Calendar::of(&firm);
    assert_eq!(acts(&calendar, "2025-01-03"), ["Hire:0"]);
    // The list was sorted by effect: the move to DE01 is the second row.
    assert_eq!(acts(&calendar, "2025-07-01"), ["ChangeJob:1"]);
    assert_eq!(firm.employment[1].legal_entity_id, "DE01");
    assert_eq!(acts(&calendar, "2025-04-01"), ["ChangePay:1"]);
    assert_eq!(acts(&calendar, "2025-10-31"), ["Terminate:0"]);
}

#[test]
fn time_is_handed_in_by_project_and_decided_on_its_day() {
    let firm = Tiny::new().load();
    let calendar = Calendar::of(&firm);
    let sheets: Vec<_> = firm.time.sheets.iter().map(|s| (s.state, s.entries.clone())).collect();
    use crate::data::SheetState::{Approved, Draft, Rejected};
    assert_eq!(
        sheets,
        [
            (Approved, vec![0, 2]),
            (Approved, vec![1]),
            (Rejected, vec![3]),
            (Draft, vec![4])
        ]
    );
    assert_eq!(acts(&calendar, "2025-01-10"), ["DraftSheet:3"]);
    assert_eq!(
        acts(&calendar, "2025-01-12"),
        ["SubmitSheet:0", "SubmitSheet:1", "SubmitSheet:2"]
    );
    assert_eq!(acts(&calendar, "2025-01-14"), ["RejectSheet:2"]);
    assert_eq!(acts(&calendar, "2025-01-15"), ["ApproveSheet:0", "ApproveSheet:1"]);
    assert_eq!(acts(&calendar, "2025-02-20"), ["Correct:0"]);
    assert_eq!(acts(&calendar, "2025-01-20"), ["ApproveExpense:0"]);
    assert_eq!(acts(&calendar, "2025-03-10"), ["Pay:0"]);
}

#[test]
fn one_day_keeps_the_order_of_cause_and_effect() {
    let mut tiny = Tiny::new();
    tiny.rows("time_entries").push(entry(
        "TE-6",
        "PR-1",
        "2025-01-06",
        "approved",
        Some("2025-01-13"),
        Some("2025-02-20"),
    ));
    tiny.rows("expense_items")[0]["approved_on"] = "2025-02-20".into();
    tiny.rows("amendments")[0]["signed_on"] = "2025-02-20".into();
    tiny.rows("payments")[0]["received_on"] = "2025-02-20".into();
    let calendar = Calendar::of(&tiny.load());
    assert_eq!(
        acts(&calendar, "2025-02-20"),
        ["Amend:0", "ApproveSheet:4", "Correct:0", "ApproveExpense:0", "Pay:0"]
    );
    let groups: Vec<Group> = calendar.on(day("2025-02-20")).iter().map(|f| f.act.group()).collect();
    assert!(groups.is_sorted());
}

#[test]
fn what_lies_after_the_last_day_never_happens() {
    let mut tiny = Tiny::new();
    let before = Calendar::of(&tiny.load()).facts();
    tiny.rows("payments")[0]["received_on"] = "2026-02-01".into();
    assert_eq!(Calendar::of(&tiny.load()).facts(), before - 1);
}
