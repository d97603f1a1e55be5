package secret_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tandem/internal/kit/secret"
)

var cheap = secret.Cost{MemoryKiB: 64, Time: 1}

func TestTokensDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		for _, s := range []string{secret.Token(), secret.Link()} {
			if seen[s] {
				t.Fatal("a token came twice")
			}
			seen[s] = true
		}
	}
	if got := len(secret.Token()); got != 43 {
		t.Errorf("a token has %d letters, want 43 for 256 bits", got)
	}
	if got := len(secret.Link()); got != 22 {
		t.Errorf("a link has %d letters, want 22 for 128 bits", got)
	}
	if bytes.Equal(secret.Digest("a"), secret.Digest("b")) || len(secret.Digest("a")) != 32 {
		t.Error("digests must differ and have 32 bytes")
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	first, seen := map[byte]bool{}, map[string]bool{}
	for range 1000 {
		code := secret.Code()
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("%q", code)
		}
		first[code[0]], seen[code] = true, true
	}
	if len(first) != 10 || len(seen) < 980 {
		t.Errorf("%d first digits, %d codes", len(first), len(seen))
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := secret.NewHasher(cheap, 2)
	hash, err := h.Hash(ctx, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hash = %q", hash)
	}
	again, _ := h.Hash(ctx, "correct horse")
	if again == hash {
		t.Error("the same password must not give the same hash")
	}
	dearer := secret.NewHasher(secret.Cost{MemoryKiB: 128, Time: 2}, 1)
	for _, c := range []struct {
		hash, password string
		want           bool
	}{{hash, "correct horse", true}, {hash, "correct hors", false}, {hash, "", false}, {"", "correct horse", false}} {
		got, err := dearer.Verify(ctx, c.hash, c.password) // the cost stands in the hash
		if err != nil || got != c.want {
			t.Errorf("Verify(%q) = %v, %v; want %v", c.password, got, err, c.want)
		}
	}
	for _, broken := range []string{"x", "$argon2id$v=19$m=64$a$b", "$argon2id$v=19$m=64,t=1,p=1$!$b", "$argon2id$v=19$m=64,t=1,p=1$YQ$!"} {
		if _, err := h.Verify(ctx, broken, "x"); err == nil {
			t.Errorf("hash %q was taken", broken)
		}
	}
}

func TestHashingWaitsItsTurn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h := secret.NewHasher(cheap, 0) // no slot ever comes free
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want that the context ended", err)
	}
	if _, err := h.Verify(ctx, "", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want that the context ended", err)
	}
}

func TestKeyFileIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "secret.key")
	boxes := make([]*secret.Box, 8)
	var wg sync.WaitGroup
	for i := range boxes {
		wg.Go(func() {
			box, err := secret.OpenKeyFile(path)
			if err != nil {
				t.Error(err)
				return
			}
			boxes[i] = box
		})
	}
	wg.Wait()
	sealed := boxes[0].Seal("device 7", "hunter2")
	if bytes.Contains(sealed, []byte("hunter2")) {
		t.Error("the secret stands in the sealed text")
	}
	for _, b := range boxes {
		if plain, err := b.Open("device 7", sealed); err != nil || plain != "hunter2" {
			t.Errorf("Open = %q, %v", plain, err)
		}
	}
	if _, err := boxes[0].Open("device 8", sealed); !errors.Is(err, secret.ErrUnreadable) {
		t.Errorf("opened for another purpose: %v", err)
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := boxes[0].Open("device 7", sealed); !errors.Is(err, secret.ErrUnreadable) {
		t.Errorf("opened though changed: %v", err)
	}
	if _, err := boxes[0].Open("device 7", nil); !errors.Is(err, secret.ErrUnreadable) {
		t.Errorf("opened though empty: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 0600", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.OpenKeyFile(path); err == nil {
		t.Error("a broken key file was taken")
	}
}
