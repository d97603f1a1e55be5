package staff

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/role"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// Status says whether a person may sign in.
type Status string

// The statuses.
const (
	StatusActive   Status = "active"
	StatusDisabled Status = "disabled"
)

// Prefix begins the IDs of staff in the API.
const Prefix = "stf"

// Staff is a person who works here. Times are microseconds since 1970; 0 is never.
type Staff struct {
	ID           int64
	Name         string
	Email        string
	Role         access.Role   // the first of Roles, for where there is room for one
	Roles        []access.Role // what they may do adds up
	Reseller     int64         // whose subtree they see; 0: everything
	ResellerName string
	Status       Status
	HasPassword  bool
	LastSeenAt   int64
	CreatedAt    int64
	UpdatedAt    int64
	Version      int64
}

// Account is what signing in needs to know about a person.
type Account struct {
	Staff
	Epoch       int64
	Permissions []access.Permission // what the roles add up to
	Masks       []access.Mask       // what each of the roles hides
}

// IsAdmin tells whether the person may do everything.
func (s *Staff) IsAdmin() bool { return s.Reseller == 0 && slices.Contains(s.Roles, access.RoleAdmin) }

// Principal is the person as who acts. An account that did not come from the database has the roles that ship.
func (a Account) Principal() access.Principal {
	if a.Permissions == nil {
		for _, r := range a.Roles {
			a.Permissions = access.Union(a.Permissions, r.Permissions())
		}
	}
	return access.Principal{Kind: access.KindStaff, ID: a.ID, Name: a.Name, Role: a.Role, Roles: a.Roles, Permissions: a.Permissions, Masks: a.Masks, Root: a.Reseller}.Placed()
}

// Input is a new person.
type Input struct {
	Name     string
	Email    string
	Role     access.Role   // the only one, when Roles says nothing
	Roles    []access.Role // at least one
	Reseller int64         // whose subtree they see; 0: everything
	Password string        // empty: they set one through a link
	Invite   bool          // mail them the link
}

// Patch is a change of a person; nil leaves a field as it is.
type Patch struct {
	Name     *string
	Email    *string
	Role     *access.Role // the only one, when Roles is nil
	Roles    *[]access.Role
	Reseller *int64 // 0: everything
	Status   *Status
}

// emailKey is what e-mail addresses are compared by.
func emailKey(email string) string { return identity.Key(email) }

const (
	maxName  = 200
	maxEmail = 254
)

func validName(wrong *errs.Fields, name string) {
	switch {
	case name == "":
		wrong.Add("name", "required", "A name is needed.")
	case utf8.RuneCountInString(name) > maxName:
		wrong.Add("name", "too_long", "A name has at most %d characters.", maxName)
	case strings.ContainsFunc(name, unicode.IsControl):
		wrong.Add("name", "bad_text", "A name is one line of text.")
	}
}

func validEmail(wrong *errs.Fields, email string) {
	if email == "" {
		wrong.Add("email", "required", "An e-mail address is needed.")
		return
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > maxEmail || strings.ContainsFunc(email, unicode.IsSpace) {
		wrong.Add("email", "bad_email", "This is not an e-mail address.")
	}
}

// maxRoles is how many roles one person has at most.
const maxRoles = 20

// with gives the person roles.
func (s *Staff) with(roles []access.Role) {
	s.Role, s.Roles = "", rolesOf(roles)
	if len(s.Roles) > 0 {
		s.Role = s.Roles[0]
	}
}

// rolesOf is the roles, each once, in the order given.
func rolesOf(given []access.Role) []access.Role {
	var out []access.Role
	for _, r := range given {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// validRoles tells when a role is not there. In a transaction those that are there stay until its end.
func validRoles(ctx context.Context, q db.Q, wrong *errs.Fields, roles []access.Role) error {
	switch {
	case len(roles) == 0:
		wrong.Add("roles", "required", "A role is needed.")
		return nil
	case len(roles) > maxRoles:
		wrong.Add("roles", "too_many", "One person has at most %d roles.", maxRoles)
		return nil
	}
	missing, err := role.Hold(ctx, q, roles...)
	if err == nil && missing != "" {
		field := "roles"
		if len(roles) == 1 {
			field = "role" // as those say who know of one
		}
		wrong.Add(field, "unknown", "There is no role %q.", string(missing))
	}
	return err
}

// mayGrant refuses roles that may do what the giver may not, or show what is hidden from the giver: nobody makes somebody mightier than themselves.
func mayGrant(ctx context.Context, q db.Q, roles []access.Role) error {
	may, err := role.Permissions(ctx, q, roles...)
	if err != nil {
		return err
	}
	hidden, err := role.Masks(ctx, q, roles...)
	if err != nil {
		return err
	}
	return role.MayGiveWithin(access.From(ctx).Principal, may, hidden)
}

func diff(old, new Staff) []audit.Change {
	var out []audit.Change
	add := func(field string, a, b any) {
		if a != b {
			out = append(out, audit.Change{Field: field, Old: a, New: b})
		}
	}
	add("name", old.Name, new.Name)
	add("email", old.Email, new.Email)
	add("roles", rolesText(old.Roles), rolesText(new.Roles))
	add("reseller", resellerText(old.Reseller), resellerText(new.Reseller))
	add("status", string(old.Status), string(new.Status))
	return out
}

func resellerText(n int64) string {
	if n == 0 {
		return ""
	}
	return id.Format("cus", n)
}

// KeptTo tells who is kept to the subtrees of resellers, for whoever would close them.
func KeptTo(ctx context.Context, q db.Q, resellers []int64) (map[int64][]errs.Blocker, error) {
	people, err := all(ctx, q)
	if err != nil {
		return nil, err
	}
	out := map[int64][]errs.Blocker{}
	for _, p := range people {
		if p.Reseller != 0 && slices.Contains(resellers, p.Reseller) {
			out[p.Reseller] = append(out[p.Reseller], errs.Blocker{Type: "staff", ID: id.Format(Prefix, p.ID), Name: p.Name})
		}
	}
	return out, nil
}
