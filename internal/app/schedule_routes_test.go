package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
)

// kept is a change that its route keeps for later, and how it shows that it was made.
type kept struct {
	path, body string
	see        func(result string) string // a path
	field      string                     // of what is read there; empty: that it is there
	want       string                     // of the field; "gone": it is not there any more
	meanwhile  string                     // of a change: what somebody else makes of the field
}

// maker makes what is changed later, each under a name of its own.
type maker struct {
	l *later
	n int
}

func (m *maker) made(path, body string) string {
	m.l.t.Helper()
	b, _ := m.l.do(201, "POST", path, body)
	return b["id"].(string)
}

func (m *maker) number() int { m.n++; return m.n }

func (m *maker) name() string { return fmt.Sprintf("Later %d", m.number()) }

func (m *maker) named() string { return fmt.Sprintf(`{"name":%q}`, m.name()) }

func (m *maker) person() string {
	return fmt.Sprintf(`{"name":"P","email":"p%d@example.com","role":"support"}`, m.number())
}

func (m *maker) role() string {
	return fmt.Sprintf(`{"name":%q,"permissions":["customer.read"]}`, m.name())
}

func (m *maker) field() string { return fmt.Sprintf(`{"label":%q,"type":"text"}`, m.name()) }

func (m *maker) hook() string {
	return fmt.Sprintf(`{"url":"https://example.com/%d","events":["customer.created"]}`, m.number())
}

func (m *maker) view() string {
	return fmt.Sprintf(`{"target":"customers","name":%q}`, m.name())
}

func (m *maker) contact() string {
	return "/contacts/" + m.made("/customers/"+m.l.customer(m.name())+"/contacts", m.named())
}

// change is a change of something that is made for it.
func (m *maker) change(list, create, body, field, want string, meanwhile ...string) kept {
	path := list + "/" + m.made(list, create)
	return kept{path, body, here(path), field, want, strings.Join(meanwhile, "")}
}

func at(list string) func(string) string {
	return func(result string) string { return list + "/" + result }
}

func here(path string) func(string) string { return func(string) string { return path } }

func suppressed(address string) func(string) string { return here("/suppressions?q=" + address) }

// keptForLater is, by operation, a change of every resource that can be asked for later.
func keptForLater(l *later) map[string]func() kept {
	m := &maker{l: l}
	out := m.records()
	maps.Copy(out, m.house())
	return out
}

func (m *maker) records() map[string]func() kept {
	return map[string]func() kept{
		"create-customer": func() kept { return kept{"/customers", m.named(), at("/customers"), "status", "active", ""} },
		"update-customer": func() kept {
			return m.change("/customers", m.named(), `{"city":"Oslo"}`, "city", "Oslo", `{"city":"Rome"}`)
		},
		"delete-customer": func() kept { return m.change("/customers", m.named(), "", "status", "closed") },
		"create-group":    func() kept { return kept{"/groups", m.named(), at("/groups"), "members", "0", ""} },
		"update-group": func() kept {
			return m.change("/groups", m.named(), `{"description":"cold"}`, "description", "cold", `{"description":"warm"}`)
		},
		"delete-group": func() kept { return m.change("/groups", m.named(), "", "", "gone") },
		"create-contact": func() kept {
			return kept{"/customers/" + m.l.customer(m.name()) + "/contacts", m.named(), at("/contacts"), "role", "viewer", ""}
		},
		"update-contact": func() kept {
			p := m.contact()
			return kept{p, `{"type":"boss"}`, here(p), "type", "boss", `{"type":"aide"}`}
		},
		"delete-contact": func() kept { p := m.contact(); return kept{p, "", here(p), "", "gone", ""} },
		"create-view":    func() kept { return kept{"/views", m.view(), at("/views"), "target", "customers", ""} },
		"update-view":    func() kept { return m.change("/views", m.view(), `{"q":"hansen"}`, "q", "hansen", `{"q":"olsen"}`) },
		"delete-view":    func() kept { return m.change("/views", m.view(), "", "", "gone") },
	}
}

// house is what people set up.
func (m *maker) house() map[string]func() kept {
	const template = "/email-templates/staff_password_changed/es"
	return map[string]func() kept{
		"create-custom-field": func() kept { return kept{"/custom-fields", m.field(), at("/custom-fields"), "type", "text", ""} },
		"update-custom-field": func() kept {
			return m.change("/custom-fields", m.field(), `{"help":"Ask"}`, "help", "Ask", `{"help":"Tell"}`)
		},
		"delete-custom-field": func() kept { return m.change("/custom-fields", m.field(), "", "", "gone") },
		"create-staff":        func() kept { return kept{"/staff", m.person(), at("/staff"), "status", "active", ""} },
		"patch-staff": func() kept {
			return m.change("/staff", m.person(), `{"role":"manager"}`, "roles", "[manager]", `{"roles":["support","read_only"]}`)
		},
		"delete-staff": func() kept { return m.change("/staff", m.person(), "", "", "gone") },
		"create-role":  func() kept { return kept{"/roles", m.role(), at("/roles"), "permissions", "[customer.read]", ""} },
		"patch-role": func() kept {
			return m.change("/roles", m.role(), `{"description":"at night"}`, "description", "at night", `{"description":"by day"}`)
		},
		"delete-role": func() kept { return m.change("/roles", m.role(), "", "", "gone") },
		"patch-settings": func() kept {
			return kept{"/settings", `{"organization_name":"Fjord"}`, here("/settings"), "organization_name", "Fjord", `{"organization_name":"Sound"}`}
		},
		"update-webhook": func() kept {
			return m.change("/webhooks", m.hook(), `{"events":["customer.*"]}`, "events", "[customer.*]", `{"events":["customer.updated"]}`)
		},
		"delete-webhook": func() kept { return m.change("/webhooks", m.hook(), "", "", "gone") },
		"save-email-template": func() kept {
			return kept{template, `{"subject":"Nuevo","text":"Hola {{name}}"}`, here(template), "subject", "Nuevo", `{"subject":"Otro","text":"Hola {{name}}"}`}
		},
		"reset-email-template": func() kept {
			other := strings.Replace(template, "/es", "/fr", 1)
			m.l.do(200, "PUT", other, `{"subject":"Autre","text":"Bonjour {{name}}"}`)
			return kept{other, "", here(other), "shipped", "true", ""}
		},
		"create-suppression": func() kept {
			return kept{"/suppressions", `{"address":"no@example.com"}`, suppressed("no@example.com"), "total", "1", ""}
		},
		"delete-suppression": func() kept {
			m.made("/suppressions", `{"address":"yes@example.com"}`)
			list, _ := m.l.do(200, "GET", "/suppressions?q=yes@example.com", "")
			id := list["items"].([]any)[0].(map[string]any)["id"].(string)
			return kept{"/suppressions/" + id, "", suppressed("yes@example.com"), "total", "0", ""}
		},
	}
}

// notKept is what has the shape of a resource and is not kept for later, and why.
var notKept = map[string]string{
	"create-token": "shows a secret once", "revoke-token": "a token has an end of its own", "create-webhook": "shows a secret once", "patch-sms-gateway": "shows a secret once",
	"patch-brand": "looked at while it is made", "patch-sign-up-settings": "looked at while it is made", "sign-up": "the way in", "put-logo": "a picture, looked at while it is chosen", "delete-logo": "a picture",
	"write-email": "sends", "update-import": "work at hand", "create-import": "work at hand", "cancel-job": "an action",
	"impersonate-contact": "opens a session", "resend-email": "sends",
	"update-scheduled-change": "a delayed save itself", "cancel-scheduled-change": "a delayed save itself",
	"create-sign-in-provider": "the way in, with a secret", "patch-sign-in-provider": "the way in, with a secret", "delete-sign-in-provider": "the way in",
	"provider-sign-in": "the way in", "provider-second-factor": "the way in", "remove-own-provider-link": "the way in", "remove-provider-link": "the way in",
	"sign-in": "the way in", "passkey-sign-in": "the way in", "add-passkey": "the way in", "remove-passkey": "the way in", "end-own-session": "the way in", "set-up": "the way in",
}

// changing is a route that changes something, as the document tells.
type changing struct {
	id, method, path string
	keeps, resource  bool
}

func changingOperations(l *later) []changing {
	l.t.Helper()
	address := l.url
	l.url = strings.TrimSuffix(address, "/v1")
	doc, _ := l.do(200, "GET", "/openapi.json", "")
	l.url = address
	var out []changing
	for path, item := range doc["paths"].(map[string]any) {
		for method, told := range item.(map[string]any) {
			o, ok := told.(map[string]any)
			if !ok || method == "get" || !strings.HasPrefix(path, "/api/v1/") {
				continue
			}
			op := changing{id: o["operationId"].(string), method: strings.ToUpper(method), path: strings.TrimPrefix(path, "/api/v1")}
			text, err := json.Marshal(o["parameters"])
			if err != nil {
				l.t.Fatal(err)
			}
			op.keeps = strings.Contains(string(text), `"Tandem-Apply-At"`)
			_, created := o["responses"].(map[string]any)["201"]
			op.resource = op.method == "PATCH" || op.method == "POST" && created || op.method == "DELETE" && strings.HasSuffix(path, "/{id}")
			out = append(out, op)
		}
	}
	slices.SortFunc(out, func(a, b changing) int { return strings.Compare(a.id, b.id) })
	return out
}

// read asks for something that may not be there.
func (l *later) read(path string) (int, map[string]any) {
	l.t.Helper()
	r, err := http.NewRequest(http.MethodGet, l.url+path, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+l.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var out map[string]any
	_ = json.NewDecoder(res.Body).Decode(&out)
	return res.StatusCode, out
}

func (l *later) shows(k kept, result string) bool {
	l.t.Helper()
	status, body := l.read(k.see(result))
	if k.want == "gone" {
		return status == 404 || body["removed_at"] != nil
	}
	return status == 200 && fmt.Sprint(body[k.field]) == k.want
}

// TestEveryRouteKeepsForLaterOrRefuses goes through the document: what has a time is never done at once.
func TestEveryRouteKeepsForLaterOrRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		samples := keptForLater(l)
		for _, op := range changingOperations(l) {
			sample := samples[op.id]
			delete(samples, op.id)
			switch {
			case op.keeps && sample == nil:
				t.Errorf("%s keeps changes for later: add one to keptForLater", op.id)
			case op.keeps:
				l.keeps(op, sample())
				if op.method != "POST" && op.method != "DELETE" {
					k := sample()
					l.conflicts(op, k)
					l.takesBack(op, k)
				}
			case op.resource && !strings.HasPrefix(op.path, "/portal/") && notKept[op.id] == "":
				t.Errorf("%s %s has the shape of a resource: let it keep changes for later (Delays, an applier), or say in notKept why not", op.method, op.path)
			case strings.HasPrefix(op.path, "/portal/"): // of contacts, who keep nothing for later
			default:
				path := strings.NewReplacer("{id}", "cus_00000000000", "{key}", "x", "{language}", "en", "{line}", "1").Replace(op.path)
				told, _ := l.do(422, op.method, path, `{}`, "Tandem-Apply-At", "+1h")
				if text := fmt.Sprint(told["errors"]); !strings.Contains(text, "not_here") || !strings.Contains(text, "Tandem-Apply-At") {
					t.Errorf("%s refuses with %s", op.id, text)
				}
			}
		}
		for id := range samples {
			t.Errorf("there is no operation %s that keeps changes for later", id)
		}
		checked(t, l.app)
	})
}

// keeps asks for a change later, sees that nothing happened, and has it made.
func (l *later) keeps(op changing, k kept) {
	l.t.Helper()
	made, _ := l.do(202, op.method, k.path, k.body, "Tandem-Apply-At", "+1h")
	sch := made["id"].(string)
	if made["op"] != "create" && l.shows(k, "") {
		l.t.Errorf("%s was done at once", op.id)
	}
	if got := l.wantState(sch, "pending", ""); got["result_id"] != "" || len(got["diff"].([]any)) == 0 {
		l.t.Errorf("%s is kept as %v", op.id, got)
	}
	l.pass(time.Hour)
	done := l.wantState(sch, "applied", "")
	if !l.shows(k, fmt.Sprint(done["result_id"])) {
		_, body := l.read(k.see(fmt.Sprint(done["result_id"])))
		l.t.Errorf("%s was not made: %v", op.id, body)
	}
}

// conflicts has somebody else change the field meanwhile: nothing is changed until somebody decides.
func (l *later) conflicts(op changing, k kept) {
	l.t.Helper()
	if l.shows(k, "") { // the one thing of its kind has been changed by now
		l.do(200, op.method, k.path, k.meanwhile)
	}
	made, _ := l.do(202, op.method, k.path, k.body, "Tandem-Apply-At", "+1h")
	other := k.meanwhile
	if _, now := l.read(k.see("")); strings.Contains(other, fmt.Sprint(now[k.field])) {
		other = strings.Replace(other, "Sound", "Strait", 1)
		other = strings.Replace(other, "Otro", "Tercero", 1)
	}
	l.do(200, op.method, k.path, other)
	l.pass(time.Hour)
	told := l.wantState(made["id"].(string), "conflicted", "conflicted")
	if text := fmt.Sprint(told["diff"]); l.shows(k, "") || !strings.Contains(text, "conflict:true") {
		l.t.Errorf("%s conflicts and tells %s", op.id, text)
	}
	l.do(200, "POST", "/scheduled-changes/"+made["id"].(string)+"/resolve", `{"action":"apply"}`)
	if !l.shows(k, "") {
		l.t.Errorf("%s was not made when it was decided", op.id)
	}
	l.do(200, op.method, k.path, other)
}

// takesBack makes a change at once, and sees that it is taken back at its time.
func (l *later) takesBack(op changing, k kept) {
	l.t.Helper()
	_, before := l.read(k.see(""))
	l.do(200, op.method, k.path, k.body, "Tandem-Revert-At", "+1h")
	if !l.shows(k, "") {
		l.t.Errorf("%s was not made at once", op.id)
	}
	l.pass(time.Hour)
	if _, now := l.read(k.see("")); fmt.Sprint(now[k.field]) != fmt.Sprint(before[k.field]) {
		l.t.Errorf("%s left %v, where %v was before", op.id, now[k.field], before[k.field])
	}
}
