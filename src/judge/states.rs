//! What became of earlier fires, at the judge's row: the store's answer, or what this batch made of them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use crate::domain::Seq;
use crate::store::{ConversionState, LookUps, Slice, StoreError};

/// A fire became a duplicate at most so many times over. It bounds the walk along damaged rows.
const LONGEST_CHAIN: usize = 8;

#[derive(Default)]
pub(super) struct States {
    /// The fires that were looked for, as the batch left them. None if the judge has left one out.
    known: HashMap<Seq, Option<ConversionState>>,
    /// The conversions that the batch retracted.
    retracted: HashSet<Seq>,
}

/// Where the states of fires come from: the batch's slice, and the store before it.
pub(super) struct Sources<'a, 'l> {
    pub look_ups: &'a mut LookUps<'l>,
    /// None for a fire that was judged before.
    pub slice: Option<&'a Slice>,
}

impl States {
    /// The fire at `seq`, as a row logged as `before` finds it. None if the judge has left it out.
    pub(super) fn get(
        &mut self,
        from: &mut Sources,
        seq: Seq,
        before: Seq,
    ) -> Result<Option<&ConversionState>, StoreError> {
        let known = match self.known.entry(seq) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(match from.slice.and_then(|slice| slice.judged_at(seq)) {
                Some(judged) => Some(ConversionState::from(judged)),
                None => from.look_ups.state(seq, before)?,
            }),
        };
        Ok(known.as_ref())
    }

    /// The fire that counts for the one at `seq`: itself, or the one that it is a duplicate of.
    pub(super) fn counting(
        &mut self,
        from: &mut Sources,
        mut seq: Seq,
        before: Seq,
    ) -> Result<Option<&ConversionState>, StoreError> {
        for _ in 0..LONGEST_CHAIN {
            match self.get(from, seq, before)?.and_then(|state| state.duplicate) {
                Some(duplicate) => seq = duplicate.of,
                None => return self.get(from, seq, before),
            }
        }
        Ok(None)
    }

    pub(super) fn set(&mut self, state: ConversionState) {
        if state.retraction.is_some() {
            self.retracted.insert(state.seq);
        }
        self.known.insert(state.seq, Some(state));
    }

    /// The conversions that the batch retracted.
    pub(super) fn retracted(&self) -> &HashSet<Seq> {
        &self.retracted
    }
}
