//! Members of one account on a real database.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use strata_kernel::{Kind, Result};
use strata_quota::{Allowance, Member, Need, list};
use strata_store::{Db, Options, migrate};
use tempfile::TempDir;

/// Names a PostgreSQL server, by the URL of its database `postgres`.
const SERVER: &str = "STRATA_TEST_POSTGRES";
const ACCOUNT: &str = "1234567";
const LONG: Duration = Duration::from_secs(600);

/// A database of the test's own.
struct Place {
    db: Db,
    _folder: TempDir,
    server: Option<(String, String)>,
}

impl Place {
    /// One on SQLite, and one on PostgreSQL where there is a server.
    fn all(test: &str) -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("q.db").display());
        let mut all = vec![Self::at(&url, folder, None)];
        match std::env::var(SERVER) {
            Err(_) => println!("SKIPPED: {test} on PostgreSQL: {SERVER} names no server"),
            Ok(server) => {
                let name = format!("quota_{test}_{}", std::process::id());
                tell(&server, &format!("CREATE DATABASE {name}"));
                let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
                all.push(Self::at(&url, tempfile::tempdir().unwrap(), Some((server, name))));
            }
        }
        all
    }

    fn at(url: &str, folder: TempDir, server: Option<(String, String)>) -> Self {
        let db = Db::open(url, &Options::default()).unwrap();
        migrate::run(&db).unwrap();
        Self {
            db,
            _folder: folder,
            server,
        }
    }

    async fn member(&self, name: &str, lease: Duration) -> Member {
        Member::join(self.db.clone(), ACCOUNT, name, at_once(5), lease).await.unwrap()
    }

    /// What is held, by member.
    async fn held(&self) -> Vec<(String, u32)> {
        let account = list(&self.db).await.unwrap().remove(0);
        account.shares.into_iter().map(|share| (share.member, share.held)).collect()
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

fn at_once(at_once: u32) -> Allowance {
    Allowance {
        at_once,
        per_second: None,
    }
}

fn need(wanted: u32, keeps: u32) -> Need {
    Need {
        wanted,
        keeps: at_once(keeps),
    }
}

fn held(all: &[(&str, u32)]) -> Vec<(String, u32)> {
    all.iter().map(|(name, held)| ((*name).to_owned(), *held)).collect()
}

#[tokio::test]
async fn two_members_share_by_what_they_want() {
    for place in Place::all("two") {
        let (a, b) = (place.member("a", LONG).await, place.member("b", LONG).await);
        assert_eq!(a.beat(need(9, 0)).await.unwrap(), at_once(5), "alone it has everything");
        assert_eq!(b.beat(need(9, 0)).await.unwrap(), at_once(0), "nothing is free");
        assert!(a.look(need(9, 5)).await.unwrap().may == at_once(3));
        assert_eq!(a.beat(need(9, 5)).await.unwrap(), at_once(3), "it starts no more");
        assert_eq!(place.held().await, held(&[("a", 5), ("b", 0)]), "and holds what runs");
        assert_eq!(a.beat(need(9, 3)).await.unwrap(), at_once(3));
        assert_eq!(b.beat(need(9, 0)).await.unwrap(), at_once(2));
        assert_eq!(place.held().await, held(&[("a", 3), ("b", 2)]));
        // Whoever wants one gets it, and the other the rest.
        assert_eq!(a.beat(need(1, 1)).await.unwrap(), at_once(1));
        assert_eq!(b.beat(need(9, 2)).await.unwrap(), at_once(4));
        // Whoever wants nothing holds nothing.
        assert_eq!(a.beat(need(0, 0)).await.unwrap(), at_once(0));
        assert_eq!(b.beat(need(9, 4)).await.unwrap(), at_once(5));
        assert_eq!(place.held().await, held(&[("b", 5)]));
    }
}

#[tokio::test]
async fn what_a_killed_member_held_is_free_after_its_lease() {
    for place in Place::all("killed") {
        let (killed, lives) = (
            place.member("a", Duration::from_millis(400)).await,
            place.member("b", LONG).await,
        );
        assert_eq!(killed.beat(need(9, 0)).await.unwrap(), at_once(5));
        assert_eq!(lives.beat(need(9, 0)).await.unwrap(), at_once(0));
        assert!(!lives.look(need(9, 0)).await.unwrap().is_news);
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(lives.look(need(9, 0)).await.unwrap().is_news);
        assert_eq!(lives.beat(need(9, 0)).await.unwrap(), at_once(5));
        assert_eq!(place.held().await, held(&[("b", 5)]));
    }
}

async fn set(db: &Db, allowance: Allowance) -> Result<Allowance> {
    db.write(move |c| strata_quota::set(c, ACCOUNT, allowance)).await
}

#[tokio::test]
async fn an_operator_changes_what_the_account_allows_and_the_first_settings_do_not() {
    for place in Place::all("operator") {
        let refused = set(&place.db, at_once(3)).await.unwrap_err();
        assert_eq!(refused.kind, Kind::NotFound);
        let a = place.member("a", LONG).await;
        assert_eq!(a.beat(need(9, 0)).await.unwrap(), at_once(5));
        assert_eq!(set(&place.db, at_once(3)).await.unwrap(), at_once(5));
        let look = a.look(need(9, 5)).await.unwrap();
        assert_eq!((look.may, look.account), (at_once(3), at_once(3)));
        Member::join(place.db.clone(), ACCOUNT, "b", at_once(8), LONG).await.unwrap();
        let account = list(&place.db).await.unwrap().remove(0);
        assert_eq!((account.allowance, account.shares[0].held), (at_once(3), 5));
        assert_eq!(a.beat(need(9, 3)).await.unwrap(), at_once(3));
        let both = Allowance {
            at_once: 8,
            per_second: Some(4),
        };
        assert_eq!(set(&place.db, both).await.unwrap(), at_once(3));
        assert_eq!(a.beat(need(9, 3)).await.unwrap(), both);
        a.leave().await.unwrap();
        assert_eq!(place.held().await, held(&[]));
    }
}

#[tokio::test]
async fn two_members_that_beat_at_the_same_time_never_hold_more_than_there_is() {
    for place in Place::all("thousand") {
        let beats = |name: &'static str, demand: [u32; 3]| {
            let (db, member) = (place.db.clone(), place.member(name, LONG));
            async move {
                let (member, mut keeps) = (member.await, 0);
                for beat in 0..500 {
                    let wanted = demand[beat % 3];
                    let may = member.look(need(wanted, keeps)).await.unwrap().may.at_once;
                    keeps = keeps.min(may);
                    keeps = member.beat(need(wanted, keeps)).await.unwrap().at_once;
                    if beat % 10 == 0 {
                        let account = list(&db).await.unwrap().remove(0);
                        let sum: u32 = account.shares.iter().map(|share| share.held).sum();
                        assert!(sum <= 5, "{account:?}");
                    }
                }
            }
        };
        tokio::join!(beats("a", [9, 0, 3]), beats("b", [9, 2, 9]));
    }
}
