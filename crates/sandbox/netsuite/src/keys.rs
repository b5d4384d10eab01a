//! The development-only key pair; see `keys/README.md`.

/// Client id (`iss` of the assertion) that the sandbox knows.
pub const DEV_CLIENT_ID: &str = "strata-client";
/// Certificate id (`kid` of the assertion) that the sandbox knows.
pub const DEV_CERTIFICATE_ID: &str = "strata-cert";
/// Private key (PKCS#8 PEM, RSA 3072) with which an adapter signs its assertion for the sandbox. Published and worth
/// nothing: no NetSuite account knows it.
pub const DEV_PRIVATE_KEY_PEM: &str = include_str!("../keys/dev_private.pem");
/// The public key the sandbox verifies with.
pub(crate) const DEV_PUBLIC_KEY_PEM: &str = include_str!("../keys/dev_public.pem");
