package rest

import (
	"context"
	"encoding/json"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/core/group"
	"tandem/internal/core/notify"
	"tandem/internal/core/role"
	"tandem/internal/core/schedule"
	"tandem/internal/core/setting"
	"tandem/internal/core/staff"
	"tandem/internal/core/view"
	"tandem/internal/core/webhook"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// Resources is the services of what can be changed later, beside the customers.
type Resources struct {
	Customers    *customer.Service
	Groups       *group.Service
	Contacts     *contact.Service
	CustomFields *customfield.Service
	Staff        *staff.Service
	Roles        *role.Service
	Settings     *setting.Service
	Webhooks     *webhook.Service
	Mail         *notify.Service
	Views        *view.Service
}

// Appliers lets changes of all that has an ordinary create, change and removal be asked for later.
func Appliers(r Resources) []schedule.Applier {
	return []schedule.Applier{CustomerApplier(r.Customers), groupApplier(r.Groups), contactApplier(r.Contacts), customFieldApplier(r.CustomFields), staffApplier(r.Staff),
		roleApplier(r.Roles), settingApplier(r.Settings), webhookApplier(r.Webhooks), templateApplier(r.Mail), suppressionApplier(r.Mail), viewApplier(r.Views)}
}

// stale is how the row that a lost race carries is shown.
func stale[R, B any](body func(R) B) func(context.Context, error) error {
	return func(_ context.Context, err error) error { return current(err, body) }
}

func groupApplier(s *group.Service) schedule.Applier {
	return applier[*group.Service, group.Group]{
		resource: "groups", prefix: group.Prefix, noun: "group", reads: access.GroupRead, service: s, body: stale(groupBody),
		get: func(ctx context.Context, s *group.Service, row int64) (group.Group, error) { return s.Get(ctx, row) },
		row: func(_ context.Context, g group.Group) (schedule.Row, error) {
			return rowOf[GroupPatch](g.ID, g.Version, g.Name, groupBody(g))
		},
		create: func(ctx context.Context, s *group.Service, t schedule.Task) (group.Group, error) {
			p, err := readPatch[GroupPatch](t.Patch)
			if err != nil {
				return group.Group{}, err
			}
			return s.Create(ctx, p.over(group.Input{}))
		},
		update: func(ctx context.Context, s *group.Service, t schedule.Task) (group.Group, error) {
			p, err := readPatch[GroupPatch](t.Patch)
			if err != nil {
				return group.Group{}, err
			}
			return changeGroup(ctx, s, t.Row, t.Version, p)
		},
		remove: func(ctx context.Context, s *group.Service, t schedule.Task) error {
			moveTo, err := moveTo(t.Options["reassign_to"])
			if err != nil {
				return err
			}
			return s.Delete(ctx, t.Row, t.Version, moveTo)
		},
	}
}

func contactApplier(s *contact.Service) schedule.Applier {
	return applier[*contact.Service, *contact.Contact]{
		resource: "contacts", prefix: contact.Prefix, noun: "contact", reads: access.ContactRead, service: s, body: currentContact,
		rules: schedule.Rules{Beside: []string{"insist"}, Untold: []string{"public_notes", "private_notes"},
			Needs: map[string]access.Permission{"private_notes": access.ContactPrivateNotes}},
		get: func(ctx context.Context, s *contact.Service, row int64) (*contact.Contact, error) {
			c, err := s.Get(ctx, row)
			if err == nil && !c.RemovedAt.IsZero() {
				err = errs.NotFound("contact")
			}
			return c, err
		},
		row: func(ctx context.Context, c *contact.Contact) (schedule.Row, error) {
			row, err := rowOf[ContactPatch](c.ID, c.Version, c.Name+" ("+c.Customer.Name+")", oneContact(ctx, c))
			row.Customer = c.Customer.ID
			return row, err
		},
		create: func(ctx context.Context, s *contact.Service, t schedule.Task) (*contact.Contact, error) {
			p, err := readPatch[ContactPatch](t.Patch)
			if err != nil {
				return nil, err
			}
			n, err := s.Customers.Resolve(ctx, t.Options["customer"])
			if err != nil {
				return nil, err
			}
			return s.Create(ctx, n, p.patch())
		},
		update: func(ctx context.Context, s *contact.Service, t schedule.Task) (*contact.Contact, error) {
			p, err := readPatch[ContactPatch](t.Patch)
			if err != nil {
				return nil, err
			}
			return s.Update(ctx, t.Row, t.Version, p.patch())
		},
		remove: func(ctx context.Context, s *contact.Service, t schedule.Task) error {
			return s.Delete(ctx, t.Row, t.Version)
		},
	}
}

func customFieldApplier(s *customfield.Service) schedule.Applier {
	return applier[*customfield.Service, customfield.Field]{
		resource: "custom_fields", prefix: customFieldPrefix, noun: "custom field", reads: access.CustomFieldRead, service: s, body: stale(customFieldBody),
		get: func(ctx context.Context, s *customfield.Service, row int64) (customfield.Field, error) {
			return s.Get(ctx, row)
		},
		row: func(_ context.Context, f customfield.Field) (schedule.Row, error) {
			return rowOf[CustomFieldPatch](f.ID, f.Version, f.Label, customFieldBody(f))
		},
		create: func(ctx context.Context, s *customfield.Service, t schedule.Task) (customfield.Field, error) {
			p, err := readPatch[CustomFieldPatch](t.Patch)
			if err != nil {
				return customfield.Field{}, err
			}
			return s.Create(ctx, p.over(customfield.Input{}))
		},
		update: func(ctx context.Context, s *customfield.Service, t schedule.Task) (customfield.Field, error) {
			p, err := readPatch[CustomFieldPatch](t.Patch)
			if err != nil {
				return customfield.Field{}, err
			}
			return changeCustomField(ctx, s, t.Row, t.Version, p)
		},
		remove: func(ctx context.Context, s *customfield.Service, t schedule.Task) error {
			return s.Delete(ctx, t.Row, t.Version, t.Options["force"] == "true")
		},
	}
}

func staffApplier(s *staff.Service) schedule.Applier {
	return applier[*staff.Service, staff.Staff]{
		resource: "staff", prefix: staff.Prefix, noun: "staff user", reads: access.StaffRead, service: s, body: stale(staffBody),
		get: func(ctx context.Context, s *staff.Service, row int64) (staff.Staff, error) { return s.Get(ctx, row) },
		row: func(_ context.Context, p staff.Staff) (schedule.Row, error) {
			row, err := rowOf[patchStaffBody](p.ID, p.Version, p.Name, staffBody(p))
			row.Customer = p.Reseller  // whose people they are: who has a place delays saves of staff within it
			delete(row.Fields, "role") // the first of them
			return row, err
		},
		create: func(ctx context.Context, s *staff.Service, t schedule.Task) (staff.Staff, error) {
			b, err := readPatch[createStaffBody](t.Patch)
			if err != nil {
				return staff.Staff{}, err
			}
			if b.Password != "" {
				var wrong errs.Fields
				wrong.Add("password", "not_here", "A password is not kept for later: leave it out, and invite the person.")
				return staff.Staff{}, wrong.Err()
			}
			in, err := b.input()
			if err != nil {
				return staff.Staff{}, err
			}
			return s.Create(ctx, in)
		},
		update: func(ctx context.Context, s *staff.Service, t schedule.Task) (staff.Staff, error) {
			b, err := readPatch[patchStaffBody](t.Patch)
			if err != nil {
				return staff.Staff{}, err
			}
			p, err := b.patch()
			if err != nil {
				return staff.Staff{}, err
			}
			return s.Update(ctx, t.Row, t.Version, p)
		},
		remove: func(ctx context.Context, s *staff.Service, t schedule.Task) error {
			return s.Remove(ctx, t.Row, t.Version)
		},
	}
}

func roleApplier(s *role.Service) schedule.Applier {
	key := func(row int64) string { return id.Format(role.Prefix, row) }
	return applier[*role.Service, role.Role]{
		resource: "roles", prefix: role.Prefix, reads: access.RoleRead, service: s, body: stale(roleBody),
		resolve: func(ctx context.Context, text string) (int64, error) {
			r, err := s.Get(ctx, text)
			return r.Row(), err
		},
		get: func(ctx context.Context, s *role.Service, row int64) (role.Role, error) { return s.Get(ctx, key(row)) },
		row: func(_ context.Context, r role.Role) (schedule.Row, error) {
			return rowOf[patchRoleBody](r.Row(), r.Version, r.Name, roleBody(r))
		},
		create: func(ctx context.Context, s *role.Service, t schedule.Task) (role.Role, error) {
			b, err := readPatch[createRoleBody](t.Patch)
			if err != nil {
				return role.Role{}, err
			}
			return s.Create(ctx, b.input())
		},
		update: func(ctx context.Context, s *role.Service, t schedule.Task) (role.Role, error) {
			b, err := readPatch[patchRoleBody](t.Patch)
			if err != nil {
				return role.Role{}, err
			}
			return s.Update(ctx, key(t.Row), t.Version, b.patch())
		},
		remove: func(ctx context.Context, s *role.Service, t schedule.Task) error {
			return s.Remove(ctx, key(t.Row), t.Version)
		},
	}
}

func settingApplier(s *setting.Service) schedule.Applier {
	return applier[*setting.Service, setting.Settings]{
		resource: "settings", prefix: "set", reads: access.SettingRead, service: s, body: stale(settingsBody),
		resolve: func(context.Context, string) (int64, error) { return 1, nil },
		get: func(ctx context.Context, s *setting.Service, _ int64) (setting.Settings, error) {
			return s.Show(ctx)
		},
		row: func(_ context.Context, n setting.Settings) (schedule.Row, error) {
			return rowOf[patchSettingsBody](1, n.Version, "Settings", settingsBody(n))
		},
		update: func(ctx context.Context, s *setting.Service, t schedule.Task) (setting.Settings, error) {
			b, err := readPatch[patchSettingsBody](t.Patch)
			if err != nil {
				return setting.Settings{}, err
			}
			return s.Update(ctx, t.Version, b.patch())
		},
	}
}

// webhookApplier makes no webhooks: the secret of a new one is shown once, to who asks.
func webhookApplier(s *webhook.Service) schedule.Applier {
	return applier[*webhook.Service, webhook.Webhook]{
		resource: "webhooks", prefix: webhook.Prefix, noun: "webhook", reads: access.WebhookRead, service: s, body: stale(webhookBody),
		get: func(ctx context.Context, s *webhook.Service, row int64) (webhook.Webhook, error) {
			return s.Get(ctx, row)
		},
		row: func(_ context.Context, w webhook.Webhook) (schedule.Row, error) {
			return rowOf[WebhookPatch](w.ID, w.Version, w.URL, webhookBody(w))
		},
		update: func(ctx context.Context, s *webhook.Service, t schedule.Task) (webhook.Webhook, error) {
			p, err := readPatch[WebhookPatch](t.Patch)
			if err != nil {
				return webhook.Webhook{}, err
			}
			return s.Update(ctx, t.Row, t.Version, p.over)
		},
		remove: func(ctx context.Context, s *webhook.Service, t schedule.Task) error {
			return s.Delete(ctx, t.Row, t.Version)
		},
	}
}

func templateApplier(s *notify.Service) schedule.Applier {
	version := func(t schedule.Task) int64 { // 0 is that of a template which nobody changed yet
		if t.Version == 0 {
			return -1
		}
		return t.Version
	}
	return applier[*notify.Service, notify.Template]{
		resource: "email_templates", prefix: notify.TemplatePrefix, reads: access.EmailTemplateRead, service: s, body: stale(templateBody),
		resolve: func(ctx context.Context, text string) (int64, error) {
			key, lang, _ := strings.Cut(text, "/")
			_, _, err := s.Template(ctx, key, lang)
			return notify.TemplateRow(key, lang), err
		},
		get: func(ctx context.Context, s *notify.Service, row int64) (notify.Template, error) {
			key, lang := notify.TemplateOf(row)
			t, _, err := s.Template(ctx, key, lang)
			return t, err
		},
		row: func(_ context.Context, t notify.Template) (schedule.Row, error) {
			return rowOf[ContentBody](notify.TemplateRow(t.Key, t.Language), t.Version, t.Key+" ("+t.Language+")", templateBody(t))
		},
		update: func(ctx context.Context, s *notify.Service, t schedule.Task) (notify.Template, error) {
			key, lang := notify.TemplateOf(t.Row)
			now, _, err := s.Template(ctx, key, lang)
			if err != nil {
				return now, err
			}
			b := ContentBody{now.Content.Subject, now.Content.Text, now.Content.HTML}
			if err := json.Unmarshal(t.Patch, &b); err != nil { // what the patch leaves out stays
				return now, err
			}
			return s.Save(ctx, key, lang, version(t), b.content())
		},
		remove: func(ctx context.Context, s *notify.Service, t schedule.Task) error {
			key, lang := notify.TemplateOf(t.Row)
			return s.Reset(ctx, key, lang, version(t))
		},
	}
}

func suppressionApplier(s *notify.Service) schedule.Applier {
	return applier[*notify.Service, notify.Suppression]{
		resource: "suppressions", prefix: notify.SuppressionPrefix, noun: "suppressed address", reads: access.EmailSuppressionRead, service: s,
		get: func(ctx context.Context, s *notify.Service, row int64) (notify.Suppression, error) {
			return s.Suppression(ctx, row)
		},
		row: func(_ context.Context, one notify.Suppression) (schedule.Row, error) {
			return rowOf[suppressionDraft](one.ID, 0, one.Address, suppressionBody(one))
		},
		create: func(ctx context.Context, s *notify.Service, t schedule.Task) (notify.Suppression, error) {
			b, err := readPatch[suppressionDraft](t.Patch)
			if err != nil {
				return notify.Suppression{}, err
			}
			return s.Suppress(ctx, b.Address, b.Detail)
		},
		remove: func(ctx context.Context, s *notify.Service, t schedule.Task) error { return s.Release(ctx, t.Row) },
	}
}

// viewApplier changes what is the requester's own business: also what they pinned, and their default.
func viewApplier(s *view.Service) schedule.Applier {
	return applier[*view.Service, view.View]{
		resource: "views", prefix: view.Prefix, noun: "view", reads: access.ViewWrite, service: s, body: stale(viewBody),
		get: func(ctx context.Context, s *view.Service, row int64) (view.View, error) { return s.Get(ctx, row) },
		row: func(_ context.Context, v view.View) (schedule.Row, error) {
			row, err := rowOf[ViewPatch](v.ID, v.Version, v.Name, viewBody(v))
			row.Own = true
			return row, err
		},
		create: func(ctx context.Context, s *view.Service, t schedule.Task) (view.View, error) {
			d, err := readPatch[ViewDraft](t.Patch)
			if err != nil {
				return view.View{}, err
			}
			return s.Create(ctx, view.Content(d))
		},
		update: func(ctx context.Context, s *view.Service, t schedule.Task) (view.View, error) {
			p, err := readPatch[ViewPatch](t.Patch)
			if err != nil {
				return view.View{}, err
			}
			return s.Update(ctx, t.Row, t.Version, p.patch())
		},
		remove: func(ctx context.Context, s *view.Service, t schedule.Task) error {
			return s.Delete(ctx, t.Row, t.Version)
		},
	}
}
