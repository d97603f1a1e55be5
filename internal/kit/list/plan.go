package list

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// way is how the rows of a query are reached.
type way struct {
	gather func(b *builder) string // a SELECT of IDs that hold every match; nil: walk the order's index
	rows   float64                 // how many rows will be looked at
	match  float64                 // how many rows match, estimated
}

func (w way) gathers() bool { return w.gather != nil }

// smallTable is a size at which any way is quick, and counting too.
const smallTable = 20_000

// cheapCount is how many rows may be looked at for an exact total.
const cheapCount = 20_000

// gatherFactor is what a gathered row costs against a walked one: it is found in an index, fetched and sorted.
const gatherFactor = 1.5

// plan chooses the way for a page of limit rows out of n.
func (p *Parsed) plan(s *sample, n int64) way {
	walk := way{rows: float64(p.Limit + p.Offset), match: float64(n)}
	if p.node == nil || p.table.Unindexed {
		return walk
	}
	if s == nil || s.size() == 0 {
		walk.match = float64(n)
		return walk
	}
	hits := s.hits(p.node)
	scale := float64(n) / float64(s.size())
	walk.match = math.Round(float64(len(hits)) * scale)
	walk.rows = p.walkLength(s, hits, scale)
	candidates, gather := p.bestGather(s, p.node)
	if gather == nil {
		return walk
	}
	rows := candidates*scale*gatherFactor + 1
	if !p.ordered || rows < walk.rows {
		return way{gather: gather, rows: rows, match: walk.match}
	}
	return walk
}

// walkLength is how far along the order's index the page will probably reach: the walk is tried on the sample, so
// that matches which all stand at the far end are seen.
func (p *Parsed) walkLength(s *sample, hits []int, scale float64) float64 {
	need := float64(p.Limit+p.Offset) / scale
	if float64(len(hits)) < math.Max(1, need) {
		return float64(s.size()) * scale
	}
	return s.walk(p, hits, need) * scale
}

// bestGather finds the condition whose candidates are fewest and which an index can list. It gives their number in
// the sample (at least a half, for "none seen") and the SELECT.
func (p *Parsed) bestGather(s *sample, n *Node) (float64, func(*builder) string) {
	switch {
	case n.words || n.Field != nil:
		gather := p.leafGather(n)
		if gather == nil {
			return math.Inf(1), nil
		}
		return s.listed(n), gather
	case n.Or != nil:
		return p.unionGather(s, n)
	}
	return p.crossGather(s, n.And)
}

// crossFactor is what a candidate costs that is only crossed with others, against one that is fetched and tested.
const crossFactor = 0.15

// crossGather takes the condition with the fewest candidates, and crosses them with those of the next one where that
// spares more rows than it costs.
func (p *Parsed) crossGather(s *sample, nodes []*Node) (float64, func(*builder) string) {
	type way struct {
		node   *Node
		rows   float64
		gather func(*builder) string
	}
	var ways []way
	for _, child := range nodes {
		if rows, gather := p.bestGather(s, child); gather != nil {
			ways = append(ways, way{child, rows, gather})
		}
	}
	if len(ways) == 0 {
		return math.Inf(1), nil
	}
	slices.SortStableFunc(ways, func(a, b way) int { return cmp.Compare(a.rows, b.rows) })
	best := ways[0].rows
	gather := ways[0].gather
	for _, second := range ways[1:] {
		if rows := s.listed(ways[0].node, second.node) + crossFactor*(ways[0].rows+second.rows); rows < best {
			best = rows
			gather = func(b *builder) string {
				return "SELECT * FROM (" + ways[0].gather(b) + ") AS a INTERSECT SELECT * FROM (" + second.gather(b) + ") AS b"
			}
		}
	}
	return best, gather
}

func (p *Parsed) unionGather(s *sample, n *Node) (float64, func(*builder) string) {
	var sum float64
	var gathers []func(*builder) string
	for _, child := range n.Or {
		rows, gather := p.bestGather(s, child)
		if gather == nil {
			return math.Inf(1), nil
		}
		sum += rows
		gathers = append(gathers, gather)
	}
	return sum, func(b *builder) string {
		text := ""
		for i, g := range gathers {
			if i > 0 {
				text += " UNION "
			}
			text += "SELECT * FROM (" + g(b) + fmt.Sprintf(") AS g%d", i)
		}
		return text
	}
}

// leafGather is the SELECT that lists a condition's candidates from an index; nil when there is none.
func (p *Parsed) leafGather(n *Node) func(*builder) string {
	t := p.table
	switch {
	case n.words || fragment(n):
		text := n.Keys[0].(string)
		if t.Index == nil || text == "" {
			return nil
		}
		return func(b *builder) string { return t.Index.find(b, text, n.Op == OpEnds) }
	case n.Field.Type == TypeMultiRef:
		if n.Op != OpEq && n.Op != OpIn {
			return nil
		}
		m := n.Field.Members
		return func(b *builder) string {
			w := writer{builder: b}
			return fmt.Sprintf("SELECT %s FROM %s WHERE %s IN (%s)", m.Row, m.Table, m.Ref, w.marks(n.Keys))
		}
	}
	if !n.Field.Sortable || !p.listable(n) {
		return nil
	}
	return func(b *builder) string {
		w := &writer{builder: b, table: t, plain: func(f *Field) string { return f.Key }}
		condition := w.leaf(n)
		if p.base != "" {
			condition = p.base + " AND " + condition
		}
		return fmt.Sprintf("SELECT %s FROM %s WHERE %s", t.ID, t.From, condition)
	}
}

// fragment tells whether the condition is one that the index of fragments finds candidates for.
func fragment(n *Node) bool {
	return n.Field != nil && n.Field.Fragments && (n.Op == OpContains || n.Op == OpEnds)
}

// listable tells whether the condition is a range or a set in the order of the field's index.
func (p *Parsed) listable(n *Node) bool {
	switch n.Op {
	case OpEq, OpIn, OpLt, OpLte, OpGt, OpGte, OpBetween, OpEmpty, OpNEmpty:
		return true
	case OpStarts:
		return n.Keys[0].(string) != ""
	case OpNe, OpNin:
		_, ok := otherChoices(n)
		return ok
	}
	return false
}
