//! The throttle: what strangers, users and known browsers may guess, and when.

use std::net::IpAddr;

use proptest::prelude::*;

use super::count::Count;
use super::turns::{AT_ONCE, INTERVAL};
use super::*;

/// A user whose password was never changed.
fn ann() -> Account {
    Account::of_user(UserId(1), "hash")
}

fn at(account: Account, address: &str) -> Guess {
    from(account, address, false)
}

fn from(account: Account, address: &str, forwards: bool) -> Guess {
    let network = Key::network(Some(address.parse().unwrap()));
    Guess { account, from: Guesser::Stranger { network, forwards } }
}

fn numbered(account: Account, number: u32) -> Guess {
    at(account, &IpAddr::from((0x0a00_0000 + number).to_be_bytes()).to_string())
}

fn known(name: &str) -> Guess {
    Guess { account: ann(), from: Guesser::Known(Key::browser(&ann(), name)) }
}

/// Guesses wrong if it may.
fn fail(throttle: &Throttle, guess: &Guess, now: Millis) -> Result<(), u64> {
    throttle.take(guess, now).map(|()| throttle.record_failure(guess, now))
}

fn seconds(wait: u64) -> i64 {
    i64::try_from(wait).unwrap() * 1_000
}

#[test]
fn waits_double_after_five_failures() {
    let (throttle, guess) = (Throttle::default(), at(ann(), "203.0.113.1"));
    let mut now = Millis(0);
    let mut waits = Vec::new();
    for _ in 0..13 {
        fail(&throttle, &guess, now).unwrap();
        let wait = throttle.check(&guess, now).err().unwrap_or(0);
        waits.push(wait);
        now = now.plus(seconds(wait));
        assert_eq!(throttle.check(&guess, now), Ok(()));
    }
    assert_eq!(waits, [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
    assert_eq!(throttle.check(&at(Account::of_nobody("bob"), "203.0.113.1"), now), Ok(()));
}

#[test]
fn counts_sink_while_failures_go_on() {
    let mut count = Count::none(Millis(0));
    for hour in 0..100 {
        count.add(PAIR.sink, Millis(hour * Millis::HOUR));
        assert_eq!(count.failures(PAIR, Millis(hour * Millis::HOUR)), 1, "one failure an hour brings no wait");
    }
    assert_eq!(count.wait(PAIR, Millis(0)), 0);
}

#[test]
fn a_clock_that_was_set_back_prolongs_nothing() {
    let (throttle, guess) = (Throttle::default(), at(ann(), "203.0.113.1"));
    (0..20).for_each(|_| throttle.record_failure(&guess, Millis(Millis::DAY)));
    assert_eq!(throttle.check(&guess, Millis(0)), Err(900));
}

#[test]
fn guesses_at_many_accounts_slow_down_their_network() {
    let throttle = Throttle::default();
    let addresses = ["2001:db8::1", "2001:db8::2"];
    for n in 0..20 {
        fail(&throttle, &at(Account::of_nobody(&format!("user{n}")), addresses[n % 2]), Millis(0)).unwrap();
    }
    assert_eq!(throttle.check(&at(ann(), "2001:db8::3"), Millis(0)), Err(15));
    assert_eq!(throttle.check(&at(ann(), "2001:db8:0:1::3"), Millis(0)), Ok(()));
    throttle.record_success(&at(ann(), "2001:db8::3"), Millis(0));
    assert_eq!(throttle.check(&at(ann(), "2001:db8::3"), Millis(0)), Err(15));
    assert_eq!(throttle.take(&known("laptop"), Millis(0)), Ok(()), "a known browser does not wait for strangers");
}

#[test]
fn a_known_browser_waits_for_its_own_failures_alone() {
    let throttle = Throttle::default();
    for number in 0..200 {
        let _ = fail(&throttle, &numbered(ann(), number), Millis(0));
    }
    assert!(throttle.take(&numbered(ann(), 999), Millis(0)).is_err());
    for _ in 0..5 {
        fail(&throttle, &known("laptop"), Millis(0)).unwrap();
    }
    assert_eq!(throttle.take(&known("laptop"), Millis(0)), Err(15));
    assert_eq!(throttle.take(&known("phone"), Millis(0)), Ok(()));
}

#[test]
fn a_network_from_which_the_right_password_came_passes() {
    let throttle = Throttle::default();
    let office = at(ann(), "192.0.2.5");
    throttle.take(&office, Millis(0)).unwrap();
    throttle.record_success(&office, Millis(0));
    for number in 0..200 {
        let _ = fail(&throttle, &numbered(ann(), number), Millis(1));
    }
    assert_eq!(throttle.take(&office, Millis(1)), Ok(()));
    assert_eq!(throttle.take(&office, Millis(29 * Millis::DAY)), Ok(()));
    for _ in 0..5 {
        fail(&throttle, &office, Millis(2)).unwrap();
    }
    assert_eq!(throttle.take(&office, Millis(2)), Err(15), "its own failures count");
}

#[test]
fn a_new_password_ends_the_waits_of_the_old_one() {
    let throttle = Throttle::default();
    for number in 0..200 {
        let _ = fail(&throttle, &numbered(ann(), number % 10), Millis(0));
    }
    let fresh = Account::of_user(UserId(1), "another hash");
    assert!(throttle.take(&numbered(ann(), 1), Millis(0)).is_err());
    assert_eq!(throttle.take(&numbered(fresh, 1), Millis(0)), Ok(()));
}

#[test]
fn one_warning_a_minute_explains_a_proxy_that_is_not_trusted() {
    let throttle = Throttle::default();
    let fail = |name: &str, forwards, now| {
        throttle.record_failure(&from(Account::of_nobody(name), "192.0.2.1", forwards), Millis(now));
        throttle.warned()
    };
    assert_eq!([fail("a", true, 1), fail("a", true, 2), fail("b", true, 3)], [None; 3]);
    assert_eq!(fail("c", false, 4), None, "no proxy");
    assert_eq!(fail("d", true, 5), Some(Millis(5)));
    assert_eq!(fail("e", true, 60_004), Some(Millis(5)));
    assert_eq!(fail("e", true, 60_005), Some(Millis(60_005)));
    let refused = Throttle::default();
    refused.record_refusal(&from(ann(), "192.0.2.1", true), Millis(7));
    assert_eq!(refused.warned(), Some(Millis(7)));
}

#[test]
fn memory_is_bounded_and_made_up_names_push_nothing_out() {
    let throttle = Throttle::default();
    let one = at(ann(), "203.0.113.1");
    (0..6).for_each(|_| throttle.record_failure(&one, Millis(0)));
    for number in 0..50_000 {
        let name = Account::of_nobody(&format!("user{number}"));
        let _ = fail(&throttle, &numbered(name, number), Millis(0));
    }
    let state = throttle.lock();
    assert!(state.networks.len() <= MOST_KEYS && state.pairs_of_names.len() <= MOST_KEYS);
    assert!(state.names.len() <= MOST_NAMES && state.pairs.len() == 1);
    drop(state);
    assert_eq!(throttle.check(&one, Millis(0)), Err(30));
}

/// One step of an attack: seconds that pass, and the address that guesses.
fn attack(addresses: u32) -> impl Strategy<Value = Vec<(i64, u32)>> {
    prop::collection::vec((0..40_i64, 0..addresses), 1..600)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However many addresses guess, an account sees at most so many wrong guesses in any hour.
    #[test]
    fn strangers_get_a_hundred_guesses_an_hour(steps in attack(2_000), fast in any::<bool>()) {
        let (throttle, mut now) = (Throttle::default(), Millis(0));
        let mut guessed: Vec<Millis> = Vec::new();
        for (pause, number) in steps {
            now = now.plus(if fast { 0 } else { pause * 1_000 });
            if fail(&throttle, &numbered(ann(), number), now).is_ok() {
                guessed.push(now);
            }
        }
        let hour = Millis::HOUR / INTERVAL;
        let most = usize::try_from(i64::from(AT_ONCE) + hour).unwrap();
        prop_assert_eq!(most, 100);
        for (first, at) in guessed.iter().enumerate() {
            let within = guessed[first..].iter().take_while(|later| later.since(*at) < Millis::HOUR).count();
            prop_assert!(within <= most, "{within}");
        }
    }

    /// Strangers with 50 addresses have each guessed before. The user comes from a new address, does as the answer says,
    /// and is in after a minute at most, while the attack goes on.
    #[test]
    fn a_user_from_a_new_address_waits_a_minute_at_most(steps in attack(50), gap in 1..2_000_i64) {
        let (throttle, mut now) = (Throttle::default(), Millis(0));
        (0..50).for_each(|number| throttle.record_failure(&numbered(ann(), number), now));
        for (pause, number) in steps {
            now = now.plus(pause * 100);
            let _ = fail(&throttle, &numbered(ann(), number), now);
        }
        let honest = at(ann(), "192.0.2.5");
        let begun = now;
        let mut next = now;
        loop {
            if now >= next {
                match throttle.take(&honest, now) {
                    Ok(()) => break,
                    Err(wait) => next = now.plus(seconds(wait)),
                }
            }
            (0..50).for_each(|number| fail(&throttle, &numbered(ann(), number), now).unwrap_or_default());
            // Guessers ask again and again; the user asks when the answer says.
            now = now.plus(gap).min(next.max(now.plus(1)));
            prop_assert!(now.since(begun) <= 61_000, "{}", now.since(begun));
        }
    }
}

#[test]
fn a_user_who_mistypes_waits_for_one_turn_of_each_attacker() {
    let (throttle, mut now) = (Throttle::default(), Millis(0));
    let honest = at(ann(), "192.0.2.5");
    fail(&throttle, &honest, now).unwrap();
    let mut next = now;
    loop {
        (0..50).for_each(|number| fail(&throttle, &numbered(ann(), number), now).unwrap_or_default());
        if now >= next {
            match throttle.take(&honest, now) {
                Ok(()) => break,
                Err(wait) => next = now.plus(seconds(wait)),
            }
        }
        now = now.plus(5_000).min(next.max(now.plus(1)));
        assert!(now.since(Millis(0)) <= 60 * 60_000, "an hour");
    }
}

#[test]
fn one_stranger_keeps_no_user_out() {
    // 75 minutes of guesses every 50 ms from one address; the user signs in every half minute from another.
    let (throttle, stranger) = (Throttle::default(), at(ann(), "198.51.100.1"));
    let mut guesses = 0;
    for step in 0..75 * 60 * 20 {
        let now = Millis(step * 50);
        guesses += u32::from(fail(&throttle, &stranger, now).is_ok());
        if step % 600 == 0 {
            let fresh = numbered(ann(), u32::try_from(step).unwrap());
            assert_eq!(throttle.take(&fresh, now), Ok(()), "after {step} steps");
            throttle.record_success(&fresh, now);
        }
    }
    assert!(guesses <= 16, "{guesses}");
}
