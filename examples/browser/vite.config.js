/** @type {import('vite').UserConfig} */
export default {
  // Relative addresses: the built page works in any folder of a server.
  base: './',
}
