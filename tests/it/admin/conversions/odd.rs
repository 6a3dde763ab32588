//! Odd addresses: a sentence says which value is wrong, and the rest is shown.

use pixeld::domain::Role;

use super::{PATH, listed, notes, world};
use crate::admin::Browser;

#[actix_web::test]
async fn an_odd_value_is_named_and_the_rest_is_shown() {
    let world = world().await;
    let browser = Browser::of(&world.app, Role::Viewer, None).await;
    for (query, part, rows) in [
        ("start=99999", "“start=99999” is left out", 11),
        ("pixel=abc", "“pixel=abc” is left out: a pixel is named by its ID", 11),
        ("pixel=99999", "no pixel 99999 to choose", 0),
        ("line_item=-1", "“line_item=-1” is left out", 11),
        ("placement=x&order=C-1", "“placement=x” is left out", 1),
        ("source=99", "no source 99 to choose", 0),
        ("outcome=foo", "choose attributed, unattributed or not_counted", 11),
        ("reason=foo", "choose post_click,", 11),
        ("retracted=maybe", "choose true or false", 11),
        ("warning=1", "choose yes or no", 11),
        ("visitor=zz", "“visitor=zz” is left out", 11),
        ("order=%23", "“order=#” is left out", 11),
        ("value_from=cheap", "“value_from=cheap” is left out", 11),
        ("value_from=9&value_to=1", "Swap the two amounts", 0),
        ("before=yesterday", "“before=yesterday” is left out", 11),
        ("rows=5000", "choose 50, 100 or 200", 11),
        ("colour=red", "“colour” is no filter of this page", 11),
        ("pixel_id=1&min_datetime=x", "“pixel_id” is no filter of this page", 11),
        ("<script>=1", "“&#60;script&#62;” is no filter", 11),
        ("from=2026-10-09&to=2026-10-01", "", 11),
        ("from=soon", "", 11),
        ("range=foo", "", 11),
        ("advertiser_id=foo", "", 11),
    ] {
        let seen = browser.get(&format!("{PATH}?{query}")).await;
        let notes = notes(&seen);
        assert_eq!((seen.status, listed(&seen).len()), (200, rows), "{query}: {}", seen.text());
        assert!(!notes.is_empty() && notes.iter().any(|note| note.contains(part)), "{query}: {notes:?}");
        assert!(!seen.has("No events yet"), "{query}");
    }
    assert!(browser.get(&format!("{PATH}?search=C-1")).await.text().contains("1 of 1"));
}

#[actix_web::test]
async fn live_corrections_and_visitors_say_the_same() {
    let world = world().await;
    let browser = Browser::of(&world.app, Role::Viewer, None).await;
    for (address, part, shown) in [
        ("/admin/live?pixel=abc", "“pixel=abc” is left out", "order C-1"),
        ("/admin/live?pixel=99", "There is no pixel 99", "No recent events match"),
        ("/admin/live?kind=foo", "choose fire, impression,", "order C-1"),
        ("/admin/live?colour=red", "“colour” is no filter", "order C-1"),
        ("/admin/adjustments?effect=foo", "choose yes or no", "Order C-1"),
        ("/admin/adjustments?start=99999", "“start=99999” is left out: the list has 2 corrections", "Order C-1"),
        ("/admin/adjustments?start=x", "“start=x” is left out", "Order C-1"),
        ("/admin/adjustments?colour=red", "“colour” is no filter", "Order C-1"),
        ("/admin/visitors?colour=red", "“colour” is no filter", "Find a visitor"),
    ] {
        let seen = browser.get(address).await;
        let notes = notes(&seen);
        assert!(notes.iter().any(|note| note.contains(part)), "{address}: {notes:?}");
        assert!(seen.status == 200 && seen.text().contains(shown), "{address}: {}", seen.text());
        assert!(!seen.has("No corrections yet"), "{address}");
    }
    for good in
        ["/admin/live?kind=click&pixel=1", "/admin/adjustments?effect=yes", "/admin/visitors", "/admin/live?test=on"]
    {
        assert_eq!(notes(&browser.get(good).await), Vec::<String>::new(), "{good}");
    }
}
