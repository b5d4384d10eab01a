//! Following an asynchronous job to its end. The shape of its results is UNVERIFIED: read here and nowhere else.

use std::time::Duration;

use serde_json::Value;
use strata_kernel::Result;
use strata_vendor_http::Reader;

use crate::client::{Client, Trouble};
use crate::config::Config;
use crate::errors::Refusal;

/// First pause between two questions; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// How often and how long a job is asked about.
pub(crate) struct Pace {
    tries: u32,
    longest: Duration,
}

impl Pace {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            tries: config.job_tries,
            longest: Duration::from_millis(config.job_pause_ms),
        }
    }
}

/// How one record of a batch ended, as the job says.
#[derive(Debug)]
pub(crate) enum Task {
    /// Written.
    Done,
    /// Refused.
    Refused(Refusal),
    /// Its result did not arrive.
    Lost,
    /// Its result is not understood.
    Unclear,
}

/// Asks until the job is completed. False: it still is not, after every try.
pub(crate) async fn is_completed(client: &Client, job: &str, pace: &Pace) -> Result<bool> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=pace.tries {
        if client.job(job).await?.completed {
            return Ok(true);
        }
        if attempt < pace.tries {
            tokio::time::sleep(pause.min(pace.longest)).await;
            pause = pause.saturating_mul(2).min(pace.longest);
        }
    }
    Ok(false)
}

/// Results of a completed job, in the order of its records.
pub(crate) async fn tasks(client: &Client, job: &str, count: usize) -> Vec<Task> {
    let list = match client.tasks(job).await {
        Ok(list) => list.items,
        Err(error) => {
            tracing::warn!(vendor.name = crate::VENDOR, job, %error, "results of a job not read");
            return (0..count).map(|_| Task::Lost).collect();
        }
    };
    let mut tasks = Vec::with_capacity(list.len());
    for listed in &list {
        let task = match in_list(listed) {
            Some(task) => task,
            None => by_itself(client, job, listed).await,
        };
        tasks.push(task);
    }
    tasks
}

/// The result, when the list carries it.
fn in_list(listed: &Value) -> Option<Task> {
    let status = Reader(listed).count("status", 599).ok().flatten()?;
    let status = u16::try_from(status).ok()?;
    Some(match status {
        0..400 => Task::Done,
        _ => {
            let body = listed.get("error").unwrap_or(&Value::Null).to_string();
            Task::Refused(Refusal::read(status, body.as_bytes()))
        }
    })
}

/// The result at its own address: the answer that the write would have had by itself.
async fn by_itself(client: &Client, job: &str, listed: &Value) -> Task {
    let Ok(Some(id)) = Reader(listed).text("id") else {
        return Task::Unclear;
    };
    match client.task_result(job, &id).await {
        Ok(()) => Task::Done,
        Err(Trouble::Refused(refusal)) => Task::Refused(refusal),
        Err(Trouble::Failed(_)) => Task::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::Meaning;
    use serde_json::json;

    #[test]
    fn a_listed_result_is_read_where_it_stands() {
        assert!(matches!(in_list(&json!({"id": "1", "status": 204})), Some(Task::Done)));
        let refused =
            json!({"status": 400, "error": {"o:errorDetails": [{"o:errorCode": "USER_ERROR", "detail": "Period is closed."}]}});
        let Some(Task::Refused(refusal)) = in_list(&refused) else {
            panic!("{refused}")
        };
        assert_eq!(refusal.meaning, Meaning::PeriodClosed);
        assert!(in_list(&json!({"id": "1", "completed": true})).is_none());
    }
}
