package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/money"
)

// Op is what a Change does to its field.
type Op string

// The operations. The zero value sets.
const (
	OpSet      Op = "set"
	OpClear    Op = "clear"
	OpIncrease Op = "increase" // numbers
	OpDecrease Op = "decrease" // numbers
	OpAdd      Op = "add"      // groups
	OpRemove   Op = "remove"   // groups
)

// Change is one field of a patch. Groups and reseller are given by IDs, all else as text.
type Change struct {
	Field string  `json:"field"`
	Op    Op      `json:"op,omitempty"`
	Value string  `json:"value,omitempty"`
	IDs   []int64 `json:"ids,omitempty"`
	// StatusBefore is what a penalty that is given back goes back to itself. Only restoring heeds it.
	StatusBefore Status `json:"status_before,omitempty"`
}

// Created names a customer that was made.
type Created struct {
	ID         int64
	CustomerID string
}

// Prepare fills in a new draft's defaults, brings its fields to their one spelling, and tells all that is wrong with
// it by itself. Duplicates tells what other customers say.
func (s *Service) Prepare(ctx context.Context, d *Draft) (*errs.Fields, error) {
	def, err := s.Defaults(ctx)
	if err != nil {
		return nil, err
	}
	d.fill(def)
	d.place(ctx)
	wrong := s.schema.Load().normalise(d, def.Country)
	refuseHidden(ctx, d, wrong)
	if d.Status == StatusClosed || d.Status == StatusPenalty {
		wrong.Add("status", "bad_status", "A new customer is active, inactive or pending.")
	}
	return wrong, nil
}

// SetField puts a text into a field of a draft by its name, as imports and forms spell it; false when there is no
// such field, or it cannot be written.
func (s *Service) SetField(d *Draft, name, value string, creating bool) bool {
	f := s.schema.Load().byName[name]
	if f == nil || !f.settable(creating) || f.Members != nil || f.Name == "reseller" {
		return false
	}
	f.set(d, value)
	return true
}

// FieldText is a field's value as text: what exports write and imports read. Groups are names parted by "; ".
func (s *Service) FieldText(c *Customer, name string) string {
	switch name {
	case "customer_id":
		return c.CustomerID
	case "created_at":
		return c.CreatedAt.Format("2006-01-02T15:04:05Z")
	case "updated_at":
		return c.UpdatedAt.Format("2006-01-02T15:04:05Z")
	case "reseller":
		return c.ResellerName
	case "groups":
		names := make([]string, len(c.GroupRefs))
		for i, g := range c.GroupRefs {
			names[i] = g.Name
		}
		return strings.Join(names, "; ")
	}
	if f := s.schema.Load().byName[name]; f != nil {
		return f.get(&c.Draft)
	}
	return ""
}

// Duplicates tells, for each draft, which of its unique fields another open customer has. self is the customer a
// draft is of, 0 for new ones. Drafts are not compared with each other.
func (s *Service) Duplicates(ctx context.Context, q db.Q, drafts []*Draft, self []int64) ([][]errs.Field, error) {
	var emails, references []string
	for _, d := range drafts {
		emails, references = append(emails, fold.Key(d.Email)), append(references, fold.Key(d.Reference))
	}
	byEmail, err := idsBy(ctx, q, s.DB.Dialect(), "email_key", some(emails))
	if err != nil {
		return nil, err
	}
	byReference, err := idsBy(ctx, q, s.DB.Dialect(), "reference_key", some(references))
	if err != nil {
		return nil, err
	}
	out := make([][]errs.Field, len(drafts))
	who := func(other int64) string { // who has a place is not told whom it is about
		if access.From(ctx).Principal.HasPlace() {
			return "Another customer has"
		}
		return "Customer " + id.Format(Prefix, other) + " has"
	}
	for i := range drafts {
		if other := byEmail[emails[i]]; other != 0 && other != self[i] {
			out[i] = append(out[i], errs.Field{Field: "email", Code: "duplicate_email", Message: who(other) + " this e-mail address already."})
		}
		if other := byReference[references[i]]; other != 0 && other != self[i] {
			out[i] = append(out[i], errs.Field{Field: "reference", Code: "duplicate_reference", Message: who(other) + " this reference number already."})
		}
	}
	return out, nil
}

func some(keys []string) []string {
	out := make([]string, 0, len(keys))
	for _, k := range keys {
		if k != "" {
			out = append(out, k)
		}
	}
	return out
}

// Find gives the IDs of open customers by reference, customer_id or email; keys and result in their folded spelling
// (fold.Key), customer IDs in capitals.
func (s *Service) Find(ctx context.Context, q db.Q, by string, keys []string) (map[string]int64, error) {
	column := map[string]string{"reference": "reference_key", "email": "email_key", "customer_id": "customer_id", "external_id": "external_id_key"}[by]
	if column == "" {
		return nil, fmt.Errorf("customers are not found by %s", by)
	}
	return idsBy(ctx, q, s.DB.Dialect(), column, some(keys))
}

// checkRefs tells when a reseller or group of the draft is not there.
func checkRefs(ctx context.Context, q db.Q, d *Draft, wrong *errs.Fields) error {
	known, err := readRefs(ctx, q, []int64{d.Reseller}, d.Groups)
	if err != nil {
		return err
	}
	known.check(d.Reseller, d.Groups, wrong)
	return nil
}

// holdRefs keeps the resellers and groups of drafts in place until the end of the transaction.
func holdRefs(ctx context.Context, tx *db.Tx, drafts []*Draft) error {
	resellers, groups := map[int64]bool{}, map[int64]bool{}
	for _, d := range drafts {
		if d.Reseller != 0 {
			resellers[d.Reseller] = true
		}
		for _, g := range d.Groups {
			groups[g] = true
		}
	}
	known, err := readRefs(ctx, tx, keys(resellers), keys(groups))
	if err != nil {
		return err
	}
	var wrong errs.Fields
	for r := range resellers {
		known.check(r, nil, &wrong)
	}
	known.check(0, keys(groups), &wrong)
	return wrong.Err()
}

// Reserve takes n numbers for customer IDs. They are never given again, also when nothing is made of them. Call it
// before the transaction that uses them: on SQLite there is one writer.
func (s *Service) Reserve(ctx context.Context, n int) ([]int64, error) {
	var next int64
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return tx.GetContext(ctx, &next, sqlReserve, n) })
	if err != nil {
		return nil, fmt.Errorf("reserve customer IDs: %w", err)
	}
	if next > numberSpace {
		return nil, errs.New(errs.KindConflict, "out_of_numbers", "There are no customer IDs left.")
	}
	out := make([]int64, n)
	for i := range out {
		out[i] = next - int64(n) + int64(i)
	}
	return out, nil
}

// numberPool keeps some reserved numbers, so that single creations do not each write to reserve theirs.
type numberPool struct {
	mu   sync.Mutex
	left []int64
}

func (p *numberPool) one(ctx context.Context, s *Service) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.left) == 0 {
		more, err := s.Reserve(ctx, 20)
		if err != nil {
			return 0, err
		}
		p.left = more
	}
	n := p.left[0]
	p.left = p.left[1:]
	return n, nil
}

// InsertMany makes customers of drafts that Prepare and Duplicates found nothing wrong with, each with an audit entry
// of that message. numbers come from Reserve. A group or reseller that is gone meanwhile is refused.
func (s *Service) InsertMany(ctx context.Context, tx *db.Tx, drafts []*Draft, numbers []int64, message string) ([]Created, error) {
	if err := holdRefs(ctx, tx, drafts); err != nil {
		return nil, err
	}
	sc, now := s.schema.Load(), s.Clock.Now()
	customers := make([]*Customer, len(drafts))
	created := make([]Created, len(drafts))
	entries := make([]audit.Entry, len(drafts))
	for i, d := range drafts {
		c := &Customer{Draft: *d, ID: s.IDs.Next(), CustomerID: FormatNumber(numbers[i]), CreatedAt: now, UpdatedAt: now, Version: 1}
		customers[i] = c
		created[i] = Created{c.ID, c.CustomerID}
		entries[i] = audit.Entry{Action: audit.ActionCreate, Table: Table, RowID: c.ID, RowName: rowName(c), Message: message, Changes: sc.diff(&Customer{}, c)}
	}
	if err := sc.insertAll(ctx, tx, customers); err != nil {
		return nil, err
	}
	return created, s.Audit.Record(ctx, tx, entries...)
}

func rowName(c *Customer) string { return c.Name + " (" + c.CustomerID + ")" }

// diff tells the fields in which two states of a customer differ, as the audit keeps them.
func (s *schema) diff(before, after *Customer) []audit.Change {
	var out []audit.Change
	add := func(name, old, now string) {
		if old != now {
			out = append(out, audit.Change{Field: name, Old: orNil(old), New: orNil(now)})
		}
	}
	for i := range s.fields {
		f := &s.fields[i]
		if f.text != nil || f.Custom {
			add(f.Name, f.get(&before.Draft), f.get(&after.Draft))
		}
	}
	if before.Reseller != after.Reseller {
		add("reseller", refText(Prefix, before.Reseller), refText(Prefix, after.Reseller))
	}
	if !slices.Equal(before.Groups, after.Groups) {
		out = append(out, audit.Change{Field: "groups", Old: refTexts(before.Groups), New: refTexts(after.Groups)})
	}
	return out
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func refText(prefix string, n int64) string {
	if n == 0 {
		return ""
	}
	return id.Format(prefix, n)
}

func refTexts(ids []int64) []string {
	out := make([]string, len(ids))
	for i, n := range ids {
		out[i] = id.Format("grp", n)
	}
	return out
}

// Apply changes fields of a customer that the caller has read (and locked) in tx; false when nothing changes. It is
// the one way by which edits, bulk changes, imports and undo write.
func (s *Service) Apply(ctx context.Context, tx *db.Tx, before *Customer, changes []Change, message string) (*Customer, error) {
	return s.apply(ctx, tx, before, changes, message, audit.ActionUpdate)
}

func (s *Service) apply(ctx context.Context, tx *db.Tx, before *Customer, changes []Change, message string, action audit.Action) (*Customer, error) {
	tried, err := s.try(ctx, tx, []*Customer{before}, [][]Change{changes}, false)
	if err != nil {
		return nil, err
	}
	o := tried[0]
	if err := o.err(); err != nil {
		return nil, err
	}
	if len(o.Diff) == 0 {
		return before, nil
	}
	if o.closes() {
		if err := s.refuseBlocked(ctx, tx, before); err != nil {
			return nil, err
		}
	}
	if err := s.write(ctx, tx, tried, message, action); err != nil {
		return nil, s.taken(err, &errs.Fields{})
	}
	return o.After, nil
}

func (s *Service) refuseBlocked(ctx context.Context, tx *db.Tx, c *Customer) error {
	blocked, err := s.blockers(ctx, tx, []int64{c.ID})
	if err != nil {
		return err
	}
	if list := blocked[c.ID]; len(list) > 0 {
		e := errs.New(errs.KindConflict, "blocked", "%s cannot be closed yet.", c.Name)
		e.BlockedBy = list
		return e
	}
	return nil
}

// Preview is the customer as the changes would leave it, or every field that is wrong with that.
func (s *Service) Preview(ctx context.Context, q db.Q, before *Customer, changes []Change) (*Customer, error) {
	tried, err := s.try(ctx, q, []*Customer{before}, [][]Change{changes}, false)
	if err != nil {
		return nil, err
	}
	return tried[0].After, tried[0].err()
}

// changed is the customer as the changes would leave it, and what is wrong with that by itself. restoring lets the
// status go back whichever way it came.
func (s *Service) changed(sc *schema, before *Customer, changes []Change, def Defaults, restoring bool) (*Customer, *errs.Fields) {
	after := *before
	after.Draft = *before.clone()
	given := &errs.Fields{}
	for _, ch := range changes {
		sc.applyTo(&after, ch, given)
	}
	renameFollowsParts(before, &after, changes)
	wrong := sc.normalise(&after.Draft, def.Country)
	for _, f := range given.List() {
		wrong.Add(f.Field, f.Code, "%s", f.Message)
	}
	if !before.ErasedAt.IsZero() {
		wrong.Add("status", "erased", "Its personal data was erased on %s: it stays as it is.", before.ErasedAt.Format("2006-01-02"))
	}
	s.checkStatus(before, &after, changes, def, restoring, wrong)
	if after.Reseller == after.ID {
		wrong.Add("reseller", "itself", "A reseller cannot own itself.")
	}
	return &after, wrong
}

// renameFollowsParts makes the name anew when it was made of parts that now change, and was not given itself.
func renameFollowsParts(before, after *Customer, changes []Change) {
	if slices.ContainsFunc(changes, func(c Change) bool { return c.Field == "name" }) {
		return
	}
	parts := Draft{Company: before.Company, FirstName: before.FirstName, LastName: before.LastName}
	parts.nameFromParts(&errs.Fields{})
	if before.Name == parts.Name {
		after.Name = ""
	}
}

func (s *schema) applyTo(c *Customer, ch Change, wrong *errs.Fields) {
	f := s.byName[ch.Field]
	switch {
	case f == nil:
		wrong.Add(ch.Field, "unknown_field", "There is no field %q.", ch.Field)
	case !f.settable(false) && f.create:
		if ch.Value != f.get(&c.Draft) {
			wrong.Add(ch.Field, "fixed", "%s never changes after creation.", f.Label)
		}
	case !f.settable(false):
		wrong.Add(ch.Field, "read_only", "%s cannot be written.", f.Label)
	case f.Name == "groups":
		c.Groups = applyGroups(c.Groups, ch)
	case f.Name == "reseller":
		c.Reseller = 0
		if ch.Op != OpClear && len(ch.IDs) > 0 {
			c.Reseller = ch.IDs[0]
		}
	case ch.Op == OpClear:
		f.set(&c.Draft, "")
	case ch.Op == OpIncrease || ch.Op == OpDecrease:
		applyNumber(f, &c.Draft, ch, wrong)
	default:
		f.set(&c.Draft, ch.Value)
	}
}

func applyGroups(groups []int64, ch Change) []int64 {
	switch ch.Op {
	case OpAdd:
		groups = append(slices.Clone(groups), ch.IDs...)
	case OpRemove:
		groups = without(groups, ch.IDs)
	case OpClear:
		groups = nil
	default:
		groups = slices.Clone(ch.IDs)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

func applyNumber(f *field, d *Draft, ch Change, wrong *errs.Fields) {
	by, err := money.Parse(ch.Value)
	if err != nil {
		wrong.Add(ch.Field, "bad_number", "Give the number by which %s changes.", f.Label)
		return
	}
	var now money.Amount
	if text := f.get(d); text != "" {
		if now, err = money.Parse(text); err != nil {
			wrong.Add(ch.Field, "bad_number", "%s is not a number now.", f.Label)
			return
		}
	}
	if ch.Op == OpDecrease {
		now, err = now.Sub(by)
	} else {
		now, err = now.Add(by)
	}
	if err != nil {
		wrong.Add(ch.Field, "out_of_range", "%s would be too large.", f.Label)
		return
	}
	f.set(d, numberText(now))
}

// checkStatus holds the allowed transitions, and what goes with each.
func (s *Service) checkStatus(before, after *Customer, changes []Change, def Defaults, restoring bool, wrong *errs.Fields) {
	if before.Status == after.Status || wrong.Has("status") {
		return
	}
	if !restoring && !before.Status.May(after.Status) {
		wrong.Add("status", "bad_transition", "A customer that is %s cannot become %s.", before.Status, after.Status)
		return
	}
	if before.Status == StatusClosed {
		if !restoring && s.Clock.Now().Sub(before.ClosedAt) > def.Retention {
			wrong.Add("status", "retention_over", "It was closed on %s: the time in which it could come back is over.", before.ClosedAt.Format("2006-01-02"))
		}
		after.ClosedAt = time.Time{}
	}
	if after.Status == StatusPenalty {
		after.StatusBefore = before.Status
		if was := formerStatus(changes); restoring && was != "" {
			after.StatusBefore = was
		}
	}
	if !slices.ContainsFunc(changes, func(c Change) bool { return c.Field == "status_reason" }) {
		after.StatusReason = ""
	}
}

func formerStatus(changes []Change) Status {
	for _, c := range changes {
		if c.Field == "status" {
			return c.StatusBefore
		}
	}
	return ""
}

// without is the elements of a that are not in b.
func without(a, b []int64) []int64 {
	var out []int64
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}
