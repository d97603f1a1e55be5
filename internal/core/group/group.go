package group

import (
	"strings"
	"time"
	"unicode/utf8"

	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// Type says what a group is for. The operator may add types of its own in the settings.
type Type string

// The types that ship with Tandem.
const (
	TypeClient      Type = "client"
	TypeStaff       Type = "staff"
	TypePromotional Type = "promotional"
	TypeTerritory   Type = "territory"
	TypeOther       Type = "other"
)

// Types is the types that ship with Tandem.
func Types() []Type {
	return []Type{TypeClient, TypeStaff, TypePromotional, TypeTerritory, TypeOther}
}

// Group is one label.
type Group struct {
	ID          int64
	Name        string
	Type        Type
	Description string
	Members     int64 // open customers in it
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Version     int64
}

// Input is what a person says about a group.
type Input struct {
	Name        string
	Type        Type
	Description string
}

// Validate trims and tells every wrong field. own is the operator's own types.
func (in *Input) Validate(own []string) *errs.Fields {
	var wrong errs.Fields
	in.Name, in.Description = strings.Join(strings.Fields(in.Name), " "), strings.TrimSpace(in.Description)
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > 80 {
		wrong.Add("name", "length", "A name has 1 to 80 characters.")
	}
	if utf8.RuneCountInString(in.Description) > 500 {
		wrong.Add("description", "length", "A description has up to 500 characters.")
	}
	if in.Type == "" {
		in.Type = TypeClient
	}
	known := strings.Join(own, "\x00")
	for _, t := range Types() {
		known += "\x00" + string(t)
	}
	if !strings.Contains("\x00"+known+"\x00", "\x00"+string(in.Type)+"\x00") {
		wrong.Add("type", "unknown", "There is no group type %q.", in.Type)
	}
	return &wrong
}

// table declares the list of groups. There are few: it needs no indexes beyond the unique name.
func table() *list.Table {
	text := func(name, label, key string, width int) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeText, Key: key, Sortable: true, Filter: true, Visible: true, Editable: true, Width: width}
	}
	number := func(name, label, key string, t list.Type) list.Field {
		return list.Field{Name: name, Label: label, Type: t, Key: key, Sortable: true, Filter: true, Visible: true, Right: t == list.TypeInt, Width: 130}
	}
	kind := text("type", "Type", "g.type", 130)
	kind.Type = list.TypeChoice
	return &list.Table{Name: "groups", From: "groups g", ID: "g.id", Default: "name", Unindexed: true, Keywords: []string{"name", "description"}, Fields: []list.Field{
		text("name", "Name", "g.name_key", 240), kind, text("description", "Description", "g.description_key", 320),
		number("members", "Members", membersOf, list.TypeInt),
		number("created_at", "Created", "g.created_at", list.TypeDate), number("updated_at", "Changed", "g.updated_at", list.TypeDate),
	}}
}
