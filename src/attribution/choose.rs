//! Gives every exposure a verdict and finds the best one (`docs/rules/attribution.md`, *Exposures*). The module does not
//! know duplicates or the repeat rule: the caller decides whether the best exposure gets the credit.

use super::explain::{Flag, Step, Verdict, WeighedTouch};
use super::{Case, Credit, Touch, steps, window};
use crate::domain::{
    ExposureKind, LineItemEntry, LineItemRules, Millis, Minutes, PixelRules, Seq, TriggerType, Unattributed,
};

pub(super) struct Survey<'a> {
    /// All exposures in order of time, then of the log.
    pub touches: Vec<WeighedTouch>,
    /// The best eligible exposure, or the reason why there is none.
    pub best: Result<BestTouch<'a>, Unattributed>,
    trigger_type: TriggerType,
}

/// The eligible exposure that beats all others.
#[derive(Clone, Copy)]
pub(super) struct BestTouch<'a> {
    touch: Touch,
    window: Minutes,
    counted_from: Millis,
    line_item: &'a LineItemRules,
    entry: &'a LineItemEntry,
}

pub(super) fn survey<'a>(case: &Case<'a>) -> Survey<'a> {
    let mut touches = case.exposures.to_vec();
    if let Some(named) = case.named
        && touches.iter().all(|touch| touch.seq != named.seq)
    {
        touches.push(named);
    }
    touches.sort_unstable_by_key(|touch| (touch.at, touch.seq));

    let mut weighed = Vec::with_capacity(touches.len());
    let mut best: Option<BestTouch<'a>> = None;
    for touch in touches {
        let (line, holder) = weigh(case, touch);
        weighed.push(line);
        if let Some((line_item, entry)) = holder
            && best.is_none_or(|best| rank(&touch) > rank(&best.touch))
        {
            best = Some(BestTouch { touch, window: line.window, counted_from: line.counted_from, line_item, entry });
        }
    }
    if let Some(best) = best {
        for line in weighed.iter_mut().filter(|line| line.verdict.is_eligible()) {
            line.verdict = compare(&line.touch, &best.touch);
        }
    }
    let best = best.ok_or_else(|| lack(&weighed));
    Survey { touches: weighed, best, trigger_type: case.pixel.trigger_type }
}

impl Survey<'_> {
    pub(super) fn step(&self) -> Step {
        let count = |wanted: &dyn Fn(Verdict) -> bool| self.touches.iter().filter(|line| wanted(line.verdict)).count();
        let eligible = count(&Verdict::is_eligible);
        let admitted = eligible + count(&|verdict| verdict == Verdict::TooOld);
        let on_line_items = admitted + count(&|verdict| verdict == Verdict::WrongKind);
        let lack = self.best.as_ref().err().copied();
        Step::Exposures { trigger_type: self.trigger_type, on_line_items, admitted, eligible, lack }
    }

    /// Records that the best exposure got the credit.
    pub(super) fn confirm(&mut self) {
        for line in self.touches.iter_mut().filter(|line| line.verdict == Verdict::WouldBeChosen) {
            line.verdict = Verdict::Chosen;
        }
    }
}

impl BestTouch<'_> {
    /// The credit that it earns: with the entry's static value for its kind, else the pixel's.
    pub(super) fn credit(&self, pixel: &PixelRules) -> Credit {
        let static_value = match self.touch.kind {
            ExposureKind::Click => self.entry.post_click_revenue.or(pixel.post_click_value),
            ExposureKind::Impression => self.entry.post_view_revenue.or(pixel.post_view_value),
        };
        Credit {
            touch: self.touch,
            window: self.window,
            counted_from: self.counted_from,
            line_item_version: self.line_item.version,
            static_value,
            static_currency: self.line_item.currency,
        }
    }
}

/// Gives one exposure a verdict. For an eligible one, also returns the line item and entry that make it so.
fn weigh<'a>(case: &Case<'a>, touch: Touch) -> (WeighedTouch, Option<(&'a LineItemRules, &'a LineItemEntry)>) {
    let window = window::in_force(case.pixel, touch.kind);
    let counted_from = window::counted_from(&touch);
    let counted_age_ms = case.fire.at.since(counted_from);
    let checked = check(case, &touch)
        .and_then(|holder| if window::contains(window, counted_age_ms) { Ok(holder) } else { Err(Verdict::TooOld) });
    let (verdict, holder) = match checked {
        Ok(holder) => (Verdict::WouldBeChosen, Some(holder)),
        Err(verdict) => (verdict, None),
    };
    let age_ms = case.fire.at.since(touch.at);
    (WeighedTouch { touch, age_ms, window, counted_from, counted_age_ms, verdict }, holder)
}

/// Checks an exposure against every rule but its age. The first broken rule gives the verdict.
fn check<'a>(case: &Case<'a>, touch: &Touch) -> Result<(&'a LineItemRules, &'a LineItemEntry), Verdict> {
    let pixel = case.pixel;
    if case.has_token() && case.named.is_none_or(|named| named.seq != touch.seq) {
        return Err(Verdict::NotNamed);
    }
    if touch.at > case.fire.at {
        return Err(Verdict::Later);
    }
    let (line_item, entry) = case
        .line_items
        .iter()
        .filter(|line_item| line_item.line_item_id == touch.line_item_id)
        .find_map(|line_item| Some((*line_item, steps::entry(line_item, pixel.pixel_id)?)))
        .ok_or(Verdict::NotOnPixel)?;
    if !line_item.active {
        return Err(Verdict::LineItemInactive);
    }
    if !entry.active {
        return Err(Verdict::EntryInactive);
    }
    // A test never counts, so it may show what a test ad would have earned.
    let is_played = case.fire.flags.test && touch.flags.test;
    if let Some(flag) = Flag::of(touch.flags).filter(|_| !is_played) {
        return Err(Verdict::Flagged(flag));
    }
    if !admits(pixel.trigger_type, touch.kind) {
        return Err(Verdict::WrongKind);
    }
    Ok((line_item, entry))
}

fn admits(trigger_type: TriggerType, kind: ExposureKind) -> bool {
    match trigger_type {
        TriggerType::View => kind == ExposureKind::Impression,
        TriggerType::Click => kind == ExposureKind::Click,
        TriggerType::Hybrid => true,
    }
}

/// The greater wins: clicks before impressions, then the more recent by its own time, then the one logged last.
fn rank(touch: &Touch) -> (bool, Millis, Seq) {
    (touch.kind == ExposureKind::Click, touch.at, touch.seq)
}

/// The verdict on an eligible exposure, compared with the best one.
fn compare(touch: &Touch, best: &Touch) -> Verdict {
    if touch.seq == best.seq {
        Verdict::WouldBeChosen
    } else if touch.kind != best.kind {
        Verdict::BeatenByClick
    } else if touch.at < best.at {
        Verdict::Older
    } else {
        Verdict::LoggedEarlier
    }
}

/// The reason why no exposure is eligible: all are too old, or of the wrong kind, or there is none.
fn lack(weighed: &[WeighedTouch]) -> Unattributed {
    let any = |verdict: Verdict| weighed.iter().any(|line| line.verdict == verdict);
    if any(Verdict::TooOld) {
        Unattributed::OutsideWindow
    } else if any(Verdict::WrongKind) {
        Unattributed::WrongKind
    } else {
        Unattributed::NoExposure
    }
}
