package importer

import (
	"context"
	"log/slog"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// lister declares the list of imports. There are few: it needs no indexes.
func lister(d *db.DB, log *slog.Logger) *list.Engine {
	if log == nil {
		log = slog.Default()
	}
	field := func(name, label, key string, t list.Type, width int) list.Field {
		return list.Field{Name: name, Label: label, Type: t, Key: key, Sortable: true, Filter: true, Visible: true, Width: width, Right: t == list.TypeInt}
	}
	state := field("state", "State", "i.state", list.TypeChoice, 140)
	for _, code := range States() {
		state.Choices = append(state.Choices, choice(string(code)))
	}
	target := field("target", "Target", "i.target", list.TypeChoice, 120)
	target.Choices, target.Visible = []list.Choice{choice(TargetCustomers)}, false // one so far: every row would say the same
	return list.NewEngine(d, log, &list.Table{
		Name: "imports", From: "imports i", ID: "i.id", Default: "-created_at", Unindexed: true, Keywords: []string{"file_name", "created_by"},
		Fields: []list.Field{
			field("file_name", "File", "i.file_name_key", list.TypeText, 280), state, target,
			field("rows", "Rows", "i.row_count", list.TypeInt, 100), field("created", "Created", "i.created_count", list.TypeInt, 100),
			field("updated", "Updated", "i.updated_count", list.TypeInt, 110), field("wrong", "Wrong", "i.wrong_count", list.TypeInt, 100),
			field("created_by", "Imported by", "i.owner_name_key", list.TypeText, 160),
			field("created_at", "Uploaded", "i.created_at", list.TypeDate, 170), field("updated_at", "Changed", "i.updated_at", list.TypeDate, 170),
		},
	}, nil)
}

func choice(code string) list.Choice {
	return list.Choice{Value: code, Label: strings.ToUpper(code[:1]) + code[1:]}
}

// States are all of them, in the order in which an import goes through them.
func States() []State {
	return []State{StateDraft, StateChecking, StateChecked, StateRunning, StateDone, StateFailed, StateCancelled, StateUndoing, StateUndone}
}

// ListTable is the declaration of the list.
func (s *Service) ListTable() *list.Table { return s.lister.Table() }

// List is one page of imports, the newest first unless the query says otherwise. A state that is not empty narrows it.
func (s *Service) List(ctx context.Context, q list.Query, state State) ([]*Import, list.Page, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return nil, list.Page{}, err
	}
	var where []string
	var args []any
	if state != "" {
		where, args = append(where, "i.state = ?"), append(args, string(state))
	}
	if ownAlone(ctx) {
		where, args = append(where, "i.owner = ?"), append(args, access.From(ctx).Principal.Key())
	}
	if len(where) > 0 {
		q.Scope = &list.Scope{SQL: strings.Join(where, " AND "), Args: args}
	}
	return list.Rows(ctx, s.lister, q, sqlShown, func(scan list.Scan) (*Import, error) {
		var r record
		if err := scan(r.fields()...); err != nil {
			return nil, err
		}
		return r.read()
	})
}
