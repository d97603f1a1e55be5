package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tandem/internal/core/audit"
	"tandem/internal/kit/check"
	"tandem/internal/kit/db"
	"tandem/internal/kit/secret"
)

// AuditHead is how far the audit reaches.
type AuditHead = audit.Head

// ErrNoProof says that a file holds no head of an audit.
var ErrNoProof = audit.ErrNoProof

// AuditHead writes how far the audit reaches to a file.
func (a *App) AuditHead(ctx context.Context, path string, force bool) (h AuditHead, err error) {
	err = writeFile(path, force, func(out io.Writer) error {
		if _, err := a.Audit.Seal(ctx); err != nil {
			return err
		}
		if h, err = a.Audit.Head(ctx); err != nil {
			return err
		}
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(h)
	})
	return h, err
}

// AuditExport writes every sealed entry with its proof to a file.
func (a *App) AuditExport(ctx context.Context, path string, force bool) (h AuditHead, err error) {
	err = writeFile(path, force, func(out io.Writer) error {
		h, err = a.Audit.ExportProof(ctx, out)
		return err
	})
	return h, err
}

// writeFile writes a file as a whole or not at all, readable by its owner alone.
func writeFile(path string, force bool, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(path); err == nil && !force {
		return fmt.Errorf("%s exists: name another file, or say --force", path)
	}
	out, err := os.CreateTemp(filepath.Dir(path), ".tandem-audit-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(out.Name()) // half a proof is none
		}
	}()
	if err := errors.Join(write(out), out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := place(out.Name(), path, force); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// AuditProof is what was found of a file and of the audit since.
type AuditProof struct {
	Head    AuditHead      `json:"head"`
	Results []check.Result `json:"results"`
	Note    string         `json:"note,omitempty"`
}

// OK tells whether nothing is broken.
func (p AuditProof) OK() bool {
	for _, r := range p.Results {
		if !r.OK {
			return false
		}
	}
	return true
}

func (p *AuditProof) add(name string, broken []string) {
	p.Results = append(p.Results, check.Result{Name: name, OK: len(broken) == 0, Broken: append([]string{}, broken...)})
}

// AuditVerify proves a file that AuditHead or AuditExport wrote, and, unless it is offline, that the audit goes on from its
// head as it was.
func (a *App) AuditVerify(ctx context.Context, path string, offline bool) (AuditProof, error) {
	in, err := os.Open(path)
	if err != nil {
		return AuditProof{}, fmt.Errorf("read the proof: %w", err)
	}
	defer func() { _ = in.Close() }() // only read
	file, err := a.Audit.VerifyFile(in)
	if err != nil {
		return AuditProof{}, fmt.Errorf("read %s: %w", path, err)
	}
	out := AuditProof{Head: file.Head}
	if file.Whole {
		out.add(fmt.Sprintf("%d entries in the file", file.Entries), file.Broken)
	}
	if offline {
		if !file.Whole {
			return out, fmt.Errorf("%w: it holds a head alone, which says nothing without the database", ErrNoProof)
		}
		return out, nil
	}
	var since, chain []string
	err = a.DB.Snapshot(ctx, func(q db.Q) (err error) {
		if since, out.Note, err = a.Audit.Since(ctx, q, file.Head); err != nil {
			return err
		}
		chain, err = a.Audit.Verify(ctx, q)
		return err
	})
	if err != nil {
		return out, err
	}
	out.add("the audit has the head of the file", since)
	out.add("audit chain", chain)
	return out, nil
}

// KeyOnly is an installation without its database, for what needs the secret key alone. The key has to be there.
func KeyOnly(c Config) (*App, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.SecretKeyFile); err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	box, err := secret.OpenKeyFile(c.SecretKeyFile)
	if err != nil {
		return nil, err
	}
	return &App{Config: c, Secrets: box, Audit: audit.NewService(audit.Options{Clock: c.Clock, Log: c.Log, Signer: box})}, nil
}
