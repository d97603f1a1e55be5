package tabular

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

const (
	stringsInMemory = 16 << 20 // beyond this, shared texts lie in a temporary file
	pageSize        = 16 << 10
	cachedPages     = 128
	offsetsPerBlock = 1 << 16
)

// stringStore keeps the shared texts of a workbook: their ends in memory, eight bytes each, the texts themselves in
// memory while they are few and in a temporary file when they are many.
type stringStore struct {
	ends  [][]int64
	count int
	size  int64
	mem   []byte
	spill *os.File
	pages [cachedPages]page // pieces of the file, each in the place of its number modulo their count
}

type page struct {
	number int64
	bytes  []byte
}

func (s *stringStore) add(text []byte) error {
	if s.count%offsetsPerBlock == 0 {
		s.ends = append(s.ends, make([]int64, 0, offsetsPerBlock))
	}
	s.mem = append(s.mem, text...)
	s.size += int64(len(text))
	last := len(s.ends) - 1
	s.ends[last] = append(s.ends[last], s.size)
	s.count++
	switch {
	case s.spill == nil && len(s.mem) > stringsInMemory:
		f, err := os.CreateTemp("", "tandem-sheet-")
		if err != nil {
			return fmt.Errorf("tabular: temporary file: %w", err)
		}
		s.spill = f
		return s.flush()
	case s.spill != nil && len(s.mem) > 1<<20:
		return s.flush()
	}
	return nil
}

func (s *stringStore) flush() error {
	if _, err := s.spill.Write(s.mem); err != nil {
		return fmt.Errorf("tabular: temporary file: %w", err)
	}
	s.mem = s.mem[:0]
	return nil
}

// done ends the adding.
func (s *stringStore) done() error {
	if s.spill == nil {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.mem = nil
	return nil
}

func (s *stringStore) end(i int) int64 { return s.ends[i/offsetsPerBlock][i%offsetsPerBlock] }

// get gives text number i, counted from 0.
func (s *stringStore) get(i int) (string, error) {
	if i < 0 || i >= s.count {
		return "", brokenXML("a cell names a text that is not there")
	}
	from, to := int64(0), s.end(i)
	if i > 0 {
		from = s.end(i - 1)
	}
	if s.spill == nil {
		return string(s.mem[from:to]), nil
	}
	text := make([]byte, 0, to-from)
	for from < to {
		p, err := s.page(from / pageSize)
		if err != nil {
			return "", err
		}
		part := p[from%pageSize:]
		part = part[:min(int64(len(part)), to-from)]
		text = append(text, part...)
		from += int64(len(part))
	}
	return string(text), nil
}

// page gives a page of the file that holds at least a byte of the texts.
func (s *stringStore) page(number int64) ([]byte, error) {
	p := &s.pages[number%cachedPages]
	if p.number == number && p.bytes != nil {
		return p.bytes, nil
	}
	if p.bytes == nil {
		p.bytes = make([]byte, pageSize)
	}
	size := min(pageSize, s.size-number*pageSize)
	p.number, p.bytes = number, p.bytes[:size]
	if _, err := s.spill.ReadAt(p.bytes, number*pageSize); err != nil {
		p.bytes = nil
		return nil, fmt.Errorf("tabular: temporary file: %w", err)
	}
	return p.bytes, nil
}

func (s *stringStore) close() error {
	if s.spill == nil {
		return nil
	}
	err := errors.Join(s.spill.Close(), os.Remove(s.spill.Name()))
	s.spill = nil
	if err != nil {
		return fmt.Errorf("tabular: temporary file: %w", err)
	}
	return nil
}

// load reads the shared texts of the workbook.
func (s *stringStore) load(w *workbook) error {
	if w.strings == "" || w.parts[partKey(w.strings)] == nil {
		return nil
	}
	p, err := w.part(w.strings)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	x := newXMLReader(p, w.lim.CellBytes)
	var text []byte
	for {
		kind, err := x.next()
		if errors.Is(err, io.EOF) {
			return s.done()
		}
		if err == nil && kind == xmlStart && string(x.name) == "si" {
			if s.count >= w.lim.SharedStrings {
				return errorf(CodeZipBomb, 0, "the workbook has more than %d different texts", w.lim.SharedStrings)
			}
			if text, err = richText(x, text[:0], w.lim.CellBytes); err == nil {
				err = s.add(text)
			}
		}
		if err != nil {
			return xmlError(err, 0)
		}
	}
}

// richText reads the texts inside an element whose start was read last, to its end. Phonetic hints are left out.
func richText(x *xmlReader, text []byte, most int) ([]byte, error) {
	outer := x.depth
	inside := false
	for {
		kind, err := x.next()
		if err != nil {
			return nil, x.cut(err)
		}
		switch kind {
		case xmlStart:
			switch string(x.name) {
			case "rPh":
				if err := x.skip(); err != nil {
					return nil, err
				}
			case "t":
				inside = true
			}
		case xmlText:
			if inside {
				if len(text)+len(x.text) > most {
					return nil, errText
				}
				text = append(text, x.text...)
			}
		case xmlEnd:
			if x.depth < outer {
				return unescapeControl(text), nil
			}
			inside = false
		}
	}
}

// unescapeControl decodes _x000D_ and the like, by which spreadsheets write characters that XML cannot have, in place.
func unescapeControl(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		if code, ok := controlEscape(b[i:]); ok {
			out = appendRune(out, code)
			i += 6
			continue
		}
		out = append(out, b[i])
	}
	return out
}

// controlEscape tells whether b begins with _xHHHH_ and for which character. Halves of surrogate pairs and zero are not
// text and stay as they are.
func controlEscape[T []byte | string](b T) (rune, bool) {
	if len(b) < 7 || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, false
	}
	for _, c := range []byte(b[2:6]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil || n == 0 || n >= 0xd800 && n < 0xe000 {
		return 0, false
	}
	return rune(n), true
}

func appendRune(b []byte, r rune) []byte { return append(b, string(r)...) }
