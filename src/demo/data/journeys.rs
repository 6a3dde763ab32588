//! Plans what visitors do: ads they see, clicks, purchases, and mishaps on the way. The plan stays in memory; the judge
//! decides the outcome of each event.

use super::brand::{Brand, Goal, LinkAd, Story};
use super::brands::BRANDS;
use super::plan::{Event, EventKind, PixelLoad, Plan};
use super::random::{Random, Spread};
use super::rhythm::Rhythm;
use crate::domain::{Flags, Millis, VisitorId};

const MINUTE: i64 = 60_000;
/// Any number works.
const LINKS_SEED: u64 = 20_261_130;

/// Plans a history of about `exposures` exposures. `rhythms` has one for each of [`BRANDS`].
pub(super) fn plan(rhythms: &[Rhythm], exposures: u32, random: &mut Random) -> Plan {
    let mut plan = Plan { events: Vec::new(), exposures: 0, orders: 0 };
    for (place, (brand, rhythm)) in BRANDS.iter().zip(rhythms).enumerate() {
        let sums = running_sums(brand.places.iter().map(|place| place.weight));
        let mut planner = Planner { plan: &mut plan, brand, place, rhythm, sums, random };
        planner.plan_brand(u64::from(exposures) * u64::from(brand.share) / 1_000);
    }
    // Chance of their own, so that they change nothing else of the history.
    let mut random = Random::new(LINKS_SEED);
    for (place, (brand, rhythm)) in BRANDS.iter().zip(rhythms).enumerate() {
        let (sums, random) = (Vec::new(), &mut random);
        let mut planner = Planner { plan: &mut plan, brand, place, rhythm, sums, random };
        planner.plan_links(u64::from(exposures) * u64::from(brand.share) / 1_000);
    }
    plan.events.sort_by_key(|event| event.received);
    plan
}

fn running_sums(weights: impl Iterator<Item = u64>) -> Vec<u64> {
    weights
        .scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}

struct Planner<'a> {
    plan: &'a mut Plan,
    brand: &'static Brand,
    place: usize,
    rhythm: &'a Rhythm,
    /// Running sums of the weights of the brand's places.
    sums: Vec<u64>,
    random: &'a mut Random,
}

/// A person, as the tags see it.
#[derive(Clone, Copy)]
struct Person {
    /// None after an opt-out.
    visitor: Option<VisitorId>,
    flags: Flags,
}

impl Planner<'_> {
    fn plan_brand(&mut self, exposures: u64) {
        let first = self.plan.events.len();
        let target = self.plan.exposures + usize::try_from(exposures).unwrap_or(0);
        while self.plan.exposures < target {
            self.journey();
        }
        for (index, goal) in self.brand.goals.iter().enumerate() {
            for _ in 0..exposures * goal.unprompted / 1_000 {
                let at = self.rhythm.moment(self.random);
                let person = self.person();
                self.fire(index, at, person, None);
            }
        }
        let count = u64::try_from(self.plan.events.len() - first).unwrap_or(0);
        self.noise(count);
    }

    /// The arrivals by links of a brand with so many exposures.
    fn plan_links(&mut self, exposures: u64) {
        for (link, ad) in self.brand.links.iter().enumerate() {
            for _ in 0..1 + exposures * ad.share / 10_000 {
                self.arrive(link, ad);
            }
        }
    }

    /// One person comes by a link, and perhaps once more, by a reload or by another click.
    fn arrive(&mut self, link: usize, ad: &LinkAd) {
        let (mut at, mut person) = (self.rhythm.moment(self.random), self.person());
        let campaign = usize::try_from(self.random.below(8)).unwrap_or(0);
        let mut click = self.random.bits();
        let line = ad.source.as_ref().map(|source| source.line);
        loop {
            self.push(at, at, person, EventKind::Arrival { link, campaign, click });
            person.flags.new_visitor = false;
            if let Some(line) = line {
                self.follow_up(at, person, line, true, None);
            }
            if self.random.chance(12, 100) {
                let reloaded = at.plus(self.random.between(5_000, 8 * MINUTE));
                self.push(reloaded, reloaded, person, EventKind::Arrival { link, campaign, click });
            }
            let later = at.plus(self.random.around(3 * 24 * 60, &Spread::NARROW).max(1) * MINUTE);
            if person.visitor.is_none() || !self.random.chance(18, 100) || later >= self.rhythm.now() {
                return;
            }
            (at, click) = (self.rhythm.awake(later, self.random), self.random.bits());
        }
    }

    /// A person that the tags do not know yet.
    fn person(&mut self) -> Person {
        let opted_out = self.random.chance(6, 100);
        let visitor = (!opted_out).then(|| VisitorId::from_random(self.random.bits()));
        Person { visitor, flags: Flags { new_visitor: !opted_out, ..Flags::default() } }
    }

    /// One person's exposures and their effects.
    fn journey(&mut self) {
        let mut at = self.rhythm.moment(self.random);
        let mut person = self.person();
        person.flags.bot = self.random.chance(8, 1_000);
        for _ in 0..40 {
            if at >= self.rhythm.now() {
                return;
            }
            self.exposure(at, person);
            person.flags.new_visitor = false;
            if self.random.chance(30, 100) {
                return;
            }
            let later = at.plus(self.random.around(9 * 60, &Spread::WIDE).max(1) * MINUTE);
            at = self.rhythm.awake(later, self.random);
        }
    }

    /// A view of an ad, perhaps with a click; only a click where the publisher reports no views.
    fn exposure(&mut self, at: Millis, person: Person) {
        let place = self.random.weighted(&self.sums);
        let Some(ad) = self.brand.places.get(place) else { return };
        let ended = self.brand.lines.get(ad.line).map_or(0, |line| line.ended);
        if ended > 0 && self.rhythm.now().since(at) < ended * Millis::DAY {
            return;
        }
        let mut view = None;
        if ad.reports_views() {
            let number = self.next_number();
            self.push(at, at, person, EventKind::View { number, place });
            view = Some(number);
        }
        let clicked = self.random.chance(ad.clicks, 10_000) && !person.flags.bot;
        let mut person = person;
        if clicked {
            let at = at.plus(self.random.between(1_500, 40_000));
            // Some ad servers do not pass the impression's token on.
            let of = view.filter(|_| self.random.chance(88, 100));
            if view.is_some() {
                person.flags.new_visitor = false;
            }
            let number = self.next_number();
            self.push(at, at, person, EventKind::Click { number, place, of });
            person.flags.new_visitor = false;
            let line = ad.line;
            if self.brand.lines.get(line).is_some_and(|line| line.segment.is_some()) && self.random.chance(9, 10) {
                let at = at.plus(self.random.between(800, 6_000));
                self.push(at, at, person, EventKind::Segment { line });
            }
            self.follow_up(at, person, ad.line, true, Some(number));
        } else if !person.flags.bot {
            person.flags.new_visitor = false;
            self.follow_up(at, person, ad.line, false, None);
        }
    }

    /// The effects of a line item's exposure after a while: mostly loads of the pixels it advertises.
    /// The number of a click is known if a tracker saw it.
    fn follow_up(&mut self, at: Millis, person: Person, line: usize, is_click: bool, click: Option<usize>) {
        let entries = self.brand.lines.get(line).map_or(&[][..], |line| line.pixels);
        for (index, goal) in self.brand.goals.iter().enumerate() {
            let is_unrelated = entries.iter().all(|(code, _)| *code != goal.code);
            if is_unrelated && !self.random.chance(1, 5) {
                continue;
            }
            let (reached, median) = match is_click {
                true => (self.random.chance(goal.per_click, 1_000), goal.delay),
                false => (self.random.chance(goal.per_view, 10_000), 3 * goal.delay + 45),
            };
            if reached {
                let delay = self.random.around(median * MINUTE, &Spread::WIDE).max(4_000);
                let mut when = at.plus(delay);
                if delay > 2 * Millis::HOUR {
                    when = self.rhythm.awake(when, self.random);
                }
                self.fire(index, when, person, click);
            }
        }
    }

    /// A load of a pixel, and perhaps further ones: by the shop's server, by a reload, by the same person later.
    fn fire(&mut self, index: usize, at: Millis, person: Person, click: Option<usize>) {
        let Some(goal) = self.brand.goals.get(index) else { return };
        let mut load = self.new_load(index, goal, at);
        if matches!(goal.story, Story::FromTheServer) && self.random.chance(2, 3) {
            load.token = click;
            load.by_server = click.is_some();
        }
        self.add_load(at, at, person, load);
        let again = Person { flags: Flags { new_visitor: false, ..person.flags }, ..person };
        if goal.orders.is_some() && load.token.is_none() {
            if load.event_id && self.random.chance(7, 100) {
                // The shop's server reports the same purchase; its event arrives somewhat later.
                let received = at.plus(self.random.between(3_000, 90_000));
                self.add_load(at, received, again, PixelLoad { by_server: true, ..load });
            }
            if self.random.chance(6, 100) {
                let later = at.plus(self.random.around(9 * MINUTE, &Spread::WIDE).max(2_000));
                self.add_load(later, later, again, load);
            }
        }
        if let Some((cents, _)) = load.value
            && self.random.chance(goal.returned * 4, 3_000)
        {
            let later = at.plus(self.random.around(6 * Millis::DAY, &Spread::NARROW));
            let when = self.rhythm.awake(later, self.random);
            let cents = self.random.chance(1, 4).then(|| cents * 8 / 10);
            self.push(when, when, person, EventKind::Correction { goal: index, order: load.order, cents });
        }
        if self.random.chance(goal.again, 1_000) {
            let later = at.plus(self.random.around(14 * MINUTE, &Spread::NARROW));
            let load = self.new_load(index, goal, later);
            self.add_load(later, later, again, load);
        }
    }

    fn new_load(&mut self, index: usize, goal: &Goal, at: Millis) -> PixelLoad {
        let comma = match goal.story {
            Story::CommaSince(days) => self.rhythm.now().since(at) < days * Millis::DAY && self.random.chance(92, 100),
            _ => false,
        };
        let prices: Vec<usize> = (0..goal.prices.len()).collect();
        let first = self.random.pick(&prices).copied();
        // A second article is no dearer.
        let second = first.and_then(|first| self.random.pick(prices.get(..=first)?).copied());
        let articles = [first, second.filter(|_| self.random.chance(3, 10))];
        let cents = articles.iter().flatten().filter_map(|article| goal.prices.get(*article)).sum();
        let order = self.plan.orders;
        self.plan.orders += 1;
        let event_id = goal.orders.is_some() && self.random.chance(55, 100);
        let value = first.map(|_| (cents, comma));
        PixelLoad { goal: index, order, articles, value, event_id, by_server: false, token: None }
    }

    /// Adds the load to the history, unless the pixel's story says otherwise.
    fn add_load(&mut self, at: Millis, received: Millis, person: Person, load: PixelLoad) {
        let silent = match self.brand.goals.get(load.goal).map(|goal| goal.story) {
            Some(Story::NeverFired) => return,
            Some(Story::SilentFor(hours)) => hours * Millis::HOUR,
            // The old page has hardly any visitors left.
            Some(Story::InactiveSince(days))
                if self.rhythm.now().since(at) < days * Millis::DAY && !self.random.chance(1, 4) =>
            {
                return;
            }
            _ => 0,
        };
        if received < self.rhythm.now().plus(-silent) {
            self.push(at, received, person, EventKind::Fire(load));
        }
    }

    /// Tests, bots, prefetches, and requests for pixels that do not exist.
    fn noise(&mut self, events: u64) {
        for _ in 0..8 + events / 1_500 {
            self.fire_uncounted(Flags { test: true, ..Flags::default() });
        }
        for _ in 0..4 + events / 500 {
            self.fire_uncounted(Flags { bot: true, new_visitor: true, ..Flags::default() });
        }
        for _ in 0..4 + events / 800 {
            self.fire_uncounted(Flags { prefetch: true, new_visitor: true, ..Flags::default() });
        }
        for _ in 0..2 + events / 4_000 {
            let at = self.rhythm.moment(self.random);
            let id = self.random.pick(&["[PIXEL_ID]", "8371", "8371", "undefined", "0"]).copied().unwrap_or("0");
            let person = self.person();
            self.push(at, at, person, EventKind::Rejected { id });
        }
    }

    /// A load that must not count.
    fn fire_uncounted(&mut self, flags: Flags) {
        let goals = u64::try_from(self.brand.goals.len()).unwrap_or(0);
        let index = usize::try_from(self.random.below(goals)).unwrap_or(0);
        let Some(goal) = self.brand.goals.get(index) else { return };
        let at = self.rhythm.moment(self.random);
        let load = self.new_load(index, goal, at);
        let person = Person { visitor: Some(VisitorId::from_random(self.random.bits())), flags };
        self.add_load(at, at, person, load);
    }

    fn next_number(&mut self) -> usize {
        self.plan.exposures += 1;
        self.plan.exposures - 1
    }

    fn push(&mut self, at: Millis, received: Millis, person: Person, kind: EventKind) {
        if received < self.rhythm.now() {
            let Person { visitor, flags } = person;
            self.plan.events.push(Event { at, received, brand: self.place, visitor, flags, kind });
        }
    }
}
