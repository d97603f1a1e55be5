-- +goose Up

-- Whoever has such a role proves who they are by a second factor.
ALTER TABLE roles ADD COLUMN require_second_factor BIGINT NOT NULL DEFAULT 0;

-- What the operator decided about roles that ship with Tandem; one that is not here is as it ships.
CREATE TABLE shipped_roles (
    role                  TEXT COLLATE "C" PRIMARY KEY,
    require_second_factor BIGINT NOT NULL,
    updated_at            BIGINT NOT NULL,
    version               BIGINT NOT NULL
);

-- +goose Down
DROP TABLE shipped_roles;
ALTER TABLE roles DROP COLUMN require_second_factor;
