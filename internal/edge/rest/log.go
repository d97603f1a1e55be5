package rest

import (
	"context"
	"log/slog"

	"tandem/internal/core/access"
)

// requestLog adds the request ID of the context to every line.
type requestLog struct{ slog.Handler }

// Handle writes one line.
func (l requestLog) Handle(ctx context.Context, r slog.Record) error {
	if id := access.From(ctx).RequestID; id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs keeps the request ID.
func (l requestLog) WithAttrs(a []slog.Attr) slog.Handler { return requestLog{l.Handler.WithAttrs(a)} }

// WithGroup keeps the request ID.
func (l requestLog) WithGroup(name string) slog.Handler { return requestLog{l.Handler.WithGroup(name)} }
