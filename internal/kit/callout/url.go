package callout

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"tandem/internal/kit/errs"
)

// maxURL is how long an address may be.
const maxURL = 2000

// URLRule says which addresses may be kept to be called later. They are judged again when they are dialled: what a name
// stands for changes.
type URLRule struct {
	PlainHTTP bool                      // http:// is allowed
	Allowed   func(ip netip.Addr) error // nil: nothing is known of that yet
}

// Check notes what is wrong with an address.
func (r URLRule) Check(wrong *errs.Fields, field, text string) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		wrong.Add(field, "required", "The address of the receiver is needed.")
	case len(text) > maxURL:
		wrong.Add(field, "too_long", "An address has at most %d characters.", maxURL)
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "" || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		wrong.Add(field, "bad_url", "This is not an address such as https://crm.example.net/tandem.")
	case u.Scheme != "https" && (u.Scheme != "http" || !r.PlainHTTP):
		wrong.Add(field, "not_https", "The address begins with https://.")
	case u.User != nil:
		wrong.Add(field, "has_password", "The address holds no name and password: the signature proves who sends.")
	case u.Fragment != "":
		wrong.Add(field, "bad_url", "The address has no part behind a #.")
	case !goodPort(u.Port()):
		wrong.Add(field, "bad_url", "The port is a number from 1 to 65535.")
	default:
		r.checkHost(wrong, field, u.Hostname())
	}
}

func goodPort(text string) bool {
	if text == "" {
		return true
	}
	n, err := strconv.Atoi(text)
	return err == nil && n > 0 && n < 65536
}

// checkHost refuses at once what would be refused at the dialling: addresses, and names that some resolvers take for one.
func (r URLRule) checkHost(wrong *errs.Fields, field, host string) {
	if ip, err := netip.ParseAddr(host); err == nil {
		if r.Allowed != nil && r.Allowed(ip) != nil {
			wrong.Add(field, "address_refused", "Nothing is sent to %s: it is no public address.", host)
		}
		return
	}
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(host), "."), ".")
	last := labels[len(labels)-1]
	_, number := strconv.ParseUint(last, 0, 64)
	switch {
	case number == nil || strings.HasPrefix(last, "0x"):
		wrong.Add(field, "bad_url", "%s is neither a name nor an address.", clip(host))
	case len(labels) == 1 && !r.PlainHTTP && last != "localhost":
		wrong.Add(field, "bad_url", "Give the whole name of the receiver, such as crm.example.net.")
	}
}

func clip(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return s
}
