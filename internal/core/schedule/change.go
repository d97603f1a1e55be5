package schedule

import (
	"context"
	"encoding/json"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
)

// Table is the name under which delayed saves stand in the audit.
const Table = "scheduled_changes"

// Prefix begins the IDs of delayed saves at the API.
const Prefix = "sch"

// Op is what a delayed save does to its row.
type Op string

// The operations.
const (
	OpCreate Op = "create"
	OpUpdate Op = "update"
	OpDelete Op = "delete"
)

// State is how far a delayed save is.
type State string

// The states. Conflicted ones wait for somebody to decide; applied, failed and cancelled ones have ended.
const (
	StatePending    State = "pending"
	StateApplied    State = "applied"
	StateConflicted State = "conflicted"
	StateFailed     State = "failed"
	StateCancelled  State = "cancelled"
)

// Role is which of a pair a delayed save is.
type Role string

// The roles. The back of a change that was made at once has no other.
const (
	RoleAlone Role = ""
	RoleFirst Role = "first"
	RoleBack  Role = "back"
)

// Values is fields by the names of the API ("custom.region" for the operator's own) with their values as JSON has them.
type Values map[string]any

// Requester is who asked for a delayed save.
type Requester struct {
	Kind access.Kind
	ID   int64
	Name string
	Root int64 // the reseller whose customers they see alone; 0: all
}

// Change is one delayed save. Times are zero while they have not come.
type Change struct {
	ID         int64
	Resource   string // such as customers
	Row        int64  // 0 for a create
	RowName    string
	Op         Op
	Patch      json.RawMessage   // what changes alone; {} for a delete
	Options    map[string]string // parameters of the request, such as reason
	Base       Values            // what was there when it was asked
	Outcome    Values            // what will be there
	RowVersion int64
	Requester  Requester
	Comment    string
	ApplyAt    time.Time
	Pair       int64 // 0 = none
	Role       Role
	State      State
	ReasonCode string // machine code of why it failed, conflicts or was cancelled
	Reason     string // a sentence
	Result     int64  // the row that was made or changed
	AppliedAt  time.Time
	AppliedBy  string // the node, or the person who ran it
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Version    int64
	Customer   int64    // in whose subtree it stands; 0: in nobody's
	Own        bool     // shown to the requester alone
	Hidden     []string // fields that were left out by Shown

	caller []byte
	faults int64
	due    int64 // microseconds; 0 = not to be tried
}

// Row is a row of a resource, as far as delayed saves need to know it.
type Row struct {
	ID      int64
	Version int64
	Name    string // what people call it
	Fields  Values
	Body    any // as the API shows it

	Customer int64 // in whose subtree the row stands; 0: in nobody's
	Own      bool  // it is the caller's, and nobody else's business
}

// Task is what an Applier is to do.
type Task struct {
	Op      Op
	Row     int64 // 0 for a create
	Patch   json.RawMessage
	Options map[string]string
	Version int64 // that Load told; 0: whatever it is now
	Token   any   // what Begin gave
}

// Rules is what is particular about the fields of a resource.
type Rules struct {
	// Beside are properties of a patch that are no fields, and go with every part of it.
	Beside []string
	// Untold are fields whose values the audit does not repeat.
	Untold []string
	// Needs is the permission without which a field is not shown.
	Needs map[string]access.Permission
}

// Applier is how the rows of one resource are changed later. All of it asks for the permission of the context's
// principal, as the immediate change does.
type Applier interface {
	// Resource is its name at the API, such as customers.
	Resource() string
	// Prefix begins the IDs of its rows.
	Prefix() string
	// Reads is the permission to read the resource: without it its delayed saves are not shown.
	Reads() access.Permission
	// Rules is what is particular about its fields.
	Rules() Rules
	// Resolve reads an ID as callers write it.
	Resolve(ctx context.Context, text string) (int64, error)
	// Load reads a row. It is held until the transaction ends, or Apply refuses it as stale when it is not as loaded.
	Load(ctx context.Context, tx *db.Tx, row int64) (Row, error)
	// Show reads a row without holding it.
	Show(ctx context.Context, row int64) (Row, error)
	// Begin does what has to precede the transaction of Apply.
	Begin(ctx context.Context, op Op) (any, error)
	// Apply carries the task out and gives the row as it is then; of a delete, only what is left.
	Apply(ctx context.Context, tx *db.Tx, t Task) (Row, error)
	// Rehearse does as Apply, in a transaction that is rolled back, without Begin.
	Rehearse(ctx context.Context, tx *db.Tx, t Task) (Row, error)
}
