//! What keeps visitors from loading tags that name an address, in the words of the pages.

use crate::config::address::{AddressConcern, concerns};

/// A sentence on each concern; none if every browser loads them.
pub fn warnings(address: &str) -> Vec<&'static str> {
    concerns(address).into_iter().map(words).collect()
}

fn words(concern: AddressConcern) -> &'static str {
    match concern {
        AddressConcern::ThisComputer => "This address works on this computer only. Visitors cannot load tags from it.",
        AddressConcern::OwnNetwork => "This address works in your own network only. Visitors cannot load tags from it.",
        AddressConcern::PlainHttp => "Pages on https block tags that load from an http address.",
    }
}
