//! Tokens that a server gets for itself.

use std::time::Duration;

use strata_identity::{ClientSettings, TokenSource};
use strata_settings::Secret;

use super::*;

async fn source() -> (Provider, Arc<TokenSource>, SimClock) {
    let provider = Provider::start(keys(&[RSA])).await;
    let mut settings = settings(&provider.issuer);
    settings.client = Some(ClientSettings {
        id: "strata process".to_owned(),
        secret: Secret::new("p:ss"),
        token_url: Some(format!("{}/token", provider.issuer)),
        scope: Some("system.erp.read system.erp.post".to_owned()),
        audience: None,
        resource: Some("urn:strata".to_owned()),
    });
    let clock = SimClock::new(now());
    let source = TokenSource::new(&settings, Arc::new(clock.clone())).unwrap().unwrap();
    (provider, source, clock)
}

async fn token(source: &Arc<TokenSource>) -> String {
    source.token().await.unwrap().reveal().to_owned()
}

#[tokio::test]
async fn it_is_asked_for_once_and_with_the_right_words() {
    let (provider, source, _) = source().await;
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { token(&source).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), "token-1");
    }
    // base64 of strata+process:p%3Ass
    let seen = "Basic c3RyYXRhK3Byb2Nlc3M6cCUzQXNz \
                grant_type=client_credentials&scope=system.erp.read+system.erp.post&resource=urn%3Astrata";
    assert_eq!(provider.seen(), [seen]);
    assert!(!format!("{source:?}").contains("p:ss"));
}

#[tokio::test]
async fn it_is_renewed_before_it_ends_and_nobody_waits() {
    let (provider, source, clock) = source().await;
    assert_eq!(token(&source).await, "token-1");
    later(&clock, 479);
    assert_eq!(token(&source).await, "token-1");
    later(&clock, 1);
    assert_eq!(
        token(&source).await,
        "token-1",
        "the old one, while the new one is on its way"
    );
    for _ in 0..500 {
        if token(&source).await == "token-2" {
            assert_eq!(provider.asked_tokens(), 2);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is not renewed");
}

#[tokio::test]
async fn a_short_life_is_a_life_too() {
    let (provider, source, clock) = source().await;
    provider.give_for(3);
    for number in 1..=5 {
        assert_eq!(token(&source).await, format!("token-{number}"));
        later(&clock, 3);
    }
}

#[tokio::test]
async fn while_the_provider_is_away_the_old_one_serves_to_its_end() {
    let (provider, source, clock) = source().await;
    token(&source).await;
    provider.answer(503);
    for _ in 0..4 {
        later(&clock, 149);
        assert_eq!(token(&source).await, "token-1");
    }
    later(&clock, 4);
    let asked = provider.asked_tokens();
    for _ in 0..20 {
        assert_eq!(source.token().await.unwrap_err().reason, "IDENTITY_UNAVAILABLE");
    }
    assert!(
        provider.asked_tokens() <= asked + 1,
        "a provider that fails is left alone for a while"
    );
    provider.answer(200);
    later(&clock, 2);
    assert!(source.token().await.is_ok());
}

#[tokio::test]
async fn one_that_was_refused_is_renewed_but_not_over_and_over() {
    let (provider, source, clock) = source().await;
    let refused = source.token().await.unwrap();
    source.was_refused(&refused);
    assert_eq!(token(&source).await, "token-1", "quite new: another one would be no better");
    later(&clock, 30);
    source.was_refused(&refused);
    for _ in 0..500 {
        if token(&source).await == "token-2" {
            source.was_refused(&refused);
            assert_eq!((token(&source).await.as_str(), provider.asked_tokens()), ("token-2", 2));
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is not renewed");
}
