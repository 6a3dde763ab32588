//! The server's check of piggyback addresses against the table that the page's check is tested by
//! (`tests/browser/admin/urls.test.js`).

use pixeld::domain::{AdvertiserId, Piggyback, PiggybackKind, Pixel};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    url: String,
    server: bool,
}

#[test]
fn addresses_are_taken_as_the_table_says() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../urls.json")).unwrap();
    assert!(cases.len() > 20);
    for Case { url, server } in cases {
        let mut pixel = Pixel::new(AdvertiserId(1), "Purchase");
        pixel.piggyback_pixels = vec![Piggyback { kind: PiggybackKind::Image, url: url.clone() }];
        assert_eq!(pixel.check().is_ok(), server, "{url:?}");
    }
}
