-- Memberships that no judged request gave so: at its own time, with its value, for as long as the segment said by then.
SELECT m.seq
FROM memberships m LEFT JOIN fires f USING (seq) LEFT JOIN segment_loads l USING (seq)
WHERE m.seq > (SELECT seq FROM judge_cursor)
    OR m.visitor_id IS NOT coalesce(f.visitor_id, l.visitor_id)
    OR m.added_at IS NOT coalesce(f.at, l.at)
    OR coalesce(f.flags, l.flags) & 7 <> 0
    OR NOT EXISTS (
        SELECT 1 FROM json_each('["' || replace(coalesce(f.segments, l.segments, ''), ',', '","') || '"]') o
        WHERE o.value = m.segment_id || iif(m.value IS NULL, '', ':' || m.value))
    OR NOT EXISTS (
        SELECT 1 FROM segment_versions v
        WHERE v.seq = (SELECT max(w.seq) FROM segment_versions w WHERE w.segment_id = m.segment_id AND w.seq < m.seq)
            AND NOT v.deleted AND v.state = 'active'
            AND m.expires_at = m.added_at + coalesce(v.expire_minutes, 259200) * 60000)
