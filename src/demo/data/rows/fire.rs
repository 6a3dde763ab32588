//! Rows of fires: the request that the tag on the shop's page, or the shop's server, sends.

use std::fmt::Write;

use super::{BOT, BRANDS, RowWriter, SERVER, segment};
use crate::demo::data::brand::{Brand, Goal};
use crate::demo::data::definitions::BrandIds;
use crate::demo::data::plan::{Event, PixelLoad, money};
use crate::domain::{Fire, FireDetails, Micros, SegmentAction, SegmentOp, TagKind, Warning};
use crate::store::LogRow;

impl RowWriter<'_> {
    pub(super) fn fire(&mut self, event: &Event, ids: &BrandIds, load: &PixelLoad) -> Option<LogRow> {
        let brand = BRANDS.get(event.brand)?;
        let (goal, pixel_id) = (brand.goals.get(load.goal)?, *ids.pixels.get(load.goal)?);
        let number = self.order_number(load.order)?;
        let order_id = goal.orders.map(|prefix| format!("{prefix}{number}"));
        let event_id = load.event_id.then(|| format!("{}-{number:x}", goal.code));
        let exposure = load.token.and_then(|number| *self.exposures.get(number)?);
        let tag = tag_kind(load.by_server, exposure.is_some());
        let details = details(brand, goal, ids, load);
        let (value, text, warnings) = worth(load);
        let agent = self.agent(event, load.by_server);
        let mut fire = Fire {
            at: event.at,
            received: event.received,
            pixel_id,
            // The shop's server does not know the visitor, and sends a token instead.
            visitor_id: event.visitor.filter(|_| exposure.is_none()),
            flags: event.flags,
            tag,
            referer: (!load.by_server).then(|| page(brand, goal, order_id.as_deref())),
            order_id,
            value,
            currency: Some(ids.currency),
            other: None,
            event_id,
            exposure: exposure.map(|(seq, _)| seq),
            details,
            warnings,
            query: String::new(),
            user_agent: Some(agent.to_owned()),
            ip: self.address(event.visitor.filter(|_| !load.by_server)),
        };
        fire.query = query(&fire, text.as_deref());
        Some(LogRow::Fire(Box::new(fire)))
    }

    /// The order's number in the shop, drawn when the order first occurs.
    fn order_number(&mut self, order: usize) -> Option<u32> {
        let number = self.orders.get_mut(order)?.get_or_insert_with(|| {
            self.next_order += 1;
            self.next_order
        });
        Some(*number)
    }

    fn agent(&mut self, event: &Event, by_server: bool) -> &'static str {
        match (by_server, event.flags.bot) {
            (true, _) => SERVER,
            (false, true) => BOT,
            (false, false) => self.browser(event.visitor),
        }
    }
}

fn tag_kind(by_server: bool, has_token: bool) -> TagKind {
    match (by_server, has_token) {
        (false, _) => TagKind::Script,
        (true, false) => TagKind::Server,
        (true, true) => TagKind::Postback,
    }
}

/// The query string that such a fire comes with, with its value as the page wrote it.
fn query(fire: &Fire, value: Option<&str>) -> String {
    let mut query = format!("id={}", fire.pixel_id);
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let _ = write!(query, "&{name}={value}");
        }
    };
    add("order_id", fire.order_id.as_deref());
    add("value", value);
    add("event_id", fire.event_id.as_deref());
    add("content_ids", Some(fire.details.content_ids.join(",")).as_deref().filter(|ids| !ids.is_empty()));
    for op in &fire.details.segments {
        let name = if op.action == SegmentAction::Remove { "remove" } else { "seg" };
        add(name, Some(&op.segment_id.to_string()));
    }
    add("t", (fire.tag == TagKind::Script).then_some("1"));
    add("test", fire.flags.test.then_some("1"));
    query
}

/// The page that carries the tag.
fn page(brand: &Brand, goal: &Goal, order_id: Option<&str>) -> String {
    let page = format!("https://{}{}", brand.site, goal.page);
    order_id.map_or_else(|| page.clone(), |order_id| format!("{page}?order={order_id}"))
}

/// The dynamic value as a number and as text, with the warning that the text causes.
fn worth(load: &PixelLoad) -> (Option<Micros>, Option<String>, Vec<Warning>) {
    let Some((cents, comma)) = load.value else { return (None, None, Vec::new()) };
    let amount = money(cents);
    if !comma {
        return (Some(amount), Some(amount.to_money()), Vec::new());
    }
    let raw = amount.to_money().replace('.', ",");
    let (parameter, rule) = ("value".to_owned(), "not_a_plain_decimal".to_owned());
    (None, Some(raw.clone()), vec![Warning { parameter, raw, rule }])
}

fn details(brand: &Brand, goal: &Goal, ids: &BrandIds, load: &PixelLoad) -> FireDetails {
    let op = |code: Option<&str>, action| {
        let segment_id = segment(brand, ids, code?)?;
        Some(SegmentOp { segment_id, action })
    };
    let added = op(goal.adds, SegmentAction::Add { value: None });
    let removed = op(goal.removes, SegmentAction::Remove);
    FireDetails {
        // Only tags change segments.
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
