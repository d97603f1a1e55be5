package list

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/kit/errs"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
	maxSorts     = 3
	maxOffset    = 100_000_000
)

// SortKey is one field of an order.
type SortKey struct {
	Field *Field
	Desc  bool
}

// parseSort reads "-balance,name". An empty text is the table's default.
func (t *Table) parseSort(text string, masked []string, wrong *errs.Fields) []SortKey {
	if strings.TrimSpace(text) == "" {
		text = t.Default
	}
	parts := strings.Split(text, ",")
	if len(parts) > maxSorts {
		wrong.Add("sort", "too_many", "Sort by at most %d fields.", maxSorts)
		return nil
	}
	var keys []SortKey
	for _, part := range parts {
		name, desc := strings.CutPrefix(strings.TrimSpace(part), "-")
		f := t.Field(name)
		switch {
		case f == nil || !f.Sortable:
			wrong.Add("sort", "unknown_field", "There is no field %q to sort by.", clip(name))
			return nil
		case f.hidden(masked):
			wrong.Add("sort", "masked", "%s", maskedText(f))
			return nil
		case slices.ContainsFunc(keys, func(k SortKey) bool { return k.Field == f }):
			wrong.Add("sort", "twice", "%s stands twice in the order.", f.Label)
			return nil
		}
		keys = append(keys, SortKey{f, desc})
	}
	return keys
}

// orderBy is the ORDER BY list. The ID, in the direction of the last key, makes it total.
func (t *Table) orderBy(keys []SortKey, plain func(string) string) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(plain(k.Field.Key))
		b.WriteString(direction(k.Desc))
		b.WriteString(", ")
	}
	b.WriteString(t.ID)
	b.WriteString(direction(keys[len(keys)-1].Desc))
	return b.String()
}

func direction(desc bool) string {
	if desc {
		return " DESC"
	}
	return ""
}

// cursor is where a page ended: the order and filter it belongs to, the sort keys and ID of its last row.
type cursor struct {
	Sum  string `json:"s"`
	Keys []any  `json:"k"`
	ID   int64  `json:"i"`
}

// sum ties a cursor to its list, order and filter: under another it would skip rows silently.
func (t *Table) sum(q Query) string {
	sort := q.Sort
	if strings.TrimSpace(sort) == "" {
		sort = t.Default
	}
	h := sha256.Sum256([]byte(t.Name + "\x00" + sort + "\x00" + q.Filter + "\x00" + q.Q + "\x00" + q.Scope.sum() + strings.Join(q.Masked, "\x00")))
	return base64.RawURLEncoding.EncodeToString(h[:6])
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil { // strings and numbers only
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseCursor reads what String printed and refuses everything else.
func (t *Table) parseCursor(q Query, keys []SortKey, wrong *errs.Fields) *cursor {
	if q.Cursor == "" || keys == nil {
		return nil
	}
	refuse := func(code, why string) *cursor { wrong.Add("cursor", code, "%s", why); return nil }
	if len(q.Cursor) > 8192 {
		return refuse("malformed", "That is not a cursor of this list.")
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil {
		return refuse("malformed", "That is not a cursor of this list.")
	}
	var c struct {
		Sum  string            `json:"s"`
		Keys []json.RawMessage `json:"k"`
		ID   int64             `json:"i"`
	}
	if json.Unmarshal(text, &c) != nil || len(c.Keys) != len(keys) {
		return refuse("malformed", "That is not a cursor of this list.")
	}
	if c.Sum != t.sum(q) {
		return refuse("other_list", "This cursor belongs to another filter or order: begin without one.")
	}
	out := &cursor{Sum: c.Sum, ID: c.ID}
	for i, raw := range c.Keys {
		key, err := decodeKey(keys[i].Field, raw)
		if err != nil {
			return refuse("malformed", "That is not a cursor of this list.")
		}
		out.Keys = append(out.Keys, key)
	}
	return out
}

func decodeKey(f *Field, raw json.RawMessage) (any, error) {
	if _, isInt := f.none().(int64); isInt {
		var n int64
		err := json.Unmarshal(raw, &n)
		return n, err
	}
	var s string
	err := json.Unmarshal(raw, &s)
	if err == nil && strings.ContainsRune(s, 0) {
		err = fmt.Errorf("a zero byte")
	}
	return s, err
}

// after is the condition that a row comes behind the cursor.
func (t *Table) after(b *builder, keys []SortKey, c *cursor) string {
	same := true
	for _, k := range keys {
		same = same && k.Desc == keys[0].Desc
	}
	if same {
		var left, right []string
		for i, k := range keys {
			left, right = append(left, k.Field.Key), append(right, b.add(c.Keys[i]))
		}
		op := ">"
		if keys[0].Desc {
			op = "<"
		}
		return fmt.Sprintf("(%s, %s) %s (%s, %s)", strings.Join(left, ", "), t.ID, op, strings.Join(right, ", "), b.add(c.ID))
	}
	return t.afterMixed(b, keys, c)
}

// afterMixed spells the comparison out where directions differ, with a bound on the first key that its index can use.
func (t *Table) afterMixed(b *builder, keys []SortKey, c *cursor) string {
	ops := func(desc bool) string {
		if desc {
			return "<"
		}
		return ">"
	}
	marks := make([]string, len(keys))
	for i := range keys {
		marks[i] = b.add(c.Keys[i])
	}
	last := fmt.Sprintf("%s %s %s", t.ID, ops(keys[len(keys)-1].Desc), b.add(c.ID))
	for i := len(keys) - 1; i >= 0; i-- {
		k := keys[i].Field.Key
		last = fmt.Sprintf("(%s %s %s OR (%s = %s AND %s))", k, ops(keys[i].Desc), marks[i], k, marks[i], last)
	}
	return fmt.Sprintf("%s %s= %s AND %s", keys[0].Field.Key, ops(keys[0].Desc), marks[0], last)
}
