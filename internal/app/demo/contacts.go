package demo

import (
	"context"
	"fmt"
	"strings"

	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
)

// duties is what the people at a firm do, with their role in the portal.
var duties = []struct {
	kind string
	role contact.Role
}{
	{"Managing director", contact.RoleOwner}, {"Accounts payable", contact.RoleBilling}, {"IT", contact.RoleTechnical}, {"Network operations", contact.RoleTechnical},
	{"Purchasing", contact.RoleBilling}, {"Reception", contact.RoleViewer}, {"Night shift", contact.RoleViewer},
}

var aboutPeople = []string{"", "", "", "Prefers e-mail", "Not before nine", "Speaks English", "Calls back the same day", "On leave every Friday"}

var amongUs = []string{"", "", "", "", "Asks for a discount at every renewal", "Knows our technicians by name", "Complained twice last year"}

// contacts gives most customers one to three people.
func (f *filler) contacts(ctx context.Context, tx *db.Tx, made []customer.Created) error {
	ids := make([]int64, len(made))
	for i, c := range made {
		ids[i] = c.ID
	}
	customers, err := f.Customers.Load(ctx, tx, ids)
	if err != nil {
		return err
	}
	var of []*customer.Customer
	var drafts []contact.Draft
	for _, k := range customers {
		if f.r.IntN(10) == 0 {
			continue
		}
		for _, d := range f.peopleAt(k) {
			of, drafts = append(of, k), append(drafts, d)
		}
	}
	return f.Contacts.InsertMany(ctx, tx, of, drafts)
}

func (f *filler) peopleAt(k *customer.Customer) []contact.Draft {
	if k.Party == customer.PartyPerson {
		return []contact.Draft{{Name: k.Name, Email: k.Email, Type: "Household", Role: contact.RoleOwner, Mobile: k.Telephone, EmailVerified: f.r.IntN(3) > 0, PublicNotes: pick(f.r, aboutPeople)}}
	}
	p := f.placeOf(k.Country)
	out := make([]contact.Draft, 1+f.r.IntN(3))
	for i := range out {
		duty := duties[0]
		if i > 0 {
			duty = duties[1+(f.r.IntN(3)+3*(i-1))%(len(duties)-1)]
		}
		first, last := pick(f.r, p.firsts), pick(f.r, p.lasts)
		f.serial++
		out[i] = contact.Draft{Name: first + " " + last, Email: mailbox(first+"."+last, f.serial), Type: duty.kind, Role: duty.role, Phone: k.Telephone,
			EmailVerified: f.r.IntN(2) == 0, PublicNotes: pick(f.r, aboutPeople), PrivateNotes: pick(f.r, amongUs)}
		if duty.role == contact.RoleTechnical {
			out[i].AllowedIPs = []string{fmt.Sprintf("198.51.100.%d/32", f.r.IntN(256)), "2001:db8:" + strings.ToLower(fmt.Sprintf("%x", f.serial%65536)) + "::/48"}
		}
	}
	return out
}

// placeOf is the place of a country.
func (f *filler) placeOf(country string) place {
	for _, p := range places {
		if p.country == country {
			return p
		}
	}
	return places[0]
}
