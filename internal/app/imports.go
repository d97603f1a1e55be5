package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/core/importer"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// ImportSpec is what the command line says about a file to import. Zero values leave what was recognised.
type ImportSpec struct {
	Path      string
	Mode      string
	Match     []string
	Preset    string
	Columns   map[string]string // field by name of the column, or by its number from 1; "" leaves it out
	Defaults  map[string]string
	Encoding  string
	Separator string
	NoHeader  bool
	SkipRows  *int // above the header; nil: as it looks
	Sheet     string
	Country   string
	NoGroups  bool
}

// ErrNoColumn says that ImportSpec.Columns names a column that the file does not have.
var ErrNoColumn = errors.New("the file has no such column")

// FileImport is an import of a file of this machine.
type FileImport struct {
	imports *importer.Service
	id      int64
	Started ImportReport // as it was set up
}

// ImportReport is what an import is, and what became of its rows or would.
type ImportReport struct {
	Import  string           `json:"import"`
	State   string           `json:"state"`
	Format  string           `json:"format"`
	Preset  string           `json:"preset"`
	Summary importer.Summary `json:"summary"`
	Notes   []string         `json:"notes"`
	Wrong   []string         `json:"wrong"` // the first wrong rows, in words
	Errors  string           `json:"errors_file,omitempty"`
	Error   string           `json:"error,omitempty"`
}

// OpenImport stores a file and sets its import up. read is told how many bytes of how many were read; it may be nil.
func (a *App) OpenImport(ctx context.Context, spec ImportSpec, read func(done, total int64)) (*FileImport, error) {
	m, err := a.upload(ctx, spec.Path, read)
	if err != nil {
		return nil, err
	}
	f := &FileImport{imports: a.Imports, id: m.ID}
	reading := importer.Patch{}
	set := func(to **string, value string) {
		if value != "" {
			*to = &value
		}
	}
	set(&reading.Encoding, spec.Encoding)
	set(&reading.Separator, spec.Separator)
	set(&reading.Sheet, spec.Sheet)
	set(&reading.Preset, spec.Preset)
	if spec.NoHeader {
		reading.HasHeader = new(bool)
	}
	if spec.SkipRows != nil {
		reading.SkipRows = spec.SkipRows
	}
	if reading != (importer.Patch{}) {
		if m, err = a.Imports.Change(ctx, m.ID, 0, reading); err != nil {
			return nil, err
		}
	}
	mode := importer.Mode(spec.Mode)
	meaning := importer.Patch{Mode: &mode, Options: &importer.Choices{CreateGroups: !spec.NoGroups, Country: spec.Country}}
	if len(spec.Match) > 0 {
		meaning.Match = &spec.Match
	}
	if len(spec.Defaults) > 0 {
		meaning.Defaults = &spec.Defaults
	}
	if len(spec.Columns) > 0 {
		mapping, err := mapped(m, spec.Columns)
		if err != nil {
			return nil, err
		}
		meaning.Mapping = &mapping
	}
	if _, err = a.Imports.Change(ctx, m.ID, 0, meaning); err != nil {
		return nil, err
	}
	f.Started, err = f.Report(ctx)
	return f, err
}

func (a *App) upload(ctx context.Context, path string, read func(done, total int64)) (m *importer.Import, err error) {
	in, err := OpenSteady(path)
	if err != nil {
		return nil, err
	}
	in.told = read
	defer func() { err = errors.Join(err, in.Close()) }()
	return a.Imports.Upload(ctx, filepath.Base(path), importer.TargetCustomers, in)
}

// mapped is an import's mapping with the columns that are given.
func mapped(m *importer.Import, columns map[string]string) ([]importer.Mapping, error) {
	field := map[int]string{}
	for name, to := range columns {
		at := slices.IndexFunc(m.Columns, func(c importer.FileColumn) bool {
			return strings.EqualFold(c.Name, name) || strconv.Itoa(c.Index+1) == name
		})
		if at < 0 {
			return nil, fmt.Errorf("%w: %s", ErrNoColumn, name)
		}
		field[at] = to
	}
	var out []importer.Mapping
	for _, g := range m.Mapping {
		if _, given := field[g.Column]; !given {
			out = append(out, g)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(field)) {
		if to := field[column]; to != "" {
			out = append(out, importer.Mapping{Column: column, Field: to})
		}
	}
	return out, nil
}

// Check is a dry run in this process. progress is told how many rows of how many were handled; it may be nil.
func (f *FileImport) Check(ctx context.Context, progress func(done, total int64)) error {
	return f.imports.CheckHere(ctx, f.id, rowsOf(progress))
}

// Run imports in this process. When ctx ends first, the import is cancelled; what is in stays.
func (f *FileImport) Run(ctx context.Context, progress func(done, total int64)) error {
	return f.imports.RunHere(ctx, f.id, rowsOf(progress))
}

func rowsOf(progress func(done, total int64)) func(job.Job) {
	if progress == nil {
		return nil
	}
	return func(j job.Job) { progress(j.Done, j.Total) }
}

// Report is how the import is now.
func (f *FileImport) Report(ctx context.Context) (ImportReport, error) {
	m, err := f.imports.Get(ctx, f.id)
	if err != nil {
		return ImportReport{}, err
	}
	out := ImportReport{Import: id.Format(importer.Prefix, m.ID), State: string(m.State), Format: m.Format(), Preset: m.Preset, Summary: m.Report(),
		Notes: []string{}, Wrong: []string{}, Error: m.Trouble()}
	if m.Encoding != "" {
		out.Format += ", " + string(m.Encoding)
	}
	for _, n := range m.Notes {
		out.Notes = append(out.Notes, n.Message)
	}
	rows, _, err := f.imports.Rows(ctx, m.ID, importer.RowQuery{Outcome: importer.OutcomeWrong, Limit: shownWrong})
	for _, r := range rows {
		for _, p := range r.Problems {
			out.Wrong = append(out.Wrong, fmt.Sprintf("line %d: %s", r.Line, strings.TrimPrefix(p.Field+": "+p.Message, ": ")))
		}
	}
	return out, err
}

// shownWrong is how many wrong rows a report tells in words.
const shownWrong = 10

// Words is the report's figures in words. would: nothing was done yet.
func (r ImportReport) Words(would bool) string {
	created, updated := "created", "updated"
	if would {
		created, updated = "to create", "to update"
	}
	s := r.Summary
	words := fmt.Sprintf("%d rows: %d %s", s.Rows, s.Create, created)
	for _, p := range []struct {
		n    int64
		what string
	}{{s.Update, updated}, {s.Unchanged, "unchanged"}, {s.Skip, "imported before"}, {s.Wrong, "wrong"}, {s.Warnings, "doubtful"}} {
		if p.n > 0 {
			words += fmt.Sprintf(", %d %s", p.n, p.what)
		}
	}
	return words
}

// WriteErrors writes the wrong rows, with the reasons, to a new file or over an old one.
func (f *FileImport) WriteErrors(ctx context.Context, path string) (err error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the wrong rows: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return f.imports.WriteErrors(ctx, f.id, out)
}

// SteadyFile reads a file of this machine from its beginning to its end, and refuses with file_changed when it grows, shrinks or
// is written meanwhile: half a file must not be taken for the whole.
type SteadyFile struct {
	f    *os.File
	size int64
	at   time.Time // when it was written last
	read int64
	told func(done, total int64) // may be nil
}

// OpenSteady opens a regular file. The caller closes it.
func OpenSteady(path string) (*SteadyFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errs.New(errs.KindInvalid, "not_a_file", "%s is no regular file.", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &SteadyFile{f: f, size: info.Size(), at: info.ModTime()}, nil
}

// Read gives the next bytes; at the end it looks whether the file is still what it was.
func (s *SteadyFile) Read(p []byte) (int, error) {
	n, err := s.f.Read(p)
	s.read += int64(n)
	if s.told != nil {
		s.told(s.read, s.size)
	}
	if s.read > s.size {
		return 0, errChanged()
	}
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	info, statErr := s.f.Stat()
	if statErr != nil {
		return n, fmt.Errorf("look at the file again: %w", statErr)
	}
	if s.read != s.size || info.Size() != s.size || !info.ModTime().Equal(s.at) {
		return 0, errChanged()
	}
	return n, err
}

// Close closes the file.
func (s *SteadyFile) Close() error { return s.f.Close() }

func errChanged() error {
	return errs.New(errs.KindConflict, "file_changed", "The file changed while it was read. Nothing was imported; try again when nobody writes to it.")
}
