//! One event sent twice, by any two ways in: it counts once, credited if either half can be, and has its value.

use pixeld::domain::Conversion;

use super::{Site, WAYS, Way};

async fn last_two(site: &Site) -> [Conversion; 2] {
    let last = site.app.store.logged();
    site.app.judged().await;
    let by = site.app.reader();
    let first = site.app.store.conversion(&by, pixeld::domain::Seq(last.0 - 1)).await.unwrap();
    [first, site.app.store.conversion(&by, last).await.unwrap()]
}

/// Whether the request names a visitor who clicked. Beacons come without a cookie here, and the server names no visitor.
fn is_credited(way: Way) -> bool {
    matches!(way, Way::Image | Way::Script | Way::Postback)
}

#[tokio::test]
async fn an_event_by_two_ways_counts_once() {
    let site = Site::start().await;
    for one in WAYS {
        for two in WAYS {
            let event = format!("{one:?}-{two:?}");
            site.fire(one, &[("event_id", &event)]).await;
            site.fire(two, &[("event_id", &event), ("value", "10"), ("order_id", &event)]).await;
            let both = last_two(&site).await;
            let counting = usize::from(!is_credited(one) && is_credited(two));
            let (counts, duplicate) = (&both[counting], &both[1 - counting]);
            let reason = match [one, two][counting] {
                way if is_credited(way) => "post_click",
                Way::Server => "no_visitor",
                _ => "no_exposure",
            };
            assert_eq!(counts.outcome.reason().as_str(), reason, "{event}");
            assert_eq!(duplicate.outcome.reason().as_str(), "duplicate_event", "{event}");
            assert_eq!(duplicate.duplicate_of, Some(counts.fire.seq), "{event}");
            assert_eq!(counts.value.map(|value| value.to_string()).as_deref(), Some("10"), "{event}");
            assert_eq!(counts.order_id.as_deref(), Some(event.as_str()), "{event}");
        }
    }
    assert_eq!(site.app.store.verify(&site.app.reader()).await.unwrap().faults, []);
}
