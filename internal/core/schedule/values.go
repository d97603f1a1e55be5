package schedule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const customPrefix = "custom."

// bare is a value as a patch takes it: of references their IDs alone, sorted where there are several; other lists keep
// their order. A blank is nil.
func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if id, ok := v["id"]; ok {
			return id
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
		out, refs := make([]any, len(v)), true
		for i, x := range v {
			object, _ := x.(map[string]any)
			_, ref := object["id"]
			out[i], refs = bare(x), refs && ref
		}
		if refs {
			slices.SortFunc(out, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		return out
	case string:
		if v == "" {
			return nil
		}
	}
	return v
}

// Same tells whether two values mean the same: a text that is empty, a list without elements and null do.
func Same(a, b any) bool {
	x, errX := json.Marshal(bare(a))
	y, errY := json.Marshal(bare(b))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// differing is the names of fields in which two states differ, sorted.
func differing(before, after Values) []string {
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !Same(before[name], after[name]) {
			out = append(out, name)
		}
	}
	return out
}

func (v Values) only(names []string) Values {
	out := make(Values, len(names))
	for _, name := range names {
		out[name] = v[name]
	}
	return out
}

// Flatten makes fields of a body of the API, those of names alone: the operator's own fields stand in it by
// "custom.key".
func Flatten(body any, names []string) (Values, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("read the fields of a row: %w", err)
	}
	var raw map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&raw); err != nil {
		return nil, fmt.Errorf("read the fields of a row: %w", err)
	}
	out := Values{}
	for _, name := range names {
		value, there := raw[name]
		custom, nested := value.(map[string]any)
		switch {
		case name == "custom" && nested:
			for key, v := range custom {
				out[customPrefix+key] = v
			}
		case there && name != "custom":
			out[name] = value
		}
	}
	return out, nil
}

// patchOf is the patch that sets the fields to these values, with what goes beside them in another patch.
func patchOf(v Values, like json.RawMessage, beside []string) (json.RawMessage, error) {
	out, custom := map[string]any{}, map[string]any{}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(like, &all); err != nil {
		return nil, fmt.Errorf("read a patch: %w", err)
	}
	for _, name := range beside {
		if raw, ok := all[name]; ok {
			out[name] = raw
		}
	}
	for name, value := range v {
		if key, ok := strings.CutPrefix(name, customPrefix); ok {
			custom[key] = bare(value)
			continue
		}
		out[name] = plainValue(value)
	}
	if len(custom) > 0 {
		out["custom"] = custom
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("write a patch: %w", err)
	}
	return text, nil
}

// plainValue is bare, but for empty texts and lists, which a patch writes as they are.
func plainValue(v any) any {
	switch x := v.(type) {
	case string:
		return x
	case []any:
		if len(x) == 0 {
			return x
		}
	}
	return bare(v)
}

// onlyFields is the part of a patch that sets these fields.
func onlyFields(patch json.RawMessage, keep func(name string) bool) (json.RawMessage, []string, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(patch, &all); err != nil {
		return nil, nil, fmt.Errorf("read a patch: %w", err)
	}
	var names []string
	custom := map[string]json.RawMessage{}
	if raw, ok := all["custom"]; ok {
		if err := json.Unmarshal(raw, &custom); err != nil {
			return nil, nil, fmt.Errorf("read a patch: %w", err)
		}
		for key := range custom {
			if !keep(customPrefix + key) {
				delete(custom, key)
				continue
			}
			names = append(names, customPrefix+key)
		}
		delete(all, "custom")
	}
	for name := range all {
		if !keep(name) {
			delete(all, name)
			continue
		}
		names = append(names, name)
	}
	if len(custom) > 0 {
		raw, err := json.Marshal(custom)
		if err != nil {
			return nil, nil, fmt.Errorf("write a patch: %w", err)
		}
		all["custom"] = raw
	}
	slices.Sort(names)
	text, err := json.Marshal(all)
	if err != nil {
		return nil, nil, fmt.Errorf("write a patch: %w", err)
	}
	return text, names, nil
}
