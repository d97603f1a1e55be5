package list

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/money"
)

// Op is an operator of the filter language.
type Op string

// The operators.
const (
	OpEq        Op = "eq"
	OpNe        Op = "ne"
	OpLt        Op = "lt"
	OpLte       Op = "lte"
	OpGt        Op = "gt"
	OpGte       Op = "gte"
	OpIn        Op = "in"
	OpNin       Op = "nin"
	OpContains  Op = "contains"
	OpNContains Op = "ncontains"
	OpStarts    Op = "starts"
	OpNStarts   Op = "nstarts"
	OpEnds      Op = "ends"
	OpNEnds     Op = "nends"
	OpEmpty     Op = "empty"
	OpNEmpty    Op = "nempty"
	OpBetween   Op = "between"
)

// What a filter may hold at most, so that a hostile one costs little.
const (
	maxFilterBytes  = 64 << 10
	maxFilterDepth  = 8
	maxFilterLeaves = 100
	maxFilterValues = 1000
	maxValueRunes   = 500
)

// Node is a filter: either And, or Or, or one condition on Field.
type Node struct {
	And   []*Node
	Or    []*Node
	Field *Field
	Op    Op
	Keys  []any // values as the database keeps them: string or int64; two for between
	words bool  // a keyword: Keys[0] in any of the fields in
	in    []string
	part  bool // in is not all of the table's keywords
	place int  // among the nodes of the query, from 1: the same each time that the query is parsed
}

// number gives the node and those below it their places, from next on, and returns the next one free.
func (n *Node) number(next int) int {
	if n == nil {
		return next
	}
	n.place = next
	next++
	for _, children := range [][]*Node{n.And, n.Or} {
		for _, child := range children {
			next = child.number(next)
		}
	}
	return next
}

type rawNode struct {
	And   *[]json.RawMessage `json:"and"`
	Or    *[]json.RawMessage `json:"or"`
	Field *string            `json:"field"`
	Op    Op                 `json:"op"`
	Value json.RawMessage    `json:"value"`
}

// ParseFilter reads a filter; nil for an empty one. What is wrong is told with its path: filter.and[1].value. Fields that
// the masks hide are refused.
func (t *Table) ParseFilter(text string, masked ...string) (*Node, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var wrong errs.Fields
	if len(text) > maxFilterBytes {
		wrong.Add("filter", "too_long", "A filter may have at most %d bytes.", maxFilterBytes)
		return nil, wrong.Err()
	}
	p := parser{table: t, wrong: &wrong, masked: masked}
	n := p.node("filter", []byte(text), 0)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return n, nil
}

type parser struct {
	table  *Table
	wrong  *errs.Fields
	masked []string
	leaves int
}

// ended tells whether nothing stands behind what was read.
func ended(dec *json.Decoder) bool {
	_, err := dec.Token()
	return errors.Is(err, io.EOF)
}

func (p *parser) node(path string, text []byte, depth int) *Node {
	var raw rawNode
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil || !ended(dec) {
		p.wrong.Add(path, "malformed", `A filter is {"and":[...]}, {"or":[...]} or {"field","op","value"}.`)
		return nil
	}
	given := 0
	for _, g := range []bool{raw.And != nil, raw.Or != nil, raw.Field != nil} {
		if g {
			given++
		}
	}
	switch {
	case given != 1:
		p.wrong.Add(path, "malformed", "A filter has exactly one of and, or, field.")
		return nil
	case depth >= maxFilterDepth:
		p.wrong.Add(path, "too_deep", "Groups may be nested %d deep.", maxFilterDepth)
		return nil
	case raw.And != nil:
		return &Node{And: p.nodes(path+".and", *raw.And, depth)}
	case raw.Or != nil:
		if len(*raw.Or) == 0 {
			p.wrong.Add(path+".or", "empty", "An or-group needs a condition.")
		}
		return &Node{Or: p.nodes(path+".or", *raw.Or, depth)}
	}
	return p.leaf(path, raw)
}

func (p *parser) nodes(path string, list []json.RawMessage, depth int) []*Node {
	out := make([]*Node, 0, len(list))
	for i, text := range list {
		if p.leaves > maxFilterLeaves {
			break
		}
		out = append(out, p.node(fmt.Sprintf("%s[%d]", path, i), text, depth+1))
	}
	return out
}

func maskedText(f *Field) string {
	return "Your role does not show you " + f.Label + ", so nothing can be filtered, sorted or summed by it."
}

func (p *parser) leaf(path string, raw rawNode) *Node {
	if p.leaves++; p.leaves > maxFilterLeaves {
		p.wrong.Add(path, "too_many", "A filter may have at most %d conditions.", maxFilterLeaves)
		return nil
	}
	f := p.table.Field(*raw.Field)
	if f == nil || !f.Filter {
		p.wrong.Add(path+".field", "unknown_field", "There is no field %q to filter by.", clip(*raw.Field))
		return nil
	}
	if f.hidden(p.masked) {
		p.wrong.Add(path+".field", "masked", "%s", maskedText(f))
		return nil
	}
	if !slices.Contains(f.Ops(), raw.Op) {
		p.wrong.Add(path+".op", "unknown_op", "%s cannot be compared with %q.", f.Label, clip(string(raw.Op)))
		return nil
	}
	n := &Node{Field: f, Op: raw.Op}
	values, err := valuesOf(raw.Op, raw.Value)
	if err != nil {
		p.wrong.Add(path+".value", "malformed", "%s", err.Error())
		return nil
	}
	for _, v := range values {
		key, err := f.parse(v)
		if err != nil {
			p.wrong.Add(path+".value", "invalid_value", "%s: %s", f.Label, err.Error())
			return nil
		}
		n.Keys = append(n.Keys, key)
	}
	return widenDay(n, values)
}

// widenDay lets a bare day stand for all its instants when a date is compared with it.
func widenDay(n *Node, values []string) *Node {
	const day = int64(24 * time.Hour / time.Microsecond)
	if n.Field.Type != TypeDate {
		return n
	}
	bare := func(i int) bool { return len(values[i]) == len("2006-01-02") }
	switch {
	case n.Op == OpEq && bare(0):
		n.Op, n.Keys = OpBetween, []any{n.Keys[0], n.Keys[0].(int64) + day - 1}
	case (n.Op == OpGt || n.Op == OpLte) && bare(0):
		n.Keys[0] = n.Keys[0].(int64) + day - 1
	case n.Op == OpBetween && bare(1):
		n.Keys[1] = n.Keys[1].(int64) + day - 1
	}
	return n
}

// valuesOf reads the value of a condition as texts: none, one, two or many, as the operator wants.
func valuesOf(op Op, raw json.RawMessage) ([]string, error) {
	switch op {
	case OpEmpty, OpNEmpty:
		return nil, nil
	case OpIn, OpNin, OpBetween:
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil || list == nil {
			return nil, errors.New("this operator takes a list of values")
		}
		if op == OpBetween && len(list) != 2 {
			return nil, errors.New("between takes two values")
		}
		if len(list) == 0 || len(list) > maxFilterValues {
			return nil, fmt.Errorf("the list may have 1 to %d values", maxFilterValues)
		}
		out := make([]string, len(list))
		for i, one := range list {
			var err error
			if out[i], err = scalar(one); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	one, err := scalar(raw)
	return []string{one}, err
}

func scalar(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return "", errors.New("a value is missing")
	}
	switch raw[0] {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", errors.New("the value cannot be read")
		}
		if len([]rune(s)) > maxValueRunes {
			return "", fmt.Errorf("a value may have at most %d characters", maxValueRunes)
		}
		return s, nil
	case '{', '[':
		return "", errors.New("the value must be a text or a number")
	}
	return string(raw), nil
}

// parse turns a value as the API spells it into the key the database holds.
func (f *Field) parse(s string) (any, error) {
	switch f.Type {
	case TypeText:
		return fold.Key(s), nil
	case TypeID:
		return strings.ToUpper(fold.Key(s)), nil
	case TypeInt:
		n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		if err != nil || n == NoNumber {
			return nil, errors.New("that is not a whole number")
		}
		return n, nil
	case TypeNumber, TypeMoney:
		a, err := money.Parse(s)
		if err != nil {
			return nil, errors.New("that is not a number")
		}
		return int64(a), nil
	case TypeDate:
		return parseInstant(s)
	case TypeDay:
		d, err := time.Parse("2006-01-02", strings.TrimSpace(s))
		if err != nil {
			return nil, errors.New("a day is written 2026-12-31")
		}
		return d.Unix() / 86400, nil
	case TypeBool:
		switch s {
		case "true":
			return int64(1), nil
		case "false":
			return int64(0), nil
		}
		return nil, errors.New("that must be true or false")
	case TypeRef, TypeMultiRef:
		prefix := f.Prefix
		if prefix == "" { // rows of several kinds, whose IDs are one series
			prefix, _, _ = strings.Cut(s, "_")
		}
		n, err := id.Parse(prefix, s)
		if err != nil {
			return nil, err
		}
		return n, nil
	}
	if f.Type == TypeChoice && len(f.Choices) > 0 && !slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == s }) {
		return nil, fmt.Errorf("there is no choice %q", clip(s))
	}
	return s, nil
}

func parseInstant(s string) (any, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 && t.Year() < 10000 {
			return t.UnixMicro(), nil
		}
	}
	return nil, errors.New("a time is written 2026-12-31T23:59:59Z, or 2026-12-31 for the whole day in UTC")
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// parseWords is the filter for a keyword search: every word in any of the table's keyword fields that the masks do not hide.
func (t *Table) parseWords(q string, masked []string) (*Node, error) {
	var wrong errs.Fields
	words := strings.Fields(fold.Key(q))
	if len([]rune(q)) > maxValueRunes || len(words) > 10 {
		wrong.Add("q", "too_long", "Search for at most 10 words and %d characters.", maxValueRunes)
		return nil, wrong.Err()
	}
	if len(words) == 0 || len(t.Keywords) == 0 {
		return nil, nil
	}
	in := slices.DeleteFunc(slices.Clone(t.Keywords), func(name string) bool { return t.Field(name).hidden(masked) })
	n := &Node{}
	for _, w := range words {
		n.And = append(n.And, &Node{words: true, in: in, part: len(in) < len(t.Keywords), Op: OpContains, Keys: []any{w}})
	}
	return n, nil
}

// Mentions tells whether the filter has a condition on the field.
func (n *Node) Mentions(field string) bool {
	if n == nil {
		return false
	}
	if n.Field != nil {
		return n.Field.Name == field
	}
	has := func(c *Node) bool { return c.Mentions(field) }
	return slices.ContainsFunc(n.And, has) || slices.ContainsFunc(n.Or, has)
}
