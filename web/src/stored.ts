// What a reader chose, kept by the browser where it lets us.
export function stored(name: string): string | null {
  try {
    return localStorage.getItem(`jari.${name}`);
  } catch {
    return null;
  }
}

export function store(name: string, value: string): void {
  try {
    localStorage.setItem(`jari.${name}`, value);
  } catch {
    // A browser that keeps nothing: the choice holds until the page is closed.
  }
}
