//! The open connections of one server: a bound on all, and one for each client's address. When few places are left, the
//! connection that has waited longest for its client ends first, so that a new visitor always gets an answer.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::task::AtomicWaker;
use ipnet::IpNet;
use tokio::time::Instant;

use crate::domain::network_of;
use crate::web::client::is_trusted;

/// One in so many connections ends at once when few places are left, so that the search for the idlest is rare.
const SHARE_THAT_ENDS: usize = 16;

/// One in so many places is kept free.
const SHARE_KEPT_FREE: usize = 8;

/// The connections of one server. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Connections(Arc<Registry>);

struct Registry {
    began: Instant,
    /// The places for all connections.
    most: usize,
    /// The places for one address.
    most_of_address: usize,
    trusted: Vec<IpNet>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    count: usize,
    /// Those among them that end as soon as their task runs.
    ending: usize,
    by_address: HashMap<IpAddr, HashMap<u64, Link>>,
    next_id: u64,
}

/// What the registry and the connection's task share. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Link(Arc<State>);

struct State {
    began: Instant,
    /// When something moved last, in milliseconds, and above the lowest bits, [`Motion`].
    moved: AtomicU64,
    /// Whether the server works on a request, or sends its answer.
    is_serving: AtomicBool,
    is_ending: AtomicBool,
    waker: AtomicWaker,
}

/// What a connection does, as its bytes show it. The order is the one in which connections end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Motion {
    /// The last bytes were the server's.
    Idle = 0,
    /// The last bytes were the client's.
    Received = 1,
    /// The client does not take what the server sends.
    Stuck = 2,
}

/// One open connection. Dropping it frees its place.
pub struct Connection {
    link: Link,
    connections: Connections,
    address: IpAddr,
    id: u64,
}

impl Connections {
    /// `most_of_address` does not count for trusted proxies and for this machine itself.
    pub fn new(most: usize, most_of_address: Option<usize>, trusted: Vec<IpNet>) -> Self {
        let most_of_address = most_of_address.unwrap_or(usize::MAX);
        let open = Mutex::default();
        Connections(Arc::new(Registry { began: Instant::now(), most, most_of_address, trusted, open }))
    }

    /// A place for a new connection; none if its address has too many that are all in use. The number of all has no
    /// influence here: beyond it the system keeps clients waiting.
    pub fn enter(&self, peer: Option<SocketAddr>) -> Option<Connection> {
        let ip = peer.map(|peer| peer.ip().to_canonical());
        let is_bounded = ip.is_none_or(|ip| !ip.is_loopback() && !is_trusted(ip, &self.0.trusted));
        let address = network_of(ip);
        let mut open = self.open();
        if is_bounded && !open.has_place_for(address, self.0.most_of_address) {
            return None;
        }
        if open.count - open.ending >= self.0.most - self.0.most / SHARE_KEPT_FREE {
            let idlest = open.by_address.values().flat_map(HashMap::values);
            open.ending += end_idlest(idlest, self.0.most / SHARE_THAT_ENDS + 1);
        }
        let id = open.next_id;
        let link = Link::new(self.0.began);
        open.count += 1;
        open.next_id += 1;
        open.by_address.entry(address).or_default().insert(id, link.clone());
        Some(Connection { link, connections: self.clone(), address, id })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Whether the address may have one more. Ends idle ones of its own if that helps.
    fn has_place_for(&mut self, address: IpAddr, most: usize) -> bool {
        let Some(links) = self.by_address.get(&address).filter(|links| links.len() >= most) else { return true };
        let open = links.values().filter(|link| !link.is_ending()).count();
        let ended = if open < most { 0 } else { end_idlest(links.values(), most / SHARE_THAT_ENDS + 1) };
        self.ending += ended;
        open < most || ended > 0
    }
}

/// Ends so many of the connections that wait for their clients; the idlest first. Returns how many it ended.
fn end_idlest<'l>(links: impl Iterator<Item = &'l Link>, count: usize) -> usize {
    let mut waiting: Vec<_> = links.filter_map(|link| Some((link.waiting()?, link))).collect();
    if waiting.len() > count {
        waiting.select_nth_unstable_by_key(count, |(waiting, _)| *waiting);
        waiting.truncate(count);
    }
    waiting.iter().for_each(|(_, link)| link.end());
    waiting.len()
}

impl Link {
    fn new(began: Instant) -> Self {
        let (is_serving, is_ending) = (AtomicBool::new(false), AtomicBool::new(false));
        let link =
            Link(Arc::new(State { began, moved: AtomicU64::new(0), is_serving, is_ending, waker: AtomicWaker::new() }));
        link.moved(Instant::now(), Motion::Idle);
        link
    }

    /// Notes that something moved. Any order of these marks does, as they only choose which connection ends.
    pub fn moved(&self, at: Instant, motion: Motion) {
        let millis = u64::try_from(at.saturating_duration_since(self.0.began).as_millis()).unwrap_or(u64::MAX);
        self.0.moved.store(millis << 2 | motion as u64, Ordering::Relaxed);
    }

    /// Notes that the client takes nothing more for now.
    pub fn stuck(&self) {
        self.0.moved.fetch_or(Motion::Stuck as u64, Ordering::Relaxed);
    }

    /// The server works on a request.
    pub fn serve(&self) {
        self.0.is_serving.store(true, Ordering::Relaxed);
    }

    /// The server needs more from the client.
    pub fn wait_for_client(&self) {
        self.0.is_serving.store(false, Ordering::Relaxed);
    }

    /// What the connection waits for and since when, in the order in which connections end; none if it waits for the
    /// server, or ends already.
    fn waiting(&self) -> Option<(Motion, u64)> {
        let moved = self.0.moved.load(Ordering::Relaxed);
        let motion = match moved & 3 {
            0 => Motion::Idle,
            1 => Motion::Received,
            _ => Motion::Stuck,
        };
        let waits_for_server = self.0.is_serving.load(Ordering::Relaxed) && motion != Motion::Stuck;
        (!waits_for_server && !self.is_ending()).then_some((motion, moved >> 2))
    }

    fn end(&self) {
        self.0.is_ending.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    pub fn is_ending(&self) -> bool {
        self.0.is_ending.load(Ordering::Acquire)
    }
}

impl Connection {
    /// For marks from elsewhere.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Whether it is to end. If not, the task wakes when it is.
    pub fn poll_ending(&self, context: &std::task::Context<'_>) -> bool {
        self.link.0.waker.register(context.waker());
        self.link.is_ending()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.count -= 1;
        open.ending -= usize::from(self.link.is_ending());
        if let Some(links) = open.by_address.get_mut(&self.address) {
            links.remove(&self.id);
            if links.is_empty() {
                open.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{advance, pause};

    use super::*;

    fn peer(last: u8) -> Option<SocketAddr> {
        Some(SocketAddr::from(([192, 0, 2, last], 1)))
    }

    /// Connections from different addresses, a second apart.
    async fn opened(connections: &Connections, addresses: std::ops::Range<u8>) -> Vec<Connection> {
        let mut open = Vec::new();
        for last in addresses {
            open.push(connections.enter(peer(last)).unwrap());
            advance(Duration::from_secs(1)).await;
        }
        open
    }

    fn ending(open: &[Connection]) -> Vec<usize> {
        (0..open.len()).filter(|index| open.get(*index).is_some_and(|open| open.link().is_ending())).collect()
    }

    #[tokio::test]
    async fn when_few_places_are_left_the_idlest_ends_first_and_no_request_that_the_server_works_on() {
        pause();
        let connections = Connections::new(16, None, Vec::new());
        let mut open = opened(&connections, 0..14).await;
        open[0].link().serve();
        open[1].link().moved(Instant::now(), Motion::Idle);
        open[2].link().moved(Instant::now(), Motion::Received);
        assert!(ending(&open).is_empty());
        open.push(connections.enter(peer(100)).unwrap());
        assert_eq!(ending(&open), [3, 4], "two of sixteen");
        for last in 101..111 {
            open.push(connections.enter(peer(last)).unwrap());
        }
        assert!(!open[0].link().is_ending() && !open[2].link().is_ending(), "a head that arrives comes later");
        for last in 111..120 {
            open.iter().skip(15).for_each(|open| open.link().serve());
            open.push(connections.enter(peer(last)).unwrap());
        }
        assert!(open[2].link().is_ending() && !open[0].link().is_ending());
        open[0].link().stuck();
        open.iter().skip(15).for_each(|open| open.link().serve());
        open.push(connections.enter(peer(120)).unwrap());
        assert!(open[0].link().is_ending(), "a client that takes no answer comes last");
    }

    #[tokio::test]
    async fn an_address_has_a_bound_of_its_own_but_no_proxy_and_not_this_machine() {
        pause();
        let trusted = vec!["192.0.2.7/32".parse().unwrap()];
        let connections = Connections::new(1_000, Some(32), trusted);
        let open: Vec<_> = (0..32).map(|_| connections.enter(peer(1)).unwrap()).collect();
        assert!(ending(&open).is_empty());
        let more = connections.enter(peer(1)).unwrap();
        assert_eq!(ending(&open).len(), 3, "its own idle ones end");
        open.iter().for_each(|open| open.link().serve());
        more.link().serve();
        let mut busy = Vec::new();
        while let Some(one) = connections.enter(peer(1)) {
            one.link().serve();
            busy.push(one);
        }
        assert_eq!(busy.len(), 2, "all that are left are in use");
        drop(open);
        assert!(connections.enter(peer(1)).is_some());
        for exempt in [peer(7), Some(SocketAddr::from(([127, 0, 0, 1], 1)))] {
            let open: Vec<_> = (0..100).map(|_| connections.enter(exempt).unwrap()).collect();
            assert!(ending(&open).is_empty());
        }
        drop((busy, more));
        let left = connections.open();
        assert_eq!((left.by_address.len(), left.count, left.ending), (0, 0, 0));
    }
}
