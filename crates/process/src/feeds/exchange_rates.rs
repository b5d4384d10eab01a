//! Exchange rates, as finance enters them in the ERP.

use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::Result;
use strata_rpc::error;

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};

/// Exchange rates.
pub(super) struct ExchangeRates;

impl Feed for ExchangeRates {
    const NAME: &'static str = "erp-exchange-rates";
    const KIND: &'static str = "exchange_rate";
    type Item = erp::ExchangeRate;

    fn system(systems: &Systems) -> &str {
        &systems.erp
    }

    fn id(item: &Self::Item) -> &str {
        &item.from_currency_code
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
        let mut created = 0;
        if !items.is_empty() {
            let exchange_rates = items.into_iter().map(rate).collect();
            let request = master::PutExchangeRatesRequest { exchange_rates };
            let mut to = core.clients.reference.clone();
            let answer = to.put_exchange_rates(request).await.map_err(error)?;
            created = u64::from(answer.into_inner().created);
        }
        Ok(Box::new(move |_| Ok(created)))
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
