package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// What Options leave open.
const (
	defaultWorkers = 2
	defaultLease   = 10 * time.Second
	defaultPoll    = time.Second
)

// Options are what the jobs of one process need. DB, Clock, IDs, Save, Restore and Actor must be given.
type Options struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   *id.Source
	Log   *slog.Logger // nil = slog.Default

	// Save keeps the principal of ctx with a job; Restore gives a context that carries it again. Restore refuses with an
	// *errs.Error when the principal may not act any more: the job then fails.
	Save    func(ctx context.Context) ([]byte, error)
	Restore func(ctx context.Context, saved []byte) (context.Context, error)
	// Actor says who asks.
	Actor func(ctx context.Context) Actor
	// Note writes the audit entry of what people do to a job (cancel, undo, take the result). nil = none.
	Note func(ctx context.Context, tx *db.Tx, message string, j Job) error
	// Ended is told of every job in the transaction that ends it. nil = nobody.
	Ended func(ctx context.Context, tx *db.Tx, j Job) error
	// Drop removes a result file, when its job is purged. nil = nothing.
	Drop func(ctx context.Context, tx *db.Tx, fileID int64) error

	Workers int           // jobs at once in this process; 0 = 2
	Lease   time.Duration // how long a silent worker is thought alive; 0 = 10 s
	Poll    time.Duration // how often to look for jobs that others enqueued; 0 = 1 s
	Dir     string        // folder shared by the processes of this machine: dead ones are told at once; "" = by lease only
}

// Service keeps and runs jobs. Handlers are registered before Start. Safe for concurrent use.
type Service struct {
	o        Options
	holder   string
	alive    *pulse
	wake     chan struct{}
	handlers map[string]Handler
	undos    map[string]undo
	ends     map[string]EndHook
	kept     map[string]KeptRows
	lister   func() *list.Engine

	mu      sync.Mutex
	running map[int64]*Run
	stop    context.CancelFunc
	workers sync.WaitGroup
}

type undo struct {
	kind    string
	prepare Prepare
}

// New gives a service that runs nothing yet.
func New(o Options) *Service {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Workers <= 0 {
		o.Workers = defaultWorkers
	}
	if o.Lease <= 0 {
		o.Lease = defaultLease
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	s := &Service{
		o: o, holder: id.Format("wrk", o.IDs.Next()), wake: make(chan struct{}, 1),
		handlers: map[string]Handler{}, undos: map[string]undo{}, ends: map[string]EndHook{}, kept: map[string]KeptRows{}, running: map[int64]*Run{},
	}
	s.lister = sync.OnceValue(s.newLister) // after the kinds are registered
	return s
}

// Handle says who does the work of a kind. A process claims only jobs of the kinds it handles.
func (s *Service) Handle(kind string, h Handler) { s.handlers[kind] = h }

// OnEnd says what else is to change in the transaction that ends a job of the kind.
func (s *Service) OnEnd(kind string, hook EndHook) { s.ends[kind] = hook }

// HandleRows says that a kind keeps the rows of its jobs itself.
func (s *Service) HandleRows(kind string, kept KeptRows) { s.kept[kind] = kept }

// HandleUndo says that jobs of kind can be taken back by a job of undoKind. Without prepare, the undo job has the
// payload of the job it undoes, and whoever may cancel the one may undo it.
func (s *Service) HandleUndo(kind, undoKind string, prepare Prepare) {
	s.undos[kind] = undo{kind: undoKind, prepare: prepare}
}

// Enqueue accepts a job in the caller's transaction, in the name of the principal of ctx. A worker is woken after the
// commit. The caller audits what it does, as in every use case.
func (s *Service) Enqueue(ctx context.Context, tx *db.Tx, spec Spec) (Job, error) {
	payload, err := json.Marshal(spec.Payload)
	if err != nil {
		return Job{}, fmt.Errorf("enqueue a job: %w", err)
	}
	caller, err := s.o.Save(ctx)
	if err != nil {
		return Job{}, fmt.Errorf("enqueue a job: keep its principal: %w", err)
	}
	actor, now := s.o.Actor(ctx), s.now()
	due := now
	if spec.Here {
		due += s.o.Lease.Microseconds()
	}
	n := s.o.IDs.Next()
	_, err = tx.ExecContext(ctx, sqlInsert, n, spec.Kind, spec.Label, fold.Key(spec.Label), string(payload), caller, actor.Key,
		actor.Name, fold.Key(actor.Name), spec.Total, spec.UndoOf, due, now)
	if db.UniqueViolation(err) != "" && spec.UndoOf > 0 {
		return Job{}, errs.New(errs.KindConflict, "already_undone", "This is being undone already, or it was.")
	}
	if err != nil {
		return Job{}, fmt.Errorf("enqueue a job: %w", err)
	}
	if !spec.Here {
		tx.AfterCommit(s.signal)
	}
	return s.read(ctx, tx, n)
}

// Get is one job that the caller may see.
func (s *Service) Get(ctx context.Context, n int64) (Job, error) {
	j, err := s.read(ctx, s.o.DB.Read(), n)
	if err != nil {
		return Job{}, err
	}
	if !s.Sees(ctx, j) {
		return Job{}, errs.NotFound("job")
	}
	return j, nil
}

// Sees tells whether the caller may see the job.
func (s *Service) Sees(ctx context.Context, j Job) bool { return s.o.Actor(ctx).sees(j) }

func (a Actor) sees(j Job) bool { return a.ReadAll || a.ManageAll || (a.Key != "" && a.Key == j.Owner) }

func (a Actor) manages(j Job) bool { return a.ManageAll || (a.Key != "" && a.Key == j.Owner) }

// Recent gives the jobs of everybody that changed at or after since, the oldest change first: at most limit. It
// checks nothing; the caller passes on what Sees allows.
func (s *Service) Recent(ctx context.Context, since time.Time, limit int) ([]Job, error) {
	var found []record
	if err := s.o.DB.Read().SelectContext(ctx, &found, sqlRecent, clock.Micros(since), limit); err != nil {
		return nil, fmt.Errorf("list changed jobs: %w", err)
	}
	return s.jobs(found), nil
}

// Cancel stops a job: one that waits ends at once, one that runs is asked to. Asking again changes nothing.
func (s *Service) Cancel(ctx context.Context, n int64) (Job, error) {
	j, err := s.managed(ctx, n)
	if err != nil {
		return Job{}, err
	}
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		j, err = s.cancel(ctx, tx, n)
		return err
	})
	return j, err
}

func (s *Service) cancel(ctx context.Context, tx *db.Tx, n int64) (Job, error) {
	now := s.now()
	var r record
	err := tx.GetContext(ctx, &r, sqlCancelQueued, now, n)
	if err == nil {
		j := r.job(s.undoable(r.Kind))
		return j, errors.Join(s.note(ctx, tx, "Job cancelled", j), s.end(ctx, tx, j, true))
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.GetContext(ctx, &r, sqlCancelRunning, now, n)
	}
	switch {
	case err == nil:
		tx.AfterCommit(func() { s.interrupt(n, ErrCancelled) })
		j := r.job(s.undoable(r.Kind))
		return j, s.note(ctx, tx, "Job cancelled", j)
	case !errors.Is(err, sql.ErrNoRows):
		return Job{}, fmt.Errorf("cancel a job: %w", err)
	}
	j, err := s.read(ctx, tx, n)
	if err == nil && j.State.Ended() && j.State != StateCancelled {
		err = errs.New(errs.KindConflict, "job_finished", "This job has finished.")
	}
	return j, err
}

// Undo enqueues the job that takes back what job n did.
func (s *Service) Undo(ctx context.Context, n int64) (Job, error) {
	of, err := s.managed(ctx, n)
	if err != nil {
		return Job{}, err
	}
	if !of.CanUndo {
		return Job{}, errs.New(errs.KindConflict, "cannot_undo", "There is nothing here that can be undone.")
	}
	var j Job
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		spec, err := s.undoSpec(ctx, tx, of)
		if err != nil {
			return err
		}
		if j, err = s.Enqueue(ctx, tx, spec); err != nil {
			return err
		}
		return s.note(ctx, tx, "Undo of "+of.Label, j)
	})
	return j, err
}

func (s *Service) undoSpec(ctx context.Context, tx *db.Tx, of Job) (Spec, error) {
	u := s.undos[of.Kind]
	spec := Spec{Kind: u.kind, Label: "Undo: " + of.Label, Total: of.Done, UndoOf: of.ID}
	if u.prepare != nil {
		spec, err := u.prepare(ctx, tx, of)
		spec.UndoOf = of.ID
		return spec, err
	}
	var payload string
	if err := tx.GetContext(ctx, &payload, sqlPayload, of.ID); err != nil {
		return Spec{}, fmt.Errorf("undo a job: %w", err)
	}
	spec.Payload = json.RawMessage(payload)
	return spec, nil
}

// NoteTaken is the note of a result file that is had once, and was taken.
const NoteTaken = "Result downloaded"

// Take claims the result file of a job for the caller, in a transaction: of several callers of a file that may be
// taken once, one succeeds and the others get the conflict already_downloaded. release is called in that transaction
// with the file's number, to remove its content. For a file that may be taken often, nothing changes and release is
// not called.
func (s *Service) Take(ctx context.Context, n int64, release func(ctx context.Context, tx *db.Tx, fileID int64) error) error {
	j, err := s.Result(ctx, n)
	if err != nil || !j.FileOnce {
		return err
	}
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, sqlTake, s.now(), n, j.FileID)
		if err != nil {
			return fmt.Errorf("take the result of a job: %w", err)
		}
		if rows, err := done.RowsAffected(); err != nil || rows == 0 {
			return errors.Join(errTaken(), err)
		}
		if err := s.note(ctx, tx, NoteTaken, j); err != nil {
			return err
		}
		return release(ctx, tx, j.FileID)
	})
}

// Expire notes, in the transaction that removes the result file of a job, that nobody took it in time. A job whose file
// was taken stays as it is.
func (s *Service) Expire(ctx context.Context, tx *db.Tx, n, fileID int64) error {
	if _, err := tx.ExecContext(ctx, sqlExpire, -s.now(), s.now(), n, fileID); err != nil {
		return fmt.Errorf("let the result of a job expire: %w", err)
	}
	return nil
}

// Result is the job with its result file: only its creator and those who manage jobs get it, once the job has ended.
func (s *Service) Result(ctx context.Context, n int64) (Job, error) {
	j, err := s.managed(ctx, n)
	switch {
	case err != nil:
		return Job{}, err
	case j.FileTaken:
		return Job{}, errTaken()
	case j.Expired:
		return Job{}, errs.New(errs.KindConflict, "result_expired", "Nobody took this file in time, and it was removed.")
	case j.FileID == 0:
		return Job{}, errs.NotFound("result file")
	case !j.State.Ended():
		return Job{}, errs.New(errs.KindConflict, "job_running", "The job has not finished.")
	}
	return j, nil
}

func errTaken() error {
	return errs.New(errs.KindConflict, "already_downloaded", "This file was to be had once, and it was downloaded.")
}

// managed is a job that the caller may act on.
func (s *Service) managed(ctx context.Context, n int64) (Job, error) {
	j, err := s.Get(ctx, n)
	if err != nil {
		return Job{}, err
	}
	if !s.o.Actor(ctx).manages(j) {
		return Job{}, errs.New(errs.KindForbidden, "forbidden", "Only who started this job, or somebody who manages jobs, may do this.")
	}
	return j, nil
}

type getter interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}

func (s *Service) read(ctx context.Context, q getter, n int64) (Job, error) {
	var r record
	err := q.GetContext(ctx, &r, sqlGet, n)
	if errors.Is(err, sql.ErrNoRows) {
		return Job{}, errs.NotFound("job")
	}
	if err != nil {
		return Job{}, fmt.Errorf("read a job: %w", err)
	}
	return r.job(s.undoable(r.Kind)), nil
}

func (s *Service) jobs(found []record) []Job {
	jobs := make([]Job, len(found))
	for i, r := range found {
		jobs[i] = r.job(s.undoable(r.Kind))
	}
	return jobs
}

func (s *Service) undoable(kind string) bool { _, ok := s.undos[kind]; return ok }

func (s *Service) note(ctx context.Context, tx *db.Tx, message string, j Job) error {
	if s.o.Note == nil {
		return nil
	}
	return s.o.Note(ctx, tx, message, j)
}

// end runs the hooks of a job that has ended. hook: that of its kind, too.
func (s *Service) end(ctx context.Context, tx *db.Tx, j Job, hook bool) error {
	if s.o.Ended != nil {
		if err := s.o.Ended(ctx, tx, j); err != nil {
			return err
		}
	}
	if !hook {
		return nil
	}
	if fn := s.ends[j.Kind]; fn != nil {
		return fn(ctx, tx, j)
	}
	return nil
}

func (s *Service) now() int64 { return clock.Micros(s.o.Clock.Now()) }

// signal wakes one worker; a worker that finds a job wakes the next.
func (s *Service) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) interrupt(n int64, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if run := s.running[n]; run != nil {
		run.cancel(cause)
	}
}

// kinds gives the placeholders and the values of the kinds that this process handles.
func (s *Service) kinds(from int) (marks string, values []any) {
	for kind := range s.handlers {
		values = append(values, kind)
	}
	return db.Placeholders(from, len(values)), values
}
