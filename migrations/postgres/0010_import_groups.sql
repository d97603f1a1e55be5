-- +goose Up

-- The groups that a run made, so that its undo can remove those that nobody else uses.
CREATE TABLE import_groups (
    import_id BIGINT NOT NULL REFERENCES imports (id),
    group_id  BIGINT NOT NULL, -- the group may be gone
    PRIMARY KEY (import_id, group_id)
);

-- +goose Down
DROP TABLE import_groups;
