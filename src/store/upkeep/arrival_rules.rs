//! The rules that the derived tables of arrivals must meet, as those in `rules.rs`.

/// The sentence for a broken rule, and the query for the rows that break it.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "a judged arrival has no fate",
        "SELECT e.seq FROM exposures e LEFT JOIN arrivals a USING (seq)
        WHERE e.advertiser_id IS NOT NULL AND a.seq IS NULL AND e.seq <= (SELECT seq FROM judge_cursor)",
    ),
    (
        "a fate has no arrival, or differs from it",
        "SELECT a.seq FROM arrivals a LEFT JOIN exposures e USING (seq)
        WHERE (a.visitor_id, a.at, a.advertiser_id) IS NOT (e.visitor_id, e.at, e.advertiser_id)",
    ),
    (
        "an arrival is a click without a source and a line item, or has a line item without being a click",
        "SELECT seq FROM arrivals
        WHERE (fate = 'click') <> (line_item_id IS NOT NULL) OR (fate = 'click' AND source_id IS NULL)
            OR (fate IN ('unmatched', 'empty') AND source_id IS NOT NULL)",
    ),
    (
        "an arrival is counted for a version of a line item that is not its own",
        "SELECT a.seq FROM arrivals a LEFT JOIN line_item_versions v ON v.seq = a.line_item_version
        WHERE a.line_item_version IS NOT NULL AND v.line_item_id IS NOT a.line_item_id",
    ),
    (
        "an arrival that is a click is not among its visitor's exposures, or otherwise, or is there without being a click",
        "SELECT a.seq FROM arrivals a LEFT JOIN exposures e USING (seq)
        LEFT JOIN touches t ON (t.visitor_id, t.kind, t.since, t.seq) = (a.visitor_id, e.kind, a.seq, a.seq)
        WHERE a.visitor_id IS NOT NULL AND ((a.fate = 'click') <> (t.seq IS NOT NULL)
            OR (a.fate = 'click' AND ((t.at, t.line_item_id, t.publisher_id, t.source_id, t.flags)
                    IS NOT (a.at, a.line_item_id, a.publisher_id, a.source_id, e.flags)
                OR t.campaign_id IS NOT a.campaign_id)))",
    ),
    (
        "an exposure that a token brought to a visitor is not among the visitor's, or otherwise than logged",
        "SELECT d.seq FROM adoptions d LEFT JOIN exposures e ON e.seq = d.exposure_seq
        LEFT JOIN touches t ON (t.visitor_id, t.kind, t.since, t.seq) = (d.visitor_id, e.kind, d.seq, d.exposure_seq)
        WHERE e.seq >= d.seq OR e.visitor_id IS d.visitor_id
            OR (t.at, t.line_item_id, t.publisher_id, t.flags) IS NOT (e.at, e.line_item_id, e.publisher_id, e.flags)
            OR t.campaign_id IS NOT e.campaign_id OR t.creative_id IS NOT e.creative_id
            OR t.imp_seq IS NOT e.imp_seq OR t.imp_at IS NOT e.imp_at",
    ),
    (
        "an arrival whose token brings an exposure has none, or an exposure was brought by no such arrival",
        "SELECT a.seq FROM arrivals a LEFT JOIN adoptions d
            ON (d.visitor_id, d.exposure_seq, d.seq) = (a.visitor_id, a.named_seq, a.seq)
        WHERE a.adopts AND d.seq IS NULL
        UNION ALL
        SELECT d.seq FROM adoptions d LEFT JOIN arrivals a USING (visitor_id, seq)
        WHERE a.adopts IS NOT 1 OR a.named_seq IS NOT d.exposure_seq",
    ),
    (
        "a test, a bot or a prefetch has a consequence",
        "SELECT a.seq FROM arrivals a JOIN exposures e USING (seq)
        WHERE (e.flags & 7 <> 0 OR a.visitor_id IS NULL) AND (a.adopts OR a.alike IS NOT NULL)",
    ),
    (
        "a click id of an arrival is not kept",
        "WITH came AS (SELECT e.seq, e.visitor_id, e.advertiser_id,
                click_id_hash(json_extract(j.value, '$[0]'), json_extract(j.value, '$[1]')) AS hash
            FROM exposures e, json_each(e.arrival, '$.click_ids') j
            WHERE e.advertiser_id IS NOT NULL AND e.visitor_id IS NOT NULL AND e.flags & 7 = 0
                AND e.seq <= (SELECT seq FROM judge_cursor) AND json_extract(j.value, '$[1]') IS NOT NULL)
        SELECT c.seq FROM came c
        WHERE NOT EXISTS (SELECT 1 FROM click_ids k WHERE k.seq = c.seq AND k.hash = c.hash)
            AND NOT EXISTS (SELECT 1 FROM touches t CROSS JOIN click_ids k ON k.seq = t.since
                WHERE t.visitor_id = c.visitor_id AND t.kind = 2 AND t.since < c.seq
                    AND k.hash = c.hash AND k.advertiser_id = c.advertiser_id)
            AND NOT EXISTS (SELECT 1 FROM arrivals a CROSS JOIN click_ids k USING (seq)
                WHERE a.visitor_id = c.visitor_id AND a.line_item_id IS NULL AND a.seq < c.seq
                    AND k.hash = c.hash AND k.advertiser_id = c.advertiser_id)",
    ),
    (
        "a click id is kept that its arrival did not bring",
        "SELECT k.seq FROM click_ids k LEFT JOIN exposures e USING (seq)
        WHERE e.advertiser_id IS NOT k.advertiser_id OR e.visitor_id IS NULL OR e.flags & 7 <> 0
            OR NOT EXISTS (SELECT 1 FROM json_each(e.arrival, '$.click_ids') j
                WHERE k.hash = click_id_hash(json_extract(j.value, '$[0]'), json_extract(j.value, '$[1]')))",
    ),
    (
        "the counts of unmatched arrivals differ from the arrivals (day)",
        "WITH judged AS (SELECT a.advertiser_id, a.at - ((a.at % 86400000) + 86400000) % 86400000 AS day,
                count(*) AS arrivals, max(a.at) AS last_at
            FROM arrivals a JOIN exposures e USING (seq)
            WHERE a.fate IN ('unmatched', 'empty') AND e.flags & 7 = 0 GROUP BY 1, 2),
        counted AS (SELECT advertiser_id, day, sum(arrivals) AS arrivals, max(last_at) AS last_at
            FROM unmatched_arrivals GROUP BY 1, 2)
        SELECT day FROM judged j LEFT JOIN counted c USING (advertiser_id, day)
        WHERE (c.arrivals, c.last_at) IS NOT (j.arrivals, j.last_at)
        UNION ALL
        SELECT day FROM counted c LEFT JOIN judged j USING (advertiser_id, day) WHERE j.arrivals IS NULL",
    ),
    (
        "more unmatched arrivals are told apart than there is room for (day)",
        "SELECT day FROM unmatched_arrivals WHERE carried <> '' GROUP BY advertiser_id, day HAVING count(*) > 200",
    ),
];
