//! What companies of the firm charge each other.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::TimeDelta;
use strata_contract::strata::master::v1 as pb;
use strata_contract::{date, instant, require_date};
use strata_kernel::{Currency, Date, Error, Instant, Result};
use strata_store::{Conn, both};

use super::Master;
use crate::store::rows::TransferRateRow;
use crate::store::{lite, pg};

impl Master {
    pub(super) async fn put_transfer(&self, request: pb::PutTransferRatesRequest) -> Result<pb::PutTransferRatesResponse> {
        let now = self.clock.now();
        let rows = request
            .transfer_rates
            .iter()
            .enumerate()
            .map(|(i, rate)| row(rate, i, now))
            .collect::<Result<Vec<_>>>()?;
        let created = self.change(move |c| put(c, &rows)).await?;
        Ok(pb::PutTransferRatesResponse { created })
    }

    pub(super) async fn lookup_transfer(
        &self,
        request: pb::LookupTransferRatesRequest,
    ) -> Result<pb::LookupTransferRatesResponse> {
        let known = request.known_time.as_ref().map(instant).transpose();
        let known = known.map_err(|e| e.at("known_time"))?.unwrap_or_else(|| self.clock.now());
        let deliverers: BTreeSet<String> = request.questions.iter().map(|q| q.delivering_entity_code.clone()).collect();
        let deliverers: Vec<String> = deliverers.into_iter().collect();
        let versions = self
            .db
            .read(move |c| both!(c, transfer_rates::of_deliverers(&deliverers)))
            .await?;
        let held = Held::of(versions, known);
        let answers = request
            .questions
            .iter()
            .enumerate()
            .map(|(i, question)| {
                Ok(held.answer(
                    question,
                    require_date(question.date.as_ref(), &format!("questions[{i}].date"))?,
                ))
            })
            .collect::<Result<_>>()?;
        Ok(pb::LookupTransferRatesResponse { answers })
    }
}

fn row(rate: &pb::TransferRate, i: usize, now: Instant) -> Result<TransferRateRow> {
    let field = |name: &str| format!("transfer_rates[{i}].{name}");
    Currency::parse(&rate.currency_code).map_err(|e| Error::from(e).at(field("currency_code")))?;
    let from = require_date(rate.effective_date.as_ref(), &field("effective_date"))?;
    let to = rate.effective_end_date.as_ref().map(date).transpose();
    let to = to.map_err(|e| e.at(field("effective_end_date")))?;
    if to.is_some_and(|to| to <= from) {
        return Err(Error::invalid(field("effective_end_date"), "must be after the first day"));
    }
    if rate.delivering_entity_code == rate.contracting_entity_code {
        return Err(Error::invalid(
            field("contracting_entity_code"),
            "a company charges itself nothing",
        ));
    }
    Ok(TransferRateRow {
        id: rate.id.clone(),
        recorded_at: now.naive_utc(),
        delivering_entity_code: rate.delivering_entity_code.clone(),
        contracting_entity_code: rate.contracting_entity_code.clone(),
        role: rate.role.clone(),
        currency_code: rate.currency_code.clone(),
        hourly_rate: rate.hourly_rate.clone(),
        effective_date: from,
        effective_end_date: to,
    })
}

/// Only what differs from the newest version becomes a version: the vendor repeats itself.
fn put(conn: &mut Conn<'_>, rows: &[TransferRateRow]) -> Result<u32> {
    let known: HashSet<String> = both!(conn, reference::legal_entities())?
        .into_iter()
        .map(|e| e.code)
        .collect();
    for (i, row) in rows.iter().enumerate() {
        for (field, code) in [
            ("delivering_entity_code", &row.delivering_entity_code),
            ("contracting_entity_code", &row.contracting_entity_code),
        ] {
            if !known.contains(code) {
                let field = format!("transfer_rates[{i}].{field}");
                return Err(Error::invalid(field, format!("there is no legal entity \"{code}\"")));
            }
        }
    }
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut newest: HashMap<String, TransferRateRow> = HashMap::new();
    for held in both!(conn, transfer_rates::versions(&ids))? {
        newest.insert(held.id.clone(), held);
    }
    let mut new = Vec::new();
    for mut row in rows.iter().cloned() {
        if let Some(held) = newest.get(&row.id) {
            let same = TransferRateRow {
                recorded_at: held.recorded_at,
                ..row.clone()
            };
            if same == *held {
                continue;
            }
            // Two versions within one instant keep their order.
            row.recorded_at = row.recorded_at.max(held.recorded_at + TimeDelta::microseconds(1));
        }
        newest.insert(row.id.clone(), row.clone());
        new.push(row);
    }
    let created = both!(conn, transfer_rates::add(&new))?;
    Ok(u32::try_from(created).unwrap_or(u32::MAX))
}

/// The version of each rate that was known at an instant, by pair and role.
struct Held(HashMap<(String, String, String), Vec<TransferRateRow>>);

impl Held {
    /// `versions` come oldest first.
    fn of(versions: Vec<TransferRateRow>, known: Instant) -> Self {
        let mut newest: HashMap<String, TransferRateRow> = HashMap::new();
        for version in versions
            .into_iter()
            .filter(|version| version.recorded_at <= known.naive_utc())
        {
            newest.insert(version.id.clone(), version);
        }
        let mut held: HashMap<_, Vec<TransferRateRow>> = HashMap::new();
        for row in newest.into_values() {
            let key = (
                row.delivering_entity_code.clone(),
                row.contracting_entity_code.clone(),
                row.role.clone(),
            );
            held.entry(key).or_default().push(row);
        }
        Self(held)
    }

    fn answer(&self, question: &pb::TransferRateQuestion, day: Date) -> pb::TransferRateAnswer {
        let key = (
            question.delivering_entity_code.clone(),
            question.contracting_entity_code.clone(),
            question.role.clone(),
        );
        let rows = self.0.get(&key).map(Vec::as_slice).unwrap_or_default();
        let holds = |row: &&TransferRateRow| row.effective_date <= day && row.effective_end_date.is_none_or(|end| day < end);
        let holding: Vec<&TransferRateRow> = rows.iter().filter(holds).collect();
        match holding.as_slice() {
            [only] => pb::TransferRateAnswer {
                candidates: 1,
                hourly_rate: only.hourly_rate.clone(),
                currency_code: only.currency_code.clone(),
            },
            several => pb::TransferRateAnswer {
                candidates: u32::try_from(several.len()).unwrap_or(u32::MAX),
                ..pb::TransferRateAnswer::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::pb_date;

    use super::*;

    fn version(id: &str, recorded: &str, rate: &str, from: &str, to: Option<&str>) -> TransferRateRow {
        TransferRateRow {
            id: id.into(),
            recorded_at: recorded.parse().unwrap(),
            delivering_entity_code: "IN01".into(),
            contracting_entity_code: "DE01".into(),
            role: "analyst".into(),
            currency_code: "INR".into(),
            hourly_rate: rate.into(),
            effective_date: from.parse().unwrap(),
            effective_end_date: to.map(|day| day.parse().unwrap()),
        }
    }

    fn asked(role: &str, day: &str, known: &str) -> (u32, String) {
        // Finance closed the first rate when it entered the second.
        let versions = vec![
            version("1", "2025-01-01T00:00:00", "5000", "2025-01-01", None),
            version("1", "2025-06-15T00:00:00", "5000", "2025-01-01", Some("2025-07-01")),
            version("2", "2025-06-15T00:00:00", "5500", "2025-07-01", None),
        ];
        let held = Held::of(versions, known.parse().unwrap());
        let question = pb::TransferRateQuestion {
            delivering_entity_code: "IN01".into(),
            contracting_entity_code: "DE01".into(),
            role: role.into(),
            date: Some(pb_date(day.parse().unwrap())),
        };
        let answer = held.answer(&question, day.parse().unwrap());
        (answer.candidates, answer.hourly_rate)
    }

    #[test]
    fn the_rate_of_the_day_as_known_then() {
        let now = "2025-12-31T00:00:00Z";
        assert_eq!(asked("analyst", "2025-06-30", now), (1, "5000".into()));
        assert_eq!(asked("analyst", "2025-07-01", now), (1, "5500".into()));
        assert_eq!(asked("analyst", "2025-07-01", "2025-06-14T00:00:00Z"), (1, "5000".into()));
        assert_eq!(asked("analyst", "2024-12-31", now), (0, String::new()));
        assert_eq!(asked("partner", "2025-07-01", now), (0, String::new()));
    }

    #[test]
    fn two_rates_at_once_are_no_answer() {
        let versions = vec![
            version("1", "2025-01-01T00:00:00", "5000", "2025-01-01", None),
            version("2", "2025-01-01T00:00:00", "5500", "2025-03-01", None),
        ];
        let held = Held::of(versions, "2025-12-31T00:00:00Z".parse().unwrap());
        let question = pb::TransferRateQuestion {
            delivering_entity_code: "IN01".into(),
            contracting_entity_code: "DE01".into(),
            role: "analyst".into(),
            date: None,
        };
        let answer = held.answer(&question, "2025-03-01".parse().unwrap());
        assert_eq!((answer.candidates, answer.hourly_rate.as_str()), (2, ""));
    }
}
