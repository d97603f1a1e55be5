package rest

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/notify"
	"tandem/internal/core/schedule"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const emailTag = "E-mails"

// EmailBody is a mail, as lists show it.
type EmailBody struct {
	ID              string       `json:"id"`
	Channel         string       `json:"channel" doc:"email, or sms: a text to a telephone"`
	Template        string       `json:"template" doc:"The message that it is."`
	TemplateVersion int64        `json:"template_version" doc:"0: as shipped."`
	Language        string       `json:"language"`
	To              string       `json:"to"`
	Subject         string       `json:"subject"`
	State           notify.State `json:"state" doc:"queued, sending, sent, failed, suppressed or cancelled"`
	Attempts        int64        `json:"attempts"`
	NextAttemptAt   *time.Time   `json:"next_attempt_at" doc:"When it is tried again."`
	LastError       string       `json:"last_error" doc:"What the mail server answered last, in its own words."`
	MessageID       string       `json:"message_id"`
	Customer        string       `json:"customer" doc:"Whose history it stands in; empty: nobody's."`
	Staff           string       `json:"staff" doc:"The staff user whom it went to; empty: none."`
	ResendOf        string       `json:"resend_of" doc:"The mail that this one is sent again of."`
	CreatedAt       time.Time    `json:"created_at"`
	SentAt          *time.Time   `json:"sent_at"`
}

func idOrEmpty(prefix string, n int64) string {
	if n == 0 {
		return ""
	}
	return id.Format(prefix, n)
}

func momentOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return Time(clock.Micros(t))
}

func emailBody(e notify.Email) EmailBody {
	return EmailBody{ID: id.Format(notify.Prefix, e.ID), Channel: string(e.Channel), Template: e.Key, TemplateVersion: e.TemplateVersion, Language: e.Language, To: e.To, Subject: e.Subject,
		State: e.State, Attempts: e.Attempts, NextAttemptAt: momentOrNil(e.NextAttempt), LastError: e.LastError, MessageID: e.MessageID,
		Customer: idOrEmpty(customer.Prefix, e.CustomerID), Staff: idOrEmpty(staff.Prefix, e.StaffID), ResendOf: idOrEmpty(notify.Prefix, e.ResendOf),
		CreatedAt: e.CreatedAt, SentAt: momentOrNil(e.SentAt)}
}

// WholeEmailBody is a mail with what it says.
type WholeEmailBody struct {
	EmailBody
	Attachments []AttachmentBody `json:"attachments"`
	Text        string           `json:"text" doc:"Secrets stand as a mark."`
	HTML        string           `json:"html" doc:"Secrets stand as a mark."`
	Secret      bool             `json:"secret" doc:"It holds a one-time link: sent again it gets a new one, and cannot be edited."`
}

func wholeEmailBody(e notify.Email) WholeEmailBody {
	out := WholeEmailBody{EmailBody: emailBody(e), Attachments: []AttachmentBody{}, Text: e.Text, HTML: e.HTML, Secret: e.Secret()}
	for _, a := range e.Attachments {
		out.Attachments = append(out.Attachments, AttachmentBody{a.Name, a.Type, a.Size})
	}
	return out
}

// AttachmentBody is a file that went with a mail.
type AttachmentBody struct {
	Name string `json:"name"`
	Type string `json:"type" doc:"media type"`
	Size int64  `json:"size" doc:"bytes"`
}

// AttachmentInput is a file that goes with a mail.
type AttachmentInput struct {
	Name string `json:"name" maxLength:"1000"`
	Type string `json:"type,omitempty" maxLength:"200" doc:"media type; left out: by the name"`
	Data []byte `json:"data" doc:"base64"`
}

// MailStatusBody is how mail is.
type MailStatusBody struct {
	Configured bool   `json:"configured" doc:"False: no mail server is set, and mails wait."`
	From       string `json:"from"`
	Waiting    int64  `json:"waiting" doc:"How many mails are still to go."`
	Trouble    string `json:"trouble" doc:"What the mail server answered to those that wait."`
}

// EmailPath is the path parameter of one mail.
type EmailPath struct {
	ID string `path:"id"`
}

func (p EmailPath) parse() (int64, error) { return pathID(notify.Prefix, "e-mail", p.ID) }

// Emails is the routes of mails, their templates and the addresses that nothing goes to.
func Emails(s *notify.Service) Module {
	return func(api *API) {
		api.Code("no_mail_server", "409. No mail server is set.")
		api.Code("mail_refused", "409. The mail server did not take the mail; its words follow.")
		api.Code("email_waiting", "409. The e-mail has not been sent yet.")
		api.Code("email_not_waiting", "409. The e-mail does not wait any more.")
		api.Code("email_secret", "409. The e-mail holds a one-time link and is sent again as a whole.")
		emailReads(api, s)
		emailWrites(api, s)
		templateReads(api, s)
		templateWrites(api, s)
		suppressionRoutes(api, s)
	}
}

func emailReads(api *API, s *notify.Service) {
	describedList(api, Route{Path: "/emails", ID: "list-emails", Summary: "List e-mails", Tag: emailTag, Needs: access.EmailRead}, s.ListTable, s.List, emailBody)
	Register(api, Route{Method: http.MethodGet, Path: "/emails/{id}", ID: "get-email", Summary: "One e-mail with what it says", Tag: emailTag, Needs: access.EmailRead},
		func(ctx context.Context, in *EmailPath) (*Answer[WholeEmailBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			e, err := s.Get(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Answer[WholeEmailBody]{wholeEmailBody(e)}, nil
		})
	RegisterRaw(api, Route{Method: http.MethodGet, Path: "/emails/{id}/attachments/{position}", ID: "download-email-attachment", Summary: "A file that went with an e-mail", Tag: emailTag,
		Needs: access.EmailRead, Stream: true, Answer: "application/octet-stream", Doc: "position counts from 0."},
		func(w http.ResponseWriter, r *http.Request) error { return emailAttachment(w, r, s) })
	Register(api, Route{Method: http.MethodGet, Path: "/email-status", ID: "get-email-status", Summary: "Whether mails go out", Tag: emailTag, Needs: access.EmailRead},
		func(ctx context.Context, _ *Nothing) (*Answer[MailStatusBody], error) {
			st, err := s.Status(ctx)
			return &Answer[MailStatusBody]{MailStatusBody{st.Configured, st.From, st.Waiting, st.Trouble}}, err
		})
}

// letterInput is a mail in the caller's own words.
type letterInput struct {
	Body struct {
		Customer string `json:"customer" maxLength:"100"`
		Subject  string `json:"subject" maxLength:"2000"`
		Text     string `json:"text" doc:"Plain text."`
		// Attachments are at most ten, and 10 MiB together.
		Attachments []AttachmentInput `json:"attachments,omitempty" doc:"At most ten files, 10 MiB together."`
	}
}

type resendInput struct {
	EmailPath
	Body struct {
		To      Opt[string] `json:"to,omitzero" maxLength:"1000"`
		Subject Opt[string] `json:"subject,omitzero" maxLength:"2000"`
		Text    Opt[string] `json:"text,omitzero"`
	}
}

// maxLetter is the files of a mail in base64, and its text.
const maxLetter = notify.MaxAttached/3*4 + 1<<20

// emailAttachment sends a file that went with a mail. It is never shown by the browser: anybody may have written it.
func emailAttachment(w http.ResponseWriter, r *http.Request, s *notify.Service) error {
	n, err := pathID(notify.Prefix, "e-mail", r.PathValue("id"))
	if err != nil {
		return err
	}
	position, err := strconv.ParseInt(r.PathValue("position"), 10, 32)
	if err != nil {
		return errs.NotFound("file")
	}
	a, in, err := s.Attached(r.Context(), n, position)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", attachment(a.Name))
	http.ServeContent(w, r, "", time.Time{}, in)
	return nil
}

func emailWrites(api *API, s *notify.Service) {
	made := &Made{notify.Table, notify.Prefix, "/emails"}
	answer := func(e notify.Email, err error) (*Created[WholeEmailBody], error) {
		if err != nil {
			return nil, err
		}
		b := wholeEmailBody(e)
		return &Created[WholeEmailBody]{Location: base + "/emails/" + b.ID, Body: b}, nil
	}
	Register(api, Route{Method: http.MethodPost, Path: "/emails", ID: "write-email", Summary: "Write to a customer", Tag: emailTag, Needs: access.EmailSend,
		Status: http.StatusCreated, Made: made, MaxBody: maxLetter, Doc: "It goes to the customer's e-mail address, through the template customer_message."},
		func(ctx context.Context, in *letterInput) (*Created[WholeEmailBody], error) {
			n, err := pathID(customer.Prefix, "customer", in.Body.Customer)
			if err != nil {
				return nil, err
			}
			l := notify.Letter{CustomerID: n, Subject: in.Body.Subject, Text: in.Body.Text}
			for _, a := range in.Body.Attachments {
				l.Attachments = append(l.Attachments, notify.Attachment{Name: a.Name, Type: a.Type, Data: a.Data})
			}
			return answer(s.Write(ctx, l))
		})
	Register(api, Route{Method: http.MethodPost, Path: "/emails/{id}/resend", ID: "resend-email", Summary: "Send an e-mail again, as it was or edited", Tag: emailTag,
		Needs: access.EmailSend, Status: http.StatusCreated, Made: made, Doc: "One that holds a one-time link is written anew with a new link; that needs staff.write as well."},
		func(ctx context.Context, in *resendInput) (*Created[WholeEmailBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			return answer(s.Resend(ctx, n, notify.Edit{To: cleared(in.Body.To), Subject: cleared(in.Body.Subject), Text: cleared(in.Body.Text)}))
		})
	Register(api, Route{Method: http.MethodPost, Path: "/emails/{id}/cancel", ID: "cancel-email", Summary: "Keep a waiting e-mail from being sent", Tag: emailTag, Needs: access.EmailSend},
		func(ctx context.Context, in *EmailPath) (*Answer[WholeEmailBody], error) {
			n, err := in.parse()
			if err != nil {
				return nil, err
			}
			e, err := s.Cancel(ctx, n)
			if err != nil {
				return nil, err
			}
			return &Answer[WholeEmailBody]{wholeEmailBody(e)}, nil
		})
}

// SuppressionBody is an address that nothing goes to.
type SuppressionBody struct {
	ID        string        `json:"id"`
	Address   string        `json:"address"`
	Reason    notify.Reason `json:"reason" doc:"bounced or manual"`
	Detail    string        `json:"detail" doc:"What the server said, or a note."`
	EmailID   string        `json:"email_id" doc:"The mail that came back."`
	CreatedAt time.Time     `json:"created_at"`
}

type suppressionDraft struct {
	Address string `json:"address" maxLength:"1000"`
	Detail  string `json:"detail,omitempty" maxLength:"2000" doc:"A note."`
}

func suppressionBody(one notify.Suppression) SuppressionBody {
	return SuppressionBody{id.Format(notify.SuppressionPrefix, one.ID), one.Address, one.Reason, one.Detail, idOrEmpty(notify.Prefix, one.EmailID), one.CreatedAt}
}

func suppressionRoutes(api *API, s *notify.Service) {
	describedList(api, Route{Path: "/suppressions", ID: "list-suppressions", Summary: "List the addresses that nothing goes to", Tag: emailTag, Needs: access.EmailSuppressionRead},
		s.SuppressionList, s.Suppressions, suppressionBody)
	Register(api, Route{Method: http.MethodPost, Path: "/suppressions", ID: "create-suppression", Summary: "Send nothing to an address any more", Tag: emailTag,
		Needs: access.EmailSuppressionWrite, Status: http.StatusCreated, Made: &Made{notify.SuppressionTable, notify.SuppressionPrefix, "/suppressions"},
		Delays: &Delays{Resource: "suppressions", Op: schedule.OpCreate}},
		func(ctx context.Context, in *struct{ Body suppressionDraft }) (*Created[SuppressionBody], error) {
			one, err := s.Suppress(ctx, in.Body.Address, in.Body.Detail)
			if err != nil {
				return nil, err
			}
			b := suppressionBody(one)
			return &Created[SuppressionBody]{Location: base + "/suppressions/" + b.ID, Body: b}, nil
		})
	Register(api, Route{Method: http.MethodDelete, Path: "/suppressions/{id}", ID: "delete-suppression", Summary: "Send to an address again", Tag: emailTag,
		Needs: access.EmailSuppressionWrite, Status: http.StatusNoContent, Delays: &Delays{Resource: "suppressions", Op: schedule.OpDelete}},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*Nothing, error) {
			n, err := pathID(notify.SuppressionPrefix, "suppressed address", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.Release(ctx, n)
		})
}
