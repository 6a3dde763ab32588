//! Tells from a request's headers whether a person's browser sent it: known bots and fetches in advance are logged with a
//! flag and never counted.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::http::header::{HeaderMap, HeaderValue, USER_AGENT};

use crate::config::Bots;

/// Whether the user agent is a bot's, as far as the setting `bots` looks. A shop's own tests drive headless browsers, and
/// its scripts send fires with tools such as curl: only [`Bots::Strict`] takes these, and requests without any user agent,
/// for bots.
pub fn is_bot(headers: &HeaderMap, bots: Bots) -> bool {
    let agent = headers.get(USER_AGENT).map_or(&b""[..], HeaderValue::as_bytes);
    match bots {
        Bots::Strict => agent.is_empty() || is_headless(agent) || is_bot_agent(agent),
        Bots::Known => !agent.is_empty() && !is_tool(agent) && is_bot_agent(agent),
    }
}

/// Programs that people drive: the beginnings of their user agents.
const TOOLS: &[&[u8]] = &[
    b"curl/",
    b"wget/",
    b"httpie/",
    b"python-requests/",
    b"python-urllib/",
    b"python-httpx/",
    b"python/",
    b"aiohttp/",
    b"go-http-client/",
    b"java/",
    b"apache-httpclient/",
    b"okhttp/",
    b"axios/",
    b"node",
    b"undici",
    b"got (",
    b"ruby",
    b"faraday",
    b"guzzlehttp/",
    b"php",
    b"symfony",
    b"wordpress/",
    b"reqwest/",
    b"hyper/",
    b"libwww-perl/",
    b"postmanruntime/",
    b"insomnia/",
];

fn is_tool(agent: &[u8]) -> bool {
    TOOLS.iter().any(|tool| agent.get(..tool.len()).is_some_and(|start| start.eq_ignore_ascii_case(tool)))
}

fn is_headless(agent: &[u8]) -> bool {
    const SIGN: &[u8] = b"HeadlessChrome";
    agent.windows(SIGN.len()).any(|part| part == SIGN)
}

/// How many bytes of a user agent are looked at. `iscrawl` takes longer texts for browsers, unseen.
const LOOKED_AT: usize = 512 - KEY;
/// The bytes before it; see [`look_at`].
const KEY: usize = 8;

thread_local! {
    /// Verdicts by the text's hash: most visitors come with one of a few hundred browsers.
    static VERDICTS: RefCell<[(u64, bool); 256]> = const { RefCell::new([(0, false); 256]) };
}

fn is_bot_agent(agent: &[u8]) -> bool {
    let agent = agent.get(..LOOKED_AT).unwrap_or(agent);
    let mut hasher = DefaultHasher::new();
    agent.hash(&mut hasher);
    let hash = hasher.finish();
    let [place, ..] = hash.to_ne_bytes();
    VERDICTS.with_borrow_mut(|verdicts| {
        let remembered = &mut verdicts[usize::from(place)];
        if remembered.0 != hash {
            *remembered = (hash, look_at(agent, hash));
        }
        remembered.1
    })
}

fn look_at(agent: &[u8], hash: u64) -> bool {
    let mut text = [b' '; KEY + LOOKED_AT];
    let Some(text) = text.get_mut(..KEY + agent.len()) else { return false };
    let Some((key, copy)) = text.split_first_chunk_mut::<KEY>() else { return false };
    for (to, from) in copy.iter_mut().zip(agent) {
        // Bytes that are no ASCII are in nobody's list, and cutting may have halved a character.
        *to = if from.is_ascii() { from.to_ascii_lowercase() } else { b' ' };
    }
    for (listed, verdict) in OVERRIDES {
        if let Some(at) = copy.windows(listed.len()).position(|part| part == *listed) {
            match verdict {
                Verdict::Bot => return true,
                Verdict::Hidden => copy[at..at + listed.len()].fill(b' '),
            }
        }
    }
    // `iscrawl` remembers verdicts by a text's address, length, first and last 8 bytes: a bot that differs from a browser
    // in the middle alone would get the browser's verdict, and the other way round, when buffers are used again. So the
    // first 8 bytes stand for the whole text: its hash, written in signs that no listed word holds.
    for (sign, byte) in key.iter_mut().zip(hash.to_ne_bytes()) {
        *sign = b' ' + byte % 32;
    }
    std::str::from_utf8(text).is_ok_and(iscrawl::is_crawler)
}

enum Verdict {
    /// It is one, though the list misses it.
    Bot,
    /// The word is looked past: it makes the list see a bot where there is none.
    Hidden,
}

/// Where the list errs.
const OVERRIDES: &[(&[u8], Verdict)] = &[
    (b"phantomjs", Verdict::Bot),
    // A maker of phones.
    (b"cubot", Verdict::Hidden),
];

/// Whether a browser fetched it in advance of a visit that may never come.
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].into_iter().any(|name| {
        headers.get(name).is_some_and(|value| {
            let value = value.as_bytes().to_ascii_lowercase();
            [b"prefetch".as_slice(), b"prerender"]
                .iter()
                .any(|sign| value.windows(sign.len()).any(|part| part == *sign))
        })
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    #[test]
    fn people_are_no_bots() {
        for agent in [
            CHROME,
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0]",
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
        ] {
            assert!(!is_bot_agent(agent.as_bytes()), "{agent}");
        }
    }

    #[test]
    fn bots_are() {
        for agent in [
            "",
            "curl/8.11.0",
            "python-requests/2.32",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (compatible; Googlebot/2.1) Chrome/139.0.0.0",
        ] {
            assert!(is_bot_agent(agent.as_bytes()), "{agent}");
        }
    }

    #[test]
    fn headless_browsers_and_tools_are_bots_to_the_strict_alone() {
        let headless = CHROME.replace("Chrome/", "HeadlessChrome/");
        for agent in ["", "curl/8.11.0", "python-requests/2.32", "Go-http-client/2.0", "node", &headless] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_str(agent).unwrap());
            assert!(!is_bot(&headers, Bots::Known), "{agent}");
            assert!(is_bot(&headers, Bots::Strict), "{agent}");
        }
        assert!(!is_bot(&HeaderMap::new(), Bots::Known));
        assert!(is_bot(&HeaderMap::new(), Bots::Strict));
        for (agent, bot) in [("Googlebot/2.1", true), (CHROME, false)] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_str(agent).unwrap());
            assert_eq!([Bots::Known, Bots::Strict].map(|bots| is_bot(&headers, bots)), [bot, bot], "{agent}");
        }
    }

    #[test]
    fn a_bots_verdict_never_falls_on_a_browser_of_the_same_length() {
        // Same buffer, same length, same beginning and end.
        let bot = CHROME.replace("Win64; x64", "a Bingbot!");
        assert_eq!(bot.len(), CHROME.len());
        for _ in 0..3 {
            assert!(is_bot_agent(bot.as_bytes()));
            assert!(!is_bot_agent(CHROME.as_bytes()));
        }
    }

    #[test]
    fn long_and_odd_agents_are_looked_at() {
        let long = format!("{CHROME} {}", "é".repeat(4000));
        assert!(!is_bot_agent(long.as_bytes()));
        assert!(is_bot_agent("x".repeat(5000).as_bytes()));
        assert!(!is_bot_agent(&[CHROME.as_bytes(), &[0xff, 0xfe]].concat()));
    }

    #[test]
    fn fetches_in_advance_are_told() {
        for (name, value, told) in [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("purpose", "Prefetch", true),
            ("x-moz", "prefetch", true),
            ("purpose", "", false),
            ("accept", "prefetch", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            assert_eq!(is_prefetch(&headers), told, "{name}: {value}");
        }
    }
}
