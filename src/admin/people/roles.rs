//! The roles of users and tokens, and the advertiser that limits them. The forms of both use it.

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::forms::parse::word;
use crate::domain::{Advertiser, AdvertiserId, Checks, Reader, Role};
use crate::store::{ListQuery, Store, StoreError};

/// A role to choose.
pub struct RoleChoice {
    pub value: &'static str,
    pub label: &'static str,
    /// The rights of the role, in a sentence.
    pub text: &'static str,
    pub chosen: bool,
}

/// The roles with their labels.
pub const ROLES: [(&str, &str); 4] =
    [("admin", "Admin"), ("editor", "Editor"), ("viewer", "Viewer"), ("collector", "Collector")];

/// The rights of a role, in a sentence.
pub fn about(role: Role) -> &'static str {
    match role {
        Role::Admin => "Full access, including users, tokens and settings.",
        Role::Editor => "Full access, except to users, tokens and settings.",
        Role::Viewer => "Sees everything and changes nothing.",
        Role::Collector => "Sends events from a server, and reads nothing.",
    }
}

pub fn choices(chosen: &str) -> Vec<RoleChoice> {
    let choice = |(value, label): (&'static str, &'static str)| RoleChoice {
        value,
        label,
        text: Role::parse(value).map_or("", about),
        chosen: value == chosen,
    };
    ROLES.into_iter().map(choice).collect()
}

/// The advertisers that may limit a user or token, with `current` among them.
pub async fn advertisers(store: &Store, by: &Reader, current: &str) -> Result<Vec<Advertiser>, StoreError> {
    let current: Vec<i64> = current.parse().ok().into_iter().collect();
    choices::all_with::<Advertiser>(store, by, ListQuery::default(), &current).await
}

/// The options of the select of advertisers.
pub fn advertiser_options(advertisers: &[Advertiser], chosen: &str) -> Vec<Choice> {
    choices::options(advertisers, chosen, |advertiser| (advertiser.id.0, advertiser.name.clone()))
}

/// Reads the field of the role.
pub fn role(checks: &mut Checks, text: &str, before: Role) -> Role {
    word(checks, "role", Role::parse(text), before)
}

/// Reads the field of the limit; an empty text means no limit.
pub fn limit(checks: &mut Checks, text: &str) -> Option<AdvertiserId> {
    match text {
        "" => None,
        id => word(checks, "advertiser_id", id.parse().ok().map(Some), None),
    }
}
