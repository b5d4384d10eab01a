//! The whole platform in one process, with its vendors' sandboxes, after a small firm lived its year through it: it knows contracts,
//! projects and people, and takes approved time.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use strata::Vendor;
use strata::allinone::{self, AllInOne, Options};
use strata::installation::Installation;
use strata::split::{self, Split};
use strata_contract::Transport;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::master::v1::cross_reference_service_client::CrossReferenceServiceClient;
use strata_contract::strata::master::v1::engagement_service_client::EngagementServiceClient;
use strata_contract::strata::master::v1::workforce_service_client::WorkforceServiceClient;
use strata_firm::calendar::Calendar;
use strata_firm::data::Firm;
use strata_firm::director::{self, Director};
use strata_sandbox::Fault;
use strata_telemetry::TelemetrySettings;
use toml::{Table, Value};

use super::over;
use crate::child::READY;
use crate::work::Place;

/// Where the PSA's names of things are kept.
const PSA: &str = "kantata-ox";

/// What a platform is started with.
#[derive(Debug, clap::Args)]
pub(crate) struct Platform {
    /// Database, empty
    #[arg(long)]
    store: String,
    /// Folder of a generated firm
    #[arg(long)]
    firm: std::path::PathBuf,
    /// File to write the places of work into
    #[arg(long)]
    places: std::path::PathBuf,
    /// Most entries of one transaction
    #[arg(long, default_value_t = 500)]
    together: u32,
    /// Every server a process of its own, with so many process servers on the database. 0: all in this process
    #[arg(long, default_value_t = 0)]
    process_servers: u16,
    /// Least time that the ERP takes for a request once the year is over, in milliseconds
    #[arg(long, default_value_t = 0)]
    erp_takes: u64,
    /// The strata program, for servers of their own
    #[arg(long)]
    program: Option<std::path::PathBuf>,
}

/// Servers, in this process or in others.
enum Servers {
    Together(Box<AllInOne>),
    Apart(Box<Split>),
}

impl Servers {
    async fn start(options: &Options, platform: &Platform) -> Result<Self> {
        let sections = sections(platform.together);
        Ok(match platform.process_servers {
            0 => Self::Together(Box::new(allinone::start_with(options, sections).await?)),
            _ => Self::Apart(Box::new(
                split::start_with(options, platform.program.clone(), &[], sections).await?,
            )),
        })
    }

    fn installation(&self) -> &Installation {
        match self {
            Self::Together(all) => &all.installation,
            Self::Apart(split) => &split.installation,
        }
    }

    /// From now on every request to the ERP takes this long.
    fn slow_down(&self, takes: Duration) -> Result<()> {
        let Self::Together(all) = self else {
            bail!("sandboxes in other processes are not slowed down");
        };
        let erp = all.faults.get(&Vendor::NetSuite).context("there is no ERP")?;
        erp.arm("", Fault::Delay(takes), u32::MAX);
        Ok(())
    }

    /// Where time is handed in, joined by commas.
    fn addresses(&self) -> String {
        let servers = &self.installation().addresses.servers;
        let process = servers
            .iter()
            .filter(|(name, _)| name.starts_with("process") || *name == "all");
        process.map(|(_, address)| address.to_string()).collect::<Vec<_>>().join(",")
    }

    async fn stop(self) -> Result<()> {
        match self {
            Self::Together(all) => all.stop().await,
            Self::Apart(split) => split.stop().await,
        }
    }
}

pub(super) async fn run(platform: &Platform) -> Result<()> {
    // What it warns of stands beside the figures.
    let warnings = TelemetrySettings {
        log: "warn".to_owned(),
        ..TelemetrySettings::default()
    };
    let _telemetry = strata_telemetry::init(&warnings, "bench")?;
    let folder = tempfile::tempdir()?;
    let firm = Firm::load(&platform.firm)?;
    let calendar = Calendar::of(&firm);
    let options = Options {
        folder: folder.path().to_owned(),
        store: platform.store.clone(),
        bus: "inproc".to_owned(),
        start: calendar.first().and_time(chrono::NaiveTime::MIN).and_utc(),
        listen: "127.0.0.1:0".parse()?,
        process_servers: platform.process_servers.max(1),
    };
    let servers = Servers::start(&options, platform).await?;
    let stage = servers.installation().stage()?;
    let mut director = Director::new(&firm, &stage, &folder.path().join("director"), director::Options::default())?;
    director.live(|_| {}).await?;
    let places = places(&platform.firm, &servers.installation().master).await?;
    ensure!(!places.is_empty(), "nobody worked in this firm");
    std::fs::write(&platform.places, serde_json::to_vec(&places)?)?;
    if platform.erp_takes > 0 {
        servers.slow_down(Duration::from_millis(platform.erp_takes))?;
    }
    println!("{READY}{}", servers.addresses());
    over().await;
    servers.stop().await
}

/// Rates are counted, and so high that nobody is refused. Books are compared when somebody asks.
fn sections(together: u32) -> Table {
    let most = || {
        Value::Table(Table::from_iter([
            ("per_second".to_owned(), 10_000_000.into()),
            ("burst".to_owned(), 10_000_000.into()),
        ]))
    };
    let classes = ["read", "report", "write", "bulk", "stream"];
    let rates = Table::from_iter(classes.map(|class| (class.to_owned(), most())));
    let process = [("books_minutes", 0.into()), ("intake_together", i64::from(together).into())];
    let server = [("rates", Value::Table(rates)), ("connection_age_s", (24 * 3600).into())];
    let table = |pairs: Vec<(&str, Value)>| Value::Table(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
    Table::from_iter([
        ("process".to_owned(), table(process.into())),
        ("server".to_owned(), table(server.into())),
    ])
}

/// An hour that somebody worked, as the firm has it.
#[derive(Deserialize)]
struct Worked {
    employee_id: String,
    project_id: String,
    task_id: String,
    role: String,
    work_date: String,
    minutes: u32,
    billable: bool,
    status: String,
}

/// Where people of the firm worked, by the PSA's ids.
async fn places(firm: &Path, master: &Transport) -> Result<Vec<Place>> {
    let (projects, tasks) = codes_of_projects(master).await?;
    let people = numbers_of_people(master).await?;
    let psa = Names {
        projects: names(master, "project", &projects).await?,
        tasks: names(master, "task", &tasks).await?,
        people: names(master, "employee", &people).await?,
    };
    let text = std::fs::read_to_string(firm.join("time_entries.jsonl"))?;
    let mut places = Vec::new();
    for line in text.lines() {
        let worked: Worked = serde_json::from_str(line)?;
        if !worked.billable || worked.status != "approved" {
            continue;
        }
        let place = psa
            .place(&worked)
            .with_context(|| format!("{} is at no place that the PSA knows", worked.task_id))?;
        places.push(place);
    }
    Ok(places)
}

/// The PSA's ids by the codes that people use.
struct Names {
    projects: HashMap<String, String>,
    tasks: HashMap<String, String>,
    people: HashMap<String, String>,
}

impl Names {
    fn place(&self, worked: &Worked) -> Option<Place> {
        Some(Place {
            project_id: self.projects.get(&worked.project_id)?.clone(),
            task_id: self.tasks.get(&worked.task_id)?.clone(),
            resource_id: self.people.get(&worked.employee_id)?.clone(),
            role: worked.role.clone(),
            work_date: worked.work_date.parse().ok()?,
            minutes: worked.minutes,
        })
    }
}

/// Our ids, and codes, of every project and task.
async fn codes_of_projects(master: &Transport) -> Result<(Vec<(String, String)>, Vec<(String, String)>)> {
    let mut client = EngagementServiceClient::new(master.clone());
    let (mut projects, mut tasks) = (Vec::new(), Vec::new());
    let mut page_token = String::new();
    loop {
        let request = master::ListEngagementsRequest {
            page_token,
            ..master::ListEngagementsRequest::default()
        };
        let page = client.list_engagements(request).await?.into_inner();
        for project in page.engagements.into_iter().flat_map(|engagement| engagement.projects) {
            tasks.extend(project.tasks.into_iter().map(|task| (task.id, task.code)));
            projects.push((project.id, project.code));
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok((projects, tasks));
        }
    }
}

/// Our ids, and numbers, of everybody.
async fn numbers_of_people(master: &Transport) -> Result<Vec<(String, String)>> {
    let mut client = WorkforceServiceClient::new(master.clone());
    let answer = client
        .list_employees(master::ListEmployeesRequest::default())
        .await?
        .into_inner();
    Ok(answer
        .employees
        .into_iter()
        .map(|person| (person.id, person.number))
        .collect())
}

/// The PSA's ids by code.
async fn names(master: &Transport, kind: &str, codes: &[(String, String)]) -> Result<HashMap<String, String>> {
    let mut client = CrossReferenceServiceClient::new(master.clone());
    let codes: HashMap<&str, &str> = codes.iter().map(|(id, code)| (id.as_str(), code.as_str())).collect();
    let ids: Vec<String> = codes.keys().map(|id| (*id).to_owned()).collect();
    let mut found = HashMap::new();
    for ids in ids.chunks(1000) {
        let request = master::FindExternalIdsRequest {
            system: PSA.to_owned(),
            kind: kind.to_owned(),
            ids: ids.to_vec(),
        };
        for reference in client.find_external_ids(request).await?.into_inner().references {
            if let Some(code) = codes.get(reference.id.as_str()) {
                found.insert((*code).to_owned(), reference.external_id);
            }
        }
    }
    Ok(found)
}
