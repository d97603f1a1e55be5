package importer

import (
	"slices"
	"time"

	"tandem/internal/kit/tabular"
)

// Prefix begins the IDs of imports at the API.
const Prefix = "imp"

// Table is the name under which imports stand in the audit.
const Table = "imports"

// TargetCustomers is what can be imported.
const TargetCustomers = "customers"

// State is how far an import has come.
type State string

// The states. While checking, running or undoing, a job is at work and nothing may be changed.
const (
	StateDraft     State = "draft"
	StateChecking  State = "checking"
	StateChecked   State = "checked"
	StateRunning   State = "running"
	StateDone      State = "done"
	StateFailed    State = "failed"    // it stopped where the file cannot be read; what was imported stays
	StateCancelled State = "cancelled" // it can go on
	StateUndoing   State = "undoing"
	StateUndone    State = "undone"
)

// busy tells whether a job is at work.
func (s State) busy() bool {
	return s == StateChecking || s == StateRunning || s == StateUndoing
}

// Mode says what happens to rows of customers that are known and to rows of those that are not.
type Mode string

// The modes.
const (
	ModeCreate Mode = "create" // new ones are made, known ones are wrong unless nothing differs
	ModeUpdate Mode = "update" // known ones are changed, new ones are wrong
	ModeUpsert Mode = "upsert" // known ones are changed, new ones are made
)

// The keys by which a row finds its customer.
const (
	KeyReference  = "reference"
	KeyCustomerID = "customer_id"
	KeyEmail      = "email"
)

var allKeys = []string{KeyReference, KeyCustomerID, KeyEmail}

// Why a column is not imported.
const (
	WhySecret   = "secret"    // passwords, PINs: never stored
	WhyReadOnly = "read_only" // Tandem gives these itself
	WhyUnknown  = "unknown"   // nothing here fits
	WhyMasked   = "masked"    // hidden from who imports
)

// TransformIfBlank takes a column only for rows in which the columns before it left the field blank.
const TransformIfBlank = "if_blank"

// Suggestion is what a column probably means.
type Suggestion struct {
	Field      string  `json:"field"`      // "" = nothing
	Confidence float64 `json:"confidence"` // 0 to 1
	Transform  string  `json:"transform,omitempty"`
	Reason     string  `json:"reason,omitempty"` // why it is not imported
}

// FileColumn is one column of the file.
type FileColumn struct {
	Index     int        `json:"index"` // from 0
	Name      string     `json:"name"`
	Sample    []string   `json:"sample"`
	Suggested Suggestion `json:"suggested"`
}

// Mapping says what a column becomes. A column without a mapping, or with an empty field, is left out.
type Mapping struct {
	Column    int    `json:"column"`
	Field     string `json:"field"`
	Transform string `json:"transform,omitempty"`
}

// Choices are the options of an import.
type Choices struct {
	CreateGroups bool   `json:"create_groups"`
	Country      string `json:"country"`      // in which national telephone numbers are read where the row has none; "" = the settings'
	BlankClears  bool   `json:"blank_clears"` // a blank cell empties the field of a known customer; else it leaves it
}

// FileNote tells something about the file as a whole.
type FileNote struct {
	Code    string `json:"code"`
	Column  int    `json:"column"` // -1 = none
	Message string `json:"message"`
}

// KeptCount counts the rows of which a value is kept, and not applied until its wing exists.
type KeptCount struct {
	Field string `json:"field"`
	Rows  int64  `json:"rows"`
}

// Summary counts rows by what became of them, or would.
type Summary struct {
	Rows      int64            `json:"rows"`
	Create    int64            `json:"create"`
	Update    int64            `json:"update"`
	Skip      int64            `json:"skip"` // imported before
	Unchanged int64            `json:"unchanged"`
	Wrong     int64            `json:"wrong"`
	Warnings  int64            `json:"warnings"`
	Kept      []KeptCount      `json:"kept"`
	Errors    map[string]int64 `json:"errors_by_code"` // rows with that code
	Undone    int64            `json:"undone"`
	NotUndone int64            `json:"not_undone"` // changed since, or something stood in the way

	GroupsMade    int64 `json:"groups_made"`
	GroupsRemoved int64 `json:"groups_removed"` // by the undo: made by the run, unused and unchanged
}

func (s *Summary) keep(field string) {
	i := slices.IndexFunc(s.Kept, func(k KeptCount) bool { return k.Field == field })
	if i < 0 {
		i, s.Kept = len(s.Kept), append(s.Kept, KeptCount{Field: field})
	}
	s.Kept[i].Rows++
}

func (s Summary) clone() Summary {
	s.Kept = append([]KeptCount{}, s.Kept...)
	codes := make(map[string]int64, len(s.Errors)+1)
	for k, n := range s.Errors {
		codes[k] = n
	}
	s.Errors = codes
	return s
}

// setup is what an import is told about its file and what to do; it is kept as one JSON text.
type setup struct {
	Kind        tabular.Kind      `json:"kind"`
	Encoding    tabular.Encoding  `json:"encoding,omitempty"`
	Separator   string            `json:"separator,omitempty"`
	HasHeader   bool              `json:"has_header"`
	SkipRows    int               `json:"skip_rows,omitempty"` // above the header, such as a title; blank ones are not counted
	Sheets      []string          `json:"sheets,omitempty"`
	Sheet       string            `json:"sheet,omitempty"`
	Neutralised bool              `json:"neutralised,omitempty"` // written by us: apostrophes before formulas are ours
	Columns     []FileColumn      `json:"columns"`
	Preset      string            `json:"preset"`
	Mapping     []Mapping         `json:"mapping"`
	Defaults    map[string]string `json:"defaults"`
	Options     Choices           `json:"options"`
	Mode        Mode              `json:"mode"`
	Match       []string          `json:"match"`
	Notes       []FileNote        `json:"notes"`
}

// above is how many rows come before the first of the data.
func (set *setup) above() int {
	if set.HasHeader {
		return set.SkipRows + 1
	}
	return set.SkipRows
}

func (set *setup) format() tabular.Format {
	f := tabular.Format{Kind: set.Kind, Encoding: set.Encoding, HasHeader: set.HasHeader}
	if set.Separator != "" {
		f.Separator = rune(set.Separator[0])
	}
	return f
}

// progress is how far the run has come.
type progress struct {
	Begun    bool             `json:"begun"`
	Position tabular.Position `json:"position"`
	Line     int64            `json:"line"`     // the last line read
	Finished bool             `json:"finished"` // the file has been read to its end
	Summary  Summary          `json:"summary"`
	Error    string           `json:"error,omitempty"`
}

// checkpoint is how far a job of the run has come with the rows that were wrong before it began.
type checkpoint struct {
	RetryUntil int64 `json:"retry_until"`
	RetryAfter int64 `json:"retry_after"`
}

// Import is one import.
type Import struct {
	ID        int64
	Target    string
	FileID    int64
	FileName  string
	Size      int64
	State     State
	CheckJob  int64
	RunJob    int64
	UndoJob   int64
	Owner     string
	OwnerName string
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64

	setup
	progress progress
	checked  *Summary
}

// Format is csv or xlsx.
func (m *Import) Format() string { return string(m.Kind) }

// Begun tells whether rows have been imported, or told, by a run.
func (m *Import) Begun() bool { return m.progress.Begun }

// Known tells whether there is a report: a check or a run has been.
func (m *Import) Known() bool { return m.checked != nil || m.progress.Begun }

// Report is what the run did, or, before there was one or after a later check, what the check found.
func (m *Import) Report() Summary {
	if m.checked != nil && (!m.progress.Begun || m.State == StateChecking || m.State == StateChecked) {
		return m.checked.clone()
	}
	return m.progress.Summary.clone()
}

// Rows is how many rows the file has, as far as it has been read; 0 = not known.
func (m *Import) Rows() int64 {
	rows := m.progress.Summary.Rows
	if m.checked != nil {
		rows = max(rows, m.checked.Rows)
	}
	return rows
}

// Trouble is why the last job could not go on; "" = nothing.
func (m *Import) Trouble() string { return m.progress.Error }

// phase says which rows are shown: those of the run once there was one.
func (m *Import) phase() int64 {
	if m.progress.Begun && m.State != StateChecked && m.State != StateChecking {
		return phaseRun
	}
	return phaseCheck
}

const (
	phaseCheck int64 = 0
	phaseRun   int64 = 1
)

// Outcome is what became of a row.
type Outcome string

// The outcomes. In a check, created and updated mean that the row would be.
const (
	OutcomeCreated   Outcome = "created"
	OutcomeUpdated   Outcome = "updated"
	OutcomeUnchanged Outcome = "unchanged" // the customer has these values
	OutcomeSkipped   Outcome = "skipped"   // imported before
	OutcomeWrong     Outcome = "wrong"
	OutcomeWarning   Outcome = "warning" // would go in, but look at it (checks only)
	OutcomeReady     Outcome = "ready"   // corrected, and now right (checks only)
	OutcomeUndone    Outcome = "undone"
)

// RowProblem is one thing that is wrong, or doubtful, with a row.
type RowProblem struct {
	Field   string `json:"field"`
	Column  int    `json:"column"` // -1 = no column has it
	Code    string `json:"code"`
	Message string `json:"message"`
}
