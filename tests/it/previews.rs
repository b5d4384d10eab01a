//! Previews: what finance sees before anything is posted, and that nothing is stored by looking.

use strata_contract::pb_date;
use strata_contract::strata::common::v1::{AmendedRate, Amendment, AmendmentKind, RateLevel};
use strata_contract::strata::process::billing::v1 as pb;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::billing::v1::preview_service_client::PreviewServiceClient;
use tonic::Code;

use crate::mini::{MONDAY, Mini};

type PbDate = strata_contract::google::r#type::Date;

fn day(text: &str) -> Option<PbDate> {
    Some(pb_date(text.parse().unwrap()))
}

fn minor(amount: Option<&strata_contract::strata::common::v1::Money>) -> i64 {
    amount.unwrap().minor_units
}

/// Hours of a consultant at 170.00 from the start of the year, signed in February.
fn amendment(currency: &str) -> Amendment {
    Amendment {
        number: "AM-1".into(),
        contract_number: "CT-1".into(),
        kind: AmendmentKind::Rates.into(),
        effective_date: day("2025-01-01"),
        signed_date: day("2025-02-06"),
        rates: vec![AmendedRate {
            role: "consultant".into(),
            currency_code: currency.into(),
            hourly_rate: "170".into(),
        }],
        ..Amendment::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn finance_sees_what_a_price_a_run_and_an_amendment_would_do() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until(MONDAY, 12).await;
    let process = mini.all.installation.process.clone();
    let (mut previews, mut billing) = (PreviewServiceClient::new(process.clone()), BillingServiceClient::new(process));

    let asked = pb::PreviewPriceRequest {
        contract_number: "CT-1".into(),
        role: "consultant".into(),
        work_date: day(MONDAY),
        minutes: 450,
        ..pb::PreviewPriceRequest::default()
    };
    let price = previews.preview_price(asked.clone()).await.unwrap().into_inner();
    assert_eq!((price.billable_minutes, minor(price.amount.as_ref())), (450, 120_000));
    assert_eq!((price.hourly_rate.as_str(), price.level()), ("160", RateLevel::Standard));
    let words = price.explanation.join(" ");
    for part in [price.rate_line_id.as_str(), "160", MONDAY, "rounded once", "The rule"] {
        assert!(words.contains(part), "{part} is missing: {words}");
    }
    let nobody = pb::PreviewPriceRequest {
        role: "astronaut".into(),
        ..asked
    };
    assert_eq!(
        previews.preview_price(nobody).await.unwrap_err().code(),
        Code::FailedPrecondition
    );

    let run = pb::PreviewInvoiceRequest {
        contract_number: "CT-1".into(),
        period: "2025-01".into(),
        run_date: day("2025-02-05"),
    };
    let first = previews.preview_invoice(run.clone()).await.unwrap().into_inner();
    assert_eq!((first.lines.len(), minor(first.net.as_ref())), (1, 128_000));
    assert_eq!(
        (first.lines[0].kind.as_str(), first.lines[0].reference.as_str()),
        ("time", "TE-1")
    );
    let documents = billing.list_documents(pb::ListDocumentsRequest::default()).await.unwrap();
    assert!(documents.into_inner().documents.is_empty(), "looking bills nothing");

    mini.until("2025-02-05", 19).await;
    let again = previews.preview_invoice(run).await.unwrap().into_inner();
    assert!(again.lines.is_empty(), "{:?}", again.lines);
    assert_eq!(
        (minor(again.gross.as_ref()), minor(again.billed_before.as_ref())),
        (0, 128_000)
    );

    let asked = |amendment| pb::PreviewAmendmentRequest {
        amendment: Some(amendment),
        period: "2025-02".into(),
        run_date: None,
    };
    let effect = previews
        .preview_amendment(asked(amendment("USD")))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (minor(effect.net_without.as_ref()), minor(effect.effect.as_ref())),
        (0, 8_000)
    );
    assert_eq!(
        (effect.sources.len(), effect.sources[0].billed),
        (1, true),
        "{:?}",
        effect.sources
    );
    assert_eq!(effect.sources[0].reference, "TE-1");
    let refused = previews.preview_amendment(asked(amendment("EUR"))).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let documents = billing.list_documents(pb::ListDocumentsRequest::default()).await.unwrap();
    assert_eq!(
        documents.into_inner().documents.len(),
        1,
        "an amendment that nobody signed changes nothing"
    );
}
