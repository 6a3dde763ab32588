//! Rules that every drawing keeps.

use super::numbers::short_number;
use super::*;

fn days(count: usize) -> Vec<String> {
    (1..=count).map(|day| format!("{day} Nov")).collect()
}

fn draw(labels: &[String], values: &[f64]) -> String {
    let series = [Series { class: "post-click", name: "post-click", values, texts: &[] }];
    stacked_bars(&Chart { id: "c", title: "Conversions by day", desc: "Up.", labels, series: &series })
}

#[test]
fn ticks_are_round_and_start_at_zero() {
    for (most, expected) in [
        (1.0, vec!["0", "1"]),
        (3.0, vec!["0", "1", "2", "3"]),
        (7.0, vec!["0", "2", "4", "6", "8"]),
        (43.0, vec!["0", "20", "40", "60"]),
        (0.3, vec!["0", "0.1", "0.2", "0.3"]),
        (1_234.0, vec!["0", "500", "1,000", "1,500"]),
        (61_000.0, vec!["0", "20k", "40k", "60k", "80k"]),
    ] {
        let ticks: Vec<String> = Scale::up_to(most).ticks().map(short_number).collect();
        assert_eq!(ticks, expected, "for {most}");
    }
}

#[test]
fn a_stack_fills_from_the_baseline_up() {
    let labels = days(1);
    let series = [
        Series { class: "post-click", name: "post-click", values: &[2.0], texts: &[] },
        Series { class: "post-view", name: "post-view", values: &[2.0], texts: &[] },
    ];
    let svg = stacked_bars(&Chart { id: "c", title: "t", desc: "d", labels: &labels, series: &series });
    assert!(svg.contains(r#"class="bar post-click" x="17%" width="66%" y="50%" height="50%""#), "{svg}");
    assert!(svg.contains(r#"class="bar post-view" x="17%" width="66%" y="0%" height="50%""#), "{svg}");
    assert!(svg.contains("<title>1 Nov: post-click 2, post-view 2</title>"));
}

#[test]
fn every_text_is_escaped() {
    let labels = vec![r#"<b>"1" & 2"#.to_owned()];
    let series = [Series { class: r#""x"#, name: "<i>", values: &[1.0], texts: &["<u>".to_owned()] }];
    for draw in [stacked_bars, lines] {
        let svg = draw(&Chart { id: "\"", title: "<t>", desc: "d&", labels: &labels, series: &series });
        assert!(["<b>", "<i>", "<u>", "<t>", "\"\"x"].iter().all(|raw| !svg.contains(raw)), "{svg}");
        assert!(svg.contains("&#60;b&#62;&#34;1&#34; &#38; 2"), "{svg}");
    }
    assert!(sparkline("a\"<b>", "loads", &[1.0]).contains("aria-label=\"a&#34;&#60;b&#62;\""));
}

#[test]
fn no_style_and_no_colour_is_written() {
    let svg = draw(&days(3), &[1.0, 2.0, 3.0]) + &sparkline("s", "loads", &[1.0, 2.0]);
    assert!(!svg.contains("style") && !svg.contains("fill=") && !svg.contains("stroke=") && !svg.contains('\''));
}

#[test]
fn values_that_are_no_numbers_draw_nothing() {
    let svg = draw(&days(4), &[f64::NAN, f64::INFINITY, -3.0, 4.0]);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    assert_eq!(svg.matches("class=\"bar").count(), 1);
}

#[test]
fn an_empty_chart_says_so() {
    assert!(draw(&[], &[]).contains("Nothing to show"));
    assert!(draw(&days(3), &[0.0, 0.0, 0.0]).contains("Nothing to show"));
    assert!(sparkline("none", "loads", &[]).ends_with("</svg>"));
}

#[test]
fn fewer_values_than_labels_are_taken_as_zero() {
    assert_eq!(draw(&days(5), &[1.0]).matches("class=\"bar").count(), 1);
}

#[test]
fn long_ranges_thin_their_labels_and_keep_the_newest() {
    let svg = draw(&days(30), &[1.0; 30]);
    assert!(svg.matches("x-label").count() <= MOST_LABELS);
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
