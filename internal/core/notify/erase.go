package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// MailsOf is the mails to a customer, or to some addresses of theirs. It asks for no permission: the caller has.
func MailsOf(ctx context.Context, q db.Q, customerID int64, whole bool, emails []string) ([]int64, error) {
	args := []any{customerID, int64(0)}
	if whole {
		args[1] = int64(1)
	}
	marks := "''"
	if len(emails) > 0 {
		marks = db.Placeholders(3, len(emails))
		for _, e := range emails {
			args = append(args, addressKey(e))
		}
	}
	var out []int64
	if err := q.SelectContext(ctx, &out, fmt.Sprintf(sqlMails, marks), args...); err != nil {
		return nil, fmt.Errorf("look for mails: %w", err)
	}
	return out, nil
}

// Eraser erases mails: that there was one, of which sort, and when it was sent, stays. Their addresses are suppressed no
// longer, since nothing is left that would be sent to them; audited is told which of those there were.
func (s *Service) Eraser(audited func(ctx context.Context, suppressions []int64) error) erasure.Eraser {
	return erasure.Eraser{Name: Table, Left: s.eraseLeft, Erase: func(ctx context.Context, of erasure.Subject) error {
		gone, err := suppressedOf(ctx, s.DB.Read(), of.Emails)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			if err := audited(ctx, gone); err != nil {
				return err
			}
		}
		return s.erase(ctx, of)
	}}
}

func (s *Service) eraseLeft(ctx context.Context, q db.Q, of erasure.Subject) (n int64, err error) {
	for some := range slices.Chunk(of.Mails, 500) {
		var more int64
		if err := q.GetContext(ctx, &more, fmt.Sprintf(sqlCountPersonal, numbers(some))); err != nil {
			return n, fmt.Errorf("count mails: %w", err)
		}
		n += more
	}
	gone, err := suppressedOf(ctx, q, of.Emails)
	return n + int64(len(gone)), err
}

func suppressedOf(ctx context.Context, q db.Q, emails []string) ([]int64, error) {
	var out []int64
	if len(emails) == 0 {
		return nil, nil
	}
	if err := q.SelectContext(ctx, &out, fmt.Sprintf(sqlSuppressedOf, db.Placeholders(1, len(emails))), keysOf(emails)...); err != nil {
		return nil, fmt.Errorf("look for suppressed addresses: %w", err)
	}
	return out, nil
}

func keysOf(emails []string) []any {
	out := make([]any, len(emails))
	for i, e := range emails {
		out[i] = addressKey(e)
	}
	return out
}

func (s *Service) erase(ctx context.Context, of erasure.Subject) error {
	for some := range slices.Chunk(of.Mails, 500) {
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			if err := s.detach(ctx, tx, fmt.Sprintf(sqlDetachSome, numbers(some))); err != nil {
				return err
			}
			_, err := exec(ctx, tx, "erase mails", fmt.Sprintf(sqlEraseMails, numbers(some)), []byte{})
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(of.Emails) == 0 {
		return nil
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := exec(ctx, tx, "release addresses", fmt.Sprintf(sqlDropSuppressed, db.Placeholders(1, len(of.Emails))), keysOf(of.Emails)...)
		return err
	})
}

// numbers is our own numbers as SQL.
func numbers(ids []int64) string {
	text, err := json.Marshal(ids)
	if err != nil || len(ids) == 0 { // numbers only
		return "0"
	}
	return strings.Trim(string(text), "[]")
}
