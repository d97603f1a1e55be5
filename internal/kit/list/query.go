package list

import (
	"fmt"
	"strings"

	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// TotalMode says how much work a total is worth.
type TotalMode string

// The ways to count.
const (
	TotalAuto  TotalMode = "auto"  // exact where that is cheap, else estimated
	TotalExact TotalMode = "exact" // whatever it costs
	TotalNone  TotalMode = "none"
)

// Query is a list request as the API spells it.
type Query struct {
	Q      string
	Filter string
	Sort   string
	Limit  int // rows a page; 0 means DefaultLimit
	Cursor string
	Offset int // rows to jump over; not with Cursor
	Total  TotalMode
	IDs    []int64  // only these rows; nil means all
	Scope  *Scope   // what the caller may see; nil means everything
	Masked []string // the caller's masks: fields that bear one are neither filtered, sorted nor searched by
}

// Scope is what the caller's place puts on every row: a condition such as "c.reseller_id = ?", or one on a field of
// Table.Scopes, for which the way is planned as for any filter.
type Scope struct {
	SQL  string // with one ? for each argument; empty when Field says it
	Args []any

	Field string // among the table's Scopes
	Keys  []int64
}

// byRow tells whether each row is tested by itself.
func (s *Scope) byRow() bool { return s != nil && s.SQL != "" }

// sum tells scopes apart, for ways that are kept and for cursors.
func (s *Scope) sum() string {
	if s == nil {
		return ""
	}
	return fmt.Sprint("\x00", s.SQL, s.Args, s.Field, s.Keys)
}

// node is the scope as a condition; nil when each row is tested by itself.
func (t *Table) scoped(s *Scope) (*Node, error) {
	if s == nil || s.Field == "" {
		return nil, nil
	}
	f := t.scope(s.Field)
	if f == nil {
		return nil, fmt.Errorf("the list %s knows no scope %q", t.Name, s.Field)
	}
	n := &Node{Field: f, Op: OpIn}
	for _, k := range s.Keys {
		n.Keys = append(n.Keys, k)
	}
	return n, nil
}

// Parsed is a query whose every part was understood.
type Parsed struct {
	Query
	table *Table
	node  *Node // filter and keywords
	sort  []SortKey
	after *cursor
	base  string
	// dialect is that of the engine which answers, once it plans.
	dialect db.Dialect
	// ordered is false when the filter leaves no single index order (open and closed rows at once).
	ordered bool
}

// Parse understands a query, or tells every part that is wrong.
func (t *Table) Parse(q Query) (*Parsed, error) {
	var wrong errs.Fields
	keep := func(err error) {
		if e, ok := errs.As(err); ok {
			for _, f := range e.Fields {
				wrong.Add(f.Field, f.Code, "%s", f.Message)
			}
		}
	}
	filter, err := t.ParseFilter(q.Filter, q.Masked...)
	keep(err)
	words, err := t.parseWords(q.Q, q.Masked)
	keep(err)
	p := &Parsed{Query: q, table: t, sort: t.parseSort(q.Sort, q.Masked, &wrong)}
	p.after = t.parseCursor(q, p.sort, &wrong)
	p.checkNumbers(&wrong)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	scope, err := t.scoped(q.Scope)
	if err != nil {
		return nil, err
	}
	p.node = both(both(filter, words), scope)
	p.node.number(1)
	p.ordered = true
	if t.Base != nil {
		p.base, p.ordered = t.Base(filter)
	}
	return p, nil
}

func (p *Parsed) checkNumbers(wrong *errs.Fields) {
	if p.Limit == 0 {
		p.Limit = DefaultLimit
	}
	if p.Limit < 1 || p.Limit > MaxLimit {
		wrong.Add("limit", "out_of_range", "A page has 1 to %d rows.", MaxLimit)
	}
	if p.Offset < 0 || p.Offset > maxOffset {
		wrong.Add("offset", "out_of_range", "The offset is a number from 0 to %d.", maxOffset)
	}
	if p.Offset > 0 && p.Cursor != "" {
		wrong.Add("offset", "with_cursor", "Give a cursor or an offset, not both.")
	}
	switch p.Total {
	case "":
		p.Total = TotalAuto
	case TotalAuto, TotalExact, TotalNone:
	default:
		wrong.Add("total", "unknown", "The total is auto, exact or none.")
	}
}

func both(a, b *Node) *Node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &Node{And: []*Node{a, b}}
}

// Filtered tells whether the query has conditions of its own.
func (p *Parsed) Filtered() bool { return p.node != nil || p.IDs != nil || p.Scope != nil }

// where is every condition but the cursor's.
func (p *Parsed) where(b *builder, way way) string {
	onSort := func(f *Field) bool { return !way.gathers() && p.sort[0].Field == f }
	w := &writer{builder: b, table: p.table, plain: func(f *Field) string {
		if p.table.Unindexed || onSort(f) {
			return f.Key
		}
		return b.dialect.Plain(f.Key)
	}}
	var conditions []string
	add := func(c string) {
		if c != "" {
			conditions = append(conditions, c)
		}
	}
	switch {
	case p.base != "" && way.gathers():
		add(b.dialect.Plain(p.base))
	default:
		add(p.base)
	}
	if way.set != nil {
		add(p.among(b, way))
		if way.set.exact {
			w.done = way.set.node.place
		}
	}
	add(w.node(p.node))
	if p.Scope.byRow() {
		add(p.scope(b))
	}
	if p.IDs != nil {
		add(p.inIDs(b))
	}
	if len(conditions) == 0 {
		return "1 = 1"
	}
	return strings.Join(conditions, " AND ")
}

// among is the condition that a row is of the set. PostgreSQL's planner would turn the way around: an array makes it
// gather, and a truth value makes it keep the set in memory and walk.
func (p *Parsed) among(b *builder, way way) string {
	ids := way.set.text(b)
	switch {
	case b.dialect == db.Postgres && way.gathers():
		return fmt.Sprintf("%s = ANY(ARRAY(%s))", p.table.ID, ids)
	case b.dialect == db.Postgres:
		return fmt.Sprintf("(%s IN (%s)) IS TRUE", p.table.ID, ids)
	case way.gathers():
		return fmt.Sprintf("%s IN (%s)", p.table.ID, ids)
	}
	return fmt.Sprintf("+%s IN (%s)", p.table.ID, ids)
}

func (p *Parsed) scope(b *builder) string {
	text := p.Scope.SQL
	for _, arg := range p.Scope.Args {
		text = strings.Replace(text, "?", b.add(arg), 1)
	}
	return "(" + text + ")"
}

func (p *Parsed) inIDs(b *builder) string {
	if len(p.IDs) == 0 {
		return never
	}
	marks := make([]string, len(p.IDs))
	for i, n := range p.IDs {
		marks[i] = fmt.Sprint(n) // numbers of ours; thousands of placeholders would be slower
	}
	return fmt.Sprintf("%s IN (%s)", p.table.ID, strings.Join(marks, ","))
}
