package rest

import (
	"context"
	"crypto/subtle"
	"net/http"

	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/secret"
)

// SetupBody tells whether the first person has to be made.
type SetupBody struct {
	Needed bool `json:"needed"`
}

type setupInput struct {
	Body struct {
		Token    string `json:"token" maxLength:"256" doc:"From the link that the program printed when it started."`
		Name     string `json:"name" maxLength:"1000"`
		Email    string `json:"email" maxLength:"1000"`
		Password string `json:"password" maxLength:"1024"`
	}
}

// Setup is the first start: whoever has the token that this process printed makes the first admin, once. An empty
// token opens nothing.
func Setup(people *staff.Service, sessions *session.Service, token string) Module {
	return func(api *API) {
		api.Code("setup_done", "409. Tandem has been set up already.")
		api.Code("bad_setup_token", "403. This is not the set-up link that the program printed when it started.")
		Register(api, Route{Method: "GET", Path: "/setup", ID: "get-setup", Summary: "Whether set-up is needed", Tag: sessionTag, Needs: Public},
			func(ctx context.Context, _ *Nothing) (*Answer[SetupBody], error) {
				needed, err := people.Needed(ctx)
				return &Answer[SetupBody]{Body: SetupBody{Needed: needed}}, err
			})
		Register(api, Route{Method: "POST", Path: "/setup", ID: "set-up", Summary: "Make the first admin, and sign in", Tag: sessionTag,
			Needs: Public, Status: http.StatusCreated, wire: true},
			func(ctx context.Context, in *setupInput) (*signedIn, error) {
				needed, err := people.Needed(ctx)
				if err != nil {
					return nil, err
				}
				if !needed {
					return nil, errs.New(errs.KindConflict, "setup_done", "Tandem has been set up already. Sign in instead.")
				}
				if token == "" || subtle.ConstantTimeCompare(secret.Digest(in.Body.Token), secret.Digest(token)) != 1 {
					return nil, &errs.Error{Kind: errs.KindForbidden, Code: "bad_setup_token", Detail: "Use the newest link that the program printed when it started.",
						Fields: []errs.Field{{Field: "token", Code: "bad_setup_token", Message: "This is not the set-up token."}}}
				}
				made, err := people.SetUp(ctx, staff.Input{Name: in.Body.Name, Email: in.Body.Email, Password: in.Body.Password})
				if err != nil {
					return nil, err
				}
				started, err := sessions.Start(ctx, made.ID)
				if err != nil {
					return nil, err
				}
				return api.server.startedAnswer(requestOf(ctx), started), nil
			})
	}
}
