/** @type {import('vite').UserConfig} */
export default {
  // Relative addresses: the built page works in any folder of a server.
  base: './',
  resolve: {
    // The part for WebAssembly alone. opsin asks for the whole package where nobody hands it a runtime, and a bundler would take
    // that in as well, with 28 MB for WebGPU.
    alias: [{ find: /^onnxruntime-web$/, replacement: 'onnxruntime-web/wasm' }],
    // In a clone, opsin is a link and has a copy of its own.
    dedupe: ['onnxruntime-web'],
  },
}
