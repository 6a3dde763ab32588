//! What a browser remembers of its lists, as the value of a cookie: the rows of a page, and the columns of each list. It is no
//! secret and gives no right: a list checks it as it checks an address.

use actix_web::cookie::{Cookie, SameSite};

use crate::admin::shell::session::LISTS;

/// The most characters of the cookie. Beyond them it forgets the list that chose first.
const MOST: usize = 1_500;

/// The name of the rows of a page.
const SIZE: &str = "size";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered(Vec<(String, String)>);

impl Remembered {
    /// Reads `size:100.line-items:advertiser.campaigns:imps~clicks`. Leaves out what it did not write.
    pub fn parse(value: &str) -> Self {
        let parts = value.get(..MOST).unwrap_or(value).split('.').filter_map(|part| part.split_once(':'));
        let is_plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-~".contains(&byte))
        };
        let parts = parts.filter(|(name, value)| is_plain(name) && is_plain(value));
        Remembered(parts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    pub fn size(&self) -> Option<&str> {
        self.of(SIZE)
    }

    /// The columns of a list: the word of a set, or words joined by `~`.
    pub fn columns(&self, list: &str) -> Option<&str> {
        self.of(list)
    }

    fn of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn set_size(&mut self, size: usize) {
        self.set(SIZE, size.to_string());
    }

    pub fn set_columns(&mut self, list: &str, columns: String) {
        self.set(list, columns);
    }

    fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
        while self.value().len() > MOST && !self.0.is_empty() {
            self.0.remove(0);
        }
    }

    pub fn value(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join(".")
    }

    /// The cookie that keeps it for a year.
    pub fn cookie(&self, secure: bool) -> Cookie<'static> {
        let year = actix_web::cookie::time::Duration::days(365);
        LISTS.build(self.value(), secure).same_site(SameSite::Lax).max_age(year).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_back() {
        let mut lists = Remembered::default();
        lists.set_size(100);
        lists.set_columns("line-items", "advertiser".to_owned());
        lists.set_columns("campaigns", "imps~clicks".to_owned());
        lists.set_size(25);
        assert_eq!(lists.value(), "line-items:advertiser.campaigns:imps~clicks.size:25");
        let read = Remembered::parse(&lists.value());
        assert_eq!(read, lists);
        assert_eq!(
            (read.size(), read.columns("campaigns"), read.columns("sources")),
            (Some("25"), Some("imps~clicks"), None)
        );
    }

    #[test]
    fn anything_else_is_left_out() {
        for value in ["", ".", ":", "size", "size:", ":25", "a b:c", "a:<b>", "ä:b", "a:b:c"] {
            assert_eq!(Remembered::parse(value), Remembered::default(), "{value}");
        }
        let mut long = Remembered::default();
        for list in 0..200 {
            long.set_columns(&format!("list-{list}"), "imps~clicks~cost".to_owned());
        }
        assert!(long.value().len() <= MOST && long.columns("list-199").is_some() && long.columns("list-0").is_none());
    }
}
