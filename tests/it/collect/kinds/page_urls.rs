//! Page addresses: what a page or a shop says of where it was, from every way in. Odd ones cost a warning, never the event.

use pixeld::domain::Segment;

use super::{Site, WAYS, Way, encoded};
use crate::collect::{fire, load, visit, warnings};

/// A page's address, with what is kept of it; none if it costs a warning.
const CASES: &[(&str, Option<&str>)] = &[
    ("https://shop.example/thanks", Some("https://shop.example/thanks")),
    ("https://shop.example/thanks?key=1&email=a@b.example#top", Some("https://shop.example/thanks")),
    ("HTTP://shop.example:8080/a%20b", Some("HTTP://shop.example:8080/a%20b")),
    (" https://shop.example/ ", Some("https://shop.example/")),
    ("https://münchen.example/straße", Some("https://münchen.example/straße")),
    ("javascript:alert(1)//https://shop.example", None),
    ("data:text/html,<script>", None),
    ("//shop.example/thanks", None),
    ("/thanks", None),
    ("shop.example", None),
    ("https://", None),
    ("https:///thanks", None),
    ("https://anna@shop.example/", None),
    ("https://shop.example\"><script>/x", None),
    ("https://shop.example/a\nb", None),
    ("https://shop .example/", None),
];

#[tokio::test]
async fn a_page_is_kept_or_costs_a_warning_on_every_way_in() {
    let site = Site::start().await;
    for way in WAYS {
        for (page, kept) in CASES {
            // Line breaks end the header of a part.
            if way == Way::FormData && page.contains('\n') {
                continue;
            }
            let logged = site.fire(way, &[("page_url", page), ("order_id", "A1")]).await;
            assert_eq!(logged.referer.as_deref(), *kept, "{way:?} {page}");
            let expected: &[&str] = if kept.is_some() { &[] } else { &["page_url not_a_page"] };
            assert_eq!(warnings(&logged.warnings), expected, "{way:?} {page}");
        }
        let long = format!("https://shop.example/{}", "x".repeat(2_000));
        let logged = site.fire(way, &[("page_url", &long)]).await;
        assert_eq!(logged.referer.map(|kept| kept.len()), Some(1_024), "{way:?}");
        let logged = site.fire(way, &[("page_url", "{{Page URL}}")]).await;
        assert_eq!(
            (logged.referer, warnings(&logged.warnings)),
            (None, vec!["page_url placeholder_not_filled_in".to_owned()])
        );
    }
}

#[tokio::test]
async fn segments_and_invocas_addresses_take_a_page_too() {
    let site = Site::start().await;
    let segment = site.app.store.create(&site.app.editor(), Segment::new("Buyers")).await.unwrap().id;
    let origin = [("referer", "https://shop.example/")];
    for (page, kept) in CASES {
        let kept = Some(kept.unwrap_or("https://shop.example/"));
        visit(&site.app, &format!("/seg?add={segment}&page_url={}", encoded(page)), &origin).await;
        assert_eq!(load(&site.app).await.referer.as_deref(), kept, "/seg {page}");
        let path = format!("/pixels/conversion/{}.gif?page_url={}", site.shop.advertiser.id, encoded(page));
        visit(&site.app, &path, &origin).await;
        assert_eq!(fire(&site.app).await.referer.as_deref(), kept, "{path}");
    }
}
