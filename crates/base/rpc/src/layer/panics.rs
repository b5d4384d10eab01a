//! A handler that panics fails its own call, and nothing else.

use std::any::Any;
use std::panic::{AssertUnwindSafe, PanicHookInfo};

use futures::FutureExt;
use http::{Request, Response};
use strata_kernel::Error;
use tonic::body::Body;

use crate::next::Next;
use crate::status::status;

/// Answers INTERNAL for a handler that panics. That it did goes to the log.
pub(crate) async fn catch(request: Request<Body>, next: Next) -> Response<Body> {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => status(Error::internal(format!("a handler panicked: {}", said(&*panic)))).into_http(),
    }
}

/// What a panic says, as far as it can hold no data: a text that stands in the program. One that was put together while the program ran may
/// hold whatever it ran on: an amount, a name, a secret.
fn said(panic: &(dyn Any + Send)) -> &'static str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("a message that may hold data is not shown")
}

/// Has panics told in the log, or on stderr where there is none, with the place in the program and without what they say of data. For
/// programs: tests want to read what failed.
pub fn hide_panics() {
    std::panic::set_hook(Box::new(|info| {
        if tracing::enabled!(tracing::Level::ERROR) {
            tracing::error!("{}", told(info));
        } else {
            eprintln!("{}", told(info));
        }
    }));
}

fn told(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    format!("panicked at {place}: {}", said(info.payload()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::panic::catch_unwind;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn what_a_panic_says_of_data_is_not_told() {
        let amount = 7_654_321;
        let data = catch_unwind(|| panic!("an hour costs {amount}")).unwrap_err();
        assert!(!said(&*data).contains("7654321"));
        let plain = catch_unwind(|| panic!("no page has a negative length")).unwrap_err();
        assert_eq!(said(&*plain), "no page has a negative length");

        let kept: Arc<Mutex<Vec<String>>> = Arc::default();
        let keep = kept.clone();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| keep.lock().unwrap().push(told(info))));
        let refused = || -> Result<(), String> { Err(format!("hunter2 {amount}")) };
        let _ = catch_unwind(|| refused().unwrap());
        std::panic::set_hook(before);
        let kept = kept.lock().unwrap();
        let ours = kept.iter().find(|line| line.contains("layer/panics.rs")).unwrap();
        assert!(!ours.contains("hunter2") && !ours.contains("7654321"), "{ours}");
    }
}
