//! `entity!`: one list of columns for a kind of definition. The macro turns the list into the code that reads a row,
//! the columns to write, and the accessors that every kind has. A field of the struct that the list forgets, and a
//! name in the list that is no field, do not compile.
//!
//! ```text
//! entity! {
//!     Shop {
//!         id: ShopId,
//!         what: "shop",                                      // its name in messages
//!         table: "shops",
//!         fields: fields::SHOP,                              // the fields of its service
//!         advertiser: |shop| Some(shop.advertiser_id),       // the advertiser that owns it
//!         code: |shop| shop.code.as_deref(),                 // its own code, if it has one
//!         list: Shop::list_length,                           // its list with a most number of entries, if it has one
//!         columns: [advertiser_id, code, city = "city_name"],  // a field = its column, where the names differ
//!         parts: [doors = doors::of_shops],                  // a field that another table holds = what reads it
//!     }
//! }
//! ```
//!
//! writes (`id`, `created_on` and `last_modified` need no mention, since every kind has them):
//!
//! ```text
//! impl Listed for Shop {
//!     fn from_row(row) { Shop { id: row.get("id"), advertiser_id: row.get("advertiser_id"), ..., doors: Vec::new() } }
//!     fn fill(conn, shops) { /* sets the doors of all shops by one call of doors::of_shops */ }
//! }
//! impl Record for Shop {
//!     fn columns(&self) { vec![("advertiser_id", &self.advertiser_id), ..., ("city_name", &self.city), ...] }
//!     // and id, set_id, stamps, advertiser, code, check
//! }
//! ```

use names::{AdvertiserId, Column, FieldError, ListLength, Listed, Millis};

/// The names in the code that `entity!` writes.
pub(in crate::store) mod names {
    pub(in crate::store) use rusqlite::{Connection, Row};

    pub(in crate::store) use crate::domain::{AdvertiserId, Field, FieldError, ListLength, Millis};
    pub(in crate::store) use crate::store::db::columns::Column;
    pub(in crate::store) use crate::store::db::id_list::IdList;
    pub(in crate::store) use crate::store::db::list::Listed;
    pub(in crate::store) use crate::store::definitions::record::{Record, entity};
}

/// What every kind of definition has. `entity!` implements it.
pub trait Record: Listed + Clone {
    fn id(&self) -> i64;
    fn set_id(&mut self, id: i64);
    /// When it was created, and when it was last changed.
    fn stamps(&mut self) -> (&mut Millis, &mut Millis);
    /// The advertiser that owns it; none if all advertisers share it.
    fn advertiser(&self) -> Option<AdvertiserId>;
    fn code(&self) -> Option<&str>;
    /// How many entries its list has, if it holds one of any length.
    fn list_length(&self) -> Option<ListLength> {
        None
    }
    /// Checks the rules of the object itself.
    ///
    /// # Errors
    /// Every rule that it breaks.
    fn check(&self) -> Result<(), Vec<FieldError>>;
    /// All its columns except `id`.
    fn columns(&self) -> Vec<Column<'_>>;
}

macro_rules! entity {
    (
        $kind:ident {
            id: $id:ident,
            what: $what:literal,
            table: $table:literal,
            fields: $fields:expr,
            $(name: $name:literal,)?
            $(scope: $scope:expr,)?
            advertiser: $advertiser:expr,
            code: $code:expr,
            $(list: $list:expr,)?
            columns: [$($field:ident $(= $column:literal)?),+ $(,)?],
            $(parts: [$($part:ident = $read:path),+ $(,)?],)?
        }
    ) => {
        const _: () = {
            use $crate::store::definitions::record::names::*;

            impl Listed for $kind {
                const WHAT: &'static str = $what;
                const TABLE: &'static str = $table;
                $(const NAME: &'static str = $name;)?
                $(const SCOPE: &'static str = $scope;)?
                const FIELDS: &'static [Field] = $fields;

                fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
                    Ok($kind {
                        id: row.get("id")?,
                        $($field: row.get(entity!(@column $field $($column)?))?,)+
                        $($($part: Vec::new(),)+)?
                        created_on: row.get("created_on")?,
                        last_modified: row.get("last_modified")?,
                    })
                }

                $(fn fill(conn: &Connection, objects: &mut [Self]) -> rusqlite::Result<()> {
                    let ids = IdList::of(objects.iter().map(|object| object.id.0));
                    $(
                        let mut parts = $read(conn, &ids)?;
                        for object in objects.iter_mut() {
                            object.$part = parts.remove(&object.id.0).unwrap_or_default();
                        }
                    )+
                    Ok(())
                })?
            }

            impl Record for $kind {
                fn id(&self) -> i64 {
                    self.id.0
                }

                fn set_id(&mut self, id: i64) {
                    self.id = $id(id);
                }

                fn stamps(&mut self) -> (&mut Millis, &mut Millis) {
                    (&mut self.created_on, &mut self.last_modified)
                }

                fn advertiser(&self) -> Option<AdvertiserId> {
                    let advertiser: fn(&Self) -> Option<AdvertiserId> = $advertiser;
                    advertiser(self)
                }

                fn code(&self) -> Option<&str> {
                    let code: fn(&Self) -> Option<&str> = $code;
                    code(self)
                }

                $(fn list_length(&self) -> Option<ListLength> {
                    let list: fn(&Self) -> ListLength = $list;
                    Some(list(self))
                })?

                fn check(&self) -> Result<(), Vec<FieldError>> {
                    $kind::check(self)
                }

                fn columns(&self) -> Vec<Column<'_>> {
                    vec![
                        $((entity!(@column $field $($column)?), &self.$field),)+
                        ("created_on", &self.created_on),
                        ("last_modified", &self.last_modified),
                    ]
                }
            }
        };
    };
    (@column $field:ident) => { stringify!($field) };
    (@column $field:ident $column:literal) => { $column };
}
pub(in crate::store) use entity;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::{
        Advertiser, Campaign, LineItem, LineItemId, Pixel, Publisher, PublisherId, Role, SavedReport, Segment, Source,
        Tracker, TrackerKind, User,
    };
    use crate::store::derived::connect;
    use crate::store::{ClickTracker, ImpTracker};

    /// Every column of its table is in the list, and every name in the list is a column.
    fn names_its_columns<R: Record>(object: &R, elsewhere: &[&str]) {
        let conn = connect::in_memory();
        let mut statement = conn.prepare(&format!("SELECT * FROM {}", R::TABLE)).unwrap();
        let in_table: BTreeSet<String> = statement.column_names().map(str::to_owned).collect();
        let in_list = object.columns().into_iter().map(|(name, _)| name).chain(elsewhere.iter().copied()).chain(["id"]);
        assert_eq!(in_list.map(str::to_owned).collect::<BTreeSet<_>>(), in_table, "{}", R::TABLE);
        assert!(statement.query([]).is_ok());
    }

    #[test]
    fn every_kind_names_the_columns_of_its_table() {
        let (shop, tracker) = (AdvertiserId(1), TrackerKind::Click);
        let tracker = Tracker::new(tracker, shop, LineItemId(1), PublisherId(1), "");
        names_its_columns(&Advertiser::new(""), &[]);
        names_its_columns(&Publisher::new(""), &[]);
        names_its_columns(&Campaign::new(shop, LineItemId(1), ""), &[]);
        names_its_columns(&LineItem::new(shop, ""), &[]);
        names_its_columns(&Pixel::new(shop, ""), &[]);
        names_its_columns(&Segment::new(""), &[]);
        names_its_columns(&Source::new(shop, LineItemId(1), ""), &[]);
        names_its_columns(&ClickTracker(tracker.clone()), &[]);
        names_its_columns(&ImpTracker(tracker), &[]);
        names_its_columns(&SavedReport::new("", "", ""), &[]);
        names_its_columns(&User::new("", Role::Viewer), &["password_hash", "last_sign_in"]);
    }
}
