package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// Options is what reading and sealing need.
type Options struct {
	DB    *db.DB
	Clock clock.Clock
	Log   *slog.Logger
	Audit *Log // notes exports
	// Signer signs what stands for entries that were retired or erased, and heads that leave the installation.
	Signer Signer
	// Place is how callers who see a part of the customers are kept to it; without it they see nothing.
	Place Place
}

// Service reads the audit, seals it and checks it. Safe for concurrent use.
type Service struct {
	o      Options
	engine *list.Engine
	placed *list.Engine // for callers who see a part of the customers
}

// NewService gives the service.
func NewService(o Options) *Service {
	s := &Service{o: o}
	s.engine = list.NewEngine(o.DB, o.Log, declare(), s.count)
	s.placed = list.NewEngine(o.DB, o.Log, declarePlaced(), s.count)
	return s
}

// Kept is an entry as it is read.
type Kept struct {
	Entry
	ID         int64
	At         time.Time
	ActorKind  access.Kind
	ActorID    int64
	ActorName  string
	OnBehalfOf string
	IP         string
	Verb       string
	Comment    string
	RequestID  string
	Raw        json.RawMessage // the changes as they are kept
	ErasedAt   time.Time       // when its personal values went; zero: they are there
}

// declare says what the list of entries can be filtered and sorted by. Fragments of names, messages and comments are
// looked for from the newest entry on: that walks as far as the page needs, and to the end when nothing matches.
func declare() *list.Table {
	text := func(name, label, key string) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeText, Key: key, Filter: true}
	}
	indexed := func(f list.Field) list.Field { f.Sortable = true; return f }
	masked := func(f list.Field) list.Field { f.Mask = access.MaskAny; return f } // they hold values of any field
	shown := func(f list.Field, width int) list.Field { f.Visible, f.Width = true, width; return f }
	return &list.Table{Name: "audit_entries", From: "audit_entries a", ID: "a.id", Default: "-at", Keywords: []string{"actor", "row_name", "message", "comment"},
		Scopes: scopes,
		Fields: []list.Field{
			shown(list.Field{Name: "at", Label: "Time", Type: list.TypeDate, Key: "a.at", Sortable: true, Filter: true}, 170),
			shown(indexed(text("actor", "User", "a.actor_key")), 160),
			shown(indexed(text("ip", "IP address", "a.ip")), 130),
			shown(indexed(list.Field{Name: "action", Label: "Action", Type: list.TypeChoice, Key: "a.action", Filter: true, Required: true, Choices: actions()}), 100),
			shown(list.Field{Name: "table", Label: "Table", Type: list.TypeChoice, Key: "a.table_name", Filter: true, Required: true}, 120), // every owner of a table writes: the API knows them all
			shown(text("row_name", "Record", "a.row_key"), 200),
			shown(text("message", "Message", "lower(a.message)"), 260),
			text("comment", "Comment", "lower(a.comment)"),
			masked(text("changes", "Changes", "lower(a.changes)")),
			indexed(list.Field{Name: "row_id", Label: "Record ID", Type: list.TypeRef, Key: "a.row_id", Filter: true}),
			text("request_id", "Request ID", "lower(a.request_id)"),
		}}
}

func actions() []list.Choice {
	var out []list.Choice
	for _, a := range []struct {
		action Action
		label  string
	}{{ActionCreate, "Create"}, {ActionUpdate, "Update"}, {ActionDelete, "Delete"}, {ActionLogin, "Sign in"}, {ActionExport, "Export"}, {ActionRun, "Run"},
		{ActionErase, "Erase"}, {ActionReveal, "Show a secret"}} {
		out = append(out, list.Choice{Value: string(a.action), Label: a.label})
	}
	return out
}

// count is every entry: those under a seal are counted by it, those that were retired are not there any more.
func (s *Service) count(ctx context.Context, _ string) (int64, error) {
	last, err := lastSeal(ctx, s.o.DB.Read())
	if err != nil {
		return 0, err
	}
	var n int64
	if err := s.o.DB.Read().GetContext(ctx, &n, sqlBehind, last.LastID); err != nil {
		return 0, fmt.Errorf("count audit entries: %w", err)
	}
	retired, err := lastAnchor(ctx, s.o.DB.Read())
	return last.Total - retired.Entries + n, err
}

// ListTable is the declaration of the list.
func (s *Service) ListTable() *list.Table { return s.engine.Table() }

// Fields describes the list.
func (s *Service) Fields(ctx context.Context) ([]list.Description, error) {
	if err := access.Require(ctx, access.AuditRead); err != nil {
		return nil, err
	}
	return list.Describe(s.lister(ctx).Table().Fields, access.Masked(ctx)...), nil
}

// List is one page of entries.
func (s *Service) List(ctx context.Context, q list.Query) ([]Kept, list.Page, error) {
	if err := access.Require(ctx, access.AuditRead); err != nil {
		return nil, list.Page{}, err
	}
	q, err := s.query(ctx, q)
	if err != nil {
		return nil, list.Page{}, err
	}
	out, page, err := list.Rows(ctx, s.lister(ctx), q, entryColumns, scanned)
	if err != nil {
		return nil, list.Page{}, err
	}
	return out, page, s.shown(ctx, out)
}

func scanned(scan list.Scan) (Kept, error) {
	var r record
	if err := scan(r.dest()...); err != nil {
		return Kept{}, err
	}
	return r.kept(), nil
}

// masked is the entry as the caller may read it: values of fields that are hidden from them are not told.
func (k Kept) masked(p access.Principal) (Kept, error) {
	if len(p.Masks) == 0 || len(k.Raw) == 0 {
		return k, nil
	}
	var changes []struct {
		Change
		Masked bool `json:"masked,omitempty"`
	}
	if err := json.Unmarshal(k.Raw, &changes); err != nil {
		return k, fmt.Errorf("read the changes of an audit entry: %w", err)
	}
	for i := range changes {
		c := &changes[i]
		if c.Old, c.New = p.HideValue(c.Old), p.HideValue(c.New); p.HidesField(c.Field) {
			c.Old, c.New, c.Masked = nil, nil, true
		}
	}
	var err error
	if k.Raw, err = json.Marshal(changes); err != nil {
		return k, fmt.Errorf("tell the changes of an audit entry: %w", err)
	}
	return k, nil
}

func (r *record) kept() Kept {
	var erased time.Time
	if r.ErasedAt != 0 {
		erased = clock.Time(r.ErasedAt)
	}
	return Kept{
		Entry:    Entry{Action: Action(r.Action), Table: r.Table, RowID: r.RowID, RowName: r.RowName, Message: r.Message, Customer: r.CustomerID},
		ErasedAt: erased,
		ID:       r.ID, At: clock.Time(r.At), ActorKind: access.Kind(r.ActorKind), ActorID: r.ActorID, ActorName: r.ActorName, OnBehalfOf: r.OnBehalfOf,
		IP: r.IP, Verb: r.Verb, Comment: r.Comment, RequestID: r.RequestID, Raw: json.RawMessage(r.Changes),
	}
}

// Get is one entry.
func (s *Service) Get(ctx context.Context, entryID int64) (Kept, error) {
	if err := access.Require(ctx, access.AuditRead); err != nil {
		return Kept{}, err
	}
	var r record
	err := s.o.DB.Read().GetContext(ctx, &r, sqlGet, entryID)
	if errors.Is(err, sql.ErrNoRows) {
		return Kept{}, errs.NotFound("audit entry")
	}
	if err != nil {
		return Kept{}, fmt.Errorf("read the audit entry: %w", err)
	}
	if ok, err := s.sees(ctx, r.CustomerID); err != nil || !ok {
		return Kept{}, errors.Join(err, errs.NotFound("audit entry"))
	}
	one := []Kept{r.kept()}
	return one[0], s.shown(ctx, one)
}

// Export gives every entry of a list in order, in bounded memory, and notes that it did.
func (s *Service) Export(ctx context.Context, q list.Query, row func(Kept) error, page func() error) error {
	if err := access.Require(ctx, access.AuditExport); err != nil {
		return err
	}
	p, err := s.parse(ctx, q)
	if err != nil {
		return err
	}
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		return s.o.Audit.Record(ctx, tx, Entry{Action: ActionExport, Table: "audit_entries", Message: "Audit exported",
			Changes: []Change{{Field: "filter", New: q.Filter}, {Field: "q", New: q.Q}}})
	})
	if err != nil {
		return err
	}
	return s.lister(ctx).Each(ctx, p, entryColumns, func(scan list.Scan) error {
		k, err := scanned(scan)
		if err != nil {
			return err
		}
		one := []Kept{k}
		if err := s.shown(ctx, one); err != nil {
			return err
		}
		return row(one[0])
	}, page)
}

// Changed is a row that an entry tells of.
type Changed struct {
	ID    int64  `db:"id"` // of the entry
	Table string `db:"table_name"`
	RowID int64  `db:"row_id"`
}

// Recent is the newest changes since an instant, a thousand at most. It asks for no permission: it is for the event
// stream, which asks for itself.
func (s *Service) Recent(ctx context.Context, since time.Time) ([]Changed, error) {
	var out []Changed
	if err := s.o.DB.Read().SelectContext(ctx, &out, sqlRecent, clock.Micros(since)); err != nil {
		return nil, fmt.Errorf("look for changes: %w", err)
	}
	return out, nil
}

// ChangedFields is the names of the fields that changed, of each entry of a list of IDs that changed some. It asks for
// no permission: it is for who tells of changes, and asks for itself. A thousand IDs at most.
func (s *Service) ChangedFields(ctx context.Context, entries []int64) (map[int64][]string, error) {
	out := map[int64][]string{}
	if len(entries) == 0 {
		return out, nil
	}
	args := make([]any, len(entries))
	for i, n := range entries {
		args[i] = n
	}
	var found []struct {
		ID      int64  `db:"id"`
		Changes string `db:"changes"`
	}
	if err := s.o.DB.Read().SelectContext(ctx, &found, fmt.Sprintf(sqlChangesOf, db.Placeholders(1, len(args))), args...); err != nil {
		return nil, fmt.Errorf("read what changed: %w", err)
	}
	for _, f := range found {
		var changes []Change
		if err := json.Unmarshal([]byte(f.Changes), &changes); err != nil {
			return nil, fmt.Errorf("read what changed: %w", err)
		}
		for _, c := range changes {
			out[f.ID] = append(out[f.ID], c.Field)
		}
	}
	return out, nil
}
