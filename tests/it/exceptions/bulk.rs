//! Many at once, and from the command line.

use super::*;

/// What the program prints for `exceptions ...`, with its exit code.
async fn strata(mini: &Mini, arguments: &str) -> (i32, String, String) {
    let address = mini.all.installation.addresses.of(Role::Process).unwrap();
    let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
    let run = move || {
        let mut command = Command::new(program());
        command
            .arg("exceptions")
            .args(arguments)
            .env("STRATA_USER", EVA)
            .env("STRATA_PROCESS", address.to_string());
        command.output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_assigned_and_retried_at_once_and_the_same_call_goes_on_where_it_was() {
    let mini = Mini::start().await;
    refused(&mini, 60).await;
    let open = mini.exceptions().await;
    assert_eq!(open.len(), 60);
    assert!(open.is_sorted_by_key(|held| held.due_time.map(|due| (due.seconds, due.nanos))));
    let preview = |action| PreviewBulkActionRequest {
        filter: Some(ExceptionFilter {
            cause: Reason::PeriodClosed.into(),
            state: ExceptionState::Open.into(),
            ..ExceptionFilter::default()
        }),
        limit: 0,
        actor: EVA.to_owned(),
        reason: "January is open again".to_owned(),
        action: Some(action),
    };
    let frozen = desk(&mini)
        .preview_bulk_action(preview(Action::Retry(BulkRetry {})))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((frozen.planned, frozen.items.len(), frozen.more), (60, 60, false));
    assert_eq!(mini.exceptions().await, open, "a preview changes nothing");

    // One is skipped after the preview.
    let changed = frozen.items[0].exception_id.clone();
    desk(&mini)
        .skip_exception(skip(&changed, "skip-1", "immaterial"))
        .await
        .unwrap();
    close(&mini, false).await;
    let apply = |request_id: &str| ApplyBulkActionRequest {
        token: frozen.token.clone(),
        request_id: request_id.to_owned(),
    };
    // Whoever calls goes away in between, again and again.
    for millis in [1, 3, 6] {
        let _ = tokio::time::timeout(Duration::from_millis(millis), desk(&mini).apply_bulk_action(apply("bulk-1"))).await;
    }
    let done = desk(&mini).apply_bulk_action(apply("bulk-1")).await.unwrap().into_inner();
    assert_eq!((done.done, done.refused, done.changed), (59, 0, 1));
    let untouched = done.items.iter().find(|item| item.exception_id == changed).unwrap();
    assert_eq!(untouched.outcome(), BulkOutcome::Changed);
    mini.settle().await;
    assert_eq!((mini.made().await["timeBill"], postings(&mini, "SKIPPED").await), (59, 1));
    for held in &open {
        let history = shown(&mini, &held.id).await.history;
        assert_eq!(history.len(), 1, "{history:?}");
    }
    let again = desk(&mini).apply_bulk_action(apply("bulk-1")).await.unwrap().into_inner();
    assert_eq!(again, done);
    let other = desk(&mini).apply_bulk_action(apply("bulk-2")).await;
    assert_eq!(refusal(other), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".to_owned()));
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_does_what_the_desk_does() {
    let mini = Mini::start().await;
    refused(&mini, 3).await;
    let (code, table, problem) = strata(&mini, "group").await;
    println!("{table}");
    assert!(
        code == 0 && table.contains("PERIOD_CLOSED") && table.contains("120.00 USD"),
        "{table}{problem}"
    );
    let (code, list, _) = strata(&mini, "list --owner finance").await;
    println!("{list}");
    assert_eq!((code, list.lines().count()), (0, 4));
    let (code, all, _) = strata(&mini, "list --output json").await;
    let all: Value = serde_json::from_str(&all).unwrap();
    let id = all["exceptions"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(code, 0);

    let (code, out, _) = strata(&mini, &format!("skip {id} --reason immaterial --dry-run")).await;
    println!("{out}");
    assert!(
        code == 0 && out.contains("would be skipped") && out.contains("nothing was done"),
        "{out}"
    );
    assert_eq!(postings(&mini, "SKIPPED").await, 0);
    assert_eq!(strata(&mini, &format!("assign {id} --to {EVA}")).await.0, 0);
    let (code, out, _) = strata(&mini, &format!("skip {id} --reason immaterial")).await;
    println!("{out}");
    assert!(code == 0 && out.contains("is skipped"), "{out}");
    let (code, out, _) = strata(&mini, &format!("show {id}")).await;
    println!("{out}");
    assert!(code == 0 && out.contains(EVA) && out.contains("immaterial"), "{out}");
    let (code, _, problem) = strata(&mini, &format!("skip {id} --reason twice")).await;
    assert!(code == 73 && problem.contains("SKIPPED"), "{code} {problem}");

    let (code, _, problem) = strata(&mini, "retry --cause PERIOD_CLOSED --reason reopened").await;
    assert!(code == 2 && problem.contains("--yes"), "{code} {problem}");
    close(&mini, false).await;
    let (code, out, problem) = strata(&mini, "retry --cause PERIOD_CLOSED --reason reopened --yes").await;
    println!("{out}");
    assert!(code == 0 && out.contains("2 done"), "{out}{problem}");
    mini.settle().await;
    assert_eq!(mini.made().await["timeBill"], 2);
    let (code, out, _) = strata(&mini, &format!("cancel {id} --reason duplicate")).await;
    assert!(code == 0 && out.contains("is cancelled"), "{out}");
    let (code, _, _) = strata(&mini, "show exc_00000000000000000000").await;
    assert_eq!(code, 69);
    mini.all.stop().await.unwrap();
}
