/** Text for the clipboard, as spreadsheets take it: tabs between cells, CRLF between rows, quotes where needed. */

/** Quotes a cell that holds a tab, a quote or a line break. */
export function tsvCell(text: string): string {
  return /[\t\r\n"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

export function toTsv(rows: string[][]): string {
  return rows.map((r) => r.map(tsvCell).join('\t')).join('\r\n');
}
