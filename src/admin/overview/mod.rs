//! The first page. It compares today with earlier days, lists the pixels that need attention, and shows newcomers the
//! first steps.

pub mod daily_chart;
pub mod figures;
pub mod problems;
pub mod rejected;

use std::collections::{BTreeMap, HashMap};

use actix_web::web;
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::task::spawn_blocking;

use super::choices;
use super::choices::zone;
use super::shell::alarms;
use super::shell::alarms::Alarm;
use super::shell::page::{Answer, Page, html};
use super::shell::session::Session;
use super::text::format::{grouped, moneys, percent};
use crate::domain::{
    Advertiser, Currency, Days, LineItem, Millis, Pixel, PixelId, Reader, Status, TotalMicros, day_begin,
};
use crate::store::{
    DayOutcomes, DayValues, Entity, ListQuery, PixelHealth, PixelLinks, Scalar, Store, StoreError, Test,
};
use crate::web::AppState;
use crate::web::health::Health;
use daily_chart::DayChart;
use problems::Problem;
use rejected::RejectedRequests;

/// The most pixels in the list of those that need attention.
const MOST_SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "admin/overview/overview.html")]
struct OverviewPage {
    page: Page,
    alarms: Vec<Alarm>,
    zone: String,
    steps: Steps,
    stats: Vec<Stat>,
    chart: DayChart,
    attention: Vec<Attention>,
    /// How many the page leaves out.
    more: usize,
    /// "3 of 14".
    share: String,
    rejected: Option<RejectedRequests>,
}

/// The steps to the first conversion, each true once it is done.
struct Steps {
    advertiser: bool,
    pixel: bool,
    line_item: bool,
    fired: bool,
}

/// A figure, and its change in words.
struct Stat {
    name: &'static str,
    figure: String,
    unit: &'static str,
    change: String,
    trend: &'static str,
    rest: String,
}

/// A pixel that needs attention.
struct Attention {
    id: PixelId,
    name: String,
    danger: bool,
    never_loaded: bool,
    problems: Vec<Problem>,
}

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("", web::get().to(show));
}

/// `GET /admin`
async fn show(state: web::Data<AppState>, session: Session) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let zone = zone::of_all(store, by).await?;
    let latest = Days::latest(30, now, zone.clone());
    let today = latest.last;
    let days = store.daily_outcomes(by, None, latest.first, today, latest.zone).await?;
    let mut stats = Vec::new();
    for (name, count, than) in STATS {
        let before = match before(&zone, today, now, count) {
            Some((from, to)) => store.attributed_between(by, from, to).await?,
            None => 0,
        };
        stats.push(stat(name, last(&days, count), before, than));
    }
    let (attention, pixels, fired) = attention(store, by, now).await?;
    // The pixels that fired may be deleted by now.
    let fired = fired || days.iter().any(|day| day.post_click + day.post_view + day.unattributed + day.not_counted > 0);
    Ok(html(&OverviewPage {
        page: session.page("overview", "Overview"),
        alarms: alarms(&state, &session).await,
        rejected: RejectedRequests::load(store, by, now).await?,
        zone: zone::name(&zone).to_owned(),
        steps: Steps {
            advertiser: any::<Advertiser>(store, by).await?,
            pixel: any::<Pixel>(store, by).await?,
            line_item: any::<LineItem>(store, by).await?,
            fired,
        },
        stats,
        chart: daily_chart::draw("by-day", &days),
        share: format!("{} of {}", attention.len(), grouped(u64::try_from(pixels).unwrap_or(u64::MAX))),
        more: attention.len().saturating_sub(MOST_SHOWN),
        attention: attention.into_iter().take(MOST_SHOWN).collect(),
    }))
}

/// The troubles that an admin can mend before the server refuses requests. Once it refuses them, the frame of every
/// page says so to every user.
async fn alarms(state: &AppState, session: &Session) -> Vec<Alarm> {
    let mut alarms = alarms::alarms(&Health::of(&state.store).await, session.now);
    alarms.retain(|alarm| !alarm.danger && session.admin().is_ok());
    alarms
}

/// The figures on top: name, number of days up to today, and the comparison. Today is not over, so the comparison ends
/// at the same time of day.
const STATS: [(&str, usize, &str); 3] = [
    ("Today so far", 1, "yesterday by this time"),
    ("Last 7 days, with today so far", 7, "the 7 days before, by this time"),
    ("Last 30 days, with today so far", 30, "the 30 days before, by this time"),
];

/// The period of as many days before these. It ends at this time of day, or with its last day if that comes first.
fn before(zone: &TimeZone, today: Date, now: Millis, days: usize) -> Option<(Millis, Millis)> {
    let days = i64::try_from(days).ok()?;
    let start = |back: i64| {
        let day = today.checked_sub(back.days()).ok()?;
        day_begin(day, zone)
    };
    let (from, last, end) = (start(2 * days - 1)?, start(days)?, start(days - 1)?);
    Some((from, last.plus(now.since(start(0)?)).min(end)))
}

/// The newest days.
fn last(days: &[DayOutcomes], count: usize) -> &[DayOutcomes] {
    days.get(days.len().saturating_sub(count)..).unwrap_or_default()
}

fn attributed(days: &[DayOutcomes]) -> u64 {
    days.iter().map(|day| day.post_click + day.post_view).sum()
}

fn stat(name: &'static str, days: &[DayOutcomes], before: u64, than: &str) -> Stat {
    let now = attributed(days);
    let (change, trend, rest) = change(now, before, than);
    Stat {
        name,
        figure: grouped(now),
        unit: if now == 1 { "conversion" } else { "conversions" },
        change,
        trend,
        rest: format!("{rest} {}", worth(days)),
    }
}

/// The change in words: by number while numbers are small, else in percent.
fn change(now: u64, before: u64, than: &str) -> (String, &'static str, String) {
    let (difference, word, trend) = match now.cmp(&before) {
        std::cmp::Ordering::Equal => return (String::new(), "even", format!("As many as {than}.")),
        std::cmp::Ordering::Greater => (now - before, "more", "up"),
        std::cmp::Ordering::Less => (before - now, "fewer", "down"),
    };
    match percent(difference, before) {
        None => (String::new(), "even", format!("None {}.", than.replacen("the ", "in the ", 1))),
        Some(share) if before >= 100 && share > 0 => {
            (format!("{} % {word}", grouped(share)), trend, format!("than {than}."))
        }
        Some(_) => (format!("{} {word}", grouped(difference)), trend, format!("than {than}.")),
    }
}

/// The value of the conversions: as the tags sent it, and as the line items set it.
fn worth(days: &[DayOutcomes]) -> String {
    let dynamic = sums(days, |day| &day.values);
    let fixed = sums(days, |day| &day.static_values);
    match (dynamic.is_empty(), fixed.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("Worth {}.", moneys(&dynamic)),
        (true, false) => format!("Worth {} by the line items.", moneys(&fixed)),
        (false, false) => format!("Worth {} by the tags, {} by the line items.", moneys(&dynamic), moneys(&fixed)),
    }
}

/// Sums of attributed conversions by currency, without zeros.
fn sums(days: &[DayOutcomes], of: fn(&DayOutcomes) -> &BTreeMap<Currency, DayValues>) -> Vec<(Currency, TotalMicros)> {
    let mut sums: BTreeMap<Currency, TotalMicros> = BTreeMap::new();
    for (currency, values) in days.iter().flat_map(of) {
        let sum = sums.entry(*currency).or_default();
        *sum += values.post_click;
        *sum += values.post_view;
    }
    sums.into_iter().filter(|(_, sum)| sum.0 != 0).collect()
}

/// The pixels that need attention, the worst first; how many active ones there are; whether any has ever loaded.
async fn attention(store: &Store, by: &Reader, now: Millis) -> Result<(Vec<Attention>, usize, bool), StoreError> {
    let in_use = Test::In(vec![Scalar::Text(Status::Active.to_string())]);
    let pixels = choices::every::<Pixel>(store, by, ListQuery::default().with::<Pixel>("state", in_use)).await?;
    let ids: Vec<PixelId> = pixels.iter().map(|pixel| pixel.id).collect();
    let links = store.pixel_links(by, ids.clone()).await?;
    let health = store.pixel_health(by, ids).await?;
    let fired = health.values().any(|health| health.last_load.is_some());
    let count = pixels.len();
    // There may be thousands, and this thread also answers `/px`.
    let troubled = spawn_blocking(move || troubled(&pixels, &links, &health, now));
    Ok((troubled.await.map_err(StoreError::fault)?, count, fired))
}

fn troubled(
    pixels: &[Pixel],
    links: &HashMap<PixelId, PixelLinks>,
    health: &HashMap<PixelId, PixelHealth>,
    now: Millis,
) -> Vec<Attention> {
    let mut troubled = Vec::new();
    for pixel in pixels {
        let (Some(links), Some(health)) = (links.get(&pixel.id), health.get(&pixel.id)) else { continue };
        let problems = problems::problems(pixel, links, health, now);
        if !problems.is_empty() {
            let danger = problems.iter().any(|problem| problem.danger);
            let never_loaded = health.last_load.is_none();
            troubled.push(Attention { id: pixel.id, name: pixel.name.clone(), danger, never_loaded, problems });
        }
    }
    // A pixel that loads and has a problem loses conversions; one that never loaded can wait.
    troubled.sort_by_key(|attention| (!attention.danger, attention.never_loaded));
    troubled
}

async fn any<E: Entity>(store: &Store, by: &Reader) -> Result<bool, StoreError> {
    Ok(store.list::<E>(by, ListQuery { num_elements: 1, ..ListQuery::default() }).await?.count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_its_direction_and_size() {
        let text = |now, before| {
            let (change, trend, rest) = change(now, before, "the 7 days before");
            format!("{trend}: {change} {rest}")
        };
        assert_eq!(text(43, 37), "up: 6 more than the 7 days before.");
        assert_eq!(text(318, 284), "up: 12 % more than the 7 days before.");
        assert_eq!(text(960, 1_000), "down: 4 % fewer than the 7 days before.");
        assert_eq!(text(1_001, 1_000), "up: 1 more than the 7 days before.");
        assert_eq!(text(5, 5), "even:  As many as the 7 days before.");
        assert_eq!(text(5, 0), "even:  None in the 7 days before.");
        assert_eq!(change(5, 0, "yesterday by this time").2, "None yesterday by this time.");
    }

    fn period(zone: &str, today: Date, now: &str, days: usize) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let (from, to) = before(&zone, today, Millis::parse(now).unwrap(), days).unwrap();
        format!("{from} - {to}")
    }

    #[test]
    fn today_is_compared_with_earlier_days_up_to_this_time_of_day() {
        let today = jiff::civil::date(2026, 11, 23);
        let now = "2026-11-23 06:30:00";
        assert_eq!(period("Europe/Berlin", today, now, 1), "2026-11-21 23:00:00 - 2026-11-22 06:30:00");
        assert_eq!(period("Europe/Berlin", today, now, 7), "2026-11-09 23:00:00 - 2026-11-16 06:30:00");
        // The clocks went back within these 30 days: the time of day stays, the hours do not.
        assert_eq!(period("Europe/Berlin", today, now, 30), "2026-09-24 22:00:00 - 2026-10-24 05:30:00");
        // The day the clocks went forward has 23 hours: a comparison never reaches into the next.
        let today = jiff::civil::date(2026, 3, 30);
        assert_eq!(
            period("Europe/Berlin", today, "2026-03-30 21:59:00", 1),
            "2026-03-28 23:00:00 - 2026-03-29 22:00:00"
        );
    }
}
