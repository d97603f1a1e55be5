package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/role"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/id"
)

const roleTag = "Roles"

// RoleBody is a role and what it may do.
type RoleBody struct {
	ID          string              `json:"id" doc:"rol_... of your own roles; of those that ship, the key."`
	Role        access.Role         `json:"role" doc:"The key, by which staff users and tokens name it. It never changes."`
	Name        string              `json:"name"`
	Description string              `json:"description"`
	Permissions []access.Permission `json:"permissions"`
	Masks       []access.Mask       `json:"masks" doc:"What is hidden from those whose every role hides it. See GET /masks."`
	Second      bool                `json:"require_second_factor" doc:"Whoever has the role and has set up neither an authenticator app nor a passkey can do nothing else before they have. Tokens are not asked."`
	Ships       bool                `json:"ships" doc:"It comes with Tandem: only whether it requires a second factor can be changed. Copy it to make one of your own."`
	CreatedAt   *time.Time          `json:"created_at"`
	UpdatedAt   *time.Time          `json:"updated_at"`
	Version     int64               `json:"version"`
}

func roleBody(r role.Role) RoleBody {
	b := RoleBody{ID: string(r.Key), Role: r.Key, Name: r.Name, Description: r.Description, Permissions: r.Permissions, Masks: r.Masks, Second: r.RequireSecondFactor, Ships: r.Ships(), Version: r.Version}
	if !r.Ships() {
		b.ID, b.CreatedAt, b.UpdatedAt = id.Format(role.Prefix, r.ID), &r.CreatedAt, &r.UpdatedAt
	}
	return b
}

// PermissionBody is one permission and what it means.
type PermissionBody struct {
	ID       access.Permission `json:"id"`
	Area     string            `json:"area" doc:"What it is about, such as customer."`
	Action   string            `json:"action" doc:"What may be done there, such as read."`
	Sentence string            `json:"sentence" doc:"In English."`
}

// MaskBody is one mask and what it hides.
type MaskBody struct {
	ID       access.Mask `json:"id"`
	Sentence string      `json:"sentence" doc:"In English."`
	Fields   []string    `json:"fields" doc:"names of fields, of whatever resource"`
}

// RolePath is the path parameter of one role.
type RolePath struct {
	ID string `path:"id" maxLength:"100" doc:"its ID or its key"`
}

type createRoleBody struct {
	Role        string              `json:"role,omitempty" maxLength:"100" doc:"The key, such as night_shift; left out, it is made of the name."`
	Name        string              `json:"name" maxLength:"1000"`
	Description string              `json:"description,omitempty" maxLength:"5000"`
	Permissions []access.Permission `json:"permissions,omitempty" maxItems:"500" doc:"Those of GET /permissions; no more than you have yourself."`
	Second      bool                `json:"require_second_factor,omitempty"`
	Masks       []access.Mask       `json:"masks,omitempty" maxItems:"100" doc:"Those of GET /masks; no less than you have yourself."`
}

func (b *createRoleBody) input() role.Input {
	return role.Input{Key: b.Role, Name: b.Name, Description: b.Description, Permissions: b.Permissions, Masks: b.Masks, RequireSecondFactor: b.Second}
}

type createRoleInput struct{ Body createRoleBody }

type patchRoleBody struct {
	Name        Opt[string]              `json:"name,omitzero" maxLength:"1000"`
	Description Opt[string]              `json:"description,omitzero" maxLength:"5000"`
	Permissions Opt[[]access.Permission] `json:"permissions,omitzero" maxItems:"500"`
	Second      Opt[bool]                `json:"require_second_factor,omitzero"`
	Masks       Opt[[]access.Mask]       `json:"masks,omitzero" maxItems:"100"`
}

func (b *patchRoleBody) patch() role.Patch {
	return role.Patch{Name: given(b.Name), Description: given(b.Description), Permissions: given(b.Permissions), Masks: given(b.Masks), RequireSecondFactor: given(b.Second)}
}

type patchRoleInput struct {
	RolePath
	MatchParam
	Body patchRoleBody
}

type deleteRoleInput struct {
	RolePath
	MatchParam
}

// Roles is the roles there are, and making one's own.
func Roles(s *role.Service) Module {
	return func(api *API) {
		api.Code("role_ships", "409. The role comes with Tandem: only whether it requires a second factor can be changed.")
		api.Code("role_in_use", "409. Somebody has the role; blocked_by names them.")
		roleReads(api, s)
		roleWrites(api, s)
	}
}

func roleReads(api *API, s *role.Service) {
	Register(api, Route{Method: http.MethodGet, Path: "/roles", ID: "list-roles", Summary: "List the roles and what they may do", Tag: roleTag, Needs: access.RoleRead,
		Doc: "Those that ship first, the mightiest at the top; then your own by name. All of them come at once."},
		func(ctx context.Context, _ *Nothing) (*Answer[AllBody[RoleBody]], error) {
			all, err := s.All(ctx)
			if err != nil {
				return nil, err
			}
			return allOf(all, roleBody), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/roles/{id}", ID: "get-role", Summary: "Read a role", Tag: roleTag, Needs: access.RoleRead},
		func(ctx context.Context, in *RolePath) (*Single[RoleBody], error) {
			r, err := s.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &Single[RoleBody]{ETag: ETag(r.Version), Body: roleBody(r)}, nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/permissions", ID: "list-permissions", Summary: "List the permissions and what each means", Tag: roleTag, Needs: access.RoleRead},
		func(context.Context, *Nothing) (*Answer[AllBody[PermissionBody]], error) {
			return allOf(access.Describe(), func(d access.Description) PermissionBody {
				return PermissionBody{ID: d.Permission, Area: d.Area, Action: d.Action, Sentence: d.Sentence}
			}), nil
		})
	Register(api, Route{Method: http.MethodGet, Path: "/masks", ID: "list-masks", Summary: "List the masks and what each hides", Tag: roleTag, Needs: access.RoleRead,
		Doc: "A role may hide fields. Roles add up: a field is hidden only from whom every one of their roles hides it. Its values are null, and it is neither found, filtered, sorted, exported nor written."},
		func(context.Context, *Nothing) (*Answer[AllBody[MaskBody]], error) {
			return allOf(access.Masks(), func(d access.MaskDescription) MaskBody { return MaskBody{d.Mask, d.Sentence, d.Fields} }), nil
		})
}

func roleWrites(api *API, s *role.Service) {
	Register(api, Route{Method: http.MethodPost, Path: "/roles", ID: "create-role", Summary: "Make a role", Tag: roleTag, Needs: access.RoleWrite, Status: http.StatusCreated,
		Made: &Made{role.Table, role.Prefix, "/roles"}, Delays: &Delays{Resource: "roles", Op: schedule.OpCreate}},
		func(ctx context.Context, in *createRoleInput) (*Created[RoleBody], error) {
			r, err := s.Create(ctx, in.Body.input())
			if err != nil {
				return nil, err
			}
			b := roleBody(r)
			return &Created[RoleBody]{Location: base + "/roles/" + b.ID, ETag: ETag(r.Version), Body: b}, nil
		})
	Register(api, Route{Method: http.MethodPatch, Path: "/roles/{id}", ID: "patch-role", Summary: "Change a role", Tag: roleTag, Needs: access.RoleWrite,
		Delays: &Delays{Resource: "roles", Op: schedule.OpUpdate},
		Doc:    "Of a role that ships only require_second_factor can be changed. What it loses or gains counts at once for everybody who has it, on other nodes within two seconds."},
		func(ctx context.Context, in *patchRoleInput) (*Single[RoleBody], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			r, err := s.Update(ctx, in.ID, version, in.Body.patch())
			if err != nil {
				return nil, current(err, roleBody)
			}
			return &Single[RoleBody]{ETag: ETag(r.Version), Body: roleBody(r)}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/roles/{id}", ID: "delete-role", Summary: "Remove a role of your own", Tag: roleTag, Needs: access.RoleWrite,
		Delays: &Delays{Resource: "roles", Op: schedule.OpDelete}, Status: http.StatusNoContent, Doc: "409 role_in_use while a staff user or token has it."},
		func(ctx context.Context, in *deleteRoleInput) (*Nothing, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, current(s.Remove(ctx, in.ID, version), roleBody)
		})
}
