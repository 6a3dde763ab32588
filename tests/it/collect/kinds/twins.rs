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

#[tokio::test]
async fn an_event_by_two_ways_counts_once() {
    let site = Site::start().await;
    for one in WAYS {
        for two in WAYS {
            let event = format!("{one:?}-{two:?}");
            site.fire(one, &[("event_id", &event)]).await;
            site.fire(two, &[("event_id", &event), ("value", "10"), ("order_id", &event)]).await;
            let both = last_two(&site).await;
            // The server names no visitor.
            let counting = usize::from(one == Way::Server && two != Way::Server);
            let (counts, duplicate) = (&both[counting], &both[1 - counting]);
            let reason = if (one, two) == (Way::Server, Way::Server) { "no_visitor" } else { "post_click" };
            assert_eq!(counts.outcome.reason().as_str(), reason, "{event}");
            assert_eq!(duplicate.outcome.reason().as_str(), "duplicate_event", "{event}");
            assert_eq!(duplicate.duplicate_of, Some(counts.fire.seq), "{event}");
            assert_eq!(counts.value.map(|value| value.to_string()).as_deref(), Some("10"), "{event}");
            assert_eq!(counts.order_id.as_deref(), Some(event.as_str()), "{event}");
        }
    }
    assert_eq!(site.app.store.verify(&site.app.reader()).await.unwrap().faults, []);
}
