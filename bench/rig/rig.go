package rig

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver that makes databases

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/core/group"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/pgtest"
	"tandem/internal/kit/id"
	"tandem/migrations"
)

// Flags are what every benchmark is told.
type Flags struct {
	N       int    // customers
	DB      string // sqlite, postgres or both
	Dir     string // where databases stay
	Profile string // file for a CPU profile; empty: none
	Only    string // part of the names of the figures wanted; empty: all
	Plans   bool   // tell the statements and their plans
}

// Parse reads the command line.
func Parse() Flags {
	var f Flags
	flag.IntVar(&f.N, "n", 1_000_000, "how many customers")
	flag.StringVar(&f.DB, "db", "both", "sqlite, postgres or both")
	flag.StringVar(&f.Dir, "dir", filepath.Join(os.TempDir(), "tandem-bench"), "folder for databases, which stay for the next run")
	flag.StringVar(&f.Profile, "cpuprofile", "", "file for a CPU profile")
	flag.StringVar(&f.Only, "only", "", "figures whose names hold this")
	flag.BoolVar(&f.Plans, "plans", false, "tell each statement and how the database runs it")
	flag.Parse()
	return f
}

// Kinds is the databases asked for.
func (f Flags) Kinds() []string {
	if f.DB == "both" {
		return []string{"sqlite", "postgres"}
	}
	return []string{f.DB}
}

// Main runs a benchmark and ends the process. fn prints its own table.
func Main(fn func(ctx context.Context, f Flags) error) {
	if err := profiled(Parse(), fn); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func profiled(f Flags, fn func(ctx context.Context, f Flags) error) (err error) {
	if f.Profile != "" {
		file, err := os.Create(f.Profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	return fn(access.With(context.Background(), access.Call{Principal: access.System("bench"), Verb: "CLI"}), f)
}

// Server is a PostgreSQL that stays, or nothing for SQLite.
type Server struct {
	kind    string
	dir     string
	cluster *pgtest.Cluster
}

// Start makes the database kind ready in the folder.
func Start(ctx context.Context, kind, dir string) (*Server, error) {
	s := &Server{kind: kind, dir: dir}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if kind != "postgres" {
		return s, nil
	}
	var err error
	s.cluster, err = pgtest.StartKept(ctx, filepath.Join(dir, "pg"))
	return s, err
}

// Stop ends the server; its databases stay.
func (s *Server) Stop() error {
	if s.cluster == nil {
		return nil
	}
	return s.cluster.Stop()
}

// Config is the database of that name.
func (s *Server) Config(name string) (db.Config, error) {
	if s.cluster == nil {
		return db.Config{Path: filepath.Join(s.dir, name+".db")}, nil
	}
	address, err := url.Parse(s.cluster.URL)
	if err != nil {
		return db.Config{}, err
	}
	address.Path = "/" + name
	return db.Config{URL: address.String()}, nil
}

// Fresh gives an empty, migrated database of that name, in place of the one that was there.
func (s *Server) Fresh(ctx context.Context, name string) (*db.DB, error) {
	if err := s.Drop(ctx, name); err != nil {
		return nil, err
	}
	if err := s.admin(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return nil, err
	}
	c, err := s.Config(name)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	_, err = d.Migrate(ctx, migrations.Files)
	return d, err
}

// Drop removes the database of that name, if it is there.
func (s *Server) Drop(ctx context.Context, name string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		if s.cluster != nil {
			break
		}
		if err := os.Remove(filepath.Join(s.dir, name+".db"+end)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return s.admin(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

// admin runs a statement about databases; nothing on SQLite.
func (s *Server) admin(ctx context.Context, statement string) error {
	if s.cluster == nil {
		return nil
	}
	return exec(ctx, s.cluster.URL, statement)
}

// exec runs a statement that no transaction may hold.
func exec(ctx context.Context, address, statement string) error {
	d, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	_, err = d.ExecContext(ctx, statement)
	return err
}

// edition tells apart what the tables of customers were when a database was filled; later migrations are applied to it.
func edition() string {
	sum := sha256.New()
	for _, kind := range []string{"sqlite", "postgres"} {
		files, _ := fs.Glob(migrations.Files, kind+"/0006_*.sql")
		for _, path := range files {
			text, _ := migrations.Files.ReadFile(path) // embedded
			sum.Write(text)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:4])
}

// House is the services over one database.
type House struct {
	DB           *db.DB
	Clock        clock.Clock
	IDs          *id.Source
	Log          *audit.Log
	Customers    *customer.Service
	CustomFields *customfield.Service
	Groups       *group.Service
}

// Build gives the services.
func Build(ctx context.Context, d *db.DB, c clock.Clock) (*House, error) {
	h := &House{DB: d, Clock: c, IDs: id.NewSource(c)}
	h.Log = audit.NewLog(c, h.IDs)
	log := slog.New(slog.DiscardHandler)
	var err error
	h.Customers, err = customer.New(ctx, customer.Options{DB: d, Clock: c, IDs: h.IDs, Audit: h.Log, Log: log,
		Defaults: func(context.Context) (customer.Defaults, error) {
			return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "Europe/Oslo", Retention: 90 * 24 * time.Hour}, nil
		}})
	if err != nil {
		return nil, err
	}
	h.CustomFields = customfield.New(d, c, h.IDs, h.Log, func() { _ = h.Customers.Reload(context.WithoutCancel(ctx)) })
	h.Groups = group.New(group.Options{DB: d, Clock: c, IDs: h.IDs, Audit: h.Log, Log: log, Customers: h.Customers,
		OwnTypes: func(context.Context) ([]string, error) { return nil, nil }})
	return h, nil
}
