//! Who users and tokens are: the roles in words, and the advertiser they may be limited to. Shared by both forms.

use super::choices::{self, Choice};
use super::typed::word;
use crate::domain::{Advertiser, AdvertiserId, Checks, Reader, Role};
use crate::store::{ListQuery, Store, StoreError};

/// A role to choose.
pub struct RoleChoice {
    /// Its word.
    pub value: &'static str,
    /// Its word with a capital.
    pub label: &'static str,
    /// What it may do, in a sentence.
    pub text: &'static str,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// The roles as people call them.
pub const ROLES: [(&str, &str); 4] =
    [("admin", "Admin"), ("editor", "Editor"), ("viewer", "Viewer"), ("collector", "Collector")];

/// What a role may do, in a sentence.
pub fn about(role: Role) -> &'static str {
    match role {
        Role::Admin => "May do everything, also manage users, tokens and settings.",
        Role::Editor => "Makes, changes and deletes pixels, line items and all that belongs to them.",
        Role::Viewer => "Sees everything and changes nothing.",
        Role::Collector => "Sends conversions from a server. Sees no pages and reads nothing.",
    }
}

/// Every role, to choose one.
pub fn choices(chosen: &str) -> Vec<RoleChoice> {
    let choice = |(value, label): (&'static str, &'static str)| RoleChoice {
        value,
        label,
        text: Role::parse(value).map_or("", about),
        chosen: value == chosen,
    };
    ROLES.into_iter().map(choice).collect()
}

/// The advertisers that somebody may be limited to.
///
/// # Errors
/// Database faults.
pub async fn advertisers(store: &Store, by: &Reader, chosen: &str) -> Result<Vec<Choice>, StoreError> {
    let named: Vec<i64> = chosen.parse().ok().into_iter().collect();
    let advertisers = choices::all_with::<Advertiser>(store, by, ListQuery::default(), &named).await?;
    Ok(choices::options(&advertisers, chosen, |advertiser| (advertiser.id.0, advertiser.name.clone())))
}

/// Reads role and advertiser; none is all advertisers.
pub fn read(checks: &mut Checks, role: &str, advertiser: &str, before: Role) -> (Role, Option<AdvertiserId>) {
    let role = word(checks, "role", Role::parse(role), before);
    let advertiser = match advertiser {
        "" => None,
        id => word(checks, "advertiser_id", id.parse().ok().map(Some), None),
    };
    (role, advertiser)
}
