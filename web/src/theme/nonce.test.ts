// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';
import { styleNonce } from './nonce';

const meta = (content: string) => {
  document.head.innerHTML = `<meta name="csp-nonce" content="${content}" />`;
};

beforeEach(() => {
  document.head.innerHTML = '';
});

test('a nonce is taken whatever it begins with, the placeholder is none', () => {
  expect(styleNonce()).toBe('');
  meta('__CSP_NONCE__');
  expect(styleNonce()).toBe('');
  // One in 4096 begins so.
  meta('__L0TbGoGSMtibvZnT7rQA');
  expect(styleNonce()).toBe('__L0TbGoGSMtibvZnT7rQA');
});
