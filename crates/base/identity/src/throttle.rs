//! How often the provider may be asked.

use strata_kernel::Instant;

/// What is known of the last time the provider was asked. The clock is the caller's; one that was set back holds nobody up.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    last: Option<Instant>,
    failed: bool,
}

impl Throttle {
    /// Whether it may be asked again: `after_answer` seconds after it answered, `after_failure` seconds after it did not.
    pub(crate) fn may_ask(&self, now: Instant, after_answer: i64, after_failure: i64) -> bool {
        let wait = if self.failed { after_failure } else { after_answer };
        self.last.is_none_or(|last| now < last || (now - last).num_seconds() >= wait)
    }

    /// It is being asked. Counted before the answer: a question that is broken off was one too.
    pub(crate) fn asked(&mut self, now: Instant) {
        self.last = Some(now);
        self.failed = true;
    }

    /// It answered.
    pub(crate) fn answered(&mut self) {
        self.failed = false;
    }

    /// Whether the last question was not answered.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_is_asked_once_in_its_time_and_sooner_after_a_failure() {
        let at = |seconds: i64| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let mut throttle = Throttle::default();
        assert!(throttle.may_ask(at(100), 30, 5));
        throttle.asked(at(100));
        assert!(throttle.has_failed() && !throttle.may_ask(at(104), 30, 5) && throttle.may_ask(at(105), 30, 5));
        throttle.answered();
        assert!(!throttle.may_ask(at(129), 30, 5) && throttle.may_ask(at(130), 30, 5));
        assert!(throttle.may_ask(at(10), 30, 5), "a clock that was set back");
    }
}
