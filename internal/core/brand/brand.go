package brand

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"tandem/internal/core/audit"
	"tandem/internal/kit/errs"
)

// Table is the name under which changes of brands stand in the audit.
const Table = "brands"

// Prefix begins the IDs of brands at the API.
const Prefix = "brd"

// Operator is in place of a reseller's ID where the operator's own brand is meant.
const Operator int64 = 0

// defaultColor is Tandem's own.
const defaultColor = "#0b5f59"

// Look is what a brand says. Empty means that of the one above.
type Look struct {
	Name         string
	Color        string // #0b5f59
	Domain       string // a host name in ASCII
	SupportEmail string
	SupportPhone string
	Website      string
	ImprintURL   string
	PrivacyURL   string
}

// Scheme is what a logo is made for.
type Scheme string

// The schemes.
const (
	Light Scheme = "light" // for a light ground
	Dark  Scheme = "dark"
)

// Logo is a picture without its bytes.
type Logo struct {
	Digest        string // SHA-256, in hexadecimal
	Type          string // such as image/png
	Width, Height int
}

// Within is how large the logo is shown where there is this much room: never larger than it is.
func (l Logo) Within(width, height int) (w, h int) {
	w, h = l.Width, l.Height
	if w > width {
		w, h = width, max(1, h*width/w)
	}
	if h > height {
		w, h = max(1, w*height/h), height
	}
	return w, h
}

// Brand is what one party has decided.
type Brand struct {
	Look
	ID       int64 // 0: nobody has decided anything yet
	Reseller int64 // Operator, or the reseller's
	Logos    map[Scheme]Logo
	Version  int64 // 1 until somebody decided anything
}

// Shown is a brand with what it takes over from those above.
type Shown struct {
	Look
	Logos   map[Scheme]Logo
	Palette Palette
	// Set tells whether anybody has given it a name, a colour or a logo.
	Set bool
	// Address is how its customers reach us, such as https://portal.example.net; empty: no public address is known.
	Address string
}

// Patch is a change; nil leaves a field as it is.
type Patch struct {
	Name, Color, Domain, SupportEmail, SupportPhone, Website, ImprintURL, PrivacyURL *string
}

const (
	maxName  = 80
	maxURL   = 500
	maxEmail = 254
	maxPhone = 40
)

// field is one text of a brand: its name in the API, where it stands, and how it is written right.
type field struct {
	name  string
	at    func(*Look) *string
	given func(*Patch) *string
	check func(wrong *errs.Fields, name, value string) string
}

var fields = []field{
	{"name", func(l *Look) *string { return &l.Name }, func(p *Patch) *string { return p.Name }, checkName},
	{"color", func(l *Look) *string { return &l.Color }, func(p *Patch) *string { return p.Color }, checkColor},
	{"domain", func(l *Look) *string { return &l.Domain }, func(p *Patch) *string { return p.Domain }, checkDomain},
	{"support_email", func(l *Look) *string { return &l.SupportEmail }, func(p *Patch) *string { return p.SupportEmail }, checkEmail},
	{"support_phone", func(l *Look) *string { return &l.SupportPhone }, func(p *Patch) *string { return p.SupportPhone }, checkPhone},
	{"website", func(l *Look) *string { return &l.Website }, func(p *Patch) *string { return p.Website }, checkURL},
	{"imprint_url", func(l *Look) *string { return &l.ImprintURL }, func(p *Patch) *string { return p.ImprintURL }, checkURL},
	{"privacy_url", func(l *Look) *string { return &l.PrivacyURL }, func(p *Patch) *string { return p.PrivacyURL }, checkURL},
}

// over is the look with the patch laid over it, in its right spelling; wrong notes every field that cannot be.
func (p *Patch) over(l Look, wrong *errs.Fields) Look {
	for _, f := range fields {
		given := f.given(p)
		if given == nil {
			continue
		}
		value := strings.TrimSpace(*given)
		if value != "" {
			value = f.check(wrong, f.name, value)
		}
		*f.at(&l) = value
	}
	return l
}

// diff is what differs between two looks.
func diff(old, now Look) []audit.Change {
	var out []audit.Change
	for _, f := range fields {
		if a, b := *f.at(&old), *f.at(&now); a != b {
			out = append(out, audit.Change{Field: f.name, Old: a, New: b})
		}
	}
	return out
}

// hidden tells what may stand in no line that people read: control characters, line separators, and marks that turn the
// direction of text.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

func checkName(wrong *errs.Fields, name, value string) string {
	switch {
	case utf8.RuneCountInString(value) > maxName:
		wrong.Add(name, "too_long", "It has at most %d characters.", maxName)
	case strings.ContainsFunc(value, hidden):
		wrong.Add(name, "bad_text", "It is one line of text.")
	}
	return value
}

func checkEmail(wrong *errs.Fields, name, value string) string {
	parsed, err := mail.ParseAddress(value)
	if err != nil || parsed.Address != value || len(value) > maxEmail || strings.ContainsFunc(value, hidden) || strings.Contains(value, " ") {
		wrong.Add(name, "bad_email", "This is not an e-mail address.")
	}
	return value
}

var phoneForm = regexp.MustCompile(`^[+0-9][0-9 ()./-]*[0-9]$`)

// checkPhone takes a number as people print it: it is shown, never dialled by us.
func checkPhone(wrong *errs.Fields, name, value string) string {
	if len(value) > maxPhone || !phoneForm.MatchString(value) {
		wrong.Add(name, "bad_support_phone", "A telephone number has digits, spaces and + ( ) . / - alone.")
	}
	return value
}

func checkURL(wrong *errs.Fields, name, value string) string {
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil || len(value) > maxURL || strings.ContainsFunc(value, hidden) || strings.ContainsAny(value, " \"<>\\") {
		wrong.Add(name, "bad_web_address", "This is not an address such as https://www.example.net.")
		return value
	}
	return u.String()
}

// WebAddress is an address of a page in its right spelling; wrong notes under the field's name what is none.
func WebAddress(wrong *errs.Fields, field, value string) string { return checkURL(wrong, field, value) }

var domainForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`)

// checkDomain takes a host name alone, as people write it, and gives it as browsers send it.
func checkDomain(wrong *errs.Fields, name, value string) string {
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(value, "."))
	host = strings.ToLower(host)
	_, ipErr := netip.ParseAddr(host)
	if err != nil || ipErr == nil || len(host) > 253 || !domainForm.MatchString(host) || onlyDigits(host) {
		wrong.Add(name, "bad_domain", "A domain is a host name alone, such as portal.example.net: no http, port or path.")
		return value
	}
	return host
}

// onlyDigits tells whether the last part is a number: browsers read such names as IP addresses.
func onlyDigits(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x")
}

// Host is a Host header as domains are kept: without port, in small letters.
func Host(header string) string {
	host := header
	if u, err := url.Parse("//" + header); err == nil {
		host = u.Hostname()
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
