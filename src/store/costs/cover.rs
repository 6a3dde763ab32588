//! Decides which costs of one day a run replaces.

use std::collections::HashSet;

use crate::domain::{CostKey, NewCost};

/// What a run says about one day of one advertiser and profile.
#[derive(Default)]
pub(super) struct Cover {
    /// Accounts with line items, campaigns and publishers.
    keys: HashSet<(String, CostKey)>,
    /// Accounts with names of campaigns in the file.
    labels: HashSet<(String, String)>,
}

impl Cover {
    pub(super) fn of<'a>(costs: impl IntoIterator<Item = &'a NewCost>) -> Self {
        let mut cover = Cover::default();
        costs.into_iter().for_each(|cost| cover.add(cost));
        cover
    }

    pub(super) fn add(&mut self, cost: &NewCost) {
        self.keys.insert((cost.account.clone(), cost.key));
        if !cost.label.is_empty() {
            self.labels.insert((cost.account.clone(), cost.label.clone()));
        }
    }

    /// Whether the run replaces this cost of an earlier one. The label counts, too: a campaign of the file may have been
    /// given to another line item since.
    pub(super) fn replaces(&self, cost: &NewCost) -> bool {
        self.keys.contains(&(cost.account.clone(), cost.key))
            || self.labels.contains(&(cost.account.clone(), cost.label.clone()))
    }
}
