//! Arrivals: a table of cases, and what holds of every case.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::{ArrivalCase, ArrivalDecision, ClickIdUse, KnownClickId, NamedAd, SAME_ARRIVAL_MS, arrive};
use crate::domain::{
    AdvertiserId, Arrival, ArrivalFate, ClickIdValue, ExposureKind, Flags, Millis, Seq, SourceId, VisitorId,
};

const T: Millis = Millis(1_790_000_000_000);
const SAME: i64 = SAME_ARRIVAL_MS;

/// A case with data of its own.
#[derive(Clone, Debug)]
struct Setup {
    arrival: Arrival,
    visitor: bool,
    flags: Flags,
    named: Option<NamedAd>,
    known: Vec<KnownClickId>,
    source: bool,
    alike: Vec<Millis>,
}

impl Setup {
    fn decide(&self) -> ArrivalDecision {
        arrive(&ArrivalCase {
            arrival: &self.arrival,
            at: T,
            visitor_id: self.visitor.then_some(VisitorId(7)),
            flags: self.flags,
            named: self.named,
            click_ids: &self.known,
            source_id: self.source.then_some(SourceId(3)),
            alike: &self.alike,
        })
    }

    /// With a click id of which this is known.
    fn id(mut self, known: KnownClickId) -> Self {
        let value = Some(format!("value{}", self.known.len()));
        self.arrival.click_ids.push(ClickIdValue { name: "gclid".into(), value });
        self.known.push(known);
        self
    }

    fn utm(mut self) -> Self {
        self.arrival.parameters.push(("utm_source".into(), "news".into()));
        self
    }

    fn referrer(mut self) -> Self {
        self.arrival.referrer_host = Some("example.com".into());
        self
    }

    /// With the token of an exposure of another cookie.
    fn token(mut self, kind: ExposureKind, age_ms: i64) -> Self {
        self.named = Some(NamedAd { seq: Seq(2), at: T.plus(-age_ms), kind, is_own: false });
        self
    }

    /// The same exposure, which is the visitor's already.
    fn own(mut self) -> Self {
        self.named = self.named.map(|named| NamedAd { is_own: true, ..named });
        self
    }

    fn again(mut self, age_ms: i64) -> Self {
        self.alike.push(T.plus(-age_ms));
        self
    }

    fn unmatched(self) -> Self {
        Setup { source: false, ..self }
    }

    fn private(mut self) -> Self {
        self.visitor = false;
        self.arrival.click_ids.iter_mut().for_each(|id| id.value = None);
        self
    }

    fn bot(self) -> Self {
        Setup { flags: Flags { bot: true, ..Flags::default() }, ..self }
    }
}

/// A visitor's arrival with nothing, which a source takes.
fn setup() -> Setup {
    let arrival = Arrival {
        advertiser_id: AdvertiserId(1),
        parameters: Vec::new(),
        click_ids: Vec::new(),
        referrer_host: None,
        named: None,
    };
    Setup {
        arrival,
        visitor: true,
        flags: Flags::default(),
        named: None,
        known: Vec::new(),
        source: true,
        alike: Vec::new(),
    }
}

#[test]
fn cases() {
    use ArrivalFate::{Click, Empty, Repeat, Token, Unmatched};
    use ClickIdUse as Use;
    use ExposureKind::{Click as Clicked, Impression};
    use KnownClickId::{self as Known, HadShared, New, NewShared, NoClick};
    let none: &[ClickIdUse] = &[];
    for (what, setup, fate, adopts, uses) in [
        ("a source takes it", setup().utm(), Click, false, none),
        ("none takes it", setup().utm().unmatched(), Unmatched, false, none),
        ("a new id", setup().id(New), Click, false, &[Use::Brought]),
        ("a new id that none takes", setup().id(New).unmatched(), Unmatched, false, &[Use::Brought]),
        ("an id that the visitor clicked with", setup().id(Known::Clicked), Repeat, false, &[Use::Nothing]),
        ("the same, of two ids", setup().id(New).id(Known::Clicked), Repeat, false, &[Use::Brought, Use::Nothing]),
        ("an id that no source took before", setup().id(NoClick), Click, false, &[Use::Clicked]),
        ("an id that no source takes again", setup().id(NoClick).unmatched(), Repeat, false, &[Use::Nothing]),
        ("an id that many share", setup().id(NewShared), Click, false, &[Use::Brought]),
        ("the same again later", setup().id(HadShared).again(SAME + 1), Click, false, &[Use::Nothing]),
        ("the same again soon", setup().id(HadShared).again(SAME), Repeat, false, &[Use::Nothing]),
        ("the same parameters at once", setup().utm().again(0), Repeat, false, none),
        ("30 minutes later", setup().utm().again(SAME), Repeat, false, none),
        ("after more than 30 minutes", setup().utm().again(SAME + 1), Click, false, none),
        ("a clock that went back", setup().utm().again(-SAME), Repeat, false, none),
        ("the same unmatched", setup().utm().unmatched().again(5), Repeat, false, none),
        ("the page before, which a source asks for", setup().referrer(), Click, false, none),
        ("the page before alone", setup().referrer().unmatched(), Empty, false, none),
        ("nothing", setup().unmatched(), Empty, false, none),
        ("a token alone", setup().unmatched().token(Clicked, 90 * SAME), Token, true, none),
        ("a token of a view alone", setup().unmatched().token(Impression, 0), Token, true, none),
        ("a token with an id of the same click", setup().id(New).token(Clicked, SAME), Token, true, &[Use::Brought]),
        ("a token of an old click", setup().id(New).token(Clicked, SAME + 1), Click, true, &[Use::Brought]),
        ("the same that none takes", setup().utm().unmatched().token(Clicked, SAME + 1), Unmatched, true, none),
        ("a token of a view with parameters", setup().utm().token(Impression, 5), Click, true, none),
        ("a token of a click a moment ahead", setup().utm().token(Clicked, -5), Token, true, none),
        ("the visitor's own token", setup().utm().token(Clicked, 5).own(), Token, false, none),
        (
            "an old own token with a known id",
            setup().id(Known::Clicked).token(Clicked, SAME + 1).own(),
            Repeat,
            false,
            &[Use::Nothing],
        ),
        (
            "a token with an id that none took before",
            setup().id(NoClick).token(Clicked, 5).own(),
            Token,
            false,
            &[Use::Clicked],
        ),
        ("a private visitor", setup().utm().id(New).private(), Click, false, &[Use::Nothing]),
        ("a private visitor again", setup().utm().again(5).private(), Click, false, none),
        ("a private visitor with a token", setup().utm().token(Clicked, 5).private(), Token, false, none),
        ("a bot", setup().id(New).bot(), Click, false, &[Use::Nothing]),
        ("a bot again", setup().id(Known::Clicked).again(5).bot(), Click, false, &[Use::Nothing]),
        ("a bot with a token", setup().utm().token(Clicked, 5).bot(), Token, false, none),
    ] {
        let decision = setup.decide();
        assert_eq!((decision.fate, decision.adopts, &*decision.click_ids), (fate, adopts, uses), "{what}");
    }
}

fn setups() -> impl Strategy<Value = Setup> {
    use KnownClickId::{Clicked, HadShared, New, NewShared, NoClick};
    let ages = || select(vec![-SAME - 1, -SAME, 0, 5, SAME, SAME + 1, 50 * SAME]);
    let known = prop::collection::vec(select(vec![New, Clicked, NoClick, NewShared, HadShared]), 0..4);
    let token = prop::option::of((any::<bool>(), ages(), any::<bool>()));
    let carried = (any::<bool>(), any::<bool>(), known, token);
    (carried, any::<[bool; 2]>(), 0..8_i64, prop::collection::vec(ages(), 0..3)).prop_map(
        |((utm, referrer, known, token), [visitor, source], flags, alike)| {
            let mut made = Setup { source, flags: Flags::from_bits(flags), ..setup() };
            made = known.into_iter().fold(made, Setup::id);
            made = if utm { made.utm() } else { made };
            made = if referrer { made.referrer() } else { made };
            if let Some((click, age, own)) = token {
                let kind = if click { ExposureKind::Click } else { ExposureKind::Impression };
                made = made.token(kind, age);
                made = if own { made.own() } else { made };
            }
            made = alike.into_iter().fold(made, Setup::again);
            if visitor { made } else { made.private() }
        },
    )
}

proptest! {
    #[test]
    fn what_always_holds(setup in setups()) {
        let decision = setup.decide();
        let ArrivalDecision { fate, adopts, click_ids, is_click, is_first } = decision.clone();
        let real = setup.visitor && setup.flags.is_real();
        let unreal = ArrivalDecision {
            adopts: false, click_ids: vec![ClickIdUse::Nothing; click_ids.len()], is_first: false, ..decision.clone()
        };
        prop_assert_eq!(click_ids.len(), setup.known.len());
        // A private visitor, a test, a bot and a prefetch have nothing of it.
        prop_assert!(real || (decision == unreal && fate != ArrivalFate::Repeat));
        // A click has a source, and is never a repeat of another; a token of a click that led here makes none.
        prop_assert!(fate != ArrivalFate::Click || (setup.source && is_click));
        prop_assert!(fate != ArrivalFate::Unmatched || !setup.source);
        let clicked = setup.known.contains(&KnownClickId::Clicked);
        prop_assert!(!(real && clicked && fate == ArrivalFate::Click));
        let led_here = |named: &NamedAd| named.kind == ExposureKind::Click && T.since(named.at) <= SAME;
        prop_assert!(!setup.named.is_some_and(|named| led_here(&named)) || fate == ArrivalFate::Token);
        // What a token brings does not depend on what stands beside it.
        prop_assert_eq!(adopts, real && setup.named.is_some_and(|named| !named.is_own));
        // Only an id that is new to the visitor becomes the visitor's.
        for (known, used) in setup.known.iter().zip(&click_ids) {
            prop_assert_eq!(
                *used == ClickIdUse::Brought,
                real && matches!(known, KnownClickId::New | KnownClickId::NewShared)
            );
            prop_assert!(*used != ClickIdUse::Clicked || (is_click && *known == KnownClickId::NoClick));
        }
        prop_assert!(!is_first || !matches!(fate, ArrivalFate::Repeat | ArrivalFate::Empty));
    }

    #[test]
    fn what_was_a_click_is_a_repeat_at_once(setup in setups()) {
        let decision = setup.decide();
        let known = setup.known.iter().zip(&decision.click_ids).map(|(known, used)| match (known, used) {
            (KnownClickId::NewShared, ClickIdUse::Brought) => KnownClickId::HadShared,
            (_, ClickIdUse::Nothing) => *known,
            _ if decision.is_click => KnownClickId::Clicked,
            _ => KnownClickId::NoClick,
        });
        let mut again = Setup { known: known.collect(), ..setup.clone() };
        again.alike.extend(decision.is_first.then_some(T));
        again = if decision.adopts { again.own() } else { again };
        let fate = again.decide().fate;
        let real = setup.visitor && setup.flags.is_real();
        let expected = match decision.fate {
            ArrivalFate::Click | ArrivalFate::Unmatched if real => ArrivalFate::Repeat,
            fate => fate,
        };
        prop_assert_eq!(fate, expected);
    }
}
