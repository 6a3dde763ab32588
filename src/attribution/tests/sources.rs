//! Which source takes an arrival: a table of conditions, and properties over random sources and arrivals.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::attribution::sources::{choose, covers, put, try_all};
use crate::domain::{
    AdvertiserId, Arrival, ClickIdValue, LineItemId, Seq, Source, SourceId, SourceMatch, SourceRules, Status,
};

/// What an arrival carried, as an address writes it. `from` is the host before, and click ids have no value here.
fn arrival(query: &str) -> Arrival {
    let mut arrival = Arrival {
        advertiser_id: AdvertiserId(1),
        parameters: Vec::new(),
        click_ids: Vec::new(),
        referrer_host: None,
        named: None,
    };
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "from" => arrival.referrer_host = Some(value.to_owned()),
            "gclid" | "gbraid" | "fbclid" | "ScCid" => {
                arrival.click_ids.push(ClickIdValue { name: name.to_owned(), value: None });
            }
            _ => arrival.parameters.push((name.to_owned(), value.to_owned())),
        }
    }
    arrival
}

/// `click_id: gclid, gbraid; utm_medium: cpc`.
fn condition(text: &str) -> SourceMatch {
    let parts = text.split(';').filter_map(|part| part.split_once(':'));
    let values = |values: &str| values.split('/').map(str::to_owned).collect();
    SourceMatch::of(parts.map(|(part, of)| (part.to_owned(), values(of)))).unwrap()
}

fn source(id: i64, position: u32, text: &str) -> SourceRules {
    let mut source = Source::new(AdvertiserId(1), LineItemId(id), "");
    (source.id, source.position, source.condition) = (SourceId(id), position, condition(text));
    source.rules(Seq(id))
}

#[test]
fn a_source_takes_what_its_condition_says() {
    for (condition, query, takes) in [
        ("click_id: gclid/gbraid/wbraid", "gbraid=x", true),
        ("click_id: Google Ads", "gclid=x&fbclid=y", true),
        ("click_id: snap", "ScCid=x", true),
        ("click_id: gclid", "fbclid=x&utm_source=gclid", false),
        ("click_id: fbclid; utm_medium: cpc/paid*", "fbclid=x&utm_medium=Paid_Social", true),
        ("click_id: fbclid; utm_medium: cpc/paid*", "fbclid=x&utm_medium=social", false),
        ("click_id: fbclid; utm_medium: cpc/paid*", "utm_medium=cpc", false),
        ("UTM_Source: NewsLetter", "utm_source=newsletter", true),
        ("utm_source: newsletter", "utm_source=NEWSLETTER", true),
        ("utm_source: Ärzte*", "utm_source=ärzteblatt", true),
        ("utm_source: a", "utm_source=ab", false),
        ("utm_source: *", "utm_source=", true),
        ("utm_source: *", "utm_medium=x", false),
        ("ref,via: *", "via=ann", true),
        ("ref,via: *", "ref=ann", true),
        ("ref,via: bob", "ref=ann&via=bob", true),
        ("ref,via: *", "utm_source=ref", false),
        ("utm_campaign: *summer*; utm_medium: email", "utm_medium=email&utm_campaign=eu-summer-26", true),
        ("referrer_host: pinterest.com", "from=pinterest.com", true),
        ("referrer_host: pinterest.com", "from=www.pinterest.com", true),
        ("referrer_host: pinterest.com", "from=notpinterest.com", false),
        ("referrer_host: www.pinterest.com", "from=pinterest.com", false),
        ("referrer_host: pinterest.com", "utm_source=pinterest.com", false),
        ("partner.id: 7", "partner.id=7", true),
    ] {
        let (sources, arrival) = ([source(1, 1, condition)], arrival(query));
        assert_eq!(choose(&sources, &arrival).is_some(), takes, "{condition} of {query}");
        assert_eq!(try_all(&sources, &arrival)[0].matches(), takes, "{condition} of {query}");
    }
}

#[test]
fn the_first_that_matches_takes_it() {
    let mut sources = Vec::new();
    for (id, position, condition) in
        [(1, 2, "utm_source: *"), (2, 1, "utm_source: a"), (3, 2, "utm_source: a"), (4, 1, "utm_source: b")]
    {
        put(&mut sources, source(id, position, condition));
    }
    let taken = |sources: &[SourceRules], query| choose(sources, &arrival(query)).map(|source| source.source_id.0);
    assert_eq!((taken(&sources, "utm_source=a"), taken(&sources, "utm_source=c")), (Some(2), Some(1)));
    put(&mut sources, SourceRules { active: false, ..source(2, 1, "utm_source: a") });
    assert_eq!(taken(&sources, "utm_source=a"), Some(1));
    put(&mut sources, source(1, 3, "utm_source: *"));
    assert_eq!(taken(&sources, "utm_source=a"), Some(3));
    put(&mut sources, SourceRules { deleted: true, ..source(3, 2, "utm_source: a") });
    assert_eq!((taken(&sources, "utm_source=a"), sources.len()), (Some(1), 3));
    assert_eq!((taken(&sources, "utm_medium=a"), taken(&[], "utm_source=a")), (None, None));
}

#[test]
fn a_tried_source_says_what_it_found() {
    let sources = [source(1, 1, "click_id: fbclid; utm_medium: cpc; ref,via: *; referrer_host: a.example")];
    let arrival = arrival("fbclid=1&utm_medium=Social&via=x");
    let tried = try_all(&sources, &arrival).remove(0);
    let found: Vec<_> = tried.parts.into_iter().map(|part| (part.holds, part.found)).collect();
    let is = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
    assert_eq!(
        found,
        [(true, is("fbclid", "")), (false, is("utm_medium", "Social")), (true, is("via", "x")), (false, None)]
    );
}

#[test]
fn a_condition_covers_narrower_ones() {
    for (wide, narrow, is_so) in [
        ("click_id: gclid/gbraid", "click_id: gclid", true),
        ("click_id: gclid", "click_id: gclid/gbraid", false),
        ("click_id: gclid", "click_id: gclid; utm_medium: cpc", true),
        ("click_id: gclid; utm_medium: cpc", "click_id: gclid", false),
        ("utm_source: *", "utm_source: google/bing", true),
        ("utm_source: goo*", "utm_source: google", true),
        ("utm_source: goo*", "utm_source: goog*", false),
        ("ref,via: *", "ref: ann", true),
        ("ref: *", "ref,via: ann", false),
        ("referrer_host: a.example", "referrer_host: www.a.example", true),
        ("referrer_host: www.a.example", "referrer_host: a.example", false),
        ("utm_source: *", "utm_medium: cpc", false),
    ] {
        assert_eq!(covers(&condition(wide), &condition(narrow)), is_so, "{wide} over {narrow}");
    }
}

fn any_condition() -> impl Strategy<Value = SourceMatch> {
    let click_id = subsequence(vec!["click_id: gclid", "click_id: fbclid/gclid"], 0..=1);
    let values = select(vec!["a", "*", "a*", "*b", "a/b", "*a*"]);
    let parameters = subsequence(vec!["ref", "via", "utm_source", "utm_medium,utm_term"], 0..=3);
    (click_id, parameters, values, any::<bool>()).prop_map(|(click_id, names, values, host)| {
        let mut parts: Vec<String> = click_id.into_iter().map(str::to_owned).collect();
        parts.extend(names.into_iter().map(|name| format!("{name}:{values}")));
        parts.extend(host.then(|| "referrer_host: a.example".to_owned()));
        condition(&parts.join(";"))
    })
}

fn any_arrival() -> impl Strategy<Value = Arrival> {
    let pairs = subsequence(
        vec!["gclid=1", "fbclid=1", "ref=A", "via=b", "utm_source=ab", "utm_term=ba", "from=x.a.example"],
        0..=6,
    );
    pairs.prop_map(|pairs| arrival(&pairs.join("&")))
}

fn any_sources() -> impl Strategy<Value = Vec<SourceRules>> {
    let one = (any_condition(), 1..4_u32, prop::bool::weighted(0.8));
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let mut sources = Vec::new();
        for (id, (condition, position, active)) in (1..).zip(all) {
            put(&mut sources, SourceRules { condition, active, ..source(id, position, "") });
        }
        sources
    })
}

proptest! {
    #[test]
    fn the_choice_is_the_first_of_those_tried_that_matches(sources in any_sources(), arrival in any_arrival()) {
        let tried = try_all(&sources, &arrival);
        let expected = tried.iter().filter(|tried| tried.matches()).map(|tried| tried.source)
            .min_by_key(|source| (source.position, source.source_id));
        prop_assert_eq!(choose(&sources, &arrival), expected);
        prop_assert!(sources.is_sorted_by_key(|source| (source.position, source.source_id)));
    }

    #[test]
    fn what_is_covered_takes_nothing_more(wide in any_condition(), narrow in any_condition(), arrival in any_arrival()) {
        let of = |condition: &SourceMatch| SourceRules { condition: condition.clone(), ..source(1, 1, "") };
        let takes = |condition: &SourceMatch| choose(&[of(condition)], &arrival).is_some();
        prop_assert!(!covers(&wide, &narrow) || !takes(&narrow) || takes(&wide));
    }

    #[test]
    fn more_on_the_address_never_loses_a_source(condition in any_condition(), arrival in any_arrival(), more in "[a-z]{1,8}") {
        let mut source = Source::new(AdvertiserId(1), LineItemId(1), "");
        (source.condition, source.state) = (condition, Status::Active);
        let before = choose(std::slice::from_ref(&source), &arrival).is_some();
        let mut wider = arrival;
        if wider.parameter(&more).is_none() {
            wider.parameters.push((more, "x".to_owned()));
        }
        let after = choose(std::slice::from_ref(&source), &wider).is_some();
        prop_assert!(after || !before);
    }
}
