/** Of the side of a PNG, in pixels: sharp on a printed page. */
const SIDE = 1024;

/** The picture as a file of its own. */
export function svgFile(picture: SVGElement): Blob {
  return new Blob([textOf(picture)], { type: 'image/svg+xml' });
}

/** The picture as pixels. Rejects where the browser can't draw it. */
export async function pngFile(picture: SVGElement): Promise<Blob> {
  const image = new Image(SIDE, SIDE);
  // Blob addresses are not among what the content security policy lets images come from.
  image.src = `data:image/svg+xml,${encodeURIComponent(textOf(picture))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  canvas.getContext('2d')?.drawImage(image, 0, 0, SIDE, SIDE);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (file) => (file ? resolve(file) : reject(new Error('the canvas gave no file'))),
      'image/png',
    );
  });
}

function textOf(picture: SVGElement): string {
  return new XMLSerializer().serializeToString(picture);
}
