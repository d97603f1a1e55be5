package rig

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/core/group"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
	"tandem/migrations"
)

const (
	batch = 1000
	years = 2 * 365 * 24 * time.Hour // over which customers came
)

// Name is the database of n customers.
func (s *Server) Name(n int) string { return fmt.Sprintf("lists_%d_%s", n, edition()) }

// Filled gives a database with n customers, which it makes the first time. took is 0 when they were there.
func (s *Server) Filled(ctx context.Context, n int) (d *db.DB, took time.Duration, err error) {
	name := s.Name(n)
	if _, err := os.Stat(s.ready(name)); err == nil {
		d, err := s.there(ctx, name)
		return d, 0, err
	}
	if d, err = s.Fresh(ctx, name); err != nil {
		return nil, 0, err
	}
	start := time.Now()
	if err := s.fill(ctx, d, name, n, start); err != nil {
		return nil, 0, err
	}
	if err := s.vacuum(ctx, name); err != nil {
		return nil, 0, err
	}
	return d, time.Since(start), os.WriteFile(s.ready(name), nil, 0o600)
}

func (s *Server) fill(ctx context.Context, d *db.DB, name string, n int, start time.Time) error {
	c := clock.NewManual(time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC))
	h, err := Build(ctx, d, c)
	if err != nil {
		return err
	}
	groups, err := h.furnish(ctx)
	if err != nil {
		return err
	}
	return s.withoutIndexes(ctx, name, func() error {
		r := rand.New(rand.NewPCG(1, 2))
		for at := 0; at < n; at += batch {
			c.Advance(years / time.Duration(n/batch+1))
			if err := h.fillBatch(ctx, r, at, min(batch, n-at), groups); err != nil {
				return err
			}
			if done := at + batch; done%50_000 == 0 {
				fmt.Fprintf(os.Stderr, "%s: %d of %d customers, %s\n", s.kind, done, n, time.Since(start).Round(time.Second))
			}
		}
		return nil
	})
}

// ready is the file that says that a database was filled to its end.
func (s *Server) ready(name string) string { return filepath.Join(s.dir, name+"."+s.kind+".ready") }

func (s *Server) there(ctx context.Context, name string) (*db.DB, error) {
	c, err := s.Config(name)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	if _, err = d.Migrate(ctx, migrations.Files); err == nil {
		err = customer.Refill(ctx, d)
	}
	return d, err
}

// vacuum does at once what autovacuum does some minutes after a bulk load.
func (s *Server) vacuum(ctx context.Context, name string) error {
	if s.cluster == nil {
		return nil
	}
	c, err := s.Config(name)
	if err != nil {
		return err
	}
	return exec(ctx, c.URL, "VACUUM ANALYZE")
}

func (h *House) fillBatch(ctx context.Context, r *rand.Rand, at, n int, groups []int64) error {
	drafts, status := make([]*customer.Draft, n), make([]customer.Status, n)
	for i := range drafts {
		drafts[i] = person(r, at+i, groups)
		status[i] = drafts[i].Status
		drafts[i].Status = customer.StatusActive
	}
	wrong, err := h.Customers.PrepareMany(ctx, drafts)
	if err != nil {
		return err
	}
	for i := range drafts {
		if err := wrong[i].Err(); err != nil {
			return fmt.Errorf("customer %d: %w", at+i, err)
		}
		drafts[i].Status = status[i] // some came to their end since
	}
	numbers, err := h.Customers.Reserve(ctx, n)
	if err != nil {
		return err
	}
	return h.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := h.Customers.InsertMany(ctx, tx, drafts, numbers, "Customer created")
		return err
	})
}

// furnish makes the groups and the operator's own fields.
func (h *House) furnish(ctx context.Context) ([]int64, error) {
	var groups []int64
	for _, name := range []string{"Newsletter", "Fiber", "Cable TV", "Waiting list"} {
		g, err := h.Groups.Create(ctx, group.Input{Name: name, Type: "client"})
		if err != nil {
			return nil, err
		}
		groups = append(groups, g.ID)
	}
	for _, in := range []customfield.Input{
		{Label: "Note", Type: customfield.TypeText}, {Label: "Limit", Type: customfield.TypeNumber}, {Label: "Since", Type: customfield.TypeDate},
		{Label: "Segment", Type: customfield.TypeChoice, Choices: []list.Choice{{Value: "home", Label: "Home"}, {Value: "office", Label: "Office"}, {Value: "wholesale", Label: "Wholesale"}}},
	} {
		if _, err := h.CustomFields.Create(ctx, in); err != nil {
			return nil, err
		}
	}
	return groups, nil
}
