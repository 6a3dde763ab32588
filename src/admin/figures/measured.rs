//! The kinds of objects that have a list with figures.

use crate::domain::{Advertiser, Campaign, Currency, LineItem, Publisher, Status, Tracker};
use crate::store::{Entity, FiguresOf};

pub trait Measured: Entity {
    const OF: FiguresOf;
    fn name(&self) -> &str;
    fn state(&self) -> Status;
    /// Its own currency; none for its advertiser's.
    fn currency(&self) -> Option<Currency>;
}

macro_rules! measured {
    ($($kind:ident as $of:ident: $currency:expr;)*) => { $(
        impl Measured for $kind {
            const OF: FiguresOf = FiguresOf::$of;

            fn name(&self) -> &str {
                &self.name
            }

            fn state(&self) -> Status {
                self.state
            }

            fn currency(&self) -> Option<Currency> {
                let of: fn(&$kind) -> Option<Currency> = $currency;
                of(self)
            }
        }
    )* };
}

measured! {
    Advertiser as Advertiser: |advertiser| Some(advertiser.default_currency);
    LineItem as LineItem: |line_item| line_item.currency;
    Campaign as Campaign: |_| None;
    Publisher as Publisher: |_| None;
    Tracker as Tracker: |_| None;
}
