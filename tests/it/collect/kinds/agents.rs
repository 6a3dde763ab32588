//! User agents: apps, tools and in-app browsers are persons, and the kept list's names are bots; fetches in advance.

use serde_json::json;

use super::sales::{WAYS, Way, event, sale};
use crate::collect::{exposure, fire, load, segment};
use crate::harness::{TestApp, open_database};
use crate::import::{import, shop as closed_shop};

const PERSONS: &[&str] = &[
    // Browsers, and those inside apps.
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; SLCC2; .NET4.0C; AskTbORJ/5.15.9.29495; rv:11.0) like Gecko",
    "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 309.1.0.28.111 (iPhone14,5; iOS 17_1; de_DE; de; scale=3.00; 1170x2532; 535888478)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/439.0.0.29.110;FBBV/537107128;FBDV/iPhone14,5;FBMD/iPhone]",
    "Mozilla/5.0 (Linux; Android 13; SM-G991B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/119.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/440.0.0.31.105;]",
    "Mozilla/5.0 (Linux; Android 16; Pixel 10; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/146.0 Mobile Safari/537.36 MetaIAB Facebook",
    "Mozilla/5.0 (Linux; Android 16; Pixel 10; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/146.0 Mobile Safari/537.36 MetaIAB Instagram",
    "Mozilla/5.0 (Linux; Android 12; SM-A125F; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/119.0 Mobile Safari/537.36 trill_2023107030 JsSdk/1.0 AppName/musical_ly app_version/31.7.3 ByteLocale/de BytedanceWebview/d8a21c6",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Snapchat/12.60.0.32 (like Safari/8616.2.9.10.5, panda)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/13.18.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/290.0.580993186 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.28.8586",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Twitter for iPhone/10.14",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 WhatsApp/2.23.20",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Tumblr/30",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Bluesky/1.55",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Feedly/90",
    "Mozilla/5.0 (Linux; Android 13; Pixel 6; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/119 Mobile Safari/537.36 PayPal/8.50",
    "Mozilla/5.0 (Linux; Android 13; Pixel 6; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/119 Mobile Safari/537.36 Telegram-Android/10.2.3",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.35.126 Chrome/118.0 Electron/27.0.1 Safari/537.36 Sonic Slack_SSB/4.35.126",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) discord/1.0.9022 Chrome/108.0 Electron/22.3.26 Safari/537.36",
    "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
    // Apps.
    "MyShop/3.2 CFNetwork/1410.0.3 Darwin/22.6.0",
    "RobotShop/2.1 CFNetwork/1410.0.3 Darwin/22.6.0",
    "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A.230803.041)",
    "Dart/3.1 (dart:io)",
    "MyShop/3.2 (com.shop.example; build:12; iOS 17.0.0) Alamofire/5.8.0",
    "UnityPlayer/2021.3.11f1 (UnityWebRequest/1.0, libcurl/7.84.0-DEV)",
    "ktor-client",
    ".NET",
    ".NET/6.0",
    "KidsBot",
    "Talbot/5.0 (iOS)",
    "shop",
    "a browser",
    "Mozilla/5.0",
];

/// Tools that a shop's own programs use: bots in the strict mode alone.
const TOOLS: &[&str] = &[
    "okhttp/4.9",
    "axios/1.6.0",
    "Node",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "Go-http-client/1.1",
    "Java/17.0.1",
    "python-requests/2.31.0",
    "curl/8.4.0",
    "GuzzleHttp/7",
    "WordPress/6.4; https://shop.example",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0 Safari/537.36",
];

const BOTS: &[&str] = &[
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.1; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "AdsBot-Google (+http://www.google.com/adsbot.html)",
    "Mozilla/5.0 (Linux; Android 6.0; Nexus 5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119 Mobile Safari/537.36 (compatible; AdsBot-Google-Mobile; +http://www.google.com/mobile/adsbot.html)",
    // Previews of links.
    "WhatsApp/2.23.20.0 A",
    "WhatsApp/2.2347.1 W",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "TelegramBot (like TwitterBot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
    "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
    "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
    "kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
    // Testers and uptime checks, many in a browser's clothes.
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36 (compatible; Google-InspectionTool/1.0;)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Safari/537.36 Chrome-Lighthouse",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Google Page Speed Insights) Chrome/27.0.1453 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; GTmetrix https://gtmetrix.com/) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36 DatadogSynthetics",
    "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/61.0 Safari/537.36 PingdomTMS/0.8.5",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Safari/537.36 Catchpoint",
    "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109 Safari/537.36 RuxitSynthetic/1.0 v5735282823",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Safari/537.36 DynatraceSynthetic",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Safari/537.36 NewRelicSynthetics/1.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119 Safari/537.36 CloudWatchSynthetics/arn:aws:synthetics",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Safari/537.36 (site24x7.com)",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98 Safari/537.36 StatusCake",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119 Safari/537.36 PTST/231108.203021",
    "Better Uptime Bot Mozilla/5.0 (Macintosh)",
    "ELB-HealthChecker/2.0",
    "kube-probe/1.27",
];

/// Each agent with whether it is a bot.
fn cases(strict: bool) -> impl Iterator<Item = (&'static str, bool)> {
    let of = |agents: &'static [&'static str], bot| agents.iter().map(move |agent| (*agent, bot));
    of(PERSONS, false).chain(of(TOOLS, strict)).chain(of(BOTS, true))
}

#[tokio::test]
async fn tags_flag_the_bots_that_the_list_names() {
    for strict in [false, true] {
        let app = TestApp::start_with(|given| {
            given.bots = strict.then(|| "strict".to_owned());
        })
        .await;
        let shop = app.shop().await;
        let segment = segment(&app, "a").await.id;
        for (agent, bot) in cases(strict) {
            let sent = [("user-agent", agent)];
            for path in [
                format!("/px?id={}", shop.pixel.id),
                format!("/px?id={}&t=1", shop.pixel.id),
                format!("/pixels/conversion/{}.gif", shop.advertiser.id),
            ] {
                app.get(&path, &sent).await;
                assert_eq!(fire(&app).await.flags.bot, bot, "{path} strict {strict}: {agent}");
            }
            app.get(&format!("/seg?add={segment}"), &sent).await;
            assert_eq!(load(&app).await.flags.bot, bot, "/seg strict {strict}: {agent}");
            app.get(&format!("/clktr?id={}", shop.click.id), &sent).await;
            assert_eq!(exposure(&app).await.row.flags.bot, bot, "/clktr strict {strict}: {agent}");
        }
    }
}

#[tokio::test]
async fn servers_are_no_bots() {
    let app = TestApp::start_with(|given| given.bots = Some("strict".to_owned())).await;
    let shop = app.shop().await;
    // The postback of this way has no user agent at all.
    let (_, fire) = sale(&app, &shop, Way::Postback, &[("value", "1")]).await;
    assert!(!fire.flags.bot);
    for agent in BOTS {
        let fire = event(&app, &shop, &format!("\"user_agent\":{}", json!(agent))).await.unwrap();
        assert_eq!((fire.flags.bot, fire.user_agent.as_deref()), (false, Some(*agent)));
    }
}

#[tokio::test]
async fn an_import_flags_bots_as_tags_do() {
    let directory = tempfile::TempDir::new().unwrap();
    closed_shop(directory.path()).await;
    let line = |kind: &str, of: &str, agent: &str| {
        let at = "\"at\":\"2026-09-03T10:00:00Z\"";
        format!("{{\"kind\":\"{kind}\",{at},\"{of}\":1,\"user_agent\":{}}}\n", json!(agent))
    };
    let lines: String = cases(false)
        .chain([("", false)])
        .map(|(agent, _)| line("fire", "pixel_id", agent) + &line("impression", "line_item_id", agent))
        .collect();
    let said = import(directory.path(), &[], &lines);
    assert!(said.well, "{}", said.err);
    let conn = open_database(directory.path());
    for table in ["fires", "exposures"] {
        let mut found = conn.prepare(&format!("SELECT user_agent, flags & 2 FROM {table}")).unwrap();
        let rows =
            found.query_map([], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, i64>(1)? > 0))).unwrap();
        let mut rows: Vec<_> =
            rows.map(|row| row.map(|(agent, bot)| (agent.unwrap_or_default(), bot)).unwrap()).collect();
        let mut wanted: Vec<_> =
            cases(false).chain([("", false)]).map(|(agent, bot)| (agent.to_owned(), bot)).collect();
        rows.sort();
        wanted.sort();
        assert_eq!(rows, wanted, "{table}");
    }
    // Without a user agent a line is no bot in the strict mode either.
    let settings = directory.path().join("settings.toml");
    std::fs::write(&settings, "bots = \"strict\"\n").unwrap();
    let more = line("fire", "pixel_id", "curl/8.4.0").replace("03T", "04T")
        + &line("fire", "pixel_id", "").replace("03T", "04T");
    assert!(import(directory.path(), &["--config", settings.to_str().unwrap()], &more).well);
    let flagged = "SELECT count(*), sum(flags & 2 > 0) FROM fires WHERE at > 1788472800000";
    let counts: (i64, i64) = conn.query_row(flagged, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(counts, (2, 1));
}

#[tokio::test]
async fn fetches_in_advance_are_flagged() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let agent = ("user-agent", PERSONS[0]);
    for (name, value, prefetch) in [
        ("sec-purpose", "prefetch", true),
        ("sec-purpose", "prefetch;prerender", true),
        ("sec-purpose", "prefetch;anonymous-client-ip", true),
        ("purpose", "prefetch", true),
        ("purpose", "Preview", true),
        ("x-purpose", "preview", true),
        ("x-purpose", "instant", true),
        ("x-purpose", ": preview", true),
        ("x-moz", "prefetch", true),
        ("x-moz", "none", false),
        ("purpose", "", false),
        ("x-purpose", "visit", false),
    ] {
        let sent = [agent, (name, value)];
        app.get(&format!("/px?id={}", shop.pixel.id), &sent).await;
        assert_eq!(fire(&app).await.flags.prefetch, prefetch, "{name}: {value}");
        let clicked = app.get(&format!("/clktr?id={}", shop.click.id), &sent).await;
        assert_eq!(clicked.status().as_u16(), if prefetch { 503 } else { 302 }, "{name}: {value}");
        let gone = app.get("/optout", &sent).await;
        assert_eq!(gone.status().as_u16(), if prefetch { 503 } else { 200 }, "{name}: {value}");
    }
    for way in WAYS {
        assert!(!sale(&app, &shop, way, &[("value", "1")]).await.1.flags.prefetch, "{way:?}");
    }
}
