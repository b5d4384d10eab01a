//! A crate uses lower floors only. Which floor it is on, its path says.

mod table;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Result, bail};
use cargo_metadata::DependencyKind;

use crate::Workspace;
use table::rule_of;

/// One crate of ours uses another. Folders are relative to the workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: String,
    to: String,
    /// Only its tests do.
    dev: bool,
}

/// Checks every edge. Returns how many there are; with `print`, shows them.
pub(crate) fn run(workspace: &Workspace, print: bool) -> Result<usize> {
    let (crates, edges) = read(workspace);
    if print {
        show(&edges);
    }
    let complaints = check(&crates, &edges);
    for complaint in &complaints {
        eprintln!("floors: {complaint}");
    }
    if !complaints.is_empty() {
        bail!("{} of {} edges go where they must not", complaints.len(), edges.len());
    }
    println!("floors: {} crates, {} edges, every one goes down", crates.len(), edges.len());
    Ok(edges.len())
}

/// The folders of all crates of ours, and the edges between them.
fn read(workspace: &Workspace) -> (Vec<String>, Vec<Edge>) {
    let packages = workspace.metadata.workspace_packages();
    let folder = |manifest: &Path| {
        let inside = manifest.strip_prefix(&workspace.root).unwrap_or(manifest);
        inside.parent().unwrap_or(inside).to_string_lossy().into_owned()
    };
    let folders: HashMap<&str, String> = packages
        .iter()
        .map(|package| (package.name.as_str(), folder(package.manifest_path.as_std_path())))
        .collect();
    let mut edges = Vec::new();
    for package in &packages {
        for dependency in &package.dependencies {
            let (Some(from), Some(to)) = (folders.get(package.name.as_str()), folders.get(dependency.name.as_str())) else {
                continue;
            };
            edges.push(Edge {
                from: from.clone(),
                to: to.clone(),
                dev: dependency.kind == DependencyKind::Development,
            });
        }
    }
    edges.sort();
    edges.dedup();
    let mut crates: Vec<String> = folders.into_values().collect();
    crates.sort();
    (crates, edges)
}

/// What is wrong, a line each: a crate without a floor, an edge that goes up or sideways.
fn check(crates: &[String], edges: &[Edge]) -> Vec<String> {
    let homeless = crates.iter().filter(|folder| rule_of(folder).is_none());
    let homeless = homeless.map(|folder| format!("{folder} is on no floor; say which in bins/xtask/src/floors/table.rs"));
    let wrong = edges.iter().filter_map(|edge| {
        let rule = rule_of(&edge.from)?;
        let how = if edge.dev { " in its tests" } else { "" };
        (!rule.allows(&edge.to, edge.dev)).then(|| format!("{} uses {}{how}; {}", edge.from, edge.to, rule.words()))
    });
    homeless.chain(wrong).collect()
}

/// Prints who uses whom: a line for each crate, `(dev)` behind what only its tests use.
fn show(edges: &[Edge]) {
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for edge in edges {
        let mark = if edge.dev { " (dev)" } else { "" };
        rows.entry(&edge.from).or_default().push(format!("{}{mark}", edge.to));
    }
    let width = rows.keys().map(|folder| folder.len()).max().unwrap_or_default();
    for (from, to) in rows {
        println!("{from:width$}  ->  {}", to.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str) -> Edge {
        Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            dev: false,
        }
    }

    fn allowed(edge: Edge) -> bool {
        check(&[], &[edge]).is_empty()
    }

    #[test]
    fn downward_edges_pass() {
        for (from, to) in [
            ("crates/base/contract", "crates/base/kernel"),
            ("crates/base/rpc", "crates/base/telemetry"),
            ("crates/finance", "crates/base/kernel"),
            ("crates/system/port", "crates/base/contract"),
            ("crates/system/service", "crates/system/port"),
            ("crates/vendor/http", "crates/system/port"),
            ("crates/vendor/netsuite", "crates/vendor/http"),
            ("crates/sandbox/netsuite", "crates/sandbox/kit"),
            ("crates/master", "crates/finance"),
            ("crates/process", "crates/base/events"),
            ("crates/experience", "crates/base/rpc"),
            ("crates/firm", "crates/base/rpc"),
            ("bins/strata", "crates/vendor/netsuite"),
            ("tests", "crates/firm"),
        ] {
            assert!(allowed(edge(from, to)), "{from} -> {to}");
        }
    }

    #[test]
    fn every_other_edge_is_refused() {
        for (from, to) in [
            ("crates/base/kernel", "crates/base/contract"),
            ("crates/base/contract", "crates/base/rpc"),
            ("crates/base/rpc", "crates/finance"),
            ("crates/finance", "crates/base/contract"),
            ("crates/system/port", "crates/finance"),
            ("crates/system/service", "crates/vendor/netsuite"),
            ("crates/vendor/netsuite", "crates/vendor/workday"),
            ("crates/vendor/http", "crates/vendor/netsuite"),
            ("crates/vendor/netsuite", "crates/sandbox/netsuite"),
            ("crates/sandbox/kit", "crates/base/kernel"),
            ("crates/sandbox/netsuite", "crates/base/kernel"),
            ("crates/sandbox/netsuite", "crates/sandbox/workday"),
            ("crates/master", "crates/process"),
            ("crates/process", "crates/master"),
            ("crates/process", "crates/system/port"),
            ("crates/experience", "crates/finance"),
            ("crates/experience", "crates/process"),
            ("crates/firm", "crates/base/store"),
            ("crates/master", "bins/strata"),
            ("crates/finance-old", "crates/base/kernel/x"),
        ] {
            let refused = !allowed(edge(from, to)) || rule_of(from).is_none();
            assert!(refused, "{from} -> {to}");
        }
    }

    #[test]
    fn tests_of_an_adapter_may_use_sandboxes_and_nobody_elses() {
        let dev = |from, to| Edge {
            dev: true,
            ..edge(from, to)
        };
        assert!(allowed(dev("crates/vendor/netsuite", "crates/sandbox/netsuite")));
        assert!(allowed(dev("crates/vendor/netsuite", "crates/sandbox/kit")));
        for (from, to) in [
            ("crates/process", "crates/sandbox/netsuite"),
            ("crates/vendor/netsuite", "crates/firm"),
            ("crates/finance", "crates/base/contract"),
        ] {
            assert!(!allowed(dev(from, to)), "{from} -> {to}");
        }
    }

    #[test]
    fn a_crate_on_no_floor_is_named() {
        let said = check(&["crates/attic".to_owned()], &[]);
        assert!(said[0].starts_with("crates/attic is on no floor"), "{said:?}");
    }

    #[test]
    fn a_complaint_names_both_ends_and_the_rule() {
        let said = check(&[], &[edge("crates/experience", "crates/process")]);
        assert_eq!(
            said,
            ["crates/experience uses crates/process; crates/experience may use crates/base/"]
        );
    }

    #[test]
    fn the_workspace_itself_keeps_the_rules() {
        let workspace = Workspace::read().expect("cargo metadata answers inside the workspace");
        let (crates, edges) = read(&workspace);
        assert!(
            crates.len() > 20 && edges.len() > 40,
            "{} crates, {} edges",
            crates.len(),
            edges.len()
        );
        assert_eq!(check(&crates, &edges), Vec::<String>::new());
        // A rule that no crate lives under is left over from another time.
        for rule in table::RULES {
            let lives = crates
                .iter()
                .any(|folder| rule_of(folder).is_some_and(|r| r.folder == rule.folder));
            assert!(lives, "no crate is in {}", rule.folder);
        }
    }
}
