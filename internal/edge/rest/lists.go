package rest

import (
	"tandem/internal/kit/list"
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

// FieldsBody describes the fields of a list.
type FieldsBody struct {
	Fields []list.Description `json:"fields"`
}
