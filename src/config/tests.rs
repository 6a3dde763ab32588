//! Which source wins, and which values are refused.

use super::*;

/// The live settings with these values of the page.
fn live(config: &Config, stored: &[(&str, &str)]) -> LiveSettings {
    config.live(&stored_of(stored)).unwrap().0
}

fn stored_of(stored: &[(&str, &str)]) -> StoredSettings {
    stored.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn nothing_set_means_the_defaults() {
    let config = Config::resolve(&RawSettings::default()).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, PathBuf::from("pixeld-data"));
    let live = live(&config, &[]);
    assert_eq!((live.cookie_days, live.ip_storage), (90, IpStorage::Truncated));
    assert!(live.honour_gpc && live.honour_dnt);
    assert_eq!((live.tcf_purposes, live.tcf_vendor_id), (vec![1], None));
    assert!(live.listing.iter().all(|setting| setting.source == Source::Default));
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "cookie_days = 30\nip_storage = 'none'\ntrusted_proxies = ['10.0.0.1', '::1']")
        .unwrap();
    let settings = RawSettings {
        config: Some(file.path().to_owned()),
        ip_storage: Some("full".to_owned()),
        ..RawSettings::default()
    };
    let config = Config::resolve(&settings).unwrap();
    let live = live(&config, &[("cookie_days", "7"), ("ip_storage", "truncated"), ("bots", "strict")]);
    assert_eq!((live.cookie_days, live.ip_storage, live.bots), (30, IpStorage::Full, Bots::Strict));
    let sources = ["cookie_days", "ip_storage", "bots"].map(|name| live.setting(name).unwrap().source);
    assert_eq!(sources, [Source::File, Source::Flag, Source::Page]);
    assert_eq!(config.trusted_proxies.len(), 2);
}

#[test]
fn a_bad_value_names_its_setting_and_rule() {
    let settings = RawSettings { cookie_days: Some("401".to_owned()), ..RawSettings::default() };
    assert_eq!(
        Config::resolve(&settings).unwrap_err().to_string(),
        r#"setting cookie_days (flag): "401" must be a whole number from 1 to 400"#
    );
    // A value that flag and environment share counts as the environment's.
    let environment = RawSettings { bots: Some("none".to_owned()), ..RawSettings::default() };
    let settings = RawSettings { bots: environment.bots.clone(), ..RawSettings::default() }.mark_sources(&environment);
    assert_eq!(
        Config::resolve(&settings).unwrap_err().to_string(),
        r#"setting bots (environment): "none" must be one of known, strict"#
    );
    let many = (0..21).map(|n| format!("id{n}")).collect::<Vec<_>>().join(",");
    let plain = "must list names of 1 to 64 letters, digits, _, - and ., separated by commas;";
    for (names, rule) in [
        ("zclid, a b", format!("{plain} \"a b\" is none")),
        ("<b>", format!("{plain} \"<b>\" is none")),
        ("zclid,Order_ID", "must list names of click IDs; Order_ID means something else to pixeld".to_owned()),
        (&many, "must list at most 20 names, and lists 21".to_owned()),
    ] {
        let settings = RawSettings { click_ids: Some(names.to_owned()), ..RawSettings::default() };
        let refused = Config::resolve(&settings).unwrap_err().to_string();
        assert_eq!(refused, format!("setting click_ids (flag): {names:?} {rule}"));
    }
    let settings = RawSettings { click_ids: Some(" zclid,,ZClid, rb.click ".to_owned()), ..RawSettings::default() };
    assert_eq!(live(&Config::resolve(&settings).unwrap(), &[]).click_ids, ["zclid", "rb.click"]);
    for purposes in ["", "0", "1,25", "one"] {
        let settings = RawSettings { tcf_purposes: Some(purposes.to_owned()), ..RawSettings::default() };
        assert!(Config::resolve(&settings).is_err(), "{purposes:?}");
    }
    for (listen, url) in [("localhost", ""), ("127.0.0.1:0", "ftp://a"), ("127.0.0.1:0", "https://a.example/path")] {
        let settings =
            RawSettings { listen: Some(listen.into()), public_url: Some(url.into()), ..RawSettings::default() };
        assert!(Config::resolve(&settings).is_err(), "{listen} {url}");
    }
}

#[test]
fn an_unknown_setting_in_the_file_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "cookie_dayz = 30").unwrap();
    let settings = RawSettings { config: Some(file.path().to_owned()), ..RawSettings::default() };
    let refused = Config::resolve(&settings).unwrap_err().to_string();
    assert!(refused.contains("cookie_dayz"), "{refused}");
}

#[test]
fn every_help_is_plain_sentences_and_the_readme_says_the_same() {
    let readme = include_str!("../../README.md");
    for setting in SETTINGS {
        let (help, default) = setting.help.split_once(" [default: ").unwrap_or((setting.help, "none]"));
        for sentence in help.split(". ") {
            assert!(sentence.split_whitespace().count() <= 20, "{}: {sentence}", setting.name);
        }
        assert!(!help.contains(';') && !help.ends_with('.'), "{}: {help}", setting.name);
        let default = default.trim_end_matches(']');
        let default = if default == "none" { default.to_owned() } else { format!("`{default}`") };
        let in_page = if IN_PAGE.contains(&setting.name) { " ✓ " } else { " " };
        let row = format!("| `{}` | {default} |{in_page}| {help} |", setting.name);
        assert!(readme.lines().any(|line| line == row), "README has no row {row}");
    }
    let rows = readme.lines().skip_while(|line| !line.starts_with("| setting | default")).skip(2);
    assert_eq!(rows.take_while(|line| line.starts_with('|')).count(), SETTINGS.len());
}

#[test]
fn a_stored_value_that_cannot_be_used_costs_only_itself() {
    let config = Config::resolve(&RawSettings::default()).unwrap();
    let stored = [("bots", "strict"), ("cookie_days", "9999"), ("listen", "0.0.0.0:1"), ("of_the_future", "x")];
    let (live, left_out) = config.live(&stored_of(&stored)).unwrap();
    assert_eq!((live.bots, live.cookie_days, left_out), (Bots::Strict, 90, vec!["cookie_days"]));
    assert_eq!(live.setting("listen").unwrap().source, Source::Default);
}

#[test]
fn the_page_gets_the_rule_or_the_plain_value() {
    let given = RawSettings { bots: Some("strict".to_owned()), ..RawSettings::default() };
    let config = Config::resolve(&given).unwrap();
    for (name, value, plain) in [
        ("cookie_days", "030", "30"),
        ("public_url", "px.shop.example/", "https://px.shop.example"),
        ("public_url", "", ""),
        ("tcf_purposes", "7, 1 ,24,7", "1,7,24"),
        ("tcf_vendor_id", "0", "0"),
        ("events_per_minute", "600", "600"),
        ("ip_storage", "none", "none"),
    ] {
        assert_eq!(config.check(name, value).as_deref(), Ok(plain), "{name} {value}");
    }
    for (name, value, rule) in [
        ("cookie_days", "401", "must be a whole number from 1 to 400"),
        ("cookie_days", "", "must be a whole number from 1 to 400"),
        ("tcf_purposes", "25", "must list numbers from 1 to 24, separated by commas"),
        ("ip_storage", "some", "must be one of full, truncated, none"),
        ("bots", "known", "cannot change here"),
        ("listen", "0.0.0.0:80", "cannot change here"),
    ] {
        assert_eq!(config.check(name, value).unwrap_err(), rule, "{name} {value}");
    }
}

#[test]
fn every_setting_of_the_page_is_in_the_table() {
    for name in IN_PAGE {
        assert!(SETTINGS.iter().any(|setting| setting.name == *name), "{name}");
    }
}
