//! Keys that change, a provider that is away, and callers who invent keys.

use std::time::Duration;

use strata_kernel::Kind;

use super::*;

/// Signs with a key under an id that nobody published.
fn invented(issuer: &str, number: usize) -> String {
    RSA.sign_as(&claims(issuer), |header| header.kid = Some(format!("invented-{number}")))
}

/// Waits for what happens in the background.
async fn until(what: impl Fn() -> bool) {
    for _ in 0..500 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not happen");
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_forgotten() {
    let (provider, verifier, clock) = with_keys(&[RSA]).await;
    let (old, new) = (RSA.sign(&claims(&provider.issuer)), NEXT.sign(&claims(&provider.issuer)));
    verifier.verify(&old).await.unwrap();
    provider.set_keys(keys(&[NEXT]));
    later(&clock, 30);
    verifier.verify(&new).await.unwrap();
    assert_eq!(provider.asked_keys(), 2);
    // The token was verified a moment ago, with a key that counts no more.
    let refused = verifier.verify(&old).await.unwrap_err();
    assert_eq!(refused.reason, "TOKEN_INVALID");
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_although_nobody_misses_one() {
    let (provider, verifier, clock) = with_keys(&[RSA, NEXT]).await;
    let old = RSA.sign(&claims(&provider.issuer));
    verifier.verify(&old).await.unwrap();
    provider.set_keys(keys(&[NEXT]));
    later(&clock, 300);
    // Taken once more while the keys are read in the background.
    verifier.verify(&old).await.unwrap();
    until(|| provider.asked_keys() == 2).await;
    for _ in 0..500 {
        if verifier.verify(&old).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the key is still believed");
}

#[tokio::test]
async fn whoever_invents_keys_causes_one_question_in_its_time() {
    let (provider, verifier, clock) = with_keys(&[RSA]).await;
    let good = RSA.sign(&claims(&provider.issuer));
    verifier.verify(&good).await.unwrap();
    let verifier = Arc::new(verifier);
    for round in 0..3 {
        later(&clock, 30);
        let calls: Vec<_> = (0..50)
            .map(|number| {
                let (verifier, token) = (verifier.clone(), invented(&provider.issuer, round * 50 + number));
                tokio::spawn(async move { verifier.verify(&token).await.unwrap_err().reason })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap(), "TOKEN_INVALID");
        }
        verifier.verify(&good).await.unwrap();
        assert_eq!(provider.asked_keys(), round + 2, "round {round}");
    }
}

#[tokio::test]
async fn many_first_callers_wait_for_one_question() {
    let (provider, verifier, _) = with_keys(&[RSA]).await;
    let verifier = Arc::new(verifier);
    let token = RSA.sign(&claims(&provider.issuer));
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), token.clone());
            tokio::spawn(async move { verifier.verify(&token).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(provider.asked_keys(), 1);
}

#[tokio::test]
async fn who_goes_away_does_not_break_off_what_others_wait_for() {
    let (provider, verifier, clock) = with_keys(&[RSA]).await;
    verifier.verify(&RSA.sign(&claims(&provider.issuer))).await.unwrap();
    provider.set_keys(keys(&[RSA, NEXT]));
    later(&clock, 30);
    let impatient = invented(&provider.issuer, 0);
    let gone = tokio::time::timeout(Duration::from_millis(1), verifier.verify(&impatient)).await;
    assert!(gone.is_err());
    verifier.verify(&NEXT.sign(&claims(&provider.issuer))).await.unwrap();
}

#[tokio::test]
async fn keys_are_kept_while_the_provider_is_away() {
    let (provider, verifier, clock) = with_keys(&[RSA]).await;
    let claims = with(&claims(&provider.issuer), "exp", json!(now().timestamp() + 100_000));
    verifier.verify(&RSA.sign(&claims)).await.unwrap();
    provider.answer(503);
    later(&clock, 50_000);
    for number in 0..5 {
        let token = RSA.sign(&with(&claims, "jti", json!(number)));
        verifier.verify(&token).await.unwrap();
    }
    // Nobody can say whether this key is new or invented.
    let unknown = verifier.verify(&invented(&provider.issuer, 1)).await.unwrap_err();
    assert_eq!((unknown.kind, unknown.reason), (Kind::Unavailable, "IDENTITY_UNAVAILABLE"));
    provider.answer(200);
    provider.set_keys(keys(&[NEXT]));
    later(&clock, 5);
    verifier.verify(&NEXT.sign(&claims)).await.unwrap();
}

#[tokio::test]
async fn a_provider_that_comes_late_is_found() {
    let provider = Provider::start(keys(&[RSA])).await;
    provider.answer(503);
    let clock = SimClock::new(now());
    let verifier = Verifier::new(&settings(&provider.issuer), Arc::new(clock.clone())).unwrap();
    let token = RSA.sign(&claims(&provider.issuer));
    let away = verifier.verify(&token).await.unwrap_err();
    assert_eq!(away.reason, "IDENTITY_UNAVAILABLE");
    assert!(!away.message.contains("503") && away.is_temporary());
    provider.answer(200);
    later(&clock, 5);
    verifier.verify(&token).await.unwrap();
}

#[tokio::test]
async fn keys_of_a_file_change_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    std::fs::write(&file, keys(&[RSA]).to_string()).unwrap();
    let mut settings = settings("https://login.example");
    settings.keys_file = Some(file.clone());
    let clock = SimClock::new(now());
    let verifier = Verifier::new(&settings, Arc::new(clock.clone())).unwrap();
    let claims = claims("https://login.example");
    verifier.verify(&RSA.sign(&claims)).await.unwrap();
    std::fs::write(&file, keys(&[NEXT]).to_string()).unwrap();
    later(&clock, 30);
    verifier.verify(&NEXT.sign(&claims)).await.unwrap();
    // A file that is being written is no reason to forget what is known.
    std::fs::write(&file, "{").unwrap();
    later(&clock, 30);
    assert!(verifier.verify(&invented("https://login.example", 1)).await.is_err());
    verifier.verify(&NEXT.sign(&with(&claims, "jti", json!("2")))).await.unwrap();
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let (provider, verifier, clock) = with_keys(&[RSA]).await;
    let token = RSA.sign(&claims(&provider.issuer));
    verifier.verify(&token).await.unwrap();
    provider.set_keys(json!({"keys": [NEXT.public()], "more": "x".repeat(70_000)}));
    later(&clock, 30);
    let refused = verifier.verify(&NEXT.sign(&claims(&provider.issuer))).await.unwrap_err();
    assert_eq!(refused.reason, "IDENTITY_UNAVAILABLE");
    verifier.verify(&token).await.unwrap();
}
