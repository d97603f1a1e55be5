package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/core/group"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
)

// Span is how far back the story goes.
const Span = 730 * 24 * time.Hour

// House is what is filled: services that go by Clock, which stands Span before the present.
type House struct {
	DB        *db.DB
	Staff     *staff.Service
	Clock     *clock.Manual
	Customers *customer.Service
	Groups    *group.Service
	Contacts  *contact.Service
	Fields    *customfield.Service
}

// filler holds what the story so far has made.
type filler struct {
	House
	r         *rand.Rand
	people    []access.Principal
	groups    map[string]int64
	resellers []int64
	serial    int
}

// Fill makes n customers and what belongs to them. The context's principal is in the audit as who did it.
func Fill(ctx context.Context, h House, n int) error {
	f := &filler{House: h, r: rand.New(rand.NewPCG(20, 26)), groups: map[string]int64{}}
	end := h.Clock.Now().Add(Span)
	if err := f.hire(ctx); err != nil {
		return err
	}
	if err := f.setUp(f.by(ctx)); err != nil {
		return err
	}
	const batch = 250
	batches := (n + batch - 1) / batch
	step := Span * 9 / 10 / time.Duration(batches)
	for i := range batches {
		if err := f.customers(f.by(ctx), min(batch, n-i*batch), step); err != nil {
			return err
		}
	}
	if err := f.changes(ctx, n/20+1, end); err != nil {
		return err
	}
	return h.DB.Analyze(ctx, "customers", "customer_search", "contacts", "contact_search", "audit_entries")
}

// hire takes on the people in whose names the story is told. They have no password: nobody can sign in as them.
func (f *filler) hire(ctx context.Context) error {
	for _, in := range []staff.Input{
		{Name: "Marit Lunde", Email: "marit.lunde@example.com", Role: access.RoleManager}, {Name: "Tobias Kern", Email: "tobias.kern@example.com", Role: access.RoleManager},
		{Name: "Elena Prieto", Email: "elena.prieto@example.com", Role: access.RoleSupport}, {Name: "Callum Reid", Email: "callum.reid@example.com", Role: access.RoleReadOnly},
	} {
		made, err := f.Staff.Create(ctx, in)
		if err != nil {
			return fmt.Errorf("hire %s: %w", in.Name, err)
		}
		if in.Role != access.RoleReadOnly {
			f.people = append(f.people, access.Principal{Kind: access.KindStaff, ID: made.ID, Name: made.Name, Role: in.Role, Permissions: access.RoleManager.Permissions()})
		}
	}
	return nil
}

// by is a context in which one of the people acts, from their desk.
func (f *filler) by(ctx context.Context) context.Context {
	n := f.r.IntN(len(f.people))
	return access.With(ctx, access.Call{Principal: f.people[n], Verb: "POST", IP: fmt.Sprintf("192.0.2.%d", 20+n)})
}

func (f *filler) setUp(ctx context.Context) error {
	for _, g := range []group.Input{
		{Name: "Business", Type: group.TypeClient, Description: "Firms with a contract"}, {Name: "Residential", Type: group.TypeClient, Description: "Private people"},
		{Name: "Hotels", Type: group.TypeClient, Description: "TV and telephone in rooms"}, {Name: "North", Type: group.TypeTerritory, Description: "Sales area north"},
		{Name: "South", Type: group.TypeTerritory, Description: "Sales area south"}, {Name: "Summer campaign", Type: group.TypePromotional, Description: "Half price until September"},
		{Name: "Early birds", Type: group.TypePromotional, Description: "The first thousand"}, {Name: "Staff lines", Type: group.TypeStaff, Description: "Our own people"},
	} {
		made, err := f.Groups.Create(ctx, g)
		if err != nil {
			return fmt.Errorf("make the group %s: %w", g.Name, err)
		}
		f.groups[g.Name] = made.ID
	}
	for _, in := range []customfield.Input{
		{Label: "Account manager", Type: customfield.TypeText, Help: "Who looks after the customer"},
		{Label: "Seats", Type: customfield.TypeNumber, Help: "Extensions in the contract"},
		{Label: "Contract ends", Type: customfield.TypeDate},
		{Label: "Segment", Type: customfield.TypeChoice, Choices: []customfield.Choice{{Value: "small", Label: "Small"}, {Value: "medium", Label: "Medium"}, {Value: "large", Label: "Large"}}},
	} {
		if _, err := f.Fields.Create(ctx, in); err != nil {
			return fmt.Errorf("define the field %s: %w", in.Label, err)
		}
	}
	var drafts []*customer.Draft
	for _, name := range carrier {
		d := f.firm(f.place(), name)
		d.Kind, d.BillingType = customer.KindProvider, customer.BillingPostpaid
		drafts = append(drafts, d)
	}
	for _, name := range dealers {
		d := f.firm(f.place(), name)
		d.Kind, d.BillingType = customer.KindReseller, customer.BillingPostpaid
		drafts = append(drafts, d)
	}
	made, err := f.insert(ctx, drafts)
	for i, c := range made {
		if drafts[i].Kind == customer.KindReseller {
			f.resellers = append(f.resellers, c.ID)
		}
	}
	return err
}

// customers makes one batch, spread over its time.
func (f *filler) customers(ctx context.Context, n int, step time.Duration) error {
	for n > 0 {
		part := min(25, n)
		drafts := make([]*customer.Draft, part)
		for i := range drafts {
			drafts[i] = f.someone()
		}
		if _, err := f.insert(ctx, drafts); err != nil {
			return err
		}
		f.Clock.Advance(step / 10)
		n -= part
	}
	return nil
}

func (f *filler) insert(ctx context.Context, drafts []*customer.Draft) ([]customer.Created, error) {
	for _, d := range drafts {
		wrong, err := f.Customers.Prepare(ctx, d)
		if err != nil {
			return nil, err
		}
		if err := wrong.Err(); err != nil {
			return nil, fmt.Errorf("the demo's customer %s: %w", d.Name, err)
		}
	}
	numbers, err := f.Customers.Reserve(ctx, len(drafts))
	if err != nil {
		return nil, err
	}
	var made []customer.Created
	err = f.DB.Write(ctx, func(tx *db.Tx) error {
		if made, err = f.Customers.InsertMany(ctx, tx, drafts, numbers, "Customer created"); err != nil {
			return err
		}
		return f.contacts(ctx, tx, made)
	})
	return made, err
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (f *filler) place() place {
	total := 0
	for _, p := range places {
		total += p.weight
	}
	n := f.r.IntN(total)
	for _, p := range places {
		if n -= p.weight; n < 0 {
			return p
		}
	}
	return places[0]
}

func (f *filler) someone() *customer.Draft {
	p := f.place()
	var d *customer.Draft
	if f.r.IntN(10) < 4 {
		d = f.firm(p, fmt.Sprintf("%s %s %s", pick(f.r, p.lasts), pick(f.r, trades), pick(f.r, p.legal)))
	} else {
		d = f.person(p)
	}
	if f.r.IntN(12) == 0 {
		d.Reseller = pick(f.r, f.resellers)
	}
	switch n := f.r.IntN(100); {
	case n < 6:
		d.Status, d.StatusReason = customer.StatusInactive, pick(f.r, []string{"Moved abroad", "Contract paused", "Unpaid invoices"})
	case n < 9:
		d.Status, d.StatusReason = customer.StatusPending, "Waiting for documents"
	}
	d.Description = pick(f.r, notes)
	return d
}

func (f *filler) base(p place) *customer.Draft {
	f.serial++
	c := pick(f.r, p.cities)
	number := p.calling + c.area
	for range p.digits - len(c.area) {
		number += fmt.Sprint(2 + f.r.IntN(8))
	}
	return &customer.Draft{Country: p.country, Language: p.language, Timezone: p.timezone, Currency: p.currency, City: c.name, Province: c.province, PostalCode: c.postal,
		Address1: fmt.Sprintf("%s %d", pick(f.r, p.streets), 1+f.r.IntN(180)), Telephone: number, Reference: fmt.Sprintf("C-%06d", 100000+f.serial), Custom: map[string]string{}}
}

func (f *filler) person(p place) *customer.Draft {
	d := f.base(p)
	d.Party, d.FirstName, d.LastName = customer.PartyPerson, pick(f.r, p.firsts), pick(f.r, p.lasts)
	d.Email = mailbox(d.FirstName+"."+d.LastName, f.serial)
	d.Groups = []int64{f.groups["Residential"]}
	if f.r.IntN(5) == 0 {
		d.Groups = append(d.Groups, f.groups["Summer campaign"])
	}
	return d
}

func (f *filler) firm(p place, name string) *customer.Draft {
	d := f.base(p)
	d.Party, d.Company = customer.PartyOrganization, name
	d.FirstName, d.LastName = pick(f.r, p.firsts), pick(f.r, p.lasts)
	d.BillingType = pick(f.r, []customer.BillingType{customer.BillingPrepaid, customer.BillingPostpaid, customer.BillingPostpaid})
	d.Email = mailbox("office."+strings.Fields(name)[0], f.serial)
	d.TaxNumber = fmt.Sprintf("%s%09d", p.country, f.r.IntN(1_000_000_000))
	d.Groups = []int64{f.groups["Business"], f.groups[pick(f.r, []string{"North", "South"})]}
	if strings.Contains(name, "Hotels") {
		d.Groups = append(d.Groups, f.groups["Hotels"])
	}
	seats := 1 + f.r.IntN(12)*f.r.IntN(12)
	segment := "small"
	if seats > 20 {
		segment = "medium"
	}
	if seats > 70 {
		segment = "large"
	}
	d.Custom = map[string]string{"seats": fmt.Sprint(seats), "segment": segment, "account_manager": pick(f.r, []string{"Marit Lunde", "Tobias Kern", "Elena Prieto", "Callum Reid"}),
		"contract_ends": f.Clock.Now().AddDate(2, f.r.IntN(12), 0).Format("2006-01-02")}
	return d
}

func mailbox(name string, serial int) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r == '.' {
			return r
		}
		return -1
	}, fold.Key(name))
	return fmt.Sprintf("%s.%d@example.org", clean, serial)
}
