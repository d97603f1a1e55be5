package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost is what one password hash takes.
type Cost struct {
	MemoryKiB uint32
	Time      uint32
}

// DefaultCost is 19 MiB and two passes: about 30 ms.
var DefaultCost = Cost{MemoryKiB: 19 * 1024, Time: 2}

const (
	saltBytes = 16
	hashBytes = 32
)

// Hasher hashes and verifies passwords with argon2id, a few at a time. Safe for concurrent use.
type Hasher struct {
	cost  Cost
	slots chan struct{}
	dummy string
}

// NewHasher gives a hasher that computes at most so many hashes at once.
func NewHasher(cost Cost, parallel int) *Hasher {
	h := &Hasher{cost: cost, slots: make(chan struct{}, parallel)}
	h.dummy = h.encode(random(saltBytes)[:saltBytes], make([]byte, hashBytes))
	return h
}

// Hash is the password's argon2id hash in the usual text form. It waits for its turn until ctx ends.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	sum, err := h.sum(ctx, password, string(salt), h.cost)
	if err != nil {
		return "", err
	}
	return h.encode(string(salt), sum), nil
}

// Verify tells whether the hash is the password's. An empty hash never matches, and takes as long as one that does.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	cost, salt, want, err := decode(hash)
	if err != nil {
		return false, err
	}
	got, err := h.sum(ctx, password, salt, cost)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

func (h *Hasher) sum(ctx context.Context, password, salt string, cost Cost) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(password), []byte(salt), cost.Time, cost.MemoryKiB, 1, hashBytes), nil
}

func (h *Hasher) encode(salt string, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, h.cost.MemoryKiB, h.cost.Time,
		base64.RawStdEncoding.EncodeToString([]byte(salt)), base64.RawStdEncoding.EncodeToString(sum))
}

func decode(hash string) (cost Cost, salt string, sum []byte, err error) {
	broken := errors.New("a stored password hash cannot be read")
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost, "", nil, broken
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &cost.MemoryKiB, &cost.Time); err != nil {
		return cost, "", nil, broken
	}
	rawSalt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return cost, "", nil, broken
	}
	sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return cost, "", nil, broken
	}
	return cost, string(rawSalt), sum, nil
}
