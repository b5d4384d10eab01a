//! Nothing is lost, and nothing doubled, when processes are killed while the year is lived.
//!
//! Kills hit moments in which something is under way: the first day, a day full of time, an invoice run, payments. Which moment
//! it is, the director's journal says.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use strata::allinone::Options;
use strata::{Role, Vendor, split};
use strata_firm::books;
use strata_firm::data::Firm;
use strata_firm::director::{self, Director};

use crate::database::sqlite;
use crate::place::{program, small_firm};

/// Pause between two looks at the journal.
const LOOK: Duration = Duration::from_millis(2);
/// Hour at which the books are compared.
const EVENING: u32 = 20;

/// A moment of the year: the journal says so, and then some time passes.
struct Moment {
    day: &'static str,
    phase: &'static str,
    then: Duration,
}

const fn moment(day: &'static str, phase: &'static str, then: u64) -> Moment {
    Moment {
        day,
        phase,
        then: Duration::from_millis(then),
    }
}

impl Moment {
    /// Whether the journal in a work folder is there already.
    fn has_come(&self, folder: &Path) -> bool {
        let journal = fs::read_to_string(folder.join("director/director.journal")).unwrap_or_default();
        journal.contains(&format!("{{\"day\":\"{}\",\"phase\":\"{}\"}}", self.day, self.phase))
    }
}

/// The program is killed: everything at once, servers and people. Deals are won in the first weeks; most time is handed in on the
/// second of May; invoices are made on the fifth of a month, between afternoon and evening.
const PROGRAM: [Moment; 5] = [
    moment("2024-11-22", "begun", 150),
    moment("2024-12-02", "begun", 40),
    moment("2025-04-05", "afternoon", 60),
    moment("2025-05-02", "begun", 80),
    moment("2025-09-05", "afternoon", 120),
];

#[test]
fn the_program_is_killed_again_and_again_and_the_books_agree() {
    let folder = tempfile::tempdir().unwrap();
    for moment in &PROGRAM {
        let mut demo = demo(folder.path());
        while !moment.has_come(folder.path()) {
            assert_eq!(demo.try_wait().unwrap(), None, "it ended before {}", moment.day);
            std::thread::sleep(LOOK);
        }
        std::thread::sleep(moment.then);
        demo.kill().unwrap();
        demo.wait().unwrap();
    }
    let ended = demo(folder.path()).wait_with_output().unwrap();
    let result: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap_or_default();
    assert_eq!(ended.status.code(), Some(0), "{result:#}");
    assert_eq!(result["agrees"], true);
    assert_eq!(result["report"]["checks"]["documents"]["missing"], 0);
}

fn demo(folder: &Path) -> Child {
    let mut demo = Command::new(program());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STRATA_")) {
        demo.env_remove(name);
    }
    demo.args(["demo", "--quiet", "--json", "--data"]).arg(small_firm());
    demo.arg("--work").arg(folder);
    demo.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
}

/// One server is killed while the others work on.
const SERVERS: [(Role, Moment); 4] = [
    (Role::Process, moment("2024-12-02", "begun", 100)),
    (Role::Master, moment("2025-01-13", "begun", 100)),
    (Role::Process, moment("2025-04-05", "afternoon", 150)),
    (Role::System(Vendor::NetSuite), moment("2025-09-05", "afternoon", 150)),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_killed_under_the_others_and_the_books_agree() {
    let folder = tempfile::tempdir().unwrap();
    let firm = Firm::load(&small_firm()).unwrap();
    let start = strata_firm::calendar::Calendar::of(&firm).first();
    let options = Options {
        folder: folder.path().to_owned(),
        store: sqlite(folder.path()),
        bus: "inproc".to_owned(),
        start: start.and_hms_opt(0, 0, 0).unwrap().and_utc(),
        listen: "127.0.0.1:0".parse().unwrap(),
        process_servers: 1,
    };
    let mut split = split::start(&options, Some(program())).await.unwrap();
    let journal = folder.path().join("director");
    for (role, moment) in SERVERS {
        let stage = split.installation.stage().unwrap();
        let mut director = Director::new(&firm, &stage, &journal, director::Options::default()).unwrap();
        let kill = async {
            while !moment.has_come(folder.path()) {
                tokio::time::sleep(LOOK).await;
            }
            tokio::time::sleep(moment.then).await;
            split.kill(role).await.unwrap();
        };
        // Without the server the day cannot be ended, so the year stops by itself.
        let (lived, ()) = tokio::join!(director.live(|_| {}), kill);
        println!("{role} is killed: {}", lived.unwrap_err());
        split.restart(role).await.unwrap();
    }
    let stage = split.installation.stage().unwrap();
    let mut director = Director::new(&firm, &stage, &journal, director::Options::default()).unwrap();
    let lived = director.live(|_| {}).await.unwrap();
    assert_eq!(lived.payments_refused, []);
    stage.set_clock(director.calendar().last(), EVENING).await.unwrap();
    let report = books::check(&firm, &stage, &journal).await.unwrap();
    for difference in &report.differences {
        println!("{difference:?}");
    }
    assert!(report.agrees() && report.checks["documents"].agreeing > 0);
    split.stop().await.unwrap();
}
