package rest

import (
	"context"
	"net/http"
	"time"

	"tandem/internal/core/notice"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const noticeTag = "Notices"

// NoticeBody is what happened that concerns the caller.
type NoticeBody struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Code   string    `json:"code" doc:"delayed_conflicted, delayed_failed, job_failed, job_errors, import_done, email_failed or webhook_disabled"`
	Table  string    `json:"table" doc:"Of the record that it is about."`
	RowID  string    `json:"row_id"`
	Name   string    `json:"name" doc:"What people call the record."`
	Detail string    `json:"detail" doc:"A sentence, or empty."`
	Read   bool      `json:"read"`
}

// UnreadBody counts.
type UnreadBody struct {
	Unread int64 `json:"unread"`
}

// ReadNoticesBody says which notices were looked at.
type ReadNoticesBody struct {
	IDs  *[]string `json:"ids,omitempty" doc:"up to 1,000, ntc_..."`
	UpTo string    `json:"up_to,omitempty" doc:"This one and all before it; all there are when both are left out."`
}

// Notices is each person's own notices.
func Notices(s *notice.Service, prefixes Prefixes) Module {
	body := func(n notice.Notice) NoticeBody {
		return NoticeBody{ID: id.Format(notice.Prefix, n.ID), At: n.At, Code: string(n.Code), Table: n.Table, RowID: prefixes.RowID(n.Table, n.RowID), Name: n.Name, Detail: n.Detail, Read: n.Read}
	}
	return func(api *API) {
		describedList(api, Route{Path: "/notices", ID: "list-notices", Summary: "List the caller's own notices, the newest first", Tag: noticeTag, Needs: SignedIn}, s.ListTable, s.List, body)
		Register(api, Route{Method: http.MethodGet, Path: "/notices/unread", ID: "count-unread-notices", Summary: "How many of the caller's notices were not looked at", Tag: noticeTag, Needs: SignedIn},
			func(ctx context.Context, _ *Nothing) (*Answer[UnreadBody], error) {
				n, err := s.Unread(ctx)
				if err != nil {
					return nil, err
				}
				return &Answer[UnreadBody]{Body: UnreadBody{n}}, nil
			})
		Register(api, Route{Method: http.MethodPost, Path: "/notices/read", ID: "read-notices", Summary: "Note that notices were looked at", Tag: noticeTag, Needs: SignedIn, Status: http.StatusOK},
			func(ctx context.Context, in *struct{ Body ReadNoticesBody }) (*Answer[UnreadBody], error) {
				if err := readNotices(ctx, s, in.Body); err != nil {
					return nil, err
				}
				n, err := s.Unread(ctx)
				if err != nil {
					return nil, err
				}
				return &Answer[UnreadBody]{Body: UnreadBody{n}}, nil
			})
	}
}

func readNotices(ctx context.Context, s *notice.Service, b ReadNoticesBody) error {
	var wrong errs.Fields
	if b.IDs != nil {
		list := parseIDs(notice.Prefix, "ids", *b.IDs, &wrong)
		if err := wrong.Err(); err != nil {
			return err
		}
		return s.Read(ctx, list)
	}
	upTo := int64(0)
	if b.UpTo != "" {
		n, err := id.Parse(notice.Prefix, b.UpTo)
		if err != nil {
			wrong.Add("up_to", "bad_id", "This is not the ID of a notice.")
			return wrong.Err()
		}
		upTo = n
	}
	return s.ReadAll(ctx, upTo)
}
