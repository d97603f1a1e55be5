-- +goose Up
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    customer_number TEXT NOT NULL, -- the customer's short ID; it, the name and closed are the customer's, kept here for lists
    customer_name TEXT NOT NULL,
    customer_name_key TEXT NOT NULL,
    customer_closed INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    type TEXT NOT NULL,
    type_key TEXT NOT NULL,
    role TEXT NOT NULL,
    phone TEXT NOT NULL,
    mobile TEXT NOT NULL,
    public_notes TEXT NOT NULL,
    public_notes_key TEXT NOT NULL,
    private_notes TEXT NOT NULL,
    email_verified INTEGER NOT NULL,
    email_verified_at INTEGER NOT NULL,
    email_verified_by TEXT NOT NULL,
    mobile_verified INTEGER NOT NULL,
    mobile_verified_at INTEGER NOT NULL,
    mobile_verified_by TEXT NOT NULL,
    allowed_ips TEXT NOT NULL, -- CIDR, parted by blanks
    removed INTEGER NOT NULL, -- 1: in no list any more
    removed_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX contacts_email_unique ON contacts (customer_id, email_key) WHERE email_key <> '' AND removed = 0;

-- One for each column that a list is sorted or filtered by: the removed stand apart, the ID makes the order total.
CREATE INDEX contacts_name ON contacts (removed, name_key, id);
CREATE INDEX contacts_customer_name ON contacts (removed, customer_name_key, id);
CREATE INDEX contacts_customer_number ON contacts (removed, customer_number, id);
CREATE INDEX contacts_email ON contacts (removed, email_key, id);
CREATE INDEX contacts_type ON contacts (removed, type_key, id);
CREATE INDEX contacts_role ON contacts (removed, role, id);
CREATE INDEX contacts_phone ON contacts (removed, phone, id);
CREATE INDEX contacts_mobile ON contacts (removed, mobile, id);
CREATE INDEX contacts_email_verified ON contacts (removed, email_verified, id);
CREATE INDEX contacts_mobile_verified ON contacts (removed, mobile_verified, id);
CREATE INDEX contacts_public_notes ON contacts (removed, substr(public_notes_key, 1, 100), id);
CREATE INDEX contacts_customer_id ON contacts (removed, customer_id, id);
CREATE INDEX contacts_customer_closed ON contacts (removed, customer_closed, id);
CREATE INDEX contacts_created_at ON contacts (removed, created_at, id);
CREATE INDEX contacts_updated_at ON contacts (removed, updated_at, id);
CREATE INDEX contacts_by_customer ON contacts (customer_id, id);

-- The pieces of every text of a contact, by which fragments are found (kit/list).
CREATE VIRTUAL TABLE contact_search USING fts5 (
    pieces, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- How many contacts there are that are not removed, spread over slots so that writers do not queue for one row.
CREATE TABLE contact_totals (
    slot INTEGER PRIMARY KEY,
    n    INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE contact_totals;
DROP TABLE contact_search;
DROP TABLE contacts;
