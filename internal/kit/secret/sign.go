package secret

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
)

// Sign gives a signature over data that only who holds the key can make or check. The purpose is bound to it.
func (b *Box) Sign(purpose string, data []byte) []byte {
	key, err := hkdf.Key(sha256.New, b.key, nil, "sign: "+purpose, sha256.Size)
	if err != nil {
		return nil // only of keys that are asked for too long; no signature is ever right then
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(data)
	return mac.Sum(nil)
}

// Signed tells whether Sign made the signature, over the same data for the same purpose.
func (b *Box) Signed(purpose string, data, signature []byte) bool {
	return len(signature) == sha256.Size && hmac.Equal(b.Sign(purpose, data), signature)
}
