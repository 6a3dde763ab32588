//! A fire's row: what the tag on the shop's page, or the shop's server, would have sent.

use std::fmt::Write;

use super::{BOT, BRANDS, Dresser, SERVER, segment};
use crate::demo::data::cast::{Brand, Goal};
use crate::demo::data::found::Founded;
use crate::demo::data::journeys::{Event, Load, money};
use crate::domain::{Fire, FireDetails, Micros, SegmentAction, SegmentOp, TagKind, Warning};
use crate::store::LogRow;

impl Dresser<'_> {
    pub(super) fn fire(&mut self, event: &Event, founded: &Founded, load: &Load) -> Option<LogRow> {
        let brand = BRANDS.get(event.brand)?;
        let (goal, pixel_id) = (brand.goals.get(load.goal)?, *founded.pixels.get(load.goal)?);
        let number = *self.orders.get_mut(load.order)?.get_or_insert_with(|| {
            self.next_order += 1;
            self.next_order
        });
        let order_id = goal.orders.map(|prefix| format!("{prefix}{number}"));
        let event_id = load.event_id.then(|| format!("{}-{number:x}", goal.code));
        let exposure = load.token.and_then(|number| *self.exposures.get(number)?);
        let tag = match (load.by_server, exposure) {
            (false, _) => TagKind::Script,
            (true, None) => TagKind::Server,
            (true, Some(_)) => TagKind::Postback,
        };
        let details = details(brand, goal, founded, load);
        let (value, text, warnings) = worth(load);
        let mut query = format!("id={pixel_id}");
        let mut add = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                let _ = write!(query, "&{name}={value}");
            }
        };
        add("order_id", order_id.as_deref());
        add("value", text.as_deref());
        add("event_id", event_id.as_deref());
        add("content_ids", Some(details.content_ids.join(",")).as_deref().filter(|ids| !ids.is_empty()));
        for op in &details.segments {
            let name = if op.action == SegmentAction::Remove { "remove" } else { "seg" };
            add(name, Some(&op.segment_id.to_string()));
        }
        add("t", (tag == TagKind::Script).then_some("1"));
        add("test", event.flags.test.then_some("1"));
        let agent = match (load.by_server, event.flags.bot) {
            (true, _) => SERVER,
            (false, true) => BOT,
            (false, false) => self.browser(event.visitor),
        };
        Some(LogRow::Fire(Box::new(Fire {
            at: event.at,
            received: event.received,
            pixel_id,
            // A token stands in for the visitor, whom the shop's server does not know.
            visitor_id: event.visitor.filter(|_| exposure.is_none()),
            flags: event.flags,
            tag,
            referer: (!load.by_server).then(|| page(brand, goal, order_id.as_deref())),
            order_id,
            value,
            currency: Some(founded.currency),
            other: None,
            event_id,
            exposure: exposure.map(|(seq, _)| seq),
            details,
            warnings,
            query,
            user_agent: Some(agent.to_owned()),
            ip: self.address(event.visitor.filter(|_| !load.by_server)),
        })))
    }
}

/// The page that carries the tag.
fn page(brand: &Brand, goal: &Goal, order_id: Option<&str>) -> String {
    let page = format!("https://{}{}", brand.site, goal.page);
    order_id.map_or_else(|| page.clone(), |order_id| format!("{page}?order={order_id}"))
}

/// The dynamic value, as it is understood and as it was written, with what is to be said of that.
fn worth(load: &Load) -> (Option<Micros>, Option<String>, Vec<Warning>) {
    let Some((cents, comma)) = load.value else { return (None, None, Vec::new()) };
    let amount = money(cents);
    if !comma {
        return (Some(amount), Some(amount.to_money()), Vec::new());
    }
    let raw = amount.to_money().replace('.', ",");
    let (parameter, rule) = ("value".to_owned(), "not_a_plain_decimal".to_owned());
    (None, Some(raw.clone()), vec![Warning { parameter, raw, rule }])
}

fn details(brand: &Brand, goal: &Goal, founded: &Founded, load: &Load) -> FireDetails {
    let op = |code: Option<&str>, action| {
        let segment_id = segment(brand, founded, code?)?;
        Some(SegmentOp { segment_id, action })
    };
    let added = op(goal.adds, SegmentAction::Add { value: None });
    let removed = op(goal.removes, SegmentAction::Remove);
    FireDetails {
        // What is done to segments is for tags alone.
        segments: added.into_iter().chain(removed).filter(|_| !load.by_server).collect(),
        content_ids: load
            .articles
            .iter()
            .flatten()
            .map(|article| format!("{}-{}", goal.code, 100 + 7 * article))
            .collect(),
        ..FireDetails::default()
    }
}
