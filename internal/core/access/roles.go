package access

import "slices"

// Permission is the right to one kind of action on one area.
type Permission string

// Every permission there is.
const (
	CustomerRead   Permission = "customer.read"
	CustomerCreate Permission = "customer.create"
	CustomerUpdate Permission = "customer.update"
	CustomerDelete Permission = "customer.delete"
	CustomerImport Permission = "customer.import"
	CustomerExport Permission = "customer.export"
	CustomerBulk   Permission = "customer.bulk"
	// CustomerErase erases the personal data of closed customers and of contacts for good.
	CustomerErase Permission = "customer.erase"
	ContactRead   Permission = "contact.read"
	ContactWrite  Permission = "contact.write"
	ContactDelete Permission = "contact.delete"
	// ContactPrivateNotes reads and writes the notes that only staff see.
	ContactPrivateNotes Permission = "contact.private_notes"
	// ContactImpersonate opens the portal as a contact, to look.
	ContactImpersonate Permission = "contact.impersonate"
	// ContactImpersonateWrite changes there what the contact may change.
	ContactImpersonateWrite Permission = "contact.impersonate_write"
	GroupRead               Permission = "group.read"
	GroupWrite              Permission = "group.write"
	CustomFieldRead         Permission = "custom_field.read"
	CustomFieldWrite        Permission = "custom_field.write"
	ViewWrite               Permission = "view.write"
	ViewShare               Permission = "view.share"
	AuditRead               Permission = "audit.read"
	AuditExport             Permission = "audit.export"
	JobRead                 Permission = "job.read"
	JobManage               Permission = "job.manage"
	SettingRead             Permission = "setting.read"
	SettingWrite            Permission = "setting.write"
	StaffRead               Permission = "staff.read"
	StaffWrite              Permission = "staff.write"
	// StaffPassword signs in with a password or passkey while staff sign in through a provider only.
	StaffPassword         Permission = "staff.password"
	RoleRead              Permission = "role.read"
	RoleWrite             Permission = "role.write"
	TokenRead             Permission = "token.read"
	TokenWrite            Permission = "token.write"
	EmailRead             Permission = "email.read"
	EmailSend             Permission = "email.send"
	EmailSuppressionRead  Permission = "email_suppression.read"
	EmailSuppressionWrite Permission = "email_suppression.write"
	EmailTemplateRead     Permission = "email_template.read"
	EmailTemplateWrite    Permission = "email_template.write"
	// WebhookRead reads webhooks and how deliveries went; what was told needs its own permission too.
	WebhookRead Permission = "webhook.read"
	// WebhookWrite makes, changes and removes webhooks; who makes one may read what it tells.
	WebhookWrite Permission = "webhook.write"
	// BrandRead sees how the operator and resellers look to their customers; BrandWrite changes it.
	BrandRead  Permission = "brand.read"
	BrandWrite Permission = "brand.write"
	// ScheduleRead reads delayed saves and asks for them; what is changed needs its own permission too.
	ScheduleRead Permission = "schedule.read"
	// ScheduleManage cancels, changes and runs the delayed saves of others.
	ScheduleManage Permission = "schedule.manage"
)

// Role is a named set of permissions: one that ships with Tandem, or one of the operator's own.
type Role string

// The roles that ship with Tandem.
const (
	RoleAdmin    Role = "admin"
	RoleManager  Role = "manager"
	RoleSupport  Role = "support"
	RoleReadOnly Role = "read_only"
)

var reading = []Permission{CustomerRead, ContactRead, GroupRead, CustomFieldRead, SettingRead, JobRead, ScheduleRead}

var support = append(slices.Clone(reading), CustomerCreate, CustomerUpdate, CustomerExport, ContactWrite, ContactPrivateNotes, ContactImpersonate, ViewWrite, AuditRead, EmailRead, EmailSend,
	EmailSuppressionRead, EmailSuppressionWrite)

var manager = append(slices.Clone(support), CustomerDelete, CustomerImport, CustomerBulk, ContactDelete, GroupWrite, CustomFieldWrite,
	ViewShare, AuditExport, JobManage, ScheduleManage, StaffRead, RoleRead, EmailTemplateRead, WebhookRead, BrandRead)

var admin = append(slices.Clone(manager), CustomerErase, ContactImpersonateWrite, SettingWrite, StaffWrite, StaffPassword, RoleWrite, TokenRead, TokenWrite, EmailTemplateWrite, WebhookWrite, BrandWrite)

// Permissions is what a role that ships may do. The operator's own are known to the role package: here they may do nothing.
func (r Role) Permissions() []Permission {
	switch r {
	case RoleAdmin:
		return slices.Clone(admin)
	case RoleManager:
		return slices.Clone(manager)
	case RoleSupport:
		return slices.Clone(support)
	case RoleReadOnly:
		return append(slices.Clone(reading), ViewWrite)
	}
	return nil
}

// Known tells whether the role ships with Tandem.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Roles is every role, the mightiest first.
func Roles() []Role { return []Role{RoleAdmin, RoleManager, RoleSupport, RoleReadOnly} }

// AllPermissions is every permission there is.
func AllPermissions() []Permission { return slices.Clone(admin) }
