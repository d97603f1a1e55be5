package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
)

// device is an authenticator with one key, as a browser would speak for it.
type device struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	user   string
	origin string
	flags  byte // person was there 1, and proved who they are 4
	count  uint32
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{t: t, key: key, id: make([]byte, 16), origin: "https://crm.example.net", flags: 5}
	_, _ = rand.Read(d.id)
	return d
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func (d *device) client(kind, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

func (d *device) data(flags byte, more []byte) []byte {
	host := sha256.Sum256([]byte(strings.TrimPrefix(d.origin, "https://")))
	out := append(host[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.count)
	return append(out, more...)
}

// made is the answer to a registration.
func (d *device) made(challenge, user string) string {
	d.user = user
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	cose := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 32), point[33:]...)
	more := append(make([]byte, 16), 0, byte(len(d.id)))
	data := d.data(d.flags|0x40, append(append(more, d.id...), cose...))
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return d.credential(map[string]any{"clientDataJSON": b64(d.client("webauthn.create", challenge)), "attestationObject": b64(append(object, data...))})
}

// used is the answer to a sign-in.
func (d *device) used(challenge string) string {
	d.count++
	client := d.client("webauthn.get", challenge)
	data, hash := d.data(d.flags, nil), sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.credential(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": d.user})
}

func (d *device) credential(response map[string]any) string {
	text, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

// register gives the visitor, who is signed in, a passkey.
func (v *visitor) register(d *device, name string) reply {
	v.t.Helper()
	asked := v.do("POST", "/session/passkeys/begin", fmt.Sprintf(`{"password":%q}`, goodPassword)).want(v.t, 200, "")
	answer := d.made(asked.at("options.challenge"), asked.at("options.user.id"))
	return v.do("POST", "/session/passkeys", fmt.Sprintf(`{"ticket":%q,"name":%q,"credential":%s}`, asked.at("ticket"), name, answer))
}

func (v *visitor) passkey(d *device) reply {
	v.t.Helper()
	asked := v.do("POST", "/session/passkey/begin", "").want(v.t, 200, "")
	return v.do("POST", "/session/passkey", fmt.Sprintf(`{"ticket":%q,"credential":%s}`, asked.at("ticket"), d.used(asked.at("options.challenge"))))
}

func TestPasskeys(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		h.staff("Bob", "bob@example.com", access.RoleSupport)
		bob := h.visitor()
		bob.signIn("bob@example.com", goodPassword).want(t, 201, "")
		bob.do("POST", "/session/passkeys/begin", `{"password":"wrong"}`).want(t, 422, "invalid")
		phone, token := newDevice(t), newDevice(t)
		if got := bob.register(phone, " Telephone ").want(t, 201, ""); got.at("name") != "Telephone" {
			t.Errorf("%s", got.text)
		}
		bob.register(token, "").want(t, 201, "")
		bob.register(token, "again").want(t, 422, "invalid") // that key is there already
		list := bob.do("GET", "/session/passkeys", "").want(t, 200, "")
		items := list.body["items"].([]any)
		if len(items) != 2 || strings.Contains(list.text, "publicKey") {
			t.Fatalf("%s", list.text)
		}
		in := h.visitor()
		if got := in.passkey(phone).want(t, 201, ""); got.at("staff.email") != "bob@example.com" {
			t.Errorf("%s", got.text)
		}
		in.do("GET", "/customers", "").want(t, 200, "")
		passkeyAttacks(t, h, phone)
		first := items[0].(map[string]any)["id"].(string)
		h.ann.do("DELETE", "/session/passkeys/"+first, "").want(t, 404, "not_found")
		bob.do("DELETE", "/session/passkeys/"+first, "").want(t, 204, "")
		if to, _, _ := h.mail(); to != "bob@example.com" {
			t.Errorf("%s", to)
		}
		h.clock.Advance(time.Hour)
		h.visitor().passkey(phone).want(t, 401, "bad_passkey")
		h.clock.Advance(16 * time.Minute)
		h.visitor().passkey(token).want(t, 201, "")
	})
}

func passkeyAttacks(t *testing.T, h *town, phone *device) {
	t.Helper()
	v := h.visitor()
	asked := v.do("POST", "/session/passkey/begin", "").want(t, 200, "")
	body := fmt.Sprintf(`{"ticket":%q,"credential":%s}`, asked.at("ticket"), phone.used(asked.at("options.challenge")))
	h.visitor().do("POST", "/session/passkey", body).want(t, 201, "")
	v.do("POST", "/session/passkey", body).want(t, 401, "bad_ticket") // replayed
	other := v.do("POST", "/session/passkey/begin", "").want(t, 200, "")
	v.do("POST", "/session/passkey", strings.Replace(body, asked.at("ticket"), other.at("ticket"), 1)).want(t, 401, "bad_passkey") // with a ticket of its own
	late := v.do("POST", "/session/passkey/begin", "").want(t, 200, "")
	h.clock.Advance(6 * time.Minute)
	v.do("POST", "/session/passkey", fmt.Sprintf(`{"ticket":%q,"credential":%s}`, late.at("ticket"), phone.used(late.at("options.challenge")))).want(t, 401, "bad_ticket")
	refused := func(d *device) {
		t.Helper()
		h.clock.Advance(16 * time.Minute) // tries are counted
		v.passkey(d).want(t, 401, "bad_passkey")
	}
	phone.origin = "https://crm.example.net.evil.example"
	refused(phone)
	phone.origin, phone.flags = "https://crm.example.net", 1 // nobody proved who they are
	refused(phone)
	phone.flags = 5
	phone.count = 0 // a copy of the key
	refused(phone)
	phone.count = 100
	stranger := newDevice(t)
	stranger.id, stranger.user = phone.id, phone.user
	refused(stranger)
	h.clock.Advance(16 * time.Minute)
	v.do("POST", "/session/passkey", `{"ticket":"x","credential":{"id":"x"}}`).want(t, 401, "bad_ticket")
}

func TestAContactWithAPasskeyChoosesWhereTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		_, first := h.contact("Fjord", "Ola F", "ola@example.com")
		_, second := h.contact("Sund", "Ola S", "ola@example.com")
		h.ann.do("POST", "/contacts/"+first+"/password", fmt.Sprintf(`{"mode":"typed","password":%q}`, goodPassword)).want(t, 204, "")
		ola, phone := h.visitor(), newDevice(t)
		ola.signIn("ola@example.com", goodPassword).want(t, 201, "")
		ola.register(phone, "Phone").want(t, 201, "")
		h.visitor().passkey(phone).want(t, 201, "")
		h.ann.do("POST", "/contacts/"+second+"/password", `{}`).want(t, 204, "")
		v := h.visitor()
		got := v.passkey(phone).want(t, 200, "")
		choose := fmt.Sprintf(`{"ticket":%q,"membership":%q}`, got.at("ticket"), second)
		if got := v.do("POST", "/session/passkey", choose).want(t, 201, ""); got.at("customer.name") != "Sund" {
			t.Errorf("%s", got.text)
		}
		v.do("POST", "/session/passkey", choose).want(t, 401, "bad_ticket")
	})
}
