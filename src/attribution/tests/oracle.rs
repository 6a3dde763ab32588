//! A second, naive implementation of `docs/rules/attribution.md`. The properties compare the judge with it. It must not
//! share code with the judge.

use super::*;

/// The reason that the rules give, and for a credit the exposure, the start of its window and the static value.
pub(super) fn oracle(s: &Setup) -> (String, Option<(i64, i64, Option<Micros>)>) {
    let by_itself = judged_by_itself(s);
    // 11. A fire that is not attributed is a duplicate of its unattributed twin.
    let decided = ["test", "bot", "prefetch", "adjustment", "duplicate_event", "duplicate_order"];
    if by_itself.1.is_none() && !decided.contains(&by_itself.0.as_str()) {
        for name in [NameKind::Event, NameKind::Order] {
            if names(s, name).next().is_some() {
                return (duplicate(name).to_owned(), None);
            }
        }
    }
    by_itself
}

/// Whether the fire counts without its value.
pub(super) fn is_beyond_belief(s: &Setup) -> bool {
    match (s.pixel.max_value, s.fire.value, s.fire.currency) {
        (Some(max), Some(value), None) => value.0 > max.amount.0,
        (Some(max), Some(value), Some(currency)) => currency == max.currency && value.0 > max.amount.0,
        _ => false,
    }
}

fn duplicate(name: NameKind) -> &'static str {
    if name == NameKind::Event { "duplicate_event" } else { "duplicate_order" }
}

/// The fires of the same name, if the name applies.
fn names(s: &Setup, name: NameKind) -> impl Iterator<Item = &Namesake> {
    let applies = match name {
        NameKind::Event => s.fire.event_id.is_some(),
        NameKind::Order => s.fire.order_id.is_some() && s.pixel.count_each_order_once,
    };
    s.namesakes.iter().filter(move |namesake| applies && namesake.name == name)
}

fn judged_by_itself(s: &Setup) -> (String, Option<(i64, i64, Option<Micros>)>) {
    let reason = |reason: &str| (reason.to_owned(), None);
    let t = i128::from(s.fire.at.0);
    let line_items = active_line_items(s);
    if let Some(name) = decided_early(s).or(line_items.is_empty().then_some("no_line_item")) {
        return reason(name);
    }
    // 7. The visitor, or the token.
    let token = s.named.is_some() || s.fire.exposure.is_some();
    if !token && s.fire.visitor_id.is_none() {
        return reason("no_visitor");
    }
    let pool = if token { Vec::from_iter(s.named) } else { s.exposures.clone() };
    let winner = match winner(s, t, &line_items, pool) {
        Ok(winner) => winner,
        Err(name) => return reason(name),
    };
    if is_repeat(s, t) {
        return reason("repeat");
    }
    // 10. The credit.
    let line_item = line_items.iter().find(|line_item| line_item.line_item_id == winner.line_item_id).unwrap();
    let (name, values) = match winner.kind {
        ExposureKind::Click => ("post_click", [line_item.entries[0].post_click_revenue, s.pixel.post_click_value]),
        ExposureKind::Impression => ("post_view", [line_item.entries[0].post_view_revenue, s.pixel.post_view_value]),
    };
    let from = i64::try_from(start(&winner)).unwrap();
    (name.to_owned(), Some((winner.seq.0, from, values.into_iter().flatten().next())))
}

/// Steps 1 to 5: flags, an update of an earlier fire, the same event or order, the pixel.
fn decided_early(s: &Setup) -> Option<&'static str> {
    for (set, name) in [(s.fire.flags.test, "test"), (s.fire.flags.bot, "bot"), (s.fire.flags.prefetch, "prefetch")] {
        if set {
            return Some(name);
        }
    }
    if s.fire.parent_reference_id.is_some() && s.parent.is_some() {
        return Some("adjustment");
    }
    // One that is credited decides before one that is not; then the event before the order.
    for credited in [true, false] {
        for name in [NameKind::Event, NameKind::Order] {
            if names(s, name).any(|namesake| match namesake.state {
                NamesakeState::Credited => credited,
                NamesakeState::Repeat | NamesakeState::Retracted => !credited,
                NamesakeState::Open => false,
            }) {
                return Some(duplicate(name));
            }
        }
    }
    (!s.pixel.active).then_some("pixel_inactive")
}

/// Step 6: the active line items, with the active entries of the pixel alone.
fn active_line_items(s: &Setup) -> Vec<LineItemRules> {
    let mut line_items = s.line_items.clone();
    line_items.retain(|line_item| line_item.active);
    for line_item in &mut line_items {
        line_item.entries.retain(|entry| entry.active && entry.pixel_id == s.fire.pixel_id);
    }
    line_items.retain(|line_item| !line_item.entries.is_empty());
    line_items
}

/// Step 8: the exposure that wins, or the reason why none is eligible.
fn winner(s: &Setup, t: i128, line_items: &[LineItemRules], mut pool: Vec<Touch>) -> Result<Touch, &'static str> {
    pool.retain(|touch| !(touch.flags.test || touch.flags.bot || touch.flags.prefetch));
    pool.retain(|touch| i128::from(touch.at.0) <= t);
    pool.retain(|touch| line_items.iter().any(|line_item| line_item.line_item_id == touch.line_item_id));
    if pool.is_empty() {
        return Err("no_exposure");
    }
    pool.retain(|touch| match s.pixel.trigger_type.as_str() {
        "view" => touch.kind.as_str() == "impression",
        "click" => touch.kind.as_str() == "click",
        _ => true,
    });
    if pool.is_empty() {
        return Err("wrong_kind");
    }
    pool.retain(|touch| {
        let minutes = match touch.kind {
            ExposureKind::Click => [s.pixel.click_window.0, 129_600],
            ExposureKind::Impression => [s.pixel.view_window.0, 43_200],
        };
        let minutes = minutes.into_iter().filter(|minutes| *minutes > 0).min().unwrap();
        t < start(touch) + i128::from(minutes) * 60_000 + 1
    });
    if pool.is_empty() {
        return Err("outside_window");
    }
    pool.sort_by_key(|touch| touch.seq);
    pool.sort_by_key(|touch| touch.at);
    let last_click = pool.iter().rfind(|touch| touch.kind == ExposureKind::Click);
    Ok(*last_click.or(pool.last()).unwrap())
}

/// The start of a touch's window.
fn start(touch: &Touch) -> i128 {
    match touch.impression {
        Some((_, at)) if touch.kind == ExposureKind::Click && at < touch.at => i128::from(at.0),
        _ => i128::from(touch.at.0),
    }
}

/// Step 9: whether the repeat rule forbids another conversion.
fn is_repeat(s: &Setup, t: i128) -> bool {
    s.counted_before.iter().chain(&s.counted_after).any(|counted| {
        let apart = (t - i128::from(counted.at.0)).abs();
        match s.pixel.repeat {
            RepeatRule::Once => true,
            RepeatRule::All => false,
            RepeatRule::Every(Minutes(n)) => apart < i128::from(n) * 60_000,
        }
    })
}
