package main

import (
	"net/url"
	"strconv"

	"tandem/internal/kit/list"
)

// figure is one line of the table.
type figure struct {
	name   string
	query  list.Query
	single bool   // GET of one customer
	sort   bool   // one of many, of which the worst are told
	grows  string // why it may grow with the table; empty when it may not
}

func filter(field, op, value string) string {
	return `{"field":"` + field + `","op":"` + op + `","value":"` + value + `"}`
}

const three = `{"and":[{"field":"status","op":"eq","value":"inactive"},{"field":"city","op":"eq","value":"Oslo"},{"field":"company","op":"contains","value":"net"}]}`

const (
	threeCommon = `{"and":[{"field":"status","op":"eq","value":"active"},{"field":"country","op":"eq","value":"NO"},{"field":"billing_type","op":"eq","value":"prepaid"}]}`
	threeSome   = `{"and":[{"field":"status","op":"eq","value":"active"},{"field":"country","op":"eq","value":"NO"},{"field":"company","op":"contains","value":"net"}]}`
)

// figures are the lines, without the sorts.
func figures() []figure {
	return []figure{
		{name: "first page", query: list.Query{}},
		{name: "first page by name", query: list.Query{Sort: "name"}},
		{name: "page at 90 % by name, by cursor", query: list.Query{Sort: "name", Cursor: "90%"}},
		{name: "page at 90 % by name, by offset", query: list.Query{Sort: "name", Offset: -90}, grows: "a jump counts the rows it passes"},
		{name: "three filters, 13 % match", query: list.Query{Filter: threeCommon}},
		{name: "three filters, 0.5 % match", query: list.Query{Filter: threeSome}},
		{name: "three filters, 13 % match, none of the first 5 % by name", query: list.Query{Filter: threeCommon, Sort: "name"}, grows: "matches stand far off in the order"},
		{name: "three filters, 0.01 % match, by name", query: list.Query{Filter: three, Sort: "-name"}, grows: "no index has the three together"},
		{name: "status rare (0.2 %), by name", query: list.Query{Filter: filter("status", "eq", "penalty"), Sort: "name"}},
		{name: "group small (0.4 %), by name", query: list.Query{Filter: filter("groups", "eq", "Waiting list"), Sort: "name"}},
		{name: "custom number between, by name", query: list.Query{Filter: `{"field":"custom.limit","op":"between","value":["100","200"]}`, Sort: "name"}},
		{name: "e-mail begins with, by city", query: list.Query{Filter: filter("email", "starts", "zq12"), Sort: "city"}},
		{name: "telephone ends in four digits", query: list.Query{Filter: filter("telephone", "ends", "4711"), Sort: "name"}},
		{name: "3 letters, common (lov)", query: list.Query{Q: "lov"}},
		{name: "3 letters, rare (qui), by name", query: list.Query{Q: "qui", Sort: "name"}},
		{name: "3 letters in company (xall), by name", query: list.Query{Filter: filter("company", "contains", "xall"), Sort: "name"}},
		{name: "3 digits (123), by name", query: list.Query{Q: "123", Sort: "name"}},
		{name: "2 letters, common (an)", query: list.Query{Q: "an", Sort: "name"}},
		{name: "2 letters, rare (zh), by name", query: list.Query{Q: "zh", Sort: "name"}},
		{name: "1 letter, common (a)", query: list.Query{Q: "a"}},
		{name: "1 letter, rare (ж), by name", query: list.Query{Q: "ж", Sort: "name"}},
		{name: "one CJK letter (田), by name", query: list.Query{Q: "田", Sort: "name"}},
		{name: "nothing matches", query: list.Query{Q: "xyzzyqq", Sort: "name"}},
		{name: "two words (ingrid bergen)", query: list.Query{Q: "ingrid saether", Sort: "name"}},
		{name: "exact total of everything", query: list.Query{Total: list.TotalExact}},
		{name: "exact total of a filter (3 letters)", query: list.Query{Q: "qui", Sort: "name", Total: list.TotalExact}, grows: "an exact total looks at every match"},
		{name: "exact total of a filter (7 % inactive)", query: list.Query{Filter: filter("status", "eq", "inactive"), Total: list.TotalExact}, grows: "an exact total looks at every match"},
		{name: "one customer by ID", single: true},
	}
}

// address is the query as the API takes it.
func address(q list.Query) string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", q.Q)
	set("filter", q.Filter)
	set("sort", q.Sort)
	set("cursor", q.Cursor)
	set("total", string(q.Total))
	if q.Offset > 0 {
		v.Set("offset", strconv.Itoa(q.Offset))
	}
	return "/api/v1/customers?" + v.Encode()
}
