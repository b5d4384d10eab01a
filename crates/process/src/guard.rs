//! Work that must not stop other work.

use std::future::Future;

use strata_kernel::Result;
use strata_store::{Conn, both};
use tracing::warn;

use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::store::{lite, pg};

/// Does a part of a pass. One that fails stops nothing else: what needs nobody is tried again in the next pass; the
/// rest is an exception until the part works again.
pub(crate) async fn guarded(core: &Core, name: &'static str, work: impl Future<Output = Result<u64>>) -> Result<u64> {
    let now = core.now();
    match work.await {
        Ok(count) => {
            let stopped = core.db.read(move |c| both!(c, exceptions::open_of("feed", name))).await?;
            if !stopped.is_empty() {
                let resolve =
                    move |c: &mut Conn<'_>| stopped.iter().try_for_each(|id| exceptions::resolve(c, id, now).map(|_| ()));
                core.db.write(resolve).await?;
            }
            Ok(count)
        }
        Err(error) if error.is_temporary() => {
            warn!(part = name, %error, "cannot be done now");
            Ok(0)
        }
        Err(error) => {
            warn!(part = name, %error, "stopped");
            let text = format!("{name} stopped: {}", error.message);
            let problem = Problem::new(error.reason, "feed", name, Owner::Integration, text);
            let open = move |c: &mut Conn<'_>| exceptions::open(c, &problem, "", now).map(|(_, news, _)| news);
            Ok(u64::from(core.db.write(open).await?))
        }
    }
}
