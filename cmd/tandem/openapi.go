package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tandem/internal/app"
)

// openapiCmd prints the document from which clients are generated: make generate.
type openapiCmd struct{}

// Run prints the OpenAPI document of this program, which needs no installation.
func (*openapiCmd) Run(ctx context.Context, std streams, g *globals) (err error) {
	folder, err := os.MkdirTemp("", "tandem-openapi-*")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	c := g.config(std)
	c.Data, c.DatabaseURL, c.SecretKeyFile, c.Version = folder, "", "", "1"
	a, err := app.Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	s, _, err := a.Server("")
	if err != nil {
		return err
	}
	text, err := s.OpenAPI()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%s\n", text)
	return err
}
