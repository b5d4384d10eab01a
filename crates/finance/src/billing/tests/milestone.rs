//! Fixed prices and fees in advance.
use super::*;

fn milestone(id: &str, amount: &str, accepted_on: &str, approved_on: &str) -> Milestone {
    Milestone {
        id: id.to_owned(),
        amount: money(amount),
        accepted_on: day(accepted_on),
        approved_on: day(approved_on),
        billed: false,
    }
}

#[test]
fn a_milestone_bills_once_when_accepted_and_approved() {
    let mut world = world();
    world.terms.hours = HoursBasis::Never;
    world.time = vec![entry("t1", "2025-03-03", 480)];
    world.milestones = vec![
        milestone("late", "70.00", "2025-04-01", "2025-04-01"),
        milestone("waits", "30.00", "2025-03-02", "2025-04-06"),
        milestone("due", "50.00", "2025-03-31", "2025-04-05"),
        milestone("free", "0.00", "2025-03-05", "2025-03-05"),
    ];
    let outcome = world.post("2025-04-05", "2025-03-31");
    assert_eq!(lines(&outcome), [("milestone", "due", "50.00".into())]);
    assert_eq!(outcome.priced.len(), 2, "one of nothing is considered too");
    let rest = [("milestone", "waits", "30.00".into()), ("milestone", "late", "70.00".into())];
    assert_eq!(lines(&world.post("2025-05-05", "2025-04-30")), rest);
    assert!(world.post("2025-06-05", "2025-05-31").document.is_none());
}

#[test]
fn a_fee_is_billed_in_advance() {
    let world = world();
    let outcome = bill_advance(&world.terms, money("1000.00"), day("2025-03-01")).unwrap();
    assert_eq!(lines(&outcome), [("fee", "2025-03", "1000.00".into())]);
    let document = outcome.document.unwrap();
    assert_eq!((document.gross, document.due_date), (money("1190.00"), day("2025-03-31")));
    assert!(
        bill_advance(&world.terms, money("0.00"), day("2025-03-01"))
            .unwrap()
            .document
            .is_none()
    );
    let dollars = Money::new(1, Currency::parse("USD").unwrap());
    assert_eq!(
        bill_advance(&world.terms, dollars, day("2025-03-01")).unwrap_err().field,
        "currency"
    );
}
