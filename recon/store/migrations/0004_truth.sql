-- Whether a line is withdrawn is counted, not read off the clock: two changes may bear one instant, and a clock
-- that was set back must not bring a withdrawn line back.
CREATE OR REPLACE VIEW withdrawn_lines AS
SELECT line_id, max(changed_at) FILTER (WHERE withdrawn) AS withdrawn_at
FROM line_withdrawals GROUP BY line_id
HAVING count(*) FILTER (WHERE withdrawn) > count(*) FILTER (WHERE NOT withdrawn);

-- What a bank says is booked, one row a day, beside what our own lines of the account added up to at that moment.
-- The difference is the balance before the first line; it must stay, or money moved without a line.
CREATE TABLE stated_balances (
    account_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    stated_on DATE NOT NULL,
    currency VARCHAR NOT NULL,
    stated_minor BIGINT NOT NULL,
    booked_minor BIGINT NOT NULL,
    first_day DATE,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, source, stated_on)
);

-- How a source words a line that another source told first, so that it knows its own line again.
ALTER TABLE line_sources ADD COLUMN told_text VARCHAR;
