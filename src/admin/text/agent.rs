//! A `User-Agent` in words that a person recognises.

/// The names that browsers and tools send. The first match counts, since most send several names.
const PROGRAMS: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "Python"),
    ("node", "Node.js"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
];

/// `Firefox on Linux`; else the beginning of the text.
pub fn words(user_agent: &str) -> String {
    let named =
        |table: &[(&str, &'static str)]| table.iter().find(|(part, _)| user_agent.contains(part)).map(|row| row.1);
    match (named(&PROGRAMS), named(&SYSTEMS)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        (None, _) if user_agent.is_empty() => "An unnamed program".to_owned(),
        (None, _) => user_agent.chars().take(40).collect(),
    }
}

/// The same with the program's version, for one event: `Chrome 140 on Windows`; empty of nothing.
pub fn with_version(user_agent: &str) -> String {
    let known = PROGRAMS.iter().find(|(part, _)| user_agent.contains(part));
    // Safari names its version elsewhere, and its place in the table is after all that name Safari too.
    let marker = known.map_or("", |(part, _)| if *part == "Safari/" { "Version/" } else { part });
    let rest = user_agent.split_once(marker).map_or("", |(_, rest)| rest);
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '/');
    let version: String = rest.chars().take_while(char::is_ascii_digit).take(4).collect();
    match (known, user_agent) {
        (_, "") => String::new(),
        (Some((_, name)), _) if !version.is_empty() => {
            words(user_agent).replacen(name, &format!("{name} {version}"), 1)
        }
        _ => words(user_agent),
    }
}

/// The browser's or program's name alone: `Firefox`; `Other` if it is not known.
pub fn program(user_agent: &str) -> &'static str {
    PROGRAMS.iter().find(|(part, _)| user_agent.contains(part)).map_or("Other", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_know_them() {
        for (user_agent, named) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("", "An unnamed program"),
            ("shop-sync/1.2 (nightly)", "shop-sync/1.2 (nightly)"),
        ] {
            assert_eq!(words(user_agent), named);
        }
    }
    #[test]
    fn an_event_names_the_version_too() {
        for (user_agent, named) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox 143 on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/141.0",
                "Edge 141 on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1",
                "Safari 19 on iPhone",
            ),
            ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 EdgA/140.0", "Edge 140 on Android"),
            ("curl/8.5.0", "curl 8"),
            ("shop-sync/1.2", "shop-sync/1.2"),
            ("", ""),
        ] {
            assert_eq!(with_version(user_agent), named);
        }
        assert_eq!((program("curl/8"), program("shop-sync")), ("curl", "Other"));
    }
}
