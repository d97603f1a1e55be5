package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// Token is a new secret of 256 random bits, in letters that may stand in a header, a cookie or a URL.
func Token() string { return random(32) }

// Link is a new secret of 128 random bits, for links that are used once and soon.
func Link() string { return random(16) }

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b)
}

// Digest is what is stored of a token: its SHA-256. A token has so many random bits that nothing slower is needed.
func Digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Code is a new code of six digits that people read and type, each as likely as any other. It is short: whoever takes one
// counts the tries.
func Code() string {
	const codes = 1_000_000
	for b := make([]byte, 4); ; {
		_, _ = rand.Read(b)                                         // never fails since Go 1.24
		if n := binary.BigEndian.Uint32(b); n < 1<<32-1<<32%codes { // so that none comes more often than others
			return fmt.Sprintf("%06d", n%codes)
		}
	}
}
