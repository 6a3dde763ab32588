-- Sums of exposures and attributed conversions, after adjustments. Views, clicks and conversions have no currency
-- of their own: they and the cost have the line item's, else the advertiser's. Values have the currency that they came
-- with, and without one the line item's too. Views and clicks belong to no pixel.
SELECT
    x.quarter, coalesce(l.advertiser_id, 0) AS advertiser_id, x.line_item_id, x.campaign_id, x.publisher_id,
    0 AS pixel_id, coalesce(l.currency, a.default_currency, 'XXX') AS currency, x.imps, x.clicks, x.cost_thousands,
    x.cost_micros, 0 AS post_click_convs, 0 AS post_view_convs, 0 AS post_click_revenue_thousands,
    0 AS post_click_revenue_micros, 0 AS post_view_revenue_thousands, 0 AS post_view_revenue_micros,
    0 AS booked_revenue_thousands, 0 AS booked_revenue_micros
FROM exposures_quarters x
LEFT JOIN line_items l ON l.id = x.line_item_id
LEFT JOIN advertisers a ON a.id = l.advertiser_id
UNION ALL
SELECT
    c.quarter, c.advertiser_id, c.line_item_id, c.campaign_id, c.publisher_id, c.pixel_id,
    coalesce(l.currency, a.default_currency, 'XXX'), 0, 0, 0, 0, iif(c.reason = 'post_click', c.net_fires, 0),
    iif(c.reason = 'post_view', c.net_fires, 0), 0, 0, 0, 0, 0, 0
FROM conversions_quarters c
LEFT JOIN line_items l ON l.id = c.line_item_id
LEFT JOIN advertisers a ON a.id = c.advertiser_id
WHERE c.reason IN ('post_click', 'post_view')
UNION ALL
SELECT
    c.quarter, c.advertiser_id, c.line_item_id, c.campaign_id, c.publisher_id, c.pixel_id,
    iif(c.currency <> 'XXX', c.currency, coalesce(l.currency, a.default_currency, 'XXX')), 0, 0, 0, 0, 0, 0,
    iif(c.reason = 'post_click', c.net_value_thousands, 0), iif(c.reason = 'post_click', c.net_value_micros, 0),
    iif(c.reason = 'post_view', c.net_value_thousands, 0), iif(c.reason = 'post_view', c.net_value_micros, 0), 0, 0
FROM conversions_quarters c
LEFT JOIN line_items l ON l.id = c.line_item_id
LEFT JOIN advertisers a ON a.id = c.advertiser_id
WHERE c.reason IN ('post_click', 'post_view') AND c.currency <> ''
UNION ALL
SELECT
    c.quarter, c.advertiser_id, c.line_item_id, c.campaign_id, c.publisher_id, c.pixel_id, c.static_currency, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, c.net_static_value_thousands, c.net_static_value_micros
FROM conversions_quarters c
WHERE c.reason IN ('post_click', 'post_view') AND c.static_currency <> ''
