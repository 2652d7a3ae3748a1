/** Offers a text of YAML as a download of the browser. */
export function saveFile(fileName: string, text: string): void {
  const address = URL.createObjectURL(
    new Blob([text], { type: 'application/yaml' }),
  );
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(address);
}
