package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"tandem/internal/core/identity"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Failed tries that are free, for an address that is signed in with and for one that is called from; each further one
// doubles the wait from one second up to maxWait. After forgetAfter without a try everything is forgotten.
const (
	freeTries   = 5
	freeTriesIP = 30
	maxWait     = 15 * time.Minute
	forgetAfter = 24 * time.Hour
)

// counters names what a try is counted under: the e-mail address, digested since somebody may have typed a password
// there, and where it comes from. Whatever finds the same person counts as one. They sort alike everywhere, so that two tries lock in one order.
func counters(email, ip string) [2]string {
	sum := sha256.Sum256([]byte(identity.Key(email)))
	if a, err := netip.ParseAddr(ip); err == nil && a.Is6() && !a.Is4In6() {
		if p, err := a.WithZone("").Prefix(64); err == nil { // one subscriber has a whole /64
			ip = p.String()
		}
	}
	return [2]string{"email:" + hex.EncodeToString(sum[:16]), "ip:" + ip}
}

// wait is how long after so many failed tries the next may come.
func wait(failed, free int64) time.Duration {
	if failed < free {
		return 0
	}
	over := failed - free
	if over > 10 {
		return maxWait
	}
	return min(time.Second<<over, maxWait)
}

// begin counts a try before its password is looked at, or refuses it.
func (s *Service) begin(ctx context.Context, keys [2]string) error {
	now := clock.Micros(s.clock.Now())
	return s.db.Write(ctx, func(tx *db.Tx) error {
		var counts [2]failures
		var until int64
		for i, key := range keys {
			if err := tx.GetContext(ctx, &counts[i], sqlLockFailures, key, now); err != nil {
				return fmt.Errorf("count the try to sign in: %w", err)
			}
			if now-counts[i].LastAt > forgetAfter.Microseconds() {
				counts[i] = failures{}
			}
			until = max(until, counts[i].LockedUntil)
		}
		if until > now {
			return tooMany(until - now)
		}
		for i, free := range []int64{freeTries, freeTriesIP} {
			failed := counts[i].Failures + 1
			if _, err := exec(ctx, tx, "count the try to sign in", sqlSetFailures, failed, now, now+wait(failed, free).Microseconds(), keys[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// tooMany is the same for known and unknown addresses.
func tooMany(micros int64) error {
	e := errs.New(errs.KindTooMany, "too_many_attempts", "Too many tries to sign in. Wait before the next one.")
	e.RetryAfter = int((micros + 999_999) / 1_000_000)
	return e
}

// takeBack takes back what a try was counted for that was right as far as it went: the tries before it still count.
func (s *Service) takeBack(ctx context.Context, tx *db.Tx, keys [2]string) error {
	for _, key := range keys {
		if _, err := exec(ctx, tx, "take a try back", sqlTakeBack, key); err != nil {
			return err
		}
	}
	return nil
}

// forgive takes back what a try that was right was counted for, and forgets the tries before it.
func (s *Service) forgive(ctx context.Context, tx *db.Tx, keys [2]string) error {
	if _, err := exec(ctx, tx, "forget failed tries", sqlClearFailures, keys[0]); err != nil {
		return err
	}
	_, err := exec(ctx, tx, "forget failed tries", sqlForgive, keys[1])
	return err
}
