//! Decides from a request's headers whether a person's browser sent it. Requests of bots and fetches in advance are
//! logged with a flag and never counted. The kept list `crawlers/list.tsv` names the bots.

use std::sync::LazyLock;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use aho_corasick::AhoCorasick;
use regex::bytes::{Regex, RegexBuilder};

use crate::config::Bots;

/// Whether the user agent is a bot's. A shop's own tests drive headless browsers, and its scripts send fires with tools
/// such as curl: only [`Bots::Strict`] takes these for bots, and requests without any user agent.
pub fn is_bot(headers: &HeaderMap, bots: Bots) -> bool {
    is_bot_agent(headers.get(USER_AGENT).map_or(b"", HeaderValue::as_bytes), bots)
}

/// The same by the user agent itself.
pub fn is_bot_agent(agent: &[u8], bots: Bots) -> bool {
    let agent = agent.get(..MAX_AGENT).unwrap_or(agent);
    let Some(list) = LIST.as_ref() else { return false };
    match bots {
        Bots::Known => list.bots.matches(agent),
        Bots::Strict => agent.is_empty() || list.bots.matches(agent) || list.tools.matches(agent),
    }
}

/// Builds the matchers now, so that the first request does not wait for them.
pub fn prepare() {
    LazyLock::force(&LIST);
}

/// How much of a user agent is searched, in bytes.
const MAX_AGENT: usize = 1024;

static LIST: LazyLock<Option<List>> = LazyLock::new(|| {
    List::new().inspect_err(|error| tracing::error!(%error, "the list of crawlers cannot be used")).ok()
});

/// The entries that a person's device or a shop's own program matches as well; [`BOTS`] has narrower ones.
const LEFT_OUT: &[&str] = &[
    // A build of Android 15, and the browser inside Facebook's app.
    "AP3A.240617.008",
    "MetaIAB Facebook",
    // Apps in which people open pages.
    "Bluesky/",
    "Feedly",
    "Genieo",
    "mail.ru",
    "PayPal/",
    "Stripe/",
    "Tumblr/",
    "WhatsApp",
    // Part of node-fetch, a shop's own program.
    "Fetch/",
    // Parts of other names, such as Panasonic, Lightning and TS1008; names of phones; browsers of the same company.
    "008/",
    "Butterfly",
    "ds9",
    "Expanse",
    "Fever",
    "NING/",
    "RED/",
    "Sogou",
    "Sonic",
    "speedy",
    "Viber",
    // The user agent of a shop's own WordPress.
    "WordPress/",
];

/// Bots beside the list's.
const BOTS: &[&str] = &[
    "Googlebot",
    "Butterfly/",
    "^ds9 ",
    "Expanse, a Palo Alto",
    "Fever/",
    "^NING/",
    "^RED/",
    "^008/",
    "Sogou[ -](?:[a-z]+ )?Spider",
    r"RankSonic|\bSonic/",
    "Speedy Spider",
    "^Viber$",
    // Apps as their servers fetch a page, not as people open it there.
    r"^Bluesky/|^Feedly|compatible; Bluesky|^PayPal/|^Stripe/|^Tumblr/|^WhatsApp|^Fetch/",
    r"compatible;.*mail\.ru",
    // Previews of links, uptime checks and testers that the list does not name.
    "^kakaotalk-scrap|Pinterestbot|Google-Ads-Creatives-Assistant|^Prerender \\(",
    "^ELB-HealthChecker|^GoogleHC/|^kube-probe/|^NewRelicPinger|Route53-Health-Check",
    r"^Mozilla/.*(?:\bLighthouse\b|synthetic)",
    "Google Page Speed Insights|DebugBear|SpeedCurve|^GrafanaSynthetic",
    // The list takes these crawlers for libraries.
    "crawler4j|HTTrack|larbin|phpcrawl|Scrapy|SimpleCrawler",
];

/// Programs that people drive, beside those that the list tags so.
const TOOLS: &[&str] = &[
    r"^(?:faraday|got \(|guzzlehttp/|hyper/|insomnia/|java/|node|php|postmanruntime/|python/|reqwest/|ruby|symfony|undici)",
    "^WordPress/",
    r"\bCypress/|^k6/",
];

/// The tags of tools; an entry with another tag beside them is a bot.
const TOOL_TAGS: &[&str] = &["http-library", "browser-automation"];

struct List {
    bots: Matcher,
    tools: Matcher,
}

impl List {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let (mut bots, mut tools) = (Entries::with(BOTS), Entries::with(TOOLS));
        for line in include_str!("crawlers/list.tsv").lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.splitn(3, '\t');
            let (Some(kind), Some(tags), Some(text)) = (columns.next(), columns.next(), columns.next()) else {
                return Err(format!("no entry: {line}").into());
            };
            if LEFT_OUT.contains(&text) {
                continue;
            }
            let is_tool = tags.split(',').all(|tag| TOOL_TAGS.contains(&tag));
            let entries = if is_tool { &mut tools } else { &mut bots };
            if kind == "word" { entries.words.push(text) } else { entries.patterns.push(text) }
        }
        Ok(List { bots: bots.matcher()?, tools: tools.matcher()? })
    }
}

struct Entries {
    words: Vec<&'static str>,
    patterns: Vec<&'static str>,
}

impl Entries {
    fn with(patterns: &[&'static str]) -> Self {
        Entries { words: Vec::new(), patterns: patterns.to_vec() }
    }

    fn matcher(self) -> Result<Matcher, Box<dyn std::error::Error>> {
        let patterns: Vec<_> = self.patterns.iter().map(|pattern| format!("(?:{pattern})")).collect();
        Ok(Matcher {
            words: AhoCorasick::builder().ascii_case_insensitive(true).build(self.words)?,
            patterns: RegexBuilder::new(&patterns.join("|")).case_insensitive(true).unicode(false).build()?,
        })
    }
}

/// Searches a text for all entries at once, in any case. It takes about 1 µs, so no verdict is cached.
struct Matcher {
    words: AhoCorasick,
    patterns: Regex,
}

impl Matcher {
    fn matches(&self, agent: &[u8]) -> bool {
        self.words.is_match(agent) || self.patterns.is_match(agent)
    }
}

/// Whether a browser sent the request before a visit that may never come.
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    SIGNS.iter().any(|(name, signs)| {
        headers.get(name).is_some_and(|value| {
            let value = value.as_bytes().to_ascii_lowercase();
            signs.iter().any(|sign| value.windows(sign.len()).any(|part| part == sign.as_bytes()))
        })
    })
}

/// The words of a fetch in advance. Facebook's app and old releases of Safari say `X-Purpose: preview`.
const IN_ADVANCE: &[&str] = &["prefetch", "prerender", "preview", "instant"];
/// The headers that say it, with their words.
static SIGNS: [(HeaderName, &[&str]); 4] = [
    (HeaderName::from_static("sec-purpose"), IN_ADVANCE),
    (HeaderName::from_static("purpose"), IN_ADVANCE),
    (HeaderName::from_static("x-purpose"), IN_ADVANCE),
    (HeaderName::from_static("x-moz"), &["prefetch"]),
];

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    fn is_bot_agent(agent: impl AsRef<[u8]>, bots: Bots) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_bytes(agent.as_ref()).unwrap());
        let verdict = is_bot(&headers, bots);
        assert_eq!(super::is_bot_agent(agent.as_ref(), bots), verdict);
        verdict
    }

    #[test]
    fn people_are_no_bots() {
        for agent in [
            CHROME,
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0]",
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.142 Mobile Safari/537.36 Instagram 406.0.0.58.159 Android",
            "Mozilla/5.0 (Linux; Android 16; Pixel 10 Pro XL Build/CP1A.260305.018; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/146.0.7680.174 Mobile Safari/537.36 MetaIAB Facebook",
            "Mozilla/5.0 (Linux; Android 10; Panasonic_ELUGA_C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/89.0.4389.105 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 7.1.2; G011A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/66.0.3359.158 Safari/537.36 Viber/11.9.5.8",
            "Mozilla/5.0 (Linux; Android 5.1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/68.0.3440.106 Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.28.12",
            "Mozilla/5.0 (X11; Linux x86_64; rv:29.0) Gecko/20100101 Firefox/29.0 SeaMonkey/2.26a1 Lightning/3.1a1",
        ] {
            assert_eq!([Bots::Known, Bots::Strict].map(|bots| is_bot_agent(agent, bots)), [false, false], "{agent}");
        }
    }

    #[test]
    fn programs_that_the_list_does_not_name_are_no_bots() {
        for agent in [
            "MyShop/3.2 CFNetwork/1568.100.1 Darwin/24.0.0",
            "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A.230803.041)",
            "Dart/3.5 (dart:io)",
            "a browser",
            "Mozilla/5.0",
        ] {
            assert!(!is_bot_agent(agent, Bots::Known), "{agent}");
        }
        assert!(!is_bot_agent("x".repeat(5000), Bots::Known));
    }

    #[test]
    fn bots_of_the_list_are_recognised() {
        for agent in [
            "Googlebot",
            "Googlebot/2.1",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (compatible; Googlebot/2.1) Chrome/139.0.0.0",
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "CLAUDEBOT/1.0",
            "Scrapy/2.11 (+https://scrapy.org)",
            "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
            "Mozilla/5.0 (compatible; Sonic/1.0; http://www.yama.info.waseda.ac.jp/~crawler/info.html)",
            "Viber",
            // Bots whose user agent begins as a browser's does.
            "Mozilla/5.0 (Linux; Android 7.0; Moto G (4)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.7204.168 Safari/537.36 DatadogSynthetics",
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 (compatible; Google-InspectionTool/1.0;)",
        ] {
            assert_eq!([Bots::Known, Bots::Strict].map(|bots| is_bot_agent(agent, bots)), [true, true], "{agent}");
        }
    }

    #[test]
    fn headless_browsers_and_tools_are_bots_to_the_strict_alone() {
        let headless = CHROME.replace("Chrome/", "HeadlessChrome/");
        for agent in [
            "",
            "curl/8.11.0",
            "python-requests/2.32",
            "Go-http-client/2.0",
            "node",
            "okhttp/4.12.0",
            "MyShop/3.2 okhttp/4.12.0",
            "WordPress/6.8; https://shop.example",
            "GuzzleHttp/7",
            &headless,
        ] {
            assert_eq!([Bots::Known, Bots::Strict].map(|bots| is_bot_agent(agent, bots)), [false, true], "{agent}");
        }
        assert!(!is_bot(&HeaderMap::new(), Bots::Known));
        assert!(is_bot(&HeaderMap::new(), Bots::Strict));
    }

    #[test]
    fn a_bots_verdict_never_falls_on_a_browser_of_the_same_length() {
        // Same buffer, same length, same beginning and end.
        let bot = CHROME.replace("Win64; x64", "a Bingbot!");
        assert_eq!(bot.len(), CHROME.len());
        for _ in 0..3 {
            assert!(is_bot_agent(&bot, Bots::Known));
            assert!(!is_bot_agent(CHROME, Bots::Known));
        }
    }

    #[test]
    fn long_and_odd_agents_are_searched() {
        let padding = "é".repeat(4000);
        assert!(!is_bot_agent(format!("{CHROME} {padding}"), Bots::Known));
        assert!(is_bot_agent(format!("{CHROME} bingbot {padding}"), Bots::Known));
        assert!(!is_bot_agent([CHROME.as_bytes(), &[0xff, 0xfe]].concat(), Bots::Known));
        assert!(is_bot_agent([b"\xff\xfe bingbot", CHROME.as_bytes()].concat(), Bots::Known));
    }

    #[test]
    fn each_exception_is_one_of_the_list() {
        for text in LEFT_OUT {
            let listed = include_str!("crawlers/list.tsv").lines().any(|line| line.ends_with(&format!("\t{text}")));
            assert!(listed, "{text}");
        }
    }

    #[test]
    fn fetches_in_advance_are_noticed() {
        for (name, value, prefetch) in [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("purpose", "Prefetch", true),
            ("x-moz", "prefetch", true),
            ("x-purpose", "preview", true),
            ("x-purpose", "Instant", true),
            ("purpose", "prerender", true),
            ("x-moz", "preview", false),
            ("x-purpose", "purchase", false),
            ("purpose", "", false),
            ("accept", "prefetch", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            assert_eq!(is_prefetch(&headers), prefetch, "{name}: {value}");
        }
    }
}
