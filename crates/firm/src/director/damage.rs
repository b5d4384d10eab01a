//! Somebody who damages the time in the books on the last day, past the platform.
//!
//! What is damaged is what the firm's copy of the books says otherwise than its time entries. Everything may be done twice:
//! the records are looked at before they are touched.

use std::collections::HashMap;

use crate::data::{Entry, Firm};
use crate::people::Erp;
use crate::{Error, Result};

/// Approved entries that the generator copies into the books, the first ones.
const COPIED_ENTRIES: usize = 20_000;

/// One damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    /// Every record of the entry is deleted.
    Missing,
    /// A record is copied.
    Twice,
    /// So many minutes are added to the record.
    Minutes(i64),
}

/// Damages the books, and says how many entries it touched.
///
/// # Errors
/// When NetSuite refuses, or does not hold what is to be damaged.
pub(crate) async fn damage(firm: &Firm, erp: &Erp) -> Result<u64> {
    let damages = damages(firm);
    for (entry, damage) in &damages {
        match damage {
            Damage::Missing => {
                for posted in erp.time_of(&entry.id, entry.work_date).await? {
                    erp.delete_time(&posted.id).await?;
                }
            }
            Damage::Twice => {
                let posted = erp.time_of(&entry.id, entry.work_date).await?;
                if posted.iter().all(|posted| !posted.key.is_empty()) {
                    let last = posted.iter().max_by_key(|posted| posted.version());
                    erp.copy_time(&last.ok_or_else(|| lacks(firm, entry))?.id).await?;
                }
            }
            Damage::Minutes(more) => {
                let posted = erp.time_of(&entry.id, entry.work_date).await?;
                let last = posted.iter().max_by_key(|posted| posted.version());
                let last = last.ok_or_else(|| lacks(firm, entry))?;
                let minutes = i64::from(minutes_of(firm, entry, last.version())) + more;
                erp.change_hours(&last.id, u32::try_from(minutes).unwrap_or_default()).await?;
            }
        }
    }
    Ok(damages.len() as u64)
}

/// What the copy of the books says otherwise.
fn damages(firm: &Firm) -> Vec<(&Entry, Damage)> {
    let mut copies: HashMap<&str, Vec<i64>> = HashMap::new();
    for row in &firm.damaged {
        copies.entry(&row.psa_time_entry_id).or_default().push(row.minutes.into());
    }
    let approved = firm.time.approved().into_iter().take(COPIED_ENTRIES);
    let damaged = approved.filter_map(|entry| {
        let minutes = i64::from(entry.minutes);
        match copies.get(entry.id.as_ref()).map(Vec::as_slice) {
            None => Some((entry, Damage::Missing)),
            Some([copied]) if *copied == minutes => None,
            Some([copied]) => Some((entry, Damage::Minutes(copied - minutes))),
            Some(_) => Some((entry, Damage::Twice)),
        }
    });
    damaged.collect()
}

/// Minutes that a version of an entry posts: the entry's own, or those of its correction.
fn minutes_of(firm: &Firm, entry: &Entry, version: Option<u32>) -> u32 {
    let correction = firm.corrections.iter().rfind(|row| row.time_entry_id == *entry.id);
    match correction {
        Some(correction) if version.is_some_and(|version| version > 1) => correction.corrected_minutes,
        _ => entry.minutes.into(),
    }
}

fn lacks(firm: &Firm, entry: &Entry) -> Error {
    Error::Missing {
        day: firm.manifest.as_of,
        who: entry.id.to_string(),
        what: "its record in the ERP".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tiny::Tiny;

    #[test]
    fn what_the_copy_says_otherwise_is_damage() {
        let copy = |id: &str, minutes: u32| json!({"psa_time_entry_id": id, "minutes": minutes});
        let found = |rows: Vec<serde_json::Value>| {
            let mut tiny = Tiny::new();
            *tiny.rows("erp_time_postings") = rows;
            let firm = tiny.load();
            let damages = damages(&firm);
            damages
                .into_iter()
                .map(|(entry, damage)| (entry.id.to_string(), damage))
                .collect::<Vec<_>>()
        };
        // Approved are TE-1, TE-2 and TE-3; the correction of TE-3 is in no copy.
        assert_eq!(found(vec![copy("TE-1", 60), copy("TE-2", 60), copy("TE-3", 60)]), []);
        assert_eq!(
            found(vec![copy("TE-1", 60), copy("TE-1", 60), copy("TE-3", 90)]),
            [
                ("TE-1".to_owned(), Damage::Twice),
                ("TE-2".to_owned(), Damage::Missing),
                ("TE-3".to_owned(), Damage::Minutes(30)),
            ]
        );
    }
}
