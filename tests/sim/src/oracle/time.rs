//! Approved time: each version has its posting, each posting one record, and nothing else is in the books.

use std::collections::BTreeMap;

use super::Seen;
use super::rows::{Rows, number, text};
use crate::firm::{PEOPLE, ROLES};
use crate::live::Approved;
use crate::vendor::Entry;

/// What a posting of time must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Worth {
    minutes: i64,
    /// Cents. None: nobody is billed.
    bill: Option<i64>,
    cost: i64,
}

impl Worth {
    fn of(entry: &Entry) -> Self {
        let minutes = i64::from(entry.minutes);
        let person = PEOPLE.iter().find(|(number, ..)| *number == entry.employee);
        let hourly = person.map_or(0, |(_, _, cost)| *cost);
        Self {
            minutes,
            bill: (entry.task == 1).then(|| price(entry)),
            // Half a cent goes up.
            cost: (hourly * minutes * 2 + 60) / 120,
        }
    }

    fn taken_back(self) -> Self {
        Self {
            minutes: -self.minutes,
            bill: self.bill.map(|bill| -bill),
            cost: -self.cost,
        }
    }
}

/// What an entry is billed at, in cents: quarters of an hour that were begun, at the role's rate, half as much again for
/// overtime, rounded once.
pub(super) fn price(entry: &Entry) -> i64 {
    if entry.task != 1 {
        return 0;
    }
    let role = ROLES.iter().find(|(name, ..)| *name == entry.role);
    let rate = role.map_or(0, |(_, rate, _)| *rate);
    let billable = i64::from(entry.minutes.div_ceil(15) * 15);
    let percent = if entry.overtime { 150 } else { 100 };
    (rate * billable * percent + 3000) / 6000
}

/// Every posting that the versions of an entry come to: each takes back what stood before it.
fn expected(versions: &[Approved]) -> BTreeMap<String, Worth> {
    let mut postings = BTreeMap::new();
    let Some(first) = versions.first() else { return postings };
    let mut standing: Option<(String, Worth)> = None;
    for (at, version) in versions.iter().enumerate() {
        if let Some((key, worth)) = standing.take() {
            postings.insert(format!("{key}:reversal"), worth.taken_back());
        }
        if version.entry.minutes > 0 {
            let (key, worth) = (format!("time:{}:v{}", first.id, at + 1), Worth::of(&version.entry));
            postings.insert(key.clone(), worth);
            standing = Some((key, worth));
        }
    }
    postings
}

pub(super) fn judge(seen: &Seen<'_>, rows: &Rows) {
    let mut wanted = BTreeMap::new();
    for versions in seen.work.values() {
        wanted.extend(expected(versions));
        let taken = rows.versions.iter();
        let own: Vec<(i64, &str, i64)> = taken
            .filter(|row| text(row, 0) == versions[0].id)
            .map(|row| (number(row, 1), text(row, 2), number(row, 3)))
            .collect();
        let said: Vec<(i64, &str, i64)> = (1..)
            .zip(versions)
            .map(|(at, version)| (at, version.id.as_str(), i64::from(version.entry.minutes)))
            .collect();
        seen.must(own == said, || {
            format!("versions of {}: {own:?}, approved {said:?}", versions[0].id)
        });
    }
    let ledger: Vec<&str> = rows
        .postings
        .iter()
        .filter(|row| text(row, 1) == "time")
        .map(|row| text(row, 0))
        .collect();
    seen.must(ledger.iter().copied().eq(wanted.keys().map(String::as_str)), || {
        let missing: Vec<_> = wanted.keys().filter(|key| !ledger.contains(&key.as_str())).collect();
        let extra: Vec<_> = ledger.iter().filter(|key| !wanted.contains_key(**key)).collect();
        format!("the ledger of time lacks {missing:?} and has {extra:?}")
    });
    let booked = seen.vendors.erp.books(|books| {
        let mut booked: BTreeMap<String, Vec<Worth>> = BTreeMap::new();
        for row in &books.time {
            let worth = Worth {
                minutes: i64::from(row.body.minutes),
                bill: row.body.bill_amount.as_ref().map(|amount| amount.minor_units),
                cost: row.body.cost_amount.as_ref().map_or(0, |amount| amount.minor_units),
            };
            booked.entry(row.key.clone()).or_default().push(worth);
        }
        booked
    });
    for (key, worth) in &wanted {
        let held = booked.get(key).map(Vec::as_slice).unwrap_or_default();
        seen.must(held == [*worth], || {
            format!("{key} must be in the books once as {worth:?}, they hold {held:?}")
        });
    }
    for key in booked.keys() {
        seen.must(wanted.contains_key(key), || {
            format!("{key} is in the books, and nobody approved it")
        });
    }
}
