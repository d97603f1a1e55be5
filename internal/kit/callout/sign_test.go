package callout_test

import (
	"testing"
	"time"

	"tandem/internal/kit/callout"
)

// The example that the specification of Standard Webhooks and its libraries publish.
func TestTheSignatureOfTheSpecification(t *testing.T) {
	t.Parallel()
	got, err := callout.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := callout.Sign("whsec_no base64", "x", time.Unix(0, 0), nil); err == nil {
		t.Error("a secret that is none signs")
	}
}
