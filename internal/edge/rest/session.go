package rest

import (
	"context"
	"net/http"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/identity"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const sessionTag = "Sign-in"

// MeBody is who is signed in and what they may do.
type MeBody struct {
	Kind        access.Kind         `json:"kind" doc:"staff, contact or token"`
	Staff       MeStaff             `json:"staff" doc:"the person, whatever the kind"`
	Customer    *RefBody            `json:"customer" doc:"of a contact: the customer that it sees"`
	Permissions []access.Permission `json:"permissions"`
	Masks       []access.Mask       `json:"masks" doc:"What is hidden from the caller: see GET /masks."`
	Root        string              `json:"root" doc:"The reseller whose customers are seen; empty: all."`
	Must        string              `json:"must,omitempty" doc:"what has to be done before anything else is open: change_password, set_second_factor"`
}

// MeStaff is the person who is signed in; for a token, the token.
type MeStaff struct {
	ID    string        `json:"id"`
	Name  string        `json:"name"`
	Email string        `json:"email"`
	Role  access.Role   `json:"role" doc:"The first of the roles."`
	Roles []access.Role `json:"roles"`
}

// memberPrefixes is how the IDs of those begin who sign in.
var memberPrefixes = map[access.Kind]string{access.KindStaff: staff.Prefix, access.KindToken: session.TokenPrefix, access.KindContact: contact.Prefix}

func meBody(p access.Principal, who identity.Person) MeBody {
	may := slices.Clone(p.Permissions)
	slices.Sort(may)
	b := MeBody{Kind: p.Kind, Staff: MeStaff{ID: id.Format(memberPrefixes[p.Kind], p.ID), Name: p.Name, Email: who.Email, Role: p.Role, Roles: append([]access.Role{}, p.Roles...)}, Permissions: may, Masks: append([]access.Mask{}, p.Masks...), Must: p.Must}
	if may == nil {
		b.Permissions = []access.Permission{}
	}
	if p.Root != 0 {
		b.Root = id.Format(customer.Prefix, p.Root)
	}
	if p.Customer != 0 {
		b.Customer = &RefBody{id.Format(customer.Prefix, p.Customer), who.CustomerName}
	}
	return b
}

// DoorBody is as who a person may sign in.
type DoorBody struct {
	Kind     access.Kind `json:"kind" doc:"staff or contact"`
	ID       string      `json:"id" doc:"to be sent as membership"`
	Name     string      `json:"name"`
	Customer string      `json:"customer,omitempty" doc:"of a contact: the customer's name"`
}

// SignInBody is who is signed in; or, when the person may come in by several doors, those, and nobody is signed in yet.
type SignInBody struct {
	Kind        access.Kind         `json:"kind,omitempty" doc:"staff or contact"`
	Staff       *MeStaff            `json:"staff,omitempty" doc:"the person, whatever the kind"`
	Customer    *RefBody            `json:"customer,omitempty" doc:"of a contact: the customer that it sees"`
	Permissions []access.Permission `json:"permissions,omitzero"`
	Root        *string             `json:"root,omitempty" doc:"The reseller whose customers are seen; empty: all."`
	Must        string              `json:"must,omitempty" doc:"what has to be done before anything else is open: change_password, set_second_factor"`
	Memberships []DoorBody          `json:"memberships,omitempty" doc:"one of these has to be chosen, and nobody is signed in yet"`
	Ticket      string              `json:"ticket,omitempty" doc:"after a passkey: to be sent with the one that is chosen"`
}

// signedIn is the answer that sets the session's cookie, unless one has to be chosen first.
type signedIn struct {
	Status    int
	SetCookie string `header:"Set-Cookie"`
	Body      SignInBody
}

// noBodyCookie is an answer without a body that sets or takes away the cookie.
type noBodyCookie struct {
	SetCookie string `header:"Set-Cookie"`
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"320"`
		Password string `json:"password" maxLength:"1024"`
		// As is read by memberOf.
		As  string `json:"membership,omitempty" maxLength:"64" doc:"as who, when the answer before offered several"`
		OTP string `json:"otp,omitempty" maxLength:"40" doc:"The code of the person's authenticator app, or a recovery code, once 401 otp_required has asked for it."`
	}
}

// memberOf reads the ID of somebody who signs in.
func memberOf(text string) (identity.Member, error) {
	if text == "" {
		return identity.Member{}, nil
	}
	for _, kind := range []access.Kind{access.KindStaff, access.KindContact} {
		if n, err := id.Parse(memberPrefixes[kind], text); err == nil {
			return identity.Member{Kind: kind, ID: n}, nil
		}
	}
	var wrong errs.Fields
	wrong.Add("membership", "unknown", "There is no such membership.")
	return identity.Member{}, wrong.Err()
}

// Sessions is signing in and out, and passwords.
func Sessions(sessions *session.Service, people *identity.Service) Module {
	return func(api *API) {
		api.Code("wrong_credentials", "401. The e-mail address or the password is wrong.")
		api.Code("too_many_attempts", "429. Too many tries to sign in; Retry-After says when to try again.")
		api.Code(access.MustChangePassword, "403. The person was given a password, and has to choose one of their own before anything else.")
		api.Code(access.MustSetSecondFactor, "403. A role of the person's requires a second factor, and they have none: they have to set one up before anything else.")
		api.Code("passkey_required", "401. A role of the person's requires more than a password, and what they have set up is a passkey.")
		api.Code("bad_link", "422. The one-time link was used, has expired or was replaced.")
		sessionRoutes(api, sessions, people)
		passwordRoutes(api, sessions, people)
		secondRoutes(api, sessions, people)
		ownSessionRoutes(api, sessions)
		passkeyRoutes(api, sessions, people)
	}
}

func sessionRoutes(api *API, sessions *session.Service, people *identity.Service) {
	s := api.server
	Register(api, Route{Method: "POST", Path: "/session", ID: "sign-in", Summary: "Sign in", Tag: sessionTag, Needs: Public, Status: http.StatusCreated, wire: true,
		Doc: "Sets the session's cookie. Whoever may come in by several doors, as a contact of two customers or as staff and contact, is answered 200 with those, and sends the same again with one of them as membership. Wrong tries are counted for each address signed in with and each network called from; the wait between them doubles."},
		func(ctx context.Context, in *signInInput) (*signedIn, error) {
			as, err := memberOf(in.Body.As)
			if err != nil {
				return nil, err
			}
			r := requestOf(ctx)
			started, err := sessions.SignIn(ctx, session.Credentials{Email: in.Body.Email, Password: in.Body.Password, As: as, OTP: in.Body.OTP, Agent: r.UserAgent()})
			if err != nil {
				return nil, err
			}
			if len(started.Choices) > 0 {
				return doorsAnswer(started.Choices), nil
			}
			return s.startedAnswer(r, started), s.endBefore(ctx, sessions)
		})
	Register(api, Route{Method: "GET", Path: "/session", ID: "who-am-i", Summary: "Who is signed in", Tag: sessionTag, Needs: SignedIn, Portal: true, Always: true},
		func(ctx context.Context, _ *Nothing) (*Answer[MeBody], error) {
			p := access.From(ctx).Principal
			if p.Kind != access.KindStaff && p.Kind != access.KindContact {
				return &Answer[MeBody]{Body: meBody(p, identity.Person{})}, nil
			}
			own, err := people.Own(ctx)
			if err != nil {
				return nil, err
			}
			return &Answer[MeBody]{Body: meBody(p, own.Person)}, nil
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
	me := meBody(started.Principal, started.Person)
	return &signedIn{Status: http.StatusCreated, SetCookie: s.signInCookie(r, started.Token, started.Until).String(),
		Body: SignInBody{Kind: me.Kind, Staff: &me.Staff, Customer: me.Customer, Permissions: me.Permissions, Root: &me.Root, Must: me.Must}}
}

func doorsAnswer(choices []identity.Person) *signedIn {
	out := &signedIn{Status: http.StatusOK}
	for _, p := range choices {
		out.Body.Memberships = append(out.Body.Memberships, DoorBody{Kind: p.Kind, ID: id.Format(memberPrefixes[p.Kind], p.ID), Name: p.Name, Customer: p.CustomerName})
	}
	return out
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

func passwordRoutes(api *API, sessions *session.Service, people *identity.Service) {
	s := api.server
	Register(api, Route{Method: "POST", Path: "/session/password", ID: "change-password", Summary: "Change one's own password", Tag: sessionTag,
		Needs: SignedIn, Portal: true, Always: true, Status: http.StatusNoContent, wire: true, Doc: "Every other session of the person ends; this one goes on under a new cookie."},
		func(ctx context.Context, in *passwordInput) (*noBodyCookie, error) {
			started, err := sessions.ChangePassword(ctx, in.Body.Current, in.Body.New, requestOf(ctx).UserAgent())
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
