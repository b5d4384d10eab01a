//! A desk with an open connection to a sandbox: the words the stories are told in.

use std::path::Path;

use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use strata_sandbox::{Setup, serve};
use strata_sandbox_kantata_ox::{RateLimit, router_with};
use tokio::sync::oneshot;

/// A running sandbox and a signed-in client.
pub(crate) struct Desk {
    pub(crate) setup: Setup,
    pub(crate) root: String,
    pub(crate) token: String,
    pub(crate) client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    server: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

/// What the sandbox answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

/// A project with a task and somebody to work on it.
pub(crate) struct Project {
    pub(crate) workspace: u64,
    pub(crate) story: u64,
    pub(crate) user: u64,
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::open_with(Setup::in_memory(instant("2026-03-02T09:00:00Z")), RateLimit::default()).await
    }

    pub(crate) async fn open_in(dir: &Path, now: &str) -> Self {
        let setup = Setup {
            dir: Some(dir.to_owned()),
            ..Setup::in_memory(instant(now))
        };
        Self::open_with(setup, RateLimit::default()).await
    }

    pub(crate) async fn open_with(setup: Setup, rate: RateLimit) -> Self {
        let routes = router_with(setup.clone(), rate).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, routes, async move {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::new();
        let mut desk = Self {
            setup,
            root,
            token: String::new(),
            client,
            stop: Some(stop),
            server: Some(server),
        };
        desk.sign_in().await;
        desk
    }

    pub(crate) async fn sign_in(&mut self) {
        let request = self
            .client
            .post(format!("{}/oauth/token", self.root))
            .basic_auth("strata", Some("sandbox-secret"));
        let form = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let answer: Value = form.send().await.unwrap().json().await.unwrap();
        self.token = answer["access_token"].as_str().unwrap().to_owned();
    }

    /// Stops the server and waits until its records are closed.
    pub(crate) async fn close(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.server.take().unwrap().await.unwrap().unwrap();
    }

    pub(crate) async fn try_send(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::Result<Answer> {
        let request = self
            .client
            .request(method, format!("{}/api/v1/{path}", self.root))
            .bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await?;
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        };
        Ok(Answer { status, headers, body })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.try_send(Method::GET, path, None).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.try_send(Method::POST, path, Some(body)).await.unwrap()
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.try_send(Method::PUT, path, Some(body)).await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.try_send(Method::DELETE, path, None).await.unwrap()
    }

    /// Creates a record and answers its id.
    pub(crate) async fn create(&self, kind: &str, fields: Value) -> u64 {
        let answer = self.post(kind, json!({ singular(kind): fields })).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.body);
        answer.id()
    }

    /// Updates a record; `path` is kind and id.
    pub(crate) async fn update(&self, path: &str, fields: Value) -> Answer {
        let kind = path.split('/').next().unwrap();
        self.put(path, json!({ singular(kind): fields })).await
    }

    pub(crate) async fn user(&self, name: &str) -> u64 {
        self.create(
            "users",
            json!({"full_name": name, "email_address": format!("{name}@firm.example")}),
        )
        .await
    }

    pub(crate) async fn project(&self) -> Project {
        let workspace = self.create("workspaces", json!({"title": "Apollo", "currency": "EUR"})).await;
        let story = self
            .create("stories", json!({"title": "Build", "workspace_id": workspace}))
            .await;
        Project {
            workspace,
            story,
            user: self.user("ada").await,
        }
    }

    /// Books time on a project's task.
    pub(crate) async fn book(&self, project: &Project, day: &str, minutes: i64) -> u64 {
        self.create("time_entries", entry(project, day, minutes)).await
    }

    pub(crate) async fn submit(&self, project: &Project, entries: &[u64]) -> u64 {
        self.create(
            "timesheet_submissions",
            json!({"workspace_id": project.workspace, "time_entry_ids": entries}),
        )
        .await
    }
}

/// The fields of a time entry.
pub(crate) fn entry(project: &Project, day: &str, minutes: i64) -> Value {
    json!({
        "workspace_id": project.workspace,
        "story_id": project.story,
        "user_id": project.user,
        "date_performed": day,
        "time_in_minutes": minutes,
    })
}

impl Answer {
    /// Id of the first result.
    pub(crate) fn id(&self) -> u64 {
        self.body["results"][0]["id"].as_str().unwrap().parse().unwrap()
    }

    /// The first result's record.
    pub(crate) fn first(&self) -> &Value {
        let result = &self.body["results"][0];
        &self.body[result["key"].as_str().unwrap()][result["id"].as_str().unwrap()]
    }

    /// Ids of the results in order.
    pub(crate) fn ids(&self) -> Vec<u64> {
        let results = self.body["results"].as_array().unwrap();
        results
            .iter()
            .map(|result| result["id"].as_str().unwrap().parse().unwrap())
            .collect()
    }

    /// Fields a 422 complains about.
    #[track_caller]
    pub(crate) fn complaints(&self) -> Vec<&str> {
        assert_eq!(self.status, 422, "{}", self.body);
        let errors = self.body["errors"].as_array().unwrap();
        assert!(
            errors
                .iter()
                .all(|error| error["type"] == "validation" && error["message"].is_string())
        );
        errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
    }
}

fn singular(kind: &str) -> &str {
    match kind {
        "stories" => "story",
        "time_entries" => "time_entry",
        _ => kind.strip_suffix('s').unwrap(),
    }
}
