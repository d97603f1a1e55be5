package role

import (
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
)

// Prefix begins the IDs of the operator's roles at the API.
const Prefix = "rol"

// Table is the name under which changes of roles stand in the audit.
const Table = "roles"

// Role is a named set of permissions.
type Role struct {
	ID          int64       // 0 for one that ships
	Key         access.Role // what staff users and tokens name
	Name        string
	Description string
	Permissions []access.Permission // in the order of access.AllPermissions
	Masks       []access.Mask       // in the order of access.Masks
	// RequireSecondFactor: whoever has the role and has set no second factor up can do nothing else before they have.
	RequireSecondFactor bool
	CreatedAt           time.Time // zero for one that ships
	UpdatedAt           time.Time
	Version             int64
}

// Ships tells whether the role comes with Tandem, and so may do what it may do.
func (r *Role) Ships() bool { return r.ID == 0 }

// Row is a number for the role: its ID, or for one that ships another that is the same in every process.
func (r *Role) Row() int64 {
	if !r.Ships() {
		return r.ID
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.Key)) // it never fails
	return int64(h.Sum64() >> 1)
}

// names of the roles that ship, in English; the console has its own words.
var names = map[access.Role]string{access.RoleAdmin: "Administrator", access.RoleManager: "Manager", access.RoleSupport: "Support", access.RoleReadOnly: "Read only"}

// Shipped is the roles as they come with Tandem, the mightiest first.
func Shipped() []Role {
	var out []Role
	for _, key := range access.Roles() {
		out = append(out, Role{Key: key, Name: names[key], Permissions: access.Union(key.Permissions()), Masks: []access.Mask{}, Version: 1})
	}
	return out
}

// Input is what a person says about a role.
type Input struct {
	Key         string // only when it is made; empty: made of the name
	Name        string
	Description string
	Permissions []access.Permission
	Masks       []access.Mask

	RequireSecondFactor bool
}

const (
	maxName        = 80
	maxKey         = 40
	maxDescription = 500
)

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// validate brings every field to its one spelling and tells each that is wrong.
func (in *Input) validate() *errs.Fields {
	var wrong errs.Fields
	in.Name, in.Description = strings.Join(strings.Fields(in.Name), " "), strings.TrimSpace(in.Description)
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > maxName || strings.ContainsFunc(in.Name, unicode.IsControl) {
		wrong.Add("name", "length", "A name is one line of 1 to %d characters.", maxName)
	}
	for _, r := range Shipped() {
		if fold.Key(in.Name) == fold.Key(r.Name) {
			wrong.Add("name", "duplicate_name", "%s is a role that comes with Tandem.", r.Name)
		}
	}
	if utf8.RuneCountInString(in.Description) > maxDescription || !utf8.ValidString(in.Description) || strings.ContainsRune(in.Description, 0) {
		wrong.Add("description", "length", "A description has at most %d characters.", maxDescription)
	}
	all := access.AllPermissions()
	for _, p := range in.Permissions {
		if !slices.Contains(all, p) {
			wrong.Add("permissions", "unknown", "There is no permission %q.", p)
		}
	}
	in.Permissions = access.Union(in.Permissions)
	for _, m := range in.Masks {
		if !access.KnownMask(m) {
			wrong.Add("masks", "unknown", "There is no mask %q.", m)
		}
	}
	in.Masks = access.SortMasks(in.Masks)
	return &wrong
}

// key is the key of a new role: as given, or made of the name.
func (in *Input) key(wrong *errs.Fields) access.Role {
	key := in.Key
	if key == "" {
		key = keyOf(in.Name)
	}
	switch {
	case !keyForm.MatchString(key):
		wrong.Add("role", "bad_key", "A key begins with a small letter and has letters, digits and _ alone, at most %d.", maxKey)
	case access.Role(key).Known():
		wrong.Add("role", "duplicate_key", "%s is a role that comes with Tandem.", key)
	}
	return access.Role(key)
}

// keyOf makes a key of a name: Night shift is night_shift.
func keyOf(name string) string {
	var b strings.Builder
	for _, r := range fold.Key(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	key := strings.Trim(b.String(), "_")
	if key == "" || key[0] < 'a' {
		key = strings.TrimSuffix("role_"+key, "_")
	}
	return strings.TrimSuffix(key[:min(len(key), maxKey)], "_")
}

// MayGive is nil when the principal holds every one of the permissions, and nothing is hidden from it that the masks would
// show: nobody makes somebody mightier than themselves.
func MayGive(giver access.Principal, permissions []access.Permission, masks []access.Mask) error {
	return mayGive(giver, giver.May, permissions, masks)
}

// MayGiveWithin is MayGive to somebody whose place is the giver's or within it. What the giver's place closes is closed to
// them as well, so that it counts what the giver's roles have.
func MayGiveWithin(giver access.Principal, permissions []access.Permission, masks []access.Mask) error {
	return mayGive(giver, giver.Holds, permissions, masks)
}

func mayGive(giver access.Principal, holds func(access.Permission) bool, permissions []access.Permission, masks []access.Mask) error {
	for _, m := range giver.Masks {
		if !slices.Contains(masks, m) {
			return errs.New(errs.KindForbidden, "exceeds_own", "You cannot give, or act on, a role that shows what is hidden from you: %s.", m)
		}
	}
	for _, p := range permissions {
		if !holds(p) {
			return errs.New(errs.KindForbidden, "exceeds_own", "You cannot give, or act on, a role that may do more than you: %s.", p)
		}
	}
	return nil
}
