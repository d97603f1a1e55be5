package app

import (
	"context"

	"tandem/internal/kit/archive"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// OpenOn is Open over a database that the test has opened itself.
func OpenOn(ctx context.Context, c Config, d *db.DB) (*App, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	return build(ctx, c, d)
}

// BackupOf is Backup of a database that the test has opened itself.
func BackupOf(ctx context.Context, c Config, d *db.DB, path string) (archive.Summary, error) {
	return backupTo(ctx, c, d, path, false)
}

// ListTables is the lists of the installation whose fields may bear a mask.
func (a *App) ListTables() []*list.Table {
	return []*list.Table{a.Customers.ListTable(), a.Contacts.ListTable(), a.Groups.ListTable(), a.Scheduled.ListTable(), a.Audit.ListTable(), a.Staff.ListTable(),
		a.Mail.ListTable(), a.Webhooks.ListTable(), a.Imports.ListTable(), a.Sessions.TokenTable()}
}
