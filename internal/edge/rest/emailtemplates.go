package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/notify"
	"tandem/internal/core/schedule"
)

// VariableBody is what a template may name as {{name}}.
type VariableBody struct {
	Name     string `json:"name"`
	Sample   string `json:"sample" doc:"What previews show."`
	Required bool   `json:"required" doc:"The text has to hold it."`
	Secret   bool   `json:"secret" doc:"It is kept readable nowhere and cannot stand in the subject."`
}

// EmailTemplateBody is what a message says in one language.
type EmailTemplateBody struct {
	ID       string     `json:"id" doc:"Empty until somebody changed it."`
	Key      string     `json:"key"`
	Channel  string     `json:"channel" doc:"email, or sms: a text without subject and layout"`
	Language string     `json:"language"`
	Version  int64      `json:"version" doc:"0 until somebody changed it."`
	Shipped  bool       `json:"shipped" doc:"It is as it ships."`
	Subject  string     `json:"subject"`
	Text     string     `json:"text"`
	HTML     string     `json:"html"`
	SavedAt  *time.Time `json:"saved_at"`
	SavedBy  string     `json:"saved_by"`
}

func templateBody(t notify.Template) EmailTemplateBody {
	return EmailTemplateBody{ID: t.IDOf(), Key: t.Key, Channel: string(t.Channel()), Language: t.Language, Version: t.Version, Shipped: t.Shipped, Subject: t.Content.Subject, Text: t.Content.Text,
		HTML: t.Content.HTML, SavedAt: momentOrNil(t.SavedAt), SavedBy: t.SavedBy}
}

// OneTemplateBody is a template with what it may name.
type OneTemplateBody struct {
	EmailTemplateBody
	Variables []VariableBody `json:"variables"`
}

// TemplatePath is the path parameters of one template.
type TemplatePath struct {
	Key      string `path:"key"`
	Language string `path:"language"`
}

// ContentBody is what a template says.
type ContentBody struct {
	Subject string `json:"subject" maxLength:"2000"`
	Text    string `json:"text"`
	HTML    string `json:"html" required:"false" doc:"Empty: plain text alone."`
}

func (b ContentBody) content() notify.Content {
	return notify.Content{Subject: b.Subject, Text: b.Text, HTML: b.HTML}
}

func templateReads(api *API, s *notify.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/email-templates", ID: "list-email-templates", Summary: "List the messages in each language", Tag: emailTag, Needs: access.EmailTemplateRead},
		func(ctx context.Context, _ *Nothing) (*Answer[AllBody[EmailTemplateBody]], error) {
			all, err := s.Templates(ctx)
			if err != nil {
				return nil, err
			}
			return allOf(all, templateBody), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/email-templates/{key}/{language}", ID: "get-email-template", Summary: "One message in one language", Tag: emailTag, Needs: access.EmailTemplateRead},
		func(ctx context.Context, in *TemplatePath) (*Single[OneTemplateBody], error) {
			t, kind, err := s.Template(ctx, in.Key, in.Language)
			if err != nil {
				return nil, err
			}
			out := OneTemplateBody{EmailTemplateBody: templateBody(t), Variables: []VariableBody{}}
			for _, v := range kind.Variables {
				out.Variables = append(out.Variables, VariableBody(v))
			}
			return &Single[OneTemplateBody]{ETag(t.Version), out}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/email-templates/{key}/{language}/versions", ID: "list-email-template-versions",
		Summary: "Everything a message ever said, the newest first", Tag: emailTag, Needs: access.EmailTemplateRead, Doc: "As it ships comes last, as version 0."},
		func(ctx context.Context, in *TemplatePath) (*Answer[AllBody[EmailTemplateBody]], error) {
			all, err := s.Versions(ctx, in.Key, in.Language)
			if err != nil {
				return nil, err
			}
			return allOf(all, templateBody), nil
		})
	Register(api, Route{Method: http.MethodPost, Path: "/email-templates/{key}/{language}/preview", ID: "preview-email-template", Summary: "What it would say, with sample values",
		Tag: emailTag, Needs: access.EmailTemplateRead},
		func(ctx context.Context, in *struct {
			TemplatePath
			Body ContentBody
		}) (*Answer[ContentBody], error) {
			c, err := s.Preview(ctx, in.Key, in.Language, in.Body.content())
			if err != nil {
				return nil, err
			}
			return &Answer[ContentBody]{ContentBody{c.Subject, c.Text, c.HTML}}, nil
		})
}

// templateVersion is the version that a change was made from: -1 when the caller did not say.
func templateVersion(match MatchParam) (int64, error) {
	version, any, err := IfMatch(match.IfMatch)
	if any {
		version = -1
	}
	return version, err
}

func templateWrites(api *API, s *notify.Service) {
	Register(api, Route{Method: http.MethodPut, Path: "/email-templates/{key}/{language}", ID: "save-email-template", Summary: "Save a new version", Tag: emailTag, Needs: access.EmailTemplateWrite,
		Delays: &Delays{Resource: "email_templates", Op: schedule.OpUpdate}},
		func(ctx context.Context, in *struct {
			TemplatePath
			MatchParam
			Body ContentBody
		}) (*Single[EmailTemplateBody], error) {
			version, err := templateVersion(in.MatchParam)
			if err != nil {
				return nil, err
			}
			t, err := s.Save(ctx, in.Key, in.Language, version, in.Body.content())
			if err != nil {
				return nil, current(err, templateBody)
			}
			return &Single[EmailTemplateBody]{ETag(t.Version), templateBody(t)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/email-templates/{key}/{language}", ID: "reset-email-template", Summary: "Back to what ships; versions stay", Tag: emailTag,
		Needs: access.EmailTemplateWrite, Status: http.StatusNoContent, Delays: &Delays{Resource: "email_templates", Op: schedule.OpDelete}},
		func(ctx context.Context, in *struct {
			TemplatePath
			MatchParam
		}) (*Nothing, error) {
			version, err := templateVersion(in.MatchParam)
			if err != nil {
				return nil, err
			}
			return nil, current(s.Reset(ctx, in.Key, in.Language, version), templateBody)
		})
	Register(api, Route{Method: http.MethodPost, Path: "/email-templates/{key}/{language}/test", ID: "test-email-template", Summary: "Send it with sample values to one address",
		Tag: emailTag, Needs: access.EmailTemplateWrite, Status: http.StatusNoContent},
		func(ctx context.Context, in *struct {
			TemplatePath
			Body struct {
				ContentBody
				To string `json:"to" maxLength:"1000"`
			}
		}) (*Nothing, error) {
			return nil, s.Test(ctx, in.Key, in.Language, in.Body.To, in.Body.content())
		})
}
