package app_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/brand"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/kit/id"
)

func ptr[T any](v T) *T { return &v }

func logo(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// under makes a reseller with a brand and a domain, and an owner at a customer of theirs who signs in with their name.
func (h *town) under(name, domain string) (resellerID int64, owner string) {
	h.t.Helper()
	ctx := app.CommandLine(context.Background())
	r, err := h.app.Customers.Create(ctx, customer.Draft{Name: name, Kind: customer.KindReseller})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.app.Brands.Update(ctx, r.ID, 0, brand.Patch{Name: ptr(name + " Tel"), Color: ptr("#1d4ed8"), Domain: &domain, SupportEmail: ptr("help@" + domain)}, ""); err != nil {
		h.t.Fatal(err)
	}
	k, err := h.app.Customers.Create(ctx, customer.Draft{Name: "Kid of " + name, Reseller: r.ID, Status: customer.StatusActive})
	if err != nil {
		h.t.Fatal(err)
	}
	contactID, _ := h.letIn(id.Format(customer.Prefix, k.ID), "Ola "+name, strings.ToLower(name)+"@example.com", "owner")
	return r.ID, contactID
}

// at is a browser that came to a domain.
func (h *town) at(domain string) *visitor {
	v := h.visitor()
	v.host = domain
	return v
}

func TestADomainOpensThePortalOfItsOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		h.under("Nord", "portal.nord.example")
		h.under("Vik", "portal.vik.example")
		nord := h.at("portal.nord.example")
		if got := nord.do("GET", "/brand", "").want(t, 200, ""); got.at("name") != "Nord Tel" || got.at("portal") != "true" || got.at("colors.fill") != "#1d4ed8" {
			t.Errorf("%s", got.text)
		}
		for _, host := range []string{"evil.example", "crm.example.net", "127.0.0.1", "portal.nord.example.evil.example"} {
			if got := h.at(host).do("GET", "/brand", "").want(t, 200, ""); got.at("name") != "Tandem" || got.at("portal") != "false" {
				t.Errorf("%s: %s", host, got.text)
			}
		}
		nord.signIn("nord@example.com", goodPassword).want(t, 201, "")
		if me := nord.do("GET", "/portal/session", "").want(t, 200, ""); me.at("organization") != "Nord Tel" || me.at("brand.color") != "#1d4ed8" {
			t.Errorf("%s", me.text)
		}
		wrongPassword := h.at("portal.nord.example").signIn("nord@example.com", "not this one at all").want(t, 401, "wrong_credentials")
		for _, who := range []string{"ann.admin@example.com", "vik@example.com", "nobody@example.com"} {
			if got := h.at("portal.nord.example").signIn(who, goodPassword).want(t, 401, "wrong_credentials"); got.at("detail") != wrongPassword.at("detail") {
				t.Errorf("%s is told something else: %s", who, got.text)
			}
		}
		elsewhere := h.at("crm.example.net")
		elsewhere.signIn("vik@example.com", goodPassword).want(t, 201, "")
		if me := elsewhere.do("GET", "/portal/session", "").want(t, 200, ""); me.at("organization") != "Vik Tel" {
			t.Errorf("the brand goes along to the operator's address: %s", me.text)
		}
		h.ann.do("PATCH", "/brands/operator", `{"domain":"my.example.net"}`).want(t, 200, "")
		for _, who := range []string{"nord@example.com", "vik@example.com"} {
			h.at("my.example.net").signIn(who, goodPassword).want(t, 201, "")
		}
		h.at("my.example.net").signIn("ann.admin@example.com", goodPassword).want(t, 401, "wrong_credentials")
		h.at("crm.example.net").signIn("ann.admin@example.com", goodPassword).want(t, 201, "")
	})
}

func TestWhoHasSeveralDoorsComesInByThoseOfTheDomain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		h.under("Nord", "portal.nord.example")
		vik, _ := h.under("Vik", "portal.vik.example")
		ctx := app.CommandLine(context.Background())
		c2, err := h.app.Contacts.Create(ctx, vik, contact.Patch{Name: ptr("Ola too"), Email: ptr("nord@example.com")}) // the same person, at Vik's own record
		if err != nil {
			t.Fatal(err)
		}
		if err := h.app.Contacts.GivePassword(ctx, c2.ID, contact.PasswordOrder{Mode: contact.PasswordTyped, Password: goodPassword}); err != nil {
			t.Fatal(err)
		}
		if got := h.at("crm.example.net").signIn("nord@example.com", goodPassword).want(t, 200, ""); !strings.Contains(got.text, "Vik") {
			t.Errorf("%s", got.text)
		}
		v := h.at("portal.nord.example")
		if got := v.signIn("nord@example.com", goodPassword).want(t, 201, ""); got.at("customer.name") != "Kid of Nord" {
			t.Errorf("%s", got.text)
		}
	})
}

func TestAPasskeyBelongsToItsDomain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		h.under("Nord", "portal.nord.example")
		v := h.at("portal.nord.example")
		v.signIn("nord@example.com", goodPassword).want(t, 201, "")
		phone := newDevice(t)
		phone.origin = "https://portal.nord.example"
		v.register(phone, "Phone").want(t, 201, "")
		again := h.at("portal.nord.example")
		again.passkey(phone).want(t, 201, "")
		away := h.at("evil.example")
		away.passkey(phone).want(t, 401, "bad_passkey")
	})
}

func TestMailsComeUnderTheBrand(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		reseller, contactID := h.under("Nord", "portal.nord.example")
		if _, err := h.app.Brands.SetLogo(app.CommandLine(context.Background()), reseller, 0, brand.Light, logo(t, 480, 120)); err != nil {
			t.Fatal(err)
		}
		read := func() (from, answers, text string) {
			m := <-h.box.mails
			body, err := io.ReadAll(m.Body)
			if err != nil {
				t.Fatal(err)
			}
			return m.Header.Get("From"), m.Header.Get("Reply-To"), string(body)
		}
		h.ann.do("POST", "/contacts/"+contactID+"/password", `{"mode":"link"}`).want(t, 204, "")
		from, answers, text := read()
		for _, want := range []string{"https://portal.nord.example/set-password?token=", "https://portal.nord.example/api/v1/brand/logos/", `width="240" height="60"`, "Nord Tel"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing: %s", want, text)
			}
		}
		if from != `"Nord Tel" <crm@example.net>` || answers != "<help@portal.nord.example>" || strings.Contains(text, "https://crm.example.net") {
			t.Errorf("from %s, answers to %s: %s", from, answers, text)
		}
		// Whatever a stranger says in Host, links lead to addresses that are configured.
		for _, host := range []string{"evil.example", "portal.nord.example"} {
			h.at(host).do("POST", "/session/forgot-password", `{"email":"nord@example.com"}`).want(t, 204, "")
			if _, _, text := read(); !strings.Contains(text, "https://portal.nord.example/set-password") || strings.Contains(text, "evil") {
				t.Errorf("%s: %s", host, text)
			}
		}
		h.at("evil.example").do("POST", "/session/forgot-password", `{"email":"ann.admin@example.com"}`).want(t, 204, "")
		if _, _, text := read(); !strings.Contains(text, "https://crm.example.net/set-password") || strings.Contains(text, "evil") || strings.Contains(text, "Nord") {
			t.Errorf("staff: %s", text)
		}
	})
}

func (v *visitor) upload(path string, data []byte, headers ...string) reply {
	v.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "logo.html")
	if err == nil {
		_, err = part.Write(data)
	}
	if err != nil || form.Close() != nil {
		v.t.Fatal(err)
	}
	all := map[string]string{"Content-Type": form.FormDataContentType()}
	for i := 0; i+1 < len(headers); i += 2 {
		all[headers[i]] = headers[i+1]
	}
	return v.doWith("PUT", path, b.String(), all)
}

func TestLogosOnTheWire(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		data := logo(t, 64, 64)
		got := h.ann.upload("/brands/operator/logos/light", data, "If-Match", `"1"`).want(t, 200, "")
		at := got.at("logo_light.url")
		if got.at("version") != "2" || got.at("logo_light.type") != "image/png" || got.at("shown.logo_light.width") != "64" {
			t.Errorf("%s", got.text)
		}
		h.ann.upload("/brands/operator/logos/dark", data, "If-Match", `"1"`).want(t, 412, "stale")
		h.ann.upload("/brands/operator/logos/pink", data).want(t, 404, "not_found")
		h.ann.upload("/brands/operator/logos/light", []byte("<svg/>")).want(t, 422, "invalid")
		h.ann.upload("/brands/operator/logos/light", make([]byte, brand.MaxLogo+10)).want(t, 422, "invalid")
		h.visitor().upload("/brands/operator/logos/light", data).want(t, 401, "not_signed_in")
		res, err := http.Get(h.url + at)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, _ := io.ReadAll(res.Body)
		if !bytes.Equal(body, data) || res.Header.Get("Content-Type") != "image/png" || res.Header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(res.Header.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%d bytes, %v", len(body), res.Header)
		}
		h.ann.do("DELETE", "/brands/operator/logos/light", "").want(t, 200, "")
		h.visitor().do("GET", strings.TrimPrefix(at, "/api/v1"), "").want(t, 404, "not_found")
	})
}

func TestTheFirstPageIsDressed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		reseller, _ := h.under("Nord", "portal.nord.example")
		evil := `"><script>alert(1)</script>`
		if _, err := h.app.Brands.Update(app.CommandLine(context.Background()), reseller, 0, brand.Patch{Name: &evil}, ""); err != nil {
			t.Fatal(err)
		}
		page := func(host, path string) string {
			r, err := http.NewRequest("GET", h.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			text, _ := io.ReadAll(res.Body)
			return string(text)
		}
		got := page("portal.nord.example", "/portal/sign-in")
		if strings.Contains(got, "<script>alert") {
			t.Errorf("a name is a program: %s", got)
		}
		if strings.Contains(got, "tandem-brand") { // the console is built in
			if !strings.Contains(got, "<title>&#34;&gt;&lt;script&gt;") || strings.Contains(page("crm.example.net", "/customers"), "alert(1)") {
				t.Errorf("%s", got)
			}
		}
	})
}

func TestAResellersStaffDressTheirOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		w := newWorld(t, c)
		all := w.tenants()
		for _, who := range w.placed(all.mine.reseller.ID) {
			may := false
			for _, p := range who.may {
				may = may || p == access.BrandWrite
			}
			for of, ok := range map[int64]bool{all.mine.reseller.ID: true, all.child.reseller.ID: true, all.other.reseller.ID: false, all.parent.reseller.ID: false} {
				got := w.ask("PATCH", "/api/v1/brands/"+id.Format(customer.Prefix, of), []byte(fmt.Sprintf(`{"name":"By %s"}`, who.name)), who.headers)
				want := 403
				if may && ok {
					want = 200
				} else if may {
					want = 404
				}
				if got.status != want {
					t.Errorf("%s changes %d: %d %s", who.name, of, got.status, got.body)
				}
			}
			if may {
				if got := w.ask("GET", "/api/v1/brands/operator", nil, who.headers); got.status != 404 {
					t.Errorf("%s sees the operator's: %d", who.name, got.status)
				}
			}
		}
	})
}
