//! Texts close to valid input, and the properties tried on them.

use proptest::prelude::*;

use super::*;

/// Bytes close to valid input.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "id=",
        "order_id=",
        "value=",
        "redir=",
        "seg=",
        "seg_code=",
        "content_ids=",
        "sspdata=",
        "gdpr=1",
        "gdpr_consent=",
        "&",
        "&amp;",
        "=",
        "%",
        "%00",
        "%2",
        "%41",
        "%ff",
        "%E2%80%A8",
        "+",
        ",",
        ":",
        ";",
        "#",
        "?",
        "/",
        "//",
        "\\",
        "@",
        ".",
        "..",
        "http://",
        "https://",
        "HTTPS:",
        "javascript:",
        "shop.example",
        "evil.example",
        "a.cdn.example",
        "cdn.example",
        "[::1]",
        "127.1",
        "${ORDER_ID}",
        "${",
        "}",
        "{",
        "[",
        "]",
        "\"",
        "'",
        "<",
        ">",
        "</script>",
        "\u{2028}",
        "\u{fffd}",
        "é",
        "\0",
        "\r\n",
        " ",
        "application/json",
        "text/plain",
        "{\"id\":1,",
        "\"value\":",
        "[1,\"2\"]",
        "null",
        "true",
        "1e400",
        "-1",
        "10.50",
        "$10",
        "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA",
        "AgAAAAAAILMBoPdV8gAQRfEcisxOzfb2hLASmUrl",
        "AAAAAAAAAAAAAAAA",
    ])
    .prop_map(|piece| piece.as_bytes().to_vec());
    let piece = prop_oneof![4 => pieces, 1 => prop::collection::vec(any::<u8>(), 0..20)];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn queries(bytes in near()) { query(&bytes); }
    #[test]
    fn bodies(bytes in near()) { body(&bytes); }
    #[test]
    fn forms(bytes in parts()) { form(&bytes); }
    #[test]
    fn redirects(bytes in near()) { redirect(&bytes); }
    #[test]
    fn macros_in_urls(bytes in near()) { macros(&bytes); }
    #[test]
    fn scripts(bytes in near()) { script(&bytes); }
    #[test]
    fn tokens(bytes in near()) { token(&bytes); }
    #[test]
    fn consents(bytes in near()) { consent(&bytes); }
}

#[test]
fn lines_of_imports() {
    let directory = tempfile::tempdir().unwrap();
    let shop = Shop::open(directory.path()).unwrap();
    let known = shop.lines().unwrap();
    proptest!(|(bytes in lines())| { import_line(&known, &bytes); });
}

/// Pieces of a form, most of them in their right order.
fn parts() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n",
        "--x\r\ncontent-disposition:form-data;name=a; filename=b\r\nContent-Type: a/b\r\n\r\n1\r\n",
        "--x\r\n",
        "\r\n--x",
        "--x--",
        "\r\n",
        "Content-Disposition: form-data; ",
        "name=\"",
        "\"",
        "\\",
        ";",
        "=",
        ":",
    ])
    .prop_map(|piece| piece.as_bytes().to_vec());
    let piece = prop_oneof![9 => pieces, 1 => prop::collection::vec(any::<u8>(), 0..9)];
    let whole = prop::collection::vec(piece, 0..12).prop_map(|pieces| [b"x\0", &*pieces.concat(), b"--x--"].concat());
    prop_oneof![9 => whole, 1 => near()]
}

/// Objects with the fields of lines, most of them nearly right.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "kind",
        "at",
        "id",
        "visitor",
        "visitor_id",
        "advertiser_id",
        "test",
        "gdpr",
        "gdpr_consent",
        "pixel_id",
        "pixel_code",
        "order_id",
        "value",
        "currency",
        "other",
        "event_id",
        "content_ids",
        "num_items",
        "sspdata",
        "hashed_email",
        "line_item_id",
        "line_item_code",
        "tracker_id",
        "tracker_code",
        "publisher_id",
        "publisher_code",
        "campaign_id",
        "ancost",
        "page_url",
        "colour",
    ]);
    let value = prop_oneof![
        4 => prop::sample::select(vec![
            "\"fire\"", "\"click\"", "\"impression\"", "\"2026-09-01T08:00:00Z\"", "1788343200", "1", "0", "10.50",
            "1e400", "-1", "null", "true", "[1,\"a\"]", "{}", "\"\"", "\"buy\"", "\"autumn\"", "\"2a\"", "\"EUR\"",
        ]).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    let right = prop::sample::select(vec![
        r#""kind":"fire","at":1788343200,"pixel_id":1"#,
        r#""kind":"click","at":1788343200,"line_item_id":1"#,
        r#""x":1"#,
    ]);
    let fields = prop::collection::vec((name, value), 0..9);
    let whole = (right, fields).prop_map(|(right, fields)| {
        let more: String = fields.iter().map(|(name, value)| format!(",\"{name}\":{value}")).collect();
        format!("{{{right}{more}}}").into_bytes()
    });
    prop_oneof![9 => whole, 1 => near()]
}
