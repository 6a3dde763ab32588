//! Rules that every drawing keeps.

use super::frame::MOST_LABELS;
use super::numbers::short_number;
use super::*;

fn days(count: usize) -> Vec<String> {
    (1..=count).map(|day| format!("{day} Nov")).collect()
}

fn draw(labels: &[String], values: &[f64]) -> String {
    let series = [Series { class: "click", name: "click", values, texts: &[] }];
    stacked_bars(&Chart { id: "c", title: "Events by day", desc: "Up.", labels, series: &series }, &Columns::default())
}

#[test]
fn ticks_are_round_and_end_below_the_highest_value() {
    for (most, expected) in [
        (1.0, vec!["0", "1"]),
        (3.0, vec!["0", "1", "2", "3"]),
        (7.0, vec!["0", "2", "4", "6"]),
        (43.0, vec!["0", "10", "20", "30", "40"]),
        (79.0, vec!["0", "25", "50", "75"]),
        (126.0, vec!["0", "50", "100"]),
        (0.3, vec!["0", "0.1", "0.2", "0.3"]),
        (1_234.0, vec!["0", "250", "500", "750", "1,000"]),
        (61_000.0, vec!["0", "20k", "40k", "60k"]),
    ] {
        let ticks: Vec<String> = Scale::up_to(most).ticks().map(short_number).collect();
        assert_eq!(ticks, expected, "for {most}");
    }
    let scale = Scale::up_to(79.0);
    assert!(scale.y(79.0) > TOP + 14.0, "the number above the bar has its room");
    assert!(scale.y(79.0) < TOP + 20.0, "little is left above the highest bar");
}

/// A click and a view a day; the last day is today.
fn two_series(links: &[String], days: usize) -> String {
    let labels = self::days(days);
    let (clicks, views) = (vec![2.0; days], vec![2.0; days]);
    let series = [
        Series { class: "click", name: "click", values: &clicks, texts: &[] },
        Series { class: "view", name: "view", values: &views, texts: &[] },
        Series { class: "none", name: "not credited", values: &[], texts: &[] },
    ];
    let chart = Chart { id: "c", title: "t", desc: "d", labels: &labels, series: &series };
    stacked_bars(&chart, &Columns { running: "Today", links, ..Columns::default() })
}

#[test]
fn a_stack_fills_from_the_baseline_up_with_a_gap_between_its_parts() {
    let svg = two_series(&[], 1);
    assert!(svg.contains(r#"class="bar fill-click" x="20%" width="60%" y="119.45" height="84.55""#), "{svg}");
    assert!(svg.contains(r#"class="bar fill-view" x="20%" width="60%" y="34.91" height="83.05""#), "{svg}");
    assert!(svg.contains("<title>Today: click 2, view 2, not credited 0</title>"), "{svg}");
}

#[test]
fn today_is_hatched_and_names_stand_beside_the_last_full_day() {
    let svg = two_series(&[], 3);
    assert!(svg.contains(">Today</text>") && !svg.contains(">3 Nov</text>"), "{svg}");
    assert_eq!(svg.matches("url(#c-hatch)").count(), 1);
    assert!(svg.contains(">Click</text>") && svg.contains(">View</text>") && !svg.contains(">Not credited<"), "{svg}");
    assert_eq!(svg.matches("label-ink").count(), 2, "the highest day and today have their numbers: {svg}");
    assert!(!draw(&days(3), &[1.0; 3]).contains("hatch"), "a period that is over is not hatched");
}

#[test]
fn columns_are_links_where_the_page_knows_their_address() {
    let links = ["/a?day=1&b=2".to_owned(), "/b".to_owned()];
    let svg = two_series(&links, 3);
    assert!(svg.contains(r#"<a href="/a?day=1&#38;b=2"><title>1 Nov: click 2, view 2, not credited 0. Show"#), "{svg}");
    assert_eq!(svg.matches("<a href=").count(), 2);
    assert!(svg.contains(r#"role="group""#) && two_series(&[], 3).contains(r#"role="img""#));
}

#[test]
fn every_text_is_escaped() {
    let labels = vec![r#"<b>"1" & 2"#.to_owned()];
    let series = [Series { class: r#""x"#, name: "<i>", values: &[1.0], texts: &["<u>".to_owned()] }];
    let bars = |chart: &Chart<'_>| {
        stacked_bars(chart, &Columns { links: &["\"&".to_owned()], titles: &["<v>".to_owned()], ..Columns::default() })
    };
    let draws: [&dyn Fn(&Chart<'_>) -> String; 2] = [&bars, &lines];
    for draw in draws {
        let svg = draw(&Chart { id: "\"", title: "<t>", desc: "d&", labels: &labels, series: &series });
        assert!(["<b>", "<i>", "<u>", "<v>", "<t>", "\"\"x"].iter().all(|raw| !svg.contains(raw)), "{svg}");
        assert!(svg.contains("&#60;b&#62;&#34;1&#34; &#38; 2"), "{svg}");
    }
    assert!(sparkline("a\"<b>", "loads", &[1.0]).contains("aria-label=\"a&#34;&#60;b&#62;\""));
}

#[test]
fn no_style_and_no_colour_is_written() {
    // The hatching names a pattern of its own drawing.
    let svg = two_series(&[], 3).replace("fill=\"url(#c-hatch)\"", "") + &sparkline("s", "loads", &[1.0, 2.0]);
    assert!(!svg.contains("style") && !svg.contains("fill=") && !svg.contains("stroke=") && !svg.contains('\''));
}

#[test]
fn values_that_are_no_numbers_draw_nothing() {
    let svg = draw(&days(4), &[f64::NAN, f64::INFINITY, -3.0, 4.0]);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    assert_eq!(svg.matches("class=\"bar ").count(), 1);
}

#[test]
fn an_empty_chart_says_so() {
    assert!(draw(&[], &[]).contains("Nothing in this period"));
    assert!(draw(&days(3), &[0.0, 0.0, 0.0]).contains("Nothing in this period"));
    assert!(sparkline("none", "loads", &[]).ends_with("</svg>"));
}

#[test]
fn fewer_values_than_labels_are_taken_as_zero() {
    assert_eq!(draw(&days(5), &[1.0]).matches("class=\"bar ").count(), 1);
}

#[test]
fn long_ranges_thin_their_labels_and_keep_the_newest() {
    let svg = draw(&days(30), &[1.0; 30]);
    assert!(svg.matches("y=\"224\"").count() <= MOST_LABELS);
    assert!(svg.contains(">30 Nov</text>"));
}

#[test]
fn numbers_read_well() {
    assert_eq!(number(0.0), "0");
    assert_eq!(number(1_234_567.5), "1,234,567.5");
    assert_eq!(number(999.999), "1,000");
    assert_eq!(short_number(1_500_000.0), "1.5M");
}

#[test]
fn single_points_and_huge_values_draw() {
    let labels = days(1);
    let series = [Series { class: "loads", name: "loads", values: &[f64::MAX], texts: &[] }];
    let svg = lines(&Chart { id: "c", title: "t", desc: "d", labels: &labels, series: &series });
    assert!(svg.contains("M0 ") && !svg.contains("NaN") && !svg.contains("inf"), "{}", &svg[..200]);
}

#[test]
fn a_column_stands_before_what_it_is_compared_with() {
    let labels = days(3);
    let series = [Series { class: "click", name: "click", values: &[1.0, 2.0, 0.0], texts: &[] }];
    let chart = Chart { id: "c", title: "t", desc: "d", labels: &labels, series: &series };
    let titles = ["One day".to_owned()];
    let columns = Columns { before: &[4.0, 0.0, f64::NAN, 99.0], titles: &titles, ..Columns::default() };
    let svg = stacked_bars(&chart, &columns);
    assert_eq!(svg.matches("class=\"ghost\"").count(), 1, "{svg}");
    assert!(svg.contains(r#"class="ghost" x="2.33%" width="28.67%" y="34.91" height="169.09""#), "{svg}");
    assert!(svg.contains(">4</text>"), "the axis holds what is compared, too: {svg}");
    assert!(svg.contains("<title>One day</title>") && svg.contains("<title>2 Nov: click 2</title>"), "{svg}");
}
