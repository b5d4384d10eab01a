//! Lists engagements over gRPC, then asks for one that nobody has.
//!
//! ```text
//! engagements http://127.0.0.1:7400 "$TOKEN"
//! ```

use std::error::Error;
use std::time::Duration;

use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::experience::delivery::v2::{GetEngagementRequest, ListEngagementsRequest};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Endpoint;
use tonic::{Request, Status};
use tonic_types::StatusExt;

const DEADLINE: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("usage: engagements ADDRESS [TOKEN]")?;
    let token = arguments.next().map(|token| format!("Bearer {token}").parse()).transpose()?;
    match tell(address, token).await {
        Ok(()) => Ok(()),
        Err(failed) => match failed.downcast::<Status>() {
            Ok(refused) => {
                println!("refused: {}", reason(&refused));
                Ok(())
            }
            Err(other) => Err(other),
        },
    }
}

async fn tell(address: String, token: Option<MetadataValue<Ascii>>) -> Result<(), Box<dyn Error>> {
    let with_token = move |mut request: Request<()>| {
        request.set_timeout(DEADLINE);
        if let Some(token) = &token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    };
    let channel = Endpoint::from_shared(address)?.connect_lazy();
    let mut delivery = DeliveryServiceClient::with_interceptor(channel, with_token);
    let whole = ListEngagementsRequest {
        page_size: 100,
        ..ListEngagementsRequest::default()
    };
    for engagement in delivery.list_engagements(whole).await?.into_inner().engagements {
        println!("{} for {}", engagement.contract_number, engagement.customer_display_name);
    }
    let unknown = GetEngagementRequest {
        name: "engagements/eng_00000000000000000000".to_owned(),
    };
    delivery.get_engagement(unknown).await?;
    Ok(())
}

/// The reason is stable; the text is for people and may change.
fn reason(refused: &Status) -> String {
    let info = refused.get_error_details().error_info().cloned();
    info.map_or_else(|| format!("{:?}", refused.code()), |info| info.reason)
}
