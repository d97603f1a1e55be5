package notice

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Prefix begins the IDs of notices at the API.
const Prefix = "ntc"

// Code says what happened.
type Code string

// The codes there are.
const (
	DelayedConflicted Code = "delayed_conflicted"
	DelayedFailed     Code = "delayed_failed"
	JobFailed         Code = "job_failed"
	JobErrors         Code = "job_errors" // done, but for some rows
	ImportDone        Code = "import_done"
	EmailFailed       Code = "email_failed"
	WebhookDisabled   Code = "webhook_disabled"
	SignUpWaits       Code = "sign_up_waits"
)

// Codes is every code.
func Codes() []Code {
	return []Code{DelayedConflicted, DelayedFailed, JobFailed, JobErrors, ImportDone, EmailFailed, WebhookDisabled, SignUpWaits}
}

const (
	maxName   = 300  // letters
	maxDetail = 1000 // letters
	maxIDs    = 1000 // marked read one by one
)

// Notice is what happened, and to what.
type Notice struct {
	ID     int64
	Person string // key of the principal whom it concerns
	At     time.Time
	Code   Code
	Table  string // of the record, as the audit calls it
	RowID  int64
	Name   string // what people call the record
	Detail string // a sentence, or empty
	Read   bool
}

// Options is what the service is made of.
type Options struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   *id.Source
	Log   *slog.Logger
}

// Service is the use cases. Safe for concurrent use.
type Service struct {
	o      Options
	engine *list.Engine
}

// New gives the service.
func New(o Options) *Service {
	return &Service{o: o, engine: list.NewEngine(o.DB, o.Log, table(), nil)}
}

func table() *list.Table {
	var codes []list.Choice
	for _, c := range Codes() {
		codes = append(codes, list.Choice{Value: string(c), Label: strings.ToUpper(string(c[:1])) + strings.ReplaceAll(string(c[1:]), "_", " ")})
	}
	return &list.Table{Name: "notices", From: "notices n", ID: "n.id", Default: "-at", Unindexed: true, Keywords: []string{"name", "detail"},
		Fields: []list.Field{
			{Name: "code", Label: "What", Type: list.TypeChoice, Key: "n.code", Sortable: true, Filter: true, Required: true, Visible: true, Width: 240, Choices: codes},
			{Name: "name", Label: "About", Type: list.TypeText, Key: "n.name_key", Sortable: true, Filter: true, Visible: true, Width: 260},
			{Name: "at", Label: "Time", Type: list.TypeDate, Key: "n.at", Sortable: true, Filter: true, Visible: true, Width: 170},
			{Name: "detail", Label: "Detail", Type: list.TypeText, Key: "lower(n.detail)", Filter: true, Visible: true, Width: 360},
			{Name: "read", Label: "Read", Type: list.TypeBool, Key: "CASE WHEN n.read_at > 0 THEN 1 ELSE 0 END", Filter: true, Required: true, Visible: true, Width: 90},
		}}
}

// Add tells somebody, in the transaction of what happened. It asks for no permission: whoever adds knows that it concerns
// the person. Only people can be told; for everybody else nothing is kept.
func (s *Service) Add(ctx context.Context, tx *db.Tx, n Notice) error {
	if !strings.HasPrefix(n.Person, string(access.KindStaff)+":") {
		return nil
	}
	name, detail := clip(n.Name, maxName), clip(n.Detail, maxDetail)
	if _, err := tx.ExecContext(ctx, sqlInsert, s.o.IDs.Next(), n.Person, clock.Micros(s.o.Clock.Now()), string(n.Code), n.Table, n.RowID, name, fold.Key(name), detail); err != nil {
		return fmt.Errorf("add the notice: %w", err)
	}
	return nil
}

func clip(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// mine is the caller's key; only people have notices.
func mine(ctx context.Context) (string, error) {
	p := access.From(ctx).Principal
	switch p.Kind {
	case access.KindAnonymous:
		return "", errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
	default:
		return p.Key(), nil
	}
}

// ListTable is the declaration of the list.
func (s *Service) ListTable() *list.Table { return s.engine.Table() }

// List is one page of the caller's own notices.
func (s *Service) List(ctx context.Context, q list.Query) ([]Notice, list.Page, error) {
	person, err := mine(ctx)
	if err != nil {
		return nil, list.Page{}, err
	}
	q.Scope = &list.Scope{SQL: "n.person = ?", Args: []any{person}}
	return list.Rows(ctx, s.engine, q, columns, func(scan list.Scan) (Notice, error) {
		n := Notice{Person: person}
		var at, read int64
		err := scan(&n.ID, &at, &n.Code, &n.Table, &n.RowID, &n.Name, &n.Detail, &read)
		n.At, n.Read = clock.Time(at), read > 0
		return n, err
	})
}

// Unread is how many of the caller's notices were not looked at.
func (s *Service) Unread(ctx context.Context) (int64, error) {
	person, err := mine(ctx)
	if err != nil {
		return 0, err
	}
	var n int64
	if err := s.o.DB.Read().GetContext(ctx, &n, sqlUnread, person); err != nil {
		return 0, fmt.Errorf("count the notices: %w", err)
	}
	return n, nil
}

// Read notes that the caller has looked at some of their notices; those of others are passed over.
func (s *Service) Read(ctx context.Context, notices []int64) error {
	person, err := mine(ctx)
	if err != nil {
		return err
	}
	if len(notices) > maxIDs {
		var wrong errs.Fields
		wrong.Add("ids", "too_many", "Name at most %d notices.", maxIDs)
		return wrong.Err()
	}
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		for _, one := range notices {
			if _, err := tx.ExecContext(ctx, sqlRead, clock.Micros(s.o.Clock.Now()), person, one); err != nil {
				return fmt.Errorf("note that a notice was read: %w", err)
			}
		}
		return nil
	})
}

// ReadAll notes that the caller has looked at all that are not newer than one; 0: at all.
func (s *Service) ReadAll(ctx context.Context, upTo int64) error {
	person, err := mine(ctx)
	if err != nil {
		return err
	}
	if upTo == 0 {
		upTo = int64(1) << 62
	}
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlReadAll, clock.Micros(s.o.Clock.Now()), person, upTo); err != nil {
			return fmt.Errorf("note that notices were read: %w", err)
		}
		return nil
	})
}

// Told is a notice that came or was read, for the stream that tells its person.
type Told struct {
	ID     int64  `db:"id"` // of what was read at once, that of the first, below zero
	Person string `db:"person"`
}

// Recent is the newest notices that came or were read since an instant, a thousand of each at most. It asks for no
// permission: it is for the event stream, which tells each person of their own alone.
func (s *Service) Recent(ctx context.Context, since time.Time) ([]Told, error) {
	var out []Told
	for _, query := range []string{sqlRecent, sqlRecentlyRead} {
		var some []Told
		if err := s.o.DB.Read().SelectContext(ctx, &some, query, clock.Micros(since)); err != nil {
			return nil, fmt.Errorf("look for notices: %w", err)
		}
		out = append(out, some...)
	}
	return out, nil
}

// Purge forgets notices from before the keep began.
func (s *Service) Purge(ctx context.Context, keep time.Duration) error {
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlPurge, clock.Micros(s.o.Clock.Now().Add(-keep))); err != nil {
			return fmt.Errorf("purge notices: %w", err)
		}
		return nil
	})
}
