-- Fetching that cannot lie: an access counts for every account it covers, under whatever consent; an account
-- knows from which day on its lines are complete; a consent knows until when its bank asked us to wait.

ALTER TABLE bank_accesses ADD COLUMN account_ids VARCHAR[];
UPDATE bank_accesses SET account_ids = (
    SELECT list(account_id) FROM accounts WHERE accounts.consent_id = bank_accesses.consent_id
);
ALTER TABLE accounts ADD COLUMN complete_since DATE;
ALTER TABLE consents ADD COLUMN limited_until TIMESTAMPTZ;
