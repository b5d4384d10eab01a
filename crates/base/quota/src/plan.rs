//! Who gets how much. Nothing here reads a clock or a database.

use crate::{Allowance, Need};

/// Another member, as its row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Other {
    pub(crate) member: String,
    pub(crate) wanted: u32,
    pub(crate) held: u32,
    pub(crate) held_per_second: u32,
}

/// What a member's row is to say, and what it may use from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) wanted: u32,
    pub(crate) held: u32,
    pub(crate) held_per_second: u32,
    pub(crate) may: Allowance,
}

/// What `me` comes to, beside the others. It holds no more than they leave, and no less than it has in use. When it is to have less than it
/// has in use, it may start nothing beyond its target, and gives back later.
pub(crate) fn next(allowance: Allowance, others: &[Other], me: &str, need: Need, turn: u64) -> Next {
    let wanted = need.wanted.min(allowance.at_once);
    let mut all: Vec<(&str, u32)> = others.iter().map(|other| (other.member.as_str(), other.wanted)).collect();
    all.push((me, wanted));
    all.sort_unstable();
    let wants: Vec<u32> = all.iter().map(|(_, wanted)| *wanted).collect();
    let shares = targets(allowance, &wants, turn);
    let at = all.iter().position(|(member, _)| *member == me).unwrap_or_default();
    let (target, pace) = shares.get(at).copied().unwrap_or_default();

    let held_by_others = sum(others.iter().map(|other| other.held));
    let free = allowance.at_once.saturating_sub(held_by_others);
    let held = target.min(free).max(need.keeps.at_once);

    let (held_per_second, may_per_second) = match allowance.per_second {
        None => (0, None),
        Some(most) => {
            let free = most.saturating_sub(sum(others.iter().map(|other| other.held_per_second)));
            // Whoever had no limit until now cannot tell what it started within the last second.
            let keeps = need.keeps.per_second.unwrap_or_default();
            let held = pace.min(free).max(keeps);
            (held, Some(pace.min(held)))
        }
    };
    Next {
        wanted,
        held,
        held_per_second,
        may: Allowance {
            at_once: target.min(held),
            per_second: may_per_second,
        },
    }
}

/// How much each is to have of requests at once and of requests a second, in the order of `wants`. Whoever wants nothing has nothing.
/// The sums are exactly the allowance when enough is wanted, and never more.
///
/// Places go round one by one until nobody wants more: a member that wants little gets it whole, however much the others want. Where
/// there are more members than places, `turn` says with whom the round begins. Requests a second follow the places, at least one for
/// each.
pub(crate) fn targets(allowance: Allowance, wants: &[u32], turn: u64) -> Vec<(u32, u32)> {
    let mut shares = vec![(0, 0); wants.len()];
    let mut round: Vec<usize> = (0..wants.len())
        .filter(|at| wants.get(*at).is_some_and(|wanted| *wanted > 0))
        .collect();
    let most = allowance.at_once.min(allowance.per_second.unwrap_or(u32::MAX));
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if round.len() > most {
        let members = u64::try_from(round.len()).unwrap_or(1);
        round.rotate_left(usize::try_from(turn % members).unwrap_or_default());
        round.truncate(most);
    }
    let mut left = allowance.at_once;
    let mut before = None;
    while left > 0 && before != Some(left) {
        before = Some(left);
        for at in &round {
            if let (Some(share), Some(wanted)) = (shares.get_mut(*at), wants.get(*at))
                && left > 0
                && share.0 < *wanted
            {
                share.0 += 1;
                left -= 1;
            }
        }
    }
    if let Some(per_second) = allowance.per_second {
        pace(&mut shares, &round, per_second);
    }
    shares
}

/// Hands out requests a second: one to each who has a place, then each to whoever has the fewest for its places.
fn pace(shares: &mut [(u32, u32)], round: &[usize], per_second: u32) {
    let mut left = per_second;
    for at in round {
        if let Some(share) = shares.get_mut(*at)
            && left > 0
        {
            share.1 = 1;
            left -= 1;
        }
    }
    while left > 0 {
        let fewest = round.iter().copied().min_by(|a, b| {
            let of = |at: &usize| shares.get(*at).copied().unwrap_or_default();
            let ((places_a, pace_a), (places_b, pace_b)) = (of(a), of(b));
            // pace_a / places_a against pace_b / places_b, without dividing.
            let left = u64::from(pace_a) * u64::from(places_b);
            left.cmp(&(u64::from(pace_b) * u64::from(places_a)))
        });
        let Some(share) = fewest.and_then(|at| shares.get_mut(at)) else {
            return;
        };
        share.1 += 1;
        left -= 1;
    }
}

fn sum(counts: impl Iterator<Item = u32>) -> u32 {
    counts.fold(0, u32::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_once(at_once: u32) -> Allowance {
        Allowance {
            at_once,
            per_second: None,
        }
    }

    fn places(allowance: u32, wants: &[u32], turn: u64) -> Vec<u32> {
        let shares = targets(at_once(allowance), wants, turn);
        shares.into_iter().map(|(places, _)| places).collect()
    }

    #[test]
    fn everybody_gets_what_it_wants_or_a_fair_part() {
        for (allowance, wants, expected) in [
            (5, vec![9, 9], vec![3, 2]),
            (6, vec![9, 9], vec![3, 3]),
            (5, vec![1, 9], vec![1, 4]),
            (5, vec![0, 9], vec![0, 5]),
            (5, vec![0, 0], vec![0, 0]),
            (9, vec![2, 3], vec![2, 3]),
            (10, vec![2, 100, 5], vec![2, 4, 4]),
            (0, vec![2, 3], vec![0, 0]),
        ] {
            assert_eq!(places(allowance, &wants, 7), expected, "{allowance} for {wants:?}");
        }
    }

    #[test]
    fn members_without_a_place_have_one_in_another_turn() {
        assert_eq!(places(2, &[5, 5, 5], 0), [1, 1, 0]);
        assert_eq!(places(2, &[5, 5, 5], 1), [0, 1, 1]);
        assert_eq!(places(2, &[5, 5, 5], 2), [1, 0, 1]);
        assert_eq!(places(2, &[5, 0, 5], 1), [1, 0, 1], "whoever wants nothing has no turn");
    }

    #[test]
    fn the_pace_follows_the_places_and_adds_up() {
        let both = |at_once, per_second| Allowance {
            at_once,
            per_second: Some(per_second),
        };
        assert_eq!(targets(both(5, 10), &[1, 9], 0), [(1, 2), (4, 8)]);
        assert_eq!(targets(both(9, 10), &[1, 100], 0), [(1, 2), (8, 8)]);
        assert_eq!(targets(both(9, 1), &[5, 5], 0), [(5, 1), (0, 0)]);
        assert_eq!(targets(both(9, 7), &[0, 0], 0), [(0, 0), (0, 0)]);
    }

    #[test]
    fn what_is_in_use_is_held_and_nothing_more_is_started() {
        let other = Other {
            member: "b".into(),
            wanted: 9,
            held: 0,
            held_per_second: 0,
        };
        let need = |wanted, keeps| Need {
            wanted,
            keeps: at_once(keeps),
        };
        let shrinks = next(at_once(6), std::slice::from_ref(&other), "a", need(9, 6), 0);
        assert_eq!((shrinks.held, shrinks.may), (6, at_once(3)));
        let full = Other {
            held: 6,
            ..other.clone()
        };
        let waits = next(at_once(6), &[full], "a", need(9, 0), 0);
        assert_eq!((waits.held, waits.may, waits.wanted), (0, at_once(0), 6));
        let some = Other { held: 4, ..other };
        let takes = next(at_once(6), &[some], "a", need(9, 0), 0);
        assert_eq!((takes.held, takes.may), (2, at_once(2)));
    }

    #[test]
    fn a_pace_that_is_introduced_begins_at_once_and_one_that_is_dropped_ends() {
        let need = |per_second| Need {
            wanted: 3,
            keeps: Allowance { at_once: 3, per_second },
        };
        let limited = Allowance {
            at_once: 3,
            per_second: Some(4),
        };
        assert_eq!(next(limited, &[], "a", need(None), 0).may, limited);
        let slower = Allowance {
            per_second: Some(1),
            ..limited
        };
        let next = super::next(slower, &[], "a", need(Some(4)), 0);
        assert_eq!((next.held_per_second, next.may.per_second), (4, Some(1)));
        assert_eq!(super::next(at_once(3), &[], "a", need(Some(4)), 0).may, at_once(3));
    }
}
