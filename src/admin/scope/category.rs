//! The kind of events that a page counts. Unlike things are never added up, so a page counts one kind unless asked for all.

use crate::domain::ConversionEvent;

/// Which events count, by the category of their pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    All,
    Of(ConversionEvent),
    /// Pixels that have none.
    Without,
}

/// The words of [`Category::All`] and [`Category::Without`] in addresses. The others have the published name.
const ALL: &str = "all";
const WITHOUT: &str = "none";

/// The published names, from what is worth most, with what a page calls one such event, and several.
const KINDS: [(&str, &str, &str); 7] = [
    ("Purchase", "purchase", "purchases"),
    ("Lead", "lead", "leads"),
    ("AddPaymentInfo", "payment entry", "payment entries"),
    ("InitiateCheckout", "checkout", "checkouts"),
    ("AddToCart", "added to cart", "added to cart"),
    ("ItemView", "item view", "item views"),
    ("LandingPage", "landing page visit", "landing page visits"),
];

impl Category {
    pub fn parse(word: &str) -> Option<Self> {
        let all = ConversionEvent::ALL.iter();
        match word {
            ALL => Some(Category::All),
            WITHOUT => Some(Category::Without),
            word => all
                .filter(|(_, name, _)| name.eq_ignore_ascii_case(word))
                .find_map(|(id, ..)| ConversionEvent::new((*id).into()))
                .map(Category::Of),
        }
    }

    /// Its word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Category::All => ALL,
            Category::Without => WITHOUT,
            Category::Of(event) => event.name(),
        }
    }

    /// The category of a pixel.
    pub fn of_pixel(event: Option<ConversionEvent>) -> Self {
        event.map_or(Category::Without, Category::Of)
    }

    /// What a page calls so many of these events: "purchases", "lead".
    pub fn noun(self, count: u64) -> &'static str {
        let Category::Of(event) = self else { return if count == 1 { "conversion" } else { "conversions" } };
        let kind = KINDS.iter().find(|(name, ..)| *name == event.name());
        kind.map_or("", |(_, one, several)| if count == 1 { *one } else { *several })
    }

    /// Its label in the picker: "Purchases".
    pub fn label(self) -> String {
        match self {
            Category::All => "All events".to_owned(),
            Category::Without => "Events without a category".to_owned(),
            Category::Of(_) => crate::admin::shell::form::capital(self.noun(2)),
        }
    }

    /// From what is worth most.
    fn rank(self) -> usize {
        match self {
            Category::Of(event) => KINDS.iter().position(|(name, ..)| *name == event.name()).unwrap_or(KINDS.len()),
            Category::Without => KINDS.len() + 1,
            Category::All => KINDS.len() + 2,
        }
    }

    /// The choices among the categories of some pixels, and the one to count unless somebody chooses: purchases, if there
    /// are any. All events, where they are of one kind.
    pub fn choices(mut of_pixels: Vec<Self>) -> (Vec<Self>, Self) {
        of_pixels.sort_by_key(|category| category.rank());
        of_pixels.dedup();
        let first = of_pixels.first().copied().filter(|first| *first != Category::Without);
        if of_pixels.len() > 1 {
            of_pixels.push(Category::All);
        }
        (of_pixels, first.unwrap_or(Category::All))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: i64) -> Category {
        Category::Of(ConversionEvent::new(id).unwrap())
    }

    #[test]
    fn each_category_has_a_word_and_a_noun() {
        for (id, name, _) in ConversionEvent::ALL {
            let category = of(id.into());
            assert_eq!((Category::parse(name), Category::parse(category.word())), (Some(category), Some(category)));
            assert!(!category.noun(1).is_empty() && category.rank() < KINDS.len(), "{name}");
        }
        assert_eq!(Category::parse("purchase"), Some(of(7)));
        assert_eq!((Category::parse("all"), Category::parse("none")), (Some(Category::All), Some(Category::Without)));
        assert_eq!((Category::parse(""), Category::parse("Sale"), Category::parse("7")), (None, None, None));
        assert_eq!(
            (of(7).label().as_str(), of(7).noun(1), Category::All.noun(0)),
            ("Purchases", "purchase", "conversions")
        );
    }

    #[test]
    fn purchases_count_first_and_all_are_offered_where_kinds_differ() {
        for (pixels, offered, first) in [
            (vec![], vec![], Category::All),
            (vec![Category::Without], vec![Category::Without], Category::All),
            (vec![of(7), of(7)], vec![of(7)], of(7)),
            (
                vec![of(2), Category::Without, of(8), of(7)],
                vec![of(7), of(8), of(2), Category::Without, Category::All],
                of(7),
            ),
            (vec![of(3), of(8)], vec![of(8), of(3), Category::All], of(8)),
            (vec![Category::Without, of(4)], vec![of(4), Category::Without, Category::All], of(4)),
        ] {
            assert_eq!(Category::choices(pixels.clone()), (offered, first), "{pixels:?}");
        }
    }
}
