package access

// What contacts may do in the portal. No role of staff holds these.
const (
	// PortalView looks at what the portal shows of the contact's customer.
	PortalView Permission = "portal.view"
	// PortalProfile changes the contact's own name, telephone numbers, language and password.
	PortalProfile Permission = "portal.profile"
	// PortalBilling sees what concerns money: tax number, currency, how the customer pays.
	PortalBilling Permission = "portal.billing"
	// PortalContacts reads the other contacts of the same customer.
	PortalContacts Permission = "portal.contacts"
	// PortalManage changes the customer's address and its other contacts.
	PortalManage Permission = "portal.manage"
)

// PortalPermissions is what a contact with this role in the portal may do; a role that is not known may do nothing.
func PortalPermissions(role string) []Permission {
	switch role {
	case "owner":
		return []Permission{PortalView, PortalProfile, PortalBilling, PortalContacts, PortalManage}
	case "billing":
		return []Permission{PortalView, PortalProfile, PortalBilling}
	case "technical", "viewer":
		return []Permission{PortalView, PortalProfile}
	}
	return nil
}

// AllPortal is every permission that contacts may hold.
func AllPortal() []Permission { return PortalPermissions("owner") }
