package access

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/kit/errs"
)

// Kind says what sort of principal acts.
type Kind string

// The kinds of principal.
const (
	KindAnonymous Kind = "anonymous"
	KindStaff     Kind = "staff"
	KindToken     Kind = "token"
	KindContact   Kind = "contact" // a person at a customer, who signs in to the portal
	KindSystem    Kind = "system"  // Tandem itself, or the operator at the command line
)

// Principal is who acts.
type Principal struct {
	Kind        Kind
	ID          int64
	Name        string
	Role        Role   // the first of Roles
	Roles       []Role // what it may do adds up
	Permissions []Permission
	Masks       []Mask // what is hidden from it
	Root        int64  // the reseller whose subtree it sees; 0 = everything
	Customer    int64  // the one customer it sees, as contacts do; 0 = no such limit
	// closed is what its place has taken away of what its roles may do.
	closed []Permission
	// Must says what the person has to do before anything else is open to them, while their permissions are empty:
	// MustChangePassword, MustSetSecondFactor; empty: nothing.
	Must string
}

// What a person may have to do first.
const (
	MustChangePassword  = "change_password"
	MustSetSecondFactor = "set_second_factor"
)

// Key names the principal in an installation, for rows that belong to one (views, preferences, idempotency).
func (p Principal) Key() string {
	var b strings.Builder
	b.WriteString(string(p.Kind))
	b.WriteByte(':')
	writeInt(&b, p.ID)
	return b.String()
}

// May tells whether the principal holds the permission.
func (p Principal) May(perm Permission) bool {
	return slices.Contains(p.Permissions, perm) && (!p.HasPlace() || KeepsPlace(perm))
}

// System is Tandem itself acting, named for the audit: "demo", "command line".
func System(name string) Principal {
	return Principal{Kind: KindSystem, Name: name, Role: RoleAdmin, Roles: []Role{RoleAdmin}, Permissions: AllPermissions()}
}

// Call is one request: who asks, how, and from where. It travels in the context, beside deadline and trace.
type Call struct {
	Principal  Principal
	OnBehalfOf string // the person a principal acts for, when impersonating; empty otherwise
	// Impersonator is the staff user behind Principal, when that is a contact as whom they are in the portal: Principal is
	// what may be done, the impersonator who does it.
	Impersonator *Principal
	RequestID    string
	IP           string
	Host         string // the address that the request named, as its Host header says; empty: none came over HTTP
	Verb         string // HTTP verb, or JOB, CLI
	Comment      string // why, in the caller's words
	Once         *Once  // set when the caller gave an Idempotency-Key
}

// Actor is who does it: the impersonator, or the principal.
func (c *Call) Actor() Principal {
	if c.Impersonator != nil {
		return *c.Impersonator
	}
	return c.Principal
}

// Once is the caller's promise that this request is the same as every other with this key.
type Once struct {
	Key     string
	Hash    []byte // of method, path and body
	In      any    // the transaction that claims the key; one that is run again has to claim it again
	Claimed bool   // that transaction was committed
}

type callKey struct{}

// With gives a context that carries the call.
func With(ctx context.Context, c Call) context.Context { return context.WithValue(ctx, callKey{}, c) }

// From is the context's call; without one it is an anonymous call that may do nothing.
func From(ctx context.Context) Call {
	if c, ok := ctx.Value(callKey{}).(Call); ok {
		return c
	}
	return Call{Principal: Principal{Kind: KindAnonymous}}
}

// Require is nil when the context's principal holds the permission; else it says unauthorized or forbidden.
func Require(ctx context.Context, perm Permission) error {
	p := From(ctx).Principal
	if p.May(perm) {
		return nil
	}
	if p.Kind == KindAnonymous {
		return errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
	}
	return errs.Forbidden(string(perm))
}

func writeInt(b *strings.Builder, n int64) {
	if n >= 10 {
		writeInt(b, n/10)
	}
	b.WriteByte(byte('0' + n%10))
}
