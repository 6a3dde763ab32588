//! The one rule for new passwords: long enough, and not easy to guess. It counts a common word, a run or a repetition as
//! a character or two, and wants enough characters in all.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use crate::domain::{Checks, FieldError};

/// The rule, for forms and prompts.
pub const PASSWORD_RULE: &str = "12 to 64 characters, and not easy to guess.";

/// The length of a new password, in characters.
const LENGTH: RangeInclusive<usize> = 12..=64;

/// The fewest characters that must be left when each predictable part counts as one or two.
const LEAST: usize = 8;

/// The shortest run, repetition or name that counts as one part.
const SHORTEST_PART: usize = 3;

/// Rows of keyboards, and columns as people type them.
const KEYBOARDS: [&str; 8] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertz",
    "azerty",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
];

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Checks the new password of a user with this name.
///
/// # Errors
/// The rule that it breaks, under the field `password`.
pub fn check_password(username: &str, password: &str) -> Result<(), Vec<FieldError>> {
    let mut checks = Checks::new();
    let length = password.chars().count();
    if LENGTH.contains(&length) {
        checks.require(strength(username, password) >= LEAST, "password", || {
            "is easy to guess; avoid common passwords, the user name, and runs such as 12345678 or aaaa".to_owned()
        });
    } else {
        checks.fail("password", format!("must have 12 to 64 characters, and has {length}"));
    }
    checks.done()
}

/// The fewest parts that make up the password, each weighed.
fn strength(username: &str, password: &str) -> usize {
    let text: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    let plain: Vec<char> = text.iter().map(|c| letter_for(*c)).collect();
    let names: Vec<Vec<char>> = [username, "pixeld"]
        .iter()
        .map(|name| name.chars().flat_map(char::to_lowercase).collect())
        .filter(|name: &Vec<char>| name.len() >= SHORTEST_PART)
        .collect();
    // `least[n]`: of the first n characters.
    let mut least: Vec<usize> = (0..=text.len()).collect();
    for from in 0..text.len() {
        for to in from + 1..=text.len() {
            if let Some(weight) = weight(&text, &plain, &names, from, to) {
                least[to] = least[to].min(least[from] + weight);
            }
        }
    }
    least.last().copied().unwrap_or(0)
}

/// What the characters from `from` to `to` count as together; none if they are no part.
fn weight(text: &[char], plain: &[char], names: &[Vec<char>], from: usize, to: usize) -> Option<usize> {
    let part = &text[from..to];
    if part.len() == 1 {
        return Some(1);
    }
    if part.len() < SHORTEST_PART {
        return None;
    }
    let is_repeated = || text[..from].windows(part.len()).any(|earlier| earlier == part);
    if is_run(part) || is_repeated() || is_on_keyboard(part) || is_year(part) || names.iter().any(|name| name == part) {
        return Some(1);
    }
    let is_common = |part: &[char]| COMMON.contains(part.iter().collect::<String>().as_str());
    (is_common(part) || is_common(&plain[from..to])).then_some(2)
}

/// `aaa`, `abc`, `321`.
fn is_run(part: &[char]) -> bool {
    [-1, 0, 1].iter().any(|step| {
        let follows =
            |pair: &[char]| matches!(pair, [a, b] if i64::from(u32::from(*b)) - i64::from(u32::from(*a)) == *step);
        part.windows(2).all(follows)
    })
}

fn is_on_keyboard(part: &[char]) -> bool {
    let (forth, back) = (part.iter().collect::<String>(), part.iter().rev().collect::<String>());
    KEYBOARDS.iter().any(|row| row.contains(&forth) || row.contains(&back))
}

fn is_year(part: &[char]) -> bool {
    part.len() == 4 && matches!(part, ['1', '9', ..] | ['2', '0', ..]) && part.iter().all(char::is_ascii_digit)
}

/// The letter that people replace by this sign.
fn letter_for(sign: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn easy_passwords_are_refused() {
        for (username, password) in [
            ("viewer", "viewer12345678"),
            ("bob", "viewer12345678"),
            ("bob", "password1234"),
            ("bob", "Password2024!"),
            ("bob", "P@ssw0rd1234"),
            ("bob", "passwordpassword"),
            ("bob", "aaaaaaaaaaaa"),
            ("bob", "abcabcabcabcabc"),
            ("bob", "abcdefghijkl"),
            ("bob", "987654321098"),
            ("bob", "qwertyuiop123"),
            ("bob", "1qaz2wsx3edc"),
            ("bob", "sonyericsson"),
            ("bob", "pixeldpixeld"),
            ("bob", "pixeld2026pixeld"),
            ("bobby-tables", "bobby-tables"),
            ("bobby-tables", "Bobby-Tables2026"),
            ("bob", "administrator1"),
            ("bob", "iloveyou1234"),
            ("bob", "Welcome12345!"),
            ("bob", "Summer2026!!"),
            ("bob", "            "),
            ("bob", "111111222222"),
            ("bob", "correcthorsebatterystaple"),
        ] {
            let refused = check_password(username, password).unwrap_err();
            assert!(refused[0].message.starts_with("is easy to guess"), "{username} {password}");
        }
    }

    #[test]
    fn long_phrases_and_random_passwords_are_taken() {
        for password in [
            "correct horse",
            "correct horse battery",
            "a long enough one",
            "another password",
            "k7qf-2m9x-4hd1-w8zp",
            "Tr0ub4dor&3xyz",
            "das pferd frisst keinen",
            "überraschung im wald",
        ] {
            assert_eq!(check_password("ann", password), Ok(()), "{password}");
        }
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        let length = |password: &str| check_password("ann", password).map_err(|broken| broken[0].to_string());
        assert_eq!(length("short"), Err("password must have 12 to 64 characters, and has 5".to_owned()));
        assert_eq!(length("elf zeichen"), Err("password must have 12 to 64 characters, and has 11".to_owned()));
        let words = "über den wolken muss die freiheit wohl grenzenlos sein, sagt man ";
        assert_eq!(length(&words.chars().take(64).collect::<String>()), Ok(()));
        assert_eq!(length(&"x".repeat(65)), Err("password must have 12 to 64 characters, and has 65".to_owned()));
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(username in "\\PC{0,20}", password in "\\PC{0,80}") {
            let _ = check_password(&username, &password);
        }

        #[test]
        fn what_the_server_makes_is_taken(password in "[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}") {
            prop_assume!(password.chars().collect::<HashSet<_>>().len() > 9);
            prop_assert_eq!(check_password("demo", &password), Ok(()));
        }
    }
}
