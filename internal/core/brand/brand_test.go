package brand_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/brand"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// house is brands and the tree of resellers: top owns mine, and mine has kid; other stands apart.
type house struct {
	*brand.Service
	db                    *db.DB
	customers             *customer.Service
	top, mine, other, kid int64
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		ids := id.NewSource(c)
		log := audit.NewLog(c, ids)
		customers, err := customer.New(t.Context(), customer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: slog.New(slog.DiscardHandler),
			Defaults: func(context.Context) (customer.Defaults, error) {
				return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "Europe/Oslo", Retention: time.Hour}, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		h := &house{db: d, customers: customers, Service: brand.New(brand.Options{DB: d, Clock: c, IDs: ids, Audit: log, Customers: customers, PublicURL: "https://crm.example.net:8443",
			Organization: func(context.Context) (string, error) { return "Nordic Tel", nil }})}
		h.top = h.customer(t, "Top", customer.KindReseller, 0)
		h.mine = h.customer(t, "Mine", customer.KindReseller, h.top)
		h.other = h.customer(t, "Other", customer.KindReseller, 0)
		h.kid = h.customer(t, "Kid", customer.KindCustomer, h.mine)
		fn(t, h)
	})
}

func (h *house) customer(t *testing.T, name string, kind customer.Kind, under int64) int64 {
	t.Helper()
	k, err := h.customers.Create(admin(), customer.Draft{Name: name, Kind: kind, Reseller: under})
	if err != nil {
		t.Fatal(err)
	}
	return k.ID
}

func admin() context.Context { return at(0) }

// at is an admin who sees the subtree of a reseller; 0: everything.
func at(root int64) context.Context {
	return access.With(context.Background(), access.Call{Verb: "POST", Principal: access.Principal{Kind: access.KindStaff, ID: 7, Name: "Ann", Root: root, Permissions: access.RoleAdmin.Permissions()}})
}

func ptr(s string) *string { return &s }

func (h *house) update(t *testing.T, of int64, p brand.Patch) brand.Brand {
	t.Helper()
	b, err := h.Update(admin(), of, 0, p, "crm.example.net:8443")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (h *house) seen(t *testing.T, by int64) brand.Shown {
	t.Helper()
	s, err := h.Of(context.Background(), h.db.Read(), by)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wrong(err error) string {
	e, ok := errs.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	if len(e.Fields) == 0 {
		return e.Code
	}
	var out []string
	for _, f := range e.Fields {
		out = append(out, f.Field+" "+f.Code)
	}
	return strings.Join(out, ", ")
}

func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	m.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFieldsComeFromAbove(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		if s := h.seen(t, h.kid); s.Name != "Nordic Tel" || s.Color != "#0b5f59" || s.Set || s.Address != "https://crm.example.net:8443" {
			t.Errorf("before anybody decided: %+v", s)
		}
		h.update(t, brand.Operator, brand.Patch{Name: ptr(" Fjord "), SupportEmail: ptr("help@fjord.example"), Website: ptr("https://fjord.example")})
		if _, err := h.SetLogo(admin(), brand.Operator, 0, brand.Dark, picture(t, 40, 20)); err != nil {
			t.Fatal(err)
		}
		h.update(t, h.top, brand.Patch{Color: ptr("#ABC"), Domain: ptr("Portal.Top.Example.")})
		if s := h.seen(t, h.kid); s.Name != "Fjord" || s.Color != "#aabbcc" || s.Domain != "portal.top.example" || s.SupportEmail != "help@fjord.example" || len(s.Logos) != 1 || s.Address != "https://portal.top.example:8443" {
			t.Errorf("from two above: %+v", s)
		}
		h.update(t, h.mine, brand.Patch{Name: ptr("Mine Tel")})
		if s := h.seen(t, h.kid); s.Name != "Mine Tel" || len(s.Logos) != 0 || s.Color != "#aabbcc" {
			t.Errorf("who has a name of their own bears no logo of somebody else's: %+v", s)
		}
		if _, err := h.SetLogo(admin(), h.mine, 0, brand.Light, picture(t, 30, 30)); err != nil {
			t.Fatal(err)
		}
		if s := h.seen(t, h.mine); s.Logos[brand.Light].Width != 30 || len(s.Logos) != 1 {
			t.Errorf("%+v", s.Logos)
		}
		if s := h.seen(t, h.other); s.Name != "Fjord" || len(s.Logos) != 1 || s.Domain != "" {
			t.Errorf("who stands apart: %+v", s)
		}
		if _, err := h.customers.Update(admin(), h.kid, 0, []customer.Change{{Field: "reseller", Value: id.Format(customer.Prefix, h.other)}}); err != nil {
			t.Fatal(err)
		}
		if s := h.seen(t, h.kid); s.Name != "Fjord" {
			t.Errorf("whoever moves looks like where they are: %+v", s)
		}
	})
}

func TestDomains(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		for _, bad := range []string{"http://x.example", "x.example:80", "x.example/y", "localhost", "10.0.0.1", "[::1]", "a b.example", "x..example", "-x.example", "x.example\r\nHost: y", "evil.example#", "user@x.example", "0x7f.1", strings.Repeat("a", 64) + ".example", "x_y.example"} {
			if _, err := h.Update(admin(), h.mine, 0, brand.Patch{Domain: &bad}, ""); wrong(err) != "domain bad_domain" {
				t.Errorf("%q: %v", bad, wrong(err))
			}
		}
		if b := h.update(t, h.mine, brand.Patch{Domain: ptr("bücher.example")}); b.Domain != "xn--bcher-kva.example" {
			t.Errorf("%q", b.Domain)
		}
		for _, own := range []string{"crm.example.net", "CRM.example.net."} {
			if _, err := h.Update(admin(), h.mine, 0, brand.Patch{Domain: &own}, ""); wrong(err) != "domain own_domain" {
				t.Errorf("the console's own: %v", wrong(err))
			}
		}
		if _, err := h.Update(admin(), h.mine, 0, brand.Patch{Domain: ptr("here.example")}, "Here.example:8000"); wrong(err) != "domain own_domain" {
			t.Errorf("where the caller is: %v", wrong(err))
		}
		if _, err := h.Update(admin(), h.other, 0, brand.Patch{Domain: ptr("Bücher.example")}, ""); wrong(err) != "domain duplicate_domain" {
			t.Errorf("another brand's: %v", wrong(err))
		}
		for host, reseller := range map[string]int64{"xn--bcher-kva.example": h.mine, "XN--BCHER-KVA.EXAMPLE:8443": h.mine, "crm.example.net": -1, "": -1, "evil.example": -1, "xn--bcher-kva.example.evil.example": -1, "\x00": -1} {
			p, found, err := h.At(context.Background(), host)
			if err != nil || found != (reseller >= 0) || found && p.Reseller != reseller {
				t.Errorf("%q: %+v %v, %v", host, p, found, err)
			}
		}
		if err := h.customers.Delete(admin(), h.kid, 0, ""); err != nil {
			t.Fatal(err)
		}
		if err := h.customers.Delete(admin(), h.mine, 0, ""); err != nil {
			t.Fatal(err)
		}
		if _, found, err := h.At(context.Background(), "xn--bcher-kva.example"); found || err != nil {
			t.Errorf("the domain of who is closed: %v, %v", found, err)
		}
		if _, err := h.Update(admin(), h.mine, 0, brand.Patch{Name: ptr("X")}, ""); wrong(err) != "customer_closed" {
			t.Errorf("the brand of who is closed: %v", err)
		}
	})
}

func TestADomainIsGivenOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		var all sync.WaitGroup
		got := make([]string, 16)
		for i := range got {
			of := []int64{h.top, h.mine, h.other, brand.Operator}[i%4]
			all.Go(func() {
				_, err := h.Update(admin(), of, 0, brand.Patch{Domain: ptr("one.example")}, "")
				if got[i] = "kept"; err != nil {
					got[i] = wrong(err)
				}
			})
		}
		all.Wait()
		kept := 0
		for _, s := range got {
			switch s {
			case "kept":
				kept++
			case "domain duplicate_domain":
			default:
				t.Error(s)
			}
		}
		if kept != 4 { // the same party again changes nothing
			t.Errorf("%d kept it: %q", kept, got)
		}
	})
}

func TestWhoseBrandIsWhose(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		mine := at(h.mine)
		if _, err := h.Update(mine, h.mine, 0, brand.Patch{Name: ptr("Ours")}, ""); err != nil {
			t.Errorf("a reseller's own brand: %v", err)
		}
		for _, foreign := range []int64{h.top, h.other, brand.Operator, 77} {
			if _, _, err := h.Get(mine, foreign); !errs.IsKind(err, errs.KindNotFound) {
				t.Errorf("reads %d: %v", foreign, err)
			}
			if _, err := h.Update(mine, foreign, 0, brand.Patch{Name: ptr("Ours"), Color: ptr("no")}, ""); !errs.IsKind(err, errs.KindNotFound) {
				t.Errorf("writes %d: %v", foreign, err)
			}
			if _, err := h.SetLogo(mine, foreign, 0, brand.Light, picture(t, 20, 20)); !errs.IsKind(err, errs.KindNotFound) {
				t.Errorf("draws %d: %v", foreign, err)
			}
			if _, err := h.RemoveLogo(mine, foreign, 0, brand.Light); !errs.IsKind(err, errs.KindNotFound) {
				t.Errorf("wipes %d: %v", foreign, err)
			}
		}
		if _, _, err := h.Get(mine, h.kid); wrong(err) != "no_reseller" {
			t.Errorf("of a customer: %v", err)
		}
		looks := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 8, Permissions: []access.Permission{access.BrandRead}}})
		if _, err := h.Update(looks, h.mine, 0, brand.Patch{}, ""); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("who may read writes: %v", err)
		}
		if _, _, err := h.Get(context.Background(), h.mine); !errs.IsKind(err, errs.KindUnauthorized) {
			t.Errorf("nobody reads: %v", err)
		}
	})
}

func TestStaleAndWrongChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		b, _, err := h.Get(admin(), h.mine)
		if err != nil || b.Version != 1 || b.ID != 0 {
			t.Fatalf("%+v, %v", b, err)
		}
		if b, err = h.Update(admin(), h.mine, 1, brand.Patch{Name: ptr("A")}, ""); err != nil || b.Version != 2 {
			t.Fatalf("%+v, %v", b, err)
		}
		_, err = h.Update(admin(), h.mine, 1, brand.Patch{Name: ptr("B")}, "")
		if e, ok := errs.As(err); !ok || e.Kind != errs.KindStale || e.Current.(brand.Brand).Name != "A" {
			t.Errorf("%v", err)
		}
		if b, err = h.Update(admin(), h.mine, 2, brand.Patch{Name: ptr("A")}, ""); err != nil || b.Version != 2 {
			t.Errorf("a change that changes nothing: %+v, %v", b, err)
		}
		_, err = h.Update(admin(), h.mine, 0, brand.Patch{Name: ptr("a\u202eb"), Color: ptr("red"), Domain: ptr("x"), SupportEmail: ptr("a@b.example\r\nBcc: x@y.example"), SupportPhone: ptr("javascript:1"),
			Website: ptr("javascript:alert(1)"), ImprintURL: ptr("https://user:pw@x.example"), PrivacyURL: ptr("//x.example")}, "")
		if want := "name bad_text, color bad_color, domain bad_domain, support_email bad_email, support_phone bad_support_phone, website bad_web_address, imprint_url bad_web_address, privacy_url bad_web_address"; wrong(err) != want {
			t.Errorf("%s", wrong(err))
		}
		if _, err = h.Update(admin(), h.mine, 0, brand.Patch{Color: ptr("#ffff00")}, ""); wrong(err) != "color color_too_light" {
			t.Errorf("%v", err)
		}
		var entries int
		if err := h.db.Read().GetContext(context.Background(), &entries, "SELECT COUNT(*) FROM audit_entries WHERE table_name = 'brands'"); err != nil || entries != 1 {
			t.Errorf("%d entries, %v", entries, err)
		}
	})
}

// tiny is a WebP picture of 16 by 16 pixels.
const tiny = "UklGRjwAAABXRUJQVlA4IDAAAADQAQCdASoQABAAAUAmJaACdLoB+AADsAD+8ut//NgVzXPv9//S4P0uD9Lg/9KQAAA="

func TestLogos(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		photo := &bytes.Buffer{}
		if err := jpeg.Encode(photo, image.NewGray(image.Rect(0, 0, 50, 20)), nil); err != nil {
			t.Fatal(err)
		}
		web, err := base64.StdEncoding.DecodeString(tiny)
		if err != nil {
			t.Fatal(err)
		}
		for kind, data := range map[string][]byte{"image/png": picture(t, 64, 32), "image/jpeg": photo.Bytes(), "image/webp": web} {
			b, err := h.SetLogo(admin(), h.mine, 0, brand.Light, data)
			if err != nil || b.Logos[brand.Light].Type != kind {
				t.Errorf("%s: %+v, %v", kind, b.Logos, err)
				continue
			}
			got, bytesOf, err := h.Picture(context.Background(), b.Logos[brand.Light].Digest)
			if err != nil || got != kind || !bytes.Equal(bytesOf, data) {
				t.Errorf("%s is served as %s, %v", kind, got, err)
			}
		}
		whole := picture(t, 64, 32)
		bomb := bytes.Replace(whole, []byte{0, 0, 0, 64, 0, 0, 0, 32}, []byte{0, 0, 255, 255, 0, 0, 255, 255}, 1)
		for what, c := range map[string]struct {
			data []byte
			code string
		}{
			"nothing": {nil, "logo_type"}, "a page": {[]byte("<html><script>alert(1)</script>"), "logo_type"}, "SVG": {[]byte(`<?xml version="1.0"?><svg onload="x"/>`), "logo_svg"},
			"cut off": {whole[:len(whole)/2], "logo_broken"}, "a head alone": {whole[:20], "logo_broken"}, "a bomb": {bomb, "logo_broken"}, "too small": {picture(t, 15, 15), "logo_pixels"},
			"too wide": {picture(t, 2049, 20), "logo_pixels"}, "GIF": {[]byte("GIF89a\x01\x00\x01\x00"), "logo_type"}, "too many bytes": {append(whole, make([]byte, brand.MaxLogo)...), "logo_too_large"},
			"a JPEG that is none": {[]byte("\xff\xd8\xff<script>"), "logo_broken"}, "a WebP that is none": {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 junk"), "logo_broken"},
		} {
			if _, err := h.SetLogo(admin(), h.mine, 0, brand.Light, c.data); wrong(err) != "file "+c.code {
				t.Errorf("%s: %s", what, wrong(err))
			}
		}
		if _, err := h.RemoveLogo(admin(), h.mine, 0, brand.Light); err != nil {
			t.Error(err)
		}
		if b, err := h.RemoveLogo(admin(), h.mine, 0, brand.Light); err != nil || len(b.Logos) != 0 {
			t.Errorf("again: %+v, %v", b, err)
		}
		if _, _, err := h.Picture(context.Background(), strings.Repeat("0", 64)); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("none: %v", err)
		}
	})
}

func TestWhateverTheColourItCanBeRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		adjusted := 0
		for _, c := range []string{"#000000", "#0b5f59", "#ff0000", "#00b050", "#767676", "#808080", "#8a8a8a", "#1d4ed8", "#e2001a", "#f59e0b", "#00aaff", "#111827", "#7c3aed", "#ff6a00", "#13a10e", "#050510"} {
			b := h.update(t, brand.Operator, brand.Patch{Color: &c})
			p := h.seen(t, brand.Operator).Palette
			for what, pair := range map[string][2]string{"a button": {p.Fill, p.OnFill}, "a button in the dark": {p.FillDark, p.OnFillDark}, "a link": {p.Text, "#ffffff"}, "a link on grey": {p.Text, "#f4f4f2"},
				"a link in the dark": {p.TextDark, "#131517"}, "a link on a dark card": {p.TextDark, "#22262a"}} {
				if got := contrast(t, pair[0], pair[1]); got < 4.5 {
					t.Errorf("%s: %s %s on %s: %.2f", b.Color, what, pair[0], pair[1], got)
				}
			}
			if p.Adjusted {
				adjusted++
			}
		}
		if adjusted == 0 {
			t.Error("nothing was adjusted")
		}
	})
}

// contrast is WCAG's, written anew: the program's own would agree with itself.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(hex string) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += v * weight
		}
		return sum
	}
	x, y := light(a), light(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}
