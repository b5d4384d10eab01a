//! Clients in other languages, made under the target folder as their own pages say (`clients/`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{Given, ask, show};
use crate::{Workspace, tools};

/// Variable under which tests find the folder of the clients.
pub(crate) const VARIABLE: &str = "STRATA_TEST_CLIENTS";

/// Packages whose Python comes with googleapis-common-protos.
const FOREIGN: &str = "google/";

pub(crate) fn run(workspace: &Workspace, given: &Given) -> Result<()> {
    let made = make(workspace)?;
    show(given.command()?.env(VARIABLE, made))
}

/// Makes the clients in TypeScript and Python from the contracts as they are. Returns the folder with one folder for each.
pub(crate) fn make(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("clients");
    typescript(workspace, &folder.join("typescript"))?;
    python(workspace, &folder.join("python"))?;
    Ok(folder)
}

fn typescript(workspace: &Workspace, folder: &Path) -> Result<()> {
    let from = workspace.root.join("clients/typescript");
    fs::create_dir_all(folder.join("src"))?;
    for file in ["package.json", "buf.gen.yaml", "tsconfig.json", "src/engagements.ts"] {
        fs::copy(from.join(file), folder.join(file)).with_context(|| format!("{file} cannot be copied"))?;
    }
    tools::npm_packages(folder, "the TypeScript client")?;
    let run = |script: &str| {
        let mut npm = Command::new("npm");
        npm.current_dir(folder).env("STRATA_ROOT", &workspace.root);
        show(npm.args(["run", "--silent", script]))
    };
    run("generate")?;
    run("build")
}

fn python(workspace: &Workspace, folder: &Path) -> Result<()> {
    let (packages, made) = (folder.join("packages"), folder.join("gen"));
    let wanted = workspace.root.join("clients/python/requirements.txt");
    fs::create_dir_all(&made)?;
    tools::once(folder, &wanted, || {
        tools::pip_is_there("the Python client")?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--upgrade"]);
        show(pip.arg("--target").arg(&packages).arg("--requirement").arg(&wanted))
    })?;
    let (ours, foreign) = (workspace.root.join("proto"), workspace.root.join("third_party/proto"));
    let mut files = Vec::new();
    for root in [&ours, &foreign] {
        protos(root, root, &mut files)?;
    }
    let mut protoc = Command::new("python3");
    protoc.env("PYTHONPATH", &packages).args(["-m", "grpc_tools.protoc"]);
    protoc.arg("-I").arg(&ours).arg("-I").arg(&foreign);
    protoc.arg("--python_out").arg(&made).arg("--grpc_python_out").arg(&made);
    protoc.args(files.iter().filter(|file| !file.starts_with(FOREIGN)));
    let count = files.len();
    ask(&mut protoc).with_context(|| format!("grpc_tools.protoc refuses one of {count} files"))?;
    fs::copy(
        workspace.root.join("clients/python/engagements.py"),
        folder.join("engagements.py"),
    )?;
    Ok(())
}

/// Names of the proto files below a folder, relative to its root.
fn protos(root: &Path, folder: &Path, found: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            protos(root, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path.strip_prefix(root)?.to_string_lossy().into_owned());
        }
    }
    found.sort();
    Ok(())
}
