//! Templates of sources: for each ad platform, what its arrivals carry and what to type on its side. This table is the only
//! list of them.

use super::source_match::SourceMatch;

/// A source for a platform, before it has a line item.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceTemplate {
    /// Its name in addresses.
    pub key: &'static str,
    /// The name of the platform, and of a new source.
    pub name: &'static str,
    /// What the source asks for.
    conditions: &'static [(&'static str, &'static [&'static str])],
    /// The parameter whose value is the code of a campaign.
    pub campaign_by: &'static str,
    /// What to type on the platform's side, in sentences.
    pub steps: &'static str,
    /// The parameters to add to the ad's link.
    pub url_parameters: &'static str,
    /// What people get wrong; empty for nothing.
    pub note: &'static str,
}

/// The values of `utm_medium` that paid links carry. Meta adds `fbclid` to unpaid ones, too.
pub const PAID_MEDIUMS: &[&str] =
    &["cpc", "ppc", "cpm", "paid", "paid_social", "paid-social", "paidsocial", "paid_search", "display", "retargeting"];

pub const SOURCE_TEMPLATES: &[SourceTemplate] = &[
    SourceTemplate {
        key: "google",
        name: "Google Ads",
        conditions: &[("click_id", &["gclid", "gbraid", "wbraid"])],
        campaign_by: "utm_campaign",
        steps: "In Google Ads, open Admin → Account settings → Auto-tagging and tick it. Google then adds the click ID to \
                each link. To see campaigns, add this line below Tracking → Final URL suffix.",
        url_parameters: "utm_source=google&utm_medium=cpc&utm_campaign={campaignid}&utm_content={creative}",
        note: "",
    },
    SourceTemplate {
        key: "microsoft",
        name: "Microsoft Ads",
        conditions: &[("click_id", &["msclkid"])],
        campaign_by: "utm_campaign",
        steps: "In Microsoft Advertising, open Settings → Account settings and tick Auto-tagging of the Microsoft click ID. \
                To see campaigns, add this line as Final URL suffix.",
        url_parameters: "utm_source=bing&utm_medium=cpc&utm_campaign={CampaignId}&utm_content={AdId}",
        note: "",
    },
    SourceTemplate {
        key: "meta",
        name: "Meta Ads",
        conditions: &[("click_id", &["fbclid"]), ("utm_medium", PAID_MEDIUMS)],
        campaign_by: "utm_campaign",
        steps: "In Ads Manager, open the ad → Tracking → URL parameters and paste this line. Do so for each ad.",
        url_parameters: "utm_source=facebook&utm_medium=paid_social&utm_campaign={{campaign.id}}&utm_content={{ad.id}}",
        note: "Meta adds fbclid to unpaid links, too. So this source also asks for a paid utm_medium.",
    },
    SourceTemplate {
        key: "tiktok",
        name: "TikTok Ads",
        conditions: &[("click_id", &["ttclid"])],
        campaign_by: "utm_campaign",
        steps: "TikTok adds the click ID by itself. To see campaigns, add this line to the ad's URL parameters in TikTok Ads \
                Manager.",
        url_parameters: "utm_source=tiktok&utm_medium=paid_social&utm_campaign=__CAMPAIGN_ID__&utm_content=__CID__",
        note: "",
    },
    SourceTemplate {
        key: "pinterest",
        name: "Pinterest",
        conditions: &[("click_id", &["epik"])],
        campaign_by: "utm_campaign",
        steps: "Pinterest adds the click ID by itself. To see campaigns, add this line to the ad's destination URL, after a ?.",
        url_parameters: "utm_source=pinterest&utm_medium=paid_social&utm_campaign={campaignid}&utm_content={adid}",
        note: "",
    },
    SourceTemplate {
        key: "reddit",
        name: "Reddit",
        conditions: &[("click_id", &["rdt_cid"])],
        campaign_by: "utm_campaign",
        steps: "Reddit adds the click ID by itself. To see campaigns, add this line to the ad's URL parameters in Reddit Ads.",
        url_parameters: "utm_source=reddit&utm_medium=paid_social&utm_campaign={{CAMPAIGN_ID}}&utm_content={{AD_ID}}",
        note: "",
    },
    SourceTemplate {
        key: "snap",
        name: "Snapchat",
        conditions: &[("click_id", &["ScCid"])],
        campaign_by: "utm_campaign",
        steps: "Snapchat adds the click ID by itself. To see campaigns, add this line to the ad's website URL, after a ?.",
        url_parameters: "utm_source=snapchat&utm_medium=paid_social&utm_campaign={{campaign.id}}&utm_content={{ad.id}}",
        note: "",
    },
    SourceTemplate {
        key: "linkedin",
        name: "LinkedIn",
        conditions: &[("click_id", &["li_fat_id"])],
        campaign_by: "utm_campaign",
        steps: "In Campaign Manager, tick Enhanced conversion tracking of the Insight tag. LinkedIn then adds the click ID. To \
                see campaigns, add this line to the campaign's URL parameters.",
        url_parameters: "utm_source=linkedin&utm_medium=paid_social&utm_campaign={{CAMPAIGN_ID}}&utm_content={{CREATIVE_ID}}",
        note: "",
    },
    SourceTemplate {
        key: "x",
        name: "X",
        conditions: &[("click_id", &["twclid"])],
        campaign_by: "utm_campaign",
        steps: "X adds the click ID by itself. To see campaigns, add this line to the ad's website URL, after a ?.",
        url_parameters: "utm_source=x&utm_medium=paid_social&utm_campaign=autumn",
        note: "Type the name of each campaign in place of autumn.",
    },
    SourceTemplate {
        key: "newsletter",
        name: "Newsletter",
        conditions: &[("utm_medium", &["email"])],
        campaign_by: "utm_campaign",
        steps: "Add this line to each link in the newsletter, after a ?. Many mail tools do it once you tick UTM tracking.",
        url_parameters: "utm_source=newsletter&utm_medium=email&utm_campaign=autumn",
        note: "Type the name of each mailing in place of autumn.",
    },
    SourceTemplate {
        key: "partner",
        name: "Affiliate or influencer link",
        conditions: &[("ref,via", &["*"])],
        campaign_by: "ref",
        steps: "Give each partner a link to your shop with a name of its own. Add this line to the link, after a ?.",
        url_parameters: "ref=anna",
        note: "Type the name of each partner in place of anna. With via=anna, the link works as well.",
    },
];

impl SourceTemplate {
    pub fn of(key: &str) -> Option<&'static SourceTemplate> {
        SOURCE_TEMPLATES.iter().find(|template| template.key == key)
    }

    /// The template that a condition is made of, perhaps changed since.
    pub fn like(condition: &SourceMatch) -> Option<&'static SourceTemplate> {
        let is_like = |template: &&SourceTemplate| {
            let own = template.condition();
            match own.click_ids.is_empty() {
                false => own.click_ids.iter().any(|id| condition.click_ids.contains(id)),
                true => own.parameters.iter().all(|parameter| condition.parameters.contains(parameter)),
            }
        };
        SOURCE_TEMPLATES.iter().find(is_like)
    }

    pub fn condition(&self) -> SourceMatch {
        let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        SourceMatch::stored(self.conditions.iter().map(|(part, values)| ((*part).to_owned(), owned(values))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AdvertiserId, LineItemId, Source};

    #[test]
    fn every_template_makes_a_good_source_and_is_found_again() {
        for template in SOURCE_TEMPLATES {
            let mut source = Source::new(AdvertiserId(1), LineItemId(1), template.name);
            (source.position, source.condition) = (1, template.condition());
            source.campaign_by = Some(template.campaign_by.to_owned());
            assert_eq!(source.check(), Ok(()), "{}", template.key);
            let own = source.condition.conditions();
            assert_eq!(own.len(), template.conditions.len(), "{}", template.key);
            assert!(!source.condition.takes_unpaid_links(), "{}", template.key);
            assert_eq!(SourceTemplate::like(&source.condition), Some(template), "{}", template.key);
            assert_eq!(SourceTemplate::of(template.key), Some(template));
            let words = format!("{} {}", template.steps, template.note);
            let sentences = words.split_inclusive(". ");
            assert!(sentences.into_iter().all(|sentence| sentence.split_whitespace().count() <= 20), "{words}");
        }
        assert_eq!((SourceTemplate::of("ads"), SourceTemplate::like(&SourceMatch::default())), (None, None));
    }
}
