//! Who may use whom. A name that ends in `/` means everything under it.

/// What the crates of one folder may use.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) folder: &'static str,
    uses: &'static [&'static str],
    /// What their tests may use beside that.
    dev: &'static [&'static str],
}

const fn rule(folder: &'static str, uses: &'static [&'static str]) -> Rule {
    Rule { folder, uses, dev: &[] }
}

const KERNEL: &str = "crates/base/kernel";
const CONTRACT: &str = "crates/base/contract";
const SETTINGS: &str = "crates/base/settings";
const IDENTITY: &str = "crates/base/identity";
const TLS: &str = "crates/base/tls";
const ROW_RULES: &str = "crates/base/rules";
const TELEMETRY: &str = "crates/base/telemetry";
const STORE: &str = "crates/base/store";
const EVENTS: &str = "crates/base/events";
const EVENTS_NATS: &str = "crates/base/events-nats";
const QUOTA: &str = "crates/base/quota";
const AUDIT: &str = "crates/base/audit";
const RPC: &str = "crates/base/rpc";
const CATALOG: &str = "crates/base/catalog";
const BASE: &str = "crates/base/";
const FINANCE: &str = "crates/finance";
const PORT: &str = "crates/system/port";
const VENDOR_HTTP: &str = "crates/vendor/http";
const SANDBOXES: &str = "crates/sandbox/";
const SANDBOX_KIT: &str = "crates/sandbox/kit";

/// The floors, from the ground up. System, master, process and experience never link each other: they
/// meet through contracts. Sandboxes share nothing with what they test.
pub(super) const RULES: &[Rule] = &[
    rule(KERNEL, &[]),
    rule(CONTRACT, &[KERNEL]),
    rule(SETTINGS, &[KERNEL]),
    rule(TELEMETRY, &[KERNEL, SETTINGS]),
    rule(STORE, &[KERNEL, SETTINGS, TELEMETRY]),
    rule(QUOTA, &[KERNEL, SETTINGS, STORE]),
    rule(EVENTS, &[KERNEL, CONTRACT, SETTINGS, TELEMETRY, STORE]),
    Rule {
        folder: EVENTS_NATS,
        uses: &[KERNEL, EVENTS],
        dev: &[STORE],
    },
    rule(IDENTITY, &[KERNEL, CONTRACT, SETTINGS]),
    rule(TLS, &[KERNEL, CONTRACT, SETTINGS]),
    rule(ROW_RULES, &[CONTRACT, SETTINGS, IDENTITY]),
    rule(RPC, &[KERNEL, CONTRACT, SETTINGS, IDENTITY, TLS, ROW_RULES, TELEMETRY]),
    rule(AUDIT, &[KERNEL, STORE, RPC]),
    rule(CATALOG, &[CONTRACT]),
    rule(FINANCE, &[KERNEL]),
    rule(PORT, &[BASE]),
    rule("crates/system/service", &[BASE, FINANCE, PORT]),
    rule(VENDOR_HTTP, &[BASE, PORT]),
    Rule {
        folder: "crates/vendor/",
        uses: &[BASE, PORT, VENDOR_HTTP],
        dev: &[SANDBOXES],
    },
    rule(SANDBOX_KIT, &[]),
    rule(SANDBOXES, &[SANDBOX_KIT]),
    rule("crates/master", &[BASE, FINANCE]),
    rule("crates/process", &[BASE, FINANCE]),
    rule("crates/experience", &[BASE]),
    // The firm is a client: it knows contracts and how to call them, and nothing of what is behind.
    rule("crates/firm", &[KERNEL, CONTRACT, RPC]),
    rule("clients/rust", &[CONTRACT]),
    rule("bins/", &["crates/"]),
    rule("tests", &["crates/", "bins/"]),
    rule("tests/", &["crates/", "bins/"]),
    // A row of the benchmark is a measurement of its own, too.
    rule("tests/bench", &["crates/", "bins/", "tests/load"]),
    // The simulation puts its own vendors in the place of adapters and sandboxes.
    rule(
        "tests/sim",
        &[BASE, PORT, "crates/system/service", "crates/master", "crates/process"],
    ),
];

/// The rule of a folder: the one that names it most exactly.
pub(super) fn rule_of(folder: &str) -> Option<&'static Rule> {
    let fitting = RULES.iter().filter(|rule| names(rule.folder, folder));
    fitting.max_by_key(|rule| rule.folder.len())
}

fn names(pattern: &str, folder: &str) -> bool {
    if pattern.ends_with('/') {
        folder.starts_with(pattern)
    } else {
        folder == pattern
    }
}

impl Rule {
    pub(super) fn allows(&self, folder: &str, dev: bool) -> bool {
        let more = if dev { self.dev } else { &[] };
        self.uses.iter().chain(more).any(|pattern| names(pattern, folder))
    }

    /// The rule in words, for a complaint.
    pub(super) fn words(&self) -> String {
        let may = if self.uses.is_empty() {
            "nothing of ours".to_owned()
        } else {
            self.uses.join(", ")
        };
        let dev = if self.dev.is_empty() {
            String::new()
        } else {
            format!(", and in tests {}", self.dev.join(", "))
        };
        format!("{} may use {may}{dev}", self.folder)
    }
}
