WITH monthly AS (
  SELECT a.id, a.email, strftime('%Y-%m', r.settled_at / 1000, 'unixepoch') AS month,
         SUM(r.credits) AS credits, COUNT(*) FILTER (WHERE r.status = 'aborted') AS aborted, COUNT(*) AS requests
  FROM receipt AS r JOIN account AS a ON a.id = r.account_id
  WHERE r.settled_at >= :since AND r.model_used NOT LIKE 'sandbox%'
  GROUP BY a.id, month
), ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY month ORDER BY credits DESC) AS place,
         LAG(credits, 1, 0) OVER (PARTITION BY id ORDER BY month) AS credits_before
  FROM monthly
)
SELECT month, place, email, ROUND(credits, 2) AS credits, requests,
       ROUND(100.0 * aborted / NULLIF(requests, 0), 1) AS aborted_percent,
       CASE WHEN credits_before = 0 THEN 'new' WHEN credits > credits_before * 1.2 THEN 'up' ELSE 'steady' END AS trend
FROM ranked WHERE place <= 20 ORDER BY month DESC, place;

CREATE UNIQUE INDEX IF NOT EXISTS receipt_by_account_month ON receipt (account_id, settled_at DESC) WHERE status <> 'released';
UPDATE grant SET remaining = remaining - ?1 WHERE id = ?2 AND remaining - held >= ?1 RETURNING remaining;
