package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/geo"
	"tandem/internal/kit/job"
	"tandem/internal/kit/tabular"
)

// maxSkipRows is how many rows may be left out above a table.
const maxSkipRows = 100

// Get is one import.
func (s *Service) Get(ctx context.Context, importID int64) (*Import, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return nil, err
	}
	return visible(ctx, s.o.DB.Read(), sqlGet, importID)
}

// Preview is the first rows of the file as they are read, without secrets.
func (s *Service) Preview(ctx context.Context, importID int64, most int) (*Import, []tabular.Row, error) {
	m, err := s.Get(ctx, importID)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.firstRows(ctx, m, m.above()+max(1, min(most, 200)))
	if err != nil {
		return nil, nil, refusal(err, "file")
	}
	rows = rows[min(m.above(), len(rows)):]
	for _, r := range rows {
		for i := range r.Cells {
			r.Cells[i] = m.restored(r.Cells[i])
			if i < len(m.Columns) && isSecret(m.Columns[i].Name) {
				r.Cells[i] = ""
			}
		}
	}
	return m, rows, nil
}

// Patch is what a person changes about an import; nil leaves a part as it is.
type Patch struct {
	Encoding  *string
	Separator *string
	HasHeader *bool
	SkipRows  *int
	Sheet     *string
	Preset    *string
	Mapping   *[]Mapping
	Defaults  *map[string]string
	Options   *Choices
	Mode      *Mode
	Match     *[]string
}

// reads tells whether the patch changes how the file is read.
func (p Patch) reads() bool {
	return p.Encoding != nil || p.Separator != nil || p.HasHeader != nil || p.SkipRows != nil || p.Sheet != nil
}

// Change changes the setup of an import. version is the one the caller read; 0 stands for "whatever it is now". What was
// found by a check is forgotten. Once rows are in, how the file is read is fixed.
func (s *Service) Change(ctx context.Context, importID, version int64, p Patch) (*Import, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return nil, err
	}
	m, err := visible(ctx, s.o.DB.Read(), sqlGet, importID)
	if err != nil {
		return nil, err
	}
	was, before := m.Version, m.setup
	if err := s.mayChange(m, version, p); err != nil {
		return nil, err
	}
	if err := s.apply(ctx, m, p); err != nil {
		return nil, err
	}
	m.checked = nil
	if m.State == StateChecked || m.State == StateFailed {
		m.State = StateDraft
		if m.progress.Begun {
			m.State = StateCancelled
			if m.progress.Finished {
				m.State = StateDone
			}
		}
	}
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := locked(ctx, tx, importID)
		if err != nil {
			return err
		}
		if now.Version != was {
			return errs.Stale(now)
		}
		m.progress = now.progress
		if err := saveSetup(ctx, tx, m, s.now()); err != nil {
			return err
		}
		changes, err := differences(before, m.setup)
		if err != nil {
			return err
		}
		return s.record(ctx, tx, m, audit.ActionUpdate, "Import set up", changes)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, importID)
}

// differences are the parts of two setups that differ, as the audit tells them.
func differences(before, after setup) ([]audit.Change, error) {
	var out []audit.Change
	for _, p := range []struct {
		name     string
		old, now any
	}{
		{"encoding", before.Encoding, after.Encoding}, {"separator", before.Separator, after.Separator}, {"has_header", before.HasHeader, after.HasHeader},
		{"skip_rows", before.SkipRows, after.SkipRows},
		{"sheet", before.Sheet, after.Sheet}, {"preset", before.Preset, after.Preset}, {"mapping", before.Mapping, after.Mapping},
		{"defaults", before.Defaults, after.Defaults}, {"options", before.Options, after.Options}, {"mode", before.Mode, after.Mode}, {"match", before.Match, after.Match},
	} {
		old, err := encode(p.old)
		if err != nil {
			return nil, err
		}
		now, err := encode(p.now)
		if err != nil {
			return nil, err
		}
		if old != now {
			out = append(out, audit.Change{Field: p.name, Old: p.old, New: p.now})
		}
	}
	return out, nil
}

func (s *Service) mayChange(m *Import, version int64, p Patch) error {
	switch {
	case version != 0 && version != m.Version:
		return errs.Stale(m)
	case m.State.busy():
		return busy()
	case m.State == StateUndone:
		return errs.New(errs.KindConflict, "import_undone", "This import was taken back. Upload the file again.")
	case m.progress.Begun && p.reads():
		return errs.New(errs.KindConflict, "import_begun", "Rows of this file are in already: how it is read cannot change any more.")
	}
	return nil
}

// apply puts the patch into the setup, or tells every wrong part of it.
func (s *Service) apply(ctx context.Context, m *Import, p Patch) error {
	var wrong errs.Fields
	if p.reads() {
		s.applyReading(m, p, &wrong)
		if err := wrong.Err(); err != nil {
			return err
		}
		if p.Sheet != nil && p.SkipRows == nil {
			if err := s.findTable(ctx, m); err != nil {
				return refusal(err, "sheet")
			}
		}
		if err := s.readColumns(ctx, m); err != nil {
			return refusal(err, readingField(p))
		}
		mode, match, options := m.Mode, m.Match, m.Options
		s.advise(ctx, &m.setup, "")
		m.Mode, m.Options = mode, options
		if p.Match == nil && m.Preset != PresetTandem {
			m.Match = match
		}
	}
	if p.Preset != nil {
		if _, ok := findPreset(*p.Preset); !ok && *p.Preset != "" {
			wrong.Add("preset", "unknown_preset", "There is no preset %q.", cut(*p.Preset))
		} else {
			s.advise(ctx, &m.setup, *p.Preset)
			m.Preset = *p.Preset
		}
	}
	if p.Mapping != nil {
		m.Mapping = slices.Clone(*p.Mapping)
		s.checkMapping(ctx, m, &wrong)
	}
	if p.Defaults != nil {
		m.Defaults = *p.Defaults
		s.checkDefaults(ctx, m, &wrong)
	}
	if p.Options != nil {
		m.Options = *p.Options
		if m.Options.Country != "" {
			code, ok := geo.Country(m.Options.Country)
			if !ok {
				wrong.Add("options.country", "bad_country", "There is no such country: give its name or two-letter code.")
			}
			m.Options.Country = code
		}
	}
	if p.Mode != nil {
		m.Mode = *p.Mode
		if !slices.Contains([]Mode{ModeCreate, ModeUpdate, ModeUpsert}, m.Mode) {
			wrong.Add("mode", "unknown_mode", "The mode is create, update or upsert.")
		}
	}
	if p.Match != nil {
		m.Match = slices.Compact(slices.Clone(*p.Match))
		if len(m.Match) == 0 || slices.ContainsFunc(m.Match, func(k string) bool { return !slices.Contains(allKeys, k) }) {
			wrong.Add("match", "unknown_key", "Rows are matched by reference, customer_id and email, in the order you say.")
		}
	}
	m.note()
	return wrong.Err()
}

func readingField(p Patch) string {
	switch {
	case p.Sheet != nil:
		return "sheet"
	case p.Encoding != nil:
		return "encoding"
	case p.Separator != nil:
		return "separator"
	case p.SkipRows != nil:
		return "skip_rows"
	}
	return "has_header"
}

func (s *Service) applyReading(m *Import, p Patch, wrong *errs.Fields) {
	if p.Encoding != nil {
		m.Encoding = tabular.Encoding(*p.Encoding)
		if m.Kind != tabular.CSV || !slices.Contains(tabular.Encodings(), m.Encoding) {
			wrong.Add("encoding", "unknown_encoding", "The encoding of a CSV file is utf-8, windows-1252, utf-16le or utf-16be.")
		}
	}
	if p.Separator != nil {
		m.Separator = *p.Separator
		r, n := utf8.DecodeRuneInString(m.Separator)
		if m.Kind != tabular.CSV || n != len(m.Separator) || r == '"' || r >= utf8.RuneSelf || r < ' ' && r != '\t' {
			wrong.Add("separator", "bad_separator", "The separator of a CSV file is one ASCII character, such as a comma, a semicolon or a tab.")
		}
	}
	if p.HasHeader != nil {
		m.HasHeader = *p.HasHeader
	}
	if p.SkipRows != nil {
		if m.SkipRows = *p.SkipRows; m.SkipRows < 0 || m.SkipRows > maxSkipRows {
			wrong.Add("skip_rows", "out_of_range", "Between 0 and %d rows stand above the table.", maxSkipRows)
		}
	}
	if p.Sheet != nil {
		m.Sheet = *p.Sheet
		if !slices.Contains(m.Sheets, m.Sheet) {
			wrong.Add("sheet", "no_such_sheet", "The workbook has no such sheet.")
		}
	}
}

func (s *Service) checkMapping(ctx context.Context, m *Import, wrong *errs.Fields) {
	fields := map[string]bool{KeyCustomerID: true}
	for _, f := range s.o.Customers.ListTable().Fields {
		fields[f.Name] = fields[f.Name] || f.Importable
	}
	columns, taken := map[int]bool{}, map[string]bool{}
	for i, g := range m.Mapping {
		at := fmt.Sprintf("mapping[%d].", i)
		_, kept := keptFields[g.Field]
		switch {
		case g.Column < 0 || g.Column >= len(m.Columns):
			wrong.Add(at+"column", "unknown_column", "The file has %d columns, counted from 0.", len(m.Columns))
			continue
		case columns[g.Column]:
			wrong.Add(at+"column", "twice", "A column becomes one field.")
		case g.Field == "":
		case isSecret(m.Columns[g.Column].Name):
			wrong.Add(at+"field", "secret_column", "%s holds secrets, which are never stored.", cut(m.Columns[g.Column].Name))
		case access.Hidden(ctx, g.Field):
			wrong.Add(at+"field", "masked", "Your role does not show you this field, so it stays as it is.")
		case !fields[g.Field] && !kept:
			wrong.Add(at+"field", "unknown_field", "There is no field %q to import into.", cut(g.Field))
		case (g.Transform == TransformDMY || g.Transform == TransformMDY) && !s.isDay(g.Field):
			wrong.Add(at+"transform", "not_a_date", "The transforms dmy and mdy are for fields that hold dates.")
		case taken[g.Field] && g.Transform != TransformIfBlank:
			wrong.Add(at+"field", "twice", "Another column becomes %s already. With the transform if_blank this one stands in where that is blank.", g.Field)
		}
		if !slices.Contains([]string{"", TransformIfBlank, TransformDMY, TransformMDY}, g.Transform) {
			wrong.Add(at+"transform", "unknown_transform", "The transforms are if_blank, dmy and mdy.")
		}
		columns[g.Column] = true
		taken[g.Field] = taken[g.Field] || g.Field != "" && g.Transform != TransformIfBlank
	}
}

func (s *Service) checkDefaults(ctx context.Context, m *Import, wrong *errs.Fields) {
	for name, value := range m.Defaults {
		probe := &customer.Draft{}
		if name != "groups" && !s.o.Customers.SetField(probe, name, value, true) {
			wrong.Add("defaults."+cut(name), "unknown_field", "There is no such field that can have a default.")
		}
		if access.Hidden(ctx, name) {
			wrong.Add("defaults."+cut(name), "masked", "Your role does not show you this field, so it stays as it is.")
		}
		if utf8.RuneCountInString(value) > 1000 {
			wrong.Add("defaults."+cut(name), "too_long", "A default has at most 1000 characters.")
		}
	}
	if len(m.Defaults) > 200 {
		wrong.Add("defaults", "too_many", "There are not so many fields.")
	}
}

// ready tells why an import cannot be checked or run as it is.
func (m *Import) ready() error {
	switch {
	case m.State.busy():
		return busy()
	case m.State == StateUndone:
		return errs.New(errs.KindConflict, "import_undone", "This import was taken back. Upload the file again.")
	case m.progress.Finished && m.progress.Summary.Wrong == 0:
		return errs.New(errs.KindConflict, "nothing_left", "Every row of this file is in.")
	}
	var wrong errs.Fields
	mapped := map[string]bool{}
	for _, g := range m.Mapping {
		mapped[g.Field] = true
	}
	delete(mapped, "")
	switch {
	case len(mapped) == 0:
		wrong.Add("mapping", "empty", "Say what at least one column means.")
	case m.Mode != ModeCreate && !slices.ContainsFunc(m.Match, func(k string) bool { return mapped[k] }):
		wrong.Add("match", "not_mapped", "To find customers, a column must be mapped to one of the keys: reference, customer_id or email.")
	case m.Mode != ModeUpdate && !mapped["name"] && !mapped["company"] && !mapped["first_name"] && !mapped["last_name"] && m.Defaults["name"] == "":
		wrong.Add("mapping", "no_name", "New customers need a name: map a column to name, company, first_name or last_name.")
	}
	return wrong.Err()
}

// Check begins a dry run.
func (s *Service) Check(ctx context.Context, importID int64) (job.Job, error) {
	return s.begin(ctx, importID, KindCheck, false)
}

// Run begins the import, or goes on with it: rows that are not in yet, the wrong ones with their corrections.
func (s *Service) Run(ctx context.Context, importID int64) (job.Job, error) {
	return s.begin(ctx, importID, KindRun, false)
}

func (s *Service) begin(ctx context.Context, importID int64, kind string, here bool) (job.Job, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return job.Job{}, err
	}
	var j job.Job
	err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := locked(ctx, tx, importID)
		if err != nil {
			return err
		}
		if err := m.ready(); err != nil {
			return err
		}
		if m.FileID == 0 && !m.progress.Finished {
			return fileGone(m)
		}
		label, message := "Check of "+m.FileName, "Check of an import started"
		if kind == KindRun {
			label, message = "Import of "+m.FileName, "Import started"
		}
		j, err = s.o.Jobs.Enqueue(ctx, tx, job.Spec{Kind: kind, Label: label, Payload: payload{Import: m.ID, RetryUntil: m.toldUntil()}, Total: m.Rows(), Here: here})
		if err != nil {
			return err
		}
		if kind == KindRun {
			m.State, m.RunJob = StateRunning, j.ID
			m.progress.Begun = true
		} else {
			m.State, m.CheckJob, m.checked = StateChecking, j.ID, nil
		}
		if err := saveSetup(ctx, tx, m, s.now()); err != nil {
			return err
		}
		if err := saveState(ctx, tx, m, s.now()); err != nil {
			return err
		}
		return s.record(ctx, tx, m, audit.ActionRun, message, []audit.Change{{Field: "mode", New: string(m.Mode)}, {Field: "preset", New: m.Preset}})
	})
	return j, err
}

// CheckHere is Check in this process: it returns when the check has ended, with an error when it did not end well.
// progress is told each time something changed; it may be nil.
func (s *Service) CheckHere(ctx context.Context, importID int64, progress func(job.Job)) error {
	return s.here(ctx, importID, KindCheck, progress)
}

// RunHere is Run in this process, as CheckHere. When ctx ends first, the import is cancelled; what is in stays.
func (s *Service) RunHere(ctx context.Context, importID int64, progress func(job.Job)) error {
	return s.here(ctx, importID, KindRun, progress)
}

func (s *Service) here(ctx context.Context, importID int64, kind string, progress func(job.Job)) error {
	j, err := s.begin(ctx, importID, kind, true)
	if err != nil {
		return err
	}
	err = s.o.Jobs.RunHere(ctx, j.ID, progress)
	if ctx.Err() != nil { // it was given back: nobody is to go on with it behind our back
		_, cancelled := s.o.Jobs.Cancel(context.WithoutCancel(ctx), j.ID)
		return errors.Join(err, cancelled)
	}
	return err
}

// toldUntil is the last line that a run has told.
func (m *Import) toldUntil() int64 {
	if !m.progress.Begun {
		return 0
	}
	return m.progress.Line
}

// Cancel stops the job that is at work on an import.
func (s *Service) Cancel(ctx context.Context, importID int64) (*Import, error) {
	m, err := s.Get(ctx, importID)
	if err != nil {
		return nil, err
	}
	var n int64
	switch m.State {
	case StateChecking:
		n = m.CheckJob
	case StateRunning:
		n = m.RunJob
	case StateUndoing:
		n = m.UndoJob
	default:
		return nil, errs.New(errs.KindConflict, "nothing_to_cancel", "No job is at work on this import.")
	}
	if _, err := s.o.Jobs.Cancel(ctx, n); err != nil {
		return nil, err
	}
	return s.Get(ctx, importID)
}

// Purge removes the files of imports that nobody went on with for so long, and uploads that never became an import. It
// tells how many.
func (s *Service) Purge(ctx context.Context, idle time.Duration) (int, error) {
	var lost []int64
	if err := s.o.DB.Read().SelectContext(ctx, &lost, sqlOldUploads, clock.Micros(s.o.Clock.Now().Add(-lostUpload))); err != nil {
		return 0, fmt.Errorf("look for lost uploads: %w", err)
	}
	for _, n := range lost {
		if err := s.forget(ctx, n); err != nil {
			return 0, err
		}
	}
	drafts, err := s.purgeDrafts(ctx, idle)
	return len(lost) + drafts, err
}

func (s *Service) purgeDrafts(ctx context.Context, idle time.Duration) (int, error) {
	var old []int64
	if err := s.o.DB.Read().SelectContext(ctx, &old, sqlOldDraft, clock.Micros(s.o.Clock.Now().Add(-idle))); err != nil {
		return 0, fmt.Errorf("look for old imports: %w", err)
	}
	for _, n := range old {
		err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
			m, err := locked(ctx, tx, n)
			if err != nil || m.State.busy() || m.FileID == 0 {
				return err
			}
			if err := s.o.Files.Remove(ctx, tx, m.FileID); err != nil {
				return err
			}
			m.FileID = 0
			return saveState(ctx, tx, m, s.now())
		})
		if err != nil {
			return 0, err
		}
	}
	return len(old), nil
}
