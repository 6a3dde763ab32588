-- Sums of exposures and attributed conversions. Views, clicks, cost, conversions and static values have the currency that
-- the line item had then. Dynamic values have their own currency, and without one the line item's too. Views, clicks
-- and cost belong to no pixel. Figures are after adjustments; those of the names `gross_` are as sent.
SELECT
    x.quarter, x.advertiser_id, x.line_item_id, x.campaign_id, x.publisher_id, x.source_id, 0 AS pixel_id, x.currency, x.imps, x.clicks,
    x.costs, x.cost_thousands, x.cost_micros, 0 AS post_click_convs, 0 AS post_view_convs, 0 AS gross_post_click_convs,
    0 AS gross_post_view_convs, 0 AS post_click_revenue_thousands, 0 AS post_click_revenue_micros,
    0 AS post_view_revenue_thousands, 0 AS post_view_revenue_micros, 0 AS gross_post_click_revenue_thousands,
    0 AS gross_post_click_revenue_micros, 0 AS gross_post_view_revenue_thousands, 0 AS gross_post_view_revenue_micros,
    0 AS booked_revenue_thousands, 0 AS booked_revenue_micros, 0 AS gross_booked_revenue_thousands,
    0 AS gross_booked_revenue_micros
FROM exposures_quarters x
UNION ALL
SELECT
    c.quarter, c.advertiser_id, c.line_item_id, c.campaign_id, c.publisher_id, c.source_id, c.pixel_id, c.static_currency, 0, 0, 0, 0, 0,
    iif(c.reason = 'post_click', c.net_fires, 0), iif(c.reason = 'post_view', c.net_fires, 0),
    iif(c.reason = 'post_click', c.fires, 0), iif(c.reason = 'post_view', c.fires, 0), 0, 0, 0, 0, 0, 0, 0, 0,
    c.net_static_value_thousands, c.net_static_value_micros, c.static_value_thousands, c.static_value_micros
FROM conversions_quarters c
WHERE c.reason IN ('post_click', 'post_view')
UNION ALL
SELECT
    c.quarter, c.advertiser_id, c.line_item_id, c.campaign_id, c.publisher_id, c.source_id, c.pixel_id,
    iif(c.currency <> 'XXX', c.currency, c.static_currency), 0, 0, 0, 0, 0, 0, 0, 0, 0,
    iif(c.reason = 'post_click', c.net_value_thousands, 0), iif(c.reason = 'post_click', c.net_value_micros, 0),
    iif(c.reason = 'post_view', c.net_value_thousands, 0), iif(c.reason = 'post_view', c.net_value_micros, 0),
    iif(c.reason = 'post_click', c.value_thousands, 0), iif(c.reason = 'post_click', c.value_micros, 0),
    iif(c.reason = 'post_view', c.value_thousands, 0), iif(c.reason = 'post_view', c.value_micros, 0), 0, 0, 0, 0
FROM conversions_quarters c
WHERE c.reason IN ('post_click', 'post_view') AND c.currency <> ''
