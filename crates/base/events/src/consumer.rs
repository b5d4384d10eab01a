//! Who takes events.

use async_trait::async_trait;
use strata_kernel::Result;

use crate::Event;

/// Takes events. Must be safe to call twice with one event: see [`crate::first_time`].
///
/// An error that is temporary ([`strata_kernel::Error::is_temporary`]) is tried again until it passes, and later events of the
/// same ordering key wait. Any other is tried a few times; then the event becomes a dead letter and later ones go on.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// Stable name, the key of its inbox. Lower case letters, digits and dashes.
    fn name(&self) -> &'static str;
    /// What it takes. An event of one of these names in another version becomes a dead letter: nobody may miss it silently.
    fn takes(&self) -> &'static [Taken];
    /// Handles one event.
    async fn handle(&self, event: &Event) -> Result<()>;
    /// True when handling an event again, inbox or not, changes nothing that is right already. Only then may a replay be forced.
    fn is_idempotent(&self) -> bool {
        false
    }
}

/// Events of one name that a consumer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Kind without its version: "strata.billing.document.changed".
    pub name: &'static str,
    /// Versions it understands.
    pub versions: &'static [u32],
}

/// What a consumer is to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Takes it.
    Takes,
    /// Takes others of the name, and does not know this version.
    UnknownVersion,
    /// Nothing.
    None,
}

pub(crate) fn fit(consumer: &dyn Consumer, event: &Event) -> Fit {
    let Some((name, version)) = event.version() else {
        return Fit::None;
    };
    match consumer.takes().iter().find(|taken| taken.name == name) {
        Some(taken) if taken.versions.contains(&version) => Fit::Takes,
        Some(_) => Fit::UnknownVersion,
        None => Fit::None,
    }
}
