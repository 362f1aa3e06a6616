-- An event tells what its transaction did to rows, so that the tables can be made again from the events and be held
-- against them: where its record lies in the file `changes.log` beside the database, bound by its hash, and what the
-- tables that it touched held after it. All four stand in the last event of a transaction. The rows themselves are
-- kept outside, since DuckDB writes a table's last part anew at each commit.
ALTER TABLE events ADD COLUMN changes_at BIGINT;
ALTER TABLE events ADD COLUMN changes_length BIGINT;
ALTER TABLE events ADD COLUMN changes_hash VARCHAR;
ALTER TABLE events ADD COLUMN totals VARCHAR;

-- What a command was answered, by the id that its caller made: the same again is answered the same.
CREATE TABLE commands (
    command_id VARCHAR PRIMARY KEY,
    action VARCHAR NOT NULL,
    payload_hash VARCHAR NOT NULL,
    answer VARCHAR NOT NULL,
    answered_at TIMESTAMPTZ NOT NULL,
    answered_by VARCHAR NOT NULL
);
