package contact

import (
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"tandem/internal/core/customer"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/geo"
	"tandem/internal/kit/phone"
)

const (
	mostNote     = 2000
	mostNetworks = 50
	fieldPublic  = "public_notes"
	fieldPrivate = "private_notes"
)

// normalise brings every field to its one spelling and tells each that is wrong. country is the one that national
// telephone numbers are read in.
func (d *Draft) normalise(country string) *errs.Fields {
	wrong := &errs.Fields{}
	d.texts(wrong)
	if d.Name == "" && !wrong.Has("name") {
		wrong.Add("name", "missing", "Give a name.")
	}
	if d.Email != "" && !wrong.Has("email") && !customer.IsEmail(d.Email) {
		wrong.Add("email", "bad_email", "%q is not an e-mail address.", d.Email)
	}
	d.Role = Role(strings.ToLower(string(d.Role)))
	if d.Role == "" {
		d.Role = RoleViewer
	}
	if !slices.Contains(Roles(), d.Role) {
		wrong.Add("role", "unknown_choice", "The role is one of owner, billing, technical, viewer.")
	}
	if d.Language = strings.TrimSpace(d.Language); d.Language != "" {
		code, ok := geo.Language(d.Language)
		if !ok {
			wrong.Add("language", "bad_language", "There is no language %q: give a code such as en.", d.Language)
		} else {
			d.Language = code
		}
	}
	number(&d.Phone, "phone", country, wrong)
	number(&d.Mobile, "mobile", country, wrong)
	d.networks(wrong)
	return wrong
}

// checkFlags tells when there is nothing that could be verified.
func (d *Draft) checkFlags(wrong *errs.Fields) {
	if d.EmailVerified && d.Email == "" {
		wrong.Add("email_verified", "missing", "There is no e-mail address that could be verified.")
	}
	if d.MobileVerified && d.Mobile == "" {
		wrong.Add("mobile_verified", "missing", "There is no mobile number that could be verified.")
	}
}

func (d *Draft) texts(wrong *errs.Fields) {
	for _, t := range []struct {
		name, label string
		at          *string
		most        int
		lines       bool
	}{
		{"name", "Name", &d.Name, 200, false}, {"email", "E-mail", &d.Email, 254, false}, {"type", "Type", &d.Type, 60, false},
		{fieldPublic, "Public notes", &d.PublicNotes, mostNote, true}, {fieldPrivate, "Private notes", &d.PrivateNotes, mostNote, true},
	} {
		*t.at = customer.Clean(*t.at, t.lines)
		switch {
		case !utf8.ValidString(*t.at):
			wrong.Add(t.name, "not_text", "%s is not readable text.", t.label)
		case utf8.RuneCountInString(*t.at) > t.most:
			wrong.Add(t.name, "too_long", "%s may have at most %d characters.", t.label, t.most)
		}
	}
}

func number(at *string, field, country string, wrong *errs.Fields) {
	*at = strings.TrimSpace(*at)
	if *at == "" {
		return
	}
	e164, verdict, err := phone.Parse(*at, country)
	if err != nil || verdict == phone.Impossible {
		wrong.Add(field, "bad_phone", "%q is not a possible telephone number: write it as +47 22 99 54 94, or as it is dialled in the customer's country.", *at)
		return
	}
	*at = e164
}

// networks spells each network as CIDR, host bits cleared, an IPv4 address written as IPv6 as IPv4.
func (d *Draft) networks(wrong *errs.Fields) {
	var out []string
	for _, text := range d.AllowedIPs {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		network, ok := network(text)
		switch {
		case !ok:
			wrong.Add("allowed_ips", "bad_network", "%q is not an address or network: write it as 192.0.2.0/24 or 2001:db8::/32.", text)
		case !slices.Contains(out, network):
			out = append(out, network)
		}
	}
	if len(out) > mostNetworks {
		wrong.Add("allowed_ips", "too_many", "Give at most %d networks.", mostNetworks)
	}
	if !wrong.Has("allowed_ips") {
		d.AllowedIPs = out
	}
}

func network(text string) (string, bool) {
	if len(text) > 64 {
		return "", false
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()).String(), true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return "", false
	}
	if a := p.Addr(); a.Is4In6() {
		if p.Bits() < 96 {
			return "", false
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked().String(), true
}

// checkNotes refuses notes that are new and look like a secret, unless somebody insists; it gives those that were
// insisted on.
func checkNotes(before, after *Draft, insist []string, wrong *errs.Fields) (insisted []string) {
	for _, name := range insist {
		if name != fieldPublic && name != fieldPrivate {
			wrong.Add("insist", "unknown_field", "Only %s and %s can be insisted on, not %q.", fieldPublic, fieldPrivate, name)
		}
	}
	for _, note := range []struct{ field, old, now string }{
		{fieldPublic, before.PublicNotes, after.PublicNotes}, {fieldPrivate, before.PrivateNotes, after.PrivateNotes},
	} {
		switch {
		case note.old == note.now || !looksLikeSecret(note.now):
		case slices.Contains(insist, note.field):
			insisted = append(insisted, note.field)
		default:
			wrong.Add(note.field, "looks_like_secret", "This looks like a password, PIN or key. Notes are read by many: keep it in a password store, or insist that it stays.")
		}
	}
	return insisted
}
