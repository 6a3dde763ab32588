//! Log first, held to its word: the real program is loaded over loopback and killed with SIGKILL at random moments,
//! started again on the same directory, and so on. In the end every request that it answered is in the log exactly
//! once, every logged fire is judged exactly once, and everything derived agrees with the log. What was not answered may
//! be there or not, but never twice. (A killed process is not a lost power supply: that the sync before each answer
//! reaches the disk is SQLite's and the kernel's part.)

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "the seed, and how much was proved")]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use pixeld::clock::Clock;
use pixeld::domain::{
    Advertiser, Caller, LineItem, LineItemPixel, Pixel, PixelId, Publisher, Seq, State, Tracker, TrackerId,
    TrackerKind, TriggerType,
};
use pixeld::judge::{Judge, explain};
use pixeld::store::{ClickTracker, ImpTracker, LogItem, Store};
use reqwest::header::{COOKIE, USER_AGENT};

/// How often it is killed.
const KILLS: usize = 20;
/// How many requests it answers before each kill, at most. So the load is bounded in count; [`PATIENCE`] bounds its time.
const ANSWERS_A_ROUND: u64 = 1_500;
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
}

/// A request, by the number it carries: a fire as its order id, an exposure as its cost in micros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sent {
    Fire(u64),
    Impression(u64),
    Click(u64),
}

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
        state: State::Active,
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
    store.stop();
    Shop { pixel: pixel.id, impression, click }
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

/// One visitor: sees ads, clicks some, buys; over and over until the server is gone.
async fn visit(address: &str, shop: &Shop, visitor: u64, tally: &Tally, after_each: &impl Fn()) {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .unwrap();
    for step in visitor.. {
        let number = tally.number();
        let cost = format!("{}.{:06}", number / 1_000_000, number % 1_000_000);
        // Of ten requests one is an impression, one a click (for some visitors), and one fire in four repeats an event.
        let (sent, path) = match step % 10 {
            0 if !visitor.is_multiple_of(3) => {
                (Sent::Impression(number), format!("/imptr?id={}&t=2&ancost={cost}", shop.impression))
            }
            5 if visitor.is_multiple_of(2) => (Sent::Click(number), format!("/clktr?id={}&ancost={cost}", shop.click)),
            _ => {
                let event = if number.is_multiple_of(4) { number - 4 } else { number };
                let fire = format!("/px?id={}&t=2&value=1.25&order_id={number}&event_id=e{event}", shop.pixel);
                (Sent::Fire(number), fire)
            }
        };
        let request = client.get(format!("{address}{path}"));
        let answer = request.header(COOKIE, format!("pxid={visitor:x}")).header(USER_AGENT, BROWSER).send().await;
        match answer {
            Ok(answer) if matches!(answer.status().as_u16(), 200 | 302) => tally.answered.borrow_mut().push(sent),
            Ok(answer) => panic!("{path} was answered {}", answer.status()),
            Err(_) => {
                tally.unanswered.borrow_mut().push(sent);
                return;
            }
        }
        after_each();
    }
}

/// Judges what is left and counts.
async fn settle(directory: &Path, tally: Tally) {
    let store = Store::open(directory, Clock::System).unwrap();
    let judge = Judge::start(store.clone()).unwrap();
    let mut judged = store.judged();
    tokio::time::timeout(PATIENCE, judged.wait_for(|seq| *seq >= store.logged())).await.unwrap().unwrap();

    let by = Caller::shell().reader().unwrap();
    let found = store.verify(&by).await.unwrap();
    assert_eq!(found.faults, [], "what is derived disagrees with the log");
    assert_eq!(found.judged, found.logged);

    let mut logged: HashMap<Sent, u32> = HashMap::new();
    let mut fires = Vec::new();
    let reader = store.judge_file().unwrap();
    for item in reader.snapshot().unwrap().rows(Seq(0), found.logged).unwrap() {
        let sent = match item {
            LogItem::Fire(logged) => {
                fires.push(logged.fire.seq);
                Sent::Fire(logged.fire.order_id.unwrap().parse().unwrap())
            }
            LogItem::Exposure(logged) => {
                let number = u64::try_from(logged.ancost.unwrap().0).unwrap();
                match logged.touch.kind {
                    pixeld::domain::ExposureKind::Impression => Sent::Impression(number),
                    pixeld::domain::ExposureKind::Click => Sent::Click(number),
                }
            }
            LogItem::SegmentLoad(_)
            | LogItem::Adjustment(_)
            | LogItem::Pixel(_)
            | LogItem::LineItem(_)
            | LogItem::Segment(_) => continue,
        };
        *logged.entry(sent).or_default() += 1;
    }
    let (answered, unanswered) = (tally.answered.into_inner(), tally.unanswered.into_inner());
    for sent in answered.iter() {
        assert_eq!(logged.remove(sent), Some(1), "{sent:?} was answered, and is to be in the log once");
    }
    let kept = unanswered.iter().filter_map(|sent| logged.remove(sent)).inspect(|times| assert_eq!(*times, 1)).count();
    assert_eq!(logged, HashMap::new(), "nothing is in the log that was not sent");

    let mut credited = 0;
    for seq in &fires {
        let explained = explain(&store, &by, *seq).await.unwrap();
        assert_eq!(explained.judgement.outcome, explained.conversion.outcome, "judged anew, {seq} comes out otherwise");
        credited += usize::from(explained.conversion.credit.is_some());
    }
    println!(
        "{} requests answered and kept; of {} not answered {kept} kept; {} fires, {credited} credited",
        answered.len(),
        unanswered.len(),
        fires.len()
    );
    assert!(answered.len() >= KILLS && credited > 0, "too little happened to prove anything");
    judge.finish(PATIENCE);
    store.stop();
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
