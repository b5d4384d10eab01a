#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{Body, Kind, Store, Tx};

const KINDS: &[Kind] = &[
    Kind {
        name: "orders",
        indexes: &["number", "entity.id", "tags", "open"],
    },
    Kind {
        name: "notes",
        indexes: &[],
    },
];

type Outcome<T> = Result<T, std::io::Error>;

fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000 + ms).unwrap()
}

fn order(number: u32) -> Body {
    serde_json::from_str(&format!(r#"{{"number": {number}, "amount": 12.10}}"#)).unwrap()
}

fn open(dir: &Path) -> Outcome<Store> {
    Store::open(Some(dir), "erp", KINDS)
}

fn change(store: &Store, f: impl FnOnce(&mut Tx<'_>)) {
    let done: Outcome<()> = store.write(|tx| {
        f(tx);
        Ok(())
    });
    done.unwrap();
}

fn insert(store: &Store, number: u32, ms: i64) -> u64 {
    store
        .write(|tx| Outcome::Ok(tx.insert("orders", order(number), at(ms))))
        .unwrap()
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let (kept, gone) = (insert(&store, 7, 0), insert(&store, 8, 1));
    let committed = store.write(|tx| {
        tx.delete("orders", gone);
        tx.put("orders", kept, order(9), at(5));
        tx.put("orders", kept, order(10), at(6));
        Outcome::Ok((tx.next("invoice"), tx.next("invoice")))
    });
    assert_eq!(committed.unwrap(), (1, 2));
    let before = store.read(|view| view.record("orders", kept));
    drop(store);

    let store = open(dir.path()).unwrap();
    assert_eq!(store.read(|view| view.record("orders", kept)), before);
    let record = before.unwrap();
    assert_eq!((record.created, record.modified), (at(0), at(6)));
    assert_eq!(
        record.body["amount"].to_string(),
        "12.10",
        "the digits of an amount survive as written"
    );
    assert_eq!(store.read(|view| view.find("orders", "number", "10")), [kept]);
    assert_eq!(store.read(|view| view.all("orders")), [kept]);
    assert_eq!(store.newest(), Some(at(6)));
    assert_eq!(store.write(|tx| Outcome::Ok(tx.next("invoice"))).unwrap(), 3);
    assert_eq!(
        insert(&store, 11, 7),
        gone + 1,
        "the id of a deleted document is not used again"
    );
}

#[test]
fn a_torn_last_line_is_dropped_and_writing_goes_on_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    insert(&store, 1, 0);
    insert(&store, 2, 1);
    drop(store);
    let log = dir.path().join("erp.log");
    let whole = std::fs::read(&log).unwrap();
    // Every place a dying writer could have stopped at inside the second line.
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in first..whole.len() {
        std::fs::write(&log, &whole[..cut]).unwrap();
        let store = open(dir.path()).unwrap();
        assert_eq!(store.read(|view| view.all("orders")), [1], "cut at byte {cut}");
        insert(&store, 3, 2);
        drop(store);
        let store = open(dir.path()).unwrap();
        assert_eq!(
            store.read(|view| view.find("orders", "number", "3")),
            [2],
            "cut at byte {cut}"
        );
        assert!(store.read(|view| view.find("orders", "number", "2")).is_empty());
    }
}

#[test]
fn a_broken_line_in_the_middle_is_an_error_not_a_loss() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    let mut log = std::fs::OpenOptions::new()
        .append(true)
        .open(dir.path().join("erp.log"))
        .unwrap();
    log.write_all(b"{\"rows\":[[\"orders\",1,0,0,[]]]}\n{\"rows\":[]}\n").unwrap();
    let error = open(dir.path()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(error.to_string().contains("line 1"), "{error}");
}

#[test]
fn an_id_used_and_given_up_in_one_write_stays_used() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let gone = store.write(|tx| {
        let id = tx.insert("orders", order(1), at(0));
        tx.delete("orders", id);
        Outcome::Ok(id)
    });
    drop(store);
    assert_eq!(insert(&open(dir.path()).unwrap(), 2, 1), gone.unwrap() + 1);
}

#[test]
fn two_stores_cannot_share_a_log() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    assert_eq!(open(dir.path()).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(store);
    open(dir.path()).unwrap();
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let id = insert(&store, 1, 0);
    let before = std::fs::read(dir.path().join("erp.log")).unwrap();
    let refused: Outcome<()> = store.write(|tx| {
        let new = tx.insert("orders", order(2), at(1));
        tx.put("orders", id, order(3), at(2));
        tx.delete("orders", id);
        tx.next("invoice");
        assert_eq!(tx.find("orders", "number", "2"), [new], "a write sees its own changes");
        assert!(!tx.exists("orders", id));
        Err(std::io::Error::other("refused"))
    });
    assert_eq!(refused.unwrap_err().to_string(), "refused");
    store.read(|view| {
        assert_eq!(view.all("orders"), [id]);
        assert_eq!(view.get("orders", id), Some(order(1)));
        assert_eq!(view.find("orders", "number", "1"), [id]);
        assert!(view.find("orders", "number", "2").is_empty());
        assert_eq!(view.changed("orders", at(0), 9, None).len(), 1);
    });
    assert_eq!(std::fs::read(dir.path().join("erp.log")).unwrap(), before);
    assert_eq!(store.write(|tx| Outcome::Ok(tx.next("invoice"))).unwrap(), 1);
}

#[test]
fn a_panicking_write_leaves_the_store_usable_and_unchanged() {
    let store = Store::open(None, "erp", KINDS).unwrap();
    let other = store.clone();
    let died = std::thread::spawn(move || {
        let _: Outcome<()> = other.write(|tx| {
            tx.insert("orders", order(1), at(0));
            panic!("a bug in a rule");
        });
    });
    assert!(died.join().is_err());
    assert!(store.read(|view| view.all("orders")).is_empty());
    assert_eq!(insert(&store, 2, 1), 1);
}

#[test]
fn indexes_follow_put_and_delete() {
    let store = Store::open(None, "erp", KINDS).unwrap();
    let body = |entity: &str, tags: &[&str], open: bool| {
        json!({"number": 5, "entity": {"id": entity}, "tags": tags, "open": open})
            .as_object()
            .unwrap()
            .clone()
    };
    let id = store
        .write(|tx| Outcome::Ok(tx.insert("orders", body("77", &["a", "b"], true), at(0))))
        .unwrap();
    let find = |index: &str, value: &str| store.read(|view| view.find("orders", index, value));
    assert_eq!(
        (find("entity.id", "77"), find("tags", "b"), find("open", "true")),
        (vec![id], vec![id], vec![id])
    );
    change(&store, |tx| tx.put("orders", id, body("78", &["b", "b"], false), at(1)));
    assert!(find("entity.id", "77").is_empty() && find("tags", "a").is_empty() && find("open", "true").is_empty());
    assert_eq!(
        (find("entity.id", "78"), find("tags", "b"), find("number", "5")),
        (vec![id], vec![id], vec![id])
    );
    change(&store, |tx| tx.delete("orders", id));
    assert!(find("entity.id", "78").is_empty() && find("tags", "b").is_empty() && find("number", "5").is_empty());
    assert!(find("number", "50").is_empty(), "values are compared whole");
}

#[test]
fn changed_is_ordered_by_stamp_then_id_and_pages_through_ties() {
    let store = Store::open(None, "erp", KINDS).unwrap();
    let ids: Vec<u64> = (0..5).map(|number| insert(&store, number, 10)).collect();
    change(&store, |tx| tx.put("orders", ids[0], order(9), at(20)));
    insert(&store, 6, 0);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.read(|view| view.changed("orders", at(10), 2, after));
        let Some(last) = page.last() else { break };
        after = Some((last.modified, last.id));
        seen.extend(page.iter().map(|record| record.id));
    }
    assert_eq!(seen, [ids[1], ids[2], ids[3], ids[4], ids[0]]);
    let later = at(10) + TimeDelta::microseconds(1);
    assert_eq!(store.read(|view| view.changed_ids("orders", later)), [(at(20), ids[0])]);
    store.read(|view| {
        assert_eq!(view.count_changed("orders", at(10)), 5);
        let page: Vec<u64> = view
            .changed_page("orders", at(10), 3, 9)
            .iter()
            .map(|record| record.id)
            .collect();
        assert_eq!(page, [ids[4], ids[0]]);
        assert_eq!(view.stamps("orders", ids[0]), Some((at(10), at(20))));
        assert_eq!(view.find_between("orders", "number", Some("2"), Some("4")), ids[2..=4]);
        assert_eq!(view.find_between("orders", "number", None, Some("1")), [ids[1]]);
    });
    let stale = Some((at(0), u64::MAX));
    assert_eq!(
        store.read(|view| view.changed("orders", at(10), 9, stale)).len(),
        5,
        "a cursor before `since` adds nothing"
    );
}

#[test]
#[should_panic(expected = "kind \"ordres\" is not declared")]
fn a_misspelt_kind_is_a_bug() {
    let store = Store::open(None, "erp", KINDS).unwrap();
    store.read(|view| view.all("ordres"));
}

#[test]
fn what_the_log_has_is_read_from_it_before_and_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let mut body = order(7);
    body.insert(
        "note".to_owned(),
        json!({"a": [1, {"rows": "\"rows\":[{"}], "ü": 1.10, "b": "\n\\"}),
    );
    let id = store
        .write(|tx| -> Outcome<u64> {
            let id = tx.insert("orders", order(1), at(1));
            tx.next("number");
            tx.insert("orders", order(2), at(1));
            // Twice in one write: the log has the last.
            tx.put("orders", id, body.clone(), at(2));
            assert_eq!(tx.get("orders", id).unwrap(), body);
            Ok(id)
        })
        .unwrap();
    insert(&store, 3, 3);
    assert_eq!(store.read(|view| view.get("orders", id)).unwrap(), body);
    drop(store);
    let store = open(dir.path()).unwrap();
    assert_eq!(store.read(|view| view.get("orders", id)).unwrap(), body);
    let failed = store.write(|tx| -> Outcome<()> {
        tx.put("orders", id, order(9), at(4));
        Err(std::io::Error::other("no"))
    });
    assert!(failed.is_err());
    assert_eq!(store.read(|view| view.get("orders", id)).unwrap(), body);
}
