package rest

import (
	"context"
	"net/http"

	"tandem/internal/core/access"
	"tandem/internal/core/customfield"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/id"
)

const customFieldPrefix = "cfd"

// CustomFieldBody is an operator's field, as it is read.
type CustomFieldBody struct {
	ID       string               `json:"id"`
	Key      string               `json:"key" doc:"in the API the field is custom.<key>; never changes"`
	Label    string               `json:"label"`
	Type     string               `json:"type" doc:"text, number, date or choice; never changes"`
	Choices  []customfield.Choice `json:"choices"`
	Required bool                 `json:"required"`
	Help     string               `json:"help"`
	Position int64                `json:"position"`
	Version  int64                `json:"version"`
}

func customFieldBody(f customfield.Field) CustomFieldBody {
	b := CustomFieldBody{id.Format(customFieldPrefix, f.ID), f.Key, f.Label, string(f.Type), f.Choices, f.Required, f.Help, f.Position, f.Version}
	if b.Choices == nil {
		b.Choices = []customfield.Choice{}
	}
	return b
}

// CustomFieldPatch is an operator's field as it is written.
type CustomFieldPatch struct {
	Key      Opt[string]               `json:"key,omitzero" doc:"made of the label when left out"`
	Label    Opt[string]               `json:"label,omitzero"`
	Type     Opt[string]               `json:"type,omitzero"`
	Choices  Opt[[]customfield.Choice] `json:"choices,omitzero"`
	Required Opt[bool]                 `json:"required,omitzero"`
	Help     Opt[string]               `json:"help,omitzero"`
	Position Opt[int64]                `json:"position,omitzero"`
}

func (p CustomFieldPatch) over(in customfield.Input) customfield.Input {
	if p.Key.Set {
		in.Key = p.Key.Value
	}
	if p.Label.Set {
		in.Label = p.Label.Value
	}
	if p.Type.Set {
		in.Type = customfield.Type(p.Type.Value)
	}
	if p.Choices.Set {
		in.Choices = p.Choices.Value
	}
	if p.Required.Set {
		in.Required = p.Required.Value
	}
	if p.Help.Set {
		in.Help = p.Help.Value
	}
	if p.Position.Set {
		in.Position = p.Position.Value
	}
	return in
}

// CustomFieldPath is the path parameter of one custom field.
type CustomFieldPath struct {
	ID string `path:"id"`
}

func (p CustomFieldPath) parse() (int64, error) {
	return pathID(customFieldPrefix, "custom field", p.ID)
}

const customFieldTag = "Custom fields"

// CustomFields is the routes of the fields that operators define.
func CustomFields(s *customfield.Service) Module {
	return func(api *API) {
		Register(api, Route{Method: http.MethodGet, Path: "/custom-fields", ID: "list-custom-fields", Summary: "List custom fields, in order", Tag: customFieldTag, Needs: access.CustomFieldRead},
			func(ctx context.Context, _ *Nothing) (*Answer[PageBody[CustomFieldBody]], error) {
				fields, err := s.List(ctx)
				if err != nil {
					return nil, err
				}
				n := int64(len(fields))
				out := &Answer[PageBody[CustomFieldBody]]{PageBody[CustomFieldBody]{Items: make([]CustomFieldBody, n), Total: &n, TotalExact: true}}
				for i, f := range fields {
					out.Body.Items[i] = customFieldBody(f)
				}
				return out, nil
			})
		Register(api, Route{Method: http.MethodGet, Path: "/custom-fields/{id}", ID: "get-custom-field", Summary: "One custom field", Tag: customFieldTag, Needs: access.CustomFieldRead},
			func(ctx context.Context, in *CustomFieldPath) (*Single[CustomFieldBody], error) {
				n, err := in.parse()
				if err != nil {
					return nil, err
				}
				f, err := s.Get(ctx, n)
				if err != nil {
					return nil, err
				}
				return &Single[CustomFieldBody]{ETag(f.Version), customFieldBody(f)}, nil
			})
		customFieldWrites(api, s)
	}
}

// changeCustomField puts a patch over a field as it is.
func changeCustomField(ctx context.Context, s *customfield.Service, fieldID, version int64, p CustomFieldPatch) (customfield.Field, error) {
	now, err := s.Get(ctx, fieldID)
	if err != nil {
		return now, err
	}
	return s.Update(ctx, fieldID, version, p.over(customfield.Input{Key: now.Key, Label: now.Label, Type: now.Type, Choices: now.Choices, Required: now.Required, Help: now.Help, Position: now.Position}))
}

func customFieldWrites(api *API, s *customfield.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/custom-fields", ID: "create-custom-field", Summary: "Define a custom field", Tag: customFieldTag, Needs: access.CustomFieldWrite, Status: http.StatusCreated,
		Made: &Made{"custom_fields", customFieldPrefix, "/custom-fields"}, Delays: &Delays{Resource: "custom_fields", Op: schedule.OpCreate}},
		func(ctx context.Context, in *struct{ Body CustomFieldPatch }) (*Created[CustomFieldBody], error) {
			f, err := s.Create(ctx, in.Body.over(customfield.Input{}))
			if err != nil {
				return nil, err
			}
			b := customFieldBody(f)
			return &Created[CustomFieldBody]{base + "/custom-fields/" + b.ID, ETag(f.Version), b}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/custom-fields/{id}", ID: "update-custom-field", Summary: "Change a custom field", Tag: customFieldTag, Needs: access.CustomFieldWrite,
		Delays: &Delays{Resource: "custom_fields", Op: schedule.OpUpdate}},
		func(ctx context.Context, in *struct {
			CustomFieldPath
			MatchParam
			Body CustomFieldPatch
		}) (*Single[CustomFieldBody], error) {
			n, version, err := addressed(customFieldPrefix, "custom field", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			f, err := changeCustomField(ctx, s, n, version, in.Body)
			if err != nil {
				return nil, current(err, customFieldBody)
			}
			return &Single[CustomFieldBody]{ETag(f.Version), customFieldBody(f)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/custom-fields/{id}", ID: "delete-custom-field", Summary: "Remove a custom field", Tag: customFieldTag, Needs: access.CustomFieldWrite,
		Delays: &Delays{Resource: "custom_fields", Op: schedule.OpDelete}},
		func(ctx context.Context, in *struct {
			CustomFieldPath
			MatchParam
			Force bool `query:"force" doc:"also when customers have values in it, which are lost"`
		}) (*Nothing, error) {
			n, version, err := addressed(customFieldPrefix, "custom field", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			return nil, current(s.Delete(ctx, n, version, in.Force), customFieldBody)
		})
}
