-- Fires by quarter hour and by what became of them; tests are in no sum.
SELECT
    quarter, advertiser_id, pixel_id, fires, warned, iif(reason = 'post_click', fires, 0) AS post_click,
    iif(reason = 'post_view', fires, 0) AS post_view, iif(reason = 'pixel_inactive', fires, 0) AS pixel_inactive,
    iif(reason = 'no_line_item', fires, 0) AS no_line_item, iif(reason = 'no_visitor', fires, 0) AS no_visitor,
    iif(reason = 'no_exposure', fires, 0) AS no_exposure, iif(reason = 'wrong_kind', fires, 0) AS wrong_kind,
    iif(reason = 'outside_window', fires, 0) AS outside_window, iif(reason = 'bot', fires, 0) AS bot,
    iif(reason = 'prefetch', fires, 0) AS prefetch, iif(reason = 'duplicate_event', fires, 0) AS duplicate_event,
    iif(reason = 'adjustment', fires, 0) AS adjustment, iif(reason = 'duplicate_order', fires, 0) AS duplicate_order,
    iif(reason = 'repeat', fires, 0) AS repeat
FROM conversions_quarters
