package db

import (
	"context"
	"fmt"
	"io/fs"
)

// Load runs fn in one transaction without the limit of MaxWrite: to fill an empty database while nothing else runs.
func (d *DB) Load(ctx context.Context, fn func(tx *Tx) error) error {
	return d.writeWithin(ctx, 0, fn)
}

// Version is the number of the newest migration that was applied; 0 when none was.
func (d *DB) Version(ctx context.Context, files fs.FS) (int64, error) {
	p, err := d.provider(files)
	if err != nil {
		return 0, err
	}
	v, err := p.GetDBVersion(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the database's version: %w", err)
	}
	return v, nil
}

// MigrateTo is Migrate up to one version, for a backup that is older than the program.
func (d *DB) MigrateTo(ctx context.Context, files fs.FS, version int64) error {
	p, err := d.provider(files)
	if err != nil {
		return err
	}
	if err := refuseNewer(ctx, p); err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return fmt.Errorf("migrate to version %d: %w", version, err)
	}
	return nil
}
