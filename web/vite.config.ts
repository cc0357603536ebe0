import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

// In development the pages come from Vite and everything else from a running `wangge up`.
const backend = process.env["WANGGE_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: { __VUE_OPTIONS_API__: false, __VUE_I18N_LEGACY_API__: false },
  server: { proxy: { "/api": { target: backend, changeOrigin: false } } },
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "openlayers", test: /node_modules[\\/](ol|rbush|earcut|pbf|quickselect)[\\/]/ },
            { name: "vue", test: /node_modules[\\/](@?vue|@intlify|vue-i18n)/ },
          ],
        },
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node", testTimeout: 60_000 },
});
