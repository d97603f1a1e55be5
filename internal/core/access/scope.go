package access

import "slices"

// keepsPlace is the permissions whose use cases keep a principal to its place: to the subtree of its Root, to its Customer.
// Whoever has a place holds none but these, so that what nobody has taught it yet is closed and does not leak.
var keepsPlace = append(AllPortal(), CustomerRead, CustomerCreate, CustomerUpdate, CustomerDelete, CustomerExport, CustomerBulk,
	ContactRead, ContactWrite, ContactDelete, ContactPrivateNotes, ContactImpersonate, ContactImpersonateWrite, CustomFieldRead, ViewWrite, JobRead,
	AuditRead, AuditExport,
	ScheduleRead, ScheduleManage,
	BrandRead, BrandWrite,
	CustomerErase,
	CustomerImport,
	EmailRead, EmailSend,
	StaffRead, StaffWrite, RoleRead)

// KeepsPlace tells whether somebody with a place may hold the permission.
func KeepsPlace(perm Permission) bool { return slices.Contains(keepsPlace, perm) }

// HasPlace tells whether the principal sees a part of the customers only.
func (p Principal) HasPlace() bool { return p.Root != 0 || p.Customer != 0 || p.Kind == KindContact }

// Placed is the principal without the permissions that its place closes.
func (p Principal) Placed() Principal {
	if p.HasPlace() {
		p.closed = append(slices.Clone(p.closed), slices.DeleteFunc(slices.Clone(p.Permissions), KeepsPlace)...)
		p.Permissions = slices.DeleteFunc(slices.Clone(p.Permissions), func(perm Permission) bool { return !KeepsPlace(perm) })
	}
	return p
}

// Holds tells whether the roles of the principal have the permission, also one that its place closes: whoever it gives the
// permission to has a place within its own, which closes it too.
func (p Principal) Holds(perm Permission) bool {
	return p.May(perm) || p.HasPlace() && slices.Contains(p.closed, perm)
}
