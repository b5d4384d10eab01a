//! Tokens: whoever changes one is nobody.

use strata::Role;
use strata::allinone;
use tokio::runtime::Runtime;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Code, Request};

use super::{kept, run};
use crate::mini::empty;
use crate::{dynamic, tokens};

const PATH: &str = "/strata.experience.delivery.v2.DeliveryService/ListEngagements";

#[test]
fn a_changed_token_is_nobodys() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let section = tokens::section(folder.path(), &[("lead", vec!["*".to_owned()])]);
    let all = runtime
        .block_on(allinone::start_with(&empty(folder.path()), section))
        .unwrap();
    let edge = all.installation.addresses.of(Role::All).unwrap().to_string();
    let to = {
        let _inside = runtime.enter();
        strata_rpc::connect(&edge).unwrap()
    };
    let good = tokens::of_role("lead").into_bytes();
    let mut seeds = vec![(true, good.clone())];
    seeds.extend(
        tokens::bad("lead")
            .into_iter()
            .map(|(_, token, _)| (false, token.into_bytes())),
    );
    seeds.extend(kept("tokens").into_iter().map(|bytes| (false, bytes)));
    run(1_500, &seeds, |_, bytes| {
        let value = [b"Bearer ".as_slice(), &bytes].concat();
        // What HTTP itself cannot carry never arrives.
        let Ok(value) = AsciiMetadataValue::try_from(value) else {
            return Ok(());
        };
        let mut request = Request::new(Vec::new());
        request.metadata_mut().insert("authorization", value);
        let code = runtime.block_on(dynamic::send(&to, PATH, request)).code();
        // Space around a token is none of it.
        let is_good = bytes.trim_ascii() == good;
        match code {
            Code::Ok | Code::ResourceExhausted if is_good => Ok(()),
            Code::Unauthenticated if !is_good => Ok(()),
            other => Err(format!("ends with {other:?}")),
        }
    });
    runtime.block_on(all.stop()).unwrap();
}
