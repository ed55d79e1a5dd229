/** The seats of an assembly seen from above: a plenum. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect className="logo-ground" width="32" height="32" rx="8" />
      <g className="logo-seats">
        <circle cx="6.5" cy="20" r="2" />
        <circle cx="9.5" cy="13" r="2" />
        <circle cx="16" cy="10" r="2" />
        <circle cx="22.5" cy="13" r="2" />
        <circle cx="25.5" cy="20" r="2" />
        <circle cx="12.2" cy="20" r="1.7" />
        <circle cx="16" cy="16.2" r="1.7" />
        <circle cx="19.8" cy="20" r="1.7" />
      </g>
    </svg>
  );
}
