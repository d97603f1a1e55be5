package smtp

import "strings"

// A part of HTML without a page of its own is read in whatever type the mail program has for such, mostly a small
// serif. The styles are written into the elements: many programs take everything else away.
const (
	pageHead = `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0;padding:24px;background:#ffffff">
<div style="max-width:600px;margin:0 auto;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1a1d1f">
`
	pageFoot = "</div>\n</body></html>\n"
)

// page is the HTML of a mail as a whole page; what is one already stays as it is.
func page(html string) string {
	if strings.Contains(strings.ToLower(html), "<html") {
		return html
	}
	return pageHead + html + pageFoot
}
