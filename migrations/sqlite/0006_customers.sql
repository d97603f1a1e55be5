-- +goose Up
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    customer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    party TEXT NOT NULL,
    reference TEXT NOT NULL DEFAULT '',
    reference_key TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    first_name TEXT NOT NULL DEFAULT '',
    first_name_key TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    last_name_key TEXT NOT NULL DEFAULT '',
    company TEXT NOT NULL DEFAULT '',
    company_key TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    description_key TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL,
    status_reason TEXT NOT NULL DEFAULT '',
    status_reason_key TEXT NOT NULL DEFAULT '',
    status_before TEXT NOT NULL DEFAULT '',
    billing_type TEXT NOT NULL,
    currency TEXT NOT NULL DEFAULT '',
    reseller_id INTEGER NOT NULL DEFAULT 0,
    email TEXT NOT NULL DEFAULT '',
    email_key TEXT NOT NULL DEFAULT '',
    telephone TEXT NOT NULL DEFAULT '',
    address_1 TEXT NOT NULL DEFAULT '',
    address_1_key TEXT NOT NULL DEFAULT '',
    address_2 TEXT NOT NULL DEFAULT '',
    address_2_key TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    city_key TEXT NOT NULL DEFAULT '',
    province TEXT NOT NULL DEFAULT '',
    province_key TEXT NOT NULL DEFAULT '',
    postal_code TEXT NOT NULL DEFAULT '',
    postal_code_key TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    tax_number TEXT NOT NULL DEFAULT '',
    tax_number_key TEXT NOT NULL DEFAULT '',
    external_id TEXT NOT NULL DEFAULT '',
    external_id_key TEXT NOT NULL DEFAULT '',
    closed INTEGER NOT NULL DEFAULT 0,
    closed_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX customers_customer_id_unique ON customers (customer_id);
CREATE UNIQUE INDEX customers_email_unique ON customers (email_key) WHERE email_key <> '' AND closed = 0;
CREATE UNIQUE INDEX customers_reference_unique ON customers (reference_key) WHERE reference_key <> '' AND closed = 0;

-- One for each column that a list is sorted or filtered by: the closed stand apart, the ID makes the order total.
CREATE INDEX customers_customer_id ON customers (closed, customer_id, id);
CREATE INDEX customers_kind ON customers (closed, kind, id);
CREATE INDEX customers_party ON customers (closed, party, id);
CREATE INDEX customers_reference ON customers (closed, reference_key, id);
CREATE INDEX customers_name ON customers (closed, name_key, id);
CREATE INDEX customers_first_name ON customers (closed, first_name_key, id);
CREATE INDEX customers_last_name ON customers (closed, last_name_key, id);
CREATE INDEX customers_company ON customers (closed, company_key, id);
CREATE INDEX customers_description ON customers (closed, substr(description_key, 1, 100), id);
CREATE INDEX customers_status ON customers (closed, status, id);
CREATE INDEX customers_status_reason ON customers (closed, status_reason_key, id);
CREATE INDEX customers_billing_type ON customers (closed, billing_type, id);
CREATE INDEX customers_currency ON customers (closed, currency, id);
CREATE INDEX customers_reseller_id ON customers (closed, reseller_id, id);
CREATE INDEX customers_email ON customers (closed, email_key, id);
CREATE INDEX customers_telephone ON customers (closed, telephone, id);
CREATE INDEX customers_address_1 ON customers (closed, address_1_key, id);
CREATE INDEX customers_address_2 ON customers (closed, address_2_key, id);
CREATE INDEX customers_city ON customers (closed, city_key, id);
CREATE INDEX customers_province ON customers (closed, province_key, id);
CREATE INDEX customers_postal_code ON customers (closed, postal_code_key, id);
CREATE INDEX customers_country ON customers (closed, country, id);
CREATE INDEX customers_timezone ON customers (closed, timezone, id);
CREATE INDEX customers_language ON customers (closed, language, id);
CREATE INDEX customers_tax_number ON customers (closed, tax_number_key, id);
CREATE INDEX customers_external_id ON customers (closed, external_id_key, id);
CREATE INDEX customers_created_at ON customers (closed, created_at, id);
CREATE INDEX customers_updated_at ON customers (closed, updated_at, id);
CREATE INDEX customers_by_reseller ON customers (reseller_id, id);

-- The pieces of every text of a customer, by which fragments are found (kit/list).
CREATE VIRTUAL TABLE customer_search USING fts5 (
    pieces, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- How many customers there are, spread over slots so that writers do not queue for one row.
CREATE TABLE customer_totals (
    slot   INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (slot, closed, kind)
) STRICT, WITHOUT ROWID;

-- The number from which the next customer ID is made.
CREATE TABLE customer_numbers (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    next INTEGER NOT NULL
) STRICT;
INSERT INTO customer_numbers (one, next) VALUES (1, 0);

-- Values given at creation that a later wing applies, such as an opening balance.
CREATE TABLE customer_openings (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    field       TEXT NOT NULL,
    value       TEXT NOT NULL,
    job_id      INTEGER NOT NULL,
    PRIMARY KEY (customer_id, field)
) STRICT, WITHOUT ROWID;

-- One-time tokens with which a customer sets itself up; only the SHA-256 is kept.
CREATE TABLE customer_setup_tokens (
    hash        BLOB PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_setup_tokens_customer ON customer_setup_tokens (customer_id);

CREATE TABLE groups (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    type            TEXT NOT NULL,
    description     TEXT NOT NULL,
    description_key TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    version         INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX groups_name_unique ON groups (name_key);

CREATE TABLE group_members (
    group_id    INTEGER NOT NULL REFERENCES groups (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    PRIMARY KEY (group_id, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_customer ON group_members (customer_id, group_id);

-- Fields that the operator defines. Each is a real column of customers, with an index, named in column_name.
CREATE TABLE custom_fields (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL,
    label       TEXT NOT NULL,
    type        TEXT NOT NULL,
    choices     TEXT NOT NULL,
    required    INTEGER NOT NULL,
    help        TEXT NOT NULL,
    position    INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX custom_fields_key ON custom_fields (key);

-- Grows with each change of custom_fields, so that other nodes see that they must read them again.
CREATE TABLE custom_field_edition (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    edition INTEGER NOT NULL,
    columns INTEGER NOT NULL
) STRICT;
INSERT INTO custom_field_edition (one, edition, columns) VALUES (1, 1, 0);

-- +goose Down
DROP TABLE custom_field_edition;
DROP TABLE custom_fields;
DROP TABLE group_members;
DROP TABLE groups;
DROP TABLE customer_setup_tokens;
DROP TABLE customer_openings;
DROP TABLE customer_numbers;
DROP TABLE customer_totals;
DROP TABLE customer_search;
DROP TABLE customers;
