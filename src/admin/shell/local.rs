//! The one check of an address that a client names to be led to.

/// `next` if it is the address of an admin page in its plain form, else the overview's. Browsers resolve dot segments in
/// every spelling, so the path holds no `%`, no `\\`, and no part that begins with a dot or is empty.
pub fn local(next: &str) -> &str {
    if is_local(next) { next } else { "/admin" }
}

fn is_local(next: &str) -> bool {
    let path = next.split(['?', '#']).next().unwrap_or("");
    let is_plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let mut parts = path.split('/');
    next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && (parts.next(), parts.next()) == (Some(""), Some("admin"))
        && parts.all(|part| is_plain(part) && !part.starts_with("sign-"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    #[test]
    fn a_target_is_a_page_of_this_server() {
        for good in [
            "/admin",
            "/admin?a=b",
            "/admin/pixels",
            "/admin/pixels/12/edit",
            "/admin/pixels?search=//x",
            "/admin/pixels?search=%2e%2e/../..",
            "/admin/line-items/7#prices",
            "/admin/reports/files/0123456789abcdef0123456789abcdef/download",
        ] {
            assert_eq!(local(good), good);
        }
    }

    #[test]
    fn no_other_spelling_is_a_target() {
        for bad in [
            "",
            "/",
            "//evil.example",
            "///evil.example",
            "https://evil.example/admin",
            "javascript:alert(1)",
            "admin",
            " /admin",
            "/admin ",
            "/Admin",
            "/ADMIN/pixels",
            "/administrator",
            "/admin.evil.example",
            "/admin@evil.example",
            "/admin:80",
            "/admin;a=b",
            "/admin/",
            "/admin//",
            "/admin//evil.example",
            "/admin/pixels/",
            "/admin/..",
            "/admin/../clktr?id=2",
            "/admin/./../clktr?id=2",
            "/admin/./pixels",
            "/admin/pixels/../../clktr",
            "/admin/%2e%2e/clktr?id=2",
            "/admin/%2E%2E/clktr?id=2",
            "/admin/.%2e/clktr",
            "/admin/%2e./clktr",
            "/admin/%252e%252e/clktr",
            "/admin/..%2fclktr",
            "/admin/..%5cclktr",
            "/admin/..;/clktr",
            "/admin/...",
            "/admin/.hidden",
            "/admin/..?next=/admin",
            "/admin/..#x",
            "/admin\\..\\clktr",
            "/admin/\\evil.example",
            "/admin/..\\clktr",
            "/\\evil.example",
            "/admin/\t../clktr",
            "/admin/.\t./clktr",
            "/admin/.\n./clktr",
            "/admin/.\r\n./clktr",
            "/admin/\r\nSet-Cookie: a=b",
            "/admin/\0",
            "/admin/pixels?a=\nb",
            "/admin/pixels?a=\\b",
            "/admin/．．/clktr",
            "/admin/sign-in",
            "/admin/sign-out",
            "/../admin",
            "/x/../admin",
            "/clktr?id=2",
        ] {
            assert_eq!(local(bad), "/admin", "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_browser_stays_within_the_pages(next in "/admin[/\\\\.%2eE;?#a\t]{0,12}\\PC{0,6}") {
            let base = Url::parse("https://px.shop.example/admin/sign-in").unwrap();
            let to = base.join(local(&next)).unwrap();
            prop_assert_eq!(to.host_str(), Some("px.shop.example"));
            prop_assert!(to.path() == "/admin" || to.path().starts_with("/admin/"), "{}", to);
        }
    }
}
