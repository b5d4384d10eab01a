// The suite, as it is run on each bus and database.

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_skipped_or_doubled_by_many_writers_and_relays() {
    if let Some(bed) = bed().await {
        crowd::nothing_is_skipped_or_doubled(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_event_comes_again_in_its_order() {
    if let Some(bed) = bed().await {
        failures::a_failing_event_comes_again_in_its_order(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_until_it_has_passed() {
    if let Some(bed) = bed().await {
        failures::what_passes_is_tried_until_it_has_passed(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_becomes_a_dead_letter_and_its_key_goes_on() {
    if let Some(bed) = bed().await {
        letters::a_dead_letter_lets_its_key_go_on(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_a_dead_letter_at_once() {
    if let Some(bed) = bed().await {
        letters::what_cannot_be_read_is_dead_at_once(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupted_row_stops_its_key_only_and_goes_on_when_it_is_mended() {
    if let Some(bed) = bed().await {
        letters::a_corrupted_row_stops_its_key_only(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_behind_a_stopped_row_hides_nobody() {
    if let Some(bed) = bed().await {
        letters::a_stopped_key_hides_nobody(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_killed_before_it_answers_gets_the_event_again() {
    if let Some(bed) = bed().await {
        kills::killed_before_the_answer(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_kills_its_process_becomes_a_dead_letter() {
    if let Some(bed) = bed().await {
        kills::an_event_that_kills(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_handler_keeps_its_event() {
    if let Some(bed) = bed().await {
        kills::a_slow_handler_keeps_its_event(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_published_twice_has_one_effect() {
    if let Some(bed) = bed().await {
        replays::published_twice(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_changes_nothing_but_what_was_lost() {
    if let Some(bed) = bed().await {
        replays::a_replay_changes_nothing_but_what_was_lost(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_is_swept_and_what_waits_is_kept() {
    if let Some(bed) = bed().await {
        replays::sweep(&bed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fits_waits_in_the_outbox() {
    if let Some(bed) = bed().await {
        pressure::more_than_fits_waits(&bed).await;
    }
}
