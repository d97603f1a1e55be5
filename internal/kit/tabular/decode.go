package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// parseEncoding takes the usual names of the encodings that can be read. "" is UTF-8.
func parseEncoding(e Encoding) (Encoding, error) {
	switch Encoding(strings.ToLower(string(e))) {
	case "", UTF8, "utf8":
		return UTF8, nil
	case UTF16LE:
		return UTF16LE, nil
	case UTF16BE:
		return UTF16BE, nil
	case Windows1252, "cp1252", "iso-8859-1", "latin1":
		return Windows1252, nil
	}
	return "", errorf(CodeOption, 0, "the encoding %q is not known", e)
}

func byteOrderMark(e Encoding) string {
	switch e {
	case UTF8:
		return "\xef\xbb\xbf"
	case UTF16LE:
		return "\xff\xfe"
	case UTF16BE:
		return "\xfe\xff"
	default:
		return ""
	}
}

const chunk = 64 << 10

// decoder turns the bytes of a file into UTF-8 and finds back how many original bytes a piece of it was. What it gives
// is valid and without NUL; at the first byte that is not, it stops with an *Error (without a line) after the good part.
type decoder struct {
	src     io.Reader
	enc     Encoding
	raw     []byte // not decoded yet: the beginning of a character
	started bool   // the byte order mark has been looked for, or cannot be there
	bom     int    // bytes of it that were taken away
	err     error
}

// more appends decoded text to buf, at least one byte unless err is not nil.
func (d *decoder) more(buf []byte) ([]byte, error) {
	before := len(buf)
	for len(buf) == before && d.err == nil {
		buf = d.step(buf)
	}
	if len(buf) > before {
		return buf, nil
	}
	return buf, d.err
}

func (d *decoder) step(buf []byte) []byte {
	if cap(d.raw) < chunk+8 {
		d.raw = append(make([]byte, 0, chunk+8), d.raw...)
	}
	n, err := d.src.Read(d.raw[len(d.raw) : len(d.raw)+chunk])
	d.raw = d.raw[:len(d.raw)+n]
	if err != nil {
		d.err = err
		if !errors.Is(err, io.EOF) {
			d.err = fmt.Errorf("tabular: read: %w", err)
		}
	}
	if !d.started {
		if len(d.raw) < 3 && d.err == nil {
			return buf
		}
		d.started = true
		if mark := byteOrderMark(d.enc); mark != "" && bytes.HasPrefix(d.raw, []byte(mark)) {
			d.bom = len(mark)
			d.raw = append(d.raw[:0], d.raw[len(mark):]...)
		}
	}
	from := len(buf)
	var used int
	var ok bool
	switch d.enc {
	case UTF16LE, UTF16BE:
		buf, used, ok = decode16(buf, d.raw, d.enc == UTF16BE)
	case Windows1252:
		buf, used, ok = decode1252(buf, d.raw), len(d.raw), true
	default:
		used, ok = validUTF8(d.raw)
		buf = append(buf, d.raw[:used]...)
	}
	d.raw = append(d.raw[:0], d.raw[used:]...)
	if !ok || d.err != nil && len(d.raw) > 0 && errors.Is(d.err, io.EOF) {
		d.err = errorf(CodeEncoding, 0, "the file is not %s: choose another encoding", d.enc)
	}
	if at := bytes.IndexByte(buf[from:], 0); at >= 0 {
		buf = buf[:from+at]
		d.err = errorf(CodeBinary, 0, "a zero byte: this is not a text file in %s", d.enc)
	}
	return buf
}

// validUTF8 gives the length of the whole characters b begins with, and whether the rest can still become one.
func validUTF8(b []byte) (n int, ok bool) {
	if utf8.Valid(b) {
		return len(b), true
	}
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size == 1 {
			return n, !utf8.FullRune(b[n:])
		}
		n += size
	}
	return n, true
}

func decode16(buf, b []byte, big bool) (out []byte, used int, ok bool) {
	unit := func(i int) rune {
		if big {
			return rune(b[i])<<8 | rune(b[i+1])
		}
		return rune(b[i+1])<<8 | rune(b[i])
	}
	i := 0
	for ; i+1 < len(b); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			if i+3 >= len(b) {
				return buf, i, r < 0xdc00
			}
			r = utf16.DecodeRune(r, unit(i+2))
			if r == utf8.RuneError {
				return buf, i, false
			}
			i += 2
		}
		buf = utf8.AppendRune(buf, r)
	}
	return buf, i, true
}

func decode1252(buf, b []byte) []byte {
	for _, c := range b {
		if c < utf8.RuneSelf {
			buf = append(buf, c)
		} else {
			buf = utf8.AppendRune(buf, charmap.Windows1252.DecodeByte(c))
		}
	}
	return buf
}

// originalLength is how many bytes the decoded text was in the file.
func (d *decoder) originalLength(text []byte) int64 {
	switch d.enc {
	case Windows1252:
		return int64(utf8.RuneCount(text))
	case UTF16LE, UTF16BE:
		n := int64(0)
		for _, c := range text {
			switch {
			case c < 0x80, c >= 0xc0 && c < 0xf0:
				n += 2
			case c >= 0xf0:
				n += 4
			}
		}
		return n
	default:
		return int64(len(text))
	}
}
