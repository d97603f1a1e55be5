package event

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/outbox"
)

// Type is one kind of event.
type Type struct {
	Name     string
	Resource string // the table of the rows it tells of
	// Reads is what somebody has to hold to be told.
	Reads access.Permission
}

// The resources, by their tables.
const (
	Customers = "customers"
	Contacts  = "contacts"
	Groups    = "groups"
	Jobs      = "jobs"
)

// Test is the event that a webhook is tried with. Nobody subscribes to it.
const Test = "webhook.test"

const importRun = "import_run" // the kind of job that is an import

// Types is the catalogue, in the order in which people read it.
func Types() []Type {
	return []Type{
		{"customer.created", Customers, access.CustomerRead}, {"customer.updated", Customers, access.CustomerRead},
		{"customer.closed", Customers, access.CustomerRead}, {"customer.reopened", Customers, access.CustomerRead},
		{"contact.created", Contacts, access.ContactRead}, {"contact.updated", Contacts, access.ContactRead}, {"contact.removed", Contacts, access.ContactRead},
		{"customer.erased", Customers, access.CustomerRead}, {"contact.erased", Contacts, access.ContactRead},
		{"group.created", Groups, access.GroupRead}, {"group.updated", Groups, access.GroupRead}, {"group.removed", Groups, access.GroupRead},
		{"import.finished", Jobs, access.JobManage}, {"import.failed", Jobs, access.JobManage}, {"import.cancelled", Jobs, access.JobManage},
		{"job.finished", Jobs, access.JobManage}, {"job.failed", Jobs, access.JobManage}, {"job.cancelled", Jobs, access.JobManage},
	}
}

// Matches tells whether a pattern stands for a type: its name, customer.* or *.
func Matches(pattern, name string) bool {
	if area, all := strings.CutSuffix(pattern, "*"); all {
		return pattern == "*" || strings.HasSuffix(area, ".") && strings.HasPrefix(name, area)
	}
	return pattern == name
}

// Chosen is the types that patterns stand for; unknown is those patterns that stand for none.
func Chosen(patterns []string) (types []Type, unknown []string) {
	used := map[string]bool{}
	for _, t := range Types() {
		any := false
		for _, p := range patterns {
			if Matches(p, t.Name) {
				used[p], any = true, true
			}
		}
		if any {
			types = append(types, t)
		}
	}
	for _, p := range patterns {
		if !used[p] {
			unknown = append(unknown, p)
		}
	}
	return types, unknown
}

// Event is one event as it is told.
type Event struct {
	ID       int64
	Type     string
	At       time.Time
	Resource string
	Row      int64
	RowID    string          // at the API
	Changed  []string        // names of the fields that changed
	Data     json.RawMessage // the row as the API tells it; null when it is gone or not the caller's to see
}

// Body is the event as it goes over the wire.
func (e *Event) Body() ([]byte, error) {
	if e.Data == nil {
		e.Data = json.RawMessage("null")
	}
	if e.Changed == nil {
		e.Changed = []string{}
	}
	return json.Marshal(struct {
		ID       string          `json:"id"`
		Type     string          `json:"type"`
		At       time.Time       `json:"timestamp"`
		Resource string          `json:"resource"`
		RowID    string          `json:"row_id"`
		Changed  []string        `json:"changed"`
		Data     json.RawMessage `json:"data"`
	}{id.Format(outbox.Prefix, e.ID), e.Type, e.At, e.Resource, e.RowID, e.Changed, e.Data})
}

// Rows tells of rows what the API tells of them to the principal of the context.
type Rows interface {
	// RowID is the identifier of a row at the API.
	RowID(resource string, row int64) string
	// Bodies is the rows that the caller may see, by their IDs. 500 at most are asked for.
	Bodies(ctx context.Context, resource string, rows []int64) (map[int64]json.RawMessage, error)
	// CheckFilter refuses what is no filter of customers, or filters by what is hidden from the caller.
	CheckFilter(ctx context.Context, filter string) error
	// Matching is which customers a filter lets through. 500 at most are asked for.
	Matching(ctx context.Context, filter string, rows []int64) (map[int64]bool, error)
}

// Options is what the service is made of.
type Options struct {
	Outbox *outbox.Outbox
	Audit  *audit.Service
	IDs    *id.Source
	Rows   Rows
}

// Service publishes events and tells them. Safe for concurrent use.
type Service struct{ Options }

// New gives the service. The caller has it follow the audit (Record) and the jobs (JobEnded).
func New(o Options) *Service { return &Service{o} }

// Record publishes what audit entries are events.
func (s *Service) Record(ctx context.Context, tx *db.Tx, written []audit.Recorded) error {
	var batches []outbox.Batch
	for _, w := range written {
		name := nameOf(w.Entry)
		if name == "" || w.RowID == 0 {
			continue
		}
		if n := len(batches); n == 0 || batches[n-1].Type != name {
			batches = append(batches, outbox.Batch{Type: name, Resource: w.Table, Items: make([]outbox.Item, 0, len(written))})
		}
		last := &batches[len(batches)-1]
		last.Items = append(last.Items, outbox.Item{ID: w.ID, Row: w.RowID})
	}
	return s.Outbox.Publish(ctx, tx, batches...)
}

// nameOf is the type of event that an audit entry is; empty: none.
func nameOf(e audit.Entry) string {
	verbs := map[audit.Action]string{audit.ActionCreate: "created", audit.ActionUpdate: "updated", audit.ActionDelete: "removed", audit.ActionErase: "erased"}
	verb := verbs[e.Action]
	if verb == "" {
		return ""
	}
	switch e.Table {
	case Customers:
		return "customer." + customerVerb(e, verb)
	case Contacts:
		return "contact." + verb
	case Groups:
		return "group." + verb
	}
	return ""
}

// customerVerb looks at the status: a customer is never removed, and one that was closed may come back.
func customerVerb(e audit.Entry, verb string) string {
	if verb == "removed" {
		return "closed"
	}
	for _, c := range e.Changes {
		if c.Field == "status" && verb == "updated" {
			if fmt.Sprint(c.New) == "closed" {
				return "closed"
			}
			if fmt.Sprint(c.Old) == "closed" {
				return "reopened"
			}
		}
	}
	return verb
}

// JobEnded publishes the end of a job.
func (s *Service) JobEnded(ctx context.Context, tx *db.Tx, j job.Job) error {
	verb := map[job.State]string{job.StateDone: "finished", job.StateFailed: "failed", job.StateCancelled: "cancelled"}[j.State]
	if verb == "" {
		return nil
	}
	batches := []outbox.Batch{{Type: "job." + verb, Resource: Jobs, Items: []outbox.Item{{ID: s.IDs.Next(), Row: j.ID}}}}
	if j.Kind == importRun {
		batches = append(batches, outbox.Batch{Type: "import." + verb, Resource: Jobs, Items: []outbox.Item{{ID: s.IDs.Next(), Row: j.ID}}})
	}
	return s.Outbox.Publish(ctx, tx, batches...)
}

// tellRoom is how many rows are asked for at once.
const tellRoom = 500

// Tell tells the events of a batch, as the principal of the context may know them.
func (s *Service) Tell(ctx context.Context, b outbox.Batch) ([]Event, error) {
	out := make([]Event, 0, len(b.Items))
	for items := b.Items; len(items) > 0; {
		some := items[:min(tellRoom, len(items))]
		items = items[len(some):]
		told, err := s.tell(ctx, b, some)
		if err != nil {
			return nil, err
		}
		out = append(out, told...)
	}
	return out, nil
}

func (s *Service) tell(ctx context.Context, b outbox.Batch, items []outbox.Item) ([]Event, error) {
	entries, rows := make([]int64, len(items)), make([]int64, len(items))
	for i, it := range items {
		entries[i], rows[i] = it.ID, it.Row
	}
	changed := map[int64][]string{}
	if b.Resource != Jobs {
		var err error
		if changed, err = s.Audit.ChangedFields(ctx, entries); err != nil {
			return nil, err
		}
	}
	bodies, err := s.Rows.Bodies(ctx, b.Resource, rows)
	if err != nil {
		return nil, fmt.Errorf("tell of %s: %w", b.Resource, err)
	}
	out := make([]Event, len(items))
	for i, it := range items {
		out[i] = Event{ID: it.ID, Type: b.Type, At: b.At, Resource: b.Resource, Row: it.Row, RowID: s.Rows.RowID(b.Resource, it.Row), Changed: changed[it.ID], Data: bodies[it.Row]}
	}
	return out, nil
}
