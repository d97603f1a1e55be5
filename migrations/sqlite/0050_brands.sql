-- +goose Up
CREATE TABLE brands (
    id            INTEGER PRIMARY KEY,
    reseller_id   INTEGER NOT NULL, -- 0: the operator
    name          TEXT    NOT NULL, -- empty, here and below: that of the reseller above, or of the operator
    color         TEXT    NOT NULL, -- #0b5f59
    domain        TEXT    NOT NULL, -- in ASCII, small letters
    support_email TEXT    NOT NULL,
    support_phone TEXT    NOT NULL,
    website       TEXT    NOT NULL,
    imprint_url   TEXT    NOT NULL,
    privacy_url   TEXT    NOT NULL,
    updated_at    INTEGER NOT NULL,
    version       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX brands_reseller ON brands (reseller_id);
CREATE UNIQUE INDEX brands_domain ON brands (domain) WHERE domain <> '';

CREATE TABLE brand_logos (
    brand_id     INTEGER NOT NULL,
    scheme       TEXT    NOT NULL, -- light, dark
    digest       TEXT    NOT NULL, -- SHA-256 of data, in hexadecimal
    content_type TEXT    NOT NULL,
    width        INTEGER NOT NULL,
    height       INTEGER NOT NULL,
    data         BLOB    NOT NULL,
    PRIMARY KEY (brand_id, scheme)
) STRICT;
CREATE INDEX brand_logos_digest ON brand_logos (digest);

-- +goose Down
DROP TABLE brand_logos;
DROP TABLE brands;
