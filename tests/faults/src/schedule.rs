//! What fails when. It follows from the seed alone.

use std::fmt;
use std::time::Duration;

use chrono::Datelike;
use fastrand::Rng;
use strata::split::Seat;
use strata::{Role, Vendor};
use strata_contract::strata::dev::v1::FailPoint;
use strata_kernel::{Date, month_of};

use crate::vendors::{Blow, blows};

/// Last day of a month on which its predecessor is still open.
const CLOSING_DAY: u32 = 8;

/// What it is called that finance closes a month too early.
pub(crate) const CLOSED: &str = "closed period";

/// What this campaign can reach.
#[derive(Debug, Clone)]
pub(crate) struct Means {
    /// Process servers beside each other.
    pub(crate) process_servers: u16,
    /// The database is a server that can be stopped.
    pub(crate) postgres: bool,
    /// Events travel through a broker that can be stopped.
    pub(crate) nats: bool,
    /// The database is on a file system that can be filled.
    pub(crate) disk: bool,
    /// Vendors behave.
    pub(crate) calm: bool,
    /// Only strikes whose name contains this.
    pub(crate) only: Option<String>,
}

/// One strike, and the days that are lived meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Cycle {
    /// From 1.
    pub(crate) number: u32,
    /// Last day that is lived in it.
    pub(crate) until: Date,
    /// What fails.
    pub(crate) strike: Strike,
    /// How long after the days begin.
    pub(crate) after: Duration,
    /// How long it lasts.
    pub(crate) lasts: Duration,
    /// What vendors do meanwhile.
    pub(crate) blows: Vec<Blow>,
    /// The month that finance closes too early, and opens again when the cycle is over.
    pub(crate) closes_early: Option<Date>,
}

/// What can fail once per cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    /// A server is killed.
    Kill(Seat),
    /// A server dies at a point of its work, the number of times after that it came by there.
    Die(Seat, FailPoint, u32),
    /// A server comes back with a clock that is ahead by so many minutes.
    Ahead(Seat, u32),
    /// Somebody else holds the lock of the database.
    Locked,
    /// The database server crashes.
    DatabaseCrash,
    /// The disk under the database is full.
    DiskFull,
    /// The broker is killed.
    NatsCrash,
    /// All events of a month are shown to their consumer again.
    Replay,
    /// Messages that nobody of ours wrote.
    Forged,
    /// A message comes once more, long after it was handled, under another id of the broker's.
    LateDuplicate,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(seat) => write!(f, "kill -9 {}", seat.role),
            Self::Die(seat, point, _) => {
                let point = point.as_str_name().trim_start_matches("FAIL_POINT_").to_lowercase();
                write!(f, "die {} {}", point.replace('_', " "), tier(seat))
            }
            Self::Ahead(seat, _) => write!(f, "clock ahead {}", tier(seat)),
            Self::Locked => write!(f, "database locked"),
            Self::DatabaseCrash => write!(f, "database crash"),
            Self::DiskFull => write!(f, "disk full"),
            Self::NatsCrash => write!(f, "nats crash"),
            Self::Replay => write!(f, "events replayed"),
            Self::Forged => write!(f, "events forged"),
            Self::LateDuplicate => write!(f, "events late duplicate"),
        }
    }
}

/// Where one of several servers is drawn, they are one kind.
fn tier(seat: &Seat) -> &'static str {
    match seat.role {
        Role::System(_) => "system",
        role => role.name(),
    }
}

/// The schedule of a campaign on the days of a year.
pub(crate) fn of(seed: u64, cycles: u32, means: &Means, days: &[Date]) -> Vec<Cycle> {
    let mut rng = Rng::with_seed(seed);
    let Some(first) = days.first() else { return Vec::new() };
    let mut deck = Vec::new();
    let mut schedule = Vec::new();
    let mut since = *first;
    for number in 1..=cycles {
        if deck.is_empty() {
            deck = strikes(means, &mut rng);
            rng.shuffle(&mut deck);
        }
        let at = days.len() * number as usize / (cycles as usize + 1);
        let until = days[at.min(days.len() - 1)];
        let Some(strike) = deck.pop() else { break };
        schedule.push(Cycle {
            number,
            until,
            strike,
            after: Duration::from_millis(rng.u64(0..400)),
            lasts: Duration::from_millis(rng.u64(300..2500)),
            blows: if means.calm { Vec::new() } else { blows(&mut rng) },
            closes_early: early(since, until).filter(|month| !means.calm && *month > *first && rng.bool()),
        });
        since = until;
    }
    schedule
}

/// The month before, when its days are lived, and the days do not come to the one on which its revenue is booked and it is closed
/// anyhow: nothing is booked in it meanwhile but what is late.
fn early(lived: Date, until: Date) -> Option<Date> {
    let before = lived.with_day(1)?.pred_opt()?;
    let is_short = (lived.year(), lived.month()) == (until.year(), until.month()) && until.day() < CLOSING_DAY;
    is_short.then_some(month_of(before).0)
}

/// Every kind that must have struck at least once.
pub(crate) fn kinds(means: &Means, schedule: &[Cycle]) -> Vec<String> {
    let mut kinds: Vec<String> = strikes(means, &mut Rng::with_seed(0))
        .iter()
        .map(ToString::to_string)
        .collect();
    if !means.calm {
        kinds.extend(crate::vendors::kinds());
    }
    // Where a cycle is longer than the first days of a month, there is no time for it.
    if schedule.iter().any(|cycle| cycle.closes_early.is_some()) {
        kinds.push(CLOSED.to_owned());
    }
    kinds.sort();
    kinds.dedup();
    kinds
}

/// Each strike once: servers among equals, numbers and minutes are drawn.
fn strikes(means: &Means, rng: &mut Rng) -> Vec<Strike> {
    let process = |rng: &mut Rng| Seat {
        role: Role::Process,
        number: rng.u16(1..=means.process_servers),
    };
    let system = |rng: &mut Rng| Seat::from(Role::System(Vendor::ALL[rng.usize(0..4)]));
    let mut all: Vec<Strike> = [Role::Sandbox, Role::Master, Role::Experience]
        .into_iter()
        .chain(Vendor::ALL.map(Role::System))
        .map(|role| Strike::Kill(role.into()))
        .collect();
    all.push(Strike::Kill(process(rng)));
    let mut die = |seat: Seat, point: FailPoint, most: u32, rng: &mut Rng| all.push(Strike::Die(seat, point, rng.u32(0..most)));
    for point in [FailPoint::BeforeSend, FailPoint::AfterSend] {
        let seat = system(rng);
        die(seat, point, 20, rng);
    }
    for point in [FailPoint::BeforeCommit, FailPoint::AfterCommit] {
        let seat = process(rng);
        die(seat, point, 30, rng);
        die(Role::Master.into(), point, 1, rng);
    }
    for point in [FailPoint::BeforePublish, FailPoint::AfterPublish] {
        let seat = process(rng);
        die(seat, point, 1, rng);
    }
    if means.nats {
        for point in [FailPoint::BeforeAck, FailPoint::AfterAck] {
            let seat = process(rng);
            die(seat, point, 1, rng);
        }
        all.extend([Strike::NatsCrash, Strike::Forged, Strike::LateDuplicate]);
    }
    for seat in [process(rng), Role::Sandbox.into(), system(rng)] {
        all.push(Strike::Ahead(seat, rng.u32(5..110)));
    }
    all.push(if means.postgres {
        Strike::DatabaseCrash
    } else {
        Strike::Locked
    });
    if means.disk {
        all.push(Strike::DiskFull);
    }
    all.push(Strike::Replay);
    if let Some(only) = &means.only {
        all.retain(|strike| strike.to_string().contains(only.as_str()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(nats: bool) -> Means {
        Means {
            process_servers: 3,
            postgres: true,
            nats,
            disk: true,
            calm: false,
            only: None,
        }
    }

    fn days() -> Vec<Date> {
        Date::default().iter_days().take(400).collect()
    }

    #[test]
    fn a_seed_makes_the_same_schedule_again() {
        let text = |seed| format!("{:?}", of(seed, 60, &means(true), &days()));
        assert_eq!(text(3), text(3));
        assert_ne!(text(3), text(4));
    }

    #[test]
    fn everything_has_its_turn_and_days_never_go_back() {
        let schedule = of(9, 200, &means(true), &days());
        let struck: Vec<String> = schedule.iter().map(|cycle| cycle.strike.to_string()).collect();
        for kind in strikes(&means(true), &mut Rng::with_seed(1)) {
            assert!(struck.contains(&kind.to_string()), "{kind}");
        }
        assert!(schedule.is_sorted_by_key(|cycle| cycle.until));
        assert!(schedule.iter().any(|cycle| cycle.closes_early.is_some()));
    }

    #[test]
    fn what_is_out_of_reach_is_not_struck() {
        let kinds = kinds(&means(false), &[]);
        assert!(
            !kinds.iter().any(|kind| kind.contains("nats") || kind.contains("forged")),
            "{kinds:?}"
        );
    }
}
