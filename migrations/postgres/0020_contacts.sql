-- +goose Up
CREATE TABLE contacts (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    customer_number TEXT COLLATE "C" NOT NULL, -- the customer's short ID; it, the name and closed are the customer's, kept here for lists
    customer_name TEXT COLLATE "C" NOT NULL,
    customer_name_key TEXT COLLATE "C" NOT NULL,
    customer_closed BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    type_key TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C" NOT NULL,
    mobile TEXT COLLATE "C" NOT NULL,
    public_notes TEXT COLLATE "C" NOT NULL,
    public_notes_key TEXT COLLATE "C" NOT NULL,
    private_notes TEXT COLLATE "C" NOT NULL,
    email_verified BIGINT NOT NULL,
    email_verified_at BIGINT NOT NULL,
    email_verified_by TEXT COLLATE "C" NOT NULL,
    mobile_verified BIGINT NOT NULL,
    mobile_verified_at BIGINT NOT NULL,
    mobile_verified_by TEXT COLLATE "C" NOT NULL,
    allowed_ips TEXT COLLATE "C" NOT NULL, -- CIDR, parted by blanks
    removed BIGINT NOT NULL, -- 1: in no list any more
    removed_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
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
CREATE TABLE contact_search (
    contact_id BIGINT PRIMARY KEY REFERENCES contacts (id),
    pieces     TSVECTOR NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE contact_search ALTER COLUMN pieces SET STORAGE EXTERNAL;
CREATE INDEX contact_search_pieces ON contact_search USING gin (pieces) WITH (fastupdate = on, gin_pending_list_limit = 16384);

-- How many contacts there are that are not removed, spread over slots so that writers do not queue for one row.
CREATE TABLE contact_totals (
    slot BIGINT PRIMARY KEY,
    n    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE contact_totals;
DROP TABLE contact_search;
DROP TABLE contacts;
