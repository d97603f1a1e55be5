package brand

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"tandem/internal/kit/errs"
)

// MaxLogo is how many bytes a logo may have.
const MaxLogo = 512 << 10

const (
	minSide = 16
	maxSide = 2048
)

// kinds is what pictures may be: by how their bytes begin, never by what the caller says.
var kinds = []struct {
	contentType string
	begins      func([]byte) bool
	size        func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
}{
	{"image/png", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }, png.DecodeConfig, png.Decode},
	{"image/jpeg", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }, jpeg.DecodeConfig, jpeg.Decode},
	{"image/webp", func(b []byte) bool {
		return len(b) > 12 && bytes.HasPrefix(b, []byte("RIFF")) && bytes.Equal(b[8:12], []byte("WEBP"))
	}, webp.DecodeConfig, webp.Decode},
}

func badLogo(code, format string, args ...any) error {
	var wrong errs.Fields
	wrong.Add("file", code, format, args...)
	return wrong.Err()
}

// look decodes a picture whole, after its size was found to be bearable.
func look(data []byte) (Logo, error) {
	if len(data) > MaxLogo {
		return Logo{}, badLogo("logo_too_large", "A logo has at most %d KB.", MaxLogo>>10)
	}
	for _, k := range kinds {
		if !k.begins(data) {
			continue
		}
		size, err := k.size(bytes.NewReader(data))
		if err != nil {
			return Logo{}, badLogo("logo_broken", "The picture is damaged or cut off.")
		}
		if min(size.Width, size.Height) < minSide || max(size.Width, size.Height) > maxSide {
			return Logo{}, badLogo("logo_pixels", "A logo is from %d to %d pixels wide and high.", minSide, maxSide)
		}
		if _, err := k.decode(bytes.NewReader(data)); err != nil {
			return Logo{}, badLogo("logo_broken", "The picture is damaged or cut off.")
		}
		sum := sha256.Sum256(data)
		return Logo{Digest: hex.EncodeToString(sum[:]), Type: k.contentType, Width: size.Width, Height: size.Height}, nil
	}
	if begin := bytes.ToLower(data[:min(len(data), 1024)]); bytes.Contains(begin, []byte("<svg")) {
		return Logo{}, badLogo("logo_svg", "SVG is not taken: it may hold programs. Save the logo as PNG or WebP.")
	}
	return Logo{}, badLogo("logo_type", "A logo is a PNG, JPEG or WebP picture.")
}
