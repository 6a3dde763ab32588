//! Log first, held to its word: the real program is loaded over loopback and killed with SIGKILL at random moments,
//! started again on the same directory, and so on. In the end every request that it answered is in the log exactly
//! once, of whichever kind, every logged fire is judged exactly once, and everything derived agrees with the log, also
//! after it was made anew and after an import. What was not answered may be there or not, but never twice. (A killed
//! process is not a lost power supply: that the sync before each answer reaches the disk is SQLite's and the kernel's part.)

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "the seed, and how much was proved")]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, Caller, LineItem, LineItemPixel, Pixel, PixelId, Publisher, Segment, SegmentId, Seq, Status, Tracker,
    TrackerId, TrackerKind, TriggerType,
};
use pixeld::judge::{Judge, explain};
use pixeld::store::{ClickTracker, FILE_NAME, ImpTracker, Store};
use reqwest::header::{AUTHORIZATION, COOKIE, USER_AGENT};
use rusqlite::Connection;
use serde_json::json;

/// How often it is killed.
const KILLS: usize = 15;
/// How many requests it answers before each kill, at most. So the load is bounded in count; [`PATIENCE`] bounds its time.
const ANSWERS_A_ROUND: u64 = 1_000;
/// Visitors that send at the same time, each on a connection of its own.
const VISITORS: u64 = 24;
/// How long after that answer it may live on, in microseconds: a few commits.
const LIVES_ON: u64 = 4_000;
/// No request takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// What the server under test has to serve.
struct Shop {
    pixel: PixelId,
    impression: TrackerId,
    click: TrackerId,
    segment: SegmentId,
    /// An API token of the role collector.
    token: String,
}

/// What a row of the log is to tell, by the number that the request carried: a fire as its order id, an exposure as its
/// cost in micros, an adjustment as its reason, others in their query string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sent {
    Fire(u64),
    Beacon(u64),
    FromServer(u64),
    Impression(u64),
    Click(u64),
    SegmentLoad(u64),
    Adjustment(u64),
    Rejected(u64),
}

type Kind = (fn(u64) -> Sent, &'static str, &'static str, &'static str);

/// The rows of each kind: their table, the text that holds their number, and which rows of the table are meant.
const KINDS: &[Kind] = &[
    (Sent::Fire, "fires", "order_id", "tag = 2"),
    (Sent::Beacon, "fires", "order_id", "tag = 3"),
    (Sent::FromServer, "fires", "order_id", "tag = 4"),
    (Sent::Impression, "exposures", "CAST(ancost AS TEXT)", "kind = 1"),
    (Sent::Click, "exposures", "CAST(ancost AS TEXT)", "kind = 2"),
    (Sent::SegmentLoad, "segment_loads", "substr(query, instr(query, 'cb=') + 3)", "1"),
    (Sent::Adjustment, "adjustments", "reason_code", "1"),
    (Sent::Rejected, "rejected", "substr(query, instr(query, 'cb=') + 3)", "1"),
];

/// What is known of the whole run.
#[derive(Default)]
struct Tally {
    numbers: Cell<u64>,
    answered: RefCell<Vec<Sent>>,
    unanswered: RefCell<Vec<Sent>>,
}

impl Tally {
    fn number(&self) -> u64 {
        self.numbers.set(self.numbers.get() + 1);
        self.numbers.get()
    }

    fn answers(&self) -> u64 {
        u64::try_from(self.answered.borrow().len()).unwrap()
    }
}

#[tokio::test]
async fn answered_requests_survive_sigkill() {
    let directory = tempfile::TempDir::new().unwrap();
    let shop = prepare(directory.path()).await;
    let tally = Tally::default();
    let seed = u64::from_ne_bytes(random_bytes());
    let mut random = Random(seed | 1);
    println!("seed {seed}");
    for round in 0..KILLS {
        let (server, address) = start(directory.path());
        let enough = tally.answers() + 1 + random.below(ANSWERS_A_ROUND);
        let (kill, order) = mpsc::channel();
        let lives_on = Duration::from_micros(random.below(LIVES_ON));
        let killer = std::thread::spawn(move || {
            let _ = order.recv();
            // Not to wait for anything, but so that the moment has nothing to do with the answers' own.
            std::thread::sleep(lives_on);
            drop(server);
        });
        let after_each = || {
            if tally.answers() >= enough {
                kill.send(()).unwrap_or_default();
            }
        };
        all((1..=VISITORS).map(|visitor| visit(&address, &shop, visitor, &tally, &after_each))).await;
        killer.join().unwrap();
        println!("round {round}: {} answered", tally.answers());
    }
    settle(directory.path(), tally).await;
}

/// Definitions that make some of everything: credited fires, repeats, duplicates.
async fn prepare(directory: &Path) -> Shop {
    let store = Store::open(directory, Clock::System).unwrap();
    let by = Caller::shell().editor().unwrap();
    let advertiser = store.create(&by, Advertiser::new("ProStarr Sportswear")).await.unwrap();
    let mut pixel = Pixel::new(advertiser.id, "Purchase");
    pixel.trigger_type = TriggerType::Hybrid;
    pixel.min_minutes_per_conv = Some(0);
    let pixel = store.create(&by, pixel).await.unwrap();
    let mut line_item = LineItem::new(advertiser.id, "Autumn sale");
    line_item.pixels = vec![LineItemPixel {
        pixel_id: pixel.id,
        state: Status::Active,
        post_click_revenue: None,
        post_view_revenue: None,
    }];
    let line_item = store.create(&by, line_item).await.unwrap();
    let publisher = store.create(&by, Publisher::new("Daily News")).await.unwrap();
    let tracker = |kind| Tracker::new(kind, advertiser.id, line_item.id, publisher.id, "Banner");
    let impression = store.create(&by, ImpTracker(tracker(TrackerKind::Impression))).await.unwrap().0.id;
    let mut click = tracker(TrackerKind::Click);
    click.click_url = Some("https://shop.example/".to_owned());
    let click = store.create(&by, ClickTracker(click)).await.unwrap().0.id;
    let segment = store.create(&by, Segment::new("Buyers")).await.unwrap().id;
    store.stop();
    drop(store);
    let (well, token) = pixeld(directory, &["token", "add", "shop", "--role", "collector"], "");
    assert!(well, "{token}");
    let token = token.lines().find(|line| line.len() == 64).expect("it shows the token").to_owned();
    Shop { pixel: pixel.id, impression, click, segment, token }
}

/// Runs a command of the program on these lines; says whether it ended well, and all that it said.
fn pixeld(directory: &Path, command: &[&str], lines: &str) -> (bool, String) {
    let mut running = Command::new(env!("CARGO_BIN_EXE_pixeld"))
        .args(command)
        .arg("--data-dir")
        .arg(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    running.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// The program. Dropping it is SIGKILL.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program and waits until it says where it answers.
fn start(directory: &Path) -> (Server, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pixeld"))
        .args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "--log-level", "warn", "--data-dir"])
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let server = Server(child);
    let ready = said.find_map(|line| Some(line.unwrap().split_once("ready at ")?.1.to_owned()));
    // Nobody reads on, and so that it does not matter, the pipe stays open.
    std::mem::forget(said);
    (server, ready.expect("it says where it answers"))
}

/// One visitor: sees ads, clicks some, buys; and the shop's server tells of some of it. Over and over until the server
/// is gone.
async fn visit(address: &str, shop: &Shop, visitor: u64, tally: &Tally, after_each: &impl Fn()) {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .unwrap();
    for step in visitor.. {
        let (sent, request) = request(&client, address, shop, (visitor, step), tally);
        let request = request.header(COOKIE, format!("pxid={visitor:x}")).header(USER_AGENT, BROWSER);
        match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let expected = if matches!(sent[..], [Sent::Rejected(_)]) { &[404][..] } else { &[200, 204, 302] };
                assert!(expected.contains(&status), "{sent:?} was answered {status}: {:?}", answer.text().await);
                tally.answered.borrow_mut().extend(sent);
            }
            Err(_) => {
                tally.unanswered.borrow_mut().extend(sent);
                return;
            }
        }
        after_each();
    }
}

/// The next request of a visitor, with what it is to leave in the log. One fire in four repeats an event.
fn request(
    client: &reqwest::Client,
    address: &str,
    shop: &Shop,
    (visitor, step): (u64, u64),
    tally: &Tally,
) -> (Vec<Sent>, reqwest::RequestBuilder) {
    let number = tally.number();
    let pixel = shop.pixel;
    let cost = format!("{}.{:06}", number / 1_000_000, number % 1_000_000);
    let event = format!("e{}", if number.is_multiple_of(4) { number - 4 } else { number });
    let get = |path: String| client.get(format!("{address}{path}"));
    let post =
        |path: &str| client.post(format!("{address}{path}")).header(AUTHORIZATION, format!("Bearer {}", shop.token));
    match step % 20 {
        0 | 10 if !visitor.is_multiple_of(3) => {
            (vec![Sent::Impression(number)], get(format!("/imptr?id={}&t=2&ancost={cost}", shop.impression)))
        }
        5 | 15 if visitor.is_multiple_of(2) => {
            (vec![Sent::Click(number)], get(format!("/clktr?id={}&ancost={cost}", shop.click)))
        }
        2 | 12 => {
            let ops = if number.is_multiple_of(3) { "remove" } else { "add" };
            (vec![Sent::SegmentLoad(number)], get(format!("/seg?{ops}={}&t=2&cb={number}", shop.segment)))
        }
        4 | 14 => {
            let form = format!("id={pixel}&order_id={number}&value=2.50&event_id={event}");
            (vec![Sent::Beacon(number)], client.post(format!("{address}/px")).body(form))
        }
        7 => {
            // Two together: both are there, or none.
            let other = tally.number();
            let of = |number: u64, event: &str| {
                json!({"pixel_id": pixel.0, "order_id": number.to_string(), "event_id": event, "value": "3",
                    "visitor_id": format!("{visitor:x}")})
            };
            let events = json!({"events": [of(number, &event), of(other, &format!("e{other}"))]});
            (vec![Sent::FromServer(number), Sent::FromServer(other)], post("/conversions").body(events.to_string()))
        }
        17 => {
            // Of some order, whatever became of it.
            let (order, kind) =
                (number.saturating_sub(1 + number % 40), if number.is_multiple_of(2) { "retract" } else { "restate" });
            let value = (kind == "restate").then_some("1");
            let adjustment = json!({"pixel_id": pixel.0, "order_id": order.to_string(), "type": kind, "value": value,
                "reason_code": number.to_string()});
            (vec![Sent::Adjustment(number)], post("/adjustments").body(adjustment.to_string()))
        }
        19 if visitor.is_multiple_of(3) => (vec![Sent::Rejected(number)], get(format!("/px?id=junk&cb={number}"))),
        _ => {
            let fire = format!("/px?id={pixel}&t=2&value=1.25&order_id={number}&event_id={event}");
            (vec![Sent::Fire(number)], get(fire))
        }
    }
}

/// Judges what is left and counts; then all is derived anew, and history is imported, twice.
async fn settle(directory: &Path, tally: Tally) {
    let store = Store::open(directory, Clock::System).unwrap();
    let judge = Judge::start(store.clone()).unwrap();
    let mut judged = store.judged();
    tokio::time::timeout(PATIENCE, judged.wait_for(|seq| *seq >= store.logged())).await.unwrap().unwrap();

    let by = Caller::shell().reader().unwrap();
    let found = store.verify(&by).await.unwrap();
    assert_eq!(found.faults, [], "what is derived disagrees with the log");
    assert_eq!(found.judged, found.logged);

    let fires = everything_is_there_once(directory, tally);
    let mut credited = 0;
    // Each tells the same of its own kind; a part of them will do.
    for seq in fires.iter().step_by(5) {
        let explained = explain(&store, &by, *seq).await.unwrap();
        assert_eq!(explained.judgement.outcome, explained.conversion.outcome, "judged anew, {seq} comes out otherwise");
        credited += usize::from(explained.conversion.credit.is_some());
    }
    println!("{credited} of {} fires were credited", fires.len().div_ceil(5));
    assert!(credited > 0, "too little happened to prove anything");
    judge.finish(PATIENCE);
    store.stop();

    let sound = |after: &str| {
        let (well, said) = pixeld(directory, &["check"], "");
        assert!(well, "after {after}: {said}");
    };
    let (well, said) = pixeld(directory, &["rebuild"], "");
    assert!(well, "{said}");
    sound("a rebuild");
    let history: String = (0..500_u64)
        .map(|number| {
            let (day, minute, visitor) = (1 + number % 28, number % 60, 1 + number % VISITORS);
            let what = match number % 3 {
                0 => r#""kind":"fire","pixel_id":1"#,
                1 => r#""kind":"click","line_item_id":1"#,
                _ => r#""kind":"impression","tracker_id":1"#,
            };
            format!("{{{what},\"at\":\"2026-01-{day:02}T00:{minute:02}:00Z\",\"visitor_id\":\"{visitor:x}\",\"id\":{number}}}\n")
        })
        .collect();
    let (well, said) = pixeld(directory, &["import", "-"], &history);
    assert!(well && said.contains("Appended: 166 impressions, 167 clicks, 167 fires."), "{said}");
    sound("an import");
    let (well, said) = pixeld(directory, &["import", "-"], &history);
    assert!(well && said.contains("Appended: 0 impressions, 0 clicks, 0 fires."), "{said}");
    sound("the same import again");
}

/// Holds what was sent against the log. Returns the places of all fires.
fn everything_is_there_once(directory: &Path, tally: Tally) -> Vec<Seq> {
    let log = Connection::open(directory.join(FILE_NAME)).unwrap();
    let mut logged: HashMap<Sent, u32> = HashMap::new();
    for (kind, table, number, which) in KINDS {
        let mut rows = log.prepare(&format!("SELECT {number} FROM {table} WHERE {which}")).unwrap();
        for number in rows.query_map([], |row| row.get::<_, String>(0)).unwrap() {
            *logged.entry(kind(number.unwrap().parse().unwrap())).or_default() += 1;
        }
    }
    let mut fires = log.prepare("SELECT seq FROM fires").unwrap();
    let fires = fires.query_map([], |row| row.get(0).map(Seq)).unwrap().map(Result::unwrap).collect();
    let rows = log.query_row("SELECT sum(requests) FROM rejected_hours", [], |row| row.get::<_, u32>(0)).unwrap();
    let rejected: u32 =
        logged.iter().filter(|(sent, _)| matches!(sent, Sent::Rejected(_))).map(|(_, times)| times).sum();
    assert_eq!(rows, rejected, "as many rejected requests are counted as are there");

    let (answered, unanswered) = (tally.answered.into_inner(), tally.unanswered.into_inner());
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    for sent in answered.iter() {
        assert_eq!(logged.remove(sent), Some(1), "{sent:?} was answered, and is to be in the log once");
        *kinds.entry(format!("{sent:?}").split('(').next().unwrap().to_owned()).or_default() += 1;
    }
    let kept = unanswered.iter().filter_map(|sent| logged.remove(sent)).inspect(|times| assert_eq!(*times, 1)).count();
    assert_eq!(logged, HashMap::new(), "nothing is in the log that was not sent");
    println!("{} answered and kept: {kinds:?}; of {} not answered {kept} kept", answered.len(), unanswered.len());
    assert!(answered.len() >= KILLS && kinds.len() == KINDS.len(), "too little happened to prove anything");
    fires
}

/// Drives all of them at once.
async fn all(tasks: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut tasks: Vec<_> = tasks.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        tasks.retain_mut(|task| task.as_mut().poll(context).is_pending());
        if tasks.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// Xorshift: the moments of the kills follow from the seed that is printed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn random_bytes() -> [u8; 8] {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
