//! Settings of a process: a file, overruled by the environment, overruled by explicit values
//! (command line flags). Unknown keys are errors. Every mistake names the key and where it was
//! written (line of the file, name of the variable), and is found before any port opens.
//!
//! A bin composes the typed sections it needs; there is no global:
//!
//! ```
//! # use serde::Deserialize;
//! #[derive(Debug, Default, Deserialize)]
//! #[serde(default, deny_unknown_fields)]
//! struct Server { listen: String }
//!
//! #[derive(Debug, Default, Deserialize)]
//! #[serde(default, deny_unknown_fields)]
//! struct Settings { server: Server }
//!
//! let environment = [("STRATA__SERVER__LISTEN".to_owned(), "127.0.0.1:7400".to_owned())];
//! let settings: Settings = strata_settings::load(None, environment.into_iter(), &[])?;
//! assert_eq!(settings.server.listen, "127.0.0.1:7400");
//! # Ok::<(), strata_settings::SettingsError>(())
//! ```

mod error;
mod layers;
mod live;
mod locate;
mod secret;

use std::path::Path;

use config::Config;
use serde::de::DeserializeOwned;

pub use error::{Fault, Place, SettingsError};
pub use live::{Live, read_bounded};
pub use secret::Secret;

use layers::{Layer, Layers};

/// Variables that start with this are settings: `STRATA__SECTION__KEY`.
pub const PREFIX: &str = "STRATA__";

/// A typed group of settings that says, beyond its shape, what does not fit.
pub trait Section {
    /// Key of the section in the file.
    const NAME: &'static str;

    /// Refuses values that fit their type but make no sense. The fault's key is relative to the section.
    fn check(&self) -> Result<(), Fault>;
}

/// Reads settings. The environment is passed in, so a test never touches the process's own.
///
/// A list is written in a variable or an override as in the file: `STRATA__SERVER__ORIGINS=["https://a"]`.
pub fn load<T: DeserializeOwned>(
    file: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
    overrides: &[(String, String)],
) -> Result<T, SettingsError> {
    load_checked(file, env, overrides, |_| Ok(()))
}

/// Reads settings and runs `check` on them; a fault is reported at the place its key was written.
pub fn load_checked<T: DeserializeOwned>(
    file: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
    overrides: &[(String, String)],
    check: impl FnOnce(&T) -> Result<(), Fault>,
) -> Result<T, SettingsError> {
    let env: Vec<(String, String)> = env.collect();
    let layers = Layers::read(file, &env, overrides)?;
    let merged = merge(&layers)?;
    let settings: T =
        secret::with_environment(env, || merged.try_deserialize()).map_err(|error| locate::explain(&error, &layers))?;
    check(&settings).map_err(|fault| locate::at(&layers, fault.key, fault.message))?;
    Ok(settings)
}

/// Runs a section's check; its faults come back under the section's name.
pub fn check_section<S: Section>(section: &S) -> Result<(), Fault> {
    section
        .check()
        .map_err(|fault| Fault::new(format!("{}.{}", S::NAME, fault.key), fault.message))
}

fn merge(layers: &Layers) -> Result<Config, SettingsError> {
    let builder = Config::builder()
        .add_source(Layer::of_file(layers)?)
        .add_source(Layer::of_values(layers.variables()));
    let builder = layers.overrides().try_fold(builder, |builder, (key, value)| {
        builder
            .set_override(key, layers::value(value))
            .map_err(|e| SettingsError::new(key, Place::Override, e.to_string()))
    })?;
    builder
        .build()
        .map_err(|e| SettingsError::new("", Place::Nowhere, e.to_string()))
}

#[cfg(test)]
mod tests;
