// Command lists measures lists of customers through HTTP against a bare handler that runs the same statements, at a
// tenth of the size and at the size.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"tandem/bench/rig"
	"tandem/internal/core/access"
	"tandem/internal/core/identity"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
	"tandem/internal/kit/secret"
)

const (
	rounds     = 200 // how often each figure is asked, of each handler
	sortRounds = 40  // the same for each sort, of which the worst are asked again
	worst      = 4
)

func main() { rig.Main(run) }

func run(ctx context.Context, f rig.Flags) error {
	for _, kind := range f.Kinds() {
		s, err := rig.Start(ctx, kind, f.Dir)
		if err != nil {
			return err
		}
		err = both(ctx, s, kind, f)
		if err := errors.Join(err, s.Stop()); err != nil {
			return err
		}
	}
	return nil
}

type line struct {
	figure
	pair rig.Pair
}

func both(ctx context.Context, s *rig.Server, kind string, f rig.Flags) error {
	n := f.N
	var small, large []line
	for _, size := range []struct {
		n   int
		out *[]line
	}{{n / 10, &small}, {n, &large}} {
		d, _, err := s.Filled(ctx, size.n)
		if err != nil {
			return err
		}
		*size.out, err = measure(ctx, d, kind, size.n, f)
		if err := errors.Join(err, d.Close()); err != nil {
			return err
		}
	}
	print(kind, n, small, large)
	return nil
}

func print(kind string, n int, small, large []line) {
	fmt.Printf("\n### Lists, %s, %d customers\n\n", kind, n)
	fmt.Printf("| request | Tandem ms (p99) | bare ms (p99) | ratio | of the quickest quarter | Tandem ms at %d | growth |\n|---|---|---|---|---|---|---|\n", n/10)
	var sorts, before []line
	for i, l := range large {
		if l.sort {
			sorts, before = append(sorts, l), append(before, small[i])
			continue
		}
		row(l, small[i])
	}
	if len(sorts) == 0 {
		return
	}
	slowest, steepest, dearest := 0, 0, 0
	for i := range sorts {
		if sorts[i].pair.Quiet() > sorts[dearest].pair.Quiet() {
			dearest = i
		}
		if sorts[i].pair.Ours.At(0.25) > sorts[slowest].pair.Ours.At(0.25) {
			slowest = i
		}
		if growth(sorts[i], before[i]) > growth(sorts[steepest], before[steepest]) {
			steepest = i
		}
	}
	for _, w := range []struct {
		what string
		i    int
	}{{"the dearest beside the bare handler", dearest}, {"the slowest", slowest}, {"the steepest growth", steepest}} {
		l := sorts[w.i]
		l.name = fmt.Sprintf("%s: %s of %d sorts", l.name, w.what, len(sorts))
		row(l, before[w.i])
	}
}

// growth is of the quickest quarters, which what else the machine does reaches least.
func growth(l, before line) float64 {
	return float64(l.pair.Ours.At(0.25)) / float64(max(before.pair.Ours.At(0.25), 1))
}

func row(l, before line) {
	mark := ""
	if l.grows != "" {
		mark = " (exception: " + l.grows + ")"
	}
	fmt.Printf("| %s%s | %s (%s) | %s (%s) | %.2f | %.2f | %s | %.2f |\n", l.name, mark, rig.Millis(l.pair.Ours.At(0.5)), rig.Millis(l.pair.Ours.At(0.99)),
		rig.Millis(l.pair.Bare.At(0.5)), rig.Millis(l.pair.Bare.At(0.99)), l.pair.Ratio(), l.pair.Quiet(), rig.Millis(before.pair.Ours.At(0.5)), growth(l, before))
}

// bench is one database with both servers over it.
type bench struct {
	house  *rig.House
	served *rig.Served
	token  string
	size   int
	buf    bytes.Buffer
}

func measure(ctx context.Context, d *db.DB, kind string, n int, flags rig.Flags) ([]line, error) {
	h, err := rig.Build(ctx, d, clock.System{})
	if err != nil {
		return nil, err
	}
	b := &bench{house: h, size: n}
	if err := b.serve(ctx); err != nil {
		return nil, err
	}
	defer func() { _ = b.served.Close() }()
	took, err := rig.Get(ctx, b.served.URL+address(list.Query{Filter: three, Sort: "name"}), b.token, &b.buf)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s, %d: the first filter after the start, which draws the sample, took %s ms\n", kind, n, rig.Millis(took))
	var out []line
	for _, f := range append(figures(), sorts(h)...) {
		if !strings.Contains(f.name, flags.Only) {
			continue
		}
		rounds := rounds
		if f.sort {
			rounds = sortRounds
		}
		l, err := b.one(ctx, f, rounds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		tell(kind, n, l)
		if flags.Plans {
			if err := b.plans(ctx, l); err != nil {
				return nil, err
			}
		}
		out = append(out, l)
	}
	if flags.Only != "" {
		return out, nil
	}
	return out, b.again(ctx, kind, out[len(figures()):])
}

// again asks the worst of the sorts as often as every other figure: among so many some are bad by chance.
func (b *bench) again(ctx context.Context, kind string, lines []line) error {
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(lines[y].pair.Ratio(), lines[x].pair.Ratio()) })
	for _, i := range order[:worst] {
		l, err := b.one(ctx, lines[i].figure, rounds)
		if err != nil {
			return err
		}
		tell(kind, b.size, l)
		lines[i] = l
	}
	return nil
}

// plans tells how a figure's page is asked for, and how the database runs that.
func (b *bench) plans(ctx context.Context, l line) error {
	if l.single {
		return nil
	}
	_, said, err := b.house.Customers.Statements(ctx, l.query)
	if err != nil {
		return err
	}
	plan, gathers, err := b.house.Customers.Explain(ctx, l.query)
	if err != nil {
		return err
	}
	counted := "no count"
	if said.Count != nil {
		counted = said.Count.SQL
	}
	_, page, _ := strings.Cut(said.Page.SQL, " FROM ")
	fmt.Fprintf(os.Stderr, "    %s %v\n    %s\n    gathers: %v, total %d\n      %s\n", page, said.Page.Args, counted, gathers, said.Total, strings.Join(plan, "\n      "))
	return nil
}

func tell(kind string, n int, l line) {
	fmt.Fprintf(os.Stderr, "%s, %d: %-45s %8s ms, bare %8s ms, %.2f\n", kind, n, l.name, rig.Millis(l.pair.Ours.At(0.5)), rig.Millis(l.pair.Bare.At(0.5)), l.pair.Ratio())
}

// sorts is a first page by each listed column, in both directions.
func sorts(h *rig.House) []figure {
	var out []figure
	for _, f := range h.Customers.ListTable().Fields {
		if f.Sortable {
			out = append(out, figure{name: "sort by " + f.Name, query: list.Query{Sort: f.Name}, sort: true},
				figure{name: "sort by -" + f.Name, query: list.Query{Sort: "-" + f.Name}, sort: true})
		}
	}
	return out
}

// serve starts the real server, with the real tokens.
func (b *bench) serve(ctx context.Context) error {
	h := b.house
	hasher := secret.NewHasher(secret.DefaultCost, 1)
	who := identity.New(identity.Options{DB: h.DB, Clock: h.Clock, IDs: h.IDs, Audit: h.Log, Hasher: hasher})
	people := staff.New(h.DB, h.Clock, h.IDs, h.Log, who)
	sessions := session.New(h.DB, h.Clock, h.IDs, h.Log, people, who, session.Options{})
	var err error
	if _, b.token, err = sessions.CreateToken(ctx, session.TokenInput{Name: "bench", Role: access.RoleAdmin}); err != nil {
		return err
	}
	s, err := rest.New(rest.Config{DB: h.DB, Clock: h.Clock, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Identities: sessions}, rest.Customers(h.Customers, nil))
	if err != nil {
		return err
	}
	b.served, err = rig.Serve(s.HTTPServer())
	return err
}

// one asks one figure of both, in turn.
func (b *bench) one(ctx context.Context, f figure, rounds int) (line, error) {
	l := line{figure: f}
	path, err := b.prepare(ctx, &l)
	if err != nil {
		return l, err
	}
	least, err := b.least(ctx, l, path)
	if err != nil {
		return l, err
	}
	other, err := rig.Serve(&http.Server{Handler: least})
	if err != nil {
		return l, err
	}
	defer func() { _ = other.Close() }()
	if err := b.same(ctx, b.served.URL+path, other.URL+path); err != nil {
		return l, err
	}
	return l, b.ask(ctx, &l.pair, b.served.URL+path, other.URL+path, rounds)
}

// warm is how often both are asked before it counts: a plan that PostgreSQL keeps is made at the sixth time.
const warm = 8

// patience is how long one figure may take; at least a tenth of the rounds are asked.
const patience = 12 * time.Second

// ask alternates.
func (b *bench) ask(ctx context.Context, p *rig.Pair, ours, bare string, rounds int) error {
	begin := time.Now()
	for i := -warm; i < rounds; i++ {
		if i >= rounds/10 && time.Since(begin) > patience {
			return nil
		}
		var took [2]time.Duration
		for k := range 2 {
			which := (k + i&1) % 2
			address := ours
			if which == 1 {
				address = bare
			}
			var err error
			if took[which], err = rig.Get(ctx, address, b.token, &b.buf); err != nil {
				return err
			}
		}
		if i >= 0 {
			p.Ours, p.Bare = append(p.Ours, took[0]), append(p.Bare, took[1])
		}
	}
	return nil
}

// prepare replaces what only the database knows: where 90 % of the list are, the ID of a group, a customer.
func (b *bench) prepare(ctx context.Context, l *line) (path string, err error) {
	q := &l.query
	q.Limit = 0
	if q.Offset < 0 {
		q.Offset = b.size * -q.Offset / 100
	}
	if strings.Contains(q.Filter, "Waiting list") {
		var n int64
		if err := b.house.DB.Read().GetContext(ctx, &n, "SELECT id FROM groups WHERE name = 'Waiting list'"); err != nil {
			return "", err
		}
		q.Filter = filter("groups", "eq", groupID(n))
	}
	if q.Cursor == "90%" {
		q.Cursor, q.Offset = "", b.size*9/10
		var page struct {
			Next string `json:"next_cursor"`
		}
		if err := b.get(ctx, address(*q), &page); err != nil {
			return "", err
		}
		q.Cursor, q.Offset = page.Next, 0
	}
	if l.single {
		var page struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
		}
		if err := b.get(ctx, address(list.Query{Sort: "email", Offset: b.size / 2}), &page); err != nil {
			return "", err
		}
		return "/api/v1/customers/" + page.Items[0].ID, nil
	}
	return address(*q), nil
}

func (b *bench) get(ctx context.Context, path string, into any) error {
	if _, err := rig.Get(ctx, b.served.URL+path, b.token, &b.buf); err != nil {
		return err
	}
	return json.Unmarshal(b.buf.Bytes(), into)
}

// same refuses to compare two that answer differently.
func (b *bench) same(ctx context.Context, ours, bare string) error {
	var texts [2]string
	for i, address := range []string{ours, bare} {
		if _, err := rig.Get(ctx, address, b.token, &b.buf); err != nil {
			return err
		}
		var body any
		if err := json.Unmarshal(b.buf.Bytes(), &body); err != nil {
			return err
		}
		if m, ok := body.(map[string]any); ok {
			delete(m, "$schema")
		}
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		texts[i] = string(text)
	}
	if texts[0] != texts[1] {
		at := 0
		for at < len(texts[0]) && at < len(texts[1]) && texts[0][at] == texts[1][at] {
			at++
		}
		return fmt.Errorf("the answers differ: %.200s | %.200s", texts[0][max(0, at-80):], texts[1][max(0, at-80):])
	}
	return nil
}
