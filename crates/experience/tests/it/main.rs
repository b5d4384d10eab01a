//! What a portal sees, told through the public contract. The tiers below are small fakes in this process,
//! served and called the way the real ones are.
#![allow(clippy::unwrap_used)]

mod engagements;
mod fakes;
mod refusals;
mod timeline;
mod unbilled;
mod v1;
mod watch;

use fakes::Below;
use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_experience::Delivery;
use strata_kernel::derive_id;
use strata_rpc::{AuditLog, Server, ServerBuilder, ServerSettings, Transport};

type Portal = DeliveryServiceClient<Transport>;

/// The experience tier over two servers that hold what `below` holds.
async fn server(below: &Below) -> Server {
    let build = |builder: ServerBuilder| builder.build();
    let new = || ServerBuilder::new(ServerSettings::default());
    let master = build(below.add_master_to(new())).await.unwrap();
    let process = build(below.add_process_to(new()).audited(unkept())).await.unwrap();
    let delivery = Delivery::new(process.in_process(), master.in_process());
    build(delivery.add_to(new())).await.unwrap()
}

/// What is below is played, and nobody keeps a log of it.
fn unkept() -> AuditLog {
    AuditLog::new(|_| Box::pin(async { Ok(1) }))
}

async fn portal(below: &Below) -> Portal {
    DeliveryServiceClient::new(server(below).await.in_process())
}

/// The id of the engagement that people call `name`.
fn id(name: &str) -> String {
    derive_id("eng", &[name])
}

/// Its resource name.
fn name(name: &str) -> String {
    format!("engagements/{}", id(name))
}

fn timeline(parent: String, page_size: i32, page_token: &str) -> pb::ListTimelineEntriesRequest {
    pb::ListTimelineEntriesRequest {
        parent,
        page_size,
        page_token: page_token.to_owned(),
    }
}

fn invoices(parent: String, page_size: i32, page_token: &str) -> pb::ListInvoicesRequest {
    pb::ListInvoicesRequest {
        parent,
        page_size,
        page_token: page_token.to_owned(),
    }
}

fn list(page_size: i32, page_token: &str) -> pb::ListEngagementsRequest {
    pb::ListEngagementsRequest {
        page_size,
        page_token: page_token.to_owned(),
        ..pb::ListEngagementsRequest::default()
    }
}
