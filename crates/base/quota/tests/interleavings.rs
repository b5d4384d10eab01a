//! Members that look, beat, start and end requests in any order: the account is never used beyond what it allows.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use proptest::prelude::*;
use strata_kernel::{Clock, Instant, SimClock};
use strata_quota::{Allowance, Member, Need};
use strata_store::{Conn, Db, db_error, migrate};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ACCOUNT: &str = "7";
const MEMBERS: usize = 3;
const LEASE: Duration = Duration::from_secs(5);
/// Requests are shorter than this, so that those of a member that falls silent have ended with its lease.
const MARGIN: TimeDelta = TimeDelta::seconds(1);

#[derive(Debug, Clone)]
enum Act {
    /// A member goes on with its beat: it looks, then stores, then hears of it.
    GoesOn(usize),
    /// A member wants so much.
    Wants(usize, u32),
    /// A request starts, if there is a place.
    Starts(usize),
    /// A request ends, if there is one.
    Ends(usize),
    /// The process is killed, with its requests, and another comes.
    IsKilled(usize),
    /// An operator changes what the account allows.
    Allows(u32),
    /// Time passes, in milliseconds.
    Passes(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let member = 0..MEMBERS;
    prop_oneof![
        12 => member.clone().prop_map(Act::GoesOn),
        4 => (member.clone(), 0..9_u32).prop_map(|(m, n)| Act::Wants(m, n)),
        12 => member.clone().prop_map(Act::Starts),
        8 => member.clone().prop_map(Act::Ends),
        1 => member.prop_map(Act::IsKilled),
        1 => (0..9_u32).prop_map(Act::Allows),
        4 => (1..700_i64).prop_map(Act::Passes),
    ]
}

fn at_once(at_once: u32) -> Allowance {
    Allowance {
        at_once,
        per_second: None,
    }
}

/// Where a member is with its beat.
#[derive(Clone, Copy)]
enum Beat {
    None,
    Looked { begun: Instant },
    Stored { begun: Instant, may: u32 },
}

/// A process as a gate and its beats would have it.
struct Process {
    member: Member,
    wanted: u32,
    capacity: u32,
    running: u32,
    until: Instant,
    beat: Beat,
}

impl Process {
    async fn new(place: &Place, generation: u32) -> Self {
        let name = format!("m{generation}");
        Self {
            member: Member::join(place.db.clone(), ACCOUNT, &name, at_once(5), LEASE)
                .await
                .unwrap(),
            wanted: 0,
            capacity: 0,
            running: 0,
            until: place.clock.now(),
            beat: Beat::None,
        }
    }

    fn need(&self) -> Need {
        Need {
            wanted: self.wanted.max(self.running),
            keeps: at_once(self.capacity.max(self.running)),
        }
    }

    async fn goes_on(&mut self, now: Instant) {
        self.beat = match self.beat {
            Beat::None => {
                let look = self.member.look(self.need()).await.unwrap();
                self.capacity = self.capacity.min(look.may.at_once);
                Beat::Looked { begun: now }
            }
            Beat::Looked { begun } => {
                let may = self.member.beat(self.need()).await.unwrap().at_once;
                Beat::Stored { begun, may }
            }
            Beat::Stored { begun, may } => {
                self.until = begun + LEASE - MARGIN;
                if now < self.until {
                    self.capacity = may;
                }
                Beat::None
            }
        };
    }

    /// Its own clock says that its lease ends: it starts nothing more, and what runs has ended before others can have its share.
    fn looks_at_clock(&mut self, now: Instant) {
        if now >= self.until {
            self.capacity = 0;
            if now >= self.until + MARGIN {
                self.running = 0;
            }
        }
    }
}

struct Place {
    db: Db,
    clock: SimClock,
    _folder: TempDir,
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    held: i64,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = SimClock::new("2025-03-01T09:00:00Z".parse().unwrap());
        let db = Db::inline(folder.path().join("q.db").to_str().unwrap(), Arc::new(clock.clone())).unwrap();
        migrate::run(&db).unwrap();
        Self {
            db,
            clock,
            _folder: folder,
        }
    }

    /// What is held of the account, without any code of the crate.
    async fn held(&self) -> u32 {
        let text = "SELECT CAST(coalesce(sum(held), 0) AS BIGINT) AS held FROM vendor_quota_share \
            WHERE expires_at > strftime('%Y-%m-%d %H:%M:%f', 'now')";
        let sum = self.db.read(move |c| match c {
            Conn::Lite(c) => sql_query(text).get_result::<Sum>(*c).map_err(db_error),
            Conn::Pg(_) => unreachable!(),
        });
        u32::try_from(sum.await.unwrap().held).unwrap()
    }
}

async fn live(acts: Vec<Act>) {
    let place = Place::new();
    let mut processes = Vec::new();
    for generation in 0..u32::try_from(MEMBERS).unwrap() {
        processes.push(Process::new(&place, generation).await);
    }
    let (mut allowance, mut held, mut generation) = (5, 0, 100);
    for act in acts {
        let now = place.clock.now();
        match act {
            Act::GoesOn(m) => processes[m].goes_on(now).await,
            Act::Wants(m, wanted) => processes[m].wanted = wanted,
            Act::Starts(m) if processes[m].running < processes[m].capacity => processes[m].running += 1,
            Act::Starts(_) => {}
            Act::Ends(m) => processes[m].running = processes[m].running.saturating_sub(1),
            Act::IsKilled(m) => {
                generation += 1;
                processes[m] = Process::new(&place, generation).await;
            }
            Act::Allows(at) => {
                let set = move |c: &mut Conn<'_>| strata_quota::set(c, ACCOUNT, at_once(at));
                place.db.write(set).await.unwrap();
                allowance = at;
            }
            Act::Passes(ms) => {
                place.clock.set(now + TimeDelta::milliseconds(ms));
            }
        }
        let now = place.clock.now();
        processes.iter_mut().for_each(|process| process.looks_at_clock(now));
        let (held_now, running_now) = (
            place.held().await,
            processes.iter().map(|process| process.running).sum::<u32>(),
        );
        // Where the account allows less than before, what is in use is more for a while, and never grows.
        assert!(
            held_now <= held.max(allowance),
            "held {held} and then {held_now} of {allowance}"
        );
        assert!(running_now <= held_now, "{running_now} run and {held_now} are held");
        held = held_now;
    }
    // Left alone, they come to use exactly what is allowed, or what is wanted.
    processes.iter_mut().for_each(|process| process.running = 0);
    for _ in 0..12 {
        for process in &mut processes {
            process.goes_on(place.clock.now()).await;
        }
    }
    let wanted: u32 = processes.iter().map(|process| process.wanted).sum();
    place.clock.set(place.clock.now() + LEASE / 2);
    for _ in 0..12 {
        for process in &mut processes {
            process.goes_on(place.clock.now()).await;
        }
    }
    place.clock.set(place.clock.now() + LEASE / 2 + Duration::from_secs(1));
    for _ in 0..12 {
        for process in &mut processes {
            process.goes_on(place.clock.now()).await;
        }
    }
    assert_eq!(
        place.held().await,
        wanted.min(allowance),
        "the dead give back, the living use all of it"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_held_and_what_runs_is_never_more_than_allowed(acts in prop::collection::vec(act(), 1..160)) {
        Runtime::new().unwrap().block_on(live(acts));
    }
}
