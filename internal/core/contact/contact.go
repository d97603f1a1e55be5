package contact

import (
	"time"

	"tandem/internal/core/customer"
)

// Table is the name under which changes of contacts stand in the audit.
const Table = "contacts"

// Prefix begins the IDs of contacts at the API.
const Prefix = "con"

// Role says which part of the portal a contact sees.
type Role string

// The roles.
const (
	RoleOwner     Role = "owner"     // everything, and the other contacts
	RoleBilling   Role = "billing"   // invoices and payments
	RoleTechnical Role = "technical" // services and devices
	RoleViewer    Role = "viewer"    // looks on
)

// Roles is every role, the mightiest first.
func Roles() []Role { return []Role{RoleOwner, RoleBilling, RoleTechnical, RoleViewer} }

// Draft is what a person says about a contact.
type Draft struct {
	Name           string
	Email          string
	Type           string // free: CEO, night shift
	Role           Role
	Phone          string // E.164
	Mobile         string // E.164
	Language       string // BCP 47, of the portal and of mails; empty: the customer's
	PublicNotes    string // the portal shows them
	PrivateNotes   string // for staff alone
	EmailVerified  bool
	MobileVerified bool
	AllowedIPs     []string // CIDR, masked, each once, in the order given; none means anywhere
}

// Verified is when a flag was set, and by whom. The zero value is: never.
type Verified struct {
	At time.Time
	By string
}

// Contact is one person as it is kept.
type Contact struct {
	Draft
	ID             int64
	Customer       customer.Ref
	CustomerID     string // the customer's short ID
	CustomerClosed bool
	EmailProof     Verified
	MobileProof    Verified
	CreatedAt      time.Time
	UpdatedAt      time.Time
	RemovedAt      time.Time // zero unless removed
	Version        int64
	Masked         []string // fields that are hidden from who asked, and so are empty here
}

func (c *Contact) rowName() string { return c.Name + " (" + c.Customer.Name + ")" }

// Patch is the fields of a contact that somebody gives; nil stays.
type Patch struct {
	Name, Email, Type, Role, Phone, Mobile *string
	Language                               *string
	PublicNotes, PrivateNotes              *string
	EmailVerified, MobileVerified          *bool
	AllowedIPs                             *[]string
	Insist                                 []string // notes that are meant, though they look like a secret
}

// over is the draft with the patch laid over it.
func (p *Patch) over(d Draft) Draft {
	text := func(at *string, given *string) {
		if given != nil {
			*at = *given
		}
	}
	text(&d.Name, p.Name)
	text(&d.Email, p.Email)
	text(&d.Type, p.Type)
	text((*string)(&d.Role), p.Role)
	text(&d.Phone, p.Phone)
	text(&d.Mobile, p.Mobile)
	text(&d.Language, p.Language)
	text(&d.PublicNotes, p.PublicNotes)
	text(&d.PrivateNotes, p.PrivateNotes)
	if p.AllowedIPs != nil {
		d.AllowedIPs = *p.AllowedIPs
	}
	if p.EmailVerified != nil {
		d.EmailVerified = *p.EmailVerified
	}
	if p.MobileVerified != nil {
		d.MobileVerified = *p.MobileVerified
	}
	return d
}
