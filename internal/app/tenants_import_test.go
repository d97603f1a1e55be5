package app_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tandem/internal/app"
	"tandem/internal/core/customer"
	"tandem/internal/kit/id"
)

// file uploads a CSV as somebody and gives the address of the import.
func (w *world) file(t *testing.T, who caller, name, text string) string {
	t.Helper()
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" + text + "\r\n--x--\r\n"
	headers := map[string]string{"Content-Type": "multipart/form-data; boundary=x"}
	for k, v := range who.headers {
		headers[k] = v
	}
	status, answer := w.whole("POST", "/api/v1/imports", body, headers)
	_, after, ok := strings.Cut(string(answer), `"id":"`)
	if status != http.StatusCreated || !ok {
		t.Fatalf("%s uploads: %d %s", who.name, status, answer)
	}
	public, _, _ := strings.Cut(after, `"`)
	return "/api/v1/imports/" + public
}

// through runs the job that an action of an import begins.
func (w *world) through(t *testing.T, who caller, address string) {
	t.Helper()
	status, answer := w.whole("POST", address, "{}", who.headers)
	_, after, ok := strings.Cut(string(answer), `"id":"`)
	if status != http.StatusAccepted || !ok {
		t.Fatalf("%s asks %s: %d %s", who.name, address, status, answer)
	}
	public, _, _ := strings.Cut(after, `"`)
	n, err := id.Parse("job", public)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.app.Jobs.RunHere(app.CommandLine(context.Background()), n, nil); err != nil {
		t.Fatal(err)
	}
}

// TestAResellerImportsItsOwn: rows go under the reseller or one of its own, are about what it sees alone, and are told of
// the rest only that something is taken; imports of others are not there.
func TestAResellerImportsItsOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		w := newWorld(t, c)
		all := w.tenants()
		ctx := app.CommandLine(context.Background())
		people := w.placed(all.mine.reseller.ID)
		me, other := people[0], w.placed(all.other.reseller.ID)[0]
		before, err := w.app.Customers.Get(ctx, all.other.kid.ID)
		if err != nil {
			t.Fatal(err)
		}
		text := "Name,E-mail,Reference number,Customer ID,Reseller,City\n" +
			"One,one@example.org,,,,Oslo\n" + // under the reseller itself
			"Two,,,,Reseller zqchild,Oslo\n" + // under one of its own
			"Three,,,,Reseller zqforeign2,Oslo\n" + // no such reseller
			"Four,zqforeign2-k@example.org,,,,Oslo\n" + // taken, by nobody it knows
			"Five,,ref-zqforeign2,,,Oslo\n" +
			"Six,,," + all.other.kid.CustomerID + ",,Oslo\n" + // nobody's number
			"Kid zqmine,zqmine-k@example.org,,,,Bergen\n" // its own, changed
		at := w.file(t, me, "mine.csv", text)
		if status, answer := w.whole("PATCH", at, `{"mode":"upsert","match":["customer_id","reference","email"]}`, me.headers); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
		w.through(t, me, at+"/check")
		w.through(t, me, at+"/run")
		_, rows := w.whole("GET", at+"/rows", "", me.headers)
		told := strings.ToLower(string(rows))
		for _, cell := range []string{"reseller zqforeign2", "zqforeign2-k@example.org", "ref-zqforeign2"} { // what it wrote itself
			told = strings.ReplaceAll(told, cell, "")
		}
		if strings.Contains(told, foreignMark) || strings.Contains(told, id.Format(customer.Prefix, all.other.kid.ID)) {
			t.Errorf("the rows tell of others: %s", rows)
		}
		for _, want := range []string{`"code":"unknown_reseller"`, `Another customer has this e-mail address already.`, `Another customer has this reference number already.`} {
			if !strings.Contains(string(rows), want) {
				t.Errorf("the rows do not say %s: %s", want, rows)
			}
		}
		want := map[string]int64{"One": all.mine.reseller.ID, "Two": all.child.reseller.ID, "Six": all.mine.reseller.ID}
		for name, above := range want {
			status, answer := w.whole("GET", "/api/v1/customers?q="+name, "", me.headers)
			if status != 200 || !strings.Contains(string(answer), fmt.Sprintf(`"reseller":{"id":%q`, id.Format(customer.Prefix, above))) {
				t.Errorf("%s: %d %s", name, status, answer)
			}
		}
		if after, err := w.app.Customers.Get(ctx, all.other.kid.ID); err != nil || after.Version != before.Version {
			t.Errorf("a foreign customer became %+v, %v", after, err)
		}
		if own, err := w.app.Customers.Get(ctx, all.mine.kid.ID); err != nil || own.City != "Bergen" {
			t.Errorf("its own customer: %+v, %v", own, err)
		}
		w.importsAreOnesOwn(t, at, me, other)
		w.through(t, me, at+"/undo")
		if own, err := w.app.Customers.Get(ctx, all.mine.kid.ID); err != nil || own.City != "" {
			t.Errorf("taken back: %+v, %v", own, err)
		}
		checked(t, w.app)
	})
}

// importsAreOnesOwn asks everything about an import as somebody else who has a place.
func (w *world) importsAreOnesOwn(t *testing.T, at string, me, other caller) {
	t.Helper()
	theirs := w.file(t, other, "theirs.csv", "Name\n"+foreignMark+"\n")
	for _, c := range []struct {
		who  caller
		path string
	}{{other, at}, {me, theirs}} {
		for _, r := range w.routes() {
			if !strings.HasPrefix(r.Path, "/imports/{id}") {
				continue
			}
			address := "/api/v1" + strings.NewReplacer("/imports/{id}", "", "{line}", "2").Replace(r.Path)
			address = strings.Replace(address, "/api/v1", c.path, 1)
			body := ""
			if r.Method != "GET" {
				body = `{}`
				if r.Method == "PUT" {
					body = `{"cells":{"0":"x"}}`
				}
			}
			if status, answer := w.whole(r.Method, address, body, c.who.headers); status != http.StatusNotFound {
				t.Errorf("%s %s asked by %s: %d %s", r.Method, address, c.who.name, status, answer)
			}
		}
		if status, answer := w.whole("GET", "/api/v1/imports?limit=100", "", c.who.headers); status != 200 || strings.Contains(string(answer), strings.TrimPrefix(c.path, "/api/v1/imports/")) {
			t.Errorf("the list of %s: %d %s", c.who.name, status, answer)
		}
	}
}
