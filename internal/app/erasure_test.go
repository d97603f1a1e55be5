package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
)

// everywhere is the tables and columns of the whole database that hold a text, with how many rows.
func (l *later) everywhere(text string) (out []string) {
	l.t.Helper()
	ctx := context.Background()
	tables := `SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'`
	columns := `SELECT name FROM pragma_table_info($1)`
	like := `SELECT COUNT(*) FROM "%s" WHERE instr(CAST("%s" AS BLOB), CAST($1 AS BLOB)) > 0`
	if l.app.DB.Dialect() == db.Postgres {
		tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`
		columns = `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 AND data_type IN ('text', 'bytea')`
		like = `SELECT COUNT(*) FROM "%[1]s" WHERE position($1 in COALESCE(CASE WHEN pg_typeof("%[2]s")::text = 'bytea' THEN encode(CAST(CAST("%[2]s" AS TEXT) AS BYTEA), 'escape') ELSE CAST("%[2]s" AS TEXT) END, '')) > 0`
	}
	var names []string
	if err := l.app.DB.Read().SelectContext(ctx, &names, tables); err != nil {
		l.t.Fatal(err)
	}
	for _, table := range names {
		var fields []string
		if err := l.app.DB.Read().SelectContext(ctx, &fields, columns, table); err != nil {
			l.t.Fatal(err)
		}
		for _, field := range fields {
			for _, word := range []string{text, strings.ToLower(text)} {
				var n int
				if err := l.app.DB.Read().GetContext(ctx, &n, fmt.Sprintf(like, table, field), word); err != nil {
					l.t.Fatalf("%s.%s: %v", table, field, err)
				}
				if n > 0 {
					out = append(out, fmt.Sprintf("%s.%s: %d %q", table, field, n, word))
				}
			}
		}
	}
	return out
}

// runs runs a job to its end.
func (l *later) runs(made map[string]any) map[string]any {
	l.t.Helper()
	var n int64
	job := made["id"].(string)
	if err := l.app.DB.Read().GetContext(context.Background(), &n, "SELECT MAX(id) FROM jobs"); err != nil {
		l.t.Fatal(err)
	}
	if err := l.app.Jobs.RunHere(app.CommandLine(context.Background()), n, nil); err != nil {
		l.t.Fatalf("the job %s: %v", job, err)
	}
	got, _ := l.do(200, "GET", "/jobs/"+job, "")
	return got
}

const marker = "Zqmarker"

// marked makes a customer and a contact that bear the mark wherever a text may stand, by the doors there are.
func (l *later) marked() (customerID, number, contactID string) {
	l.t.Helper()
	text := func(names ...string) string {
		var b strings.Builder
		for _, n := range names {
			fmt.Fprintf(&b, `,%q:"%s %s"`, n, marker, n)
		}
		return b.String()
	}
	made, _ := l.do(201, "POST", "/customers", `{"billing_type":"prepaid","email":"first.`+marker+`@example.org","telephone":"+4722334455","custom":{"shoe":"`+marker+`"}`+
		text("name", "reference", "first_name", "last_name", "company", "description", "address_1", "address_2", "city", "province", "postal_code", "tax_number", "external_id")+`}`,
		"Idempotency-Key", "made-"+marker, "Tandem-Comment", "as "+marker+" asked")
	customerID, number = made["id"].(string), made["customer_id"].(string)
	l.do(200, "PATCH", "/customers/"+customerID, `{"email":"second.`+marker+`@example.org","city":"`+marker+`stad"}`, "Idempotency-Key", "again")
	l.do(202, "PATCH", "/customers/"+customerID, `{"description":"later `+marker+`"}`, "Tandem-Apply-At", "+1h", "Tandem-Comment", "for "+marker)
	bulk, _ := l.do(202, "POST", "/customers/bulk-update", `{"ids":["`+customerID+`"],"changes":[{"field":"province","op":"set","value":"bulk `+marker+`"}],"comment":"many `+marker+`"}`)
	l.runs(bulk)
	contact, _ := l.do(201, "POST", "/customers/"+customerID+"/contacts", `{"email":"person.`+marker+`@example.org","role":"owner","allowed_ips":["192.0.2.0/24"]`+
		text("name", "type", "public_notes", "private_notes")+`}`)
	contactID = contact["id"].(string)
	l.do(200, "PATCH", "/contacts/"+contactID, `{"name":"`+marker+` Newname"}`)
	l.do(201, "POST", "/suppressions", `{"address":"person.`+marker+`@example.org"}`)
	l.plant(customerID, contactID)
	return customerID, number, contactID
}

// plant writes rows as their owners write them, where a door would need a server of its own.
func (l *later) plant(customerID, contactID string) {
	l.t.Helper()
	k, _ := id.Parse("cus", customerID)
	p, _ := id.Parse("con", contactID)
	empty := []byte{}
	for _, row := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO emails (id, template_key, template_version, language, to_address, to_key, subject, subject_key, body_text, body_html, sealed, state, attempts,
			next_attempt_at, give_up_at, last_error, message_id, customer_id, staff_id, resend_of, created_at, author, sent_at)
			VALUES (71, 'customer_message', 0, 'en', $1, $2, $1, $2, $1, $1, $3, 'queued', 0, 9000000000000000, 9000000000000000, $1, '', $4, 0, 0, 1, '', 0)`, []any{marker, strings.ToLower(marker), empty, k}},
		{`INSERT INTO imports (id, target, file_id, file_name, size, state, setup, progress, checked, owner, owner_name, created_at, updated_at)
			VALUES (72, 'customers', 0, 'x.csv', 1, 'done', '{}', '{}', '', 'system:0', 'x', 1, 1)`, nil},
		{`INSERT INTO import_rows (import_id, phase, line, outcome, row_id, version, print_a, print_b, problems, cells, former, kept)
			VALUES (72, 1, 2, 'updated', $1, 1, 0, 0, $2, $2, $2, $2)`, []any{k, marker}},
		{`INSERT INTO import_rows (import_id, phase, line, outcome, row_id, version, print_a, print_b, problems, cells, former, kept) VALUES (72, 0, 2, 'wrong', 0, 0, 0, 0, $1, $1, '', '')`, []any{marker}},
		{`INSERT INTO import_fixes (import_id, line, cells, updated_at) VALUES (72, 2, $1, 1)`, []any{marker}},
		{`INSERT INTO webhook_events (id, type, resource, row_id, row_ref, at, body) VALUES (73, 'contact.updated', 'contacts', $1, 'con_x', 1, $2)`, []any{p, `{"id":"evt_1","data":{"name":"` + marker + `"}}`}},
		{`INSERT INTO webhook_deliveries (id, webhook_id, event_id, type, resource, row_id, line, row_ref, state, tries, attempts, next_at, status, last_error, created_at, finished_at)
			VALUES (74, 1, 73, 'contact.updated', 'contacts', $1, 1, 'con_x', 'delivered', 1, 1, 1, 200, $2, 1, 1)`, []any{p, marker}},
		{`INSERT INTO webhook_attempts (delivery_id, n, at, duration, status, error, request_headers, response_headers, response_body, cut) VALUES (74, 1, 1, 1, 200, $1, '{}', '{}', $2, 0)`, []any{marker, []byte(marker)}},
		{`INSERT INTO notices (id, person, at, code, table_name, row_id, name, name_key, detail, read_at) VALUES (75, 'staff:1', 1, 'email_failed', 'emails', 71, $1, $2, $1, 0)`, []any{marker, strings.ToLower(marker)}},
		{`INSERT INTO impersonations (id, staff_id, staff_name, staff_session, contact_id, contact_name, customer_id, reason, link, link_until, started_at, expires_at, ended_at, ended_why)
			VALUES (76, 1, 'x', $1, $2, $3, $4, $3, $1, 1, 1, 1, 1, 'x')`, []any{empty, p, marker, k}},
	} {
		l.write(row.text, row.args...)
	}
}

func (l *later) write(text string, args ...any) {
	l.t.Helper()
	err := l.app.DB.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(text, args...); return err })
	if err != nil {
		l.t.Fatalf("%v: %s", err, text)
	}
}

// sent is a message that went to an address.
func (l *later) sent(n int64, channel, to, text string, customerID int64) {
	l.t.Helper()
	l.write(`INSERT INTO emails (id, template_key, template_version, language, to_address, to_key, subject, subject_key, body_text, body_html, sealed, state, attempts,
		next_attempt_at, give_up_at, last_error, message_id, customer_id, staff_id, resend_of, created_at, author, sent_at, channel)
		VALUES ($1, 'customer_message', 0, 'en', $2, $3, $4, $4, $4, '', $5, 'sent', 1, 1, 1, '', '', $6, 0, 0, 1, '', 1, $7)`,
		n, to, strings.ToLower(to), text, []byte{}, customerID, channel)
}

func TestErasingLeavesNoTrace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		customerID, number, contactID := l.marked()
		before := len(l.everywhere(marker))
		if before < 20 {
			t.Fatalf("the mark stands in few places: %v", l.everywhere(marker))
		}
		path := "/customers/" + customerID + "/erasure"
		ask := func(confirm, reason string) string { return fmt.Sprintf(`{"confirm":%q,"reason":%q}`, confirm, reason) }
		l.do(409, "POST", path, ask(number, "asked by letter"))
		l.do(204, "DELETE", "/customers/"+customerID, "")
		l.do(422, "POST", path, ask(number, " "))
		l.do(422, "POST", path, ask("somebody else", "asked by letter"))
		preview, _ := l.do(200, "GET", path, "")
		if len(preview["counts"].([]any)) < 6 || preview["ready"] != true {
			t.Errorf("the preview %v", preview)
		}
		l.clock.Advance(10 * time.Minute)
		l.runs(l.asked(202, "POST", path, ask(strings.ToLower(number), "asked by letter")))
		for _, place := range l.everywhere(marker) {
			t.Errorf("it stands still in %s", place)
		}
		got, _ := l.do(200, "GET", "/customers/"+customerID, "")
		if got["name"] != "Erased customer "+number || got["email"] != "" || got["erased_at"] == nil || got["customer_id"] != number {
			t.Errorf("left is %v", got)
		}
		if told, _ := got["erased"].(map[string]any); told["by"] == "" || told["at"] == nil || told["done_at"] == nil {
			t.Errorf("its page is told %v", got["erased"])
		}
		if person, _ := l.do(200, "GET", "/contacts/"+contactID, ""); person["erased"] == nil {
			t.Errorf("the contact's page is told nothing: %v", person)
		}
		l.do(422, "PATCH", "/customers/"+customerID, `{"status":"inactive"}`)
		after, _ := l.do(200, "GET", path, "")
		if last, _ := after["last"].(map[string]any); len(after["counts"].([]any)) != 0 || last["reason"] != "asked by letter" || last["done_at"] == nil {
			t.Errorf("afterwards %v", after)
		}
		l.runs(l.asked(202, "POST", path, ask(number, "once more"))) // it may be done again
		l.clock.Advance(10 * time.Minute)
		if _, err := l.app.Audit.Seal(context.Background()); err != nil {
			t.Fatal(err)
		}
		checked(t, l.app)
	})
}

func TestErasingOneContact(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		customerID, _, _ := l.marked()
		person := "Qzperson"
		made, _ := l.do(201, "POST", "/customers/"+customerID+"/contacts", fmt.Sprintf(`{"name":"%[1]s One","email":"%[1]s@example.org","type":"%[1]s","public_notes":"%[1]s"}`, person))
		contactID := made["id"].(string)
		l.do(200, "PATCH", "/contacts/"+contactID, `{"public_notes":"`+person+` again"}`, "Tandem-Comment", person+" called")
		l.do(200, "PATCH", "/contacts/"+contactID, `{"email":"new.`+person+`@example.org","mobile":"+4790000001"}`)
		l.do(200, "PATCH", "/contacts/"+contactID, `{"mobile":"+4790000002"}`)
		n, _ := id.Parse("con", contactID)
		k, _ := id.Parse("cus", customerID)
		l.sent(81, "email", person+"@example.org", person+" and the old address", k)
		l.sent(82, "sms", "+4790000001", person+" and the old number", k)
		l.sent(83, "sms", "+4790000003", "Somebody else’s", k)
		l.write(`INSERT INTO preferences (principal, key, value, updated_at) VALUES ($1, 'portal', $2, 1)`, fmt.Sprintf("contact:%d", n), `"`+person+`"`)
		l.runs(l.asked(202, "POST", "/contacts/"+contactID+"/erasure", `{"confirm":"`+person+` One","reason":"asked on the telephone"}`))
		var kept string
		if err := l.app.DB.Read().GetContext(context.Background(), &kept, "SELECT body_text FROM emails WHERE id = 83"); err != nil || kept == "" {
			t.Errorf("a text to another is gone too: %q, %v", kept, err)
		}
		for _, number := range []string{"+4790000001", "+4790000002"} {
			for _, place := range l.everywhere(number) {
				t.Errorf("the number stands still in %s", place)
			}
		}
		for _, place := range l.everywhere(person) {
			t.Errorf("it stands still in %s", place)
		}
		if got, _ := l.do(200, "GET", "/customers/"+customerID, ""); !strings.Contains(fmt.Sprint(got["name"]), marker) || got["erased"] != nil {
			t.Errorf("the customer is %v, erased %v", got["name"], got["erased"])
		}
		if got, _ := l.do(200, "GET", "/contacts/"+contactID, ""); got["erased"] == nil {
			t.Errorf("the contact's page is told nothing: %v", got)
		}
		if left := l.everywhere(marker); len(left) < 20 {
			t.Errorf("others went too: %v", left)
		}
		checked(t, l.app)
	})
}

// asked is do, of which the body alone is looked at.
func (l *later) asked(want int, method, path, body string) map[string]any {
	l.t.Helper()
	got, _ := l.do(want, method, path, body)
	return got
}

// A reseller of whom everything bears the mark: its brand, and what its owner wrote in the portal.
func TestErasingWhatThePortalAndTheBrandHold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		ctx := app.CommandLine(context.Background())
		reseller, err := h.app.Customers.Create(ctx, customer.Draft{Name: marker + " Telecom", Kind: customer.KindReseller, Status: customer.StatusActive})
		if err != nil {
			t.Fatal(err)
		}
		resellerID := id.Format(customer.Prefix, reseller.ID)
		domain := "my." + strings.ToLower(marker) + ".example"
		h.ann.do("PATCH", "/brands/"+resellerID, `{"name":"`+marker+` Tel","domain":"`+domain+`","support_email":"help@`+domain+`","website":"https://`+domain+`"}`).want(t, 200, "")
		h.ann.upload("/brands/"+resellerID+"/logos/light", logo(t, 40, 20)).want(t, 200, "")
		_, owner := h.letIn(resellerID, marker+" Owner", strings.ToLower(marker)+"@example.com", "owner")
		owner.do("PATCH", "/portal/profile", `{"name":"`+marker+` Renamed"}`).want(t, 200, "")
		owner.do("PATCH", "/portal/customer", `{"address_1":"`+marker+` street","city":"`+marker+`"}`).want(t, 200, "")
		owner.do("POST", "/portal/contacts", `{"name":"`+marker+` Second","email":"second.`+marker+`@example.com"}`).want(t, 201, "")
		owner.do("POST", "/portal/contacts", `{"name":"`+marker+` Third","email":"no address `+marker+`"}`).want(t, 422, "invalid")
		l := &later{t: t, app: h.app, clock: h.clock}
		h.ann.do("DELETE", "/customers/"+resellerID, "").want(t, 204, "")
		h.ann.do("POST", "/customers/"+resellerID+"/erasure", `{"confirm":"`+reseller.CustomerID+`","reason":"asked by letter"}`).want(t, 202, "")
		var n int64
		if err := h.app.DB.Read().GetContext(ctx, &n, "SELECT MAX(id) FROM jobs"); err != nil {
			t.Fatal(err)
		}
		if err := h.app.Jobs.RunHere(ctx, n, nil); err != nil {
			t.Fatal(err)
		}
		for _, place := range l.everywhere(marker) {
			t.Errorf("it stands still in %s", place)
		}
		var logos int
		if err := h.app.DB.Read().GetContext(ctx, &logos, "SELECT COUNT(*) FROM brand_logos"); err != nil || logos != 0 {
			t.Errorf("%d logos are left, %v", logos, err)
		}
		owner.do("GET", "/portal/session", "").want(t, 401, "not_signed_in")
		if got := h.at(domain).do("GET", "/brand", "").want(t, 200, ""); got.at("portal") != "false" {
			t.Errorf("the domain opens a portal still: %s", got.text)
		}
		checked(t, h.app)
	})
}
