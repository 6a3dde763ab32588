//! The timeline of a visitor's exposures: the verdict on each, its age, and how much of the window that age used up.

use std::collections::HashMap;

use crate::admin::shell::parts::Badge;
use crate::admin::text::format::{Moment, grouped, plural};
use crate::attribution::{Flag, Verdict, WeighedTouch, words};
use crate::domain::{Campaign, ExposureKind, LineItem, Millis, Publisher, PublisherId, Reader, TokenUses};
use crate::judge::Explained;
use crate::store::{Entity, Store, StoreError};
use crate::web::chart;

/// The most exposures of a timeline. It keeps the newest.
const MOST_ENTRIES: usize = 60;

/// One exposure.
pub struct TimelineEntry {
    /// `is-out`, `is-eligible`, `is-chosen`, `is-chosen is-view`.
    pub class: &'static str,
    /// "6 days 3 hours before".
    pub when: String,
    pub at: Moment,
    /// "Click on trailmag.example".
    pub title: String,
    pub verdict: Badge,
    pub text: String,
    /// Line item, campaign, creative.
    pub source: String,
    /// How often its token was used; empty if no fire named it.
    pub uses: String,
    /// None if the verdict looked at no window.
    pub window: Option<WindowBar>,
}

/// How much of a window an age has used up.
pub struct WindowBar {
    /// SVG, safe to put into a page.
    pub bar: String,
    pub text: String,
}

pub struct Timeline {
    /// The exposures before the fire, oldest first.
    pub before: Vec<TimelineEntry>,
    /// The exposures after the fire: a late event is judged at its own time.
    pub after: Vec<TimelineEntry>,
    /// The number of older exposures that the page does not show.
    pub left_out: usize,
}

struct Names {
    line_items: HashMap<i64, String>,
    campaigns: HashMap<i64, String>,
    publishers: HashMap<i64, String>,
}

impl Timeline {
    /// Makes the timeline of an explanation's exposures.
    pub async fn of(store: &Store, by: &Reader, explained: &Explained, now: Millis) -> Result<Self, StoreError> {
        let touches = &explained.judgement.explanation.touches;
        let left_out = touches.len().saturating_sub(MOST_ENTRIES);
        let newest = touches.get(left_out..).unwrap_or_default();
        let names = Names {
            line_items: names::<LineItem>(store, by, newest, |line| Some(line.touch.line_item_id.0)).await?,
            campaigns: names::<Campaign>(store, by, newest, |line| line.touch.campaign_id.map(|id| id.0)).await?,
            publishers: names::<Publisher>(store, by, newest, |line| Some(line.touch.publisher_id.0)).await?,
        };
        let (before, after): (Vec<&WeighedTouch>, Vec<&WeighedTouch>) =
            newest.iter().partition(|line| line.age_ms >= 0);
        let of = |line: &WeighedTouch| TimelineEntry {
            uses: explained.token_uses.get(&line.touch.seq).map(uses).unwrap_or_default(),
            ..entry(line, &names, now)
        };
        let entries = |lines: Vec<&WeighedTouch>| lines.into_iter().map(of).collect();
        Ok(Timeline { before: entries(before), after: entries(after), left_out })
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

fn entry(line: &WeighedTouch, names: &Names, now: Millis) -> TimelineEntry {
    let touch = &line.touch;
    let kind = match touch.kind {
        ExposureKind::Click => "Click",
        ExposureKind::Impression => "Impression",
    };
    let name = |names: &HashMap<i64, String>, kind: &str, id: i64| {
        names.get(&id).cloned().unwrap_or_else(|| format!("{kind} {id}"))
    };
    let mut source = vec![name(&names.line_items, "line item", touch.line_item_id.0)];
    source.extend(touch.campaign_id.map(|id| name(&names.campaigns, "campaign", id.0)));
    source.extend(touch.creative_id.map(|id| format!("creative {id}")));
    TimelineEntry {
        class: class(line),
        when: match line.age_ms {
            0 => "At the same moment".to_owned(),
            1.. => format!("{} before", words::span(line.age_ms)),
            _ => format!("{} after", words::span(line.age_ms)),
        },
        at: Moment::new(touch.at, now),
        title: match touch.publisher_id {
            PublisherId::NONE => kind.to_owned(),
            PublisherId(id) => format!("{kind} on {}", name(&names.publishers, "publisher", id)),
        },
        verdict: verdict(line),
        text: words::touch(line),
        source: source.join(" · "),
        uses: String::new(),
        window: (line.verdict.is_eligible() || line.verdict == Verdict::TooOld).then(|| {
            let bar = chart::window_bar(share(line.counted_age_ms, line.window.as_millis()));
            WindowBar { bar, text: format!("{} of {}", words::span(line.counted_age_ms), line.window) }
        }),
    }
}

/// How often a token was used, with a remark where others than one visitor seem to use it.
fn uses(uses: &TokenUses) -> String {
    let TokenUses { fires, attributed, visitors } = *uses;
    if fires == 0 {
        return String::new();
    }
    let or_more = if fires == TokenUses::MOST { " or more" } else { "" };
    let named = plural(fires.into(), "fire");
    let counted =
        format!("Its token was named by {named}{or_more}, {} of them attributed.", grouped(attributed.into()));
    match visitors {
        2.. => format!("{counted} They came from {visitors} visitors: the token was passed on, or copied."),
        _ if fires >= TokenUses::MANY => format!("{counted} That is many for one exposure."),
        _ => counted,
    }
}

fn class(line: &WeighedTouch) -> &'static str {
    match (line.verdict, line.touch.kind) {
        (Verdict::Chosen, ExposureKind::Click) => "is-chosen",
        (Verdict::Chosen, ExposureKind::Impression) => "is-chosen is-view",
        (verdict, _) if verdict.is_eligible() => "is-eligible",
        _ => "is-out",
    }
}

fn verdict(line: &WeighedTouch) -> Badge {
    let eligible = |label| Badge::of_exposure(line.touch.kind, label, label);
    let out = |label: &str| Badge::new("unattributed", label);
    match line.verdict {
        Verdict::Chosen => eligible("credited"),
        Verdict::WouldBeChosen => eligible("would be credited"),
        Verdict::BeatenByClick => eligible("beaten by a click"),
        Verdict::Older => eligible("eligible, older"),
        Verdict::LoggedEarlier => eligible("eligible, logged earlier"),
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

/// The share of a window that an age has used up. Both are in milliseconds; the share counts seconds.
fn share(age: i64, window: i64) -> f64 {
    let seconds = |ms: i64| f64::from(i32::try_from(ms / 1000).unwrap_or(i32::MAX));
    seconds(age) / seconds(window).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_used_often_or_by_several_gets_a_remark() {
        let said = |fires, attributed, visitors| uses(&TokenUses { fires, attributed, visitors });
        assert_eq!(said(0, 0, 0), "");
        assert_eq!(said(1, 1, 1), "Its token was named by 1 fire, 1 of them attributed.");
        assert_eq!(said(9, 9, 1), "Its token was named by 9 fires, 9 of them attributed.");
        let many = "Its token was named by 10 fires, 2 of them attributed. That is many for one exposure.";
        assert_eq!(said(10, 2, 0), many);
        assert!(said(2, 1, 2).ends_with("They came from 2 visitors: the token was passed on, or copied."));
        assert!(said(1_000, 7, 1).starts_with("Its token was named by 1,000 fires or more, 7 of them attributed."));
    }

    #[test]
    fn an_age_is_a_share_of_its_window() {
        assert!((share(Millis::DAY, 4 * Millis::DAY) - 0.25).abs() < 1e-9);
        assert!(share(91 * Millis::DAY, 90 * Millis::DAY) > 1.0);
        assert!(share(i64::MAX, 0) > 1.0);
    }
}
