/** The sign: an H that holds on to the ground like the root of kelp that the product is named for. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" className={className} aria-hidden fill="none" strokeLinecap="round">
      <path d="M8 3.5v13M16 3.5v13M8 10.500h8" stroke="currentColor" strokeWidth="2.4" />
      <path
        d="M8 16.500c0 2.400-1.600 3.700-4 4M16 16.500c0 2.400 1.600 3.700 4 4M8 16.500c.2 2.200 1 3.400 2.300 4M16 16.500c-.2 2.200-1 3.400-2.300 4"
        stroke="var(--accent)"
        strokeWidth="2"
      />
    </svg>
  );
}
