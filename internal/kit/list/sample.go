package list

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"tandem/internal/kit/db"
)

// sampleSize is about how many rows are held to try filters on.
const sampleSize = 2000

// sample is some rows of the table, drawn evenly. It is not changed after it was drawn.
type sample struct {
	table  *Table
	fields []Field        // of the table, and of its scopes
	place  map[string]int // of the fields, by name
	rows   []sampleRow
	total  int64 // rows of the table when it was drawn
	mu     sync.Mutex
	orders map[string][]int // by sort: rows in that order
}

type sampleRow struct {
	id   int64
	keys []any  // by position of the field: string, int64 or []int64
	text string // of all fields in the index of fragments, each closed by the end mark
}

func (s *sample) size() int { return len(s.rows) }

// hits is the rows that match.
func (s *sample) hits(n *Node) []int {
	var out []int
	for i := range s.rows {
		if s.matches(&s.rows[i], n) {
			out = append(out, i)
		}
	}
	return out
}

// listed is how many rows the indexes of all these conditions give.
func (s *sample) listed(nodes ...*Node) float64 {
	found := 0
	for i := range s.rows {
		if !slices.ContainsFunc(nodes, func(n *Node) bool { return !s.lists(&s.rows[i], n) }) {
			found++
		}
	}
	return math.Max(0.5, float64(found)) // "none seen" is not none
}

// lists tells whether the index for a condition gives the row. The index of fragments does not know in which field it
// found one, so it gives every row that has it anywhere.
func (s *sample) lists(r *sampleRow, n *Node) bool {
	switch {
	case n.words:
		return strings.Contains(r.text, n.Keys[0].(string))
	case fragment(n) && n.Op == OpEnds:
		return strings.Contains(r.text, searchKey(n.Field, n)+string(endMark))
	case fragment(n):
		return strings.Contains(r.text, searchKey(n.Field, n))
	}
	return s.matches(r, n)
}

// walk is how many rows of the sample stand before and at the need-th hit, from the cursor on, in the query's order.
func (s *sample) walk(p *Parsed, hits []int, need float64) float64 {
	order := s.order(p.sort)
	start := 0
	if p.after != nil {
		key := p.after.Keys[0]
		position := s.position(p.sort[0].Field)
		start = sort.Search(len(order), func(i int) bool {
			c := compareKeys(s.rows[order[i]].keys[position], key)
			if p.sort[0].Desc {
				return c < 0
			}
			return c > 0
		})
	}
	isHit := make([]bool, len(s.rows))
	for _, h := range hits {
		isHit[h] = true
	}
	whole := int(math.Max(1, math.Ceil(need)))
	found, last := 0, len(order)+1
	first, final := 0, 0
	for i := start; i < len(order); i++ {
		if isHit[order[i]] {
			if found++; found == whole {
				last = i + 1
			}
			if found == 1 {
				first = i
			}
			final = i
		}
	}
	reach := float64(last - start)
	// Where few hits make a page, how far the last of them stands is much by chance: the mean distance tells it better,
	// unless it stands so far off, or all so near to each other, that the matches are not spread evenly.
	gap := float64(len(order)-start) / math.Max(1, float64(found))
	together := found >= 3 && (final-first)*nearby < len(order)-start
	if need < fewHits && !together && reach <= evenReach*gap*math.Max(1, need/2) {
		return need * gap
	}
	return reach
}

const (
	fewHits = 8
	// evenReach is how many times the mean distance the first hit may stand off: by chance one in fifty is further.
	evenReach = 4
	// nearby is the part of the order in which all hits stand when they belong together: a name's, in the order of names.
	nearby = 6
)

func (s *sample) position(f *Field) int { return s.place[f.Name] }

func (s *sample) order(keys []SortKey) []int {
	name := keys[0].Field.Name + direction(keys[0].Desc)
	s.mu.Lock()
	defer s.mu.Unlock()
	if o, ok := s.orders[name]; ok {
		return o
	}
	position := s.position(keys[0].Field)
	o := make([]int, len(s.rows))
	for i := range o {
		o[i] = i
	}
	slices.SortStableFunc(o, func(a, b int) int {
		c := compareKeys(s.rows[a].keys[position], s.rows[b].keys[position])
		if keys[0].Desc {
			return -c
		}
		return c
	})
	s.orders[name] = o
	return o
}

func compareKeys(a, b any) int {
	switch x := a.(type) {
	case string:
		y, _ := b.(string)
		return strings.Compare(x, y)
	case int64:
		y, _ := b.(int64)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
	}
	return 0
}

// matches tries a filter on a row, as the condition of the same filter does in the database.
func (s *sample) matches(r *sampleRow, n *Node) bool {
	switch {
	case n.words:
		word := n.Keys[0].(string)
		for _, name := range n.in {
			f := s.table.Field(name)
			if strings.Contains(s.searched(r, f), word) {
				return true
			}
		}
		return false
	case n.Field != nil:
		return s.leaf(r, n)
	case n.Or != nil:
		return slices.ContainsFunc(n.Or, func(c *Node) bool { return s.matches(r, c) })
	}
	return !slices.ContainsFunc(n.And, func(c *Node) bool { return !s.matches(r, c) })
}

func (s *sample) searched(r *sampleRow, f *Field) string {
	text, _ := r.keys[s.position(f)].(string)
	if f.Search != "" {
		return strings.ToLower(text)
	}
	return text
}

func (s *sample) leaf(r *sampleRow, n *Node) bool {
	f := n.Field
	key := r.keys[s.position(f)]
	if refs, ok := key.([]int64); ok {
		return leafMembers(refs, n)
	}
	switch n.Op {
	case OpContains:
		return strings.Contains(s.searched(r, f), searchKey(f, n))
	case OpNContains:
		return !strings.Contains(s.searched(r, f), searchKey(f, n))
	case OpEnds:
		return strings.HasSuffix(s.searched(r, f), searchKey(f, n))
	case OpNEnds:
		return !strings.HasSuffix(s.searched(r, f), searchKey(f, n))
	case OpStarts, OpNStarts:
		text, _ := key.(string)
		return strings.HasPrefix(text, n.Keys[0].(string)) == (n.Op == OpStarts)
	}
	return leafCompare(f, key, n)
}

func leafCompare(f *Field, key any, n *Node) bool {
	none := compareKeys(key, f.none()) == 0
	switch n.Op {
	case OpEmpty:
		return none
	case OpNEmpty:
		return !none
	case OpEq, OpIn:
		return slices.Contains(n.Keys, key)
	case OpNe, OpNin:
		return !slices.Contains(n.Keys, key)
	}
	if none && f.isNumeric() {
		return false
	}
	c := compareKeys(key, n.Keys[0])
	switch n.Op {
	case OpLt:
		return c < 0
	case OpLte:
		return c <= 0
	case OpGt:
		return c > 0
	case OpGte:
		return c >= 0
	case OpBetween:
		return c >= 0 && compareKeys(key, n.Keys[1]) <= 0
	}
	return false
}

func leafMembers(refs []int64, n *Node) bool {
	any := slices.ContainsFunc(refs, func(ref int64) bool {
		return slices.ContainsFunc(n.Keys, func(k any) bool { return k == ref })
	})
	switch n.Op {
	case OpEmpty:
		return len(refs) == 0
	case OpNEmpty:
		return len(refs) > 0
	case OpNe, OpNin:
		return !any
	}
	return any
}

// draw takes a new sample. IDs are dense in time, so their remainder by a prime spreads evenly over the rows. The IDs are
// drawn first, from an index: the rows themselves are a hundred times as large.
func draw(ctx context.Context, q db.Q, t *Table, total int64) (*sample, error) {
	s := &sample{table: t, fields: t.all(), place: map[string]int{}, total: total, orders: map[string][]int{}}
	var columns []string
	var plain []int
	for i := range s.fields {
		s.place[s.fields[i].Name] = i
		if s.fields[i].Type != TypeMultiRef {
			columns = append(columns, s.fields[i].Key)
			plain = append(plain, i)
		}
	}
	step := primeFrom(total / sampleSize)
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s IN (SELECT %s FROM %s WHERE %s %% $1 = 0 LIMIT %d)",
		t.ID, strings.Join(columns, ", "), t.From, t.ID, t.ID, t.From, t.ID, 3*sampleSize), step)
	if err != nil {
		return nil, fmt.Errorf("draw a sample of %s: %w", t.Name, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r, err := scanSample(rows, s.fields, plain)
		if err != nil {
			return nil, fmt.Errorf("draw a sample of %s: %w", t.Name, err)
		}
		s.index(&r)
		s.rows = append(s.rows, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("draw a sample of %s: %w", t.Name, err)
	}
	return s, s.drawMembers(ctx, q)
}

// index gathers what the index of fragments holds of a row.
func (s *sample) index(r *sampleRow) {
	var b strings.Builder
	for i := range s.table.Fields {
		if f := &s.table.Fields[i]; f.Fragments {
			b.WriteString(s.searched(r, f))
			b.WriteRune(endMark)
		}
	}
	r.text = b.String()
}

func scanSample(rows *sql.Rows, fields []Field, plain []int) (sampleRow, error) {
	r := sampleRow{keys: make([]any, len(fields))}
	texts, numbers := make([]string, len(fields)), make([]int64, len(fields))
	dest := []any{&r.id}
	for _, i := range plain {
		if _, isInt := fields[i].none().(int64); isInt {
			dest = append(dest, &numbers[i])
		} else {
			dest = append(dest, &texts[i])
		}
	}
	if err := rows.Scan(dest...); err != nil {
		return r, err
	}
	for _, i := range plain {
		if _, isInt := fields[i].none().(int64); isInt {
			r.keys[i] = numbers[i]
		} else {
			r.keys[i] = texts[i]
		}
	}
	return r, nil
}

func (s *sample) drawMembers(ctx context.Context, q db.Q) error {
	for i := range s.fields {
		m := s.fields[i].Members
		if m == nil {
			continue
		}
		byID := make(map[int64][]*sampleRow, len(s.rows))
		marks := []string{"0"}
		for j := range s.rows {
			r := &s.rows[j]
			r.keys[i] = []int64{}
			of := r.id
			if m.Of != "" {
				of, _ = r.keys[s.at(m.Of)].(int64)
			}
			byID[of] = append(byID[of], r)
			marks = append(marks, fmt.Sprint(of))
		}
		rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s IN (%s)", m.Row, m.Ref, m.Table, m.Row, strings.Join(marks, ",")))
		if err != nil {
			return fmt.Errorf("draw a sample of %s: %w", m.Table, err)
		}
		for rows.Next() {
			var row, ref int64
			if err := rows.Scan(&row, &ref); err != nil {
				return fmt.Errorf("draw a sample of %s: %w", m.Table, err)
			}
			for _, r := range byID[row] {
				r.keys[i] = append(r.keys[i].([]int64), ref)
			}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("draw a sample of %s: %w", m.Table, err)
		}
	}
	return nil
}

// at is the place of the field that is kept as this expression.
func (s *sample) at(key string) int {
	return max(0, slices.IndexFunc(s.fields, func(f Field) bool { return f.Key == key }))
}

func primeFrom(n int64) int64 {
	if n < 2 {
		return 1
	}
	for ; ; n++ {
		prime := true
		for d := int64(2); d*d <= n; d++ {
			if n%d == 0 {
				prime = false
				break
			}
		}
		if prime {
			return n
		}
	}
}
