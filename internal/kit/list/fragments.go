package list

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
)

// FragmentIndex finds rows by any fragment of their texts. It holds the set of three-letter pieces of each folded
// text, each text followed by two end marks, so that one letter and two are prefixes of a piece, and an ending is a
// piece too. The pieces of texts that the keyword search leaves out bear a mark of their own. SQLite keeps it in FTS5,
// PostgreSQL in a tsvector under GIN.
//
// For a keyword of up to three letters it finds exactly the rows that hold it, so that they are counted without a
// look at them. For anything longer, or in one field, it finds a superset: the row is tested as well.
type FragmentIndex struct {
	Table string // such as customer_search
	Row   string // its column with the row's ID on PostgreSQL; on SQLite it is the rowid
	// Under the first base condition (see Table.Base) rows that stand apart are left out, under the other one they alone
	// are listed, under any other none is told from the rest.
	Together, Apart string
}

// Entry is what the index holds of a row.
type Entry struct {
	ID       int64
	Keywords []string // folded texts of the fields that the keyword search looks in
	Others   []string // folded texts of other fields
	Apart    bool     // the row stands apart from most lists, as a closed customer does
}

// Equal tells whether the index holds the same of both.
func (x Entry) Equal(y Entry) bool {
	return x.Apart == y.Apart && slices.Equal(x.Keywords, y.Keywords) && slices.Equal(x.Others, y.Others)
}

// Marks stand where no text has anything: in the area that Unicode keeps for private use.
const (
	endMark   = '\ue080' // closes a text
	otherMark = '\ue081' // begins a piece of a text that is no keyword
	apartMark = '\ue082' // alone: the row stands apart
	plainMark = 0xe000   // moves punctuation and space
)

// maxPieces bounds how many pieces of a long fragment are asked for: more find hardly less.
const maxPieces = 8

// exactRunes is the longest fragment that is one piece.
const exactRunes = 3

// piece maps a rune to one that both databases take for a letter. Punctuation and space move beyond ASCII.
func piece(r rune) rune {
	if r < 0x80 && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
		return r + plainMark
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
func (x Entry) document(d db.Dialect) string {
	w := wordList{quoted: d == db.Postgres, seen: make(map[[4]rune]struct{}, 128), text: make([]byte, 0, 1024)}
	for _, text := range x.Keywords {
		w.add(text, 0)
	}
	for _, text := range x.Others {
		w.add(text, otherMark)
	}
	if x.Apart {
		w.word([4]rune{apartMark})
	}
	return string(w.text)
}

// wordList writes distinct words.
type wordList struct {
	quoted bool
	seen   map[[4]rune]struct{}
	text   []byte
}

func (w *wordList) add(text string, mark rune) {
	if text != "" {
		pieces(text, true, func(p [3]rune) { w.word([4]rune{mark, p[0], p[1], p[2]}) })
	}
}

func (w *wordList) word(runes [4]rune) {
	if _, twice := w.seen[runes]; twice {
		return
	}
	w.seen[runes] = struct{}{}
	if len(w.text) > 0 {
		w.text = append(w.text, ' ')
	}
	if w.quoted {
		w.text = append(w.text, '\'')
	}
	for _, r := range runes {
		if r != 0 {
			w.text = utf8.AppendRune(w.text, r)
		}
	}
	if w.quoted {
		w.text = append(w.text, '\'')
	}
}

// Refill makes the index anew where it is empty and its owner's table, of, is not: after a migration or a restore, before
// anything is served. Of several nodes that start at once one does it, by fill, and the others wait.
func (x *FragmentIndex) Refill(ctx context.Context, d *db.DB, of string, fill func(context.Context, *db.Tx) error) error {
	gone := func(q db.Q) (yes bool, err error) {
		err = q.GetContext(ctx, &yes, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s) AND NOT EXISTS (SELECT 1 FROM %s)", of, x.Table))
		return yes, err
	}
	if yes, err := gone(d.Read()); err != nil || !yes {
		return err
	}
	return d.Load(ctx, func(tx *db.Tx) error {
		if lock := tx.Dialect().LockTable(x.Table); lock != "" {
			if _, err := tx.ExecContext(ctx, lock); err != nil {
				return fmt.Errorf("refill %s: %w", x.Table, err)
			}
		}
		if yes, err := gone(tx); err != nil || !yes {
			return err
		}
		return fill(ctx, tx)
	})
}

// Insert adds rows that are not in the index yet.
func (x *FragmentIndex) Insert(ctx context.Context, tx *db.Tx, entries []Entry) error {
	columns := []string{x.Row, "pieces"}
	if tx.Dialect() == db.SQLite {
		columns[0] = "rowid"
	}
	rows := make([][]any, len(entries))
	for i := range entries {
		rows[i] = []any{entries[i].ID, entries[i].document(tx.Dialect())}
	}
	return tx.Bulk(ctx, x.Table, columns, rows)
}

// Replace puts what the index holds of rows in place of the former.
func (x *FragmentIndex) Replace(ctx context.Context, tx *db.Tx, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	key := x.Row
	if tx.Dialect() == db.SQLite {
		key = "rowid"
	}
	marks := make([]string, len(entries))
	for i := range entries {
		marks[i] = fmt.Sprint(entries[i].ID) // numbers of ours
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s IN (%s)", x.Table, key, strings.Join(marks, ","))); err != nil {
		return fmt.Errorf("replace in %s: %w", x.Table, err)
	}
	return x.Insert(ctx, tx, entries)
}

// sought is a fragment to look up.
type sought struct {
	text   string // as the person gave it
	ending bool   // at the end of a text only
	other  bool   // in a field that is no keyword
	base   string // condition that the query has anyhow
}

// words is the pieces of the fragment; prefix when it is shorter than one.
func (f sought) words() (list []string, prefix bool) {
	mark := ""
	if f.other {
		mark = string(otherMark)
	}
	folded := fold.Key(f.text)
	pieces(folded, f.ending, func(p [3]rune) { list = append(list, mark+string(p[:])) })
	if len(list) > maxPieces {
		spread := make([]string, maxPieces)
		for i := range spread {
			spread[i] = list[i*(len(list)-1)/(maxPieces-1)]
		}
		list = spread
	}
	if len(list) > 0 {
		return list, false
	}
	var b strings.Builder
	b.WriteString(mark)
	for _, r := range folded {
		b.WriteRune(piece(r))
	}
	return []string{b.String()}, true
}

// match is the search expression for a fragment.
func (x *FragmentIndex) match(d db.Dialect, f sought) string {
	words, prefix := f.words()
	mark, and, no, many := `"`, " AND ", " NOT ", "*"
	if d == db.Postgres {
		mark, and, no, many = "'", " & ", " & !", ":*"
	}
	text := mark + strings.Join(words, mark+and+mark) + mark
	if prefix {
		text += many
	}
	apart := mark + string(apartMark) + mark
	switch f.base {
	case "":
		return text
	case x.Together:
		return "(" + text + ")" + no + apart
	case x.Apart:
		return text + and + apart
	}
	return text
}

// find is a SELECT of the IDs that may hold the fragment; empty when the fragment has nothing to look up by.
func (x *FragmentIndex) find(b *builder, f sought) string {
	if fold.Key(f.text) == "" {
		return ""
	}
	if b.dialect == db.Postgres {
		return fmt.Sprintf("SELECT %s FROM %s WHERE pieces @@ %s::tsquery", x.Row, x.Table, b.add(x.match(b.dialect, f)))
	}
	return fmt.Sprintf("SELECT rowid FROM %s WHERE %s MATCH %s", x.Table, x.Table, b.add(x.match(b.dialect, f)))
}

// findsExactly tells whether find gives no row too many.
func (x *FragmentIndex) findsExactly(f sought) bool {
	n := utf8.RuneCountInString(fold.Key(f.text))
	told := f.base == "" || f.base == x.Together || f.base == x.Apart
	return told && !f.other && !f.ending && n > 0 && n <= exactRunes
}
