-- +goose Up

-- A person, known by their e-mail address, with how they prove who they are.
CREATE TABLE identities (
    id               INTEGER PRIMARY KEY,
    email            TEXT NOT NULL,
    email_key        TEXT NOT NULL,
    password_hash    TEXT NOT NULL, -- empty: none
    given            INTEGER NOT NULL, -- 1: somebody else gave the password, and it was not changed since
    must_change      INTEGER NOT NULL,
    password_until   INTEGER NOT NULL, -- 0: for ever
    epoch            INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identities_email ON identities (email_key);

-- As who a person may sign in: a staff user, a contact.
CREATE TABLE identity_members (
    kind        TEXT NOT NULL,
    member_id   INTEGER NOT NULL,
    identity_id INTEGER NOT NULL REFERENCES identities (id),
    epoch       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
 PRIMARY KEY (kind, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_members_identity ON identity_members (identity_id);

CREATE TABLE identity_links (
    digest      BLOB PRIMARY KEY,
    identity_id INTEGER NOT NULL REFERENCES identities (id),
    epoch       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_links_identity ON identity_links (identity_id);
CREATE INDEX identity_links_expires  ON identity_links (expires_at);

INSERT INTO identities (id, email, email_key, password_hash, given, must_change, password_until, epoch, created_at, updated_at)
SELECT id, email, email_key, password_hash, 0, 0, 0, 1, created_at, updated_at FROM staff WHERE removed_at = 0;
INSERT INTO identity_members (kind, member_id, identity_id, epoch, created_at)
SELECT 'staff', id, id, 1, created_at FROM staff WHERE removed_at = 0;
INSERT INTO identity_links (digest, identity_id, epoch, created_at, expires_at, used_at)
SELECT l.digest, l.staff_id, 1, l.created_at, l.expires_at, l.used_at FROM password_links l JOIN staff s ON s.id = l.staff_id
 WHERE s.removed_at = 0 AND s.status = 'active' AND s.epoch = l.epoch;
DROP TABLE password_links;
ALTER TABLE staff DROP COLUMN password_hash;

-- Whoever is signed in has to sign in once more.
DROP TABLE sessions;
CREATE TABLE sessions (
    digest      BLOB PRIMARY KEY,
    id          INTEGER NOT NULL,
    identity_id INTEGER NOT NULL,
    kind        TEXT NOT NULL, -- as whom: staff, contact
    member_id   INTEGER NOT NULL,
    mark        TEXT NOT NULL, -- of the member when it began; another one ends it
    ip          TEXT NOT NULL, -- from where it began
    agent       TEXT NOT NULL, -- the browser, as it calls itself
    created_at  INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sessions_id ON sessions (id);
CREATE INDEX sessions_identity  ON sessions (identity_id);
CREATE INDEX sessions_expires   ON sessions (expires_at);

-- +goose Down
DROP TABLE sessions;
CREATE TABLE sessions (
    digest     BLOB PRIMARY KEY,
    staff_id   INTEGER NOT NULL REFERENCES staff (id),
    epoch      INTEGER NOT NULL,
    ip         TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_staff   ON sessions (staff_id);
CREATE INDEX sessions_expires ON sessions (expires_at);
CREATE TABLE password_links (
    digest     BLOB PRIMARY KEY,
    staff_id   INTEGER NOT NULL REFERENCES staff (id),
    epoch      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_links_staff ON password_links (staff_id);
ALTER TABLE staff ADD COLUMN password_hash TEXT NOT NULL DEFAULT '';
UPDATE staff SET password_hash = COALESCE((SELECT i.password_hash FROM identities i JOIN identity_members m ON m.identity_id = i.id WHERE m.kind = 'staff' AND m.member_id = staff.id), '');
DROP TABLE identity_links;
DROP TABLE identity_members;
DROP TABLE identities;
