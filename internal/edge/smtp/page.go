package smtp

import (
	"fmt"
	"html"
	"strings"

	"tandem/internal/core/notify"
)

// A part of HTML without a page of its own is read in whatever type the mail program has for such, mostly a small
// serif. The styles are written into the elements: many programs take everything else away.
const (
	pageHead = `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0;padding:24px;background:#ffffff">
<div style="max-width:600px;margin:0 auto;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1a1d1f">
`
	pageFoot = "</div>\n</body></html>\n"

	nameHead = `<div style="margin:0 0 24px;padding:16px 20px;border-radius:8px;background:%s;color:%s;font-size:18px;font-weight:600">%s</div>
`
	logoHead = `<div style="margin:0 0 24px;padding:0 0 16px;border-bottom:3px solid %s"><img src="%s" width="%d" height="%d" alt="%s" style="display:block;border:0;font-size:18px;font-weight:600"></div>
`
)

// page is the HTML of a mail as a whole page under the brand that it comes from; what is a page already stays as it is.
func page(text string, f notify.Frame) string {
	if strings.Contains(strings.ToLower(text), "<html") {
		return text
	}
	return pageHead + head(f) + text + pageFoot
}

// head is the brand above the text. Programs that load no pictures show the name in place of the logo.
func head(f notify.Frame) string {
	switch {
	case f.Name == "" || f.Color == "":
		return ""
	case f.Logo != "":
		return fmt.Sprintf(logoHead, html.EscapeString(f.Color), html.EscapeString(f.Logo), f.Width, f.Height, html.EscapeString(f.Name))
	}
	return fmt.Sprintf(nameHead, html.EscapeString(f.Color), html.EscapeString(f.OnColor), html.EscapeString(f.Name))
}
