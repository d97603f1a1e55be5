package brand

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"tandem/internal/kit/errs"
)

// Palette is the shades of a brand's colour that can be read where they are used.
type Palette struct {
	Fill       string // buttons on a light ground, and the head of mails
	OnFill     string // text on Fill
	FillDark   string // buttons on a dark ground
	OnFillDark string
	Text       string // links and lines on a light ground
	TextDark   string // on a dark ground
	// Adjusted tells that the colour itself is not fit for all of these.
	Adjusted bool
}

// The grounds of the portal, the least favourable of each scheme, and the letters on colours.
var (
	lightGround = rgb{0xf4, 0xf4, 0xf2}
	darkGround  = rgb{0x22, 0x26, 0x2a}
	white       = rgb{0xff, 0xff, 0xff}
	black       = rgb{0x1a, 0x1d, 0x1f}
)

const (
	textContrast = 4.5 // WCAG AA for text
	seenContrast = 1.6 // a filled button against what it stands on: its letters tell the rest
)

type rgb [3]float64

var (
	longColor  = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	shortColor = regexp.MustCompile(`^#[0-9a-f]{3}$`)
)

func checkColor(wrong *errs.Fields, name, value string) string {
	value = strings.ToLower(value)
	if shortColor.MatchString(value) {
		value = "#" + strings.Repeat(value[1:2], 2) + strings.Repeat(value[2:3], 2) + strings.Repeat(value[3:4], 2)
	}
	if !longColor.MatchString(value) {
		wrong.Add(name, "bad_color", "A colour is written like #0b5f59.")
		return value
	}
	if contrast(parse(value), lightGround) < seenContrast {
		wrong.Add(name, "color_too_light", "A button in this colour would not be seen on a light page. Take a darker one.")
	}
	return value
}

// paletteOf finds the shades of a colour. The colour was checked.
func paletteOf(color string) Palette {
	c := parse(color)
	fill, on := readable(c, black)
	dark := c
	for contrast(dark, darkGround) < seenContrast {
		dark = mix(dark, white, 0.06)
	}
	dark, onDark := readable(dark, white)
	text := c
	for contrast(text, lightGround) < textContrast {
		text = mix(text, black, 0.04)
	}
	textDark := c
	for contrast(textDark, darkGround) < textContrast {
		textDark = mix(textDark, white, 0.04)
	}
	return Palette{Fill: fill.String(), OnFill: on.String(), FillDark: dark.String(), OnFillDark: onDark.String(), Text: text.String(), TextDark: textDark.String(),
		Adjusted: fill != c || dark != c || text != c || textDark != c}
}

// readable is a colour on which white or black letters can be read, moved towards another one as far as it takes.
func readable(c, towards rgb) (fill, on rgb) {
	for {
		if contrast(c, white) >= textContrast {
			return c, white
		}
		if contrast(c, black) >= textContrast {
			return c, black
		}
		c = mix(c, towards, 0.04)
	}
}

func parse(color string) rgb {
	var c rgb
	for i := range c {
		n, _ := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8) // it was checked
		c[i] = float64(n)
	}
	return c
}

// String is the colour as #0b5f59.
func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(c[0]), int(c[1]), int(c[2]))
}

// mix gives whole numbers, so that what is measured is what is shown. It moves each part by at least one.
func mix(c, to rgb, share float64) rgb {
	for i := range c {
		step := math.Ceil(math.Abs(to[i]-c[i]) * share)
		if to[i] < c[i] {
			step = -step
		}
		c[i] += step
	}
	return c
}

// luminance and contrast are WCAG's.
func luminance(c rgb) float64 {
	part := func(v float64) float64 {
		v /= 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c[0]) + 0.7152*part(c[1]) + 0.0722*part(c[2])
}

func contrast(a, b rgb) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
