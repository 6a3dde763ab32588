//! *Set up tracking*: creates a shop with its pixel, and the objects of each kind of advertising, each in one transaction.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::{
    Advertiser, AdvertiserId, Caller, Editor, FieldError, Goal, LineItem, LineItemPixel, Pixel, Publisher, PublisherId,
    Reader, Scope, Source, SourceMatch, Status, Tracker, TrackingSetup,
};
use crate::store::db::list::find;
use crate::store::definitions::trackers::{AdPlacement, NewAd, create_ad, publisher_named};
use crate::store::definitions::{change, insert};
use crate::store::{Store, StoreError, Tx};

/// What the first step creates.
pub struct NewShop {
    pub advertiser: Advertiser,
    pub goal: Goal,
    /// As [`crate::domain::shop_site`] writes it.
    pub site: String,
}

/// A kind of advertising, and what it takes to credit its sales.
pub struct NewChannel {
    /// Its stable name.
    pub channel: String,
    /// The name of its line item.
    pub line_item: String,
    /// The name of the place where its ads run. An existing publisher of this name is taken.
    pub publisher: String,
    /// The landing page of a tracked ad; none where no tracker can be placed.
    pub landing_page: Option<String>,
    /// How arrivals are recognised; none if trackers report them.
    pub source: Option<NewSource>,
}

/// The rule of a source. An unknown code makes a campaign.
pub struct NewSource {
    pub condition: SourceMatch,
    pub campaign_by: String,
}

impl Store {
    /// How far the set-up of an advertiser has come. None if it was set up by hand.
    ///
    /// # Errors
    /// Database faults.
    pub async fn tracking_setup(
        &self,
        by: &Reader,
        advertiser: AdvertiserId,
    ) -> Result<Option<TrackingSetup>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| if sees(scope, advertiser) { setup_of(conn, advertiser) } else { Ok(None) }).await
    }

    /// The set-ups whose steps the overview shows, newest first.
    ///
    /// # Errors
    /// Database faults.
    pub async fn open_tracking_setups(&self, by: &Reader, most: u32) -> Result<Vec<TrackingSetup>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| {
            let sql =
                "SELECT advertiser_id FROM tracking_setups WHERE NOT is_hidden AND (?1 IS NULL OR advertiser_id = ?1)
                ORDER BY created_on DESC, advertiser_id DESC LIMIT ?2";
            let mut statement = conn.prepare_cached(sql)?;
            let ids: Vec<AdvertiserId> =
                statement.query_map(params![scope.advertiser(), most], |row| row.get(0))?.collect::<Result<_, _>>()?;
            ids.into_iter().filter_map(|id| setup_of(conn, id).transpose()).collect()
        })
        .await
    }

    /// Creates the advertiser and its pixel, and begins the set-up. A form that is sent twice creates them once.
    ///
    /// # Errors
    /// The rules that the advertiser breaks.
    pub async fn set_up_shop(&self, by: &Editor, shop: NewShop) -> Result<AdvertiserId, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            let NewShop { advertiser, goal, site } = shop;
            if let Some(begun) = begun(tx.conn, &advertiser, goal, &site)? {
                return Ok(begun);
            }
            let advertiser = insert(tx, &who, advertiser)?;
            let pixel = insert(tx, &who, goal.pixel(advertiser.id))?;
            let sql = "INSERT INTO tracking_setups VALUES (?1, ?2, ?3, ?4, NULL, 0, ?5, ?6)";
            tx.conn.execute(sql, params![advertiser.id, site, goal, pixel.id, *tx.next_seq, tx.now])?;
            Ok(advertiser.id)
        })
        .await
    }

    /// Changes the shop of a set-up. `change_it` changes its advertiser and returns its address. The set-up's ads that lead to
    /// the address before lead to the new one. Returns how many those are.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; the rules that the advertiser breaks.
    pub async fn change_shop<F>(&self, by: &Editor, advertiser: AdvertiserId, change_it: F) -> Result<usize, StoreError>
    where
        F: FnOnce(&mut Advertiser, &TrackingSetup) -> Result<String, Vec<FieldError>> + Send + 'static,
    {
        let who = by.caller().clone();
        self.write(move |tx| {
            let setup = may_edit(tx.conn, &who, advertiser)?;
            let mut site = String::new();
            change(tx, &who, advertiser.0, |advertiser: &mut Advertiser| {
                site = change_it(advertiser, &setup)?;
                Ok(())
            })?;
            let sql = "UPDATE tracking_setups SET site = ?2 WHERE advertiser_id = ?1";
            tx.conn.execute(sql, params![advertiser, site])?;
            if setup.site == site { Ok(0) } else { lead_to(tx, &who, &setup, &site) }
        })
        .await
    }

    /// Notes the shop system, and creates the objects of the kinds of advertising that the set-up lacks.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the advertiser has no set-up; the rules that an object breaks.
    pub async fn add_channels(
        &self,
        by: &Editor,
        advertiser: AdvertiserId,
        shop_system: String,
        channels: Vec<NewChannel>,
    ) -> Result<(), StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            let setup = may_edit(tx.conn, &who, advertiser)?;
            let sql = "UPDATE tracking_setups SET shop_system = ?2 WHERE advertiser_id = ?1";
            tx.conn.execute(sql, params![advertiser, shop_system])?;
            channels
                .into_iter()
                .filter(|new| setup.line_item_of(&new.channel).is_none())
                .try_for_each(|new| add_channel(tx, &who, &setup, new))
        })
        .await
    }

    /// Hides the list of steps, or shows it again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the advertiser has no set-up.
    pub async fn hide_setup(&self, by: &Editor, advertiser: AdvertiserId, is_hidden: bool) -> Result<(), StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| {
            may_edit(tx.conn, &who, advertiser)?;
            let sql = "UPDATE tracking_setups SET is_hidden = ?2 WHERE advertiser_id = ?1";
            tx.conn.execute(sql, params![advertiser, is_hidden])?;
            Ok(())
        })
        .await
    }
}

/// The advertiser of a set-up that these same answers began, and that has gone no further.
fn begun(conn: &Connection, shop: &Advertiser, goal: Goal, site: &str) -> rusqlite::Result<Option<AdvertiserId>> {
    let sql = "SELECT a.id FROM tracking_setups s JOIN advertisers a ON a.id = s.advertiser_id
        WHERE s.shop_system IS NULL AND s.site = ?1 AND s.goal = ?2
            AND (a.name, a.default_currency, a.timezone) = (?3, ?4, ?5)";
    let same = params![site, goal, shop.name, shop.default_currency, shop.timezone];
    conn.prepare_cached(sql)?.query_row(same, |row| row.get(0)).optional()
}

fn sees(scope: Scope, advertiser: AdvertiserId) -> bool {
    scope.advertiser().is_none_or(|own| own == advertiser)
}

fn may_edit(conn: &Connection, who: &Caller, advertiser: AdvertiserId) -> Result<TrackingSetup, StoreError> {
    let setup = if sees(who.scope, advertiser) { setup_of(conn, advertiser)? } else { None };
    setup.ok_or_else(|| StoreError::not_found("set-up of advertiser", advertiser))
}

fn setup_of(conn: &Connection, advertiser: AdvertiserId) -> Result<Option<TrackingSetup>, StoreError> {
    let sql = "SELECT * FROM tracking_setups WHERE advertiser_id = ?1";
    let Some(mut setup) = conn.prepare_cached(sql)?.query_row([advertiser], setup).optional()? else { return Ok(None) };
    let sql = "SELECT channel, line_item_id FROM tracking_channels WHERE advertiser_id = ?1 ORDER BY line_item_id";
    let mut statement = conn.prepare_cached(sql)?;
    let channels = statement.query_map([advertiser], |row| Ok((row.get(0)?, row.get(1)?)))?;
    setup.channels = channels.collect::<Result<_, _>>()?;
    Ok(Some(setup))
}

fn setup(row: &Row<'_>) -> rusqlite::Result<TrackingSetup> {
    Ok(TrackingSetup {
        advertiser_id: row.get("advertiser_id")?,
        site: row.get("site")?,
        goal: row.get("goal")?,
        pixel_id: row.get("pixel_id")?,
        shop_system: row.get("shop_system")?,
        is_hidden: row.get("is_hidden")?,
        start: row.get("start_seq")?,
        created_on: row.get("created_on")?,
        channels: Vec::new(),
    })
}

fn add_channel(tx: &mut Tx<'_>, who: &Caller, setup: &TrackingSetup, new: NewChannel) -> Result<(), StoreError> {
    let line_item = insert(tx, who, line_item(tx.conn, setup, &new)?)?;
    let publisher = publisher(tx, who, &new.publisher)?;
    if let Some(click_url) = new.landing_page {
        let (advertiser_id, line_item_id) = (setup.advertiser_id, line_item.id);
        let (name, placement) = (new.line_item.clone(), AdPlacement::Known(publisher));
        create_ad(tx, who, NewAd { name, advertiser_id, line_item_id, placement, click_url })?;
    }
    if let Some(source) = new.source {
        let object = Source {
            condition: source.condition,
            publisher_id: Some(publisher),
            campaign_by: Some(source.campaign_by),
            makes_campaigns: true,
            ..Source::new(setup.advertiser_id, line_item.id, new.line_item)
        };
        insert(tx, who, object)?;
    }
    let sql = "INSERT INTO tracking_channels VALUES (?1, ?2, ?3)";
    tx.conn.execute(sql, params![setup.advertiser_id, new.channel, line_item.id])?;
    Ok(())
}

/// Lets the set-up's click trackers lead to `site` that lead to its address before. Returns how many those are.
fn lead_to(tx: &mut Tx<'_>, who: &Caller, setup: &TrackingSetup, site: &str) -> Result<usize, StoreError> {
    let sql = "SELECT t.id, t.click_url FROM trackers t JOIN tracking_channels c USING (line_item_id)
        WHERE c.advertiser_id = ?1 AND t.click_url IS NOT NULL ORDER BY t.id";
    let mut statement = tx.conn.prepare_cached(sql)?;
    let ads = statement.query_map([setup.advertiser_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let ads: Vec<(i64, String)> = ads.collect::<Result<_, _>>()?;
    drop(statement);
    let mut led = 0;
    for (id, url) in ads {
        let Some(path) =
            url.strip_prefix(&setup.site).filter(|path| path.is_empty() || path.starts_with(['/', '?', '#']))
        else {
            continue;
        };
        let url = format!("{site}{path}");
        change(tx, who, id, move |tracker: &mut Tracker| {
            tracker.click_url = Some(url);
            Ok(())
        })?;
        led += 1;
    }
    Ok(led)
}

/// A line item on which the set-up's pixel counts.
fn line_item(conn: &Connection, setup: &TrackingSetup, new: &NewChannel) -> Result<LineItem, StoreError> {
    let pixel: Pixel = find(conn, Scope::Advertiser(setup.advertiser_id), setup.pixel_id.0)?;
    let entry =
        LineItemPixel { pixel_id: pixel.id, state: Status::Active, post_click_revenue: None, post_view_revenue: None };
    Ok(LineItem { pixels: vec![entry], ..LineItem::new(setup.advertiser_id, new.line_item.clone()) })
}

/// The publisher of this name. Creates it if there is none.
fn publisher(tx: &mut Tx<'_>, who: &Caller, name: &str) -> Result<PublisherId, StoreError> {
    if let Some(known) = publisher_named(tx, name)? {
        return Ok(known);
    }
    // Placements belong to all. Their names come from the flow's own list, so a caller of one advertiser may create them.
    let who = Caller { scope: Scope::All, ..who.clone() };
    Ok(insert(tx, &who, Publisher::new(name))?.id)
}
