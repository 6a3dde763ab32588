//! Decides where a tag leads on to: its piggybacks, and `redir` if the advertiser allows its host. Pure. An open
//! redirector would lend the advertiser's good name to anybody, so only checked, rewritten URLs leave this file.

use std::borrow::Cow;

use url::Url;

use super::macros;
use crate::domain::{Advertiser, Piggyback, PiggybackKind, TagForm};

/// The further URLs that a tag loads.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Redirects {
    /// To load as scripts: by script tags only.
    pub scripts: Vec<Url>,
    /// To load as images. An image tag redirects to the first and only one.
    pub images: Vec<Url>,
    /// Whether there was a `redir` that may not be followed.
    pub refused: bool,
}

pub struct RedirectInput<'a> {
    pub kind: TagForm,
    /// The owner of the tag.
    pub advertiser: Option<&'a Advertiser>,
    /// The piggybacks that fire with the tag.
    pub piggybacks: &'a [Piggyback],
    /// Piggybacks whose hosts a `redir` may lead to, even if they do not fire.
    pub hosts: &'a [Piggyback],
    /// The URL that the page wants to go on to.
    pub redir: Option<&'a str>,
}

/// An image tag makes one hop: to `redir` if there is one (nowhere if that is refused), else to the image piggyback.
pub fn decide<'v>(input: &RedirectInput<'_>, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> Redirects {
    let mut redirects = Redirects::default();
    if let Some(redir) = input.redir {
        match allowed(redir, input.advertiser, input.hosts, &value) {
            Some(url) => redirects.images.push(url),
            None => redirects.refused = true,
        }
        if input.kind == TagForm::Image {
            return redirects;
        }
    }
    for piggyback in input.piggybacks {
        let list = match (input.kind, piggyback.kind) {
            (TagForm::Image, PiggybackKind::Script) => continue,
            (TagForm::Script, PiggybackKind::Script) => &mut redirects.scripts,
            (_, PiggybackKind::Image) => &mut redirects.images,
        };
        list.extend(macros::url(&piggyback.url, &value));
        if input.kind == TagForm::Image && !redirects.images.is_empty() {
            break;
        }
    }
    redirects
}

/// The host that a `redir` leads to.
pub fn host<'v>(redir: &str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> Option<String> {
    macros::url(redir, value)?.host_str().map(str::to_owned)
}

/// A `redir` with its macros filled in, if the advertiser allows its host or one of `piggybacks` has that host.
pub fn allowed<'v>(
    redir: &str,
    advertiser: Option<&Advertiser>,
    piggybacks: &[Piggyback],
    value: impl Fn(&str) -> Option<Cow<'v, str>>,
) -> Option<Url> {
    let url = macros::url(redir, value)?;
    let host = url.host_str()?;
    let of_piggyback =
        |piggyback: &Piggyback| Url::parse(&piggyback.url).is_ok_and(|piggyback| piggyback.host_str() == Some(host));
    let allowed =
        advertiser.is_some_and(|advertiser| advertiser.allows_redirect_to(host)) || piggybacks.iter().any(of_piggyback);
    allowed.then_some(url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::RedirectHosts;

    fn advertiser() -> Advertiser {
        let mut advertiser = Advertiser::new("Shop");
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".into(), "*.cdn.example".into()]);
        advertiser
    }

    fn piggyback(kind: PiggybackKind, url: &str) -> Piggyback {
        Piggyback { kind, url: url.to_owned() }
    }

    fn value(name: &str) -> Option<Cow<'static, str>> {
        (name == "ORDER_ID").then_some(Cow::Borrowed("A 1"))
    }

    fn followed(redir: &str) -> Option<String> {
        let image = [piggyback(PiggybackKind::Image, "https://Partner.example/p?o=${ORDER_ID}")];
        allowed(redir, Some(&advertiser()), &image, value).map(String::from)
    }

    #[test]
    fn a_redir_is_followed_to_allowed_hosts() {
        for (redir, url) in [
            ("https://shop.example/thanks?o=${ORDER_ID}", "https://shop.example/thanks?o=A%201"),
            ("HTTPS://SHOP.EXAMPLE", "https://shop.example/"),
            ("http://a.b.cdn.example:8080/x", "http://a.b.cdn.example:8080/x"),
            ("https://partner.example/", "https://partner.example/"),
            ("https:\\\\shop.example\\p", "https://shop.example/p"),
            ("https://shop.example\\@evil.example/", "https://shop.example/@evil.example/"),
            ("https://evil.example@shop.example/", "https://evil.example@shop.example/"),
            ("https://shop.example/\r\nSet-Cookie: a=b", "https://shop.example/Set-Cookie:%20a=b"),
            ("https://shop.example/é\"<>'", "https://shop.example/%C3%A9%22%3C%3E'"),
        ] {
            assert_eq!(followed(redir).as_deref(), Some(url), "{redir:?}");
        }
    }

    #[test]
    fn and_nowhere_else() {
        for redir in [
            "https://evil.example/",
            "//shop.example/",
            "//evil.example/",
            "/thanks",
            "shop.example",
            "javascript:alert(1)//shop.example",
            "data:text/html,https://shop.example/",
            "https://shop.example@evil.example/",
            "https://shop.example:x@evil.example/",
            "https://evil.example\\@shop.example/",
            "https://evil.example#@shop.example/",
            "https://evil.example?shop.example",
            "https://evil.example%2F.shop.example/",
            "https://evil.example%00.shop.example/",
            "https://shop.example.evil.example/",
            "https://evilshop.example/",
            "https://www.shop.example/",
            "https://shop.example./",
            "https://cdn.example/",
            "https://evilcdn.example/",
            "https://ѕhop.example/",
            "https://",
            "http:///",
            "\0https://evil.example/",
            " https://evil.example/",
            "https:evil.example",
            "https:/evil.example",
            "ht\ntps://evil.example/",
            "",
        ] {
            assert_eq!(followed(redir), None, "{redir:?}");
        }
        assert_eq!(allowed("https://shop.example/", None, &[], value), None, "no advertiser allows nothing");
        assert_eq!(allowed("https://shop.example/", Some(&Advertiser::new("Shop")), &[], value), None);
    }

    #[test]
    fn an_advertiser_may_allow_all_hosts_but_not_all_schemes() {
        let advertiser = Advertiser { allow_any_redirect: true, ..advertiser() };
        let followed = |redir| allowed(redir, Some(&advertiser), &[], value).is_some();
        assert!(followed("https://anywhere.example/"));
        assert!(!followed("javascript:alert(1)"));
        assert!(!followed("//anywhere.example/"));
    }

    fn redirects(kind: TagForm, piggybacks: &[Piggyback], redir: Option<&str>) -> (Vec<String>, Vec<String>, bool) {
        let advertiser = advertiser();
        let input = RedirectInput { kind, advertiser: Some(&advertiser), piggybacks, hosts: piggybacks, redir };
        let redirects = decide(&input, value);
        let texts = |urls: Vec<Url>| urls.into_iter().map(String::from).collect();
        (texts(redirects.scripts), texts(redirects.images), redirects.refused)
    }

    #[test]
    fn an_image_makes_one_hop() {
        let both = [
            piggyback(PiggybackKind::Script, "https://s.example/s.js"),
            piggyback(PiggybackKind::Image, "https://i.example/p"),
        ];
        let one = |url: &str| vec![url.to_owned()];
        assert_eq!(redirects(TagForm::Image, &both, None), (vec![], one("https://i.example/p"), false));
        let redir = Some("https://shop.example/");
        assert_eq!(redirects(TagForm::Image, &both, redir), (vec![], one("https://shop.example/"), false));
        assert_eq!(redirects(TagForm::Image, &both, Some("https://evil.example/")), (vec![], vec![], true));
        assert_eq!(redirects(TagForm::Image, &both[..1], None), (vec![], vec![], false));
    }

    #[test]
    fn a_script_fires_all() {
        let all = [
            piggyback(PiggybackKind::Script, "https://s.example/1.js?o=${ORDER_ID}"),
            piggyback(PiggybackKind::Image, "https://i.example/p"),
            piggyback(PiggybackKind::Script, "https://s.example/2.js"),
            piggyback(PiggybackKind::Script, "not a url"),
        ];
        let scripts = vec!["https://s.example/1.js?o=A%201".to_owned(), "https://s.example/2.js".to_owned()];
        let images = vec!["https://shop.example/".to_owned(), "https://i.example/p".to_owned()];
        assert_eq!(redirects(TagForm::Script, &all, Some("https://shop.example/")), (scripts.clone(), images, false));
        let images = vec!["https://i.example/p".to_owned()];
        assert_eq!(redirects(TagForm::Script, &all, Some("https://evil.example/")), (scripts, images, true));
    }

    proptest! {
        #[test]
        fn a_followed_redir_always_has_an_allowed_host(
            redir in "(https?:)?[/\\\\]{0,3}(shop\\.example|evil\\.example|a\\.cdn\\.example|[@:#?%./\\\\]|%2[fF]|\\PC){0,8}"
        ) {
            if let Some(url) = followed(&redir) {
                let host = Url::parse(&url).unwrap().host_str().unwrap().to_owned();
                let good = host == "shop.example" || host == "partner.example" || host.ends_with(".cdn.example");
                prop_assert!(good, "{} from {:?}", url, redir);
                prop_assert!(url.starts_with("http://") || url.starts_with("https://"));
                prop_assert!(url.bytes().all(|b| (0x21..0x7f).contains(&b)));
            }
        }
    }
}
