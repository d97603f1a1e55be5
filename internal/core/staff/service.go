package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/notify"
	"tandem/internal/core/role"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

const table = "staff"

// LinkLife is how long a link to set a password works.
const LinkLife = identity.LinkLife

// Service is the use cases. Safe for concurrent use once OnChange is no longer called.
type Service struct {
	resellers Resellers // nil until KnowsResellers
	visible   Visible
	db        *db.DB
	clock     clock.Clock
	ids       *id.Source
	audit     *audit.Log
	people    *identity.Service
	lister    *list.Engine
	changed   []func()
	mail      *notify.Service // nil until Mails
}

// New gives the service, which from then on tells people of the staff.
func New(d *db.DB, c clock.Clock, ids *id.Source, log *audit.Log, people *identity.Service) *Service {
	s := &Service{db: d, clock: c, ids: ids, audit: log, people: people, lister: lister(d)}
	people.Register(access.KindStaff, keeper{s})
	return s
}

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.db = s.db.Within(tx)
	return &lent
}

// OnChange registers what runs in this process after somebody's epoch was raised, such as emptying a cache. Call it
// while the program is put together.
func (s *Service) OnChange(fn func()) { s.changed = append(s.changed, fn) }

func (s *Service) afterCommit(tx *db.Tx) { tx.AfterCommit(s.Changed) }

// Changed runs what OnChange registered, for whoever changes what people may do.
func (s *Service) Changed() {
	for _, fn := range s.changed {
		fn()
	}
}

// All is everybody who was not removed, by name.
func (s *Service) All(ctx context.Context) ([]Staff, error) {
	if err := access.Require(ctx, access.StaffRead); err != nil {
		return nil, err
	}
	found, err := all(ctx, s.db.Read())
	if err != nil {
		return nil, err
	}
	if found, err = s.ofPlace(ctx, found); err != nil {
		return nil, err
	}
	return found, s.notePasswords(ctx, found)
}

// Get is one person.
func (s *Service) Get(ctx context.Context, staffID int64) (Staff, error) {
	if err := access.Require(ctx, access.StaffRead); err != nil {
		return Staff{}, err
	}
	a, err := s.seen(ctx, s.db.Read(), sqlGet, staffID)
	if err != nil {
		return a.Staff, err
	}
	found := []Staff{a.Staff}
	err = s.notePasswords(ctx, found)
	return found[0], err
}

// Account is a person for signing in. It asks for no permission: the caller is not known yet.
func (s *Service) Account(ctx context.Context, staffID int64) (Account, error) {
	return one(ctx, s.db.Read(), sqlGet, staffID)
}

// MasksOf is what the roles of a person hide, also of one who was removed.
func (s *Service) MasksOf(ctx context.Context, staffID int64) ([]access.Mask, error) {
	var kept []string
	if err := s.db.Read().SelectContext(ctx, &kept, sqlRolesOf, staffID); err != nil {
		return nil, fmt.Errorf("read the roles of a staff user: %w", err)
	}
	if len(kept) == 0 {
		return access.AllMasks(), nil
	}
	return role.Masks(ctx, s.db.Read(), rolesIn(kept[0])...)
}

// AccountByEmail is Account by e-mail.
func (s *Service) AccountByEmail(ctx context.Context, email string) (Account, error) {
	return one(ctx, s.db.Read(), sqlByEmail, emailKey(email))
}

// Seen notes when a person was last here. It is no change of theirs: no version, no audit.
func (s *Service) Seen(ctx context.Context, tx *db.Tx, staffID, at int64) error {
	_, err := exec(ctx, tx, "note when a staff user was seen", sqlTouch, at, staffID)
	return err
}

// Create adds a person.
func (s *Service) Create(ctx context.Context, in Input) (Staff, error) {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return Staff{}, err
	}
	in.fillRoles()
	if in.Reseller == 0 {
		in.Reseller = access.From(ctx).Principal.Root
	}
	if err := mayGrant(ctx, s.db.Read(), in.Roles); err != nil {
		return Staff{}, err
	}
	hash, err := s.check(ctx, &in)
	if err != nil {
		return Staff{}, err
	}
	if in.Invite {
		if err := s.needMail(); err != nil {
			return Staff{}, err
		}
	}
	var made Staff
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := exec(ctx, tx, "note that the installation is set up", sqlSetUp, clock.Micros(s.clock.Now())); err != nil {
			return err
		}
		if made, err = s.insert(ctx, tx, in, hash, "Staff user created"); err != nil || !in.Invite {
			return err
		}
		return s.invite(ctx, tx, Account{Staff: made, Epoch: 1})
	})
	return s.named(ctx, made, duplicate(err))
}

// fillRoles takes the one role for the roles when they are not given.
func (in *Input) fillRoles() {
	if len(in.Roles) == 0 && in.Role != "" {
		in.Roles = []access.Role{in.Role}
	}
	in.Roles = rolesOf(in.Roles)
}

// check tells everything that is wrong with a new person, and hashes the password.
func (s *Service) check(ctx context.Context, in *Input) (hash string, err error) {
	in.Name, in.Email = strings.TrimSpace(in.Name), strings.TrimSpace(in.Email)
	var wrong errs.Fields
	validName(&wrong, in.Name)
	validEmail(&wrong, in.Email)
	if err := validRoles(ctx, s.db.Read(), &wrong, in.Roles); err != nil {
		return "", err
	}
	if in.Password != "" {
		if err := s.people.CheckPassword(ctx, &wrong, "password", in.Password, in.Email, in.Name); err != nil {
			return "", err
		}
	}
	if err := wrong.Err(); err != nil || in.Password == "" {
		return "", err
	}
	return s.people.Hash(ctx, in.Password)
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, in Input, hash, message string) (Staff, error) {
	if err := s.hold(ctx, tx, in.Roles, in.Reseller); err != nil {
		return Staff{}, err
	}
	now := clock.Micros(s.clock.Now())
	made := Staff{ID: s.ids.Next(), Name: in.Name, Email: in.Email, Reseller: in.Reseller, Status: StatusActive, HasPassword: hash != "", CreatedAt: now, UpdatedAt: now, Version: 1}
	made.with(in.Roles)
	_, err := exec(ctx, tx, "create the staff user", sqlInsert, made.ID, made.Name, fold.Key(made.Name), made.Email, emailKey(made.Email),
		string(made.Role), string(made.Status), now, rolesText(made.Roles), made.Reseller)
	if err != nil {
		return Staff{}, err
	}
	if err := s.join(ctx, tx, made, hash); err != nil {
		return Staff{}, err
	}
	changes := diff(Staff{}, made)
	if hash != "" {
		changes = append(changes, audit.Secret("password"))
	}
	return made, s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionCreate, Table: table, RowID: made.ID, RowName: made.Name, Message: message, Changes: changes})
}

// hold keeps roles and the reseller in place that are given in tx, until its end.
func (s *Service) hold(ctx context.Context, tx *db.Tx, roles []access.Role, reseller int64) error {
	var wrong errs.Fields
	if err := validRoles(ctx, tx, &wrong, roles); err != nil {
		return err
	}
	if err := s.CheckReseller(ctx, tx, &wrong, reseller); err != nil {
		return err
	}
	return wrong.Err()
}

func duplicate(err error) error {
	if strings.Contains(db.UniqueViolation(err), "email") {
		return duplicateEmail()
	}
	return err
}

func duplicateEmail() error {
	return &errs.Error{Kind: errs.KindInvalid, Code: "invalid", Detail: "One field is wrong.",
		Fields: []errs.Field{{Field: "email", Code: "duplicate_email", Message: "Another staff user has this e-mail address."}}}
}

// Update changes a person. A version of 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, staffID, version int64, p Patch) (Staff, error) {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return Staff{}, err
	}
	var after Staff
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := s.open(ctx, tx, staffID, version)
		if err != nil {
			return err
		}
		if after, err = apply(before.Staff, p); err != nil {
			return err
		}
		changes := diff(before.Staff, after)
		if len(changes) == 0 {
			return nil
		}
		if err := s.hold(ctx, tx, after.Roles, after.Reseller); err != nil {
			return err
		}
		if err := mayGrant(ctx, tx, after.Roles); err != nil {
			return err
		}
		ends := !slices.Equal(before.Roles, after.Roles) || before.Reseller != after.Reseller || before.Status != after.Status || emailKey(before.Email) != emailKey(after.Email)
		if ends && before.IsAdmin() && (!after.IsAdmin() || after.Status != StatusActive) {
			if err := s.keepAnAdmin(ctx, tx, staffID); err != nil {
				return err
			}
		}
		return s.update(ctx, tx, before, &after, ends, changes)
	})
	return s.named(ctx, after, duplicate(err))
}

// named fills in what the reseller is called whose customers a person sees.
func (s *Service) named(ctx context.Context, p Staff, err error) (Staff, error) {
	if err != nil || p.Reseller == 0 {
		p.ResellerName = ""
		return p, err
	}
	a, err := one(ctx, s.db.Read(), sqlGet, p.ID)
	p.ResellerName = a.ResellerName
	return p, err
}

func (s *Service) update(ctx context.Context, tx *db.Tx, before Account, after *Staff, ends bool, changes []audit.Change) error {
	epoch := before.Epoch
	if ends {
		epoch++
	}
	after.UpdatedAt, after.Version = clock.Micros(s.clock.Now()), before.Version+1
	_, err := exec(ctx, tx, "change the staff user", sqlUpdate, after.Name, fold.Key(after.Name), after.Email, emailKey(after.Email),
		string(after.Role), string(after.Status), epoch, after.UpdatedAt, after.ID, rolesText(after.Roles), after.Reseller)
	if err != nil {
		return err
	}
	if err := s.follow(ctx, tx, before.Staff, *after, ends); err != nil {
		return err
	}
	s.afterCommit(tx)
	return s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: table, RowID: after.ID, RowName: after.Name,
		Message: "Staff user changed", Changes: changes})
}

func apply(before Staff, p Patch) (Staff, error) {
	after := before
	var wrong errs.Fields
	if p.Name != nil {
		after.Name = strings.TrimSpace(*p.Name)
		validName(&wrong, after.Name)
	}
	if p.Email != nil {
		after.Email = strings.TrimSpace(*p.Email)
		validEmail(&wrong, after.Email)
	}
	switch {
	case p.Roles != nil:
		after.with(*p.Roles)
	case p.Role != nil:
		after.with([]access.Role{*p.Role})
	}
	if p.Reseller != nil {
		after.Reseller = *p.Reseller
	}
	if p.Status != nil {
		after.Status = *p.Status
		if after.Status != StatusActive && after.Status != StatusDisabled {
			wrong.Add("status", "unknown", "The statuses are active and disabled.")
		}
	}
	return after, wrong.Err()
}

// open locks a person for a change, checks the version, and that the caller is no less than they are.
func (s *Service) open(ctx context.Context, tx *db.Tx, staffID, version int64) (Account, error) {
	a, err := s.seen(ctx, tx, sqlGet+tx.Dialect().ForUpdate(), staffID)
	if err != nil {
		return a, err
	}
	if version != 0 && version != a.Version {
		return a, errs.Stale(a.Staff)
	}
	return a, role.MayGiveWithin(access.From(ctx).Principal, a.Permissions, a.Masks)
}

// keepAnAdmin refuses to take away the last active admin.
func (s *Service) keepAnAdmin(ctx context.Context, tx *db.Tx, staffID int64) error {
	var admins []int64
	if err := tx.SelectContext(ctx, &admins, sqlAdmins+tx.Dialect().ForUpdate()); err != nil {
		return fmt.Errorf("look for other admins: %w", err)
	}
	if slices.ContainsFunc(admins, func(other int64) bool { return other != staffID }) {
		return nil
	}
	return errs.New(errs.KindConflict, "last_admin", "This is the last active admin. Make another one first.")
}

// Remove takes a person away. Their name stays where it is written; the e-mail becomes free.
func (s *Service) Remove(ctx context.Context, staffID, version int64) error {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := s.open(ctx, tx, staffID, version)
		if err != nil {
			return err
		}
		if a.IsAdmin() && a.Status == StatusActive {
			if err := s.keepAnAdmin(ctx, tx, staffID); err != nil {
				return err
			}
		}
		if _, err := exec(ctx, tx, "remove the staff user", sqlRemove, clock.Micros(s.clock.Now()), staffID); err != nil {
			return err
		}
		if err := s.people.Detach(ctx, tx, member(staffID)); err != nil {
			return err
		}
		s.afterCommit(tx)
		return s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionDelete, Table: table, RowID: staffID, RowName: a.Name,
			Message: "Staff user removed", Changes: diff(a.Staff, Staff{})})
	})
}

// Having tells who has a role, for whoever would remove it.
func Having(ctx context.Context, q db.Q, key access.Role) ([]errs.Blocker, error) {
	people, err := all(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []errs.Blocker
	for _, p := range people {
		if slices.Contains(p.Roles, key) {
			out = append(out, errs.Blocker{Type: "staff", ID: id.Format(Prefix, p.ID), Name: p.Name})
		}
	}
	return out, nil
}
