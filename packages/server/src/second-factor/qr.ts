/** A QR code as an image's `data:` address, black on white whatever the page's colours: cameras want it so. */
export async function qrImage(text: string): Promise<string> {
  const { renderSVG } = await import('uqr')
  const svg = renderSVG(text, { ecc: 'L', border: 4, pixelSize: 4 })
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}
