//! What the books hold of a posting, compared with what was sent: minutes, amount, currency and day.

use std::borrow::Cow;

use prost::Message;
use strata_contract::strata::common::v1::Money as PbMoney;
use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::{money, require_date};
use strata_kernel::{Date, Error, Money, Result};

use super::posting;
use crate::store::rows::PostingRow;

/// The first way in which the books hold something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Field: "minutes", "amount", "cost_amount", "posting_date".
    pub(crate) field: &'static str,
    /// Both sides in words, amounts in minor units.
    pub(crate) text: Cow<'static, str>,
    /// What was sent, when that is an amount.
    pub(crate) sent: Option<Money>,
}

/// The books hold nothing under its key.
pub(crate) const GONE: Difference = Difference {
    field: "key",
    text: Cow::Borrowed("it was posted, and the ERP holds nothing under its key any more; enter it again under that key"),
    sent: None,
};

/// Compares a posting with what the books hold under its key. None: they hold the same.
pub(crate) fn difference(row: &PostingRow, held: &erp::BookedPosting) -> Result<Option<Difference>> {
    let sent = sent(row)?;
    let differs = |field, text: String| Difference {
        field,
        text: text.into(),
        sent: sent.amount,
    };
    if held.voided {
        let text = format!("{} was sent, the ERP has voided it", words(sent.amount));
        return Ok(Some(differs("amount", text)));
    }
    if i64::from(held.minutes) != row.minutes {
        let text = format!("{} minutes were sent, the ERP has {}", row.minutes, held.minutes);
        return Ok(Some(differs("minutes", text)));
    }
    for (field, ours, theirs) in [
        ("amount", sent.amount, &held.amount),
        ("cost_amount", sent.cost, &held.cost_amount),
    ] {
        let theirs = theirs.as_ref().map(money).transpose()?;
        if ours != theirs {
            let text = format!("{} was sent, the ERP has {}", words(ours), words(theirs));
            return Ok(Some(differs(field, text)));
        }
    }
    let day = held.posting_date.as_ref();
    if let Some(day) = day.map(|day| require_date(Some(day), "posting_date")).transpose()?
        && day != sent.day
    {
        let text = format!("it was sent for {}, the ERP has it on {day}", sent.day);
        return Ok(Some(differs("posting_date", text)));
    }
    Ok(None)
}

/// An answer about a document, in the words that every posting is compared by.
pub(crate) fn of_document(posted: &erp::PostedDocument) -> erp::BookedPosting {
    let kind = match posted.kind() {
        erp::DocumentKind::CreditMemo => erp::RecordKind::CreditMemo,
        _ => erp::RecordKind::Invoice,
    };
    erp::BookedPosting {
        kind: kind.into(),
        id: posted.id.clone(),
        key: posted.key.clone(),
        number: posted.number.clone(),
        posting_date: posted.issue_date,
        amount: posted.net.clone(),
        voided: posted.state() == erp::DocumentState::Voided,
        ..erp::BookedPosting::default()
    }
}

struct Sent {
    amount: Option<Money>,
    cost: Option<Money>,
    day: Date,
}

fn sent(row: &PostingRow) -> Result<Sent> {
    let day = row.posting_date.ok_or_else(|| Error::internal("a posting without its day"))?;
    let read = |amount: &Option<PbMoney>| amount.as_ref().map(money).transpose();
    if row.kind == posting::TIME {
        let body = erp::TimePosting::decode(row.body.as_slice()).map_err(Error::internal)?;
        return Ok(Sent {
            amount: read(&body.bill_amount)?,
            cost: read(&body.cost_amount)?,
            day,
        });
    }
    let amount = PbMoney {
        currency_code: row.currency_code.clone(),
        minor_units: row.minor_units,
    };
    Ok(Sent {
        amount: read(&Some(amount))?,
        cost: None,
        day,
    })
}

/// An amount in minor units, so that nobody has to guess where the point stands.
fn words(amount: Option<Money>) -> String {
    amount.map_or_else(
        || "no amount".to_owned(),
        |amount| format!("{} {} in minor units", amount.minor, amount.currency.code()),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::billing::value::valued;

    fn usd(minor_units: i64) -> Option<PbMoney> {
        Some(PbMoney {
            currency_code: "USD".into(),
            minor_units,
        })
    }

    fn day(text: &str) -> Option<strata_contract::google::r#type::Date> {
        Some(strata_contract::pb_date(text.parse().unwrap()))
    }

    fn row() -> PostingRow {
        let body = erp::TimePosting {
            key: "time:7:v1".into(),
            work_date: day("2025-01-07"),
            minutes: 60,
            bill_amount: usd(16_000),
            cost_amount: usd(5_000),
            ..erp::TimePosting::default()
        };
        let now = "2025-01-08T09:00:00Z".parse().unwrap();
        valued(PostingRow::intended(
            posting::TIME,
            "time:7:v1",
            "TE-7",
            body.encode_to_vec(),
            now,
        ))
        .unwrap()
    }

    fn held() -> erp::BookedPosting {
        erp::BookedPosting {
            kind: erp::RecordKind::TimePosting.into(),
            minutes: 60,
            amount: usd(16_000),
            cost_amount: usd(5_000),
            posting_date: day("2025-01-07"),
            ..erp::BookedPosting::default()
        }
    }

    #[test]
    fn what_differs_is_named_with_both_sides() {
        assert_eq!(difference(&row(), &held()).unwrap(), None);
        let eur = Some(PbMoney {
            currency_code: "EUR".into(),
            minor_units: 16_000,
        });
        for (field, changed) in [
            ("minutes", erp::BookedPosting { minutes: 90, ..held() }),
            (
                "amount",
                erp::BookedPosting {
                    amount: usd(15_999),
                    ..held()
                },
            ),
            ("amount", erp::BookedPosting { amount: eur, ..held() }),
            ("amount", erp::BookedPosting { amount: None, ..held() }),
            ("amount", erp::BookedPosting { voided: true, ..held() }),
            (
                "cost_amount",
                erp::BookedPosting {
                    cost_amount: usd(1),
                    ..held()
                },
            ),
            (
                "posting_date",
                erp::BookedPosting {
                    posting_date: day("2025-01-08"),
                    ..held()
                },
            ),
        ] {
            assert_eq!(difference(&row(), &changed).unwrap().unwrap().field, field);
        }
        let short = erp::BookedPosting {
            amount: usd(15_999),
            ..held()
        };
        let text = difference(&row(), &short).unwrap().unwrap().text;
        assert_eq!(
            text,
            "16000 USD in minor units was sent, the ERP has 15999 USD in minor units"
        );
    }

    #[test]
    fn a_vendor_that_does_not_say_the_day_is_not_compared_by_it() {
        let silent = erp::BookedPosting {
            posting_date: None,
            ..held()
        };
        assert_eq!(difference(&row(), &silent).unwrap(), None);
    }
}
