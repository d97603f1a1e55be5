package rig

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/file"
	"tandem/internal/core/importer"
	"tandem/internal/kit/job"
)

// Imports adds the services that imports need, with their files in dir.
func (h *House) Imports(dir string) (*importer.Service, *job.Service) {
	quiet := slog.New(slog.DiscardHandler)
	files := file.New(file.Options{DB: h.DB, Clock: h.Clock, IDs: h.IDs, Dir: filepath.Join(dir, "spool")})
	jobs := job.New(job.Options{DB: h.DB, Clock: h.Clock, IDs: h.IDs, Log: quiet,
		Save: func(ctx context.Context) ([]byte, error) { return json.Marshal(access.From(ctx)) },
		Restore: func(ctx context.Context, b []byte) (context.Context, error) {
			var call access.Call
			err := json.Unmarshal(b, &call)
			return access.With(ctx, call), err
		},
		Actor: func(ctx context.Context) job.Actor {
			p := access.From(ctx).Principal
			return job.Actor{Key: p.Key(), Name: p.Name, ReadAll: true, ManageAll: true}
		},
		Workers: 1, Lease: time.Minute, Dir: filepath.Join(dir, "workers")})
	return importer.New(importer.Options{DB: h.DB, Clock: h.Clock, IDs: h.IDs, Audit: h.Log, Log: quiet, Customers: h.Customers, Groups: h.Groups, Files: files, Jobs: jobs}), jobs
}
