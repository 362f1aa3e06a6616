-- What decisions taught the engine, and what people said of lines that it accepted by itself.

-- One row a try: `promoted` ones weigh from then on, the others lost against the model before them.
-- `taught_to` is the last event whose decisions shaped it, `held_back` how many of the last decided lines did not.
CREATE TABLE models (
    seq BIGINT PRIMARY KEY,
    version VARCHAR NOT NULL,
    promoted BOOLEAN NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    made_by VARCHAR NOT NULL,
    engine_version VARCHAR NOT NULL,
    taught_to BIGINT NOT NULL,
    held_back BIGINT NOT NULL,
    decisions BIGINT NOT NULL,
    told VARCHAR NOT NULL,
    policy VARCHAR NOT NULL,
    judged VARCHAR NOT NULL,
    taught_from VARCHAR NOT NULL
);

-- A person looked over a decision of the engine. What was found wrong was undone, and is no row here.
CREATE TABLE checks (
    decision_id VARCHAR PRIMARY KEY,
    seq BIGINT NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL,
    checked_by VARCHAR NOT NULL
);
