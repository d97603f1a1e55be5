package identity

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	maxPasskeys = 20
	maxPasskey  = 60 // letters of a name
)

// PasskeyPrefix begins the IDs of passkeys at the API.
const PasskeyPrefix = "psk"

// Passkey is a key of a person's, as they know it. Times are microseconds since 1970; 0 is never.
type Passkey struct {
	ID         int64
	Name       string
	CreatedAt  int64
	LastUsedAt int64
}

// Asked is what a device is asked, and the ticket that its answer has to bring.
type Asked struct {
	Ticket  string
	Options any // for navigator.credentials, as JSON
}

// keyOwner is an identity as the protocol knows it.
type keyOwner struct {
	Identity
	keys []webauthn.Credential
}

func handle(identityID int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(identityID)) //nolint:gosec // the same bits
}

// WebAuthnID is what a device keeps of the person: a number of ours.
func (o keyOwner) WebAuthnID() []byte { return handle(o.ID) }

// WebAuthnName is what the person chooses a key by.
func (o keyOwner) WebAuthnName() string { return o.Email }

// WebAuthnDisplayName is the same.
func (o keyOwner) WebAuthnDisplayName() string { return o.Email }

// WebAuthnCredentials is the person's keys.
func (o keyOwner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

// party is this installation as devices know it, by the address that people reach it at.
func party(origin string) (*webauthn.WebAuthn, error) {
	at, err := url.Parse(origin)
	if err != nil {
		return nil, fmt.Errorf("read the address of this installation: %w", err)
	}
	w, err := webauthn.New(&webauthn.Config{RPID: at.Hostname(), RPDisplayName: "Tandem", RPOrigins: []string{at.Scheme + "://" + at.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, errs.New(errs.KindConflict, "no_passkeys_here", "Passkeys need a name to be reached by, such as crm.example.net, and not an IP address.")
	}
	return w, nil
}

func (s *Service) owner(ctx context.Context, q db.Q, i Identity) (keyOwner, error) {
	var texts []string
	if err := q.SelectContext(ctx, &texts, sqlKeys, i.ID); err != nil {
		return keyOwner{}, fmt.Errorf("read passkeys: %w", err)
	}
	o := keyOwner{Identity: i}
	for _, text := range texts {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return o, fmt.Errorf("read a passkey: %w", err)
		}
		o.keys = append(o.keys, c)
	}
	return o, nil
}

// Passkeys is the identity's keys, the oldest first.
func (s *Service) Passkeys(ctx context.Context, i Identity) ([]Passkey, error) {
	var rows []passkeyRow
	if err := s.DB.Read().SelectContext(ctx, &rows, sqlPasskeys, i.ID); err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	out := make([]Passkey, len(rows))
	for n, r := range rows {
		out[n] = Passkey(r)
	}
	return out, nil
}

// BeginPasskey asks the caller's device for a new key. origin is the address that people reach this installation at. The
// caller has said their password just now.
func (s *Service) BeginPasskey(ctx context.Context, origin string) (Asked, error) {
	d, err := s.Own(ctx)
	if err != nil {
		return Asked{}, err
	}
	w, err := party(origin)
	if err != nil {
		return Asked{}, err
	}
	o, err := s.owner(ctx, s.DB.Read(), d.Identity)
	if err != nil {
		return Asked{}, err
	}
	if len(o.keys) >= maxPasskeys {
		return Asked{}, errs.New(errs.KindConflict, "too_many_passkeys", "There are %d passkeys already: remove one first.", maxPasskeys)
	}
	options, state, err := w.BeginRegistration(o, webauthn.WithExclusions(webauthn.Credentials(o.keys).CredentialDescriptors()))
	if err != nil {
		return Asked{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	ticket, err := s.ask(ctx, "register", d.Identity.ID, state)
	return Asked{Ticket: ticket, Options: options.Response}, err
}

// AddPasskey keeps the key that the caller's device has made.
func (s *Service) AddPasskey(ctx context.Context, origin, ticket, name string, answer []byte) (Passkey, error) {
	d, err := s.Own(ctx)
	if err != nil {
		return Passkey{}, err
	}
	if name = strings.TrimSpace(name); name == "" {
		name = "Passkey"
	}
	if utf8.RuneCountInString(name) > maxPasskey || strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name) {
		var wrong errs.Fields
		wrong.Add("name", "bad_text", "A name is one line of at most %d characters.", maxPasskey)
		return Passkey{}, wrong.Err()
	}
	w, err := party(origin)
	if err != nil {
		return Passkey{}, err
	}
	identityID, state, err := s.asked(ctx, "register", ticket)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil || identityID != d.Identity.ID {
		return Passkey{}, badPasskey()
	}
	made, err := w.CreateCredential(keyOwner{Identity: d.Identity}, state, parsed)
	if err != nil {
		return Passkey{}, badPasskey()
	}
	text, err := json.Marshal(made)
	if err != nil {
		return Passkey{}, fmt.Errorf("keep a passkey: %w", err)
	}
	p := Passkey{ID: s.IDs.Next(), Name: name, CreatedAt: clock.Micros(s.Clock.Now())}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := exec(ctx, tx, "keep a passkey", sqlInsertPasskey, p.ID, d.Identity.ID, made.ID, name, string(text), p.CreatedAt); err != nil {
			return err
		}
		s.Changed(tx)
		return s.record(ctx, tx, []Door{d}, "Passkey added", audit.Change{Field: "passkey", New: name})
	})
	if db.UniqueViolation(err) != "" {
		return Passkey{}, badPasskey()
	}
	return p, err
}

// RemovePasskey takes one of the caller's keys away.
func (s *Service) RemovePasskey(ctx context.Context, passkeyID int64) error {
	d, err := s.Own(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := locked(ctx, tx, d.Identity.ID); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "take a passkey away", sqlDeletePasskey, passkeyID, d.Identity.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.NotFound("passkey")
		}
		if err := s.keepSecond(ctx, tx, d.Identity.ID); err != nil {
			return err
		}
		s.Changed(tx)
		return s.tellRemoved(ctx, tx, []Door{d}, "Passkey removed")
	})
}

func badPasskey() error {
	return errs.New(errs.KindUnauthorized, "bad_passkey", "This passkey was not accepted. Try again, or sign in with your password.")
}

// AskPasskey asks any device for a key of anybody's.
func (s *Service) AskPasskey(ctx context.Context, origin string) (Asked, error) {
	w, err := party(origin)
	if err != nil {
		return Asked{}, err
	}
	options, state, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Asked{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	ticket, err := s.ask(ctx, "sign-in", 0, state)
	return Asked{Ticket: ticket, Options: options.Response}, err
}

// ByPasskey is whose key has answered. The answer is good once.
func (s *Service) ByPasskey(ctx context.Context, origin, ticket string, answer []byte) (Identity, error) {
	w, err := party(origin)
	if err != nil {
		return Identity{}, err
	}
	_, state, err := s.asked(ctx, "sign-in", ticket)
	if err != nil {
		return Identity{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Identity{}, badPasskey()
	}
	var found keyOwner
	var fault error
	used, err := w.ValidateDiscoverableLogin(func(_, user []byte) (webauthn.User, error) {
		if found, fault = s.ownerOf(ctx, user); fault != nil {
			return nil, fault
		}
		return found, nil
	}, state, parsed)
	if fault != nil && !errs.IsKind(fault, errs.KindNotFound) {
		return Identity{}, fault
	}
	if err != nil || used.Authenticator.CloneWarning {
		return Identity{}, badPasskey()
	}
	text, err := json.Marshal(used)
	if err != nil {
		return Identity{}, fmt.Errorf("note the use of a passkey: %w", err)
	}
	return found.Identity, s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "note the use of a passkey", sqlUsePasskey, string(text), clock.Micros(s.Clock.Now()), used.ID, found.ID)
		if err == nil && n == 0 {
			return badPasskey()
		}
		return err
	})
}

func (s *Service) ownerOf(ctx context.Context, user []byte) (keyOwner, error) {
	if len(user) != 8 {
		return keyOwner{}, errs.NotFound("person")
	}
	i, err := one(ctx, s.DB.Read(), sqlGet, int64(binary.BigEndian.Uint64(user))) //nolint:gosec // the same bits
	if err != nil {
		return keyOwner{}, err
	}
	return s.owner(ctx, s.DB.Read(), i)
}

// askWithin is how long an answer may take.
const askWithin = 5 * time.Minute

// ask keeps what was asked, and gives the ticket.
func (s *Service) ask(ctx context.Context, purpose string, identityID int64, state *webauthn.SessionData) (string, error) {
	text, err := json.Marshal(state)
	if err != nil {
		return "", fmt.Errorf("keep what a device was asked: %w", err)
	}
	return s.Ticket(ctx, purpose, identityID, string(text), askWithin)
}

func (s *Service) asked(ctx context.Context, purpose, ticket string) (int64, webauthn.SessionData, error) {
	var state webauthn.SessionData
	identityID, text, err := s.UseTicket(ctx, purpose, ticket)
	if err != nil {
		return 0, state, err
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		return 0, state, fmt.Errorf("read what a device was asked: %w", err)
	}
	return identityID, state, nil
}
