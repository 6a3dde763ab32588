//! The tabs over the lists of users and tokens.

use crate::admin::shell::object_kind::USER;
use crate::admin::text::format::grouped;
use crate::domain::Admin;
use crate::store::{Store, StoreError};

/// The address of the list of tokens.
pub const TOKENS: &str = "/admin/tokens";

/// A tab, for `p::tabs`.
pub struct Tab {
    pub path: &'static str,
    pub label: &'static str,
    pub count: String,
    /// Whether it is the page that is shown.
    pub is_here: bool,
}

pub async fn tabs(store: &Store, by: &Admin, here: &str) -> Result<Vec<Tab>, StoreError> {
    let counts =
        [(USER.path, "Users", store.users(by).await?.len()), (TOKENS, "API tokens", store.tokens(by).await?.len())];
    let tab = |(path, label, count)| Tab {
        path,
        label,
        count: grouped(u64::try_from(count).unwrap_or(u64::MAX)),
        is_here: path == here,
    };
    Ok(counts.map(tab).into())
}
