package view

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Prefix begins the identifiers of views at the API.
const Prefix = "view"

// Limits of a view.
const (
	maxName    = 100 // letters
	maxQ       = 200
	maxFilter  = 64 << 10 // bytes
	maxColumns = 500
	maxWidth   = 5000 // pixels
	maxViews   = 200  // of one owner and target
	maxListed  = 2000
)

// Column is one column of a list as a view shows it.
type Column struct {
	Name   string `json:"name"`
	Width  int    `json:"width,omitempty"` // pixels; 0 = as the list has it
	Hidden bool   `json:"hidden,omitempty"`
	Pinned bool   `json:"pinned,omitempty"`
}

// Content is what a person says about a view.
type Content struct {
	Target  string
	Name    string
	Filter  json.RawMessage // an object of the filter language; nil = none
	Q       string
	Sort    string
	Columns []Column
	Shared  bool
	Pinned  bool // by who looks
	Default bool // of who looks
}

// View is a saved filter as one person sees it.
type View struct {
	Content
	ID        int64
	Owner     string // key of a principal
	OwnerName string
	Mine      bool
	Masked    bool // it filters or sorts by what is hidden from who looks, and is told without that
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64
}

// PublicID is the view's identifier at the API.
func (v View) PublicID() string { return id.Format(Prefix, v.ID) }

// Patch is what to change; nil leaves it.
type Patch struct {
	Name    *string
	Filter  *json.RawMessage // "null" takes the filter away
	Q       *string
	Sort    *string
	Columns *[]Column
	Shared  *bool
	Pinned  *bool
	Default *bool
}

// touchesView tells whether the patch changes more than the caller's own marks.
func (p Patch) touchesView() bool {
	return p.Name != nil || p.Filter != nil || p.Q != nil || p.Sort != nil || p.Columns != nil || p.Shared != nil
}

func (p Patch) apply(c *Content) {
	set(&c.Name, p.Name)
	set(&c.Filter, p.Filter)
	set(&c.Q, p.Q)
	set(&c.Sort, p.Sort)
	set(&c.Columns, p.Columns)
	set(&c.Shared, p.Shared)
	set(&c.Pinned, p.Pinned)
	set(&c.Default, p.Default)
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Validator tells what is wrong with a view of one target, as an *errs.Error with fields filter, sort, columns[0].name.
type Validator func(ctx context.Context, c Content) error

// Target is a list that can have views.
type Target struct {
	Name     string            // such as customers
	Read     access.Permission // needed to see views of it
	Validate Validator
	Table    func() *list.Table // to find out whether a view uses what is hidden from who looks
}

// ForList is the Validator of a list of kit/list.
func ForList(e *list.Engine) Validator {
	return func(ctx context.Context, c Content) error {
		var wrong errs.Fields
		if _, err := e.Parse(list.Query{Q: c.Q, Filter: string(c.Filter), Sort: c.Sort, Masked: access.Masked(ctx)}); err != nil {
			refusal, ok := errs.As(err)
			if !ok {
				return err
			}
			for _, f := range refusal.Fields {
				wrong.Add(f.Field, f.Code, "%s", f.Message)
			}
			if len(refusal.Fields) == 0 {
				return err
			}
		}
		for i, col := range c.Columns {
			if e.Table().Field(col.Name) == nil {
				wrong.Add(fmt.Sprintf("columns[%d].name", i), "unknown_field", "The list has no such column.")
			}
		}
		return wrong.Err()
	}
}

// hide takes out of a view what filters or sorts by fields that are hidden from who looks.
func (v *View) hide(ctx context.Context, t Target) {
	masked := access.Masked(ctx)
	if len(masked) == 0 || t.Table == nil {
		return
	}
	_, err := t.Table().Parse(list.Query{Filter: string(v.Filter), Sort: v.Sort, Masked: masked})
	if refusal, ok := errs.As(err); ok && slices.ContainsFunc(refusal.Fields, func(f errs.Field) bool { return f.Code == "masked" }) {
		v.Filter, v.Sort, v.Masked = nil, "", true
	}
}

// tidy brings a content into the form that is kept.
func (c *Content) tidy() {
	c.Name = strings.Join(strings.Fields(c.Name), " ")
	c.Q = strings.TrimSpace(c.Q)
	c.Sort = strings.TrimSpace(c.Sort)
	if f := bytes.TrimSpace(c.Filter); len(f) == 0 || string(f) == "null" || string(f) == "{}" {
		c.Filter = nil
	}
	if c.Columns == nil {
		c.Columns = []Column{}
	}
}

// check tells every part of a tidy content that no list would take.
func (c *Content) check(wrong *errs.Fields) {
	switch {
	case c.Name == "":
		wrong.Add("name", "required", "A view needs a name.")
	case !plain(c.Name):
		wrong.Add("name", "bad_text", "It must be one line of text.")
	case utf8.RuneCountInString(c.Name) > maxName:
		wrong.Add("name", "too_long", "It may have %d letters at most.", maxName)
	}
	if utf8.RuneCountInString(c.Q) > maxQ || !plain(c.Q) {
		wrong.Add("q", "too_long", "It may have %d letters at most, in one line.", maxQ)
	}
	if len(c.Filter) > maxFilter {
		wrong.Add("filter", "too_long", "It may have %d KiB at most.", maxFilter>>10)
	} else if len(c.Filter) > 0 && (!json.Valid(c.Filter) || !utf8.Valid(c.Filter)) {
		wrong.Add("filter", "malformed", "It is not valid JSON.")
	}
	if !plain(c.Sort) {
		wrong.Add("sort", "bad_text", "It must be one line of text.")
	}
	if len(c.Columns) > maxColumns {
		wrong.Add("columns", "too_many", "There may be %d columns at most.", maxColumns)
		return
	}
	seen := map[string]bool{}
	for i, col := range c.Columns {
		field := fmt.Sprintf("columns[%d]", i)
		if seen[col.Name] {
			wrong.Add(field+".name", "twice", "This column is named twice.")
		}
		seen[col.Name] = true
		if col.Width < 0 || col.Width > maxWidth {
			wrong.Add(field+".width", "out_of_range", "It must be from 0 to %d.", maxWidth)
		}
	}
}

func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// changes is what the audit tells; before nil means that the view was made.
func changes(before, after *Content) []audit.Change {
	if before == nil {
		before = &Content{}
	}
	var out []audit.Change
	add := func(field string, old, new any) {
		if old != new {
			out = append(out, audit.Change{Field: field, Old: old, New: new})
		}
	}
	add("name", before.Name, after.Name)
	add("filter", string(before.Filter), string(after.Filter))
	add("q", before.Q, after.Q)
	add("sort", before.Sort, after.Sort)
	add("columns", columnsText(before.Columns), columnsText(after.Columns))
	add("shared", before.Shared, after.Shared)
	add("pinned", before.Pinned, after.Pinned)
	add("default", before.Default, after.Default)
	return out
}

func columnsText(c []Column) string {
	if len(c) == 0 {
		return "[]"
	}
	b, err := json.Marshal(c)
	if err != nil { // texts and numbers only
		return ""
	}
	return string(b)
}
