//! The Record service: `/services/rest/record/v1`.

pub(crate) mod find;
pub(crate) mod input;
pub(crate) mod output;
pub(crate) mod write;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use strata_sandbox::{Body, Tx};

use crate::app::App;
use crate::errors::{Answer, NsError};
use crate::jobs;
use crate::request::{self, Page, host, object, parameters};
use crate::schema::{self, RecordType};
use find::Address;
use input::Unknown;
use output::Show;

/// `GET /{type}`: a page of ids.
pub(crate) async fn list(
    State(app): State<App>,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer<Response> {
    let kind = named(&kind)?;
    let parameters = parameters(query.as_deref(), &["limit", "offset"])?;
    let page = Page::of(&parameters)?;
    let host = host(&headers);
    let ids = app.store.read(|view| find::ids(*view, kind));
    let shown = ids.iter().skip(page.offset).take(page.limit);
    let items = shown.map(|id| json!({"links": output::self_link(&host, &output::path(kind, *id)), "id": id.to_string()}));
    let address = format!("{host}/services/rest/record/v1/{}", kind.name);
    Ok(Json(page.envelope(&address, items.collect(), ids.len())).into_response())
}

/// `GET /{type}/{id}` and `GET /{type}/eid:{key}`.
pub(crate) async fn get(
    State(app): State<App>,
    Path((kind, address)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer<Response> {
    let kind = named(&kind)?;
    let parameters = parameters(query.as_deref(), &["fields", "expandSubResources"])?;
    let show = Show {
        fields: parameters
            .get("fields")
            .map(|names| names.split(',').map(|name| name.trim().to_owned()).collect()),
        expand: parameters.get("expandSubResources").is_some_and(|text| text == "true"),
    };
    let unknown = show.fields.iter().flatten().find(|name| !is_readable(kind, name));
    if let Some(name) = unknown {
        return Err(NsError::parameter(format!(
            "Invalid query parameter value: field '{name}' does not exist."
        )));
    }
    let host = host(&headers);
    app.store.read(|view| {
        let record = find::read(*view, kind, &Address::parse(&address))?;
        Ok(Json(output::record(*view, kind, &record, &show, &host)).into_response())
    })
}

/// `GET /{type}/{id}/{sublist}`.
pub(crate) async fn sublist(
    State(app): State<App>,
    Path((kind, address, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let kind = named(&kind)?;
    let host = host(&headers);
    app.store.read(|view| {
        let record = find::read(*view, kind, &Address::parse(&address))?;
        let lines = output::sublist(*view, kind, &record, &name, &host).ok_or_else(NsError::no_such_resource)?;
        Ok(Json(lines).into_response())
    })
}

/// `POST`, `PUT` and `PATCH /{type}`: a create, or a batch that runs as an asynchronous job.
pub(crate) async fn collection(
    State(app): State<App>,
    method: Method,
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let kind = named(&kind)?;
    let unknown = validation(&headers)?;
    let sent = object(&body)?;
    let verb = Verb::of(&method).ok_or_else(NsError::no_such_method)?;
    if request::is_async(&headers) {
        return jobs::accept(&app, kind, verb, sent, unknown, &headers);
    }
    if request::is_collection(&headers) || verb != Verb::Create {
        return Err(NsError::parameter("Batch operations need the header Prefer: respond-async."));
    }
    let id = app.write(|tx, at| {
        let fields = input::record(tx.view(), kind, &sent, unknown)?;
        write::create(tx, kind, fields, at)
    })?;
    Ok(stored(&headers, kind, id))
}

/// `PATCH /{type}/{id}`: changes the fields that are sent.
pub(crate) async fn patch(
    State(app): State<App>,
    Path((kind, address)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let kind = named(&kind)?;
    let (unknown, sent) = (validation(&headers)?, object(&body)?);
    let id = app.write(|tx, at| {
        let id = find::locate(tx.view(), kind, &Address::parse(&address))?;
        let fields = input::record(tx.view(), kind, &sent, unknown)?;
        write::update(tx, kind, id, fields, at).map(|()| id)
    })?;
    Ok(stored(&headers, kind, id))
}

/// `PUT /{type}/eid:{key}`: upsert by the client's key.
pub(crate) async fn put(
    State(app): State<App>,
    Path((kind, address)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let kind = named(&kind)?;
    let (unknown, sent) = (validation(&headers)?, object(&body)?);
    let Address::Key(key) = Address::parse(&address) else {
        return Err(NsError::parameter(
            "An upsert addresses the record by its external ID: eid:{externalId}.",
        ));
    };
    if key.is_empty() {
        return Err(NsError::parameter("The external ID in the address is empty."));
    }
    let id = app.write(|tx, at| {
        let fields = input::record(tx.view(), kind, &sent, unknown)?;
        write::upsert(tx, kind, &key, fields, at)
    })?;
    Ok(stored(&headers, kind, id))
}

/// `DELETE /{type}/{id}`.
pub(crate) async fn delete(State(app): State<App>, Path((kind, address)): Path<(String, String)>) -> Answer<Response> {
    let kind = named(&kind)?;
    app.write(|tx, _| write::delete(tx, kind, &Address::parse(&address)))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a write does to the records it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `POST`.
    Create,
    /// `PATCH`; the record is named by `id`, else by `externalId`.
    Update,
    /// `PUT`; the record is named by `externalId`.
    Upsert,
}

impl Verb {
    fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::POST => Some(Self::Create),
            Method::PATCH => Some(Self::Update),
            Method::PUT => Some(Self::Upsert),
            _ => None,
        }
    }

    /// Carries out one item of a batch and answers the record's id.
    pub(crate) fn run(
        self,
        tx: &mut Tx<'_>,
        kind: &'static RecordType,
        sent: &Body,
        unknown: Unknown,
        at: crate::app::Stamp,
    ) -> Answer<u64> {
        let fields = input::record(tx.view(), kind, sent, unknown)?;
        let key = fields.get("externalId").and_then(|key| key.as_str()).map(str::to_owned);
        match self {
            Self::Create => write::create(tx, kind, fields, at),
            Self::Upsert => {
                let key = key.ok_or_else(|| NsError::content("externalId", "An upsert names the record by externalId."))?;
                write::upsert(tx, kind, &key, fields, at)
            }
            Self::Update => {
                let address = input::id_text(sent).map(Address::Id).or(key.map(Address::Key));
                let address = address.ok_or_else(|| NsError::content("id", "An update names the record by id or externalId."))?;
                let id = find::locate(tx.view(), kind, &address)?;
                write::update(tx, kind, id, fields, at).map(|()| id)
            }
        }
    }
}

/// `204 No Content`: the record's id is in `Location` and nowhere else.
fn stored(headers: &HeaderMap, kind: &RecordType, id: u64) -> Response {
    let location = format!("{}{}", host(headers), output::path(kind, id));
    (StatusCode::NO_CONTENT, [(LOCATION, location)]).into_response()
}

fn named(kind: &str) -> Answer<&'static RecordType> {
    schema::find(kind).ok_or_else(|| NsError::missing(format!("Record type '{kind}' does not exist.")))
}

fn is_readable(kind: &RecordType, name: &str) -> bool {
    matches!(name, "id" | "externalId" | "links" | "createdDate" | "lastModifiedDate") || kind.field(name).is_some()
}

fn validation(headers: &HeaderMap) -> Answer<Unknown> {
    match request::header(headers, "x-netsuite-propertynamevalidation") {
        None => Ok(Unknown::Drop),
        Some(text) if text.eq_ignore_ascii_case("error") => Ok(Unknown::Refuse),
        Some(text) if text.eq_ignore_ascii_case("warning") || text.eq_ignore_ascii_case("ignore") => Ok(Unknown::Drop),
        Some(text) => Err(NsError::parameter(format!(
            "X-NetSuite-PropertyNameValidation cannot be '{text}'."
        ))),
    }
}
