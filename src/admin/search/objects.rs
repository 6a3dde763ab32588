//! Finds objects of every kind by name, code, ID and the advertiser's name.

use std::collections::HashMap;

use super::hits::{Group, Hit, detail};
use crate::admin::shell::error::PageError;
use crate::admin::shell::object_kind::{self, ObjectKind};
use crate::admin::shell::parts::Mark;
use crate::admin::shell::session::Session;
use crate::domain::{
    Advertiser, Campaign, LineItem, Pixel, Publisher, SavedReport, Segment, Source, Status, Tracker, User, fold,
};
use crate::store::{Entity, ListQuery, Page, Store, StoreError};

/// The kinds in the order of their groups, by the key of the menu.
const KINDS: [ObjectKind; 10] = [
    object_kind::LINE_ITEM,
    object_kind::CAMPAIGN,
    object_kind::PUBLISHER,
    object_kind::TRACKER,
    object_kind::SOURCE,
    object_kind::ADVERTISER,
    object_kind::PIXEL,
    object_kind::SEGMENT,
    object_kind::SAVED_REPORT,
    object_kind::USER,
];

/// The kinds whose own list has no search: this page lists all of theirs.
const WITHOUT_SEARCH: [&str; 2] = ["sources", "reports"];

/// Whether this is the key of a kind.
pub fn is_kind(key: &str) -> bool {
    KINDS.iter().any(|kind| kind.section == key)
}

/// What the search needs.
pub struct Search<'a> {
    pub store: &'a Store,
    pub session: &'a Session,
    pub text: &'a str,
    /// The hits of a group at most.
    pub most: u32,
}

/// An object of any kind, as a hit shows it.
struct Named {
    id: i64,
    name: String,
    code: String,
    advertiser: Option<i64>,
    is_active: bool,
}

impl Search<'_> {
    /// The groups of all kinds, or of the one with this key.
    pub async fn objects(&self, only: Option<&str>) -> Result<Vec<Group>, PageError> {
        let mut groups = Vec::new();
        for kind in KINDS.iter().filter(|kind| only.is_none_or(|only| kind.section == only)) {
            groups.extend(self.kind(kind).await?);
        }
        Ok(groups)
    }

    async fn kind(&self, kind: &ObjectKind) -> Result<Option<Group>, PageError> {
        let (named, count) = match kind.section {
            "line-items" => self.of::<LineItem>(|o| (o.name.as_str(), o.state)).await?,
            "campaigns" => self.of::<Campaign>(|o| (o.name.as_str(), o.state)).await?,
            "publishers" => self.of::<Publisher>(|o| (o.name.as_str(), o.state)).await?,
            "trackers" => self.of::<Tracker>(|o| (o.name.as_str(), o.state)).await?,
            "sources" => self.of::<Source>(|o| (o.name.as_str(), o.state)).await?,
            "advertisers" => self.of::<Advertiser>(|o| (o.name.as_str(), o.state)).await?,
            "pixels" => self.of::<Pixel>(|o| (o.name.as_str(), o.state)).await?,
            "segments" => self.of::<Segment>(|o| (o.short_name.as_str(), o.state)).await?,
            "reports" => self.of::<SavedReport>(|o| (o.name.as_str(), Status::Active)).await?,
            _ => self.users().await?,
        };
        if named.is_empty() {
            return Ok(None);
        }
        let owners = named.iter().filter_map(|named| named.advertiser).collect();
        let owners = self.store.names::<Advertiser>(self.session.reader(), owners).await?;
        let typed = fold(self.text.trim());
        let is_exact = named.first().is_some_and(|first| first.is_called(&typed));
        let hits = named.into_iter().map(|named| hit(kind, named, &owners)).collect();
        let group = Group::new(kind.plural, hits, count, u64::MAX, self.all_of(kind));
        Ok(Some(Group { is_exact, ..group }))
    }

    /// The page that lists all matches of a kind.
    fn all_of(&self, kind: &ObjectKind) -> String {
        let pairs =
            |pairs: &[(&str, &str)]| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        match WITHOUT_SEARCH.contains(&kind.section) {
            true => format!("/admin/search?{}", pairs(&[("q", self.text), ("kind", kind.section)])),
            false => format!("{}?{}", kind.path, pairs(&[("search", self.text)])),
        }
    }

    async fn of<E: Entity>(&self, word: fn(&E) -> (&str, Status)) -> Result<(Vec<Named>, u64), StoreError> {
        let Page { items, count } = self.store.find::<E>(self.session.reader(), self.text, self.most).await?;
        let named = |object: &E| {
            let (name, state) = word(object);
            Named {
                id: object.id(),
                name: name.to_owned(),
                code: object.code().unwrap_or_default().to_owned(),
                advertiser: object.advertiser().map(|id| id.0),
                is_active: state == Status::Active,
            }
        };
        Ok((items.iter().map(named).collect(), count))
    }

    /// Only admins see users.
    async fn users(&self) -> Result<(Vec<Named>, u64), StoreError> {
        let Ok(admin) = self.session.admin() else { return Ok((Vec::new(), 0)) };
        let find = Some(self.text.to_owned());
        let query = ListQuery { find, best_first: true, num_elements: self.most, ..ListQuery::default() };
        let Page { items, count } = self.store.list_users(&admin, query).await?;
        let named = |user: User| Named {
            id: user.id.0,
            name: user.username,
            code: String::new(),
            advertiser: user.advertiser_id.map(|id| id.0),
            is_active: user.state == Status::Active,
        };
        Ok((items.into_iter().map(named).collect(), count))
    }
}

impl Named {
    /// Whether a folded text is its whole name, code or ID.
    fn is_called(&self, typed: &str) -> bool {
        let is_id = typed.strip_prefix('#').unwrap_or(typed) == self.id.to_string();
        is_id || fold(&self.name) == typed || (!self.code.is_empty() && fold(&self.code) == typed)
    }
}

fn hit(kind: &ObjectKind, named: Named, owners: &HashMap<i64, String>) -> Hit {
    let owner = named.advertiser.and_then(|id| owners.get(&id)).cloned().unwrap_or_default();
    // An advertiser owns itself.
    let owner = if kind.section == object_kind::ADVERTISER.section { String::new() } else { owner };
    Hit {
        mark: (!named.is_active).then(|| Mark::new("off", "Inactive")),
        detail: detail(&[owner, named.code, format!("ID\u{a0}{}", named.id)]),
        address: match kind.section {
            "users" => format!("{}/edit", kind.address(named.id)),
            "reports" => format!("{}/saved/{}", kind.path, named.id),
            _ => kind.address(named.id),
        },
        name: named.name,
    }
}
