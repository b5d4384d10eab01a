//! A server of ours with all its layers: tokens, scopes, rates, deadlines, validation, redaction, traces of which every tenth is kept.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use strata_contract::strata::system::hr::v1 as hr;
use strata_contract::strata::system::hr::v1::hr_service_client::HrServiceClient;
use strata_contract::strata::system::hr::v1::hr_service_server::{HrService, HrServiceServer};
use strata_identity::{Guard, TokenSource};
use strata_kernel::SystemClock;
use strata_rpc::{Credentials, Rate, Rates, Server, ServerBuilder, ServerSettings, Transport, connect_as};
use strata_telemetry::TelemetrySettings;
use tonic::{Request, Response, Status};

use super::{keys, over};
use crate::child::READY;
use crate::record;

/// Share of the traces that are kept, 0 to 1.
const SAMPLED: f64 = 0.1;

struct Echo {
    next: Option<HrServiceClient<Transport>>,
}

#[tonic::async_trait]
impl HrService for Echo {
    async fn get_capabilities(
        &self,
        _: Request<hr::GetCapabilitiesRequest>,
    ) -> Result<Response<hr::GetCapabilitiesResponse>, Status> {
        Ok(Response::new(hr::GetCapabilitiesResponse::default()))
    }

    async fn list_worker_changes(
        &self,
        request: Request<hr::ListWorkerChangesRequest>,
    ) -> Result<Response<hr::ListWorkerChangesResponse>, Status> {
        match &self.next {
            None => Ok(Response::new(record::answer(request.into_inner()))),
            Some(next) => next.clone().list_worker_changes(request.into_inner()).await,
        }
    }
}

pub(super) async fn run(next: Option<&str>, tiers: usize, folder: &Path, collector: &str) -> Result<()> {
    let (collector, issuer) = collector.split_once(',').context("collector and issuer are two addresses")?;
    let telemetry = TelemetrySettings {
        log: "warn".to_owned(),
        otlp_endpoint: Some(format!("http://{collector}")),
        sample_ratio: SAMPLED,
        ..TelemetrySettings::default()
    };
    let _telemetry = strata_telemetry::init(&telemetry, "bench")?;
    let (identity, clock) = (keys::settings(folder, issuer)?, Arc::new(SystemClock));
    let source = TokenSource::new(&identity, clock.clone())?.context("an account is set")?;
    let mut below = next
        .map(|address| connect_as(address, Credentials::Service(source)))
        .transpose()?;
    for _ in 1..tiers {
        below = Some(server(below, Guard::new(&identity, clock.clone())?).await?.in_process());
    }
    let server = server(below, Guard::new(&identity, clock)?).await?;
    let listener = server.bind("127.0.0.1:0".parse()?).await?;
    println!("{READY}{}", listener.local_addr()?);
    Ok(server.serve(listener, over()).await?)
}

/// A server of ours with one tier. `below`: whom it asks for the answer.
pub(crate) async fn server(below: Option<Transport>, guard: Guard) -> Result<Server> {
    let service = HrServiceServer::new(Echo {
        next: below.map(HrServiceClient::new),
    });
    Ok(ServerBuilder::new(settings())
        .guard(guard)
        .add_service(service)
        .build()
        .await?)
}

/// The usual limits. Rates are counted, and are so high that nobody is refused: the row is about what counting costs.
fn settings() -> ServerSettings {
    let most = Rate {
        per_second: 10_000_000,
        burst: 10_000_000,
    };
    ServerSettings {
        rates: Rates {
            read: most,
            ..Rates::default()
        },
        // No connection ends while it is measured.
        connection_age_s: 24 * 3600,
        ..ServerSettings::default()
    }
}
