package app

import (
	"context"
	"errors"
	"fmt"

	"tandem/internal/app/demo"
	"tandem/internal/kit/clock"
)

// OpenDemo opens an empty installation and fills it with life-like data: so many customers, and two years of changes.
// The story is told on a clock of its own; then the installation is opened anew on the machine's.
func OpenDemo(ctx context.Context, c Config, customers int) (*App, error) {
	manual := clock.NewManual(clock.System{}.Now().Add(-demo.Span))
	past := c
	past.Clock = manual
	a, err := Open(ctx, past)
	if err != nil {
		return nil, err
	}
	err = demo.Fill(CommandLine(ctx), demo.House{DB: a.DB, Clock: manual, Staff: a.Staff, Customers: a.Customers, Groups: a.Groups, Contacts: a.Contacts, Fields: a.CustomFields}, customers)
	if err = errors.Join(err, a.Close()); err != nil {
		return nil, fmt.Errorf("fill the demo: %w", err)
	}
	return Open(ctx, c)
}
