package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/file"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// What may go with a mail: servers take about 25 MiB with what the encoding adds.
const (
	MaxAttachments     = 10
	MaxAttached        = 10 << 20 // bytes, all together
	maxAttachmentName  = 150      // characters
	defaultContentType = "application/octet-stream"
)

// Attachment is a file that goes with a mail. A use case gives either its content, which is kept, or the ID of a sealed
// file and its size. The mail owns it from then on: it is removed with the last mail that it went with.
type Attachment struct {
	Name string
	Type string // a media type; empty: by the name
	Data []byte
	File int64
	Size int64 // of what is kept
}

// Part is an attachment as it is handed to a mail server.
type Part struct {
	Name string
	Type string
	Data []byte
}

// checkAttachments brings names and types to one form and tells what is wrong with them.
func checkAttachments(wrong *errs.Fields, all []Attachment) {
	size := int64(0)
	for i := range all {
		a, field := &all[i], fmt.Sprintf("attachments[%d]", i)
		a.Name = strings.TrimSpace(a.Name)
		switch {
		case a.Name == "" || a.Name == "." || a.Name == "..":
			wrong.Add(field, "required", "A file needs a name.")
		case utf8.RuneCountInString(a.Name) > maxAttachmentName:
			wrong.Add(field, "too_long", "The name of a file has at most %d characters.", maxAttachmentName)
		case !utf8.ValidString(a.Name) || strings.ContainsAny(a.Name, `/\`) || strings.ContainsFunc(a.Name, unfitName):
			wrong.Add(field, "bad_text", "The name of a file is one line without / and \\.")
		}
		if a.File == 0 && len(a.Data) == 0 {
			wrong.Add(field, "empty_file", "%q is empty.", a.Name)
		}
		a.Type = mediaType(a.Type, a.Name)
		size += max(int64(len(a.Data)), a.Size)
	}
	if len(all) > MaxAttachments {
		wrong.Add("attachments", "too_many", "At most %d files go with a mail.", MaxAttachments)
	}
	if size > MaxAttached {
		wrong.Add("attachments", "file_too_large", "The files of a mail have at most %d MiB together.", MaxAttached>>20)
	}
}

// unfitName tells what would deceive in the name of a file: signs that nobody sees, or that turn the order around.
func unfitName(r rune) bool { return unfit(r) || unicode.Is(unicode.Cf, r) }

// mediaType is the type that was given when it is one, else that of the name.
func mediaType(given, name string) string {
	if given == "" {
		given = mime.TypeByExtension(strings.ToLower(path.Ext(name)))
	}
	kind, _, err := mime.ParseMediaType(given)
	if err != nil || !strings.Contains(kind, "/") || len(kind) > 100 || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return defaultContentType
	}
	return kind
}

// attach keeps what goes with a mail.
func (s *Service) attach(ctx context.Context, tx *db.Tx, emailID int64, all []Attachment) error {
	for i, a := range all {
		if a.File == 0 {
			n, err := s.Files.Begin(ctx, tx, a.Name)
			if err != nil {
				return err
			}
			if _, err := s.Files.Append(ctx, tx, n, a.Data); err != nil {
				return err
			}
			f, err := s.Files.Seal(ctx, tx, n)
			if err != nil {
				return err
			}
			a.File, a.Size = f.ID, f.Size
		}
		if _, err := exec(ctx, tx, "keep what goes with a mail", sqlAttach, emailID, int64(i), a.Name, a.Type, a.Size, a.File); err != nil {
			return err
		}
	}
	return nil
}

// attachments is what goes with a mail, without its content.
func attachments(ctx context.Context, q db.Q, emailID int64) ([]Attachment, error) {
	rows, err := q.QueryContext(ctx, sqlAttachments, emailID)
	if err != nil {
		return nil, fmt.Errorf("read what goes with a mail: %w", err)
	}
	var out []Attachment
	for rows.Next() {
		var a Attachment
		if err := rows.Scan(&a.Name, &a.Type, &a.Size, &a.File); err != nil {
			return nil, errors.Join(fmt.Errorf("read what goes with a mail: %w", err), rows.Close())
		}
		out = append(out, a)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// parts reads what goes with a mail, to be sent.
func (s *Service) parts(ctx context.Context, emailID int64) ([]Part, error) {
	all, err := attachments(ctx, s.DB.Read(), emailID)
	if err != nil {
		return nil, err
	}
	var out []Part
	for _, a := range all {
		in, err := s.Files.Open(ctx, a.File)
		if err != nil {
			return nil, err
		}
		var data bytes.Buffer
		_, err = io.Copy(&data, in)
		if err := errors.Join(err, in.Close()); err != nil {
			return nil, fmt.Errorf("read %q: %w", a.Name, err)
		}
		out = append(out, Part{a.Name, a.Type, data.Bytes()})
	}
	return out, nil
}

// Attached opens a file that went with a mail which the caller may read, counted from 0. The caller closes it.
func (s *Service) Attached(ctx context.Context, emailID, n int64) (Attachment, *file.Reader, error) {
	e, err := s.Get(ctx, emailID)
	if err != nil {
		return Attachment{}, nil, err
	}
	if n < 0 || n >= int64(len(e.Attachments)) {
		return Attachment{}, nil, errs.NotFound("file")
	}
	a := e.Attachments[n]
	in, err := s.Files.Open(ctx, a.File)
	return a, in, err
}

// detach takes the files from the mails that a query names, and removes those that no other mail has.
func (s *Service) detach(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	var files []int64
	if err := tx.SelectContext(ctx, &files, query, args...); err != nil {
		return fmt.Errorf("remove what went with mails: %w", err)
	}
	slices.Sort(files)
	for _, n := range slices.Compact(files) {
		var others int64
		if err := tx.GetContext(ctx, &others, sqlAttachedTo, n); err != nil {
			return fmt.Errorf("count the mails of a file: %w", err)
		}
		if others > 0 {
			continue
		}
		if err := s.Files.Remove(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}
