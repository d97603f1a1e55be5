package access

// What contacts may do in the portal. No role of staff holds these.
const (
	// PortalView looks at what the portal shows of the contact's customer.
	PortalView Permission = "portal.view"
	// PortalProfile changes the contact's own name, telephone numbers and password.
	PortalProfile Permission = "portal.profile"
	// PortalContacts reads and writes the other contacts of the same customer.
	PortalContacts Permission = "portal.contacts"
)

// PortalPermissions is what a contact with this role in the portal may do; a role that is not known may do nothing.
func PortalPermissions(role string) []Permission {
	switch role {
	case "owner":
		return []Permission{PortalView, PortalProfile, PortalContacts}
	case "billing", "technical", "viewer":
		return []Permission{PortalView, PortalProfile}
	}
	return nil
}
