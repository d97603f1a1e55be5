package callout

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"tandem/internal/kit/secret"
)

// secretPrefix begins every secret, so that one is known when it is found where it does not belong.
const secretPrefix = "whsec_"

// NewSecret is a new secret of 256 random bits, as Standard Webhooks writes them.
func NewSecret() string {
	raw, _ := base64.RawURLEncoding.DecodeString(secret.Token()) // what Token made
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// Sign is the signature of one message by one secret, after Standard Webhooks: v1, and HMAC-SHA256 over ID, second and body.
func Sign(secret, messageID string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		return "", err
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(messageID + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	h.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)), nil
}

// Headers is what goes with a message: its ID, the time, and a signature by each secret.
func Headers(secrets []string, messageID string, at time.Time, body []byte) (map[string]string, error) {
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		var err error
		if signatures[i], err = Sign(s, messageID, at, body); err != nil {
			return nil, err
		}
	}
	return map[string]string{
		"Content-Type": "application/json", "User-Agent": "Tandem", "webhook-id": messageID,
		"webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "webhook-signature": strings.Join(signatures, " "),
	}, nil
}
