//! Clients of the tiers below, all over transports: in process or over TCP makes no difference here.

use strata_contract::Transport;
use strata_contract::strata::master::v1::engagement_service_client::EngagementServiceClient;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::mobilisation::v1::mobilisation_service_client::MobilisationServiceClient;

/// Largest answer taken: a page of a thousand engagements with their projects and tasks.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Generated clients. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) engagements: EngagementServiceClient<Transport>,
    pub(crate) mobilisation: MobilisationServiceClient<Transport>,
    pub(crate) billing: BillingServiceClient<Transport>,
    pub(crate) exceptions: ExceptionServiceClient<Transport>,
}

impl Clients {
    pub(crate) fn new(process: Transport, master: Transport) -> Self {
        Self {
            engagements: EngagementServiceClient::new(master).max_decoding_message_size(LARGEST_ANSWER),
            mobilisation: MobilisationServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            billing: BillingServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            exceptions: ExceptionServiceClient::new(process).max_decoding_message_size(LARGEST_ANSWER),
        }
    }
}
