//! Who calls a server, asked of it.

use anyhow::Context;
use strata_catalog::{Caller, Usage};
use strata_contract::instant;
use strata_contract::strata::platform::v1::contract_service_client::ContractServiceClient;
use strata_contract::strata::platform::v1::{Consumer, ListConsumersRequest};

use crate::cli::token::Token;

/// Consumers asked for at a time.
const PAGE: i32 = 1000;

/// Everybody whom a server has seen, by method and consumer.
///
/// # Errors
/// When it cannot be reached, or refuses.
pub(super) async fn ask(server: &str, token: &Token) -> anyhow::Result<Usage> {
    let mut client = ContractServiceClient::new(token.connect(server)?);
    let mut usage = Usage {
        server: server.to_owned(),
        since: String::new(),
        callers: Vec::new(),
    };
    let mut page_token = String::new();
    loop {
        let request = ListConsumersRequest {
            page_size: PAGE,
            page_token,
            deprecated_only: false,
        };
        let page = client.list_consumers(request).await?.into_inner();
        usage.since = said(page.since_time)?;
        let callers = page.consumers.into_iter().map(caller).collect::<anyhow::Result<Vec<_>>>();
        usage.callers.extend(callers?);
        if page.next_page_token.is_empty() {
            return Ok(usage);
        }
        page_token = page.next_page_token;
    }
}

fn caller(of: Consumer) -> anyhow::Result<Caller> {
    Ok(Caller {
        first: said(of.first_time)?,
        last: said(of.last_time)?,
        method: of.method,
        consumer: of.consumer,
        calls: of.calls,
    })
}

fn said(time: Option<prost_types::Timestamp>) -> anyhow::Result<String> {
    let time = time.context("the server tells no time")?;
    Ok(instant(&time)?.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}
