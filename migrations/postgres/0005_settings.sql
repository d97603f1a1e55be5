-- +goose Up
CREATE TABLE settings (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    data       TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE settings;
