//! Settles a fire with those of the same name, after it was judged: which one counts, which become duplicates of it, and
//! what the one that counts takes from them.

use super::adjust::Adjuster;
use super::states::{Sources, States};
use crate::attribution::{Displaced, Judgement};
use crate::domain::{Outcome, Seq};
use crate::store::{ConversionState, Duplicate, Judged, LookUps, Slice, StoreError};

pub(super) struct Twins<'a, 'l> {
    pub look_ups: &'a mut LookUps<'l>,
    pub states: &'a mut States,
    pub adjuster: &'a mut Adjuster,
}

impl Twins<'_, '_> {
    /// Adds the changes of earlier fires to the slice. Returns the judged fire with what it took from them.
    pub(super) fn settle(
        mut self,
        slice: &mut Slice,
        mut judged: Judged,
        judgement: &Judgement,
    ) -> Result<Judged, StoreError> {
        let by = judged.fire.seq;
        match judged.duplicate_of {
            Some(counts) => self.join(slice, counts, &ConversionState::from(&judged), judgement)?,
            None if judgement.displaced.is_empty() => {}
            None => {
                let mut this = ConversionState::from(&judged);
                for displaced in &judgement.displaced {
                    if let Some(duplicate) = self.displace(slice, *displaced, by, by)? {
                        self.take(slice, &mut this, &duplicate, by)?;
                    }
                }
                (judged.fire.value, judged.fire.currency) = (this.value, this.currency);
                judged.fire.order_id.clone_from(&this.order_id);
                judged.carried = this.is_adjusted.then_some(this.current);
                self.states.set(this);
            }
        }
        Ok(judged)
    }

    /// Joins a duplicate to the fire at `counts`, and with it those that it displaces.
    fn join(
        &mut self,
        slice: &mut Slice,
        counts: Seq,
        this: &ConversionState,
        judgement: &Judgement,
    ) -> Result<(), StoreError> {
        let mut from = Sources { look_ups: self.look_ups, slice: Some(slice) };
        let Some(before) = self.states.get(&mut from, counts, this.seq)? else { return Ok(()) };
        let takes = before.retraction.is_none() && before.lacks_something_of(this);
        if before.has_duplicates && judgement.displaced.is_empty() && !takes {
            return Ok(());
        }
        let before = before.clone();
        let mut after = ConversionState { has_duplicates: true, ..before.clone() };
        if after.retraction.is_none() {
            self.take(slice, &mut after, this, this.seq)?;
            for displaced in &judgement.displaced {
                if let Some(duplicate) = self.displace(slice, *displaced, counts, this.seq)? {
                    self.take(slice, &mut after, &duplicate, this.seq)?;
                }
            }
            if (after.value, &after.order_id) != (before.value, &before.order_id) || after.current != before.current {
                slice.changed(&before, &after);
            }
        }
        self.states.set(after);
        Ok(())
    }

    /// Makes an unattributed fire a duplicate of `of`, from the fire `by` on.
    fn displace(
        &mut self,
        slice: &mut Slice,
        displaced: Displaced,
        of: Seq,
        by: Seq,
    ) -> Result<Option<ConversionState>, StoreError> {
        let mut from = Sources { look_ups: self.look_ups, slice: Some(slice) };
        let Some(before) = self.states.get(&mut from, displaced.seq, by)?.cloned() else { return Ok(None) };
        let after = ConversionState {
            outcome: Outcome::NotCounted(displaced.reason),
            duplicate: Some(Duplicate { of, by }),
            ..before.clone()
        };
        slice.changed(&before, &after);
        self.states.set(after.clone());
        Ok(Some(after))
    }

    /// Lets the one that counts take from a duplicate what it lacks.
    fn take(
        &mut self,
        slice: &mut Slice,
        counts: &mut ConversionState,
        duplicate: &ConversionState,
        by: Seq,
    ) -> Result<(), StoreError> {
        let was_adjusted = counts.is_adjusted;
        for taken in counts.take_from(duplicate) {
            slice.taken(counts.seq, taken);
        }
        counts.has_duplicates = true;
        if counts.is_adjusted && !was_adjusted {
            let adjustments = self.adjuster.carry(self.look_ups, duplicate.seq, counts.seq, by)?;
            slice.restated_before(counts, adjustments);
        }
        Ok(())
    }
}
