//! What somebody damages is found by line, and put right.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn damaged_time_is_found_by_line_and_mended() {
    let mini = worked().await;
    assert_eq!(reconcile(&mini).await.differing, 0);
    // What was posted within the hour may not be shown yet, and would count as on its way.
    mini.until("2025-01-09", 12).await;
    let (first, second, third) = (
        record(&mini, "TE-1").await,
        record(&mini, "TE-2").await,
        record(&mini, "TE-3").await,
    );
    mini.at.delete("timeBill", &text(&first["id"])).await;
    let copy = json!({"employee": {"id": text(&second["employee"])}, "customer": {"id": text(&second["customer"])},
        "tranDate": "2025-01-07", "hours": "5:00", "memo": "TE-2"});
    mini.at.make("timeBill", &copy).await;
    mini.at
        .patch("timeBill", &text(&third["id"]), &json!({"custcol_bill_amount": 150}))
        .await;
    // A key of our form that the ledger never wrote.
    let mut stranger = copy;
    stranger["memo"] = json!("nobody's");
    mini.at.upsert("timeBill", "time:999999:v1", &stranger).await;
    let differing = reconcile(&mini).await.differing;
    assert_eq!(differing, 4, "{:?}", damage(&mini).await);
    use BookKind::Time;
    assert_eq!(
        damage(&mini).await,
        [
            (Time, "TE-1".into(), DifferenceKind::MissingInErp, RepairKind::MendInErp),
            (Time, "TE-2".into(), DifferenceKind::DuplicateInErp, RepairKind::ReverseOrphan),
            (Time, "TE-3".into(), DifferenceKind::AmountDiffers, RepairKind::MendInErp),
            (
                Time,
                "nobody's".into(),
                DifferenceKind::OrphanInErp,
                RepairKind::ReverseOrphan
            ),
        ]
    );
    let told = open(&mini, Reason::TieOutDiffers).await;
    assert_eq!(told.len(), 4, "{told:?}");
    let [third_told] = told
        .iter()
        .filter(|one| one.object_id == "TE-3")
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert!(
        third_told.message.contains("16000 USD in minor units") && third_told.message.contains("15000 USD in minor units"),
        "{}",
        third_told.message
    );
    // What only people may do is not done from here.
    let differing = lines(&mini, LineState::Differs).await;
    let refused = desk(&mini)
        .apply_repair(repair(&differing[3], RepairKind::ReverseOrphan, "r-1"))
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::FailedPrecondition);
    // One is accepted by name, once however often it is said; the others are mended in the books.
    let accept = repair(&differing[2], RepairKind::Accept, "r-2");
    let accepted = desk(&mini).apply_repair(accept.clone()).await.unwrap().into_inner();
    assert_eq!(accepted.line.clone().unwrap().state(), LineState::Accepted);
    assert_eq!(desk(&mini).apply_repair(accept.clone()).await.unwrap().into_inner(), accepted);
    let other = pb::ApplyRepairRequest {
        reason: "another".into(),
        ..accept
    };
    assert_eq!(desk(&mini).apply_repair(other).await.unwrap_err().code(), Code::AlreadyExists);
    assert_eq!(reconcile(&mini).await.differing, 3);
    let made = mini.at.suiteql("SELECT id, externalid FROM timebill ORDER BY id").await;
    for row in &made {
        let key = row.get("externalid").map(text).unwrap_or_default();
        if key.is_empty() || key == "time:999999:v1" {
            mini.at.delete("timeBill", &text(&row["id"])).await;
        }
    }
    let again = json!({"employee": {"id": text(&first["employee"])}, "customer": {"id": text(&first["customer"])},
        "tranDate": MONDAY, "hours": "8:00", "memo": "TE-1", "custcol_bill_amount": 1280, "custcol_bill_currency": "USD"});
    mini.at.upsert("timeBill", &text(&first["externalid"]), &again).await;
    assert_eq!(reconcile(&mini).await.differing, 0);
    assert!(open(&mini, Reason::TieOutDiffers).await.is_empty());
    // The acceptance was of what both sides said then.
    mini.at
        .patch("timeBill", &text(&third["id"]), &json!({"custcol_bill_amount": 149}))
        .await;
    assert_eq!(reconcile(&mini).await.differing, 1);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_journals_that_nobody_posted_are_found() {
    let mini = lived().await;
    let invoice = &mini
        .at
        .suiteql("SELECT id, externalid, entity, subsidiary, trandate FROM transaction WHERE type = 'CustInvc' ORDER BY id")
        .await[0];
    let lines_of = format!(
        "SELECT taxcode, job FROM transactionline WHERE transaction = {}",
        text(&invoice["id"])
    );
    let line = &mini.at.suiteql(&lines_of).await[0];
    let by_hand = json!({"entity": {"id": text(&invoice["entity"])}, "tranDate": "2025-01-31", "currency": {"refName": "USD"},
        "otherRefNum": "CT-1", "custbody_period": "2025-01",
        "item": {"items": [{"amount": 99, "taxCode": {"id": text(&line["taxcode"])}, "job": {"id": text(&line["job"])}}]}});
    mini.at.upsert("invoice", "inv:CT-9:2025-01", &by_hand).await;
    mini.at.make("invoice", &by_hand).await;
    let accounts = mini
        .at
        .suiteql("SELECT id, acctnumber FROM account WHERE acctnumber IN ('1250', '4000') ORDER BY acctnumber")
        .await;
    let journal = json!({"subsidiary": {"id": text(&invoice["subsidiary"])}, "tranDate": "2025-01-31", "currency": {"refName": "USD"},
        "custbody_period": "2025-01", "line": {"items": [
            {"account": {"id": text(&accounts[0]["id"])}, "debit": 5, "custcol_contract": "CT-1"},
            {"account": {"id": text(&accounts[1]["id"])}, "credit": 5, "custcol_contract": "CT-1"}]}});
    mini.at.upsert("journalEntry", "rev:CT-9:2025-01", &journal).await;
    // What finance books that names no contract is its own.
    let own = json!({"subsidiary": {"id": text(&invoice["subsidiary"])}, "tranDate": "2025-01-31", "currency": {"refName": "USD"},
        "line": {"items": [{"account": {"id": text(&accounts[0]["id"])}, "debit": 7},
            {"account": {"id": text(&accounts[1]["id"])}, "credit": 7}]}});
    mini.at.make("journalEntry", &own).await;
    assert_eq!(reconcile(&mini).await.differing, 3);
    let found = damage(&mini).await;
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found
            .iter()
            .all(|(_, _, difference, repair)| (*difference, *repair) == (DifferenceKind::OrphanInErp, RepairKind::ReverseOrphan)),
        "{found:?}"
    );
    let mut objects: Vec<String> = open(&mini, Reason::PostingOrphaned)
        .await
        .into_iter()
        .map(|one| one.object_id)
        .collect();
    objects.sort();
    let [document, by_hand, journal] = objects.try_into().unwrap();
    assert_eq!(
        (document.as_str(), journal.as_str()),
        ("inv:CT-9:2025-01", "rev:CT-9:2025-01")
    );
    assert!(by_hand.starts_with("record "), "{by_hand}");
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_books_hold_otherwise_is_held_and_never_sent_again() {
    let mini = worked().await;
    let (other, entry) = (
        record(&mini, "TE-3").await,
        mini.enter("2025-01-09", 60, "TE-4", &json!({})).await,
    );
    let key = format!("time:{entry}:v1");
    // Somebody took the key before the platform posted.
    let taken = json!({"employee": {"id": text(&other["employee"])}, "customer": {"id": text(&other["customer"])},
        "tranDate": "2025-01-09", "hours": "1:00", "memo": "TE-4", "custcol_billable_minutes": 60, "custcol_bill_amount": 100,
        "custcol_bill_currency": "USD", "custcol_cost_amount": 70, "custcol_cost_currency": "USD"});
    mini.at.upsert("timeBill", &key, &taken).await;
    mini.until("2025-01-10", 9).await;
    mini.approve("2025-01-09", entry, "TE-4").await;
    mini.until("2025-01-10", 10).await;
    let [told] = open(&mini, Reason::PostingDiffers).await.try_into().unwrap();
    assert_eq!((told.object_id.as_str(), told.field.as_str()), (key.as_str(), "amount"));
    assert!(
        told.message
            .contains("16000 USD in minor units was sent, the ERP has 10000 USD"),
        "{}",
        told.message
    );
    assert_eq!(told.amount.as_ref().unwrap().minor_units, 16_000);
    let so_far = [("INTENDED", ""), ("SENT", ""), ("UNKNOWN", ""), ("HELD", "DIFFERS")];
    assert_eq!(history(&mini, &key).await, went(&so_far));
    let found = reconcile(&mini).await;
    assert_eq!((found.differing, found.excepted), (0, 1));
    // Finance puts the record right and says so: it is looked up, and not sent.
    mini.at.upsert("timeBill", &key, &json!({"custcol_bill_amount": 160})).await;
    let mut exceptions = ExceptionServiceClient::new(mini.all.installation.process.clone());
    let request = RetryExceptionRequest {
        exception_id: told.id.clone(),
        request_id: "again".into(),
        ..RetryExceptionRequest::default()
    };
    let effects = exceptions.retry_exception(request).await.unwrap().into_inner().effects;
    assert_eq!(
        effects,
        [format!("posting {key} (TE-4) is looked up in the books, and not sent")]
    );
    mini.settle().await;
    assert!(open(&mini, Reason::PostingDiffers).await.is_empty());
    let whole: Vec<_> = so_far.iter().copied().chain([("RESOLVED", "FOUND")]).collect();
    assert_eq!(history(&mini, &key).await, went(&whole));
    let found = reconcile(&mini).await;
    assert_eq!((found.differing, found.excepted), (0, 0));
    assert_eq!(mini.made().await["timeBill"], 4);
    mini.all.stop().await.unwrap();
}
