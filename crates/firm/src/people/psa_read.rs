//! What people find in Kantata OX by the names they know: code, title, email.

use serde_json::{Map, Value};

use super::numbers::text;
use super::psa::{API, Known, Psa};
use super::session::Call;
use crate::{Error, Result};

/// Records on a page, the most the vendor gives.
const PAGE: usize = 200;

/// A row of a list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) body: Map<String, Value>,
    /// Its custom fields, when they were asked for.
    custom: Vec<(String, String)>,
}

impl Row {
    fn custom(&self, name: &str) -> Option<&str> {
        let found = self.custom.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

impl Psa {
    /// The workspace of a project code: by its `Project Code`, or by a title that starts with the code.
    pub(crate) async fn workspace(&self, code: &str) -> Result<Option<String>> {
        let mut known = self.known.lock().await;
        if let Some(id) = known.workspaces.get(code) {
            return Ok(Some(id.clone()));
        }
        let call = Call::get(format!("{API}/workspaces"))
            .with("include", "custom_field_values")
            .with("order", "created_at:asc");
        known.workspaces.clear();
        for row in self.list(call, "workspaces").await? {
            let title = text(row.body.get("title"));
            let code = row.custom("Project Code").or_else(|| title.split_whitespace().next());
            let Some(code) = code.map(str::to_owned) else { continue };
            note_once(&mut known.workspaces, code, row.id, "workspaces with project code")?;
        }
        Ok(known.workspaces.get(code).cloned())
    }

    /// The task of a workspace with this title.
    pub(crate) async fn story(&self, workspace: &str, title: &str) -> Result<Option<String>> {
        let mut known = self.known.lock().await;
        let key = (workspace.to_owned(), title.to_owned());
        if let Some(id) = known.stories.get(&key) {
            return Ok(Some(id.clone()));
        }
        let call = Call::get(format!("{API}/stories"))
            .with("workspace_id", workspace)
            .with("story_type", "task");
        known.stories.retain(|(of, _), _| of != workspace);
        for row in self.list(call, "stories").await? {
            let key = (workspace.to_owned(), text(row.body.get("title")));
            let name = format!("{} in workspace {workspace}", key.1);
            if known.stories.insert(key, row.id).is_some() {
                return Err(Error::Setup(format!("kantata-ox holds several stories {name}")));
            }
        }
        Ok(known.stories.get(&key).cloned())
    }

    /// The milestone of a workspace with this code.
    pub(crate) async fn milestone(&self, workspace: &str, code: &str) -> Result<Option<String>> {
        let call = Call::get(format!("{API}/stories"))
            .with("workspace_id", workspace)
            .with("story_type", "milestone")
            .with("include", "custom_field_values");
        let rows = self.list(call, "stories").await?;
        let mut found = rows.into_iter().filter(|row| row.custom("Milestone Code") == Some(code));
        match (found.next(), found.next()) {
            (Some(one), Some(other)) => Err(Error::Setup(format!(
                "kantata-ox holds several milestones {code}: {} and {}",
                one.id, other.id
            ))),
            (one, _) => Ok(one.map(|row| row.id)),
        }
    }

    /// The user with this email address.
    pub(crate) async fn user(&self, email: &str) -> Result<Option<String>> {
        let mut known = self.known.lock().await;
        let Known { users, .. } = &mut *known;
        if let Some(id) = users.get(email) {
            return Ok(Some(id.clone()));
        }
        users.clear();
        for row in self.list(Call::get(format!("{API}/users")), "users").await? {
            let email = text(row.body.get("email_address")).to_lowercase();
            note_once(users, email, row.id, "users with email")?;
        }
        Ok(users.get(email).cloned())
    }

    /// Every row a list holds, page by page.
    pub(super) async fn list(&self, call: Call, kind: &str) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for page in 1.. {
            let call = call.clone().with("per_page", PAGE.to_string()).with("page", page.to_string());
            let reply = self.session.send(&call).await?;
            let answer = reply.json()?;
            let Some(results) = answer.get("results").and_then(Value::as_array) else {
                return Err(reply.odd("results"));
            };
            for result in results.iter().filter(|result| text(result.get("key")) == kind) {
                let id = text(result.get("id"));
                let row = answer.get(kind).and_then(|rows| rows.get(&id)).and_then(Value::as_object);
                let Some(body) = row.cloned() else {
                    return Err(reply.odd(format!("{kind} {id}")));
                };
                let custom = custom_fields(&answer, &body);
                rows.push(Row { id, body, custom });
            }
            if results.len() < PAGE {
                break;
            }
        }
        Ok(rows)
    }

    /// One record.
    pub(super) async fn one(&self, call: &Call, kind: &str, id: &str) -> Result<Map<String, Value>> {
        let reply = self.session.send(call).await?;
        let answer = reply.json()?;
        let row = answer.get(kind).and_then(|rows| rows.get(id)).and_then(Value::as_object);
        row.cloned().ok_or_else(|| reply.odd(format!("{kind} {id}")))
    }
}

fn custom_fields(answer: &Value, row: &Map<String, Value>) -> Vec<(String, String)> {
    let ids = row.get("custom_field_value_ids").and_then(Value::as_array);
    let values = ids
        .into_iter()
        .flatten()
        .filter_map(|id| answer.get("custom_field_values")?.get(text(Some(id))));
    values
        .map(|value| (text(value.get("custom_field_name")), text(value.get("display_value"))))
        .collect()
}

/// Two records under one name are somebody's mistake: nobody can say which is meant.
fn note_once(known: &mut std::collections::HashMap<String, String>, name: String, id: String, what: &str) -> Result<()> {
    match known.get(&name) {
        Some(other) if *other != id && !name.is_empty() => Err(Error::Setup(format!(
            "kantata-ox holds several {what} {name}: {other} and {id}"
        ))),
        _ => {
            known.insert(name, id);
            Ok(())
        }
    }
}
