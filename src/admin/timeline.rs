//! A visitor's exposures as a timeline: how each fared, how old it was, how much of its window that used up.

use std::collections::HashMap;

use super::wording::Moment;
use crate::attribution::{Flag, Verdict, WeighedTouch, words};
use crate::domain::{Campaign, ExposureKind, LineItem, Millis, Publisher, PublisherId, Reader};
use crate::store::{Entity, Store, StoreError};
use crate::web::chart;

/// The most exposures that are drawn; the newest matter most.
const MOST_DRAWN: usize = 60;

/// One exposure, as it is shown.
pub struct Shown {
    /// `is-out`, `is-eligible`, `is-chosen`, `is-chosen is-view`.
    pub class: &'static str,
    /// "6 days 3 hours before".
    pub when: String,
    pub at: Moment,
    /// "Click on trailmag.example".
    pub title: String,
    pub badge: &'static str,
    pub verdict: &'static str,
    pub text: String,
    /// Line item, campaign, creative.
    pub place: String,
    /// The bar and its words; none where no window was looked at.
    pub window: Option<(String, String)>,
}

/// What is drawn.
pub struct Timeline {
    /// Before the fire, oldest first.
    pub before: Vec<Shown>,
    /// After the fire: a late event is judged at its own time.
    pub after: Vec<Shown>,
    /// How many older ones are left out.
    pub left_out: usize,
}

/// The names that the timeline calls things by.
struct Names {
    line_items: HashMap<i64, String>,
    campaigns: HashMap<i64, String>,
    publishers: HashMap<i64, String>,
}

impl Timeline {
    /// Draws the exposures of an explanation.
    ///
    /// # Errors
    /// Database faults.
    pub async fn of(store: &Store, by: &Reader, touches: &[WeighedTouch], now: Millis) -> Result<Self, StoreError> {
        let left_out = touches.len().saturating_sub(MOST_DRAWN);
        let drawn = touches.get(left_out..).unwrap_or_default();
        let names = Names {
            line_items: names::<LineItem>(store, by, drawn, |line| Some(line.touch.line_item_id.0)).await?,
            campaigns: names::<Campaign>(store, by, drawn, |line| line.touch.campaign_id.map(|id| id.0)).await?,
            publishers: names::<Publisher>(store, by, drawn, |line| Some(line.touch.publisher_id.0)).await?,
        };
        let (before, after): (Vec<&WeighedTouch>, Vec<&WeighedTouch>) = drawn.iter().partition(|line| line.age_ms >= 0);
        let draw = |lines: Vec<&WeighedTouch>| lines.into_iter().map(|line| moment(line, &names, now)).collect();
        Ok(Timeline { before: draw(before), after: draw(after), left_out })
    }
}

async fn names<E: Entity>(
    store: &Store,
    by: &Reader,
    lines: &[WeighedTouch],
    id: impl Fn(&WeighedTouch) -> Option<i64>,
) -> Result<HashMap<i64, String>, StoreError> {
    let mut ids: Vec<i64> = lines.iter().filter_map(id).collect();
    ids.sort_unstable();
    ids.dedup();
    store.names::<E>(by, ids).await
}

fn moment(line: &WeighedTouch, names: &Names, now: Millis) -> Shown {
    let touch = &line.touch;
    let kind = match touch.kind {
        ExposureKind::Click => "Click",
        ExposureKind::Impression => "Impression",
    };
    let named = |names: &HashMap<i64, String>, what: &str, id: i64| {
        names.get(&id).cloned().unwrap_or_else(|| format!("{what} {id}"))
    };
    let mut place = vec![named(&names.line_items, "line item", touch.line_item_id.0)];
    place.extend(touch.campaign_id.map(|id| named(&names.campaigns, "campaign", id.0)));
    place.extend(touch.creative_id.map(|id| format!("creative {id}")));
    let (class, badge, verdict) = look(line);
    Shown {
        class,
        when: match line.age_ms {
            0 => "At the same moment".to_owned(),
            1.. => format!("{} before", words::span(line.age_ms)),
            _ => format!("{} after", words::span(line.age_ms)),
        },
        at: Moment::new(touch.at, now),
        title: match touch.publisher_id {
            PublisherId::NONE => kind.to_owned(),
            PublisherId(id) => format!("{kind} on {}", named(&names.publishers, "publisher", id)),
        },
        badge,
        verdict,
        text: words::touch(line),
        place: place.join(" · "),
        window: (line.verdict.is_eligible() || line.verdict == Verdict::TooOld).then(|| {
            let words = format!("{} of {}", words::span(line.counted_age_ms), line.window);
            (chart::window_bar(share(line.counted_age_ms, line.window.as_millis())), words)
        }),
    }
}

/// Class, badge and the badge's word.
fn look(line: &WeighedTouch) -> (&'static str, &'static str, &'static str) {
    let (chosen, badge) = match line.touch.kind {
        ExposureKind::Click => ("is-chosen", "post-click"),
        ExposureKind::Impression => ("is-chosen is-view", "post-view"),
    };
    let out = |verdict| ("is-out", "unattributed", verdict);
    match line.verdict {
        Verdict::Chosen => (chosen, badge, "credited"),
        Verdict::WouldBeChosen => ("is-eligible", badge, "would be credited"),
        Verdict::BeatenByClick => ("is-eligible", badge, "beaten by a click"),
        Verdict::Older => ("is-eligible", badge, "eligible, older"),
        Verdict::LoggedEarlier => ("is-eligible", badge, "eligible, logged earlier"),
        Verdict::NotNamed => out("not named"),
        Verdict::Later => out("after the fire"),
        Verdict::NotOnPixel => out("other line item"),
        Verdict::LineItemInactive => out("inactive line item"),
        Verdict::EntryInactive => out("inactive there"),
        Verdict::Flagged(Flag::Test) => out("test"),
        Verdict::Flagged(Flag::Bot) => out("bot"),
        Verdict::Flagged(Flag::Prefetch) => out("prefetch"),
        Verdict::WrongKind => out("wrong kind"),
        Verdict::TooOld => out("outside window"),
    }
}

/// How much of a window an age has used up; both in milliseconds, drawn by the second.
fn share(age: i64, window: i64) -> f64 {
    let seconds = |ms: i64| f64::from(i32::try_from(ms / 1000).unwrap_or(i32::MAX));
    seconds(age) / seconds(window).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_share_of_its_window() {
        assert!((share(Millis::DAY, 4 * Millis::DAY) - 0.25).abs() < 1e-9);
        assert!(share(91 * Millis::DAY, 90 * Millis::DAY) > 1.0);
        assert!(share(i64::MAX, 0) > 1.0);
    }
}
