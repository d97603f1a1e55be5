package rest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/file"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/tabular"
)

const jobTag = "Jobs"

// JobBody is long work and how far it is.
type JobBody struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Label      string          `json:"label"`
	State      string          `json:"state" enum:"queued,running,done,failed,cancelled"`
	Done       int64           `json:"done" doc:"Rows handled, the failed ones among them."`
	Total      int64           `json:"total" doc:"Rows to handle; 0 when not known yet."`
	Failed     int64           `json:"failed"`
	Result     json.RawMessage `json:"result,omitempty"`
	ErrorCode  string          `json:"error_code,omitempty"`
	Error      string          `json:"error,omitempty" doc:"Why it failed, in a sentence."`
	CreatedBy  RefBody         `json:"created_by"`
	CreatedAt  time.Time       `json:"created_at"`
	StartedAt  *time.Time      `json:"started_at"`
	FinishedAt *time.Time      `json:"finished_at"`
	UpdatedAt  time.Time       `json:"updated_at"`
	Cancelling bool            `json:"cancelling,omitempty" doc:"Asked to stop, and still running."`
	CanUndo    bool            `json:"can_undo"`
	UndoOf     string          `json:"undo_of,omitempty" doc:"The job that this one takes back."`
	ResultFile bool            `json:"result_file" doc:"There is a file at .../result."`
	ResultOnce bool            `json:"result_once,omitempty" doc:"And it can be downloaded once."`
	ResultGone string          `json:"result_gone,omitempty" enum:"downloaded,expired" doc:"Why there is no file any more: it was downloaded, or nobody took it in time."`
	Version    int64           `json:"version"`
}

func jobBody(j job.Job) JobBody {
	b := JobBody{
		ID: j.PublicID(), Kind: j.Kind, Label: j.Label, State: string(j.State), Done: j.Done, Total: j.Total, Failed: j.Failed,
		Result: j.Result, ErrorCode: j.ErrorCode, Error: j.Error, CreatedBy: RefBody{ID: j.Owner, Name: j.OwnerName},
		CreatedAt: j.CreatedAt, StartedAt: instant(j.StartedAt), FinishedAt: instant(j.FinishedAt), UpdatedAt: j.UpdatedAt,
		Cancelling: j.Cancelling, CanUndo: j.CanUndo, ResultFile: j.FileID != 0 && j.State.Ended(),
		ResultOnce: j.FileOnce && j.FileID != 0, Version: j.Version,
	}
	switch {
	case j.FileTaken:
		b.ResultGone = "downloaded"
	case j.Expired:
		b.ResultGone = "expired"
	}
	if j.UndoOf != 0 {
		b.UndoOf = id.Format(job.Prefix, j.UndoOf)
	}
	return b
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Accepted is the answer to a request that became a job; its route has the status 202.
type Accepted struct {
	Location string `header:"Location" doc:"Where the job is."`
	Body     JobBody
}

func accepted(j job.Job) *Accepted {
	return &Accepted{Location: base + "/jobs/" + j.PublicID(), Body: jobBody(j)}
}

// JobPath addresses a job. It is exported since huma passes over embedded types that are not.
type JobPath struct {
	ID string `path:"id" doc:"job_..."`
}

func (in JobPath) number() (int64, error) { return pathID(job.Prefix, "job", in.ID) }

// pathID reads the identifier of a path. One that cannot be is told like one that is not there.
func pathID(prefix, what, text string) (int64, error) {
	n, err := id.Parse(prefix, text)
	if err != nil {
		return 0, errs.NotFound(what)
	}
	return n, nil
}

// Jobs is the routes of long work. Who sees a job is the job service's to say: its creator, and who may read all.
func Jobs(jobs *job.Service, files *file.Service) Module {
	return func(api *API) {
		api.Code("result_expired", "409. Nobody took the file in time.")
		api.Code("already_downloaded", "409. The file was to be had once, and it was downloaded.")
		api.Code("job_finished", "409. The job has finished and cannot be cancelled.")
		api.Code("job_running", "409. The job has not finished, so its result is not complete.")
		api.Code("cannot_undo", "409. The job did nothing that can be taken back, or that was done already.")
		api.Code("already_undone", "409. The job is being undone by another request.")
		jobReads(api, jobs)
		jobActions(api, jobs)
		RegisterRaw(api, Route{Method: http.MethodGet, Path: "/jobs/{id}/errors", ID: "list-job-errors", Summary: "Rows that failed, as CSV", Tag: jobTag,
			Needs: SignedIn, Stream: true, Answer: "text/csv", Doc: "Columns: line, field, code, message, id, name, then the original cells."},
			func(w http.ResponseWriter, r *http.Request) error { return jobErrors(w, r, jobs) })
		RegisterRaw(api, Route{Method: http.MethodGet, Path: "/jobs/{id}/result", ID: "download-job-result", Summary: "The result file", Tag: jobTag,
			Needs: SignedIn, Stream: true, Answer: "application/octet-stream",
			Doc: "For who started the job and who manages jobs. A file with secrets can be downloaded once: it is gone with the first byte."},
			func(w http.ResponseWriter, r *http.Request) error { return jobResult(w, r, jobs, files) })
	}
}

// JobRowBody is what became of one row.
type JobRowBody struct {
	Line    int64    `json:"line"`
	ID      string   `json:"id,omitempty"`
	Name    string   `json:"name,omitempty"`
	Outcome string   `json:"outcome"`
	Code    string   `json:"code,omitempty"`
	Field   string   `json:"field,omitempty"`
	Message string   `json:"message,omitempty"`
	Cells   []string `json:"cells,omitempty"`
}

// JobRowsBody is one page of them.
type JobRowsBody struct {
	Items      []JobRowBody `json:"items"`
	NextCursor string       `json:"next_cursor,omitempty"`
}

func jobReads(api *API, jobs *job.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/jobs", ID: "list-jobs", Summary: "List jobs", Tag: jobTag, Needs: SignedIn,
		Doc: "The caller's own, and with job.read everybody's. The newest first unless sort says otherwise.",
		Also: map[string]RawHandler{"text/csv": func(w http.ResponseWriter, r *http.Request) error {
			if err := api.exported(r, "jobs"); err != nil {
				return err
			}
			return jobList(w, r, jobs)
		}}},
		func(ctx context.Context, in *struct{ ListParams }) (*Answer[PageBody[JobBody]], error) {
			rows, page, err := jobs.List(ctx, in.Query())
			if err != nil {
				return nil, err
			}
			return pageOf(rows, page, jobBody), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/jobs/fields", ID: "list-job-fields", Summary: "Fields of jobs", Tag: jobTag, Needs: SignedIn},
		func(context.Context, *Nothing) (*Answer[FieldsBody], error) {
			return &Answer[FieldsBody]{FieldsBody{jobs.Fields()}}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/jobs/{id}", ID: "get-job", Summary: "One job", Tag: jobTag, Needs: SignedIn},
		func(ctx context.Context, in *JobPath) (*Single[JobBody], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			j, err := jobs.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Single[JobBody]{ETag(j.Version), jobBody(j)}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/jobs/{id}/rows", ID: "list-job-rows", Summary: "What became of each row", Tag: jobTag, Needs: SignedIn},
		func(ctx context.Context, in *struct {
			JobPath
			Limit   int    `query:"limit" minimum:"0" maximum:"1000" doc:"Rows a page, 1 to 1000; 50 when left out."`
			Cursor  string `query:"cursor" maxLength:"20" doc:"next_cursor of the page before."`
			Outcome string `query:"outcome" maxLength:"40" doc:"Only rows that ended so."`
		}) (*Answer[JobRowsBody], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			return jobRows(ctx, jobs, n, job.RowQuery{Outcome: in.Outcome, Limit: in.Limit}, in.Cursor)
		})
}

func jobRows(ctx context.Context, jobs *job.Service, n int64, q job.RowQuery, cursor string) (*Answer[JobRowsBody], error) {
	if cursor != "" {
		after, err := strconv.ParseInt(cursor, 10, 64)
		if err != nil || after < 0 {
			var wrong errs.Fields
			wrong.Add("cursor", "malformed", "That is not a cursor of this list.")
			return nil, wrong.Err()
		}
		q.After = after
	}
	j, err := jobs.Get(ctx, n)
	if err != nil {
		return nil, err
	}
	rows, more, err := jobs.Rows(ctx, n, q)
	if err != nil {
		return nil, err
	}
	if cellsHidden(ctx, j) {
		for i := range rows {
			rows[i].Cells = nil
		}
	}
	out := &Answer[JobRowsBody]{Body: JobRowsBody{Items: make([]JobRowBody, len(rows))}}
	for i, r := range rows {
		out.Body.Items[i] = JobRowBody{
			Line: r.Line, ID: r.RowID, Name: r.Name, Outcome: r.Outcome, Code: r.Code, Field: r.Field, Message: rowMessage(ctx, r.Row), Cells: r.Cells,
		}
	}
	if more {
		out.Body.NextCursor = strconv.FormatInt(rows[len(rows)-1].Place, 10)
	}
	return out, nil
}

// cellsHidden tells whether the original cells of a job's rows are hidden from the caller: they may hold any field, and the
// job is somebody else's.
func cellsHidden(ctx context.Context, j job.Job) bool {
	p := access.From(ctx).Principal
	return len(p.Masks) > 0 && j.Owner != p.Key()
}

// rowMessage is what was wrong with a row, unless it tells of a field that is hidden from the caller.
func rowMessage(ctx context.Context, r job.Row) string {
	told := access.From(ctx).Principal.Scrub([]errs.Field{{Field: r.Field, Code: r.Code, Message: r.Message}})
	return told[0].Message
}

func jobActions(api *API, jobs *job.Service) {
	Register(api, Route{Method: http.MethodDelete, Path: "/jobs/{id}", ID: "cancel-job", Summary: "Cancel a job", Tag: jobTag, Needs: SignedIn,
		Status: http.StatusAccepted, Doc: "For who started it and who manages jobs. What it has done stays; it can be undone where can_undo says so."},
		func(ctx context.Context, in *JobPath) (*Accepted, error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			j, err := jobs.Cancel(ctx, n)
			if err != nil {
				return nil, err
			}
			return accepted(j), nil
		})
	Register(api, Route{Method: http.MethodPost, Path: "/jobs/{id}/undo", ID: "undo-job", Summary: "Take back what a job did", Tag: jobTag, Needs: SignedIn,
		Status: http.StatusAccepted, Doc: "Rows that were changed since are left as they are and listed. The answer is the job that does it."},
		func(ctx context.Context, in *JobPath) (*Accepted, error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			j, err := jobs.Undo(ctx, n)
			if err != nil {
				return nil, err
			}
			return accepted(j), nil
		})
}

// jobList is the list of jobs as CSV.
func jobList(w http.ResponseWriter, r *http.Request, jobs *job.Service) error {
	out := csvAnswer(w, "jobs.csv")
	head := []string{"id", "label", "kind", "state", "done", "total", "failed", "created_by", "created_at", "started_at", "finished_at", "error"}
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		return out.Write(head)
	}
	v := r.URL.Query()
	q := ListParams{Q: v.Get("q"), Filter: v.Get("filter"), Sort: v.Get("sort")}.Query()
	err := jobs.Each(r.Context(), q, func(j job.Job) error {
		if err := begin(); err != nil {
			return err
		}
		return out.Write([]string{
			j.PublicID(), j.Label, j.Kind, string(j.State), fmt.Sprint(j.Done), fmt.Sprint(j.Total), fmt.Sprint(j.Failed), j.OwnerName,
			stamp(j.CreatedAt), stamp(j.StartedAt), stamp(j.FinishedAt), j.Error,
		})
	})
	if err == nil {
		err = begin()
	}
	if err != nil {
		return err
	}
	return out.Close()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// csvAnswer begins a download of CSV. Nothing is sent before the first row.
func csvAnswer(w http.ResponseWriter, name string) *tabular.CSVWriter {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", attachment(name))
	return tabular.NewCSVWriter(w, tabular.CSVOptions{BOM: true})
}

func attachment(name string) string {
	if text := mime.FormatMediaType("attachment", map[string]string{"filename": name}); text != "" {
		return text
	}
	return "attachment"
}

// jobErrors is the rows that failed, with their original cells.
func jobErrors(w http.ResponseWriter, r *http.Request, jobs *job.Service) error {
	n, err := pathID(job.Prefix, "job", r.PathValue("id"))
	if err != nil {
		return err
	}
	j, err := jobs.Get(r.Context(), n)
	if err != nil {
		return err
	}
	columns, err := jobs.Columns(r.Context(), j)
	if err != nil {
		return err
	}
	if cellsHidden(r.Context(), j) {
		columns = nil
	}
	out := csvAnswer(w, j.PublicID()+"-errors.csv")
	if r.Method == http.MethodHead {
		return nil
	}
	head := []string{"line", "field", "code", "message", "id", "name"}
	begun := false
	err = jobs.EachProblem(r.Context(), n, func(row job.Row) error {
		if cellsHidden(r.Context(), j) {
			row.Cells = nil
		}
		if !begun {
			begun = true
			if err := out.Write(append(head, cellNames(columns, len(row.Cells))...)); err != nil {
				return err
			}
		}
		line := []string{strconv.FormatInt(row.Line, 10), row.Field, row.Code, rowMessage(r.Context(), row), row.RowID, row.Name}
		return out.Write(append(line, row.Cells...))
	})
	if err == nil && !begun {
		err = out.Write(head)
	}
	if err != nil {
		return err
	}
	return out.Close()
}

func cellNames(names []string, cells int) []string {
	if len(names) > 0 {
		return names
	}
	for i := range cells {
		names = append(names, "column "+strconv.Itoa(i+1))
	}
	return names
}

// jobResult sends the result file.
func jobResult(w http.ResponseWriter, r *http.Request, jobs *job.Service, files *file.Service) error {
	n, err := pathID(job.Prefix, "job", r.PathValue("id"))
	if err != nil {
		return err
	}
	ctx := r.Context()
	j, err := jobs.Result(ctx, n)
	if err != nil {
		return err
	}
	in, err := files.Open(ctx, j.FileID)
	if err != nil {
		return gone(ctx, jobs, j, err)
	}
	defer func() { _ = in.Close() }()
	h := w.Header()
	h.Set("Content-Type", typeByName(in.File().Name))
	h.Set("Content-Disposition", attachment(in.File().Name))
	if !j.FileOnce {
		h.Set("ETag", `"`+hex.EncodeToString(in.File().SHA256)+`"`)
		http.ServeContent(w, r, "", time.Time{}, in)
		return nil
	}
	if r.Method == http.MethodHead {
		h.Set("Content-Length", strconv.FormatInt(in.Size(), 10))
		return nil
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		h.Del("Content-Type")
		return errs.New(errs.KindForbidden, "cross_origin", "A page of another site may not fetch this: it can be had once.")
	}
	return sendOnce(ctx, w, jobs, files, j)
}

// sendOnce copies the file to this machine first, then claims it, and sends it when the claim is on disk: of two
// callers one gets it whole, and it is nowhere any more.
func sendOnce(ctx context.Context, w http.ResponseWriter, jobs *job.Service, files *file.Service, j job.Job) error {
	path, cleanup, err := files.Spool(ctx, j.FileID, "")
	if err != nil {
		return gone(ctx, jobs, j, err)
	}
	defer cleanup()
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("send a result: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("send a result: %w", err)
	}
	err = jobs.Take(ctx, j.ID, func(ctx context.Context, tx *db.Tx, fileID int64) error { return files.Remove(ctx, tx, fileID) })
	if err != nil {
		return err
	}
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	if _, err := io.Copy(w, f); err != nil {
		return fmt.Errorf("send a result: %w", err)
	}
	return nil
}

// gone says why a file could not be read: perhaps somebody else took it meanwhile.
func gone(ctx context.Context, jobs *job.Service, j job.Job, err error) error {
	if j.FileOnce && errs.IsKind(err, errs.KindNotFound) {
		if _, now := jobs.Result(ctx, j.ID); now != nil {
			return now
		}
	}
	return err
}

func typeByName(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".json":
		return "application/json"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}
