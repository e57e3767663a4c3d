// Colours of both themes. `PALETTES` stands before this: explorer/views/palette.py makes it.

// 256 colours; entry 128 is zero.
function paletteBytes(hex) {
  const bytes = new Uint8ClampedArray(1024).fill(255)
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) { bytes[4 * i + c] = parseInt(hex.substr(6 * i + 2 * c, 2), 16) }
  }
  return bytes
}

function paletteView(bytes) { return new Uint32Array(bytes.buffer) }

function paletteCss(bytes, i) { return `rgb(${bytes[4 * i]},${bytes[4 * i + 1]},${bytes[4 * i + 2]})` }

const THEMES = {
  light: {
    ink: "#1b1f24", faint: "#68707a", grid: "#e7eaee", frame: "#b6bdc6", plot: "#ffffff", band: "#a7afb9",
    x: "#0a5fa8", y: "#c2460a", mu: "#14833b", window: "rgba(20,131,59,0.13)", contour: "#111418", pick: "#a0109a",
    map: paletteBytes(PALETTES.light.map), line: paletteBytes(PALETTES.light.line),
  },
  dark: {
    ink: "#e8ebef", faint: "#9aa4b0", grid: "#2b3138", frame: "#4b545f", plot: "#14181d", band: "#5d6772",
    x: "#63b3ff", y: "#ffa04d", mu: "#4cd07d", window: "rgba(76,208,125,0.16)", contour: "#f4f6f8", pick: "#ff8cf5",
    map: paletteBytes(PALETTES.dark.map), line: paletteBytes(PALETTES.dark.line),
  },
}
