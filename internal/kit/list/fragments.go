package list

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
)

// FragmentIndex finds rows by any fragment of their texts. It holds the set of three-letter pieces of each folded
// text, each text followed by two end marks, so that one letter and two are prefixes of a piece, and an ending is a
// piece too. SQLite keeps it in FTS5, PostgreSQL in a tsvector under GIN. What it finds is a superset: conditions
// are always tested on the row as well.
type FragmentIndex struct {
	Table string // such as customer_search
	Row   string // its column with the row's ID on PostgreSQL; on SQLite it is the rowid
}

// endMark closes a text; it stands in no text, since every rune is mapped.
const endMark = '\u0180'

// maxPieces bounds how many pieces of a long fragment are asked for: more find hardly less.
const maxPieces = 8

// piece maps a rune to one that both databases take for a letter. Punctuation and space move beyond ASCII.
func piece(r rune) rune {
	if r < 0x80 && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
		return r + 0x100
	}
	return r
}

// pieces calls add with the three-letter pieces of text, in order of appearance.
func pieces(text string, closed bool, add func([3]rune)) {
	var last [3]rune
	n := 0
	next := func(r rune) {
		last = [3]rune{last[1], last[2], r}
		if n++; n >= 3 {
			add(last)
		}
	}
	for _, r := range text {
		next(piece(r))
	}
	if closed {
		next(endMark)
		next(endMark)
	}
}

// document is what the index holds of a row: its distinct pieces.
func document(d db.Dialect, texts []string) string {
	seen := make(map[[3]rune]struct{}, 128)
	b := make([]byte, 0, 1024)
	for _, text := range texts {
		if text == "" {
			continue
		}
		pieces(text, true, func(p [3]rune) {
			if _, twice := seen[p]; twice {
				return
			}
			seen[p] = struct{}{}
			if len(b) > 0 {
				b = append(b, ' ')
			}
			if d == db.Postgres {
				b = append(b, '\'')
			}
			for _, r := range p {
				b = utf8.AppendRune(b, r)
			}
			if d == db.Postgres {
				b = append(b, '\'')
			}
		})
	}
	return string(b)
}

// Insert adds rows that are not in the index yet. texts[i] are the folded texts of the row ids[i].
func (x *FragmentIndex) Insert(ctx context.Context, tx *db.Tx, ids []int64, texts [][]string) error {
	columns := []string{x.Row, "pieces"}
	if tx.Dialect() == db.SQLite {
		columns[0] = "rowid"
	}
	rows := make([][]any, len(ids))
	for i := range ids {
		rows[i] = []any{ids[i], document(tx.Dialect(), texts[i])}
	}
	return tx.Bulk(ctx, x.Table, columns, rows)
}

// Replace puts the texts of rows in place of their former ones.
func (x *FragmentIndex) Replace(ctx context.Context, tx *db.Tx, ids []int64, texts [][]string) error {
	if len(ids) == 0 {
		return nil
	}
	key := x.Row
	if tx.Dialect() == db.SQLite {
		key = "rowid"
	}
	marks := make([]string, len(ids))
	for i, n := range ids {
		marks[i] = fmt.Sprint(n) // numbers of ours
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s IN (%s)", x.Table, key, strings.Join(marks, ","))); err != nil {
		return fmt.Errorf("replace in %s: %w", x.Table, err)
	}
	return x.Insert(ctx, tx, ids, texts)
}

// match is the search expression for a fragment; at the end of a text only, when ending.
func match(d db.Dialect, fragment string, ending bool) string {
	var list []string
	pieces(fragment, ending, func(p [3]rune) { list = append(list, string(p[:])) })
	if len(list) > maxPieces {
		spread := make([]string, maxPieces)
		for i := range spread {
			spread[i] = list[i*(len(list)-1)/(maxPieces-1)]
		}
		list = spread
	}
	short := len(list) == 0
	if short {
		var b strings.Builder
		for _, r := range fragment {
			b.WriteRune(piece(r))
		}
		list = []string{b.String()}
	}
	if d == db.Postgres {
		if short {
			return "'" + list[0] + "':*"
		}
		return "'" + strings.Join(list, "' & '") + "'"
	}
	if short {
		return `"` + list[0] + `"*`
	}
	return `"` + strings.Join(list, `" AND "`) + `"`
}

// find is a SELECT of the IDs that may hold the fragment; empty when the fragment has nothing to look up by.
func (x *FragmentIndex) find(b *builder, fragment string, ending bool) string {
	fragment = fold.Key(fragment)
	if fragment == "" {
		return ""
	}
	if b.dialect == db.Postgres {
		return fmt.Sprintf("SELECT %s FROM %s WHERE pieces @@ %s::tsquery", x.Row, x.Table, b.add(match(b.dialect, fragment, ending)))
	}
	return fmt.Sprintf("SELECT rowid FROM %s WHERE %s MATCH %s", x.Table, x.Table, b.add(match(b.dialect, fragment, ending)))
}
