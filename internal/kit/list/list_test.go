package list_test

import (
	"strings"
	"testing"

	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

func things() *list.Table {
	return &list.Table{Name: "things", From: "things t", ID: "t.id", Default: "-made", Keywords: []string{"name"}, Fields: []list.Field{
		{Name: "name", Label: "Name", Type: list.TypeText, Key: "t.name_key", Sortable: true, Filter: true, Fragments: true},
		{Name: "number", Label: "Number", Type: list.TypeID, Key: "t.number", Search: "lower(t.number)", Sortable: true, Filter: true},
		{Name: "kind", Label: "Kind", Type: list.TypeChoice, Key: "t.kind", Sortable: true, Filter: true, Required: true, Choices: []list.Choice{{Value: "a"}, {Value: "b"}}},
		{Name: "price", Label: "Price", Type: list.TypeMoney, Key: "t.price", Sortable: true, Filter: true},
		{Name: "made", Label: "Made", Type: list.TypeDate, Key: "t.made", Sortable: true, Filter: true},
		{Name: "due", Label: "Due", Type: list.TypeDay, Key: "t.due", Sortable: true, Filter: true},
		{Name: "owner", Label: "Owner", Type: list.TypeRef, Prefix: "own", Key: "t.owner", Sortable: true, Filter: true},
		{Name: "tags", Label: "Tags", Type: list.TypeMultiRef, Prefix: "tag", Filter: true, Members: &list.Members{Table: "thing_tags", Row: "thing", Ref: "tag"}},
		{Name: "hidden", Label: "Hidden", Type: list.TypeText, Key: "t.hidden"},
	}}
}

func codeOf(err error) string {
	e, ok := errs.As(err)
	if !ok || len(e.Fields) == 0 {
		return ""
	}
	return e.Fields[0].Field + ":" + e.Fields[0].Code
}

func TestWrongQueriesAreNamed(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"and":[`, 9) + `{"field":"name","op":"empty"}` + strings.Repeat(`]}`, 9)
	wide := `{"or":[` + strings.TrimSuffix(strings.Repeat(`{"field":"name","op":"empty"},`, 101), ",") + `]}`
	for filter, want := range map[string]string{
		`{`: "filter:malformed", `[]`: "filter:malformed", `{}`: "filter:malformed", `{"and":[],"or":[]}`: "filter:malformed", `{"or":[]}`: "filter.or:empty",
		`{"and":[]}],"or":[`: "filter:malformed", `{"and":[]}}`: "filter:malformed",
		`{"and":[]} x`:                                     "filter:malformed",
		`{"field":"nope","op":"eq","value":"x"}`:           "filter.field:unknown_field",
		`{"field":"hidden","op":"eq","value":"x"}`:         "filter.field:unknown_field",
		`{"field":"kind","op":"contains","value":"x"}`:     "filter.op:unknown_op",
		`{"field":"kind","op":"eq","value":"c"}`:           "filter.value:invalid_value",
		`{"field":"price","op":"gt","value":"much"}`:       "filter.value:invalid_value",
		`{"field":"made","op":"gt","value":"2026-13-01"}`:  "filter.value:invalid_value",
		`{"field":"due","op":"eq","value":"tomorrow"}`:     "filter.value:invalid_value",
		`{"field":"owner","op":"eq","value":"tag_1"}`:      "filter.value:invalid_value",
		`{"field":"name","op":"eq"}`:                       "filter.value:malformed",
		`{"field":"name","op":"eq","value":{"a":1}}`:       "filter.value:malformed",
		`{"field":"price","op":"between","value":["1"]}`:   "filter.value:malformed",
		`{"field":"name","op":"in","value":[]}`:            "filter.value:malformed",
		`{"field":"name","op":"eq","value":"x","more":1}`:  "filter:malformed",
		`{"and":[{"field":"name","op":"is","value":"x"}]}`: "filter.and[0].op:unknown_op",
		deep: "filter" + strings.Repeat(".and[0]", 8) + ":too_deep", wide: "filter.or[100]:too_many", strings.Repeat(" ", 70000) + "{}": "filter:too_long",
	} {
		if _, err := things().Parse(list.Query{Filter: filter}); codeOf(err) != want {
			t.Errorf("%.80s gives %q, want %q", filter, codeOf(err), want)
		}
	}
	for want, q := range map[string]list.Query{
		"sort:unknown_field": {Sort: "hidden"}, "sort:twice": {Sort: "name,-name"}, "sort:too_many": {Sort: "name,kind,price,made"}, "limit:out_of_range": {Limit: 5000},
		"offset:out_of_range": {Offset: -1}, "total:unknown": {Total: "all"}, "cursor:malformed": {Cursor: "!"}, "q:too_long": {Q: strings.Repeat("a ", 20)},
	} {
		if _, err := things().Parse(q); codeOf(err) != want {
			t.Errorf("%+v gives %q, want %q", q, codeOf(err), want)
		}
	}
}

// FuzzFilter: whatever a filter says, it is understood or refused with the field named.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{`{"and":[{"field":"name","op":"contains","value":"tele"}]}`, `{"or":[{"field":"price","op":"between","value":["1",2.5]}]}`, `{"field":"tags","op":"in","value":["tag_0000000000001"]}`,
		`{"field":"made","op":"eq","value":"2026-02-28"}`, `{"field":"kind","op":"nin","value":["a"]}`, `{"field":"name","op":"empty"}`, "\x00", `{"and":[[[[`} {
		f.Add(seed)
	}
	table := things()
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := table.Parse(list.Query{Filter: text}); err != nil && !strings.HasPrefix(codeOf(err), "filter") {
			t.Fatalf("%q is refused without a name: %v", text, err)
		}
	})
}

// FuzzCursor: whatever a cursor says, it is understood or refused.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "AAAA", "eyJzIjoiIiwiayI6WyIiXSwiaSI6MX0", "eyJzIjoiIiwiayI6W10sImkiOjF9", "%"} {
		f.Add(seed, "name")
	}
	table := things()
	f.Fuzz(func(t *testing.T, cursor, sort string) {
		if _, err := table.Parse(list.Query{Cursor: cursor, Sort: sort}); err != nil && codeOf(err) == "" {
			t.Fatalf("%q is refused without a name: %v", cursor, err)
		}
	})
}
