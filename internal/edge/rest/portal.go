package rest

import (
	"context"
	"net/http"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/brand"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/impersonation"
	"tandem/internal/core/portal"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

const portalTag = "Portal"

// PortalOptions is what the portal is made of.
type PortalOptions struct {
	Portal    *portal.Service
	Contacts  *contact.Service
	Customers *customer.Service
	Brands    *brand.Service
	Lent      *impersonation.Service
}

// PortalSession is who is in the portal, of whom, and what they may do.
type PortalSession struct {
	Contact      PortalMe            `json:"contact"`
	Customer     RefBody             `json:"customer"`
	CustomerID   string              `json:"customer_id" doc:"the customer's short ID"`
	Organization string              `json:"organization" doc:"whose portal it is: the name of the brand"`
	Brand        BrandShown          `json:"brand"`
	Permissions  []access.Permission `json:"permissions"`
	// Impersonation is set when it is staff who look.
	Impersonation *PortalImpersonation `json:"impersonation,omitempty" doc:"when it is not the contact who is here, but staff as them"`
}

// PortalMe is the contact who looks.
type PortalMe struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Role     string `json:"role"`
	Language string `json:"language" doc:"empty: the customer's"`
}

// PortalDashboard is the tiles of the portal's first page.
type PortalDashboard struct {
	Tiles []PortalTile `json:"tiles"`
}

// PortalTile is one block; wings add theirs.
type PortalTile struct {
	ID    string       `json:"id" doc:"status"`
	Value string       `json:"value" doc:"the word it begins with"`
	Tone  string       `json:"tone" doc:"good, warning, bad or neutral"`
	Facts []PortalFact `json:"facts"`
}

// PortalFact is one line of a tile.
type PortalFact struct {
	Name  string `json:"name"`
	Type  string `json:"type" doc:"text, choice or date"`
	Value string `json:"value"`
}

// PortalContact is a contact as contacts of the same customer see it.
type PortalContact struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	Email          string  `json:"email"`
	Type           string  `json:"type"`
	Role           string  `json:"role" doc:"owner, billing, technical or viewer"`
	Phone          *string `json:"phone" doc:"null: hidden from who looks in as the contact"`
	Mobile         *string `json:"mobile" doc:"null: hidden from who looks in as the contact"`
	Language       string  `json:"language" doc:"empty: the customer's"`
	PublicNotes    string  `json:"public_notes" doc:"what the operator has to say"`
	EmailVerified  bool    `json:"email_verified"`
	MobileVerified bool    `json:"mobile_verified"`
	Version        int64   `json:"version"`
}

func portalContact(c *contact.Contact) PortalContact {
	return PortalContact{ID: id.Format(contact.Prefix, c.ID), Name: c.Name, Email: c.Email, Type: c.Type, Role: string(c.Role), Phone: unless(c.Masked, "phone", c.Phone), Mobile: unless(c.Masked, "mobile", c.Mobile),
		Language: c.Language, PublicNotes: c.PublicNotes, EmailVerified: c.EmailVerified, MobileVerified: c.MobileVerified, Version: c.Version}
}

// PortalCustomer is a customer as its contacts see it. What concerns money is left out for whom it does not concern.
type PortalCustomer struct {
	ID          string  `json:"id"`
	CustomerID  string  `json:"customer_id"`
	Name        string  `json:"name"`
	Status      string  `json:"status"`
	Email       string  `json:"email"`
	Telephone   *string `json:"telephone" doc:"null: hidden from who looks in as the contact"`
	Address1    string  `json:"address_1"`
	Address2    string  `json:"address_2"`
	City        string  `json:"city"`
	Province    string  `json:"province"`
	PostalCode  string  `json:"postal_code"`
	Country     string  `json:"country"`
	Language    string  `json:"language"`
	TaxNumber   *string `json:"tax_number,omitempty"`
	BillingType *string `json:"billing_type,omitempty"`
	Currency    *string `json:"currency,omitempty"`
	Version     int64   `json:"version"`
}

func portalCustomer(ctx context.Context, c *customer.Customer) PortalCustomer {
	b := PortalCustomer{ID: id.Format(customer.Prefix, c.ID), CustomerID: c.CustomerID, Name: c.Name, Status: string(c.Status), Email: c.Email, Telephone: unless(c.Masked, "telephone", c.Telephone),
		Address1: c.Address1, Address2: c.Address2, City: c.City, Province: c.Province, PostalCode: c.PostalCode, Country: c.Country, Language: c.Language, Version: c.Version}
	if access.From(ctx).Principal.May(access.PortalBilling) {
		billing := string(c.BillingType)
		b.TaxNumber, b.BillingType, b.Currency = &c.TaxNumber, &billing, &c.Currency
	}
	return b
}

// PortalProfilePatch is what a contact changes of themselves.
type PortalProfilePatch struct {
	Name     Opt[string] `json:"name,omitzero"`
	Phone    Opt[string] `json:"phone,omitzero" doc:"E.164, or as it is dialled in the customer's country"`
	Mobile   Opt[string] `json:"mobile,omitzero" doc:"the same; another number clears mobile_verified"`
	Language Opt[string] `json:"language,omitzero" doc:"a code such as en; empty: the customer's"`
}

// PortalContactPatch is what an owner writes of a contact of their customer.
type PortalContactPatch struct {
	PortalProfilePatch
	Email Opt[string] `json:"email,omitzero" doc:"another address ends what the contact has signed in to"`
	Type  Opt[string] `json:"type,omitzero"`
	Role  Opt[string] `json:"role,omitzero" doc:"owner, billing, technical or viewer, which is the default"`
}

func (p *PortalContactPatch) patch() contact.Patch {
	return contact.Patch{Name: given(p.Name), Phone: given(p.Phone), Mobile: given(p.Mobile), Language: given(p.Language), Email: given(p.Email), Type: given(p.Type), Role: given(p.Role)}
}

// PortalCustomerPatch is what an owner changes of their customer.
type PortalCustomerPatch struct {
	Telephone  Opt[string] `json:"telephone,omitzero"`
	Address1   Opt[string] `json:"address_1,omitzero"`
	Address2   Opt[string] `json:"address_2,omitzero"`
	City       Opt[string] `json:"city,omitzero"`
	Province   Opt[string] `json:"province,omitzero"`
	PostalCode Opt[string] `json:"postal_code,omitzero"`
	Country    Opt[string] `json:"country,omitzero" doc:"ISO 3166 alpha-2"`
}

func (p *PortalCustomerPatch) values() map[string]string {
	out := map[string]string{}
	for name, v := range map[string]Opt[string]{"telephone": p.Telephone, "address_1": p.Address1, "address_2": p.Address2, "city": p.City,
		"province": p.Province, "postal_code": p.PostalCode, "country": p.Country} {
		if v.Set {
			out[name] = v.Value
		}
	}
	return out
}

// Portal is what contacts see and do. No route names a customer: it is always the caller's own.
func Portal(o PortalOptions) Module {
	return func(api *API) {
		api.Code("last_owner", "409. The last owner of a customer cannot be removed, nor become something else.")
		portalHome(api, o)
		portalProfile(api, o.Contacts)
		portalCustomerRoutes(api, o.Customers)
		portalContactReads(api, o.Contacts)
		portalContactWrites(api, o.Contacts)
		impersonationRoutes(api, o.Lent)
	}
}

func portalHome(api *API, o PortalOptions) {
	Register(api, Route{Method: http.MethodGet, Path: "/portal", ID: "get-portal", Summary: "The dashboard's tiles", Tag: portalTag, Needs: access.PortalView},
		func(ctx context.Context, _ *Nothing) (*Answer[PortalDashboard], error) {
			tiles, err := o.Portal.Dashboard(ctx)
			if err != nil {
				return nil, err
			}
			out := PortalDashboard{Tiles: []PortalTile{}}
			for _, t := range tiles {
				b := PortalTile{ID: t.ID, Value: t.Value, Tone: string(t.Tone), Facts: []PortalFact{}}
				for _, f := range t.Facts {
					b.Facts = append(b.Facts, PortalFact{f.Name, string(f.Type), f.Value})
				}
				out.Tiles = append(out.Tiles, b)
			}
			return &Answer[PortalDashboard]{out}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/portal/session", ID: "get-portal-session", Summary: "Who is in the portal", Tag: portalTag, Needs: access.PortalView, wire: true},
		func(ctx context.Context, _ *Nothing) (*Answer[PortalSession], error) {
			me, err := o.Contacts.Own(ctx)
			if err != nil {
				return nil, err
			}
			look, err := o.Brands.Of(ctx, api.server.cfg.DB.Read(), me.Customer.ID)
			if err != nil {
				return nil, err
			}
			may := slices.Clone(access.From(ctx).Principal.Permissions)
			slices.Sort(may)
			lent, err := api.server.impersonated(ctx, o.Lent)
			if err != nil {
				return nil, err
			}
			return &Answer[PortalSession]{PortalSession{Impersonation: lent,
				Contact:  PortalMe{ID: id.Format(contact.Prefix, me.ID), Name: me.Name, Email: me.Email, Role: string(me.Role), Language: me.Language},
				Customer: RefBody{id.Format(customer.Prefix, me.Customer.ID), me.Customer.Name}, CustomerID: me.CustomerID, Organization: look.Name, Brand: brandShown(look, true), Permissions: may}}, nil
		})
}

func portalSingle(c *contact.Contact, err error) (*Single[PortalContact], error) {
	if err != nil {
		return nil, current(err, portalContact)
	}
	return &Single[PortalContact]{ETag(c.Version), portalContact(c)}, nil
}

func portalProfile(api *API, s *contact.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/portal/profile", ID: "get-portal-profile", Summary: "One's own profile", Tag: portalTag, Needs: access.PortalView},
		func(ctx context.Context, _ *Nothing) (*Single[PortalContact], error) { return portalSingle(s.Own(ctx)) })
	Register(api, Route{Method: http.MethodPatch, Path: "/portal/profile", ID: "update-portal-profile", Summary: "Change one's own profile", Tag: portalTag, Needs: access.PortalProfile},
		func(ctx context.Context, in *struct {
			MatchParam
			Body PortalProfilePatch
		}) (*Single[PortalContact], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			p := PortalContactPatch{PortalProfilePatch: in.Body}
			return portalSingle(s.UpdateOwn(ctx, version, p.patch()))
		})
}

func portalCustomerRoutes(api *API, s *customer.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/portal/customer", ID: "get-portal-customer", Summary: "One's own customer", Tag: portalTag, Needs: access.PortalView},
		func(ctx context.Context, _ *Nothing) (*Single[PortalCustomer], error) {
			c, err := s.Own(ctx)
			if err != nil {
				return nil, err
			}
			return &Single[PortalCustomer]{ETag(c.Version), portalCustomer(ctx, c)}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/portal/customer", ID: "update-portal-customer", Summary: "Change the address of one's own customer", Tag: portalTag, Needs: access.PortalManage},
		func(ctx context.Context, in *struct {
			MatchParam
			Body PortalCustomerPatch
		}) (*Single[PortalCustomer], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			c, err := s.UpdateOwn(ctx, version, in.Body.values())
			if err != nil {
				return nil, current(err, func(c *customer.Customer) PortalCustomer { return portalCustomer(ctx, c) })
			}
			return &Single[PortalCustomer]{ETag(c.Version), portalCustomer(ctx, c)}, nil
		})
}

func portalContactReads(api *API, s *contact.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/portal/contacts", ID: "list-portal-contacts", Summary: "List the contacts of one's own customer", Tag: portalTag, Needs: access.PortalContacts},
		func(ctx context.Context, in *struct {
			Q      string `query:"q" doc:"any fragment of name, e-mail or telephone"`
			Limit  int    `query:"limit" minimum:"1" maximum:"200" doc:"at most 200; 50 when left out"`
			Cursor string `query:"cursor" doc:"next_cursor of the page before"`
		}) (*Answer[PageBody[PortalContact]], error) {
			rows, page, err := s.Ours(ctx, list.Query{Q: in.Q, Limit: in.Limit, Cursor: in.Cursor})
			if err != nil {
				return nil, err
			}
			return pageOf(rows, page, portalContact), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/portal/contacts/{id}", ID: "get-portal-contact", Summary: "One contact of one's own customer", Tag: portalTag, Needs: access.PortalContacts},
		func(ctx context.Context, in *ContactPath) (*Single[PortalContact], error) {
			n, err := pathID(contact.Prefix, "contact", in.ID)
			if err != nil {
				return nil, err
			}
			return portalSingle(s.GetOurs(ctx, n))
		})
}

func portalContactWrites(api *API, s *contact.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/portal/contacts", ID: "create-portal-contact", Summary: "Add a contact to one's own customer", Tag: portalTag, Needs: access.PortalManage,
		Status: http.StatusCreated, Made: &Made{contact.Table, contact.Prefix, "/portal/contacts"}},
		func(ctx context.Context, in *struct{ Body PortalContactPatch }) (*Created[PortalContact], error) {
			c, err := s.CreateOurs(ctx, in.Body.patch())
			if err != nil {
				return nil, err
			}
			b := portalContact(c)
			return &Created[PortalContact]{base + "/portal/contacts/" + b.ID, ETag(c.Version), b}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/portal/contacts/{id}", ID: "update-portal-contact", Summary: "Change a contact of one's own customer", Tag: portalTag, Needs: access.PortalManage},
		func(ctx context.Context, in *struct {
			ContactPath
			MatchParam
			Body PortalContactPatch
		}) (*Single[PortalContact], error) {
			n, version, err := addressed(contact.Prefix, "contact", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			return portalSingle(s.UpdateOurs(ctx, n, version, in.Body.patch()))
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/portal/contacts/{id}", ID: "delete-portal-contact", Summary: "Remove a contact of one's own customer", Tag: portalTag, Needs: access.PortalManage},
		func(ctx context.Context, in *struct {
			ContactPath
			MatchParam
		}) (*Nothing, error) {
			n, version, err := addressed(contact.Prefix, "contact", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			return nil, current(s.DeleteOurs(ctx, n, version), portalContact)
		})
	Register(api, Route{Method: http.MethodPost, Path: "/portal/contacts/{id}/invitation", ID: "invite-portal-contact", Summary: "Mail a contact of one's own customer a link to sign in", Tag: portalTag, Needs: access.PortalManage,
		Status: http.StatusNoContent},
		func(ctx context.Context, in *ContactPath) (*Nothing, error) {
			n, err := pathID(contact.Prefix, "contact", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.InviteOurs(ctx, n)
		})
}
