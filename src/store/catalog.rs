//! The definitions that tags depend on, in memory, so a tracking request asks no database. The writer updates the catalog
//! after each commit and before it answers the edit: once an edit is answered, tags follow it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use rusqlite::Connection;

use super::db::list::all;
use crate::domain::{
    Advertiser, AdvertiserId, Pixel, PixelId, Segment, SegmentId, Source, SourceId, Tracker, TrackerId, TrackerKind,
    trim,
};

/// A definition that is new or changed, or (none) deleted.
pub(super) enum Change {
    Advertiser(AdvertiserId, Option<Arc<Advertiser>>),
    Pixel(PixelId, Option<Arc<Pixel>>),
    Tracker(TrackerId, Option<Arc<Tracker>>),
    Segment(SegmentId, Option<Arc<Segment>>),
    Source(AdvertiserId, SourceId, Option<Box<Source>>),
}

/// The object that has a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByCode<T> {
    Nothing,
    One(T),
    /// Objects of several advertisers have the code, so the request must name the advertiser.
    Several,
}

#[derive(Default)]
struct Definitions {
    advertisers: Table<AdvertiserId, Advertiser, String>,
    pixels: Table<PixelId, Pixel, String>,
    trackers: Table<TrackerId, Tracker, (TrackerKind, String)>,
    segments: Table<SegmentId, Segment, String>,
    /// Of each advertiser that has any, in the order of matching.
    sources: HashMap<AdvertiserId, Arc<Vec<Source>>>,
}

/// See the head of this file.
#[derive(Default)]
pub struct Catalog(RwLock<Definitions>);

impl Catalog {
    fn read(&self) -> RwLockReadGuard<'_, Definitions> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the changes of a commit.
    pub(super) fn apply(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let mut definitions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            match change {
                Change::Advertiser(id, now) => {
                    definitions.advertisers.put(id, now, |advertiser| advertiser.code.as_deref().map(key));
                }
                Change::Pixel(id, now) => definitions.pixels.put(id, now, |pixel| pixel.code.as_deref().map(key)),
                Change::Tracker(id, now) => {
                    definitions.trackers.put(id, now, |tracker| Some((tracker.kind, key(tracker.code.as_deref()?))));
                }
                Change::Segment(id, now) => {
                    definitions.segments.put(id, now, |segment| Some(segment.code.as_deref()?.to_lowercase()));
                }
                Change::Source(advertiser, id, now) => definitions.put_source(advertiser, id, now.map(|now| *now)),
            }
        }
    }

    pub fn advertiser(&self, id: AdvertiserId) -> Option<Arc<Advertiser>> {
        self.read().advertisers.objects.get(&id).cloned()
    }

    pub fn advertiser_by_code(&self, code: &str) -> ByCode<Arc<Advertiser>> {
        self.read().advertisers.by_code(code, |_| true)
    }

    /// The advertiser, if there is only one.
    pub fn only_advertiser(&self) -> Option<AdvertiserId> {
        let definitions = self.read();
        let mut ids = definitions.advertisers.objects.keys();
        ids.next().copied().filter(|_| ids.next().is_none())
    }

    pub fn pixel(&self, id: PixelId) -> Option<Arc<Pixel>> {
        self.read().pixels.objects.get(&id).cloned()
    }

    /// The pixel with this code, of this advertiser or (none) of any.
    pub fn pixel_by_code(&self, code: &str, of: Option<AdvertiserId>) -> ByCode<Arc<Pixel>> {
        self.read().pixels.by_code(code, |pixel| of.is_none_or(|of| pixel.advertiser_id == of))
    }

    pub fn tracker(&self, id: TrackerId) -> Option<Arc<Tracker>> {
        self.read().trackers.objects.get(&id).cloned()
    }

    /// The tracker of this kind with this code, of this advertiser or (none) of any.
    pub fn tracker_by_code(&self, kind: TrackerKind, code: &str, of: Option<AdvertiserId>) -> ByCode<Arc<Tracker>> {
        let code = (kind, code.to_owned());
        self.read().trackers.by_code(&code, |tracker| of.is_none_or(|of| tracker.advertiser_id == of))
    }

    pub fn segment(&self, id: SegmentId) -> Option<Arc<Segment>> {
        self.read().segments.objects.get(&id).cloned()
    }

    /// The sources of an advertiser in the order of matching, inactive ones too.
    pub fn sources(&self, of: AdvertiserId) -> Arc<Vec<Source>> {
        self.read().sources.get(&of).cloned().unwrap_or_default()
    }

    /// The segment with this code, whatever its case.
    pub fn segment_by_code(&self, code: &str) -> Option<Arc<Segment>> {
        match self.read().segments.by_code(&code.to_lowercase(), |_| true) {
            ByCode::One(segment) => Some(segment),
            ByCode::Nothing | ByCode::Several => None,
        }
    }
}

impl Definitions {
    fn put_source(&mut self, advertiser: AdvertiserId, id: SourceId, now: Option<Source>) {
        let sources = Arc::make_mut(self.sources.entry(advertiser).or_default());
        sources.retain(|source| source.id != id);
        if let Some(now) = now {
            let place = sources.partition_point(|source| (source.position, source.id) < (now.position, now.id));
            sources.insert(place, now);
        } else if sources.is_empty() {
            self.sources.remove(&advertiser);
        }
    }
}

/// A code as tags send it, which reading trims.
fn key(code: &str) -> String {
    trim(code).to_owned()
}

/// Reads every definition that tags depend on.
pub(super) fn load(conn: &Connection) -> rusqlite::Result<Vec<Change>> {
    let mut changes = Vec::new();
    changes.extend(all(conn, "1", [])?.into_iter().map(|it: Advertiser| Change::Advertiser(it.id, Some(Arc::new(it)))));
    changes.extend(all(conn, "1", [])?.into_iter().map(|it: Pixel| Change::Pixel(it.id, Some(Arc::new(it)))));
    changes.extend(all(conn, "1", [])?.into_iter().map(|it: Tracker| Change::Tracker(it.id, Some(Arc::new(it)))));
    changes.extend(all(conn, "1", [])?.into_iter().map(|it: Segment| Change::Segment(it.id, Some(Arc::new(it)))));
    changes.extend(
        all(conn, "1", [])?.into_iter().map(|it: Source| Change::Source(it.advertiser_id, it.id, Some(Box::new(it)))),
    );
    Ok(changes)
}

/// Objects by id, and their ids by code.
struct Table<Id, T, Code> {
    objects: HashMap<Id, Arc<T>>,
    codes: HashMap<Code, Vec<Id>>,
}

impl<Id, T, Code> Default for Table<Id, T, Code> {
    fn default() -> Self {
        Table { objects: HashMap::new(), codes: HashMap::new() }
    }
}

impl<Id: Copy + Eq + Hash, T, Code: Eq + Hash> Table<Id, T, Code> {
    fn put(&mut self, id: Id, now: Option<Arc<T>>, code: impl Fn(&T) -> Option<Code>) {
        let code_now = now.as_deref().and_then(&code);
        let before = match now {
            Some(now) => self.objects.insert(id, now),
            None => self.objects.remove(&id),
        };
        let code_before = before.as_deref().and_then(&code);
        if code_before == code_now {
            return;
        }
        if let Some(code) = code_before
            && let Some(ids) = self.codes.get_mut(&code)
        {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.codes.remove(&code);
            }
        }
        if let Some(code) = code_now {
            self.codes.entry(code).or_default().push(id);
        }
    }

    fn by_code<Q>(&self, code: &Q, fits: impl Fn(&T) -> bool) -> ByCode<Arc<T>>
    where
        Code: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let ids = self.codes.get(code).map(Vec::as_slice).unwrap_or_default();
        let mut matches = ids.iter().filter_map(|id| self.objects.get(id)).filter(|object| fits(object));
        match (matches.next(), matches.next()) {
            (None, _) => ByCode::Nothing,
            (Some(object), None) => ByCode::One(object.clone()),
            (Some(_), Some(_)) => ByCode::Several,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LineItemId;

    fn pixel(id: i64, advertiser: i64, code: Option<&str>) -> Change {
        let mut pixel = Pixel::new(AdvertiserId(advertiser), "Purchase");
        (pixel.id, pixel.code) = (PixelId(id), code.map(str::to_owned));
        Change::Pixel(pixel.id, Some(Arc::new(pixel)))
    }

    fn by_code(catalog: &Catalog, code: &str, of: Option<i64>) -> ByCode<PixelId> {
        match catalog.pixel_by_code(code, of.map(AdvertiserId)) {
            ByCode::Nothing => ByCode::Nothing,
            ByCode::One(pixel) => ByCode::One(pixel.id),
            ByCode::Several => ByCode::Several,
        }
    }

    #[test]
    fn codes_follow_their_pixels() {
        let catalog = Catalog::default();
        catalog.apply(vec![pixel(1, 1, Some("buy")), pixel(2, 2, Some("buy")), pixel(3, 1, None)]);
        assert_eq!(by_code(&catalog, "buy", None), ByCode::Several);
        assert_eq!(by_code(&catalog, "buy", Some(2)), ByCode::One(PixelId(2)));
        assert_eq!(by_code(&catalog, "buy", Some(3)), ByCode::Nothing);
        assert_eq!(by_code(&catalog, "BUY", None), ByCode::Nothing);
        // Another code, none, and gone.
        catalog.apply(vec![pixel(1, 1, Some("order"))]);
        assert_eq!(by_code(&catalog, "buy", None), ByCode::One(PixelId(2)));
        assert_eq!(by_code(&catalog, "order", None), ByCode::One(PixelId(1)));
        catalog.apply(vec![pixel(2, 2, None), Change::Pixel(PixelId(1), None)]);
        assert_eq!(by_code(&catalog, "buy", None), ByCode::Nothing);
        assert_eq!(by_code(&catalog, "order", None), ByCode::Nothing);
        assert!(catalog.0.read().unwrap().pixels.codes.is_empty());
    }

    #[test]
    fn a_segments_code_has_no_case() {
        let catalog = Catalog::default();
        let mut segment = Segment::new("Buyers");
        (segment.id, segment.code) = (SegmentId(7), Some("Buyers_2026".to_owned()));
        catalog.apply(vec![Change::Segment(segment.id, Some(Arc::new(segment)))]);
        assert_eq!(catalog.segment_by_code("bUYERS_2026").map(|segment| segment.id), Some(SegmentId(7)));
        assert_eq!(catalog.segment_by_code("buyers"), None);
    }

    #[test]
    fn sources_are_in_the_order_of_matching() {
        let (catalog, shop) = (Catalog::default(), AdvertiserId(1));
        let put = |id, position: Option<u32>| {
            let source = Source::new(shop, LineItemId(1), "Google Ads");
            let id = SourceId(id);
            let now = position.map(|position| Source { id, position, ..source });
            catalog.apply(vec![Change::Source(shop, id, now.map(Box::new))]);
            catalog.sources(shop).iter().map(|source| source.id.0).collect::<Vec<_>>()
        };
        assert_eq!(put(2, Some(5)), [2]);
        assert_eq!(put(1, Some(5)), [1, 2]);
        assert_eq!(put(3, Some(1)), [3, 1, 2]);
        assert_eq!(put(3, Some(9)), [1, 2, 3]);
        assert_eq!((put(2, None), catalog.sources(AdvertiserId(2)).len()), (vec![1, 3], 0));
        assert_eq!((put(1, None), put(3, None)), (vec![3], vec![]));
        assert!(catalog.0.read().unwrap().sources.is_empty());
    }

    #[test]
    fn an_only_advertiser_is_known() {
        let catalog = Catalog::default();
        assert_eq!(catalog.only_advertiser(), None);
        for (id, only) in [(1, Some(AdvertiserId(1))), (2, None)] {
            let advertiser = Arc::new(Advertiser { id: AdvertiserId(id), ..Advertiser::new("Shop") });
            catalog.apply(vec![Change::Advertiser(AdvertiserId(id), Some(advertiser))]);
            assert_eq!(catalog.only_advertiser(), only);
        }
    }
}
