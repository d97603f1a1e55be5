package rest

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
)

// AuditHeadBody is how far the chain of the audit reaches.
type AuditHeadBody struct {
	Seq       int64     `json:"seq" doc:"Of the last seal."`
	Last      string    `json:"last_entry" doc:"The last entry under it."`
	Entries   int64     `json:"entries" doc:"Under seals altogether, those that were retired as well."`
	Retired   int64     `json:"retired" doc:"Of them, not there any more."`
	Hash      string    `json:"hash" doc:"SHA-256 of the last seal, in base64."`
	At        time.Time `json:"at"`
	Signature string    `json:"signature" doc:"Of all this, with the key of the installation."`
}

func auditHeadBody(h audit.Head) AuditHeadBody {
	return AuditHeadBody{Seq: h.Seq, Last: h.Last, Entries: h.Entries, Retired: h.Retired, Hash: base64.StdEncoding.EncodeToString(h.Hash), At: h.At,
		Signature: base64.StdEncoding.EncodeToString(h.Signature)}
}

// auditProof gives what proves the audit later: the head of its chain, alone or with everything before it.
func auditProof(api *API, s *audit.Service) {
	api.Code("whole_only", "403. The proof is of the whole audit: who sees a part of the customers does not take it.")
	Register(api, Route{Method: "GET", Path: "/audit-entries/head", ID: "get-audit-head", Summary: "Read the head of the audit", Tag: auditTag, Needs: access.AuditExport,
		Doc: "Keep it elsewhere: tandem audit verify proves with it that no entry before it was changed, removed or put in since."},
		func(ctx context.Context, _ *Nothing) (*Answer[AuditHeadBody], error) {
			h, err := s.Head(ctx)
			if err != nil {
				return nil, err
			}
			return &Answer[AuditHeadBody]{Body: auditHeadBody(h)}, nil
		})
	RegisterRaw(api, Route{Method: "GET", Path: "/audit-entries/proof", ID: "export-audit-proof", Summary: "Export the audit with its proof", Tag: auditTag, Needs: access.AuditExport,
		Doc:    "Every entry under a seal, the seals and the head, one JSON value on a line. tandem audit verify reads it.",
		Stream: true, Answer: "application/x-ndjson"},
		func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Content-Type", "application/x-ndjson")
			w.Header().Set("Content-Disposition", attachment("audit.ndjson"))
			_, err := s.ExportProof(r.Context(), w)
			return err
		})
}
