//! Texts under names, as query strings, forms and bodies of parameters have them. A name is found by its hash: each step
//! costs the same, however many names there are.

use std::collections::HashMap;

/// Texts under names, in the order in which they came. A name may come more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    all: Vec<(String, String)>,
    /// The places of each name's texts.
    places: HashMap<String, Vec<usize>>,
}

impl Texts {
    pub fn add(&mut self, name: String, text: String) {
        self.places.entry(name.clone()).or_default().push(self.all.len());
        self.all.push((name, text));
    }

    /// How many there are, each of a repeated name by itself.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// The texts of a name, in their order.
    pub fn of(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        let places = self.places.get(name).map(Vec::as_slice).unwrap_or_default();
        let text = |place: &usize| self.all.get(*place).map(|(_, text)| text.as_str());
        places.iter().filter_map(text)
    }

    /// Each name once, in the order of their first appearance.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let is_first = |name: &str, place| self.places.get(name).and_then(|places| places.first()) == Some(&place);
        let names = self.all.iter().enumerate().filter(move |(place, (name, _))| is_first(name, *place));
        names.map(|(_, (name, _))| name.as_str())
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_order_and_are_found_by_name() {
        let mut texts = Texts::default();
        for (name, text) in [("b", "1"), ("a", "2"), ("b", "3")] {
            texts.add(name.to_owned(), text.to_owned());
        }
        assert_eq!(texts.of("b").collect::<Vec<_>>(), ["1", "3"]);
        assert_eq!(texts.names().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(texts.pairs().collect::<Vec<_>>(), [("b", "1"), ("a", "2"), ("b", "3")]);
        assert_eq!((texts.count(), texts.has("a"), texts.of("c").next()), (3, true, None));
    }
}
