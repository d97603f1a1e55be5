package schedule

import (
	"strings"

	"tandem/internal/core/audit"
	"tandem/internal/kit/list"
)

// About tells the audit which customers delayed saves change.
func About() audit.Customers { return audit.By(sqlAbout) }

// table declares the list of delayed saves. Ended ones are purged: it needs no indexes beyond those of its store.
func table(resources []string) *list.Table {
	choice := func(name, label, key string, width int, values ...string) list.Field {
		f := list.Field{Name: name, Label: label, Type: list.TypeChoice, Key: key, Sortable: true, Filter: true, Visible: true, Width: width}
		for _, v := range values {
			f.Choices = append(f.Choices, list.Choice{Value: v, Label: strings.ToUpper(v[:1]) + v[1:]})
		}
		return f
	}
	date := func(name, label, key string, shown bool) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeDate, Key: key, Sortable: true, Filter: true, Visible: shown, Width: 170}
	}
	var states []string
	for _, s := range States() {
		states = append(states, string(s))
	}
	return &list.Table{Name: Table, From: "scheduled_changes c", ID: "c.id", Default: "-apply_at", Unindexed: true, Keywords: []string{"row_name", "requester", "comment"},
		Fields: []list.Field{
			{Name: "row_name", Label: "Record", Type: list.TypeText, Key: "c.row_name_key", Sortable: true, Filter: true, Visible: true, Width: 260},
			choice("op", "Change", "c.op", 110, string(OpCreate), string(OpUpdate), string(OpDelete)),
			date("apply_at", "Applied at", "c.apply_at", true),
			choice("state", "State", "c.state", 130, states...),
			{Name: "requester", Label: "Requester", Type: list.TypeText, Key: "c.requester_name_key", Sortable: true, Filter: true, Visible: true, Width: 180},
			{Name: "comment", Label: "Comment", Type: list.TypeText, Key: "lower(c.comment)", Filter: true, Visible: true, Width: 240},
			choice("resource", "Kind", "c.resource", 120, resources...),
			{Name: "row_id", Label: "Record ID", Type: list.TypeRef, Key: "c.row_id", Filter: true},
			{Name: "requester_id", Label: "Requester ID", Type: list.TypeRef, Key: "c.requester_id", Filter: true},
			date("applied_at", "Done at", "CASE WHEN c.applied_at = 0 THEN CAST(-9223372036854775808 AS BIGINT) ELSE c.applied_at END", false),
			date("created_at", "Asked at", "c.created_at", false), date("updated_at", "Changed", "c.updated_at", false),
		}}
}
