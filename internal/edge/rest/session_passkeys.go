package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"tandem/internal/core/identity"
	"tandem/internal/core/session"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// PasskeyBody is a key of the caller's.
type PasskeyBody struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	CreatedAt  *time.Time `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

func passkeyBody(p identity.Passkey) PasskeyBody {
	return PasskeyBody{ID: id.Format(identity.PasskeyPrefix, p.ID), Name: p.Name, CreatedAt: Time(p.CreatedAt), LastUsedAt: Time(p.LastUsedAt)}
}

// AskedBody is what a device is asked.
type AskedBody struct {
	Ticket  string         `json:"ticket" doc:"to be sent with the device's answer, within five minutes"`
	Options map[string]any `json:"options" doc:"WebAuthn's options, as JSON"`
}

func askedBody(a identity.Asked, err error) (*Answer[AskedBody], error) {
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(a.Options)
	out := &Answer[AskedBody]{AskedBody{Ticket: a.Ticket}}
	if err == nil {
		err = json.Unmarshal(text, &out.Body.Options)
	}
	if err != nil {
		return nil, fmt.Errorf("write what a device is asked: %w", err)
	}
	return out, nil
}

func credential(given map[string]any) ([]byte, error) {
	text, err := json.Marshal(given)
	if err != nil {
		return nil, fmt.Errorf("read the device's answer: %w", err)
	}
	return text, nil
}

// passkeyRoutes is keys in a device, and signing in with one.
func passkeyRoutes(api *API, sessions *session.Service, people *identity.Service) {
	api.Code("bad_passkey", "401. The passkey was not accepted.")
	api.Code("bad_ticket", "401. This step of signing in took too long, or was taken already.")
	api.Code("no_passkeys_here", "409. Passkeys need a name to be reached by, not an IP address.")
	api.Code("too_many_passkeys", "409. There are as many passkeys as there may be.")
	ownPasskeyRoutes(api, sessions, people)
	s := api.server
	Register(api, Route{Method: http.MethodPost, Path: "/session/passkey/begin", ID: "begin-passkey-sign-in", Summary: "Ask a device for a passkey", Tag: sessionTag, Needs: Public, wire: true},
		func(ctx context.Context, _ *struct{ Body *struct{} }) (*Answer[AskedBody], error) { // nothing may stand in it
			return askedBody(people.AskPasskey(ctx, s.origin(requestOf(ctx))))
		})
	Register(api, Route{Method: http.MethodPost, Path: "/session/passkey", ID: "passkey-sign-in", Summary: "Sign in with a passkey", Tag: sessionTag, Needs: Public, Status: http.StatusCreated, wire: true,
		Doc: "Whoever may come in by several doors is answered 200 with those and a ticket, and sends the ticket with one of them as membership."},
		func(ctx context.Context, in *struct {
			Body struct {
				Ticket     string         `json:"ticket" maxLength:"64"`
				Credential map[string]any `json:"credential,omitempty" doc:"the device's answer, as JSON"`
				As         string         `json:"membership,omitempty" maxLength:"64"`
			}
		}) (*signedIn, error) {
			r := requestOf(ctx)
			started, err := byPasskey(ctx, sessions, s.origin(r), in.Body.Ticket, in.Body.As, in.Body.Credential, r.UserAgent())
			if err != nil {
				return nil, err
			}
			if len(started.Choices) > 0 {
				out := doorsAnswer(started.Choices)
				out.Body.Ticket = started.Ticket
				return out, nil
			}
			return s.startedAnswer(r, started), s.endBefore(ctx, sessions)
		})
}

func byPasskey(ctx context.Context, sessions *session.Service, origin, ticket, as string, given map[string]any, agent string) (session.Started, error) {
	if as != "" {
		m, err := memberOf(as)
		if err != nil {
			return session.Started{}, err
		}
		return sessions.Choose(ctx, ticket, m, agent)
	}
	text, err := credential(given)
	if err != nil {
		return session.Started{}, err
	}
	return sessions.ByPasskey(ctx, origin, ticket, text, agent)
}

// endBefore ends the session that the request came with: it ends with its cookie.
func (s *Server) endBefore(ctx context.Context, sessions *session.Service) error {
	if old := s.token(requestOf(ctx)); old != "" {
		return sessions.SignOut(ctx, old)
	}
	return nil
}

func ownPasskeyRoutes(api *API, sessions *session.Service, people *identity.Service) {
	s := api.server
	own := func(method, path, name, summary string) Route {
		return Route{Method: method, Path: "/session/passkeys" + path, ID: name, Summary: summary, Tag: sessionTag, Needs: SignedIn, Portal: true, Always: true, wire: true}
	}
	Register(api, own(http.MethodGet, "", "list-passkeys", "One's own passkeys"),
		func(ctx context.Context, _ *Nothing) (*Answer[AllBody[PasskeyBody]], error) {
			d, err := people.Own(ctx)
			if err != nil {
				return nil, err
			}
			keys, err := people.Passkeys(ctx, d.Identity)
			return allOf(keys, passkeyBody), err
		})
	begin := own(http.MethodPost, "/begin", "begin-passkey", "Ask one's own device for a new passkey")
	begin.ShownOnce = []string{"ticket"}
	Register(api, begin, func(ctx context.Context, in *provedInput) (*Answer[AskedBody], error) {
		if err := sessions.ProveAgain(ctx, in.Body.Password, s.token(requestOf(ctx))); err != nil {
			return nil, err
		}
		return askedBody(people.BeginPasskey(ctx, s.origin(requestOf(ctx))))
	})
	add := own(http.MethodPost, "", "add-passkey", "Keep the passkey that one's own device has made")
	add.Status = http.StatusCreated
	Register(api, add, func(ctx context.Context, in *struct {
		Body struct {
			Ticket     string         `json:"ticket" maxLength:"64"`
			Name       string         `json:"name,omitempty" maxLength:"400" doc:"to tell them apart"`
			Credential map[string]any `json:"credential" doc:"the device's answer, as JSON"`
		}
	}) (*Answer[PasskeyBody], error) {
		text, err := credential(in.Body.Credential)
		if err != nil {
			return nil, err
		}
		p, err := people.AddPasskey(ctx, s.origin(requestOf(ctx)), in.Body.Ticket, in.Body.Name, text)
		if errs.IsKind(err, errs.KindUnauthorized) { // who asks is known: it is the answer that is wrong
			var wrong errs.Fields
			wrong.Add("credential", "bad_passkey", "This passkey was not accepted. Begin again.")
			err = wrong.Err()
		}
		return &Answer[PasskeyBody]{passkeyBody(p)}, err
	})
	remove := own(http.MethodDelete, "/{id}", "remove-passkey", "Take a passkey away")
	remove.Status = http.StatusNoContent
	Register(api, remove, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*Nothing, error) {
		n, err := pathID(identity.PasskeyPrefix, "passkey", in.ID)
		if err != nil {
			return nil, err
		}
		return nil, people.RemovePasskey(ctx, n)
	})
}
