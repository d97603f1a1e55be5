package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/schedule"
	"tandem/internal/core/staff"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const staffTag = "Staff"

// StaffBody is a person who works here.
type StaffBody struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Email       string        `json:"email"`
	Role        access.Role   `json:"role" doc:"The first of the roles."`
	Roles       []access.Role `json:"roles" doc:"What they may do adds up."`
	Reseller    *RefBody      `json:"reseller" doc:"Whose customers they see; null: everything."`
	Status      staff.Status  `json:"status"`
	HasPassword bool          `json:"has_password" doc:"False until they set one through a link."`
	LastSeenAt  *time.Time    `json:"last_seen_at"`
	CreatedAt   *time.Time    `json:"created_at"`
	UpdatedAt   *time.Time    `json:"updated_at"`
	Version     int64         `json:"version"`
}

func staffBody(s staff.Staff) StaffBody {
	return StaffBody{ID: id.Format(staff.Prefix, s.ID), Name: s.Name, Email: s.Email, Role: s.Role, Roles: s.Roles, Reseller: resellerRef(s.Reseller, s.ResellerName), Status: s.Status, HasPassword: s.HasPassword,
		LastSeenAt: Time(s.LastSeenAt), CreatedAt: Time(s.CreatedAt), UpdatedAt: Time(s.UpdatedAt), Version: s.Version}
}

// resellerRef is the reseller whose customers somebody sees; null: everything.
func resellerRef(n int64, name string) *RefBody {
	if n == 0 {
		return nil
	}
	return &RefBody{id.Format(customer.Prefix, n), name}
}

// resellerID understands the ID of a reseller; empty is none.
func resellerID(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := id.Parse(customer.Prefix, text)
	if err != nil {
		var wrong errs.Fields
		wrong.Add("reseller", "unknown_reseller", "There is no such open reseller.")
		return 0, wrong.Err()
	}
	return n, nil
}

// AllBody is a list that is short by nature and comes whole.
type AllBody[T any] struct {
	Items      []T   `json:"items"`
	Total      int64 `json:"total"`
	TotalExact bool  `json:"total_is_exact"`
}

func allOf[R, T any](rows []R, body func(R) T) *Answer[AllBody[T]] {
	out := &Answer[AllBody[T]]{Body: AllBody[T]{Items: make([]T, len(rows)), Total: int64(len(rows)), TotalExact: true}}
	for i, r := range rows {
		out.Body.Items[i] = body(r)
	}
	return out
}

// StaffID is the path of a staff user.
type StaffID struct {
	ID string `path:"id"`
}

func (p StaffID) parse() (int64, error) { return pathID(staff.Prefix, "staff user", p.ID) }

type createStaffBody struct {
	Name     string        `json:"name" maxLength:"1000"`
	Email    string        `json:"email" maxLength:"1000"`
	Role     string        `json:"role,omitempty" maxLength:"100" doc:"The only role: one that ships (admin, manager, support, read_only) or one of your own. Or give roles."`
	Roles    []access.Role `json:"roles,omitempty" maxItems:"20" doc:"The roles; what they may do adds up."`
	Reseller string        `json:"reseller,omitempty" maxLength:"100" doc:"The ID of the reseller whose customers they see alone; left out: everything."`
	Password string        `json:"password,omitempty" maxLength:"1024" doc:"Left out, the person sets one through a link. It is not kept for later."`
	Invite   bool          `json:"invite,omitempty" doc:"Mail the person a link to set a password."`
}

func (b *createStaffBody) input() (staff.Input, error) {
	reseller, err := resellerID(b.Reseller)
	return staff.Input{Reseller: reseller, Name: b.Name, Email: b.Email, Role: access.Role(b.Role), Roles: b.Roles, Password: b.Password, Invite: b.Invite}, err
}

type createStaffInput struct{ Body createStaffBody }

type patchStaffBody struct {
	Name     Opt[string]        `json:"name,omitzero" maxLength:"1000"`
	Email    Opt[string]        `json:"email,omitzero" maxLength:"1000"`
	Role     Opt[string]        `json:"role,omitzero" maxLength:"100" doc:"the only role, when roles is left out"`
	Roles    Opt[[]access.Role] `json:"roles,omitzero" maxItems:"20"`
	Reseller Opt[string]        `json:"reseller,omitzero" maxLength:"100" doc:"the ID of a reseller; null: everything"`
	Status   Opt[string]        `json:"status,omitzero" maxLength:"100" doc:"active or disabled; disabling ends every session, link and token of theirs"`
}

// MarshalJSON writes the only role as the roles: that is what is compared, and taken back.
func (b patchStaffBody) MarshalJSON() ([]byte, error) {
	type plain patchStaffBody
	p := plain(b)
	if p.Role.Set && !p.Roles.Set {
		p.Roles = Some([]access.Role{access.Role(p.Role.Value)})
	}
	p.Role = Opt[string]{}
	return json.Marshal(p)
}

func (b *patchStaffBody) patch() (staff.Patch, error) {
	p := staff.Patch{Name: cleared(b.Name), Email: cleared(b.Email), Role: (*access.Role)(cleared(b.Role)), Roles: given(b.Roles), Status: (*staff.Status)(cleared(b.Status))}
	if b.Reseller.Set {
		at, err := resellerID(b.Reseller.Value)
		if err != nil {
			return p, err
		}
		p.Reseller = &at
	}
	return p, nil
}

type patchStaffInput struct {
	StaffID
	MatchParam
	Body patchStaffBody
}

type deleteStaffInput struct {
	StaffID
	MatchParam
}

// LinkBody is a one-time link, shown once.
type LinkBody struct {
	URL       string     `json:"url"`
	ExpiresAt *time.Time `json:"expires_at"`
}

// Staff is the people who work here.
func Staff(people *staff.Service) Module {
	return func(api *API) {
		api.Code("last_admin", "409. The last active admin stays.")
		api.Code("exceeds_own", "403. Nobody gives, or acts on, a role that may do more than they.")
		api.Code("disabled", "409. The person is disabled.")
		staffReads(api, people)
		staffWhy(api, people)
		staffWhyHidden(api, people)
		staffWrites(api, people)
	}
}

func staffReads(api *API, people *staff.Service) {
	describedList(api, Route{Path: "/staff", ID: "list-staff", Summary: "List the staff", Tag: staffTag, Needs: access.StaffRead}, people.ListTable, people.List, staffBody)
	Register(api, Route{Method: "GET", Path: "/staff/{id}", ID: "get-staff", Summary: "Read a staff user", Tag: staffTag, Needs: access.StaffRead},
		func(ctx context.Context, in *StaffID) (*Single[StaffBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			s, err := people.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Single[StaffBody]{ETag: ETag(s.Version), Body: staffBody(s)}, nil
		})
}

// WhyBody is whether a person may do something, and what decides it.
type WhyBody struct {
	Permission access.Permission `json:"permission"`
	May        bool              `json:"may"`
	Disabled   bool              `json:"disabled" doc:"They may not sign in."`
	Placed     bool              `json:"placed" doc:"Their roles have it, but it is closed to whoever sees the customers of a reseller alone."`
	GivenBy    []access.Role     `json:"given_by" doc:"Those of their roles that have it."`
	WouldGive  []access.Role     `json:"would_give" doc:"Other roles that have it."`
	Reseller   *RefBody          `json:"reseller" doc:"Whose customers they see; null: everything."`
}

func staffWhy(api *API, people *staff.Service) {
	Register(api, Route{Method: "GET", Path: "/staff/{id}/why", ID: "explain-staff", Summary: "Why a person may, or may not, do something", Tag: staffTag, Needs: access.StaffRead},
		func(ctx context.Context, in *struct {
			StaffID
			Permission string `query:"permission" required:"true" maxLength:"100" doc:"One of GET /permissions."`
		}) (*Answer[WhyBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			w, err := people.Why(ctx, n, access.Permission(in.Permission))
			if err != nil {
				return nil, err
			}
			return &Answer[WhyBody]{WhyBody{Permission: w.Permission, May: w.May, Disabled: w.Disabled, Placed: w.Placed, GivenBy: w.Given, WouldGive: w.Would,
				Reseller: resellerRef(w.Staff.Reseller, w.Staff.ResellerName)}}, nil
		})
}

// WhyHiddenBody is whether a mask hides its fields from a person, and what decides it.
type WhyHiddenBody struct {
	Mask     access.Mask   `json:"mask"`
	Hidden   bool          `json:"hidden"`
	HiddenBy []access.Role `json:"hidden_by" doc:"Those of their roles that hide it."`
	ShownBy  []access.Role `json:"shown_by" doc:"Those of their roles that do not: any of them shows it."`
}

func staffWhyHidden(api *API, people *staff.Service) {
	Register(api, Route{Method: "GET", Path: "/staff/{id}/why-hidden", ID: "explain-staff-mask", Summary: "Why fields are hidden from a person, or not", Tag: staffTag, Needs: access.StaffRead},
		func(ctx context.Context, in *struct {
			StaffID
			Mask string `query:"mask" required:"true" maxLength:"100" doc:"One of GET /masks."`
		}) (*Answer[WhyHiddenBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			w, err := people.WhyHidden(ctx, n, access.Mask(in.Mask))
			if err != nil {
				return nil, err
			}
			return &Answer[WhyHiddenBody]{WhyHiddenBody{w.Mask, w.Hidden, w.By, w.Shown}}, nil
		})
}

func staffWrites(api *API, people *staff.Service) {
	Register(api, Route{Method: "POST", Path: "/staff", ID: "create-staff", Summary: "Create a staff user", Tag: staffTag, Needs: access.StaffWrite, Status: http.StatusCreated,
		Made: &Made{"staff", staff.Prefix, "/staff"}, Delays: &Delays{Resource: "staff", Op: schedule.OpCreate}},
		func(ctx context.Context, in *createStaffInput) (*Created[StaffBody], error) {
			input, err := in.Body.input()
			if err != nil {
				return nil, err
			}
			s, err := people.Create(ctx, input)
			if err != nil {
				return nil, err
			}
			b := staffBody(s)
			return &Created[StaffBody]{Location: base + "/staff/" + b.ID, ETag: ETag(s.Version), Body: b}, nil
		})
	Register(api, Route{Method: "PATCH", Path: "/staff/{id}", ID: "patch-staff", Summary: "Change a staff user", Tag: staffTag, Needs: access.StaffWrite,
		Delays: &Delays{Resource: "staff", Op: schedule.OpUpdate}},
		func(ctx context.Context, in *patchStaffInput) (*Single[StaffBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			p, err := in.Body.patch()
			if err != nil {
				return nil, err
			}
			s, err := people.Update(ctx, n, version, p)
			if err != nil {
				return nil, current(err, staffBody)
			}
			return &Single[StaffBody]{ETag: ETag(s.Version), Body: staffBody(s)}, nil
		})
	Register(api, Route{Method: "DELETE", Path: "/staff/{id}", ID: "delete-staff", Summary: "Remove a staff user", Tag: staffTag, Needs: access.StaffWrite, Status: http.StatusNoContent,
		Delays: &Delays{Resource: "staff", Op: schedule.OpDelete}},
		func(ctx context.Context, in *deleteStaffInput) (*Nothing, error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, current(people.Remove(ctx, n, version), staffBody)
		})
	staffLinks(api, people)
}

func staffLinks(api *API, people *staff.Service) {
	Register(api, Route{Method: "POST", Path: "/staff/{id}/invitation", ID: "invite-staff", Summary: "Mail a person a link to set a password", Tag: staffTag, Needs: access.StaffWrite,
		Status: http.StatusNoContent},
		func(ctx context.Context, in *StaffID) (*Nothing, error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			return nil, people.Invite(ctx, n)
		})
	Register(api, Route{Method: "DELETE", Path: "/staff/{id}/second-factor", ID: "reset-staff-second-factor", Summary: "Take a person's second factors away", Tag: staffTag, Needs: access.StaffWrite,
		Status: http.StatusNoContent, Doc: "For somebody who has lost them. Everything that they have signed in to ends, and they are told by mail."},
		func(ctx context.Context, in *StaffID) (*Nothing, error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			return nil, people.ResetSecond(ctx, n)
		})
	s := api.server
	Register(api, Route{Method: "POST", Path: "/staff/{id}/password-link", ID: "make-password-link", Summary: "Make a one-time link by which a person sets a password", Tag: staffTag,
		Needs: access.StaffWrite, ShownOnce: []string{"url"}, wire: true},
		func(ctx context.Context, in *StaffID) (*Answer[LinkBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			token, expires, err := people.Link(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Answer[LinkBody]{Body: LinkBody{URL: s.publicURL(requestOf(ctx)) + "/set-password?token=" + url.QueryEscape(token), ExpiresAt: &expires}}, nil
		})
}

// publicURL is the address people reach this server by: as configured, else as this caller did.
func (s *Server) publicURL(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	if s.secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
