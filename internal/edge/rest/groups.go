package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/group"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// GroupBody is a group, as it is read.
type GroupBody struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Type        string    `json:"type"`
	Description string    `json:"description"`
	Members     int64     `json:"members" doc:"how many customers are in it"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	Version     int64     `json:"version"`
}

func groupBody(g group.Group) GroupBody {
	return GroupBody{id.Format(group.Prefix, g.ID), g.Name, string(g.Type), g.Description, g.Members, g.CreatedAt, g.UpdatedAt, g.Version}
}

// GroupPatch is a group as it is written.
type GroupPatch struct {
	Name        Opt[string] `json:"name,omitzero" doc:"given once, letter case ignored"`
	Type        Opt[string] `json:"type,omitzero" doc:"client, staff, promotional, territory, other, or one of the operator's own"`
	Description Opt[string] `json:"description,omitzero"`
}

func (p GroupPatch) over(in group.Input) group.Input {
	if p.Name.Set {
		in.Name = p.Name.Value
	}
	if p.Type.Set {
		in.Type = group.Type(p.Type.Value)
	}
	if p.Description.Set {
		in.Description = p.Description.Value
	}
	return in
}

// GroupPath is the path parameter of one group.
type GroupPath struct {
	ID string `path:"id"`
}

func (p GroupPath) parse() (int64, error) { return pathID(group.Prefix, "group", p.ID) }

const groupTag = "Groups"

// Groups is the routes of groups.
func Groups(s *group.Service) Module {
	return func(api *API) {
		describedList(api, Route{Path: "/groups", ID: "list-groups", Summary: "List groups", Tag: groupTag, Needs: access.GroupRead}, s.ListTable, s.List, groupBody)
		Register(api, Route{Method: http.MethodGet, Path: "/groups/{id}", ID: "get-group", Summary: "One group", Tag: groupTag, Needs: access.GroupRead},
			func(ctx context.Context, in *GroupPath) (*Single[GroupBody], error) {
				n, err := in.parse()
				if err != nil {
					return nil, err
				}
				g, err := s.Get(ctx, n)
				if err != nil {
					return nil, err
				}
				return &Single[GroupBody]{ETag(g.Version), groupBody(g)}, nil
			})
		groupWrites(api, s)
	}
}

// changeGroup puts a patch over a group as it is.
func changeGroup(ctx context.Context, s *group.Service, groupID, version int64, p GroupPatch) (group.Group, error) {
	now, err := s.Get(ctx, groupID)
	if err != nil {
		return now, err
	}
	return s.Update(ctx, groupID, version, p.over(group.Input{Name: now.Name, Type: now.Type, Description: now.Description}))
}

// moveTo is where the members of a group go that is removed: 0 is nowhere yet, -1 out.
func moveTo(text string) (int64, error) {
	switch text {
	case "":
		return 0, nil
	case "none":
		return -1, nil
	}
	var wrong errs.Fields
	ids := parseIDs(group.Prefix, "reassign_to", []string{text}, &wrong)
	if err := wrong.Err(); err != nil {
		return 0, err
	}
	return ids[0], nil
}

func groupWrites(api *API, s *group.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/groups", ID: "create-group", Summary: "Create a group", Tag: groupTag, Needs: access.GroupWrite, Status: http.StatusCreated,
		Made: &Made{"groups", group.Prefix, "/groups"}, Delays: &Delays{Resource: "groups", Op: schedule.OpCreate}},
		func(ctx context.Context, in *struct{ Body GroupPatch }) (*Created[GroupBody], error) {
			g, err := s.Create(ctx, in.Body.over(group.Input{}))
			if err != nil {
				return nil, err
			}
			b := groupBody(g)
			return &Created[GroupBody]{base + "/groups/" + b.ID, ETag(g.Version), b}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/groups/{id}", ID: "update-group", Summary: "Rename or redescribe a group", Tag: groupTag, Needs: access.GroupWrite,
		Delays: &Delays{Resource: "groups", Op: schedule.OpUpdate}},
		func(ctx context.Context, in *struct {
			GroupPath
			MatchParam
			Body GroupPatch
		}) (*Single[GroupBody], error) {
			n, version, err := addressed(group.Prefix, "group", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			g, err := changeGroup(ctx, s, n, version, in.Body)
			if err != nil {
				return nil, current(err, groupBody)
			}
			return &Single[GroupBody]{ETag(g.Version), groupBody(g)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/groups/{id}", ID: "delete-group", Summary: "Remove a group", Tag: groupTag, Needs: access.GroupWrite,
		Delays: &Delays{Resource: "groups", Op: schedule.OpDelete},
		Doc:    "409 group_in_use while it has members and reassign_to is not given."},
		func(ctx context.Context, in *struct {
			GroupPath
			MatchParam
			MoveTo string `query:"reassign_to" doc:"the group its members go to, or none"`
		}) (*Nothing, error) {
			n, version, err := addressed(group.Prefix, "group", in.ID, in.MatchParam)
			if err != nil {
				return nil, err
			}
			moveTo, err := moveTo(in.MoveTo)
			if err != nil {
				return nil, err
			}
			return nil, current(s.Delete(ctx, n, version, moveTo), groupBody)
		})
}
