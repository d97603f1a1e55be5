package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/brand"
)

// What index.html says until it is dressed in a brand.
const (
	plainTitle = "<title>Tandem</title>"
	plainIcon  = `<link rel="icon" href="/favicon.svg" type="image/svg+xml" />`
)

// dressed is index.html with the brand of whoever looks, so that the first thing painted is theirs: the brand of the address
// for the pages before sign-in, as JSON; title and sign of the one that this page will have.
func (s *Server) dressed(index []byte, r *http.Request) []byte {
	if s.cfg.Brands == nil {
		return index
	}
	ctx := r.Context()
	shown, portal, err := s.cfg.Brands.ByHost(ctx, r.Host)
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a page goes without its brand", slog.String("error", err.Error()))
		return index
	}
	text, err := json.Marshal(brandShown(shown, portal))
	if err != nil {
		return index
	}
	head := fmt.Sprintf(`<meta name="tandem-brand" content="%s" />`, html.EscapeString(string(text)))
	title := plainTitle
	if own, mine := s.ownBrand(r); mine {
		shown, portal = own, true
	}
	if portal || customerPage(r.URL.Path) {
		title = "<title>" + html.EscapeString(shown.Name) + "</title>"
		icon := fmt.Sprintf(`<link rel="icon" href="%s" />`, html.EscapeString(signOf(shown)))
		index = bytes.Replace(index, []byte(plainIcon), []byte(icon), 1)
	}
	return bytes.Replace(index, []byte(plainTitle), []byte(head+"\n    "+title), 1)
}

// customerPage tells whether customers see the page, whatever the address.
func customerPage(path string) bool {
	return path == "/portal" || strings.HasPrefix(path, "/portal/") || path == "/sign-in" || path == "/forgot-password" || path == "/set-password"
}

// ownBrand is the brand of the contact who is in the portal, or as whom staff are.
func (s *Server) ownBrand(r *http.Request) (brand.Shown, bool) {
	page := Route{Path: r.URL.Path, Needs: Public} // the cookies that count are those of the portal's routes
	if !page.ofPortal() {
		return brand.Shown{}, false
	}
	call := access.From(r.Context())
	if _, err := s.identify(&page, r, &call); err != nil || call.Principal.Kind != access.KindContact {
		return brand.Shown{}, false
	}
	shown, err := s.cfg.Brands.Of(r.Context(), s.cfg.DB.Read(), call.Principal.Customer)
	return shown, err == nil
}

// signOf is what stands in the browser's tab: the logo when it is about as wide as high, else the name's first letter on
// the colour.
func signOf(s brand.Shown) string {
	if l, there := s.Logos[brand.Light]; there && l.Width*4 <= l.Height*5 && l.Height*4 <= l.Width*5 {
		return LogoPath(l.Digest)
	}
	first, _ := utf8.DecodeRuneInString(s.Name)
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="%s"/>`+
		`<text x="16" y="22.5" font-family="system-ui,sans-serif" font-size="19" font-weight="700" text-anchor="middle" fill="%s">%s</text></svg>`,
		s.Palette.Fill, s.Palette.OnFill, html.EscapeString(string(unicode.ToUpper(first))))
	return "data:image/svg+xml," + url.PathEscape(svg)
}

// origin is the address by which this browser reached us, for what is bound to it: a portal's own domain, else as publicURL
// has it. A name that is nobody's counts for nothing.
func (s *Server) origin(r *http.Request) string {
	if s.cfg.Brands != nil {
		if _, portal, err := s.cfg.Brands.At(r.Context(), r.Host); err == nil && portal {
			if s.secure(r) {
				return "https://" + r.Host
			}
			return "http://" + r.Host
		}
	}
	return s.publicURL(r)
}
