package app_test

import (
	"strings"
	"testing"

	"tandem/internal/app"
	"tandem/internal/core/access"
)

const secondFirst = "set_second_factor"

// setUp sets the visitor's authenticator app up and gives its secret.
func (v *visitor) setUp(password string) string {
	v.t.Helper()
	key := v.do("POST", "/session/second-factor/app", `{"password":"`+password+`"}`).want(v.t, 200, "").at("secret")
	v.do("POST", "/session/second-factor/app/confirm", `{"code":"`+v.code(key, 0)+`"}`).want(v.t, 200, "")
	return key
}

func TestARoleRequiresASecondFactor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		h.staff("Sue", "sue@example.com", access.RoleSupport)
		sue := h.visitor()
		sue.signIn("sue@example.com", goodPassword).want(t, 201, "")
		sue.do("GET", "/customers", "").want(t, 200, "")

		h.ann.do("PATCH", "/roles/support", `{"name":"Desk","require_second_factor":true}`).want(t, 409, "role_ships")
		h.ann.do("PATCH", "/roles/support", `{"require_second_factor":true}`).want(t, 200, "")
		if r := h.ann.do("GET", "/roles/support", ""); r.body["require_second_factor"] != true || r.body["version"] != float64(2) {
			t.Errorf("the role: %s", r.text)
		}
		h.ann.match("PATCH", "/roles/support", `{"require_second_factor":false}`, 1).want(t, 412, "stale")

		sue.do("GET", "/customers", "").want(t, 403, secondFirst)
		sue.do("GET", "/session/all", "").want(t, 403, secondFirst)
		if me := sue.do("GET", "/session", "").want(t, 200, ""); me.at("must") != secondFirst || len(me.body["permissions"].([]any)) != 0 {
			t.Errorf("who is held back: %s", me.text)
		}
		fresh := h.visitor()
		if r := fresh.signIn("sue@example.com", goodPassword).want(t, 201, ""); r.at("must") != secondFirst {
			t.Errorf("signed in anew: %s", r.text)
		}
		key := sue.setUp(goodPassword)
		sue.do("GET", "/customers", "").want(t, 200, "")
		fresh.do("GET", "/customers", "").want(t, 200, "")
		if r := sue.do("GET", "/session/second-factor", ""); r.body["required"] != true {
			t.Errorf("not said to be required: %s", r.text)
		}
		sue.do("POST", "/session/second-factor/app/remove", `{"password":"`+goodPassword+`"}`).want(t, 409, "second_factor_needed")
		h.visitor().signIn("sue@example.com", goodPassword).want(t, 401, "otp_required")
		h.visitor().signIn("sue@example.com", goodPassword, `,"otp":"`+h.code(key, 1)+`"`).want(t, 201, "")

		h.ann.do("PATCH", "/roles/support", `{"require_second_factor":false}`).want(t, 200, "")
		sue.do("POST", "/session/second-factor/app/remove", `{"password":"`+goodPassword+`"}`).want(t, 204, "")
		sue.do("GET", "/customers", "").want(t, 200, "")
		log := h.ann.do("GET", "/audit-entries?q=Role+changed", "").want(t, 200, "").text
		if !strings.Contains(log, "require_second_factor") {
			t.Error("the audit does not say that a second factor is required")
		}
	})
}

func TestNobodyShutsThemselvesOutByTheirOwnRole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		phone := newDevice(t)
		token := h.ann.do("POST", "/api-tokens", `{"name":"shell","role":"admin"}`).want(t, 201, "").at("token")
		h.ann.do("PATCH", "/roles/admin", `{"require_second_factor":true}`).want(t, 200, "")
		h.ann.do("PATCH", "/roles/admin", `{"require_second_factor":false}`).want(t, 403, secondFirst)
		h.visitor().doWith("GET", "/customers", "", map[string]string{"Authorization": "Bearer " + token}).want(t, 200, "")
		h.ann.register(phone, "Phone").want(t, 201, "")
		h.ann.do("GET", "/customers", "").want(t, 200, "")

		// What is set up is a passkey: a password alone is not enough, the passkey alone is.
		h.visitor().signIn("ann.admin@example.com", goodPassword).want(t, 401, "passkey_required")
		again := h.visitor()
		again.passkey(phone).want(t, 201, "")
		again.do("GET", "/customers", "").want(t, 200, "")
		keys := again.do("GET", "/session/passkeys", "").want(t, 200, "").body["items"].([]any)
		psk := keys[0].(map[string]any)["id"].(string)
		again.do("DELETE", "/session/passkeys/"+psk, "").want(t, 409, "second_factor_needed")
		h.ann.setUp(goodPassword)
		again.do("DELETE", "/session/passkeys/"+psk, "").want(t, 204, "")
		again.do("POST", "/session/second-factor/app/remove", `{"password":"`+goodPassword+`"}`).want(t, 409, "second_factor_needed")
	})
}

// Of two who take away the last two at once, one is refused.
func TestTheLastSecondFactorStaysInARace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		h.ann.do("PATCH", "/roles/admin", `{"require_second_factor":true}`).want(t, 200, "")
		h.ann.register(newDevice(t), "Phone").want(t, 201, "")
		psk := h.ann.do("GET", "/session/passkeys", "").body["items"].([]any)[0].(map[string]any)["id"].(string)
		h.ann.setUp(goodPassword)
		done := make(chan reply, 2)
		go func() { done <- h.ann.do("DELETE", "/session/passkeys/"+psk, "") }()
		go func() {
			done <- h.ann.do("POST", "/session/second-factor/app/remove", `{"password":"`+goodPassword+`"}`)
		}()
		one, other := <-done, <-done
		if (one.status == 204) == (other.status == 204) {
			t.Errorf("both or none: %d %s, %d %s", one.status, one.code, other.status, other.code)
		}
	})
}

func TestARoleInThePortalRequiresASecondFactor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		cus, _ := h.contact("Fjord Fisk", "Ola", "ola@fisk.example")
		ola, owner := h.letIn(cus, "Kari", "kari@fisk.example", "owner")
		_, viewer := h.letIn(cus, "Per", "per@fisk.example", "viewer")
		h.ann.do("PATCH", "/settings", `{"portal_second_factor":["king"]}`).want(t, 422, "invalid")
		h.ann.do("PATCH", "/settings", `{"portal_second_factor":["billing","owner"]}`).want(t, 200, "")
		owner.do("GET", "/portal", "").want(t, 403, secondFirst)
		viewer.do("GET", "/portal", "").want(t, 200, "")

		// Staff who look into the portal need none of the contact's.
		link := h.ann.do("POST", "/contacts/"+ola+"/impersonate", `{}`).want(t, 201, "").at("url")
		_, token, _ := strings.Cut(link, "#")
		h.ann.do("POST", "/impersonation", `{"token":"`+token+`"}`).want(t, 204, "")
		h.ann.do("GET", "/portal", "").want(t, 200, "")

		owner.setUp(goodPassword)
		owner.do("GET", "/portal", "").want(t, 200, "")
		owner.do("POST", "/session/second-factor/app/remove", `{"password":"`+goodPassword+`"}`).want(t, 409, "second_factor_needed")
		h.ann.do("PATCH", "/settings", `{"portal_second_factor":[]}`).want(t, 200, "")
		owner.do("POST", "/session/second-factor/app/remove", `{"password":"`+goodPassword+`"}`).want(t, 204, "")
	})
}
