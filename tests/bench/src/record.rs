//! The record that goes to and fro in the rows about calls.

use anyhow::{Result, ensure};
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::system::hr::v1::{ListWorkerChangesRequest, ListWorkerChangesResponse, Worker};

/// A question whose answer can be told from every other.
pub(crate) fn request(caller: usize, number: u64) -> ListWorkerChangesRequest {
    ListWorkerChangesRequest {
        cursor: format!("{caller}:{number}"),
        page_size: 100,
    }
}

/// The answer of every echo: a worker, and the cursor that was sent.
pub(crate) fn answer(request: ListWorkerChangesRequest) -> ListWorkerChangesResponse {
    ListWorkerChangesResponse {
        workers: vec![Worker {
            id: "b6f7c1d2e3a4".to_owned(),
            employee_number: "EM-00042".to_owned(),
            name: "Astrid Example".to_owned(),
            email: "astrid@firm.example".to_owned(),
            role: "senior_consultant".to_owned(),
            legal_entity_code: "US01".to_owned(),
            fte_percent: 80,
            hourly_cost: Some(Money {
                currency_code: "USD".to_owned(),
                minor_units: 8_250,
            }),
            ..Worker::default()
        }],
        next_cursor: request.cursor,
        ..ListWorkerChangesResponse::default()
    }
}

/// Checks that it is the answer to this question, with nothing left out.
///
/// # Errors
/// When it is another.
pub(crate) fn check(sent: &str, answer: &ListWorkerChangesResponse) -> Result<u64> {
    ensure!(answer.next_cursor == sent, "asked {sent}, answered {}", answer.next_cursor);
    let cost = answer.workers.first().and_then(|worker| worker.hourly_cost.as_ref());
    ensure!(
        cost.is_some_and(|cost| cost.minor_units == 8_250),
        "the worker came back without cost"
    );
    Ok(1)
}
