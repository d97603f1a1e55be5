package contact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/identity"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Options is what the service is made of.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       *id.Source
	Audit     *audit.Log
	Log       *slog.Logger
	Customers *customer.Service
	// NeedsSecond tells whether a role in the portal requires a second factor; nil: none does.
	NeedsSecond func(context.Context, Role) (bool, error)
}

// Service is the use cases of contacts. Safe for concurrent use.
type Service struct {
	Options
	engine *list.Engine
	people *identity.Service // nil until SignsIn
}

// New gives the service, which from then on follows the customers' changes.
func New(o Options) *Service {
	s := &Service{Options: o}
	s.engine = list.NewEngine(o.DB, o.Log, table(), s.count)
	o.Customers.Follow(s.Follow)
	return s
}

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.DB = s.DB.Within(tx)
	return &lent
}

// ListTable is the declaration of the list.
func (s *Service) ListTable() *list.Table { return s.engine.Table() }

func (s *Service) count(ctx context.Context, _ string) (int64, error) {
	var n int64
	if err := s.DB.Read().GetContext(ctx, &n, sqlTotal); err != nil {
		return 0, fmt.Errorf("count contacts: %w", err)
	}
	return n, nil
}

// List is one page of contacts that are not removed. Nobody gets private notes from it.
func (s *Service) List(ctx context.Context, q list.Query) ([]*Contact, list.Page, error) {
	if err := access.Require(ctx, access.ContactRead); err != nil {
		return nil, list.Page{}, err
	}
	return s.list(ctx, q, false)
}

func (s *Service) list(ctx context.Context, q list.Query, private bool) ([]*Contact, list.Page, error) {
	q.Scope, q.Masked = customer.ScopeOf(ctx), access.Masked(ctx)
	return list.Rows(ctx, s.engine, q, sqlColumns, func(next list.Scan) (*Contact, error) {
		c, err := scan(next)
		if err == nil && !private {
			c.PrivateNotes = ""
		}
		if err == nil {
			c.hide(access.From(ctx).Principal)
		}
		return c, err
	})
}

// Of is List for one customer, open or closed.
func (s *Service) Of(ctx context.Context, customerID int64, q list.Query) ([]*Contact, list.Page, error) {
	if err := access.Require(ctx, access.ContactRead); err != nil {
		return nil, list.Page{}, err
	}
	if there, err := s.Customers.Load(ctx, s.DB.Read(), []int64{customerID}); err != nil || len(there) == 0 {
		return nil, list.Page{}, errors.Join(err, missingCustomer(there))
	}
	return s.of(ctx, customerID, q)
}

func (s *Service) of(ctx context.Context, customerID int64, q list.Query) ([]*Contact, list.Page, error) {
	own := fmt.Sprintf(`{"field":"customer","op":"eq","value":%q}`, id.Format(customer.Prefix, customerID))
	switch {
	case q.Filter == "":
		q.Filter = own
	case !json.Valid([]byte(q.Filter)): // it could reach out of the list it is put into
		var wrong errs.Fields
		wrong.Add("filter", "malformed", "The filter is not JSON.")
		return nil, list.Page{}, wrong.Err()
	default:
		q.Filter = `{"and":[` + own + `,` + q.Filter + `]}`
	}
	return s.list(ctx, q, false)
}

func missingCustomer(found []*customer.Customer) error {
	if len(found) == 0 {
		return errs.NotFound("customer")
	}
	return nil
}

// Export hands the contacts of a list over in order, page by page, and notes who took them. private takes the private
// notes along, which needs their permission.
func (s *Service) Export(ctx context.Context, q list.Query, private bool, page func([]*Contact) error) error {
	needs := []access.Permission{access.ContactRead, access.CustomerExport}
	if private {
		needs = append(needs, access.ContactPrivateNotes)
	}
	for _, p := range needs {
		if err := access.Require(ctx, p); err != nil {
			return err
		}
	}
	q.Limit, q.Total, q.Masked = list.MaxLimit, list.TotalNone, access.Masked(ctx)
	if _, err := s.engine.Parse(q); err != nil {
		return err
	}
	changes := []audit.Change{{Field: "filter", New: orNil(q.Filter)}, {Field: "q", New: orNil(q.Q)}}
	message := "Contacts exported"
	if private {
		message = "Contacts exported with their private notes"
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionExport, Table: Table, RowName: Table, Message: message, Changes: changes})
	})
	if err != nil {
		return err
	}
	for {
		found, at, err := s.list(ctx, q, private)
		if err != nil {
			return err
		}
		if err := page(found); err != nil || at.Next == "" {
			return err
		}
		q.Cursor = at.Next
	}
}

// Types is the types that contacts have, in order, at most a hundred.
func (s *Service) Types(ctx context.Context) ([]string, error) {
	if err := access.Require(ctx, access.ContactRead); err != nil {
		return nil, err
	}
	types := []string{}
	text, args := sqlTypes, []any(nil)
	if p := access.From(ctx).Principal; p.HasPlace() {
		text, args = sqlTypesWithin, []any{p.Root, p.Customer}
	}
	if err := s.DB.Read().SelectContext(ctx, &types, text, args...); err != nil {
		return nil, fmt.Errorf("list the types of contacts: %w", err)
	}
	return types, nil
}

// Get is one contact, also one that was removed. Private notes are left out unless the caller may read them.
func (s *Service) Get(ctx context.Context, contactID int64) (*Contact, error) {
	if err := access.Require(ctx, access.ContactRead); err != nil {
		return nil, err
	}
	c, err := seen(ctx, s.DB.Read(), contactID, "")
	if err != nil {
		return nil, err
	}
	return shown(ctx, c), nil
}

// seen reads a contact at a customer that the caller may see; any other is not there.
func seen(ctx context.Context, q db.Q, contactID int64, lock string) (*Contact, error) {
	c, err := load(ctx, q, contactID, lock)
	if err != nil {
		return nil, err
	}
	if at, err := customer.Visible(ctx, q, []int64{c.Customer.ID}); err != nil || len(at) == 0 {
		return nil, errors.Join(err, errs.NotFound("contact"))
	}
	return c, nil
}

// shown is the contact as the caller may see it.
func shown(ctx context.Context, c *Contact) *Contact {
	out := *c
	if !access.From(ctx).Principal.May(access.ContactPrivateNotes) {
		out.PrivateNotes = ""
	}
	out.hide(access.From(ctx).Principal)
	return &out
}

// hide empties what is masked. Nothing is written of a contact after that.
func (c *Contact) hide(p access.Principal) {
	c.Masked = nil
	for name, at := range map[string]*string{"mobile": &c.Mobile, "phone": &c.Phone} {
		if p.HidesField(name) {
			*at, c.Masked = "", append(c.Masked, name)
		}
	}
	slices.Sort(c.Masked)
}

// refuseHidden refuses a patch that names what the caller is not shown; a new contact may be told to have none of it.
func (p *Patch) refuseHidden(ctx context.Context, creating bool) error {
	var wrong errs.Fields
	for _, f := range []struct {
		name string
		at   *string
	}{{"phone", p.Phone}, {"mobile", p.Mobile}} {
		if f.at != nil && (!creating || *f.at != "") {
			access.RefuseHidden(ctx, &wrong, f.name)
		}
	}
	return wrong.Err()
}

func mayWrite(ctx context.Context, p *Patch) error {
	if err := access.Require(ctx, access.ContactWrite); err != nil {
		return err
	}
	if p.PrivateNotes != nil {
		return access.Require(ctx, access.ContactPrivateNotes)
	}
	return nil
}

// Create adds a contact to a customer that is not closed.
func (s *Service) Create(ctx context.Context, customerID int64, p Patch) (*Contact, error) {
	if err := mayWrite(ctx, &p); err != nil {
		return nil, err
	}
	return s.create(ctx, customerID, p)
}

func (s *Service) create(ctx context.Context, customerID int64, p Patch) (*Contact, error) {
	if err := p.refuseHidden(ctx, true); err != nil {
		return nil, err
	}
	def, err := s.Customers.Defaults(ctx)
	if err != nil {
		return nil, err
	}
	var made *Contact
	var wrong *errs.Fields
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		held, err := s.Customers.LoadLocked(ctx, tx, []int64{customerID})
		if err = errors.Join(err, missingCustomer(held)); err != nil {
			return err
		}
		k := held[0]
		if err := customer.Touch(ctx, k.ID); err != nil {
			return err
		}
		if k.Status == customer.StatusClosed {
			return closedCustomer(k.Name)
		}
		made = s.blank(k)
		made.Draft = p.over(Draft{})
		wrong = made.normalise(countryOf(k, def.Country))
		made.checkFlags(wrong)
		insisted := checkNotes(&Draft{}, &made.Draft, p.Insist, wrong)
		if err := s.checkTwin(ctx, tx, made, wrong); err != nil {
			return err
		}
		s.prove(ctx, &Contact{}, made)
		if err := insert(ctx, tx, s.ListTable().Index, []*Contact{made}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, tx, s.entry(audit.ActionCreate, "Contact added", &Contact{}, made, insisted))
	})
	if err != nil {
		return nil, taken(err, wrong)
	}
	return shown(ctx, made), nil
}

func (s *Service) blank(k *customer.Customer) *Contact {
	now := s.Clock.Now()
	return &Contact{ID: s.IDs.Next(), Customer: customer.Ref{ID: k.ID, Name: k.Name}, CustomerID: k.CustomerID, CreatedAt: now, UpdatedAt: now, Version: 1}
}

// InsertMany adds contacts, each to the customer that stands in its place in of, which the caller holds in tx and is not
// closed: for the demo and for loads. Nothing may be wrong with them.
func (s *Service) InsertMany(ctx context.Context, tx *db.Tx, of []*customer.Customer, drafts []Draft) error {
	made, entries := make([]*Contact, len(drafts)), make([]audit.Entry, len(drafts))
	for i, d := range drafts {
		c := s.blank(of[i])
		c.Draft = d
		wrong := c.normalise(of[i].Country)
		c.checkFlags(wrong)
		if err := wrong.Err(); err != nil {
			return fmt.Errorf("the contact %s: %w", d.Name, err)
		}
		s.prove(ctx, &Contact{}, c)
		made[i], entries[i] = c, s.entry(audit.ActionCreate, "Contact added", &Contact{}, c, nil)
	}
	if len(made) == 0 {
		return nil
	}
	if err := insert(ctx, tx, s.ListTable().Index, made); err != nil {
		return err
	}
	return s.Audit.Record(ctx, tx, entries...)
}

func countryOf(k *customer.Customer, otherwise string) string {
	if len(k.Country) == 2 {
		return k.Country
	}
	return otherwise
}

func closedCustomer(name string) error {
	return errs.New(errs.KindConflict, "customer_closed", "%s is closed: its contacts stay as they are.", name)
}

// checkTwin adds what only the database knows, and tells every wrong field.
func (s *Service) checkTwin(ctx context.Context, tx *db.Tx, c *Contact, wrong *errs.Fields) error {
	var twins []struct {
		ID   int64  `db:"id"`
		Name string `db:"name"`
	}
	if key := fold.Key(c.Email); key != "" {
		if err := tx.SelectContext(ctx, &twins, sqlTwin, c.Customer.ID, key, c.ID); err != nil {
			return fmt.Errorf("look for the contact's e-mail: %w", err)
		}
	}
	if len(twins) > 0 {
		wrong.Add("email", "duplicate_email", "%s (%s) at the same customer has this e-mail address already.", twins[0].Name, id.Format(Prefix, twins[0].ID))
	}
	return wrong.Err()
}

// prove keeps the flags with their addresses, and notes who set them when.
func (s *Service) prove(ctx context.Context, before, after *Contact) {
	now := Verified{s.Clock.Now(), access.From(ctx).Principal.Name}
	set := func(was, is bool, proof *Verified) {
		switch {
		case !is:
			*proof = Verified{}
		case !was || proof.At.IsZero():
			*proof = now
		}
	}
	set(before.EmailVerified && fold.Key(before.Email) == fold.Key(after.Email), after.EmailVerified, &after.EmailProof)
	set(before.MobileVerified && before.Mobile == after.Mobile, after.MobileVerified, &after.MobileProof)
}

// Update changes some fields of a contact. version is the one the caller read; 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, contactID, version int64, p Patch) (*Contact, error) {
	if err := mayWrite(ctx, &p); err != nil {
		return nil, err
	}
	return s.change(ctx, contactID, version, p, nil)
}

// guard may refuse a change of a contact that is held.
type guard func(ctx context.Context, tx *db.Tx, before, after *Contact) error

func (g guard) check(ctx context.Context, tx *db.Tx, before, after *Contact) error {
	if g == nil {
		return nil
	}
	return g(ctx, tx, before, after)
}

func (s *Service) change(ctx context.Context, contactID, version int64, p Patch, g guard) (*Contact, error) {
	if err := p.refuseHidden(ctx, false); err != nil {
		return nil, err
	}
	var after *Contact
	var wrong *errs.Fields
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		before, k, err := s.hold(ctx, tx, contactID, version)
		if err != nil {
			return err
		}
		next := *before
		after = &next
		after.Draft = p.over(before.Draft)
		def, err := s.Customers.Defaults(ctx)
		if err != nil {
			return err
		}
		wrong = after.normalise(countryOf(k, def.Country))
		if p.EmailVerified == nil && fold.Key(before.Email) != fold.Key(after.Email) {
			after.EmailVerified = false
		}
		if p.MobileVerified == nil && before.Mobile != after.Mobile {
			after.MobileVerified = false
		}
		after.checkFlags(wrong)
		insisted := checkNotes(&before.Draft, &after.Draft, p.Insist, wrong)
		if err := s.checkTwin(ctx, tx, after, wrong); err != nil {
			return err
		}
		if err := g.check(ctx, tx, before, after); err != nil {
			return err
		}
		s.prove(ctx, before, after)
		e := s.entry(audit.ActionUpdate, "Contact changed", before, after, insisted)
		if len(e.Changes) == 0 {
			return nil
		}
		return s.write(ctx, tx, before, after, e)
	})
	if err != nil {
		return nil, access.Scrubbed(ctx, taken(err, wrong))
	}
	return shown(ctx, after), nil
}

// hold reads a contact that may be changed, with its customer, and keeps both from others until the end of tx.
func (s *Service) hold(ctx context.Context, tx *db.Tx, contactID, version int64) (*Contact, *customer.Customer, error) {
	c, err := seen(ctx, tx, contactID, "")
	if err != nil {
		return nil, nil, err
	}
	if err := customer.Touch(ctx, c.Customer.ID); err != nil {
		return nil, nil, err
	}
	held, err := s.Customers.LoadLocked(ctx, tx, []int64{c.Customer.ID}) // first, as whoever closes it does
	if err = errors.Join(err, missingCustomer(held)); err != nil {
		return nil, nil, err
	}
	if c, err = load(ctx, tx, contactID, tx.Dialect().ForUpdate()); err != nil {
		return nil, nil, err
	}
	switch {
	case !c.RemovedAt.IsZero():
		return nil, nil, errs.NotFound("contact")
	case c.CustomerClosed:
		return nil, nil, closedCustomer(c.Customer.Name)
	case version != 0 && version != c.Version:
		return nil, nil, errs.Stale(shown(ctx, c))
	}
	return c, held[0], nil
}

func (s *Service) write(ctx context.Context, tx *db.Tx, before, after *Contact, e audit.Entry) error {
	after.Version, after.UpdatedAt = before.Version+1, s.Clock.Now()
	if err := update(ctx, tx, s.ListTable().Index, before, after); err != nil {
		return err
	}
	if err := s.signedOut(ctx, tx, before, after); err != nil {
		return err
	}
	if s.people != nil && before.Role != after.Role {
		s.people.Changed(tx) // who is signed in may do something else from now on
	}
	return s.Audit.Record(ctx, tx, e)
}

// Delete removes a contact; its history stays.
func (s *Service) Delete(ctx context.Context, contactID, version int64) error {
	if err := access.Require(ctx, access.ContactDelete); err != nil {
		return err
	}
	return s.remove(ctx, contactID, version, nil)
}

func (s *Service) remove(ctx context.Context, contactID, version int64, g guard) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.removeIn(ctx, tx, contactID, version, g) })
}

func (s *Service) removeIn(ctx context.Context, tx *db.Tx, contactID, version int64, g guard) error {
	before, _, err := s.hold(ctx, tx, contactID, version)
	if err != nil {
		return err
	}
	after := *before
	after.RemovedAt = s.Clock.Now()
	if err := g.check(ctx, tx, before, &after); err != nil {
		return err
	}
	return s.write(ctx, tx, before, &after, audit.Entry{Action: audit.ActionDelete, Table: Table, RowID: after.ID, RowName: after.rowName(), Message: "Contact removed"})
}

// entry is what the audit keeps of a change. What a private note says is never told, nor a note that looks like a
// secret, nor its former text.
func (s *Service) entry(action audit.Action, message string, before, after *Contact, insisted []string) audit.Entry {
	var changes []audit.Change
	add := func(field, old, now string) {
		if old != now {
			changes = append(changes, audit.Change{Field: field, Old: orNil(old), New: orNil(now)})
		}
	}
	if before.Customer.ID != after.Customer.ID {
		add("customer", "", id.Format(customer.Prefix, after.Customer.ID))
	}
	add("name", before.Name, after.Name)
	add("email", before.Email, after.Email)
	add("type", before.Type, after.Type)
	add("role", string(before.Role), string(after.Role))
	add("phone", before.Phone, after.Phone)
	add("mobile", before.Mobile, after.Mobile)
	add("language", before.Language, after.Language)
	switch {
	case before.PublicNotes == after.PublicNotes:
	case looksLikeSecret(before.PublicNotes) || looksLikeSecret(after.PublicNotes):
		changes = append(changes, audit.Secret(fieldPublic))
	default:
		add(fieldPublic, before.PublicNotes, after.PublicNotes)
	}
	if before.PrivateNotes != after.PrivateNotes {
		changes = append(changes, audit.Secret(fieldPrivate))
	}
	flag := func(field string, old, now bool) {
		if old != now {
			changes = append(changes, audit.Change{Field: field, Old: old, New: now})
		}
	}
	flag("email_verified", before.EmailVerified, after.EmailVerified)
	flag("mobile_verified", before.MobileVerified, after.MobileVerified)
	if !slices.Equal(before.AllowedIPs, after.AllowedIPs) {
		changes = append(changes, audit.Change{Field: "allowed_ips", Old: before.AllowedIPs, New: after.AllowedIPs})
	}
	if len(insisted) > 0 {
		changes = append(changes, audit.Change{Field: "insisted", New: insisted})
		message += ", insisting on a note that looks like a secret"
	}
	return audit.Entry{Action: action, Table: Table, RowID: after.ID, RowName: after.rowName(), Message: message, Changes: changes}
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// taken turns a lost race for an e-mail into the same answer as a lost check.
func taken(err error, wrong *errs.Fields) error {
	switch db.UniqueViolation(err) {
	case "contacts_email_unique", "contacts.customer_id, contacts.email_key":
		if wrong == nil {
			wrong = &errs.Fields{}
		}
		wrong.Add("email", "duplicate_email", "Another contact of the same customer has this e-mail address.")
		return wrong.Err()
	}
	return err
}
