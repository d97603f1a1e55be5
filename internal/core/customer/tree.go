package customer

import (
	"context"
	"fmt"
	"slices"

	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// ancestorTable has, for each customer, every reseller above it; a reseller stands above itself.
const ancestorTable = "customer_ancestors"

// HoldTree makes those who move customers in the tree wait for each other, when the changes do. Each holds the one it
// moves and then those above its new place: two that did so at once could wait for each other in a ring. Call it before
// customers are locked.
func HoldTree(ctx context.Context, tx *db.Tx, changes []Change) error {
	if !slices.ContainsFunc(changes, func(c Change) bool { return c.Field == "reseller" }) {
		return nil
	}
	return tx.Queue(ctx, "moves in the tree of resellers")
}

// maxLooks is how often the way up is looked at again when it changed while it was being held.
const maxLooks = 10

// holdWayUp keeps resellers, and those above them, where they are in the tree until the end of tx, so that nobody comes
// under a reseller, or moves, past a move that is under way. It gives who stands above each, itself included.
func holdWayUp(ctx context.Context, tx *db.Tx, resellers []int64) (map[int64][]int64, error) {
	above, err := wayUp(ctx, tx, resellers)
	if err != nil || len(resellers) == 0 || tx.Dialect() == db.SQLite { // which has one writer
		return above, err
	}
	for range maxLooks {
		var held []int64
		all := everybody(above)
		if err := tx.SelectContext(ctx, &held, fmt.Sprintf(sqlHold, db.IDList(all))+tx.Dialect().ForShare()); err != nil {
			return nil, fmt.Errorf("hold the resellers above: %w", err)
		}
		again, err := wayUp(ctx, tx, resellers)
		if err != nil || slices.Equal(all, everybody(again)) {
			return again, err
		}
		above = again
	}
	return nil, errs.New(errs.KindUnavailable, "busy", "The tree of resellers is changing. Try again.")
}

func wayUp(ctx context.Context, q db.Q, ids []int64) (map[int64][]int64, error) {
	out := make(map[int64][]int64, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		Customer int64 `db:"customer_id"`
		Ancestor int64 `db:"ancestor_id"`
	}
	if err := q.SelectContext(ctx, &rows, fmt.Sprintf(sqlWayUp, db.IDList(ids))); err != nil {
		return nil, fmt.Errorf("read the resellers above: %w", err)
	}
	for _, r := range rows {
		out[r.Customer] = append(out[r.Customer], r.Ancestor)
	}
	return out, nil
}

// Above is the open resellers above a customer, the nearest first; a reseller stands above itself. Whoever asks.
func Above(ctx context.Context, q db.Q, customerID int64) ([]int64, error) {
	out := []int64{}
	if err := q.SelectContext(ctx, &out, sqlAbove, customerID); err != nil {
		return nil, fmt.Errorf("read the resellers above: %w", err)
	}
	return out, nil
}

func everybody(above map[int64][]int64) []int64 {
	var out []int64
	for _, list := range above {
		out = append(out, list...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// plant puts new customers into the tree.
func plant(ctx context.Context, tx *db.Tx, customers []*Customer) error {
	var under []int64
	for _, c := range customers {
		if c.Reseller != 0 && !slices.Contains(under, c.Reseller) {
			under = append(under, c.Reseller)
		}
	}
	slices.Sort(under)
	above, err := holdWayUp(ctx, tx, under)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, c := range customers {
		if c.Kind == KindReseller {
			rows = append(rows, []any{c.ID, c.ID})
		}
		for _, a := range above[c.Reseller] {
			rows = append(rows, []any{c.ID, a})
		}
	}
	return tx.Bulk(ctx, ancestorTable, []string{"customer_id", "ancestor_id"}, rows)
}

// replant moves customers, each with everybody below it, to where they are now.
func replant(ctx context.Context, tx *db.Tx, good []Outcome) error {
	for i := range good {
		before, after := good[i].Before, good[i].After
		if before.Reseller == after.Reseller {
			continue
		}
		for _, text := range []string{sqlUproot, sqlUprootLeaf} {
			if _, err := tx.ExecContext(ctx, text, after.ID); err != nil {
				return fmt.Errorf("move a customer in the tree: %w", err)
			}
		}
		if after.Reseller == 0 {
			continue
		}
		for _, text := range []string{sqlGraft, sqlGraftLeaf} {
			if _, err := tx.ExecContext(ctx, text, after.ID, after.Reseller); err != nil {
				return fmt.Errorf("move a customer in the tree: %w", err)
			}
		}
	}
	return nil
}

// tryTree refuses to put a reseller under itself or one of its own.
func tryTree(ctx context.Context, q db.Q, tried []Outcome, wrong []*errs.Fields) error {
	var under []int64
	for i := range tried {
		if o := &tried[i]; o.Before.Reseller != o.After.Reseller && o.After.Reseller != 0 {
			under = append(under, o.After.Reseller)
		}
	}
	if len(under) == 0 {
		return nil
	}
	slices.Sort(under)
	under = slices.Compact(under)
	above, err := wayUp(ctx, q, under)
	if tx, ok := q.(*db.Tx); ok && err == nil {
		above, err = holdWayUp(ctx, tx, under)
	}
	if err != nil {
		return err
	}
	moved := map[int64]bool{} // resellers of this call, which may not make a ring together either
	for i := range tried {
		o := &tried[i]
		to := o.After.Reseller
		if o.Before.Reseller == to || to == 0 || o.Before.Kind != KindReseller || to == o.Before.ID {
			continue
		}
		if slices.ContainsFunc(above[to], func(a int64) bool { return a == o.Before.ID || moved[a] }) {
			wrong[i].Add("reseller", "ring", "A reseller cannot be put under one that it owns.")
			continue
		}
		moved[o.Before.ID] = true
	}
	return nil
}
