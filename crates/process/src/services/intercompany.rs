//! What companies of the firm owe each other.

use strata_contract::strata::process::intercompany::v1 as pb;
use strata_contract::strata::process::intercompany::v1::intercompany_service_server::IntercompanyService;
use strata_kernel::Result;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use super::Services;
use crate::{intercompany, months};

#[tonic::async_trait]
impl IntercompanyService for Services {
    async fn list_intercompany(
        &self,
        request: Request<pb::ListIntercompanyRequest>,
    ) -> Result<Response<pb::ListIntercompanyResponse>, Status> {
        self.intercompany(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }
}

impl Services {
    async fn intercompany(&self, asked: pb::ListIntercompanyRequest) -> Result<pb::ListIntercompanyResponse> {
        let months = months::between(&asked.from_period, &asked.to_period)?;
        let known = self.day(asked.known_date.as_ref(), "known_date")?;
        let charges = intercompany::list(&self.0, &months, known).await?;
        Ok(pb::ListIntercompanyResponse { charges })
    }
}
