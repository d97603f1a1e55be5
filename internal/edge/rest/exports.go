package rest

import (
	"encoding/json"
	"errors"
	"math/big"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
	"tandem/internal/kit/tabular"
)

// ExportBody asks for a file of a list. Without ids it is everything that q and filter match, in the order of sort.
type ExportBody struct {
	Format  string   `json:"format" doc:"csv or xlsx"`
	Columns []string `json:"columns" doc:"names of fields, in order; all that are shown by default when left out"`
	IDs     []string `json:"ids"`
	Q       string   `json:"q"`
	Filter  string   `json:"filter"`
	Sort    string   `json:"sort"`
	Offset  int      `json:"offset" doc:"rows to jump over, in the order of sort"`
	Count   *int     `json:"count" doc:"rows at most; all that follow when left out"`
}

// maxExportIDs is how many rows may be named one by one.
const maxExportIDs = 50_000

func customerExports(api *API, s *customer.Service) {
	query := []Query{{"format", "csv or xlsx"}, {"columns", "names of fields, parted by commas"}, {"ids", "only these, parted by commas"},
		{"q", "as in the list"}, {"filter", "as in the list"}, {"sort", "as in the list"},
		{"offset", "rows to jump over, in the order of sort; 0 when left out"}, {"count", "rows at most, from 1; all that follow when left out"}}
	RegisterRaw(api, Route{Method: http.MethodGet, Path: "/customers/export", ID: "export-customers", Summary: "Export customers as CSV or XLSX", Tag: customerTag,
		Needs: access.CustomerExport, Stream: true, Query: query, Answer: "application/octet-stream"},
		func(w http.ResponseWriter, r *http.Request) error {
			in := exportFromQuery(r, r.URL.Query().Get("format"))
			if err := in.readSpan(r.URL.Query()); err != nil {
				return err
			}
			return exportCustomers(w, r, s, in)
		})
	RegisterRaw(api, Route{Method: http.MethodPost, Path: "/customers/export", ID: "export-chosen-customers", Summary: "Export chosen customers as CSV or XLSX", Tag: customerTag,
		Needs: access.CustomerExport, Stream: true, MaxBody: 4 << 20, Body: "application/json", Answer: "application/octet-stream"},
		func(w http.ResponseWriter, r *http.Request) error {
			var body ExportBody
			dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<20))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&body); err != nil {
				var large *http.MaxBytesError
				if errors.As(err, &large) {
					return errs.New(errs.KindTooLarge, "too_large", "The body may have 4 MiB.")
				}
				return errs.New(errs.KindBadRequest, "malformed_json", "The body is not the JSON of an export.")
			}
			return exportCustomers(w, r, s, body)
		})
}

func exportFromQuery(r *http.Request, format string) ExportBody {
	q := r.URL.Query()
	return ExportBody{Format: format, Columns: splitNames(q.Get("columns")), IDs: splitNames(q.Get("ids")), Q: q.Get("q"), Filter: q.Get("filter"), Sort: q.Get("sort")}
}

// readSpan reads which rows are meant.
func (b *ExportBody) readSpan(q url.Values) error {
	var wrong errs.Fields
	for _, name := range []string{"offset", "count"} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		switch {
		case err != nil:
			wrong.Add(name, "not_a_number", "%s is a whole number.", name)
		case name == "offset":
			b.Offset = n
		default:
			b.Count = &n
		}
	}
	return wrong.Err()
}

// exportCustomers streams the file, a thousand customers at a time: its memory does not grow with it. Faults that come
// when rows have been sent cut the answer off, so that no half file looks whole.
func exportCustomers(w http.ResponseWriter, r *http.Request, s *customer.Service, in ExportBody) error {
	ctx := r.Context()
	fields, err := s.Fields(ctx)
	if err != nil {
		return err
	}
	names, header, err := exportColumns(fields, in)
	if err != nil {
		return err
	}
	query := list.Query{Q: in.Q, Filter: in.Filter, Sort: in.Sort}
	if len(in.IDs) > 0 {
		var wrong errs.Fields
		if len(in.IDs) > maxExportIDs {
			wrong.Add("ids", "too_many", "Name at most %d customers, or give a filter.", maxExportIDs)
			return wrong.Err()
		}
		query.IDs = parseIDs(customer.Prefix, "ids", in.IDs, &wrong)
		if err := wrong.Err(); err != nil {
			return err
		}
	}
	span := customer.Span{Offset: in.Offset, Count: in.Count}
	if err := s.BeginExport(ctx, query, span, names, in.Format); err != nil {
		return err
	}
	out := exportWriter(w, in.Format, fileName("customers", in.Format, s.Clock.Now()))
	if err := out.Write(header); err != nil {
		return err
	}
	cells := make([]string, len(names))
	err = s.Each(ctx, query, span, func(batch []*customer.Customer) error {
		for _, c := range batch {
			for i, name := range names {
				cells[i] = s.FieldText(c, name)
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// exportColumns finds the columns asked for. Their header is the field's name, which our own import knows.
func exportColumns(fields []list.Description, in ExportBody) (names, header []string, err error) {
	var wrong errs.Fields
	if in.Format != "csv" && in.Format != "xlsx" {
		wrong.Add("format", "unknown", "The format is csv or xlsx.")
	}
	labels, hidden := map[string]string{}, map[string]bool{}
	for _, f := range fields {
		labels[f.Name], hidden[f.Name] = f.Label, f.Masked
		if len(in.Columns) == 0 && !f.Masked {
			names = append(names, f.Name)
		}
	}
	for _, name := range in.Columns {
		if _, ok := labels[name]; !ok {
			wrong.Add("columns", "unknown_field", "There is no field %q.", name)
			continue
		}
		if hidden[name] {
			wrong.Add("columns", "masked", "Your role does not show you %s, so it is in no file.", labels[name])
			continue
		}
		names = append(names, name)
	}
	return names, names, wrong.Err()
}

func exportWriter(w http.ResponseWriter, format, name string) tabular.Writer {
	h := w.Header()
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	if format == "xlsx" {
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		return tabular.NewXLSXWriter(w, tabular.XLSXOptions{SheetName: "Customers"})
	}
	h.Set("Content-Type", "text/csv; charset=utf-8")
	return tabular.NewCSVWriter(w, tabular.CSVOptions{BOM: true, CRLF: true})
}

// millionths prints a number of millionths as a decimal text without trailing zeros.
func millionths(n *big.Int) string {
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	whole, rest := new(big.Int).QuoRem(new(big.Int).Abs(n), big.NewInt(1_000_000), new(big.Int))
	text := sign + whole.String()
	if rest.Sign() != 0 {
		fraction := rest.String()
		text += "." + strings.TrimRight(strings.Repeat("0", 6-len(fraction))+fraction, "0")
	}
	return text
}

// roundedQuotient divides and rounds halves away from zero.
func roundedQuotient(sum *big.Int, count int64) *big.Int {
	two := big.NewInt(2 * count)
	doubled := new(big.Int).Mul(new(big.Int).Abs(sum), big.NewInt(2))
	out := doubled.Add(doubled, big.NewInt(count)).Quo(doubled, two)
	if sum.Sign() < 0 {
		out.Neg(out)
	}
	return out
}
