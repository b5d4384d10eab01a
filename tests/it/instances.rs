//! Several process servers on one database share the work, and any of them may die.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use strata::allinone::Options;
use strata::split::{Seat, Split};
use strata::{Role, split};
use strata_firm::books;
use strata_firm::data::Firm;
use strata_firm::director::{self, Director};

use crate::database::{Postgres, sqlite};
use crate::place::{program, small_firm};

/// Process servers beside each other.
const SERVERS: u16 = 3;
/// Each is killed so many times.
const ROUNDS: u32 = 2;
/// Between two kills.
const PAUSE: Duration = Duration::from_secs(4);
/// Lease of a process server, as the settings have it by default.
const LEASE: Duration = Duration::from_secs(5);
/// How long the others are alone.
const AWAY: Duration = Duration::from_millis(1500);
/// Hour at which the books are compared.
const EVENING: u32 = 20;

fn options(folder: &Path, store: String, firm: &Firm, process_servers: u16) -> Options {
    let start = strata_firm::calendar::Calendar::of(firm).first();
    Options {
        folder: folder.to_owned(),
        store,
        bus: "inproc".to_owned(),
        start: start.and_hms_opt(0, 0, 0).unwrap().and_utc(),
        listen: "127.0.0.1:0".parse().unwrap(),
        process_servers,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_are_killed_in_turn_and_the_books_agree() {
    let Some(database) = Postgres::of("three_instances") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let firm = Firm::load(&small_firm()).unwrap();
    let options = options(folder.path(), database.url(), &firm, SERVERS);
    let mut split = split::start(&options, Some(program())).await.unwrap();
    let installation = split.installation.clone();
    let journal = folder.path().join("director");

    let (done, mut is_done) = tokio::sync::oneshot::channel::<()>();
    let live = async {
        // People's calls to the first server fail while it is away; they go on afterwards.
        for _ in 0..100 {
            let stage = installation.stage().unwrap();
            let mut director = Director::new(&firm, &stage, &journal, director::Options::default()).unwrap();
            match director.live(|_| {}).await {
                Ok(lived) => {
                    drop(done);
                    return lived;
                }
                Err(stopped) => println!("the day stops: {stopped}"),
            }
            tokio::time::sleep(AWAY).await;
        }
        panic!("the year does not end");
    };
    let kill = async {
        let mut kills = 0;
        for number in (0..ROUNDS).flat_map(|_| 1..=SERVERS) {
            tokio::select! {
                _ = &mut is_done => return kills,
                () = tokio::time::sleep(PAUSE) => {}
            }
            let seat = Seat {
                role: Role::Process,
                number,
            };
            split.kill(seat).await.unwrap();
            tokio::time::sleep(AWAY).await;
            split.restart(seat).await.unwrap();
            kills += 1;
        }
        sleep_through_a_lease(&mut split).await;
        kills
    };
    let (lived, kills) = tokio::join!(live, kill);
    println!("{kills} kills");
    assert!(kills >= u32::from(SERVERS), "{kills} kills: the year is too short");
    assert_eq!(lived.payments_refused, []);
    let stage = installation.stage().unwrap();
    let calendar = strata_firm::calendar::Calendar::of(&firm);
    stage.set_clock(calendar.last(), EVENING).await.unwrap();
    let report = books::check(&firm, &stage, &journal).await.unwrap();
    for difference in &report.differences {
        println!("{difference:?}");
    }
    assert!(report.agrees() && report.checks["documents"].agreeing > 0);
    split.stop().await.unwrap();
}

/// One is stopped for longer than its lease, so another takes its place. When it goes on it writes nothing, and ends.
async fn sleep_through_a_lease(split: &mut Split) {
    let seat = Seat {
        role: Role::Process,
        number: SERVERS,
    };
    let id = split.process_id(seat).unwrap().to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    signal("-STOP");
    tokio::time::sleep(LEASE + Duration::from_secs(2)).await;
    signal("-CONT");
    let ended = async {
        while split.is_running(seat).unwrap() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), ended).await;
    assert!(waited.is_ok(), "it does not notice that it lost its place");
    split.restart(seat).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_of_the_same_name_is_refused_and_the_first_works_on() {
    let folder = tempfile::tempdir().unwrap();
    let firm = Firm::load(&small_firm()).unwrap();
    let options = options(folder.path(), sqlite(folder.path()), &firm, 1);
    let split = split::start(&options, Some(program())).await.unwrap();
    let second = |node: &str| {
        let mut second = Command::new(program());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STRATA_")) {
            second.env_remove(name);
        }
        second.args(["serve", "process", "--listen", "127.0.0.1:0", "--exit-with-stdin"]);
        second.args([
            "--set",
            &format!("process.node={node}"),
            "--set",
            &format!("store.url={}", options.store),
        ]);
        second.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        second.spawn().unwrap()
    };
    let mut refused = second("process");
    let stdin = refused.stdin.take();
    let refused = refused.wait_with_output().unwrap();
    drop(stdin);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{said}");
    assert!(said.contains("process.node"), "{said}");
    let mut another = second("another");
    let mut line = String::new();
    BufReader::new(another.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("process"), "{line}");
    assert!(another.wait_with_output().unwrap().status.success());
    let stage = split.installation.stage().unwrap();
    stage
        .settle(strata_firm::calendar::Calendar::of(&firm).first())
        .await
        .unwrap();
    split.stop().await.unwrap();
}
