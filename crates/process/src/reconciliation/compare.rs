//! What differs between approved time and the books, entry by entry.

use std::collections::{BTreeMap, HashMap};

use strata_finance::reconciliation::{Compared, Record as Side, tie_out};
use strata_kernel::{Date, Decimal, Instant};

use super::books::{Record, StandsFor};
use crate::approved::Held;
use crate::store::rows::TimeEntryRow;

/// How an entry differs, in the words of the ledger of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    MissingInErp,
    DuplicateInErp,
    MinutesDiffer,
    UnknownInErp,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::MissingInErp => "MISSING_IN_ERP",
            Self::DuplicateInErp => "DUPLICATE_IN_ERP",
            Self::MinutesDiffer => "MINUTES_DIFFER",
            Self::UnknownInErp => "UNKNOWN_IN_ERP",
        }
    }
}

/// One way in which one entry differs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    /// None: no approved entry stands behind the records.
    pub(super) entry: Option<TimeEntryRow>,
    /// What the records say they are of, when no entry stands behind them.
    pub(super) subject: String,
    pub(super) work_date: Date,
    pub(super) psa_minutes: i32,
    pub(super) erp_minutes: i32,
    pub(super) erp_ids: Vec<String>,
}

/// What a comparison came to.
#[derive(Debug, Default)]
pub(super) struct Compare {
    pub(super) findings: Vec<Finding>,
    /// Entries that do not agree and are younger than the allowed lag.
    pub(super) in_flight: u64,
    /// Entries of no time that the books hold nothing of: they agree, unless something of them was posted.
    pub(super) nothing: Vec<TimeEntryRow>,
}

/// The records of one entry.
#[derive(Debug, Default)]
struct Group<'a> {
    /// Those with our key: they are one, however often the entry was corrected.
    ours: Vec<&'a Record>,
    /// Those that people made.
    theirs: Vec<&'a Record>,
}

/// Compares all entries of a range of work dates with all records of the same range. Entries approved after `since` are
/// too young to be missed.
pub(super) fn compare(entries: &[Held], records: &[Record], since: Option<Instant>) -> Compare {
    let groups = group(entries, records);
    let by_id: HashMap<&str, &Held> = entries.iter().map(|held| (held.0.id.as_str(), held)).collect();
    let mut out = Compare::default();
    let mut left = Vec::new();
    for held in entries {
        if held.1.minutes == 0 && !groups.contains_key(&held.0.id) {
            out.nothing.push(held.0.clone());
        } else {
            left.push(side(&held.0.id, held.1.minutes, Some(held.1.approved_at.and_utc())));
        }
    }
    let right: Vec<Side> = groups.iter().flat_map(|(key, group)| sides(key, group)).collect();
    let tied = tie_out(&left, &right, since);
    let young = |held: &Held| since.is_some_and(|since| held.1.approved_at.and_utc() > since);
    out.in_flight = tied.in_flight.len() as u64;
    let none = Group::default();
    let mut find = |kind: Kind, key: &str| {
        let group = groups.get(key).unwrap_or(&none);
        out.findings.push(finding(kind, by_id.get(key).copied(), key, group));
    };
    tied.missing_right.iter().for_each(|key| find(Kind::MissingInErp, key));
    tied.duplicate_right.iter().for_each(|key| find(Kind::DuplicateInErp, key));
    tied.missing_left.iter().for_each(|key| find(Kind::UnknownInErp, key));
    for key in tied.differs.get(MINUTES).into_iter().flatten() {
        let Some(held) = by_id.get(key.as_str()) else { continue };
        let ours = groups.get(key).map(|group| group.ours.as_slice()).unwrap_or_default();
        // What we posted is right: only what stands beside it is wrong, and is found as a duplicate.
        if !ours.is_empty() && sum(ours) == held.1.minutes {
            continue;
        }
        if young(held) {
            out.in_flight += 1;
        } else {
            find(Kind::MinutesDiffer, key);
        }
    }
    out
}

/// The attribute that is compared.
const MINUTES: &str = "minutes";

fn side(key: &str, minutes: i32, committed_at: Option<Instant>) -> Side {
    Side {
        key: key.to_owned(),
        committed_at,
        values: [(MINUTES.to_owned(), Compared::Number(Decimal::from(minutes)))].into(),
    }
}

/// Our records of an entry count as one: a correction takes back what was posted and posts anew.
fn sides(key: &str, group: &Group<'_>) -> Vec<Side> {
    let ours = (!group.ours.is_empty()).then(|| side(key, sum(&group.ours), None));
    let theirs = group.theirs.iter().map(|record| side(key, record.minutes, None));
    ours.into_iter().chain(theirs).collect()
}

fn sum(records: &[&Record]) -> i32 {
    records.iter().fold(0, |sum, record| sum.saturating_add(record.minutes))
}

/// Records by the entry they are of. Those of no entry have a key of their own.
fn group<'a>(entries: &[Held], records: &'a [Record]) -> BTreeMap<String, Group<'a>> {
    let mut by_work: HashMap<(&str, &str, Date, &str), &str> = HashMap::new();
    for (entry, _) in entries {
        let work = (
            entry.project_id.as_str(),
            entry.employee_id.as_str(),
            entry.work_date,
            entry.reference.as_str(),
        );
        by_work.insert(work, &entry.id);
    }
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    for record in records {
        match &record.stands_for {
            StandsFor::Entry(entry) => groups.entry(entry.clone()).or_default().ours.push(record),
            StandsFor::Work { project_id, employee_id } => {
                let work = (
                    project_id.as_str(),
                    employee_id.as_str(),
                    record.work_date,
                    record.memo.as_str(),
                );
                let entry = by_work.get(&work).map(|entry| (*entry).to_owned());
                let key = entry.unwrap_or_else(|| format!("record {}", record.id));
                groups.entry(key).or_default().theirs.push(record);
            }
        }
    }
    groups
}

fn finding(kind: Kind, held: Option<&Held>, key: &str, group: &Group<'_>) -> Finding {
    let records: Vec<&Record> = group.ours.iter().chain(&group.theirs).copied().collect();
    let memo = records
        .iter()
        .map(|record| record.memo.as_str())
        .find(|memo| !memo.is_empty());
    let subject = held.map_or(memo.unwrap_or(key), |held| held.0.reference.as_str()).to_owned();
    let day = held
        .map(|held| held.0.work_date)
        .or(records.first().map(|record| record.work_date));
    Finding {
        kind,
        subject,
        entry: held.map(|held| held.0.clone()),
        work_date: day.unwrap_or_default(),
        psa_minutes: held.map_or(0, |held| held.1.minutes),
        erp_minutes: sum(&records),
        erp_ids: records.iter().map(|record| record.id.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::rows::TimeVersionRow;

    const DAY: &str = "2025-03-07";

    fn entry(id: &str, minutes: i32, approved: &str) -> Held {
        let entry = TimeEntryRow {
            id: id.into(),
            employee_id: "emp".into(),
            project_id: "prj".into(),
            project_code: "PR-1".into(),
            contract_id: "con".into(),
            engagement_id: "eng".into(),
            work_date: DAY.parse().unwrap(),
            approved_on: DAY.parse().unwrap(),
            first_run: None,
            reference: format!("TE-{id}"),
            correlation_id: "cor".into(),
        };
        let version = TimeVersionRow {
            psa_id: id.into(),
            entry_id: id.into(),
            version: 1,
            minutes,
            write_down_minutes: 0,
            role: "analyst".into(),
            overtime: false,
            billable: true,
            approved_on: DAY.parse().unwrap(),
            posted: true,
            approved_at: format!("2025-03-10T{approved}:00").parse().unwrap(),
        };
        (entry, version)
    }

    fn ours(id: &str, entry: &str, minutes: i32) -> Record {
        Record {
            id: id.into(),
            stands_for: StandsFor::Entry(entry.into()),
            work_date: DAY.parse().unwrap(),
            minutes,
            memo: format!("TE-{entry}"),
        }
    }

    fn theirs(id: &str, project: &str, memo: &str, minutes: i32) -> Record {
        Record {
            id: id.into(),
            stands_for: StandsFor::Work {
                project_id: project.into(),
                employee_id: "emp".into(),
            },
            work_date: DAY.parse().unwrap(),
            minutes,
            memo: memo.into(),
        }
    }

    fn found(entries: &[Held], records: &[Record]) -> (Vec<(Kind, String)>, u64) {
        let since = Some("2025-03-10T12:00:00Z".parse().unwrap());
        let out = compare(entries, records, since);
        let findings = out.findings.into_iter().map(|finding| (finding.kind, finding.subject));
        (findings.collect(), out.in_flight)
    }

    fn only(kind: Kind, subject: &str) -> (Vec<(Kind, String)>, u64) {
        (vec![(kind, subject.to_owned())], 0)
    }

    #[test]
    fn what_is_there_once_with_its_minutes_agrees() {
        let corrected = [ours("1", "1", 480), ours("2", "1", -480), ours("3", "1", 450)];
        assert_eq!(found(&[entry("1", 450, "09:00")], &corrected), (Vec::new(), 0));
        let voided = [ours("1", "1", 480), ours("2", "1", -480)];
        assert_eq!(found(&[entry("1", 0, "09:00")], &voided), (Vec::new(), 0));
    }

    #[test]
    fn each_difference_has_its_name() {
        let one = [entry("1", 480, "09:00")];
        assert_eq!(found(&one, &[]), only(Kind::MissingInErp, "TE-1"));
        assert_eq!(found(&one, &[ours("1", "1", 510)]), only(Kind::MinutesDiffer, "TE-1"));
        let copied = [ours("1", "1", 480), theirs("2", "prj", "TE-1", 480)];
        assert_eq!(found(&one, &copied), only(Kind::DuplicateInErp, "TE-1"));
        let half_taken_back = [ours("1", "1", 480), ours("2", "1", -480)];
        assert_eq!(found(&one, &half_taken_back), only(Kind::MinutesDiffer, "TE-1"));
        assert_eq!(found(&[], &[ours("1", "9", 480)]), only(Kind::UnknownInErp, "TE-9"));
        assert_eq!(found(&[], &[theirs("5", "", "", 480)]), only(Kind::UnknownInErp, "record 5"));
    }

    #[test]
    fn a_record_of_other_work_is_no_copy() {
        let records = [ours("1", "1", 480), theirs("2", "other", "TE-1", 480)];
        assert_eq!(found(&[entry("1", 480, "09:00")], &records), only(Kind::UnknownInErp, "TE-1"));
    }

    #[test]
    fn a_copy_of_voided_time_is_a_duplicate_and_no_wrong_minutes() {
        let records = [ours("1", "1", 480), ours("2", "1", -480), theirs("3", "prj", "TE-1", 480)];
        assert_eq!(found(&[entry("1", 0, "09:00")], &records), only(Kind::DuplicateInErp, "TE-1"));
    }

    #[test]
    fn a_record_that_people_made_instead_of_ours_stands_for_the_entry() {
        assert_eq!(
            found(&[entry("1", 480, "09:00")], &[theirs("2", "prj", "TE-1", 480)]),
            (Vec::new(), 0)
        );
    }

    #[test]
    fn what_is_young_is_on_its_way() {
        assert_eq!(found(&[entry("1", 480, "12:01")], &[]), (Vec::new(), 1));
        assert_eq!(found(&[entry("1", 450, "12:01")], &[ours("1", "1", 480)]), (Vec::new(), 1));
        let copied = [ours("1", "1", 480), theirs("2", "prj", "TE-1", 480)];
        assert_eq!(
            found(&[entry("1", 480, "12:01")], &copied),
            only(Kind::DuplicateInErp, "TE-1")
        );
    }

    #[test]
    fn no_time_and_no_record_is_left_to_the_ledger() {
        let out = compare(&[entry("1", 0, "09:00")], &[], None);
        assert_eq!((out.findings.len(), out.nothing.len()), (0, 1));
    }
}
