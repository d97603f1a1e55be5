package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/id"
)

// SessionInfo is a place where somebody is signed in.
type SessionInfo struct {
	ID        string      `json:"id"`
	Kind      access.Kind `json:"kind" doc:"as whom: staff or contact"`
	Customer  string      `json:"customer,omitempty" doc:"of a contact: the customer's name"`
	IP        string      `json:"ip" doc:"from where it began"`
	Agent     string      `json:"agent" doc:"the browser, as it calls itself"`
	CreatedAt *time.Time  `json:"created_at"`
	SeenAt    *time.Time  `json:"seen_at"`
	ExpiresAt *time.Time  `json:"expires_at"`
	This      bool        `json:"this" doc:"the one that asks"`
}

func sessionInfo(i session.Info) SessionInfo {
	return SessionInfo{ID: id.Format(session.Prefix, i.ID), Kind: i.Member.Kind, Customer: i.Customer, IP: i.IP, Agent: i.Agent,
		CreatedAt: Time(i.CreatedAt), SeenAt: Time(i.SeenAt), ExpiresAt: Time(i.ExpiresAt), This: i.This}
}

// token is the session of a request; empty when it has none.
func (s *Server) token(r *http.Request) string {
	cookie, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// ownSessionRoutes is where the caller is signed in, and for those who write staff, where others are.
func ownSessionRoutes(api *API, sessions *session.Service) {
	s := api.server
	own := func(method, path, name, summary string) Route {
		return Route{Method: method, Path: "/session/all" + path, ID: name, Summary: summary, Tag: sessionTag, Needs: SignedIn, Portal: true, wire: true}
	}
	Register(api, own(http.MethodGet, "", "list-own-sessions", "Where one is signed in"),
		func(ctx context.Context, _ *Nothing) (*Answer[AllBody[SessionInfo]], error) {
			all, err := sessions.Own(ctx, s.token(requestOf(ctx)))
			return allOf(all, sessionInfo), err
		})
	one := own(http.MethodDelete, "/{id}", "end-own-session", "Sign out somewhere else")
	one.Status = http.StatusNoContent
	Register(api, one, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*Nothing, error) {
		n, err := pathID(session.Prefix, "session", in.ID)
		if err != nil {
			return nil, err
		}
		return nil, sessions.EndOwn(ctx, n)
	})
	others := own(http.MethodDelete, "", "end-other-sessions", "Sign out everywhere else")
	others.Status = http.StatusNoContent
	Register(api, others, func(ctx context.Context, _ *Nothing) (*Nothing, error) {
		return nil, sessions.EndOthers(ctx, s.token(requestOf(ctx)))
	})
	Register(api, Route{Method: http.MethodGet, Path: "/staff/{id}/sessions", ID: "list-staff-sessions", Summary: "Where a staff user is signed in", Tag: staffTag, Needs: access.StaffWrite},
		func(ctx context.Context, in *StaffID) (*Answer[AllBody[SessionInfo]], error) {
			n, err := pathID(staff.Prefix, "staff user", in.ID)
			if err != nil {
				return nil, err
			}
			all, err := sessions.OfStaff(ctx, n)
			return allOf(all, sessionInfo), err
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/staff/{id}/sessions", ID: "end-staff-sessions", Summary: "Sign a staff user out everywhere", Tag: staffTag, Needs: access.StaffWrite,
		Status: http.StatusNoContent},
		func(ctx context.Context, in *StaffID) (*Nothing, error) {
			n, err := pathID(staff.Prefix, "staff user", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, sessions.EndOfStaff(ctx, n)
		})
}
