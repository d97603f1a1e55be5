package staff

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/kit/errs"
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
	ID          int64
	Name        string
	Email       string
	Role        access.Role
	Status      Status
	HasPassword bool
	LastSeenAt  int64
	CreatedAt   int64
	UpdatedAt   int64
	Version     int64
}

// Account is what signing in needs to know about a person.
type Account struct {
	Staff
	Epoch int64
}

// Principal is the person as who acts.
func (a Account) Principal() access.Principal {
	return access.Principal{Kind: access.KindStaff, ID: a.ID, Name: a.Name, Role: a.Role, Permissions: a.Role.Permissions()}
}

// Input is a new person.
type Input struct {
	Name     string
	Email    string
	Role     access.Role
	Password string // empty: they set one through a link
	Invite   bool   // mail them the link
}

// Patch is a change of a person; nil leaves a field as it is.
type Patch struct {
	Name   *string
	Email  *string
	Role   *access.Role
	Status *Status
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

func validRole(wrong *errs.Fields, role access.Role) {
	if !role.Known() {
		wrong.Add("role", "unknown", "The roles are admin, manager, support and read_only.")
	}
}

// mayGrant refuses a role that may do what the giver may not: nobody makes somebody mightier than themselves.
func mayGrant(giver access.Principal, role access.Role) error {
	for _, p := range role.Permissions() {
		if !giver.May(p) {
			return errs.New(errs.KindForbidden, "exceeds_own", "You cannot give, or act on, a role that may do more than you: %s.", p)
		}
	}
	return nil
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
	add("role", string(old.Role), string(new.Role))
	add("status", string(old.Status), string(new.Status))
	return out
}
