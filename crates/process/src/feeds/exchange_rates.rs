//! Exchange rates, as finance enters them in the ERP.

use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Result};
use strata_rpc::error;

use super::feed::{Feed, Page, Store, put_all, seen};
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
        let (created, refused) = put_all(rates, |some| put(core, some), refused).await?;
        let now = core.now();
        Ok(Box::new(move |c| Ok(created + exceptions::open_all(c, &refused, now)?)))
    }
}

/// Records rates, and says how many are new.
async fn put(core: &Core, exchange_rates: Vec<master::ExchangeRate>) -> Result<u64> {
    let request = master::PutExchangeRatesRequest { exchange_rates };
    let mut to = core.clients.reference.clone();
    let answer = to.put_exchange_rates(request).await.map_err(error)?;
    Ok(u64::from(answer.into_inner().created))
}

fn refused(refusal: &Error, rate: &master::ExchangeRate) -> Problem {
    let name = format!("{} to {}", rate.from_currency_code, rate.to_currency_code);
    Problem::of(refusal, "exchange_rate", &name, Owner::Finance)
}

fn rate(row: erp::ExchangeRate) -> master::ExchangeRate {
    master::ExchangeRate {
        date: row.date,
        from_currency_code: row.from_currency_code,
        to_currency_code: row.to_currency_code,
        rate: row.rate,
    }
}
