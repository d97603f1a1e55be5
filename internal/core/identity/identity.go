package identity

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
)

// Member is as who a person may sign in: a staff user or a contact.
type Member struct {
	Kind access.Kind
	ID   int64
}

// Person is a member as its keeper knows it.
type Person struct {
	Member
	Name         string
	Email        string
	Language     string // of mails; empty: that of the installation
	Epoch        int64  // raised by the keeper to end what was signed in
	Active       bool   // may sign in
	Principal    access.Principal
	Table        string // of the audit
	CustomerID   int64  // 0: none
	CustomerName string
	Networks     []netip.Prefix // from which they may sign in; none means anywhere
	NeedsSecond  bool           // a role of theirs requires a second factor
}

// From tells whether the person may come in from this IP address.
func (p *Person) From(ip string) bool {
	if len(p.Networks) == 0 {
		return true
	}
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	for _, n := range p.Networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// Keeper knows the members of one kind.
type Keeper interface {
	// Person is a member; not found when there is none.
	Person(ctx context.Context, q db.Q, memberID int64) (Person, error)
	// MayGive is nil when the context's caller may set the member's password by hand.
	MayGive(ctx context.Context, q db.Q, memberID int64) error
}

// Identity is how one person proves who they are. Times are microseconds since 1970; 0 is never.
type Identity struct {
	ID            int64
	Email         string
	PasswordHash  string
	Given         bool // somebody else gave the password
	MustChange    bool
	PasswordUntil int64 // when a password that was given ends
	Epoch         int64
	TOTP          bool  // an authenticator app is set up, and its code is asked for
	Keys          int64 // how many passkeys there are
}

// HasSecond tells whether the person has set a second factor up: an authenticator app or a passkey.
func (i *Identity) HasSecond() bool { return i.TOTP || i.Keys > 0 }

// Door is an identity beside one of its members.
type Door struct {
	Identity
	Person
	// ProviderID is the sign-in provider that vouches for the person; 0: they proved themselves who they are.
	ProviderID int64
	Proved     bool // it asked for a second factor, and its word counts
	// Mark is another one as soon as what was signed in by this door has ended.
	Mark string
}

// Key is the same for two spellings of an address that find the same person. Accents count: two addresses are two
// people.
func Key(email string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(email))) }

func mark(i Identity, memberEpoch, personEpoch int64) string {
	return fmt.Sprintf("%d.%d.%d.%d", i.ID, i.Epoch, memberEpoch, personEpoch)
}

// principal is who acts by this door, held back while there is something to do first.
func (d *Door) principal() access.Principal {
	p := d.Person.Principal
	switch {
	case d.MustChange && d.ProviderID == 0:
		p.Must, p.Permissions = access.MustChangePassword, nil
	case d.NeedsSecond && !d.Proved && !d.HasSecond():
		p.Must, p.Permissions = access.MustSetSecondFactor, nil
	}
	return p
}
