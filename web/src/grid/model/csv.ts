/** CSV made in the browser, for lists whose server makes no file of chosen rows. */

/** A cell that a spreadsheet would run as a formula is kept as text. Plain numbers stay numbers. */
export function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}

export function csvCell(text: string): string {
  const t = harmless(text);
  return /[",\r\n]/.test(t) ? `"${t.replace(/"/g, '""')}"` : t;
}

/** With a byte order mark, so that spreadsheets take it as UTF-8. */
export const toCsv = (rows: string[][]) =>
  '\uFEFF' + rows.map((r) => r.map(csvCell).join(',') + '\r\n').join('');
