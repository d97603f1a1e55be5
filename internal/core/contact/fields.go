package contact

import (
	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/list"
)

// baseKept is the condition of every list: what is removed is in none.
const (
	baseKept    = "c.removed = 0"
	baseRemoved = "c.removed = 1"
)

// keywords is where the keyword search looks.
var keywords = []string{"name", "email", "phone", "mobile", "customer_name", "customer_id"}

// table declares the list of contacts. Private notes are no field of it: nothing sorts, filters or finds by them.
func table() *list.Table {
	text := func(name, label, key string, width int) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeText, Key: key, Sortable: true, Filter: true, Fragments: true, Visible: true, Editable: true, Width: width}
	}
	given := func(f list.Field) list.Field { f.Editable = false; return f }
	hidden := func(f list.Field) list.Field { f.Visible = false; return f }
	masked := func(f list.Field) list.Field { f.Mask = string(access.MaskTelephone); return f }
	flag := func(name, label string, shown bool) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeBool, Key: "c." + name, Sortable: true, Filter: true, Visible: shown, Editable: true, Width: 130}
	}
	date := func(name, label string) list.Field {
		return list.Field{Name: name, Label: label, Type: list.TypeDate, Key: "c." + name, Sortable: true, Filter: true, Width: 190}
	}
	number := text("customer_id", "Customer ID", "c.customer_number", 120)
	number.Type, number.Search = list.TypeID, "lower(c.customer_number)"
	notes := hidden(text(fieldPublic, "Public notes", "substr(c.public_notes_key, 1, 100)", 260))
	notes.Search = "c.public_notes_key"
	name := text("name", "Name", "c.name_key", 220)
	name.Required = true
	return &list.Table{Name: Table, From: "contacts c", ID: "c.id", Keywords: keywords, Default: "name",
		Base: func(*list.Node) (string, bool) { return baseKept, true },
		Scopes: []list.Field{
			{Name: customer.ScopeWithin, Type: list.TypeMultiRef, Members: &list.Members{Table: "customer_ancestors", Row: "customer_id", Ref: "ancestor_id", Of: "c.customer_id", List: sqlWithin}},
			{Name: customer.ScopeSelf, Type: list.TypeRef, Key: "c.customer_id", Sortable: true},
		},
		Index: &list.FragmentIndex{Table: SearchTable, Row: "contact_id", Together: baseKept, Apart: baseRemoved},
		Fields: []list.Field{
			name, given(text("customer_name", "Customer", "c.customer_name_key", 220)), given(number),
			text("email", "E-mail", "c.email_key", 240), text("type", "Type", "c.type_key", 140),
			{Name: "role", Label: "Role in the portal", Type: list.TypeChoice, Key: "c.role", Sortable: true, Filter: true, Visible: true, Editable: true, Required: true, Width: 130,
				Choices: []list.Choice{{Value: "owner", Label: "Owner"}, {Value: "billing", Label: "Billing"}, {Value: "technical", Label: "Technical"}, {Value: "viewer", Label: "Viewer"}}},
			masked(text("phone", "Telephone", "c.phone", 150)), masked(text("mobile", "Mobile", "c.mobile", 150)),
			flag("email_verified", "E-mail verified", true), flag("mobile_verified", "Mobile verified", true), notes,
			{Name: "customer", Label: "Customer", Type: list.TypeRef, Prefix: "cus", Key: "c.customer_id", Sortable: true, Filter: true, Width: 170},
			given(flag("customer_closed", "Customer closed", false)),
			date("created_at", "Created"), date("updated_at", "Changed"),
		}}
}
