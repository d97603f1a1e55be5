-- +goose Up

-- Roles of the operator's own. Those that ship with Tandem are in the program.
CREATE TABLE roles (
    id          BIGINT PRIMARY KEY,
    role        TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    name_key    TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX roles_role_unique ON roles (role);
CREATE UNIQUE INDEX roles_name_unique ON roles (name_key);

CREATE TABLE role_permissions (
    role_id    BIGINT NOT NULL REFERENCES roles (id),
    permission TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (role_id, permission)
);

-- Every role of a person, parted by blanks; role is the first of them.
ALTER TABLE staff ADD COLUMN roles TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE staff SET roles = role;

-- +goose Down
ALTER TABLE staff DROP COLUMN roles;
DROP TABLE role_permissions;
DROP TABLE roles;
