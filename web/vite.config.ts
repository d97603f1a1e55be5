import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The build lands in dist/, which embed.go puts into the binary. The dev server
// hands every API path to a local `tandem serve`.
const backend = process.env.TANDEM_DEV_BACKEND ?? 'http://127.0.0.1:8000';

export default defineConfig({
  base: '/',
  plugins: [
    react(),
    {
      name: 'keep-placeholder',
      apply: 'build',
      // dist/placeholder.html is committed so that `go build` works without Node;
      // emptyOutDir would remove it.
      generateBundle() {
        this.emitFile({ type: 'asset', fileName: 'placeholder.html', source: placeholder });
      },
    },
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    proxy: { '/api': { target: backend, changeOrigin: false } },
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Inlined assets would be data: URLs, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
});

const placeholder = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Tandem</title>
  </head>
  <body>
    <h1>The console was not built into this binary</h1>
    <p>Run <code>make build</code>, which builds the web console first. The API works without it.</p>
  </body>
</html>
`;
