//! What became of the adjustments of a request. The answer waits a moment for the judge.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::domain::{EffectCounts, Seq};
use crate::store::Store;

/// How long an answer waits for the judge.
const PATIENCE: Duration = Duration::from_secs(2);

/// What became of one adjustment that was taken.
#[derive(Debug, Serialize)]
pub struct AdjustmentResult {
    /// Its index in the list.
    index: usize,
    result: &'static str,
    /// How many conversions it changed.
    conversions: u32,
    /// How many conversions it reached, by its effect on them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    effects: BTreeMap<&'static str, u32>,
}

/// The results of adjustments, by their indexes in the list and their numbers in the log. They are in the log already. So
/// they are pending if their effects cannot be read.
pub async fn results(store: &Store, taken: Vec<(usize, Seq)>) -> Vec<AdjustmentResult> {
    let (indexes, seqs): (Vec<_>, Vec<_>) = taken.into_iter().unzip();
    let counts = store.adjustment_effects(seqs, PATIENCE).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the effects of adjustments could not be read");
        Vec::new()
    });
    let mut counts = counts.into_iter();
    indexes.into_iter().map(|index| result(index, counts.next().flatten())).collect()
}

fn result(index: usize, counts: Option<EffectCounts>) -> AdjustmentResult {
    let result = counts.as_ref().map_or("pending", EffectCounts::result);
    let counts = counts.unwrap_or_default();
    let effects = counts.iter().map(|(effect, count)| (effect.as_str(), count)).collect();
    AdjustmentResult { index, result, conversions: counts.changed(), effects }
}
