//! The log's rows on the real store: what is appended is what is read back, in one order, over a restart.

use pixeld::clock::Clock;
use pixeld::domain::{
    Adjustment, AdvertiserId, Arrival, Caller, ClickIdValue, ConversionChange, ConversionName, Currency, Exposure,
    FireDetails, Flags, LineItemId, Logged, Micros, PixelId, PublisherId, SegmentAction, SegmentId, SegmentLoad,
    SegmentOp, Seq, TagKind, TrackerId, VisitorId, Warning,
};
use pixeld::store::{LogRow, Store};

use crate::harness::START;
use crate::judge::click;

fn load() -> SegmentLoad {
    let op = |id, action| SegmentOp { segment_id: SegmentId(id), action };
    SegmentLoad {
        at: START,
        visitor_id: Some(VisitorId(7)),
        flags: Flags { new_visitor: true, ..Flags::default() },
        tag: TagKind::Beacon,
        segments: vec![
            op(1, SegmentAction::Add { value: None }),
            op(2, SegmentAction::Add { value: Some(i32::MAX) }),
            op(3, SegmentAction::Remove),
        ],
        warnings: vec![Warning { parameter: "add".into(), raw: "x".into(), rule: "not_an_id".into() }],
        query: "add=1".into(),
        referer: Some("https://shop.example/".into()),
        user_agent: Some("a browser".into()),
        ip: Some("192.0.2.0".into()),
    }
}

fn adjustment(of: ConversionName, change: ConversionChange) -> Adjustment {
    Adjustment {
        at: START,
        received: START.plus(5),
        advertiser_id: AdvertiserId(1),
        pixel_id: Some(PixelId(2)),
        of,
        change,
        reason_code: Some("returned".into()),
        source: "shop's server".into(),
    }
}

fn click_ids() -> Vec<ClickIdValue> {
    let id = |name: &str, value: Option<&str>| ClickIdValue { name: name.into(), value: value.map(Into::into) };
    vec![id("gclid", Some("Cj0K-_.~=")), id("ScCid", None)]
}

/// An arrival that carried so much.
fn arrived(arrival: Arrival) -> Exposure {
    Exposure {
        tracker_id: TrackerId::NONE,
        publisher_id: PublisherId::NONE,
        arrival: Some(Box::new(arrival)),
        ..click(LineItemId::NONE, 1, 0)
    }
}

/// Everything that a fire may carry beside the usual.
pub fn details() -> FireDetails {
    FireDetails {
        segments: load().segments,
        content_ids: vec!["a,b".into(), "\"".into()],
        num_items: Some(u32::MAX),
        reason_code: Some("renewal".into()),
        reference_id: Some("R1".into()),
        parent_reference_id: Some("R0".into()),
        consent: Some("gdpr=0&us_privacy=1YNN".into()),
        hashed_email: Some("ab".repeat(32)),
        click_ids: click_ids(),
    }
}

#[tokio::test]
async fn rows_are_read_back_as_they_were_appended_also_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let reader = Caller::shell().reader().unwrap();
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();

    let seq = store.append(LogRow::SegmentLoad(Box::new(load()))).await.unwrap();
    assert_eq!(store.segment_load(&reader, seq).await.unwrap(), Logged { seq, row: load() });
    let nothing = Arrival {
        advertiser_id: AdvertiserId(7),
        parameters: Vec::new(),
        click_ids: Vec::new(),
        referrer_host: None,
        named: None,
    };
    let all = Arrival {
        parameters: vec![("utm_source".into(), "a\"b,\u{e9}".into()), ("ref".into(), "x".into())],
        click_ids: click_ids(),
        referrer_host: Some("www.google.com".into()),
        named: Some(Seq(1)),
        ..nothing.clone()
    };
    for sent in [arrived(nothing), arrived(all)] {
        let seq = store.append(LogRow::Exposure(Box::new(sent.clone()))).await.unwrap();
        assert_eq!(store.exposure(&reader, seq).await.unwrap(), Logged { seq, row: sent });
    }
    let euros = Currency::parse("EUR");
    let adjustments = [
        adjustment(ConversionName::OrderId("A1".into()), ConversionChange::Retract),
        adjustment(
            ConversionName::EventId("e1".into()),
            ConversionChange::Restate { value: Some(Micros(5)), currency: euros },
        ),
        adjustment(
            ConversionName::ReferenceId("R".into()),
            ConversionChange::Restate { value: Some(Micros(0)), currency: None },
        ),
        adjustment(ConversionName::ConversionId(Seq(1)), ConversionChange::Retract),
    ];
    for sent in adjustments {
        let seq = store.append(LogRow::Adjustment(Box::new(sent.clone()))).await.unwrap();
        assert_eq!(store.adjustment(&reader, seq).await.unwrap(), Logged { seq, row: sent });
    }
    store.stop();
    drop(store);

    // The log goes on after its last row, of whichever kind.
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
    let seq = store.append(LogRow::SegmentLoad(Box::new(load()))).await.unwrap();
    assert_eq!(seq, Seq(8));
    store.stop();
    drop(store);
    let store = Store::open(directory.path(), Clock::fixed(START)).unwrap();
    assert_eq!(store.logged(), Seq(8));
    assert_eq!(store.verify(&reader).await.unwrap().faults, []);
}

#[tokio::test]
async fn two_processes_append_to_one_log_and_each_hears_of_the_other() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Store::open(directory.path(), Clock::fixed(START)).unwrap();
    let (serving, importing) = (open(), open());
    let mut places = Vec::new();
    for _ in 0..3 {
        for store in [&serving, &serving, &importing, &importing] {
            places.push(store.append(LogRow::SegmentLoad(Box::new(load()))).await.unwrap().0);
        }
    }
    let first = places[0];
    assert_eq!(places, (first..first + 12).collect::<Vec<_>>());
    // The last row was the other's.
    let seen = Seq(first + 10);
    let follower = serving.clone();
    let reached =
        tokio::task::spawn_blocking(move || follower.wait_past(seen, &follower.judge_file().unwrap())).await.unwrap();
    assert_eq!(reached, Some(Seq(first + 11)));
}
