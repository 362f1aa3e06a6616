-- Everything one company's reconciliation keeps. Money is BIGINT minor units, + is money into our account.
-- Rows that tell what happened (lines, decisions, allocations, postings, events) are added and never edited;
-- a further row answers them. Words that SQL reserves get a longer name here and their own in frames.

CREATE TABLE events (
    seq BIGINT PRIMARY KEY,
    event_id VARCHAR NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    done_by VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    payload VARCHAR NOT NULL,
    engine_version VARCHAR NOT NULL,
    previous_hash VARCHAR NOT NULL,
    hash VARCHAR NOT NULL
);

CREATE TABLE settings (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

CREATE TABLE erp_accounts (number VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, kind VARCHAR NOT NULL);

-- Consent: a login attempt outlives the browser session that began it.
CREATE TABLE attempts (
    attempt_id VARCHAR PRIMARY KEY,
    purpose VARCHAR NOT NULL CHECK (purpose IN ('connect', 'renew', 'update')),
    origin VARCHAR NOT NULL CHECK (origin IN ('app', 'command')),
    state_hash VARCHAR NOT NULL,
    sealed_verifier VARCHAR NOT NULL,
    consent_id VARCHAR,
    begun_by VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    outcome VARCHAR
);

CREATE TABLE consents (
    consent_id VARCHAR PRIMARY KEY,
    provider_id VARCHAR,
    bank VARCHAR NOT NULL,
    owner VARCHAR,
    granted_at TIMESTAMPTZ NOT NULL,
    last_login_at TIMESTAMPTZ,
    announced_expires_at TIMESTAMPTZ,
    announced_at TIMESTAMPTZ,
    login_required_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    linked_at TIMESTAMPTZ
);

CREATE TABLE accounts (
    account_id VARCHAR PRIMARY KEY,
    name VARCHAR,
    iban VARCHAR,
    bban VARCHAR,
    currency VARCHAR NOT NULL,
    bank VARCHAR,
    owner VARCHAR,
    erp_account VARCHAR,
    sync_from DATE,
    is_on BOOLEAN NOT NULL,
    consent_id VARCHAR,
    provider_account_id VARCHAR,
    last_synchronized_at TIMESTAMPTZ,
    last_tried_at TIMESTAMPTZ,
    last_success_at TIMESTAMPTZ,
    outcome VARCHAR,
    outcome_reason VARCHAR,
    watermark DATE
);

-- Statements.
CREATE TABLE lines (
    line_id VARCHAR PRIMARY KEY,
    account_id VARCHAR NOT NULL,
    booking_date DATE NOT NULL,
    value_date DATE,
    amount_minor BIGINT NOT NULL,
    currency VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    counterparty_name VARCHAR,
    counterparty_account VARCHAR,
    end_to_end_id VARCHAR,
    creditor_reference VARCHAR,
    "references" VARCHAR[],
    original_minor BIGINT,
    original_currency VARCHAR,
    exchange_rate DOUBLE,
    balance_minor BIGINT,
    kind VARCHAR,
    source VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE line_sources (
    line_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    bank_ref VARCHAR,
    seen_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE line_withdrawals (
    line_id VARCHAR NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    withdrawn BOOLEAN NOT NULL
);

CREATE VIEW withdrawn_lines AS
SELECT line_id, changed_at AS withdrawn_at
FROM line_withdrawals
QUALIFY row_number() OVER (PARTITION BY line_id ORDER BY changed_at DESC) = 1 AND withdrawn;

CREATE VIEW standing_lines AS
SELECT * FROM lines WHERE line_id NOT IN (SELECT line_id FROM withdrawn_lines);

CREATE TABLE parts (
    part_id VARCHAR PRIMARY KEY,
    line_id VARCHAR NOT NULL,
    amount_minor BIGINT NOT NULL,
    counterparty_name VARCHAR,
    counterparty_account VARCHAR,
    end_to_end_id VARCHAR,
    creditor_reference VARCHAR,
    text VARCHAR
);

CREATE TABLE expected (
    line_id VARCHAR,
    account_id VARCHAR,
    booking_date DATE,
    value_date DATE,
    amount_minor BIGINT,
    currency VARCHAR,
    text VARCHAR,
    counterparty_name VARCHAR,
    counterparty_account VARCHAR,
    end_to_end_id VARCHAR,
    creditor_reference VARCHAR,
    "references" VARCHAR[],
    original_minor BIGINT,
    original_currency VARCHAR,
    exchange_rate DOUBLE,
    balance_minor BIGINT,
    kind VARCHAR,
    source VARCHAR
);

CREATE TABLE balances (
    statement_no VARCHAR,
    account_id VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    opening_date DATE,
    opening_minor BIGINT,
    closing_date DATE,
    closing_minor BIGINT,
    booked_minor BIGINT NOT NULL,
    ties BOOLEAN,
    source VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE imports (
    import_id VARCHAR PRIMARY KEY,
    file_name VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    imported_by VARCHAR NOT NULL,
    rows_read BIGINT NOT NULL,
    rows_new BIGINT NOT NULL,
    rows_known BIGINT NOT NULL
);

CREATE TABLE findings (
    found_at TIMESTAMPTZ NOT NULL,
    origin VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    words VARCHAR NOT NULL,
    amount_minor BIGINT
);

-- Documents. base_open_minor is the most that was ever open by itself, open_minor what the last import said.
CREATE TABLE items (
    item_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    document_no VARCHAR NOT NULL,
    payment_reference VARCHAR,
    counterparty_id VARCHAR,
    counterparty_name VARCHAR,
    counterparty_account VARCHAR,
    currency VARCHAR NOT NULL,
    total_minor BIGINT NOT NULL,
    open_minor BIGINT NOT NULL,
    base_open_minor BIGINT NOT NULL,
    issue_date DATE,
    due_date DATE,
    text VARCHAR,
    erp_account VARCHAR,
    source VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- Proposals are derived: each run of the engine replaces them.
CREATE TABLE proposals (
    proposal_id VARCHAR PRIMARY KEY,
    rank BIGINT NOT NULL,
    probability DOUBLE NOT NULL,
    kind VARCHAR NOT NULL,
    difference_minor BIGINT NOT NULL,
    difference_kind VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    prior DOUBLE NOT NULL,
    auto BOOLEAN NOT NULL,
    rival VARCHAR
);
CREATE TABLE legs (
    proposal_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    amount_minor BIGINT NOT NULL,
    item_amount_minor BIGINT NOT NULL
);
CREATE TABLE evidence (
    proposal_id VARCHAR NOT NULL,
    feature VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    weight DOUBLE NOT NULL,
    words VARCHAR NOT NULL
);
CREATE TABLE unmatched (
    line_id VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    none_probability DOUBLE NOT NULL
);
CREATE TABLE match_runs (
    run_id VARCHAR PRIMARY KEY,
    ran_at TIMESTAMPTZ NOT NULL,
    ran_by VARCHAR NOT NULL,
    engine_version VARCHAR NOT NULL,
    calibrated BOOLEAN NOT NULL,
    lines BIGINT NOT NULL,
    proposals BIGINT NOT NULL
);

-- Decisions and what they gave to whom. An accepted difference is an allocation to `account:<number>`.
CREATE TABLE decisions (
    decision_id VARCHAR PRIMARY KEY,
    action VARCHAR NOT NULL CHECK (action IN ('accept', 'reject', 'undo', 'allocate', 'book')),
    proposal_id VARCHAR,
    line_id VARCHAR,
    decided_at TIMESTAMPTZ NOT NULL,
    decided_by VARCHAR NOT NULL,
    auto BOOLEAN NOT NULL,
    reason VARCHAR,
    engine_version VARCHAR NOT NULL,
    undoes VARCHAR,
    command_id VARCHAR
);
CREATE TABLE allocations (
    decision_id VARCHAR NOT NULL,
    proposal_id VARCHAR,
    line_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    amount_minor BIGINT NOT NULL,
    item_amount_minor BIGINT NOT NULL,
    erp_account VARCHAR,
    PRIMARY KEY (decision_id, line_id, item_id)
);
CREATE TABLE rejected_pairs (decision_id VARCHAR NOT NULL, line_id VARCHAR NOT NULL, item_id VARCHAR NOT NULL);

CREATE VIEW standing_decisions AS
SELECT * FROM decisions
WHERE action <> 'undo' AND decision_id NOT IN (SELECT undoes FROM decisions WHERE undoes IS NOT NULL);

CREATE VIEW standing_allocations AS
SELECT allocations.* FROM allocations JOIN standing_decisions USING (decision_id);

CREATE VIEW allocated_lines AS
SELECT line_id, sum(amount_minor)::BIGINT AS allocated_minor
FROM standing_allocations GROUP BY line_id;

CREATE VIEW open_lines AS
SELECT lines.* REPLACE (lines.amount_minor - coalesce(allocated_minor, 0) AS amount_minor)
FROM standing_lines AS lines LEFT JOIN allocated_lines USING (line_id)
WHERE lines.amount_minor <> coalesce(allocated_minor, 0);

CREATE VIEW allocated_items AS
SELECT item_id, sum(item_amount_minor)::BIGINT AS allocated_minor
FROM standing_allocations GROUP BY item_id;

-- What is still open: never more than the last import says, nor than our own allocations leave of it.
CREATE VIEW current_items AS
SELECT items.* REPLACE (
    CASE WHEN total_minor >= 0
        THEN greatest(0, least(items.open_minor, base_open_minor - coalesce(allocated_minor, 0)))
        ELSE least(0, greatest(items.open_minor, base_open_minor - coalesce(allocated_minor, 0)))
    END AS open_minor
)
FROM items LEFT JOIN allocated_items USING (item_id);

-- A proposal lives while nobody took its lines or documents, and none of its pairs is rejected.
CREATE VIEW live_proposals AS
WITH taken AS (
    SELECT proposal_id FROM (
        SELECT proposal_id, line_id, sum(amount_minor) AS wanted FROM legs GROUP BY ALL
    ) LEFT JOIN open_lines USING (line_id)
    WHERE open_lines.line_id IS NULL
    UNION
    SELECT proposal_id FROM (
        SELECT proposal_id, item_id, sum(item_amount_minor) AS wanted FROM legs
        WHERE NOT starts_with(item_id, 'line:') AND NOT starts_with(item_id, 'account:') GROUP BY ALL
    ) LEFT JOIN current_items USING (item_id)
    WHERE current_items.item_id IS NULL OR abs(wanted) > abs(open_minor)
    UNION
    SELECT legs.proposal_id FROM legs JOIN rejected_pairs USING (line_id, item_id)
    JOIN standing_decisions USING (decision_id)
)
SELECT * FROM proposals WHERE proposal_id NOT IN (SELECT proposal_id FROM taken);

-- Posting.
CREATE TABLE postings (
    journal_id VARCHAR NOT NULL,
    entry_no BIGINT NOT NULL,
    posting_date DATE NOT NULL,
    side VARCHAR NOT NULL CHECK (side IN ('debit', 'credit')),
    erp_account VARCHAR NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    line_id VARCHAR,
    item_id VARCHAR,
    PRIMARY KEY (journal_id, entry_no)
);
CREATE TABLE journals (
    journal_id VARCHAR PRIMARY KEY,
    decision_id VARCHAR NOT NULL,
    reverses VARCHAR,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE export_batches (batch_no BIGINT PRIMARY KEY, exported_at TIMESTAMPTZ NOT NULL, exported_by VARCHAR NOT NULL);
CREATE TABLE export_files (
    batch_no BIGINT NOT NULL,
    format VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    PRIMARY KEY (batch_no, format)
);
CREATE TABLE exported_journals (batch_no BIGINT NOT NULL, journal_id VARCHAR PRIMARY KEY);

-- Fetching.
CREATE TABLE sync_runs (
    run_id VARCHAR PRIMARY KEY,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    started_by VARCHAR NOT NULL,
    attended BOOLEAN NOT NULL
);
CREATE TABLE sync_outcomes (
    run_id VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    fetched BIGINT NOT NULL,
    new BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    since DATE,
    until DATE,
    reason VARCHAR
);
CREATE TABLE bank_accesses (
    consent_id VARCHAR NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    attended BOOLEAN NOT NULL,
    asked_by VARCHAR NOT NULL
);
CREATE TABLE fetch_requests (
    request_id VARCHAR PRIMARY KEY,
    asked_at TIMESTAMPTZ NOT NULL,
    asked_by VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    fresh BOOLEAN NOT NULL,
    taken_at TIMESTAMPTZ
);
CREATE TABLE webhook_events (
    event_id VARCHAR PRIMARY KEY,
    event VARCHAR NOT NULL,
    consent_id VARCHAR,
    received_at TIMESTAMPTZ NOT NULL
);
