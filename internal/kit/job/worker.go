package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	maxFaults    = 5                // faults of ours without progress until a job fails
	maxTakeovers = 20               // dead workers without progress until a job fails
	backOff      = 2 * time.Second  // after the first fault; twice as long after each other
	settleTime   = 15 * time.Second // for writing down how a run ended
)

var (
	errStopping = errors.New("the process stops")
	errPanic    = errors.New("panic")
)

// Start lets this process work on jobs of the kinds it handles, until Stop or the end of ctx.
func (s *Service) Start(ctx context.Context) error {
	if err := s.show(); err != nil {
		return err
	}
	if s.o.Dir != "" {
		s.freeDead(ctx)
		sweep(s.o.Dir, s.holder)
	}
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.stop = cancel
	s.mu.Unlock()
	for range s.o.Workers {
		s.workers.Add(1)
		go s.work(ctx)
	}
	return nil
}

// Stop ends the work of this process: runs are interrupted and their jobs given back, to go on elsewhere or after the
// next start. It waits for them as long as ctx allows.
func (s *Service) Stop(ctx context.Context) error {
	s.mu.Lock()
	stop := s.stop
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
	ended := make(chan struct{})
	go func() {
		s.workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		s.hide()
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the jobs: %w", context.Cause(ctx))
	}
}

func (s *Service) show() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.o.Dir == "" || s.alive != nil {
		return nil
	}
	p, err := newPulse(s.o.Dir, s.holder)
	s.alive = p
	return err
}

func (s *Service) hide() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alive != nil {
		s.alive.stop()
		s.alive = nil
	}
}

func (s *Service) work(ctx context.Context) {
	defer s.workers.Done()
	poll := time.NewTicker(s.o.Poll)
	defer poll.Stop()
	for {
		for ctx.Err() == nil {
			h, err := s.claimNext(ctx)
			if err != nil && ctx.Err() == nil {
				s.o.Log.Error("jobs could not be looked for", "error", err)
			}
			if err != nil || h == nil {
				break
			}
			s.signal()
			_ = s.execute(ctx, h, nil) // told by the job itself
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-poll.C:
		}
	}
}

// RunHere runs one job in this process and returns when it has ended: nil when done, an *errs.Error with its sentence
// when failed, ErrCancelled when cancelled. If another worker has it, RunHere follows it, and takes it over should that
// one die. progress is told each time something changed. When ctx ends first, the job is given back to go on elsewhere.
func (s *Service) RunHere(ctx context.Context, n int64, progress func(Job)) error {
	if _, err := s.managed(ctx, n); err != nil {
		return err
	}
	if err := s.show(); err != nil {
		return err
	}
	poll := time.NewTicker(s.o.Poll)
	defer poll.Stop()
	for early, seen := true, int64(0); ; early = false {
		h, err := s.claimOne(ctx, n, early)
		if err != nil {
			return err
		}
		if h != nil {
			if err := s.execute(ctx, h, progress); errors.Is(err, errStopping) {
				return fmt.Errorf("run a job: %w", context.Cause(ctx))
			}
		}
		j, err := s.read(ctx, s.o.DB.Read(), n)
		if err != nil {
			return err
		}
		if progress != nil && j.Version != seen {
			seen = j.Version
			progress(j)
		}
		if j.State.Ended() {
			return j.verdict()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("run a job: %w", context.Cause(ctx))
		case <-poll.C:
		}
	}
}

// verdict is how a job ended, as an error.
func (j Job) verdict() error {
	switch j.State {
	case StateFailed:
		return errs.New(errs.KindConflict, j.ErrorCode, "%s", j.Error)
	case StateCancelled:
		return ErrCancelled
	}
	return nil
}

// claimNext takes a job that is due; nil when there is none.
func (s *Service) claimNext(ctx context.Context) (*held, error) {
	s.freeDead(ctx)
	marks, kinds := s.kinds(2)
	if len(kinds) == 0 {
		return nil, nil
	}
	var n int64
	err := s.o.DB.Read().GetContext(ctx, &n, fmt.Sprintf(sqlDue, marks), append([]any{s.now()}, kinds...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // no need to bother writers
	}
	if err != nil {
		return nil, fmt.Errorf("look for a job: %w", err)
	}
	marks, kinds = s.kinds(5)
	return s.claim(ctx, fmt.Sprintf(sqlClaimNext, marks, s.o.DB.Dialect().ForUpdateSkipLocked()), kinds...)
}

func (s *Service) claimOne(ctx context.Context, n int64, early bool) (*held, error) {
	s.freeDead(ctx)
	return s.claim(ctx, fmt.Sprintf(sqlClaimOne, s.o.DB.Dialect().ForUpdateSkipLocked()), n, early)
}

func (s *Service) claim(ctx context.Context, query string, args ...any) (*held, error) {
	var h *held
	err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
		h = &held{}
		now := s.now()
		h.Lease = s.o.IDs.Next()
		err := tx.GetContext(ctx, h, query,
			append([]any{h.Lease, s.holder, now + s.o.Lease.Microseconds(), now}, args...)...)
		if errors.Is(err, sql.ErrNoRows) {
			h = nil
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim a job: %w", err)
	}
	return h, nil
}

// freeDead makes the jobs due that processes of this machine held when they died.
func (s *Service) freeDead(ctx context.Context) {
	if s.o.Dir == "" {
		return
	}
	var holders []string
	if err := s.o.DB.Read().SelectContext(ctx, &holders, sqlHolders, s.now()); err != nil {
		return // the claim meets it too, and tells
	}
	for _, holder := range holders {
		if holder == s.holder || !dead(s.o.Dir, holder) {
			continue
		}
		err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, sqlFree, s.now(), holder)
			return err
		})
		if err == nil {
			forget(s.o.Dir, holder)
		}
	}
}

// execute runs a claimed job and writes down how that ended. The error says why the run did not end in done.
func (s *Service) execute(ctx context.Context, h *held, shown func(Job)) error {
	runCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	run := &Run{
		s: s, lease: h.Lease, cancel: cancel, shown: shown, payload: h.Payload, checkpoint: h.Checkpoint,
		job: h.job(s.undoable(h.Kind)),
	}
	s.mu.Lock()
	s.running[h.ID] = run
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.running[h.ID] == run {
			delete(s.running, h.ID)
		}
	}()
	callCtx, err := s.o.Restore(runCtx, h.Caller)
	if err != nil {
		callCtx = runCtx
	} else {
		err = s.attempt(callCtx, run, h)
	}
	switch cause := context.Cause(runCtx); {
	case err == nil:
	case errors.Is(cause, ErrLost), errors.Is(cause, ErrCancelled):
		err = cause
	case ctx.Err() != nil:
		err = errStopping
	}
	s.settle(callCtx, run, h, err)
	return err
}

// attempt calls the handler, with the lease renewed meanwhile.
func (s *Service) attempt(ctx context.Context, run *Run, h *held) error {
	switch {
	case h.CancelAsked > 0:
		return ErrCancelled
	case h.Takeovers > maxTakeovers:
		return fmt.Errorf("%w: %d workers died over it", errPanic, h.Takeovers)
	}
	handler := s.handlers[h.Kind]
	if handler == nil {
		return fmt.Errorf("nobody here handles jobs of kind %s", h.Kind)
	}
	beatCtx, stop := context.WithCancel(ctx)
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		run.beat(beatCtx, s.o.Lease/3)
	}()
	defer func() {
		stop()
		<-beating
	}()
	return s.guard(ctx, handler, run)
}

func (s *Service) guard(ctx context.Context, handler Handler, run *Run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.o.Log.Error("a job panicked", "job", run.Job().PublicID(), "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	return handler(ctx, run)
}

// settle writes down how a run ended. When that fails too, the lease runs out and another worker tries.
func (s *Service) settle(ctx context.Context, run *Run, h *held, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	refusal, refused := errs.As(err)
	var failed error
	switch {
	case err == nil:
		failed = s.finish(ctx, run, StateDone, "", "", true)
	case errors.Is(err, ErrLost):
		s.o.Log.Warn("a job was taken over from this worker", "job", run.Job().PublicID())
		return
	case errors.Is(err, ErrCancelled):
		failed = s.finish(ctx, run, StateCancelled, "", "", true)
	case errors.Is(err, errStopping):
		failed = s.release(ctx, run, 0, 0)
	case refused && refusal.Kind != errs.KindUnavailable:
		failed = s.finish(ctx, run, StateFailed, refusal.Code, refusal.Error(), true)
	default:
		failed = s.fault(ctx, run, h, err)
	}
	if failed != nil && err == nil && !errors.Is(failed, ErrLost) {
		failed = s.fault(ctx, run, h, failed) // its hook could not run: try again from the last checkpoint
	}
	if failed != nil {
		s.o.Log.Error("the end of a run could not be written down", "job", run.Job().PublicID(), "error", failed)
	}
}

// fault gives the job another chance a little later, or fails it when it had enough.
func (s *Service) fault(ctx context.Context, run *Run, h *held, err error) error {
	log := s.o.Log.With("job", run.Job().PublicID(), "kind", h.Kind, "error", err)
	faults := h.Faults + 1
	if run.hasSaved() {
		faults = 1
	}
	if faults < maxFaults && !errors.Is(err, errPanic) {
		log.Warn("a job met a fault and will be tried again", "faults", faults)
		return s.release(ctx, run, backOff<<(faults-1), 1)
	}
	log.Error("a job failed for a fault of ours")
	code, sentence := "fault", "Something went wrong on our side; it is in the log under "+run.Job().PublicID()+"."
	if refusal, ok := errs.As(err); ok {
		code, sentence = refusal.Code, refusal.Error()
	} else if db.IsFull(err) {
		code, sentence = "storage_full", "There is no room left on the disk of the database."
	}
	failed := s.finish(ctx, run, StateFailed, code, sentence, true)
	if failed != nil && !errors.Is(failed, ErrLost) {
		log.Error("the hook of a failed job failed as well; the job ends without it", "hook_error", failed)
		failed = s.finish(ctx, run, StateFailed, code, sentence, false)
	}
	return failed
}

func (s *Service) finish(ctx context.Context, run *Run, state State, code, sentence string, hook bool) error {
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		var r record
		err := tx.GetContext(ctx, &r, sqlEnd, string(state), code, sentence, s.now(), run.ID(), run.lease)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrLost
		}
		if err != nil {
			return fmt.Errorf("end a job: %w", err)
		}
		return s.end(ctx, tx, r.job(s.undoable(r.Kind)), hook)
	})
}

func (s *Service) release(ctx context.Context, run *Run, after time.Duration, faults int) error {
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		now := s.now()
		_, err := tx.ExecContext(ctx, sqlRelease, now+after.Microseconds(), faults, now, run.ID(), run.lease)
		if err != nil {
			return fmt.Errorf("give a job back: %w", err)
		}
		return nil
	})
}

// renew tells whether the run still has the job, and whether it was asked to stop.
func (r *Run) renew(ctx context.Context) (have, asked bool, err error) {
	err = r.s.o.DB.Write(ctx, func(tx *db.Tx) error {
		var at int64
		until := r.s.now() + r.s.o.Lease.Microseconds()
		err := tx.GetContext(ctx, &at, sqlRenew, until, r.ID(), r.lease)
		have, asked = err == nil, at > 0
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return have, asked, err
}
