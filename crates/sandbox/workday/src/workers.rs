//! `Get_Workers`: who they are on a day, as known at a moment; all, some, or those with entries in a window.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use strata_sandbox::View;

use crate::fault::Fault;
use crate::history::{self, Entry, Event};
use crate::request::At;
use crate::server::Org;
use crate::staffing;
use crate::worker_data::{self, Parts, day, instant};
use crate::xml::{Out, el, leaf};

/// Workers a page unless the caller says otherwise.
const PAGE: usize = 100;
/// Most workers a page (UNVERIFIED).
const MAX_PAGE: usize = 999;

/// `Response_Filter`.
struct Filter {
    page: usize,
    count: usize,
    on: NaiveDate,
    known_by: Option<DateTime<Utc>>,
}

/// Which workers are meant.
enum Choice {
    All,
    /// These, in this order.
    Named(Vec<u64>),
    /// Those with an entry in one of the windows.
    Logged(Vec<Window>),
}

/// `Transaction_Log_Criteria_Data`; both ends of a range are in it.
#[derive(Default)]
struct Window {
    updated: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    effective: (Option<NaiveDate>, Option<NaiveDate>),
    /// Business processes; none: all.
    processes: Vec<String>,
}

/// Carries the request out.
pub(crate) fn get(org: &Org, view: &View<'_>, request: &At<'_>) -> Result<Out, Fault> {
    request.only(&["Request_References", "Request_Criteria", "Response_Filter", "Response_Group"])?;
    let filter = filter(org, request)?;
    let parts = request
        .child("Response_Group")?
        .map_or(Ok(Parts::USUAL), |group| parts(&group))?;
    let (choice, active_only) = choice(view, request)?;
    let numbers = match choice {
        Choice::All => history::workers(view),
        Choice::Named(numbers) => numbers,
        Choice::Logged(windows) => logged(view, &windows, filter.known_by),
    };
    let found: Vec<_> = numbers
        .into_iter()
        .filter(|&n| is_shown(view, n, &filter, active_only))
        .collect();
    let from = (filter.page - 1).saturating_mul(filter.count).min(found.len());
    let page = &found[from..found.len().min(from.saturating_add(filter.count))];
    let workers: Vec<_> = page.iter().filter_map(|&n| show(view, n, &filter, parts)).collect();
    let results = el("wd:Response_Results")
        .with(leaf("wd:Total_Results", found.len().to_string()))
        .with(leaf("wd:Total_Pages", found.len().div_ceil(filter.count).to_string()))
        .with(leaf("wd:Page_Results", workers.len().to_string()))
        .with(leaf("wd:Page", filter.page.to_string()));
    let response = el("wd:Get_Workers_Response").with(echo(&filter)).with(results);
    Ok(response.with(el("wd:Response_Data").with_all(workers)))
}

/// Whether there is something to show of the worker.
fn is_shown(view: &View<'_>, number: u64, filter: &Filter, active_only: bool) -> bool {
    if !active_only {
        // Spares reading the entries of workers on other pages.
        return history::first_entered(view, number).is_some_and(|t| filter.known_by.is_none_or(|known_by| t <= known_by));
    }
    let worker = history::as_of(&history::entries(view, number), filter.on, filter.known_by);
    worker.is_some_and(|w| w.is_active(filter.on))
}

fn show(view: &View<'_>, number: u64, filter: &Filter, parts: Parts) -> Option<Out> {
    let identity = history::identity(view, number)?;
    let entries = history::entries(view, number);
    let worker = history::as_of(&entries, filter.on, filter.known_by)?;
    let entered: Vec<_> = entries
        .iter()
        .filter(|e| filter.known_by.is_none_or(|t| e.entered <= t))
        .collect();
    Some(worker_data::element(&identity, &worker, &entered, filter.on, parts))
}

fn echo(filter: &Filter) -> Out {
    el("wd:Response_Filter")
        .with(leaf("wd:As_Of_Effective_Date", day(filter.on)))
        .with_all(filter.known_by.map(|t| leaf("wd:As_Of_Entry_DateTime", instant(t))))
        .with(leaf("wd:Page", filter.page.to_string()))
        .with(leaf("wd:Count", filter.count.to_string()))
}

fn filter(org: &Org, request: &At<'_>) -> Result<Filter, Fault> {
    let mut filter = Filter {
        page: 1,
        count: PAGE,
        on: org.clock.now().date_naive(),
        known_by: None,
    };
    let Some(given) = request.child("Response_Filter")? else {
        return Ok(filter);
    };
    given.only(&["Page", "Count", "As_Of_Effective_Date", "As_Of_Entry_DateTime"])?;
    if let Some(page) = given.child("Page")? {
        filter.page = page.count()?;
        if filter.page == 0 {
            return Err(page.fault("Page Number cannot be zero."));
        }
    }
    if let Some(count) = given.child("Count")? {
        filter.count = count.count()?;
        if !(1..=MAX_PAGE).contains(&filter.count) {
            return Err(count.fault(format!("Count must be between 1 and {MAX_PAGE}.")));
        }
    }
    if let Some(on) = given.child("As_Of_Effective_Date")? {
        filter.on = on.day()?;
    }
    filter.known_by = given.child("As_Of_Entry_DateTime")?.map(|t| t.instant()).transpose()?;
    Ok(filter)
}

/// With a group named, only what it includes is shown.
fn parts(group: &At<'_>) -> Result<Parts, Fault> {
    let on = |name: &str| group.child(name)?.map_or(Ok(false), |switch| switch.flag());
    Ok(Parts {
        personal: on("Include_Personal_Information")?,
        employment: on("Include_Employment_Information")?,
        compensation: on("Include_Compensation")?,
        organizations: on("Include_Organizations")?,
        log: on("Include_Transaction_Log_Data")?,
    })
}

/// Which workers are meant, and whether only those at work.
fn choice(view: &View<'_>, request: &At<'_>) -> Result<(Choice, bool), Fault> {
    match (request.child("Request_References")?, request.child("Request_Criteria")?) {
        (Some(_), Some(criteria)) => Err(criteria.fault("Request_References and Request_Criteria exclude each other")),
        (Some(references), None) => Ok((named(view, &references)?, false)),
        (None, Some(criteria)) => {
            criteria.only(&["Transaction_Log_Criteria_Data", "Exclude_Inactive_Workers"])?;
            let active_only = criteria.child("Exclude_Inactive_Workers")?.map_or(Ok(false), |f| f.flag())?;
            let windows = criteria.all("Transaction_Log_Criteria_Data");
            if windows.is_empty() {
                return Ok((Choice::All, active_only));
            }
            Ok((
                Choice::Logged(windows.iter().map(window).collect::<Result<_, _>>()?),
                active_only,
            ))
        }
        (None, None) => Ok((Choice::All, false)),
    }
}

fn named(view: &View<'_>, references: &At<'_>) -> Result<Choice, Fault> {
    references.only(&["Worker_Reference"])?;
    let skip = matches!(references.attribute("Skip_Non_Existing_Instances"), Some("true" | "1"));
    let mut numbers = Vec::new();
    for reference in references.all("Worker_Reference") {
        match staffing::worker(view, &reference) {
            Ok(number) if numbers.contains(&number) => {}
            Ok(number) => numbers.push(number),
            Err(Fault::Validation { .. }) if skip => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(Choice::Named(numbers))
}

fn window(criteria: &At<'_>) -> Result<Window, Fault> {
    criteria.only(&["Transaction_Date_Range_Data", "Transaction_Type_References"])?;
    let mut window = Window::default();
    if let Some(range) = criteria.child("Transaction_Date_Range_Data")? {
        range.only(&["Updated_From", "Updated_Through", "Effective_From", "Effective_Through"])?;
        let instant = |name: &str| range.child(name)?.map(|t| t.instant()).transpose();
        let day = |name: &str| range.child(name)?.map(|t| t.day_of()).transpose();
        window.updated = (instant("Updated_From")?, instant("Updated_Through")?);
        window.effective = (day("Effective_From")?, day("Effective_Through")?);
        if let (Some(from), Some(through)) = window.updated
            && from > through
        {
            return Err(range.fault("Updated_From must not be after Updated_Through"));
        }
    }
    if let Some(types) = criteria.child("Transaction_Type_References")? {
        types.only(&["Transaction_Type_Reference"])?;
        for reference in types.all("Transaction_Type_Reference") {
            let (kind, id) = reference.reference(&["Business_Process_Type"])?;
            if !Event::PROCESSES.contains(&id.as_str()) {
                return Err(Fault::unknown(&id, &kind, format!("{}/wd:ID", reference.path())));
            }
            window.processes.push(id);
        }
    }
    Ok(window)
}

/// Workers with an entry in one of the windows, made by `known_by`.
fn logged(view: &View<'_>, windows: &[Window], known_by: Option<DateTime<Utc>>) -> Vec<u64> {
    let mut numbers = BTreeSet::new();
    for window in windows {
        let through = [window.updated.1, known_by].into_iter().flatten().min();
        let from = window.updated.0.unwrap_or(DateTime::<Utc>::MIN_UTC);
        history::log(view, from, |entry| {
            if through.is_some_and(|t| entry.entered > t) {
                return false;
            }
            if window.holds(entry) {
                numbers.insert(entry.worker);
            }
            true
        });
    }
    numbers.into_iter().collect()
}

impl Window {
    /// Whether the entry is in the window, its moment aside.
    fn holds(&self, entry: &Entry) -> bool {
        let (from, through) = self.effective;
        from.is_none_or(|d| entry.effective >= d)
            && through.is_none_or(|d| entry.effective <= d)
            && (self.processes.is_empty() || self.processes.iter().any(|p| p == entry.event.process()))
    }
}
