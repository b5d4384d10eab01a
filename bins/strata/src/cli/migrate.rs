//! `strata migrate`.

use clap::Args;
use strata_kernel::{Error, Kind};
use strata_store::{migrate, roles};

use crate::error::{DONE, Usage};
use crate::parts::ROLES;
use crate::serve::Output;
use crate::settings::{StoreSettings, is_url, without_password};

/// Runs every migration that is missing, and names it. A database that is up to date stays as it is.
///
/// With --roles it then makes the roles strata_master, strata_process, strata_system and strata_reader on PostgreSQL and gives each the rights
/// it needs and no others. Servers are let in by users that are members of them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata migrate --store sqlite:strata.db
  strata migrate --store postgres://strata@db.example/strata --output json
  strata migrate --store postgres://strata@db.example/strata --roles
  strata migrate --print-roles  for an administrator, when the owner may not make roles")]
pub(super) struct MigrateArguments {
    /// Database: sqlite:PATH or postgres://...
    #[arg(long, value_name = "URL", env = "STRATA_STORE", hide_env_values = true, value_parser = store_url, required_unless_present = "print_roles")]
    store: Option<String>,
    /// Make the roles, and give them their rights on the tables there are
    #[arg(long)]
    roles: bool,
    /// Print the statements that do it, and do nothing
    #[arg(long, conflicts_with = "roles")]
    print_roles: bool,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
}

/// Reads a database's URL.
pub(super) fn store_url(text: &str) -> Result<String, String> {
    if is_url(text) {
        Ok(text.to_owned())
    } else {
        Err("starts with sqlite: or postgres://".to_owned())
    }
}

pub(super) async fn run(arguments: MigrateArguments) -> anyhow::Result<u8> {
    if arguments.print_roles {
        println!("{};", roles::statements(&ROLES).join(";\n"));
        return Ok(DONE);
    }
    let Some(store) = arguments.store else {
        return Err(Usage::error("--store is needed"));
    };
    let db = StoreSettings::at(&store).open().await.map_err(Usage::error)?;
    let wants_roles = arguments.roles;
    let done = tokio::task::spawn_blocking(move || {
        let names = migrate::run(&db)?;
        if wants_roles {
            roles::grant(&db, &ROLES)?;
        }
        Ok(names)
    });
    let names = match done.await? {
        Err(Error {
            kind: Kind::FailedPrecondition,
            message,
            ..
        }) => return Err(Usage::error(message)),
        names => names?,
    };
    let granted: Vec<&str> = ROLES.iter().filter(|_| wants_roles).map(|role| role.name).collect();
    match arguments.output {
        Output::Json => println!("{}", serde_json::json!({ "migrations": names, "roles": granted })),
        Output::Text => {
            if names.is_empty() {
                println!("{} is up to date", without_password(&store));
            }
            for name in names {
                println!("{name}");
            }
            for role in granted {
                println!("role {role}; let a user in with: CREATE ROLE ... LOGIN PASSWORD '...' IN ROLE {role}");
            }
        }
    }
    Ok(DONE)
}
