//! Where the year is lived: the vendors, and the platform between them.

use chrono::{NaiveTime, TimeDelta};
use futures::FutureExt;
use futures::future::join_all;
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_contract::strata::dev::v1::{GetTimeRequest, SetTimeRequest, SettleRequest};
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::intercompany::v1::intercompany_service_client::IntercompanyServiceClient;
use strata_contract::strata::process::position::v1::position_service_client::PositionServiceClient;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::revenue::v1::revenue_service_client::RevenueServiceClient;
use strata_contract::strata::process::workforce::v1::workforce_report_service_client::WorkforceReportServiceClient;
use strata_contract::{Transport, pb_instant};
use strata_kernel::{Clock, Date, Instant, SimClock};

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
    /// Clocks of every server but the process servers, vendors first.
    pub control: Vec<ControlServiceClient<Transport>>,
    /// Clocks of the process servers, which also come to rest on demand.
    pub processes: Vec<ControlServiceClient<Transport>>,
    /// What the platform knows of work and documents.
    pub billing: BillingServiceClient<Transport>,
    /// What the platform says contracts earned.
    pub revenue: RevenueServiceClient<Transport>,
    /// What the platform adds up for dashboards.
    pub positions: PositionServiceClient<Transport>,
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
    /// Puts a stage together. `control` holds the clocks of the vendors and of the platform's other servers; `processes` lead
    /// to the process servers, the first of which is asked for everything. Credentials the platform asks for are the transports' business.
    ///
    /// # Errors
    /// When an address or a key of `access` cannot be used.
    pub fn new(access: Access, control: Vec<ControlServiceClient<Transport>>, processes: Vec<Transport>) -> Result<Self> {
        let process = processes
            .first()
            .cloned()
            .ok_or_else(|| Error::Setup("a stage needs a process server".to_owned()))?;
        let clock = SimClock::new(Instant::UNIX_EPOCH);
        Ok(Self {
            people: People::new(access, std::sync::Arc::new(clock.clone()))?,
            control,
            billing: BillingServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            revenue: RevenueServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            positions: PositionServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            exceptions: ExceptionServiceClient::new(process.clone()).max_decoding_message_size(LARGEST_ANSWER),
            workforce: WorkforceReportServiceClient::new(process.clone()),
            intercompany: IntercompanyServiceClient::new(process.clone()),
            reconciliation: ReconciliationServiceClient::new(process),
            processes: processes.into_iter().map(ControlServiceClient::new).collect(),
            clock,
        })
    }

    /// Moves every clock to an hour of a day. A clock that is there already, or beyond, stays.
    ///
    /// # Errors
    /// When a server refuses.
    pub async fn set_clock(&self, day: Date, hour: u32) -> Result<()> {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        self.set_clock_to(day.and_time(time).and_utc()).await
    }

    /// Moves every clock to an instant, as [`Stage::set_clock`] does.
    ///
    /// # Errors
    /// When a server refuses.
    pub async fn set_clock_to(&self, instant: Instant) -> Result<()> {
        for control in &self.control {
            let present = move_clock(control.clone(), instant).await?;
            self.clock.set(present);
        }
        let moved = self.processes.iter().map(|process| move_clock(process.clone(), instant));
        for present in answered(join_all(moved).await)? {
            self.clock.set(present);
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

    /// Lets time pass from where the latest clock is.
    ///
    /// # Errors
    /// When a server refuses.
    pub async fn wait(&self, time: TimeDelta) -> Result<()> {
        self.read_clock().await?;
        self.set_clock_to(self.clock.now() + time).await
    }

    /// Lets the platform react until it finds nothing to do, and says how much it did. Of several process servers some may
    /// be away: the others do their work.
    ///
    /// # Errors
    /// When it refuses, or never comes to rest.
    pub async fn settle(&self, day: Date) -> Result<u64> {
        let mut total = 0;
        for _ in 0..MOST_SETTLES {
            let settled = self.processes.iter().map(|process| self.settle_one(process.clone()));
            match answered(join_all(settled).await)?.into_iter().sum() {
                0 => return Ok(total),
                work => total += work,
            }
        }
        Err(Error::Restless {
            day,
            calls: MOST_SETTLES,
        })
    }

    async fn settle_one(&self, mut process: ControlServiceClient<Transport>) -> Result<u64> {
        if self.processes.len() > 1 {
            // It may have been started again since the clocks were moved.
            move_clock(process.clone(), self.clock.now()).await?;
        }
        let answer = process.settle(SettleRequest {}).boxed().await;
        Ok(answer.map_err(Error::platform("Settle"))?.into_inner().work)
    }
}

/// Moves a clock, and says what it shows then. A clock that is there already, or beyond, stays.
async fn move_clock(mut control: ControlServiceClient<Transport>, to: Instant) -> Result<Instant> {
    let present = control
        .get_time(GetTimeRequest {})
        .boxed()
        .await
        .map_err(Error::platform("GetTime"))?;
    let present = present
        .into_inner()
        .time
        .and_then(|time| strata_contract::instant(&time).ok());
    if let Some(present) = present.filter(|present| *present >= to) {
        return Ok(present);
    }
    let request = SetTimeRequest {
        time: Some(pb_instant(to)),
    };
    control.set_time(request).boxed().await.map_err(Error::platform("SetTime"))?;
    Ok(to)
}

/// What servers answered. Some of them may be away, but not all.
fn answered<T>(answers: Vec<Result<T>>) -> Result<Vec<T>> {
    let (mut given, mut away) = (Vec::new(), None);
    for answer in answers {
        match answer {
            Ok(answer) => given.push(answer),
            Err(error) if error.is_away() => away = Some(error),
            Err(error) => return Err(error),
        }
    }
    match away {
        Some(error) if given.is_empty() => Err(error),
        _ => Ok(given),
    }
}
