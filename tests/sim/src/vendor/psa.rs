//! The PSA: projects, people on them, and the time they enter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use strata_contract::strata::common::v1::Capabilities;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::psa::v1 as pb;
use strata_contract::{date, pb_date, pb_instant};
use strata_kernel::{Clock, Date, Result};
use strata_port::PsaSystem;

use super::feed::Feed;
use super::{busy, capabilities, write};
use crate::world::World;

/// Time as somebody enters it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What the person calls it.
    pub(crate) reference: String,
    /// Code of the project.
    pub(crate) project: String,
    /// Number of the task in the project.
    pub(crate) task: u32,
    /// Number of the employee.
    pub(crate) employee: String,
    /// Role that prices it.
    pub(crate) role: String,
    /// Day of work.
    pub(crate) day: Date,
    /// Minutes.
    pub(crate) minutes: u32,
    /// Overtime.
    pub(crate) overtime: bool,
    /// Id of the entry that it corrects. Empty: none.
    pub(crate) corrects: String,
}

/// The system.
pub(crate) struct Psa {
    world: Arc<World>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Id by kind and key. One made twice would be here twice.
    made: BTreeMap<(&'static str, String), String>,
    projects: BTreeMap<String, pb::Project>,
    changed: Feed,
    entries: BTreeMap<String, pb::TimeEntry>,
    time: Feed,
    invoices: BTreeMap<String, pb::PutInvoiceRequest>,
    last: u32,
}

impl State {
    fn make(&mut self, kind: &'static str, key: &str) -> String {
        if let Some(id) = self.made.get(&(kind, key.to_owned())) {
            return id.clone();
        }
        self.last += 1;
        let id = format!("{}{}", &kind[..1], self.last);
        self.made.insert((kind, key.to_owned()), id.clone());
        id
    }
}

impl Psa {
    pub(super) fn new(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, kind: &'static str, key: &str) -> WriteOutcome {
        write(&self.world, kind, key, || self.state().make(kind, key))
    }

    /// Somebody enters time, and it is approved at once. None: the project, its task or the person is not here yet.
    pub(crate) fn approve(&self, entry: &Entry) -> Option<String> {
        let now = pb_instant(self.world.firm.now());
        let mut state = self.state();
        let project = state.projects.values().find(|project| project.code == entry.project)?;
        let title = format!("task {}", entry.task);
        let task = project.tasks.iter().find(|task| task.title == title)?;
        let (project_id, task_id) = (project.id.clone(), task.id.clone());
        let resource = format!("resource {}", entry.employee);
        let resource_id = state.made.get(&("name", resource))?.clone();
        state.last += 1;
        let id = format!("e{}", state.last);
        let row = pb::TimeEntry {
            id: id.clone(),
            project_id,
            task_id,
            resource_id,
            role: entry.role.clone(),
            work_date: Some(pb_date(entry.day)),
            minutes: entry.minutes,
            work_type: if entry.overtime {
                pb::WorkType::Overtime
            } else {
                pb::WorkType::Regular
            }
            .into(),
            billable: true,
            write_down_minutes: 0,
            state: pb::EntryState::Approved.into(),
            approved_time: Some(now),
            supersedes_id: entry.corrects.clone(),
            reference: entry.reference.clone(),
            modified_time: Some(now),
        };
        state.entries.insert(id.clone(), row);
        state.time.changed(&id);
        Some(id)
    }

    /// Invoices as people on the projects see them, by key.
    pub(crate) fn invoices(&self) -> BTreeMap<String, pb::PutInvoiceRequest> {
        self.state().invoices.clone()
    }

    /// Codes of the projects that were made, with how many tasks each has.
    pub(crate) fn projects(&self) -> Vec<(String, usize)> {
        let state = self.state();
        let projects = state.projects.values();
        projects.map(|project| (project.code.clone(), project.tasks.len())).collect()
    }
}

#[async_trait]
impl PsaSystem for Psa {
    fn capabilities(&self) -> Capabilities {
        capabilities("sim-psa")
    }

    async fn put_client(&self, request: pb::PutClientRequest) -> Result<pb::PutClientResponse> {
        busy(&self.world)?;
        let outcome = Some(self.put("client", &request.key));
        Ok(pb::PutClientResponse { outcome })
    }

    async fn create_project(&self, request: pb::CreateProjectRequest) -> Result<pb::CreateProjectResponse> {
        busy(&self.world)?;
        let outcome = write(&self.world, "project", &request.key, || {
            let mut state = self.state();
            let id = state.make("project", &request.key);
            let project = pb::Project {
                id: id.clone(),
                key: request.key.clone(),
                title: request.title.clone(),
                code: request.code.clone(),
                client_id: request.client_id.clone(),
                ..pb::Project::default()
            };
            state.projects.entry(id.clone()).or_insert(project);
            state.changed.changed(&id);
            id
        });
        Ok(pb::CreateProjectResponse { outcome: Some(outcome) })
    }

    async fn create_tasks(&self, request: pb::CreateTasksRequest) -> Result<pb::CreateTasksResponse> {
        busy(&self.world)?;
        let create = |task: &pb::NewTask| {
            write(&self.world, "task", &task.key, || {
                let mut state = self.state();
                let id = state.make("task", &task.key);
                if let Some(project) = state.projects.get_mut(&request.project_id)
                    && project.tasks.iter().all(|held| held.id != id)
                {
                    project.tasks.push(pb::Task {
                        id: id.clone(),
                        key: task.key.clone(),
                        title: task.title.clone(),
                        billable: task.billable,
                    });
                    state.changed.changed(&request.project_id);
                }
                id
            })
        };
        let outcomes = request.tasks.iter().map(create).collect();
        Ok(pb::CreateTasksResponse { outcomes })
    }

    async fn put_rate_card(&self, request: pb::PutRateCardRequest) -> Result<pb::PutRateCardResponse> {
        busy(&self.world)?;
        let outcome = Some(self.put("rate-card", &request.key));
        Ok(pb::PutRateCardResponse { outcome })
    }

    async fn create_staffing_demand(&self, request: pb::CreateStaffingDemandRequest) -> Result<pb::CreateStaffingDemandResponse> {
        busy(&self.world)?;
        let outcome = Some(self.put("demand", &request.key));
        Ok(pb::CreateStaffingDemandResponse { outcome })
    }

    async fn put_resource(&self, request: pb::PutResourceRequest) -> Result<pb::PutResourceResponse> {
        busy(&self.world)?;
        let outcome = write(&self.world, "resource", &request.key, || {
            let mut state = self.state();
            let id = state.make("resource", &request.key);
            let name = request.name.replace("Worker", "resource");
            state.made.insert(("name", name), id.clone());
            id
        });
        Ok(pb::PutResourceResponse { outcome: Some(outcome) })
    }

    async fn put_cost_rate(&self, request: pb::PutCostRateRequest) -> Result<pb::PutCostRateResponse> {
        busy(&self.world)?;
        let outcome = Some(self.put("cost-rate", &request.resource_id));
        Ok(pb::PutCostRateResponse { outcome })
    }

    async fn list_project_changes(&self, request: pb::ListProjectChangesRequest) -> Result<pb::ListProjectChangesResponse> {
        busy(&self.world)?;
        let state = self.state();
        let page = state.changed.page(&self.world, &request.cursor);
        Ok(pb::ListProjectChangesResponse {
            projects: page.ids.iter().filter_map(|id| state.projects.get(id).cloned()).collect(),
            malformed: Vec::new(),
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn list_milestone_changes(&self, _: pb::ListMilestoneChangesRequest) -> Result<pb::ListMilestoneChangesResponse> {
        busy(&self.world)?;
        Ok(pb::ListMilestoneChangesResponse::default())
    }

    async fn list_time_entry_changes(
        &self,
        request: pb::ListTimeEntryChangesRequest,
    ) -> Result<pb::ListTimeEntryChangesResponse> {
        busy(&self.world)?;
        let state = self.state();
        let page = state.time.page(&self.world, &request.cursor);
        Ok(pb::ListTimeEntryChangesResponse {
            time_entries: page.ids.iter().filter_map(|id| state.entries.get(id).cloned()).collect(),
            malformed: Vec::new(),
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn list_approved_time(&self, request: pb::ListApprovedTimeRequest) -> Result<pb::ListApprovedTimeResponse> {
        busy(&self.world)?;
        let day = |day: Option<&_>| day.and_then(|day| date(day).ok());
        let (from, to) = (day(request.from_date.as_ref()), day(request.to_date.as_ref()));
        let state = self.state();
        let worked = |id: &String| {
            let entry = state.entries.get(id)?;
            let worked = day(entry.work_date.as_ref());
            (worked >= from && worked <= to).then(|| entry.clone())
        };
        let time_entries: Vec<pb::TimeEntry> = state.time.all().iter().filter_map(worked).collect();
        Ok(pb::ListApprovedTimeResponse {
            total: u32::try_from(time_entries.len()).unwrap_or(u32::MAX),
            time_entries,
            malformed: Vec::new(),
            next_page_number: 0,
        })
    }

    async fn list_expense_changes(&self, _: pb::ListExpenseChangesRequest) -> Result<pb::ListExpenseChangesResponse> {
        busy(&self.world)?;
        Ok(pb::ListExpenseChangesResponse::default())
    }

    async fn put_invoice(&self, request: pb::PutInvoiceRequest) -> Result<pb::PutInvoiceResponse> {
        busy(&self.world)?;
        let outcome = write(&self.world, "psa-invoice", &request.key, || {
            let mut state = self.state();
            state.invoices.insert(request.key.clone(), request.clone());
            state.make("invoice", &request.key)
        });
        Ok(pb::PutInvoiceResponse { outcome: Some(outcome) })
    }
}
