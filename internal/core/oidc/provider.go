package oidc

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/errs"
)

// Prefixes of IDs at the API.
const (
	Prefix     = "idp"
	LinkPrefix = "idl"
)

// Table is the name under which changes of providers stand in the audit.
const Table = "oidc_providers"

// Provider is an issuer that vouches for staff. Times are microseconds since 1970.
type Provider struct {
	ID       int64
	Name     string
	Issuer   string // as it names itself
	ClientID string
	Enabled  bool
	Terms
	CreatedAt int64
	UpdatedAt int64
	Version   int64
}

// Terms is what a provider is asked for and what its word is worth.
type Terms struct {
	Scopes       []string    `json:"scopes"`
	EmailClaim   string      `json:"email_claim"`
	NameClaim    string      `json:"name_claim"`
	GroupsClaim  string      `json:"groups_claim"`
	Domains      []string    `json:"domains"`     // of addresses it may vouch for; none: any
	TrustsMFA    bool        `json:"trusts_mfa"`  // its word that it asked for a second factor counts here
	MakesStaff   bool        `json:"makes_staff"` // whom nobody knows here becomes staff, with the roles of their groups
	RolesByGroup []GroupRole `json:"roles_by_group"`
	SessionHours int         `json:"session_hours"` // how long sessions last that begin by it; 0: as all
}

// GroupRole is the role that members of a provider's group get.
type GroupRole struct {
	Group string      `json:"group"`
	Role  access.Role `json:"role"`
}

// Input is what a person says about a provider; nil leaves a field as it is.
type Input struct {
	Name         *string
	Issuer       *string
	ClientID     *string
	Secret       *string
	Enabled      *bool
	Scopes       *[]string
	EmailClaim   *string
	NameClaim    *string
	GroupsClaim  *string
	Domains      *[]string
	TrustsMFA    *bool
	MakesStaff   *bool
	RolesByGroup *[]GroupRole
	SessionHours *int
}

func defaults() Provider {
	return Provider{Enabled: true, Version: 1, Terms: Terms{Scopes: []string{"openid", "email", "profile"}, EmailClaim: "email", NameClaim: "name", GroupsClaim: "groups",
		Domains: []string{}, RolesByGroup: []GroupRole{}}}
}

const maxEntries = 50

// over gives the provider after the change, or every wrong field.
func (in *Input) over(p Provider) (Provider, error) {
	var wrong errs.Fields
	text(&wrong, "name", in.Name, &p.Name, 60)
	text(&wrong, "client_id", in.ClientID, &p.ClientID, 300)
	text(&wrong, "email_claim", in.EmailClaim, &p.EmailClaim, 100)
	text(&wrong, "name_claim", in.NameClaim, &p.NameClaim, 100)
	text(&wrong, "groups_claim", in.GroupsClaim, &p.GroupsClaim, 100)
	text(&wrong, "issuer", in.Issuer, &p.Issuer, 500)
	if !wrong.Has("issuer") && !goodIssuer(p.Issuer) {
		wrong.Add("issuer", "bad_issuer", "An issuer is an https address without query, such as https://login.example.com.")
	}
	set(in.Enabled, &p.Enabled)
	set(in.TrustsMFA, &p.TrustsMFA)
	set(in.MakesStaff, &p.MakesStaff)
	set(in.SessionHours, &p.SessionHours)
	if p.SessionHours < 0 || p.SessionHours > 24*30 {
		wrong.Add("session_hours", "out_of_range", "It is a number of hours from 1 to 720, or none.")
	}
	if in.Scopes != nil {
		p.Scopes = scopes(&wrong, *in.Scopes)
	}
	if in.Domains != nil {
		p.Domains = domains(&wrong, *in.Domains)
	}
	if in.RolesByGroup != nil {
		p.RolesByGroup = groups(&wrong, *in.RolesByGroup)
	}
	return p, wrong.Err()
}

func set[T any](given, to *T) {
	if given != nil {
		*to = *given
	}
}

func text(wrong *errs.Fields, field string, given, to *string, most int) {
	set(given, to)
	*to = strings.TrimSpace(*to)
	if n := utf8.RuneCountInString(*to); n == 0 || n > most || strings.ContainsFunc(*to, unicode.IsControl) || !utf8.ValidString(*to) {
		wrong.Add(field, "length", "It is one line of 1 to %d characters.", most)
	}
}

// goodIssuer tells whether an address may be an issuer's: over https, or of this machine, to try things out.
func goodIssuer(text string) bool {
	at, err := url.Parse(text)
	if err != nil || at.Host == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "" {
		return false
	}
	if at.Scheme == "https" {
		return true
	}
	ip, err := netip.ParseAddr(at.Hostname())
	return at.Scheme == "http" && (at.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}

func scopes(wrong *errs.Fields, given []string) []string {
	out := []string{"openid"}
	for _, s := range given {
		s = strings.TrimSpace(s)
		if s == "" || len(s) > 200 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) || len(given) > maxEntries {
			wrong.Add("scopes", "bad_text", "A scope is one word.")
			return out
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func domains(wrong *errs.Fields, given []string) []string {
	out := []string{}
	for _, d := range given {
		d = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d), "@"))
		if d == "" || len(d) > 253 || strings.ContainsAny(d, "@/: \t\n\x00") || !utf8.ValidString(d) || len(given) > maxEntries {
			wrong.Add("domains", "bad_text", "A domain is written like example.com.")
			return out
		}
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

func groups(wrong *errs.Fields, given []GroupRole) []GroupRole {
	out := []GroupRole{}
	for _, g := range given {
		g.Group = strings.TrimSpace(g.Group)
		if g.Group == "" || utf8.RuneCountInString(g.Group) > 200 || strings.ContainsFunc(g.Group, unicode.IsControl) || !utf8.ValidString(g.Group) || len(given) > maxEntries {
			wrong.Add("roles_by_group", "length", "A group is one line of 1 to 200 characters.")
			return out
		}
		out = append(out, g)
	}
	return out
}

func diff(before, after Provider) []audit.Change {
	var out []audit.Change
	add := func(field, old, now string) {
		if old != now {
			out = append(out, audit.Change{Field: field, Old: old, New: now})
		}
	}
	flag := func(field string, old, now bool) {
		if old != now {
			out = append(out, audit.Change{Field: field, Old: old, New: now})
		}
	}
	add("name", before.Name, after.Name)
	add("issuer", before.Issuer, after.Issuer)
	add("client_id", before.ClientID, after.ClientID)
	add("scopes", strings.Join(before.Scopes, " "), strings.Join(after.Scopes, " "))
	add("email_claim", before.EmailClaim, after.EmailClaim)
	add("name_claim", before.NameClaim, after.NameClaim)
	add("groups_claim", before.GroupsClaim, after.GroupsClaim)
	add("domains", strings.Join(before.Domains, " "), strings.Join(after.Domains, " "))
	flag("enabled", before.Enabled, after.Enabled)
	flag("trusts_mfa", before.TrustsMFA, after.TrustsMFA)
	flag("makes_staff", before.MakesStaff, after.MakesStaff)
	if !slices.Equal(before.RolesByGroup, after.RolesByGroup) {
		out = append(out, audit.Change{Field: "roles_by_group", Old: before.RolesByGroup, New: after.RolesByGroup})
	}
	if before.SessionHours != after.SessionHours {
		out = append(out, audit.Change{Field: "session_hours", Old: before.SessionHours, New: after.SessionHours})
	}
	return out
}
