import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = `http://localhost:${process.env.PLENUM_PORT ?? 3000}`;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // A data: URI would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // The SDK lives beside this folder.
    fs: { allow: ['..'] },
    proxy: {
      '/socket.io': { target: server, ws: true },
      '/api': server,
      '/health': server,
      '/ready': server,
    },
  },
});
