//! Exchange rates, as finance enters them in the ERP.

use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::Result;
use strata_rpc::error;

use super::place::{Place, quarantine};
use crate::core::Core;

const FEED: &str = "erp-exchange-rates";

pub(super) async fn pull(core: &Core) -> Result<u64> {
    let mut count = 0;
    loop {
        let place = Place::load(core, FEED).await?;
        let request = erp::ListExchangeRateChangesRequest {
            cursor: place.cursor.clone(),
            page_size: 0,
        };
        let page = core
            .clients
            .erp
            .clone()
            .list_exchange_rate_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        let Some(next) = place.after(&page, &page.next_cursor) else {
            return Ok(count);
        };
        let more = page.more;
        if !page.exchange_rates.is_empty() {
            let exchange_rates = page.exchange_rates.into_iter().map(rate).collect();
            let request = master::PutExchangeRatesRequest { exchange_rates };
            let mut to = core.clients.reference.clone();
            let answer = to.put_exchange_rates(request).await.map_err(error)?;
            count += u64::from(answer.into_inner().created);
        }
        let (system, now) = (core.systems().await?.erp.clone(), core.now());
        core.db
            .write(move |c| {
                quarantine(c, &system, &page.malformed, now)?;
                next.store(c)
            })
            .await?;
        if !more {
            return Ok(count);
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
