//! Names and limits of Workday, with those that public documentation does not confirm, in one place.

/// Namespace of every element.
pub(crate) const NAMESPACE: &str = "urn:com.workday/bsvc";
/// Namespace of the envelope: SOAP 1.1.
pub(crate) const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Version of the web services. Workday keeps a version for years; one is pinned.
pub(crate) const VERSION: &str = "v44.0";
/// Service that has `Get_Workers`.
pub(crate) const SERVICE: &str = "Human_Resources";
/// Workers per page. The limit is 999 (UNVERIFIED); a hundred keep an answer small.
pub(crate) const COUNT: u32 = 100;
/// Type of organization that employs.
pub(crate) const COMPANY: &str = "Company";
/// Usage of the email address that the firm gave.
pub(crate) const WORK: &str = "WORK";
/// Life of a token when the answer does not say. Seconds; UNVERIFIED.
pub(crate) const TOKEN_LIFE_SECONDS: u64 = 14_400;

/// List of a worker's entries in the transaction log. UNVERIFIED.
pub(crate) const LOG: &str = "Transaction_Log_Entry_Data";
/// One entry. UNVERIFIED.
pub(crate) const LOG_ENTRY: &str = "Transaction_Log_Entry";
/// When an entry was made. UNVERIFIED.
pub(crate) const LOG_ENTERED: &str = "Transaction_Log_Data/Transaction_Entry_Moment";
/// From when an entry holds. UNVERIFIED.
pub(crate) const LOG_EFFECTIVE: &str = "Transaction_Log_Data/Transaction_Effective_Date";
