package setting

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const table = "settings"

// cacheLife is how long a change on another node may go unseen.
const cacheLife = 2 * time.Second

type cached struct {
	settings Settings
	at       time.Time
}

// Service is the use cases. Safe for concurrent use.
type Service struct {
	db    *db.DB
	clock clock.Clock
	audit *audit.Log
	*memory
}

// memory is what is remembered of the settings.
type memory struct {
	mu         sync.Mutex
	cache      *cached
	generation uint64 // grows with every change in this process
	changed    []func()
}

// New gives the service.
func New(d *db.DB, c clock.Clock, log *audit.Log) *Service {
	return &Service{db: d, clock: c, audit: log, memory: &memory{}}
}

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.db = s.db.Within(tx)
	return &lent
}

// OnChange registers what runs in this process after the settings changed, such as emptying a cache. Call it while the
// program is put together.
func (s *Service) OnChange(fn func()) { s.changed = append(s.changed, fn) }

// Get is the settings, for other packages: it asks for no permission, and remembers them for up to two seconds.
func (s *Service) Get(ctx context.Context) (Settings, error) {
	now := s.clock.Now()
	s.mu.Lock()
	c, generation := s.cache, s.generation
	s.mu.Unlock()
	if c != nil && now.Sub(c.at) < cacheLife && !now.Before(c.at) {
		return c.copy(), nil
	}
	settings, err := read(ctx, s.db.Read(), sqlGet)
	if err != nil {
		return Settings{}, err
	}
	c = &cached{settings: settings, at: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	if generation == s.generation {
		s.cache = c
	}
	return c.copy(), nil
}

func (s *Service) forget() {
	s.mu.Lock()
	s.cache = nil
	s.generation++
	s.mu.Unlock()
	for _, fn := range s.changed {
		fn()
	}
}

func (c *cached) copy() Settings {
	out := c.settings
	out.GroupTypes, out.PortalSecondFactor = slices.Clone(out.GroupTypes), slices.Clone(out.PortalSecondFactor)
	return out
}

// Show is the settings for somebody who may read them.
func (s *Service) Show(ctx context.Context) (Settings, error) {
	if err := access.Require(ctx, access.SettingRead); err != nil {
		return Settings{}, err
	}
	return read(ctx, s.db.Read(), sqlGet)
}

func read(ctx context.Context, q db.Q, query string) (Settings, error) {
	var r row
	out := Default()
	err := q.GetContext(ctx, &r, query)
	if errors.Is(err, sql.ErrNoRows) {
		return out, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(r.Data), &out)
	}
	if err != nil {
		return Settings{}, fmt.Errorf("read the settings: %w", err)
	}
	out.Version = r.Version
	return out, nil
}

// Update changes settings. A version of 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, version int64, p Patch) (Settings, error) {
	if err := access.Require(ctx, access.SettingWrite); err != nil {
		return Settings{}, err
	}
	var after Settings
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		now := clock.Micros(s.clock.Now())
		if err := s.first(ctx, tx, now); err != nil {
			return err
		}
		before, err := read(ctx, tx, sqlGet+tx.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		if version != 0 && version != before.Version {
			return errs.Stale(before)
		}
		if after, err = p.apply(before); err != nil {
			return err
		}
		changes := diff(before, after)
		if len(changes) == 0 {
			return nil
		}
		return s.save(ctx, tx, &after, now, changes)
	})
	return after, err
}

// first makes the row, so that there is something to lock.
func (s *Service) first(ctx context.Context, tx *db.Tx, now int64) error {
	data, err := json.Marshal(Default())
	if err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	if _, err := tx.ExecContext(ctx, sqlInsert, string(data), now); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	return nil
}

func (s *Service) save(ctx context.Context, tx *db.Tx, after *Settings, now int64, changes []audit.Change) error {
	after.Version++
	data, err := json.Marshal(after)
	if err == nil {
		_, err = tx.ExecContext(ctx, sqlUpdate, string(data), now, after.Version)
	}
	if err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	tx.AfterCommit(s.forget)
	return s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: table, RowID: 1, RowName: "Settings", Message: "Settings changed", Changes: changes})
}
