package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/oidc"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/id"
)

const providerTag = "Sign-in providers"

// ProviderBody is an OpenID Connect issuer that vouches for staff. Its secret is never told.
type ProviderBody struct {
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	Issuer       string          `json:"issuer"`
	ClientID     string          `json:"client_id"`
	Scopes       []string        `json:"scopes"`
	EmailClaim   string          `json:"email_claim"`
	NameClaim    string          `json:"name_claim"`
	GroupsClaim  string          `json:"groups_claim"`
	Domains      []string        `json:"domains" doc:"Of addresses it may vouch for; none: any."`
	TrustsMFA    bool            `json:"trusts_mfa" doc:"Its word (amr contains mfa) that it asked for a second factor counts as one."`
	MakesStaff   bool            `json:"makes_staff" doc:"Whom nobody knows here becomes a staff user, with the roles of their groups; without any of those nobody does."`
	RolesByGroup []GroupRoleBody `json:"roles_by_group"`
	SessionHours int             `json:"session_hours" doc:"How long sessions last at most that begin by it; 0: as all."`
	Enabled      bool            `json:"enabled"`
	Redirect     string          `json:"redirect_uri" doc:"What the provider has to know as the address to send browsers back to."`
	CreatedAt    *time.Time      `json:"created_at"`
	UpdatedAt    *time.Time      `json:"updated_at"`
	Version      int64           `json:"version"`
}

// GroupRoleBody is the role that members of a provider's group get.
type GroupRoleBody struct {
	Group string      `json:"group" maxLength:"1000"`
	Role  access.Role `json:"role" maxLength:"100"`
}

type providerInput struct {
	Name         Opt[string]          `json:"name,omitzero" maxLength:"1000"`
	Issuer       Opt[string]          `json:"issuer,omitzero" maxLength:"1000" doc:"Stays as it is once the provider is made."`
	ClientID     Opt[string]          `json:"client_id,omitzero" maxLength:"1000"`
	Secret       Opt[string]          `json:"client_secret,omitzero" maxLength:"1000" doc:"Sealed, and never told."`
	Scopes       Opt[[]string]        `json:"scopes,omitzero" maxItems:"50"`
	EmailClaim   Opt[string]          `json:"email_claim,omitzero" maxLength:"1000"`
	NameClaim    Opt[string]          `json:"name_claim,omitzero" maxLength:"1000"`
	GroupsClaim  Opt[string]          `json:"groups_claim,omitzero" maxLength:"1000"`
	Domains      Opt[[]string]        `json:"domains,omitzero" maxItems:"50"`
	TrustsMFA    Opt[bool]            `json:"trusts_mfa,omitzero"`
	MakesStaff   Opt[bool]            `json:"makes_staff,omitzero"`
	RolesByGroup Opt[[]GroupRoleBody] `json:"roles_by_group,omitzero" maxItems:"50"`
	SessionHours Opt[int]             `json:"session_hours,omitzero"`
	Enabled      Opt[bool]            `json:"enabled,omitzero"`
}

func (b *providerInput) input() oidc.Input {
	in := oidc.Input{Name: given(b.Name), Issuer: given(b.Issuer), ClientID: given(b.ClientID), Secret: given(b.Secret), Scopes: given(b.Scopes), EmailClaim: given(b.EmailClaim),
		NameClaim: given(b.NameClaim), GroupsClaim: given(b.GroupsClaim), Domains: given(b.Domains), TrustsMFA: given(b.TrustsMFA), MakesStaff: given(b.MakesStaff),
		SessionHours: given(b.SessionHours), Enabled: given(b.Enabled)}
	if groups := given(b.RolesByGroup); groups != nil {
		out := make([]oidc.GroupRole, len(*groups))
		for i, g := range *groups {
			out[i] = oidc.GroupRole(g)
		}
		in.RolesByGroup = &out
	}
	return in
}

func (s *Server) providerBody(r *http.Request) func(oidc.Provider) ProviderBody {
	return func(p oidc.Provider) ProviderBody {
		b := ProviderBody{ID: id.Format(oidc.Prefix, p.ID), Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, Scopes: p.Scopes, EmailClaim: p.EmailClaim, NameClaim: p.NameClaim,
			GroupsClaim: p.GroupsClaim, Domains: p.Domains, TrustsMFA: p.TrustsMFA, MakesStaff: p.MakesStaff, RolesByGroup: []GroupRoleBody{}, SessionHours: p.SessionHours,
			Enabled: p.Enabled, Redirect: oidc.Redirect(s.publicURL(r)), CreatedAt: Time(p.CreatedAt), UpdatedAt: Time(p.UpdatedAt), Version: p.Version}
		for _, g := range p.RolesByGroup {
			b.RolesByGroup = append(b.RolesByGroup, GroupRoleBody(g))
		}
		return b
	}
}

// ProviderPath is the path parameter of one sign-in provider.
type ProviderPath struct {
	ID string `path:"id"`
}

func (p ProviderPath) parse() (int64, error) { return pathID(oidc.Prefix, "sign-in provider", p.ID) }

// Providers is who vouches for staff, and signing in by them.
func Providers(s *oidc.Service, sessions *session.Service) Module {
	return func(api *API) {
		providerRoutes(api, s)
		providerWrites(api, s)
		linkRoutes(api, s)
		providerSignIn(api, s, sessions)
	}
}

func providerRoutes(api *API, s *oidc.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/sign-in-providers", ID: "list-sign-in-providers", Summary: "List who vouches for staff", Tag: providerTag, Needs: access.StaffRead, wire: true},
		func(ctx context.Context, _ *Nothing) (*Answer[AllBody[ProviderBody]], error) {
			all, err := s.All(ctx)
			return allOf(all, api.server.providerBody(requestOf(ctx))), err
		})
	Register(api, Route{Method: http.MethodGet, Path: "/sign-in-providers/{id}", ID: "get-sign-in-provider", Summary: "Read a sign-in provider", Tag: providerTag, Needs: access.StaffRead, wire: true},
		func(ctx context.Context, in *ProviderPath) (*Single[ProviderBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			p, err := s.Get(ctx, n)
			return &Single[ProviderBody]{ETag: ETag(p.Version), Body: api.server.providerBody(requestOf(ctx))(p)}, err
		})
}

func providerWrites(api *API, s *oidc.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/sign-in-providers", ID: "create-sign-in-provider", Summary: "Trust a sign-in provider", Tag: providerTag, Needs: access.StaffWrite,
		Status: http.StatusCreated, wire: true, Made: &Made{oidc.Table, oidc.Prefix, "/sign-in-providers"},
		Doc: "An OpenID Connect issuer vouches for anybody: only whoever may do everything trusts one."},
		func(ctx context.Context, in *struct{ Body providerInput }) (*Created[ProviderBody], error) {
			p, err := s.Create(ctx, in.Body.input())
			if err != nil {
				return nil, err
			}
			b := api.server.providerBody(requestOf(ctx))(p)
			return &Created[ProviderBody]{Location: base + "/sign-in-providers/" + b.ID, ETag: ETag(p.Version), Body: b}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/sign-in-providers/{id}", ID: "patch-sign-in-provider", Summary: "Change a sign-in provider", Tag: providerTag, Needs: access.StaffWrite, wire: true,
		Doc: "Disabled, it ends the sessions that began by it."},
		func(ctx context.Context, in *struct {
			ProviderPath
			MatchParam
			Body providerInput
		}) (*Single[ProviderBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			body := api.server.providerBody(requestOf(ctx))
			p, err := s.Update(ctx, n, version, in.Body.input())
			if err != nil {
				return nil, current(err, body)
			}
			return &Single[ProviderBody]{ETag: ETag(p.Version), Body: body(p)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/sign-in-providers/{id}", ID: "delete-sign-in-provider", Summary: "Remove a sign-in provider", Tag: providerTag, Needs: access.StaffWrite,
		Status: http.StatusNoContent, wire: true, Doc: "Its links go with it, and the sessions that began by it end."},
		func(ctx context.Context, in *struct {
			ProviderPath
			MatchParam
		}) (*Nothing, error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, current(s.Remove(ctx, n, version), api.server.providerBody(requestOf(ctx)))
		})
}

// ProviderLinkBody says whom a provider means by a staff user.
type ProviderLinkBody struct {
	ID         string     `json:"id"`
	Provider   string     `json:"provider" doc:"its name"`
	Email      string     `json:"email" doc:"the address they were linked by"`
	CreatedAt  *time.Time `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

func linkBody(l oidc.Link) ProviderLinkBody {
	return ProviderLinkBody{ID: id.Format(oidc.LinkPrefix, l.ID), Provider: l.Provider, Email: l.Email, CreatedAt: Time(l.CreatedAt), LastUsedAt: Time(l.LastUsedAt)}
}

func linkRoutes(api *API, s *oidc.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/session/provider-links", ID: "list-own-provider-links", Summary: "Who vouches for oneself", Tag: sessionTag, Needs: SignedIn},
		func(ctx context.Context, _ *Nothing) (*Answer[AllBody[ProviderLinkBody]], error) {
			all, err := s.Own(ctx)
			return allOf(all, linkBody), err
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/session/provider-links/{id}", ID: "remove-own-provider-link", Summary: "Take a link of one's own away", Tag: sessionTag, Needs: SignedIn,
		Status: http.StatusNoContent},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*Nothing, error) {
			n, err := pathID(oidc.LinkPrefix, "link", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.RemoveOwn(ctx, n)
		})
	Register(api, Route{Method: http.MethodGet, Path: "/staff/{id}/provider-links", ID: "list-provider-links", Summary: "Who vouches for a staff user", Tag: staffTag, Needs: access.StaffWrite},
		func(ctx context.Context, in *StaffID) (*Answer[AllBody[ProviderLinkBody]], error) {
			n, err := pathID(staff.Prefix, "staff user", in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.Of(ctx, n)
			return allOf(all, linkBody), err
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/staff/{id}/provider-links/{link}", ID: "remove-provider-link", Summary: "Take a link of a staff user's away", Tag: staffTag, Needs: access.StaffWrite,
		Status: http.StatusNoContent, Doc: "The sessions that began by it end."},
		func(ctx context.Context, in *struct {
			StaffID
			Link string `path:"link"`
		}) (*Nothing, error) {
			n, err := pathID(staff.Prefix, "staff user", in.ID)
			if err != nil {
				return nil, err
			}
			link, err := pathID(oidc.LinkPrefix, "link", in.Link)
			if err != nil {
				return nil, err
			}
			return nil, s.RemoveOf(ctx, n, link)
		})
}
