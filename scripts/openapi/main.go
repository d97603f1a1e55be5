// Command openapi prints the OpenAPI document of the routes in this tree. It opens a throw-away installation, because
// the document is made from the routes as they are registered.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tandem/internal/app"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	folder, err := os.MkdirTemp("", "tandem-openapi-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	installation, err := app.Open(context.Background(), app.Config{Data: folder, Version: "development"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, installation.Close()) }()
	server, _, err := installation.Server("")
	if err != nil {
		return err
	}
	document, err := server.OpenAPI()
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%s\n", document)
	return err
}
