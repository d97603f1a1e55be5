package access_test

import (
	"slices"
	"testing"

	"tandem/internal/core/access"
)

func TestEveryPermissionIsExplained(t *testing.T) {
	t.Parallel()
	seen := map[access.Permission]bool{}
	for _, d := range access.Describe() {
		if d.Sentence == "" || d.Sentence == string(d.Permission) || d.Area == "" || d.Action == "" {
			t.Errorf("%s wants a sentence in describe.go: %+v", d.Permission, d)
		}
		if seen[d.Permission] {
			t.Errorf("%s is described twice", d.Permission)
		}
		seen[d.Permission] = true
	}
	if len(seen) != len(access.AllPermissions()) {
		t.Errorf("%d described of %d", len(seen), len(access.AllPermissions()))
	}
}

func TestRolesAddUp(t *testing.T) {
	t.Parallel()
	got := access.Union(access.RoleReadOnly.Permissions(), []access.Permission{access.EmailSend, "made.up"})
	if !slices.Contains(got, access.EmailSend) || !slices.Contains(got, access.CustomerRead) || slices.Contains(got, "made.up") || slices.Contains(got, access.CustomerBulk) {
		t.Errorf("got %v", got)
	}
	if got := access.Role("night_shift").Permissions(); got != nil {
		t.Errorf("a role that does not ship may do %v", got)
	}
}
