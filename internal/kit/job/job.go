package job

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
)

// Prefix begins the identifiers of jobs at the API.
const Prefix = "job"

// State is how far a job has come.
type State string

// The states. Queued and running jobs are active; the others have ended.
const (
	StateQueued    State = "queued"
	StateRunning   State = "running"
	StateDone      State = "done"
	StateFailed    State = "failed"
	StateCancelled State = "cancelled"
)

// Ended tells whether nothing will happen any more.
func (s State) Ended() bool { return s == StateDone || s == StateFailed || s == StateCancelled }

// States is every state.
func States() []State {
	return []State{StateQueued, StateRunning, StateDone, StateFailed, StateCancelled}
}

// What stops a run. A handler that meets one returns it, wrapped or not.
var (
	ErrLost      = errors.New("this run of the job was given up for dead and another worker has it")
	ErrCancelled = errors.New("the job was cancelled")
)

// Job is one piece of long work as people see it. Times are zero while they have not come.
type Job struct {
	ID         int64
	Kind       string
	Label      string
	State      State
	Done       int64 // rows handled, the failed ones among them
	Total      int64 // rows to handle; 0 = not known yet
	Failed     int64
	Result     json.RawMessage // what the handler told; nil = nothing
	ErrorCode  string          // machine code of why it failed
	Error      string          // a sentence
	Owner      string          // key of the principal that enqueued it
	OwnerName  string
	FileID     int64 // result file; 0 = none, taken or expired
	FileOnce   bool  // it may be taken once
	FileTaken  bool  // and it was
	Expired    bool  // nobody took the file in time
	UndoOf     int64 // the job that this one takes back; 0 = none
	CanUndo    bool
	Cancelling bool // asked to stop, still running
	CreatedAt  time.Time
	StartedAt  time.Time
	FinishedAt time.Time
	UpdatedAt  time.Time
	Version    int64
}

// PublicID is the job's identifier at the API.
func (j Job) PublicID() string { return id.Format(Prefix, j.ID) }

// Spec is what Enqueue is given.
type Spec struct {
	Kind    string
	Label   string // what people call it: "Import of customers.csv"
	Payload any    // kept as JSON; read by Run.Payload
	Total   int64  // rows to handle, 0 when not known
	UndoOf  int64  // the job that this one takes back
	Here    bool   // this process will call RunHere now: other workers wait one lease for it
}

// Progress is how far a job is. A Total of 0 leaves the total that is known.
type Progress struct {
	Done, Total, Failed int64
}

// Row is what became of one row. Rows with a code are the ones told in the error file.
type Row struct {
	Line    int64    // line of the file, or place in the selection
	RowID   string   // identifier at the API, "" when there is none
	Name    string   // what people call it
	Outcome string   // created, updated, unchanged, skipped, failed, ...
	Code    string   // machine code of a problem
	Field   string   // wrong field, as the API spells it
	Message string   // a sentence
	Cells   []string // original cells
}

// Actor is who asks, as far as jobs need to know. The zero value sees nothing.
type Actor struct {
	Key       string // names the principal in the installation
	Name      string
	ReadAll   bool // sees the jobs of others
	ManageAll bool // cancels and undoes the jobs of others
}

// Handler does the work of one kind of job. It is called again after a fault or a dead worker, and goes on from
// Run.Checkpoint. ctx carries the principal that enqueued the job and ends when the run is lost, cancelled or the
// process stops. An *errs.Error ends the job with its sentence; every other error is a fault of ours and is tried again.
type Handler func(ctx context.Context, run *Run) error

// EndHook is called in the transaction that ends a job, so that its owner's rows say the same.
type EndHook func(ctx context.Context, tx *db.Tx, j Job) error

// KeptRows is what a kind tells that keeps the rows of its jobs itself.
type KeptRows struct {
	Columns func(ctx context.Context, j Job) ([]string, error)         // names of the cells
	Each    func(ctx context.Context, j Job, fn func(Row) error) error // rows with a problem; one with several comes once for each
}

// Prepare checks that the caller may undo a job, changes the owner's rows, and says which job does it. Spec.UndoOf is
// filled in by the caller.
type Prepare func(ctx context.Context, tx *db.Tx, of Job) (Spec, error)
