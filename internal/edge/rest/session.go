package rest

import (
	"context"
	"net/http"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/id"
)

const sessionTag = "Sign-in"

// MeBody is who is signed in and what they may do.
type MeBody struct {
	Staff       MeStaff             `json:"staff"`
	Permissions []access.Permission `json:"permissions"`
	Root        string              `json:"root" doc:"The reseller whose customers are seen; empty: all."`
}

// MeStaff is the person who is signed in; for a token, the token.
type MeStaff struct {
	ID    string      `json:"id"`
	Name  string      `json:"name"`
	Email string      `json:"email"`
	Role  access.Role `json:"role"`
}

func meBody(p access.Principal, email string) MeBody {
	prefix := staff.Prefix
	if p.Kind == access.KindToken {
		prefix = session.TokenPrefix
	}
	may := slices.Clone(p.Permissions)
	slices.Sort(may)
	return MeBody{Staff: MeStaff{ID: id.Format(prefix, p.ID), Name: p.Name, Email: email, Role: p.Role}, Permissions: may}
}

// signedIn is the answer that sets the session's cookie.
type signedIn struct {
	SetCookie string `header:"Set-Cookie"`
	Body      MeBody
}

// noBodyCookie is an answer without a body that sets or takes away the cookie.
type noBodyCookie struct {
	SetCookie string `header:"Set-Cookie"`
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"320"`
		Password string `json:"password" maxLength:"1024"`
		OTP      string `json:"otp,omitempty" maxLength:"16" doc:"Kept for a second factor; not asked for yet."`
	}
}

// Sessions is signing in and out, and passwords.
func Sessions(sessions *session.Service, people *staff.Service) Module {
	return func(api *API) {
		api.Code("wrong_credentials", "401. The e-mail address or the password is wrong.")
		api.Code("too_many_attempts", "429. Too many tries to sign in; Retry-After says when to try again.")
		api.Code("bad_link", "422. The one-time link was used, has expired or was replaced.")
		sessionRoutes(api, sessions, people)
		passwordRoutes(api, sessions, people)
	}
}

func sessionRoutes(api *API, sessions *session.Service, people *staff.Service) {
	s := api.server
	Register(api, Route{Method: "POST", Path: "/session", ID: "sign-in", Summary: "Sign in", Tag: sessionTag, Needs: Public, Status: http.StatusCreated, wire: true,
		Doc: "Sets the session's cookie. Wrong tries are counted for each address signed in with and each network called from; the wait between them doubles."},
		func(ctx context.Context, in *signInInput) (*signedIn, error) {
			started, err := sessions.SignIn(ctx, in.Body.Email, in.Body.Password)
			if err != nil {
				return nil, err
			}
			r := requestOf(ctx)
			if old, err := r.Cookie(s.cookieName(r)); err == nil && old.Value != "" {
				if err := sessions.SignOut(ctx, old.Value); err != nil { // the session before ends with its cookie
					return nil, err
				}
			}
			return s.startedAnswer(r, started), nil
		})
	Register(api, Route{Method: "GET", Path: "/session", ID: "who-am-i", Summary: "Who is signed in", Tag: sessionTag, Needs: SignedIn},
		func(ctx context.Context, _ *Nothing) (*Answer[MeBody], error) {
			p := access.From(ctx).Principal
			email := ""
			if p.Kind == access.KindStaff {
				account, err := people.Account(ctx, p.ID)
				if err != nil {
					return nil, err
				}
				email = account.Email
			}
			return &Answer[MeBody]{Body: meBody(p, email)}, nil
		})
	Register(api, Route{Method: "DELETE", Path: "/session", ID: "sign-out", Summary: "Sign out", Tag: sessionTag, Needs: Public, Status: http.StatusNoContent, wire: true},
		func(ctx context.Context, _ *Nothing) (*noBodyCookie, error) {
			r := requestOf(ctx)
			if cookie, err := r.Cookie(s.cookieName(r)); err == nil && cookie.Value != "" {
				if err := sessions.SignOut(ctx, cookie.Value); err != nil {
					return nil, err
				}
			}
			return &noBodyCookie{SetCookie: s.signOutCookie(r).String()}, nil
		})
}

func (s *Server) startedAnswer(r *http.Request, started session.Started) *signedIn {
	return &signedIn{SetCookie: s.signInCookie(r, started.Token, started.Until).String(), Body: meBody(started.Principal, started.Staff.Email)}
}

type passwordInput struct {
	Body struct {
		Current string `json:"current" maxLength:"1024"`
		New     string `json:"new" maxLength:"1024"`
	}
}

type forgotInput struct {
	Body struct {
		Email string `json:"email" maxLength:"320"`
	}
}

type setPasswordInput struct {
	Body struct {
		Token    string `json:"token" maxLength:"256"`
		Password string `json:"password" maxLength:"1024"`
	}
}

func passwordRoutes(api *API, sessions *session.Service, people *staff.Service) {
	s := api.server
	Register(api, Route{Method: "POST", Path: "/session/password", ID: "change-password", Summary: "Change one's own password", Tag: sessionTag,
		Needs: SignedIn, Status: http.StatusNoContent, wire: true, Doc: "Every other session of the person ends; this one goes on under a new cookie."},
		func(ctx context.Context, in *passwordInput) (*noBodyCookie, error) {
			started, err := sessions.ChangePassword(ctx, in.Body.Current, in.Body.New)
			if err != nil {
				return nil, err
			}
			return &noBodyCookie{SetCookie: s.signInCookie(requestOf(ctx), started.Token, started.Until).String()}, nil
		})
	Register(api, Route{Method: "POST", Path: "/session/set-password", ID: "set-password", Summary: "Set a password through a one-time link", Tag: sessionTag,
		Needs: Public, Status: http.StatusNoContent},
		func(ctx context.Context, in *setPasswordInput) (*Nothing, error) {
			return nil, people.SetPassword(ctx, in.Body.Token, in.Body.Password)
		})
	Register(api, Route{Method: "POST", Path: "/session/forgot-password", ID: "forgot-password", Summary: "Ask for a link to set a new password", Tag: sessionTag,
		Needs: Public, Status: http.StatusNoContent, Doc: "The answer is the same whether anybody has this address. The link comes by mail, works once and for an hour."},
		func(ctx context.Context, in *forgotInput) (*Nothing, error) {
			return nil, sessions.Forgot(ctx, in.Body.Email)
		})
}

// requestOf is the HTTP request behind a handler whose route is marked wire: for cookies alone.
func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(wireKey{}).(*http.Request)
	return r
}

type wireKey struct{}
