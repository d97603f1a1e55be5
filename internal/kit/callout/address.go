package callout

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// errPrivate says no more than that: what stands behind a name inside is nobody's business outside.
var errPrivate = errors.New("the receiver has no public address")

// public is what may be dialled: the unicast addresses that are given out.
var public = networks("0.0.0.0/0", "2000::/3")

// special is what must not be dialled within it: addresses of this machine, of networks inside, of groups, of tests, and
// those that stand for an IPv4 address in a tunnel or behind a translator (IANA's registries of special purposes).
var special = networks(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "64:ff9b::/96", "64:ff9b:1::/48",
)

func networks(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// ParseNetworks reads networks and single addresses, parted by commas: those inside that may be called.
func ParseNetworks(text string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			ip, wrong := netip.ParseAddr(part)
			if wrong != nil || ip.Zone() != "" {
				return nil, fmt.Errorf("the networks that may be called are written like 10.1.0.0/16, not %q", part)
			}
			p = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func in(list []netip.Prefix, ip netip.Addr) bool {
	for _, p := range list {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// Allowed says why nothing is sent to an address; nil: it is.
func (c *Client) Allowed(ip netip.Addr) error {
	if ip.Zone() != "" {
		return errPrivate
	}
	ip = ip.Unmap() // ::ffff:127.0.0.1 is 127.0.0.1
	if in(c.config.Allow, ip) || in(public, ip) && !in(special, ip) {
		return nil
	}
	return errPrivate
}
