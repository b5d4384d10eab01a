//! The vendors' public APIs, as the firm's people use them, without anything that forgives.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};
use strata_firm::people::{Access, BasicAccess, KeyAccess};
use strata_kernel::{Clock, SimClock};

/// Path of NetSuite's token endpoint.
const NETSUITE_TOKEN: &str = "/services/rest/auth/oauth2/v1/token";

/// How a token is come by.
enum Grant {
    Client { path: &'static str, access: BasicAccess },
    Assertion { access: KeyAccess, clock: SimClock },
}

/// One vendor.
pub(crate) struct Vendor {
    http: reqwest::Client,
    base: String,
    grant: Grant,
}

/// The vendors that tests act in.
pub(crate) struct Vendors {
    /// Salesforce.
    pub(crate) crm: Vendor,
    /// Kantata OX.
    pub(crate) psa: Vendor,
    /// NetSuite.
    pub(crate) erp: Vendor,
}

impl Vendors {
    /// Signs in lazily: every request mints its own token, so none ever ends. `clock` dates what is signed.
    pub(super) fn new(access: &Access, clock: &SimClock) -> Self {
        let client = |path, access: &BasicAccess| Vendor {
            http: reqwest::Client::new(),
            base: access.base_url.clone(),
            grant: Grant::Client {
                path,
                access: access.clone(),
            },
        };
        Self {
            crm: client("/services/oauth2/token", &access.salesforce),
            psa: client("/oauth/token", &access.kantata),
            erp: Vendor {
                http: reqwest::Client::new(),
                base: access.netsuite.base_url.clone(),
                grant: Grant::Assertion {
                    access: access.netsuite.clone(),
                    clock: clock.clone(),
                },
            },
        }
    }
}

impl Vendor {
    /// Sends a request and returns the answer with its `Location`. A refusal ends the test.
    pub(crate) async fn send(&self, method: Method, path: &str, query: &[(&str, &str)], body: &Value) -> (Value, String) {
        let token = self.token().await;
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .bearer_auth(token)
            .header("prefer", "transient")
            .query(query);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let location = answer.headers().get("location").map(|at| at.to_str().unwrap().to_owned());
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        (serde_json::from_str(&text).unwrap_or_default(), location.unwrap_or_default())
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        self.send(Method::GET, path, query, &Value::Null).await.0
    }

    async fn token(&self) -> String {
        let request = match &self.grant {
            Grant::Client { path, access } => self
                .http
                .post(format!("{}{path}", self.base))
                .basic_auth(&access.client_id, Some(&access.client_secret))
                .form(&[("grant_type", "client_credentials")]),
            Grant::Assertion { access, clock } => {
                let url = format!("{}{NETSUITE_TOKEN}", self.base);
                let assertion = assertion(access, clock.now().timestamp(), &url);
                self.http.post(&url).form(&[
                    ("grant_type", "client_credentials"),
                    (
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                    ),
                    ("client_assertion", &assertion),
                ])
            }
        };
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }
}

fn assertion(access: &KeyAccess, now: i64, audience: &str) -> String {
    let mut header = Header::new(Algorithm::PS256);
    header.kid = Some(access.certificate_id.clone());
    let claims = json!({"iss": access.client_id, "scope": ["restlets", "rest_webservices"], "aud": audience, "iat": now, "exp": now + 300});
    let key = EncodingKey::from_rsa_pem(access.private_key_pem.as_bytes()).unwrap();
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

impl Vendors {
    /// Rows of a query in Salesforce.
    pub(crate) async fn soql(&self, query: &str) -> Vec<Value> {
        let answer = self.crm.get("/services/data/v66.0/query", &[("q", query)]).await;
        answer["records"].as_array().unwrap().clone()
    }

    /// Creates a record in Salesforce and says its id.
    pub(crate) async fn create(&self, object: &str, body: &Value) -> String {
        let path = format!("/services/data/v66.0/sobjects/{object}");
        let (answer, _) = self.crm.send(Method::POST, &path, &[], body).await;
        answer["id"].as_str().unwrap().to_owned()
    }

    /// Changes a record in Salesforce.
    pub(crate) async fn update(&self, object: &str, id: &str, body: &Value) {
        let path = format!("/services/data/v66.0/sobjects/{object}/{id}");
        self.crm.send(Method::PATCH, &path, &[], body).await;
    }

    /// Rows of a list in Kantata OX.
    pub(crate) async fn list(&self, kind: &str, query: &[(&str, &str)]) -> Vec<Value> {
        let answer = self.psa.get(&format!("/api/v1/{kind}"), query).await;
        let results = answer["results"].as_array().unwrap();
        let row = |result: &Value| answer[kind][result["id"].as_str().unwrap()].clone();
        results.iter().map(row).collect()
    }

    /// Creates a record in Kantata OX and says its id.
    pub(crate) async fn post(&self, kind: &str, singular: &str, body: &Value) -> u64 {
        let (answer, _) = self
            .psa
            .send(Method::POST, &format!("/api/v1/{kind}"), &[], &json!({singular: body}))
            .await;
        answer["results"][0]["id"].as_str().unwrap().parse().unwrap()
    }

    /// Changes a record in Kantata OX.
    pub(crate) async fn put(&self, path: &str, body: &Value) {
        self.psa.send(Method::PUT, &format!("/api/v1/{path}"), &[], body).await;
    }

    /// Rows of a query in NetSuite.
    pub(crate) async fn suiteql(&self, query: &str) -> Vec<Value> {
        let path = "/services/rest/query/v1/suiteql";
        let (answer, _) = self.erp.send(Method::POST, path, &[], &json!({"q": query})).await;
        answer["items"].as_array().unwrap().clone()
    }

    /// Ids of every record of a type in NetSuite.
    pub(crate) async fn ids(&self, kind: &str) -> Vec<Value> {
        let answer = self.erp.get(&format!("/services/rest/record/v1/{kind}"), &[]).await;
        answer["items"].as_array().unwrap().clone()
    }

    /// Changes a record in NetSuite.
    pub(crate) async fn patch(&self, kind: &str, id: &str, body: &Value) {
        let path = format!("/services/rest/record/v1/{kind}/{id}");
        self.erp.send(Method::PATCH, &path, &[], body).await;
    }

    /// Makes a record in NetSuite that has no key.
    pub(crate) async fn make(&self, kind: &str, body: &Value) {
        self.erp
            .send(Method::POST, &format!("/services/rest/record/v1/{kind}"), &[], body)
            .await;
    }

    /// Deletes a record in NetSuite.
    pub(crate) async fn delete(&self, kind: &str, id: &str) {
        let path = format!("/services/rest/record/v1/{kind}/{id}");
        self.erp.send(Method::DELETE, &path, &[], &Value::Null).await;
    }

    /// Puts a record into NetSuite by a key.
    pub(crate) async fn upsert(&self, kind: &str, key: &str, body: &Value) {
        let path = format!("/services/rest/record/v1/{kind}/eid:{key}");
        self.erp.send(Method::PUT, &path, &[], body).await;
    }
}
