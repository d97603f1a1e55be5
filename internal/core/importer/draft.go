package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/file"
	"tandem/internal/core/group"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/list"
	"tandem/internal/kit/tabular"
)

// The kinds of job.
const (
	KindCheck = "import_check"
	KindRun   = "import_run"
	KindUndo  = "import_undo"
)

const (
	defaultMaxBytes = 4 << 30
	sampleRows      = 20
	sampleShown     = 5
	sampleLetters   = 80
	maxFileName     = 200
	headBytes       = 64 << 10
)

// Options is what the service is made of.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       *id.Source
	Audit     *audit.Log
	Log       *slog.Logger
	Customers *customer.Service
	Groups    *group.Service
	Files     *file.Service
	Jobs      *job.Service
	MaxBytes  int64 // largest upload; 0 means 4 GiB
	Batch     int   // rows in one transaction; 0 means 1,000
	Keys      int   // keys that a check holds in memory, twelve bytes each; the others wait in the database. 0 means 3 million
}

// Service is the use cases of imports. Safe for concurrent use.
type Service struct {
	o      Options
	lister *list.Engine
}

// New gives the service and registers its jobs. Call it before the jobs start.
func New(o Options) *Service {
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.Batch == 0 {
		o.Batch = 1000
	}
	if o.Keys == 0 {
		o.Keys = 3_000_000
	}
	s := &Service{o: o, lister: lister(o.DB, o.Log)}
	o.Jobs.Handle(KindCheck, s.check)
	o.Jobs.Handle(KindRun, s.run)
	o.Jobs.Handle(KindUndo, s.undo)
	for _, kind := range []string{KindCheck, KindRun, KindUndo} {
		o.Jobs.OnEnd(kind, s.ended)
	}
	for _, kind := range []string{KindCheck, KindRun} {
		o.Jobs.HandleRows(kind, job.KeptRows{Columns: s.jobColumns, Each: s.eachJobProblem})
	}
	o.Jobs.HandleUndo(KindRun, KindUndo, s.prepareUndo)
	return s
}

// MaxBytes is the largest file that is taken.
func (s *Service) MaxBytes() int64 { return s.o.MaxBytes }

func (s *Service) now() int64 { return clock.Micros(s.o.Clock.Now()) }

// lostUpload is how old a stored file must be that is no import's yet, to say that it will never be one.
const lostUpload = time.Hour

// Upload stores a file and makes a draft of it. A file that is no table, broken or too large is refused, and nothing of it stays.
func (s *Service) Upload(ctx context.Context, name, target string, r io.Reader) (*Import, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return nil, err
	}
	name = cleanName(name)
	look := &lookThrough{r: r, name: name}
	f, err := s.o.Files.CreateNoted(ctx, name, look, file.Limits{Bytes: s.o.MaxBytes}, func(tx *db.Tx, f file.File) error {
		_, err := tx.ExecContext(ctx, sqlUploaded, f.ID, s.now())
		return err
	})
	if err != nil {
		if look.refused != nil {
			return nil, refusal(look.refused, "file")
		}
		return nil, err
	}
	m, err := s.create(ctx, f, target, look)
	if err != nil {
		s.drop(ctx, f.ID)
		return nil, err
	}
	return m, nil
}

// Create makes a draft of a file that is stored already. The file is the import's from then on.
func (s *Service) Create(ctx context.Context, fileID int64, target string) (*Import, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return nil, err
	}
	r, err := s.o.Files.Open(ctx, fileID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	look := &lookThrough{r: r, name: r.File().Name}
	if _, err := io.Copy(io.Discard, look); err != nil {
		if look.refused != nil {
			return nil, refusal(look.refused, "file")
		}
		return nil, fmt.Errorf("look through the file: %w", err)
	}
	return s.create(ctx, r.File(), target, look)
}

func (s *Service) create(ctx context.Context, f file.File, target string, look *lookThrough) (*Import, error) {
	if target == "" {
		target = TargetCustomers
	}
	if target != TargetCustomers {
		var wrong errs.Fields
		wrong.Add("target", "unknown_target", "Only customers can be imported.")
		return nil, wrong.Err()
	}
	format, err := look.format()
	if err != nil {
		return nil, refusal(err, "file")
	}
	now := s.o.Clock.Now()
	p := access.From(ctx).Principal
	m := &Import{ID: s.o.IDs.Next(), Target: target, FileID: f.ID, FileName: f.Name, Size: f.Size, State: StateDraft,
		Owner: p.Key(), OwnerName: p.Name, CreatedAt: now, UpdatedAt: now, Version: 1}
	m.Kind, m.Encoding, m.HasHeader = format.Kind, format.Encoding, format.HasHeader
	if format.Separator != 0 {
		m.Separator = string(format.Separator)
	}
	m.Defaults, m.Options, m.Mode = map[string]string{}, Choices{CreateGroups: true}, ModeCreate
	if err := s.findTable(ctx, m); err != nil {
		return nil, refusal(err, "file")
	}
	if err := s.readColumns(ctx, m); err != nil {
		return nil, refusal(err, "file")
	}
	s.advise(ctx, &m.setup, "")
	return m, s.insert(ctx, m)
}

func (s *Service) insert(ctx context.Context, m *Import) error {
	set, err := encode(m.setup)
	if err != nil {
		return err
	}
	done, err := encode(m.progress)
	if err != nil {
		return err
	}
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, sqlInsert, m.ID, m.Target, m.FileID, m.FileName, fold.Key(m.FileName), m.Size, string(m.State), set, done,
			m.Owner, m.OwnerName, fold.Key(m.OwnerName), clock.Micros(m.CreatedAt))
		if err != nil {
			return fmt.Errorf("keep an import: %w", err)
		}
		if _, err := tx.ExecContext(ctx, sqlTaken, m.FileID); err != nil {
			return fmt.Errorf("keep an import: %w", err)
		}
		return s.record(ctx, tx, m, audit.ActionCreate, "File uploaded for import", []audit.Change{{Field: "file_name", New: m.FileName}, {Field: "size", New: m.Size}})
	})
}

func (s *Service) record(ctx context.Context, tx *db.Tx, m *Import, action audit.Action, message string, changes []audit.Change) error {
	return s.o.Audit.Record(ctx, tx, audit.Entry{Action: action, Table: Table, RowID: m.ID, RowName: m.FileName, Message: message, Changes: changes})
}

// drop removes a file that no import has. Should it fail, Purge does it later.
func (s *Service) drop(ctx context.Context, fileID int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.forget(ctx, fileID); err != nil {
		s.o.Log.Warn("the file of a refused upload could not be removed", "error", err)
	}
}

func (s *Service) forget(ctx context.Context, fileID int64) error {
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlTaken, fileID); err != nil {
			return fmt.Errorf("forget an upload: %w", err)
		}
		return s.o.Files.Remove(ctx, tx, fileID)
	})
}

// cleanName is a file's name without folders and what no screen shows.
func cleanName(name string) string {
	name = filepath.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "?"), "\\", "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name))
	if r := []rune(name); len(r) > maxFileName {
		name = string(r[len(r)-maxFileName:])
	}
	if name == "" || name == "." || name == "/" {
		return "file"
	}
	return name
}

// refusal tells a file that cannot be read as a wrong field.
func refusal(err error, field string) error {
	var e *tabular.Error
	if !errors.As(err, &e) {
		return err
	}
	kind := errs.KindInvalid
	switch e.Code {
	case tabular.CodeMismatch, tabular.CodeBinary, tabular.CodeOldExcel, tabular.CodeEncrypted:
		kind = errs.KindUnsupported
	case tabular.CodeZipBomb:
		kind = errs.KindTooLarge
	}
	sentence := sentence(e.Error())
	return &errs.Error{Kind: kind, Code: e.Code, Detail: sentence, Fields: []errs.Field{{Field: field, Code: e.Code, Message: sentence}}}
}

func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:] + "."
}

// lookThrough passes a file on and looks at it meanwhile: what is no table is refused before the rest has come, and
// whether it is UTF-8 is known when it is there.
type lookThrough struct {
	r       io.Reader
	name    string
	head    []byte
	known   bool   // the head has been looked at
	letter  []byte // the first bytes that are not ASCII, up to a whole character
	refused error
	f       tabular.Format
}

// Read passes on what it reads.
func (l *lookThrough) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.look(p[:n])
	if !l.known && (len(l.head) >= headBytes || errors.Is(err, io.EOF)) {
		l.known = true
		if l.f, l.refused = tabular.Detect(l.head, l.name); l.refused != nil {
			return 0, l.refused
		}
	}
	return n, err
}

func (l *lookThrough) look(p []byte) {
	if room := headBytes - len(l.head); room > 0 {
		l.head = append(l.head, p[:min(room, len(p))]...)
	}
	if len(l.letter) == 0 {
		i := bytes.IndexFunc(p, func(r rune) bool { return r >= utf8.RuneSelf })
		if i < 0 {
			return
		}
		p = p[i:]
	}
	if room := utf8.UTFMax - len(l.letter); room > 0 {
		l.letter = append(l.letter, p[:min(room, len(p))]...)
	}
}

// format is what the file is. What begins like UTF-8 and is not is Windows-1252.
func (l *lookThrough) format() (tabular.Format, error) {
	if !l.known {
		return tabular.Detect(l.head, l.name)
	}
	if l.f.Kind == tabular.CSV && l.f.Encoding == tabular.UTF8 && len(l.letter) > 0 {
		if r, n := utf8.DecodeRune(l.letter); r == utf8.RuneError && n <= 1 {
			l.f.Encoding = tabular.Windows1252
		}
	}
	return l.f, nil
}
