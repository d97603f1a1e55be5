package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/id"
)

const tokenTag = "API tokens"

// TokenBody is a token of a machine. Its secret is there only in the answer to its creation.
type TokenBody struct {
	ID         string              `json:"id"`
	Name       string              `json:"name"`
	Role       access.Role         `json:"role"`
	Scopes     []access.Permission `json:"scopes" doc:"Empty: all that the role may do."`
	Reseller   *RefBody            `json:"reseller" doc:"Whose customers it sees; null: everything its maker does."`
	Hint       string              `json:"hint" doc:"The last letters of the secret."`
	CreatedBy  string              `json:"created_by,omitempty" doc:"The staff user it ends with."`
	CreatedAt  *time.Time          `json:"created_at"`
	ExpiresAt  *time.Time          `json:"expires_at"`
	LastUsedAt *time.Time          `json:"last_used_at"`
	Token      string              `json:"token,omitempty" doc:"The secret, shown once."`
}

func tokenBody(t session.Token) TokenBody {
	b := TokenBody{ID: id.Format(session.TokenPrefix, t.ID), Name: t.Name, Role: t.Role, Scopes: t.Scopes, Reseller: resellerRef(t.Reseller, t.ResellerName), Hint: t.Hint,
		CreatedAt: Time(t.CreatedAt), ExpiresAt: Time(t.ExpiresAt), LastUsedAt: Time(t.LastUsedAt)}
	if b.Scopes == nil {
		b.Scopes = []access.Permission{}
	}
	if t.CreatedBy != 0 {
		b.CreatedBy = id.Format(staff.Prefix, t.CreatedBy)
	}
	return b
}

type tokenID struct {
	ID string `path:"id"`
}

func (p tokenID) parse() (int64, error) { return pathID(session.TokenPrefix, "token", p.ID) }

type createTokenInput struct {
	Body struct {
		Name      string         `json:"name" maxLength:"1000"`
		Role      string         `json:"role" maxLength:"100" doc:"one that ships (admin, manager, support, read_only) or one of your own"`
		Scopes    []string       `json:"scopes,omitempty" maxItems:"100" doc:"Permissions of the role; left out: all of them."`
		Reseller  string         `json:"reseller,omitempty" maxLength:"100" doc:"The ID of the reseller whose customers it sees alone; left out: everything."`
		ExpiresAt Opt[time.Time] `json:"expires_at,omitzero" doc:"Left out or null: never."`
	}
}

// Tokens is the tokens of machines.
func Tokens(sessions *session.Service) Module {
	return func(api *API) {
		describedList(api, Route{Path: "/api-tokens", ID: "list-tokens", Summary: "List the tokens", Tag: tokenTag, Needs: access.TokenRead}, sessions.TokenTable, sessions.Tokens, tokenBody)
		Register(api, Route{Method: "GET", Path: "/api-tokens/{id}", ID: "get-token", Summary: "Read a token", Tag: tokenTag, Needs: access.TokenRead},
			func(ctx context.Context, in *tokenID) (*Answer[TokenBody], error) {
				n, err := in.parse()
				if err != nil {
					return nil, err
				}
				t, err := sessions.GetToken(ctx, n)
				return &Answer[TokenBody]{Body: tokenBody(t)}, err
			})
		Register(api, Route{Method: "POST", Path: "/api-tokens", ID: "create-token", Summary: "Create a token; its secret is shown once", Tag: tokenTag,
			Needs: access.TokenWrite, Status: http.StatusCreated, Made: &Made{"api_tokens", session.TokenPrefix, "/api-tokens"}, ShownOnce: []string{"token"}, Doc: "It ends with the staff user who made it."},
			func(ctx context.Context, in *createTokenInput) (*Created[TokenBody], error) {
				reseller, err := resellerID(in.Body.Reseller)
				if err != nil {
					return nil, err
				}
				want := session.TokenInput{Reseller: reseller, Name: in.Body.Name, Role: access.Role(in.Body.Role)}
				for _, scope := range in.Body.Scopes {
					want.Scopes = append(want.Scopes, access.Permission(scope))
				}
				if at := in.Body.ExpiresAt.Pointer(); at != nil {
					want.ExpiresAt = clock.Micros(*at)
				}
				t, word, err := sessions.CreateToken(ctx, want)
				if err != nil {
					return nil, err
				}
				b := tokenBody(t)
				b.Token = word
				return &Created[TokenBody]{Location: base + "/api-tokens/" + b.ID, Body: b}, nil
			})
		Register(api, Route{Method: "DELETE", Path: "/api-tokens/{id}", ID: "revoke-token", Summary: "Revoke a token at once", Tag: tokenTag,
			Needs: access.TokenWrite, Status: http.StatusNoContent},
			func(ctx context.Context, in *tokenID) (*Nothing, error) {
				n, err := in.parse()
				if err != nil {
					return nil, err
				}
				return nil, sessions.RevokeToken(ctx, n)
			})
	}
}
