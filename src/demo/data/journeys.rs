//! Plans what visitors do: ads they see, clicks, purchases, and mishaps on the way. The plan stays in memory; the judge
//! decides the outcome of each event.

use super::brands::BRANDS;
use super::cast::{Brand, Goal, Story};
use super::random::{Random, Spread};
use super::rhythm::Rhythm;
use crate::domain::{Flags, Micros, Millis, VisitorId};

const MINUTE: i64 = 60_000;

/// An event that becomes a row of the log.
pub(super) struct Event {
    /// When it happened.
    pub at: Millis,
    /// When it arrived.
    pub received: Millis,
    /// Its advertiser, by index in [`BRANDS`].
    pub brand: usize,
    pub visitor: Option<VisitorId>,
    pub flags: Flags,
    pub what: What,
}

pub(super) enum What {
    /// An impression, by its number among the exposures, at a place of the brand.
    View { number: usize, place: usize },
    /// A click, with the number of the impression that was clicked where it is known.
    Click { number: usize, place: usize, of: Option<usize> },
    /// A pixel was loaded.
    Fire(Load),
    /// The segment pixel of a line item's landing page was loaded: the line's place in the brand.
    Segment { line: usize },
    /// The shop's server corrected an order: returned, or worth so many cents now.
    Correction { goal: usize, order: usize, cents: Option<i64> },
    /// A request for a pixel that does not exist: the text in place of its id.
    Rejected { id: &'static str },
}

/// A pixel's load.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// The goal, by place in the brand.
    pub goal: usize,
    /// Names the order or sign-up; the same for its duplicates.
    pub order: usize,
    /// The articles, by place in the goal's prices.
    pub articles: [Option<usize>; 2],
    /// The dynamic value in cents, and whether its page wrote it with a comma.
    pub value: Option<(i64, bool)>,
    /// Whether it bears an event id.
    pub event_id: bool,
    /// Whether it came from the shop's server.
    pub by_server: bool,
    /// The number of the click that its token names.
    pub token: Option<usize>,
}

/// The plan of a history.
pub(super) struct Plan {
    /// In the order of their arrival.
    pub events: Vec<Event>,
    /// How many exposures are numbered.
    pub exposures: usize,
    /// How many orders are numbered.
    pub orders: usize,
}

/// Plans a history of about so many exposures. `rhythms` has one for each of [`BRANDS`].
pub(super) fn plan(rhythms: &[Rhythm], exposures: u32, random: &mut Random) -> Plan {
    let mut plan = Plan { events: Vec::new(), exposures: 0, orders: 0 };
    for (place, (brand, rhythm)) in BRANDS.iter().zip(rhythms).enumerate() {
        let sums = running_sums(brand.places.iter().map(|place| place.weight));
        let mut planner = Planner { plan: &mut plan, brand, place, rhythm, sums, random };
        planner.all(u64::from(exposures) * u64::from(brand.share) / 1_000);
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

/// A person on the way, as the tags see it.
#[derive(Clone, Copy)]
struct Person {
    /// None for those who opted out.
    visitor: Option<VisitorId>,
    flags: Flags,
}

impl Planner<'_> {
    fn all(&mut self, exposures: u64) {
        let first = self.plan.events.len();
        let target = self.plan.exposures + usize::try_from(exposures).unwrap_or(0);
        while self.plan.exposures < target {
            self.journey();
        }
        for (goal, described) in self.brand.goals.iter().enumerate() {
            for _ in 0..exposures * described.unprompted / 1_000 {
                let at = self.rhythm.moment(self.random);
                let person = self.person();
                self.fire(goal, at, person, None);
            }
        }
        let made = u64::try_from(self.plan.events.len() - first).unwrap_or(0);
        self.noise(made);
    }

    /// A person that the tags do not know yet.
    fn person(&mut self) -> Person {
        let opted_out = self.random.chance(6, 100);
        let visitor = (!opted_out).then(|| VisitorId::from_random(self.random.bits()));
        Person { visitor, flags: Flags { new_visitor: !opted_out, ..Flags::default() } }
    }

    /// One person's exposures and what they lead to.
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

    /// An ad is shown, and perhaps clicked; where only clicks are reported, it is clicked.
    fn exposure(&mut self, at: Millis, person: Person) {
        let place = self.random.weighted(&self.sums);
        let Some(described) = self.brand.places.get(place) else { return };
        let ended = self.brand.lines.get(described.line).map_or(0, |line| line.ended);
        if ended > 0 && self.rhythm.now().since(at) < ended * Millis::DAY {
            return;
        }
        let mut view = None;
        if described.reports_views() {
            let number = self.number();
            self.push(at, at, person, What::View { number, place });
            view = Some(number);
        }
        let clicked = self.random.chance(described.clicks, 10_000) && !person.flags.bot;
        let mut person = person;
        if clicked {
            let at = at.plus(self.random.between(1_500, 40_000));
            // Not every ad server hands the impression's token on.
            let of = view.filter(|_| self.random.chance(88, 100));
            if view.is_some() {
                person.flags.new_visitor = false;
            }
            let number = self.number();
            self.push(at, at, person, What::Click { number, place, of });
            person.flags.new_visitor = false;
            let line = described.line;
            if self.brand.lines.get(line).is_some_and(|line| line.segment.is_some()) && self.random.chance(9, 10) {
                let at = at.plus(self.random.between(800, 6_000));
                self.push(at, at, person, What::Segment { line });
            }
            self.outcomes(at, person, described.line, Some(number));
        } else if !person.flags.bot {
            person.flags.new_visitor = false;
            self.outcomes(at, person, described.line, None);
        }
    }

    /// The effects of a line item's exposure after a while: mostly loads of the pixels it advertises.
    fn outcomes(&mut self, at: Millis, person: Person, line: usize, click: Option<usize>) {
        let advertised = self.brand.lines.get(line).map_or(&[][..], |line| line.pixels);
        for (goal, described) in self.brand.goals.iter().enumerate() {
            let beside = advertised.iter().all(|(code, _)| *code != described.code);
            if beside && !self.random.chance(1, 5) {
                continue;
            }
            let (reached, median) = match click {
                Some(_) => (self.random.chance(described.per_click, 1_000), described.delay),
                None => (self.random.chance(described.per_view, 10_000), 3 * described.delay + 45),
            };
            if reached {
                let delay = self.random.around(median * MINUTE, &Spread::WIDE).max(4_000);
                let mut when = at.plus(delay);
                if delay > 2 * Millis::HOUR {
                    when = self.rhythm.awake(when, self.random);
                }
                self.fire(goal, when, person, click);
            }
        }
    }

    /// A pixel is loaded, and perhaps once more: by the shop's server, by a reload, by the same person again.
    fn fire(&mut self, goal: usize, at: Millis, person: Person, click: Option<usize>) {
        let Some(described) = self.brand.goals.get(goal) else { return };
        let mut load = self.load(goal, described, at);
        if matches!(described.story, Story::FromTheServer) && self.random.chance(2, 3) {
            load.token = click;
            load.by_server = click.is_some();
        }
        self.load_at(at, at, person, load);
        let again = Person { flags: Flags { new_visitor: false, ..person.flags }, ..person };
        if described.orders.is_some() && load.token.is_none() {
            if load.event_id && self.random.chance(7, 100) {
                // The shop's server reports the same purchase, which arrives somewhat later.
                let received = at.plus(self.random.between(3_000, 90_000));
                self.load_at(at, received, again, Load { by_server: true, ..load });
            }
            if self.random.chance(6, 100) {
                let later = at.plus(self.random.around(9 * MINUTE, &Spread::WIDE).max(2_000));
                self.load_at(later, later, again, load);
            }
        }
        if let Some((cents, _)) = load.value
            && self.random.chance(described.returned * 4, 3_000)
        {
            let later = at.plus(self.random.around(6 * Millis::DAY, &Spread::NARROW));
            let when = self.rhythm.awake(later, self.random);
            let cents = self.random.chance(1, 4).then(|| cents * 8 / 10);
            self.push(when, when, person, What::Correction { goal, order: load.order, cents });
        }
        if self.random.chance(described.again, 1_000) {
            let later = at.plus(self.random.around(14 * MINUTE, &Spread::NARROW));
            let load = self.load(goal, described, later);
            self.load_at(later, later, again, load);
        }
    }

    fn load(&mut self, goal: usize, described: &Goal, at: Millis) -> Load {
        let comma = match described.story {
            Story::CommaSince(days) => self.rhythm.now().since(at) < days * Millis::DAY && self.random.chance(92, 100),
            _ => false,
        };
        let prices: Vec<usize> = (0..described.prices.len()).collect();
        let first = self.random.pick(&prices).copied();
        // A second article is no dearer.
        let second = first.and_then(|first| self.random.pick(prices.get(..=first)?).copied());
        let articles = [first, second.filter(|_| self.random.chance(3, 10))];
        let cents = articles.iter().flatten().filter_map(|article| described.prices.get(*article)).sum();
        let order = self.plan.orders;
        self.plan.orders += 1;
        let event_id = described.orders.is_some() && self.random.chance(55, 100);
        let value = first.map(|_| (cents, comma));
        Load { goal, order, articles, value, event_id, by_server: false, token: None }
    }

    /// Adds the load to the history, unless the pixel's story says otherwise.
    fn load_at(&mut self, at: Millis, received: Millis, person: Person, load: Load) {
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
            self.push(at, received, person, What::Fire(load));
        }
    }

    /// Tests, bots, pages fetched in advance, and requests for pixels that are not there.
    fn noise(&mut self, made: u64) {
        for _ in 0..8 + made / 1_500 {
            self.stray(Flags { test: true, ..Flags::default() });
        }
        for _ in 0..4 + made / 500 {
            self.stray(Flags { bot: true, new_visitor: true, ..Flags::default() });
        }
        for _ in 0..4 + made / 800 {
            self.stray(Flags { prefetch: true, new_visitor: true, ..Flags::default() });
        }
        for _ in 0..2 + made / 4_000 {
            let at = self.rhythm.moment(self.random);
            let id = self.random.pick(&["[PIXEL_ID]", "8371", "8371", "undefined", "0"]).copied().unwrap_or("0");
            let person = self.person();
            self.push(at, at, person, What::Rejected { id });
        }
    }

    /// A load that must not count.
    fn stray(&mut self, flags: Flags) {
        let goals = u64::try_from(self.brand.goals.len()).unwrap_or(0);
        let goal = usize::try_from(self.random.below(goals)).unwrap_or(0);
        let Some(described) = self.brand.goals.get(goal) else { return };
        let at = self.rhythm.moment(self.random);
        let load = self.load(goal, described, at);
        let person = Person { visitor: Some(VisitorId::from_random(self.random.bits())), flags };
        self.load_at(at, at, person, load);
    }

    fn number(&mut self) -> usize {
        self.plan.exposures += 1;
        self.plan.exposures - 1
    }

    fn push(&mut self, at: Millis, received: Millis, person: Person, what: What) {
        if received < self.rhythm.now() {
            let Person { visitor, flags } = person;
            self.plan.events.push(Event { at, received, brand: self.place, visitor, flags, what });
        }
    }
}

/// A sum of cents.
pub(super) fn money(cents: i64) -> Micros {
    Micros(cents.saturating_mul(Micros::UNIT / 100))
}
