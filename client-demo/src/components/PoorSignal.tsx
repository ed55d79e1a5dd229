/** Two bars of four: an icon that shows only the low ones is not seen. */
export function PoorSignal() {
  return (
    <svg
      viewBox="0 0 24 24"
      width="24"
      height="24"
      fill="none"
      stroke="currentColor"
      strokeWidth="3"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M4 20v-1M9.5 20v-5" />
      <path d="M15 20v-9M20.5 20V6" opacity="0.35" />
    </svg>
  );
}
