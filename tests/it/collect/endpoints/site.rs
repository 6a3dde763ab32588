//! `/site.js`: small, kept for an hour, and the same for everybody.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use pixeld::domain::Advertiser;

use crate::collect::{header, rejected, visit};
use crate::harness::TestApp;

/// The largest size, compressed.
const MOST: usize = 3 * 1024;

#[tokio::test]
async fn the_site_tag_is_small_and_kept_for_an_hour() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/site.js?id={}", shop.advertiser.id);
    let answer = visit(&app, &path, &[("cookie", "pxid=2a")]).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type").as_str()), (200, "application/javascript"));
    assert_eq!(header(&answer, "cache-control"), "public, max-age=3600");
    assert_eq!(
        (header(&answer, "set-cookie"), header(&answer, "x-content-type-options")),
        (String::new(), "nosniff".into())
    );
    assert_eq!(header(&answer, "cross-origin-resource-policy"), "cross-origin");
    let tag = header(&answer, "etag");
    let program = answer.text().await.unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(program.as_bytes()).unwrap();
    let size = packed.finish().unwrap().len();
    assert!(size < MOST, "{size} bytes");
    assert!(program.contains(&format!("\"id\":{}", shop.advertiser.id)) && program.contains("\"sccid\""), "{program}");
    assert!(!program.contains("//") || !program.contains("http"), "it names no host: {program}");

    let of_test = visit(&app, &format!("{path}&test=1"), &[]).await.text().await.unwrap();
    assert_eq!(of_test, program.replacen("]}", "],\"test\":1}", 1));

    let again = visit(&app, &path, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, tag));
    let packed = visit(&app, &path, &[("accept-encoding", "gzip")]).await;
    assert_eq!(header(&packed, "content-encoding"), "gzip");
    assert!(packed.bytes().await.unwrap().len() < MOST);
    // The same in other words.
    let code = |advertiser: &mut Advertiser| {
        advertiser.code = Some("prostarr".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), shop.advertiser.id.0, code).await.unwrap();
    let by_code = visit(&app, "/site.js?code=prostarr&member=1", &[]).await;
    assert_eq!(by_code.text().await.unwrap(), program);
}

#[tokio::test]
async fn a_site_tag_of_nobody_does_nothing_and_is_not_kept() {
    let app = TestApp::start().await;
    for (query, reason) in [
        ("", "missing_id"),
        ("?id=999", "unknown_advertiser"),
        ("?id=x%3Cscript%3E", "bad_id"),
        ("?code=x", "missing_member"),
    ] {
        let answer = visit(&app, &format!("/site.js{query}"), &[]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "cache-control").as_str()), (404, "no-store"), "{query}");
        assert_eq!(header(&answer, "content-type"), "application/javascript");
        assert_eq!((answer.text().await.unwrap().as_str(), rejected(&app).await.as_str()), ("", reason), "{query}");
    }
}
