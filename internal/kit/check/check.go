// Package check is how a package offers the proof of its invariants to tandem check.
//
// Owns: the shape of a check and of its report. Does not own: any invariant; each package declares its own, and app
// gathers them.
//
// Invariants: a check reads and never repairs.
package check

import (
	"context"
	"fmt"

	"tandem/internal/kit/db"
)

// Func is one invariant. Run looks at a snapshot and tells what breaks it, each in a sentence that names the row; an
// empty list says that it holds. The error says that it could not be looked at.
type Func struct {
	Name string
	Run  func(ctx context.Context, q db.Q) (broken []string, err error)
}

// Result is what a check found.
type Result struct {
	Name   string   `json:"name"`
	OK     bool     `json:"ok"`
	Broken []string `json:"broken"`
}

// All runs the checks one after the other, each on a snapshot of its own.
func All(ctx context.Context, d *db.DB, checks []Func, each func(Result)) error {
	for _, c := range checks {
		var broken []string
		err := d.Snapshot(ctx, func(q db.Q) (err error) {
			broken, err = c.Run(ctx, q)
			return err
		})
		if err != nil {
			return fmt.Errorf("check %s: %w", c.Name, err)
		}
		if broken == nil {
			broken = []string{}
		}
		each(Result{Name: c.Name, OK: len(broken) == 0, Broken: broken})
	}
	return nil
}
