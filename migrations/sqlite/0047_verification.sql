-- +goose Up
CREATE TABLE verification_codes (
    id          INTEGER PRIMARY KEY,
    contact_id  INTEGER NOT NULL,
    address     TEXT    NOT NULL CHECK (address IN ('email', 'mobile')), -- which of the contact's
    value_key   TEXT    NOT NULL, -- the address that it went to
    digest      BLOB    NOT NULL, -- keyed: a code is too short to be kept as a plain hash
    wrong       INTEGER NOT NULL, -- tries that were wrong
    used_at     INTEGER NOT NULL, -- 0: not yet
    email_id    INTEGER NOT NULL, -- the message that it went with
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX verification_codes_contact ON verification_codes (contact_id, created_at);
CREATE INDEX verification_codes_value   ON verification_codes (value_key, created_at);
CREATE INDEX verification_codes_email   ON verification_codes (email_id);
CREATE INDEX verification_codes_created ON verification_codes (created_at);

-- A row to lock for each address, so that what goes to it is counted right.
CREATE TABLE verification_addresses (
    value_key  TEXT    NOT NULL PRIMARY KEY,
    touched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX verification_addresses_touched ON verification_addresses (touched_at);

-- +goose Down
DROP TABLE verification_addresses;
DROP TABLE verification_codes;
