package list

import (
	"math"
	"slices"
)

// Type is what a field holds. It decides the operators and how values are written.
type Type string

// The types of fields.
const (
	TypeID       Type = "id"       // letters and digits, compared in upper case
	TypeText     Type = "text"     // compared by folded key
	TypeInt      Type = "int"      // whole number
	TypeNumber   Type = "number"   // decimal number of up to six places, kept in millionths
	TypeMoney    Type = "money"    // the same, with a currency beside it
	TypeDate     Type = "date"     // instant, kept in microseconds
	TypeDay      Type = "day"      // calendar day, kept as days since 1970-01-01
	TypeChoice   Type = "choice"   // one of a set of codes
	TypeBool     Type = "bool"     // true or false, kept as 1 and 0
	TypeRef      Type = "ref"      // another row
	TypeMultiRef Type = "multiref" // several other rows
)

// NoNumber is how an empty number, date or day is kept: below every value, so that it sorts first on both databases
// and needs no NULL.
const NoNumber = math.MinInt64

// Choice is one code of a choice field with its label.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Members is the table behind a TypeMultiRef field: one row for each reference that a row holds.
type Members struct {
	Table string // such as group_members
	Row   string // its column with the row's ID, or with Of
	Ref   string // its column with the reference
	Of    string // SQL expression of the row that Row equals; empty means the row's ID
	// List is a SELECT of the IDs of the rows that have a reference among %s; empty: the column Row holds them.
	List string
}

// Field is one field of a table: where it is kept, what may be done with it, and how it is shown first.
type Field struct {
	Name  string // as the API spells it
	Label string
	Type  Type

	Key       string // SQL expression that is compared and sorted by: the folded text, the code, the number
	Search    string // SQL expression in which fragments are looked for; empty means Key
	Sortable  bool   // an index leads with Key and ends with the ID
	Filter    bool   // may stand in a filter
	Fragments bool   // its folded text is in the table's fragment index
	Choices   []Choice
	Prefix    string // of the IDs of a reference
	Members   *Members

	Visible    bool // shown until a person hides it
	Width      int  // in pixels, at first
	Right      bool // numbers stand at the right
	Editable   bool
	Importable bool
	Custom     bool
	Required   bool
	Bulk       []string // operations of a bulk change
	Group      string   // heading under which forms and pickers show it
	Help       string
	Mask       string // hides the field from those whose Query.Masked or Describe names it; empty: from nobody
}

// hidden tells whether one of the masks hides the field.
func (f *Field) hidden(masked []string) bool { return f.Mask != "" && slices.Contains(masked, f.Mask) }

func (f *Field) search() string {
	if f.Search != "" {
		return f.Search
	}
	return f.Key
}

func (f *Field) isNumeric() bool {
	switch f.Type {
	case TypeInt, TypeNumber, TypeMoney, TypeDate, TypeDay:
		return true
	}
	return false
}

// none is the key of an empty value.
func (f *Field) none() any {
	switch f.Type {
	case TypeInt, TypeNumber, TypeMoney, TypeDate, TypeDay:
		return int64(NoNumber)
	case TypeRef, TypeBool:
		return int64(0)
	}
	return ""
}

// Ops is the operators that may stand before a value of the field.
func (f *Field) Ops() []Op {
	if !f.Filter {
		return []Op{}
	}
	switch f.Type {
	case TypeText, TypeID:
		return []Op{OpContains, OpStarts, OpEnds, OpEq, OpNe, OpNContains, OpNStarts, OpNEnds, OpIn, OpNin, OpLt, OpLte, OpGt, OpGte, OpBetween, OpEmpty, OpNEmpty}
	case TypeInt, TypeNumber, TypeMoney, TypeDate, TypeDay:
		return []Op{OpEq, OpNe, OpGt, OpGte, OpLt, OpLte, OpBetween, OpIn, OpNin, OpEmpty, OpNEmpty}
	case TypeBool:
		return []Op{OpEq, OpNe}
	}
	return []Op{OpEq, OpNe, OpIn, OpNin, OpEmpty, OpNEmpty}
}

// Description is a field as GET /<things>/fields tells it.
type Description struct {
	Name       string   `json:"name"`
	Label      string   `json:"label"`
	Type       Type     `json:"type"`
	Ops        []Op     `json:"ops"`
	Sortable   bool     `json:"sortable"`
	Filterable bool     `json:"filterable"`
	Editable   bool     `json:"editable"`
	Importable bool     `json:"importable"`
	Required   bool     `json:"required"`
	Custom     bool     `json:"custom"`
	Visible    bool     `json:"default_visible"`
	Width      int      `json:"width"`
	Align      string   `json:"align"`
	Choices    []Choice `json:"choices,omitempty"`
	BulkOps    []string `json:"bulk_ops,omitempty"`
	Group      string   `json:"group,omitempty"`
	Help       string   `json:"help,omitempty"`
	Masked     bool     `json:"masked,omitempty" doc:"hidden from the caller: nothing can be done with it, and rows have it as null"`
}

// Describe tells what may be done with each field by somebody who has these masks.
func Describe(fields []Field, masked ...string) []Description {
	out := make([]Description, len(fields))
	for i := range fields {
		f := &fields[i]
		align, width := "left", f.Width
		if f.Right {
			align = "right"
		}
		if width == 0 {
			width = 140
		}
		out[i] = Description{
			Name: f.Name, Label: f.Label, Type: f.Type, Ops: f.Ops(), Sortable: f.Sortable, Filterable: f.Filter,
			Editable: f.Editable, Importable: f.Importable, Required: f.Required, Custom: f.Custom, Visible: f.Visible,
			Width: width, Align: align, Choices: f.Choices, BulkOps: f.Bulk, Group: f.Group, Help: f.Help,
		}
		if f.hidden(masked) {
			out[i] = Description{Name: f.Name, Label: f.Label, Type: f.Type, Ops: []Op{}, Custom: f.Custom, Width: width, Align: align, Group: f.Group, Masked: true}
		}
	}
	return out
}

// Table declares a list.
type Table struct {
	Name     string // of the list, as its cursors and the API know it
	From     string // such as "customers c"
	ID       string // such as "c.id"
	Fields   []Field
	Keywords []string       // fields that the keyword search looks in
	Index    *FragmentIndex // nil: fragments are found by walking
	Default  string         // sort, such as "-created_at"
	// Base is a condition that every query has, given the filter, such as "c.closed = 0" unless the filter asks for
	// closed rows. Indexes of sortable fields lead with its column. ok is false when no single value covers the filter.
	Base func(f *Node) (condition string, ok bool)
	// Scopes are fields that no caller names: what the owner keeps callers to (Scope.Field) is a condition on one.
	Scopes []Field
	// Unindexed says that this table is small or its lists are walked: fields need not have indexes.
	Unindexed bool
}

// all is every field, those that no caller names too.
func (t *Table) all() []Field { return append(slices.Clone(t.Fields), t.Scopes...) }

// Hidden is the names of the fields that the masks hide.
func (t *Table) Hidden(masked []string) []string {
	var out []string
	for i := range t.Fields {
		if t.Fields[i].hidden(masked) {
			out = append(out, t.Fields[i].Name)
		}
	}
	return out
}

func (t *Table) scope(name string) *Field {
	for i := range t.Scopes {
		if t.Scopes[i].Name == name {
			return &t.Scopes[i]
		}
	}
	return nil
}

// Field finds a field by name.
func (t *Table) Field(name string) *Field {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}
