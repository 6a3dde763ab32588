//! What became of earlier fires, at the judge's row: the store's answer, or what this batch made of them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::domain::Seq;
use crate::store::{ConversionState, LookUps, StoreError};

/// A fire became a duplicate at most so many times over. It bounds the walk along damaged rows.
const LONGEST_CHAIN: usize = 8;

#[derive(Default)]
pub(super) struct States {
    /// Fires of the batch that later rows may look for, and stored ones that the batch changed.
    changed: HashMap<Seq, ConversionState>,
    /// The conversions that the batch retracted.
    retracted: HashSet<Seq>,
}

impl States {
    /// The fire at `seq`, as a row logged as `before` finds it. None if the judge has left it out.
    pub(super) fn get(
        &self,
        look_ups: &mut LookUps,
        seq: Seq,
        before: Seq,
    ) -> Result<Option<Cow<'_, ConversionState>>, StoreError> {
        match self.changed.get(&seq) {
            Some(state) => Ok(Some(Cow::Borrowed(state))),
            None => Ok(look_ups.state(seq, before)?.map(Cow::Owned)),
        }
    }

    /// The fire that counts for the one at `seq`: itself, or the one that it is a duplicate of.
    pub(super) fn counting(
        &self,
        look_ups: &mut LookUps,
        mut seq: Seq,
        before: Seq,
    ) -> Result<Option<Cow<'_, ConversionState>>, StoreError> {
        for _ in 0..LONGEST_CHAIN {
            let state = self.get(look_ups, seq, before)?;
            match state.as_ref().and_then(|state| state.duplicate) {
                Some(duplicate) => seq = duplicate.of,
                None => return Ok(state),
            }
        }
        Ok(None)
    }

    pub(super) fn set(&mut self, state: ConversionState) {
        if state.retraction.is_some() {
            self.retracted.insert(state.seq);
        }
        self.changed.insert(state.seq, state);
    }

    /// The conversions that the batch retracted.
    pub(super) fn retracted(&self) -> &HashSet<Seq> {
        &self.retracted
    }
}
