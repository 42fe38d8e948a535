// A photo as a smaller one: sent in seconds on a slow line, and without what the camera wrote into it, such as the place.
// For the chat's page and the console's.

const WIDEST = 1600; // pixels of the longer side

export async function smaller(photo, kind = "image/jpeg") {
  try {
    const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
    const share = Math.min(1, WIDEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * share);
    canvas.height = Math.round(picture.height * share);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return (await new Promise((done) => canvas.toBlob(done, kind, 0.85))) || photo;
  } catch (error) {
    return photo; // a kind that this browser cannot read: as it is
  }
}
