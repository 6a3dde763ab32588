//! Explains a judgement: judges the fire once more with the rules and look-ups that the judge had. It writes nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::adjust::Adjuster;
use super::case::{Detail, Gathering};
use super::names::NameBook;
use super::pending::PendingBatch;
use super::rules::{ActiveRules, unknown_pixel};
use super::states::States;
use crate::attribution::{EarlierFire, Gap, Judgement, NameKind, Step, judge};
use crate::domain::{
    AdvertiserId, AppliedAdjustment, Conversion, JudgeFire, LineItemRules, NotCounted, Outcome, PixelRules, Reader,
    Seq, TokenUses,
};
use crate::store::{JudgedArrivalRow, LookUps, PixelVersion, Store, StoreError};

/// A conversion with the reasons behind it.
#[derive(Clone, Debug)]
pub struct Explained {
    pub conversion: Conversion,
    /// The pixel's rules that were in force.
    pub pixel: PixelRules,
    /// The rules in force of the line items that held the pixel, by id.
    pub line_items: Vec<LineItemRules>,
    /// The repeated judgement. Its explanation names every exposure and every rule that it considered.
    pub judgement: Judgement,
    /// Later adjustments, in the order of the log.
    pub adjustments: Vec<AppliedAdjustment>,
    /// How often the tokens of its newest exposures were used, and that of the credited one.
    pub token_uses: BTreeMap<Seq, TokenUses>,
    /// The arrivals among its newest exposures, and those whose tokens brought one of them.
    pub arrivals: BTreeMap<Seq, JudgedArrivalRow>,
}

/// The exposures whose tokens and arrivals an explanation looks up.
const MOST_TOKENS: usize = 100;

/// Explains the conversion of the fire at `seq`.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none (yet) or the caller may not see it.
pub async fn explain(store: &Store, by: &Reader, seq: Seq) -> Result<Explained, StoreError> {
    store.look_back(by, seq, judge_again).await
}

fn judge_again(conversion: Conversion, look_ups: &mut LookUps) -> Result<Explained, StoreError> {
    let fire = &JudgeFire::from(&conversion.fire);
    let under = look_ups.under(fire)?;
    let PixelVersion { advertiser_id, rules: pixel } =
        look_ups.pixel_version(fire.pixel_id, under.settings)?.unwrap_or_else(|| unknown_pixel(fire.pixel_id));
    let line_items = look_ups.line_items(fire.pixel_id, under.settings)?;
    let rules = &ActiveRules {
        advertiser_id,
        pixel: Cow::Borrowed(&pixel),
        line_items: line_items.iter().collect(),
        exposures_before: under.exposures_before,
    };
    let (pending, states) = (&mut PendingBatch::default(), &mut States::default());
    let (book, adjuster, detail) = (&mut NameBook::default(), &Adjuster::default(), Detail::Explanation);
    let inputs = Gathering { look_ups, pending, states, slice: None, book, adjuster, rules, fire, detail }.inputs()?;
    let mut judgement = judge(&inputs.case(fire, rules));
    if let Some(by) = look_ups.displaced_by(fire.seq)? {
        displace(&mut judgement, conversion.outcome, by);
    }
    let adjustments = look_ups.adjustments(fire.seq)?;
    let token_uses = token_uses(look_ups, &judgement, conversion.advertiser_id)?;
    let arrivals = arrivals(look_ups, &judgement)?;
    Ok(Explained { conversion, pixel, line_items, judgement, adjustments, token_uses, arrivals })
}

fn arrivals(look_ups: &mut LookUps, judgement: &Judgement) -> Result<BTreeMap<Seq, JudgedArrivalRow>, StoreError> {
    let newest = judgement.explanation.touches.iter().rev().take(MOST_TOKENS).map(|line| line.touch);
    let all = newest.chain(judgement.credit.map(|credit| credit.touch));
    let seqs = all.filter(|touch| touch.source_id.is_some() || touch.adopted_by.is_some()).map(|touch| touch.since());
    let mut arrivals = BTreeMap::new();
    for seq in seqs {
        if let Some(arrival) = look_ups.arrival(seq)? {
            arrivals.insert(seq, arrival);
        }
    }
    Ok(arrivals)
}

fn token_uses(
    look_ups: &mut LookUps,
    judgement: &Judgement,
    advertiser: AdvertiserId,
) -> Result<BTreeMap<Seq, TokenUses>, StoreError> {
    let newest = judgement.explanation.touches.iter().rev().take(MOST_TOKENS).map(|line| line.touch.seq);
    let all = newest.chain(judgement.credit.map(|credit| credit.touch.seq));
    all.map(|seq| Ok((seq, look_ups.token_uses(seq, advertiser)?))).collect()
}

/// Adds the step of a later fire of the same name that counts in this one's place.
fn displace(judgement: &mut Judgement, outcome: Outcome, by: EarlierFire) {
    let name = match outcome {
        Outcome::NotCounted(NotCounted::DuplicateOrder) => NameKind::Order,
        _ => NameKind::Event,
    };
    let counts = Gap { earlier: by, ms: judgement.explanation.at.since(by.at) };
    judgement.explanation.steps.push(Step::Twin { name, counts, is_credited: true });
    judgement.outcome = outcome;
    judgement.duplicate_of = Some(by);
}
