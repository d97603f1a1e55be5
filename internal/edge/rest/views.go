package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/schedule"
	"tandem/internal/core/view"
)

const viewTag = "Views"

// ViewBody is a saved filter, as who asks sees it.
type ViewBody struct {
	ID        string          `json:"id"`
	Target    string          `json:"target"`
	Name      string          `json:"name"`
	Filter    json.RawMessage `json:"filter" doc:"As in the lists' filter parameter; null when there is none."`
	Q         string          `json:"q"`
	Sort      string          `json:"sort"`
	Columns   []view.Column   `json:"columns"`
	Shared    bool            `json:"shared" doc:"Everybody who may read the list sees it."`
	Pinned    bool            `json:"pinned" doc:"By who asks."`
	Default   bool            `json:"default" doc:"Of who asks: at most one view of a list is."`
	Mine      bool            `json:"mine" doc:"Only its owner changes a view."`
	Masked    bool            `json:"masked,omitempty" doc:"It filters or sorts by fields that are hidden from who asks, so it is of no use to them; filter and sort are left out."`
	Owner     RefBody         `json:"owner"`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
	Version   int64           `json:"version"`
}

func viewBody(v view.View) ViewBody {
	b := ViewBody{
		ID: v.PublicID(), Target: v.Target, Name: v.Name, Filter: v.Filter, Q: v.Q, Sort: v.Sort, Columns: v.Columns, Shared: v.Shared,
		Pinned: v.Pinned, Default: v.Default, Mine: v.Mine, Masked: v.Masked, Owner: RefBody{ID: v.Owner, Name: v.OwnerName},
		CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, Version: v.Version,
	}
	if b.Filter == nil {
		b.Filter = json.RawMessage("null")
	}
	return b
}

// ViewDraft is a view as it is made.
type ViewDraft struct {
	Target  string          `json:"target" maxLength:"60" doc:"The list, such as customers."`
	Name    string          `json:"name"`
	Filter  json.RawMessage `json:"filter,omitempty"`
	Q       string          `json:"q,omitempty"`
	Sort    string          `json:"sort,omitempty"`
	Columns []view.Column   `json:"columns,omitempty"`
	Shared  bool            `json:"shared,omitempty" doc:"Needs view.share."`
	Pinned  bool            `json:"pinned,omitempty"`
	Default bool            `json:"default,omitempty"`
}

// ViewPatch is what to change of a view. On somebody else's, only pinned and default.
type ViewPatch struct {
	Name    Opt[string]          `json:"name,omitzero"`
	Filter  Opt[json.RawMessage] `json:"filter,omitzero"`
	Q       Opt[string]          `json:"q,omitzero"`
	Sort    Opt[string]          `json:"sort,omitzero"`
	Columns Opt[[]view.Column]   `json:"columns,omitzero"`
	Shared  Opt[bool]            `json:"shared,omitzero"`
	Pinned  Opt[bool]            `json:"pinned,omitzero"`
	Default Opt[bool]            `json:"default,omitzero"`
}

func (p ViewPatch) patch() view.Patch {
	return view.Patch{
		Name: cleared(p.Name), Filter: cleared(p.Filter), Q: cleared(p.Q), Sort: cleared(p.Sort), Columns: cleared(p.Columns),
		Shared: cleared(p.Shared), Pinned: cleared(p.Pinned), Default: cleared(p.Default),
	}
}

// cleared is nil when the property was left out; null is the zero value.
func cleared[T any](o Opt[T]) *T {
	if !o.Set {
		return nil
	}
	if o.Null {
		o.Value = *new(T)
	}
	return &o.Value
}

// ViewPath addresses a view.
type ViewPath struct {
	ID string `path:"id" doc:"view_..."`
}

// Views is the routes of saved filters.
func Views(s *view.Service) Module {
	return func(api *API) {
		api.Code("not_yours", "403. Only the owner may change it.")
		api.Code("too_many_views", "409. The caller has as many views of this list as there may be.")
		api.Code("default_changed", "409. The caller's default was changed elsewhere at the same moment; try again.")
		viewReads(api, s)
		viewWrites(api, s)
	}
}

func viewReads(api *API, s *view.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/views", ID: "list-views", Summary: "Saved filters of a list", Tag: viewTag, Needs: SignedIn,
		Doc: "The caller's own and shared ones, by name. Needs the permission to read the list."},
		func(ctx context.Context, in *struct {
			Target string `query:"target" required:"true" maxLength:"60" doc:"The list, such as customers."`
			Limit  int    `query:"limit" minimum:"0" maximum:"1000" doc:"At most so many; all when left out."`
		}) (*Answer[PageBody[ViewBody]], error) {
			views, err := s.List(ctx, in.Target)
			if err != nil {
				return nil, err
			}
			total := int64(len(views))
			if in.Limit > 0 && in.Limit < len(views) {
				views = views[:in.Limit]
			}
			out := &Answer[PageBody[ViewBody]]{Body: PageBody[ViewBody]{Items: make([]ViewBody, len(views)), Total: &total, TotalExact: true}}
			for i, v := range views {
				out.Body.Items[i] = viewBody(v)
			}
			return out, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/views/{id}", ID: "get-view", Summary: "One saved filter", Tag: viewTag, Needs: SignedIn},
		func(ctx context.Context, in *ViewPath) (*Single[ViewBody], error) {
			n, err := pathID(view.Prefix, "view", in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Single[ViewBody]{ETag(v.Version), viewBody(v)}, nil
		})
}

func viewWrites(api *API, s *view.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/views", ID: "create-view", Summary: "Save a filter", Tag: viewTag, Needs: access.ViewWrite, Status: http.StatusCreated,
		Made: &Made{"views", view.Prefix, "/views"}, Delays: &Delays{Resource: "views", Op: schedule.OpCreate}},
		func(ctx context.Context, in *struct{ Body ViewDraft }) (*Created[ViewBody], error) {
			v, err := s.Create(ctx, view.Content(in.Body))
			if err != nil {
				return nil, err
			}
			return &Created[ViewBody]{base + "/views/" + v.PublicID(), ETag(v.Version), viewBody(v)}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/views/{id}", ID: "update-view", Summary: "Change a saved filter", Tag: viewTag, Needs: access.ViewWrite,
		Delays: &Delays{Resource: "views", Op: schedule.OpUpdate}},
		func(ctx context.Context, in *struct {
			ViewPath
			MatchParam
			Body ViewPatch
		}) (*Single[ViewBody], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			n, err := pathID(view.Prefix, "view", in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.Update(ctx, n, version, in.Body.patch())
			if err != nil {
				return nil, current(err, viewBody)
			}
			return &Single[ViewBody]{ETag(v.Version), viewBody(v)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/views/{id}", ID: "delete-view", Summary: "Remove a saved filter", Tag: viewTag, Needs: access.ViewWrite,
		Delays: &Delays{Resource: "views", Op: schedule.OpDelete}},
		func(ctx context.Context, in *struct {
			ViewPath
			MatchParam
		}) (*Nothing, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			n, err := pathID(view.Prefix, "view", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, current(s.Delete(ctx, n, version), viewBody)
		})
}
