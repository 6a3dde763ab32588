//! Tables of written times, and properties of all of them.

use proptest::prelude::*;

use super::*;

const NOON: Millis = Millis(1_790_856_000_000);

fn why(text: &str) -> Option<Why> {
    WrittenTime::read_moment(text).err().map(|error| error.why)
}

#[test]
fn every_way_of_writing_a_moment_is_read() {
    for (text, ms) in [
        ("2026-10-01T12:00:00Z", 0),
        ("2026-10-01t12:00:00z", 0),
        ("2026-10-01T14:00:00+02:00", 0),
        ("2026-10-01T14:00:00+0200", 0),
        ("2026-10-01T14:00:00+02", 0),
        ("2026-10-01 14:00:00 +0200", 0),
        ("2026-10-01T14:00:00 02:00", 0),
        ("2026-10-01 07:00:00-05", 0),
        ("2026-10-01T14:00:00+02:00[Europe/Berlin]", 0),
        ("2026-10-01T12:00:00", 0),
        ("2026-10-01 12:00:00", 0),
        (" 2026-10-01 12:00:00\t", 0),
        ("2026-10-01 12:00", 0),
        ("2026-10-01T12:00Z", 0),
        ("2026-10-01 12:00:00 UTC", 0),
        ("2026-10-01 12:00:00 GMT", 0),
        ("2026-10-01 12:00:00 Z", 0),
        ("2026-10-01 12:00:00 +0000 UTC", 0),
        ("2026-10-01 12:00:00.123", 123),
        ("2026-10-01 12:00:00,123", 123),
        ("2026-10-01T12:00:00.1Z", 100),
        ("2026-10-01T12:00:00.123999999999Z", 123),
        ("2026-10-01 12:00:00.1239 UTC", 123),
        ("1790856000", 0),
        ("1790856000000", 0),
        ("1790856000000000", 0),
        ("1790856000000000000", 0),
        ("1790856000.0", 0),
        ("1790856000.123", 123),
        ("1790856000.1239999999999999999999999999999999999999999", 123),
        ("1790856000123.9", 123),
        ("Thu, 01 Oct 2026 12:00:00 GMT", 0),
        ("Thu, 1 Oct 2026 14:00:00 +0200", 0),
        ("1 Oct 2026 12:00 +0000", 0),
        ("Thu, 01 Oct 2026 12:00:00 -0000", 0),
        ("Thu, 01 Oct 2026 12:00:00 UTC", 0),
        ("2026-10-01T12:00:00.000+0000", 0),
    ] {
        assert_eq!(WrittenTime::read_moment(text), Ok(NOON.plus(ms)), "{text:?}");
    }
    for literal in ["1790856000", "1.790856e9", "1.790856E+12", "17908560000e-1", "1790856000.0"] {
        assert_eq!(WrittenTime::of_number(literal).map(WrittenTime::in_utc), Ok(NOON), "{literal}");
    }
}

#[test]
fn other_texts_are_refused_with_their_reason() {
    for (texts, reason) in [
        (
            &["", "yesterday", "-5", "1.790856e9", "12:00:00", "2026-10-01 12:00:00 PM", "2026-10-01T12:00:00 CEST"][..],
            Why::Unreadable,
        ),
        (
            &[
                "2026-10",
                "2026-10-01T14:00:00+02:00 UTC",
                "2026-10-01Z",
                "2026-10-01 UTC",
                "Oct 1, 2026",
                "２０２６-10-01",
            ],
            Why::Unreadable,
        ),
        (&["Fri, 01 Oct 2026 12:00:00 GMT", "2026-10-01T12:00:00[Europe/Berlin]"], Why::Unreadable),
        (
            &["01/10/2026", "10/01/2026 12:00:00", "1.10.26", "01.10.2026", "01.10.2026 12:00", "1-10-2026"],
            Why::NoOrder,
        ),
        (
            &["20261001", "261001", "20261001120000", "202610011200", "0", "1790856000.", "99999999999999999999"],
            Why::NoNumber,
        ),
        (
            &["2026-02-30", "2026-13-01 00:00:00", "0000-00-00 00:00:00", "2026-10-01T24:00:00Z", "2026-10-01 25:00"],
            Why::NoSuchTime,
        ),
        (&["2026-10-01T12:60:00Z", "2026-12-31T23:59:60Z", "Thu, 31 Dec 2026 23:59:60 GMT"], Why::NoSuchTime),
        (&["2026-10-01", " 2026-10-01 "], Why::DayAlone),
    ] {
        for text in texts {
            assert_eq!(why(text), Some(reason), "{text:?}");
        }
    }
    assert_eq!(Millis::parse("2026-10-01"), Ok(NOON.day()));
    assert!(WrittenTime::read_day("2026-10-01").is_ok() && WrittenTime::read_day("2026-10-01 12:00").is_err());
}

#[test]
fn a_local_time_that_is_skipped_or_repeated_is_the_change_or_the_first() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    for (local, utc) in [
        ("2026-03-29 01:59:59", "2026-03-29 00:59:59"),
        ("2026-03-29 02:00:00", "2026-03-29 01:00:00"),
        ("2026-03-29 02:30:00", "2026-03-29 01:00:00"),
        ("2026-03-29 03:00:00", "2026-03-29 01:00:00"),
        ("2026-10-25 02:30:00", "2026-10-25 00:30:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25 01:30:00"),
        ("2026-10-25", "2026-10-24 22:00:00"),
    ] {
        let at = WrittenTime::read(local).unwrap().in_zone(&berlin);
        assert_eq!(at.to_string(), utc, "{local}");
    }
    // Midnight does not exist on that day.
    let cairo = TimeZone::get("Africa/Cairo").unwrap();
    let at = WrittenTime::read("2026-04-24").unwrap().in_zone(&cairo);
    assert_eq!(at.to_string(), "2026-04-23 22:00:00");
}

proptest! {
    #[test]
    fn every_way_of_writing_one_moment_reads_the_same(ms in 946_684_800_000_i64..4_102_444_800_000, hours in -12_i8..=14) {
        let at = Millis(ms);
        let offset = jiff::tz::Offset::constant(hours).to_time_zone();
        let (utc, zoned) = (at.timestamp(), at.timestamp().to_zoned(offset));
        for format in ["%Y-%m-%dT%H:%M:%S%.3f%z", "%Y-%m-%d %H:%M:%S%.9f%:z", "%Y-%m-%d %H:%M:%S%.3f %z"] {
            let text = zoned.strftime(format).to_string();
            prop_assert_eq!(WrittenTime::read_moment(&text), Ok(at), "{}", text);
        }
        for format in ["%Y-%m-%d %H:%M:%S%.3f", "%Y-%m-%dt%H:%M:%S%.6fz", "%Y-%m-%d %H:%M:%S%.3f UTC"] {
            let text = utc.strftime(format).to_string();
            prop_assert_eq!(WrittenTime::read_moment(&text), Ok(at), "{}", text);
        }
        let seconds = format!("{}.{:03}", ms / 1000, ms % 1000);
        for text in [at.rfc3339(), seconds, ms.to_string(), format!("{ms}000"), format!("{ms}999999")] {
            prop_assert_eq!(WrittenTime::read_moment(&text), Ok(at), "{}", text);
        }
        for text in [at.to_string(), zoned.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()] {
            prop_assert_eq!(WrittenTime::read_moment(&text), Ok(at.second()), "{}", text);
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,40}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]?[0-9:. +Ze-]{0,30}|[0-9.eE+-]{0,60}") {
        if let Ok(time) = WrittenTime::read(&text) {
            let _ = time.in_zone(&TimeZone::get("Africa/Cairo").unwrap());
        }
        let _ = WrittenTime::of_number(&text);
    }
}
