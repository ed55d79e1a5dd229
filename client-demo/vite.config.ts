import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// deploy/dev.mjs says where the server is; its certificate may be self-signed.
const server = { target: process.env.DEV_SERVER ?? 'http://localhost:3000', secure: false };

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
      '/socket.io': { ...server, ws: true },
      '/api': server,
      '/health': server,
      '/ready': server,
    },
  },
});
