package list

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tandem/internal/kit/db"
)

// way is how the rows of a query are reached, and what its total costs.
type way struct {
	kind   wayKind
	set    *set    // the rows gathered, or kept among; nil when walking
	rows   float64 // work, in rows looked at
	match  float64 // how many rows match, estimated
	counts *set    // the matches, no more and no fewer, from indexes alone; nil when only the rows tell
}

type wayKind int

const (
	wayWalk   wayKind = iota // along the order's index, testing each row
	wayGather                // from another index, sorting what it gives
	wayKeep                  // along the order's index, looking only at the rows that another index gives too
)

func (w way) gathers() bool { return w.kind == wayGather }

// set is the IDs that indexes give for a condition.
type set struct {
	listed float64               // how many IDs, in rows of the sample
	cost   float64               // of listing them, in rows walked to, for each row of the sample
	text   func(*builder) string // a SELECT of them
	exact  bool                  // they are the rows that fulfil the condition, and none besides
	node   *Node                 // the condition
}

// smallTable is a size at which any way is quick, and counting too.
const smallTable = 20_000

// What is counted exactly without being asked: IDs that cost as much as so many rows, or so many rows.
const (
	cheapList = 800
	cheapRows = 3_000
)

// costs is what steps cost, against a row that is walked to and tested.
type costs struct {
	gather   float64 // a row that is found in an index, fetched and sorted
	list     float64 // an ID that an index lists
	fragment float64 // an ID that the index of fragments lists
	step     float64 // a step along the order's index that only asks whether the ID is among those kept
	look     float64 // the same where those kept have to be tested, too
}

// Measured at a million rows. PostgreSQL reads rows quicker, looks at a row of the fragment index for each ID, and fetches
// a row before it asks anything of it, unless the index has all.
var costsOf = map[db.Dialect]costs{
	db.SQLite:   {gather: 1.5, list: 0.08, fragment: 0.08, step: 0.06, look: 0.06},
	db.Postgres: {gather: 1.5, list: 0.15, fragment: 0.4, step: 0.15, look: 0.8},
}

// surelyHits is how many rows of the sample must match for their number to be relied upon.
const surelyHits = 4

// How many IDs are kept at most: in memory, which PostgreSQL bounds, and of the table, of which it would read all.
const (
	maxKept      = 200_000
	maxKeptShare = 0.25
)

// plan chooses the way for a page of limit rows out of n.
func (p *Parsed) plan(s *sample, n int64) way {
	walk := way{rows: float64(p.Limit + p.Offset), match: float64(n)}
	if p.node == nil || p.table.Unindexed {
		return walk
	}
	if s == nil || s.size() == 0 {
		walk.counts = p.countable(s, p.node)
		return walk
	}
	cost := costsOf[p.dialect]
	hits := s.hits(p.node)
	scale := float64(n) / float64(s.size())
	walk.match = math.Round(float64(len(hits)) * scale)
	walk.rows = p.walkLength(s, hits, scale)
	walk.counts = p.countable(s, p.node)
	best := walk
	gathered := p.bestSet(s, p.node)
	if gathered == nil {
		return walk
	}
	if rows := (gathered.listed*cost.gather+gathered.cost)*scale + 1; !p.ordered || rows < best.rows {
		best = way{kind: wayGather, set: gathered, rows: rows, match: walk.match, counts: walk.counts}
	}
	// What is kept but does not match is looked at in vain.
	vain := float64(p.Limit+p.Offset) * gathered.listed / math.Max(0.5, float64(len(hits)))
	kept := gathered.listed * scale
	known := len(hits) >= surelyHits // of fewer there may be too few for a page: that walk goes to the end
	step := cost.step
	if !p.coveredBy(gathered) {
		step = cost.look
	}
	if rows := gathered.cost*scale + walk.rows*step + math.Min(vain, kept); p.ordered && known && kept <= min(maxKept, float64(n)*maxKeptShare) && rows < best.rows {
		best = way{kind: wayKeep, set: gathered, rows: rows, match: walk.match, counts: walk.counts}
	}
	return best
}

// coveredBy tells whether the set is exactly the rows that match.
func (p *Parsed) coveredBy(s *set) bool {
	n := p.node
	for len(n.And) == 1 {
		n = n.And[0]
	}
	return s.exact && s.node == n && !p.Scope.byRow() && p.IDs == nil
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

// bestSet finds the condition whose candidates are fewest and which indexes can list; nil when none can. A sample that
// shows none stands for a half.
func (p *Parsed) bestSet(s *sample, n *Node) *set {
	switch {
	case n.words || n.Field != nil:
		return p.leafSet(s, n)
	case n.Or != nil:
		return p.union(s, n, p.bestSet)
	}
	return p.crossed(s, n)
}

// crossFactor is what a candidate costs that is crossed with others, besides being listed.
const crossFactor = 0.07

// crossed is the condition with the fewest candidates, crossed with those of the next one where that spares more rows
// than it costs.
func (p *Parsed) crossed(s *sample, n *Node) *set {
	var sets []*set
	for _, child := range n.And {
		if one := p.bestSet(s, child); one != nil {
			sets = append(sets, one)
		}
	}
	if len(sets) == 0 {
		return nil
	}
	slices.SortStableFunc(sets, func(a, b *set) int { return cmp.Compare(a.listed, b.listed) })
	first, best := sets[0], sets[0]
	for _, second := range sets[1:] {
		listed, cost := s.listed(first.node, second.node), first.cost+second.cost+crossFactor*(first.listed+second.listed)
		if listed+cost < best.listed+best.cost {
			best = &set{listed: listed, cost: cost, text: intersect(first, second), node: n, exact: first.exact && second.exact && len(n.And) == 2}
		}
	}
	return best
}

func intersect(sets ...*set) func(*builder) string { return combine(" INTERSECT ", sets) }

// combine writes sets as one SELECT. SQLite takes no brackets around its parts.
func combine(word string, sets []*set) func(*builder) string {
	return func(b *builder) string {
		parts := make([]string, len(sets))
		for i, one := range sets {
			parts[i] = fmt.Sprintf("SELECT * FROM (%s) AS s%d", one.text(b), i)
		}
		return strings.Join(parts, word)
	}
}

func (p *Parsed) union(s *sample, n *Node, of func(*sample, *Node) *set) *set {
	out := &set{node: n, exact: true}
	var sets []*set
	for _, child := range n.Or {
		one := of(s, child)
		if one == nil {
			return nil
		}
		sets = append(sets, one)
		out.listed += one.listed
		out.cost += one.cost
		out.exact = out.exact && one.exact
	}
	out.text = combine(" UNION ", sets)
	return out
}

// countable is the matches from indexes alone; nil when only the rows tell. Its size is that of all it lists.
func (p *Parsed) countable(s *sample, n *Node) *set {
	switch {
	case n.words || n.Field != nil:
		if one := p.leafSet(s, n); one != nil && one.exact {
			return one
		}
		return nil
	case n.Or != nil:
		return p.union(s, n, p.countable)
	}
	out := &set{node: n, exact: true}
	var sets []*set
	for _, child := range n.And {
		one := p.countable(s, child)
		if one == nil {
			return nil
		}
		sets = append(sets, one)
		out.listed += one.listed
		out.cost += one.cost + crossFactor*one.listed
	}
	if len(sets) == 0 {
		return nil
	}
	out.text = intersect(sets...)
	return out
}

// leafSet is the candidates of one condition, from its index; nil when there is none.
func (p *Parsed) leafSet(s *sample, n *Node) *set {
	t := p.table
	out := &set{node: n, listed: 0.5}
	if s != nil {
		out.listed = s.listed(n)
	}
	cost := costsOf[p.dialect]
	out.cost = out.listed * cost.list
	switch {
	case n.words || fragment(n):
		out.cost = out.listed * cost.fragment
		look := sought{text: n.Keys[0].(string), ending: n.Op == OpEnds, base: p.base, other: !n.words && !slices.Contains(t.Keywords, n.Field.Name)}
		if t.Index == nil || look.text == "" {
			return nil
		}
		out.exact = n.words && !n.part && t.Index.findsExactly(look)
		out.text = func(b *builder) string { return t.Index.find(b, look) }
		return out
	case n.Field.Type == TypeMultiRef:
		if n.Op != OpEq && n.Op != OpIn {
			return nil
		}
		m := n.Field.Members
		out.text = func(b *builder) string {
			w := writer{builder: b}
			if m.List != "" {
				return fmt.Sprintf(m.List, w.marks(n.Keys))
			}
			return fmt.Sprintf("SELECT %s FROM %s WHERE %s IN (%s)", m.Row, m.Table, m.Ref, w.marks(n.Keys))
		}
		return out
	}
	if !n.Field.Sortable || !p.listable(n) {
		return nil
	}
	out.exact = true
	out.text = func(b *builder) string {
		w := &writer{builder: b, table: t, plain: func(f *Field) string { return f.Key }}
		condition := w.leaf(n)
		if p.base != "" {
			condition = p.base + " AND " + condition
		}
		return fmt.Sprintf("SELECT %s FROM %s WHERE %s", t.ID, t.From, condition)
	}
	return out
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
