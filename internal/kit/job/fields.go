package job

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tandem/internal/kit/list"
)

// newLister declares the list of jobs. It is a small table: old jobs are purged.
func (s *Service) newLister() *list.Engine {
	states := make([]list.Choice, 0, len(States()))
	for _, state := range States() {
		states = append(states, list.Choice{Value: string(state), Label: title(string(state))})
	}
	var kinds []list.Choice
	for _, kind := range slices.Sorted(maps.Keys(s.handlers)) {
		kinds = append(kinds, list.Choice{Value: kind, Label: title(kind)})
	}
	return list.NewEngine(s.o.DB, s.o.Log, &list.Table{
		Name: "jobs", From: "jobs", ID: "jobs.id", Default: "-created_at", Unindexed: true, Keywords: []string{"label", "created_by"},
		Fields: []list.Field{
			{Name: "label", Label: "Job", Type: list.TypeText, Key: "jobs.label_key", Sortable: true, Filter: true, Visible: true, Width: 320},
			{Name: "kind", Label: "Kind", Type: list.TypeChoice, Key: "jobs.kind", Sortable: true, Filter: true, Choices: kinds},
			{Name: "state", Label: "State", Type: list.TypeChoice, Key: "jobs.state", Sortable: true, Filter: true, Visible: true, Width: 120, Choices: states},
			{Name: "done", Label: "Done", Type: list.TypeInt, Key: "jobs.done", Sortable: true, Filter: true, Visible: true, Width: 100, Right: true},
			{Name: "total", Label: "Total", Type: list.TypeInt, Key: "jobs.total", Sortable: true, Filter: true, Visible: true, Width: 100, Right: true},
			{Name: "failed", Label: "Failed", Type: list.TypeInt, Key: "jobs.failed", Sortable: true, Filter: true, Visible: true, Width: 100, Right: true},
			{Name: "created_by", Label: "Started by", Type: list.TypeText, Key: "jobs.owner_name_key", Sortable: true, Filter: true, Visible: true},
			{Name: "created_at", Label: "Created", Type: list.TypeDate, Key: "jobs.created_at", Sortable: true, Filter: true, Visible: true, Width: 170},
			{Name: "started_at", Label: "Began", Type: list.TypeDate, Key: "jobs.started_at", Sortable: true, Width: 170},
			{Name: "finished_at", Label: "Ended", Type: list.TypeDate, Key: "jobs.finished_at", Sortable: true, Visible: true, Width: 170},
		},
	}, nil)
}

// title is a code as a label: bulk_update gives "Bulk update".
func title(code string) string {
	words := strings.NewReplacer("_", " ", ".", " ", "-", " ").Replace(code)
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// Fields tells what the list of jobs can be filtered and sorted by.
func (s *Service) Fields() []list.Description { return list.Describe(s.lister().Table().Fields) }

// Lister is the list of jobs, for the validator of saved filters.
func (s *Service) Lister() *list.Engine { return s.lister() }

// List gives one page of the jobs that the caller may see.
func (s *Service) List(ctx context.Context, q list.Query) ([]Job, list.Page, error) {
	p, err := s.parse(ctx, q)
	if err != nil {
		return nil, list.Page{}, err
	}
	jobs := make([]Job, 0, p.Limit)
	page, err := s.lister().Page(ctx, p, sqlShown, s.scan(func(j Job) { jobs = append(jobs, j) }))
	return jobs, page, err
}

// Each hands over every job that matches and that the caller may see, in order: for exports.
func (s *Service) Each(ctx context.Context, q list.Query, fn func(Job) error) error {
	p, err := s.parse(ctx, q)
	if err != nil {
		return err
	}
	var jobs []Job
	return s.lister().Each(ctx, p, sqlShown, s.scan(func(j Job) { jobs = append(jobs, j) }), func() error {
		for _, j := range jobs {
			if err := fn(j); err != nil {
				return err
			}
		}
		jobs = jobs[:0]
		return nil
	})
}

func (s *Service) parse(ctx context.Context, q list.Query) (*list.Parsed, error) {
	if actor := s.o.Actor(ctx); !actor.ReadAll && !actor.ManageAll {
		q.Scope = &list.Scope{SQL: "jobs.owner = ? AND jobs.owner <> ''", Args: []any{actor.Key}}
	}
	return s.lister().Parse(q)
}

func (s *Service) scan(take func(Job)) func(list.Scan) error {
	return func(scan list.Scan) error {
		var r record
		if err := scan(r.fields()...); err != nil {
			return err
		}
		take(r.job(s.undoable(r.Kind)))
		return nil
	}
}
