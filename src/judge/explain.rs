//! Why a fire was judged as it was: loads what the judge saw at the fire's place in the log and judges once more, with
//! the same rules and look-ups. It writes nothing.

use super::adjust::Adjusting;
use super::case::{Fresh, Inputs, Want};
use super::rules::{InForce, unknown_pixel};
use crate::attribution::{Judgement, judge};
use crate::domain::{AppliedAdjustment, Conversion, LineItemRules, PixelRules, Reader, Seq};
use crate::store::{LookUps, PixelVersion, Store, StoreError};

/// A conversion with the reasons behind it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The conversion as stored, with its fire.
    pub conversion: Conversion,
    /// The pixel's rules that were in force.
    pub pixel: PixelRules,
    /// The rules in force of the line items that held the pixel, by id.
    pub line_items: Vec<LineItemRules>,
    /// The judgement, made anew: its explanation names every exposure and every rule that was looked at.
    pub judgement: Judgement,
    /// What was said of it later, in the order of the log.
    pub adjustments: Vec<AppliedAdjustment>,
}

/// Explains the conversion of the fire at `seq`.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none (yet) or the caller may not see it.
pub async fn explain(store: &Store, by: &Reader, seq: Seq) -> Result<Explained, StoreError> {
    store.look_back(by, seq, again).await
}

fn again(conversion: Conversion, look: &mut LookUps) -> Result<Explained, StoreError> {
    let fire = &conversion.fire;
    let seq = fire.seq;
    let under = look.under(fire)?;
    let PixelVersion { advertiser_id, rules } =
        look.pixel_version(fire.pixel_id, under.settings)?.unwrap_or_else(|| unknown_pixel(fire.pixel_id));
    let line_items = look.line_items(fire.pixel_id, under.settings)?;
    let in_force = InForce { advertiser_id, pixel: &rules, line_items: line_items.iter().collect() };
    let (mut fresh, adjusting) = (Fresh::default(), Adjusting::default());
    let inputs = Inputs::gather(look, &mut fresh, &adjusting, (&in_force, under), fire, Want::Explanation)?;
    let judgement = judge(&inputs.case(fire, &in_force));
    let adjustments = look.adjustments(seq)?;
    Ok(Explained { conversion, pixel: rules, line_items, judgement, adjustments })
}
