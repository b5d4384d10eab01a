//! Expenses.
use super::*;

#[test]
fn expenses_are_converted_marked_up_and_billed_once() {
    let mut world = world();
    let pounds = Money::parse("123.45", Currency::parse("GBP").unwrap()).unwrap();
    let free = ExpenseItem {
        billable: false,
        ..spent("free", money("10.00"), "2025-03-12")
    };
    world.expenses = vec![
        spent("taxi", pounds, "2025-03-12"),
        spent("meal", money("25.00"), "2025-03-11"),
        spent("hotel", money("25.01"), "2025-03-12"),
        free,
    ];
    let outcome = world.post("2025-04-05", "2025-03-31");
    assert_eq!(
        lines(&outcome),
        [("expense", "meal", "26.25".into()), ("expense", "taxi", "151.83".into())]
    );
    let held: Vec<_> = outcome
        .held
        .iter()
        .map(|held| (held.source_id.as_str(), held.error.reason))
        .collect();
    assert_eq!(held, [("hotel", reason::RECEIPT_MISSING)]);
    world.expenses[2].has_receipt = true;
    assert_eq!(
        lines(&world.post("2025-05-05", "2025-04-30")),
        [("expense", "hotel", "26.26".into())]
    );
}
