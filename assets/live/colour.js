// Colours: a diverging palette that is even in OKLab lightness, centred on zero, for light and dark pages.

function oklch(L, C, degrees) {
  const h = degrees * Math.PI / 180, a = C * Math.cos(h), b = C * Math.sin(h)
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.2914855480 * b) ** 3
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
  ]
  return linear.map((v) => {
    const c = Math.min(1, Math.max(0, v))
    return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055))
  })
}

// 256 colours; entry 128 is zero. `centre` and `end` are OKLab lightness.
function divergingPalette(centre, end, chroma) {
  const bytes = new Uint8ClampedArray(1024)
  for (let i = 0; i < 256; i++) {
    const t = Math.max(-1, Math.min(1, (i - 128) / 127)), a = Math.abs(t)
    const L = centre + (end - centre) * a
    const C = chroma * Math.sin(Math.PI * Math.min(1, 0.12 + 0.55 * a)) * Math.min(1, a * 6)
    // Blue below, orange-red above; hues drift so that the ends stay saturated.
    const hue = t < 0 ? 250 + 18 * a : 62 - 34 * a
    bytes.set([...oklch(L, C, hue), 255], 4 * i)
  }
  return bytes
}

function paletteView(bytes) { return new Uint32Array(bytes.buffer) }

function paletteCss(bytes, i) { return `rgb(${bytes[4 * i]},${bytes[4 * i + 1]},${bytes[4 * i + 2]})` }

const THEMES = {
  light: {
    ink: "#1b1f24", faint: "#68707a", grid: "#e7eaee", frame: "#b6bdc6", plot: "#ffffff", band: "#a7afb9",
    x: "#0a5fa8", y: "#c2460a", mu: "#14833b", window: "rgba(20,131,59,0.13)", contour: "#111418", pick: "#a0109a",
    map: divergingPalette(0.975, 0.36, 0.17), line: divergingPalette(0.70, 0.42, 0.19),
  },
  dark: {
    ink: "#e8ebef", faint: "#9aa4b0", grid: "#2b3138", frame: "#4b545f", plot: "#14181d", band: "#5d6772",
    x: "#63b3ff", y: "#ffa04d", mu: "#4cd07d", window: "rgba(76,208,125,0.16)", contour: "#f4f6f8", pick: "#ff8cf5",
    map: divergingPalette(0.24, 0.86, 0.15), line: divergingPalette(0.52, 0.84, 0.16),
  },
}
