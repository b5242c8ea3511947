import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig, type Plugin } from "vite";

const require = createRequire(import.meta.url);
const server = process.env["JARI_API"] ?? "http://127.0.0.1:8765";

/** Put what the page /docs is made of beside the explorer: no CDN at run time. The server starts it. */
function apiDocs(): Plugin {
  return {
    name: "api-docs",
    apply: "build",
    generateBundle() {
      for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
        const source = readFileSync(require.resolve(`swagger-ui-dist/${file}`));
        this.emitFile({ type: "asset", fileName: `docs/${file}`, source });
      }
    },
  };
}

export default defineConfig({
  plugins: [apiDocs()],
  build: {
    outDir: "../src/jari/serve/static",
    emptyOutDir: true,
    sourcemap: false,
    target: ["chrome123", "firefox125", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // three.js alone is above the limit of Vite's warning; only the map loads it.
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: Object.fromEntries(["/api", "/v1", "/healthz"].map((path) => [path, server])),
  },
});
