package session

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/role"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

// TokenPrefix begins the IDs of tokens in the API.
const TokenPrefix = "tok"

// mark begins every token, so that scanners for leaked secrets know it.
const mark = "tdm_"

const tokenTable = "api_tokens"

// Token is a machine's key to the API. Times are microseconds since 1970; 0 is never.
type Token struct {
	ID           int64
	Name         string
	Role         access.Role
	Scopes       []access.Permission // empty: all that the role may do
	Reseller     int64               // whose subtree it sees; 0: everything its maker does
	ResellerName string
	Hint         string // the last letters, to tell tokens apart
	CreatedBy    int64  // the staff user it ends with; 0: made at the command line
	CreatedAt    int64
	ExpiresAt    int64
	LastUsedAt   int64
}

// TokenInput is a new token.
type TokenInput struct {
	Name      string
	Role      access.Role
	Scopes    []access.Permission
	Reseller  int64 // whose subtree it sees; 0: everything
	ExpiresAt int64 // microseconds since 1970; 0 is never
}

// permissions is what a role, which may do all of that, and scopes have in common.
func permissions(all, scopes []access.Permission) []access.Permission {
	if len(scopes) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(p access.Permission) bool { return !slices.Contains(scopes, p) })
}

// validate tells every wrong field. mine is what the role may do; missing: there is no such role.
func (in *TokenInput) validate(now int64, mine []access.Permission, missing bool) error {
	in.Name = strings.TrimSpace(in.Name)
	var wrong errs.Fields
	switch {
	case in.Name == "":
		wrong.Add("name", "required", "A name is needed.")
	case utf8.RuneCountInString(in.Name) > 100 || strings.ContainsFunc(in.Name, unicode.IsControl):
		wrong.Add("name", "bad_text", "A name is one line of at most 100 characters.")
	}
	if missing {
		wrong.Add("role", "unknown", "There is no role %q.", string(in.Role))
	}
	for i, scope := range in.Scopes {
		switch {
		case !slices.Contains(access.AllPermissions(), scope):
			wrong.Add(fmt.Sprintf("scopes[%d]", i), "unknown", "There is no such permission.")
		case !missing && !slices.Contains(mine, scope):
			wrong.Add(fmt.Sprintf("scopes[%d]", i), "not_of_role", "The role %s does not have it.", in.Role)
		}
	}
	if in.ExpiresAt != 0 && in.ExpiresAt <= now {
		wrong.Add("expires_at", "past", "This time has passed.")
	}
	return wrong.Err()
}

// CreateToken makes a token. Its secret is given here and never again.
func (s *Service) CreateToken(ctx context.Context, in TokenInput) (Token, string, error) {
	if err := access.Require(ctx, access.TokenWrite); err != nil {
		return Token{}, "", err
	}
	now := clock.Micros(s.clock.Now())
	mine, err := s.check(ctx, &in, now)
	if err != nil {
		return Token{}, "", err
	}
	giver := access.From(ctx).Principal
	for _, p := range permissions(mine, in.Scopes) {
		if !giver.May(p) {
			return Token{}, "", errs.New(errs.KindForbidden, "exceeds_own", "A token may not do more than you: %s.", p)
		}
	}
	if err := s.shows(ctx, giver, in.Role); err != nil {
		return Token{}, "", err
	}
	word := mark + secret.Token()
	slices.Sort(in.Scopes)
	made := Token{ID: s.ids.Next(), Name: in.Name, Role: in.Role, Scopes: slices.Compact(in.Scopes), Reseller: in.Reseller, Hint: word[len(word)-4:], CreatedAt: now, ExpiresAt: in.ExpiresAt}
	if giver.Kind != access.KindSystem {
		if made.CreatedBy, err = s.maker(ctx, giver); err != nil {
			return Token{}, "", err
		}
	}
	scopes, err := json.Marshal(made.Scopes)
	if err != nil {
		return Token{}, "", fmt.Errorf("create the token: %w", err)
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if missing, err := role.Hold(ctx, tx, made.Role); err != nil || missing != "" {
			return errors.Join(err, in.validate(now, mine, missing != ""))
		}
		var wrong errs.Fields
		if err := errors.Join(s.staff.CheckReseller(ctx, tx, &wrong, made.Reseller), wrong.Err()); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "create the token", sqlInsertToken, made.ID, made.Name, string(made.Role), string(scopes), secret.Digest(word),
			made.Hint, made.CreatedBy, made.CreatedAt, made.ExpiresAt, fold.Key(made.Name), made.Reseller)
		if err != nil {
			return err
		}
		return s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionCreate, Table: tokenTable, RowID: made.ID, RowName: made.Name, Message: "API token created",
			Changes: []audit.Change{{Field: "role", New: string(made.Role)}, {Field: "scopes", New: made.Scopes}, {Field: "reseller", New: resellerText(made.Reseller)}, audit.Secret("token")}}, audit.Shown(tokenTable, made.ID, made.Name, "token"))
	})
	return made, word, err
}

// shows refuses a token's role that shows what is hidden from its giver.
func (s *Service) shows(ctx context.Context, giver access.Principal, of access.Role) error {
	hidden, err := role.Masks(ctx, s.db.Read(), of)
	if err != nil {
		return err
	}
	return role.MayGive(giver, nil, hidden)
}

// check tells everything that is wrong with a new token, and gives what its role may do.
func (s *Service) check(ctx context.Context, in *TokenInput, now int64) ([]access.Permission, error) {
	missing, err := role.Hold(ctx, s.db.Read(), in.Role)
	if err != nil {
		return nil, err
	}
	mine, err := role.Permissions(ctx, s.db.Read(), in.Role)
	if err != nil {
		return nil, err
	}
	return mine, in.validate(now, mine, missing != "")
}

func resellerText(n int64) any {
	if n == 0 {
		return nil
	}
	return id.Format("cus", n)
}

// maker is the person a token ends with: who makes it, or the person behind the token that makes it.
func (s *Service) maker(ctx context.Context, giver access.Principal) (int64, error) {
	if giver.Kind != access.KindToken {
		return giver.ID, nil
	}
	t, err := s.token(ctx, giver.ID)
	return t.CreatedBy, err
}

// GetToken is one token that was not revoked.
func (s *Service) GetToken(ctx context.Context, tokenID int64) (Token, error) {
	if err := access.Require(ctx, access.TokenRead); err != nil {
		return Token{}, err
	}
	return s.token(ctx, tokenID)
}

func (s *Service) token(ctx context.Context, tokenID int64) (Token, error) {
	var r tokenRow
	err := s.db.Read().GetContext(ctx, &r, sqlToken, tokenID)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, errs.NotFound("token")
	}
	if err != nil {
		return Token{}, fmt.Errorf("read the token: %w", err)
	}
	return r.token()
}

// RevokeToken ends a token at once.
func (s *Service) RevokeToken(ctx context.Context, tokenID int64) error {
	if err := access.Require(ctx, access.TokenWrite); err != nil {
		return err
	}
	t, err := s.token(ctx, tokenID)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "revoke the token", sqlRevokeToken, clock.Micros(s.clock.Now()), tokenID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.NotFound("token")
		}
		tx.AfterCommit(s.cache.forget)
		return s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionDelete, Table: tokenTable, RowID: t.ID, RowName: t.Name, Message: "API token revoked"})
	})
}

func (r tokenRow) token() (Token, error) {
	t := Token{ID: r.ID, Name: r.Name, Role: access.Role(r.Role), Reseller: r.Reseller, ResellerName: r.Above, Hint: r.Hint, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsedAt}
	if err := json.Unmarshal([]byte(r.Scopes), &t.Scopes); err != nil {
		return Token{}, fmt.Errorf("read the scopes of a token: %w", err)
	}
	return t, nil
}

// Token is who a bearer token belongs to; unauthorized when to nobody, or no longer.
func (s *Service) Token(ctx context.Context, word string) (access.Principal, error) {
	d := digest(sha256.Sum256([]byte(word)))
	now := clock.Micros(s.clock.Now())
	f, generation := s.cache.get(d, now)
	if f != nil {
		return f.principal, nil
	}
	if !strings.HasPrefix(word, mark) {
		return access.Principal{}, badToken()
	}
	f, err := s.lookToken(ctx, d, now)
	if err != nil {
		return access.Principal{}, err
	}
	s.cache.put(d, f, generation)
	return f.principal, nil
}

func badToken() error {
	return errs.New(errs.KindUnauthorized, "invalid_token", "The token is unknown, revoked or expired.")
}

func (s *Service) lookToken(ctx context.Context, d digest, now int64) (*finding, error) {
	var r tokenRow
	err := s.db.Read().GetContext(ctx, &r, sqlFindToken, d[:])
	if errors.Is(err, sql.ErrNoRows) {
		return nil, badToken()
	}
	if err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	return s.found(ctx, r, now)
}

// found is who a token stands for now, if it still counts.
func (s *Service) found(ctx context.Context, r tokenRow, now int64) (*finding, error) {
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	f := &finding{rowID: t.ID, checkedAt: now, validTo: t.ExpiresAt}
	if f.validTo == 0 {
		f.validTo = 1 << 62
	}
	if now >= f.validTo {
		return nil, badToken()
	}
	all, err := role.Permissions(ctx, s.db.Read(), t.Role)
	if err != nil {
		return nil, err
	}
	hidden, err := role.Masks(ctx, s.db.Read(), t.Role)
	if err != nil {
		return nil, err
	}
	may := permissions(all, t.Scopes)
	if t.CreatedBy != 0 {
		maker, err := s.staff.Account(ctx, t.CreatedBy)
		if errs.IsKind(err, errs.KindNotFound) || err == nil && maker.Status != staff.StatusActive {
			return nil, badToken()
		}
		if err != nil {
			return nil, err
		}
		hidden = access.SortMasks(append(hidden, maker.Masks...))
		may = slices.DeleteFunc(may, func(p access.Permission) bool { return !slices.Contains(maker.Permissions, p) })
		switch {
		case t.Reseller == 0:
			t.Reseller = maker.Reseller
		case maker.Reseller != 0 && maker.Reseller != t.Reseller:
			may = nil // it reaches where its maker no longer does
		}
	}
	f.principal = access.Principal{Kind: access.KindToken, ID: t.ID, Name: t.Name, Role: t.Role, Roles: []access.Role{t.Role}, Permissions: may, Masks: hidden, Root: t.Reseller}.Placed()
	f.seenAt.Store(now)
	f.flushedAt.Store(t.LastUsedAt)
	return f, nil
}

// MasksOf is what was hidden from a token, also one that was revoked: what its role hides, and what is hidden from its maker.
func (s *Service) MasksOf(ctx context.Context, tokenID int64) ([]access.Mask, error) {
	var kept []struct {
		Role      access.Role `db:"role"`
		CreatedBy int64       `db:"created_by"`
	}
	if err := s.db.Read().SelectContext(ctx, &kept, sqlTokenRole, tokenID); err != nil {
		return nil, fmt.Errorf("read the role of a token: %w", err)
	}
	if len(kept) == 0 {
		return access.AllMasks(), nil
	}
	hidden, err := role.Masks(ctx, s.db.Read(), kept[0].Role)
	if err != nil || kept[0].CreatedBy == 0 {
		return hidden, err
	}
	makers, err := s.staff.MasksOf(ctx, kept[0].CreatedBy)
	return access.SortMasks(append(hidden, makers...)), err
}

// Resume is the principal of something that was begun earlier, such as a job, with what it may do now; unauthorized
// when it may not act any more.
func (s *Service) Resume(ctx context.Context, kind access.Kind, principalID int64, name string) (access.Principal, error) {
	switch kind {
	case access.KindSystem:
		return access.System(name), nil
	case access.KindStaff:
		account, err := s.staff.Account(ctx, principalID)
		if errs.IsKind(err, errs.KindNotFound) || err == nil && account.Status != staff.StatusActive {
			return access.Principal{}, errs.New(errs.KindUnauthorized, "requester_gone", "%s may not act any more.", name)
		}
		return account.Principal(), err
	case access.KindToken:
		var r tokenRow
		err := s.db.Read().GetContext(ctx, &r, sqlToken, principalID)
		if errors.Is(err, sql.ErrNoRows) {
			return access.Principal{}, errs.New(errs.KindUnauthorized, "requester_gone", "The token %s was revoked.", name)
		}
		if err != nil {
			return access.Principal{}, fmt.Errorf("read the token: %w", err)
		}
		f, err := s.found(ctx, r, clock.Micros(s.clock.Now()))
		if err != nil {
			return access.Principal{}, err
		}
		return f.principal, nil
	}
	return access.Principal{}, errs.New(errs.KindUnauthorized, "requester_gone", "Nobody asked for this.")
}
