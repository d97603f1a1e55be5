package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/impersonation"
	"tandem/internal/core/session"
	"tandem/internal/kit/errs"
)

// PortalImpersonation is who is in the portal in a contact's place.
type PortalImpersonation struct {
	Staff    string    `json:"staff" doc:"the name of the staff user"`
	Until    time.Time `json:"until" doc:"it ends then at the latest"`
	ReadOnly bool      `json:"read_only"`
	Reason   string    `json:"reason"`
}

// impersonated is who is here in the contact's place; nil: the contact.
func (s *Server) impersonated(ctx context.Context, lent *impersonation.Service) (*PortalImpersonation, error) {
	if access.From(ctx).Impersonator == nil {
		return nil, nil
	}
	r := requestOf(ctx)
	cookie, err := r.Cookie(s.lentCookieName(r))
	if err != nil {
		return nil, errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
	}
	in, err := lent.Find(ctx, cookie.Value)
	if err != nil {
		return nil, err // it may have ended this moment
	}
	return &PortalImpersonation{Staff: in.Staff.Name, Until: in.Until, ReadOnly: in.ReadOnly, Reason: in.Reason}, nil
}

// PortalLink opens the portal once.
type PortalLink struct {
	URL   string    `json:"url" doc:"for this browser alone, once, for a minute"`
	Until time.Time `json:"until"`
}

// sessionOf is what the session of this browser is bound by; nil without one.
func (s *Server) sessionOf(r *http.Request) []byte {
	cookie, err := r.Cookie(s.cookieName(r))
	if err != nil || cookie.Value == "" || r.Header.Get("Authorization") != "" {
		return nil
	}
	return session.Digest(cookie.Value)
}

// impersonationRoutes is how staff come into the portal as a contact, and leave it.
func impersonationRoutes(api *API, s *impersonation.Service) {
	api.Code("session_only", "403. It is for people at a browser: a token cannot do it.")
	server := api.server
	Register(api, Route{Method: http.MethodPost, Path: "/contacts/{id}/impersonate", ID: "impersonate-contact", Summary: "A link to the portal as a contact sees it", Tag: portalTag, Needs: access.ContactImpersonate,
		Status: http.StatusCreated, wire: true, ShownOnce: []string{"url"},
		Doc: "The link works once, for a minute, in the browser whose session asked for it. What follows reads, unless contact.impersonate_write is held; it ends after an hour, and with the session. It touches nothing that the contact signs in with."},
		func(ctx context.Context, in *struct {
			ContactPath
			Body struct {
				Reason string `json:"reason,omitempty" maxLength:"2000" doc:"why; whether it must be given is a setting"`
			}
		}) (*Answer[PortalLink], error) {
			n, err := pathID(contact.Prefix, "contact", in.ID)
			if err != nil {
				return nil, err
			}
			link, err := s.Begin(ctx, server.sessionOf(requestOf(ctx)), n, in.Body.Reason)
			if err != nil {
				return nil, err
			}
			return &Answer[PortalLink]{PortalLink{URL: "/portal/enter#" + link.Token, Until: link.Until}}, nil
		})
	Register(api, Route{Method: http.MethodPost, Path: "/impersonation", ID: "enter-portal", Summary: "Use a link to the portal", Tag: portalTag, Needs: access.ContactImpersonate,
		Status: http.StatusNoContent, wire: true, Doc: "Sets a cookie of its own beside the session's."},
		func(ctx context.Context, in *struct {
			Body struct {
				Token string `json:"token" maxLength:"256" doc:"what stands behind # in the link"`
			}
		}) (*noBodyCookie, error) {
			r := requestOf(ctx)
			before := ""
			if c, err := r.Cookie(server.lentCookieName(r)); err == nil && len(c.Value) <= 256 {
				before = c.Value
			}
			started, err := s.Enter(ctx, server.sessionOf(r), in.Body.Token, before)
			if err != nil {
				return nil, err
			}
			return &noBodyCookie{SetCookie: server.enterCookie(r, started.Token, started.Until).String()}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/portal/impersonation", ID: "leave-portal", Summary: "Leave the portal of a contact", Tag: portalTag, Needs: Public,
		Status: http.StatusNoContent, wire: true},
		func(ctx context.Context, _ *Nothing) (*noBodyCookie, error) {
			r := requestOf(ctx)
			if c, err := r.Cookie(server.lentCookieName(r)); err == nil && c.Value != "" && len(c.Value) <= 256 {
				if err := s.Leave(ctx, c.Value, "ended by hand"); err != nil {
					return nil, err
				}
			}
			return &noBodyCookie{SetCookie: server.leaveCookie(r).String()}, nil
		})
}
