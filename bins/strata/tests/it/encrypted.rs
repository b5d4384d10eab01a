//! Every server in its own process, with certificates between them.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use strata::{Role, Vendor, split};
use strata_contract::Transport;
use strata_contract::strata::experience::delivery::v2::ListEngagementsRequest as ListForPortal;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::master::v1::ListEngagementsRequest;
use strata_contract::strata::master::v1::engagement_service_client::EngagementServiceClient;
use strata_contract::strata::system::erp::v1::GetCapabilitiesRequest;
use strata_contract::strata::system::erp::v1::erp_service_client::ErpServiceClient;
use strata_kernel::Date;
use strata_rpc::{Credentials, connect_over};
use strata_tls::ClientTlsSettings;
use tonic::{Code, Status};

use crate::installations::{options, works};
use crate::program::{ended, strata};

/// A transport with the certificate of a kind of process, or with none.
fn connect(address: &str, certificates: &Path, own: Option<&str>) -> Transport {
    let file = |name: String| certificates.join(name);
    let settings = ClientTlsSettings {
        certificate_file: own.map(|own| file(format!("{own}.pem"))),
        key_file: own.map(|own| file(format!("{own}.key"))),
        ca_file: file("ca.pem".to_owned()),
        ..ClientTlsSettings::default()
    };
    connect_over(address, Credentials::None, Some((&settings.open().unwrap(), None))).unwrap()
}

async fn as_portal(to: Transport) -> Result<(), Code> {
    let listed = DeliveryServiceClient::new(to)
        .list_engagements(ListForPortal::default())
        .await;
    listed.map(drop).map_err(|refused| refused.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn tiers_know_each_other_by_their_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = folder.path().join("certs");
    let (code, printed, stderr) = ended(strata(&format!("certs dev {}", certificates.display())));
    assert_eq!(code, 0, "{stderr}");
    assert!(printed.contains("spiffe://strata/process"), "{printed}");
    let again = ended(strata(&format!("certs dev {}", certificates.display())));
    assert!(again.0 == 2 && again.2.contains("exists"), "{again:?}");

    let program = PathBuf::from(env!("CARGO_BIN_EXE_strata"));
    let options = options(folder.path());
    let mut split = split::start_encrypted(&options, Some(program), toml::Table::new(), &certificates)
        .await
        .unwrap();
    let day = Date::from_ymd_opt(2025, 1, 7).unwrap();
    // Through every tier: the portal's list, master data, and what the process tier asks of the vendors' servers.
    works(&split.installation, day).await;
    split.kill(Role::Process).await.unwrap();
    split.restart(Role::Process).await.unwrap();
    works(&split.installation, day).await;

    let address = |role: Role| format!("https://{}", split.installation.addresses.of(role).unwrap());
    let to = |role: Role, own: Option<&str>| connect(&address(role), &certificates, own);
    // A portal needs no certificate for the experience tier, and gets nowhere else without one.
    assert_eq!(as_portal(to(Role::Experience, None)).await, Ok(()));
    assert_eq!(as_portal(to(Role::Experience, Some("portal"))).await, Ok(()));
    let list = |to: Transport| async move {
        let mut master = EngagementServiceClient::new(to);
        master.list_engagements(ListEngagementsRequest::default()).await.map(drop)
    };
    let code = |answer: Result<(), Status>| answer.map_or_else(|refused| refused.code(), |()| Code::Ok);
    assert_eq!(code(list(to(Role::Master, None)).await), Code::Unavailable);
    assert_eq!(code(list(to(Role::Master, Some("portal"))).await), Code::PermissionDenied);
    assert_eq!(code(list(to(Role::Master, Some("experience"))).await), Code::Ok);
    // The experience tier may not ask the vendors' servers, and nobody speaks plain text.
    let erp = |own: &'static str| {
        let mut erp = ErpServiceClient::new(to(Role::System(Vendor::NetSuite), Some(own)));
        async move { erp.get_capabilities(GetCapabilitiesRequest::default()).await.map(drop) }
    };
    assert_eq!(code(erp("experience").await), Code::PermissionDenied);
    assert_eq!(code(erp("process").await), Code::Ok);
    let plain = split.installation.addresses.of(Role::Master).unwrap().to_string();
    assert_eq!(code(list(strata_rpc::connect(&plain).unwrap()).await), Code::Unavailable);

    // The command line calls as an operator.
    let files = format!("--ca-file {0}/ca.pem", certificates.display());
    let own = format!(
        "{files} --certificate-file {0}/operator.pem --key-file {0}/operator.key",
        certificates.display()
    );
    let process = address(Role::Process);
    let (code, _, stderr) =
        tokio::task::spawn_blocking(move || ended(strata(&format!("exceptions list --server {process} {own}"))))
            .await
            .unwrap();
    assert_eq!(code, 0, "{stderr}");
    split.stop().await.unwrap();
}
