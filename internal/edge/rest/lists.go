package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/kit/list"
	"tandem/internal/kit/tabular"
)

// ListParams is the query of every list; embed it into its input.
type ListParams struct {
	Q      string `query:"q" doc:"Words, each found as a fragment of any keyword field."`
	Filter string `query:"filter" doc:"JSON: {\"and\":[{\"field\":\"name\",\"op\":\"contains\",\"value\":\"tele\"}]}. See GET .../fields for fields and operators."`
	Sort   string `query:"sort" doc:"Fields, parted by commas, each with - before it for descending."`
	Limit  int    `query:"limit" doc:"Rows a page, 1 to 1000; 50 when left out."`
	Cursor string `query:"cursor" doc:"next_cursor of the page before."`
	Offset int    `query:"offset" doc:"Rows to jump over, for a grid; costs more the further it jumps. Not with cursor."`
	Total  string `query:"total" doc:"auto (exact where that is cheap), exact, or none."`
}

// Query is the parameters as lists take them.
func (p ListParams) Query() list.Query {
	return list.Query{Q: p.Q, Filter: p.Filter, Sort: p.Sort, Limit: p.Limit, Cursor: p.Cursor, Offset: p.Offset, Total: list.TotalMode(p.Total)}
}

// PageBody is one page of a list.
type PageBody[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Left out on the last page."`
	Total      *int64 `json:"total,omitempty"`
	TotalExact bool   `json:"total_is_exact"`
}

// pageOf prints a page: each of the rows through body.
func pageOf[R, T any](rows []R, page list.Page, body func(R) T) *Answer[PageBody[T]] {
	out := &Answer[PageBody[T]]{Body: PageBody[T]{Items: make([]T, len(rows)), NextCursor: page.Next, TotalExact: page.Exact}}
	for i, r := range rows {
		out.Body.Items[i] = body(r)
	}
	if page.Total >= 0 {
		out.Body.Total = &page.Total
	}
	return out
}

// pageReader reads one page of a list.
type pageReader[R any] func(ctx context.Context, q list.Query) ([]R, list.Page, error)

// describedList adds the two routes of a list that is kept by kit/list: its pages, also as CSV, and its fields.
func describedList[R, T any](api *API, route Route, table func() *list.Table, read pageReader[R], body func(R) T) {
	route.Method = http.MethodGet
	route.Also = map[string]RawHandler{"text/csv": func(w http.ResponseWriter, r *http.Request) error {
		if err := api.exported(r, table().Name); err != nil {
			return err
		}
		return sendCSV(w, r, table(), read, body)
	}}
	Register(api, route, func(ctx context.Context, in *struct{ ListParams }) (*Answer[PageBody[T]], error) {
		rows, page, err := read(ctx, in.Query())
		if err != nil {
			return nil, err
		}
		return pageOf(rows, page, body), nil
	})
	Register(api, Route{Method: http.MethodGet, Path: route.Path + "/fields", ID: route.ID + "-fields", Summary: route.Summary + ": the fields", Tag: route.Tag, Needs: route.Needs},
		func(ctx context.Context, _ *Nothing) (*Answer[FieldsBody], error) {
			return &Answer[FieldsBody]{FieldsBody{list.Describe(table().Fields, access.Masked(ctx)...)}}, nil
		})
}

// exported notes that a list is taken away as a file; what is one's own alone is not noted.
func (a *API) exported(r *http.Request, list string) error {
	if a.server.cfg.Exported == nil || r.Method == http.MethodHead || list == "notices" {
		return nil
	}
	v := r.URL.Query()
	return a.server.cfg.Exported(r.Context(), list, v.Get("q"), v.Get("filter"))
}

// sendCSV sends everything that matches, page by page: the ID, then each field as the list's JSON has it.
func sendCSV[R, T any](w http.ResponseWriter, r *http.Request, t *list.Table, read pageReader[R], body func(R) T) error {
	v := r.URL.Query()
	q := ListParams{Q: v.Get("q"), Filter: v.Get("filter"), Sort: v.Get("sort"), Limit: list.MaxLimit, Total: string(list.TotalNone)}.Query()
	head := []string{"id"}
	hidden := t.Hidden(access.Masked(r.Context()))
	for i := range t.Fields {
		if !slices.Contains(hidden, t.Fields[i].Name) {
			head = append(head, t.Fields[i].Name)
		}
	}
	var out tabular.Writer
	for {
		rows, page, err := read(r.Context(), q)
		if err != nil {
			return err
		}
		if out == nil { // what is wrong with the query is known by now
			out = csvAnswer(w, t.Name+".csv")
			if err := out.Write(head); err != nil {
				return err
			}
		}
		for _, row := range rows {
			cells, err := cellsOf(head, body(row))
			if err != nil {
				return err
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return out.Close()
		}
	}
}

// cellsOf is the properties of a body by name; what is no text or number is its JSON.
func cellsOf(names []string, body any) ([]string, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write a row: %w", err)
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, fmt.Errorf("write a row: %w", err)
	}
	cells := make([]string, len(names))
	for i, name := range names {
		raw := values[name]
		if len(raw) == 0 || string(raw) == "null" {
			continue
		}
		if json.Unmarshal(raw, &cells[i]) != nil {
			cells[i] = string(raw)
		}
	}
	return cells, nil
}

// FieldsBody describes the fields of a list.
type FieldsBody struct {
	Fields []list.Description `json:"fields"`
}
