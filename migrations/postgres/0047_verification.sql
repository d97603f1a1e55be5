-- +goose Up
CREATE TABLE verification_codes (
    id          BIGINT  PRIMARY KEY,
    contact_id  BIGINT  NOT NULL,
    address     TEXT COLLATE "C" NOT NULL CHECK (address IN ('email', 'mobile')), -- which of the contact's
    value_key   TEXT COLLATE "C" NOT NULL, -- the address that it went to
    digest      BYTEA   NOT NULL, -- keyed: a code is too short to be kept as a plain hash
    wrong       BIGINT  NOT NULL, -- tries that were wrong
    used_at     BIGINT  NOT NULL, -- 0: not yet
    email_id    BIGINT  NOT NULL, -- the message that it went with
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL
);
CREATE INDEX verification_codes_contact ON verification_codes (contact_id, created_at);
CREATE INDEX verification_codes_value   ON verification_codes (value_key, created_at);
CREATE INDEX verification_codes_email   ON verification_codes (email_id);
CREATE INDEX verification_codes_created ON verification_codes (created_at);

-- A row to lock for each address, so that what goes to it is counted right.
CREATE TABLE verification_addresses (
    value_key  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    touched_at BIGINT  NOT NULL
);
CREATE INDEX verification_addresses_touched ON verification_addresses (touched_at);

-- +goose Down
DROP TABLE verification_addresses;
DROP TABLE verification_codes;
