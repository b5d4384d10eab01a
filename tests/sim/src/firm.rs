//! What a tiny firm does in its first quarter. It follows from the seed alone, and from nothing that the platform does.

use strata_kernel::{Date, Instant};

use crate::chance::Chance;
use crate::vendor::{Deal, Entry};

/// Roles with their price per hour, in cents and as sales writes it.
pub(crate) const ROLES: [(&str, i64, &str); 2] = [("consultant", 16_000, "160.00"), ("analyst", 9_555, "95.55")];
/// People with their role and the cost of an hour, in cents.
pub(crate) const PEOPLE: [(&str, &str, i64); 3] = [
    ("EM-1", "consultant", 7_000),
    ("EM-2", "analyst", 4_321),
    ("EM-3", "consultant", 6_550),
];

/// Something that somebody does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Finance, sales and HR enter what the rest stands on.
    Found,
    /// A deal is won.
    Win(Deal),
    /// Time is entered and approved.
    Work(Entry),
    /// The entry of this reference is corrected: other minutes, 0 voids it.
    Correct(String, u32),
    /// Finance closes a month.
    Close(&'static str),
    /// A customer pays so many percent of an open invoice.
    Pay(i64),
    /// Nobody does anything: the platform has something to do of its own.
    Look,
    /// Nothing goes wrong from here on, until the next moment.
    Calm,
}

/// Acts at an instant, in order.
pub(crate) type Moments = Vec<(Instant, Vec<Act>)>;

/// Days on which time is approved.
const APPROVALS: [&str; 6] = [
    "2025-01-13T08:00:00Z",
    "2025-01-24T16:00:00Z",
    "2025-02-04T09:00:00Z",
    "2025-02-07T10:00:00Z",
    "2025-02-17T08:00:00Z",
    "2025-03-03T08:00:00Z",
];

/// The quarter of a seed.
pub(crate) fn quarter(chance: &mut Chance, entity: &str, cost_center: &str, currency: &str) -> Moments {
    let mut moments: Moments = Vec::new();
    let mut on = |at: &str, act: Act| {
        let at: Instant = at.parse().unwrap_or_default();
        match moments.iter_mut().find(|(held, _)| *held == at) {
            Some((_, acts)) => acts.push(act),
            None => moments.push((at, vec![act])),
        }
    };
    on("2025-01-03T09:00:00Z", Act::Found);
    let deals = chance.between(1, 3);
    for number in 1..=deals {
        let deal = Deal {
            contract: format!("CT-{number}"),
            project: format!("PR-{number}"),
            customer: format!("CU-{}", chance.between(1, 2)),
            entity: entity.to_owned(),
            cost_center: cost_center.to_owned(),
            currency: currency.to_owned(),
            start: day("2025-01-06"),
            end: chance.one_in(2).then(|| day("2025-06-30")),
        };
        on("2025-01-06T09:00:00Z", Act::Win(deal));
    }
    let entries = chance.between(5, 20);
    let mut entered: Vec<(usize, String)> = Vec::new();
    for number in 1..=entries {
        let at = usize::try_from(chance.below(APPROVALS.len() as u64)).unwrap_or_default();
        let entry = work(chance, number, deals, APPROVALS[at]);
        entered.push((at, entry.reference.clone()));
        on(APPROVALS[at], Act::Work(entry));
    }
    for _ in 0..chance.below(entries / 2 + 1) {
        let (approved, reference) = chance.pick(&entered).clone();
        let later = APPROVALS.len() - approved;
        let at = approved + usize::try_from(chance.below(later as u64)).unwrap_or_default();
        let minutes = [0, 1, 50, 240, 481][usize::try_from(chance.below(5)).unwrap_or_default()];
        on(APPROVALS[at], Act::Correct(reference, minutes));
    }
    // Finance closes January somewhere between its last day and long after its revenue was due.
    let closing = ["2025-02-04T09:00:00Z", "2025-02-08T18:00:00Z", "2025-02-17T08:00:00Z"];
    if !chance.one_in(3) {
        let closed = chance.pick::<&str>(&closing);
        on(closed, Act::Close("2025-01"));
    }
    for at in ["2025-02-12T12:00:00Z", "2025-02-17T08:00:00Z", "2025-03-08T18:00:00Z"] {
        if chance.one_in(2) {
            on(at, Act::Pay(*chance.pick(&[100, 40])));
        }
    }
    // Days of the platform's own calendar. Before it reconciles, and before it bills for the last time, a quiet one: what is late
    // by then would be a difference, or billed in April.
    for at in ["2025-02-05T18:00:00Z", "2025-02-08T18:00:00Z"] {
        on(at, Act::Look);
    }
    on("2025-02-10T08:00:00Z", Act::Calm);
    on("2025-03-04T08:00:00Z", Act::Calm);
    for at in ["2025-03-05T18:00:00Z", "2025-03-08T18:00:00Z", "2025-03-10T18:00:00Z"] {
        on(at, Act::Look);
    }
    moments.sort_by_key(|(at, _)| *at);
    moments
}

fn work(chance: &mut Chance, number: u64, deals: u64, approved: &str) -> Entry {
    let (employee, role, _) = *chance.pick(&PEOPLE);
    let approved: Instant = approved.parse().unwrap_or_default();
    let before = i64::try_from(chance.between(1, 20)).unwrap_or(1);
    let worked = approved.date_naive() - chrono::TimeDelta::days(before);
    Entry {
        reference: format!("TE-{number}"),
        project: format!("PR-{}", chance.between(1, deals)),
        task: if chance.one_in(6) { 2 } else { 1 },
        employee: employee.to_owned(),
        role: role.to_owned(),
        day: worked.clamp(day("2025-01-06"), day("2025-02-28")),
        minutes: *chance.pick(&[1, 15, 50, 90, 240, 475, 480, 600]),
        overtime: chance.one_in(5),
        corrects: String::new(),
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap_or_default()
}
