package rest

import (
	"context"
	"net/http"

	"tandem/internal/core/oidc"
	"tandem/internal/core/session"
	"tandem/internal/kit/id"
)

// WayInBody is a provider that staff may sign in by.
type WayInBody struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// WayOutBody is where a browser goes to sign in.
type WayOutBody struct {
	URL string `json:"url"`
}

type wayOut struct {
	SetCookie string `header:"Set-Cookie"`
	Body      WayOutBody
}

// beginCookie binds what was begun at a provider to the browser that began it, over plain http; over https it begins as
// the session's does.
const beginCookie = "tandem_provider"

func (s *Server) beginCookieName(r *http.Request) string {
	if s.secure(r) {
		return "__Host-" + beginCookie
	}
	return beginCookie
}

func (s *Server) beginCookie(r *http.Request, word string) *http.Cookie {
	return &http.Cookie{Name: s.beginCookieName(r), Value: word, Path: "/", MaxAge: int(oidc.AskLife.Seconds()),
		HttpOnly: true, Secure: s.secure(r), SameSite: http.SameSiteLaxMode}
}

func providerCodes(api *API) {
	api.Code("provider_only", "401. Staff sign in through a sign-in provider here.")
	api.Code("provider_other_browser", "401. Signing in at the provider was begun in another browser.")
	api.Code("provider_closed", "401. The provider was disabled or removed meanwhile.")
	api.Code("provider_denied", "401. The provider did not sign the person in.")
	api.Code("provider_wrong", "401. What came back from the provider does not hold: not signed by it, not for us, not of this try, too late.")
	api.Code("provider_domain", "401. The address is not of a domain that the provider may vouch for.")
	api.Code("provider_unknown_person", "401. Nobody works here under the address that the provider vouches for.")
	api.Code("provider_unverified", "401. The provider does not say that the address is verified.")
	api.Code("provider_other_person", "401. The address is linked to another person of the provider's.")
	api.Code("provider_unreachable", "503. The provider does not answer as it should.")
}

// providerSignIn is signing in by somebody else's word.
func providerSignIn(api *API, providers *oidc.Service, sessions *session.Service) {
	providerCodes(api)
	s := api.server
	Register(api, Route{Method: http.MethodGet, Path: "/session/providers", ID: "list-ways-in", Summary: "The providers that staff may sign in by", Tag: sessionTag, Needs: Public},
		func(ctx context.Context, _ *Nothing) (*Answer[AllBody[WayInBody]], error) {
			all, err := providers.Offered(ctx)
			return allOf(all, func(p oidc.Provider) WayInBody { return WayInBody{id.Format(oidc.Prefix, p.ID), p.Name} }), err
		})
	Register(api, Route{Method: http.MethodPost, Path: "/session/provider/begin", ID: "begin-provider-sign-in", Summary: "Begin to sign in at a provider", Tag: sessionTag, Needs: Public, wire: true,
		Doc: "The browser goes to the url, and what it comes back to /sign-in/back with is sent to POST /session/provider within ten minutes, from the same browser."},
		func(ctx context.Context, in *struct {
			Body struct {
				Provider string `json:"provider" maxLength:"64"`
			}
		}) (*wayOut, error) {
			n, err := pathID(oidc.Prefix, "sign-in provider", in.Body.Provider)
			if err != nil {
				return nil, err
			}
			r := requestOf(ctx)
			begun, err := providers.Begin(ctx, n, s.publicURL(r))
			if err != nil {
				return nil, err
			}
			return &wayOut{SetCookie: s.beginCookie(r, begun.Browser).String(), Body: WayOutBody{begun.URL}}, nil
		})
	Register(api, Route{Method: http.MethodPost, Path: "/session/provider", ID: "provider-sign-in", Summary: "Sign in by the word of a provider", Tag: sessionTag, Needs: Public, Status: http.StatusCreated, wire: true,
		Doc: "Whoever has an authenticator app here, and did not show a second factor that counts at the provider, is answered 200 with a ticket, to be sent with the app's code to POST /session/provider/second."},
		func(ctx context.Context, in *struct {
			Body struct {
				State  string `json:"state" maxLength:"100"`
				Code   string `json:"code,omitempty" maxLength:"4000"`
				Issuer string `json:"iss,omitempty" maxLength:"1000"`
				Error  string `json:"error,omitempty" maxLength:"1000"`
			}
		}) (*signedIn, error) {
			r := requestOf(ctx)
			b := oidc.Brought{State: in.Body.State, Code: in.Body.Code, Issuer: in.Body.Issuer, Failed: in.Body.Error, Agent: r.UserAgent()}
			if cookie, err := r.Cookie(s.beginCookieName(r)); err == nil {
				b.Browser = cookie.Value
			}
			started, err := providers.Finish(ctx, b)
			if err != nil {
				return nil, err
			}
			if started.Second {
				return &signedIn{Status: http.StatusOK, Body: SignInBody{Ticket: started.Ticket}}, nil
			}
			return s.startedAnswer(r, started), s.endBefore(ctx, sessions)
		})
	Register(api, Route{Method: http.MethodPost, Path: "/session/provider/second", ID: "provider-second-factor", Summary: "Give the code of the authenticator app after a provider", Tag: sessionTag, Needs: Public,
		Status: http.StatusCreated, wire: true, Doc: "A wrong code begins all over, and counts as a wrong password does."},
		func(ctx context.Context, in *struct {
			Body struct {
				Ticket string `json:"ticket" maxLength:"64"`
				OTP    string `json:"otp" maxLength:"40"`
			}
		}) (*signedIn, error) {
			r := requestOf(ctx)
			started, err := sessions.SecondOfProvider(ctx, in.Body.Ticket, in.Body.OTP, r.UserAgent())
			if err != nil {
				return nil, err
			}
			return s.startedAnswer(r, started), s.endBefore(ctx, sessions)
		})
}
