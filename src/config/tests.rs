//! Which source wins, and which values are refused.

use super::*;

#[test]
fn nothing_set_means_the_defaults() {
    let config = Config::resolve(&RawSettings::default()).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, PathBuf::from("pixeld-data"));
    assert_eq!((config.cookie_days, config.ip_storage), (90, IpStorage::Truncated));
    assert!(config.honour_gpc && config.honour_dnt);
    assert_eq!((config.tcf_purposes, config.tcf_vendor_id), (vec![1], None));
    assert!(config.listing.iter().all(|(.., source)| *source == Source::Default));
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
    assert_eq!((config.cookie_days, config.ip_storage), (30, IpStorage::Full));
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
        let row = format!("| `{}` | {default} | {help} |", setting.name);
        assert!(readme.lines().any(|line| line == row), "README has no row {row}");
    }
    let rows = readme.lines().skip_while(|line| !line.starts_with("| setting | default")).skip(2);
    assert_eq!(rows.take_while(|line| line.starts_with('|')).count(), SETTINGS.len());
}
