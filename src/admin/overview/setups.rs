//! The shops whose set-up has not led to a credited sale yet.

use crate::domain::{Advertiser, AdvertiserId, Reader, TrackingSetup};
use crate::store::{SetupProgress, Store, StoreError};

/// The most shops that the page shows.
const MOST: u32 = 3;

/// A shop that waits for its first credited sale.
pub struct OpenSetup {
    pub id: AdvertiserId,
    pub name: String,
    /// What to do, and whether it is done.
    pub steps: [(&'static str, bool); 4],
    /// The step to go on with.
    pub address: String,
}

impl OpenSetup {
    /// The newest ones.
    ///
    /// # Errors
    /// Database faults.
    pub async fn load(store: &Store, by: &Reader) -> Result<Vec<Self>, StoreError> {
        let setups = store.open_tracking_setups(by, MOST).await?;
        let names = store.names::<Advertiser>(by, setups.iter().map(|setup| setup.advertiser_id.0).collect()).await?;
        let mut open = Vec::new();
        for setup in setups {
            let progress = store.setup_progress(by, &setup).await?;
            if progress.credited.is_none() {
                let name = names.get(&setup.advertiser_id.0).cloned().unwrap_or_default();
                open.push(Self::of(&setup, &progress, name));
            }
        }
        Ok(open)
    }

    fn of(setup: &TrackingSetup, progress: &SetupProgress, name: String) -> Self {
        let has_ads = setup.shop_system.is_some();
        let loads = progress.site_tag.is_some() || progress.sale.is_some();
        let step = if !has_ads {
            "ads"
        } else if !loads {
            "snippets"
        } else {
            "first-sale"
        };
        OpenSetup {
            id: setup.advertiser_id,
            name,
            steps: [
                ("Your shop", true),
                ("Where you advertise", has_ads),
                ("Two snippets", loads),
                ("First credited sale", false),
            ],
            address: format!("/admin/tracking/{}/{step}", setup.advertiser_id),
        }
    }
}
