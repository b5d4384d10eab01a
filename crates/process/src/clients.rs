//! Clients of the tiers below, all over transports: in process or over TCP makes no difference here.

use strata_contract::Transport;
use strata_contract::strata::master::v1::contract_service_client::ContractServiceClient;
use strata_contract::strata::master::v1::cross_reference_service_client::CrossReferenceServiceClient;
use strata_contract::strata::master::v1::engagement_service_client::EngagementServiceClient;
use strata_contract::strata::master::v1::reference_data_service_client::ReferenceDataServiceClient;
use strata_contract::strata::master::v1::workforce_service_client::WorkforceServiceClient;
use strata_contract::strata::system::crm::v1::crm_service_client::CrmServiceClient;
use strata_contract::strata::system::erp::v1::erp_service_client::ErpServiceClient;
use strata_contract::strata::system::hr::v1::hr_service_client::HrServiceClient;
use strata_contract::strata::system::psa::v1::psa_service_client::PsaServiceClient;

/// Largest answer taken: the pricing of many contracts, or a page of documents.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Where the servers below are.
#[derive(Clone)]
pub struct Transports {
    /// Server of the CRM.
    pub crm: Transport,
    /// Server of the PSA.
    pub psa: Transport,
    /// Server of the ERP.
    pub erp: Transport,
    /// Server of the HR system.
    pub hr: Transport,
    /// Server of master data.
    pub master: Transport,
}

/// Generated clients. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) crm: CrmServiceClient<Transport>,
    pub(crate) psa: PsaServiceClient<Transport>,
    pub(crate) erp: ErpServiceClient<Transport>,
    pub(crate) hr: HrServiceClient<Transport>,
    pub(crate) engagements: EngagementServiceClient<Transport>,
    pub(crate) contracts: ContractServiceClient<Transport>,
    pub(crate) workforce: WorkforceServiceClient<Transport>,
    pub(crate) reference: ReferenceDataServiceClient<Transport>,
    pub(crate) xrefs: CrossReferenceServiceClient<Transport>,
}

impl Clients {
    pub(crate) fn new(to: Transports) -> Self {
        Self {
            crm: CrmServiceClient::new(to.crm).max_decoding_message_size(LARGEST_ANSWER),
            psa: PsaServiceClient::new(to.psa).max_decoding_message_size(LARGEST_ANSWER),
            erp: ErpServiceClient::new(to.erp).max_decoding_message_size(LARGEST_ANSWER),
            hr: HrServiceClient::new(to.hr).max_decoding_message_size(LARGEST_ANSWER),
            engagements: EngagementServiceClient::new(to.master.clone()),
            contracts: ContractServiceClient::new(to.master.clone()).max_decoding_message_size(LARGEST_ANSWER),
            workforce: WorkforceServiceClient::new(to.master.clone()).max_decoding_message_size(LARGEST_ANSWER),
            reference: ReferenceDataServiceClient::new(to.master.clone()).max_decoding_message_size(LARGEST_ANSWER),
            xrefs: CrossReferenceServiceClient::new(to.master),
        }
    }
}
