//! Arrivals by links, as the site tag reports them.

use super::RowWriter;
use crate::demo::data::brand::LinkAd;
use crate::demo::data::brands::{BRANDS, PUBLISHERS};
use crate::demo::data::definitions::BrandIds;
use crate::demo::data::plan::Event;
use crate::domain::{
    Arrival, ClickIdValue, Exposure, ExposureKind, LineItemId, PublisherId, TrackerId, VisitorId, Warning,
};
use crate::store::LogRow;

impl RowWriter<'_> {
    /// The arrival by a brand's link, with one of its campaigns, by the click of this number.
    pub(super) fn arrival(
        &mut self,
        event: &Event,
        ids: &BrandIds,
        link: usize,
        campaign: usize,
        click: u64,
    ) -> Option<LogRow> {
        let brand = BRANDS.get(event.brand)?;
        let ad = brand.links.get(link)?;
        let site = ad.source.as_ref().and_then(|source| PUBLISHERS.get(source.publisher)).map(|outlet| outlet.site);
        let mut parameters: Vec<(String, String)> =
            ad.parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let code = ad.campaigns.get(campaign % ad.campaigns.len().max(1));
        parameters.extend(code.map(|code| ("utm_campaign".to_owned(), (*code).to_owned())));
        let (click_ids, warnings) = click_id(ad, event.visitor, click);
        let mut query = format!("id={}", ids.advertiser);
        let shown = click_ids.iter().map(|id| (id.name.as_str(), id.value.as_deref().unwrap_or_default()));
        for (name, value) in parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(shown) {
            query.push_str(&format!("&{name}={value}"));
        }
        let arrival = Arrival {
            advertiser_id: ids.advertiser,
            parameters,
            click_ids,
            referrer_host: site.map(str::to_owned),
            named: None,
        };
        Some(LogRow::Exposure(Box::new(Exposure {
            at: event.at,
            kind: ExposureKind::Click,
            tracker_id: TrackerId::NONE,
            line_item_id: LineItemId::NONE,
            publisher_id: PublisherId::NONE,
            campaign_id: None,
            creative_id: None,
            visitor_id: event.visitor,
            flags: event.flags,
            ancost: None,
            impression: None,
            arrival: Some(Box::new(arrival)),
            warnings,
            query,
            referer: Some(format!("https://{}/", brand.site)),
            user_agent: Some(self.browser(event.visitor).to_owned()),
            ip: self.address(event.visitor),
        })))
    }
}

/// The platform's click id, or the warning about one that a link builder broke. The log keeps no value of it for a visitor
/// who opted out.
fn click_id(ad: &LinkAd, visitor: Option<VisitorId>, click: u64) -> (Vec<ClickIdValue>, Vec<Warning>) {
    let Some(name) = ad.click_id else { return (Vec::new(), Vec::new()) };
    if ad.is_broken {
        let raw = format!("<{click:016x}>");
        let warning = Warning { parameter: name.to_owned(), raw, rule: "not_a_click_id".to_owned() };
        return (Vec::new(), vec![warning]);
    }
    let value = match name {
        "gclid" => format!("CjwKCAiA{:08x}BhBGEiwA{click:016x}", click >> 32),
        "fbclid" => format!("IwZXh0bgNhZW0{click:016x}_aem_{:08x}", click >> 24),
        _ => format!("{click:016x}{:016x}", click.rotate_left(29)),
    };
    (vec![ClickIdValue { name: name.to_owned(), value: visitor.map(|_| value) }], Vec::new())
}
