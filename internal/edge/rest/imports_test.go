package rest_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/file"
	"tandem/internal/core/group"
	"tandem/internal/core/importer"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// newImportDesk is a server with imports, whose jobs run.
func newImportDesk(t *testing.T, d *db.DB) *harness {
	t.Helper()
	c := clock.System{}
	ids := id.NewSource(c)
	log := audit.NewLog(c, ids)
	quiet := slog.New(slog.DiscardHandler)
	customers, err := customer.New(t.Context(), customer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet,
		Defaults: func(context.Context) (customer.Defaults, error) {
			return customer.Defaults{Country: "NO", Currency: "EUR", Retention: time.Hour}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	groups := group.New(group.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: customers, OwnTypes: func(context.Context) ([]string, error) { return nil, nil }})
	files := file.New(file.Options{DB: d, Clock: c, IDs: ids, Dir: filepath.Join(t.TempDir(), "spool")})
	jobs := job.New(job.Options{DB: d, Clock: c, IDs: ids, Log: quiet, Poll: 5 * time.Millisecond, Workers: 1,
		Save: func(ctx context.Context) ([]byte, error) { return json.Marshal(access.From(ctx).Principal) },
		Restore: func(ctx context.Context, b []byte) (context.Context, error) {
			call := access.Call{Verb: "JOB"}
			err := json.Unmarshal(b, &call.Principal)
			return access.With(ctx, call), err
		},
		Actor: func(ctx context.Context) job.Actor {
			p := access.From(ctx).Principal
			return job.Actor{Key: p.Key(), Name: p.Name, ReadAll: p.May(access.JobRead), ManageAll: p.May(access.JobManage)}
		}})
	imports := importer.New(importer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: customers, Groups: groups, Files: files, Jobs: jobs, MaxBytes: 4 << 20})
	if err := jobs.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := jobs.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return newHarness(t, d, rest.Imports(imports), rest.Customers(customers, nil), rest.Jobs(jobs, files))
}

// upload sends a file as a browser does.
func (h *harness) upload(role, name string, content []byte, fields ...string) *answer {
	h.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			h.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return h.do(role, "POST", "/api/v1/imports", body.Bytes(), "Content-Type", form.FormDataContentType())
}

// awaitImport waits until no job is at work on an import.
func (h *harness) awaitImport(path string) map[string]any {
	h.t.Helper()
	deadline := dbtest.TooLate(h.t)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		m := h.do("manager", "GET", path, nil).want(200).object()
		if s := m["state"]; s != "checking" && s != "running" && s != "undoing" {
			return m
		}
		select {
		case <-deadline:
			h.t.Fatalf("the import does not end: %v", m)
		case <-tick.C:
		}
	}
}

func TestImportOverTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newImportDesk(t, d)
		content, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "customers", "magoware-customers.csv"))
		if err != nil {
			t.Fatal(err)
		}
		made := h.upload("manager", "magoware.csv", content, "target", "customers").want(201)
		m := made.object()
		path := fmt.Sprintf("/api/v1/imports/%v", m["id"])
		if m["preset"] != "magoware" || m["encoding"] != "windows-1252" || m["separator"] != ";" || m["summary"] != nil || made.Header.Get("Location") != path {
			t.Errorf("made %s", made.Body)
		}
		preview := h.do("manager", "GET", path+"/preview?limit=2", nil).want(200)
		if !strings.Contains(string(preview.Body), "Søren") || strings.Count(string(preview.Body), `"line"`) != 2 {
			t.Errorf("preview %s", preview.Body)
		}
		stale := h.do("manager", "PATCH", path, map[string]any{"mode": "upsert"}, "If-Match", `"7"`).problem(412, "stale")
		if now, _ := stale.Current.(map[string]any); now["mode"] != "create" {
			t.Errorf("the present state is %v", stale.Current)
		}
		patched := h.do("manager", "PATCH", path, map[string]any{"options": map[string]any{"country": "Norway"}, "defaults": map[string]any{"billing_type": "postpaid"}}, "If-Match", made.Header.Get("ETag")).want(200).object()
		if o, _ := patched["options"].(map[string]any); o["country"] != "NO" || o["create_groups"] != true {
			t.Errorf("options %v", patched["options"])
		}
		j := h.do("manager", "POST", path+"/check", map[string]any{}).want(202).object()
		m = h.awaitImport(path)
		sum, _ := m["summary"].(map[string]any)
		if m["state"] != "checked" || m["check_job"] != j["id"] || sum["wrong"] != 40.0 || sum["create"] != 1960.0 || sum["rows"] != 2000.0 {
			t.Errorf("checked: %v %v", m["state"], sum)
		}
		rows := h.do("manager", "GET", path+"/rows?outcome=wrong&limit=7", nil).want(200).object()
		items, _ := rows["items"].([]any)
		first, _ := items[0].(map[string]any)
		if len(items) != 7 || rows["next_cursor"] == nil || len(first["errors"].([]any)) != 1 || len(first["cells"].([]any)) != 10 {
			t.Errorf("wrong rows: %v", rows)
		}
		h.jobTellsWrongRows(m["check_job"])
		fix := fmt.Sprintf("%s/rows/%v", path, first["line"])
		p := h.do("manager", "PUT", fix, map[string]any{"cells": map[string]any{"99": "x"}}).problem(422, "invalid")
		if field(p, "cells.99") != "unknown_column" {
			t.Errorf("named %+v", p.Errors)
		}
		fixed := h.do("manager", "PUT", fix, map[string]any{"cells": map[string]any{"1": "Ann", "3": "ann.fixed@example.org", "6": "Spain", "7": ""}}).want(200).object()
		if fixed["outcome"] != "ready" || fixed["fixed"] != true {
			t.Errorf("fixed %v", fixed)
		}
		h.do("manager", "POST", path+"/run", map[string]any{}, "Idempotency-Key", "run-1").want(202)
		h.do("manager", "POST", path+"/run", map[string]any{}, "Idempotency-Key", "run-1").want(202) // the same answer
		m = h.awaitImport(path)
		if sum, _ = m["summary"].(map[string]any); m["state"] != "done" || sum["create"] != 1961.0 || sum["wrong"] != 39.0 {
			t.Errorf("done: %v %v", m["state"], m)
		}
		errors := h.do("manager", "GET", path+"/errors", nil).want(200)
		if !strings.HasPrefix(string(errors.Body), "\ufeffline,field,reason,id,firstname,") || strings.Count(string(errors.Body), "\n") != 40 {
			t.Errorf("errors: %.300s", errors.Body)
		}
		h.do("manager", "POST", path+"/undo", map[string]any{}).want(202)
		if m = h.awaitImport(path); m["state"] != "undone" {
			t.Errorf("undone: %v", m)
		}
		list := h.do("manager", "GET", "/api/v1/customers?limit=1&total=exact", nil).want(200).object()
		if list["total"] != 0.0 {
			t.Errorf("%v customers are left", list["total"])
		}
		h.do("manager", "POST", path+"/run", map[string]any{}).problem(409, "import_undone")
		if all := h.do("manager", "GET", "/api/v1/imports", nil).want(200).object(); all["total"] != 1.0 {
			t.Errorf("listed %v", all)
		}
	})
}

// jobTellsWrongRows asks the job of a check what it found, as programs do that know jobs alone.
func (h *harness) jobTellsWrongRows(id any) {
	h.t.Helper()
	failed := h.do("manager", "GET", fmt.Sprintf("/api/v1/jobs/%v/errors", id), nil).want(200)
	if !strings.HasPrefix(string(failed.Body), "\ufeffline,field,code,message,id,name,id,firstname,") || strings.Count(string(failed.Body), "\n") < 41 {
		h.t.Errorf("errors of the job: %.300s", failed.Body)
	}
}

// bomb is a workbook whose sheet is 64 MiB of nothing in a few KiB.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<Types/>`,
		"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData>` + strings.Repeat(" ", 64<<20) + `</sheetData></worksheet>`,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What cannot be imported is refused with a code, and nothing of it stays.
func TestRefusedUploads(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newImportDesk(t, d)
		for name, f := range map[string]struct {
			content []byte
			status  int
			code    string
		}{
			"bomb.xlsx":  {bomb(t), 413, "zip_bomb"},
			"image.csv":  {append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...), 415, "binary"},
			"table.xlsx": {[]byte("Name\nAnn\n"), 415, "not_as_named"},
			"empty.csv":  {nil, 422, "empty"},
			"long.csv":   {append([]byte("Name\n"), bytes.Repeat([]byte("x"), 3<<20)...), 422, "record_too_long"},
			"large.csv":  {bytes.Repeat([]byte("Name,City\n"), 500_000), 413, "file_too_large"},
		} {
			p := h.upload("manager", name, f.content).problem(f.status, f.code)
			if f.code != "file_too_large" && field(p, "file") != f.code {
				t.Errorf("%s: the field is not named: %+v", name, p.Errors)
			}
		}
		if p := h.upload("manager", "a.csv", []byte("Name\nAnn\n"), "target", "trunks").problem(422, "invalid"); field(p, "target") == "" {
			t.Errorf("target: %+v", p.Errors)
		}
		if p := h.upload("manager", "a.csv", []byte("Name\nAnn\n"), "colour", "red").problem(422, "invalid"); field(p, "colour") == "" {
			t.Errorf("colour: %+v", p.Errors)
		}
		h.do("manager", "POST", "/api/v1/imports", map[string]any{"file": "x"}).problem(415, "unsupported_type")
		h.do("manager", "POST", "/api/v1/imports", "--x\r\n", "Content-Type", "multipart/form-data; boundary=x").problem(422, "invalid")
		h.do("manager", "POST", "/api/v1/imports", "--x--\r\n", "Content-Type", "multipart/form-data; boundary=x").problem(422, "invalid")
		h.upload("support", "a.csv", []byte("Name\nAnn\n")).problem(403, "forbidden")
		h.upload("", "a.csv", []byte("Name\nAnn\n")).problem(401, "not_signed_in")
		cutOffUpload(t, h)
		for table, want := range map[string]int{"imports": 0, "file_chunks": 0} {
			var n int
			if err := d.Read().GetContext(t.Context(), &n, "SELECT COUNT(*) FROM "+table); err != nil || n != want {
				t.Errorf("%s has %d rows, %v", table, n, err)
			}
		}
	})
}

// cutOffUpload sends half an upload and hangs up; the server's answer, if any, is a problem.
func cutOffUpload(t *testing.T, h *harness) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nName\nAnn\n"
	fmt.Fprintf(conn, "POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer manager\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n%s", body)
	if tcp, ok := conn.(*net.TCPConn); ok {
		err = tcp.CloseWrite()
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if err != nil || !bytes.Contains(text, []byte("application/problem+json")) {
		t.Errorf("half an upload was answered %q, %v", text, err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func TestImportRefusals(t *testing.T) {
	t.Parallel()
	h := newImportDesk(t, dbtest.SQLite(t))
	m := h.upload("manager", "a.csv", []byte("Name,City\nAnn,Oslo\n")).want(201).object()
	path := fmt.Sprintf("/api/v1/imports/%v", m["id"])
	p := h.do("manager", "PATCH", path, map[string]any{"mode": "merge", "match": []string{"name"}, "preset": "sap", "mapping": []map[string]any{{"column": 5, "field": "name"}}, "separator": "long"}).problem(422, "invalid")
	if field(p, "separator") == "" {
		t.Errorf("named %+v", p.Errors)
	}
	p = h.do("manager", "PATCH", path, map[string]any{"mode": "merge", "match": []string{"name"}, "preset": "sap", "mapping": []map[string]any{{"column": 5, "field": "name"}}}).problem(422, "invalid")
	for _, name := range []string{"mode", "match", "preset", "mapping[0].column"} {
		if field(p, name) == "" {
			t.Errorf("%s is not named in %+v", name, p.Errors)
		}
	}
	h.do("manager", "PATCH", path, map[string]any{"nonsense": 1}).problem(422, "invalid")
	h.do("manager", "POST", path+"/undo", nil).problem(409, "cannot_undo")
	h.do("manager", "POST", path+"/cancel", nil).problem(409, "nothing_to_cancel")
	h.do("manager", "GET", path+"/rows?cursor=x", nil).problem(422, "invalid")
	h.do("manager", "GET", "/api/v1/imports?cursor=x", nil).problem(422, "invalid")
	h.do("manager", "GET", "/api/v1/imports/imp_x", nil).problem(404, "not_found")
	h.do("manager", "PUT", path+"/rows/2", map[string]any{"cells": map[string]any{"0": "x"}}).problem(404, "not_found")
	h.do("manager", "PUT", path+"/rows/2", map[string]any{"cells": map[string]any{"first": "x"}}).problem(422, "invalid")
	h.do("support", "GET", "/api/v1/imports", nil).problem(403, "forbidden")
	if sample := h.do("manager", "GET", "/api/v1/imports/sample", nil).want(200); !strings.Contains(string(sample.Body), "Reference number") {
		t.Errorf("sample %s", sample.Body)
	}
	if presets := h.do("manager", "GET", "/api/v1/imports/presets", nil).want(http.StatusOK); !strings.Contains(string(presets.Body), "Newfies") {
		t.Errorf("presets %s", presets.Body)
	}
}

// TestListOfImports asks the list as every other is asked: words, filter, order, pages, its fields and CSV.
func TestListOfImports(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newImportDesk(t, d)
		for name, content := range map[string]string{
			"Norte Ñandú.csv": "Name,E-mail\nAna,ana@example.net\nBea,bea@example.net\nCleo,not an address\n",
			"south.csv":       "Name,E-mail\nDan,dan@example.net\n",
			"draft.csv":       "Name\nEve\n",
		} {
			m := h.upload("manager", name, []byte(content), "target", "customers").want(201).object()
			path := fmt.Sprintf("/api/v1/imports/%v", m["id"])
			if name == "draft.csv" {
				continue
			}
			h.do("manager", "POST", path+"/check", nil).want(202)
			h.awaitImport(path)
			if name == "south.csv" {
				h.do("manager", "POST", path+"/run", nil).want(202)
				h.awaitImport(path)
			}
		}
		names := func(query string) string {
			t.Helper()
			page := h.do("manager", "GET", "/api/v1/imports?"+query, nil).want(200).object()
			var out []string
			for _, m := range page["items"].([]any) {
				m := m.(map[string]any)
				out = append(out, fmt.Sprintf("%v %v/%v/%v", m["file_name"], m["rows"], m["created"], m["wrong"]))
			}
			return strings.Join(out, ", ")
		}
		filter := func(field, op string, value any) string {
			text, err := json.Marshal(map[string]any{"field": field, "op": op, "value": value})
			if err != nil {
				t.Fatal(err)
			}
			return "filter=" + url.QueryEscape(string(text))
		}
		const north, south, draft = "Norte Ñandú.csv 3/2/1", "south.csv 1/1/0", "draft.csv 0/0/0"
		for query, want := range map[string]string{
			"sort=file_name":                 strings.Join([]string{draft, north, south}, ", "),
			"sort=-rows":                     strings.Join([]string{north, south, draft}, ", "),
			"q=nandu":                        north,
			"state=done":                     south,
			"state=done&q=norte":             "",
			filter("state", "eq", "checked"): north,
			filter("wrong", "gt", 0):         north,
			filter("created", "gte", 1) + "&sort=rows": south + ", " + north,
		} {
			if got := names(query); got != want {
				t.Errorf("%s: %s, not %s", query, got, want)
			}
		}
		first := h.do("manager", "GET", "/api/v1/imports?sort=file_name&limit=1", nil).want(200).object()
		if got := names("sort=file_name&limit=1&cursor=" + url.QueryEscape(fmt.Sprint(first["next_cursor"]))); got != north || fmt.Sprint(first["total"]) != "3" {
			t.Errorf("behind %v: %s", first, got)
		}
		if fields := h.do("manager", "GET", "/api/v1/imports/fields", nil).want(200); !strings.Contains(string(fields.Body), `"created_by"`) {
			t.Errorf("fields %s", fields.Body)
		}
		csv := string(h.do("manager", "GET", "/api/v1/imports?sort=file_name&state=checked", nil, "Accept", "text/csv").want(200).Body)
		if lines := strings.Split(strings.TrimSpace(csv), "\n"); len(lines) != 2 || !strings.Contains(lines[1], "Norte Ñandú.csv,checked,customers,3,2,0,1,") {
			t.Errorf("as CSV %q", csv)
		}
		h.do("manager", "GET", "/api/v1/imports?sort=target_of", nil).problem(422, "invalid")
		h.do("support", "GET", "/api/v1/imports/fields", nil).problem(403, "forbidden")
	})
}
