-- +goose Up
CREATE TABLE brands (
    id            BIGINT PRIMARY KEY,
    reseller_id   BIGINT NOT NULL, -- 0: the operator
    name          TEXT COLLATE "C" NOT NULL, -- empty, here and below: that of the reseller above, or of the operator
    color         TEXT COLLATE "C" NOT NULL, -- #0b5f59
    domain        TEXT COLLATE "C" NOT NULL, -- in ASCII, small letters
    support_email TEXT COLLATE "C" NOT NULL,
    support_phone TEXT COLLATE "C" NOT NULL,
    website       TEXT COLLATE "C" NOT NULL,
    imprint_url   TEXT COLLATE "C" NOT NULL,
    privacy_url   TEXT COLLATE "C" NOT NULL,
    updated_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE UNIQUE INDEX brands_reseller ON brands (reseller_id);
CREATE UNIQUE INDEX brands_domain ON brands (domain) WHERE domain <> '';

CREATE TABLE brand_logos (
    brand_id     BIGINT NOT NULL,
    scheme       TEXT COLLATE "C" NOT NULL, -- light, dark
    digest       TEXT COLLATE "C" NOT NULL, -- SHA-256 of data, in hexadecimal
    content_type TEXT COLLATE "C" NOT NULL,
    width        BIGINT NOT NULL,
    height       BIGINT NOT NULL,
    data         BYTEA  NOT NULL,
    PRIMARY KEY (brand_id, scheme)
);
CREATE INDEX brand_logos_digest ON brand_logos (digest);

-- +goose Down
DROP TABLE brand_logos;
DROP TABLE brands;
