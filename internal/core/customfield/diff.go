package customfield

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"

	"tandem/internal/core/audit"
	"tandem/internal/kit/errs"
)

func diff(before, after Field) []audit.Change {
	var out []audit.Change
	add := func(name string, old, now any) {
		if !reflect.DeepEqual(old, now) {
			out = append(out, audit.Change{Field: name, Old: old, New: now})
		}
	}
	add("key", before.Key, after.Key)
	add("label", before.Label, after.Label)
	add("type", string(before.Type), string(after.Type))
	add("choices", before.Choices, after.Choices)
	add("required", before.Required, after.Required)
	add("help", before.Help, after.Help)
	add("position", before.Position, after.Position)
	return out
}

func encode(choices []Choice) (string, error) {
	if choices == nil {
		choices = []Choice{}
	}
	text, err := json.Marshal(choices)
	if err != nil {
		return "", fmt.Errorf("write the choices: %w", err)
	}
	return string(text), nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// exactlyOne says stale when an update that names a version found no row: another transaction was first.
func exactlyOne(r sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("write the custom field: %w", err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return fmt.Errorf("write the custom field: %w", err)
	}
	if n != 1 {
		return errs.Stale(nil)
	}
	return nil
}
