package rest_test

import (
	"strings"
	"testing"

	"tandem/internal/edge/rest"
	"tandem/internal/kit/db/dbtest"
)

func TestAFieldIsNamedOnceAndExactly(t *testing.T) {
	t.Parallel()
	h := newSigned(t, dbtest.SQLite(t), func(*rest.Config) {})
	admin := h.setUp()
	try := func(body string) *answer { return h.do("", "POST", "/api/v1/staff", body, "Cookie", admin) }
	for _, twice := range []string{
		`{"name":"Bob","email":"b@example.com","role":"support","role":"admin"}`,
		`{"name":"Bob","email":"b@example.com","role":"support","r\u006fle":"admin"}`,
		`{"name":"Bob","name":"Bob","email":"b@example.com","role":"support"}`,
	} {
		if p := try(twice).problem(400, "malformed"); !strings.Contains(p.Errors[0].Message, "twice") {
			t.Errorf("%s: %+v", twice, p)
		}
	}
	if p := try(`{"name":"Bob","email":"b@example.com","Role":"support","role":"support"}`).problem(422, "invalid"); field(p, "Role") != "unknown_field" {
		t.Errorf("%+v", p)
	}
	if p := try(`{"NAME":"Bob","email":"b@example.com","role":"support"}`).problem(422, "invalid"); field(p, "NAME") != "unknown_field" {
		t.Errorf("%+v", p)
	}
	try(`{"name":"a:{\"b\",\"b\"}[\\","email":"b@example.com","role":"support"}`).want(201)
}
