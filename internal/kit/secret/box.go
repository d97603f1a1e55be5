package secret

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrUnreadable says that a sealed secret was sealed with another key, for another purpose, or was changed.
var ErrUnreadable = errors.New("the sealed secret cannot be opened with this key")

// Box seals secrets that machines have to read back, such as the password of a SIP device.
type Box struct {
	key []byte
}

// NewBox gives a box for a key of 32 bytes.
func NewBox(key []byte) (*Box, error) {
	if len(key) != chacha20poly1305.KeySize {
		return nil, fmt.Errorf("the secret key has %d bytes instead of %d", len(key), chacha20poly1305.KeySize)
	}
	return &Box{key: key}, nil
}

// OpenKeyFile reads the key, or makes a new one that only the owner may read when there is no such file yet.
func OpenKeyFile(path string) (*Box, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeKeyFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read the secret key: %s does not hold 32 bytes in base64", path)
	}
	return NewBox(key)
}

// makeKeyFile writes a key aside and links it into place, so that of two processes that start at once both use the
// same one and neither reads half of it.
func makeKeyFile(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, chacha20poly1305.KeySize)
	_, _ = rand.Read(key)                                        // never fails since Go 1.24
	aside, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(aside.Name()) }()
	_, err = aside.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, aside.Sync(), aside.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(aside.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// Seal encrypts a secret. The purpose is bound to it: what was sealed for one row cannot be opened as another's.
func (b *Box) Seal(purpose, plain string) []byte {
	aead, _ := chacha20poly1305.NewX(b.key) // the key's length was checked
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return aead.Seal(nonce, nonce, []byte(plain), []byte(purpose))
}

// Open decrypts what Seal made for the same purpose; ErrUnreadable for everything else.
func (b *Box) Open(purpose string, sealed []byte) (string, error) {
	aead, _ := chacha20poly1305.NewX(b.key) // the key's length was checked
	if len(sealed) < aead.NonceSize() {
		return "", ErrUnreadable
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(purpose))
	if err != nil {
		return "", ErrUnreadable
	}
	return string(plain), nil
}
