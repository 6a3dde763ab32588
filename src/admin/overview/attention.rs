//! What needs attention, as rows of the overview: the object, its findings, and one button.

use super::MOST_SHOWN;
use crate::admin::choices;
use crate::admin::export::options::Site;
use crate::admin::shell::session::Session;
use crate::domain::{Advertiser, AdvertiserId, Pixel, Status};
use crate::store::{ListQuery, Scalar, Store, StoreError, Test};
use crate::web::attention::Finding;
use crate::web::attention::facts::ServerFacts;
use crate::web::attention::load;
use crate::web::attention::load::{About, Item};

/// The objects that need attention.
pub struct Attention {
    pub rows: Vec<AttentionRow>,
    pub count: usize,
    /// Whether some pixel has ever loaded.
    pub fired: bool,
}

/// An object that needs attention.
pub struct AttentionRow {
    pub title: String,
    /// Its page; empty for the server.
    pub address: String,
    /// What it is, and of which advertiser.
    pub of: String,
    pub danger: bool,
    pub findings: Vec<Finding>,
}

impl Attention {
    /// Those of an advertiser, or all that the user sees.
    ///
    /// # Errors
    /// Database faults.
    pub async fn load(
        store: &Store,
        session: &Session,
        site: &Site,
        is_set: bool,
        advertiser: Option<AdvertiserId>,
    ) -> Result<Self, StoreError> {
        let by = session.reader();
        let in_use = Test::In(vec![Scalar::Text(Status::Active.to_string())]);
        let pixels = choices::every::<Pixel>(store, by, ListQuery::default().with::<Pixel>("state", in_use)).await?;
        let server = (session.admin().is_ok() && !pixels.is_empty()).then(|| ServerFacts {
            address: site.host.to_string(),
            reach: site.reach(),
            is_set,
        });
        let mut found = load::overview(store, by, pixels, server, &site.url(), session.now).await?;
        found.items.retain(|item| advertiser.is_none() || owner(&item.about) == advertiser);
        let count = found.items.len();
        let shown: Vec<Item> = found.items.into_iter().take(MOST_SHOWN).collect();
        let owners = shown.iter().filter_map(|item| owner(&item.about)).map(|id| id.0).collect();
        let names = store.names::<Advertiser>(by, owners).await?;
        let row = |item: Item| {
            let owner = owner(&item.about).and_then(|id| names.get(&id.0)).cloned().unwrap_or_default();
            row(item, &owner)
        };
        Ok(Attention { rows: shown.into_iter().map(row).collect(), count, fired: found.fired })
    }
}

fn owner(about: &About) -> Option<AdvertiserId> {
    match about {
        About::Server => None,
        About::Advertiser { id, .. } => Some(*id),
        About::Pixel { advertiser_id, .. }
        | About::LineItem { advertiser_id, .. }
        | About::Tracker { advertiser_id, .. } => Some(*advertiser_id),
    }
}

fn row(item: Item, owner: &str) -> AttentionRow {
    let of = |kind: &str| if owner.is_empty() { kind.to_owned() } else { format!("{kind} of {owner}") };
    let (title, address, of) = match item.about {
        About::Server => ("Address of the tags".to_owned(), String::new(), String::new()),
        About::Pixel { id, name, .. } => (name, format!("/admin/pixels/{id}"), owner.to_owned()),
        About::LineItem { id, name, .. } => (name, format!("/admin/line-items/{id}"), of("line item")),
        About::Tracker { id, name, .. } => (name, format!("/admin/trackers/{id}"), of("tracker")),
        About::Advertiser { id, name } => (name, format!("/admin/advertisers/{id}"), "advertiser".to_owned()),
    };
    let danger = item.findings.iter().any(|finding| finding.danger);
    AttentionRow { title, address, of, danger, findings: item.findings }
}
