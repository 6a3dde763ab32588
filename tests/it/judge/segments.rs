//! Memberships of segments and their loads, as the judge makes them of the log: who joins, who stays for how long, who
//! is counted. Rows are appended by hand; what the tags say is held in `collect`.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use pixeld::domain::{Advertiser, Caller, Fire, FireDetails, Flags, Reader, Role, Scope, Segment, SegmentId, Status};
use pixeld::store::{LogRow, SegmentLoads};

use crate::harness::{START, TestApp, open_database};
use crate::judge::{DAY, HOUR, MIN, fire, segment_load};
use crate::tables;

/// The day that every test begins on.
const TODAY: Date = date(2026, 10, 1);

async fn segment(app: &TestApp, change: impl FnOnce(&mut Segment)) -> SegmentId {
    let mut segment = Segment::new("Buyers");
    change(&mut segment);
    app.store.create(&app.editor(), segment).await.unwrap().id
}

/// The segment pixel loads with these operations, as they stand in the log.
pub async fn load(app: &TestApp, visitor: i64, after: i64, ops: &str) {
    load_with(app, visitor, after, ops, Flags::default()).await;
}

async fn load_with(app: &TestApp, visitor: i64, after: i64, ops: &str, flags: Flags) {
    let segments = ops.split(',').map(|op| op.parse().unwrap()).collect();
    let load = pixeld::domain::SegmentLoad { segments, flags, ..segment_load(visitor, after) };
    app.store.append(LogRow::SegmentLoad(Box::new(load))).await.unwrap();
    app.judged().await;
}

/// The segments that a visitor is in now: id, value, and minutes left.
async fn of(app: &TestApp, visitor: i64) -> Vec<(SegmentId, Option<i32>, i64)> {
    let found = app.store.segments_of(&app.reader(), pixeld::domain::VisitorId(visitor)).await.unwrap();
    found
        .iter()
        .map(|m| m.membership)
        .map(|m| (m.segment_id, m.value, m.expires_at.since(app.clock.now()) / MIN))
        .collect()
}

async fn size(app: &TestApp, segment: SegmentId) -> u64 {
    app.store.segment_sizes(&app.reader(), vec![segment]).await.unwrap()[&segment]
}

fn limited(app: &Advertiser) -> Reader {
    let scope = Scope::Advertiser(app.id);
    Caller { user_id: None, token_id: None, name: "guest".into(), role: Role::Viewer, scope }.reader().unwrap()
}

#[actix_web::test]
async fn a_visitor_joins_stays_and_leaves_by_the_clock() {
    let app = TestApp::start().await;
    let hour = segment(&app, |s| s.expire_minutes = Some(60)).await;
    let long = segment(&app, |_| ()).await;
    let never = segment(&app, |s| s.expire_minutes = Some(0)).await;
    load(&app, 7, 0, &format!("{hour}:5,{long},{never}")).await;
    assert_eq!(of(&app, 7).await, [(hour, Some(5), 60), (long, None, 180 * 1440)]);
    assert_eq!((size(&app, hour).await, size(&app, never).await), (1, 0));

    app.wait_minutes(40);
    load(&app, 7, 40 * MIN, &hour.to_string()).await;
    assert_eq!(of(&app, 7).await[0], (hour, None, 60), "renewed, and without its value");
    app.wait_minutes(59);
    assert_eq!(size(&app, hour).await, 1);
    app.wait_minutes(1);
    assert_eq!(size(&app, hour).await, 0, "its last millisecond is over");
    assert_eq!(of(&app, 7).await.len(), 1);
}

#[actix_web::test]
async fn a_request_takes_its_operations_in_order() {
    let app = TestApp::start().await;
    let (one, two) = (segment(&app, |_| ()).await, segment(&app, |_| ()).await);
    load(&app, 7, 0, &format!("{one},-{one},{two}:1,{two}:2")).await;
    let days = 180 * 1440;
    assert_eq!(of(&app, 7).await, [(two, Some(2), days)]);
    load(&app, 7, 0, &format!("-{two},{one},{two}")).await;
    assert_eq!(of(&app, 7).await, [(one, None, days), (two, None, days)]);
    load(&app, 7, 0, &format!("-{one},-{two}")).await;
    assert_eq!((of(&app, 7).await, size(&app, one).await), (vec![], 0));
}

#[actix_web::test]
async fn a_late_event_makes_no_membership_shorter() {
    let app = TestApp::start().await;
    let segment = segment(&app, |s| s.expire_minutes = Some(2 * 1440)).await;
    load(&app, 7, 0, &format!("{segment}:1")).await;
    load(&app, 7, -DAY, &format!("{segment}:2")).await;
    assert_eq!(of(&app, 7).await, [(segment, Some(1), 2 * 1440)]);
    load(&app, 8, -3 * DAY, &segment.to_string()).await;
    assert_eq!(of(&app, 8).await, [], "too late for any membership");
}

#[actix_web::test]
async fn flagged_and_unnamed_visitors_join_no_segment() {
    let app = TestApp::start().await;
    let segment = segment(&app, |_| ()).await;
    let ops = segment.to_string();
    for (n, flags) in [
        Flags { test: true, ..Flags::default() },
        Flags { bot: true, ..Flags::default() },
        Flags { prefetch: true, ..Flags::default() },
    ]
    .into_iter()
    .enumerate()
    {
        load_with(&app, 10 + i64::try_from(n).unwrap(), 0, &ops, flags).await;
    }
    assert_eq!(size(&app, segment).await, 0);
    assert_eq!(app.store.segment_loads(&app.reader(), TODAY, TODAY).await.unwrap(), []);
    load(&app, 0, 0, &ops).await;
    load(&app, 0, 0, &format!("-{segment},99")).await;
    assert_eq!(size(&app, segment).await, 0, "nobody is no member");
    let loads = SegmentLoads { segment_id: segment, day: TODAY, loads: 1, uniques: 0 };
    assert_eq!(app.store.segment_loads(&app.reader(), TODAY, TODAY).await.unwrap(), [loads], "but the pixel did load");
}

#[actix_web::test]
async fn a_fire_acts_on_segments_whatever_becomes_of_it() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let segment = segment(&app, |_| ()).await;
    let ops = |op: String| FireDetails { segments: vec![op.parse().unwrap()], ..FireDetails::default() };
    let sent = |visitor, op| Fire { event_id: Some("e".into()), details: ops(op), ..fire(shop.pixel.id, visitor, 0) };
    for (visitor, reason) in [(7, "no_exposure"), (8, "duplicate_event"), (9, "no_exposure")] {
        let judged = crate::judge::convert(&app, sent(visitor, segment.to_string())).await;
        assert_eq!(judged.outcome.reason().as_str(), reason);
    }
    assert_eq!(size(&app, segment).await, 3);
    crate::judge::convert(&app, sent(8, format!("-{segment}"))).await;
    assert_eq!(size(&app, segment).await, 2);
}

#[actix_web::test]
async fn a_segment_decides_from_its_place_in_the_log_on() {
    let app = TestApp::start().await;
    let id = segment(&app, |s| s.expire_minutes = Some(10)).await;
    load(&app, 7, 0, &id.to_string()).await;
    let change = |change: fn(&mut Segment)| {
        let (store, by) = (app.store.clone(), app.editor());
        async move {
            let change = move |segment: &mut Segment| {
                change(segment);
                Ok(())
            };
            store.update::<Segment, _>(&by, id.0, change).await.unwrap()
        }
    };
    change(|s| s.expire_minutes = Some(20)).await;
    load(&app, 8, 0, &id.to_string()).await;
    change(|s| s.state = Status::Inactive).await;
    load(&app, 9, 0, &id.to_string()).await;
    load(&app, 7, MIN, &id.to_string()).await;
    let left = async |visitor| of(&app, visitor).await.first().map(|(.., minutes)| *minutes);
    assert_eq!((left(7).await, left(8).await, left(9).await), (Some(10), Some(20), None));
    load(&app, 8, 0, &format!("-{id}")).await;
    assert_eq!(left(8).await, None, "from an inactive segment visitors may be removed");
    app.store.delete::<Segment>(&app.editor(), id.0).await.unwrap();
    load(&app, 8, 0, &id.to_string()).await;
    assert_eq!((of(&app, 7).await, of(&app, 8).await), (vec![], vec![]));
    assert!(app.store.segment_sizes(&app.reader(), vec![id]).await.unwrap().is_empty());
}

#[actix_web::test]
async fn loads_and_their_visitors_are_counted_by_day() {
    let app = TestApp::start().await;
    let (one, two) = (segment(&app, |_| ()).await, segment(&app, |s| s.state = Status::Inactive).await);
    for (visitor, after, ops) in [
        (7, 0, format!("{one},{one}:3,{two}")),
        (7, HOUR, one.to_string()),
        (8, HOUR, one.to_string()),
        (0, HOUR, one.to_string()),
        (7, 12 * HOUR, one.to_string()),
        // Late, for the day before.
        (7, HOUR, one.to_string()),
        (9, HOUR, format!("-{one},{one}")),
    ] {
        load(&app, visitor, after, &ops).await;
    }
    let loads = app.store.segment_loads(&app.reader(), TODAY, date(2026, 10, 2)).await.unwrap();
    let said: Vec<_> = loads.iter().map(|l| (l.segment_id, l.day.day(), l.loads, l.uniques)).collect();
    assert_eq!(said, [(one, 1, 6, 3), (one, 2, 1, 1), (two, 1, 1, 1)]);
    let second = app.store.segment_loads(&app.reader(), date(2026, 10, 2), date(2026, 10, 2)).await.unwrap();
    assert_eq!(second.len(), 1);
}

#[actix_web::test]
async fn sizes_are_noted_at_the_end_of_each_day() {
    let app = TestApp::start().await;
    let id = segment(&app, |s| s.expire_minutes = Some(2 * 1440)).await;
    let gone = segment(&app, |_| ()).await;
    load(&app, 7, 0, &format!("{id},{gone}")).await;
    load(&app, 8, 0, &id.to_string()).await;
    app.store.delete::<Segment>(&app.editor(), gone.0).await.unwrap();
    load(&app, 9, DAY, &format!("{id}")).await;
    load(&app, 9, DAY, &format!("-{id}")).await;
    // Three days of nothing, in which the others expire.
    load(&app, 10, 5 * DAY, &id.to_string()).await;
    app.clock.set(START.plus(6 * DAY));
    let sizes = async |from, to| app.store.segment_sizes_by_day(&app.reader(), id, from, to).await.unwrap();
    let all = sizes(date(2026, 9, 30), date(2026, 10, 8)).await;
    let members: Vec<u64> = all.into_values().collect();
    // From September 30 on. The two of the first day stay for two days, to the noon of the third.
    assert_eq!(members, [0, 2, 2, 0, 0, 0, 1, 1, 0]);
    assert_eq!(sizes(TODAY, TODAY).await, BTreeMap::from([(TODAY, 2)]));
    let missing = app.store.segment_sizes_by_day(&app.reader(), gone, TODAY, TODAY).await.unwrap_err();
    assert_eq!(missing.to_string(), format!("segment {gone} not found"));
}

#[actix_web::test]
async fn a_caller_limited_to_an_advertiser_sees_its_segments_and_the_shared_ones() {
    let app = TestApp::start().await;
    let (own, other) = (app.advertiser("Own").await, app.advertiser("Other").await);
    let mine = segment(&app, |s| s.advertiser_id = Some(own.id)).await;
    let theirs = segment(&app, |s| s.advertiser_id = Some(other.id)).await;
    let all = segment(&app, |_| ()).await;
    load(&app, 7, 0, &format!("{mine},{theirs},{all}")).await;
    let by = limited(&own);
    let sizes = app.store.segment_sizes(&by, vec![mine, theirs, all]).await.unwrap();
    assert_eq!(BTreeMap::from_iter(sizes), BTreeMap::from([(mine, 1), (all, 1)]));
    let ids = |found: Vec<pixeld::store::InSegment>| found.iter().map(|m| m.membership.segment_id).collect::<Vec<_>>();
    assert_eq!(ids(app.store.segments_of(&by, pixeld::domain::VisitorId(7)).await.unwrap()), [mine, all]);
    let loads = app.store.segment_loads(&by, TODAY, TODAY).await.unwrap();
    assert_eq!(loads.iter().map(|l| l.segment_id).collect::<Vec<_>>(), [mine, all]);
    let hidden = app.store.segment_sizes_by_day(&by, theirs, TODAY, TODAY).await.unwrap_err();
    assert_eq!(hidden.to_string(), format!("segment {theirs} not found"));
}

#[actix_web::test]
async fn expired_memberships_are_swept() {
    let app = TestApp::start().await;
    let (short, gone) = (segment(&app, |s| s.expire_minutes = Some(1)).await, segment(&app, |_| ()).await);
    let rows = (1..=1_200).map(|visitor| {
        let segments = vec![short.to_string().parse().unwrap(), gone.to_string().parse().unwrap()];
        LogRow::SegmentLoad(Box::new(pixeld::domain::SegmentLoad { segments, ..segment_load(visitor, 0) }))
    });
    app.store.append_all(rows.collect()).await.unwrap();
    app.store.delete::<Segment>(&app.editor(), gone.0).await.unwrap();
    // Members of a deleted segment stay as long as the bin keeps it.
    load(&app, 7, 40 * DAY, "99").await;
    let conn = open_database(app.data_dir());
    let left = || tables::count(&conn, "memberships") + tables::count(&conn, "segment_visitors");
    let begun = std::time::Instant::now();
    while left() > 0 {
        assert!(begun.elapsed().as_secs() < 20, "it is swept");
        tokio::task::yield_now().await;
    }
    let loads = app.store.segment_loads(&app.reader(), TODAY, TODAY).await.unwrap();
    assert_eq!(loads.iter().map(|l| (l.loads, l.uniques)).collect::<Vec<_>>(), [(1_200, 1_200), (1_200, 1_200)]);
}
