package tabular

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Sheet reads one worksheet row by row, see Source. A number is its digits, a date ISO 8601, a truth value TRUE or FALSE, a
// formula what it last came to. Cells that are merged have their value in the first.
type Sheet struct {
	book   *workbook
	part   *partReader
	x      *xmlReader
	texts  stringStore
	styles []numberStyle
	from   int // rows before this are passed over
	row    int // number of the row read last
	inData bool
	text   []byte
	err    error
}

// OpenXLSX opens a sheet of the workbook at path ("" is the first one that is shown). Everything that can be refused before
// reading is refused here: a file that is none, an old or encrypted one, too many or too large parts, a missing sheet.
// Of Options only Limits and ResumeAt.Line are used.
func OpenXLSX(name, sheet string, o Options) (*Sheet, error) {
	w, err := openWorkbook(name, o.Limits)
	if err != nil {
		return nil, err
	}
	s := &Sheet{book: w, from: o.ResumeAt.Line}
	if err := s.open(sheet); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Sheet) open(sheet string) error {
	entry, err := s.book.find(sheet)
	if err != nil {
		return err
	}
	if s.styles, err = s.book.loadStyles(); err != nil {
		return err
	}
	if err := s.texts.load(s.book); err != nil {
		return err
	}
	if s.part, err = s.book.part(entry.path); err != nil {
		return err
	}
	s.x = newXMLReader(s.part, s.book.lim.CellBytes)
	return nil
}

// Next gives the next row, see Source.
func (s *Sheet) Next() (Row, error) {
	if s.err != nil {
		return Row{}, s.err
	}
	row, err := s.next()
	if err != nil {
		s.err = err
		if !errors.Is(err, io.EOF) {
			s.err = xmlError(err, s.row)
		}
		return Row{}, s.err
	}
	return row, nil
}

func (s *Sheet) next() (Row, error) {
	for {
		kind, err := s.x.next()
		if err != nil {
			return Row{}, err
		}
		switch name := string(s.x.name); {
		case kind == xmlStart && name == "sheetData":
			s.inData = true
		case kind == xmlEnd && name == "sheetData":
			s.inData = false
		case kind == xmlStart && name == "row" && s.inData:
			if err := s.startRow(); err != nil {
				return Row{}, err
			}
			if s.row < s.from {
				if err := s.x.skip(); err != nil {
					return Row{}, err
				}
				continue
			}
			cells, err := s.readRow()
			if err != nil {
				return Row{}, err
			}
			if !allBlank(cells) {
				return Row{Line: s.row, Offset: s.x.consumed, NextLine: s.row + 1, Cells: cells}, nil
			}
		}
	}
}

// startRow finds the number of the row that begins.
func (s *Sheet) startRow() error {
	number := s.row + 1
	if r := s.x.attr("r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n < number {
			return brokenXML("its rows are not in order")
		}
		number = n
	}
	if number > maxRow {
		return brokenXML("it has more rows than a sheet can have")
	}
	s.row = number
	return nil
}

// readRow reads the cells of a row to its end.
func (s *Sheet) readRow() ([]string, error) {
	if s.x.selfEnd {
		_, err := s.x.next()
		return nil, err
	}
	outer := s.x.depth
	var cells []string
	column, size, count := 0, 0, 0
	for {
		kind, err := s.x.next()
		if err != nil {
			return nil, s.x.cut(err)
		}
		switch {
		case kind == xmlEnd && s.x.depth < outer:
			return cells, nil
		case kind != xmlStart:
			continue
		case string(s.x.name) != "c":
			if err := s.x.skip(); err != nil {
				return nil, err
			}
			continue
		}
		if count++; count > maxColumn {
			return nil, brokenXML("a row has more cells than a sheet can have")
		}
		if column, err = nextColumn(s.x.attr("r"), column); err != nil {
			return nil, err
		}
		text, err := s.readCell()
		if err != nil {
			return nil, err
		}
		if text == "" {
			continue
		}
		if column > s.book.lim.Columns {
			return nil, errorf(CodeTooManyCols, s.row, "more than %d columns", s.book.lim.Columns)
		}
		if size += len(text); size > s.book.lim.RecordBytes {
			return nil, errorf(CodeRecordTooLong, s.row, "a row is longer than %d bytes", s.book.lim.RecordBytes)
		}
		for len(cells) < column {
			cells = append(cells, "")
		}
		cells[column-1] = text
	}
}

// nextColumn reads the letters of a cell's reference ("AB12" is 28); a cell without one comes after the one before.
func nextColumn(ref string, before int) (int, error) {
	if ref == "" {
		return before + 1, nil
	}
	n := 0
	for i := 0; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	if n < 1 || n > maxColumn {
		return 0, brokenXML("a cell lies outside of the sheet")
	}
	return n, nil
}

// readCell reads a cell to its end and gives its text.
func (s *Sheet) readCell() (string, error) {
	kindOf := s.x.attr("t")
	style := styleNumber
	if n, err := strconv.Atoi(s.x.attr("s")); err == nil && n >= 0 && n < len(s.styles) {
		style = s.styles[n]
	}
	s.text = s.text[:0]
	outer := s.x.depth
	inValue := false
	for {
		kind, err := s.x.next()
		if err != nil {
			return "", s.x.cut(err)
		}
		switch {
		case kind == xmlEnd && s.x.depth < outer:
			return s.cellText(kindOf, style)
		case kind == xmlEnd:
			inValue = false
		case kind == xmlText && inValue:
			if len(s.text)+len(s.x.text) > s.book.lim.CellBytes {
				return "", errText
			}
			s.text = append(s.text, s.x.text...)
		case kind == xmlStart && string(s.x.name) == "v":
			inValue = true
		case kind == xmlStart && string(s.x.name) == "is":
			if s.text, err = richText(s.x, s.text[:0], s.book.lim.CellBytes); err != nil {
				return "", err
			}
		case kind == xmlStart && string(s.x.name) != "is":
			if err := s.x.skip(); err != nil {
				return "", err
			}
		}
	}
}

func (s *Sheet) cellText(kind string, style numberStyle) (string, error) {
	if len(s.text) == 0 {
		return "", nil
	}
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(string(s.text)))
		if err != nil {
			return "", brokenXML("a cell names a text that is not there")
		}
		return s.texts.get(n)
	case "b":
		if isTrue(string(s.text)) {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "inlineStr", "e", "d":
		return string(s.text), nil
	case "str":
		return string(unescapeControl(s.text)), nil
	}
	return numberText(string(s.text), style, s.book.date1904), nil
}

// Progress tells how much of the sheet's XML was read.
func (s *Sheet) Progress() (done, total int64) {
	return s.part.size - max(s.part.left, 0), s.part.size
}

// Close closes the file and removes what was put aside for it.
func (s *Sheet) Close() error {
	errs := []error{s.texts.close(), s.book.close()}
	if s.part != nil {
		errs = append(errs, s.part.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("tabular: close: %w", err)
	}
	return nil
}
