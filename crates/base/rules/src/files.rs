//! Policies, from their files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cedar_policy::{PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;

/// Files that are built in, by name.
const BUILT_IN: [(&str, &str); 5] = [
    ("approval.cedar", include_str!("../../../../policies/approval.cedar")),
    ("customer.cedar", include_str!("../../../../policies/customer.cedar")),
    ("everybody.cedar", include_str!("../../../../policies/everybody.cedar")),
    ("legal-entity.cedar", include_str!("../../../../policies/legal-entity.cedar")),
    ("own-time.cedar", include_str!("../../../../policies/own-time.cedar")),
];

/// What policies speak about.
const SCHEMA: &str = include_str!("../../../../policies/schema.cedarschema");

/// Policies that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The folder or a file of it cannot be read.
    #[error("{}: {cause}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A policy is wrong.
    #[error("{file}:{line}: {text}")]
    Policy {
        /// File it stands in.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        text: String,
    },
    /// The schema that is built in cannot be read.
    #[error("schema.cedarschema: {0}")]
    Schema(String),
}

/// What the policies speak about.
pub(crate) fn schema() -> Result<Schema, RulesError> {
    let read = Schema::from_cedarschema_str(SCHEMA);
    read.map(|(schema, _)| schema)
        .map_err(|cause| RulesError::Schema(cause.to_string()))
}

/// The policies that are built in, with those of a folder beside them or in their place.
pub(crate) fn read(dir: Option<&Path>, schema: &Schema) -> Result<PolicySet, RulesError> {
    let mut files: BTreeMap<String, String> = BUILT_IN
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    // A file of the folder is called by its whole path: that is where somebody looks for the line.
    let mut places = BTreeMap::new();
    for path in dir.map(listed).transpose()?.unwrap_or_default() {
        let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        places.insert(name.clone(), path.display().to_string());
        files.insert(name, text);
    }
    let validator = Validator::new(schema.clone());
    let mut all = PolicySet::new();
    for (name, text) in files {
        let file = places.remove(&name).unwrap_or(name);
        let own = named(&file, &text)?;
        let checked = validator.validate(&own, ValidationMode::Strict);
        if let Some(wrong) = checked.validation_errors().next() {
            return Err(fault(&file, &text, wrong));
        }
        for policy in own.policies() {
            let id = policy.id().to_string();
            let added = all.add(policy.clone());
            added.map_err(|_| {
                plain(
                    &file,
                    line_of_id(&text, &id),
                    format!("another policy has the id \"{id}\" already"),
                )
            })?;
        }
    }
    Ok(all)
}

/// Files of the folder that hold policies, by name.
fn listed(dir: &Path) -> Result<Vec<PathBuf>, RulesError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable(dir))? {
        let path = entry.map_err(unreadable(dir))?.path();
        if path.extension().is_some_and(|extension| extension == "cedar") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The policies of a file, each under its `@id`.
fn named(file: &str, text: &str) -> Result<PolicySet, RulesError> {
    let read: PolicySet = text
        .parse()
        .map_err(|wrong: cedar_policy::ParseErrors| fault(file, text, &wrong))?;
    if read.templates().next().is_some() {
        let text = "policies with ?principal or ?resource are not used here".to_owned();
        return Err(plain(file, 1, text));
    }
    let mut own = PolicySet::new();
    for policy in read.policies() {
        let id = policy.annotation("id").filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| {
            let text_of = policy.to_string();
            let begin = text_of.lines().next().and_then(|first| text.find(first)).unwrap_or_default();
            let words = "a policy has no @id(\"...\"); refusals are logged with it".to_owned();
            plain(file, line_at(text, begin), words)
        })?;
        let added = own.add(policy.new_id(PolicyId::new(id)));
        added.map_err(|_| {
            plain(
                file,
                line_of_id(text, id),
                format!("another policy has the id \"{id}\" already"),
            )
        })?;
    }
    Ok(own)
}

fn fault(file: &str, text: &str, wrong: &dyn Diagnostic) -> RulesError {
    let begin = wrong.labels().and_then(|mut labels| labels.next());
    let line = begin.map_or(1, |label| line_at(text, label.offset()));
    let help = wrong.help().map(|help| format!(" ({help})")).unwrap_or_default();
    plain(file, line, format!("{wrong}{help}"))
}

fn plain(file: &str, line: usize, text: String) -> RulesError {
    RulesError::Policy {
        file: file.to_owned(),
        line,
        text,
    }
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> RulesError {
    let path = path.to_owned();
    |cause| RulesError::Unreadable { path, cause }
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Last line that names an id: the one that was read second.
fn line_of_id(text: &str, id: &str) -> usize {
    text.rfind(&format!("\"{id}\"")).map_or(1, |at| line_at(text, at))
}
