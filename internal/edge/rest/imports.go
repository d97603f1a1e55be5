package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/importer"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/list"
)

const importTag = "Imports"

// ImportBody is an import: what its file is, what is to happen, and what did.
type ImportBody struct {
	ID         string                `json:"id"`
	Target     string                `json:"target"`
	FileName   string                `json:"file_name"`
	Size       int64                 `json:"size" doc:"bytes"`
	Format     string                `json:"format" enum:"csv,xlsx"`
	Encoding   string                `json:"encoding"`
	Separator  string                `json:"separator"`
	HasHeader  bool                  `json:"has_header"`
	SkipRows   int                   `json:"skip_rows" doc:"Rows above the header, such as a title. Blank rows are not counted."`
	Sheets     []string              `json:"sheets"`
	Sheet      string                `json:"sheet"`
	Columns    []importer.FileColumn `json:"columns"`
	Preset     string                `json:"preset" doc:"The system whose file this is taken for; see /imports/presets."`
	Mapping    []importer.Mapping    `json:"mapping"`
	Defaults   map[string]string     `json:"defaults" doc:"Values of new customers where the row has none."`
	Options    importer.Choices      `json:"options"`
	Mode       string                `json:"mode" enum:"create,update,upsert"`
	Match      []string              `json:"match" doc:"Keys by which a row finds its customer, in this order."`
	Notes      []importer.FileNote   `json:"notes" doc:"What happens to columns that do not simply become a field."`
	State      string                `json:"state" enum:"draft,checking,checked,running,done,failed,cancelled,undoing,undone"`
	Rows       int64                 `json:"rows" doc:"0 while not known"`
	Created    int64                 `json:"created" doc:"As in the summary, and 0 before there is one; so are updated and wrong."`
	Updated    int64                 `json:"updated"`
	Wrong      int64                 `json:"wrong"`
	Summary    *importer.Summary     `json:"summary" doc:"What the check found or the run did; null before."`
	Error      string                `json:"error,omitempty" doc:"Why the last job could not go on."`
	Job        string                `json:"job,omitempty" doc:"The job of the last run."`
	CheckJob   string                `json:"check_job,omitempty"`
	UndoJob    string                `json:"undo_job,omitempty"`
	FileStored bool                  `json:"file_stored" doc:"The file is removed when all its rows are in or told."`
	CreatedBy  RefBody               `json:"created_by"`
	CreatedAt  time.Time             `json:"created_at"`
	UpdatedAt  time.Time             `json:"updated_at"`
	Version    int64                 `json:"version"`
}

func importBody(m *importer.Import) ImportBody {
	b := ImportBody{
		ID: id.Format(importer.Prefix, m.ID), Target: m.Target, FileName: m.FileName, Size: m.Size, Format: m.Format(), Encoding: string(m.Encoding),
		Separator: m.Separator, HasHeader: m.HasHeader, SkipRows: m.SkipRows, Sheets: m.Sheets, Sheet: m.Sheet, Columns: m.Columns, Preset: m.Preset, Mapping: m.Mapping,
		Defaults: m.Defaults, Options: m.Options, Mode: string(m.Mode), Match: m.Match, Notes: m.Notes, State: string(m.State), Rows: m.Rows(),
		Error: m.Trouble(), Job: jobID(m.RunJob), CheckJob: jobID(m.CheckJob), UndoJob: jobID(m.UndoJob), FileStored: m.FileID != 0,
		CreatedBy: RefBody{m.Owner, m.OwnerName}, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Version: m.Version,
	}
	if m.Known() {
		sum := m.Report()
		b.Summary, b.Created, b.Updated, b.Wrong = &sum, sum.Create, sum.Update, sum.Wrong
	}
	if b.Sheets == nil {
		b.Sheets = []string{}
	}
	if b.Mapping == nil {
		b.Mapping = []importer.Mapping{}
	}
	if b.Defaults == nil {
		b.Defaults = map[string]string{}
	}
	return b
}

// importLineBody is an import as a line of CSV: who made it is told by name.
type importLineBody struct {
	ImportBody
	CreatedBy string `json:"created_by"`
}

func importLine(m *importer.Import) importLineBody { return importLineBody{importBody(m), m.OwnerName} }

func jobID(n int64) string {
	if n == 0 {
		return ""
	}
	return id.Format(job.Prefix, n)
}

// ImportPath addresses an import.
type ImportPath struct {
	ID string `path:"id" doc:"imp_..."`
}

func (in ImportPath) number() (int64, error) { return pathID(importer.Prefix, "import", in.ID) }

// ImportPatch is a merge patch of an import.
type ImportPatch struct {
	Encoding  Opt[string]             `json:"encoding,omitzero" doc:"utf-8, windows-1252, utf-16le or utf-16be"`
	Separator Opt[string]             `json:"separator,omitzero" doc:"one ASCII character"`
	HasHeader Opt[bool]               `json:"has_header,omitzero"`
	SkipRows  Opt[int]                `json:"skip_rows,omitzero"`
	Sheet     Opt[string]             `json:"sheet,omitzero"`
	Preset    Opt[string]             `json:"preset,omitzero" doc:"The mapping follows it."`
	Mapping   Opt[[]importer.Mapping] `json:"mapping,omitzero" doc:"The whole of it. transform is if_blank (the column stands in where the ones before are blank), dmy or mdy (how the days of the column are written), or nothing."`
	Defaults  Opt[map[string]string]  `json:"defaults,omitzero" doc:"The whole of it; null for none."`
	Options   ImportOptions           `json:"options,omitzero"`
	Mode      Opt[string]             `json:"mode,omitzero" doc:"create, update or upsert"`
	Match     Opt[[]string]           `json:"match,omitzero" doc:"of reference, customer_id and email, in the order to try"`
}

// ImportOptions is a merge patch of an import's options.
type ImportOptions struct {
	CreateGroups Opt[bool]   `json:"create_groups,omitzero" doc:"Groups that rows name and that are missing are made."`
	Country      Opt[string] `json:"country,omitzero" doc:"in which national telephone numbers are read where the row has no country"`
	BlankClears  Opt[bool]   `json:"blank_clears,omitzero" doc:"A blank cell empties the field of a known customer; else it leaves it."`
}

func (o ImportOptions) given() bool { return o.CreateGroups.Set || o.Country.Set || o.BlankClears.Set }

// patch is the patch as the use case takes it. Options that are left out stay.
func (p *ImportPatch) patch(now importer.Choices) importer.Patch {
	out := importer.Patch{
		Encoding: p.Encoding.Pointer(), Separator: p.Separator.Pointer(), HasHeader: p.HasHeader.Pointer(), SkipRows: p.SkipRows.Pointer(), Sheet: p.Sheet.Pointer(),
		Preset: p.Preset.Pointer(), Mapping: p.Mapping.Pointer(), Defaults: p.Defaults.Pointer(), Match: p.Match.Pointer(),
	}
	if p.Preset.Null {
		out.Preset = new(string)
	}
	if p.Defaults.Null {
		out.Defaults = &map[string]string{}
	}
	if p.Mode.Set {
		mode := importer.Mode(p.Mode.Value)
		out.Mode = &mode
	}
	if o := p.Options; o.given() {
		if o.CreateGroups.Set {
			now.CreateGroups = o.CreateGroups.Value
		}
		if o.Country.Set {
			now.Country = o.Country.Value
		}
		if o.BlankClears.Set {
			now.BlankClears = o.BlankClears.Value
		}
		out.Options = &now
	}
	return out
}

// ImportRowBody is what became of a row, or would.
type ImportRowBody struct {
	Line    int64                 `json:"line" doc:"of the file"`
	Outcome string                `json:"outcome" enum:"created,updated,unchanged,skipped,wrong,warning,ready,undone"`
	Errors  []importer.RowProblem `json:"errors"`
	Cells   []string              `json:"cells" doc:"Of wrong and doubtful rows, with corrections; secrets are blank."`
	Fixed   bool                  `json:"fixed" doc:"Somebody corrected it."`
	ID      string                `json:"id,omitempty" doc:"the customer"`
	Name    string                `json:"name,omitempty"`
}

func importRowBody(r importer.Row) ImportRowBody {
	b := ImportRowBody{Line: r.Line, Outcome: string(r.Outcome), Errors: r.Problems, Cells: r.Cells, Fixed: r.Fixed, Name: r.Name}
	if r.CustomerID != 0 {
		b.ID = id.Format(customer.Prefix, r.CustomerID)
	}
	if b.Errors == nil {
		b.Errors = []importer.RowProblem{}
	}
	if b.Cells == nil {
		b.Cells = []string{}
	}
	return b
}

// ImportPreview is the first rows of a file as they are read.
type ImportPreview struct {
	Columns []importer.FileColumn `json:"columns"`
	Rows    []ImportPreviewRow    `json:"rows"`
}

// ImportPreviewRow is one of them.
type ImportPreviewRow struct {
	Line  int      `json:"line"`
	Cells []string `json:"cells"`
}

// ImportPreset is a system whose column names are known.
type ImportPreset struct {
	Key     string            `json:"key"`
	Name    string            `json:"name"`
	Target  string            `json:"target"`
	Columns map[string]string `json:"columns" doc:"Field by name of the column; empty for those left out."`
}

// Imports is the routes of imports.
func Imports(s *importer.Service) Module {
	return func(api *API) {
		for code, meaning := range map[string]string{
			"import_busy":       "409. A job is at work on the import.",
			"import_begun":      "409. Rows of the file are in: how it is read cannot change any more.",
			"import_undone":     "409. The import was taken back.",
			"nothing_left":      "409. Every row of the file is in.",
			"nothing_to_cancel": "409. No job is at work on the import.",
			"file_gone":         "409. The file was removed: all its rows are in or told, or nobody went on with it for long.",
			"file_too_large":    "413. The file is larger than imports take.",
			"upload_cut_off":    "400. The file broke off before its end. Nothing of it is kept.",
			"zip_bomb":          "413. The workbook inflates beyond all measure.",
			"binary":            "415. The file is no table.",
			"not_as_named":      "415. The file is not what its name says.",
			"old_excel":         "415. A workbook of a kind that is not read: save it as .xlsx.",
			"encrypted":         "415. The workbook is protected by a password.",
			"empty":             "422. There are no rows in the file.",
			"broken":            "422. The file is damaged or cut off.",
			"bad_encoding":      "422. The file is not in its encoding; the line is named.",
			"record_too_long":   "422. A record is longer than is read; the line is named.",
			"cell_too_long":     "422. A cell is longer than is read; the line is named.",
			"too_many_columns":  "422. A row has more columns than are read.",
			"quote_not_closed":  "422. A quoted cell never ends; the line is named.",
		} {
			api.Code(code, meaning)
		}
		importFiles(api, s)
		importReads(api, s)
		importPresets(api)
		importActions(api, s)
		importRows(api, s)
	}
}

func importFiles(api *API, s *importer.Service) {
	RegisterRaw(api, Route{Method: http.MethodPost, Path: "/imports", ID: "create-import", Summary: "Upload a file to import", Tag: importTag, Needs: access.CustomerImport,
		Status: http.StatusCreated, Made: &Made{importer.Table, importer.Prefix, "/imports"}, Stream: true, Body: "multipart/form-data", Answer: "application/json",
		Doc: "Parts: target (customers; before the file) and file. The answer is a draft with what the file seems to be and what its columns probably mean."},
		func(w http.ResponseWriter, r *http.Request) error { return uploadImport(w, r, s) })
	RegisterRaw(api, Route{Method: http.MethodGet, Path: "/imports/{id}/errors", ID: "download-import-errors", Summary: "Wrong rows, as CSV", Tag: importTag, Needs: access.CustomerImport,
		Stream: true, Answer: "text/csv", Doc: "line, field, reason, then the original columns. Corrected, it can be uploaded as it is."},
		func(w http.ResponseWriter, r *http.Request) error {
			n, err := pathID(importer.Prefix, "import", r.PathValue("id"))
			if err != nil {
				return err
			}
			m, err := s.Get(r.Context(), n)
			if err != nil {
				return err
			}
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			w.Header().Set("Content-Disposition", attachment("errors of "+strings.TrimSuffix(m.FileName, path.Ext(m.FileName))+".csv"))
			return s.WriteErrors(r.Context(), n, w)
		})
	RegisterRaw(api, Route{Method: http.MethodGet, Path: "/imports/sample", ID: "download-import-sample", Summary: "A small file to try imports with", Tag: importTag, Needs: access.CustomerImport,
		Answer: "text/csv"},
		func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			w.Header().Set("Content-Disposition", attachment("customers-sample.csv"))
			return importer.Sample(w)
		})
}

// uploadImport takes the parts of the form as they come: nothing of the file is held.
func uploadImport(w http.ResponseWriter, r *http.Request, s *importer.Service) error {
	form, err := r.MultipartReader()
	if err != nil {
		return errs.New(errs.KindUnsupported, "unsupported_type", "Send the file as multipart/form-data, in a part named file.")
	}
	target := ""
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			var wrong errs.Fields
			wrong.Add("file", "required", "The form has no part named file.")
			return wrong.Err()
		}
		if err != nil {
			return formError(err)
		}
		switch part.FormName() {
		case "target":
			text, err := io.ReadAll(io.LimitReader(part, 100))
			if err != nil {
				return formError(err)
			}
			target = string(text)
		case "file":
			return storeUpload(w, r, s, part, target)
		default:
			var wrong errs.Fields
			wrong.Add(printable(part.FormName()), "unknown_field", "The form has the parts target and file only.")
			return wrong.Err()
		}
	}
}

func storeUpload(w http.ResponseWriter, r *http.Request, s *importer.Service, part *multipart.Part, target string) error {
	m, err := s.Upload(r.Context(), part.FileName(), target, part)
	if err != nil {
		return err
	}
	b := importBody(m)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", base+"/imports/"+b.ID)
	w.Header().Set("ETag", ETag(m.Version))
	w.WriteHeader(http.StatusCreated)
	return json.NewEncoder(w).Encode(b)
}

// formError tells a form that is cut off or malformed as such.
func formError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	if strings.HasPrefix(err.Error(), "multipart:") || strings.Contains(err.Error(), "mime") {
		return errs.New(errs.KindBadRequest, "malformed", "The form cannot be read.")
	}
	return err
}

func importList(api *API, s *importer.Service) {
	in := func(state string) pageReader[*importer.Import] {
		return func(ctx context.Context, q list.Query) ([]*importer.Import, list.Page, error) {
			return s.List(ctx, q, importer.State(state))
		}
	}
	Register(api, Route{Method: http.MethodGet, Path: "/imports", ID: "list-imports", Summary: "List imports", Tag: importTag, Needs: access.CustomerImport,
		Doc: "The newest first unless sort says otherwise.",
		Also: map[string]RawHandler{"text/csv": func(w http.ResponseWriter, r *http.Request) error {
			if err := access.Require(r.Context(), access.CustomerImport); err != nil {
				return err
			}
			if err := api.exported(r, "imports"); err != nil {
				return err
			}
			return sendCSV(w, r, s.ListTable(), in(r.URL.Query().Get("state")), importLine)
		}}},
		func(ctx context.Context, p *struct {
			ListParams
			State string `query:"state" maxLength:"20" doc:"Only imports in this state: short for a filter."`
		}) (*Answer[PageBody[ImportBody]], error) {
			rows, page, err := in(p.State)(ctx, p.Query())
			if err != nil {
				return nil, err
			}
			return pageOf(rows, page, importBody), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/imports/fields", ID: "list-import-fields", Summary: "Fields of imports", Tag: importTag, Needs: access.CustomerImport},
		func(context.Context, *Nothing) (*Answer[FieldsBody], error) {
			return &Answer[FieldsBody]{FieldsBody{list.Describe(s.ListTable().Fields)}}, nil
		})
}

func importReads(api *API, s *importer.Service) {
	importList(api, s)
	Register(api, Route{Method: http.MethodGet, Path: "/imports/{id}", ID: "get-import", Summary: "One import", Tag: importTag, Needs: access.CustomerImport},
		func(ctx context.Context, in *ImportPath) (*Single[ImportBody], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			m, err := s.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Single[ImportBody]{ETag(m.Version), importBody(m)}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/imports/{id}/preview", ID: "preview-import", Summary: "First rows as they are read", Tag: importTag, Needs: access.CustomerImport},
		func(ctx context.Context, in *struct {
			ImportPath
			Limit int `query:"limit" minimum:"0" maximum:"200" doc:"Rows; 20 when left out."`
		}) (*Answer[ImportPreview], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			if in.Limit == 0 {
				in.Limit = 20
			}
			m, rows, err := s.Preview(ctx, n, in.Limit)
			if err != nil {
				return nil, err
			}
			out := &Answer[ImportPreview]{Body: ImportPreview{Columns: m.Columns, Rows: make([]ImportPreviewRow, len(rows))}}
			for i, r := range rows {
				out.Body.Rows[i] = ImportPreviewRow{r.Line, r.Cells}
			}
			return out, nil
		})
}

func importPresets(api *API) {
	Register(api, Route{Method: http.MethodGet, Path: "/imports/presets", ID: "list-import-presets", Summary: "Systems whose files are recognised", Tag: importTag, Needs: access.CustomerImport},
		func(context.Context, *Nothing) (*Answer[[]ImportPreset], error) {
			out := &Answer[[]ImportPreset]{}
			for _, p := range importer.Presets() {
				columns := map[string]string{}
				for name, field := range p.Columns {
					columns[name] = strings.TrimSuffix(field, "?")
				}
				out.Body = append(out.Body, ImportPreset{p.Key, p.Name, p.Target, columns})
			}
			return out, nil
		})
}

func badCursor() error {
	var wrong errs.Fields
	wrong.Add("cursor", "malformed", "That is not a cursor of this list.")
	return wrong.Err()
}

func importActions(api *API, s *importer.Service) {
	Register(api, Route{Method: http.MethodPatch, Path: "/imports/{id}", ID: "update-import", Summary: "Set an import up", Tag: importTag, Needs: access.CustomerImport,
		Doc: "What a check found is forgotten. Once rows are in, how the file is read is fixed."},
		func(ctx context.Context, in *struct {
			ImportPath
			MatchParam
			Body ImportPatch
		}) (*Single[ImportBody], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			now, err := s.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			m, err := s.Change(ctx, n, version, in.Body.patch(now.Options))
			if err != nil {
				return nil, current(err, importBody)
			}
			return &Single[ImportBody]{ETag(m.Version), importBody(m)}, nil
		})
	for _, a := range []struct {
		name, summary, doc string
		do                 func(context.Context, int64) (job.Job, error)
	}{
		{"check", "Check an import without changing anything", "A job. Its result is the import's summary; wrong rows are at .../rows.", s.Check},
		{"run", "Run an import, or go on with it", "A job. Rows that are in are not handled again; wrong ones are tried with their corrections.", s.Run},
		{"undo", "Take an import back", "A job. Customers it made are closed, those it changed get their former values; those changed since are left and listed.", s.Undo},
	} {
		Register(api, Route{Method: http.MethodPost, Path: "/imports/{id}/" + a.name, ID: a.name + "-import", Summary: a.summary, Doc: a.doc, Tag: importTag, Needs: access.CustomerImport,
			Status: http.StatusAccepted},
			func(ctx context.Context, in *ImportPath) (*Accepted, error) {
				n, err := in.number()
				if err != nil {
					return nil, err
				}
				j, err := a.do(ctx, n)
				if err != nil {
					return nil, err
				}
				return accepted(j), nil
			})
	}
	Register(api, Route{Method: http.MethodPost, Path: "/imports/{id}/cancel", ID: "cancel-import", Summary: "Stop the job at work on an import", Tag: importTag, Needs: access.CustomerImport,
		Doc: "What is in stays; the import can be run again to go on, or taken back."},
		func(ctx context.Context, in *ImportPath) (*Single[ImportBody], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			m, err := s.Cancel(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Single[ImportBody]{ETag(m.Version), importBody(m)}, nil
		})
}

func importRows(api *API, s *importer.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/imports/{id}/rows", ID: "list-import-rows", Summary: "What became of the rows", Tag: importTag, Needs: access.CustomerImport,
		Doc: "By line: of the runs, or before there was one of the last check, which tells only wrong and doubtful rows."},
		func(ctx context.Context, in *struct {
			ImportPath
			Outcome string `query:"outcome" maxLength:"20" doc:"created, updated, unchanged, skipped, wrong, warning, ready or undone"`
			Limit   int    `query:"limit" minimum:"0" maximum:"1000" doc:"Rows a page; 50 when left out."`
			Cursor  string `query:"cursor" maxLength:"20" doc:"next_cursor of the page before."`
		}) (*Answer[PageBody[ImportRowBody]], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			q := importer.RowQuery{Outcome: importer.Outcome(in.Outcome), Limit: in.Limit}
			if in.Cursor != "" {
				if q.After, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || q.After < 0 {
					return nil, badCursor()
				}
			}
			rows, more, err := s.Rows(ctx, n, q)
			if err != nil {
				return nil, err
			}
			out := &Answer[PageBody[ImportRowBody]]{Body: PageBody[ImportRowBody]{Items: make([]ImportRowBody, len(rows))}}
			for i, r := range rows {
				out.Body.Items[i] = importRowBody(r)
			}
			if more {
				out.Body.NextCursor = strconv.FormatInt(rows[len(rows)-1].Line, 10)
			}
			return out, nil
		})
	Register(api, Route{Method: http.MethodPut, Path: "/imports/{id}/rows/{line}", ID: "fix-import-row", Summary: "Correct a wrong row", Tag: importTag, Needs: access.CustomerImport,
		Doc: "The answer tells what is still wrong with it. The next check or run takes the corrected cells."},
		func(ctx context.Context, in *struct {
			ImportPath
			Line int64 `path:"line" minimum:"1" doc:"of the file"`
			Body struct {
				Cells map[string]string `json:"cells" doc:"Text by number of the column, from 0."`
			}
		}) (*Answer[ImportRowBody], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			var wrong errs.Fields
			cells := make(map[int]string, len(in.Body.Cells))
			for name, text := range in.Body.Cells {
				i, err := strconv.Atoi(name)
				if err != nil {
					wrong.Add("cells."+printable(name), "unknown_column", "Columns are numbered from 0.")
				}
				cells[i] = text
			}
			if err := wrong.Err(); err != nil {
				return nil, err
			}
			row, err := s.Fix(ctx, n, in.Line, cells)
			if err != nil {
				return nil, err
			}
			return &Answer[ImportRowBody]{importRowBody(row)}, nil
		})
}
