package db

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migrate brings the tables to the newest version, from the folder of this database in files ("sqlite" or
// "postgres"). Several nodes may call it at once: one applies, the others wait. A database that is newer than the
// program is refused.
func (d *DB) Migrate(ctx context.Context, files fs.FS) (applied int, err error) {
	p, err := d.provider(files)
	if err != nil {
		return 0, err
	}
	if err := refuseNewer(ctx, p); err != nil {
		return 0, err
	}
	pending, err := p.HasPending(ctx) // asks for no lock: nodes that start at once do not queue for nothing
	if err != nil {
		return 0, fmt.Errorf("look at migrations: %w", err)
	}
	if !pending {
		return 0, nil
	}
	results, err := p.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(results), nil
}

// Migrated tells whether every migration has been applied.
func (d *DB) Migrated(ctx context.Context, files fs.FS) (bool, error) {
	p, err := d.provider(files)
	if err != nil {
		return false, err
	}
	pending, err := p.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("look at migrations: %w", err)
	}
	return !pending, nil
}

func (d *DB) provider(files fs.FS) (*goose.Provider, error) {
	folder, err := fs.Sub(files, d.dialect.String())
	if err != nil {
		return nil, fmt.Errorf("find migrations: %w", err)
	}
	var options []goose.ProviderOption
	name := goose.DialectSQLite3
	if d.dialect == Postgres {
		name = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600)) // look each second, for ten minutes
		if err != nil {
			return nil, fmt.Errorf("prepare migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(name, d.write.DB, folder, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	return p, nil
}

func refuseNewer(ctx context.Context, p *goose.Provider) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	sources := p.ListSources()
	if len(sources) > 0 && have > sources[len(sources)-1].Version {
		return fmt.Errorf("the database is at version %d, newer than this program (%d): start the newer program",
			have, sources[len(sources)-1].Version)
	}
	return nil
}
