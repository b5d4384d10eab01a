//! How the program is asked to stop.

use std::io::Read;

pub use tokio_util::sync::CancellationToken as Stop;

/// Exit code of a process that was interrupted twice.
const INTERRUPTED: i32 = 130;

/// Stops at ctrl-c or SIGTERM. A second one ends the process at once, without waiting for calls in flight.
pub fn on_signal(stop: &Stop) {
    let stop = stop.clone();
    tokio::spawn(async move {
        signal().await;
        tracing::info!("asked to stop");
        stop.cancel();
        signal().await;
        std::process::exit(INTERRUPTED);
    });
}

/// Stops when stdin ends: whoever started this process holds the other end, and is gone.
pub fn on_stdin_end(stop: &Stop) {
    let stop = stop.clone();
    // A thread of its own: a blocking read on the runtime's threads would keep the runtime from ending.
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut buffer = [0; 64];
        // What is written does not matter; an end or an error does.
        while stdin.read(&mut buffer).is_ok_and(|read| read > 0) {}
        stop.cancel();
    });
}

/// Resolves at ctrl-c or SIGTERM.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            },
            // Without a handler the signal still ends the process, only not gracefully.
            Err(_) => wait_for_ctrl_c().await,
        }
    }
    #[cfg(not(unix))]
    wait_for_ctrl_c().await;
}

/// Resolves at ctrl-c; never where no handler can be set.
async fn wait_for_ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
