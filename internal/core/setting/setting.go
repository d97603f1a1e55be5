package setting

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/audit"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/geo"
)

// Settings is what is decided for the whole installation.
type Settings struct {
	OrganizationName string   `json:"organization_name"`
	DefaultCountry   string   `json:"default_country"`  // ISO 3166-1 alpha-2; empty: none
	DefaultCurrency  string   `json:"default_currency"` // ISO 4217
	DefaultLanguage  string   `json:"default_language"` // BCP 47
	DefaultTimezone  string   `json:"default_timezone"` // IANA
	RetentionDays    int      `json:"retention_days"`   // how long a closed customer may be reopened
	GroupTypes       []string `json:"group_types"`      // the operator's own, beside client, staff, promotional and territory
	AuditDays        int      `json:"audit_days"`       // how long audit entries are kept; 0: for ever
	RequireComment   string   `json:"require_comment"`  // whose changes need a comment: CommentNever, CommentStaff, CommentAll
	// ImpersonationReason tells whether staff who open the portal as a contact have to say why: ReasonRecorded, ReasonTyped.
	ImpersonationReason string `json:"impersonation_reason"`
	// StaffSignIn tells how staff sign in: SignInAny, SignInProvider.
	StaffSignIn string `json:"staff_sign_in"`
	// PortalSecondFactor is the roles in the portal that require a second factor.
	PortalSecondFactor []string `json:"portal_second_factor"`
	Version            int64    `json:"-"` // 1 until somebody decided anything
}

// Whose changes over the API need a comment.
const (
	CommentNever = "never"
	CommentStaff = "staff" // people at the console
	CommentAll   = "all"   // programs with a token as well
)

// How a reason for opening the portal as a contact is kept.
const (
	ReasonRecorded = "recorded" // one click; what was said, if anything was
	ReasonTyped    = "typed"    // it has to be said
)

// How staff sign in.
const (
	SignInAny      = "any"
	SignInProvider = "provider" // through a sign-in provider alone, but for whom may do otherwise
)

// Default is what holds until somebody decides.
func Default() Settings {
	return Settings{OrganizationName: "Tandem", DefaultCurrency: "EUR", DefaultLanguage: "en", DefaultTimezone: "UTC", RetentionDays: 30, GroupTypes: []string{}, PortalSecondFactor: []string{},
		RequireComment: CommentNever, StaffSignIn: SignInAny, ImpersonationReason: ReasonRecorded, Version: 1}
}

// Patch is a change; nil leaves a setting as it is.
type Patch struct {
	OrganizationName *string
	DefaultCountry   *string
	DefaultCurrency  *string
	DefaultLanguage  *string
	DefaultTimezone  *string
	RetentionDays    *int
	GroupTypes       *[]string
	AuditDays        *int
	RequireComment   *string

	ImpersonationReason *string
	PortalSecondFactor  *[]string
	StaffSignIn         *string
}

const (
	maxRetention  = 3650
	maxGroupTypes = 50
	// Audit entries are kept a month at least: who changes something and the setting with it would else leave no trace.
	minAuditDays = 30
	maxAuditDays = 36_500
)

// apply gives the settings after the change, in their right spelling, or every wrong one.
func (p Patch) apply(s Settings) (Settings, error) {
	var wrong errs.Fields
	if p.OrganizationName != nil {
		s.OrganizationName = line(&wrong, "organization_name", *p.OrganizationName, 200)
	}
	if p.DefaultCountry != nil {
		s.DefaultCountry = country(&wrong, *p.DefaultCountry)
	}
	if p.DefaultCurrency != nil {
		c, ok := geo.Currency(strings.TrimSpace(*p.DefaultCurrency))
		if !ok {
			wrong.Add("default_currency", "unknown", "This is not an ISO 4217 currency code.")
		}
		s.DefaultCurrency = c.Code
	}
	if p.DefaultLanguage != nil {
		code, ok := geo.Language(*p.DefaultLanguage)
		if !ok {
			wrong.Add("default_language", "unknown", "This is not a language.")
		}
		s.DefaultLanguage = code
	}
	if p.DefaultTimezone != nil {
		name, ok := geo.Timezone(*p.DefaultTimezone)
		if !ok {
			wrong.Add("default_timezone", "unknown", "This is not a time zone such as Europe/Oslo.")
		}
		s.DefaultTimezone = name
	}
	if p.RetentionDays != nil {
		s.RetentionDays = *p.RetentionDays
		if s.RetentionDays < 0 || s.RetentionDays > maxRetention {
			wrong.Add("retention_days", "out_of_range", "It is a number of days from 0 to %d.", maxRetention)
		}
	}
	if p.GroupTypes != nil {
		s.GroupTypes = groupTypes(&wrong, *p.GroupTypes)
	}
	if p.StaffSignIn != nil {
		s.StaffSignIn = *p.StaffSignIn
		if s.StaffSignIn != SignInAny && s.StaffSignIn != SignInProvider {
			wrong.Add("staff_sign_in", "unknown_choice", "It is any or provider.")
		}
	}
	if p.PortalSecondFactor != nil {
		s.PortalSecondFactor = portalRoles(&wrong, *p.PortalSecondFactor)
	}
	p.applyAudit(&wrong, &s)
	return s, wrong.Err()
}

func (p Patch) applyAudit(wrong *errs.Fields, s *Settings) {
	if p.AuditDays != nil {
		s.AuditDays = *p.AuditDays
		if s.AuditDays != 0 && (s.AuditDays < minAuditDays || s.AuditDays > maxAuditDays) {
			wrong.Add("audit_days", "out_of_range", "It is a number of days from %d to %d, or none for ever.", minAuditDays, maxAuditDays)
		}
	}
	if p.ImpersonationReason != nil {
		s.ImpersonationReason = *p.ImpersonationReason
		if s.ImpersonationReason != ReasonRecorded && s.ImpersonationReason != ReasonTyped {
			wrong.Add("impersonation_reason", "unknown_choice", "It is recorded or typed.")
		}
	}
	if p.RequireComment != nil {
		s.RequireComment = *p.RequireComment
		if !slices.Contains([]string{CommentNever, CommentStaff, CommentAll}, s.RequireComment) {
			wrong.Add("require_comment", "unknown_choice", "It is never, staff or all.")
		}
	}
}

// portalRoles is roles in the portal, each once, in the order of their might.
func portalRoles(wrong *errs.Fields, given []string) []string {
	all, out := []string{"owner", "billing", "technical", "viewer"}, []string{}
	for _, r := range given {
		if !slices.Contains(all, r) {
			wrong.Add("portal_second_factor", "unknown_choice", "The roles are owner, billing, technical and viewer.")
			break
		}
	}
	for _, r := range all {
		if slices.Contains(given, r) {
			out = append(out, r)
		}
	}
	return out
}

func line(wrong *errs.Fields, field, value string, most int) string {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		wrong.Add(field, "required", "It must not be empty.")
	case utf8.RuneCountInString(value) > most:
		wrong.Add(field, "too_long", "It has at most %d characters.", most)
	case strings.ContainsFunc(value, unicode.IsControl):
		wrong.Add(field, "bad_text", "It is one line of text.")
	}
	return value
}

func country(wrong *errs.Fields, value string) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	code, ok := geo.Country(value)
	if !ok {
		wrong.Add("default_country", "unknown", "This is not a country.")
	}
	return code
}

func groupTypes(wrong *errs.Fields, list []string) []string {
	if len(list) > maxGroupTypes {
		wrong.Add("group_types", "too_many", "There may be %d types of your own.", maxGroupTypes)
		return nil
	}
	seen := map[string]bool{"client": true, "staff": true, "promotional": true, "territory": true, "other": true}
	out := make([]string, 0, len(list))
	for i, name := range list {
		field := fmt.Sprintf("group_types[%d]", i)
		name = line(wrong, field, name, 40)
		if seen[fold.Key(name)] && name != "" {
			wrong.Add(field, "duplicate", "This type is there already.")
		}
		seen[fold.Key(name)] = true
		out = append(out, name)
	}
	return out
}

func diff(old, new Settings) []audit.Change {
	var out []audit.Change
	a, b := reflect.ValueOf(old), reflect.ValueOf(new)
	for i := range a.NumField() {
		name := a.Type().Field(i).Tag.Get("json")
		if name != "-" && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			out = append(out, audit.Change{Field: name, Old: a.Field(i).Interface(), New: b.Field(i).Interface()})
		}
	}
	return out
}
