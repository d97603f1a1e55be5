package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
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
	if over > longest {
		return maxWait
	}
	return min(time.Second<<over, maxWait)
}

// longest is how many failed tries beyond the free ones bring the wait to maxWait.
const longest = 10

// begin counts a try before its password is looked at, or refuses it. It notes in the audit when tries begin to be held
// up, and when they are held up the longest: once each, however many come. email names whom they are made for, if anybody.
func (s *Service) begin(ctx context.Context, keys [2]string, email ...string) error {
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
			if err := s.noteTries(ctx, tx, i, counts[i].Failures-free, counts[i].Failures, email); err != nil {
				return err
			}
			failed := counts[i].Failures + 1
			if _, err := exec(ctx, tx, "count the try to sign in", sqlSetFailures, failed, now, now+wait(failed, free).Microseconds(), keys[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// noteTries notes that a counter came to where tries are held up. What was typed is not kept: it may be a password.
func (s *Service) noteTries(ctx context.Context, tx *db.Tx, counter int, over, failed int64, email []string) error {
	message := ""
	switch over {
	case 0:
		message = "Sign-in tries held up"
	case longest:
		message = "Sign-in tries held up the longest"
	default:
		return nil
	}
	entry := audit.Entry{Action: audit.ActionLogin, Table: "staff", Message: message, Changes: []audit.Change{
		{Field: "failed_tries", New: failed}, {Field: "counted_by", New: [2]string{"address", "network"}[counter]}}}
	if counter == 0 && len(email) > 0 {
		if err := s.meant(ctx, tx, email[0], &entry); err != nil {
			return err
		}
	}
	call := access.From(ctx)
	call.Once = nil // the key is for what comes after
	return s.audit.Record(access.With(ctx, call), tx, entry)
}

// meant names the person of an address in an entry, when there is one.
func (s *Service) meant(ctx context.Context, tx *db.Tx, email string, entry *audit.Entry) error {
	who, err := s.people.ByEmail(ctx, email)
	if errs.IsKind(err, errs.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	entry.RowName = who.Email
	doors, err := s.people.Doors(ctx, tx, who)
	if err != nil || len(doors) == 0 {
		return err
	}
	first := doors[0].Person
	entry.Table, entry.RowID, entry.RowName = first.Table, first.ID, first.Name
	return nil
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
