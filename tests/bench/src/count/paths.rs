//! The paths.

use anyhow::{Context, Result, ensure};
use prost::Message;
use strata_contract::strata::options::v1::Sensitivity;
use strata_contract::strata::process::time::v1::TimeEntryAccepted;
use strata_contract::strata::system::hr::v1::hr_service_client::HrServiceClient;
use strata_contract::strata::system::hr::v1::{ListWorkerChangesRequest, ListWorkerChangesResponse};
use strata_contract::{Masks, Policies};
use strata_events::Event;
use strata_finance::amount::hours_amount;
use strata_finance::rates::{RateBook, RateLevel, RateLine, RateQuestion, RateUnit, Recorded, resolve};
use strata_identity::Guard;
use strata_kernel::{Currency, Date, Decimal};

use super::HotPath;
use crate::record;
use crate::serve;

pub(crate) const ALL: &[HotPath] = &[
    HotPath { name: "call", run: call },
    HotPath {
        name: "token",
        run: token,
    },
    HotPath {
        name: "redact",
        run: redact,
    },
    HotPath {
        name: "price",
        run: price,
    },
    HotPath {
        name: "event",
        run: event,
    },
];

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// A call through every layer, within the process: encoded, decoded, validated.
fn call(times: u32) -> Result<()> {
    runtime()?.block_on(async {
        let server = serve::governed(None, Guard::Development).await?;
        let mut client = HrServiceClient::new(server.in_process());
        for number in 0..times {
            let request = record::request(0, number.into());
            let sent = request.cursor.clone();
            let answer = client.list_worker_changes(request).await?;
            record::check(&sent, answer.get_ref())?;
        }
        Ok(())
    })
}

/// A token that was seen before is looked at again.
fn token(times: u32) -> Result<()> {
    let folder = tempfile::tempdir()?;
    serve::make_keys(folder.path())?;
    runtime()?.block_on(async {
        let Guard::Tokens(verifier) = serve::guard(folder.path())? else {
            anyhow::bail!("the settings ask for no tokens")
        };
        let token = serve::token("reader")?;
        for _ in 0..times {
            let verified = verifier.verify(&token).await?;
            ensure!(verified.principal.subject == "reader", "it is somebody else's");
        }
        Ok(())
    })
}

/// A page of a hundred workers for somebody who may not see what an hour costs.
fn redact(times: u32) -> Result<()> {
    let one = record::answer(ListWorkerChangesRequest::default());
    let page = ListWorkerChangesResponse {
        workers: vec![one.workers[0].clone(); 100],
        ..one
    };
    let page = page.encode_to_vec();
    let masks = Masks::new(&Policies::built_in(), &[Sensitivity::LabourCost, Sensitivity::Payroll]);
    let mask = masks.of(serve::PATH).context("nothing of the answer is hidden")?;
    for _ in 0..times {
        let shown = mask.apply(&page).ok().context("the page is no message")?;
        ensure!(shown.len() < page.len(), "nothing was left out");
    }
    Ok(())
}

/// An hour is priced by a card of fifty lines.
fn price(times: u32) -> Result<()> {
    let usd = Currency::parse("USD")?;
    let day: Date = "2025-06-02".parse()?;
    let line = |number: u32| RateLine {
        id: format!("RL-{number:05}"),
        level: if number.is_multiple_of(2) {
            RateLevel::Contract
        } else {
            RateLevel::Standard
        },
        level_key: if number.is_multiple_of(2) { "CT-00001" } else { "US01" }.to_owned(),
        role: format!("role-{}", number / 2),
        org_unit: None,
        scope: None,
        currency: usd,
        rate: Decimal::from(100 + number),
        unit: RateUnit::HOUR,
        from: "2025-01-01".parse().unwrap_or_default(),
        to: None,
        recorded: Recorded::On("2024-01-01".parse().unwrap_or_default()),
        amendment: None,
        overrides: false,
        retroactive: false,
    };
    let book = RateBook::try_new((0..50).map(line))?;
    let question = RateQuestion {
        contract: "CT-00001",
        project: "PR-00001",
        customer: "CU-00001",
        entity: "US01",
        role: "role-4",
        org_unit: None,
        currency: usd,
        work_date: day,
        known_on: day,
        cards_known_on: None,
    };
    for number in 0..times {
        let rate = resolve(&question, &book)?.rate;
        let minutes = i64::from(number % 8 + 1) * 60;
        let amount = hours_amount(rate, minutes, Decimal::ONE_HUNDRED, Decimal::ZERO, usd)?;
        ensure!(
            amount.major() == rate * Decimal::from(minutes / 60),
            "{minutes} minutes at {rate} are not {amount}"
        );
    }
    Ok(())
}

/// An event is told as its contract says.
fn event(times: u32) -> Result<()> {
    let accepted = TimeEntryAccepted {
        entry_id: "77".to_owned(),
        version: 1,
        reference: "TE-00000077".to_owned(),
        project_code: "PR-00001".to_owned(),
        minutes: 465,
        billable_minutes: 480,
        ..TimeEntryAccepted::default()
    };
    for _ in 0..times {
        let event = Event::told(&accepted, "1", "cor", chrono::DateTime::UNIX_EPOCH)?;
        ensure!(event.subject == "77", "it is about {}", event.subject);
    }
    Ok(())
}
