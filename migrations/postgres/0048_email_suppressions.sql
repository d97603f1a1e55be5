-- +goose Up
-- The list of suppressed addresses is the operator's alone, while who sees a reseller's customers may read their mails:
-- it has permissions of its own, for whoever had it by those of mails.
INSERT INTO role_permissions (role_id, permission)
SELECT role_id, 'email_suppression.read' FROM role_permissions WHERE permission = 'email.read';
INSERT INTO role_permissions (role_id, permission)
SELECT role_id, 'email_suppression.write' FROM role_permissions WHERE permission = 'email.send';

-- +goose Down
DELETE FROM role_permissions WHERE permission IN ('email_suppression.read', 'email_suppression.write');
