package importer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
)

// The kinds of key that seen tells apart.
const (
	seenEmail     = 'e'
	seenReference = 'r'
	seenCustomer  = 'c'
	seenPrint     = 'f'
)

// decision is what one batch needs to know about the rest of the world.
type decision struct {
	s      *Service
	p      *plan
	q      db.Q
	tx     *db.Tx // the transaction that will write, in a run; customers it will change are held in it
	seen   *seen  // keys of the rows before, in this batch (run) or in the whole file (check)
	others bool   // other imports left fingerprints
	groups func(name string) (int64, bool)

	byEmail, byReference, byNumber map[string]int64
	prints                         map[print]origin
	touched                        map[int64]int64 // customers that this import made or changed, with the line
	loaded                         map[int64]*customer.Customer
	tried                          map[*candidate]*customer.Outcome
	resellers                      map[string][]customer.Ref
	root                           int64          // the reseller under whom the caller puts customers; 0 = nobody
	ownAlone                       bool           // the caller sees their own imports alone
	foreign                        map[int64]bool // customers that are found and not the caller's to see
}

// decide says what is to become of each row. It changes nothing but the rows' decisions.
func (d *decision) decide(ctx context.Context, rows []*candidate) error {
	for _, c := range rows {
		c.outcome, c.problems, c.warn, c.target, c.change, c.made, c.version, c.former = "", nil, nil, nil, nil, 0, 0, ""
	}
	if err := d.lookUp(ctx, rows); err != nil {
		return err
	}
	if err := d.try(ctx, rows); err != nil {
		return err
	}
	for _, c := range rows {
		d.row(c)
		if len(c.problems) > 0 {
			c.outcome = OutcomeWrong
			continue
		}
		if c.outcome == OutcomeCreated || c.outcome == OutcomeUpdated || c.outcome == OutcomeUnchanged {
			d.remember(c)
		}
	}
	return nil
}

// lookUp asks the database for all rows at once.
func (d *decision) lookUp(ctx context.Context, rows []*candidate) error {
	var emails, references, ids []string
	var prints []print
	for _, c := range rows {
		emails, references = append(emails, fold.Key(c.draft.Email)), append(references, fold.Key(c.draft.Reference))
		if c.customerID != "" {
			ids = append(ids, c.customerID)
		}
		if d.others || c.keyless {
			prints = append(prints, c.print)
		}
	}
	customers := d.s.o.Customers
	var err error
	if d.byEmail, err = customers.Find(ctx, d.q, KeyEmail, emails); err != nil {
		return err
	}
	if d.byReference, err = customers.Find(ctx, d.q, KeyReference, references); err != nil {
		return err
	}
	if d.byNumber, err = customers.Find(ctx, d.q, KeyCustomerID, ids); err != nil {
		return err
	}
	if d.prints, err = known(ctx, d.q, prints); err != nil {
		return err
	}
	if err := d.lookUpForeign(ctx); err != nil {
		return err
	}
	if err := d.lookUpCustomers(ctx); err != nil {
		return err
	}
	if err := d.lookUpResellers(ctx, rows); err != nil {
		return err
	}
	return d.seen.fetch(ctx, d.q, d.keys(rows))
}

// lookUpForeign finds out which of the customers are outside the caller's place: rows are not about them, and of what they
// have is told that it is taken, and no more. Their customer IDs are nobody's.
func (d *decision) lookUpForeign(ctx context.Context) error {
	p := access.From(ctx).Principal
	d.root, d.ownAlone, d.foreign = p.Root, ownAlone(ctx), nil
	if !p.HasPlace() {
		return nil
	}
	var found []int64
	for _, m := range []map[string]int64{d.byEmail, d.byReference, d.byNumber} {
		found = append(found, slices.Collect(maps.Values(m))...)
	}
	seen, err := customer.Visible(ctx, d.q, found)
	if err != nil {
		return err
	}
	d.foreign = map[int64]bool{}
	for _, n := range found {
		d.foreign[n] = !slices.Contains(seen, n)
	}
	maps.DeleteFunc(d.byNumber, func(_ string, n int64) bool { return d.foreign[n] })
	return nil
}

// lookUpCustomers reads the customers that rows are about, or collide with.
func (d *decision) lookUpCustomers(ctx context.Context) error {
	var found []int64
	for _, m := range []map[string]int64{d.byEmail, d.byReference, d.byNumber} {
		for _, n := range m {
			found = append(found, n)
		}
	}
	for _, o := range d.prints {
		found = append(found, o.rowID)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	d.loaded = map[int64]*customer.Customer{}
	if len(found) == 0 {
		d.touched = nil
		return nil
	}
	var err error
	if d.touched, err = touched(ctx, d.q, d.p.m.ID, found); err != nil {
		return err
	}
	var list []*customer.Customer
	if d.tx != nil && d.p.m.Mode != ModeCreate {
		list, err = d.s.o.Customers.LoadLocked(ctx, d.tx, found)
	} else {
		list, err = d.s.o.Customers.Load(ctx, d.q, found)
	}
	if err != nil {
		return err
	}
	for _, c := range list {
		d.loaded[c.ID] = c
	}
	return nil
}

func (d *decision) lookUpResellers(ctx context.Context, rows []*candidate) error {
	var texts []string
	for _, c := range rows {
		if c.reseller != "" && d.resellers[c.reseller] == nil && !slices.Contains(texts, c.reseller) {
			texts = append(texts, c.reseller)
		}
	}
	found, err := d.s.o.Customers.Resellers(ctx, d.q, texts)
	if err != nil {
		return err
	}
	if d.resellers == nil {
		d.resellers = map[string][]customer.Ref{}
	}
	for k, v := range found {
		d.resellers[k] = v
	}
	return nil
}

func (d *decision) keys(rows []*candidate) []uint64 {
	if !d.seen.spilled {
		return nil
	}
	var keys []uint64
	for _, c := range rows {
		keys = append(keys, d.seen.key(seenEmail, fold.Key(c.draft.Email)), d.seen.key(seenReference, fold.Key(c.draft.Reference)), d.seen.key(seenPrint, printText(c.print)))
		if n := d.match(c, allKeys); n != 0 {
			keys = append(keys, d.seen.key(seenCustomer, fmt.Sprint(n)))
		}
	}
	return keys
}

func printText(p print) string { return fmt.Sprintf("%x.%x", uint64(p.a), uint64(p.b)) }

// remember notes the keys of a row that goes in.
func (d *decision) remember(c *candidate) {
	email, reference := c.draft.Email, c.draft.Reference
	if email != "" {
		d.seen.add(d.seen.key(seenEmail, fold.Key(email)), c.line)
	}
	if reference != "" {
		d.seen.add(d.seen.key(seenReference, fold.Key(reference)), c.line)
	}
	if c.keyless {
		d.seen.add(d.seen.key(seenPrint, printText(c.print)), c.line)
	}
	if c.target != nil {
		d.seen.add(d.seen.key(seenCustomer, fmt.Sprint(c.target.ID)), c.line)
	}
}

// match finds the customer of a row by the first of the keys that finds one.
func (d *decision) match(c *candidate, keys []string) int64 {
	for _, key := range keys {
		var n int64
		switch key {
		case KeyEmail:
			n = d.byEmail[fold.Key(c.draft.Email)]
		case KeyReference:
			n = d.byReference[fold.Key(c.draft.Reference)]
		case KeyCustomerID:
			n = d.byNumber[c.customerID]
		}
		if n != 0 && !d.foreign[n] {
			return n
		}
	}
	return 0
}

// row decides one row.
func (d *decision) row(c *candidate) {
	if d.p.m.Mode == ModeCreate {
		d.create(c)
		return
	}
	if n := d.match(c, d.p.m.Match); n != 0 {
		d.update(c, d.loaded[n])
		return
	}
	switch {
	case d.before(c):
	case d.p.m.Mode == ModeUpdate:
		c.problems = append(c.problems, RowProblem{Column: -1, Code: "unknown_customer", Message: "No customer has the reference number, customer ID or e-mail address of this row."})
	default:
		d.create(c)
	}
}

// resolve finds the groups and the reseller that a row names.
func (d *decision) resolve(c *candidate) {
	c.draft.Groups, c.draft.Reseller = nil, d.root // whoever has a place puts customers there
	for _, name := range c.groups {
		switch n, ok := d.groups(name); {
		case !ok:
			c.problems = append(c.problems, d.p.problem("groups", "unknown_group", "There is no group %q, and this import makes none.", cut(name)))
		case n != 0:
			c.draft.Groups = append(c.draft.Groups, n)
		}
	}
	slices.Sort(c.draft.Groups)
	if c.reseller == "" {
		return
	}
	switch found := d.resellers[c.reseller]; len(found) {
	case 0:
		c.problems = append(c.problems, d.p.problem("reseller", "unknown_reseller", "There is no reseller %q.", cut(c.reseller)))
	case 1:
		c.draft.Reseller = found[0].ID
	default:
		c.problems = append(c.problems, d.p.problem("reseller", "ambiguous_reseller", "Several resellers are called %q: give the customer ID.", cut(c.reseller)))
	}
}

// before tells whether the row was imported before, by its fingerprint.
func (d *decision) before(c *candidate) bool {
	if len(c.problems) > 0 {
		return false
	}
	from, found := d.prints[c.print]
	if now := d.loaded[from.rowID]; found && (now == nil || now.Status == customer.StatusClosed) {
		found = false // it ended, or the import was taken back: the row may come in again
	}
	if line := d.seen.line(d.seen.key(seenPrint, printText(c.print))); c.keyless && line != 0 {
		from, found = origin{importID: d.p.m.ID, line: line}, true
	}
	same := from.importID == d.p.m.ID
	if !found || same && (!c.keyless || from.line == c.line) {
		return false
	}
	c.outcome = OutcomeSkipped
	message := "It was imported before, in " + id.Format(Prefix, from.importID) + ", " + place(from.line) + "."
	switch {
	case d.ownAlone && !same: // it may be somebody else's import
		message = "It was imported before."
	case same:
		message = "It is the same as " + place(from.line) + "."
	}
	c.warn = []RowProblem{{Column: -1, Code: "already_imported", Message: message}}
	return true
}

// create decides a row that is to be a new customer.
func (d *decision) create(c *candidate) {
	c.problems = append(c.problems, c.badNew...)
	if d.before(c) {
		return
	}
	known := d.match(c, allKeys)
	if len(c.problems) == 0 && known != 0 && d.touched[known] == 0 && d.unchanged(c, d.loaded[known]) {
		c.outcome, c.target = OutcomeUnchanged, d.loaded[known]
		return
	}
	d.collisions(c, 0) // also of a row that is wrong, so that all is said at once
	if n := d.byNumber[c.customerID]; n != 0 {
		c.problems = append(c.problems, d.p.problem(KeyCustomerID, "duplicate_customer_id", "Customer %s is there already, with other values.", c.customerID))
	}
	c.outcome = OutcomeCreated
}

// collisions tells which unique values another customer, or a row before, has.
func (d *decision) collisions(c *candidate, self int64) {
	d.collision(c, self, "email", "duplicate_email", "e-mail address", seenEmail, c.draft.Email, d.byEmail)
	d.collision(c, self, "reference", "duplicate_reference", "reference number", seenReference, c.draft.Reference, d.byReference)
}

func (d *decision) collision(c *candidate, self int64, field, code, words string, kind byte, value string, taken map[string]int64) {
	if value == "" || slices.ContainsFunc(c.problems, func(p RowProblem) bool { return p.Field == field }) {
		return
	}
	folded := fold.Key(value)
	if n := taken[folded]; n != 0 && n != self {
		who := "Customer " + id.Format(customer.Prefix, n)
		if d.foreign[n] {
			who = "Another customer"
		} else if other := d.loaded[n]; other != nil {
			who = "Customer " + other.CustomerID
		}
		if line := d.touched[n]; line != 0 {
			who += ", from " + place(line) + ","
		}
		c.problems = append(c.problems, d.p.problem(field, code, "%s has this %s already.", who, words))
		return
	}
	if line := d.seen.line(d.seen.key(kind, folded)); line != 0 && line != c.line {
		c.problems = append(c.problems, d.p.problem(field, code, "%s has this %s already.", sentencePlace(line), words))
	}
}

func sentencePlace(line int64) string { return fmt.Sprintf("Line %d", line) }

// patch is what the row says about a customer that is there.
func (d *decision) patch(c *candidate, now *customer.Customer) []customer.Change {
	var changes []customer.Change
	for _, field := range c.given {
		switch field {
		case KeyCustomerID:
		case "groups":
			op := customer.OpAdd
			if d.p.m.Preset == PresetTandem {
				op = customer.OpSet
			}
			changes = append(changes, customer.Change{Field: "groups", Op: op, IDs: c.draft.Groups})
		case "reseller":
			if c.reseller != now.ResellerName {
				changes = append(changes, customer.Change{Field: "reseller", IDs: []int64{c.draft.Reseller}})
			}
		default:
			if value := d.s.o.Customers.DraftText(c.draft, field); value == "" {
				changes = append(changes, customer.Change{Field: field, Op: customer.OpClear})
			} else {
				changes = append(changes, customer.Change{Field: field, Value: value})
			}
		}
	}
	return changes
}

// differs is the changes of a patch that really change something.
func (d *decision) differs(c *candidate, now *customer.Customer) []customer.Change {
	var out []customer.Change
	for _, ch := range d.patch(c, now) {
		switch ch.Field {
		case "groups":
			missing := slices.ContainsFunc(ch.IDs, func(n int64) bool { return !slices.Contains(now.Groups, n) })
			if missing || ch.Op == customer.OpSet && !slices.Equal(ch.IDs, now.Groups) {
				out = append(out, ch)
			}
		case "reseller":
			if ch.IDs[0] != now.Reseller {
				out = append(out, ch)
			}
		default:
			if d.s.o.Customers.DraftText(&now.Draft, ch.Field) != ch.Value {
				out = append(out, ch)
			}
		}
	}
	return out
}

// unchanged tells whether the customer is as the row says.
func (d *decision) unchanged(c *candidate, now *customer.Customer) bool {
	if now == nil || c.customerID != "" && c.customerID != now.CustomerID {
		return false
	}
	if slices.ContainsFunc(c.groups, func(name string) bool { n, _ := d.groups(name); return n == 0 }) {
		return false
	}
	return len(d.differs(c, now)) == 0
}

// try asks, for all rows at once, what their changes make of the customers that are known.
func (d *decision) try(ctx context.Context, rows []*candidate) error {
	var about []*candidate
	var customers []*customer.Customer
	var changes [][]customer.Change
	taken := map[int64]bool{}
	for _, c := range rows {
		c.problems = slices.Clone(c.bad)
		d.resolve(c)
		if d.p.m.Mode == ModeCreate {
			continue
		}
		now := d.loaded[d.match(c, d.p.m.Match)]
		if now == nil || taken[now.ID] {
			continue
		}
		taken[now.ID] = true
		if list := d.differs(c, now); len(list) > 0 {
			about, customers, changes = append(about, c), append(customers, now), append(changes, list)
		}
	}
	d.tried = make(map[*candidate]*customer.Outcome, len(about))
	if len(about) == 0 {
		return nil
	}
	tried, err := d.s.o.Customers.Try(ctx, d.q, customers, changes, false)
	if err != nil {
		return err
	}
	for i, c := range about {
		d.tried[c] = &tried[i]
	}
	return nil
}

// update decides a row whose customer is known.
func (d *decision) update(c *candidate, now *customer.Customer) {
	if now == nil { // gone between two statements
		c.problems = append(c.problems, RowProblem{Column: -1, Code: "changed_meanwhile", Message: "The customer was changed while the row was read. Run it again."})
		return
	}
	line := d.touched[now.ID]
	if before := d.seen.line(d.seen.key(seenCustomer, fmt.Sprint(now.ID))); before != 0 && before != c.line {
		line = before
	}
	if line != 0 && line != c.line {
		key, code := d.matchedBy(c, now)
		c.problems = append(c.problems, d.p.problem(key, code, "%s is about customer %s already.", sentencePlace(line), now.CustomerID))
		return
	}
	c.target, c.change = now, d.tried[c]
	d.collisions(c, now.ID)
	if c.change != nil {
		for _, f := range c.change.Wrong {
			if !slices.ContainsFunc(c.problems, func(p RowProblem) bool { return p.Field == f.Field }) {
				c.problems = append(c.problems, RowProblem{Field: f.Field, Column: d.p.column(f.Field), Code: f.Code, Message: f.Message})
			}
		}
	}
	newGroups := slices.ContainsFunc(c.groups, func(name string) bool { n, _ := d.groups(name); return n == 0 })
	c.outcome = OutcomeUnchanged
	if c.change != nil && len(c.change.Diff) > 0 || newGroups {
		c.outcome = OutcomeUpdated
	}
}

// matchedBy is the key by which a row found its customer, and the code of its being there twice.
func (d *decision) matchedBy(c *candidate, now *customer.Customer) (field, code string) {
	for _, key := range d.p.m.Match {
		if d.match(c, []string{key}) == now.ID {
			return key, "duplicate_" + key
		}
	}
	return "", "duplicate"
}
