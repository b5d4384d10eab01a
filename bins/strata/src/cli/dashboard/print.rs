//! The sums for people.

use strata_contract::money;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::position::v1 as pb;

use crate::cli::exceptions::print::{table, time};

/// What stands where the caller may not see an amount.
const HIDDEN: &str = "-";

pub(super) fn unbilled(answer: &pb::ListUnbilledPositionsResponse) {
    let rows = answer.positions.iter().map(|row| {
        let figures = [
            row.entries.to_string(),
            row.billable_minutes.to_string(),
            amount(row.amount.as_ref()),
            currency(&[row.amount.as_ref()]),
        ];
        of(row.of.as_ref()).into_iter().chain(figures).collect()
    });
    let totals = answer.totals.iter().map(|total| {
        let figures = [
            total.entries.to_string(),
            total.billable_minutes.to_string(),
            amount(total.amount.as_ref()),
            currency(&[total.amount.as_ref()]),
        ];
        in_all().into_iter().chain(figures).collect()
    });
    table(&heads(&["ENTRIES", "MINUTES", "AMOUNT", "CUR"]), rows.chain(totals));
    end(&answer.next_page_token, answer.freshness.as_ref());
}

pub(super) fn wip(answer: &pb::ListWipPositionsResponse) {
    let figures = |amounts: [Option<&Money>; 4]| {
        let cells = amounts.map(amount).into_iter();
        cells.chain([currency(&amounts)]).collect::<Vec<_>>()
    };
    let rows = answer.positions.iter().map(|row| {
        let amounts = [&row.earned, &row.billed, &row.earned_not_billed, &row.billed_not_earned];
        of(row.of.as_ref())
            .into_iter()
            .chain(figures(amounts.map(Option::as_ref)))
            .collect()
    });
    let totals = answer.totals.iter().map(|total| {
        let amounts = [
            &total.earned,
            &total.billed,
            &total.earned_not_billed,
            &total.billed_not_earned,
        ];
        in_all().into_iter().chain(figures(amounts.map(Option::as_ref))).collect()
    });
    table(
        &heads(&["EARNED", "BILLED", "NOT BILLED", "NOT EARNED", "CUR"]),
        rows.chain(totals),
    );
    end(&answer.next_page_token, answer.freshness.as_ref());
}

pub(super) fn margins(answer: &pb::ListMarginPositionsResponse) {
    let figures = |minutes: i64, amounts: [Option<&Money>; 3]| {
        let cells = std::iter::once(minutes.to_string()).chain(amounts.map(amount));
        cells.chain([currency(&amounts)]).collect::<Vec<_>>()
    };
    let rows = answer.positions.iter().map(|row| {
        let amounts = [&row.revenue, &row.labour_cost, &row.margin].map(Option::as_ref);
        of(row.of.as_ref()).into_iter().chain(figures(row.minutes, amounts)).collect()
    });
    let totals = answer.totals.iter().map(|total| {
        let amounts = [&total.revenue, &total.labour_cost, &total.margin].map(Option::as_ref);
        in_all().into_iter().chain(figures(total.minutes, amounts)).collect()
    });
    table(&heads(&["MINUTES", "REVENUE", "COST", "MARGIN", "CUR"]), rows.chain(totals));
    end(&answer.next_page_token, answer.freshness.as_ref());
}

pub(super) fn status(answer: &pb::GetPositionStatusResponse) {
    match answer.generation {
        0 => println!("nothing is added up yet"),
        generation => println!("generation {generation}, built {}", time(answer.built_time.as_ref())),
    }
    if answer.building != 0 {
        println!("generation {} is being built", answer.building);
    }
    end("", answer.freshness.as_ref());
}

pub(super) fn check(answer: &pb::CheckPositionsResponse) {
    println!(
        "{} lines and {} sums compared, {} differ, {} wait to be added up",
        answer.lines, answer.cells, answer.differing, answer.pending
    );
    let rows = answer
        .differences
        .iter()
        .map(|difference| vec![difference.name.clone(), difference.field.clone()]);
    if answer.differing > 0 {
        table(&["WHAT", "FIGURE"], rows);
        println!("exception {}", answer.exception_id);
    }
}

fn heads<'a>(figures: &[&'a str]) -> Vec<&'a str> {
    ["CONTRACT", "PROJECT", "ENTITY"]
        .into_iter()
        .chain(figures.iter().copied())
        .collect()
}

fn of(of: Option<&pb::PositionOf>) -> [String; 3] {
    let of = of.cloned().unwrap_or_default();
    [of.contract_number, of.project_code, of.legal_entity_code]
}

fn in_all() -> [String; 3] {
    ["in all".to_owned(), String::new(), String::new()]
}

fn amount(said: Option<&Money>) -> String {
    let amount = said.and_then(|said| money(said).ok());
    amount.map_or_else(|| HIDDEN.to_owned(), |amount| amount.to_string())
}

fn currency(amounts: &[Option<&Money>]) -> String {
    let said = amounts.iter().flatten().next();
    said.map(|said| said.currency_code.clone()).unwrap_or_default()
}

/// Whether there is more, and how fresh it is.
fn end(next_page_token: &str, freshness: Option<&pb::Freshness>) {
    if !next_page_token.is_empty() {
        println!("there are more: --all lists them");
    }
    if let Some(fresh) = freshness {
        println!(
            "everything until {} is in it: {} s behind, {} changes wait",
            time(fresh.as_of_time.as_ref()),
            fresh.lag_seconds,
            fresh.pending
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_that_is_left_out_is_not_zero() {
        let usd = Money {
            currency_code: "USD".into(),
            minor_units: -1_250,
        };
        assert_eq!((amount(Some(&usd)).as_str(), amount(None).as_str()), ("-12.50", "-"));
        assert_eq!(currency(&[None, Some(&usd)]), "USD");
    }
}
