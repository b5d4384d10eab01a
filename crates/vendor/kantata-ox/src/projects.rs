//! Clients, projects, tasks and seats.

use serde_json::{Map, Value, json};
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::psa::v1 as pb;
use strata_contract::{date, require_date};
use strata_kernel::{Currency, Error, Result};
use strata_port::outcome;

use crate::fields as f;
use crate::map;
use crate::once::Keyed;

/// A client: a group that is a company.
pub(crate) async fn put_client(keyed: &Keyed, request: pb::PutClientRequest) -> Result<WriteOutcome> {
    let fields = object(json!({"name": request.name, "company": true}));
    keyed.put(&f::CLIENT, &request.key, fields).await
}

/// A project of a client.
pub(crate) async fn create_project(keyed: &Keyed, request: pb::CreateProjectRequest) -> Result<WriteOutcome> {
    let currency = Currency::parse(&request.currency_code)?;
    let start = require_date(request.start_date.as_ref(), "start_date")?;
    let mut custom = Map::new();
    for (name, said) in [
        (f::PROJECT_CODE, request.code),
        (f::LEGAL_ENTITY, request.legal_entity_code),
        (f::COST_CENTER, request.cost_center_code),
    ] {
        if !said.is_empty() {
            custom.insert(name.to_owned(), said.into());
        }
    }
    let mut fields = object(json!({
        "title": request.title,
        "stage": "project",
        "currency": currency.code(),
        "start_date": start.to_string(),
        "primary_workspace_group_id": map::id(&request.client_id, "client_id")?,
        f::CUSTOM_FIELDS: custom,
    }));
    put_date(&mut fields, "due_date", request.end_date.as_ref(), "end_date")?;
    keyed.put(&f::PROJECT, &request.key, fields).await
}

/// Tasks of a project, one outcome each. An error half-way loses nothing: a repeat finds what was created.
pub(crate) async fn create_tasks(keyed: &Keyed, request: pb::CreateTasksRequest) -> Result<Vec<WriteOutcome>> {
    let project = map::id(&request.project_id, "project_id")?;
    let _alone = keyed.alone(&f::TASK, &format!("project {}", request.project_id)).await;
    let keys: Vec<&str> = request.tasks.iter().map(|task| task.key.as_str()).collect();
    let mut known = keyed.find_all(&f::TASK, &keys).await?;
    let mut outcomes = Vec::with_capacity(keys.len());
    for task in &request.tasks {
        if let Some(id) = known.get(&task.key) {
            outcomes.push(outcome::confirmed(&task.key, id.clone()));
            continue;
        }
        let fields = object(json!({
            "title": task.title, f::STORY_TYPE: f::TASK_TYPE, "workspace_id": project, "billable": task.billable,
        }));
        let ended = keyed.create(&f::TASK, &task.key, fields).await?;
        if !ended.vendor_id.is_empty() {
            // The same key twice in one request is one task.
            known.insert(task.key.clone(), ended.vendor_id.clone());
        }
        outcomes.push(ended);
    }
    Ok(outcomes)
}

/// A milestone of a project: a story that people complete, and no hours are booked on.
pub(crate) async fn create_milestone(keyed: &Keyed, request: pb::CreateMilestoneRequest) -> Result<WriteOutcome> {
    let mut fields = object(json!({
        "title": request.title,
        f::STORY_TYPE: f::MILESTONE_TYPE,
        "workspace_id": map::id(&request.project_id, "project_id")?,
        "billable": false,
        f::CUSTOM_FIELDS: {f::MILESTONE_CODE: request.key},
    }));
    put_date(&mut fields, "due_date", request.planned_date.as_ref(), "planned_date")?;
    keyed.put(&f::TASK, &request.key, fields).await
}

/// A seat that waits for a person.
pub(crate) async fn create_staffing_demand(keyed: &Keyed, request: pb::CreateStaffingDemandRequest) -> Result<WriteOutcome> {
    let start = require_date(request.start_date.as_ref(), "start_date")?;
    let mut fields = object(json!({
        "workspace_id": map::id(&request.project_id, "project_id")?,
        "role_name": request.role,
        "start_date": start.to_string(),
    }));
    put_date(&mut fields, "due_date", request.end_date.as_ref(), "end_date")?;
    keyed.put(&f::SEAT, &request.key, fields).await
}

/// The record of a kind that has our key.
pub(crate) async fn lookup(keyed: &Keyed, request: pb::LookupByKeyRequest) -> Result<String> {
    let resource = match request.kind() {
        pb::RecordKind::Client => &f::CLIENT,
        pb::RecordKind::Project => &f::PROJECT,
        // Both are stories; no key of one is a key of the other.
        pb::RecordKind::Task | pb::RecordKind::Milestone => &f::TASK,
        pb::RecordKind::Resource => &f::PERSON,
        pb::RecordKind::Invoice => &f::INVOICE,
        pb::RecordKind::StaffingDemand => &f::SEAT,
        pb::RecordKind::Unspecified => return Err(Error::invalid("kind", "has to be a kind of record")),
    };
    let found = keyed.find(resource, &request.key, &[]).await?;
    Ok(found.map(|found| found.id).unwrap_or_default())
}

/// The fields of a JSON object.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn put_date(
    fields: &mut Map<String, Value>,
    name: &str,
    said: Option<&strata_contract::google::r#type::Date>,
    field: &str,
) -> Result<()> {
    if let Some(day) = said {
        fields.insert(
            name.to_owned(),
            date(day).map_err(|error| error.at(field))?.to_string().into(),
        );
    }
    Ok(())
}
