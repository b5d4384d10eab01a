//! What an hour costs is a number that nothing else has. It is looked for in the answers of every method that reads, as somebody who may see
//! cost and as somebody who may not, and in everything that is logged.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use prost::Message;
use strata::Role;
use strata_contract::strata::options::v1::Idempotency;
use strata_contract::{method_policy, methods};
use tracing::level_filters::LevelFilter;

use crate::mini::Mini;
use crate::{dynamic, tokens};

/// Cost of an hour, as the person works one.
const COST: &str = "76543.21";
/// The same in cents.
const CENTS: u64 = 7_654_321;

/// Everything that is logged, at every level.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Logged {
    fn from_here_on() -> Self {
        let own = Self::default();
        let writer = own.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false);
        subscriber.with_writer(move || writer.clone()).init();
        own
    }
}

/// Whether the cost stands in bytes, as text, as cents in text, or as cents in a message.
fn tells(bytes: &[u8]) -> bool {
    let mut varint = Vec::new();
    prost::encoding::encode_varint(CENTS, &mut varint);
    let forms = [COST.as_bytes(), b"7654321", b"76,543.21", &varint];
    forms.iter().any(|form| bytes.windows(form.len()).any(|part| part == *form))
}

/// A month of work that is billed, and an exception.
async fn live(mini: &Mini) {
    mini.sell("CT-1").await;
    mini.until("2025-01-07", 9).await;
    mini.work("2025-01-06", 60, "TE-1").await;
    mini.spend("2025-01-06", 99_900, "EX-1").await;
    mini.until("2025-01-08", 9).await;
    mini.until("2025-02-12", 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_work_costs_is_shown_to_those_who_may_see_it_and_logged_nowhere() {
    let logged = Logged::from_here_on();
    let mini = Mini::start_paying(COST).await;
    live(&mini).await;
    assert!(!mini.exceptions().await.is_empty());

    let every: BTreeSet<String> = methods().map(|(_, policy)| policy.scope.clone()).collect();
    let roles = [("controller", vec!["*".to_owned()]), ("lead", every.into_iter().collect())];
    let section = tokens::section(mini.folder(), &roles);
    let (all, _folder) = mini.restart_with(section).await;
    let to = strata_rpc::connect(&all.installation.addresses.of(Role::All).unwrap().to_string()).unwrap();

    let (mut shown, mut leaks, mut answered) = (Vec::new(), Vec::new(), 0);
    for method in dynamic::methods() {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        if method_policy(&path).unwrap().idempotency() != Idempotency::Safe {
            continue;
        }
        let [controller, lead] = ["controller", "lead"].map(tokens::of_role);
        let (whole, seen) = tokio::join!(
            dynamic::call_as(&to, &method, &controller),
            dynamic::call_as(&to, &method, &lead)
        );
        // What a method refuses to tell of nothing in particular it refuses to everybody.
        assert_eq!(whole.is_ok(), seen.is_ok(), "{path}: {whole:?} {seen:?}");
        let (Ok(whole), Ok(seen)) = (whole, seen) else { continue };
        answered += 1;
        if tells(&whole.encode_to_vec()) {
            shown.push(path.clone());
        }
        if tells(&seen.encode_to_vec()) {
            leaks.push(path);
        }
    }
    println!(
        "{answered} methods answered, {} show what work costs: {shown:#?}",
        shown.len()
    );
    assert_eq!(leaks, Vec::<String>::new());
    assert!(shown.len() >= 3 && answered > 20, "{shown:?}");
    all.stop().await.unwrap();

    let text = logged.0.lock().unwrap().clone();
    assert!(text.len() > 10_000, "nothing is logged");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| tells(line));
    let lines: Vec<String> = lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    assert_eq!(lines, Vec::<String>::new());
}
