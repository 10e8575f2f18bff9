export function Examples() {
  return null;
}
