package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/notify"
)

const textTag = "Texts"

// GatewayBody is where texts to telephones are handed over.
type GatewayBody struct {
	URL       string     `json:"url" doc:"Each text is posted there as {\"id\", \"to\", \"text\"}, signed after Standard Webhooks; the id stays the same when it is tried again."`
	Enabled   bool       `json:"enabled"`
	HasSecret bool       `json:"has_secret"`
	Waiting   int64      `json:"waiting" doc:"How many texts are still to go."`
	Trouble   string     `json:"trouble" doc:"What came of those that wait."`
	UpdatedAt *time.Time `json:"updated_at"`
	Version   int64      `json:"version"`
	Secret    string     `json:"secret,omitempty" doc:"whsec_...: when one was made with this change. It is not shown again."`
}

func gatewayBody(g notify.Gateway) GatewayBody {
	return GatewayBody{URL: g.URL, Enabled: g.Enabled, HasSecret: g.HasSecret, Waiting: g.Waiting, Trouble: g.Trouble, UpdatedAt: momentOrNil(g.UpdatedAt), Version: g.Version}
}

// GatewaySecret is a secret that is shown once.
type GatewaySecret struct {
	Secret string `json:"secret" doc:"whsec_...: what texts are signed with from now on. It is not shown again."`
}

// Texts is the routes of the gateway that texts to telephones are handed over to.
func Texts(s *notify.Service) Module {
	return func(api *API) {
		api.Code("no_sms_gateway", "409. No gateway for texts is set, or it is switched off.")
		api.Code("text_refused", "409. The gateway did not take the text.")
		Register(api, Route{Method: http.MethodGet, Path: "/sms-gateway", ID: "get-sms-gateway", Summary: "Where texts are handed over", Tag: textTag, Needs: access.SettingRead},
			func(ctx context.Context, _ *Nothing) (*Single[GatewayBody], error) {
				g, err := s.Gateway(ctx)
				return &Single[GatewayBody]{ETag(g.Version), gatewayBody(g)}, err
			})
		Register(api, Route{Method: http.MethodPatch, Path: "/sms-gateway", ID: "patch-sms-gateway", Summary: "Change where texts are handed over", Tag: textTag, Needs: access.SettingWrite},
			func(ctx context.Context, in *struct {
				MatchParam
				Body struct {
					URL     Opt[string] `json:"url,omitzero" maxLength:"3000"`
					Enabled Opt[bool]   `json:"enabled,omitzero"`
				}
			}) (*Single[GatewayBody], error) {
				version, err := in.Version()
				if err != nil {
					return nil, err
				}
				g, word, err := s.SetGateway(ctx, version, notify.GatewayPatch{URL: cleared(in.Body.URL), Enabled: cleared(in.Body.Enabled)})
				if err != nil {
					return nil, current(err, gatewayBody)
				}
				b := gatewayBody(g)
				b.Secret = word
				return &Single[GatewayBody]{ETag(g.Version), b}, nil
			})
		Register(api, Route{Method: http.MethodPost, Path: "/sms-gateway/secret", ID: "roll-sms-gateway-secret", Summary: "Sign texts with a new secret", Tag: textTag, Needs: access.SettingWrite,
			ShownOnce: []string{"secret"}, Doc: "The old one ends at once."},
			func(ctx context.Context, _ *Nothing) (*Answer[GatewaySecret], error) {
				word, err := s.RollGateway(ctx)
				return &Answer[GatewaySecret]{GatewaySecret{word}}, err
			})
		Register(api, Route{Method: http.MethodPost, Path: "/sms-gateway/test", ID: "test-sms-gateway", Summary: "Send a text to try the gateway", Tag: textTag, Needs: access.SettingWrite,
			Status: http.StatusNoContent, Doc: "Also while it is switched off."},
			func(ctx context.Context, in *struct {
				Body struct {
					To string `json:"to" maxLength:"200" doc:"E.164"`
				}
			}) (*Nothing, error) {
				return nil, s.TestGateway(ctx, in.Body.To)
			})
	}
}
