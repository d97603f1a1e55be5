package rest

import (
	"context"
	"net/http"

	"tandem/internal/core/identity"
	"tandem/internal/core/session"
)

// SecondFactors is what somebody proves who they are by, beside their password.
type SecondFactors struct {
	App           bool `json:"app" doc:"an authenticator app is set up"`
	RecoveryCodes int  `json:"recovery_codes" doc:"how many are left"`
	Required      bool `json:"required" doc:"a role of the person's requires a second factor: the last one cannot be taken away"`
}

// AppBody is the key for an authenticator app, shown once.
type AppBody struct {
	Secret string `json:"secret" doc:"base32, to be typed"`
	URL    string `json:"url" doc:"otpauth://"`
	QR     string `json:"qr" doc:"the URL as a QR code: the path of an SVG, one unit a dot"`
	Size   int    `json:"size" doc:"units that the path is wide and high"`
}

// RecoveryBody is codes that work once each in place of the app's, shown once.
type RecoveryBody struct {
	Codes []string `json:"codes"`
}

type provedInput struct {
	Body struct {
		Password string `json:"password" maxLength:"1024" doc:"the caller's present one"`
	}
}

// secondRoutes is the caller's own second factors.
func secondRoutes(api *API, sessions *session.Service, people *identity.Service) {
	api.Code("otp_required", "401. The password is right; the code of the person's authenticator app, or a recovery code, is asked for.")
	api.Code("wrong_otp", "401, or 422 while an app is set up. The code is wrong or was used already.")
	api.Code("second_factor_needed", "409. A role of the person's requires a second factor, and this is the last one.")
	api.Code("sign_in_again", "403. The person has no password to show that it is they, and came by a sign-in provider too long ago.")
	api.Code("totp_set", "409. An authenticator app is set up already.")
	s := api.server
	own := func(method, path, name, summary string) Route {
		return Route{Method: method, Path: "/session/second-factor" + path, ID: name, Summary: summary, Tag: sessionTag, Needs: SignedIn, Portal: true, Always: true}
	}
	Register(api, own(http.MethodGet, "", "get-second-factors", "One's own second factors"),
		func(ctx context.Context, _ *Nothing) (*Answer[SecondFactors], error) {
			d, err := people.Own(ctx)
			if err != nil {
				return nil, err
			}
			left, err := people.RecoveryLeft(ctx, d.Identity)
			if err != nil {
				return nil, err
			}
			required, err := people.NeedsSecond(ctx, d.Identity)
			return &Answer[SecondFactors]{SecondFactors{App: d.Identity.TOTP, RecoveryCodes: left, Required: required}}, err
		})
	begin := own(http.MethodPost, "/app", "begin-app", "Make a key for an authenticator app")
	begin.ShownOnce, begin.wire = []string{"secret", "url", "qr"}, true
	Register(api, begin, func(ctx context.Context, in *provedInput) (*Answer[AppBody], error) {
		if err := sessions.ProveAgain(ctx, in.Body.Password, s.token(requestOf(ctx))); err != nil {
			return nil, err
		}
		made, err := people.BeginTOTP(ctx, "Tandem "+requestOf(ctx).Host)
		return &Answer[AppBody]{AppBody(made)}, err
	})
	confirm := own(http.MethodPost, "/app/confirm", "confirm-app", "Set the authenticator app up, once it gave a code")
	confirm.ShownOnce = []string{"codes"}
	Register(api, confirm, func(ctx context.Context, in *struct {
		Body struct {
			Code string `json:"code" maxLength:"16"`
		}
	}) (*Answer[RecoveryBody], error) {
		codes, err := people.ConfirmTOTP(ctx, in.Body.Code)
		return &Answer[RecoveryBody]{RecoveryBody{codes}}, err
	})
	remove := own(http.MethodPost, "/app/remove", "remove-app", "Take the authenticator app away")
	remove.Status, remove.wire = http.StatusNoContent, true
	Register(api, remove, func(ctx context.Context, in *provedInput) (*Nothing, error) {
		if err := sessions.ProveAgain(ctx, in.Body.Password, s.token(requestOf(ctx))); err != nil {
			return nil, err
		}
		return nil, people.RemoveTOTP(ctx)
	})
}
