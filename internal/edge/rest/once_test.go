package rest_test

import (
	"context"
	"strings"
	"testing"

	"tandem/internal/edge/rest"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// loseAnswers leaves the keys as a process does that is killed between the effect and keeping the answer, long ago.
func (h *harness) loseAnswers() {
	h.t.Helper()
	err := h.DB.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec("UPDATE idempotency_keys SET status = 0, headers = '', body = $1, created_at = 1", []byte{})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestALostAnswerIsMadeAnew(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, h *harness) {
		for _, made := range []struct{ path, body, change string }{
			{"/api/v1/customers", `{"name":"Nora","email":"nora@example.org"}`, `{"city":"Oslo"}`},
			{"/api/v1/groups", `{"name":"North","type":"territory"}`, `{"description":"cold"}`},
			{"/api/v1/custom-fields", `{"label":"Seats","type":"number"}`, `{"help":"how many"}`},
		} {
			key := "key of " + made.path
			first := h.do("admin", "POST", made.path, made.body, "Idempotency-Key", key).want(201)
			at := first.Header.Get("Location")
			h.loseAnswers()
			again := h.do("admin", "POST", made.path, made.body, "Idempotency-Key", key).want(201)
			if again.object()["id"] != first.object()["id"] || again.Header.Get("Location") != at || again.Header.Get("ETag") != first.Header.Get("ETag") || again.Header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("%s: made anew %v %s, first %v %s", made.path, again.Header, again.Body, first.Header, first.Body)
			}
			h.do("admin", "PATCH", at, made.change).want(200)
			if third := h.do("admin", "POST", made.path, made.body, "Idempotency-Key", key).want(201); string(third.Body) != string(again.Body) {
				t.Errorf("%s: what was made anew is not kept: %s", made.path, third.Body)
			}
			h.loseAnswers()
			if now := h.do("admin", "POST", made.path, made.body, "Idempotency-Key", key).want(201); now.object()["version"] != 2.0 || now.Header.Get("ETag") != `"2"` {
				t.Errorf("%s: changed meanwhile, it is told as %s", made.path, now.Body)
			}
			h.do("admin", "POST", made.path, strings.Replace(made.body, ":", ": ", 1), "Idempotency-Key", key).problem(409, "idempotency_conflict")
			if l := h.do("admin", "GET", made.path, nil).want(200).object(); len(l["items"].([]any)) != 1 {
				t.Errorf("%s: %v", made.path, l)
			}
		}
		group := h.do("admin", "POST", "/api/v1/groups", `{"name":"Gone"}`, "Idempotency-Key", "gone", "X-Request-Id", "first-one").want(201)
		h.do("admin", "DELETE", group.Header.Get("Location"), nil).want(204)
		h.loseAnswers()
		if p := h.do("admin", "POST", "/api/v1/groups", `{"name":"Gone"}`, "Idempotency-Key", "gone").problem(409, "idempotency_answer_lost"); !strings.Contains(p.Detail, "first-one") {
			t.Errorf("what is gone is told as %s", p.Detail)
		}
	})
}

func TestALostAnswerOfSecretsAndJobs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		admin := h.setUp()
		in := map[string]any{"name": "shell", "role": "support"}
		first := h.do("", "POST", "/api/v1/api-tokens", in, "Cookie", admin, "Idempotency-Key", "k").want(201).object()
		h.loseAnswers()
		again := h.do("", "POST", "/api/v1/api-tokens", in, "Cookie", admin, "Idempotency-Key", "k").want(201).object()
		if again["id"] != first["id"] || again["token"] != nil || first["token"] == nil {
			t.Errorf("made anew %v, first %v", again, first)
		}
		person := map[string]string{"name": "Bob", "email": "bob@example.com", "role": "support"}
		bob := h.do("", "POST", "/api/v1/staff", person, "Cookie", admin, "Idempotency-Key", "s").want(201).object()
		h.loseAnswers()
		if now := h.do("", "POST", "/api/v1/staff", person, "Cookie", admin, "Idempotency-Key", "s").want(201).object(); now["id"] != bob["id"] {
			t.Errorf("made anew %v, first %v", now, bob)
		}
	})
	eachBulk(t, func(t *testing.T, h bulkDesk) {
		one := h.customer(`{"name":"One"}`)
		ask := map[string]any{"ids": []string{one}, "changes": []map[string]string{{"field": "city", "value": "Oslo"}}}
		first := h.do("admin", "POST", "/api/v1/customers/bulk-update", ask, "Idempotency-Key", "b").want(202)
		h.loseAnswers()
		again := h.do("admin", "POST", "/api/v1/customers/bulk-update", ask, "Idempotency-Key", "b").want(202)
		if again.object()["id"] != first.object()["id"] || again.Header.Get("Location") != first.Header.Get("Location") {
			t.Errorf("made anew %s, first %s", again.Body, first.Body)
		}
	})
}
