-- +goose Up

-- Roles of the operator's own. Those that ship with Tandem are in the program.
CREATE TABLE roles (
    id          INTEGER PRIMARY KEY,
    role        TEXT NOT NULL,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX roles_role_unique ON roles (role);
CREATE UNIQUE INDEX roles_name_unique ON roles (name_key);

CREATE TABLE role_permissions (
    role_id    INTEGER NOT NULL REFERENCES roles (id),
    permission TEXT NOT NULL,
    PRIMARY KEY (role_id, permission)
) STRICT;

-- Every role of a person, parted by blanks; role is the first of them.
ALTER TABLE staff ADD COLUMN roles TEXT NOT NULL DEFAULT '';
UPDATE staff SET roles = role;

-- +goose Down
ALTER TABLE staff DROP COLUMN roles;
DROP TABLE role_permissions;
DROP TABLE roles;
