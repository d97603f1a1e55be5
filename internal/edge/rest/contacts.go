package rest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/tabular"
)

// ContactBody is a contact, as it is read.
type ContactBody struct {
	ID               string      `json:"id"`
	Customer         RefBody     `json:"customer"`
	CustomerID       string      `json:"customer_id" doc:"the customer's short ID"`
	CustomerName     string      `json:"customer_name"`
	CustomerClosed   bool        `json:"customer_closed" doc:"while it is, the contact cannot be changed"`
	Name             string      `json:"name"`
	Email            string      `json:"email"`
	Type             string      `json:"type"`
	Role             string      `json:"role"`
	Phone            *string     `json:"phone" doc:"null: hidden from the caller"`
	Mobile           *string     `json:"mobile" doc:"null: hidden from the caller"`
	Language         string      `json:"language" doc:"of the portal and of mails; empty: the customer's"`
	PublicNotes      string      `json:"public_notes"`
	PrivateNotes     *string     `json:"private_notes,omitempty" doc:"on a single contact, for callers who hold contact.private_notes"`
	EmailVerified    bool        `json:"email_verified"`
	EmailVerifiedAt  *time.Time  `json:"email_verified_at,omitempty"`
	EmailVerifiedBy  string      `json:"email_verified_by,omitempty"`
	MobileVerified   bool        `json:"mobile_verified"`
	MobileVerifiedAt *time.Time  `json:"mobile_verified_at,omitempty"`
	MobileVerifiedBy string      `json:"mobile_verified_by,omitempty"`
	AllowedIPs       []string    `json:"allowed_ips"`
	CreatedAt        time.Time   `json:"created_at"`
	UpdatedAt        time.Time   `json:"updated_at"`
	RemovedAt        *time.Time  `json:"removed_at,omitempty"`
	Erased           *ErasedBody `json:"erased,omitempty" doc:"on a single contact: who asked to erase it, and whether it is done"`
	Version          int64       `json:"version"`
	Masked           []string    `json:"masked,omitempty" doc:"fields that are hidden from the caller"`
}

func contactBody(c *contact.Contact) ContactBody {
	b := ContactBody{ID: id.Format(contact.Prefix, c.ID), Customer: RefBody{id.Format(customer.Prefix, c.Customer.ID), c.Customer.Name}, CustomerID: c.CustomerID,
		CustomerName: c.Customer.Name, CustomerClosed: c.CustomerClosed, Name: c.Name, Email: c.Email, Type: c.Type, Role: string(c.Role), Phone: unless(c.Masked, "phone", c.Phone), Mobile: unless(c.Masked, "mobile", c.Mobile), Language: c.Language,
		PublicNotes: c.PublicNotes, EmailVerified: c.EmailVerified, EmailVerifiedAt: timeOrNil(c.EmailProof.At), EmailVerifiedBy: c.EmailProof.By,
		MobileVerified: c.MobileVerified, MobileVerifiedAt: timeOrNil(c.MobileProof.At), MobileVerifiedBy: c.MobileProof.By,
		AllowedIPs: c.AllowedIPs, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, RemovedAt: timeOrNil(c.RemovedAt), Version: c.Version, Masked: c.Masked}
	if b.AllowedIPs == nil {
		b.AllowedIPs = []string{}
	}
	return b
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// oneContact is a single contact as the caller may see it.
func oneContact(ctx context.Context, c *contact.Contact) ContactBody {
	b := contactBody(c)
	if access.From(ctx).Principal.May(access.ContactPrivateNotes) {
		b.PrivateNotes = &c.PrivateNotes
	}
	return b
}

// ContactPatch is a contact as it is written: a merge patch, in which a field that is left out stays and null clears.
type ContactPatch struct {
	Name           Opt[string]   `json:"name,omitzero"`
	Email          Opt[string]   `json:"email,omitzero" doc:"once among the contacts of a customer; another address clears email_verified"`
	Type           Opt[string]   `json:"type,omitzero" doc:"any; GET /contacts/types has those in use"`
	Role           Opt[string]   `json:"role,omitzero" doc:"in the portal: owner, billing, technical or viewer, which is the default"`
	Phone          Opt[string]   `json:"phone,omitzero" doc:"E.164, or as it is dialled in the customer's country"`
	Mobile         Opt[string]   `json:"mobile,omitzero" doc:"the same; another number clears mobile_verified"`
	Language       Opt[string]   `json:"language,omitzero" doc:"a code such as en; empty: the customer's"`
	PublicNotes    Opt[string]   `json:"public_notes,omitzero" doc:"the portal shows them"`
	PrivateNotes   Opt[string]   `json:"private_notes,omitzero" doc:"for staff alone; needs contact.private_notes"`
	EmailVerified  Opt[bool]     `json:"email_verified,omitzero"`
	MobileVerified Opt[bool]     `json:"mobile_verified,omitzero"`
	AllowedIPs     Opt[[]string] `json:"allowed_ips,omitzero" doc:"addresses and networks, IPv4 and IPv6, from which the portal may be signed in to; none means anywhere"`
	Insist         []string      `json:"insist,omitempty" doc:"public_notes, private_notes: kept though they look like a secret"`
}

// given is the value of a property that was there; null is the empty one.
func given[T any](o Opt[T]) *T {
	if !o.Set {
		return nil
	}
	return &o.Value
}

func (p *ContactPatch) patch() contact.Patch {
	return contact.Patch{Name: given(p.Name), Email: given(p.Email), Type: given(p.Type), Role: given(p.Role), Phone: given(p.Phone), Mobile: given(p.Mobile), Language: given(p.Language),
		PublicNotes: given(p.PublicNotes), PrivateNotes: given(p.PrivateNotes), EmailVerified: given(p.EmailVerified), MobileVerified: given(p.MobileVerified),
		AllowedIPs: given(p.AllowedIPs), Insist: p.Insist}
}

// ContactPath is the path parameter of one contact.
type ContactPath struct {
	ID string `path:"id"`
}

// ContactTypes is the types in use.
type ContactTypes struct {
	Items []string `json:"items"`
}

const contactTag = "Contacts"

// Contacts is the routes of contacts.
func Contacts(s *contact.Service, customers *customer.Service, erased Erased) Module {
	return func(api *API) {
		api.Code("own_record", "403. Who sees a reseller's customers alone looks at that reseller's own record, and does not change it.")
		api.Code("customer_closed", "409. The customer is closed: what hangs on it stays as it is.")
		contactReads(api, s, customers, erased)
		contactWrites(api, s, customers)
		contactPasswords(api, s)
	}
}

// ContactSignIn is how a contact signs in to the portal at present.
type ContactSignIn struct {
	Allowed      bool `json:"allowed" doc:"somebody let the contact in"`
	HasPassword  bool `json:"has_password" doc:"false until one is set through the link"`
	MustChange   bool `json:"must_change" doc:"it was given, and has to be changed at first use"`
	SecondFactor bool `json:"second_factor" doc:"the contact proves who they are by more than a password"`
}

func contactPasswords(api *API, s *contact.Service) {
	api.Code("link_only", "403. The address signs in elsewhere too, where the caller may not set a password: only a one-time link may be mailed.")
	api.Code("no_email", "409. There is no e-mail address.")
	api.Code("customer_inactive", "409. Contacts of a customer that is not active cannot sign in.")
	api.Code("contact_gone", "409. The contact cannot sign in any more.")
	Register(api, Route{Method: http.MethodGet, Path: "/contacts/{id}/sign-in", ID: "get-contact-sign-in", Summary: "How a contact signs in to the portal", Tag: contactTag, Needs: access.ContactRead},
		func(ctx context.Context, in *ContactPath) (*Answer[ContactSignIn], error) {
			n, err := pathID(contact.Prefix, "contact", in.ID)
			if err != nil {
				return nil, err
			}
			now, err := s.SignInOf(ctx, n)
			return &Answer[ContactSignIn]{ContactSignIn(now)}, err
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/contacts/{id}/second-factor", ID: "reset-contact-second-factor", Summary: "Take a contact's second factors away", Tag: contactTag, Needs: access.ContactWrite,
		Status: http.StatusNoContent, Doc: "For somebody who has lost them. Everything that they have signed in to ends, and they are told by mail."},
		func(ctx context.Context, in *ContactPath) (*Nothing, error) {
			n, err := pathID(contact.Prefix, "contact", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.ResetSecond(ctx, n)
		})
	Register(api, Route{Method: http.MethodPost, Path: "/contacts/{id}/password", ID: "give-contact-password", Summary: "Let a contact sign in to the portal", Tag: contactTag, Needs: access.ContactWrite,
		Status: http.StatusNoContent, Doc: "By a one-time link, or a password that is made and mailed, or one that is typed here. The link goes to the contact alone. A password is given by hand only by those who may act on everybody who signs in with this address."},
		func(ctx context.Context, in *struct {
			ContactPath
			Body struct {
				Mode       string `json:"mode,omitempty" doc:"link, which is the default; generated, to be changed at first use; or typed"`
				Password   string `json:"password,omitempty" maxLength:"1024" doc:"typed"`
				MustChange bool   `json:"must_change,omitempty" doc:"typed: it has to be changed at first use"`
			}
		}) (*Nothing, error) {
			n, err := pathID(contact.Prefix, "contact", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.GivePassword(ctx, n, contact.PasswordOrder{Mode: contact.PasswordMode(in.Body.Mode), Password: in.Body.Password, MustChange: in.Body.MustChange})
		})
}

func contactReads(api *API, s *contact.Service, customers *customer.Service, erased Erased) {
	Register(api, Route{Method: http.MethodGet, Path: "/contacts", ID: "list-contacts", Summary: "List contacts of all customers", Tag: contactTag, Needs: access.ContactRead,
		Doc:  "As text/csv everything that matches is sent, which needs customer.export too and is noted. Private notes are in neither, unless the file is asked for with private_notes=true.",
		Also: map[string]RawHandler{"text/csv": func(w http.ResponseWriter, r *http.Request) error { return contactsCSV(w, r, s) }}},
		func(ctx context.Context, in *struct {
			ListParams
			PrivateNotes bool `query:"private_notes" doc:"as text/csv only: the private notes too, which needs contact.private_notes"`
		}) (*Answer[PageBody[ContactBody]], error) {
			rows, page, err := s.List(ctx, in.Query())
			if err != nil {
				return nil, err
			}
			return pageOf(rows, page, contactBody), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/contacts/fields", ID: "list-contact-fields", Summary: "Fields of contacts", Tag: contactTag, Needs: access.ContactRead},
		func(ctx context.Context, _ *Nothing) (*Answer[FieldsBody], error) {
			return &Answer[FieldsBody]{FieldsBody{list.Describe(s.ListTable().Fields, access.Masked(ctx)...)}}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/contacts/types", ID: "list-contact-types", Summary: "Types that contacts have", Tag: contactTag, Needs: access.ContactRead},
		func(ctx context.Context, _ *Nothing) (*Answer[ContactTypes], error) {
			types, err := s.Types(ctx)
			return &Answer[ContactTypes]{ContactTypes{types}}, err
		})
	Register(api, Route{Method: http.MethodGet, Path: "/contacts/{id}", ID: "get-contact", Summary: "One contact", Tag: contactTag, Needs: access.ContactRead,
		Doc: "A contact that was removed is told with removed_at."},
		func(ctx context.Context, in *ContactPath) (*Single[ContactBody], error) {
			n, err := pathID(contact.Prefix, "contact", in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			b := oneContact(ctx, c)
			if b.RemovedAt != nil || b.CustomerClosed {
				if b.Erased, err = erased.of(ctx, c.Customer.ID, c.ID); err != nil {
					return nil, err
				}
			}
			return &Single[ContactBody]{ETag(c.Version), b}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/customers/{id}/contacts", ID: "list-contacts-of-customer", Summary: "List the contacts of a customer", Tag: contactTag, Needs: access.ContactRead},
		func(ctx context.Context, in *struct {
			CustomerPath
			ListParams
		}) (*Answer[PageBody[ContactBody]], error) {
			n, err := customers.Resolve(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			rows, page, err := s.Of(ctx, n, in.Query())
			if err != nil {
				return nil, err
			}
			return pageOf(rows, page, contactBody), nil
		})
}

func contactWrites(api *API, s *contact.Service, customers *customer.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/customers/{id}/contacts", ID: "create-contact", Summary: "Add a contact to a customer", Tag: contactTag, Needs: access.ContactWrite,
		Status: http.StatusCreated, Made: &Made{contact.Table, contact.Prefix, "/contacts"}, Delays: &Delays{Resource: "contacts", Op: schedule.OpCreate, Parent: "customer"},
		Doc: "A note that looks like a password or key is refused with looks_like_secret, until its name stands in insist."},
		func(ctx context.Context, in *struct {
			CustomerPath
			Body ContactPatch
		}) (*Created[ContactBody], error) {
			n, err := customers.Resolve(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.Create(ctx, n, in.Body.patch())
			if err != nil {
				return nil, err
			}
			return &Created[ContactBody]{base + "/contacts/" + id.Format(contact.Prefix, c.ID), ETag(c.Version), oneContact(ctx, c)}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/contacts/{id}", ID: "update-contact", Summary: "Change a contact", Tag: contactTag, Needs: access.ContactWrite,
		Delays: &Delays{Resource: "contacts", Op: schedule.OpUpdate}, Doc: "409 customer_closed while its customer is closed."},
		func(ctx context.Context, in *struct {
			ContactPath
			MatchParam
			Body ContactPatch
		}) (*Single[ContactBody], error) {
			n, version, err := addressed(contact.Prefix, "contact", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			c, err := s.Update(ctx, n, version, in.Body.patch())
			if err != nil {
				return nil, currentContact(ctx, err)
			}
			return &Single[ContactBody]{ETag(c.Version), oneContact(ctx, c)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/contacts/{id}", ID: "delete-contact", Summary: "Remove a contact", Tag: contactTag, Needs: access.ContactDelete,
		Delays: &Delays{Resource: "contacts", Op: schedule.OpDelete}},
		func(ctx context.Context, in *struct {
			ContactPath
			MatchParam
		}) (*Nothing, error) {
			n, version, err := addressed(contact.Prefix, "contact", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			return nil, currentContact(ctx, s.Delete(ctx, n, version))
		})
}

func currentContact(ctx context.Context, err error) error {
	return current(err, func(c *contact.Contact) ContactBody { return oneContact(ctx, c) })
}

// contactRow is a contact in a file: its customer as an ID.
type contactRow struct {
	ContactBody
	Customer string `json:"customer"`
}

// contactsCSV sends everything that matches, page by page.
func contactsCSV(w http.ResponseWriter, r *http.Request, s *contact.Service) error {
	v := r.URL.Query()
	private := false
	if text := v.Get("private_notes"); text != "" {
		var err error
		if private, err = strconv.ParseBool(text); err != nil {
			var wrong errs.Fields
			wrong.Add("private_notes", "not_a_bool", "private_notes is true or false.")
			return wrong.Err()
		}
	}
	head := []string{"id"}
	hidden := s.ListTable().Hidden(access.Masked(r.Context()))
	for _, f := range s.ListTable().Fields {
		if !slices.Contains(hidden, f.Name) {
			head = append(head, f.Name)
		}
	}
	head = append(head, "language", "allowed_ips")
	if private {
		head = append(head, "private_notes")
	}
	q := ListParams{Q: v.Get("q"), Filter: v.Get("filter"), Sort: v.Get("sort")}.Query()
	var out tabular.Writer
	begin := func() error {
		if out != nil {
			return nil
		}
		out = csvAnswer(w, fileName("contacts", "csv", s.Clock.Now()))
		return out.Write(head)
	}
	err := s.Export(r.Context(), q, private, func(page []*contact.Contact) error {
		if err := begin(); err != nil { // what is wrong with the query is known by now
			return err
		}
		for _, c := range page {
			row := contactRow{contactBody(c), id.Format(customer.Prefix, c.Customer.ID)}
			if private {
				row.PrivateNotes = &c.PrivateNotes
			}
			cells, err := cellsOf(head, row)
			if err != nil {
				return err
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.Close()
}
