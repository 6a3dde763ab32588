//! The rules that the derived tables must meet. Each is a query for the rows that break it. A query returns numbers of the
//! log, unless its sentence names something else in brackets.

/// The sentence for a broken rule, and the query for the rows that break it.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "a judged fire has no conversion",
        "SELECT f.seq FROM fires f LEFT JOIN conversions c USING (seq)
        WHERE c.seq IS NULL AND f.seq <= (SELECT seq FROM judge_cursor)",
    ),
    ("a conversion has no fire", "SELECT c.seq FROM conversions c LEFT JOIN fires f USING (seq) WHERE f.seq IS NULL"),
    (
        "a conversion lies after the cursor of the judge",
        "SELECT seq FROM conversions WHERE seq > (SELECT seq FROM judge_cursor)",
    ),
    (
        "a conversion differs from its fire",
        "SELECT c.seq FROM conversions c JOIN fires f USING (seq)
        LEFT JOIN exposures e ON e.seq = f.exposure_seq AND e.seq < f.seq AND e.advertiser_id IS NULL
        LEFT JOIN taken o ON o.seq = c.seq AND o.field = 'order_id' LEFT JOIN fires p ON p.seq = o.from_seq
        LEFT JOIN taken v ON v.seq = c.seq AND v.field = 'value' LEFT JOIN fires w ON w.seq = v.from_seq
        WHERE (c.at, c.pixel_id) <> (f.at, f.pixel_id) OR c.order_id IS NOT coalesce(f.order_id, p.order_id)
            OR c.value IS NOT coalesce(iif(c.max_value IS NULL, f.value, NULL), w.value)
            OR c.currency IS NOT iif(w.seq IS NULL, iif(c.max_value IS NULL, f.currency, NULL), w.currency)
            OR c.token_seq IS NOT f.exposure_seq OR f.warnings IS NOT NULL AND NOT c.warned
            OR (f.flags & 7 <> 0) <> (c.reason IN ('test', 'bot', 'prefetch'))
            OR c.visitor_id IS NOT iif(e.seq IS NULL, f.visitor_id, e.visitor_id)",
    ),
    (
        "a value is set aside that the pixel's bound allows, or kept although it is beyond the bound",
        "SELECT c.seq FROM conversions c JOIN fires f USING (seq) LEFT JOIN pixel_versions v ON v.seq = c.pixel_version
        WHERE c.max_value IS NOT iif(f.value > v.max_value
            AND coalesce(f.currency, v.max_value_currency) = v.max_value_currency, v.max_value, NULL)",
    ),
    (
        "a conversion is attributed without an exposure, or has one without being attributed",
        "SELECT seq FROM conversions
        WHERE (outcome = 'attributed') <> (exposure_seq IS NOT NULL AND line_item_id IS NOT NULL)
            OR (exposure_seq IS NULL) <> (line_item_id IS NULL)",
    ),
    (
        "an attributed conversion differs from the exposure it is credited to",
        "SELECT c.seq FROM conversions c LEFT JOIN exposures e ON e.seq = c.exposure_seq
        LEFT JOIN arrivals a ON e.advertiser_id IS NOT NULL AND a.seq = e.seq
        WHERE c.exposure_seq IS NOT NULL AND (e.seq IS NULL OR e.seq > coalesce(
                (SELECT max(upto) FROM rejudged WHERE exposures AND upto >= c.seq AND from_at <= c.at), c.seq)
            OR (e.advertiser_id IS NULL
                AND (c.line_item_id, c.publisher_id) IS NOT (e.line_item_id, e.publisher_id))
            OR (e.advertiser_id IS NOT NULL
                AND (c.line_item_id, c.publisher_id) IS NOT (a.line_item_id, a.publisher_id))
            OR c.campaign_id IS NOT coalesce(e.campaign_id, a.campaign_id) OR c.source_id IS NOT a.source_id
            OR c.exposure_at <> e.at OR c.creative_id IS NOT e.creative_id OR c.tracker_id IS NOT nullif(e.tracker_id, 0)
            OR (e.kind = 1) <> (c.reason = 'post_view'))",
    ),
    (
        "a judged exposure is not kept by its visitor, or otherwise than logged",
        "SELECT e.seq FROM exposures e
        LEFT JOIN touches t ON (t.visitor_id, t.kind, t.since, t.seq) = (e.visitor_id, e.kind, e.seq, e.seq)
        WHERE e.visitor_id IS NOT NULL AND e.advertiser_id IS NULL AND e.seq <= (SELECT seq FROM judge_cursor)
            AND (t.seq IS NULL OR (t.at, t.line_item_id, t.publisher_id, t.flags)
                    <> (e.at, e.line_item_id, e.publisher_id, e.flags)
                OR t.campaign_id IS NOT e.campaign_id OR t.creative_id IS NOT e.creative_id
                OR t.imp_seq IS NOT e.imp_seq OR t.imp_at IS NOT e.imp_at)",
    ),
    (
        "a visitor's exposure is not in the log",
        "SELECT t.seq FROM touches t LEFT JOIN exposures e USING (seq)
        WHERE e.seq IS NULL OR t.kind <> e.kind OR t.since < t.seq
            OR (t.since = t.seq AND t.visitor_id IS NOT e.visitor_id)
            OR (t.since <> t.seq AND NOT EXISTS (SELECT 1 FROM adoptions d
                WHERE (d.visitor_id, d.exposure_seq, d.seq) = (t.visitor_id, t.seq, t.since)))",
    ),
    (
        "a duplicate has no fire that counts in its place, or another fire has one",
        "SELECT c.seq FROM conversions c LEFT JOIN conversions o ON o.seq = c.duplicate_of
        WHERE (c.reason IN ('duplicate_event', 'duplicate_order')) <> (c.duplicate_of IS NOT NULL)
            OR (c.duplicate_of IS NULL) <> (c.duplicate_by IS NULL) OR c.duplicate_by < c.seq
            OR (c.duplicate_of IS NOT NULL AND o.pixel_id IS NOT c.pixel_id)",
    ),
    (
        "a name leads to a fire that does not have it",
        "SELECT n.seq FROM names_seen n LEFT JOIN fires f USING (seq)
        WHERE f.seq IS NULL OR (n.pixel_id, n.at) <> (f.pixel_id, f.at)
            OR n.name IS NOT iif(n.kind = 1, f.event_id, f.order_id)",
    ),
    (
        "an event id leads to no fire",
        "SELECT f.seq FROM fires f JOIN conversions c USING (seq)
        WHERE f.event_id IS NOT NULL AND c.reason NOT IN ('test', 'bot', 'prefetch', 'adjustment')
            AND NOT EXISTS (SELECT 1 FROM names_seen n WHERE (n.pixel_id, n.kind, n.name) = (f.pixel_id, 1, f.event_id)
                AND abs(n.at - f.at) <= 172800000)
            AND NOT EXISTS (SELECT 1 FROM names_shared s
                WHERE (s.pixel_id, s.kind, s.name) = (f.pixel_id, 1, f.event_id))",
    ),
    (
        "an order id leads to no fire",
        "SELECT f.seq FROM fires f JOIN conversions c USING (seq)
        WHERE f.order_id IS NOT NULL AND c.reason NOT IN ('test', 'bot', 'prefetch', 'adjustment')
            AND NOT EXISTS (SELECT 1 FROM names_seen n WHERE (n.pixel_id, n.kind, n.name) = (f.pixel_id, 2, f.order_id))
            AND NOT EXISTS (SELECT 1 FROM names_shared s
                WHERE (s.pixel_id, s.kind, s.name) = (f.pixel_id, 2, f.order_id))",
    ),
    (
        "an attributed conversion is not kept for the repeat rule",
        "SELECT c.seq FROM conversions c JOIN fires f USING (seq)
        LEFT JOIN counted k ON (k.pixel_id, k.visitor_id, k.at, k.seq)
            = (c.pixel_id, coalesce(c.visitor_id, -f.exposure_seq), c.at, c.seq)
        WHERE c.outcome = 'attributed' AND k.seq IS NULL",
    ),
    (
        "an entry for the repeat rule has no attributed conversion",
        "SELECT k.seq FROM counted k LEFT JOIN conversions c USING (seq) LEFT JOIN fires f USING (seq)
        WHERE c.outcome IS NOT 'attributed' OR (k.pixel_id, k.at) <> (c.pixel_id, c.at)
            OR k.visitor_id IS NOT coalesce(c.visitor_id, -f.exposure_seq)",
    ),
    (
        "a conversion counts for the repeat rule although it was retracted, or the other way round",
        "SELECT k.seq FROM counted k
        LEFT JOIN adjustment_effects e ON e.conversion_seq = k.seq AND e.effect = 'retracted'
        WHERE k.retracted_by IS NOT e.adjustment_seq",
    ),
    ("the sums of conversions differ from the conversions (quarter hour)", include_str!("../sql/conversion_sums.sql")),
    ("the sums of exposures differ from the exposures (quarter hour)", include_str!("../sql/exposure_sums.sql")),
    ("the sums of a day differ from those of its quarter hours (day)", include_str!("../sql/day_sums.sql")),
    (
        "when a pixel last fired differs from its conversions (pixel)",
        "WITH fired AS (SELECT pixel_id, max(at) AS at FROM conversions
            WHERE reason NOT IN ('test', 'bot', 'prefetch') GROUP BY pixel_id)
        SELECT pixel_id FROM fired LEFT JOIN pixel_last_fired l USING (pixel_id) WHERE l.at IS NOT fired.at
        UNION ALL SELECT pixel_id FROM pixel_last_fired LEFT JOIN fired USING (pixel_id) WHERE fired.at IS NULL",
    ),
    (
        "what a tracker reported differs from its exposures (tracker)",
        "WITH reported AS (SELECT tracker_id, max(at) AS at, count(*) AS exposures FROM exposures
            WHERE flags & 7 = 0 AND tracker_id > 0 AND seq <= (SELECT seq FROM judge_cursor) GROUP BY tracker_id)
        SELECT tracker_id FROM reported r LEFT JOIN tracker_seen t USING (tracker_id)
            WHERE (t.at, t.exposures) IS NOT (r.at, r.exposures)
        UNION ALL SELECT tracker_id FROM tracker_seen LEFT JOIN reported r USING (tracker_id) WHERE r.at IS NULL",
    ),
    ("the loads of a pixel differ from its conversions (quarter hour)", include_str!("../sql/pixel_loads.sql")),
    (
        "an adjustment's effect is not of one in the log, or of no conversion before it",
        "SELECT e.adjustment_seq FROM adjustment_effects e
        LEFT JOIN conversions c ON c.seq = e.conversion_seq LEFT JOIN adjustments j ON j.seq = e.adjustment_seq
        LEFT JOIN fires f ON f.seq = e.adjustment_seq AND f.parent_reference_id IS NOT NULL
        WHERE c.seq IS NULL OR (j.seq IS NULL AND f.seq IS NULL)
            -- A conversion keeps the values that adjustments before it gave to its duplicates, also one that is a repeat.
            OR ((e.conversion_seq >= e.adjustment_seq
                    OR (c.outcome = 'not_counted') <> (e.effect = 'not_counted') AND c.duplicate_by IS NULL)
                AND NOT EXISTS (SELECT 1 FROM conversions d
                    JOIN adjustment_effects x ON x.conversion_seq = d.seq
                    WHERE d.duplicate_of = e.conversion_seq AND x.adjustment_seq = e.adjustment_seq))",
    ),
    ("an adjusted conversion does not have the value of its adjustments", include_str!("../sql/standings.sql")),
    (
        "an update of a conversion has no effect",
        "SELECT c.seq FROM conversions c LEFT JOIN adjustment_effects e ON e.adjustment_seq = c.seq
        WHERE c.reason = 'adjustment' AND e.adjustment_seq IS NULL",
    ),
    (
        "a fire's reference is not kept",
        "SELECT f.seq FROM fires f JOIN conversions c USING (seq) LEFT JOIN references_seen r
            ON r.advertiser_id = c.advertiser_id AND r.reference_id = f.reference_id AND r.named_by = f.seq
        WHERE f.reference_id IS NOT NULL AND f.flags & 7 = 0 AND r.seq IS NULL",
    ),
    (
        "a reference is kept that no fire brought",
        "SELECT r.named_by FROM references_seen r LEFT JOIN fires f ON f.seq = r.named_by
        WHERE f.reference_id IS NOT r.reference_id OR r.seq > r.named_by",
    ),
    ("a membership is none that the log gave", include_str!("../sql/memberships.sql")),
    (
        "a visitor is in a segment who has left it",
        concat!(
            include_str!("../sql/segment_ops.sql"),
            "SELECT m.seq FROM removed r JOIN memberships m USING (segment_id, visitor_id) WHERE r.seq > m.seq"
        ),
    ),
    (
        "a visitor is not in a segment, or for too short a time",
        concat!(
            include_str!("../sql/segment_ops.sql"),
            "SELECT o.seq FROM ops o
            WHERE NOT o.removes AND o.visitor_id IS NOT NULL AND o.active AND o.lasts > 0
                AND o.expires_at > (SELECT day FROM judge_cursor)
                AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.segment_id = o.segment_id
                    AND m.visitor_id = o.visitor_id AND m.expires_at >= o.expires_at)
                AND NOT EXISTS (SELECT 1 FROM removed r
                    WHERE r.segment_id = o.segment_id AND r.visitor_id = o.visitor_id AND r.seq >= o.seq)
                AND NOT EXISTS (SELECT 1 FROM segment_versions v WHERE v.segment_id = o.segment_id AND v.deleted
                    AND v.seq <= (SELECT seq FROM judge_cursor))"
        ),
    ),
    (
        "the daily loads of a segment differ from the log (segment)",
        concat!(include_str!("../sql/segment_ops.sql"), include_str!("../sql/segment_days.sql")),
    ),
    (
        "the mark of an imported line has no row",
        "SELECT i.seq FROM imported i LEFT JOIN fires f USING (seq) LEFT JOIN exposures e USING (seq)
        WHERE e.seq IS NULL AND f.tag IS NOT 7",
    ),
    (
        "imported fires and their marks are not as many (how many marks)",
        "SELECT marks FROM (SELECT (SELECT count(*) FROM imported JOIN fires USING (seq)) AS marks)
        WHERE marks <> (SELECT count(*) FROM fires WHERE tag = 7)",
    ),
    (
        "more rejected requests are kept than were counted (hour)",
        "WITH kept AS (SELECT at - ((at % 3600000) + 3600000) % 3600000 AS hour, reason, count(*) AS requests
            FROM rejected GROUP BY 1, 2)
        SELECT hour FROM kept LEFT JOIN rejected_hours h USING (hour, reason) WHERE kept.requests > coalesce(h.requests, 0)",
    ),
    (
        "fewer rejected requests are kept of an hour than there was room for (hour)",
        "WITH kept AS (SELECT at - ((at % 3600000) + 3600000) % 3600000 AS hour, count(*) AS requests FROM rejected GROUP BY 1),
            -- No row can be kept of a request that could not be recorded.
            counted AS (SELECT hour, sum(requests) AS requests FROM rejected_hours
                WHERE reason NOT GLOB '*_not_recorded' GROUP BY 1)
        SELECT hour FROM counted LEFT JOIN kept USING (hour)
        WHERE coalesce(kept.requests, 0) < min(counted.requests, 1000)
            -- The oldest have made room.
            AND ((SELECT coalesce(min(id), 0) FROM rejected) <= 1 OR hour > (SELECT min(hour) FROM kept))",
    ),
];
