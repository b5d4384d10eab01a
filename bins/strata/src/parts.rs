//! Whose tables a store has, and which server is let in to write which.

use strata_store::Tables;
use strata_store::roles::Role as StoreRole;

use crate::vendor::Role;

/// Every table, those first that others refer to.
pub const TABLES: [Tables; 6] = [
    strata_store::TABLES,
    strata_master::TABLES,
    strata_process::TABLES,
    strata_events::TABLES,
    strata_audit::TABLES,
    strata_quota::TABLES,
];

const MASTER: [Tables; 1] = [strata_master::TABLES];
const PROCESS: [Tables; 3] = [strata_process::TABLES, strata_events::TABLES, strata_audit::TABLES];
const SYSTEM: [Tables; 1] = [strata_quota::TABLES];
const ALL: [Tables; 5] = [
    strata_master::TABLES,
    strata_process::TABLES,
    strata_events::TABLES,
    strata_audit::TABLES,
    strata_quota::TABLES,
];

/// The roles of a PostgreSQL store.
pub const ROLES: [StoreRole; 4] = [
    StoreRole {
        name: "strata_master",
        writes: &MASTER,
        reads_all: false,
    },
    StoreRole {
        name: "strata_process",
        writes: &PROCESS,
        reads_all: false,
    },
    // For system servers that share a vendor's account.
    StoreRole {
        name: "strata_system",
        writes: &SYSTEM,
        reads_all: false,
    },
    // For reports and backups.
    StoreRole {
        name: "strata_reader",
        writes: &[],
        reads_all: true,
    },
];

/// What a server has to write, where it has a database: system servers have one only when they share a vendor's account.
pub(crate) fn written_by(server: Role) -> &'static [Tables] {
    match server {
        Role::Master => &MASTER,
        Role::Process => &PROCESS,
        Role::All => &ALL,
        Role::System(_) => &SYSTEM,
        Role::Experience | Role::Sandbox => &[],
    }
}
