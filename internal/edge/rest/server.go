package rest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tandem/internal/core/access"
	"tandem/internal/core/brand"
	"tandem/internal/core/impersonation"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/httpx"
)

// Identities finds out who a cookie or a bearer token belongs to. An error of errs.KindUnauthorized means nobody.
type Identities interface {
	Session(ctx context.Context, token string) (access.Principal, error)
	Token(ctx context.Context, token string) (access.Principal, error)
}

// Lent finds out who is in the portal with a token: staff as a contact. An error of errs.KindUnauthorized means nobody.
type Lent interface {
	Find(ctx context.Context, token string) (impersonation.Inside, error)
}

// Config is what a server is made of. DB, Clock, Log and Identities must be set.
type Config struct {
	DB         *db.DB
	Clock      clock.Clock
	Log        *slog.Logger
	Identities Identities
	// Lent lets staff into the portal as contacts; nil: nobody.
	Lent Lent
	// Brands is how addresses look to customers; nil: all alike.
	Brands *brand.Service
	// Web is the built console with index.html at its root; nil serves the API alone.
	Web fs.FS
	// Version of the program, for the document.
	Version string
	// PublicURL is how people reach the server when a proxy stands before it, such as https://crm.example.net.
	PublicURL string
	// Proxies are the peers whose X-Forwarded-For and -Proto are believed.
	Proxies httpx.Proxies
	// Ready tells /readyz what is missing; nil means nothing ever is.
	Ready func(ctx context.Context) error
	// Exported is told of each list that is taken away as a file and does not note it itself; nil: nobody.
	Exported func(ctx context.Context, list, q, filter string) error
	// Explains tells whether changes of this caller need a comment; nil: nobody's do.
	Explains func(ctx context.Context, p access.Principal) (bool, error)
	// Metrics is what /metrics shows; nil means a new one.
	Metrics *prometheus.Registry
	// MaxStream is how long one upload or download may take; 0 means 6 hours.
	MaxStream time.Duration
}

// Server answers HTTP.
type Server struct {
	cfg     Config
	log     *slog.Logger
	api     *API
	mux     *http.ServeMux
	root    *http.ServeMux
	routes  []*Route
	broken  []error
	crossOK *http.CrossOriginProtection
	https   bool // PublicURL says so
	web     *webFiles
	metrics *metrics
	docs    func() (*document, error)
	codes   map[string]string
	// schedule keeps changes for later; nil until Scheduled is registered.
	schedule *schedule.Service
}

// New builds a server with the routes of the modules. It refuses routes that do not say what they need.
func New(cfg Config, modules ...Module) (*Server, error) {
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.NewRegistry()
	}
	if cfg.MaxStream == 0 {
		cfg.MaxStream = 6 * time.Hour
	}
	s := &Server{
		cfg: cfg, mux: http.NewServeMux(), root: http.NewServeMux(), crossOK: http.NewCrossOriginProtection(),
		https: strings.HasPrefix(cfg.PublicURL, "https://"), metrics: newMetrics(cfg.Metrics),
		codes: maps.Clone(codes),
	}
	s.log = slog.New(requestLog{cfg.Log.Handler()})
	if cfg.PublicURL != "" {
		if err := s.crossOK.AddTrustedOrigin(strings.TrimRight(cfg.PublicURL, "/")); err != nil {
			return nil, fmt.Errorf("the public URL: %w", err)
		}
	}
	var err error
	if s.web, err = newWebFiles(cfg.Web); err != nil {
		return nil, fmt.Errorf("read the console: %w", err)
	}
	s.web.dress = s.dressed
	s.api = &API{server: s, huma: huma.NewAPI(s.humaConfig(), adapter{s})}
	for _, module := range modules {
		module(s.api)
	}
	if err := errors.Join(s.broken...); err != nil {
		return nil, err
	}
	s.mount()
	return s, nil
}

// Routes is what was registered, for the test of who may do what.
func (s *Server) Routes() []Route {
	out := make([]Route, len(s.routes))
	for i, r := range s.routes {
		out[i] = *r
	}
	return out
}

// Log is the log, which knows the request.
func (a *API) Log() *slog.Logger { return a.server.log }

// add takes a route, or notes what is wrong with it.
func (s *Server) add(route Route) (*Route, bool) {
	r := &route
	err := r.check()
	if err == nil && slices.ContainsFunc(s.routes, func(o *Route) bool { return o.ID == r.ID }) {
		err = fmt.Errorf("two routes have the ID %s", r.ID)
	}
	if err != nil {
		s.broken = append(s.broken, err)
		return nil, false
	}
	if r.MaxBody == 0 {
		r.MaxBody = 1 << 20
	}
	r.meter = s.metrics.of(r.Method, base+r.Path)
	s.routes = append(s.routes, r)
	return r, true
}

// adapter brings huma's operations under our mux and our rules.
type adapter struct{ s *Server }

func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.s.mux.ServeHTTP(w, r) }

func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	r, ok := op.Metadata["route"].(*Route)
	if !ok {
		a.s.broken = append(a.s.broken, fmt.Errorf("operation %s was not registered through rest.Register", op.OperationID))
		return
	}
	a.s.handle(r, func(w http.ResponseWriter, req *http.Request) {
		handler(humago.NewContext(op, req, w))
	})
}

func (s *Server) handle(r *Route, run http.HandlerFunc) {
	s.mux.HandleFunc(r.Method+" "+base+r.Path, func(w http.ResponseWriter, req *http.Request) { s.serve(r, w, req, run) })
}

// mount puts the routes that are not of the API beside it.
func (s *Server) mount() {
	s.mux.HandleFunc("/api/", s.noRoute)
	s.docs = sync.OnceValues(s.renderDocs)
	s.root.HandleFunc("GET /api/openapi.json", s.serveDocs((*document).serveJSON))
	s.root.HandleFunc("GET /api/docs", s.serveDocs((*document).serveHTML))
	s.root.HandleFunc("GET /healthz", s.health)
	s.root.HandleFunc("GET /readyz", s.ready)
	s.root.Handle("GET /metrics", promhttp.HandlerFor(s.cfg.Metrics, promhttp.HandlerOpts{}))
	s.root.HandleFunc("/", s.web.serve)
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) { writePlain(w, http.StatusOK, "ok\n") }

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	if s.cfg.Ready != nil {
		if err := s.cfg.Ready(ctx); err != nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.String("error", err.Error()))
			w.Header().Set("Retry-After", "5")
			writePlain(w, http.StatusServiceUnavailable, "not ready\n")
			return
		}
	}
	writePlain(w, http.StatusOK, "ready\n")
}

func writePlain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the caller may be gone
}

// noRoute answers what no route of the API matches: 405 when another method would, else 404.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		if !cleanPath(r.URL.Path) {
			break // the mux would send the caller elsewhere
		}
		probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(probe); pattern != "" && pattern != "/api/" {
			allow = append(allow, m)
		}
	}
	if len(allow) > 0 {
		w.Header().Set("Allow", strings.Join(allow, ", "))
		s.writeProblem(w, newProblem(r.Context(), http.StatusMethodNotAllowed, "method_not_allowed",
			"This address knows only "+strings.Join(allow, ", ")+"."))
		return
	}
	s.writeProblem(w, newProblem(r.Context(), http.StatusNotFound, "no_such_route", "The API has no such address."))
}

// HTTPServer gives a server with limits for everything a slow or greedy caller could hold. The caller listens.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second, WriteTimeout: 120 * time.Second,
		IdleTimeout: 120 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
}
