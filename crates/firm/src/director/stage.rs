//! Where the year is lived: the vendors, and the platform between them.

use chrono::NaiveTime;
use futures::FutureExt;
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_contract::strata::dev::v1::{GetTimeRequest, SetTimeRequest, SettleRequest};
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::intercompany::v1::intercompany_service_client::IntercompanyServiceClient;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::revenue::v1::revenue_service_client::RevenueServiceClient;
use strata_contract::strata::process::workforce::v1::workforce_report_service_client::WorkforceReportServiceClient;
use strata_contract::{Transport, pb_instant};
use strata_kernel::{Date, Instant, SimClock};

use crate::people::{Access, People};
use crate::{Error, Result};

/// Calls of Settle after which a platform that still finds work is given up.
const MOST_SETTLES: u32 = 1_000;
/// Largest answer taken from the platform, in bytes: exceptions and documents of a large firm.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Everything a firm's people and its platform need.
#[derive(Debug)]
pub struct Stage {
    /// The firm's people, signed in at the vendors.
    pub people: People,
    /// Clocks of every server but the process server, vendors first.
    pub control: Vec<ControlServiceClient<Transport>>,
    /// Clock of the process server, which also comes to rest on demand.
    pub process: ControlServiceClient<Transport>,
    /// What the platform knows of work and documents.
    pub billing: BillingServiceClient<Transport>,
    /// What the platform says contracts earned.
    pub revenue: RevenueServiceClient<Transport>,
    /// What the platform found stuck.
    pub exceptions: ExceptionServiceClient<Transport>,
    /// What the platform says of people's time.
    pub workforce: WorkforceReportServiceClient<Transport>,
    /// What the platform says that companies owe each other.
    pub intercompany: IntercompanyServiceClient<Transport>,
    /// Compares the books with approved time.
    pub reconciliation: ReconciliationServiceClient<Transport>,
    clock: SimClock,
}

// Calls are boxed one by one: the compiler cannot see through a transport's erased error that they are `Send`.
impl Stage {
    /// Puts a stage together. `control` holds the clocks of the vendors and of the platform's other servers; `process` leads
    /// to the process server. Credentials the platform asks for are the transports' business.
    ///
    /// # Errors
    /// When an address or a key of `access` cannot be used.
    pub fn new(access: Access, control: Vec<ControlServiceClient<Transport>>, process: Transport) -> Result<Self> {
        let clock = SimClock::new(Instant::UNIX_EPOCH);
        Ok(Self {
            people: People::new(access, std::sync::Arc::new(clock.clone()))?,
            control,
            billing: BillingServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            revenue: RevenueServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            exceptions: ExceptionServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            workforce: WorkforceReportServiceClient::new(process.clone()),
            intercompany: IntercompanyServiceClient::new(process.clone()),
            reconciliation: ReconciliationServiceClient::new(process.clone()),
            process: ControlServiceClient::new(process),
            clock,
        })
    }

    /// Moves every clock to an hour of a day. A clock that is there already, or beyond, stays.
    ///
    /// # Errors
    /// When a server refuses.
    pub async fn set_clock(&self, day: Date, hour: u32) -> Result<()> {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        let instant = day.and_time(time).and_utc();
        for control in self.control.iter().chain([&self.process]) {
            let mut control = control.clone();
            let present = control
                .get_time(GetTimeRequest {})
                .boxed()
                .await
                .map_err(Error::platform("GetTime"))?;
            let present = present
                .into_inner()
                .time
                .and_then(|time| strata_contract::instant(&time).ok());
            if let Some(present) = present.filter(|present| *present >= instant) {
                self.clock.set(present);
                continue;
            }
            let request = SetTimeRequest {
                time: Some(pb_instant(instant)),
            };
            control.set_time(request).boxed().await.map_err(Error::platform("SetTime"))?;
        }
        self.clock.set(instant);
        Ok(())
    }

    /// Looks at the clocks without moving them: what people sign is dated by the latest.
    ///
    /// # Errors
    /// When a server refuses.
    pub async fn read_clock(&self) -> Result<()> {
        self.set_clock(Date::MIN, 0).await
    }

    /// Lets the platform react until it finds nothing to do, and says how much it did.
    ///
    /// # Errors
    /// When it refuses, or never comes to rest.
    pub async fn settle(&self, day: Date) -> Result<u64> {
        let mut process = self.process.clone();
        let mut total = 0;
        for _ in 0..MOST_SETTLES {
            let answer = process
                .settle(SettleRequest {})
                .boxed()
                .await
                .map_err(Error::platform("Settle"))?;
            match answer.into_inner().work {
                0 => return Ok(total),
                work => total += work,
            }
        }
        Err(Error::Restless {
            day,
            calls: MOST_SETTLES,
        })
    }
}
