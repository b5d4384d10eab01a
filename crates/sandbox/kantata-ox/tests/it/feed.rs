//! The feed a reader polls: `updated_after` with `order=updated_at:asc`.

use std::collections::BTreeSet;

use serde_json::json;

use crate::desk::{Desk, instant};

#[tokio::test]
async fn records_of_the_same_second_appear_again() {
    let desk = Desk::open().await;
    let first = desk.create("workspace_groups", json!({"name": "A"})).await;
    let second = desk.create("workspace_groups", json!({"name": "B"})).await;
    desk.setup.clock.set(instant("2026-03-02T09:00:05Z"));
    let third = desk.create("workspace_groups", json!({"name": "C"})).await;

    let all = desk
        .get("workspace_groups?updated_after=2026-03-01&order=updated_at:asc")
        .await;
    assert_eq!(all.ids(), [first, second, third]);
    let stamp = |id: u64| {
        all.body["workspace_groups"][id.to_string()]["updated_at"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        stamp(first),
        stamp(second),
        "written at different moments, printed as the same second"
    );
    let again = desk
        .get(&format!(
            "workspace_groups?updated_after={}&order=updated_at:asc",
            stamp(second)
        ))
        .await;
    assert_eq!(again.ids(), [first, second, third]);
    let later = desk
        .get(&format!(
            "workspace_groups?updated_after={}&order=updated_at:asc",
            stamp(third)
        ))
        .await;
    assert_eq!(later.ids(), [third]);
    let window = format!(
        "workspace_groups?updated_before={}&order=updated_at:asc&per_page=1",
        stamp(first)
    );
    assert_eq!(desk.get(&window).await.body["meta"]["count"], 2);
    assert_eq!(desk.get(&format!("{window}&page=2")).await.ids(), [second]);
    assert!(desk.get(&format!("{window}&page=3")).await.ids().is_empty());

    let changed = desk
        .update(&format!("workspace_groups/{first}"), json!({"notes": "called"}))
        .await;
    assert_eq!(changed.first()["created_at"], stamp(first));
    assert_eq!(
        desk.get("workspace_groups?updated_after=2026-03-02T09:00:05Z&order=updated_at:asc")
            .await
            .ids(),
        [third, first]
    );
    assert_eq!(
        desk.get("workspace_groups?created_after=2026-03-02T09:00:05Z").await.ids(),
        [third]
    );
    assert_eq!(
        desk.get("workspace_groups?created_before=2026-03-02T09:00:04Z").await.ids(),
        [first, second]
    );
    assert_eq!(
        desk.get("workspace_groups?updated_after=soon").await.complaints(),
        ["updated_after"]
    );
}

#[tokio::test]
async fn page_numbers_shift_while_rows_change_but_a_moving_window_sees_everything() {
    let desk = Desk::open().await;
    for number in 0..6 {
        desk.setup.clock.set(instant(&format!("2026-03-02T09:00:{:02}Z", number * 2)));
        desk.create("workspace_groups", json!({"name": format!("Client {number}")}))
            .await;
    }
    let page = |number: u32| format!("workspace_groups?updated_after=2026-03-01&order=updated_at:asc&per_page=2&page={number}");
    let mut by_page: BTreeSet<u64> = desk.get(&page(1)).await.ids().into_iter().collect();
    desk.setup.clock.set(instant("2026-03-02T09:01:00Z"));
    desk.update("workspace_groups/1", json!({"notes": "moved to the end"})).await;
    by_page.extend(desk.get(&page(2)).await.ids());
    by_page.extend(desk.get(&page(3)).await.ids());
    assert!(!by_page.contains(&3), "a row slipped between two pages: {by_page:?}");

    let (mut seen, mut since) = (BTreeSet::new(), "2026-03-01T00:00:00-08:00".to_owned());
    loop {
        let answer = desk
            .get(&format!(
                "workspace_groups?updated_after={since}&order=updated_at:asc&per_page=2"
            ))
            .await;
        let ids = answer.ids();
        if ids.iter().all(|id| seen.contains(id)) {
            break;
        }
        since = answer.body["workspace_groups"][ids.last().unwrap().to_string()]["updated_at"]
            .as_str()
            .unwrap()
            .to_owned();
        seen.extend(ids);
    }
    assert_eq!(seen, (1..=6).collect());
}

#[tokio::test]
async fn a_long_history_does_not_slow_the_feed() {
    let desk = Desk::open().await;
    for number in 0..1_500_u32 {
        desk.create("workspace_groups", json!({"name": format!("Client {number}")}))
            .await;
    }
    let (mut page, mut seen) = (1, Vec::new());
    loop {
        let answer = desk
            .get(&format!("workspace_groups?order=updated_at:asc&per_page=200&page={page}"))
            .await;
        assert_eq!(answer.body["count"], 1_500);
        if answer.ids().is_empty() {
            break;
        }
        seen.extend(answer.ids());
        page += 1;
    }
    assert_eq!(seen, (1..=1_500).collect::<Vec<u64>>());
}
