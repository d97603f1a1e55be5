/** Sums of decimal strings without floats: money arrives as "12.500000" and leaves as exact text. */

const PATTERN = /^([+-])?(\d+)(?:\.(\d+))?$/;

export interface Decimal {
  /** The value times 10^scale. */
  units: bigint;
  scale: number;
}

/** Reads a decimal string or number; null when it is none. */
export function parseDecimal(v: unknown): Decimal | null {
  if (typeof v === 'number' && Number.isFinite(v)) v = String(v);
  if (typeof v !== 'string') return null;
  const m = PATTERN.exec(v.trim());
  if (!m) return null;
  const frac = m[3] ?? '';
  const units = BigInt(m[2]! + frac);
  return { units: m[1] === '-' ? -units : units, scale: frac.length };
}

const pow10 = (n: number) => 10n ** BigInt(n);

function align(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * pow10(scale - a.scale), b.units * pow10(scale - b.scale), scale];
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = align(a, b);
  return { units: x + y, scale };
}

export function compareDecimal(a: Decimal, b: Decimal): number {
  const [x, y] = align(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** a / n to six places, half away from zero. */
export function divideDecimal(a: Decimal, n: number): Decimal {
  const scale = Math.max(6, a.scale);
  const num = a.units * pow10(scale - a.scale);
  const den = BigInt(n);
  const neg = num < 0n;
  const abs = neg ? -num : num;
  const q = (abs * 2n + den) / (den * 2n);
  return { units: neg ? -q : q, scale };
}

/** Plain text with at least `min` and no needless places. */
export function formatDecimal(d: Decimal, min = 0): string {
  const neg = d.units < 0n;
  const digits = (neg ? -d.units : d.units).toString().padStart(d.scale + 1, '0');
  const whole = digits.slice(0, digits.length - d.scale);
  let frac = d.scale ? digits.slice(-d.scale) : '';
  while (frac.length > min && frac.endsWith('0')) frac = frac.slice(0, -1);
  frac = frac.padEnd(min, '0');
  return `${neg ? '-' : ''}${whole}${frac ? `.${frac}` : ''}`;
}
