package list

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tandem/internal/kit/db"
)

// builder gathers the arguments of one statement.
type builder struct {
	dialect db.Dialect
	args    []any
}

func (b *builder) add(v any) string {
	b.args = append(b.args, v)
	return fmt.Sprintf("$%d", len(b.args))
}

// writer turns a filter into a condition. plain wraps expressions whose indexes must not be used; done is a part that
// needs no test any more.
type writer struct {
	*builder
	table *Table
	plain func(f *Field) string
	done  int // its place; 0: everything is tested
}

const never = "1 = 0"

func (w *writer) node(n *Node) string {
	switch {
	case n == nil:
		return ""
	case n.place == w.done && w.done > 0:
		return "1 = 1"
	case n.words:
		return w.words(n)
	case n.Field != nil:
		return w.leaf(n)
	case n.Or != nil:
		return "(" + strings.Join(w.list(n.Or), " OR ") + ")"
	case len(n.And) == 0:
		return "1 = 1"
	}
	return "(" + strings.Join(w.list(n.And), " AND ") + ")"
}

func (w *writer) list(nodes []*Node) []string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = w.node(n)
	}
	return out
}

func (w *writer) words(n *Node) string {
	if len(n.in) == 0 {
		return never
	}
	mark := w.add(n.Keys[0])
	any := make([]string, len(n.in))
	for i, name := range n.in {
		any[i] = w.dialect.Contains(w.table.Field(name).search(), mark)
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

func (w *writer) leaf(n *Node) string {
	f := n.Field
	if f.Type == TypeMultiRef {
		return w.members(n)
	}
	key := w.plain(f)
	switch n.Op {
	case OpEmpty:
		return fmt.Sprintf("%s = %s", key, literal(f.none()))
	case OpNEmpty:
		return fmt.Sprintf("%s > %s", key, literal(f.none()))
	case OpContains:
		return w.dialect.Contains(f.search(), w.add(searchKey(f, n)))
	case OpNContains:
		return "NOT " + w.dialect.Contains(f.search(), w.add(searchKey(f, n)))
	case OpEnds, OpNEnds:
		return w.ends(n)
	case OpStarts:
		return w.starts(key, n.Keys[0].(string))
	case OpNStarts:
		return "NOT (" + w.starts(f.Key, n.Keys[0].(string)) + ")"
	}
	return w.compare(n, key)
}

// searchKey is the fragment as the field's searched text spells it: folded, also where the key is in upper case.
func searchKey(f *Field, n *Node) string {
	s := n.Keys[0].(string)
	if f.Search != "" {
		return strings.ToLower(s)
	}
	return s
}

func (w *writer) ends(n *Node) string {
	s := searchKey(n.Field, n)
	cond := "1 = 1"
	if s != "" {
		cond = w.dialect.EndsWith(n.Field.search(), w.add(s), utf8.RuneCountInString(s))
	}
	if n.Op == OpNEnds {
		return "NOT (" + cond + ")"
	}
	return cond
}

// starts is a range, so that an index serves it.
func (w *writer) starts(key, prefix string) string {
	if prefix == "" {
		return "1 = 1"
	}
	return fmt.Sprintf("%s >= %s AND %s < %s", key, w.add(prefix), key, w.add(prefix+"\U0010FFFF"))
}

func (w *writer) compare(n *Node, key string) string {
	f := n.Field
	mark := func(i int) string { return w.add(n.Keys[i]) }
	// Below every number stands the empty one, which is no number.
	some := func(cond string) string {
		if f.isNumeric() {
			return fmt.Sprintf("(%s AND %s > %s)", cond, key, literal(int64(NoNumber)))
		}
		return cond
	}
	switch n.Op {
	case OpEq:
		return fmt.Sprintf("%s = %s", key, mark(0))
	case OpIn:
		return fmt.Sprintf("%s IN (%s)", key, w.marks(n.Keys))
	case OpNe, OpNin:
		if others, ok := otherChoices(n); ok {
			if len(others) == 0 {
				return never
			}
			return fmt.Sprintf("%s IN (%s)", key, w.marks(others))
		}
		return fmt.Sprintf("%s NOT IN (%s)", f.Key, w.marks(n.Keys))
	case OpLt:
		return some(fmt.Sprintf("%s < %s", key, mark(0)))
	case OpLte:
		return some(fmt.Sprintf("%s <= %s", key, mark(0)))
	case OpGt:
		return fmt.Sprintf("%s > %s", key, mark(0))
	case OpGte:
		return fmt.Sprintf("%s >= %s", key, mark(0))
	case OpBetween:
		return fmt.Sprintf("%s BETWEEN %s AND %s", key, mark(0), mark(1))
	}
	return never
}

func (w *writer) marks(keys []any) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = w.add(k)
	}
	return strings.Join(out, ", ")
}

// otherChoices turns "not these" into "one of the others", which an index serves, where all choices are known. The
// empty value is one of them unless the field is required.
func otherChoices(n *Node) ([]any, bool) {
	f := n.Field
	if f.Type != TypeChoice || len(f.Choices) == 0 {
		return nil, false
	}
	var out []any
	if !f.Required {
		out = append(out, "")
	}
	for _, c := range f.Choices {
		if !slices.Contains(n.Keys, any(c.Value)) {
			out = append(out, c.Value)
		}
	}
	return out, true
}

func (w *writer) members(n *Node) string {
	m := n.Field.Members
	exists := func(cond string) string {
		of := m.Of
		if of == "" {
			of = w.table.ID
		}
		return fmt.Sprintf("EXISTS (SELECT 1 FROM %s WHERE %s.%s = %s%s)", m.Table, m.Table, m.Row, of, cond)
	}
	switch n.Op {
	case OpEmpty:
		return "NOT " + exists("")
	case OpNEmpty:
		return exists("")
	case OpNe, OpNin:
		return "NOT " + exists(fmt.Sprintf(" AND %s IN (%s)", m.Ref, w.marks(n.Keys)))
	}
	return exists(fmt.Sprintf(" AND %s IN (%s)", m.Ref, w.marks(n.Keys)))
}

func literal(v any) string {
	if n, ok := v.(int64); ok {
		if n == NoNumber { // neither database reads its digits as one number
			return "(-9223372036854775807 - 1)"
		}
		return fmt.Sprint(n)
	}
	return "''"
}
