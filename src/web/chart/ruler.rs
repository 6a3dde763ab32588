//! The ruler of an event: two lanes, clicks above views, on a logarithmic time line that ends at the event. The windows are
//! coloured ground, the ads are marks. Places are in hundredths of the width, so the drawing fits every width.

use askama::Template;

use super::draw;
use super::numbers::Coordinate;

/// Where the event stands; the label of the event needs the rest.
const END: f64 = 96.0;
/// The least distance between two ticks.
const APART: f64 = 6.5;
/// The least distance between two ticks that a phone shows.
const APART_ON_PHONES: f64 = 15.0;
/// The last tick on a phone, where the name of the event needs the rest of the line.
const LAST_ON_PHONES: f64 = 78.0;
/// No tick lies nearer to the event than this, since its label stands there.
const LAST_TICK: f64 = 90.0;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// The ticks that are tried after the windows' own, the most useful first.
const TICKS: [(f64, &str); 12] = [
    (DAY, "1 d"),
    (HOUR, "1 h"),
    (7.0 * DAY, "7 d"),
    (30.0 * DAY, "30 d"),
    (MINUTE, "1 min"),
    (4.0 * HOUR, "4 h"),
    (3.0 * DAY, "3 d"),
    (10.0 * MINUTE, "10 min"),
    (12.0 * HOUR, "12 h"),
    (14.0 * DAY, "14 d"),
    (90.0 * DAY, "90 d"),
    (10.0, "10 s"),
];

/// What a ruler shows. All ages are in seconds before the event.
pub struct Ruler<'a> {
    /// The text alternative.
    pub desc: &'a str,
    /// The windows of clicks and of views with their names, such as `14 d`; none if they earn no credit.
    pub windows: [Option<(f64, String)>; 2],
    pub marks: &'a [RulerMark],
    /// Written over both lanes, which then have no ground, if nothing is known; else empty.
    pub unknown: &'a str,
}

/// One ad.
pub struct RulerMark {
    pub is_click: bool,
    pub age: f64,
    /// The colour class: `won`, `beaten`, `out`.
    pub class: &'static str,
    /// Read out and shown on hover.
    pub title: String,
}

/// Draws a ruler. Safe to put into a page unescaped.
#[must_use]
pub fn ruler(ruler: &Ruler<'_>) -> String {
    let scale = TimeScale::of(ruler);
    let lane = |at: usize, click: bool| {
        let window = ruler.windows.get(at).and_then(Option::as_ref).filter(|_| ruler.unknown.is_empty());
        let marks = ruler.marks.iter().filter(|mark| mark.is_click == click);
        Lane {
            class: if click { "win-click" } else { "win-view" },
            colour: if click { "click" } else { "view" },
            top: if click { 8 } else { 60 },
            window: window.map(|(length, _)| scale.x(*length)).map(|x| (Coordinate(x), Coordinate(END - x))),
            marks: marks.map(|mark| Mark { x: Coordinate(scale.x(mark.age)), mark }).collect(),
        }
    };
    let lanes = [lane(0, true), lane(1, false)];
    draw(&Drawing { desc: ruler.desc, unknown: ruler.unknown, lanes, ticks: scale.ticks(&ruler.windows) })
}

/// A logarithmic scale: `bend` seconds before the event, it turns from even to logarithmic.
struct TimeScale {
    longest: f64,
    bend: f64,
}

impl TimeScale {
    /// From a little before the longest window, or the oldest ad, to the event. Ads just before it get room of their own.
    fn of(ruler: &Ruler<'_>) -> Self {
        let windows = ruler.windows.iter().flatten().map(|(length, _)| *length).fold(MINUTE, f64::max);
        let oldest = ruler.marks.iter().map(|mark| mark.age).fold(0.0, f64::max);
        let newest = ruler.marks.iter().map(|mark| mark.age).filter(|age| *age >= 0.0).fold(f64::MAX, f64::min);
        // Beyond four windows, ads stand at the very left.
        let longest = (windows * 1.08).max((oldest * 1.05).min(windows * 4.0));
        TimeScale { longest, bend: newest.clamp(10.0, 20.0 * MINUTE) }
    }

    /// The place of an age; negative ages are at the event.
    fn x(&self, age: f64) -> f64 {
        let way = |age: f64| (1.0 + age.clamp(0.0, self.longest) / self.bend).ln();
        END * (1.0 - way(age) / way(self.longest))
    }

    /// As many ticks as have room: first the windows' own, then round ones.
    fn ticks(&self, windows: &[Option<(f64, String)>; 2]) -> Vec<Tick> {
        let own = windows.iter().flatten().map(|(age, text)| (*age, text.as_str()));
        let mut ticks: Vec<(f64, &str)> = Vec::new();
        for (age, text) in own.chain(TICKS) {
            let x = self.x(age);
            let is_far = |other: &(f64, &str)| (other.0 - x).abs() >= APART;
            if age <= self.longest && x <= LAST_TICK && ticks.iter().all(is_far) {
                ticks.push((x, text));
            }
        }
        // In this order, the windows' own ticks are the ones that phones keep.
        let mut on_phones: Vec<f64> = Vec::new();
        let tick = |(x, text): (f64, &str)| {
            let minor = x > LAST_ON_PHONES || on_phones.iter().any(|other| (other - x).abs() < APART_ON_PHONES);
            if !minor {
                on_phones.push(x);
            }
            Tick { x: Coordinate(x), text: text.to_owned(), minor }
        };
        ticks.into_iter().map(tick).collect()
    }
}

#[derive(Template)]
#[template(path = "chart/ruler.svg")]
struct Drawing<'a> {
    desc: &'a str,
    unknown: &'a str,
    lanes: [Lane<'a>; 2],
    ticks: Vec<Tick>,
}

struct Lane<'a> {
    class: &'static str,
    colour: &'static str,
    top: u32,
    /// Where the window begins, and how wide it is.
    window: Option<(Coordinate, Coordinate)>,
    marks: Vec<Mark<'a>>,
}

struct Mark<'a> {
    x: Coordinate,
    mark: &'a RulerMark,
}

struct Tick {
    x: Coordinate,
    text: String,
    minor: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fourteen_days_and_one<'a>(marks: &'a [RulerMark]) -> Ruler<'a> {
        let windows = [Some((14.0 * DAY, "14 d".to_owned())), Some((DAY, "1 d".to_owned()))];
        Ruler { desc: "Ads", windows, marks, unknown: "" }
    }

    fn click(age: f64) -> RulerMark {
        RulerMark { is_click: true, age, class: "won", title: "<b>".to_owned() }
    }

    #[test]
    fn the_line_ends_at_the_event_and_older_is_further_left() {
        let scale = TimeScale::of(&fourteen_days_and_one(&[]));
        let places: Vec<f64> = [0.0, -5.0, MINUTE, HOUR, DAY, 14.0 * DAY].map(|age| scale.x(age)).into();
        assert!((places[0] - END).abs() < 1e-9 && (places[1] - END).abs() < 1e-9, "{places:?}");
        assert!(places[1..].is_sorted_by(|one, other| one > other) && places[5] > 0.0 && places[5] < 3.0, "{places:?}");
        assert!(scale.x(1e12).abs() < 1e-9 && scale.x(f64::MAX).abs() < 1e-9);
    }

    #[test]
    fn ads_just_before_the_event_stand_apart_from_it() {
        for age in [1.0, 30.0, 600.0, 20.0 * DAY, 400.0 * DAY] {
            let marks = [click(age)];
            let x = TimeScale::of(&fourteen_days_and_one(&marks)).x(age);
            let most = if age < 10.0 { END } else { END - 3.0 };
            assert!((0.0..most).contains(&x), "{age}: {x}");
        }
    }

    #[test]
    fn ticks_name_the_windows_and_never_touch() {
        for marks in [vec![], vec![click(20.0)], vec![click(200.0 * DAY)]] {
            let ruler = fourteen_days_and_one(&marks);
            let mut ticks = TimeScale::of(&ruler).ticks(&ruler.windows);
            assert_eq!((ticks[0].text.as_str(), ticks[0].minor), ("14 d", false));
            assert_eq!(ticks[1].text, "1 d");
            ticks.sort_by(|one, other| one.x.0.total_cmp(&other.x.0));
            assert!(ticks.len() >= 4, "{}", ticks.len());
            assert!(ticks.windows(2).all(|two| two[1].x.0 - two[0].x.0 >= APART));
            let phone: Vec<f64> = ticks.iter().filter(|tick| !tick.minor).map(|tick| tick.x.0).collect();
            assert!(phone.windows(2).all(|two| two[1] - two[0] >= APART_ON_PHONES), "{phone:?}");
        }
    }

    #[test]
    fn a_drawing_escapes_titles_and_leaves_out_what_earns_no_credit() {
        let marks = [click(HOUR)];
        let mut shown = fourteen_days_and_one(&marks);
        let drawing = ruler(&shown);
        assert!(drawing.contains("win-click") && drawing.contains("win-view") && !drawing.contains("<b>"), "{drawing}");
        assert!(!drawing.contains("style=") && !drawing.contains("NaN"), "{drawing}");
        shown.windows[1] = None;
        let drawing = ruler(&shown);
        assert!(drawing.contains("win-click") && !drawing.contains("win-view"), "{drawing}");
        shown.unknown = "Unknown";
        let drawing = ruler(&shown);
        assert!(!drawing.contains("win-") && drawing.matches("Unknown").count() == 2, "{drawing}");
    }
}
