package httpx

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Proxies are the addresses whose X-Forwarded-* headers are believed.
type Proxies []netip.Prefix

// ParseProxies reads addresses and CIDR ranges.
func ParseProxies(list []string) (Proxies, error) {
	var out Proxies
	for _, s := range list {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		if p, err := netip.ParsePrefix(s); err == nil {
			out = append(out, p.Masked())
			continue
		}
		a, err := netip.ParseAddr(s)
		if err != nil {
			return nil, errors.New("a trusted proxy must be an address or a range such as 10.0.0.0/8, not " + strconv.Quote(s))
		}
		out = append(out, netip.PrefixFrom(a, a.BitLen()))
	}
	return out, nil
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// Peer is who is at the other end of the connection.
func Peer(r *http.Request) netip.Addr {
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return ap.Addr().Unmap()
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	a, _ := netip.ParseAddr(host)
	return a.Unmap()
}

// ClientIP is who called: the peer, or behind trusted proxies the last address of X-Forwarded-For that is not one.
func (p Proxies) ClientIP(r *http.Request) netip.Addr {
	at := Peer(r)
	if len(p) == 0 || !p.trusts(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return at
		}
		at = a.Unmap().WithZone("")
		if !p.trusts(at) {
			return at
		}
	}
	return at
}

// Secure tells whether the caller's connection is encrypted, here or at a trusted proxy.
func (p Proxies) Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return len(p) > 0 && r.Header.Get("X-Forwarded-Proto") == "https" && p.trusts(Peer(r))
}

// RequestID is the caller's X-Request-Id when it is a short plain word, else a new one.
func RequestID(r *http.Request) string {
	if s := r.Header.Get("X-Request-Id"); s != "" && len(s) <= 64 && isWord(s) {
		return s
	}
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

func isWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// ErrHeaderText says that a header holds what is not one line of text.
var ErrHeaderText = errors.New("the header must be one line of UTF-8 text without control characters")

// HeaderText reads one line of text from a header: as it is, or percent-encoded behind UTF-8” as in RFC 8187.
func HeaderText(value string) (string, error) {
	if rest, ok := cutPrefixFold(value, "utf-8''"); ok {
		plain, err := url.PathUnescape(rest)
		if err != nil {
			return "", ErrHeaderText
		}
		value = plain
	}
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unsafeRune) {
		return "", ErrHeaderText
	}
	return strings.TrimSpace(value), nil
}

// unsafeRune covers control characters, line and paragraph separators, and the marks that turn the direction of
// the text around them.
func unsafeRune(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// ErrETag says that an If-Match header does not hold a version.
var ErrETag = errors.New(`If-Match must be a version in quotes, such as "3", or *`)

// ETag prints a version as an entity tag.
func ETag(version int64) string {
	var b [22]byte
	out := append(b[:0], '"')
	out = strconv.AppendInt(out, version, 10)
	return string(append(out, '"'))
}

// IfMatch reads a version from an If-Match header: any is true when the header is absent or *, and the version then
// does not matter.
func IfMatch(header string) (version int64, any bool, err error) {
	header = strings.TrimSpace(header)
	if header == "" || header == "*" {
		return 0, true, nil
	}
	header = strings.TrimPrefix(header, "W/")
	if len(header) < 3 || header[0] != '"' || header[len(header)-1] != '"' {
		return 0, false, ErrETag
	}
	version, err = strconv.ParseInt(header[1:len(header)-1], 10, 64)
	if err != nil || version < 0 {
		return 0, false, ErrETag
	}
	return version, false, nil
}

// Attachment is a Content-Disposition for a download, safe for any name.
func Attachment(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || strings.ContainsRune(`"\/;%`, r) {
			return '_'
		}
		return r
	}, name)
	out := `attachment; filename="` + plain + `"`
	if plain != name && utf8.ValidString(name) {
		out += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	}
	return out
}
