package access

import (
	"slices"
	"strings"
)

// Description tells people what a permission is.
type Description struct {
	Permission Permission
	Area       string // what it is about, such as customer
	Action     string // what may be done there, such as read
	Sentence   string // in English; the console has its own words
}

// sentences says what each permission lets its holder do. A permission without a sentence is told by its name.
var sentences = map[Permission]string{
	CustomerRead:            "See customers, providers and resellers, and find them.",
	CustomerCreate:          "Add customers.",
	CustomerUpdate:          "Change customers, and their status.",
	CustomerDelete:          "Close customers.",
	CustomerImport:          "Import customers from files, and take an import back.",
	CustomerExport:          "Take customers and contacts out as files.",
	CustomerBulk:            "Change, close and make many customers at once.",
	CustomerErase:           "Erase the personal data of closed customers and of contacts for good.",
	ContactRead:             "See the contacts of customers.",
	ContactWrite:            "Add and change contacts.",
	ContactDelete:           "Remove contacts.",
	ContactPrivateNotes:     "Read and write the private notes on contacts.",
	ContactImpersonate:      "Open the portal as a contact, to look.",
	ContactImpersonateWrite: "Change in the portal what the contact may change, as them.",
	GroupRead:               "See groups.",
	GroupWrite:              "Add, change and remove groups, and who is in them.",
	CustomFieldRead:         "See which custom fields there are.",
	CustomFieldWrite:        "Add, change and remove custom fields.",
	ViewWrite:               "Keep filters and columns of lists under a name.",
	ViewShare:               "Share kept filters with everybody.",
	AuditRead:               "Read the audit log and histories.",
	AuditExport:             "Take the audit log out as a file.",
	JobRead:                 "See one's own jobs.",
	JobManage:               "See, cancel and undo the jobs of everybody.",
	SettingRead:             "See the settings.",
	SettingWrite:            "Change the settings.",
	StaffRead:               "See who works here.",
	StaffWrite:              "Add, change and disable staff users, and give them roles.",
	StaffPassword:           "Sign in with a password or passkey while staff sign in through a provider only.",
	RoleRead:                "See the roles and what they may do.",
	RoleWrite:               "Make, change and remove roles of one's own.",
	TokenRead:               "See the API tokens.",
	TokenWrite:              "Make and revoke API tokens.",
	EmailRead:               "Read the e-mails that were sent.",
	EmailSend:               "Send e-mails, and send them again.",
	EmailSuppressionRead:    "See the addresses that nothing is sent to.",
	EmailSuppressionWrite:   "Suppress addresses, and release them.",
	EmailTemplateRead:       "See the templates of e-mails.",
	EmailTemplateWrite:      "Change the templates of e-mails.",
	ScheduleRead:            "See delayed saves, and ask for them.",
	WebhookRead:             "See the webhooks and how their deliveries went.",
	WebhookWrite:            "Make, change and remove webhooks.",
	BrandRead:               "See how the portal looks: name, colour, logo and domain.",
	BrandWrite:              "Change how the portal looks, and its domain.",
	ScheduleManage:          "Cancel, change and run the delayed saves of others.",
}

// Describe tells what every permission is, by area, in the order in which they are declared for the mightiest role.
func Describe() []Description {
	all := AllPermissions()
	out := make([]Description, len(all))
	for i, p := range all {
		area, action, _ := strings.Cut(string(p), ".")
		out[i] = Description{Permission: p, Area: area, Action: action, Sentence: sentences[p]}
		if out[i].Sentence == "" {
			out[i].Sentence = string(p)
		}
	}
	order := areas(out)
	slices.SortStableFunc(out, func(a, b Description) int { return order[a.Area] - order[b.Area] })
	return out
}

// areas numbers the areas in the order in which they come first.
func areas(all []Description) map[string]int {
	out := map[string]int{}
	for _, d := range all {
		if _, known := out[d.Area]; !known {
			out[d.Area] = len(out)
		}
	}
	return out
}

// Union is what several sets of permissions add up to, each once, in the order of AllPermissions; what is none is left out.
func Union(sets ...[]Permission) []Permission {
	out := []Permission{}
	for _, p := range AllPermissions() {
		if slices.ContainsFunc(sets, func(set []Permission) bool { return slices.Contains(set, p) }) {
			out = append(out, p)
		}
	}
	return out
}
