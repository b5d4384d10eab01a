//! Several calls in one, later ones naming results of earlier ones.

use std::collections::HashMap;

use axum::http::Method;
use serde_json::{Map, Value, json};
use strata_sandbox::Tx;

use crate::call::{Answer, Call};
use crate::errors::ApiError;
use crate::server::{Org, perform, perform_in};

/// Most calls in one.
const MAX_CALLS: usize = 25;
/// How many of them may be queries.
const MAX_QUERIES: usize = 5;

/// A call inside a composite request.
struct Part<'a> {
    method: Method,
    url: &'a str,
    reference: &'a str,
    body: Option<&'a Value>,
}

/// Bodies of earlier answers by reference id; of those that failed, nothing.
type Results = HashMap<String, Value>;

/// `POST /composite`.
pub(crate) fn run(app: &Org, call: &Call) -> Result<Answer, ApiError> {
    if call.method != Method::POST {
        return Err(ApiError::method());
    }
    let body = call.object()?;
    let parts = parts(body)?;
    let all_or_none = body.get("allOrNone").and_then(Value::as_bool).unwrap_or(false);
    let outcomes = if all_or_none {
        match app.store.write(|tx| together(app, tx, &parts)) {
            Ok(outcomes) | Err(Undone::Answered(outcomes)) => outcomes,
            Err(Undone::Store(error)) => return Err(error.into()),
        }
    } else {
        one_by_one(app, &parts)
    };
    let rows: Vec<_> = parts
        .iter()
        .zip(&outcomes)
        .map(|(part, outcome)| row(part, outcome))
        .collect();
    Ok(Answer::ok(json!({ "compositeResponse": rows })))
}

type Outcome = Result<Answer, ApiError>;

enum Undone {
    Answered(Vec<Outcome>),
    Store(std::io::Error),
}

impl From<std::io::Error> for Undone {
    fn from(error: std::io::Error) -> Self {
        Self::Store(error)
    }
}

fn one_by_one(app: &Org, parts: &[Part<'_>]) -> Vec<Outcome> {
    let mut results = Results::new();
    let run = |part: &Part<'_>| {
        let answer = prepare(part, &results).and_then(|call| perform(app, &call))?;
        if let Some(body) = &answer.body {
            results.insert(part.reference.to_owned(), body.clone());
        }
        Ok(answer)
    };
    parts.iter().map(run).collect()
}

/// Runs all parts in one transaction. After the first failure nothing more is tried and nothing is kept.
fn together(app: &Org, tx: &mut Tx<'_>, parts: &[Part<'_>]) -> Result<Vec<Outcome>, Undone> {
    let mut results = Results::new();
    let mut outcomes = Vec::new();
    for part in parts {
        let outcome = prepare(part, &results).and_then(|call| perform_in(app, tx, &force_all_or_none(call)));
        let failed = outcome.as_ref().map_or(true, |answer| answer.rollback);
        if let Some(body) = outcome.as_ref().ok().and_then(|answer| answer.body.as_ref()) {
            results.insert(part.reference.to_owned(), body.clone());
        }
        outcomes.push(outcome);
        if failed {
            let culprit = outcomes.len() - 1;
            outcomes.resize_with(parts.len(), || Err(rolled_back()));
            for outcome in &mut outcomes[..culprit] {
                *outcome = Err(rolled_back());
            }
            return Err(Undone::Answered(outcomes));
        }
    }
    Ok(outcomes)
}

fn rolled_back() -> ApiError {
    ApiError::halted("The transaction was rolled back since another operation in the same transaction failed.")
}

/// The outer wish for all or none overrides that of a collection inside.
fn force_all_or_none(mut call: Call) -> Call {
    if let Some(body) = call.body.as_object_mut().filter(|body| body.contains_key("records")) {
        body.insert("allOrNone".to_owned(), Value::Bool(true));
    }
    call
}

fn parts(body: &Map<String, Value>) -> Result<Vec<Part<'_>>, ApiError> {
    let rows = body.get("compositeRequest").and_then(Value::as_array);
    let rows = rows.ok_or_else(|| ApiError::bad("JSON_PARSER_ERROR", "compositeRequest must be an array"))?;
    let parts = rows.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    // The words of both refusals are UNVERIFIED.
    if parts.len() > MAX_CALLS {
        return Err(ApiError::bad("LIMIT_EXCEEDED", format!("more than {MAX_CALLS} subrequests")));
    }
    let queries = parts.iter().filter(|p| p.method == Method::GET && p.url.contains("/query"));
    if queries.count() > MAX_QUERIES {
        return Err(ApiError::bad(
            "LIMIT_EXCEEDED",
            format!("more than {MAX_QUERIES} query subrequests"),
        ));
    }
    for (i, part) in parts.iter().enumerate() {
        if parts[..i].iter().any(|p| p.reference == part.reference) {
            return Err(ApiError::bad(
                "INVALID_INPUT",
                format!("duplicate referenceId: {}", part.reference),
            ));
        }
    }
    Ok(parts)
}

fn part(row: &Value) -> Result<Part<'_>, ApiError> {
    let text = |name: &str| {
        let value = row.get(name).and_then(Value::as_str);
        value.ok_or_else(|| ApiError::bad("JSON_PARSER_ERROR", format!("{name} must be a string")))
    };
    let method = text("method")?;
    let method = match method {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        other => return Err(ApiError::bad("INVALID_HTTP_METHOD", format!("method not supported: {other}"))),
    };
    Ok(Part {
        method,
        url: text("url")?,
        reference: text("referenceId")?,
        body: row.get("body"),
    })
}

/// Fills in what a part takes from earlier answers.
fn prepare(part: &Part<'_>, results: &Results) -> Result<Call, ApiError> {
    let mut body = part.body.cloned().unwrap_or(Value::Null);
    fill(&mut body, results)?;
    let call = Call::new(part.method.clone(), &substitute(part.url, results)?, body)?;
    if call.segments() == ["composite"] {
        return Err(ApiError::bad("INVALID_INPUT", "a composite request cannot hold another"));
    }
    Ok(call)
}

fn fill(value: &mut Value, results: &Results) -> Result<(), ApiError> {
    match value {
        Value::String(text) => *text = substitute(text, results)?,
        Value::Array(items) => items.iter_mut().try_for_each(|v| fill(v, results))?,
        Value::Object(map) => map.values_mut().try_for_each(|v| fill(v, results))?,
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// Replaces each `@{reference.path}`.
fn substitute(text: &str, results: &Results) -> Result<String, ApiError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("@{") {
        let Some((name, after)) = behind.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&find(name, results)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// What `reference.field`, `reference.records[0].Id` and the like stand for.
fn find(name: &str, results: &Results) -> Result<String, ApiError> {
    let missing = || ApiError::halted(format!("Invalid reference specified. No value for {name} found"));
    let (reference, path) = name.split_once('.').unwrap_or((name, ""));
    let (reference, index) = reference.split_once('[').map_or((reference, ""), |(r, i)| (r, i));
    let mut value = results.get(reference).ok_or_else(missing)?;
    let first = (!index.is_empty()).then(|| format!("[{index}"));
    for step in first
        .iter()
        .map(String::as_str)
        .chain(path.split('.').filter(|s| !s.is_empty()))
    {
        let (field, indexes) = step.split_at(step.find('[').unwrap_or(step.len()));
        if !field.is_empty() {
            value = value.get(field).ok_or_else(missing)?;
        }
        for index in indexes.split('[').skip(1) {
            let index = index
                .strip_suffix(']')
                .and_then(|i| i.parse::<usize>().ok())
                .ok_or_else(missing)?;
            value = value.get(index).ok_or_else(missing)?;
        }
    }
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(missing()),
    }
}

fn row(part: &Part<'_>, outcome: &Outcome) -> Value {
    let (status, body, location) = match outcome {
        Ok(answer) => (answer.status, answer.body.clone(), answer.location.as_ref()),
        Err(error) => (error.status, Some(error.body()), None),
    };
    let headers = location.map_or_else(|| json!({}), |l| json!({ "Location": l }));
    json!({ "body": body, "httpHeaders": headers, "httpStatusCode": status.as_u16(), "referenceId": part.reference })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn references_reach_into_earlier_answers() {
        let mut results = Results::new();
        results.insert("acc".to_owned(), json!({ "id": "001A" }));
        results.insert("q".to_owned(), json!({ "records": [{ "Id": "006B", "Amount": 12 }] }));
        results.insert("rows".to_owned(), json!([{ "id": "a00C" }]));
        let sub = |text: &str| substitute(text, &results);
        assert_eq!(
            sub("/x/@{acc.id}/@{q.records[0].Id}?a=@{q.records[0].Amount}").unwrap(),
            "/x/001A/006B?a=12"
        );
        assert_eq!(sub("@{rows[0].id}").unwrap(), "a00C");
        assert_eq!(sub("no reference @{").unwrap(), "no reference @{");
        for bad in ["@{nope.id}", "@{acc.name}", "@{q.records[1].Id}", "@{q.records}"] {
            assert_eq!(sub(bad).unwrap_err().code, "PROCESSING_HALTED", "{bad}");
        }
    }
}
