//! The frame of the steps: where the user is, which steps are done, and the set-up that they belong to.

use crate::admin::shell::error::PageError;
use crate::admin::shell::session::Session;
use crate::domain::{AdvertiserId, TrackingSetup};
use crate::store::{Store, StoreError};

/// The path of a step, after that of the set-up, and its name.
const STEPS: [(&str, &str); 4] =
    [("shop", "Your shop"), ("ads", "Where you advertise"), ("snippets", "Two snippets"), ("first-sale", "First sale")];

/// One pixel of the line of steps.
pub struct StepMark {
    pub name: &'static str,
    /// `done`, `now` or empty.
    pub state: &'static str,
    /// The address, if the user may go there.
    pub address: Option<String>,
}

/// The address of a step.
pub fn address(advertiser: AdvertiserId, step: &str) -> String {
    format!("/admin/tracking/{advertiser}/{step}")
}

/// The line of steps, at the step of this path. `setup` is none before the first step is saved.
pub fn steps(setup: Option<&TrackingSetup>, here: &str) -> Vec<StepMark> {
    // The step after the last one that is saved is the farthest that makes sense.
    let reached = setup.map_or(0, |setup| if setup.shop_system.is_some() { STEPS.len() - 1 } else { 1 });
    let now = STEPS.iter().position(|(step, _)| *step == here).unwrap_or(0);
    let mark = |(at, (step, name)): (usize, &(&str, &'static str))| StepMark {
        name,
        state: match at.cmp(&now) {
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Greater => "",
        },
        address: setup.filter(|_| at != now && at <= reached).map(|setup| address(setup.advertiser_id, step)),
    };
    STEPS.iter().enumerate().map(mark).collect()
}

/// The set-up of this advertiser.
///
/// # Errors
/// The advertiser has none, or the caller does not see it.
pub async fn setup(store: &Store, session: &Session, id: AdvertiserId) -> Result<TrackingSetup, PageError> {
    let setup = store.tracking_setup(session.reader(), id).await?;
    setup.ok_or_else(|| StoreError::not_found("advertiser with a set-up", id).into())
}
