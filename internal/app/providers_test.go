package app_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/id"
)

// issuer is a small OpenID Connect issuer, which signs whatever it is told to.
type issuer struct {
	t     *testing.T
	url   string
	clock *clock.Manual

	mu     sync.Mutex
	key    *rsa.PrivateKey
	kid    string
	tokens map[string]grant // by code
}

// grant is what a code is worth.
type grant struct {
	challenge string
	token     string
}

func newIssuer(t *testing.T, c *clock.Manual) *issuer {
	t.Helper()
	i := &issuer{t: t, clock: c, tokens: map[string]grant{}}
	i.rotate("first")
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": i.url, "authorization_endpoint": i.url + "/authorize", "token_endpoint": i.url + "/token", "jwks_uri": i.url + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		answer(w, map[string]any{"keys": []any{map[string]string{"kty": "RSA", "kid": i.kid, "use": "sig", "alg": "RS256", "n": b64(i.key.N.Bytes()), "e": b64(big.NewInt(int64(i.key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		name, word, _ := r.BasicAuth()
		i.mu.Lock()
		g, ok := i.tokens[r.PostFormValue("code")]
		delete(i.tokens, r.PostFormValue("code"))
		i.mu.Unlock()
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !ok || name != "tandem" || word != "a-shared-secret" || b64(sum[:]) != g.challenge {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]string{"error": "invalid_grant", "error_description": "<script>alert(1)</script>"})
			return
		}
		answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": g.token})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	i.url = s.URL
	return i
}

func (i *issuer) rotate(kid string) {
	i.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		i.t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key, i.kid = key, kid
}

// sign is claims as a token: by the issuer's key, or forged in one of the ways that are tried.
func (i *issuer) sign(how string, claims map[string]any) string {
	i.t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	alg := map[string]string{"none": "none", "HS256": "HS256"}[how]
	if alg == "" {
		alg = "RS256"
	}
	head, _ := json.Marshal(map[string]string{"alg": alg, "kid": i.kid, "typ": "JWT"})
	body, _ := json.Marshal(claims)
	text := b64(head) + "." + b64(body)
	key := i.key
	switch how {
	case "none":
		return text + "."
	case "HS256": // with the public key, which everybody has, as the secret
		der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			i.t.Fatal(err)
		}
		mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		mac.Write([]byte(text))
		return text + "." + b64(mac.Sum(nil))
	case "stranger":
		other, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			i.t.Fatal(err)
		}
		key = other
	}
	sum := sha256.Sum256([]byte(text))
	signed, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		i.t.Fatal(err)
	}
	return text + "." + b64(signed)
}

// person is what the issuer says of somebody.
func (i *issuer) person(subject, email string, more map[string]any) map[string]any {
	now := i.clock.Now()
	out := map[string]any{"iss": i.url, "aud": "tandem", "sub": subject, "email": email, "email_verified": true, "name": "Somebody", "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// errand is somebody on their way through the issuer.
type errand struct {
	v      *visitor
	jar    string // the cookie that binds it
	asked  url.Values
	issuer *issuer
}

func (v *visitor) toIssuer(i *issuer, provider string) errand {
	v.t.Helper()
	res := v.raw("POST", "/session/provider/begin", fmt.Sprintf(`{"provider":%q}`, provider))
	defer func() { _ = res.Body.Close() }()
	var body struct{ URL string }
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil || res.StatusCode != 200 {
		v.t.Fatalf("%d %v", res.StatusCode, err)
	}
	at, err := url.Parse(body.URL)
	if err != nil || !strings.HasPrefix(body.URL, i.url+"/authorize?") {
		v.t.Fatalf("%s %v", body.URL, err)
	}
	q := at.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != "https://crm.example.net/sign-in/back" || q.Get("response_type") != "code" {
		v.t.Errorf("%v", q)
	}
	c := res.Cookies()[0]
	if !c.HttpOnly || !c.Secure || !strings.HasPrefix(c.Name, "__Host-") {
		v.t.Errorf("%v", c)
	}
	return errand{v: v, jar: c.Name + "=" + c.Value, asked: q, issuer: i}
}

// back brings back a code for these claims, signed so.
func (e errand) back(how string, claims map[string]any) reply {
	e.v.t.Helper()
	if _, set := claims["nonce"]; !set {
		claims["nonce"] = e.asked.Get("nonce")
	}
	code := fmt.Sprint("code-", e.asked.Get("state"))
	token := e.issuer.sign(how, claims)
	e.issuer.mu.Lock()
	e.issuer.tokens[code] = grant{challenge: e.asked.Get("code_challenge"), token: token}
	e.issuer.mu.Unlock()
	return e.bring(fmt.Sprintf(`{"state":%q,"code":%q,"iss":%q}`, e.asked.Get("state"), code, e.issuer.url))
}

func (e errand) bring(body string) reply {
	e.v.t.Helper()
	return e.v.doWith("POST", "/session/provider", body, map[string]string{"Cookie": e.jar})
}

// trust makes the issuer a provider and gives its ID.
func (h *town) trust(i *issuer, more string) string {
	h.t.Helper()
	return h.ann.do("POST", "/sign-in-providers", fmt.Sprintf(`{"name":"Nordlys login","issuer":%q,"client_id":"tandem","client_secret":"a-shared-secret"%s}`, i.url, more)).want(h.t, 201, "").at("id")
}

func TestStaffComeByAProvider(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		i := newIssuer(t, h.clock)
		bob := h.staff("Bob", "bob@example.com", access.RoleSupport)
		idp := h.trust(i, "")
		if r := h.ann.do("GET", "/sign-in-providers/"+idp, "").want(t, 200, ""); strings.Contains(r.text, "shared-secret") || r.at("redirect_uri") != "https://crm.example.net/sign-in/back" {
			t.Errorf("%s", r.text)
		}
		v := h.visitor()
		e := v.toIssuer(i, idp)
		if r := e.back("", i.person("s-1", "Bob@Example.com", nil)).want(t, 201, ""); r.at("staff.name") != "Bob" {
			t.Errorf("%s", r.text)
		}
		v.do("GET", "/customers", "").want(t, 200, "")
		e.bring(fmt.Sprintf(`{"state":%q,"code":"x"}`, e.asked.Get("state"))).want(t, 401, "bad_ticket")

		// From now on the subject counts, whatever the address, and keys may be changed.
		i.rotate("second")
		other := h.visitor()
		other.toIssuer(i, idp).back("", i.person("s-1", "robert@elsewhere.example", map[string]any{"email_verified": false})).want(t, 201, "")
		h.visitor().toIssuer(i, idp).back("", i.person("s-2", "bob@example.com", nil)).want(t, 401, "provider_other_person")

		// The link is seen, and with it go the sessions that it began.
		links := v.do("GET", "/session/provider-links", "").want(t, 200, "").body["items"].([]any)
		link := links[0].(map[string]any)["id"].(string)
		bobID := id.Format(staff.Prefix, bob.ID)
		h.visitor().do("DELETE", "/session/provider-links/"+link, "").want(t, 401, "not_signed_in")
		h.ann.do("DELETE", "/session/provider-links/"+link, "").want(t, 404, "not_found")
		h.ann.do("DELETE", "/staff/"+bobID+"/provider-links/"+link, "").want(t, 204, "")
		v.do("GET", "/customers", "").want(t, 401, "not_signed_in")
		log := h.ann.do("GET", "/audit-entries?q=sign-in+provider", "").want(t, 200, "").text
		for _, want := range []string{"Linked to a sign-in provider", "Link to a sign-in provider removed", "Sign-in provider added"} {
			if !strings.Contains(log, want) {
				t.Errorf("the audit does not say %q", want)
			}
		}
		if strings.Contains(log, "shared-secret") {
			t.Error("the audit tells the secret")
		}

		// Disabled here, nobody vouches for them.
		h.ann.do("PATCH", "/staff/"+bobID, `{"status":"disabled"}`).want(t, 200, "")
		h.visitor().toIssuer(i, idp).back("", i.person("s-1", "bob@example.com", nil)).want(t, 401, "provider_unknown_person")
	})
}

func TestWhatAProviderSaysIsChecked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		i := newIssuer(t, h.clock)
		h.staff("Bob", "bob@example.com", access.RoleSupport)
		idp := h.trust(i, `,"domains":["example.com"]`)
		past := i.clock.Now().Add(-time.Hour).Unix()
		for name, tried := range map[string]struct {
			how  string
			more map[string]any
			code string
		}{
			"no signature":                       {"none", nil, "provider_wrong"},
			"signed with what all know":          {"HS256", nil, "provider_wrong"},
			"signed by a stranger":               {"stranger", nil, "provider_wrong"},
			"of another try":                     {"", map[string]any{"nonce": "another"}, "provider_wrong"},
			"of no try":                          {"", map[string]any{"nonce": ""}, "provider_wrong"},
			"for another client":                 {"", map[string]any{"aud": "other"}, "provider_wrong"},
			"for several":                        {"", map[string]any{"aud": []string{"tandem", "other"}}, "provider_wrong"},
			"of another party":                   {"", map[string]any{"azp": "other"}, "provider_wrong"},
			"from another issuer":                {"", map[string]any{"iss": "https://evil.example"}, "provider_wrong"},
			"too late":                           {"", map[string]any{"exp": past}, "provider_wrong"},
			"of nobody":                          {"", map[string]any{"sub": ""}, "provider_wrong"},
			"an address that is not verified":    {"", map[string]any{"email_verified": false}, "provider_domain"},
			"an address of another domain":       {"", map[string]any{"email": "bob@evil.example"}, "provider_domain"},
			"an address that only looks like it": {"", map[string]any{"email": "bob@example.com@evil.example"}, "provider_domain"},
			"somebody unknown":                   {"", map[string]any{"email": "who@example.com"}, "provider_unknown_person"},
		} {
			v := h.visitor()
			if got := v.toIssuer(i, idp).back(tried.how, i.person("s-1", "bob@example.com", tried.more)); got.code != tried.code || got.status != 401 || strings.Contains(got.text, "script") {
				t.Errorf("%s: %d %s", name, got.status, got.text)
			}
			v.do("GET", "/session", "").want(t, 401, "not_signed_in")
		}
		e := h.visitor().toIssuer(i, idp)
		state := e.asked.Get("state")
		thief := errand{v: h.visitor(), jar: "x=y", asked: e.asked, issuer: i} // a link that somebody else began
		thief.back("", i.person("s-1", "bob@example.com", nil)).want(t, 401, "provider_other_browser")
		e.bring(fmt.Sprintf(`{"state":%q,"code":"x"}`, state)).want(t, 401, "bad_ticket")
		e = h.visitor().toIssuer(i, idp)
		e.bring(fmt.Sprintf(`{"state":%q,"error":"access_denied <b>"}`, e.asked.Get("state"))).want(t, 401, "provider_denied")
		e = h.visitor().toIssuer(i, idp)
		e.bring(fmt.Sprintf(`{"state":%q,"code":"x","iss":"https://evil.example"}`, e.asked.Get("state"))).want(t, 401, "provider_wrong")
		e = h.visitor().toIssuer(i, idp)
		e.asked.Set("code_challenge", b64([]byte("another")))
		e.back("", i.person("s-1", "bob@example.com", nil)).want(t, 401, "provider_wrong")
		e = h.visitor().toIssuer(i, idp)
		h.clock.Advance(11 * time.Minute)
		e.back("", i.person("s-1", "bob@example.com", nil)).want(t, 401, "bad_ticket")
	})
}

func TestSecondFactorsAndProviders(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		i := newIssuer(t, h.clock)
		if _, err := h.app.Staff.Create(app.CommandLine(t.Context()), staff.Input{Name: "Bob", Email: "bob@example.com", Role: access.RoleSupport}); err != nil {
			t.Fatal(err)
		}
		idp := h.trust(i, `,"session_hours":2`)
		h.ann.do("PATCH", "/roles/support", `{"require_second_factor":true}`).want(t, 200, "")
		v := h.visitor()
		said := func(more map[string]any) map[string]any { return i.person("s-1", "bob@example.com", more) }
		v.toIssuer(i, idp).back("", said(map[string]any{"amr": []string{"pwd", "mfa"}})).want(t, 201, "")
		v.do("GET", "/customers", "").want(t, 403, secondFirst) // its word does not count yet
		// Bob has no password: that it is Bob, the provider has just said.
		h.clock.Advance(16 * time.Minute)
		v.do("POST", "/session/second-factor/app", `{"password":""}`).want(t, 403, "sign_in_again")
		v.toIssuer(i, idp).back("", said(nil)).want(t, 201, "")
		key := v.setUp("")
		v.do("GET", "/customers", "").want(t, 200, "")

		r := h.visitor().toIssuer(i, idp).back("", said(nil)).want(t, 200, "")
		later := h.visitor()
		later.do("POST", "/session/provider/second", fmt.Sprintf(`{"ticket":%q,"otp":"000000"}`, r.at("ticket"))).want(t, 401, "wrong_otp")
		later.do("POST", "/session/provider/second", fmt.Sprintf(`{"ticket":%q,"otp":%q}`, r.at("ticket"), h.code(key, 1))).want(t, 401, "bad_ticket")
		r = later.toIssuer(i, idp).back("", said(nil)).want(t, 200, "")
		later.do("POST", "/session/provider/second", fmt.Sprintf(`{"ticket":%q,"otp":%q}`, r.at("ticket"), h.code(key, 1))).want(t, 201, "")
		later.do("GET", "/customers", "").want(t, 200, "")

		h.ann.do("PATCH", "/sign-in-providers/"+idp, `{"trusts_mfa":true}`).want(t, 200, "")
		trusted := h.visitor()
		trusted.toIssuer(i, idp).back("", said(map[string]any{"amr": []string{"mfa"}})).want(t, 201, "")
		trusted.do("GET", "/customers", "").want(t, 200, "")
		h.visitor().toIssuer(i, idp).back("", said(map[string]any{"amr": []string{"pwd"}})).want(t, 200, "")
		h.clock.Advance(2*time.Hour + time.Minute)
		trusted.do("GET", "/customers", "").want(t, 401, "not_signed_in")
	})
}

func TestStaffComeByAProviderOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		i := newIssuer(t, h.clock)
		h.staff("Bob", "bob@example.com", access.RoleSupport)
		h.ann.do("PATCH", "/settings", `{"staff_sign_in":"provider"}`).want(t, 200, "")
		h.visitor().signIn("bob@example.com", goodPassword).want(t, 201, "") // there is none yet
		idp := h.trust(i, `,"makes_staff":true,"roles_by_group":[{"group":"desk","role":"support"},{"group":"books","role":"read_only"}]`)
		h.visitor().signIn("bob@example.com", goodPassword).want(t, 401, "provider_only")
		h.visitor().signIn("bob@example.com", "wrong").want(t, 401, "wrong_credentials")
		h.visitor().signIn("ann.admin@example.com", goodPassword).want(t, 201, "") // breaks the glass
		cus, _ := h.contact("Fjord Fisk", "Ola", "ola@fisk.example")
		h.letIn(cus, "Kari", "kari@fisk.example", "owner") // contacts are not staff

		h.visitor().toIssuer(i, idp).back("", i.person("s-7", "new@example.com", map[string]any{"groups": []string{"other"}})).want(t, 401, "provider_unknown_person")
		v := h.visitor()
		r := v.toIssuer(i, idp).back("", i.person("s-7", "new@example.com", map[string]any{"name": "Nina Ny", "groups": []string{"books", "desk"}})).want(t, 201, "")
		if r.at("staff.name") != "Nina Ny" || len(r.body["staff"].(map[string]any)["roles"].([]any)) != 2 {
			t.Errorf("%s", r.text)
		}
		h.ann.do("PATCH", "/sign-in-providers/"+idp, `{"enabled":false}`).want(t, 200, "")
		v.do("GET", "/customers", "").want(t, 401, "not_signed_in")
		h.visitor().signIn("bob@example.com", goodPassword).want(t, 201, "")
		if items := h.visitor().do("GET", "/session/providers", "").body["items"].([]any); len(items) != 0 {
			t.Errorf("%v", items)
		}
	})
}

func TestWhoTrustsProviders(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		i := newIssuer(t, h.clock)
		h.ann.do("POST", "/roles", `{"name":"People","permissions":["staff.read","staff.write","role.read"]}`).want(t, 201, "")
		h.staff("Pia", "pia@example.com", "people")
		pia := h.visitor()
		pia.signIn("pia@example.com", goodPassword).want(t, 201, "")
		pia.do("POST", "/sign-in-providers", fmt.Sprintf(`{"name":"Mine","issuer":%q,"client_id":"x","client_secret":"y"}`, i.url)).want(t, 403, "exceeds_own")
		for _, wrong := range []string{"http://login.example.com", "ftp://login.example.com", "https://u:p@login.example.com", "https://login.example.com?x=1", "javascript:alert(1)", ""} {
			h.ann.do("POST", "/sign-in-providers", fmt.Sprintf(`{"name":"x","issuer":%q,"client_id":"x"}`, wrong)).want(t, 422, "invalid")
		}
		h.ann.do("POST", "/sign-in-providers", fmt.Sprintf(`{"name":"x","issuer":%q,"client_id":"x","roles_by_group":[{"group":"g","role":"none"}]}`, i.url)).want(t, 422, "invalid")
		idp := h.trust(i, `,"roles_by_group":[{"group":"g","role":"people"}]`)
		h.ann.do("PATCH", "/sign-in-providers/"+idp, `{"issuer":"https://other.example"}`).want(t, 422, "invalid")
		pia.do("DELETE", "/sign-in-providers/"+idp, "").want(t, 403, "exceeds_own")
		h.ann.do("DELETE", "/roles/people", "").want(t, 409, "role_in_use")
		dead := h.ann.do("POST", "/sign-in-providers", `{"name":"Dead","issuer":"http://127.0.0.1:1","client_id":"x","client_secret":"y"}`).want(t, 201, "").at("id")
		h.visitor().do("POST", "/session/provider/begin", fmt.Sprintf(`{"provider":%q}`, dead)).want(t, 503, "provider_unreachable")
		h.ann.do("DELETE", "/sign-in-providers/"+idp, "").want(t, 204, "")
		h.visitor().do("POST", "/session/provider/begin", fmt.Sprintf(`{"provider":%q}`, idp)).want(t, 404, "not_found")
	})
}

// raw is a request whose whole answer is wanted.
func (v *visitor) raw(method, path, body string) *http.Response {
	v.t.Helper()
	r, err := http.NewRequest(method, v.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", v.ip)
	r.Header.Set("X-Forwarded-Proto", "https")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	return res
}
