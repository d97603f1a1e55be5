package app

import (
	"context"

	"tandem/internal/kit/db"
)

// OpenOn is Open over a database that the test has opened itself.
func OpenOn(ctx context.Context, c Config, d *db.DB) (*App, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	return build(ctx, c, d)
}
