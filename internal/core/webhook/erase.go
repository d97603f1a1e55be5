package webhook

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// Eraser takes out of messages what they told of the customer and its contacts, and out of attempts what was answered. A
// message that waits still goes without it: its receiver asks for the row, or learns that it is gone.
func (s *Service) Eraser() erasure.Eraser {
	return erasure.Eraser{Name: Table, Left: eraseLeft, Erase: s.erase}
}

// rowsOf fills the two lists of rows of a statement.
func rowsOf(query string, of erasure.Subject) string {
	var customers []int64
	if of.Whole {
		customers = []int64{of.Customer}
	}
	return fmt.Sprintf(query, db.IDList(customers), db.IDList(of.Contacts))
}

func eraseLeft(ctx context.Context, q db.Q, of erasure.Subject) (int64, error) {
	var told, answered int64
	if err := q.GetContext(ctx, &told, rowsOf(sqlCountTold, of)); err != nil {
		return 0, fmt.Errorf("count messages: %w", err)
	}
	if err := q.GetContext(ctx, &answered, rowsOf(sqlCountAnswered, of)); err != nil {
		return 0, fmt.Errorf("count answers to messages: %w", err)
	}
	return told + answered, nil
}

func (s *Service) erase(ctx context.Context, of erasure.Subject) error {
	for more := true; more; {
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			var some []struct {
				ID   int64  `db:"id"`
				Body string `db:"body"`
			}
			if err := tx.SelectContext(ctx, &some, rowsOf(sqlToldBodies, of)); err != nil {
				return fmt.Errorf("read messages: %w", err)
			}
			more = len(some) > 0
			for _, e := range some {
				if _, err := exec(ctx, tx, "erase a message", sqlHushEvent, hushed(e.Body), e.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := exec(ctx, tx, "erase answers to messages", rowsOf(sqlHushAnswers, of), []byte{}); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "erase what went wrong with messages", rowsOf(sqlHushDeliveries, of))
		return err
	})
}

// hushed is a message without the row that it told of.
func hushed(body string) string {
	var message map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &message) == nil && message != nil {
		message["data"] = json.RawMessage("null")
		if text, err := json.Marshal(message); err == nil {
			return string(text)
		}
	}
	return `{"data":null}` // cannot be: we wrote it
}
