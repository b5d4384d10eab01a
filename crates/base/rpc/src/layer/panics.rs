//! A handler that panics fails its own call, and nothing else.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use http::{Request, Response};
use strata_kernel::Error;
use tonic::body::Body;

use crate::next::Next;
use crate::status::status;

/// Answers INTERNAL for a handler that panics. What it said goes to the log.
pub(crate) async fn catch(request: Request<Body>, next: Next) -> Response<Body> {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let said = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "something that is no text".to_owned());
            status(Error::internal(format!("a handler panicked: {said}"))).into_http()
        }
    }
}
