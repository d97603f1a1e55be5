package list

import (
	"context"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"sync/atomic"

	"tandem/internal/kit/db"
)

// Engine answers the queries of one table. Safe for concurrent use.
type Engine struct {
	db      *db.DB
	log     *slog.Logger
	count   func(ctx context.Context, base string) (int64, error)
	table   atomic.Pointer[Table]
	sample  atomic.Pointer[sample]
	drawing sync.Mutex
	plans   planCache
}

// NewEngine gives an engine. count is the exact number of rows under a base condition, from a counter that its owner
// keeps: it is asked at every request. A nil count counts the rows themselves, for small tables.
func NewEngine(d *db.DB, log *slog.Logger, t *Table, count func(ctx context.Context, base string) (int64, error)) *Engine {
	e := &Engine{db: d, log: log, count: count}
	if count == nil {
		e.count = e.countRows
	}
	e.table.Store(t)
	return e
}

// Table is the present declaration.
func (e *Engine) Table() *Table { return e.table.Load() }

// SetTable replaces the declaration, when an operator changed the custom fields.
func (e *Engine) SetTable(t *Table) {
	e.table.Store(t)
	e.sample.Store(nil)
	e.plans.clear()
}

// Parse understands a query against the present declaration.
func (e *Engine) Parse(q Query) (*Parsed, error) { return e.Table().Parse(q) }

func (e *Engine) countRows(ctx context.Context, base string) (int64, error) {
	if base == "" {
		base = "1 = 1"
	}
	var n int64
	err := e.db.Read().GetContext(ctx, &n, fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s", e.Table().From, base))
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", e.Table().Name, err)
	}
	return n, nil
}

// Page is what a page says beside its rows.
type Page struct {
	Next  string // cursor of the next page; empty at the end
	Total int64  // -1 when it was not asked for
	Exact bool
}

// Scan reads one row: the owner gives the destinations of its columns.
type Scan func(dest ...any) error

// Page reads one page. columns is the owner's SELECT list; row is called for each row with its Scan.
func (e *Engine) Page(ctx context.Context, p *Parsed, columns string, row func(Scan) error) (Page, error) {
	n, err := e.count(ctx, p.base)
	if err != nil {
		return Page{}, err
	}
	r := e.reading(ctx, p, n)
	out := Page{Total: -1}
	var total int64
	if out.Next, total, err = e.read(ctx, p, r, columns, row); err != nil {
		return Page{}, err
	}
	switch {
	case p.Total == TotalNone:
	case r.withTotal:
		out.Total, out.Exact = total, true
	default:
		out.Total, out.Exact, err = e.total(ctx, p, r.way, n)
	}
	return out, err
}

// Rows reads the page that a query asks for; one makes each row of its columns.
func Rows[T any](ctx context.Context, e *Engine, q Query, columns string, one func(Scan) (T, error)) ([]T, Page, error) {
	p, err := e.Parse(q)
	if err != nil {
		return nil, Page{}, err
	}
	out := []T{}
	page, err := e.Page(ctx, p, columns, func(scan Scan) error {
		row, err := one(scan)
		out = append(out, row)
		return err
	})
	return out, page, err
}

// reading is how a page is read; withTotal when the number of all matches comes with it.
type reading struct {
	way
	withTotal bool
}

// reading spares the second look at rows that are all gathered for the page anyhow.
func (e *Engine) reading(ctx context.Context, p *Parsed, n int64) reading {
	w := e.plan(ctx, p, n)
	counts := p.Total != TotalNone && w.gathers() && w.counts == nil && p.after == nil && p.Offset == 0
	return reading{way: w, withTotal: counts && e.countsExactly(p, w, n)}
}

// plan finds the way, once for each query while the sample lasts; pages behind a cursor are planned anew.
func (e *Engine) plan(ctx context.Context, p *Parsed, n int64) way {
	p.dialect = e.db.Dialect()
	if p.node == nil {
		return p.plan(nil, n)
	}
	s := e.sampled(ctx, n)
	if p.after != nil {
		return p.plan(s, n)
	}
	key := planKey{p.table.sum(p.Query), p.Limit, p.Offset, s}
	if w, ok := e.plans.get(key); ok {
		w.match = w.match * float64(n) / float64(max(w.of, 1))
		return w.way
	}
	w := p.plan(s, n)
	e.plans.put(key, plannedWay{way: w, of: n})
	return w
}

// sampled is a sample that is not much older than the table; nil while the table is small.
func (e *Engine) sampled(ctx context.Context, n int64) *sample {
	s := e.sample.Load()
	if n <= smallTable/4 {
		return nil
	}
	if s != nil && s.table == e.Table() && n < s.total+s.total/5 && n > s.total-s.total/5 {
		return s
	}
	if !e.drawing.TryLock() {
		return s
	}
	defer e.drawing.Unlock()
	drawn, err := draw(ctx, e.db.Read(), e.Table(), n)
	if err != nil {
		e.log.WarnContext(ctx, "drawing a sample failed; filters are answered without one", "list", e.Table().Name, "error", err)
		return s
	}
	e.sample.Store(drawn)
	return drawn
}

func (e *Engine) read(ctx context.Context, p *Parsed, r reading, columns string, row func(Scan) error) (next string, total int64, err error) {
	b := &builder{dialect: e.db.Dialect()}
	text := p.pageSQL(b, r, columns)
	rows, err := e.db.Read().QueryContext(ctx, text, b.args...)
	if err != nil {
		return "", 0, fmt.Errorf("list %s: %w", p.table.Name, err)
	}
	defer func() { _ = rows.Close() }()
	last := cursor{Sum: p.table.sum(p.Query), Keys: make([]any, len(p.sort))}
	extra := make([]any, 0, len(p.sort)+2)
	for i, k := range p.sort {
		if _, isInt := k.Field.none().(int64); isInt {
			last.Keys[i] = new(int64)
		} else {
			last.Keys[i] = new(string)
		}
		extra = append(extra, last.Keys[i])
	}
	extra = append(extra, &last.ID)
	if r.withTotal {
		extra = append(extra, &total)
	}
	scan := func(dest ...any) error { return rows.Scan(append(dest, extra...)...) }
	n := 0
	more := false
	for rows.Next() {
		if n++; n > p.Limit {
			more = true
			break
		}
		if err := row(scan); err != nil {
			return "", 0, fmt.Errorf("list %s: %w", p.table.Name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return "", 0, fmt.Errorf("list %s: %w", p.table.Name, err)
	}
	if !more {
		return "", total, nil
	}
	return last.String(), total, nil
}

// pageSQL asks for one row more than the page has, to know whether there is a next. Where rows are gathered, kept or
// jumped over, it finds the IDs of the page first, from indexes where it can, and fetches those rows alone.
func (p *Parsed) pageSQL(b *builder, r reading, columns string) string {
	t := p.table
	keys := make([]string, 0, len(p.sort)+1)
	for _, k := range p.sort {
		keys = append(keys, k.Field.Key)
	}
	plain := func(s string) string { return s }
	if r.gathers() {
		plain = b.dialect.Plain
	}
	order := t.orderBy(p.sort, plain)
	where := p.where(b, r.way)
	if p.after != nil {
		where += " AND " + t.after(b, p.sort, p.after)
	}
	keys = append(keys, t.ID)
	if r.kind == wayWalk && p.Offset == 0 {
		return fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s ORDER BY %s LIMIT %d", columns, strings.Join(keys, ", "), t.From, where, order, p.Limit+1)
	}
	total := ""
	if r.withTotal {
		total, keys = ", COUNT(*) OVER () AS total", append(keys, "page.total")
	}
	return fmt.Sprintf("SELECT %s, %s FROM (SELECT %s AS x%s FROM %s WHERE %s ORDER BY %s LIMIT %d OFFSET %d) AS page CROSS JOIN %s WHERE %s = page.x ORDER BY %s",
		columns, strings.Join(keys, ", "), t.ID, total, t.From, where, order, p.Limit+1, p.Offset, t.From, t.ID, t.orderBy(p.sort, b.dialect.Plain))
}

// total is the number of rows: exact when nothing filters, when few rows must be looked at, or when asked.
func (e *Engine) total(ctx context.Context, p *Parsed, w way, n int64) (int64, bool, error) {
	if !p.Filtered() {
		return n, true, nil
	}
	if !e.countsExactly(p, w, n) {
		return int64(w.match), false, nil
	}
	total, err := e.exact(ctx, p, w)
	return total, true, err
}

func (e *Engine) countsExactly(p *Parsed, w way, n int64) bool {
	if p.Total == TotalExact || n <= smallTable || p.IDs != nil {
		return true
	}
	s := e.sample.Load()
	if s == nil || s.size() == 0 {
		return false
	}
	scale := float64(n) / float64(s.size())
	if w.counts != nil && w.counts.cost*scale <= cheapList && !p.Scope.byRow() {
		return true
	}
	return w.gathers() && w.set.listed*scale <= cheapRows
}

func (e *Engine) exact(ctx context.Context, p *Parsed, w way) (int64, error) {
	count := p.countSQL(e.db.Dialect(), w)
	var total int64
	if err := e.db.Read().GetContext(ctx, &total, count.SQL, count.Args...); err != nil {
		return 0, fmt.Errorf("count %s: %w", p.table.Name, err)
	}
	return total, nil
}

// countSQL counts in the indexes where they tell, else in the rows: those gathered, or all.
func (p *Parsed) countSQL(d db.Dialect, w way) Statement {
	b := &builder{dialect: d}
	if w.counts != nil && !p.Scope.byRow() && p.IDs == nil {
		return Statement{fmt.Sprintf("SELECT COUNT(*) FROM (%s) AS matches", w.counts.text(b)), b.args}
	}
	if w.set != nil {
		w.kind = wayGather
	}
	text := fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s", p.table.From, p.where(b, w))
	return Statement{text, b.args}
}

// Count is the exact number of rows that match.
func (e *Engine) Count(ctx context.Context, p *Parsed) (int64, error) {
	n, err := e.count(ctx, p.base)
	if err != nil || !p.Filtered() {
		return n, err
	}
	return e.exact(ctx, p, e.plan(ctx, p, n))
}

// IDs is up to limit IDs of matching rows above after, in order of ID: for work over everything that matches, which
// sees each row once also while rows change.
func (e *Engine) IDs(ctx context.Context, q db.Q, p *Parsed, after int64, limit int) ([]int64, error) {
	b := &builder{dialect: e.db.Dialect()}
	// The ID's own index is the way: any other one would read every match again for each batch, to sort it.
	byID := *p
	byID.sort = []SortKey{{}}
	if p.base != "" {
		byID.base = b.dialect.Plain(p.base)
	}
	where := byID.where(b, way{})
	var ids []int64
	err := q.SelectContext(ctx, &ids, fmt.Sprintf("SELECT %s FROM %s WHERE %s AND %s > %s ORDER BY %s LIMIT %d",
		p.table.ID, p.table.From, where, p.table.ID, b.add(after), p.table.ID, limit), b.args...)
	if err != nil {
		return nil, fmt.Errorf("list the IDs of %s: %w", p.table.Name, err)
	}
	return ids, nil
}

// Each reads every matching row in order, page by page, in bounded memory: for exports.
func (e *Engine) Each(ctx context.Context, p *Parsed, columns string, row func(Scan) error, page func() error) error {
	one := *p
	one.Limit, one.Offset, one.after = MaxLimit, 0, nil
	for {
		n, err := e.count(ctx, one.base)
		if err != nil {
			return err
		}
		next, _, err := e.read(ctx, &one, reading{way: e.plan(ctx, &one, n)}, columns, row)
		if err != nil {
			return err
		}
		if err := page(); err != nil || next == "" {
			return err
		}
		again, err := one.table.Parse(Query{Q: one.Q, Filter: one.Filter, Sort: one.Sort, Limit: MaxLimit, Cursor: next, IDs: one.IDs, Scope: one.Scope, Masked: one.Masked})
		if err != nil {
			return err
		}
		one = *again
	}
}

// Sums is what a column of a range of rows adds up to. Sum, Min and Max are in the field's own unit.
type Sums struct {
	Count         int64
	Sum, Min, Max *big.Int // nil when no row has a value
}

// Aggregate sums columns over the rows from (inclusive) to (exclusive) in the query's order.
func (e *Engine) Aggregate(ctx context.Context, p *Parsed, fields []*Field, from, to int) (rows int64, sums []Sums, err error) {
	n, err := e.count(ctx, p.base)
	if err != nil {
		return 0, nil, err
	}
	w := e.plan(ctx, p, n)
	b := &builder{dialect: e.db.Dialect()}
	inner, outer := []string{p.table.ID + " AS x"}, []string{"COUNT(*)"}
	for i, f := range fields {
		inner = append(inner, fmt.Sprintf("%s AS v%d", f.Key, i))
		outer = append(outer, aggregates(f, fmt.Sprintf("v%d", i))...)
	}
	where := p.where(b, w)
	text := fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d OFFSET %d) AS r",
		strings.Join(outer, ", "), strings.Join(inner, ", "), p.table.From, where, p.table.orderBy(p.sort, func(s string) string { return s }), max(to-from, 0), from)
	dest := []any{&rows}
	raw := make([][5]*int64, len(fields))
	for i := range raw {
		for j := range raw[i] {
			dest = append(dest, &raw[i][j])
		}
	}
	if err := e.db.Read().QueryRowContext(ctx, text, b.args...).Scan(dest...); err != nil {
		return 0, nil, fmt.Errorf("sum %s: %w", p.table.Name, err)
	}
	for _, r := range raw {
		sums = append(sums, sumsOf(r))
	}
	return rows, sums, nil
}

// aggregates splits the sum into millions and rest, which a million large values cannot overflow.
func aggregates(f *Field, v string) []string {
	if !f.isNumeric() || f.Type == TypeDate || f.Type == TypeDay {
		return []string{
			fmt.Sprintf("CAST(SUM(CASE WHEN %s <> %s THEN 1 ELSE 0 END) AS BIGINT)", v, literal(f.none())),
			"CAST(NULL AS BIGINT)", "CAST(NULL AS BIGINT)", "CAST(NULL AS BIGINT)", "CAST(NULL AS BIGINT)",
		}
	}
	some := fmt.Sprintf("NULLIF(%s, %s)", v, literal(f.none()))
	return []string{
		fmt.Sprintf("COUNT(%s)", some),
		fmt.Sprintf("CAST(SUM(%s / 1000000) AS BIGINT)", some),
		fmt.Sprintf("CAST(SUM(%s %% 1000000) AS BIGINT)", some),
		fmt.Sprintf("MIN(%s)", some), fmt.Sprintf("MAX(%s)", some),
	}
}

func sumsOf(r [5]*int64) Sums {
	var s Sums
	if r[0] != nil {
		s.Count = *r[0]
	}
	if r[1] == nil || r[2] == nil || r[3] == nil || r[4] == nil {
		return s
	}
	s.Sum = new(big.Int).Mul(big.NewInt(*r[1]), big.NewInt(1_000_000))
	s.Sum.Add(s.Sum, big.NewInt(*r[2]))
	s.Min, s.Max = big.NewInt(*r[3]), big.NewInt(*r[4])
	return s
}

// Explain is the database's plan for a page and whether it gathers, for tests and for the curious.
func (e *Engine) Explain(ctx context.Context, p *Parsed, columns string) (plan []string, gathers bool, err error) {
	n, err := e.count(ctx, p.base)
	if err != nil {
		return nil, false, err
	}
	w := e.reading(ctx, p, n)
	b := &builder{dialect: e.db.Dialect()}
	text := p.pageSQL(b, w, columns)
	prefix := "EXPLAIN QUERY PLAN "
	if e.db.Dialect() == db.Postgres {
		prefix = "EXPLAIN "
	}
	rows, err := e.db.Read().QueryContext(ctx, prefix+text, b.args...)
	if err != nil {
		return nil, false, fmt.Errorf("explain %s: %w", p.table.Name, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		if e.db.Dialect() == db.Postgres {
			err = rows.Scan(&line)
		} else {
			var a, b, c int
			err = rows.Scan(&a, &b, &c, &line)
		}
		if err != nil {
			return nil, false, fmt.Errorf("explain %s: %w", p.table.Name, err)
		}
		plan = append(plan, line)
	}
	return plan, w.gathers(), rows.Err()
}
