package tabular

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlKind is what xmlReader.next found.
type xmlKind int

const (
	xmlStart xmlKind = iota
	xmlEnd
	xmlText
)

// xmlReader reads the XML of a spreadsheet piece by piece in bounded memory: no tag and no text is held that is longer
// than its limits, document types (and with them entities of one's own) are refused, and a document that breaks off is
// an error. encoding/xml would hold a text of any length.
type xmlReader struct {
	r        *bufio.Reader
	maxText  int
	maxTag   int
	depth    int
	rooted   bool
	selfEnd  bool   // an end is due for a tag that closed itself
	inText   bool   // the next byte belongs to text: no '<' was read yet
	name     []byte // local name of the tag
	tag      []byte // the tag's inside
	text     []byte // decoded text
	consumed int64
}

var errText = errors.New("text over the limit")

func newXMLReader(r io.Reader, maxText int) *xmlReader {
	return &xmlReader{r: bufio.NewReaderSize(r, chunk), maxText: maxText, maxTag: 64 << 10, inText: true}
}

func brokenXML(what string) *Error {
	return errorf(CodeBroken, 0, "the spreadsheet is damaged: %s", what)
}

// next gives the next start, end or text. io.EOF comes only after a whole document.
func (x *xmlReader) next() (xmlKind, error) {
	if x.selfEnd {
		x.selfEnd = false
		x.depth--
		return xmlEnd, nil
	}
	for {
		if x.inText {
			err := x.readText()
			if err != nil {
				return 0, err
			}
			x.inText = false
			if len(x.text) > 0 {
				return xmlText, nil
			}
		}
		kind, found, err := x.readMarkup()
		if err != nil || found {
			return kind, err
		}
	}
}

// readText reads up to the next '<'. Blanks outside the root are dropped.
func (x *xmlReader) readText() error {
	x.text = x.text[:0]
	for {
		part, err := x.r.ReadSlice('<')
		x.consumed += int64(len(part))
		if err == nil {
			part = part[:len(part)-1]
		}
		if len(x.text)+len(part) > 6*x.maxText+chunk { // an escaped character has at most so many bytes as it matters
			return errText
		}
		x.text = append(x.text, part...)
		switch {
		case err == nil:
			return x.finishText()
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			if x.depth > 0 || !x.rooted || len(bytes.TrimSpace(x.text)) > 0 {
				return brokenXML("it breaks off")
			}
			return io.EOF
		default:
			return err
		}
	}
}

func (x *xmlReader) finishText() error {
	if x.depth == 0 {
		if len(bytes.Trim(x.text, " \t\r\n\ufeff")) > 0 {
			return brokenXML("text outside of its root")
		}
		x.text = x.text[:0]
		return nil
	}
	var err error
	if x.text, err = unescape(x.text); err != nil {
		return err
	}
	if len(x.text) > x.maxText {
		return errText
	}
	return nil
}

// readMarkup reads what follows a '<'.
func (x *xmlReader) readMarkup() (kind xmlKind, found bool, err error) {
	first, err := x.r.ReadByte()
	if err != nil {
		return 0, false, x.cut(err)
	}
	x.consumed++
	switch first {
	case '?':
		x.inText = true
		return 0, false, x.skipPast("?>")
	case '!':
		return x.readDeclaration()
	}
	if err := x.r.UnreadByte(); err != nil {
		return 0, false, err
	}
	x.consumed--
	if err := x.readTag(); err != nil {
		return 0, false, err
	}
	x.inText = true
	if x.tag[0] == '/' {
		x.name = localName(x.tag[1:])
		if x.depth--; x.depth < 0 {
			return 0, false, brokenXML("an end without a beginning")
		}
		return xmlEnd, true, nil
	}
	if x.rooted && x.depth == 0 {
		return 0, false, brokenXML("two roots")
	}
	x.rooted = true
	x.depth++
	if n := len(x.tag); x.tag[n-1] == '/' {
		x.tag = x.tag[:n-1]
		x.selfEnd = true
	}
	x.name = localName(x.tag)
	return xmlStart, true, nil
}

func (x *xmlReader) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return brokenXML("it breaks off")
	}
	return err
}

// readTag reads up to the '>' that is not inside quotes.
func (x *xmlReader) readTag() error {
	x.tag = x.tag[:0]
	var quote byte
	checked := 0
	for {
		part, err := x.r.ReadSlice('>')
		x.consumed += int64(len(part))
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return x.cut(err)
		}
		if len(x.tag)+len(part) > x.maxTag {
			return brokenXML("a tag is too long")
		}
		x.tag = append(x.tag, part...)
		for ; checked < len(x.tag); checked++ {
			switch c := x.tag[checked]; {
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote:
				quote = 0
			}
		}
		if err == nil && quote == 0 {
			x.tag = x.tag[:len(x.tag)-1]
			if len(x.tag) == 0 || x.tag[0] == '/' && len(x.tag) == 1 {
				return brokenXML("a tag without a name")
			}
			return nil
		}
	}
}

// readDeclaration reads a comment or CDATA after "<!"; document types are refused.
func (x *xmlReader) readDeclaration() (xmlKind, bool, error) {
	x.inText = true
	head, err := x.r.Peek(7)
	switch {
	case bytes.HasPrefix(head, []byte("--")):
		if _, err := x.r.Discard(2); err != nil {
			return 0, false, err
		}
		return 0, false, x.skipPast("-->")
	case err != nil:
		return 0, false, x.cut(err)
	case string(head) != "[CDATA[" || x.depth == 0:
		return 0, false, brokenXML("it has a document type")
	}
	if _, err := x.r.Discard(7); err != nil {
		return 0, false, err
	}
	x.text = x.text[:0]
	for !bytes.HasSuffix(x.text, []byte("]]>")) {
		part, err := x.r.ReadSlice('>')
		x.consumed += int64(len(part))
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, false, x.cut(err)
		}
		if len(x.text)+len(part) > x.maxText+chunk {
			return 0, false, errText
		}
		x.text = append(x.text, part...)
	}
	x.text = x.text[:len(x.text)-3]
	if len(x.text) > x.maxText {
		return 0, false, errText
	}
	return xmlText, len(x.text) > 0, nil
}

// skipPast reads on to the end mark without holding what lies before it.
func (x *xmlReader) skipPast(mark string) error {
	last := make([]byte, 0, 8)
	for {
		part, err := x.r.ReadSlice('>')
		x.consumed += int64(len(part))
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return x.cut(err)
		}
		last = append(last, part[max(0, len(part)-3):]...)
		last = append(last[:0], last[max(0, len(last)-3):]...)
		if err == nil && bytes.HasSuffix(last, []byte(mark)) {
			return nil
		}
	}
}

// localName is the tag's name without its namespace prefix.
func localName(tag []byte) []byte {
	end := bytes.IndexAny(tag, " \t\r\n/")
	if end < 0 {
		end = len(tag)
	}
	name := tag[:end]
	if colon := bytes.IndexByte(name, ':'); colon >= 0 {
		name = name[colon+1:]
	}
	return name
}

// attr gives the attribute with that local name, "" when the tag has none.
func (x *xmlReader) attr(name string) string {
	tag := x.tag
	for i := 0; i < len(tag); {
		for i < len(tag) && !isXMLSpace(tag[i]) { // past the tag's name or the value before
			i++
		}
		for i < len(tag) && isXMLSpace(tag[i]) {
			i++
		}
		from := i
		local := i
		for i < len(tag) && tag[i] != '=' && !isXMLSpace(tag[i]) {
			if tag[i] == ':' && string(tag[from:i]) != "xmlns" {
				local = i + 1
			}
			i++
		}
		key := tag[local:i]
		for i < len(tag) && (isXMLSpace(tag[i]) || tag[i] == '=') {
			i++
		}
		if i == len(tag) || tag[i] != '"' && tag[i] != '\'' {
			return ""
		}
		end := bytes.IndexByte(tag[i+1:], tag[i])
		if end < 0 {
			return ""
		}
		if string(key) == name {
			return attrText(tag[i+1 : i+1+end])
		}
		i += end + 2
	}
	return ""
}

func isXMLSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func attrText(raw []byte) string {
	if bytes.IndexByte(raw, '&') >= 0 {
		v, err := unescape(bytes.Clone(raw))
		if err != nil {
			return ""
		}
		raw = v
	}
	return strings.ToValidUTF8(string(raw), "")
}

// skip reads past the end of the element whose start was read last.
func (x *xmlReader) skip() error {
	for depth := x.depth; ; {
		kind, err := x.next()
		if err != nil {
			return x.cut(err)
		}
		if kind == xmlEnd && x.depth < depth {
			return nil
		}
	}
}

// unescape decodes entities in place, makes CR LF and CR an LF as XML says, and checks that the text is UTF-8.
func unescape(b []byte) ([]byte, error) {
	if !utf8.Valid(b) {
		return nil, brokenXML("it is not UTF-8")
	}
	if bytes.IndexByte(b, '&') < 0 && bytes.IndexByte(b, '\r') < 0 {
		return b, nil
	}
	out := b[:0] // what is decoded is never longer than what it comes from
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\r':
			out = append(out, '\n')
			if i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
		case c == '&':
			end := bytes.IndexByte(b[i:min(len(b), i+12)], ';')
			if end < 0 {
				return nil, brokenXML("an entity that does not end")
			}
			r, ok := entity(string(b[i+1 : i+end]))
			if !ok {
				return nil, brokenXML("an unknown entity")
			}
			out = utf8.AppendRune(out, r)
			i += end
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	return rune(n), err == nil && n != 0 && utf8.ValidRune(rune(n))
}
