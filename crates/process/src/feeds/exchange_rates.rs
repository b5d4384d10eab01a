//! Exchange rates, as finance enters them in the ERP.

use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::Result;
use strata_rpc::error;

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::Problem;
use crate::exceptions::{self, Owner};

/// Exchange rates.
pub(super) struct ExchangeRates;

impl Feed for ExchangeRates {
    const NAME: &'static str = "erp-exchange-rates";
    type Item = erp::ExchangeRate;

    fn system(systems: &Systems) -> &str {
        &systems.erp
    }

    fn fitting(_: &Self::Item) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = erp::ListExchangeRateChangesRequest { cursor, page_size: 0 };
        let page = core
            .clients
            .erp
            .clone()
            .list_exchange_rate_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.exchange_rates,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let rates: Vec<master::ExchangeRate> = items.into_iter().map(rate).collect();
        let (created, refused) = put(core, &rates).await?;
        let now = core.now();
        Ok(Box::new(move |c| Ok(created + exceptions::open_all(c, &refused, now)?)))
    }
}

/// Records all rates, and says how many are new and which are refused. One refused rate must not hold back the
/// others.
async fn put(core: &Core, rates: &[master::ExchangeRate]) -> Result<(u64, Vec<Problem>)> {
    if rates.is_empty() {
        return Ok((0, Vec::new()));
    }
    if let Ok(created) = put_some(core, rates).await? {
        return Ok((created, Vec::new()));
    }
    let (mut created, mut refused) = (0, Vec::new());
    for rate in rates {
        match put_some(core, std::slice::from_ref(rate)).await? {
            Ok(new) => created += new,
            Err(problem) => refused.push(problem),
        }
    }
    Ok((created, refused))
}

async fn put_some(core: &Core, rates: &[master::ExchangeRate]) -> Result<Result<u64, Problem>> {
    let request = master::PutExchangeRatesRequest {
        exchange_rates: rates.to_vec(),
    };
    match core
        .clients
        .reference
        .clone()
        .put_exchange_rates(request)
        .await
        .map_err(error)
    {
        Ok(answer) => Ok(Ok(u64::from(answer.into_inner().created))),
        Err(refusal) if refusal.is_temporary() => Err(refusal),
        Err(refusal) => {
            let name = rates
                .first()
                .map(|rate| format!("{} to {}", rate.from_currency_code, rate.to_currency_code));
            let problem = Problem::of(&refusal, "exchange_rate", &name.unwrap_or_default(), Owner::Finance);
            Ok(Err(problem))
        }
    }
}

fn rate(row: erp::ExchangeRate) -> master::ExchangeRate {
    master::ExchangeRate {
        date: row.date,
        from_currency_code: row.from_currency_code,
        to_currency_code: row.to_currency_code,
        rate: row.rate,
    }
}
