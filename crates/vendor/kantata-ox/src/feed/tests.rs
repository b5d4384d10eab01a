#![allow(clippy::unwrap_used)]
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

/// A list as the vendor keeps it: ordered by stamp, then by when it was written.
#[derive(Default)]
struct Vendor {
    rows: RefCell<BTreeMap<(Instant, u64), u64>>,
    places: RefCell<BTreeMap<u64, (Instant, u64)>>,
    writes: RefCell<u64>,
    inclusive: bool,
    asked: RefCell<usize>,
}

impl Vendor {
    fn new(inclusive: bool) -> Self {
        Self {
            inclusive,
            ..Self::default()
        }
    }

    fn write(&self, id: u64, seconds: i64) {
        self.delete(id);
        *self.writes.borrow_mut() += 1;
        let place = (at(seconds), *self.writes.borrow());
        self.rows.borrow_mut().insert(place, id);
        self.places.borrow_mut().insert(id, place);
    }

    fn delete(&self, id: u64) {
        if let Some(place) = self.places.borrow_mut().remove(&id) {
            self.rows.borrow_mut().remove(&place);
        }
    }

    fn page(&self, after: Option<Instant>, skip: usize) -> (Vec<u64>, Vec<Place>) {
        *self.asked.borrow_mut() += 1;
        let rows = self.rows.borrow();
        let held = |stamp: &Instant| after.is_none_or(|after| if self.inclusive { *stamp >= after } else { *stamp > after });
        let page = rows.iter().filter(|((stamp, _), _)| held(stamp)).skip(skip).take(PAGE);
        page.map(|((stamp, _), id)| {
            (
                *id,
                Place {
                    stamp: *stamp,
                    id: id.to_string(),
                },
            )
        })
        .unzip()
    }
}

/// Takes one step; returns what was new and whether more can be read.
async fn once(vendor: &Vendor, cursor: &mut Cursor, limit: usize) -> (Vec<u64>, bool) {
    let fetch = |after, skip| std::future::ready(Ok(vendor.page(after, skip)));
    let written = Cursor::parse(&cursor.text()).unwrap();
    assert_eq!(written, *cursor);
    let step = step(fetch, &written, limit, Duration::from_secs(2)).await.unwrap();
    *cursor = step.next;
    assert!(step.fresh.len() <= limit);
    (step.page[step.fresh].to_vec(), step.more)
}

async fn drain(vendor: &Vendor, cursor: &mut Cursor, limit: usize) -> (BTreeSet<u64>, usize) {
    let (mut seen, mut came) = (BTreeSet::new(), 0);
    for _ in 0..20_000 {
        let (fresh, more) = once(vendor, cursor, limit).await;
        came += fresh.len();
        seen.extend(fresh);
        if !more {
            return (seen, came);
        }
    }
    panic!("the feed makes no progress");
}

#[tokio::test]
async fn every_record_comes_once_however_many_share_a_second() {
    for inclusive in [true, false] {
        for limit in [7, 60, 200] {
            let vendor = Vendor::new(inclusive);
            for id in 0..2_000 {
                // Slow, then 1,200 in one second, then slow again.
                vendor.write(
                    id,
                    if id < 400 {
                        id as i64 / 3
                    } else {
                        500 + (id as i64 - 1_600).max(0)
                    },
                );
            }
            let mut cursor = Cursor::default();
            let (seen, came) = drain(&vendor, &mut cursor, limit).await;
            assert_eq!((seen.len(), came), (2_000, 2_000), "inclusive {inclusive} limit {limit}");
            let asked = *vendor.asked.borrow();
            assert!(
                asked <= 3 * 2_000 / limit + 30,
                "inclusive {inclusive} limit {limit}: {asked} pages asked for"
            );
        }
    }
}

#[tokio::test]
async fn the_end_is_read_again_and_no_more_than_that() {
    for inclusive in [true, false] {
        let vendor = Vendor::new(inclusive);
        (0..1_000).for_each(|id| vendor.write(id, id as i64 * 5));
        let mut cursor = Cursor::default();
        drain(&vendor, &mut cursor, 200).await;
        assert_eq!(drain(&vendor, &mut cursor, 200).await.1, 1, "only the newest comes again");
        vendor.write(5, 4_995);
        assert!(
            drain(&vendor, &mut cursor, 200).await.0.contains(&5),
            "a change within the newest second"
        );
        let empty = Vendor::new(inclusive);
        let mut nowhere = Cursor::default();
        assert_eq!((drain(&empty, &mut nowhere, 9).await.1, nowhere.text().as_str()), (0, ""));
    }
}

#[tokio::test]
async fn nothing_is_skipped_while_records_change_between_pages() {
    for inclusive in [true, false] {
        for seed in 1..=20_u64 {
            let vendor = Vendor::new(inclusive);
            let mut random = seed;
            let mut next = |most: u64| {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (random >> 33) % most
            };
            // Bursts of very different size, many within one second.
            let mut clock = 0;
            for id in 0..1_500 {
                clock += i64::from(next(40) == 0) * next(4) as i64;
                vendor.write(id, clock);
            }
            let limit = 1 + next(200) as usize;
            let (mut cursor, mut seen, mut deleted) = (Cursor::default(), BTreeSet::new(), BTreeSet::new());
            loop {
                let (fresh, more) = once(&vendor, &mut cursor, limit).await;
                seen.extend(fresh);
                if !more {
                    break;
                }
                for _ in 0..next(30) {
                    clock += i64::from(next(4) == 0);
                    let id = next(1_500);
                    if next(5) == 0 {
                        vendor.delete(id);
                        deleted.insert(id);
                    } else if !deleted.contains(&id) {
                        vendor.write(id, clock);
                    }
                }
            }
            let missing: Vec<u64> = (0..1_500).filter(|id| !seen.contains(id) && !deleted.contains(id)).collect();
            assert_eq!(missing, Vec::<u64>::new(), "inclusive {inclusive} seed {seed} limit {limit}");
        }
    }
}

#[tokio::test]
async fn the_last_state_of_every_record_is_seen() {
    // What was seen must be the newest stamp of each record, not only the record.
    let vendor = Vendor::new(true);
    (0..600).for_each(|id| vendor.write(id, id as i64 / 100));
    let (mut cursor, mut newest) = (Cursor::default(), BTreeMap::new());
    let mut round = 0;
    loop {
        let fetch = |after, skip| std::future::ready(Ok(vendor.page(after, skip)));
        let step = step(fetch, &cursor, 50, Duration::from_secs(2)).await.unwrap();
        let places = vendor_places(&vendor);
        newest.extend(step.page[step.fresh.clone()].iter().map(|id| (*id, places[id])));
        cursor = step.next;
        if !step.more {
            break;
        }
        round += 1;
        if round < 12 {
            (0..10).for_each(|n| vendor.write(round * 10 + n, 6 + round as i64 / 4));
        }
    }
    assert_eq!(newest, vendor_places(&vendor));
}

fn vendor_places(vendor: &Vendor) -> BTreeMap<u64, Instant> {
    vendor.rows.borrow().iter().map(|((stamp, _), id)| (*id, *stamp)).collect()
}

#[tokio::test]
async fn a_hint_that_is_far_off_costs_few_pages() {
    for (read, last) in [(90_000, 40_005), (60_010, 60_004), (1_000_000, 99_999)] {
        let vendor = Vendor::new(true);
        (0..100_000).for_each(|id| {
            vendor.rows.borrow_mut().insert((at(id as i64 / 10), id), id);
        });
        let mut cursor = Cursor {
            after: None,
            read,
            last: Some(Place {
                stamp: at(last as i64 / 10),
                id: last.to_string(),
            }),
        };
        // The record itself moved to the end: only its stamp says where it was.
        vendor.rows.borrow_mut().remove(&(at(last as i64 / 10), last));
        let (fresh, _) = once(&vendor, &mut cursor, 200).await;
        let second = last / 10 * 10;
        assert_eq!(fresh.first(), Some(&second), "hint {read}: all of that second comes again");
        let asked = *vendor.asked.borrow();
        assert!(asked <= 40, "hint {read}: {asked} pages");
    }
}

#[tokio::test]
async fn a_list_that_never_rests_is_given_up() {
    let last = Place {
        stamp: at(9),
        id: "0".into(),
    };
    let restless = |_: Option<Instant>, skip: usize| {
        // The first page is old; whatever is asked for behind it begins behind the place looked for.
        let stamp = if skip == 0 { at(1) } else { at(9) };
        let places = (0..PAGE)
            .map(|n| Place {
                stamp,
                id: (skip + n + 1).to_string(),
            })
            .collect();
        std::future::ready(Ok(((), places)))
    };
    let cursor = Cursor {
        after: None,
        read: 100_000,
        last: Some(last),
    };
    let given_up = step(restless, &cursor, 10, Duration::ZERO).await.unwrap_err();
    assert_eq!(given_up.reason, "VENDOR_UNAVAILABLE");
}
