package rest

import (
	"tandem/internal/kit/errs"
)

// addressed reads what a change is addressed to: the row in the path, and the version of If-Match, 0 when the caller
// did not say.
func addressed(prefix, what, text string, match MatchParam) (row, version int64, err error) {
	if row, err = pathID(prefix, what, text); err != nil {
		return 0, 0, err
	}
	version, err = match.Version()
	return row, version, err
}

// current puts the present state that a stale change is refused with into the API's shape.
func current[R, B any](err error, body func(R) B) error {
	e, ok := errs.As(err)
	if !ok {
		return err
	}
	row, ok := e.Current.(R)
	if !ok {
		return err
	}
	told := *e
	told.Current = body(row)
	return &told
}
