//! A log that was tampered with shows it, on both databases.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use chrono::TimeDelta;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, sql_query};
use strata_audit::{Audit, Filter, Report};
use strata_kernel::{Clock, SimClock};
use strata_rpc::{AuditStep, AuditedCall, AuditedEnd, Touched};
use strata_store::{Conn, Db, Options, db_error, migrate};
use tempfile::TempDir;

/// Names a PostgreSQL server, by the URL of its database `postgres`.
const SERVER: &str = "STRATA_TEST_POSTGRES";
const KEY: &str = "sealing wax";

/// A log in a database of its own, and what ends with it.
struct Place {
    db: Db,
    clock: SimClock,
    _folder: TempDir,
    server: Option<(String, String)>,
}

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display());
        Self::at(&url, folder, None)
    }

    /// None: there is no server, and the test says so.
    fn postgres(test: &str) -> Option<Self> {
        let Ok(server) = std::env::var(SERVER) else {
            println!("SKIPPED: {test}: {SERVER} names no PostgreSQL server");
            return None;
        };
        let name = format!("audit_{test}_{}", std::process::id());
        tell(&server, &format!("CREATE DATABASE {name}"));
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        Some(Self::at(&url, tempfile::tempdir().unwrap(), Some((server, name))))
    }

    fn at(url: &str, folder: TempDir, server: Option<(String, String)>) -> Self {
        let db = Db::open(url, &Options::default()).unwrap();
        migrate::run(&db).unwrap();
        Self {
            db,
            clock: SimClock::new("2025-03-01T09:00:00Z".parse().unwrap()),
            _folder: folder,
            server,
        }
    }

    fn log(&self, key: Option<&str>) -> Audit {
        Audit::new(self.db.clone(), Arc::new(self.clock.clone()), key)
    }

    async fn verify(&self) -> Report {
        self.log(Some(KEY)).verify(None).await.unwrap()
    }

    /// Where the first damage is, and that its words say what.
    async fn damage(&self, words: &str) -> i64 {
        let damage = self.verify().await.damage.unwrap();
        assert!(damage.what.contains(words), "{damage:?}");
        damage.sequence
    }

    /// Who owns the database can take the guards away.
    async fn as_owner(&self, statement: &str) {
        let unguarded = match self.server {
            Some(_) => "ALTER TABLE audit_event DISABLE TRIGGER ALL; ALTER TABLE audit_seal DISABLE TRIGGER ALL",
            None => {
                "DROP TRIGGER IF EXISTS audit_event_is_not_changed; DROP TRIGGER IF EXISTS audit_event_is_not_deleted; \
                 DROP TRIGGER IF EXISTS audit_seal_is_not_changed; DROP TRIGGER IF EXISTS audit_seal_is_not_deleted"
            }
        };
        let all = format!("{unguarded}; {statement}");
        self.db
            .write(move |c| match c {
                Conn::Pg(c) => c.batch_execute(&all).map_err(db_error),
                Conn::Lite(c) => c.batch_execute(&all).map_err(db_error),
            })
            .await
            .unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server {
            tell(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn tell(server: &str, statement: &str) {
    PgConnection::establish(server).unwrap().batch_execute(statement).unwrap();
}

fn begun(number: u32) -> AuditStep {
    AuditStep::Begun(AuditedCall {
        subject: "eva@firm.example".into(),
        method: "/strata.test.v1.Desk/Act".into(),
        correlation_id: format!("cor-{number}"),
        request_digest: "00".repeat(32),
    })
}

fn ended(begun: i64) -> AuditStep {
    let end = AuditedEnd {
        code: "OK".into(),
        answer_digest: "11".repeat(32),
        touched: Some(Touched {
            object: "exception/exc_1".into(),
            before: "a".into(),
            after: "b".into(),
        }),
    };
    AuditStep::Ended(begun, end)
}

/// Three days with four calls each, sealed each morning, and one call that never ended.
async fn lived(place: &Place) -> Audit {
    let log = place.log(Some(KEY));
    for day in 0..3 {
        assert_eq!(log.seal().await.unwrap().is_some(), day > 0);
        for number in 0..4 {
            let first = log.add(begun(number)).await.unwrap();
            log.add(ended(first)).await.unwrap();
        }
        place.clock.set(place.clock.now() + TimeDelta::days(1));
    }
    log.add(begun(9)).await.unwrap();
    let seal = log.seal().await.unwrap().unwrap();
    assert_eq!((seal.events, seal.last_sequence, seal.is_keyed), (8, 24, true));
    assert_eq!(log.seal().await.unwrap(), None, "once");
    log
}

async fn a_whole_log(place: &Place) {
    let log = lived(place).await;
    let report = place.verify().await;
    assert_eq!((report.events, report.seals, report.keyed, report.open), (25, 3, 3, 1));
    assert_eq!(report.damage, None);
    assert_eq!(log.verify(Some(&report.last_seal)).await.unwrap().damage, None);
    let newest = log.list(&Filter::default(), None, 2).await.unwrap();
    assert_eq!(newest.iter().map(|row| row.sequence).collect::<Vec<_>>(), [25, 24]);
    let (row, of) = (&newest[1], newest[1].begun);
    assert_eq!((row.code.as_str(), row.object.as_str(), of), ("OK", "exception/exc_1", 23));
    // The tables take nothing back.
    for statement in [
        "UPDATE audit_event SET subject = 'nobody'",
        "DELETE FROM audit_event",
        "UPDATE audit_seal SET events = 1",
        "DELETE FROM audit_seal",
    ] {
        let refused = place.db.write(move |c| match c {
            Conn::Pg(c) => sql_query(statement).execute(*c).map_err(db_error),
            Conn::Lite(c) => sql_query(statement).execute(*c).map_err(db_error),
        });
        assert!(refused.await.unwrap_err().internal.contains("append-only"), "{statement}");
    }
    assert_eq!(place.verify().await, report);
}

async fn a_damaged_log(place: &Place) {
    lived(place).await;
    let last = place.verify().await.last_seal;
    place
        .as_owner("UPDATE audit_event SET subject = 'nobody' WHERE sequence = 7")
        .await;
    assert_eq!(place.damage("was changed").await, 7);
    place
        .as_owner("UPDATE audit_event SET subject = 'eva@firm.example' WHERE sequence = 7")
        .await;
    assert_eq!(place.verify().await.damage, None);
    place
        .as_owner("UPDATE audit_seal SET hash = 'ff' WHERE last_sequence = 16")
        .await;
    assert_eq!(place.damage("does not fit").await, 16);
    // Cut off at the end, seal and all: only who kept the seal can tell.
    place
        .as_owner("DELETE FROM audit_seal WHERE last_sequence >= 16; DELETE FROM audit_event WHERE sequence > 8")
        .await;
    let report = place.verify().await;
    assert_eq!((report.events, report.seals, report.damage), (8, 1, None));
    let report = place.log(Some(KEY)).verify(Some(&last)).await.unwrap();
    assert!(report.damage.unwrap().what.contains("cut off"));
    place.as_owner("DELETE FROM audit_event WHERE sequence = 8").await;
    assert_eq!(place.damage("is not there").await, 8);
    place.as_owner("DELETE FROM audit_event WHERE sequence = 3").await;
    assert_eq!(place.damage("rows 3 to 3 are not there").await, 4);
}

#[tokio::test]
async fn a_whole_log_fits_and_takes_nothing_back_on_sqlite() {
    a_whole_log(&Place::sqlite()).await;
}

#[tokio::test]
async fn a_whole_log_fits_and_takes_nothing_back_on_postgres() {
    if let Some(place) = Place::postgres("whole") {
        a_whole_log(&place).await;
    }
}

#[tokio::test]
async fn every_damage_shows_on_sqlite() {
    a_damaged_log(&Place::sqlite()).await;
}

#[tokio::test]
async fn every_damage_shows_on_postgres() {
    if let Some(place) = Place::postgres("damage") {
        a_damaged_log(&place).await;
    }
}

#[tokio::test]
async fn a_seal_needs_its_key() {
    let place = Place::sqlite();
    lived(&place).await;
    let wrong = place.log(Some("candle wax")).verify(None).await.unwrap();
    assert!(wrong.damage.unwrap().what.contains("its key"));
    let without = place.log(None).verify(None).await.unwrap();
    assert_eq!(
        (without.seals, without.keyed, without.damage),
        (3, 3, None),
        "followed, not checked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_make_one_chain() {
    let Some(place) = Place::postgres("writers") else { return };
    let log = place.log(None);
    let writers: Vec<_> = (0..20)
        .map(|number| {
            let log = log.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    let first = log.add(begun(number)).await.unwrap();
                    log.add(ended(first)).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let report = place.log(None).verify(None).await.unwrap();
    assert_eq!((report.events, report.open, report.damage), (400, 0, None));
}
