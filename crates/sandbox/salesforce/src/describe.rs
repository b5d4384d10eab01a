//! What the org says about its objects.

use serde_json::{Value, json};

use crate::objects::OBJECTS;
use crate::schema::{Field, FieldKind, Object};

/// `GET /sobjects`.
pub(crate) fn all(version: &str) -> Value {
    let rows: Vec<_> = OBJECTS.iter().map(|o| head(o, version)).collect();
    json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": rows })
}

fn head(object: &Object, version: &str) -> Value {
    let base = format!("/services/data/{version}/sobjects/{}", object.name);
    json!({
        "name": object.name,
        "keyPrefix": object.prefix,
        "custom": object.is_custom(),
        "createable": true,
        "updateable": true,
        "deletable": true,
        "queryable": true,
        "urls": { "sobject": base, "describe": format!("{base}/describe") },
    })
}

/// `GET /sobjects/{Object}/describe`.
pub(crate) fn one(object: &Object) -> Value {
    let fields: Vec<_> = object.all_fields().map(field).collect();
    json!({
        "name": object.name,
        "keyPrefix": object.prefix,
        "custom": object.is_custom(),
        "fields": fields,
    })
}

fn field(field: &'static Field) -> Value {
    let choices: Vec<_> = match field.kind {
        FieldKind::Picklist(values) => values
            .iter()
            .map(|v| json!({ "value": v, "label": v, "active": true }))
            .collect(),
        _ => Vec::new(),
    };
    let targets: Vec<_> = if let FieldKind::Reference(target) = field.kind {
        vec![target]
    } else {
        Vec::new()
    };
    let length = if let FieldKind::Text(max) = field.kind { max } else { 0 };
    json!({
        "name": field.name,
        "type": field.kind.label(),
        "length": length,
        "nillable": !field.required && field.kind != FieldKind::Bool,
        "createable": !field.read_only,
        "updateable": !field.read_only,
        "custom": field.name.ends_with("__c"),
        "externalId": field.external_id,
        "restrictedPicklist": matches!(field.kind, FieldKind::Picklist(_) | FieldKind::Currency),
        "picklistValues": choices,
        "referenceTo": targets,
    })
}
