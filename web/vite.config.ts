import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// In development the engine's server answers /api: TWOPOP_SERVER=http://127.0.0.1:8080 npm run dev
const server = process.env['TWOPOP_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  resolve: { alias: { $lib: here('./src/lib'), $i18n: here('./src/i18n'), $schema: here('../schema'), $wasm: here('../build/web-wasm') } },
  build: { outDir: here('../build/web'), emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
  server: { host: '127.0.0.1', fs: { allow: [here('.'), here('../schema'), here('../build/web-wasm')] }, proxy: { '/api': { target: server, ws: true } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
